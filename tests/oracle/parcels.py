"""The parcels of a delivery by hand: which lines arrive together, what was said of each parcel, and when it arrived.

Written from docs/clauses/delivery.md, as `arrivals` is, which reads it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.moments import read_stamp

Row = Mapping[str, str | None]
Document = Mapping[str, Any]
ABOUT = ("disputed", "upheld", "dismissed")
"""Words of scans about other scans; of one moment the later word counts after the earlier."""
SAYS = {
    "handed_over": {"handed_over", "moved", "out_for_delivery", "attempted", "delivered", "installed"},
    "delivered": {"delivered", "installed"},
    "installed": {"delivered", "installed"},
}
OF_LINE = {"handed_over": "shipped_at", "delivered": "delivered_at", "installed": "installed_at"}
NAMELESS = ("", 0)


@dataclass(frozen=True)
class Given:
    """A promise: when it was shown, the first moment that is late, and what goes with it."""

    name: str | None
    shown: datetime
    by: datetime
    fee: int = 0
    parcels: int = 1
    region: str | None = None


@dataclass(frozen=True)
class Scan:
    """A scan that counts or is disputed: `void` where a person found that it is not so."""

    what: str
    at: datetime
    void: bool = False
    disputed: bool = False


@dataclass(frozen=True)
class World:
    """The rows that exist at a moment, and what they are read with."""

    document: Document
    zone: ZoneInfo
    as_of: datetime
    orders: Sequence[Row]
    promises: Sequence[Row]
    scans: Sequence[Row]
    closures: Sequence[Row]

    def moment(self, row: Row, name: str) -> datetime | None:
        """A moment of a row that has happened."""
        text = row.get(name)
        found = None if text is None else read_stamp(text, zone=self.zone)
        return None if found is None or found > self.as_of else found

    def sure(self, row: Row, name: str) -> datetime:
        """A moment that is there."""
        found = read_stamp(str(row[name]), zone=self.zone)
        assert found is not None
        return found


def made_of(document: Document) -> str:
    """How the date is made."""
    promise = document.get("promise", {})
    return next((word for word in ("within", "cut_offs") if word in promise), "shown")


def deliveries_of(world: World) -> dict[str, list[Row]]:
    """Which lines arrive together."""
    found: dict[str, list[Row]] = {}
    by_order: dict[str, list[Row]] = {}
    for row in world.orders:
        by_order.setdefault(str(row["order_id"]), []).append(row)
    if made_of(world.document) != "shown":
        return by_order
    for row in world.promises:
        named = None if row.get("lines") is None else json.loads(str(row["lines"]))
        mine = by_order.get(str(row["order_id"]), [])
        for line in mine:
            together = found.setdefault(id_of(row), [])
            if (named is None or line["line_id"] in named) and line not in together:
                together.append(line)
    found = {name: lines for name, lines in found.items() if lines}
    taken = set(found)
    spoken_for = [line for lines in found.values() for line in lines]
    for order, lines in by_order.items():
        left = [line for line in lines if line not in spoken_for]
        if left and order not in taken:
            found[order] = left
    return found


def id_of(promise: Row) -> str:
    """The delivery of a promise: the one that it names, or its order."""
    return str(promise.get("delivery_id") or promise["order_id"])


def latest(moments: Sequence[datetime | None]) -> datetime | None:
    """The last of some moments, None where one is missing."""
    known = [moment for moment in moments if moment is not None]
    return max(known) if known and len(known) == len(moments) else None


def things_of(lines: list[Row], name: str, given: Given | None, world: World) -> dict[tuple[str, int], list[Scan]]:
    """What was said of each parcel; those without a name have numbers."""
    rows = [row for row in world.scans if delivery_of(row, world) == name]
    planned = 1 if given is None else given.parcels
    plain = [row for row in rows if row["what"] not in ABOUT]
    about = {str(row["scan_id"]): parcels_of(row, name, plain) for row in plain}
    names = sorted({key for keys in about.values() for key in keys})
    own = own_scans(lines, plain, rows, world)
    bare = 0 if names or not plain else 1
    if own:
        # What a line says is about every parcel that was promised, named or not.
        bare = max(bare, planned - len(names))
    keys = [(key, 0) for key in names] + [("", number) for number in range(bare)]
    things: dict[tuple[str, int], list[Scan]] = {key: [*own] for key in keys}
    for row in plain:
        scan = told(row, str(row["scan_id"]), rows, world)
        for one in [(key, 0) for key in about[str(row["scan_id"])] or names] or [NAMELESS]:
            things[one].append(scan)
    given_up = {key for key, scans in things.items() if is_given_up(scans, world)}
    left = len(things) - len(given_up)
    waited = {key: scans for key, scans in things.items() if key not in given_up or left < planned}
    missing = range(planned - len(waited))
    return waited | {("", len(things) + number): [] for number in missing}


def is_given_up(scans: Sequence[Scan], world: World) -> bool:
    """Whether a parcel was lost or went back, and never got as far as was promised."""
    gone = any(scan.what in {"lost", "sent_back"} and not scan.void for scan in scans)
    return gone and first(scans, world, surely=False) is None


def parcels_of(row: Row, delivery: str, plain: Sequence[Row]) -> list[str]:
    """The parcels that a scan names: its own, or those named with another delivery_id that it has, which else is like one."""
    other = row.get("delivery_id")
    if row.get("parcel_id") is not None:
        return [str(row["parcel_id"])]
    if other in {None, delivery}:
        return []
    with_it = {str(one["parcel_id"]) for one in plain if one.get("delivery_id") == other and one.get("parcel_id")}
    return sorted(with_it) or [f"part {other}"]


def delivery_of(scan: Row, world: World) -> str | None:
    """The delivery that a scan is about."""
    together = deliveries_of(world)
    mine = [name for name, lines in together.items() if any(line["order_id"] == scan.get("order_id") for line in lines)]
    by_id = scan.get("delivery_id")
    if by_id in together:
        return by_id
    if made_of(world.document) != "shown":
        orders = [str(row["order_id"]) for row in world.promises if id_of(row) == by_id]
        if by_id is not None and orders and orders[-1] in together:
            return orders[-1]
    if len(mine) == 1:
        return mine[0]
    order = scan.get("order_id")
    return order if order in mine else None


def told(row: Row, name: str, rows: Sequence[Row], world: World) -> Scan:
    """A scan with what the buyer and people said of it."""
    void, disputed = answers_to({name}, rows, world)
    return Scan(str(row["what"]), world.sure(row, "at"), void, disputed)


def answers_to(names: set[str], rows: Sequence[Row], world: World) -> tuple[bool, bool]:
    """Whether a scan is void, and whether it is disputed with nobody having looked."""
    said = [row for row in rows if row["what"] in ABOUT and row.get("disputes") in names]
    said.sort(key=lambda row: (world.sure(row, "at"), ABOUT.index(str(row["what"])), str(row["scan_id"]).encode()))
    words = [row["what"] for row in said]
    looked = [word for word in words if word != "disputed"]
    void = bool(looked) and looked[-1] == "upheld"
    return void, bool(words) and words[-1] == "disputed" and not void


def own_scans(lines: list[Row], plain: Sequence[Row], rows: Sequence[Row], world: World) -> list[Scan]:
    """What the lines themselves say, where no scan is of the sort."""
    found = []
    waiting = [row for row in lines if world.moment(row, "cancelled_at") is None]
    for what, column in OF_LINE.items():
        last = latest([world.moment(row, column) for row in waiting])
        if last is not None and not any(row["what"] == what for row in plain):
            void, disputed = answers_to(
                {f"{column.removesuffix('_at')}:{row['line_id']}" for row in lines}, rows, world
            )
            found.append(Scan(what, last, void, disputed))
    return found


def first(scans: Sequence[Scan], world: World, *, surely: bool, words: set[str] | None = None) -> datetime | None:
    """When it is first said to have got as far."""
    promise = world.document.get("promise", {})
    wanted = SAYS[promise.get("reaches", "delivered")] | ({"attempted"} if promise.get("attempt_counts") else set())
    says = [s.at for s in scans if s.what in (words or wanted) and not s.void and not (surely and s.disputed)]
    return min(says, default=None)


def arrivals_of(
    things: Mapping[tuple[str, int], list[Scan]], world: World
) -> list[tuple[tuple[str, int], datetime | None, datetime | None]]:
    """When each thing that is paid for arrived, by what is said and by what nobody disputes."""
    everything = [scan for scans in things.values() for scan in scans]
    found = [(key, *(first(scans, world, surely=surely) for surely in (False, True))) for key, scans in things.items()]
    if world.document.get("per", "promise") == "promise":
        found = [(NAMELESS, latest([said for _, said, _ in found]), latest([sure for _, _, sure in found]))]
    if world.document.get("promise", {}).get("reaches") == "installed":
        done = [first(everything, world, surely=surely, words={"installed"}) for surely in (False, True)]
        found = [(key, latest([said, done[0]]), latest([sure, done[1]])) for key, said, sure in found]
    return [(key, said, sure) for key, said, sure in found]
