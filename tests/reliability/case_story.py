"""A story of three cases, told in steps that can be told again, and a process that dies at any one of its write points.

Run as a program, like `story.py`, with the first write point and the distance to the next one.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Engine

from houbei.facts.moments import DAY_US
from houbei.facts.steps import Step, What
from houbei.runs.audit import audit
from houbei.runs.case_refunds import tell_refunds
from houbei.runs.case_timers import tick
from houbei.runs.cases import tell
from houbei.runs.cycle import run_until_idle
from houbei.runs.reports import Report, report
from houbei.store.database import open_database
from tests.cases_live.appliances import DEPOSIT, HOUR_US, LAW, REPORTED, WASHER, promise, publish_documents, step_of
from tests.live.paying import pay_what_is_due
from tests.live.stores import rows_of
from tests.live.telling import tell_orders
from tests.reliability.story import DIED, Points, ended, forked, void

LINES = [{**WASHER, "line_id": f"L{k}", "order_id": f"O{k}", "serials": f'["SN{k}"]'} for k in (1, 2, 3)]
SLOT = {"from_us": REPORTED + 2 * DAY_US, "until_us": REPORTED + 2 * DAY_US + 4 * HOUR_US}


@dataclass(slots=True, kw_only=True)
class World:
    """Where the story plays: its store, what time it is, and how many steps were told in this part of it."""

    folder: Path
    now_us: int = REPORTED
    told: int = 0
    part: int = 0
    _database: Engine | None = field(default=None)

    @property
    def database(self) -> Engine:
        if self._database is None:
            self._database = open_database(self.folder / "houbei.db", create=True)
        return self._database

    def says(self, case: int, what: What, **told: Any) -> None:
        """Tell a step of a case, under an id that is the same when it is told again."""
        self.told += 1
        now_us = self.now_us + self.told
        step: Step = step_of(f"R-2026-{case:04d}", what, now_us, step_id=f"{self.part}.{self.told}", **told)
        tell(self.database, step, now_us=now_us)

    def hears(self, line: int, **told: Any) -> None:
        """Take in a report of a line's unit."""
        self.told += 1
        now_us = self.now_us + self.told
        first = {"source": "app", "step_id": f"{self.part}.{self.told}", "at_us": now_us, "channel": "app"}
        report(self.database, Report(**{**first, "line_id": f"L{line}", "serial": f"SN{line}", **told}), now_us=now_us)


def opens(world: World) -> None:
    publish_documents(world.database, promise(DEPOSIT), LAW)
    tell_orders(world.database, *LINES)
    run_until_idle(world.database, now_us=world.now_us - DAY_US)


def buyers_report(world: World) -> None:
    world.hears(1, fault="noise")
    world.hears(1, channel="phone")
    world.hears(2, fault="dent")
    world.hears(3, fault="noise")


def units_leave(world: World) -> None:
    for case, paid in ((1, 5000_00), (3, 4999_00)):
        world.says(case, What.DEPOSITED, amount_minor=paid, reference=f"d{case}")
        world.says(case, What.SLOT_CHOSEN, **SLOT)
        world.says(case, What.RESERVED, serial=f"NEW{case}", unit_cost_minor=2180_00)
        world.says(case, What.DISPATCHED)
    world.says(1, What.ABSENT)
    world.says(3, What.LOST, which="new")
    world.says(2, What.SHOWN, exhibits="")


def time_passes(world: World) -> None:
    tick(world.database, now_us=world.now_us, cases_max=1)


def at_the_door(world: World) -> None:
    world.says(1, What.SLOT_CHOSEN, **SLOT)
    world.says(1, What.SWAPPED, old_serial="SN1", new_serial="NEW1", service_minor=130_00)
    world.says(1, What.RECEIVED, serial="SN1")
    world.says(1, What.INSPECTED, verdict="misuse", findings="a dent")
    world.says(1, What.DECIDED, answer="replace", reason="the dent has nothing to do with it")
    world.says(3, What.SWAPPED, old_serial="SN3", new_serial="NEW3")
    world.says(3, What.OUT_OF_STOCK)


def money_goes_back(world: World) -> None:
    world.says(2, What.NOT_SECURED, reason="sends it first")
    world.says(2, What.RECEIVED, serial="SN2")
    world.says(2, What.INSPECTED, verdict="confirmed")
    world.says(2, What.OUT_OF_STOCK)
    world.says(2, What.CHOSE, choice="refund")
    pay_what_is_due(world.database)
    tell_refunds(world.database, now_us=world.now_us + 50)


def suppliers_pay(world: World) -> None:
    world.says(1, What.CLAIMED, supplier="brand", amount_minor=2310_00)
    world.says(1, What.RECOVERED, amount_minor=2000_00)
    world.says(1, What.SUPPLIER_REFUSED, reason="the visit is ours")
    tick(world.database, now_us=world.now_us + 40 * DAY_US)


PARTS: tuple[Callable[[World], None], ...] = (
    opens,
    buyers_report,
    units_leave,
    time_passes,
    at_the_door,
    money_goes_back,
    suppliers_pay,
)


def told(folder: Path, *, die_at: int = 0, again: bool = False) -> list[str]:
    """Tell the story, or tell it on from the part in which somebody died; give the write points that were passed."""
    points = Points(die_at)
    points.watch()
    world, noted = World(folder=folder), folder / "part"
    begins = int(noted.read_text()) if again and noted.exists() else 0
    for number in range(begins, len(PARTS)):
        noted.write_text(str(number))
        world.part, world.told, world.now_us = number, 0, REPORTED + 3 * number * DAY_US
        PARTS[number](world)
    (folder / "seen.json").write_text(json.dumps(outcome(world.database)))
    return points.passed


def outcome(database: Engine) -> dict[str, Any]:
    """What the story came to: steps, cases, entries, settlements, swaps and needs, every column that is no number of a row."""
    names = "case_id, source, step_id, what, teller, at_us, known_us, person, told"
    entries = "cover, sequence, code, debit, credit, amount_minor, clause, fact, at_us, settles"
    return {
        "steps": rows(database, f"SELECT {names} FROM steps ORDER BY seq"),  # noqa: S608  our own names
        "cases": rows(database, "SELECT case_id, line, unit, terms, cover, stage, state, due_us, over FROM cases"),
        "entries": rows(database, f"SELECT {entries} FROM entries ORDER BY cover, sequence"),  # noqa: S608  our own names
        "settlements": rows(database, "SELECT cover, sequence, kind, state, amount_minor, payment FROM actions"),
        "swaps": rows(database, "SELECT case_id, old_serial, new_serial, promise, at_us FROM swaps ORDER BY seq"),
        "needs": rows(database, "SELECT kind, ref, told FROM needs ORDER BY ref"),
        "audit": list(audit(database, progress=lambda *_: None).differences),
    }


def rows(database: Engine, query: str) -> list[list[Any]]:
    return [list(row) for row in rows_of(database, query)]


def tell_once(die_at: int) -> dict[str, Any]:
    """Tell the story in a process that dies and one that tells it on, and give what it came to."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        points = folder / "points.json"
        code = ended(forked(lambda: void(points.write_text(json.dumps(told(folder, die_at=die_at))))))
        if die_at:
            assert code == DIED, f"died of {code} at {die_at}"
            part = PARTS[int((folder / "part").read_text())].__name__ if (folder / "part").exists() else "opening"
            assert ended(forked(lambda: void(told(folder, again=True)))) == 0, f"did not go on after {die_at}"
        else:
            assert code == 0, f"the undisturbed story ended with {code}"
        result: dict[str, Any] = json.loads((folder / "seen.json").read_text())
        if die_at:
            return {"died_at": die_at, "part": part, **result}
        return {"died_at": 0, "points": json.loads(points.read_text()), **result}


def main() -> None:
    """Tell it undisturbed, then for every write point that is one of ours: `first`, and each `stride` after it."""
    first, stride = (int(given) for given in sys.argv[1:3])
    with TemporaryDirectory() as name:
        world = World(
            folder=Path(name)
        )  # what is loaded and compiled here need not be again in every process that dies
        for number, part in enumerate(PARTS):
            world.part, world.told, world.now_us = number, 0, REPORTED + 3 * number * DAY_US
            part(world)
        outcome(world.database)
        world.database.dispose()
    undisturbed = tell_once(0)
    print(json.dumps(undisturbed), flush=True)
    for number in range(first, len(undisturbed["points"]) + 1, stride):
        print(json.dumps(tell_once(number)), flush=True)


if __name__ == "__main__":
    main()
