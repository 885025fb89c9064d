"""Small notes of where things stand, by name."""

from sqlalchemy import Connection

from houbei.store.statements import ask

LIVED = "lived_us"
"""The latest moment the store has lived through."""

GUARANTEE_IS = "guarantee_is"
"""What the shop books the guarantee's cost as (`ledger.accounts.Nature`)."""


def read_mark(connection: Connection, name: str) -> str | None:
    """Give a note, None where there is none."""
    found: str | None = ask(connection, "SELECT value FROM marks WHERE name = :name", name=name).scalar()
    return found


def write_mark(connection: Connection, name: str, value: str) -> None:
    """Write a note over the one of its name."""
    ask(
        connection,
        "INSERT INTO marks (name, value) VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = :value",
        name=name,
        value=value,
    )


def live_through(connection: Connection, now_us: int) -> int:
    """Note that it is `now_us`; give the latest moment ever noted.

    A clock that goes back must not make facts undone: what has happened stays happened.
    """
    lived = int(read_mark(connection, LIVED) or 0)
    if now_us > lived:
        write_mark(connection, LIVED, str(now_us))
    return max(now_us, lived)


def lived_until(connection: Connection) -> int:
    """Give the latest moment the store has lived through, 0 before the first."""
    return int(read_mark(connection, LIVED) or 0)
