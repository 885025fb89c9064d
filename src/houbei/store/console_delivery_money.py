"""What the console asks of the books about late arrivals: the entries of a delivery, what it is owed, what became owed day by day.

A delivery is booked on the cover of its first line. Where several share a cover, an entry is of the delivery whose promise it cites; what cites none
of them, because a later fact lowered what all are owed, is of the first.
"""

from bisect import bisect_right
from collections.abc import Sequence

from sqlalchemy import Connection

from houbei.ledger.accounts import Account
from houbei.store.console import Entry, Stretch, entries_of_cover
from houbei.store.statements import ask

COST = f"'{Account.DELIVERY_GUARANTEE}' IN (e.debit, e.credit)"
"""That an entry (`e`) says what a late arrival is owed."""
BALANCE = f"SUM(CASE WHEN e.debit = '{Account.DELIVERY_GUARANTEE}' THEN e.amount_minor ELSE -e.amount_minor END)"
SHARED = "(SELECT cover FROM deliveries GROUP BY cover HAVING COUNT(*) > 1)"
"""Covers that several deliveries are booked on."""


def entries_of_delivery(connection: Connection, delivery: int, *, cover: int) -> list[Entry]:
    """Give every entry of a delivery in its sequence. Cost: a few look-ups."""
    entries = entries_of_cover(connection, cover)
    siblings = ask(connection, "SELECT delivery FROM deliveries WHERE cover = :cover ORDER BY delivery", cover=cover)
    first, *others = siblings.scalars().all()
    if not others:
        return entries
    rows = ask(
        connection,
        "SELECT 'promise:' || p.source || '/' || p.promise_id, d.delivery FROM deliveries d JOIN promises_given p"
        " ON p.delivery_id = d.delivery_id AND p.order_id = d.order_id WHERE d.cover = :cover",
        cover=cover,
    )
    owner = {row[0]: row[1] for row in rows}
    facts = {entry.sequence: entry.fact for entry in entries}

    def of(entry: Entry) -> int:
        return int(owner.get(facts[entry.sequence if entry.settles is None else entry.settles], first))

    return [entry for entry in entries if of(entry) == delivery]


def owed_to(connection: Connection, delivery: int, *, cover: int) -> list[tuple[str, int]]:
    """Give what a delivery is owed for being late, by unit: minor units, or points. Cost: as `entries_of_delivery`."""
    return owed_by(entries_of_delivery(connection, delivery, cover=cover))


def owed_by(entries: Sequence[Entry]) -> list[tuple[str, int]]:
    """Add up what entries say is owed for being late, by unit."""
    cost, sums = Account.DELIVERY_GUARANTEE, dict[str, int]()
    for entry in entries:
        sign = (entry.debit == cost) - (entry.credit == cost)
        sums[entry.currency] = sums.get(entry.currency, 0) + sign * entry.amount_minor
    return [(unit, amount) for unit, amount in sorted(sums.items()) if amount]


def owed_by_day(connection: Connection, days: Sequence[Stretch]) -> dict[str, list[int]]:
    """Add up for each day what late arrivals became owed on it, by unit: minor units, or points.

    Args:
        connection: A state of the store.
        days: Stretches of moments that follow one another, at most a few months of them.

    Cost: a pass over the entries of those days.
    """
    rows = ask(
        connection,
        "SELECT e.currency, e.at_us, e.amount_minor FROM entries e WHERE e.code = 'owed' AND e.debit = :cost"
        " AND e.at_us >= :begin AND e.at_us < :until",
        cost=Account.DELIVERY_GUARANTEE,
        begin=days[0][0],
        until=days[-1][1],
    ).all()
    ends, sums = [until_us for _, until_us in days], dict[str, list[int]]()
    for unit, at_us, amount in rows:
        sums.setdefault(unit, [0] * len(days))[bisect_right(ends, at_us)] += amount
    return dict(sorted(sums.items()))
