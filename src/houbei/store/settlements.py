"""The work of the outbox in the store: settlements that are due, the entries that lead them on, and the provider's replies."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from houbei.ids import settlement_id
from houbei.ledger.entries import NEXT, REACHED, Code, State, sides_of
from houbei.store.books import append_entries
from houbei.store.digests import next_batch
from houbei.store.intake import append_facts
from houbei.store.statements import ask

_SETTLEMENT = (
    "SELECT a.cover, a.sequence, a.kind, a.state, o.amount_minor, o.currency, a.payment, a.due_us, a.attempts, a.asked_us,"
    " a.holder, a.reason, l.source, l.line_id, l.order_id, t.term, (SELECT COUNT(*) FROM entries e WHERE e.cover = a.cover"
    "  AND e.sequence <= a.sequence AND e.code = 'owed') AS place"
    " FROM actions a JOIN entries o ON o.cover = a.cover AND o.sequence = a.sequence JOIN covers c ON c.cover = a.cover"
    " JOIN lines l ON l.seq = c.line JOIN terms t ON t.seq = c.terms"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What is to become of one `owed` entry, and how far it has come; `place` is which of its cover's `owed` entries it is."""

    cover: int
    sequence: int
    kind: str
    state: State
    amount_minor: int
    currency: str
    payment: str
    due_us: int | None
    attempts: int
    asked_us: int | None
    holder: str | None
    reason: str | None
    line_id: str
    order_id: str
    place: int
    key: str

    @property
    def ref(self) -> str:
        """Its short name in this store."""
        return f"{self.cover}/{self.sequence}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One entry to post for a settlement: what happened, the fact that says so and its moment."""

    settlement: Settlement
    code: Code
    fact: str | None
    at_us: int


def due_settlements(connection: Connection, *, now_us: int, most: int) -> list[Settlement]:
    """Give the settlements that are to be looked at, the oldest first."""
    rows = ask(
        connection,
        f"{_SETTLEMENT} WHERE a.due_us <= :now ORDER BY a.due_us, a.cover, a.sequence LIMIT :most",
        now=now_us,
        most=most,
    )
    return [_settlement(row) for row in rows]


def parked_settlements(connection: Connection, *, most: int) -> list[Settlement]:
    """Give the settlements that wait for a person, in the order of their covers."""
    rows = ask(
        connection,
        f"{_SETTLEMENT} WHERE a.due_us IS NULL AND a.state IN ('instructed', 'unknown', 'refused', 'returned')"
        " ORDER BY a.cover, a.sequence LIMIT :most",
        most=most,
    )
    return [_settlement(row) for row in rows]


def find_settlement(connection: Connection, *, cover: int, sequence: int) -> Settlement | None:
    """Give one settlement, None where there is none."""
    row = ask(
        connection, f"{_SETTLEMENT} WHERE a.cover = :cover AND a.sequence = :sequence", cover=cover, sequence=sequence
    ).first()
    return None if row is None else _settlement(row)


def settlements_of_case(connection: Connection, *, cover: int, case_id: str) -> list[tuple[str, Settlement]]:
    """Give what a case owes its buyer: the account that each was debited to, and its settlement, in their order."""
    rows = ask(
        connection,
        f"{_SETTLEMENT.replace(' FROM actions', ', o.debit FROM actions')} WHERE a.cover = :cover AND o.fact IN"
        " (SELECT 'step:' || s.source || '/' || s.step_id FROM steps s WHERE s.case_id = :case_id) ORDER BY a.sequence",
        cover=cover,
        case_id=case_id,
    )
    return [(row.debit, _settlement(row)) for row in rows]


def _settlement(row: Row[Any]) -> Settlement:
    return Settlement(
        cover=row.cover,
        sequence=row.sequence,
        kind=row.kind,
        state=State(row.state),
        amount_minor=row.amount_minor,
        currency=row.currency,
        payment=row.payment,
        due_us=row.due_us,
        attempts=row.attempts,
        asked_us=row.asked_us,
        holder=row.holder,
        reason=row.reason,
        line_id=row.line_id,
        order_id=row.order_id,
        place=row.place,
        key=settlement_id(source=row.source, line_id=row.line_id, term=row.term, place=row.place),
    )


def post_steps(connection: Connection, steps: Sequence[Step], *, now_us: int) -> None:
    """Post the entries that lead settlements on, each once.

    Args:
        connection: In a writing transaction in which the settlements were read.
        steps: What happened; several of one settlement in their order. One that cannot follow is an error of the caller.
        now_us: What time it is.

    Raises:
        InvariantError: a step cannot follow the state before it.
    """
    if not steps:
        return
    last: dict[int, int] = {}
    states: dict[tuple[int, int], State] = {}
    batch, rows = next_batch(connection), []
    for step in steps:
        one = step.settlement
        if one.cover not in last:
            last[one.cover] = ask(
                connection, "SELECT MAX(sequence) FROM entries WHERE cover = :cover", cover=one.cover
            ).scalar_one()
        owed = ask(
            connection,
            "SELECT clause, fact FROM entries WHERE cover = :cover AND sequence = :sequence",
            cover=one.cover,
            sequence=one.sequence,
        ).one()
        state = states.get((one.cover, one.sequence), one.state)
        debit, credit = sides_of(step.code, state=state, currency=one.currency)
        states[one.cover, one.sequence] = REACHED[step.code]
        last[one.cover] += 1
        money = (one.amount_minor, one.currency)
        why = (owed.clause, step.fact or owed.fact, step.at_us)
        rows.append(
            (
                one.cover,
                last[one.cover],
                step.code.value,
                debit.value,
                credit.value,
                *money,
                *why,
                one.sequence,
                now_us,
                batch,
            )
        )
    append_entries(connection, rows, batch=batch)


def settlement_of(connection: Connection, told: Mapping[str, str], key: str | None) -> Settlement | None:
    """Give the settlement that a refund at the provider belongs to, by what went along with it; None where it is none of ours."""
    cover, place = told.get("cover", ""), told.get("place", "")
    if key is None or not (cover.isdecimal() and place.isdecimal()):
        return None
    row = ask(
        connection,
        "SELECT sequence FROM entries WHERE cover = :cover AND code = 'owed' ORDER BY sequence LIMIT 1 OFFSET :before",
        cover=int(cover),
        before=max(int(place) - 1, 0),
    ).first()
    found = None if row is None else find_settlement(connection, cover=int(cover), sequence=row.sequence)
    return found if found is not None and found.key == key else None


def may_follow(settlement: Settlement, code: Code) -> bool:
    """Whether something can still happen to a settlement: answers come late and twice."""
    return code in NEXT[settlement.state]


def set_actions(connection: Connection, rows: Iterable[tuple[Any, ...]]) -> None:
    """Note how far settlements have come: (state, due_us, attempts, asked_us, holder, reason, cover, sequence)."""
    listed = list(rows)
    if listed:
        connection.exec_driver_sql(
            "UPDATE actions SET state = ?, due_us = ?, attempts = ?, asked_us = ?, holder = ?, reason = ?"
            " WHERE cover = ? AND sequence = ?",
            listed,
        )


def captured_of(connection: Connection, order_id: str) -> int:
    """What was paid for an order and for its slots, minor units; 0 where no line of it is known. A slot that was moved is paid for once."""
    return int(
        ask(
            connection,
            "SELECT (SELECT COALESCE(SUM(paid_minor), 0) FROM lines WHERE order_id = :order)"
            " + (SELECT COALESCE(SUM(fee_minor), 0) FROM (SELECT MAX(fee_minor) AS fee_minor FROM promises_given"
            "    WHERE order_id = :order AND EXISTS (SELECT 1 FROM lines WHERE order_id = :order) GROUP BY delivery_id) f)",
            order=order_id,
        ).scalar_one()
    )


def promised_to_payment(connection: Connection, order_id: str, *, late: bool) -> int:
    """Add up what an order's own payment is to be given back or was, minor units: what was not stopped, refused or turned into credit.

    Args:
        connection: A state of the store.
        order_id: The order; its payment has its id.
        late: Only what was paid for being late.

    Cost: a look-up for each cover of its lines.
    """
    only = " AND EXISTS (SELECT 1 FROM deliveries d WHERE d.cover = a.cover)" if late else ""
    return int(
        ask(
            connection,
            "SELECT COALESCE(SUM(a.amount_minor), 0) FROM lines l CROSS JOIN covers c CROSS JOIN actions a"
            " WHERE l.order_id = :order AND c.line = l.seq AND a.cover = c.cover AND a.kind = 'refund'"
            f" AND a.payment = :order AND a.state IN ('due', 'instructed', 'unknown', 'confirmed', 'reconciled'){only}",
            order=order_id,
        ).scalar_one()
    )


def asked_of(connection: Connection, payment: str) -> int:
    """What the provider was asked to give back to a payment and has not refused, minor units."""
    return int(
        ask(
            connection,
            "SELECT COALESCE(SUM(amount_minor), 0) FROM actions WHERE payment = :payment AND kind = 'refund'"
            " AND state <> 'due' AND state IN ('instructed', 'unknown', 'confirmed', 'reconciled')",
            payment=payment,
        ).scalar_one()
    )


def append_replies(connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    """Keep what the provider said: (provider, reference, state, settlement, payment, amount_minor, currency, reason, at_us, known_us)."""
    append_facts(connection, "replies", rows)


def reply_to(connection: Connection, key: str) -> Row[Any] | None:
    """Give the latest reply about a settlement that is not a failure, None where there is none."""
    return ask(
        connection,
        "SELECT * FROM replies WHERE settlement = :key AND state <> 'failed' ORDER BY seq DESC LIMIT 1",
        key=key,
    ).first()
