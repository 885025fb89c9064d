"""What buyers are told: decided once under an id that is derived from what it is about, sent or said by a person, and then a fact, once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from houbei.facts.steps import Person
from houbei.store.digests import columns_of
from houbei.store.intake import append_facts
from houbei.store.people import by_key, note_people
from houbei.store.statements import ask, in_parts
from houbei.store.telling_tables import TELLINGS

_NAMES = "t.seq, t.telling, t.source, t.delivery_id, t.order_id, t.kind, t.promise, t.zh, t.en, t.told, t.decided_us, t.by_us"
_WORK = "w.state, w.attempts, w.due_us, w.holder, w.reason"
_SELECT = f"SELECT {_NAMES}, {_WORK} FROM telling_work w JOIN tellings t ON t.seq = w.seq"
_FACTS = columns_of(TELLINGS.name)
NO_CHANNEL = "no_channel"
"""Why a telling waits for a person: nobody sends it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Something that a buyer is to be told; see the columns of `TELLINGS`."""

    telling: str
    source: str
    delivery_id: str
    order_id: str
    kind: str
    promise: str | None
    zh: str
    en: str
    told: str
    decided_us: int
    by_us: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided(Said):
    """What a buyer is to be told at `due_us` or later."""

    due_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling(Said):
    """A telling and how far it has come; see the columns of `TELLING_WORK`."""

    seq: int
    state: str
    attempts: int
    due_us: int | None
    holder: str | None
    reason: str | None


def add_tellings(connection: Connection, decided: Sequence[Decided]) -> int:
    """Add what buyers are to be told, each once however often it is decided.

    Args:
        connection: In a writing transaction.
        decided: What they are to be told.

    Returns:
        How many were new.

    Cost: some 20 µs each.
    """
    rows = [tuple(getattr(one, name) for name in _FACTS) for one in decided]
    taken = append_facts(connection, "tellings", rows)
    if taken.new:
        connection.exec_driver_sql(
            "INSERT INTO telling_work (seq, state, due_us) SELECT seq, 'due', ? FROM tellings WHERE telling = ?"
            " ON CONFLICT (seq) DO NOTHING",
            [(one.due_us, one.telling) for one in decided],
        )
    return taken.new


def due_tellings(connection: Connection, *, now_us: int, most: int) -> list[Telling]:
    """Give the tellings that are to be sent, the longest due first; of each delivery the first that was decided, so that none overtakes it."""
    rows = ask(
        connection,
        f"{_SELECT} WHERE w.due_us <= :now AND NOT EXISTS (SELECT 1 FROM tellings e JOIN telling_work v ON v.seq = e.seq"
        " WHERE e.delivery_id = t.delivery_id AND e.source = t.source AND e.seq < t.seq AND v.state = 'due')"
        " ORDER BY w.due_us, w.seq LIMIT :most",
        now=now_us,
        most=most,
    )
    return [_telling(row) for row in rows]


def parked_tellings(connection: Connection, *, reason: str | None = None, most: int) -> list[Telling]:
    """Give the tellings that wait for a person, in the order in which they were decided; of one reason alone where it is named."""
    rows = ask(
        connection,
        f"{_SELECT} WHERE w.state = 'parked' AND (:reason IS NULL OR w.reason = :reason) ORDER BY w.seq LIMIT :most",
        reason=reason,
        most=most,
    )
    return [_telling(row) for row in rows]


def waiting_tellings(connection: Connection, *, most: int) -> list[Telling]:
    """Give the tellings that nobody has heard yet, in the order in which they were decided."""
    rows = ask(connection, f"{_SELECT} WHERE w.state IN ('due', 'parked') ORDER BY w.seq LIMIT :most", most=most)
    return [_telling(row) for row in rows]


def find_telling(connection: Connection, ref: str) -> Telling | None:
    """Give a telling by its id, or by its number in this store; None where there is none."""
    number = int(ref) if ref.isascii() and ref.isdecimal() else -1
    row = ask(connection, f"{_SELECT} WHERE t.telling = :ref OR t.seq = :number", ref=ref, number=number).one_or_none()
    return None if row is None else _telling(row)


def tellings_of(connection: Connection, delivery_ids: Iterable[str]) -> dict[tuple[str, str], list[Telling]]:
    """Give the tellings of some deliveries by source and delivery_id, in the order in which they were decided."""
    found: dict[tuple[str, str], list[Telling]] = {}
    for places, some in in_parts(sorted(delivery_ids)):
        rows = connection.exec_driver_sql(f"{_SELECT} WHERE t.delivery_id IN ({places}) ORDER BY t.seq", some)
        for row in rows:
            found.setdefault((row.source, row.delivery_id), []).append(_telling(row))
    return found


def set_work(connection: Connection, work: Iterable[tuple[str, int, int | None, str | None, str | None, int]]) -> None:
    """Note how far tellings have come.

    Args:
        connection: In a writing transaction.
        work: (state, attempts, due_us, holder, reason, seq).
    """
    rows = list(work)
    if rows:
        connection.exec_driver_sql(
            "UPDATE telling_work SET state = ?, attempts = ?, due_us = ?, holder = ?, reason = ? WHERE seq = ?", rows
        )


def note_told(connection: Connection, telling: Telling, *, at_us: int, person: Person | None) -> None:
    """Note that a buyer was told, by a person or by the channel; it is noted once.

    Args:
        connection: In a writing transaction.
        telling: What they were told.
        at_us: When.
        person: Who told them, by their own name; None for the channel.
    """
    who: tuple[Any, ...] = ("channel", at_us, None, None, None)
    if person is not None:
        note_people(connection, [person])
        keyed = by_key(person)
        who = ("person", at_us, keyed.name, keyed.role, int(keyed.named))
    append_facts(connection, "told", [(telling.telling, *who)])
    set_work(connection, [("told", telling.attempts, None, None, None, telling.seq)])


def await_payment(connection: Connection, deliveries: Sequence[int]) -> None:
    """Note deliveries whose buyers are to hear of a payment once it is made."""
    if deliveries:
        connection.exec_driver_sql(
            "INSERT INTO payments_awaited (delivery) VALUES (?) ON CONFLICT (delivery) DO NOTHING",
            [(one,) for one in deliveries],
        )


def await_no_payment(connection: Connection, deliveries: Sequence[int]) -> None:
    """Note that nobody is to hear of a payment for some deliveries any more."""
    if deliveries:
        connection.exec_driver_sql("DELETE FROM payments_awaited WHERE delivery = ?", [(one,) for one in deliveries])


def settled_payments(connection: Connection, *, most: int) -> list[int]:
    """Give deliveries with payments to tell of, on whose covers nothing is on its way any more, in their order. Cost: some µs a delivery that waits."""
    rows = ask(
        connection,
        "SELECT a.delivery FROM payments_awaited a JOIN deliveries d ON d.delivery = a.delivery WHERE NOT EXISTS"
        " (SELECT 1 FROM actions x WHERE x.cover = d.cover AND x.state NOT IN ('confirmed', 'reconciled', 'credited', 'stopped'))"
        " ORDER BY a.delivery LIMIT :most",
        most=most,
    )
    return [row[0] for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class LatePayment:
    """What is owed for a late delivery in one settlement: an amount in a currency or in points, which way it goes, and how far it has come."""

    sequence: int
    kind: str
    state: str
    amount: int
    unit: str


def late_payments(connection: Connection, *, delivery: int) -> list[LatePayment]:
    """Give what is owed for a late delivery, settlement by settlement; what was stopped is left out.

    Where several deliveries are booked on one cover, it is the promise that an entry cites that tells whose it is.
    """
    rows = ask(
        connection,
        "SELECT a.sequence, a.kind, a.state, a.amount_minor AS amount, a.currency AS unit FROM deliveries d"
        " JOIN entries e ON e.cover = d.cover AND e.code = 'owed' AND e.debit = 'delivery_guarantee'"
        " JOIN actions a ON a.cover = e.cover AND a.sequence = e.sequence"
        " LEFT JOIN promises_given p ON p.seq = d.promise"
        " WHERE d.delivery = :delivery AND a.state <> 'stopped' AND (p.seq IS NULL OR"
        "  (SELECT COUNT(*) FROM deliveries o WHERE o.cover = d.cover) = 1 OR"
        "  e.fact = 'promise:' || p.source || '/' || p.promise_id) ORDER BY a.sequence",
        delivery=delivery,
    )
    return [LatePayment(**row._mapping) for row in rows]  # noqa: SLF001  SQLAlchemy's public name for a row as a mapping


def _telling(row: Row[Any]) -> Telling:
    return Telling(**row._mapping)  # noqa: SLF001  SQLAlchemy's public name for a row as a mapping
