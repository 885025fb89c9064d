"""What waits for a person, besides settlements that are parked by their own state."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from houbei.store.statements import ask


def is_needed(connection: Connection, *, kind: str, ref: str) -> bool:
    """Whether something is before a person."""
    found = ask(connection, "SELECT EXISTS (SELECT 1 FROM needs WHERE kind = :kind AND ref = :ref)", kind=kind, ref=ref)
    return bool(found.scalar())


def refs_needed(connection: Connection, *, kind: str) -> frozenset[str]:
    """Give the refs of everything of one kind that is before a person."""
    return frozenset(row[0] for row in ask(connection, "SELECT ref FROM needs WHERE kind = :kind", kind=kind))


def told_of_needs(connection: Connection, *, kind: str) -> list[str]:
    """Give what everything of one kind that is before a person tells, as JSON, in the order of its refs."""
    return [row[0] for row in ask(connection, "SELECT told FROM needs WHERE kind = :kind ORDER BY ref", kind=kind)]


def need_person(
    connection: Connection, *, kind: str, ref: str, since_us: int, told: str, money: tuple[int, str] | None
) -> None:
    """Put something before a person, once."""
    amount, currency = money or (None, None)
    ask(
        connection,
        "INSERT INTO needs (kind, ref, since_us, told, amount_minor, currency)"
        " VALUES (:kind, :ref, :since, :told, :amount, :currency) ON CONFLICT (kind, ref) DO NOTHING",
        kind=kind,
        ref=ref,
        since=since_us,
        told=told,
        amount=amount,
        currency=currency,
    )


def need_no_longer(connection: Connection, *, kind: str, ref: str) -> None:
    """Take something off a person's list."""
    ask(connection, "DELETE FROM needs WHERE kind = :kind AND ref = :ref", kind=kind, ref=ref)


def keep_needs(connection: Connection, kind: str, *, put: Sequence[tuple[Any, ...]], gone: Sequence[str]) -> None:
    """Keep what waits for a person of one kind: what changed is told anew, and waits since it first did.

    Args:
        connection: In a writing transaction.
        kind: What sort of matters they are.
        put: (kind, ref, since_us, told, amount_minor, currency).
        gone: The refs of what no longer waits.
    """
    if put:
        connection.exec_driver_sql(
            "INSERT INTO needs (kind, ref, since_us, told, amount_minor, currency) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (kind, ref) DO UPDATE SET told = excluded.told, amount_minor = excluded.amount_minor",
            list(put),
        )
    if gone:
        connection.exec_driver_sql("DELETE FROM needs WHERE kind = ? AND ref = ?", [(kind, ref) for ref in gone])
