"""The warehouse: it sets units aside, packs (rarely the wrong one), runs out, and books in whatever comes back, as often as it takes."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from houbei.case.stages import New, Old, Secured, Stage
from houbei.facts.moments import DAY_US
from houbei.facts.steps import Teller, Told, What
from houbei.simulation.chance import HOUR_US, Chance
from houbei.simulation.desk import Seen
from houbei.simulation.goods import Parcel, Place, Unit
from houbei.simulation.reading import OVER_OR_BACK, awaits_old, brings_new, is_out
from houbei.simulation.shop import BY_SKU, MODELS, STOREKEEPERS
from houbei.simulation.world import Word, World

_STREAM = 4
_PACKED_BEFORE_US = 8 * HOUR_US
_RESERVED_BEFORE_US = 3 * DAY_US


@dataclass(frozen=True, slots=True, kw_only=True)
class _Back:
    """What lies on the bench: a unit, and whether it is a new one that was sent, or the old one of its case."""

    unit: Unit
    new: bool


class Warehouse:
    """Shelves with new units, and a bench with what came back.

    Args:
        world: Where it is.
        units: Every unit by its serial.
        weekly: How many units of each model arrive a week.
        seed: Of the simulation.
    """

    def __init__(self, world: World, *, units: dict[str, Unit], weekly: int, seed: int) -> None:
        self._world = world
        self._units = units
        self._weekly = weekly
        self._chance = Chance(seed, _STREAM)
        self._made = 0
        self._shelf: dict[str, list[Unit]] = defaultdict(list)
        self._aside: dict[str, Unit] = {}
        self._bench: dict[tuple[str, str], _Back] = {}
        self._room: dict[str, Unit] = {}
        self._repairs = set[tuple[str, int]]()
        self.packed: list[Parcel] = []

    def receive_goods(self, day: int) -> None:
        """Put what the makers deliver this week on the shelves; models that are gone do not come any more."""
        for model in MODELS:
            if model.gone_from_day < 0 or day < model.gone_from_day:
                missing = self._weekly - len(self._shelf[model.sku])
                for _ in range(max(missing, 0) if self._chance.happens(850) else 0):
                    self._made += 1
                    unit = Unit(serial=f"{model.sku}-N{self._made:06d}", sku=model.sku)
                    self._units[unit.serial] = unit
                    self._shelf[model.sku].append(unit)

    def round(self, worklist: Sequence[Seen]) -> None:
        """Work through the screen: what to set aside, to pack, to send back, to repair; and what came back and is not booked in."""
        by_case = {seen.case: seen for seen in worklist}
        for seen in worklist:
            self._put_back(seen)
            match seen.state.stage:
                case Stage.SCHEDULED if brings_new(seen.state):
                    self._set_aside(seen)
                case Stage.READY:
                    self._pack(seen)
                case Stage.NO_STOCK | Stage.CHOOSING if self._shelf[self._wanted(seen)]:
                    self._say(seen.case, What.BACK_IN_STOCK)
                case Stage.TO_SEND_BACK if self._chance.happens(700):
                    self._send_back(seen)
                case Stage.REPAIRING:
                    self._repair(seen)
                case _:
                    pass
        for (case, _), back in list(self._bench.items()):
            self._book_in(case, back, by_case.get(case))

    def take_in(self, unit: Unit, case: str, *, new: bool) -> None:
        """Take a unit in at the counter or from a van, and scan it; what the screen does not book is scanned again at the next round."""
        unit.place, unit.line = Place.SHOP, ""
        self._bench[case, unit.serial] = _Back(unit=unit, new=new)
        self._scan(case, unit, new=new)

    def find(self, seen: Seen) -> bool:
        """Look for the new unit of a case on the shelves, and book it in where it never left them; say whether it is in the house."""
        serial = seen.state.new_serial
        if (seen.case, serial) in self._bench:
            return True
        on_shelf = serial in self._units and self._units[serial].place is Place.STOCK
        if on_shelf:
            self._say(seen.case, What.CAME_BACK, {"serial": serial})
        return on_shelf

    def has_old(self, case: str) -> bool:
        """Say whether the old unit of a case lies on the bench."""
        return any(not back.new for (of, _), back in self._bench.items() if of == case)

    def room(self, case: str) -> Unit | None:
        """Give the old unit of a case from the store room: for whoever inspects it."""
        return self._room.get(case) or next(
            (back.unit for (of, _), back in self._bench.items() if of == case and not back.new), None
        )

    # --- new units --------------------------------------------------------------------------------------------------

    def _wanted(self, seen: Seen) -> str:
        return seen.state.sku or seen.sku

    def _set_aside(self, seen: Seen) -> None:
        if seen.state.slot_us - self._world.now_us > _RESERVED_BEFORE_US or self._chance.happens(100):
            return
        shelf = self._shelf[self._wanted(seen)]
        if not shelf:
            self._say(seen.case, What.OUT_OF_STOCK)
            return
        unit = shelf.pop(0)
        self._aside[seen.case] = unit
        cost = BY_SKU[unit.sku].cost_minor
        self._say(seen.case, What.RESERVED, {"serial": unit.serial, "unit_cost_minor": cost, "warehouse": "sample"})

    def _put_back(self, seen: Seen) -> None:
        """A unit that the screen no longer shows as set aside goes back on its shelf."""
        unit = self._aside.get(seen.case)
        if unit is not None and seen.state.new is not New.RESERVED:
            del self._aside[seen.case]
            self._shelf[unit.sku].append(unit)

    def _pack(self, seen: Seen) -> None:
        """Pack what is set aside and let it go, some hours before the slot; the screen says when it must not go."""
        unit = self._aside.get(seen.case)
        if unit is None or seen.state.slot_us - self._world.now_us > _PACKED_BEFORE_US or self._chance.happens(120):
            return
        if self._chance.happens(8):
            self._say(seen.case, What.OUT_OF_STOCK)
            return
        if seen.state.advance and seen.state.old is Old.WITH_BUYER and seen.state.secured is Secured.LAPSED:
            return
        self._say(seen.case, What.DISPATCHED, {"parcel": f"P-{seen.case}-{self._world.now_us // DAY_US}"})
        if self._world.look(seen.case).state.new is not New.ON_THE_WAY:
            return
        del self._aside[seen.case]
        self._hand_to_courier(seen, unit)

    def _hand_to_courier(self, seen: Seen, reserved: Unit) -> None:
        others = self._shelf[reserved.sku]
        packed = reserved
        if others and self._chance.happens(10):
            packed = others.pop(0)
            others.append(reserved)
        packed.place = Place.COURIER
        self.packed.append(
            Parcel(
                case=seen.case,
                label=reserved.serial,
                unit=packed,
                courier=self._chance.whole(0, 5),
                brings=True,
                since_us=self._world.now_us,
            )
        )

    # --- what came back ---------------------------------------------------------------------------------------------

    def _book_in(self, case: str, back: _Back, seen: Seen | None) -> None:
        """Scan again what the screen still waits for; put away what it does not."""
        if seen is not None and (is_out(seen.state, back.unit.serial) if back.new else awaits_old(seen.state)):
            self._scan(case, back.unit, new=back.new)
        elif seen is None or back.new or seen.state.old in OVER_OR_BACK:
            self._put_away(case, back)

    def _scan(self, case: str, unit: Unit, *, new: bool) -> None:
        self._say(case, What.CAME_BACK if new else What.RECEIVED, {"serial": unit.serial})

    def _put_away(self, case: str, back: _Back) -> None:
        """New units are for sale again, old ones lie in the store room."""
        del self._bench[case, back.unit.serial]
        if back.new:
            back.unit.place = Place.STOCK
            self._shelf[back.unit.sku].append(back.unit)
        else:
            self._room[case] = back.unit

    def _send_back(self, seen: Seen) -> None:
        old = self._room.pop(seen.case, None)
        if old is not None:
            self._say(seen.case, What.SENT_BACK, {"parcel": f"B-{seen.case}"})
            old.place, old.line = Place.BUYER, seen.line

    def _repair(self, seen: Seen) -> None:
        key = (seen.case, seen.state.since_us)
        if key in self._repairs:
            return
        self._repairs.add(key)
        failed = self._chance.happens(100)
        what, told = (What.REPAIR_FAILED, {"reason": "no part"}) if failed else (What.REPAIRED, {})
        self._world.later(self._world.now_us + self._chance.days_us(2, 40), lambda: self._say(seen.case, what, told))

    def _say(self, case: str, what: What, told: Mapping[str, Told] | None = None) -> None:
        person = self._chance.one_of(STOREKEEPERS)
        self._world.say(Word(case=case, what=what, teller=Teller.WAREHOUSE, told=told or {}, person=person))
