"""The months themselves: day by day, three rounds a day, until nothing more is to come; and what was really so at the end."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from houbei.case.stages import New
from houbei.facts.moments import DAY_US
from houbei.simulation.bank import Bank
from houbei.simulation.buyers import Buyers
from houbei.simulation.chance import HOUR_US, Chance
from houbei.simulation.clerks import Clerks
from houbei.simulation.couriers import Couriers
from houbei.simulation.desk import Desk, Seen
from houbei.simulation.goods import Place, Unit
from houbei.simulation.inspectors import Inspectors
from houbei.simulation.shop import SALE_DAYS, SALES, promises
from houbei.simulation.suppliers import Suppliers
from houbei.simulation.till import Till
from houbei.simulation.troubles import breaks_again, draw
from houbei.simulation.warehouse import Warehouse
from houbei.simulation.world import World

BEGIN_US = 1_772_294_400_000_000
"""2026-03-01T00:00+08:00."""
_ROUNDS_US = (9 * HOUR_US, 13 * HOUR_US, 18 * HOUR_US)
_BUSY_AFTER_DAYS = 45
"""So long after the last report there are three rounds a day; then one, for what little is still to come."""
_DESK_CLOSES_US = 18 * HOUR_US
_AFTER_DAYS_MAX = 200
"""So long after the last report everything must have come to rest."""
_STREAM = 9
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What was really so: by the world's own count, not by anything that Houbei says.

    `doubled` counts new units that came into a home where a new unit of the same case was already, `unknown` cases in which a new unit is in
    a home and the screen does not say so, or the other way round. `places` counts units that are not
    in stock. `people_asked` is how often a clerk had to act, `told` how many steps were told, repeats included.
    """

    days: int
    doubled: int
    unknown: int
    places: dict[str, int]
    people_asked: int
    told: int
    waiting: tuple[Seen, ...]


class Months:
    """One simulation.

    Args:
        desk: Houbei, seen from outside.
        till: The provider's other side.
        seed: Decides everything that is left to chance.
        days: How many days buyers report faults.
        cases: How many units are reported for the first time.
        begin_us: The first midnight of the shop's zone.
    """

    def __init__(self, desk: Desk, *, till: Till, seed: int, days: int, cases: int, begin_us: int = BEGIN_US) -> None:
        self._desk = desk
        self._till = till
        self._days = days
        self._begin_us = begin_us
        self._told_sold = 0
        self._sold, troubles = draw(seed, begin_us=begin_us, days=days, cases=cases)
        self._units = {
            serial: Unit(serial=serial, sku=sold.sku, place=Place.BUYER, line=sold.line)
            for sold in self._sold
            for serial in sold.serials
        }
        self._world = World(desk, begin_us=begin_us)
        own = {terms.term: terms for terms in promises()}
        weekly = max(cases // days, 3)
        self._bank = Bank(self._world, till, own, seed=seed)
        self._warehouse = Warehouse(self._world, units=self._units, weekly=weekly, seed=seed)
        self._buyers = Buyers(self._world, self._bank, self._warehouse, units=self._units, seed=seed)
        self._couriers = Couriers(self._world, self._buyers, self._warehouse, seed=seed)
        self._inspectors = Inspectors(self._world, self._warehouse, seed=seed)
        self._clerks = Clerks(
            self._world,
            buyers=self._buyers,
            couriers=self._couriers,
            warehouse=self._warehouse,
            bank=self._bank,
            seed=seed,
        )
        self._suppliers = Suppliers(self._world, seed=seed)
        self._chance = Chance(seed, _STREAM)
        self._open = set[str]()
        self._doubled = set[str]()
        self._again = set[str]()
        for trouble in troubles:
            self._buyers.plan(trouble)

    def live(self, progress: Progress) -> Truth:
        """Live through all of it.

        Args:
            progress: Told of days done.

        Returns:
            What was really so.
        """
        worklist: Sequence[Seen] = ()
        for day in range(self._days + _AFTER_DAYS_MAX):
            if day >= self._days and not self._world.waits and not worklist:
                break
            worklist = self.live_day(day)
            if day < self._days:
                progress("days", day + 1, self._days)
            else:
                progress("days until all is at rest", day + 1 - self._days, _AFTER_DAYS_MAX)
        return Truth(
            days=day,
            doubled=len(self._doubled),
            unknown=sum(self._is_unknown(case) for case in self._buyers.affairs),
            places=self._places(),
            people_asked=self._clerks.asked,
            told=self._world.told,
            waiting=tuple(worklist),
        )

    def live_day(self, day: int) -> Sequence[Seen]:
        """Live through one day, the first is 0; give the cases that are open at its end."""
        midnight = self._begin_us + day * DAY_US
        self._sell(midnight)
        for _, sku, price_minor in (sale for sale in SALES if sale[0] == day):
            self._desk.reduce(sku, price_minor, until_us=midnight + SALE_DAYS * DAY_US, now_us=midnight)
        if day % 7 == 0:
            self._warehouse.receive_goods(day)
        worklist: Sequence[Seen] = ()
        for hours in _ROUNDS_US if day < self._days + _BUSY_AFTER_DAYS else _ROUNDS_US[:1]:
            self._world.live_until(midnight + hours)
            worklist = self._round(hours=hours, weekday=day % 7)
        return worklist

    def _sell(self, midnight: int) -> None:
        """Tell of what was delivered until a midnight."""
        begin = end = self._told_sold
        while end < len(self._sold) and self._sold[end].delivered_us <= midnight:
            end += 1
        sold = self._sold[begin:end]
        self._till.capture([(one.order, one.paid_minor) for one in sold])
        self._desk.sell(sold, now_us=midnight)
        self._told_sold = end

    def _round(self, *, hours: int, weekday: int) -> Sequence[Seen]:
        """One round: the clock, then everybody works through what their screens show."""
        self._desk.tick(self._world.now_us)
        worklist = self._desk.worklist()
        self._note_ended(worklist)
        for seen in worklist:
            self._bank.round(seen)
            self._inspectors.round(seen)
            self._suppliers.round(seen)
        self._warehouse.round(worklist)
        self._couriers.round(worklist)
        for seen in worklist:
            self._buyers.hear(seen)
            if hours < _DESK_CLOSES_US and weekday:
                self._clerks.round(seen)
        self._world.flush()
        self._note_doubled()
        return worklist

    def _note_ended(self, worklist: Sequence[Seen]) -> None:
        """Let those who deal with cases that ended see them once: buyers get a message, the maker a letter; some units break again."""
        now = {seen.case for seen in worklist}
        for case in sorted(self._open - now):
            seen = self._desk.look(case)
            self._buyers.hear(seen)
            self._suppliers.ended(seen)
            affair = self._buyers.affairs[case]
            if affair.brought and case not in self._again and self._chance.happens(40):
                self._again.add(case)
                self._buyers.plan(
                    breaks_again(
                        self._chance,
                        sold=affair.sold,
                        unit=affair.unit,
                        serial=affair.brought[0].serial,
                        now_us=self._world.now_us,
                    )
                )
        self._open = now

    def _note_doubled(self) -> None:
        for case, affair in self._buyers.affairs.items():
            if len(affair.brought) > 1:
                self._doubled.add(case)

    def _is_unknown(self, case: str) -> bool:
        shown = self._desk.look(case).state.new is New.WITH_BUYER
        return shown is not bool(self._buyers.affairs[case].brought)

    def _places(self) -> dict[str, int]:
        counts = dict.fromkeys((place.value for place in Place if place is not Place.STOCK), 0)
        for unit in self._units.values():
            if unit.place is not Place.STOCK:
                counts[unit.place.value] += 1
        return counts
