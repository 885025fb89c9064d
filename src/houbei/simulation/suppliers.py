"""Suppliers and carriers: asked to make good what a swap cost or a parcel was worth; they pay, pay a part, refuse, or say nothing."""

from houbei.case.stages import Need, Stage
from houbei.facts.moments import DAY_US
from houbei.facts.steps import Teller, Told, What
from houbei.simulation.chance import Chance
from houbei.simulation.desk import Seen
from houbei.simulation.shop import CLERKS
from houbei.simulation.world import Word, World

_STREAM = 8
_CLAIMED_AT = frozenset({Stage.SETTLED, Stage.REFUNDED})


class Suppliers:
    """Whoever makes good, and the clerk who asks them.

    Args:
        world: Where they are.
        seed: Of the simulation.
    """

    def __init__(self, world: World, *, seed: int) -> None:
        self._world = world
        self._chance = Chance(seed, _STREAM)
        self._asked = set[tuple[str, int]]()

    def ended(self, seen: Seen) -> None:
        """Ask the maker for what a swap cost, once it has ended."""
        state = seen.state
        if state.stage in _CLAIMED_AT and state.cost_minor and not state.supplier_asked and self._chance.happens(900):
            told: dict[str, Told] = {"supplier": "maker", "amount_minor": state.cost_minor}
            person = self._chance.one_of(CLERKS)
            self._world.say(Word(case=seen.case, what=What.CLAIMED, teller=Teller.SHOP, person=person, told=told))

    def round(self, seen: Seen) -> None:
        """Get the letter that something is claimed, and answer in weeks; whoever is reminded answers."""
        state = seen.state
        key = (seen.case, state.claimed_us)
        if not state.claimed_minor:
            return
        if key not in self._asked:
            self._asked.add(key)
            if self._chance.happens(850):
                at_us = self._world.now_us + self._chance.days_us(4, 45)
                self._world.later(at_us, lambda: self._answer(seen.case))
        elif Need.CHASE in state.needs and self._chance.happens(150):
            self._answer(seen.case)

    def _answer(self, case: str) -> None:
        """Pay what the letter still asks for, half of it and no more, or nothing."""
        claimed = self._world.look(case).state.claimed_minor
        if not claimed:
            return
        pays = self._chance.weighed(((650, claimed), (150, claimed // 2), (200, 0)))
        if pays:
            self._say(case, What.RECOVERED, {"amount_minor": pays})
        if pays < claimed:
            self._say(case, What.SUPPLIER_REFUSED, {"reason": "not covered"})

    def _say(self, case: str, what: What, told: dict[str, Told]) -> None:
        again_us = self._world.now_us + DAY_US if self._chance.happens(60) else 0
        self._world.say(Word(case=case, what=what, teller=Teller.SUPPLIER, told=told), again_us=again_us)
