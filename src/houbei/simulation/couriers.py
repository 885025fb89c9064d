"""Couriers: vans that bring and fetch, doors that stay shut, parcels that vanish and turn up, phones that have no signal for days."""

from collections.abc import Mapping, Sequence

from houbei.case.stages import Stage
from houbei.facts.moments import DAY_US
from houbei.facts.steps import Teller, Told, What
from houbei.simulation.buyers import Buyers
from houbei.simulation.chance import HOUR_US, MINUTE_US, Chance
from houbei.simulation.desk import Seen
from houbei.simulation.goods import Parcel, Place, Unit
from houbei.simulation.reading import fetches_old
from houbei.simulation.shop import COURIERS
from houbei.simulation.warehouse import Warehouse
from houbei.simulation.world import Word, World

_STREAM = 5
_TODAY_US = 10 * HOUR_US
_KEPT_US = 6 * DAY_US
_VISIT_MINOR = 6_000


class Couriers:
    """Everybody who drives for the shop.

    Args:
        world: Where they drive.
        buyers: Whose doors they ring at.
        warehouse: Where they load and unload.
        seed: Of the simulation.
    """

    def __init__(self, world: World, buyers: Buyers, warehouse: Warehouse, *, seed: int) -> None:
        self._world = world
        self._buyers = buyers
        self._warehouse = warehouse
        self._chance = Chance(seed, _STREAM)
        self._van: list[Parcel] = []
        self._silent_until_us = [0] * len(COURIERS)
        self._fetches = set[tuple[str, int]]()

    def round(self, worklist: Sequence[Seen]) -> None:
        """Plan who is visited today and what goes back, then load what is packed: it is on the screen at the next round."""
        by_case = {seen.case: seen for seen in worklist}
        for parcel in self._van:
            if not parcel.planned:
                self._plan(parcel, by_case.get(parcel.case))
        for seen in worklist:
            due = seen.state.slot_us - self._world.now_us < _TODAY_US
            key = (seen.case, seen.state.slot_us)
            if seen.state.stage is Stage.SCHEDULED and fetches_old(seen.state) and due and key not in self._fetches:
                self._fetches.add(key)
                self.fetch_at(seen, seen.state.slot_us)
        for parcel in self._warehouse.packed:
            self._load(parcel)
        self._warehouse.packed.clear()

    def carries(self, case: str) -> bool:
        """Say whether a parcel of a case is in a van: what a clerk asks who looks for it."""
        return any(parcel.case == case for parcel in self._van)

    def fetch_at(self, seen: Seen, at_us: int) -> None:
        """Plan to fetch an old unit."""
        courier = self._chance.whole(0, len(COURIERS) - 1)
        self._world.later(at_us + self._chance.hours_us(0, 3), lambda: self._fetch(seen.case, courier))

    def _load(self, parcel: Parcel) -> None:
        """Load a parcel, or lose it: for good, or until it turns up weeks later."""
        if not self._chance.happens(20):
            self._van.append(parcel)
            return
        parcel.unit.place = Place.LOST
        if self._chance.happens(400):
            self._world.later(
                self._world.now_us + self._chance.days_us(1, 4),
                lambda: self._say(parcel, What.LOST, {"which": "new" if parcel.brings else "old"}),
            )
        if self._chance.happens(500):
            self._world.later(self._world.now_us + self._chance.days_us(5, 25), lambda: self._turn_up(parcel))

    def _turn_up(self, parcel: Parcel) -> None:
        """A parcel that was lost is found: it is brought to where its label says, or back to the shop."""
        parcel.unit.place = Place.COURIER
        self._van.append(parcel)
        if not parcel.brings or self._chance.happens(300):
            self._bring_back(parcel)
        else:
            parcel.planned = True
            self._world.later(self._world.now_us + self._chance.hours_us(2, 30), lambda: self._visit(parcel))

    def _plan(self, parcel: Parcel, seen: Seen | None) -> None:
        if not parcel.brings:
            parcel.planned = True
            at_us = self._world.now_us + self._chance.hours_us(12, 60)
            self._world.later(at_us, lambda: self._deliver_to_shop(parcel))
            return
        state = None if seen is None else seen.state
        if state is not None and state.stage is Stage.ON_THE_WAY and state.new_serial == parcel.label:
            if state.slot_us - self._world.now_us < _TODAY_US:
                parcel.planned = True
                late_us = DAY_US if self._chance.happens(40) else 0
                at_us = max(state.slot_us, self._world.now_us) + late_us + self._chance.whole(5, 170) * MINUTE_US
                self._world.later(at_us, lambda: self._visit(parcel))
        elif state is None or state.stage is not Stage.MISSED or self._world.now_us - parcel.since_us > _KEPT_US:
            self._bring_back(parcel)

    # --- at the door ------------------------------------------------------------------------------------------------

    def _visit(self, parcel: Parcel) -> None:
        parcel.planned = False
        if parcel.unit.serial != parcel.label:
            self._say(parcel, What.WRONG_UNIT, {"new_serial": parcel.unit.serial})
            self._bring_back(parcel)
        elif not self._buyers.is_there(parcel.case):
            self._say(parcel, What.ABSENT, {})
        elif not self._buyers.opens(parcel.case):
            self._say(parcel, What.REFUSED, {"reason": "not wanted"})
            self._bring_back(parcel)
        else:
            self._hand_over(parcel)

    def _hand_over(self, parcel: Parcel) -> None:
        affair = self._buyers.affairs[parcel.case]
        old = self._buyers.hands_over(parcel.case)
        self._van.remove(parcel)
        parcel.unit.place, parcel.unit.line = Place.BUYER, affair.sold.line
        affair.brought.append(parcel.unit)
        told: dict[str, Told] = {"new_serial": parcel.unit.serial, "service_minor": _VISIT_MINOR}
        if old is None:
            self._say(parcel, What.DELIVERED, told)
        else:
            self._say(parcel, What.SWAPPED, {**told, "old_serial": old.serial})
            self._take(parcel.case, old, parcel.courier)

    def _fetch(self, case: str, courier: int) -> None:
        parcel = Parcel(
            case=case, label="", unit=self._buyers.affairs[case].handed, courier=courier, brings=False, since_us=0
        )
        old = self._buyers.hands_over(case) if self._buyers.is_there(case) else None
        if old is None:
            self._buyers.affairs[case].fetches += 1
            self._say(parcel, What.ABSENT, {})
        else:
            self._say(parcel, What.COLLECTED, {"old_serial": old.serial, "service_minor": _VISIT_MINOR})
            self._take(case, old, courier)

    def _take(self, case: str, old: Unit, courier: int) -> None:
        old.place, old.line = Place.COURIER, ""
        self._load(
            Parcel(case=case, label=old.serial, unit=old, courier=courier, brings=False, since_us=self._world.now_us)
        )

    def _bring_back(self, parcel: Parcel) -> None:
        parcel.planned = True
        self._world.later(self._world.now_us + self._chance.hours_us(6, 72), lambda: self._deliver_to_shop(parcel))

    def _deliver_to_shop(self, parcel: Parcel) -> None:
        self._van.remove(parcel)
        self._warehouse.take_in(parcel.unit, parcel.case, new=parcel.brings)

    def _say(self, parcel: Parcel, what: What, told: Mapping[str, Told]) -> None:
        """Say something by a phone: at once, or when it has signal again, in the order in which it was typed; some things twice."""
        courier, now_us = parcel.courier, self._world.now_us
        if self._silent_until_us[courier] <= now_us and self._chance.happens(60):
            self._silent_until_us[courier] = now_us + self._chance.hours_us(1, 50)
        heard_us = max(self._silent_until_us[courier], now_us)
        again_us = heard_us + self._chance.hours_us(1, 20) if self._chance.happens(150) else 0
        word = Word(case=parcel.case, what=what, teller=Teller.COURIER, told=told, person=COURIERS[courier])
        self._world.say(word, heard_us=heard_us, again_us=again_us)
