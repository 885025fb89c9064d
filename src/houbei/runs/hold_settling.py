"""From what a provider said of holds to steps of their cases: the one place where an answer, a look or an event changes a hold.

Answers come late, twice and in any order: of two states of one hold the provider says which is the later, and the earlier changes nothing.
What a case must know (held, renewed, lapsed, captured, the card refused) becomes a step, named by the receipt and told in the transaction
that notes it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import msgspec
from sqlalchemy import Connection

from houbei.case.stages import Secured, Stage
from houbei.facts.steps import Step, Teller, Told, What
from houbei.ids import hold_key
from houbei.payments.holds import HoldReceipt, HoldStands
from houbei.runs.hold_wants import (
    CALLS,
    Do,
    Next,
    SecuredCase,
    SecuredCases,
    Wants,
    may_capture,
    next_of,
    wants,
)
from houbei.store.holds import (
    ASKED,
    DROPPED,
    HELD,
    SURPLUS,
    WANTED,
    Hold,
    add_hold,
    find_hold,
    holds_of,
    keep_hold,
)
from houbei.store.needs import need_no_longer, need_person

OURS = "houbei:hold:"
"""What the keys of our holds begin with; others are the shop's own and none of our business."""
OUTSIDE = "outside_hold"
"""The kind of need under which a hold of ours waits that stands for no case here."""
UNEXPLAINED = "unexplained_capture"
"""The kind of need under which an amount waits that was taken while its case no longer allowed it."""
PARKED = "parked_hold"
"""The kind of need under which a hold waits of which the provider will not do what was asked."""
KEY_EXPIRED = "key_expired"
DIFFERS = "amount_differs"
_TELLS_MAX = 8
_STATES: Mapping[HoldStands, str] = MappingProxyType({stands: stands.value for stands in HoldStands})


# --- what a case wants ------------------------------------------------------------------------------------------------


def plan_hold(connection: Connection, secured: SecuredCase, *, now_us: int) -> None:
    """Note what a case wants of holds as it stands now; nobody is asked here.

    Called in the transaction that changed the case, and for every case at a reconciliation: however often, it comes to the same.

    Args:
        connection: In a writing transaction.
        secured: The case as it stands.
        now_us: What time it is.
    """
    holds = holds_of(connection, secured.case_id)
    standing = [hold for hold in holds if hold.stands]
    if not standing and wants(secured.case, secured.rules) is Wants.HOLD:
        _want(connection, secured, holds, now_us=now_us)
    for hold in standing or holds[-1:]:
        found = next_of(hold, secured, alone=not standing, now_us=now_us)
        idle = hold.holder is None and not hold.attempts
        if idle and found.do not in {Do.REST, Do.RENEW}:
            keep_hold(connection, replace(hold, due_us=now_us))


def ask_capture(
    connection: Connection, secured: SecuredCase, *, amount_minor: int, note: str, now_us: int
) -> str | None:
    """Let a person ask that a part of what is held for a case be taken; the case is told when the provider gave its receipt.

    Args:
        connection: In a writing transaction.
        secured: The case as it stands.
        amount_minor: How much.
        note: Why; it goes with the step.
        now_us: What time it is.

    Returns:
        None where it will be asked for; else why not: `no_hold`, `above_hold`, `not_now` (the case's stage does not allow it).
    """
    hold = next((one for one in holds_of(connection, secured.case_id) if one.state == HELD), None)
    if hold is None:
        return "no_hold"
    if amount_minor > hold.amount_minor:
        return "above_hold"
    if not may_capture(secured, amount_minor):
        return "not_now"
    keep_hold(connection, replace(hold, capture_minor=amount_minor, capture_note=note, due_us=now_us))
    return None


def _want(connection: Connection, secured: SecuredCase, holds: Sequence[Hold], *, now_us: int) -> None:
    """Want another hold, unless the card refused the last one of a case that goes on without, or something was taken already."""
    amount, last = secured.to_hold_minor, holds[-1] if holds else None
    refused = last is not None and last.state == HoldStands.REFUSED and secured.case.secured is Secured.LAPSED
    if amount < 1 or refused or any(hold.captured_minor for hold in holds):
        return
    if last is not None and _is_open_again(last, secured):
        state = WANTED if last.asked_us is None else ASKED
        keep_hold(connection, replace(last, state=state, due_us=now_us, reason=None))
        return
    number = 1 if last is None else last.number + 1
    add_hold(connection, _wanted(secured, number, amount_minor=amount, due_us=now_us))


def _is_open_again(hold: Hold, secured: SecuredCase) -> bool:
    """Whether a hold that was given up may be asked for under its key: it asks for the same, and the provider still knows the key."""
    same = (hold.amount_minor, hold.currency, hold.payment) == (
        secured.to_hold_minor,
        secured.currency,
        secured.payment,
    )
    return hold.state == DROPPED and same and hold.reason != KEY_EXPIRED


def _wanted(secured: SecuredCase, number: int, *, amount_minor: int, due_us: int | None) -> Hold:
    return Hold(
        case_id=secured.case_id,
        number=number,
        key=hold_key(thread=secured.thread, number=number),
        payment=secured.payment,
        amount_minor=amount_minor,
        currency=secured.currency,
        due_us=due_us,
    )


# --- what a provider said ---------------------------------------------------------------------------------------------


def settle_holds(
    connection: Connection, cases: SecuredCases, provider: str, receipts: Sequence[HoldReceipt], *, now_us: int
) -> int:
    """Settle by receipts of holds, whichever way they came.

    Args:
        connection: In a writing transaction.
        cases: Where their cases are told.
        provider: Who gave them.
        receipts: Holds as the provider has them; those that no Houbei asked for are passed over.
        now_us: When we learnt of them.

    Returns:
        How many of ours stand for no case here; a person must look at those.
    """
    outside = 0
    for receipt in receipts:
        if receipt.key is None or not receipt.key.startswith(OURS):
            continue
        hold = find_hold(connection, receipt.key) or _adopted(connection, cases, receipt)
        if hold is None:
            outside += 1
            _note_outside(connection, provider, receipt, now_us=now_us)
        elif (receipt.amount_minor, receipt.currency, receipt.payment) != (
            hold.amount_minor,
            hold.currency,
            hold.payment,
        ):
            park(connection, hold, DIFFERS, now_us=now_us)
        elif receipt.version > hold.version:
            need_no_longer(connection, kind=OUTSIDE, ref=f"{provider}/{receipt.reference}")
            need_no_longer(connection, kind=PARKED, ref=hold.ref)
            _take(connection, cases, provider, hold, receipt, now_us=now_us)
    return outside


def lead_hold(
    connection: Connection, cases: SecuredCases, provider: str, hold: Hold, *, now_us: int
) -> tuple[Hold, Do]:
    """Lead a hold on as far as that needs no provider: tell its case, give it up, let it rest.

    Returns:
        The hold as it is kept now, and what the provider is to be asked, `REST` for nothing now.
    """
    for _ in range(_TELLS_MAX):
        secured = cases.find(connection, hold.case_id)
        hold = _without_old_wish(hold, secured)
        alone = not any(other.stands for other in holds_of(connection, hold.case_id))
        found = next_of(hold, secured, alone=alone, now_us=now_us)
        if found.do in CALLS:
            return hold, found.do
        if found.do in {Do.REST, Do.DROP}:
            return _rested(connection, secured, hold, found, now_us=now_us), Do.REST
        told = What.HELD if found.do is Do.TELL_HELD else What.HOLD_LAPSED
        new = cases.tell(connection, step_of(provider, hold, told, now_us=now_us))
        hold = replace(hold, relied_on=int(told is What.HELD))
        keep_hold(connection, hold)
        if not new:
            break
    again_us = hold.expires_us if hold.stands else None
    return _rested(connection, secured, hold, Next(do=Do.REST, again_us=again_us), now_us=now_us), Do.REST


def step_of(provider: str, hold: Hold, what: What, *, now_us: int) -> Step:
    """Make the step that tells a case of its hold: named by the hold's reference and state, so that twice is once."""
    name = hold.key if hold.reference is None else f"{hold.reference}/{hold.version}"
    reference = hold.reference or ""
    told: dict[str, Told] = {}
    if what is What.HELD:
        told = {"amount_minor": hold.amount_minor, "reference": reference}
    elif what is What.HOLD_RENEWED:
        told = {"reference": reference}
    elif what is What.CAPTURED:
        told = {"amount_minor": hold.captured_minor, "reference": reference}
        told |= {"note": hold.capture_note} if hold.capture_note else {}
    elif what is What.NOT_SECURED:
        told = {"reason": hold.reason or HoldStands.REFUSED.value}
    return Step(
        source=f"payment:{provider}",
        step_id=f"{name}/{what}",
        case=hold.case_id,
        what=what,
        teller=Teller.PAYMENT,
        at_us=now_us if hold.at_us is None else hold.at_us,
        known_us=now_us,
        told=told,
    )


def refuse_hold(connection: Connection, cases: SecuredCases, provider: str, hold: Hold, *, now_us: int) -> None:
    """Note that nothing is held because the provider or the card said no, and let the case go on without."""
    keep_hold(connection, hold)
    secured = cases.find(connection, hold.case_id)
    if secured is not None and secured.case.stage is Stage.SECURING:
        cases.tell(connection, step_of(provider, hold, What.NOT_SECURED, now_us=now_us))


def park(connection: Connection, hold: Hold, reason: str, *, now_us: int) -> None:
    """Put a hold before a person."""
    told = {"case": hold.case_id, "number": hold.number, "reference": hold.reference, "reason": reason}
    need_person(
        connection,
        kind=PARKED,
        ref=hold.ref,
        since_us=now_us,
        told=msgspec.json.encode(told).decode(),
        money=(hold.amount_minor, hold.currency),
    )


def _adopted(connection: Connection, cases: SecuredCases, receipt: HoldReceipt) -> Hold | None:
    """A hold that the provider has for a case here, and the store does not know: it was set back since. None where it is of no case here."""
    told = dict(receipt.told)
    secured = cases.find(connection, told.get("case", ""))
    number = told.get("number", "")
    if secured is None or not number.isdecimal():
        return None
    hold = _wanted(secured, int(number), amount_minor=receipt.amount_minor, due_us=None)
    if hold.key != receipt.key:
        return None
    hold = replace(hold, state=DROPPED, payment=receipt.payment, currency=receipt.currency)
    add_hold(connection, hold)
    return hold


def _take(
    connection: Connection, cases: SecuredCases, provider: str, hold: Hold, receipt: HoldReceipt, *, now_us: int
) -> None:
    """Bring a hold into the state that a receipt says, and tell its case."""
    before = hold
    hold = replace(
        hold,
        state=_state_by(connection, hold, receipt),
        reference=receipt.reference,
        version=receipt.version,
        expires_us=receipt.expires_us,
        captured_minor=receipt.captured_minor,
        renewal=hold.renewal + (before.state == HELD and receipt.stands is HoldStands.HELD),
        at_us=receipt.at_us,
        due_us=now_us,
        attempts=0,
        asked_us=None,
        holder=None,
        reason=receipt.reason,
    )
    if receipt.stands is HoldStands.REFUSED:
        refuse_hold(connection, cases, provider, replace(hold, due_us=None), now_us=now_us)
        return
    keep_hold(connection, hold)
    secured = cases.find(connection, hold.case_id)
    if secured is None:
        return
    if receipt.stands is HoldStands.CAPTURED:
        _tell_captured(connection, cases, provider, hold, secured, now_us=now_us)
    elif receipt.stands is HoldStands.HELD and before.relied_on and secured.case.secured is Secured.HOLD:
        cases.tell(connection, step_of(provider, hold, What.HOLD_RENEWED, now_us=now_us))
    lead_hold(connection, cases, provider, hold, now_us=now_us)


def _state_by(connection: Connection, hold: Hold, receipt: HoldReceipt) -> str:
    """The state that a receipt says; a hold that stands beside another of its case is surplus."""
    others = [other for other in holds_of(connection, hold.case_id) if other.number != hold.number and other.stands]
    if receipt.stands is not HoldStands.HELD or not others:
        return _STATES[receipt.stands]
    if any(other.state != WANTED for other in others):
        return SURPLUS
    for other in others:
        keep_hold(connection, replace(other, state=DROPPED, due_us=None))
    return HELD


def _tell_captured(
    connection: Connection, cases: SecuredCases, provider: str, hold: Hold, secured: SecuredCase, *, now_us: int
) -> None:
    """Tell a case what was taken; where the case no longer allows it, a person must say what becomes of the amount."""
    allowed = may_capture(secured, hold.captured_minor) and hold.relied_on
    cases.tell(connection, step_of(provider, hold, What.CAPTURED, now_us=now_us))
    if not allowed:
        told = {"case": hold.case_id, "reference": hold.reference, "stage": secured.case.stage.value}
        need_person(
            connection,
            kind=UNEXPLAINED,
            ref=f"{provider}/{hold.reference}",
            since_us=now_us,
            told=msgspec.json.encode(told).decode(),
            money=(hold.captured_minor, hold.currency),
        )


def _without_old_wish(hold: Hold, secured: SecuredCase | None) -> Hold:
    """A hold without a capture that was asked for while the case allowed it, and that nobody was asked to make."""
    if (
        hold.capture_minor is None
        or hold.attempts
        or (secured is not None and may_capture(secured, hold.capture_minor))
    ):
        return hold
    return replace(hold, capture_minor=None, capture_note=None)


def _rested(connection: Connection, secured: SecuredCase | None, hold: Hold, found: Next, *, now_us: int) -> Hold:
    """Keep a hold with which nothing is to be done now; what its case wants instead is noted."""
    state = DROPPED if found.do is Do.DROP else hold.state
    relied_on = hold.relied_on if hold.stands else 0
    hold = replace(hold, state=state, due_us=found.again_us, relied_on=relied_on, holder=None)
    keep_hold(connection, hold)
    if not hold.stands and secured is not None:
        plan_hold(connection, secured, now_us=now_us)
    return hold


def _note_outside(connection: Connection, provider: str, receipt: HoldReceipt, *, now_us: int) -> None:
    """A hold under a key of ours that stands for no case here: its case may be told again, or it lapses."""
    ref = f"{provider}/{receipt.reference}"
    if receipt.stands is not HoldStands.HELD:
        need_no_longer(connection, kind=OUTSIDE, ref=ref)
        return
    told = {"provider": provider, "reference": receipt.reference, "payment": receipt.payment, "at_us": receipt.at_us}
    need_person(
        connection,
        kind=OUTSIDE,
        ref=ref,
        since_us=now_us,
        told=msgspec.json.encode(told).decode(),
        money=(receipt.amount_minor, receipt.currency),
    )
