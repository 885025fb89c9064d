"""How often units are reported, by buyer and over the whole shop: counted from the cases of a period, for comparing one with the others.

What is counted over the whole shop is counted once a day and kept as a note: nobody who reports waits for a pass over all cases.
"""

from collections import Counter
from collections.abc import Iterable

import msgspec
from sqlalchemy import Connection

from houbei.case.observed import Count
from houbei.facts.moments import DAY_US
from houbei.store.marks import read_mark, write_mark
from houbei.store.statements import ask

_MARK = "reports_of_shop"
_CONFIRMED = "SUM(CASE WHEN c.stage IN ('settled', 'refunded', 'mended') THEN 1 ELSE 0 END)"
"""Reports whose case came to an end that confirms them."""


class Spreads(msgspec.Struct, frozen=True):
    """How many units, and how many buyers, have 0, 1, 2, … reports that no end has confirmed, as of a moment; those with none are not counted."""

    as_of_us: int
    units: tuple[int, ...]
    buyers: tuple[int, ...]


def count_of_buyer(connection: Connection, buyer_id: str, *, since_us: int) -> Count:
    """Count the units that a buyer bought since a moment, and those of them that were reported and confirmed. Cost: a look-up a line."""
    units = ask(
        connection,
        "SELECT COALESCE(SUM(quantity), 0) FROM lines WHERE buyer_id = :buyer AND placed_us >= :since",
        buyer=buyer_id,
        since=since_us,
    ).scalar_one()
    rows = ask(
        connection,
        f"SELECT {_CONFIRMED} AS confirmed FROM lines l CROSS JOIN cases c"
        " WHERE l.buyer_id = :buyer AND c.line = l.seq AND c.opened_us >= :since GROUP BY c.line, c.unit",
        buyer=buyer_id,
        since=since_us,
    ).all()
    reported = min(len(rows), units)
    return Count(units=units, reported=reported, confirmed=min(sum(row.confirmed > 0 for row in rows), reported))


def spreads_of_shop(connection: Connection, *, now_us: int, since_us: int) -> Spreads:
    """Give the spreads of the whole shop: as they were kept within the last day, else counted now."""
    kept = read_mark(connection, _MARK)
    found = None if kept is None else msgspec.json.decode(kept, type=Spreads)
    return found if found is not None and _is_fresh(found, now_us) else count_spreads(connection, now_us, since_us)


def are_spreads_fresh(connection: Connection, *, now_us: int) -> bool:
    """Whether the spreads of the shop were counted within the last day."""
    kept = read_mark(connection, _MARK)
    return kept is not None and _is_fresh(msgspec.json.decode(kept, type=Spreads), now_us)


def keep_spreads(connection: Connection, *, now_us: int, since_us: int) -> None:
    """Count the spreads of the shop and keep them, in a writing transaction."""
    write_mark(connection, _MARK, msgspec.json.encode(count_spreads(connection, now_us, since_us)).decode())


def count_spreads(connection: Connection, now_us: int, since_us: int) -> Spreads:
    """Count the reports since a moment by unit and by buyer. Cost: a pass over the cases, 4 µs each."""
    rows = ask(
        connection,
        f"SELECT l.buyer_id, COUNT(*) - {_CONFIRMED} AS unconfirmed FROM cases c JOIN lines l ON l.seq = c.line"
        " WHERE c.opened_us >= :since GROUP BY c.line, c.unit, l.buyer_id",
        since=since_us,
    ).all()
    of_buyer = Counter[str]()
    for buyer_id, unconfirmed in rows:
        if buyer_id is not None:
            of_buyer[buyer_id] += unconfirmed
    units = _spread(unconfirmed for _, unconfirmed in rows)
    return Spreads(as_of_us=now_us, units=units, buyers=_spread(of_buyer.values()))


def _is_fresh(found: Spreads, now_us: int) -> bool:
    return 0 <= now_us - found.as_of_us < DAY_US


def _spread(unconfirmed: Iterable[int]) -> tuple[int, ...]:
    many = Counter(unconfirmed)
    return tuple(many.get(count, 0) if count else 0 for count in range(max(many, default=0) + 1))
