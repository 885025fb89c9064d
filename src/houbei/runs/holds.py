"""The outbox of holds: what a case wants of the amount on a card is carried out once, whatever the provider, the network and this process do.

1. Claim, in one transaction: what is to be asked is worked out anew from the case and the hold, and the hold is ours for a while.
2. Carry out, outside of any transaction: look first, whether a hold is there already, or whether what was asked before was done after
   all; then ask, under the act's own key.
3. Record, in one transaction: the answer leads the hold on, and what the case must know becomes a step.

Whoever dies between two steps leaves a claim that runs out. The provider's own list is read at every start and regularly: a hold that
lapsed and of which nobody told is found, and so is one that an older copy of the store does not know.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from types import MappingProxyType

from sqlalchemy import Connection, Engine

from houbei.ids import act_key
from houbei.payments.answers import Refusal, Unanswered
from houbei.payments.holds import CARD_REFUSED, HOLD_OVER, HoldAct, HoldAsked, HoldReceipt, HoldStands
from houbei.payments.provider import PaymentProvider
from houbei.runs.hold_settling import (
    KEY_EXPIRED,
    lead_hold,
    park,
    plan_hold,
    refuse_hold,
    settle_holds,
)
from houbei.runs.hold_wants import Do, SecuredCases
from houbei.runs.outbox import DOWN_SINCE, KEY_MARGIN_US, LEASE_US, Sent
from houbei.runs.settling import WAIT_MAX_US, WAIT_MIN_US
from houbei.store.database import reading, writing
from houbei.store.holds import ASKED, DROPPED, Hold, cases_with_holds, due_holds, find_hold, keep_hold
from houbei.store.marks import live_through, read_mark, write_mark

CLAIM_MAX = 256
"""How many holds one process claims at a time."""
THREADS = 8
RENEW_AGAIN_US = 6 * 3_600_000_000
"""How long after a renewal was refused the next one is tried."""
UNKNOWN = "hold_unknown"
_PAGE = 500
_EXPECTED = frozenset({CARD_REFUSED, "payment_closed"})
"""Refusals that are a card's or an account's, and nobody's mistake."""

Answer = HoldReceipt | Refusal | Unanswered


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked of a provider about one hold. `hold` says since when it may have been heard before; `expired` that its key is too old."""

    hold: Hold
    do: Do
    expired: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """What one reconciliation found: holds listed, those of ours that stand for no case here; whether it got to the end."""

    listed: int = 0
    outside: int = 0
    complete: bool = True


def run_holds(
    database: Engine, provider: PaymentProvider, cases: SecuredCases, *, now_us: int, holder: str, most: int = CLAIM_MAX
) -> Sent:
    """Carry out what is due about holds, once round.

    Args:
        database: The store.
        provider: Who holds.
        cases: Where cases are read and told.
        now_us: What time it is.
        holder: A name for this process that no other has.
        most: How many holds to claim.

    Raises:
        StoreError: the store cannot be written; claims run out and are looked at again.
    """
    with reading(database) as connection:
        down = read_mark(connection, DOWN_SINCE)
        if not due_holds(connection, now_us=now_us, most=1):
            return Sent()
    with writing(database) as connection:
        now_us = live_through(connection, now_us)
        due = due_holds(connection, now_us=now_us, most=1 if down else most)
        claimed = [
            asked for hold in due if (asked := _claim(connection, provider, cases, hold, (now_us, holder))) is not None
        ]
    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(lambda one: _carry_out(provider, one), claimed))
    with writing(database) as connection:
        for asked, answer in zip(claimed, answers, strict=True):
            _record(connection, cases, provider.name, asked, answer, now_us=now_us)
    answered = sum(not isinstance(answer, Unanswered) for answer in answers)
    return Sent(claimed=len(due), answered=answered + len(due) - len(claimed))


def reconcile_holds(database: Engine, provider: PaymentProvider, cases: SecuredCases, *, now_us: int) -> Reconciled:
    """Compare the provider's holds with ours, and what is held with what cases want.

    Args:
        database: The store.
        provider: Who holds.
        cases: Where cases are read and told.
        now_us: What time it is.

    Raises:
        StoreError: the store cannot be written.

    Cost: a call for each page of holds since the first that still stands; 100 µs for each case with a hold.
    """
    mark = f"reconciled_holds:{provider.name}"
    with reading(database) as connection:
        cursor = read_mark(connection, mark) or None
    total, all_over = Reconciled(), True
    while True:
        page = provider.list_holds_after(cursor)
        if isinstance(page, Unanswered):
            total = replace(total, complete=False)
            break
        receipts, cursor = page
        if not receipts:
            break
        over = _over_before(receipts) if all_over else 0
        all_over = all_over and over == len(receipts)
        with writing(database) as connection:
            now_us = live_through(connection, now_us)
            outside = settle_holds(connection, cases, provider.name, receipts, now_us=now_us)
            if over:
                write_mark(connection, mark, receipts[over - 1].reference)
        total = replace(total, listed=total.listed + len(receipts), outside=total.outside + outside)
    _plan_all(database, cases, now_us=now_us)
    return total


def _over_before(receipts: Sequence[HoldReceipt]) -> int:
    """How many holds are over before the first that stands: the mark stops there, so that it is read again next time."""
    return next(
        (k for k, receipt in enumerate(receipts) if receipt.stands is HoldStands.HELD),
        len(receipts),
    )


def _plan_all(database: Engine, cases: SecuredCases, *, now_us: int) -> None:
    """Note for every case with a hold, and every one that wants one, what it wants now."""

    def with_holds(connection: Connection, after: str) -> Iterator[str]:
        yield from cases_with_holds(connection, after=after, most=_PAGE)

    def to_secure(connection: Connection, after: str) -> Iterator[str]:
        yield from (one.case_id for one in cases.to_secure(connection, after=after, most=_PAGE))

    for listed in (with_holds, to_secure):
        after = ""
        while True:
            with writing(database) as connection:
                names = list(listed(connection, after))
                for name in names:
                    if (secured := cases.find(connection, name)) is not None:
                        plan_hold(connection, secured, now_us=now_us)
            if not names:
                break
            after = names[-1]


def _claim(
    connection: Connection, provider: PaymentProvider, cases: SecuredCases, hold: Hold, us: tuple[int, str]
) -> Asked | None:
    """Claim a hold that is due; None where nobody needs to be asked about it."""
    now_us, holder = us
    hold, do = lead_hold(connection, cases, provider.name, replace(hold, holder=None), now_us=now_us)
    if do is Do.REST:
        return None
    hold = replace(hold, attempts=hold.attempts + 1, holder=holder)
    heard_us = now_us if hold.asked_us is None and do is not Do.FIND else hold.asked_us
    state = ASKED if do is Do.HOLD else hold.state
    keep_hold(connection, replace(hold, state=state, asked_us=heard_us, due_us=now_us + LEASE_US))
    old = hold.asked_us is not None and now_us - hold.asked_us >= provider.key_lifetime_us - KEY_MARGIN_US
    return Asked(hold=hold, do=do, expired=old)


# --- carrying out -----------------------------------------------------------------------------------------------------


def _carry_out(provider: PaymentProvider, asked: Asked) -> Answer | None:
    """Look, and then ask; None where nothing is there and nothing is to be asked."""
    return _make(provider, asked) if asked.do in {Do.HOLD, Do.FIND} else _act(provider, asked)


def _make(provider: PaymentProvider, asked: Asked) -> Answer | None:
    """Make a hold, unless it is there already; under a key that the provider may have forgotten nothing is asked."""
    hold = asked.hold
    wanted = HoldAsked(
        key=hold.key,
        payment=hold.payment,
        amount_minor=hold.amount_minor,
        currency=hold.currency,
        told=(("case", hold.case_id), ("number", str(hold.number))),
    )
    found = provider.find_hold(wanted)
    if found is not None:
        return _looked(found)
    return None if asked.do is Do.FIND or asked.expired else provider.hold(wanted)


def _act(provider: PaymentProvider, asked: Asked) -> Answer:
    """Do something with a hold that stands, unless what was asked before has been done after all."""
    hold, reference = asked.hold, asked.hold.reference or ""
    if asked.do is Do.READ or hold.attempts > 1:
        found = _read(provider, reference)
        if asked.do is Do.READ or not isinstance(found, HoldReceipt) or found.version > hold.version:
            return found
    answer = _ACTS[asked.do](provider, hold, reference)
    return _read(provider, reference) if isinstance(answer, Refusal) and answer.code == HOLD_OVER else answer


def _read(provider: PaymentProvider, reference: str) -> Answer:
    found = provider.read_hold(reference)
    if found is None:
        return Refusal(code=UNKNOWN, reason=f"the provider knows of no hold {reference}", final=False)
    return _looked(found)


def _looked(found: HoldReceipt | Unanswered) -> HoldReceipt | Unanswered:
    return replace(found, may_have_acted=False) if isinstance(found, Unanswered) else found  # looking moves nothing


def _renew(provider: PaymentProvider, hold: Hold, reference: str) -> Answer:
    key = act_key(hold.key, act=Do.RENEW, place=hold.renewal)
    return provider.renew(HoldAct(key=key, reference=reference, held_minor=hold.amount_minor))


def _capture(provider: PaymentProvider, hold: Hold, reference: str) -> Answer:
    amount = hold.capture_minor or 0
    key = act_key(hold.key, act=Do.CAPTURE, place=amount)
    return provider.capture(HoldAct(key=key, reference=reference, held_minor=hold.amount_minor), amount_minor=amount)


def _release(provider: PaymentProvider, hold: Hold, reference: str) -> Answer:
    key = act_key(hold.key, act=Do.RELEASE, place=0)
    return provider.release(HoldAct(key=key, reference=reference, held_minor=hold.amount_minor))


_ACTS: Mapping[Do, Callable[[PaymentProvider, Hold, str], Answer]] = MappingProxyType(
    {Do.RENEW: _renew, Do.CAPTURE: _capture, Do.RELEASE: _release}
)


# --- recording --------------------------------------------------------------------------------------------------------


def _record(
    connection: Connection, cases: SecuredCases, provider: str, asked: Asked, answer: Answer | None, *, now_us: int
) -> None:
    """Record an answer: a receipt whoever brings it, anything else only while the claim is still ours."""
    if isinstance(answer, HoldReceipt):
        settle_holds(connection, cases, provider, [answer], now_us=now_us)
    hold = find_hold(connection, asked.hold.key)
    if hold is None or (hold.holder, hold.attempts) != (asked.hold.holder, asked.hold.attempts):
        return
    if isinstance(answer, Unanswered):
        keep_hold(connection, _waiting(hold, asked, answer, now_us=now_us))
        return
    hold = replace(hold, holder=None, attempts=0)
    if isinstance(answer, Refusal):
        _refused(connection, cases, provider, replace(hold, reason=answer.code), asked.do, now_us=now_us)
    elif answer is None:
        _gone(connection, cases, replace(hold, reason=KEY_EXPIRED if asked.expired else None), now_us=now_us)
    else:
        _nothing_new(connection, cases, provider, hold, answer, now_us=now_us)


def _nothing_new(
    connection: Connection, cases: SecuredCases, provider: str, hold: Hold, receipt: HoldReceipt, *, now_us: int
) -> None:
    """A receipt that led the hold on by nothing: it stands as we know it, or is of another amount, which a person looks at."""
    if receipt.version > hold.version:
        keep_hold(connection, replace(hold, due_us=None))
        return
    hold, do = lead_hold(connection, cases, provider, replace(hold, asked_us=None, due_us=now_us), now_us=now_us)
    if do is not Do.REST:
        # Its time is over by our clock and not by the provider's: theirs will get there.
        keep_hold(connection, replace(hold, due_us=now_us + (WAIT_MIN_US if do is Do.READ else 0)))


def _waiting(hold: Hold, asked: Asked, silence: Unanswered, *, now_us: int) -> Hold:
    """A hold that is looked at again later: twice as long each time, spread by its key."""
    wait_us = min(WAIT_MIN_US << min(hold.attempts, 20), WAIT_MAX_US)
    wait_us += wait_us * (int(hold.key[12:16], 16) % 512) // 1024
    heard_us = hold.asked_us if silence.may_have_acted else asked.hold.asked_us
    due_us = now_us + max(wait_us, silence.wait_s * 1_000_000)
    return replace(hold, holder=None, asked_us=heard_us, due_us=due_us, reason=silence.reason)


def _gone(connection: Connection, cases: SecuredCases, hold: Hold, *, now_us: int) -> None:
    """Nothing was made under a key and nothing will be: the case may want another hold."""
    keep_hold(connection, replace(hold, state=DROPPED, due_us=None))
    if (secured := cases.find(connection, hold.case_id)) is not None:
        plan_hold(connection, secured, now_us=now_us)


def _refused(connection: Connection, cases: SecuredCases, provider: str, hold: Hold, do: Do, *, now_us: int) -> None:
    """The provider will not: a case goes on without a hold, a renewal is tried again, the rest is a person's."""
    if hold.reason not in _EXPECTED:
        park(connection, hold, hold.reason or "", now_us=now_us)
    if do is Do.HOLD:
        lost = replace(hold, state=HoldStands.REFUSED.value, due_us=None)
        refuse_hold(connection, cases, provider, lost, now_us=now_us)
    elif hold.reason == UNKNOWN:
        lost = replace(hold, state=HoldStands.LAPSED.value, due_us=now_us)
        keep_hold(connection, lost)
        lead_hold(connection, cases, provider, lost, now_us=now_us)
    elif do is Do.RENEW:
        again_us = min(now_us + RENEW_AGAIN_US, hold.expires_us or now_us)
        keep_hold(connection, replace(hold, renewal=hold.renewal + 1, due_us=again_us))
    else:
        keep_hold(connection, replace(hold, capture_minor=None, capture_note=None, due_us=hold.expires_us))
