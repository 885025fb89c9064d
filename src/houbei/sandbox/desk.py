"""Where calls are taken: every rule of the provider, and every fault on the way to its books and back.

A call runs from start to end without another in between, except where a fault makes it wait; what is in progress meanwhile is known by
its key. So of many requests with one key exactly one acts.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta

from houbei.errors import InputError
from houbei.money import EXPONENTS, MINOR_MAX
from houbei.sandbox.books import Books, Course, Step, fingerprint
from houbei.sandbox.clock import SandboxClock, us_of
from houbei.sandbox.faults import Dice, Faults, with_changes
from houbei.sandbox.shapes import Answer, AskedRefund, GivenPayment, State, answer, problem

KEY_CHARACTERS_MAX = 255
_HALF = 500
_SECOND_US = 1_000_000


class Desk:
    """The provider.

    Args:
        books: What it knows.
        dice: What decides over faults.
        faults: What goes wrong at first.
        tell: Called with each new state of a refund and what may befall the news of it.
    """

    def __init__(self, books: Books, *, dice: Dice, faults: Faults, tell: Callable[[Step, Faults], None]) -> None:
        self._books = books
        self._dice = dice
        self._tell = tell
        self._clock = SandboxClock()
        self._running: set[str] = set()
        self.faults = faults

    # --- what goes wrong before anything is done --------------------------------------------------------------------

    def turn_away(self) -> Answer | None:
        """Give the answer of a provider that takes no calls, while it takes none."""
        return problem("unavailable", "Try again later.") if self.faults.unavailable else None

    def throttle(self) -> Answer | None:
        """Give the answer to a caller that asks too often."""
        return problem("throttled", "Ask less often.") if self._dice.strikes(self.faults.throttle) else None

    async def dawdle(self) -> None:
        """Wait where the reply shall be slow."""
        if self._dice.strikes(self.faults.slow):
            await asyncio.sleep(self.faults.slow_ms / 1000)

    # --- refunds ----------------------------------------------------------------------------------------------------

    async def make_refund(self, asked: AskedRefund, key: str) -> Answer | None:
        """Make a refund once for a key.

        Returns:
            The reply; none where the connection shall be closed without one.
        """
        if not 1 <= len(key) <= KEY_CHARACTERS_MAX:
            return problem("key_missing", f"The key has {len(key)} characters.")
        if key in self._running or self._dice.strikes(self.faults.conflict):
            return problem("key_in_use", "Wait, and ask again with the same key.")
        if self._dice.strikes(self.faults.error_before_acting):
            return problem("internal" if self._dice.strikes(_HALF) else "unavailable", "Nothing was done.")
        self._running.add(key)
        try:
            await self.dawdle()
            reply = self._refund_or_recall(asked, key)
        finally:
            self._running.discard(key)
        return None if self._dice.strikes(self.faults.lost_reply) else reply

    def _refund_or_recall(self, asked: AskedRefund, key: str) -> Answer:
        now_us = self._settled_until_now()
        parameters = fingerprint(asked)
        known = self._books.recall(key, since_us=now_us - self.faults.key_lifetime_s * _SECOND_US)
        if known is not None:
            same = known[0] == parameters
            return known[1] if same else problem("key_reused", "A key belongs to one refund for ever.")
        with self._books.transaction():
            step, decided = self._decide(asked, now_us=now_us)
            breaks = step is not None and self._dice.strikes(self.faults.error_after_acting)
            reply = problem("internal", "Whether anything was done is not said.") if breaks else decided
            kept = reply if self.faults.replay_500 else decided
            self._books.keep(key, parameters, kept, now_us=now_us)
        if step is not None:
            self._tell(step, self.faults)
        return reply

    def _decide(self, asked: AskedRefund, *, now_us: int) -> tuple[Step | None, Answer]:
        if (refusal := self._refusal(asked)) is not None:
            return None, refusal
        step = self._books.add_refund(asked, self._course(), now_us=now_us)
        return step, answer(step.refund, status=201)

    def _refusal(self, asked: AskedRefund) -> Answer | None:
        """Give the first reason against a refund, in the order of the problems' table."""
        if not 0 < asked.amount_minor <= MINOR_MAX:
            return problem("bad_amount", f"{asked.amount_minor} is not from 1 to {MINOR_MAX} minor units.")
        payment = self._books.payment(asked.payment)
        if payment is None and self.faults.any_payment:
            given = GivenPayment(payment=asked.payment, captured_minor=MINOR_MAX, currency=asked.currency)
            self._books.register([given])
            payment = self._books.payment(asked.payment)
        if payment is None:
            return problem("payment_unknown", f"No payment {asked.payment!r} was captured here.")
        if asked.currency != payment.currency:
            return problem("currency_mismatch", f"The payment is in {payment.currency}, not in {asked.currency}.")
        if payment.closed:
            return problem("payment_closed", "Pay the buyer in another way.")
        left_minor = payment.captured_minor - payment.refunded_minor
        if asked.amount_minor > left_minor:
            return problem("exceeds_captured", f"Of the payment {left_minor} minor units are left to refund.")
        return None

    def _course(self) -> Course:
        """Draw the states that a refund will go through."""
        faults, strikes = self.faults, self._dice.strikes
        states: tuple[State, ...] = (State.SUCCEEDED,)
        if strikes(faults.failed_at_once):
            states = (State.FAILED,)
        elif strikes(faults.pending_then_failed):
            states = (State.PENDING, State.FAILED)
        elif strikes(faults.pending_then_succeeded):
            states = (State.PENDING, State.SUCCEEDED)
        if states[-1] == State.SUCCEEDED and strikes(faults.succeeded_then_failed):
            states = (*states, State.FAILED)
        return Course(states=states, pause_us=faults.settle_after_s * _SECOND_US)

    def refund(self, refund: str) -> Answer:
        """Give a refund as it stands."""
        self._settled_until_now()
        found = self._books.refund(refund)
        return problem("refund_unknown", f"No refund {refund!r} was made here.") if found is None else answer(found)

    def find_refunds(self, *, payment: str | None, settlement: str | None, after: str | None, limit: int) -> Answer:
        """Give a page of refunds in the order they were made."""
        self._settled_until_now()
        if after is not None and self._books.refund(after) is None:
            return problem("cursor_unknown", f"No refund {after!r} was made here.")
        return answer(self._books.find_refunds(payment=payment, settlement=settlement, after=after, limit=limit))

    # --- payments ---------------------------------------------------------------------------------------------------

    def register(self, payments: list[GivenPayment]) -> Answer:
        """Take in captured payments, all or none."""
        for one in payments:
            if one.currency not in EXPONENTS:
                return problem("bad_currency", f"{one.currency!r} of payment {one.payment!r} is no currency.")
            if not 0 < one.captured_minor <= MINOR_MAX:
                return problem("bad_amount", f"{one.captured_minor} of payment {one.payment!r} was never captured.")
        try:
            with self._books.transaction():
                if (different := self._books.register(payments)) is not None:
                    raise _DifferentPaymentError(different)  # noqa: TRY301  it undoes the transaction
        except _DifferentPaymentError as error:
            return problem("payment_differs", f"Payment {error} was registered before; none of the call was taken in.")
        return answer({"registered": len(payments)})

    def payment(self, payment: str, *, close: bool = False) -> Answer:
        """Give a payment as it stands; close the account behind it first where that is asked."""
        self._settled_until_now()
        if close:
            self._books.close_payment(payment)
        found = self._books.payment(payment)
        return problem("payment_unknown", f"No payment {payment!r}.") if found is None else answer(found)

    # --- sums -------------------------------------------------------------------------------------------------------

    def statement(self, day: date) -> Answer:
        """Give by currency what succeeded on a day in UTC, and has not come back."""
        self._settled_until_now()
        from_us = us_of(datetime.combine(day, time(), tzinfo=UTC))
        until_us = from_us + timedelta(days=1) // timedelta(microseconds=1)
        return answer({"day": day, "succeeded": self._books.succeeded_between(from_us, until_us)})

    def totals(self) -> Answer:
        """Give by currency what was captured, and the refunds by state."""
        self._settled_until_now()
        sums = {"captured": self._books.captured()}
        return answer(sums | {state.value: self._books.in_state(state) for state in State})

    # --- the stage --------------------------------------------------------------------------------------------------

    def change_faults(self, changes: Mapping[str, object]) -> Answer:
        """Change what goes wrong from now on."""
        try:
            self.faults = with_changes(self.faults, changes)
        except InputError as error:
            return problem("unreadable", str(error))
        return answer(self.faults)

    def set_clock(self, moment: datetime | None) -> Answer:
        """Stand at a moment, or follow the system's clock."""
        self._clock.set_to(moment)
        self._settled_until_now()
        return self.time()

    def time(self) -> Answer:
        """Say what time it is."""
        return answer({"now": self._clock.now()})

    def settle(self) -> Answer:
        """Bring every refund that has a next state into it, now."""
        steps = self._books.take_steps(now_us=self._clock.now_us(), pause_us=self._pause_us(), due_only=False)
        self._tell_all(steps)
        return answer({"settled": len(steps)})

    def settle_due(self) -> None:
        """Bring every refund whose time has come into its next state."""
        self._settled_until_now()

    def _settled_until_now(self) -> int:
        now_us = self._clock.now_us()
        while steps := self._books.take_steps(now_us=now_us, pause_us=self._pause_us()):
            self._tell_all(steps)
        return now_us

    def _tell_all(self, steps: list[Step]) -> None:
        for step in steps:
            self._tell(step, self.faults)

    def _pause_us(self) -> int:
        return self.faults.settle_after_s * _SECOND_US


class _DifferentPaymentError(Exception):
    """A payment that is known with another amount or currency."""
