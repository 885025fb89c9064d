"""The bank of the simulation: cards that are held, deposits, differences; it refuses, forgets to renew, answers late and twice."""

from collections.abc import Mapping

from houbei.case.stages import Secured, Stage
from houbei.facts.moments import DAY_US
from houbei.facts.steps import Teller, Told, What
from houbei.money import minor_of
from houbei.simulation.chance import HOUR_US, Chance
from houbei.simulation.desk import Seen
from houbei.simulation.shop import CURRENCY
from houbei.simulation.till import Till
from houbei.simulation.world import Word, World
from houbei.terms.model import Terms
from houbei.terms.replacement import Security

_STREAM = 3
HOLD_LASTS_US = 7 * DAY_US
_RENEWED_FROM_US = 5 * DAY_US


class Bank:
    """Cards and deposits.

    Args:
        world: Where it is.
        till: Where money is captured.
        promises: What the shop promises, by term: which security it asks for, and up to how much.
        seed: Of the simulation.
    """

    def __init__(self, world: World, till: Till, promises: Mapping[str, Terms], *, seed: int) -> None:
        self._world = world
        self._till = till
        self._promises = promises
        self._chance = Chance(seed, _STREAM)
        self._tried = set[tuple[str, int]]()
        self._references = 0

    def asks(self, term: str) -> Security:
        """Say what a promise asks for before a new unit goes first."""
        promised = self._promises[term].replacement if term in self._promises else None
        return Security.NONE if promised is None else promised.security

    def ask_security(self, seen: Seen) -> None:
        """Hold an amount on the buyer's card or take a deposit; the card refuses, or the buyer would rather send the old unit first."""
        if self._chance.happens(150):
            self._say(seen, What.NOT_SECURED, {"reason": self._chance.one_of(("the card refuses", "old unit first"))})
            return
        promised = self._promises[seen.term].replacement
        limit = None if promised is None else promised.security_limit
        value = seen.state.value_minor
        amount = value if limit is None else min(value, minor_of(limit, CURRENCY, where="security.limit"))
        if self.asks(seen.term) is Security.DEPOSIT:
            self._say(seen, What.DEPOSITED, self._taken(amount))
        else:
            self._say(seen, What.HELD, {"amount_minor": amount, "reference": self._reference()})

    def take_difference(self, seen: Seen) -> None:
        """Take what a dearer model costs more: what the buyer's page asks for."""
        if seen.state.stage is Stage.PAYING_UP:
            self._say(seen, What.PAID_UP, self._taken(seen.state.asked_up_minor))

    def capture(self, seen: Seen) -> None:
        """Take what a unit that does not come back was sold for, as far as it is secured."""
        if seen.state.secured in {Secured.HOLD, Secured.DEPOSIT}:
            self._say(seen, What.CAPTURED, self._taken(min(seen.state.secured_minor, seen.state.value_minor)))

    def round(self, seen: Seen) -> None:
        """Renew a hold that will lapse, or let it lapse, and find that out later."""
        state, now_us = seen.state, self._world.now_us
        if state.secured is not Secured.HOLD:
            return
        key = (seen.case, state.secured_us)
        if now_us >= state.secured_us + HOLD_LASTS_US:
            self._say(seen, What.HOLD_LAPSED, {})
        elif now_us >= state.secured_us + _RENEWED_FROM_US and key not in self._tried:
            self._tried.add(key)
            if self._chance.happens(850):
                self._say(seen, What.HOLD_RENEWED, {"reference": self._reference()})

    def _taken(self, amount_minor: int) -> Mapping[str, Told]:
        """Take money by a payment of its own."""
        reference = self._reference()
        self._till.capture([(reference, amount_minor)])
        return {"amount_minor": amount_minor, "reference": reference}

    def _reference(self) -> str:
        self._references += 1
        return f"bank-{self._references:06d}"

    def _say(self, seen: Seen, what: What, told: Mapping[str, Told]) -> None:
        """The bank's word comes once, and one time in seven once more."""
        again_us = self._world.now_us + self._chance.whole(1, 30) * HOUR_US if self._chance.happens(140) else 0
        self._world.say(Word(case=seen.case, what=what, teller=Teller.PAYMENT, told=told), again_us=again_us)
