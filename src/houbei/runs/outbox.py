"""The outbox: every settlement that is due is carried out once, whatever the provider, the network and this process do.

1. Claim, in one transaction: the entry that says we ask is posted before anybody is asked, and the settlement is ours for a while.
2. Carry out, outside of any transaction: ask under the settlement's own key; where we asked before, look first.
3. Record, in one transaction: the answer is a fact, and the entry it leads to is posted.

Whoever dies between two steps leaves a claim that runs out; the next one looks before it asks.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Engine, Row

from houbei.actions.plan import BY_THE_SHOP
from houbei.ledger.entries import Code, State
from houbei.payments.answers import Refusal, Unanswered
from houbei.payments.provider import Asked, PaymentProvider, Receipt, Stands
from houbei.runs.settling import (
    OUTSIDE,
    change_by,
    credit,
    make_changes,
    park_expired,
    settle_receipts,
    settle_refusal,
    settle_silence,
)
from houbei.store.database import reading, writing
from houbei.store.marks import live_through, read_mark, write_mark
from houbei.store.needs import need_no_longer
from houbei.store.settlements import (
    Settlement,
    Step,
    asked_of,
    captured_of,
    due_settlements,
    find_settlement,
    post_steps,
    reply_to,
    set_actions,
)

CLAIM_MAX = 256
"""How many settlements one process claims at a time."""
LEASE_US = 120_000_000
"""How long a claim holds: longer than any call may take. After it another process looks."""
KEY_MARGIN_US = 3_600_000_000
"""A key is not used again within this much of its end."""
BEYOND_CAPTURED = "beyond_captured"
DOWN_SINCE = "provider_down_since"
"""The mark of the moment since which the provider has not answered."""

Answer = Receipt | Refusal | Unanswered


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What one round of the outbox did: settlements claimed, and those that were answered."""

    claimed: int = 0
    answered: int = 0


def run_outbox(
    database: Engine, provider: PaymentProvider, *, now_us: int, holder: str, threads: int = 8, most: int = CLAIM_MAX
) -> Sent:
    """Carry out settlements that are due, once round.

    Args:
        database: The store.
        provider: Who pays.
        now_us: What time it is.
        holder: A name for this process that no other has.
        threads: How many calls are under way at once.
        most: How many settlements to claim.

    Raises:
        StoreError: the store cannot be written; claims run out and are looked at again.
        InvariantError: the books would contradict themselves.
    """
    with reading(database) as connection:
        down = read_mark(connection, DOWN_SINCE)
        if not due_settlements(connection, now_us=now_us, most=1):
            return Sent()
    with writing(database) as connection:
        now_us = live_through(connection, now_us)
        claimed, done = _claim(connection, now_us=now_us, holder=holder, most=1 if down else most)
    with ThreadPoolExecutor(threads) as pool:
        answers = list(pool.map(lambda one: _carry_out(provider, one, now_us), claimed))
    answered = sum(not isinstance(answer, Unanswered) for answer in answers)
    with writing(database) as connection:
        receipts = [answer for answer in answers if isinstance(answer, Receipt)]
        settle_receipts(connection, provider.name, receipts, now_us=now_us)
        for settlement, answer in zip(claimed, answers, strict=True):
            if not isinstance(answer, Receipt):
                _record(connection, settlement, answer, now_us=now_us)
        _note_health(connection, len(claimed), answered, down, now_us)
    return Sent(claimed=len(claimed) + done, answered=answered + done)


def _claim(connection: Connection, *, now_us: int, holder: str, most: int) -> tuple[list[Settlement], int]:
    """Claim what is due; give what is to be carried out, and how many needed no provider.

    The store notes that each may be heard from now on; what is given still says since when it may have been heard before.
    """
    claimed, steps, done = [], [], 0
    asked: dict[str, int] = {}
    for settlement in due_settlements(connection, now_us=now_us, most=most):
        if settlement.kind in BY_THE_SHOP:
            credit(connection, settlement, reason=settlement.reason, now_us=now_us)
            done += 1
            continue
        if settlement.state is State.DUE:
            if (known := reply_to(connection, settlement.key)) is not None:
                _recall(connection, settlement, known, now_us)
                done += 1
                continue
            before = asked.get(settlement.payment)
            before = asked_of(connection, settlement.payment) if before is None else before
            if _is_beyond(connection, settlement, before):
                credit(connection, settlement, reason=BEYOND_CAPTURED, now_us=now_us)
                done += 1
                continue
            asked[settlement.payment] = before + settlement.amount_minor
            steps.append(Step(settlement=settlement, code=Code.INSTRUCTED, fact=None, at_us=now_us))
            claimed.append(replace(settlement, state=State.INSTRUCTED, attempts=1, holder=holder))
        else:
            claimed.append(replace(settlement, attempts=settlement.attempts + 1, holder=holder))
    post_steps(connection, steps, now_us=now_us)
    set_actions(
        connection,
        (
            (
                one.state.value,
                now_us + LEASE_US,
                one.attempts,
                now_us if one.asked_us is None else one.asked_us,
                holder,
                one.reason,
                one.cover,
                one.sequence,
            )
            for one in claimed
        ),
    )
    return claimed, done


def _is_beyond(connection: Connection, settlement: Settlement, asked_minor: int) -> bool:
    """Whether it would give back more to a payment than was captured; a payment that is no order of ours only its provider knows."""
    if settlement.payment != settlement.order_id:
        return False
    return asked_minor + settlement.amount_minor > captured_of(connection, settlement.order_id)


def _recall(connection: Connection, settlement: Settlement, known: Row[Any], now_us: int) -> None:
    """The provider has it already, under this key: the books were set back since. Settle by what it said."""
    receipt = Receipt(
        reference=known.reference,
        stands=Stands(known.state),
        settlement=known.settlement,
        payment=known.payment,
        amount_minor=known.amount_minor,
        currency=known.currency,
        reason=known.reason,
        at_us=known.at_us,
    )
    asked = replace(settlement, asked_us=known.at_us, attempts=1)
    make_changes(connection, [change_by(known.provider, asked, receipt, now_us=now_us)], now_us=now_us)
    need_no_longer(connection, kind=OUTSIDE, ref=f"{known.provider}/{known.reference}")


def _carry_out(provider: PaymentProvider, settlement: Settlement, now_us: int) -> Answer | None:
    """Ask, or look and then ask; None where the key is too old to be used again and there is nothing to be found."""
    asked = Asked(
        settlement=settlement.key,
        payment=settlement.payment,
        amount_minor=settlement.amount_minor,
        currency=settlement.currency,
        told=(
            ("cover", str(settlement.cover)),
            ("place", str(settlement.place)),
            ("line_id", settlement.line_id[:255]),
        ),
    )
    if settlement.attempts > 1:
        found = provider.find(asked)
        if isinstance(found, Unanswered):
            return replace(found, may_have_acted=False)  # looking moves nothing
        if found is not None:
            return found
        if settlement.asked_us is not None and now_us - settlement.asked_us >= provider.key_lifetime_us - KEY_MARGIN_US:
            return None
    return provider.refund(asked)


def _record(
    connection: Connection, settlement: Settlement, answer: Refusal | Unanswered | None, *, now_us: int
) -> None:
    """Record an answer that is no receipt: it counts only while the claim is still ours, a receipt whoever brings it."""
    now = find_settlement(connection, cover=settlement.cover, sequence=settlement.sequence)
    if now is None or now.holder != settlement.holder or now.attempts != settlement.attempts:
        return
    if answer is None:
        park_expired(connection, now, now_us=now_us)
    elif isinstance(answer, Refusal):
        settle_refusal(connection, now, answer, now_us=now_us)
    else:
        settle_silence(connection, now, answer, heard_us=settlement.asked_us, now_us=now_us)


def _note_health(connection: Connection, asked: int, answered: int, down: str | None, now_us: int) -> None:
    """Note since when the provider has not answered at all: then one settlement at a time is tried, and the others wait in order."""
    if asked and not answered and not down:
        write_mark(connection, DOWN_SINCE, str(now_us))
    elif answered and down:
        write_mark(connection, DOWN_SINCE, "")
