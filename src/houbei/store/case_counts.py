"""Counts of reports: of a buyer, and of the whole shop; a report that an inspection confirmed speaks for whoever made it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from houbei.case.observed import Count
from houbei.store.statements import ask

_CONFIRMED = '%"verdict":"confirmed"%'
_OWN_NAME = "COALESCE(l.buyer_id, 'order ' || l.order_id)"
"""Who bought a line: its buyer, or where none is named its order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """The shop's units in a period, and how many units and buyers have 0, 1, 2, … unconfirmed reports."""

    of_shop: Count
    units_by_reports: tuple[int, ...]
    buyers_by_reports: tuple[int, ...]


def buyer_of(connection: Connection, line: int) -> str:
    """Name who bought a line, for counting alone."""
    return str(ask(connection, f"SELECT {_OWN_NAME} FROM lines l WHERE l.seq = :line", line=line).scalar_one())


def count_buyer(connection: Connection, buyer: str, *, since_us: int) -> Count:
    """Count a buyer's units that were bought in a period: how many, reported, confirmed."""
    rows = ask(
        connection,
        "SELECT c.line, c.unit, SUM(CASE WHEN c.state LIKE :confirmed THEN 1 ELSE 0 END) AS confirmed FROM cases c"
        f" JOIN lines l ON l.seq = c.line WHERE {_owned()} AND l.placed_us >= :since GROUP BY c.line, c.unit",
        confirmed=_CONFIRMED,
        buyer=buyer,
        since=since_us,
    ).all()
    units = ask(
        connection,
        f"SELECT COALESCE(SUM(l.quantity), 0) FROM lines l WHERE {_owned()} AND l.placed_us >= :since",
        buyer=buyer,
        since=since_us,
    ).scalar_one()
    return _count(units, [row.confirmed for row in rows])


def count_shop(connection: Connection, *, since_us: int) -> Counted:
    """Count the units of the whole shop that were bought in a period.

    Cost: a pass over the lines, and one over the cases.
    """
    units, buyers = ask(
        connection,
        f"SELECT COALESCE(SUM(l.quantity), 0), COUNT(DISTINCT {_OWN_NAME}) FROM lines l WHERE l.placed_us >= :since",
        since=since_us,
    ).one()
    rows = ask(
        connection,
        f"SELECT c.line, c.unit, {_OWN_NAME} AS buyer, COUNT(*) AS reports,"
        " SUM(CASE WHEN c.state LIKE :confirmed THEN 1 ELSE 0 END) AS confirmed"
        " FROM cases c JOIN lines l ON l.seq = c.line WHERE l.placed_us >= :since GROUP BY c.line, c.unit, buyer",
        confirmed=_CONFIRMED,
        since=since_us,
    ).all()
    by_buyer = Counter[str]()
    for row in rows:
        by_buyer[row.buyer] += row.reports - row.confirmed
    return Counted(
        of_shop=_count(units, [row.confirmed for row in rows]),
        units_by_reports=_spread((row.reports - row.confirmed for row in rows), units),
        buyers_by_reports=_spread(by_buyer.values(), buyers),
    )


def buyer_cases(connection: Connection, buyer: str, *, since_us: int) -> list[str]:
    """Give the numbers of a buyer's cases that were opened in a period."""
    rows = ask(
        connection,
        f"SELECT c.case_id FROM cases c JOIN lines l ON l.seq = c.line WHERE {_owned()} AND c.opened_us >= :since ORDER BY c.id",
        buyer=buyer,
        since=since_us,
    )
    return [row[0] for row in rows]


def _owned() -> str:
    """Lines of a buyer; both ways to name one are looked up by an index."""
    return "(l.buyer_id = :buyer OR (l.buyer_id IS NULL AND l.order_id = SUBSTR(:buyer, 7)))"


def _count(units: int, confirmed: list[int]) -> Count:
    return Count(units=units, reported=min(len(confirmed), units), confirmed=min(sum(map(bool, confirmed)), units))


def _spread(unconfirmed: Iterable[int], whole: int) -> tuple[int, ...]:
    """How many have 0, 1, 2, … unconfirmed reports, of so many in all."""
    counts = Counter(unconfirmed)
    most = max(counts, default=0)
    having = [counts[reports] for reports in range(1, most + 1)]
    return (max(whole - sum(having), 0), *having)
