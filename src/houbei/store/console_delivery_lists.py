"""What the console asks of deliveries: how many stand how, which come first, which may not arrive in time, and what they are owed.

Those that somebody must look at now come first: what waits for a person, what is late and not there, what is disputed, what is at risk;
then those under way, then those that are over, the latest first.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import msgspec
from sqlalchemy import Connection

from houbei.store.console import Stretch
from houbei.store.console_delivery_money import BALANCE, COST, SHARED, owed_to
from houbei.store.line_rows import decoded
from houbei.store.statements import ask

OF_DELIVERY = ("parcel_at_risk", "parcel_lost", "late_disputed", "tell_buyer")
"""Kinds of needs that are about one delivery: `ref` is its number; of what a buyer is to be told it is the number of the telling."""
FEED_SILENT = "feed_silent"
"""The kind of need that is about a carrier of which nothing is heard; its `ref` is the carrier."""
PARTS = ("pressing", "open", "over")
"""Parts of the list in their order: every delivery is in one of them."""
CHOICES_MAX = 500
"""How many regions or carriers there are to choose from, at most."""
KINDS = ", ".join(f"'{kind}'" for kind in OF_DELIVERY)
"""The same kinds, as a statement lists them."""
ABOUT = (
    "CASE n.kind WHEN 'tell_buyer' THEN (SELECT MIN(o.delivery) FROM tellings t JOIN deliveries o"
    " ON o.delivery_id = t.delivery_id AND o.source = t.source WHERE t.seq = CAST(n.ref AS INTEGER))"
    " ELSE CAST(n.ref AS INTEGER) END"
)
"""The number of the delivery that a need (`n`) of these kinds is about."""
_WAITS = f"(d.delivery IN (SELECT {ABOUT} FROM needs n WHERE n.kind IN ({KINDS})))"
_STILL = "(d.verdict = 'late' AND d.arrived_us IS NULL)"
_RANK = (
    f"CASE WHEN {_WAITS} OR {_STILL} OR d.verdict = 'disputed' OR (d.verdict = 'open' AND d.at_risk IS NOT NULL) THEN 0"
    " WHEN d.verdict = 'open' OR (d.verdict = 'excused' AND d.arrived_us IS NULL) THEN 1 ELSE 2 END"
)
"""The part that a delivery (`d`) is in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A row of `deliveries`: how a delivery stands. Moments µs UTC; `at_risk` is what whoever watches it says, None where it says nothing."""

    delivery: int
    source: str
    delivery_id: str
    order_id: str
    line: int
    terms: int
    cover: int
    region: str | None
    carrier: str | None
    promise: int | None
    shown_us: int | None
    from_us: int | None
    promised_us: int | None
    by_us: int | None
    arrived_us: int | None
    verdict: str
    closure: int | None
    scan: int | None
    provisional: bool
    chance_permille: int | None
    at_risk: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A delivery in a list: what it is, whether it waits for a person, and what it is owed by unit, minor units or points."""

    it: Kept
    item: str
    line_id: str
    waits: bool
    part: str
    owed: Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which deliveries are asked for; None asks for all. `promised` is a stretch in which the promised day or slot ends."""

    part: str | None = None
    verdict: str | None = None
    region: str | None = None
    carrier: str | None = None
    promised: Stretch | None = None

    def bound(self) -> dict[str, Any]:
        """Give the values that the condition binds."""
        begin_us, until_us = self.promised or (None, None)
        return {
            "part": None if self.part is None else PARTS.index(self.part),
            "verdict": self.verdict,
            "region": self.region,
            "carrier": self.carrier,
            "begin": begin_us,
            "until": until_us,
        }


_WANTED = (
    f"(:part IS NULL OR {_RANK} = :part) AND (:verdict IS NULL OR d.verdict = :verdict)"
    " AND (:region IS NULL OR d.region = :region) AND (:carrier IS NULL OR d.carrier = :carrier)"
    # A promise of a day ends at the midnight after it, which is the first moment that is late.
    " AND (:begin IS NULL OR (d.promised_us > :begin AND d.promised_us <= :until))"
)
_COLUMNS = ", ".join(f"d.{column.name}" for column in fields(Kept))
_decode = msgspec.json.Decoder(dict[str, Any]).decode


def kept_of(row: Sequence[Any]) -> Kept:
    """Read a row of `deliveries`, its columns in the order of the fields of `Kept`."""
    told = dict(zip((column.name for column in fields(Kept)), row, strict=True))
    risk = None if told["at_risk"] is None else _decode(told["at_risk"])
    return Kept(**(told | {"provisional": bool(told["provisional"]), "at_risk": risk}))


def find_delivery(connection: Connection, delivery: int) -> Kept | None:
    """Give how one delivery stands; None where there is none of that number. Cost: a look-up."""
    row = ask(
        connection, f"SELECT {_COLUMNS} FROM deliveries d WHERE d.delivery = :delivery", delivery=delivery
    ).one_or_none()
    return None if row is None else kept_of(row)


def count_deliveries(connection: Connection, wanted: Wanted) -> dict[tuple[str, str], int]:
    """Count the deliveries that are asked for by part and verdict. Cost: a pass over the deliveries."""
    rows = ask(
        connection,
        f"SELECT {_RANK}, d.verdict, COUNT(*) FROM deliveries d WHERE {_WANTED} GROUP BY 1, 2",
        **wanted.bound(),
    )
    return {(PARTS[part], verdict): count for part, verdict, count in rows}


def list_deliveries(connection: Connection, wanted: Wanted, *, limit: int, offset: int) -> list[Listed]:
    """Give a page of the deliveries that are asked for: those that press first, each part by its deadline.

    Cost: a pass over the deliveries, and three look-ups for each of the page.
    """
    rows = ask(
        connection,
        f"SELECT {_COLUMNS} FROM (SELECT d.delivery, {_RANK} AS part FROM deliveries d WHERE {_WANTED}) p"
        " JOIN deliveries d ON d.delivery = p.delivery"
        " ORDER BY p.part, CASE WHEN p.part < 2 THEN d.by_us IS NULL ELSE 0 END,"
        " CASE WHEN p.part < 2 THEN d.by_us ELSE -COALESCE(d.by_us, 0) END, d.delivery LIMIT :limit OFFSET :offset",
        **(wanted.bound() | {"limit": limit, "offset": offset}),
    )
    return listed(connection, [kept_of(row) for row in rows])


def at_risk_of(connection: Connection) -> list[Kept]:
    """Give every delivery under way that may not arrive in time, in no order. Cost: a pass over the deliveries."""
    rows = ask(
        connection,
        f"SELECT {_COLUMNS} FROM deliveries d WHERE d.verdict = 'open' AND d.at_risk IS NOT NULL",
    )
    return [kept_of(row) for row in rows]


def deliveries_of_order(connection: Connection, *, source: str, order_id: str) -> list[Kept]:
    """Give the deliveries of an order, in the order in which they became known."""
    rows = ask(
        connection,
        f"SELECT {_COLUMNS} FROM deliveries d WHERE d.order_id = :order AND d.source = :source ORDER BY d.delivery",
        order=order_id,
        source=source,
    )
    return [kept_of(row) for row in rows]


def listed(connection: Connection, found: Sequence[Kept]) -> list[Listed]:
    """Give some deliveries as a list shows them, in their order. Cost: a few look-ups each."""
    waiting = {delivery for delivery, _ in waiting_deliveries(connection)}
    return [
        Listed(
            it=kept,
            item=item,
            line_id=line_id,
            waits=kept.delivery in waiting,
            part=part_of(kept, waits=kept.delivery in waiting),
            owed=owed_to(connection, kept.delivery, cover=kept.cover),
        )
        for kept in found
        for item, line_id in [_line(connection, kept.line)]
    ]


def part_of(kept: Kept, *, waits: bool) -> str:
    """Say in which part of the list a delivery is; the statements of this file say the same."""
    still = kept.verdict == "late" and kept.arrived_us is None
    if waits or still or kept.verdict == "disputed" or (kept.verdict == "open" and kept.at_risk is not None):
        return "pressing"
    return "open" if kept.verdict == "open" or (kept.verdict == "excused" and kept.arrived_us is None) else "over"


def _line(connection: Connection, line: int) -> tuple[str, str]:
    """What was sold, by its title where the order told one, and the id of the line."""
    row = ask(connection, "SELECT sku, line_id, more FROM lines WHERE seq = :line", line=line).one()
    return str(decoded(row.more).get("title") or row.sku), str(row.line_id)


def waiting_deliveries(connection: Connection) -> list[tuple[int, str]]:
    """Give what waits for a person of one delivery each: its number and the kind. Cost: as many rows of a table."""
    rows = ask(connection, f"SELECT {ABOUT}, n.kind FROM needs n WHERE n.kind IN ({KINDS}) ORDER BY 1, 2")
    return [(row[0], row[1]) for row in rows]


def choices(connection: Connection, column: str) -> list[str]:
    """Give the regions or carriers that deliveries have, by name.

    Args:
        connection: A state of the store.
        column: `region` or `carrier`.
    """
    rows = ask(
        connection,
        f"SELECT DISTINCT d.{column} FROM deliveries d WHERE d.{column} IS NOT NULL ORDER BY 1 LIMIT :most",
        most=CHOICES_MAX,
    )
    return list(rows.scalars().all())


def count_at_risk(connection: Connection) -> int:
    """Count the deliveries that `at_risk_of` gives. Cost: a pass over the deliveries."""
    return int(
        ask(
            connection,
            "SELECT COUNT(*) FROM deliveries WHERE verdict = 'open' AND at_risk IS NOT NULL",
        ).scalar_one()
    )


def owed_in_all(connection: Connection, wanted: Wanted) -> list[tuple[str, int]]:
    """Add up what the deliveries that are asked for are owed, by unit: minor units, or points.

    Cost: a pass over them and their entries; a few look-ups for each that shares its cover with others.
    """
    rows = ask(
        connection,
        f"SELECT e.currency, {BALANCE} FROM entries e WHERE {COST} AND e.cover IN"
        f" (SELECT d.cover FROM deliveries d WHERE {_WANTED} AND d.cover NOT IN {SHARED}) GROUP BY e.currency",
        **wanted.bound(),
    )
    sums = {row[0]: row[1] for row in rows}
    shared = ask(
        connection,
        f"SELECT d.delivery, d.cover FROM deliveries d WHERE {_WANTED} AND d.cover IN {SHARED}",
        **wanted.bound(),
    ).all()
    for delivery, cover in shared:
        for unit, amount in owed_to(connection, delivery, cover=cover):
            sums[unit] = sums.get(unit, 0) + amount
    return [(unit, amount) for unit, amount in sorted(sums.items()) if amount]


def count_open(connection: Connection) -> int:
    """Count the deliveries that are neither there nor ended, and not late. Cost: a pass over an index."""
    return int(ask(connection, "SELECT COUNT(*) FROM deliveries WHERE verdict = 'open'").scalar_one())


def next_look(connection: Connection) -> int | None:
    """Give the moment at which a delivery under way is looked at next; None where none is watched."""
    found: int | None = ask(connection, "SELECT MIN(watch_us) FROM deliveries WHERE watch_us IS NOT NULL").scalar()
    return found


def kept_by_day(connection: Connection, days: Sequence[Stretch]) -> list[tuple[int, int]]:
    """Count for each day the promises that ended on it: those that were kept, and all but those that were cancelled.

    Args:
        connection: A state of the store.
        days: Stretches of moments that follow one another, at most a few months of them.

    Cost: a pass over the deliveries.
    """
    rows = ask(
        connection,
        "SELECT promised_us, verdict = 'kept' FROM deliveries WHERE promised_us > :begin AND promised_us <= :until"
        " AND verdict NOT IN ('none', 'ended')",
        begin=days[0][0],
        until=days[-1][1],
    ).all()
    edges = [until_us for _, until_us in days]
    kept, every = [0] * len(days), [0] * len(days)
    for promised_us, is_kept in rows:
        # The midnight after a day is the first moment that is late for it.
        place = bisect_left(edges, promised_us)
        kept[place] += int(is_kept)
        every[place] += 1
    return list(zip(kept, every, strict=True))
