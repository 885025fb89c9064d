"""A fixed story of a small shop, told in steps that can be told again, and a process that dies at any one of its write points.

Run as a program, with the first write point and the distance to the next one, it tells the story undisturbed, then once for each of
these points: a process dies there, another one begins again with the step in which it died, and what is in the books at the end
goes to standard output, one JSON object a line.
"""

import json
import os
import re
import signal
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from standardwebhooks.webhooks import Webhook

from houbei.payments.sandbox import Sandbox
from houbei.runs.cycle import run_cycle
from houbei.runs.hooks import look_at_events, take_event
from houbei.runs.imports import import_orders, import_prices
from houbei.runs.loop import start
from houbei.runs.outbox import run_outbox
from houbei.runs.reconcile import reconcile
from houbei.sandbox.server import Settings, serve
from houbei.store.database import open_database
from houbei.store.schema import METADATA
from tests.reliability.shop import (
    DAY_US,
    HOUR_US,
    PAST_LEASE_US,
    SECOND_US,
    START_US,
    Stage,
    audited,
    books_of,
    line,
    needs,
    new_store,
    price,
    rows_of,
    write_csv,
)

SECRET = "whsec_" + b64encode(b"the story's own").decode()
DIED = 9
GIFT_CARD = json.dumps([{"kind": "gift_card", "amount": "4.00"}, {"kind": "card", "amount": "6.00"}])
LINES = [
    line("a", order="o1"),
    line("b", order="o1", sku="pot"),
    line("c", order="o2", quantity=3, paid=3000),
    line("d", order="o3", tenders=GIFT_CARD),
]
RETURNED = [
    {**one, "returned_at": "2026-11-02T09:00:00Z", "returned_quantity": 2} for one in LINES if one["line_id"] == "c"
]
CAPTURED = {"o1": 2000, "o2": 3000, "o3": 1000}


# --- the story --------------------------------------------------------------------------------------------------------


@dataclass(slots=True, kw_only=True)
class World:
    """Where the story plays: its files, its provider, what time it is."""

    folder: Path
    stage: Stage
    provider: Any
    now_us: int = START_US
    _database: Engine | None = field(default=None)

    @property
    def database(self) -> Engine:
        if self._database is None:
            self._database = open_database(self.folder / "houbei.db")
        return self._database

    def close(self) -> None:
        if self._database is not None:
            self._database.dispose()
        self.provider.close()
        self.stage.close()

    def bring(self, name: str, *, orders: Any = None, prices: Any = None) -> None:
        """Import a file and decide."""
        for rows, take in ((orders, import_orders), (prices, import_prices)):
            if rows is not None:
                file = write_csv(self.folder / f"{name}-{take.__name__}.csv", rows)
                take(self.database, file, source="shop", zone="UTC", now_us=self.now_us, progress=lambda *_: None)
        while run_cycle(self.database, now_us=self.now_us).facts:
            pass

    def pay(self) -> None:
        while run_outbox(self.database, self.provider, now_us=self.now_us, holder=str(os.getpid()), threads=1).claimed:
            pass

    def turn(self, by_us: int) -> None:
        self.now_us += by_us
        self.stage.turn(self.now_us)


def opens(world: World) -> None:
    new_store(world.folder / "houbei.db").dispose()


def sells(world: World) -> None:
    prices = [price("p0", 1000, at_us=START_US - DAY_US), price("q0", 1000, at_us=START_US - DAY_US, sku="pot")]
    world.bring("sold", orders=LINES, prices=prices)


def drops_and_pays(world: World) -> None:
    world.bring("drop", prices=[price("p1", 900, at_us=START_US + DAY_US)])
    world.pay()


def loses_replies(world: World) -> None:
    """A price is told late, another one falls, and no reply arrives."""
    late = price("p2", 880, at_us=START_US + DAY_US + HOUR_US)
    world.bring("late", prices=[late, price("q1", 950, at_us=START_US + 2 * DAY_US, sku="pot")])
    world.stage.faults(lost_reply=1000)
    world.pay()
    world.stage.faults(lost_reply=0)
    world.turn(HOUR_US)
    world.pay()


def learns_of_a_return(world: World) -> None:
    """Two of three units went back before the price fell: what was paid is given, what is due is stopped."""
    world.bring("again", prices=[price("p3", 850, at_us=START_US + 3 * DAY_US)])
    world.bring("returned", orders=RETURNED)
    world.pay()


def is_told_of_a_failure(world: World) -> None:
    """A refund is pending, then fails; the provider tells of it twice, and somebody else tells the opposite."""
    world.stage.faults(pending_then_failed=1000, settle_after_s=7200)
    world.bring("fails", prices=[price("q2", 700, at_us=START_US + 4 * DAY_US, sku="pot")])
    world.pay()
    world.stage.settle()
    world.stage.faults(pending_then_failed=0)
    failed = [one["id"] for one in world.stage.refunds() if one["state"] == "failed"]
    for number, secret in enumerate((SECRET, SECRET, SECRET[:-4] + "AAA=")):
        body = json.dumps({"id": f"evt_{number // 2}", "data": {"id": failed[0]}})
        at = datetime.now(UTC)  # noqa: TID251  signatures are checked against the system's clock
        headers = {
            "webhook-id": f"msg_{number}",
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(secret).sign(f"msg_{number}", at, body),
        }
        take_event(world.database, secret=SECRET, headers=headers, body=body.encode(), now_us=world.now_us)
    while look_at_events(world.database, world.provider, now_us=world.now_us):
        pass


def ends(world: World) -> None:
    """Everything is looked at until nothing waits, and found in the provider's own records."""
    for _ in range(20):
        world.pay()
        reconcile(world.database, world.provider, now_us=world.now_us)
        ((waiting,),) = rows_of(world.database, "SELECT MIN(due_us) FROM actions")
        if waiting is None:
            return
        world.turn(max(waiting - world.now_us, SECOND_US))


STEPS: tuple[Callable[[World], None], ...] = (
    opens,
    sells,
    drops_and_pays,
    loses_replies,
    learns_of_a_return,
    is_told_of_a_failure,
    ends,
)


def tell_on(world: World, *, step: int, began: Callable[[int], None], again: bool) -> None:
    """Tell the story from a step on; one that is told again is told when the claims of the dead have run out."""
    for number in range(step, len(STEPS)):
        began(number)
        late = PAST_LEASE_US if again and number == step else 0
        world.now_us = START_US + number * DAY_US + late
        world.stage.turn(world.now_us)
        if again and number == step and number:
            start(world.database, world.provider, now_us=world.now_us)
        STEPS[number](world)


# --- dying ------------------------------------------------------------------------------------------------------------


class Points:
    """Counts write points, and dies at one of them.

    Args:
        die_at: The number of the one to die at, 0 for none.
    """

    def __init__(self, die_at: int) -> None:
        self.passed: list[str] = []
        self.die_at = die_at
        self._wrote = False

    def point(self, what: str) -> None:
        self.passed.append(what)
        if len(self.passed) == self.die_at:
            os._exit(DIED)

    def watch(self) -> None:
        """See every statement that writes to a table that is kept, and every commit after one."""
        tables = re.compile(rf"\b(?:{'|'.join([*METADATA.tables, 'alembic_version'])})\b")

        def sees(*seen: Any) -> None:
            words = seen[2].split(None, 3)
            writes = words[0] in {"INSERT", "UPDATE", "DELETE", "CREATE", "DROP"} and words[1] != "TEMP"
            target = seen[2].partition("(")[0].partition(" SELECT ")[0].partition(" WHERE ")[0]
            if writes and tables.search(target):
                self._wrote = True
                self.point(" ".join(words[:3]))

        commit = SQLiteDialect_pysqlite.do_commit

        def commits(dialect: Any, connection: Any) -> None:
            if not self._wrote:
                return commit(dialect, connection)
            self.point("before COMMIT")
            commit(dialect, connection)
            self._wrote = False
            return self.point("after COMMIT")

        event.listen(Engine, "before_cursor_execute", sees)
        SQLiteDialect_pysqlite.do_commit = commits  # type: ignore[method-assign]


class Watched:
    """A provider whose every call is a point before it and one after."""

    def __init__(self, provider: Sandbox, points: Points) -> None:
        self.name, self.key_lifetime_us = provider.name, provider.key_lifetime_us
        self._provider, self._points = provider, points

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._provider, name)

        def watched(*given: Any) -> Any:
            self._points.point(f"before {name}")
            answer = call(*given)
            self._points.point(f"after {name}")
            return answer

        return call if name == "close" else watched


# --- processes --------------------------------------------------------------------------------------------------------


def forked(work: Callable[[], None]) -> int:
    """Run something in a process of its own; give its number."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        work()
        code = 0
    finally:
        sys.stderr.flush()
        os._exit(code)


def ended(process: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


@contextmanager
def provider_in(folder: Path) -> Iterator[str]:
    """A sandbox with a file of its own, in a process of its own; gives its address."""
    came, tells = os.pipe()

    def serves() -> None:
        os.close(came)
        serve(Settings(database=folder / "sandbox.db"), announce=lambda port: void(os.write(tells, str(port).encode())))

    process = forked(serves)
    os.close(tells)
    port = os.read(came, 16).decode()
    os.close(came)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        os.kill(process, signal.SIGKILL)
        ended(process)


def told(folder: Path, address: str, *, die_at: int = 0, again: bool = False) -> list[str]:
    """Tell the story, or tell it on from where somebody died, and note what it came to; give the points that were passed."""
    points = Points(die_at)
    points.watch()
    world = World(folder=folder, stage=Stage(address), provider=Watched(Sandbox(address), points))
    noted = folder / "step"
    step = int(noted.read_text()) if again and noted.exists() else 0
    tell_on(world, step=step, began=lambda number: void(noted.write_text(str(number))), again=again)
    world.close()
    if die_at == 0:
        (folder / "seen.json").write_text(json.dumps(outcome(folder, address)))
    return points.passed


def void(_: object) -> None:
    """Nothing is given back."""


def outcome(folder: Path, address: str) -> dict[str, Any]:
    """What the story came to: the books, what waits for a person, and what the provider did."""
    database, stage = open_database(folder / "houbei.db"), Stage(address)
    result = {
        "books": [list(row) for row in books_of(database)],
        "settlements": sorted(
            map(list, rows_of(database, "SELECT kind, state, amount_minor, payment, due_us FROM actions"))
        ),
        "needs": needs(database),
        "audit": list(audited(database).differences),
        "paid": sorted([*key, count] for key, count in stage.paid().items()),
        "twice": stage.twice(),
    }
    database.dispose()
    stage.close()
    return result


def tell_once(die_at: int) -> dict[str, Any]:
    """Tell the story in a process that dies and one that tells it on, and give what it came to."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        with provider_in(folder) as address:
            stage = Stage(address)
            stage.capture(CAPTURED)
            stage.close()
            points = folder / "points.json"

            def tells() -> None:
                points.write_text(json.dumps(told(folder, address, die_at=die_at)))

            code = ended(forked(tells))
            if die_at:
                assert code == DIED, f"died of {code} at {die_at}"
                step = (folder / "step").read_text()
                assert ended(forked(lambda: void(told(folder, address, again=True)))) == 0, (
                    f"did not go on after {die_at}"
                )
            else:
                assert code == 0, f"the undisturbed story ended with {code}"
            result: dict[str, Any] = json.loads((folder / "seen.json").read_text())
            if die_at:
                return {"died_at": die_at, "step": STEPS[int(step)].__name__, **result}
            return {"died_at": 0, "points": json.loads(points.read_text()), **result}


def warm_up() -> None:
    """Tell the story here once, so that processes made from this one need not load, parse and compile everything again."""
    with TemporaryDirectory() as name, provider_in(Path(name)) as address:
        world = World(folder=Path(name), stage=Stage(address), provider=Sandbox(address))
        world.stage.capture(CAPTURED)
        tell_on(world, step=0, began=void, again=False)
        world.close()
        outcome(Path(name), address)


def main() -> None:
    """Tell it undisturbed, then for every write point that is one of ours: `first`, and each `stride` after it."""
    first, stride = (int(given) for given in sys.argv[1:3])
    warm_up()
    undisturbed = tell_once(0)
    print(json.dumps(undisturbed), flush=True)
    for number in range(first, len(undisturbed["points"]) + 1, stride):
        print(json.dumps(tell_once(number)), flush=True)


if __name__ == "__main__":
    main()
