"""From what a provider said to entries: the one place where an answer, a look, an event or a reconciliation changes a settlement.

Answers come late, twice and in any order. Each is a fact (`replies`); what it changes depends on the state the settlement is in, so the
second of two equal answers changes nothing.
"""

from collections.abc import Iterable

import msgspec
from sqlalchemy import Connection

from houbei.ledger.entries import Code, State
from houbei.payments.provider import Receipt, Refusal, Stands, Unanswered
from houbei.store.settlements import (
    Settlement,
    Step,
    append_replies,
    may_follow,
    need_no_longer,
    need_person,
    post_steps,
    set_actions,
    settlement_of,
)

WAIT_MIN_US = 2_000_000
WAIT_MAX_US = 3_600_000_000
"""The first and the longest wait before something is looked at again."""
KEY_EXPIRED = "key_expired"
OUTSIDE = "outside_refund"
"""The kind of need under which a refund at the provider waits that no entry explains."""
PARKED = "parked"
"""The kind of need under which a settlement waits for a person."""


def settle_receipts(connection: Connection, provider: str, receipts: Iterable[Receipt], *, now_us: int) -> int:
    """Settle by receipts, whichever way they came.

    Args:
        connection: In a writing transaction.
        provider: Who gave them.
        receipts: Refunds as the provider has them.
        now_us: When we learnt of them.

    Returns:
        How many of them no settlement of ours explains; a person must look at those.
    """
    foreign = 0
    for receipt in receipts:
        append_replies(connection, [_reply(provider, receipt, now_us)])
        settlement = settlement_of(connection, dict(receipt.told), receipt.settlement)
        if settlement is None:
            foreign += 1
            if receipt.stands is Stands.SUCCEEDED:
                _note_outside(connection, provider, receipt, now_us)
        else:
            settle_receipt(connection, provider, settlement, receipt, now_us=now_us)
    return foreign


def settle_receipt(
    connection: Connection, provider: str, settlement: Settlement, receipt: Receipt, *, now_us: int
) -> None:
    """Lead one settlement on by a receipt that is kept already."""
    fact = f"reply:{provider}/{receipt.reference}/{receipt.stands}"
    if (receipt.amount_minor, receipt.currency, receipt.payment) != _money(settlement):
        _park(connection, settlement, "amount_differs", now_us)
        return
    codes: list[Code] = []
    if settlement.state is State.DUE:
        codes.append(Code.INSTRUCTED)
    if receipt.stands is Stands.SUCCEEDED:
        codes.append(Code.CONFIRMED)
    elif receipt.stands is Stands.FAILED:
        paid = settlement.state in {State.CONFIRMED, State.RECONCILED}
        codes += [Code.RETURNED if paid else Code.REFUSED, Code.CREDITED]
    if not codes or not may_follow(settlement, codes[0]):
        if receipt.stands is Stands.PENDING and settlement.state in {State.INSTRUCTED, State.UNKNOWN}:
            _look_later(connection, settlement, now_us, reason=None)
        return
    post_steps(
        connection,
        [Step(settlement=settlement, code=code, fact=fact, at_us=receipt.at_us) for code in codes],
        now_us=now_us,
    )
    if receipt.stands is Stands.PENDING:
        _look_later(connection, settlement, now_us, reason=None, state=State.INSTRUCTED)
        return
    state = State.CREDITED if receipt.stands is Stands.FAILED else State.CONFIRMED
    _close(connection, settlement, state, receipt.reason)


def settle_refusal(connection: Connection, settlement: Settlement, refusal: Refusal, *, now_us: int) -> None:
    """The provider did not act: where the payment is at an end the difference becomes store credit, else a person looks."""
    if not may_follow(settlement, Code.REFUSED):
        return
    codes = [Code.REFUSED, Code.CREDITED] if refusal.final else [Code.REFUSED]
    post_steps(
        connection, [Step(settlement=settlement, code=code, fact=None, at_us=now_us) for code in codes], now_us=now_us
    )
    if refusal.final:
        _close(connection, settlement, State.CREDITED, refusal.code)
    else:
        _close(connection, settlement, State.REFUSED, refusal.code)
        _tell(connection, settlement, refusal.code, now_us)


def settle_silence(connection: Connection, settlement: Settlement, silence: Unanswered, *, now_us: int) -> None:
    """Nobody knows whether the provider acted: the settlement is in doubt, and is looked for before it is asked again."""
    state = settlement.state
    if may_follow(settlement, Code.UNKNOWN):
        post_steps(connection, [Step(settlement=settlement, code=Code.UNKNOWN, fact=None, at_us=now_us)], now_us=now_us)
        state = State.UNKNOWN
    if state in {State.INSTRUCTED, State.UNKNOWN}:
        _look_later(
            connection, settlement, now_us, reason=silence.reason, state=state, asked_wait_us=silence.wait_s * 1_000_000
        )


def park_expired(connection: Connection, settlement: Settlement, *, now_us: int) -> None:
    """Its key is forgotten by now and no refund was found: asking again might pay twice, so a person decides."""
    _park(connection, settlement, KEY_EXPIRED, now_us)


def reconcile_receipts(connection: Connection, provider: str, receipts: Iterable[Receipt], *, now_us: int) -> int:
    """Note of confirmed settlements that they stand in the provider's own records; how many are new.

    Args:
        connection: In a writing transaction.
        provider: Whose records they are.
        receipts: What it lists; kept and settled already.
        now_us: What time it is.
    """
    steps = []
    for receipt in receipts:
        settlement = settlement_of(connection, dict(receipt.told), receipt.settlement)
        if receipt.stands is Stands.SUCCEEDED and settlement is not None and may_follow(settlement, Code.RECONCILED):
            fact = f"reply:{provider}/{receipt.reference}/{receipt.stands}"
            steps.append(Step(settlement=settlement, code=Code.RECONCILED, fact=fact, at_us=receipt.at_us))
    post_steps(connection, steps, now_us=now_us)
    set_actions(connection, [_noted(step.settlement, State.RECONCILED, None, step.settlement.reason) for step in steps])
    return len(steps)


def credit(connection: Connection, settlement: Settlement, *, reason: str | None, now_us: int) -> None:
    """Make it store credit: no provider is asked."""
    post_steps(connection, [Step(settlement=settlement, code=Code.CREDITED, fact=None, at_us=now_us)], now_us=now_us)
    _close(connection, settlement, State.CREDITED, reason)


def wait_us(settlement: Settlement) -> int:
    """How long to wait before the next look: twice as long each time, spread by the settlement's own key."""
    spread = int(settlement.key[14:18], 16) % 512
    wait = min(WAIT_MIN_US << min(settlement.attempts, 20), WAIT_MAX_US)
    return wait + wait * spread // 1024


def _note_outside(connection: Connection, provider: str, receipt: Receipt, now_us: int) -> None:
    """A refund that no entry explains. One under a key of ours may be explained by facts that are still to come."""
    told = {"provider": provider, "reference": receipt.reference, "payment": receipt.payment, "at_us": receipt.at_us}
    need_person(
        connection,
        kind=OUTSIDE,
        ref=f"{provider}/{receipt.reference}",
        since_us=now_us,
        told=msgspec.json.encode(told).decode(),
        money=(receipt.amount_minor, receipt.currency),
    )


def _reply(provider: str, receipt: Receipt, now_us: int) -> tuple[object, ...]:
    who = (provider, receipt.reference, receipt.stands.value, receipt.settlement, receipt.payment)
    return (*who, receipt.amount_minor, receipt.currency, receipt.reason, receipt.at_us, now_us)


def _money(settlement: Settlement) -> tuple[int, str, str]:
    return settlement.amount_minor, settlement.currency, settlement.payment


def _look_later(
    connection: Connection,
    settlement: Settlement,
    now_us: int,
    *,
    reason: str | None,
    state: State | None = None,
    asked_wait_us: int = 0,
) -> None:
    due_us = now_us + max(asked_wait_us, wait_us(settlement))
    set_actions(connection, [_noted(settlement, state or settlement.state, due_us, reason)])


def _close(connection: Connection, settlement: Settlement, state: State, reason: str | None) -> None:
    set_actions(connection, [_noted(settlement, state, None, reason)])
    need_no_longer(connection, kind=PARKED, ref=settlement.key)


def _park(connection: Connection, settlement: Settlement, reason: str, now_us: int) -> None:
    set_actions(connection, [_noted(settlement, settlement.state, None, reason)])
    _tell(connection, settlement, reason, now_us)


def _tell(connection: Connection, settlement: Settlement, reason: str, now_us: int) -> None:
    told = {"cover": settlement.cover, "sequence": settlement.sequence, "line_id": settlement.line_id, "reason": reason}
    need_person(
        connection,
        kind=PARKED,
        ref=settlement.key,
        since_us=now_us,
        told=msgspec.json.encode(told).decode(),
        money=(settlement.amount_minor, settlement.currency),
    )


def _noted(settlement: Settlement, state: State, due_us: int | None, reason: str | None) -> tuple[object, ...]:
    key = (settlement.cover, settlement.sequence)
    return (state.value, due_us, settlement.attempts, settlement.asked_us, None, reason, *key)
