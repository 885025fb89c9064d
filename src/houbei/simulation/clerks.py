"""Clerks: they work the list in working hours, decide, call, look for parcels, fetch, let go; not all of it in time."""

from collections.abc import Callable, Mapping

from houbei.case.stages import Case, Need, New, Secured, Stage
from houbei.facts.moments import DAY_US
from houbei.facts.steps import Person, Teller, Told, What
from houbei.simulation.bank import Bank
from houbei.simulation.buyers import Buyers
from houbei.simulation.chance import HOUR_US, Chance
from houbei.simulation.couriers import Couriers
from houbei.simulation.desk import Seen
from houbei.simulation.shop import CLERKS
from houbei.simulation.warehouse import Warehouse
from houbei.simulation.world import Word, World

_STREAM = 7
_DECIDES = frozenset({Stage.TO_DECIDE, Stage.TO_REVERSE, Stage.TO_REVIEW})
_FETCHED_IN_VAIN_MAX = 1


class Clerks:
    """Everybody at the desk of the shop.

    Args:
        world: Where they work.
        buyers: Whom they call.
        couriers: Whom they ask for parcels and send to fetch.
        warehouse: Whom they ask what lies there.
        bank: Whom they ask to take what secures a unit.
        seed: Of the simulation.
    """

    def __init__(
        self, world: World, *, buyers: Buyers, couriers: Couriers, warehouse: Warehouse, bank: Bank, seed: int
    ) -> None:
        self._world = world
        self._buyers = buyers
        self._couriers = couriers
        self._warehouse = warehouse
        self._bank = bank
        self._chance = Chance(seed, _STREAM)
        self._does: Mapping[Need, Callable[[Seen, Person], None]] = {
            Need.CALL: self._call,
            Need.FIND: self._find,
            Need.FETCH: self._fetch,
            Need.RENEW: self._renew,
            Need.SHIP: self._renew,
        }
        self.asked = 0

    def round(self, seen: Seen) -> None:
        """Take one case of the list, or leave it for the next round."""
        state = seen.state
        decides = state.stage in _DECIDES
        if not (state.needs or decides) or self._chance.happens(300):
            return
        person = self._chance.one_of(CLERKS)
        self.asked += 1
        if decides:
            self._decide(seen, person)
            return
        need = next((need for need in state.needs if need in self._does), None)
        if need is None:
            self._say(seen, What.TAKEN_UP, person)
        else:
            self._does[need](seen, person)

    def _decide(self, seen: Seen, person: Person) -> None:
        state = seen.state
        if state.stage is Stage.TO_REVERSE and self._chance.happens(800):
            self._say(seen, What.REVERSED, person, reason=f"the inspection says {state.verdict}")
        elif state.stage is Stage.TO_REVERSE:
            self._say(seen, What.DECIDED, person, answer="replace", reason="no fault of the buyer's")
        else:
            answer = self._chance.weighed(((880, "replace"), (40, "refund"), (80, "no")))
            self._say(seen, What.DECIDED, person, answer=answer, reason="by what was shown")

    def _call(self, seen: Seen, person: Person) -> None:
        reached = not self._buyers.affairs[seen.case].silent and self._chance.happens(650)
        self._say(seen, What.CALLED, person, outcome="reached" if reached else "no answer")
        if reached:
            self._buyers.answer(self._world.look(seen.case), clerk=person)

    def _find(self, seen: Seen, person: Person) -> None:
        """Look for what should have been heard of: ask the courier and the warehouse, book another day, or call it lost."""
        stage, state = seen.state.stage, seen.state
        if state.new is New.ON_THE_WAY and stage in {Stage.ON_THE_WAY, Stage.COMING_BACK}:
            if self._warehouse.find(seen):
                return
            if self._couriers.carries(seen.case) or self._world.now_us - state.since_us < 3 * DAY_US:
                self._another_day(seen, person)
            else:
                self._say(seen, What.LOST, person, which="new")
        elif stage is Stage.OLD_ON_THE_WAY and not self._warehouse.has_old(seen.case):
            carried = self._couriers.carries(seen.case)
            if not carried or self._chance.happens(30):
                self._say(seen, What.LOST, person, which="old")
                return
            self._say(seen, What.TAKEN_UP, person)
        elif stage is Stage.SCHEDULED:
            self._another_day(seen, person)
        else:
            self._say(seen, What.TAKEN_UP, person)

    def _another_day(self, seen: Seen, person: Person) -> None:
        if seen.state.stage is Stage.COMING_BACK:
            self._say(seen, What.TAKEN_UP, person)
            return
        from_us, until_us = self._buyers.slot()
        self._say(seen, What.SLOT_CHOSEN, person, from_us=from_us, until_us=until_us)

    def _fetch(self, seen: Seen, person: Person) -> None:
        """Send somebody for the old unit once, then take what secures it, or let it go."""
        affair, state = self._buyers.affairs[seen.case], seen.state
        if state.stage is Stage.OLD_OWED and affair.fetches < _FETCHED_IN_VAIN_MAX:
            self._say(seen, What.CALLED, person, outcome="reached")
            self._couriers.fetch_at(seen, self._world.now_us + self._chance.whole(20, 70) * HOUR_US)
        elif state.secured in {Secured.HOLD, Secured.DEPOSIT}:
            self._bank.capture(seen)
        elif _asked_long_enough(state, self._world.now_us):
            self._say(seen, What.WRITTEN_OFF, person, reason="asked in vain")
        else:
            self._say(seen, What.TAKEN_UP, person)

    def _renew(self, seen: Seen, person: Person) -> None:
        """Ask the buyer for another card where one is still needed: without it nothing leaves the shop."""
        state = seen.state
        if state.secured is Secured.LAPSED and state.new is New.RESERVED and self._chance.happens(600):
            self._bank.ask_security(seen)
        else:
            self._say(seen, What.TAKEN_UP, person)

    def _say(self, seen: Seen, what: What, person: Person, **told: Told) -> None:
        self._world.say(Word(case=seen.case, what=what, teller=Teller.SHOP, person=person, told=told))


def _asked_long_enough(state: Case, now_us: int) -> bool:
    return now_us - state.since_us > 9 * DAY_US
