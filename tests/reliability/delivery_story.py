"""A fixed story of a shop whose parcels are late, told on the stage of `story`: a process dies at any one of its write points.

Run as a program, with the first write point and the distance to the next one, as `story` is.
"""

import os
from collections.abc import Callable
from typing import Any

from houbei.runs.imports import import_closures, import_orders, import_promises, import_scans
from houbei.runs.loop import run_round
from houbei.runs.reconcile import reconcile
from tests.reliability import story
from tests.reliability.late import FEE, promised, publish_on_time, scanned
from tests.reliability.shop import DAY_US, HOUR_US, SECOND_US, START_US, line, new_store, rows_of, write_csv
from tests.reliability.story import World

ORDERS = [line(f"l{k}", order=f"o{k}", region="N" if k == 4 else "S") for k in range(5)]
BY_US = START_US + 2 * DAY_US + HOUR_US
"""An hour into the step in which the clock passes it."""
PROMISES = [promised(f"p{k}", order=f"o{k}", by_us=BY_US) for k in range(5)]
SCANS = [
    scanned("s0", order="o0", at_us=BY_US - HOUR_US, told_by="courier", person="Courier One"),
    scanned("s1", order="o1", at_us=BY_US - HOUR_US),
    scanned("d1", order="o1", at_us=BY_US, what="disputed", told_by="buyer", disputes="s1"),
]
UPHELD = scanned("u1", order="o1", at_us=BY_US + DAY_US, what="upheld", told_by="shop", disputes="s1")
LATE_NEWS = scanned("s2", order="o2", at_us=BY_US - 2 * HOUR_US)
SNOW = {
    "closure_id": "c1",
    "code": "snow",
    "from_at": "2026-11-03T00:00:00Z",
    "known_at": "2026-11-03T00:00:00Z",
    "regions": '["N"]',
    "evidence": "bulletin",
}


def imports(world: World, name: str, take: Callable[..., Any], *rows: Any) -> None:
    """Import a file."""
    file = write_csv(world.folder / f"{name}.csv", rows)
    take(world.database, file, source="shop", zone="UTC", now_us=world.now_us, progress=lambda *_: None)


def lives(world: World) -> None:
    """Do everything there is to do now."""
    while run_round(world.database, world.provider, now_us=world.now_us, holder=str(os.getpid())):
        pass


def opens(world: World) -> None:
    database = new_store(world.folder / "houbei.db")
    publish_on_time(database)
    database.dispose()


def sells(world: World) -> None:
    imports(world, "orders", import_orders, *ORDERS)
    imports(world, "promises", import_promises, *PROMISES)
    lives(world)


def the_clock_passes(world: World) -> None:
    """Two scans and a dispute are told; the promises pass, three of them with nothing there."""
    imports(world, "scans", import_scans, *SCANS)
    world.turn(2 * HOUR_US)
    lives(world)


def a_person_looks(world: World) -> None:
    """The buyer is right; and sixteen hours later more is owed."""
    imports(world, "upheld", import_scans, UPHELD)
    world.turn(2 * HOUR_US)
    lives(world)


def news_come_late(world: World) -> None:
    """One had been there in time, and was paid: that is given. Another one lay in the snow."""
    imports(world, "news", import_scans, LATE_NEWS)
    imports(world, "snow", import_closures, SNOW)
    lives(world)


def ends(world: World) -> None:
    """Everything is looked at until nothing waits, and found in the provider's own records."""
    for _ in range(20):
        lives(world)
        reconcile(world.database, world.provider, now_us=world.now_us)
        waits = "SELECT MIN(us) FROM (SELECT MIN(due_us) AS us FROM actions UNION ALL SELECT MIN(next_us) FROM deliveries) w"
        ((waiting,),) = rows_of(world.database, waits)
        if waiting is None:
            return
        world.turn(max(waiting - world.now_us, SECOND_US))


story.STEPS = (opens, sells, the_clock_passes, a_person_looks, news_come_late, ends)
story.CAPTURED = {f"o{k}": 1000 + FEE for k in range(5)}


if __name__ == "__main__":
    story.main()
