"""Settlements led on as the outbox does it, without a provider."""

from sqlalchemy import Engine

from houbei.ledger.entries import REACHED, Code, State, sides_of
from houbei.store.books import append_entries
from houbei.store.database import writing
from houbei.store.digests import next_batch
from tests.live.stores import rows_of


def lead_on(database: Engine, cover: int, sequence: int, *codes: Code, now_us: int = 0) -> None:
    """Post what happens to one settlement, step by step."""
    with writing(database) as connection:
        for code in codes:
            row = connection.exec_driver_sql(
                "SELECT a.state, e.amount_minor, e.currency, e.clause, e.fact, e.at_us, e.credit,"
                " (SELECT MAX(sequence) FROM entries l WHERE l.cover = a.cover) AS last"
                " FROM actions a JOIN entries e ON e.cover = a.cover AND e.sequence = a.sequence"
                " WHERE a.cover = ? AND a.sequence = ?",
                (cover, sequence),
            ).one()
            debit, credit = sides_of(code, state=State(row.state))
            why = (row.amount_minor, row.currency, row.clause, row.fact, row.at_us, sequence, now_us)
            batch = next_batch(connection)
            entry = (cover, row.last + 1, code.value, debit.value, credit.value, *why, batch)
            append_entries(connection, [entry], batch=batch)
            connection.exec_driver_sql(
                "UPDATE actions SET state = ?, due_us = NULL WHERE cover = ? AND sequence = ?",
                (REACHED[code].value, cover, sequence),
            )


def pay_what_is_due(database: Engine, *, most: int = 2**30) -> int:
    """Pay settlements that are due, the oldest first; give how many."""
    due = rows_of(database, "SELECT cover, sequence FROM actions WHERE state = 'due' ORDER BY cover, sequence")[:most]
    for cover, sequence in due:
        lead_on(database, cover, sequence, Code.INSTRUCTED, Code.CONFIRMED)
    return len(due)


def paid_by_line(database: Engine) -> dict[str, int]:
    """What was paid to the buyer of each line, whatever became of what it was owed for."""
    query = (
        "SELECT l.line_id, SUM(a.amount_minor) FROM actions a JOIN covers c ON c.cover = a.cover JOIN lines l ON l.seq = c.line"
        " WHERE a.state IN ('confirmed', 'reconciled', 'credited') GROUP BY l.line_id"
    )
    return dict(rows_of(database, query))
