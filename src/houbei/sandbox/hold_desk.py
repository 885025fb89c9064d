"""Where calls about holds are taken: what may be done with a hold and what not. Everything that can go wrong on the way is the desk's."""

from collections.abc import Callable

from houbei.sandbox.books import fingerprint
from houbei.sandbox.desk import Acted, Desk
from houbei.sandbox.hold_books import HoldBooks, news_of
from houbei.sandbox.hold_shapes import ALIVE, AskedHold, Hold
from houbei.sandbox.shapes import Answer, answer, problem

_SECOND_US = 1_000_000
_OnHold = Callable[[Hold, int], Acted]


class HoldDesk:
    """The part of the provider that holds.

    Args:
        desk: Its faults, clock, keys and payments.
        books: Its holds.
    """

    def __init__(self, desk: Desk, books: HoldBooks) -> None:
        self._desk = desk
        self._books = books

    async def authorise(self, asked: AskedHold, key: str) -> Answer | None:
        """Set an amount aside on the card behind a payment, once for a key (see `Desk.act_once`)."""
        return await self._desk.act_once(
            key, fingerprint(("hold", asked)), lambda now_us: self._authorise(asked, now_us=now_us)
        )

    async def renew(self, hold: str, key: str) -> Answer | None:
        """Let a hold last anew from now on."""
        return await self._act(hold, key, fingerprint(("renew", hold)), self._renew)

    async def capture(self, hold: str, amount_minor: int, key: str) -> Answer | None:
        """Take a part of a hold, and let the rest go; that happens once to a hold, whatever the key."""

        def capture(found: Hold, now_us: int) -> Acted:
            if amount_minor < 1:
                return None, problem("bad_amount", f"{amount_minor} is not 1 minor unit or more.")
            if amount_minor > found.amount_minor:
                return None, problem("exceeds_held", f"{found.amount_minor} minor units are held.")
            return _done(self._books.capture(hold, amount_minor, now_us=now_us))

        return await self._act(hold, key, fingerprint(("capture", hold, amount_minor)), capture)

    async def release(self, hold: str, key: str) -> Answer | None:
        """Let a hold go."""

        def release(_found: Hold, now_us: int) -> Acted:
            return _done(self._books.release(hold, now_us=now_us))

        return await self._act(hold, key, fingerprint(("release", hold)), release)

    def hold(self, hold: str) -> Answer:
        """Give a hold as it stands."""
        self._desk.settle_due()
        found = self._books.find(hold)
        return _unknown(hold) if found is None else answer(found)

    def find_holds(self, *, payment: str | None, settlement: str | None, after: str | None, limit: int) -> Answer:
        """Give a page of holds in the order they were asked for."""
        self._desk.settle_due()
        if after is not None and self._books.find(after) is None:
            return problem("cursor_unknown", f"No hold {after!r} was made here.")
        return answer(self._books.list(payment=payment, settlement=settlement, after=after, limit=limit))

    async def _act(self, hold: str, key: str, parameters: bytes, act: _OnHold) -> Answer | None:
        """Do something with a hold that is alive."""

        def on_a_hold(now_us: int) -> Acted:
            found = self._books.find(hold)
            if found is None:
                return None, _unknown(hold)
            if found.state not in ALIVE:
                return None, problem("hold_over", f"The hold is {found.state}.")
            return act(found, now_us)

        return await self._desk.act_once(key, parameters, on_a_hold)

    def _authorise(self, asked: AskedHold, *, now_us: int) -> Acted:
        payment = self._desk.payment_for(asked.payment, amount_minor=asked.amount_minor, currency=asked.currency)
        if isinstance(payment, Answer):
            return None, payment
        refused = self._refuses()
        made = self._books.add(asked, refused=refused, now_us=now_us, expires_us=self._end_from(now_us))
        return _done(made, status=201)

    def _renew(self, hold: Hold, now_us: int) -> Acted:
        if self._refuses():
            return None, problem("card_refused", f"The hold lasts until {hold.expires_at.isoformat()} as before.")
        return _done(self._books.renew(hold.id, now_us=now_us, expires_us=self._end_from(now_us)))

    def _refuses(self) -> bool:
        return self._desk.strikes(self._desk.faults.card_refuses)

    def _end_from(self, now_us: int) -> int:
        return now_us + self._desk.faults.hold_lifetime_s * _SECOND_US


def _done(hold: Hold, *, status: int = 200) -> Acted:
    return news_of(hold), answer(hold, status=status)


def _unknown(hold: str) -> Answer:
    return problem("hold_unknown", f"No hold {hold!r} was made here.")
