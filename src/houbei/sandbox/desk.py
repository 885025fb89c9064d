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
from houbei.sandbox.shapes import Answer, AskedRefund, GivenPayment, News, Payment, State, answer, problem

KEY_CHARACTERS_MAX = 255
_HALF = 500
_SECOND_US = 1_000_000
Acted = tuple[News | None, Answer]
"""What a call has done, none where nothing, and what it is answered."""


class Desk:
    """The provider.

    Args:
        books: What it knows.
        dice: What decides over faults.
        faults: What goes wrong at first.
        tell: Called with each new state of a refund or a hold and what may befall the news of it.
    """

    def __init__(self, books: Books, *, dice: Dice, faults: Faults, tell: Callable[[News, Faults], None]) -> None:
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

    def strikes(self, per_mille: int) -> bool:
        """Throw for a chance."""
        return self._dice.strikes(per_mille)

    # --- what acts, once for a key ----------------------------------------------------------------------------------

    async def act_once(self, key: str, parameters: bytes, act: Callable[[int], Acted]) -> Answer | None:
        """Act once for a key.

        Args:
            key: The caller's.
            parameters: The fingerprint of what is asked: the same for the same.
            act: Does it, in a transaction, at the moment it is given.

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
            reply = self._act_or_recall(key, parameters, act)
        finally:
            self._running.discard(key)
        return None if self._dice.strikes(self.faults.lost_reply) else reply

    def _act_or_recall(self, key: str, parameters: bytes, act: Callable[[int], Acted]) -> Answer:
        now_us = self.settle_due()
        known = self._books.recall(key, since_us=now_us - self.faults.key_lifetime_s * _SECOND_US)
        if known is not None:
            same = known[0] == parameters
            return known[1] if same else problem("key_reused", "A key belongs to one act for ever.")
        with self._books.transaction():
            news, decided = act(now_us)
            breaks = news is not None and self._dice.strikes(self.faults.error_after_acting)
            reply = problem("internal", "Whether anything was done is not said.") if breaks else decided
            kept = reply if self.faults.replay_500 else decided
            self._books.keep(key, parameters, kept, now_us=now_us)
        if news is not None:
            self._tell(news, self.faults)
        return reply

    def payment_for(self, payment: str, *, amount_minor: int, currency: str) -> Payment | Answer:
        """Give the payment that something is asked of, or the first reason against it, in the order of the problems' table."""
        if not 0 < amount_minor <= MINOR_MAX:
            return problem("bad_amount", f"{amount_minor} is not from 1 to {MINOR_MAX} minor units.")
        found = self._books.payment(payment)
        if found is None and self.faults.any_payment:
            self._books.register([GivenPayment(payment=payment, captured_minor=MINOR_MAX, currency=currency)])
            found = self._books.payment(payment)
        if found is None:
            return problem("payment_unknown", f"No payment {payment!r} was captured here.")
        if currency != found.currency:
            return problem("currency_mismatch", f"The payment is in {found.currency}, not in {currency}.")
        if found.closed:
            return problem("payment_closed", "Pay the buyer in another way.")
        return found

    # --- refunds ----------------------------------------------------------------------------------------------------

    async def make_refund(self, asked: AskedRefund, key: str) -> Answer | None:
        """Make a refund once for a key (see `act_once`)."""
        return await self.act_once(key, fingerprint(asked), lambda now_us: self._refund(asked, now_us=now_us))

    def _refund(self, asked: AskedRefund, *, now_us: int) -> Acted:
        payment = self.payment_for(asked.payment, amount_minor=asked.amount_minor, currency=asked.currency)
        if isinstance(payment, Answer):
            return None, payment
        left_minor = payment.captured_minor - payment.refunded_minor
        if asked.amount_minor > left_minor:
            return None, problem("exceeds_captured", f"Of the payment {left_minor} minor units are left to refund.")
        step = self._books.add_refund(asked, self._course(), now_us=now_us)
        return step.news, answer(step.refund, status=201)

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
        self.settle_due()
        found = self._books.refund(refund)
        return problem("refund_unknown", f"No refund {refund!r} was made here.") if found is None else answer(found)

    def find_refunds(self, *, payment: str | None, settlement: str | None, after: str | None, limit: int) -> Answer:
        """Give a page of refunds in the order they were made."""
        self.settle_due()
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
        self.settle_due()
        if close:
            self._books.close_payment(payment)
        found = self._books.payment(payment)
        return problem("payment_unknown", f"No payment {payment!r}.") if found is None else answer(found)

    # --- sums -------------------------------------------------------------------------------------------------------

    def statement(self, day: date) -> Answer:
        """Give by currency what succeeded on a day in UTC, and has not come back."""
        self.settle_due()
        from_us = us_of(datetime.combine(day, time(), tzinfo=UTC))
        until_us = from_us + timedelta(days=1) // timedelta(microseconds=1)
        return answer({"day": day, "succeeded": self._books.succeeded_between(from_us, until_us)})

    def totals(self) -> Answer:
        """Give by currency what was captured, and the refunds by state."""
        self.settle_due()
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
        self.settle_due()
        return self.time()

    def time(self) -> Answer:
        """Say what time it is."""
        return answer({"now": self._clock.now()})

    def settle(self) -> Answer:
        """Bring every refund that has a next state into it, now."""
        steps = self._books.take_steps(now_us=self._clock.now_us(), pause_us=self._pause_us(), due_only=False)
        self._tell_all(steps)
        return answer({"settled": len(steps)})

    def settle_due(self) -> int:
        """Bring every refund and hold whose time has come into its next state; give the moment it is."""
        now_us = self._clock.now_us()
        while steps := self._books.take_steps(now_us=now_us, pause_us=self._pause_us()):
            self._tell_all(steps)
        for news in self._books.holds.expire(now_us=now_us):
            self._tell(news, self.faults)
        return now_us

    def _tell_all(self, steps: list[Step]) -> None:
        for step in steps:
            self._tell(step.news, self.faults)

    def _pause_us(self) -> int:
        return self.faults.settle_after_s * _SECOND_US


class _DifferentPaymentError(Exception):
    """A payment that is known with another amount or currency."""
