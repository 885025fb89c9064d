"""Work and kept conclusions of the covers that are looked at: what is stopped, what waited and may go, when they close, what is held."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection

from houbei.store.statements import ask

WAITS_FOR_DISPATCH = "waits_for_dispatch"
"""Why an action is due and nobody is asked yet."""
WAITS_FOR_SCANS = "waits_for_scans"
"""Why what a late arrival is owed is not asked for yet: word of the arrival may be on its way."""


def stop_actions(connection: Connection, settlements: Sequence[tuple[int, int]]) -> None:
    """Note settlements as stopped: (cover, sequence). No person needs to look at them any more."""
    if settlements:
        connection.exec_driver_sql(
            "UPDATE actions SET state = 'stopped', due_us = NULL WHERE cover = ? AND sequence = ?", list(settlements)
        )
        refs = [(f"{cover}/{sequence}",) for cover, sequence in settlements]
        connection.exec_driver_sql("DELETE FROM needs WHERE kind = 'parked' AND ref = ?", refs)


def release_actions(connection: Connection, ready: Collection[int], *, waits: str, now_us: int) -> None:
    """Let the actions go that waited for something that has happened.

    Args:
        connection: Where `touched` is.
        ready: The covers for which it has.
        waits: What they waited for: `WAITS_FOR_DISPATCH` or `WAITS_FOR_SCANS`.
        now_us: What time it is.
    """
    waiting = ask(
        connection,
        "SELECT a.cover, a.sequence FROM touched t CROSS JOIN actions a"
        " WHERE a.cover = t.cover AND a.state = 'due' AND a.reason = :waits",
        waits=waits,
    ).all()
    released = [(now_us, cover, sequence) for cover, sequence in waiting if cover in ready]
    if released:
        connection.exec_driver_sql(
            "UPDATE actions SET reason = NULL, due_us = CASE WHEN kind = 'funder' THEN NULL ELSE ? END"
            " WHERE cover = ? AND sequence = ?",
            released,
        )


def close_covers(connection: Connection, rows: Sequence[tuple[int, int]]) -> None:
    """Note when covers close: (closes_us, cover)."""
    if rows:
        connection.exec_driver_sql("UPDATE covers SET closes_us = ? WHERE cover = ?", list(rows))


def keep_held(connection: Connection, rows: Sequence[tuple[int, int, int, int, int]]) -> None:
    """Keep what is held for the covers that are looked at, instead of what was: (cover, price, at_us, quantity, amount_minor)."""
    ask(
        connection,
        "DELETE FROM held WHERE cover IN (SELECT t.cover FROM touched t CROSS JOIN held h WHERE h.cover = t.cover)",
    )
    if rows:
        connection.exec_driver_sql(
            "INSERT INTO held (cover, price, at_us, quantity, amount_minor) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (cover, price) DO UPDATE SET quantity = quantity + excluded.quantity,"
            " amount_minor = amount_minor + excluded.amount_minor",
            list(rows),
        )
