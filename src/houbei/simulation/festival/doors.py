"""The doors: in each region a carrier's crews go out day by day, first come first served, as far as they get.

Nobody is served out of turn because of what was promised: what comes late is the same for every shop that promises over this world.
"""

from dataclasses import dataclass
from heapq import heapify, heappop, heappush

import numpy as np
from numpy.typing import NDArray

from houbei.calendars.carriers import CarrierDays
from houbei.calendars.days import DAY_US
from houbei.columns import MISSING
from houbei.delivery.clock_times import clock_us_of
from houbei.delivery.festival_days import UNSAID, PlanDays
from houbei.simulation.chance import HOUR_US
from houbei.simulation.festival import shop
from houbei.simulation.festival.orders import Orders, happens, new_year_of, stream_of
from houbei.simulation.festival.promised import Given
from houbei.simulation.festival.roads import Parcels
from houbei.simulation.festival.wishes import Wishes

Whole = NDArray[np.int64]
_DOORS = 4
_BEGINS_US, _ENDS_US = 9 * HOUR_US, 20 * HOUR_US
_PACKED_AND_BROUGHT_US = 4 * HOUR_US
"""Sooner than this after the order nothing stands at a door; what cannot before crews go home waits for the next day."""
_LAST_DAYS = 60
"""So long after New Year's Day crews go out; what is not there by then never comes."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sent:
    """What is on its way: a slot's parcel is kept for its day, and one whose buyer asked for another day for that day; one whose order is cancelled goes back.

    `seed` decides everything that is left to chance.
    """

    orders: Orders
    given: Given
    wishes: Wishes
    parcels: Parcels
    days: PlanDays
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Crews:
    """By [region, carrier, day]: the crews that came, and how many doors each reaches; `UNSAID` where the plan does not bound it. Days from `first_day` on."""

    first_day: int
    crews: Whole
    visits: Whole

    @property
    def doors(self) -> Whole:
        """How many doors are reached."""
        return np.where(self.crews == UNSAID, UNSAID, self.crews * self.visits)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Doors:
    """By parcel: when somebody stood before a closed door (`MISSING`: never), and when it was handed over (`MISSING`: never), µs UTC."""

    attempted_us: Whole
    delivered_us: Whole


def call_crews(days: PlanDays, *, seed: int) -> Crews:
    """Let crews come to work: in the festival some stay at home. Before and after the plan there are as many as it takes."""
    chance, new_year = stream_of(seed, _DOORS), new_year_of(days)
    first, last = new_year + shop.FIRST_ORDER_DAYS, new_year + _LAST_DAYS
    place = np.arange(first, last + 1) - days.first_day
    planned = (place >= 0) & (place < days.days)
    place = np.clip(place, 0, days.days - 1)
    crews = np.where(planned, days.crews()[:, :, place], UNSAID)
    visits = np.array([*(item.visits for item in days.plan.crews), UNSAID])[days.crew][:, :, place]
    offset = np.arange(first, last + 1) - new_year
    festival = (offset >= shop.SLOW_FROM) & (offset < shop.SLOW_UNTIL)
    home = chance.binomial(np.maximum(crews, 0), shop.CREW_STAYS_HOME / shop.PERMILLE)
    return Crews(first_day=first, crews=np.where(festival & (crews > 0), crews - home, crews), visits=visits)


def is_closed(days: PlanDays, region: str, day: int) -> bool:
    """Tell whether a region is cut off by one of the events on a day, for some of the hours in which crews are out."""
    begins = (day - new_year_of(days)) * 24
    return any(
        event.from_hours < begins + 20
        and event.until_hours > begins + 9
        and any(region == one or region.startswith(f"{one}-") for one in event.regions)
        for event in shop.EVENTS
    )


def go_round(sent: Sent, crews: Crews) -> Doors:
    """Let the crews go out, day by day; what one order has at the depot is one door.

    Args:
        sent: What is on its way.
        crews: Who came to work.
    """
    chance, days = stream_of(sent.seed, _DOORS + 1), sent.days
    orders, given, wishes, parcels = sent.orders, sent.given, sent.wishes, sent.parcels
    closed_door = happens(chance, shop.NOBODY_HOME, len(parcels))
    jitter = chance.integers(0, shop.PERMILLE, len(parcels))
    keeps = (given.from_us != MISSING) | (wishes.moved_us != MISSING)
    kept_for = np.where(keeps, given.day + wishes.moved_days, 0)[parcels.order]
    after_us = (orders.placed_us + _PACKED_AND_BROUGHT_US - given.timetable.zones[0].midnight(orders.day))[
        parcels.order
    ]
    soonest = np.maximum(orders.day[parcels.order] + (after_us >= _ENDS_US), kept_for)
    ready = np.where(parcels.ready_day == MISSING, MISSING, np.maximum(parcels.ready_day, soonest))
    found = Doors(attempted_us=np.full(len(parcels), MISSING), delivered_us=np.full(len(parcels), MISSING))
    cell = orders.region[parcels.order] * len(days.plan.carriers) + _carriers(given, days)[parcels.order]
    clock = _Clock(sent, jitter)
    for one in np.unique(cell).tolist():
        region, carrier = divmod(one, len(days.plan.carriers))
        mine = np.flatnonzero((cell == one) & (ready != MISSING))
        opens = _opens(given, days, region, carrier, crews)
        queue = [(int(ready[parcel]), int(parcel)) for parcel in mine.tolist()]
        until_us = _until_us(days, region, carrier, crews)
        _serve(queue, opens, crews.doors[region, carrier], until_us, crews.first_day, closed_door, clock, found)
    return found


@dataclass(frozen=True, slots=True)
class _Clock:
    """When a door is reached on a day."""

    sent: Sent
    jitter: Whole

    def moment(self, parcel: int, day: int, until_us: int) -> int:
        order = int(self.sent.parcels.order[parcel])
        midnight = int(self.sent.given.timetable.zones[0].midnight(np.array([day]))[0])
        begins, length = _BEGINS_US, until_us - _BEGINS_US
        promised = int(self.sent.given.day[order] + self.sent.wishes.moved_days[order])
        if self.sent.given.from_us[order] != MISSING and day == promised:
            shift = int(self.sent.wishes.moved_days[order]) * DAY_US
            begins = int(self.sent.given.from_us[order]) + shift - midnight
            # Of twenty visits in a slot one comes up to half an hour after it.
            length = int(self.sent.given.by_us[order] - self.sent.given.from_us[order]) * 21 // 20
        at_us = midnight + begins + length * int(self.jitter[parcel]) // shop.PERMILLE
        return max(at_us, int(self.sent.orders.placed_us[order]) + _PACKED_AND_BROUGHT_US)


def _serve(  # noqa: PLR0913, PLR0917  one queue, its crews and what is found of it
    queue: list[tuple[int, int]],
    opens: NDArray[np.bool_],
    doors: Whole,
    until_us: Whole,
    first_day: int,
    closed_door: NDArray[np.bool_],
    clock: _Clock,
    found: Doors,
) -> None:
    heapify(queue)
    cancelled = clock.sent.wishes.cancelled_us
    for place in np.flatnonzero(opens).tolist():
        day, left = first_day + place, int(doors[place])
        again: list[tuple[int, int]] = []
        visited: set[int] = set()
        while queue and queue[0][0] <= day:
            order = int(clock.sent.parcels.order[queue[0][1]])
            if left == 0 and order not in visited:
                break
            _, parcel = heappop(queue)
            at_us = clock.moment(parcel, day, int(until_us[place]))
            if MISSING != cancelled[order] <= at_us:
                continue
            left -= left > 0 and order not in visited
            visited.add(order)
            if closed_door[parcel] and found.attempted_us[parcel] == MISSING:
                found.attempted_us[parcel] = at_us
                again.append((day + 1, parcel))
            else:
                found.delivered_us[parcel] = at_us
        for one in again:
            heappush(queue, one)


def _opens(given: Given, days: PlanDays, region: int, carrier: int, crews: Crews) -> NDArray[np.bool_]:
    """On which days a carrier's crews can go out in a region: it works, and nothing closes the region."""
    table = given.timetable
    name = days.plan.regions[region].id
    found: CarrierDays = next(one for one in table.carriers if one.carrier == days.plan.carriers[carrier].id)
    every = crews.first_day + np.arange(crews.crews.shape[2])
    works = found.delivery[found.regions.index(name)][every - table.first_day]
    goes = np.array([not is_closed(days, name, day) for day in every.tolist()], dtype=np.bool_)
    out: NDArray[np.bool_] = works & goes
    return out


def _until_us(days: PlanDays, region: int, carrier: int, crews: Crews) -> Whole:
    """Until when crews are out on each day, µs after midnight."""
    ends = [_ENDS_US if item.until is None else clock_us_of(item.until, where="until") for item in days.plan.days]
    every = crews.first_day + np.arange(crews.crews.shape[2]) - days.first_day
    inside = (every >= 0) & (every < days.days)
    place = days.day[region, carrier, np.clip(every, 0, days.days - 1)]
    return np.where(inside, np.array([*ends, _ENDS_US])[place], _ENDS_US)


def _carriers(given: Given, days: PlanDays) -> Whole:
    """The carrier of each order, a place among those of the plan; -1 where nothing was promised."""
    names = [carrier.carrier for carrier in given.timetable.loaded.carriers.carriers]
    places = [[found.id for found in days.plan.carriers].index(name) for name in names]
    return np.array([*places, -1])[given.carrier]
