"""From what a provider said to entries: the one place where an answer, a look, an event or a reconciliation changes a settlement.

Answers come late, twice and in any order. Each is a fact (`replies`); what it changes depends on the state the settlement is in, so the
second of two equal answers changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec
from sqlalchemy import Connection

from houbei.errors import InputError
from houbei.ledger.entries import REACHED, Code, State
from houbei.payments.answers import Refusal, Unanswered
from houbei.payments.provider import Receipt, Stands
from houbei.store.needs import need_no_longer, need_person
from houbei.store.settlements import (
    Settlement,
    Step,
    append_replies,
    find_settlement,
    may_follow,
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


def settle_receipts(connection: Connection, provider: str, receipts: Sequence[Receipt], *, now_us: int) -> int:
    """Settle by receipts, whichever way they came.

    Args:
        connection: In a writing transaction.
        provider: Who gave them.
        receipts: Refunds as the provider has them.
        now_us: When we learnt of them.

    Returns:
        How many of them no settlement of ours explains; a person must look at those.
    """
    append_replies(connection, [_reply(provider, receipt, now_us) for receipt in receipts])
    current: dict[str, Settlement] = {}
    changes, foreign = list[Change](), 0
    for receipt in receipts:
        found = current.get(receipt.settlement or "") or settlement_of(
            connection, dict(receipt.told), receipt.settlement
        )
        if found is None:
            foreign += 1
            if receipt.stands is Stands.SUCCEEDED:
                _note_outside(connection, provider, receipt, now_us)
        else:
            change = change_by(provider, found, receipt, now_us=now_us)
            current[found.key] = replace(found, state=change.state)
            changes.append(change)
    make_changes(connection, changes, now_us=now_us)
    return foreign


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What an answer changes: entries to post, the state and the moment of the next look (None: none), why, and whether a person must."""

    settlement: Settlement
    steps: tuple[Step, ...] = ()
    state: State
    due_us: int | None = None
    reason: str | None = None
    needs_person: bool = False
    nothing: bool = False


def change_by(provider: str, settlement: Settlement, receipt: Receipt, *, now_us: int) -> Change:
    """Say what a receipt changes for its settlement."""
    fact = f"reply:{provider}/{receipt.reference}/{receipt.stands}"
    if (receipt.amount_minor, receipt.currency, receipt.payment) != _money(settlement):
        return Change(settlement=settlement, state=settlement.state, reason="amount_differs", needs_person=True)
    codes = [Code.INSTRUCTED] if settlement.state is State.DUE else []
    if receipt.stands is Stands.SUCCEEDED:
        codes.append(Code.CONFIRMED)
    elif receipt.stands is Stands.FAILED:
        paid = settlement.state in {State.CONFIRMED, State.RECONCILED}
        codes += [Code.RETURNED if paid else Code.REFUSED, Code.CREDITED]
    pending = receipt.stands is Stands.PENDING
    if codes and not may_follow(settlement, codes[0]):
        return Change(settlement=settlement, state=settlement.state, nothing=True)
    if not codes and not (pending and settlement.state in {State.INSTRUCTED, State.UNKNOWN}):
        return Change(settlement=settlement, state=settlement.state, nothing=True)
    return Change(
        settlement=settlement,
        steps=tuple(Step(settlement=settlement, code=code, fact=fact, at_us=receipt.at_us) for code in codes),
        state=REACHED[codes[-1]] if codes else settlement.state,
        due_us=now_us + wait_us(settlement) if pending else None,
        reason=receipt.reason,
    )


def make_changes(connection: Connection, changes: Sequence[Change], *, now_us: int) -> None:
    """Post what answers change, each settlement's in their order, and note how far settlements have come."""
    made = [change for change in changes if not change.nothing]
    post_steps(connection, [step for change in made for step in change.steps], now_us=now_us)
    set_actions(connection, [_noted(change.settlement, change.state, change.due_us, change.reason) for change in made])
    for change in made:
        if change.needs_person:
            _tell(connection, change.settlement, change.reason or "", now_us)
        elif change.steps and change.due_us is None:
            need_no_longer(connection, kind=PARKED, ref=change.settlement.ref)


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


def settle_silence(
    connection: Connection, settlement: Settlement, silence: Unanswered, *, heard_us: int | None, now_us: int
) -> None:
    """No answer: the settlement is looked for before it is asked again, and is in doubt where the provider may have acted.

    Args:
        connection: In a writing transaction.
        settlement: As it stands.
        silence: Why there is no answer.
        heard_us: Since when the provider may have heard of it, before this attempt; None where it surely had not.
        now_us: What time it is.
    """
    state = settlement.state
    if not silence.may_have_acted:
        settlement = replace(settlement, asked_us=heard_us)
    elif may_follow(settlement, Code.UNKNOWN):
        post_steps(connection, [Step(settlement=settlement, code=Code.UNKNOWN, fact=None, at_us=now_us)], now_us=now_us)
        state = State.UNKNOWN
    if state in {State.INSTRUCTED, State.UNKNOWN}:
        _look_later(
            connection, settlement, now_us, reason=silence.reason, state=state, asked_wait_us=silence.wait_s * 1_000_000
        )


def park_expired(connection: Connection, settlement: Settlement, *, now_us: int) -> None:
    """Its key is forgotten by now and no refund was found: asking again might pay twice, so a person decides."""
    _park(connection, settlement, KEY_EXPIRED, now_us)


def reconcile_receipts(connection: Connection, provider: str, receipts: Sequence[Receipt], *, now_us: int) -> int:
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


def settle_by_hand(
    connection: Connection, *, cover: int, sequence: int, reference: str | None, person: str, now_us: int
) -> Settlement:
    """Let a person settle what is parked: the provider paid it (its reference says where), or it never did and becomes store credit.

    Args:
        connection: In a writing transaction.
        cover: The settlement's cover.
        sequence: The settlement's sequence.
        reference: The provider's own number of the refund; None where there is none.
        person: Who decides; the entries name them.
        now_us: What time it is.

    Raises:
        InputError: there is no such settlement, or it does not wait for a person.
    """
    found = find_settlement(connection, cover=cover, sequence=sequence)
    if found is None or not waits_for_person(found):
        raise InputError(
            came="no settlement" if found is None else f"a settlement that is {found.state}",
            where=f"{cover}/{sequence}",
            expected="one that waits for a person",
            todo="Look at the list that houbei settle prints.",
        )
    fact = f"person:{person}" + (f"/{reference}" if reference else "")
    if reference is not None:
        codes = [Code.CONFIRMED]
    else:
        codes = [Code.CREDITED] if may_follow(found, Code.CREDITED) else [Code.REFUSED, Code.CREDITED]
    if not may_follow(found, codes[0]):
        raise InputError(
            came=f"a refund {reference} for a settlement that the provider refused",
            where=f"{cover}/{sequence}",
            expected="a settlement in doubt",
            todo="Leave --paid out: it becomes store credit.",
        )
    steps = tuple(Step(settlement=found, code=code, fact=fact, at_us=now_us) for code in codes)
    change = Change(settlement=found, steps=steps, state=REACHED[codes[-1]], reason=found.reason)
    make_changes(connection, [change], now_us=now_us)
    return found


def waits_for_person(settlement: Settlement) -> bool:
    """Whether nothing but a person leads a settlement on."""
    asked = {State.INSTRUCTED, State.UNKNOWN, State.REFUSED, State.RETURNED}
    return settlement.due_us is None and settlement.state in asked


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
    need_no_longer(connection, kind=PARKED, ref=settlement.ref)


def _park(connection: Connection, settlement: Settlement, reason: str, now_us: int) -> None:
    set_actions(connection, [_noted(settlement, settlement.state, None, reason)])
    _tell(connection, settlement, reason, now_us)


def _tell(connection: Connection, settlement: Settlement, reason: str, now_us: int) -> None:
    told = {"cover": settlement.cover, "sequence": settlement.sequence, "line_id": settlement.line_id, "reason": reason}
    need_person(
        connection,
        kind=PARKED,
        ref=settlement.ref,
        since_us=now_us,
        told=msgspec.json.encode(told).decode(),
        money=(settlement.amount_minor, settlement.currency),
    )


def _noted(settlement: Settlement, state: State, due_us: int | None, reason: str | None) -> tuple[object, ...]:
    key = (settlement.cover, settlement.sequence)
    return (state.value, due_us, settlement.attempts, settlement.asked_us, None, reason, *key)
