"""A story of two promises that are watched and told of, and a process that dies at any one of its write points.

Run as a program, like `tests/reliability/story.py`, with the first write point and the distance to the next one.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Engine

from houbei.runs.audit import audit
from houbei.runs.clock import now_us as machine_us
from houbei.runs.telling_channel import Channel, Heard
from houbei.runs.tellings import LEASE_US
from houbei.store.database import open_database, writing
from houbei.store.promises import publish
from houbei.store.tellings import Telling
from tests.deliveries_live.lookouts import looks, needs
from tests.deliveries_live.parcels import DELIVERED, ORDER, PROMISE, SLOT, sell, tell_scans
from tests.deliveries_live.receivers import SECRET, Receiver, receiving
from tests.live.paying import pay_what_is_due
from tests.live.stores import rows_of
from tests.live.telling import moment
from tests.oracle.agreement import as_terms
from tests.reliability.story import DIED, Points, ended, forked, void

Step = Callable[[Engine, Channel, int], None]
SECOND = {**ORDER, "order_id": "O2", "line_id": "L2"}
PROMISES = (PROMISE, {**PROMISE, "promise_id": "P2", "order_id": "O2"})


class Watched(Channel):
    """A channel whose every call is a point before it and one after."""

    points: Points

    def tell(self, telling: Telling) -> Heard:
        self.points.point("before tell")
        answer = super().tell(telling)
        self.points.point("after tell")
        return answer


def opened(path: Path) -> None:
    """Make a store in which both are sold."""
    database = open_database(path, create=True)
    with writing(database) as connection:
        publish(connection, as_terms(SLOT), known_us=0)
    sell(database, ORDER, SECOND, promises=PROMISES)
    database.dispose()


def grows_short(database: Engine, channel: Channel, later_us: int) -> None:
    looks(database, moment("11-03T10:00") + later_us, channel=channel)


def one_comes(database: Engine, channel: Channel, later_us: int) -> None:
    tell_scans(database, {**DELIVERED, "order_id": "O2", "at": "2026-11-03T12:00+08:00"})
    looks(database, moment("11-03T12:00") + later_us, channel=channel)


def one_is_late(database: Engine, channel: Channel, later_us: int) -> None:
    looks(database, moment("11-03T15:00") + later_us, channel=channel)


def is_paid(database: Engine, channel: Channel, later_us: int) -> None:
    pay_what_is_due(database)
    looks(database, moment("11-03T16:00") + later_us, channel=channel)


def ends(database: Engine, channel: Channel, later_us: int) -> None:
    looks(database, moment("11-03T18:00") + later_us, channel=channel)


STEPS: tuple[Step, ...] = (grows_short, one_comes, one_is_late, is_paid, ends)


def told(folder: Path, address: str, *, die_at: int = 0, again: bool = False) -> list[str]:
    """Tell the story, or tell it on from where somebody died; give the points that were passed."""
    points, noted = Points(die_at), folder / "step"
    points.watch()
    database = open_database(folder / "houbei.db")
    channel = Watched(address, SECRET, inside=True, clock=machine_us)
    channel.points = points
    first = int(noted.read_text()) if again and noted.exists() else 0
    for number in range(first, len(STEPS)):
        noted.write_text(str(number))
        # A step that is told again is told when the claims of the dead have run out.
        STEPS[number](database, channel, LEASE_US if again and number == first else 0)
    channel.close()
    database.dispose()
    return points.passed


def outcome(folder: Path, receiver: Receiver) -> dict[str, Any]:
    """What the story came to: what was decided and told, what buyers heard, what waits for a person."""
    database = open_database(folder / "houbei.db")
    heard = receiver.heard()
    found = {
        "tellings": rows_of(
            database,
            "SELECT t.telling, t.kind, t.zh, w.state FROM tellings t JOIN telling_work w ON w.seq = t.seq ORDER BY t.telling",
        ),
        "told": rows_of(database, "SELECT telling, way FROM told ORDER BY telling"),
        "heard": sorted({one["id"] for one in heard}),
        "texts": receiver.texts(),
        "forged": [one for one in heard if not one["good"]],
        "needs": needs(database),
        "stands": rows_of(database, "SELECT delivery_id, verdict, at_risk FROM deliveries ORDER BY delivery_id"),
        "awaited": rows_of(database, "SELECT delivery FROM payments_awaited"),
        "audit": list(audit(database, progress=lambda *_: None).differences),
    }
    database.dispose()
    return json.loads(json.dumps(found))  # type: ignore[no-any-return]


def tell_once(store: bytes, receiver: Receiver, die_at: int) -> dict[str, Any]:
    """Tell the story in a process that dies and one that tells it on, and give what it came to."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "houbei.db").write_bytes(store)
        passed = folder / "points.json"
        receiver.forgets()

        def tells() -> None:
            passed.write_text(json.dumps(told(folder, receiver.address, die_at=die_at)))

        code = ended(forked(tells))
        assert code == (DIED if die_at else 0), f"ended with {code} at {die_at}"
        if die_at:
            code = ended(forked(lambda: void(told(folder, receiver.address, again=True))))
            assert code == 0, f"did not go on after {die_at}"
        points = [] if die_at else json.loads(passed.read_text())
        return {"died_at": die_at, "points": points, **outcome(folder, receiver)}


def main() -> None:
    """Tell it undisturbed, then for every write point that is one of ours: `first`, and each `stride` after it."""
    first, stride = (int(given) for given in sys.argv[1:3])
    with TemporaryDirectory() as name, receiving() as receiver:
        path = Path(name) / "houbei.db"
        opened(path)
        store = path.read_bytes()
        undisturbed = tell_once(store, receiver, 0)
        print(json.dumps(undisturbed), flush=True)
        for number in range(first, len(undisturbed["points"]) + 1, stride):
            print(json.dumps(tell_once(store, receiver, number)), flush=True)


if __name__ == "__main__":
    main()
