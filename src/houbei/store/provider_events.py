"""Events that a provider told of, each kept once until somebody has looked at what it names."""

from collections.abc import Sequence

from sqlalchemy import Connection

from houbei.store.statements import ask


def keep_event(connection: Connection, *, event_id: str, reference: str, known_us: int) -> None:
    """Keep an event; the second of one id changes nothing."""
    ask(
        connection,
        "INSERT INTO hooks (event_id, reference, known_us) VALUES (:id, :reference, :known) ON CONFLICT (event_id) DO NOTHING",
        id=event_id,
        reference=reference,
        known=known_us,
    )


def waiting_events(connection: Connection, *, most: int) -> list[tuple[str, str]]:
    """Give the events that nobody has looked at, the oldest first: id, and the refund it names."""
    rows = ask(
        connection,
        "SELECT event_id, reference FROM hooks WHERE looked = 0 ORDER BY known_us, event_id LIMIT :most",
        most=most,
    )
    return [(row.event_id, row.reference) for row in rows]


def note_looked(connection: Connection, events: Sequence[str]) -> None:
    """Note that somebody has looked at what some events name."""
    if events:
        connection.exec_driver_sql("UPDATE hooks SET looked = 1 WHERE event_id = ?", [(one,) for one in events])
