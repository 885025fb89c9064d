"""Inspectors: they find what is really wrong with the unit on their bench; some take longer than the promise gives them, some never do it."""

from houbei.case.stages import Need, Stage, Verdict
from houbei.facts.steps import Teller, What
from houbei.simulation.chance import Chance
from houbei.simulation.desk import Seen
from houbei.simulation.goods import Unit
from houbei.simulation.shop import INSPECTORS
from houbei.simulation.warehouse import Warehouse
from houbei.simulation.world import Word, World

_STREAM = 6


class Inspectors:
    """Everybody who inspects.

    Args:
        world: Where they work.
        warehouse: Whose store room they take units from.
        seed: Of the simulation.
    """

    def __init__(self, world: World, warehouse: Warehouse, *, seed: int) -> None:
        self._world = world
        self._warehouse = warehouse
        self._chance = Chance(seed, _STREAM)
        self._begun = set[tuple[str, int]]()

    def round(self, seen: Seen) -> None:
        """Put a unit that is to be inspected on a bench; where somebody waits for the result, do it in the end."""
        key = (seen.case, seen.state.since_us)
        unit = self._warehouse.room(seen.case)
        if seen.state.stage is not Stage.TO_INSPECT or unit is None:
            return
        if key in self._begun:
            if Need.DECIDE in seen.state.needs and self._chance.happens(100):
                self._inspect(seen.case, unit)
            return
        self._begun.add(key)
        lag_us = self._chance.weighed(
            ((870, self._chance.hours_us(6, 90)), (100, self._chance.days_us(8, 13)), (30, -1))
        )
        if lag_us >= 0:
            self._world.later(self._world.now_us + lag_us, lambda: self._inspect(seen.case, unit))

    def _inspect(self, case: str, unit: Unit) -> None:
        """Write down what is found. One in fifty misses a fault that is there."""
        missed = unit.truth is Verdict.CONFIRMED and self._chance.happens(20)
        verdict = Verdict.NO_FAULT_FOUND if missed else unit.truth
        person = self._chance.one_of(INSPECTORS)
        told = {"verdict": verdict.value, "findings": f"serial {unit.serial}"}
        self._world.say(Word(case=case, what=What.INSPECTED, teller=Teller.INSPECTOR, told=told, person=person))
