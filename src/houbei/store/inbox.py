"""What nobody has looked at yet: facts in the inbox, moments that come, and the covers that new lines are bound to."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection

from houbei.store.statements import ask

PRICES_MAX = 500_000
"""How many new prices of one import are taken out at once: they are noted by series, not looked at one by one."""
_LATER = {
    "lines": "SELECT placed_us, 'lines', seq FROM lines WHERE seq BETWEEN :first AND :last AND placed_us > :now",
    "prices": "SELECT at_us, 'prices', seq FROM prices WHERE seq BETWEEN :first AND :last AND at_us > :now",
    "events": (
        "SELECT e.at_us, 'lines', l.seq FROM events e JOIN lines l ON l.source = e.line_source AND l.line_id = e.line_id"
        " WHERE e.seq BETWEEN :first AND :last AND e.at_us > :now"
    ),
    "promises_given": (
        "SELECT shown_us, 'promises_given', seq FROM promises_given WHERE seq BETWEEN :first AND :last AND shown_us > :now"
    ),
    "scans": "SELECT at_us, 'scans', seq FROM scans WHERE seq BETWEEN :first AND :last AND at_us > :now",
    "closures": (
        "SELECT known_at_us, 'closures', seq FROM closures WHERE seq BETWEEN :first AND :last AND known_at_us > :now"
    ),
}
"""Facts that have been told but have not happened yet: look again when they have."""


def anything_waits(connection: Connection, *, now_us: int) -> bool:
    """Whether there is anything to look at by now."""
    found = ask(
        connection,
        "SELECT EXISTS (SELECT 1 FROM inbox) OR EXISTS (SELECT 1 FROM stale)"
        " OR EXISTS (SELECT 1 FROM due WHERE due_us <= :now)",
        now=now_us,
    )
    return bool(found.scalar())


def take_out(connection: Connection, *, now_us: int, facts_max: int) -> Iterator[tuple[str, int, int]]:
    """Take moments that have come and facts out: (the table of the facts, first row, last row).

    Args:
        connection: In a writing transaction.
        now_us: What time it is.
        facts_max: How many rows to take out at most; prices of one import are taken out together.
    """
    came = ask(
        connection,
        "SELECT due_us, kind, ref FROM due WHERE due_us <= :now ORDER BY due_us, kind, ref LIMIT :most",
        now=now_us,
        most=facts_max,
    ).all()
    if came:
        connection.exec_driver_sql(
            "DELETE FROM due WHERE due_us = ? AND kind = ? AND ref = ?", [tuple(row) for row in came]
        )
    yield from ((kind, ref, ref) for _, kind, ref in came)
    left = facts_max - len(came)
    for row, kind, first, last in ask(connection, "SELECT id, kind, first, last FROM inbox ORDER BY id").all():
        if left <= 0:
            return
        until = min(last, first + (PRICES_MAX if kind == "prices" else left) - 1)
        left -= until - first + 1
        if until == last:
            ask(connection, "DELETE FROM inbox WHERE id = :id", id=row)
        else:
            ask(connection, "UPDATE inbox SET first = :first WHERE id = :id", first=until + 1, id=row)
        later = f"INSERT INTO due (due_us, kind, ref) {_LATER[kind]} ON CONFLICT DO NOTHING"
        ask(connection, later, first=first, last=until, now=now_us)
        yield kind, first, until


def take_one_out(connection: Connection, *, kind: str, row: int, now_us: int) -> None:
    """Take one fact out that whoever told of it looks at right away; what has not happened yet is looked at again when it has."""
    later = f"INSERT INTO due (due_us, kind, ref) {_LATER[kind]} ON CONFLICT DO NOTHING"
    ask(connection, later, first=row, last=row, now=now_us)
    ask(connection, "DELETE FROM inbox WHERE kind = :kind AND first = :row AND last = :row", kind=kind, row=row)


def look_later(connection: Connection, rows: Sequence[tuple[int, int]]) -> None:
    """Look at lines again when moments come: (moment, number of the line)."""
    if rows:
        connection.exec_driver_sql(
            "INSERT INTO due (due_us, kind, ref) VALUES (?, 'lines', ?) ON CONFLICT DO NOTHING", list(rows)
        )


def add_covers(connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    """Add covers, or note when those that are there close now: (line, terms, sku, closes_us, state)."""
    if rows:
        connection.exec_driver_sql(
            "INSERT INTO covers (line, terms, sku, closes_us, state) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (line, terms) DO UPDATE SET closes_us = excluded.closes_us, state = excluded.state",
            list(rows),
        )


NO_PRICE_US = 0
"""When a cover closes to which no price matters: a replacement's, a return's or an arrival's."""
GRANTED = "granted"
"""The state of a cover that a line has because a person decided so, beyond the scope of its promise."""


def cover_for(connection: Connection, *, line: int, terms: int) -> int:
    """Give the cover of a line under a promise that no price matters to; one is made where none was bound.

    Args:
        connection: In a writing transaction.
        line: The number of the line.
        terms: The number of the promise.
    """
    find = "SELECT cover FROM covers WHERE line = :line AND terms = :terms"
    found = ask(connection, find, line=line, terms=terms).scalar()
    if found is None:
        sku = ask(connection, "SELECT sku FROM lines WHERE seq = :line", line=line).scalar_one()
        add_covers(connection, [(line, terms, sku, NO_PRICE_US, GRANTED)])
        found = ask(connection, find, line=line, terms=terms).scalar_one()
    return int(found)
