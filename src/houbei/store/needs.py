"""What waits for a person, besides settlements that are parked by their own state."""

from sqlalchemy import Connection

from houbei.store.statements import ask


def is_needed(connection: Connection, *, kind: str, ref: str) -> bool:
    """Whether something is before a person."""
    found = ask(connection, "SELECT EXISTS (SELECT 1 FROM needs WHERE kind = :kind AND ref = :ref)", kind=kind, ref=ref)
    return bool(found.scalar())


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
