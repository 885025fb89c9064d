"""The doors that a plan's crews can still reach, as places taken: what a promise engine is told in place of the plan.

The services of a carrier share its crews in a region. Each slot of each service is shown what is left for all of them, so that whoever asks for one promise at a time never
promises more doors than the crews reach; who asks for many at once can go beyond by what the batch itself takes in other slots.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from houbei.delivery.clock_times import clock_us_of
from houbei.delivery.festival_days import UNSAID, PlanDays
from houbei.delivery.network import Loaded
from houbei.delivery.requests import Booked

Whole = NDArray[np.int64]
_NEVER = -1
"""When a promise of a whole day ends, beside deliveries that end early: it outlasts nothing."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Places:
    """The slots that share a plan's crews, one entry each: an origin, a region, a slot of the timetable, in a cell of the plan.

    `cell` is the place of the plan's region and carrier, flattened; `ends_us` when the slot ends on the clock; `capacity` its own limit. `doors[cell, day]`
    is what the crews reach (`UNSAID` where the plan does not say), `until_us[cell, day]` when they stop (`UNSAID`: with the day).
    """

    first_day: int
    origin: Whole
    region: Whole
    slot: Whole
    cell: Whole
    ends_us: Whole
    capacity: Whole
    doors: Whole
    until_us: Whole

    def taken(self, booked: Booked | None = None) -> Booked:
        """Give the places that are taken, those of `booked` among them: this is what the next promises are asked with.

        Args:
            booked: What was promised so far.

        Cost: linear in slots times days of the plan, and in what is booked.
        """
        booked = booked or Booked()
        days = self.doors.shape[1]
        own = np.zeros((len(self.slot), days), dtype=np.int64)
        row = self._rows_of(booked)
        day = booked.day - self.first_day
        inside = (row >= 0) & (day >= 0) & (day < days)
        np.add.at(own, (row[inside], day[inside]), booked.count[inside])
        shared = np.zeros_like(self.doors)
        np.add.at(shared, self.cell, own)
        doors, until_us = self.doors[self.cell], self.until_us[self.cell]
        left = np.where(doors == UNSAID, self.capacity[:, None], np.maximum(doors - shared[self.cell], 0))
        left = np.where((until_us >= 0) & (until_us < self.ends_us[:, None]), 0, left)
        count = np.maximum(self.capacity[:, None] - left, own)
        place, on = np.nonzero(count)
        return Booked(
            origin=np.concatenate((self.origin[place], booked.origin[~inside])),
            region=np.concatenate((self.region[place], booked.region[~inside])),
            slot=np.concatenate((self.slot[place], booked.slot[~inside])),
            day=np.concatenate((on + self.first_day, booked.day[~inside])),
            count=np.concatenate((count[place, on], booked.count[~inside])),
        )

    def _rows_of(self, booked: Booked) -> Whole:
        """The entry of each booking, -1 where it lies in none."""
        high = [int(max(own.max(initial=0), other.max(initial=0))) + 1 for own, other in self._with(booked)]
        keys, wanted = (
            (np.ravel_multi_index(columns, high) if len(columns[0]) else np.zeros(0, dtype=np.int64))
            for columns in zip(*self._with(booked), strict=True)
        )
        order = np.argsort(keys)
        place = np.minimum(np.searchsorted(keys[order], wanted), max(len(keys) - 1, 0))
        if not len(keys):
            return np.full(len(wanted), -1)
        return np.where(keys[order][place] == wanted, order[place], -1)

    def _with(self, booked: Booked) -> tuple[tuple[Whole, Whole], ...]:
        return (self.origin, booked.origin), (self.region, booked.region), (self.slot, booked.slot)


def places_of(loaded: Loaded, days: PlanDays) -> Places:
    """Find the slots that share a plan's crews.

    Args:
        loaded: The network with the plan in it (`festival_overrides.network_with`): every slot of a planned carrier has a capacity.
        days: The plan by region, carrier and day.

    Cost: linear in the cells of the plan times the slots of its carriers.
    """
    network, plan = loaded.network, days.plan
    region_of = {region.id: place for place, region in enumerate(network.regions)}
    rows = [
        (origin, region_of[region.id], slot, r * len(plan.carriers) + c, ends_us, capacity)
        for r, region in enumerate(plan.regions)
        for c, carrier in enumerate(plan.carriers)
        for origin, slot, ends_us, capacity in _slots_of(loaded, carrier.id, region.id)
    ]
    columns = np.array(rows, dtype=np.int64).reshape(-1, 6).T
    until = [UNSAID if item.until is None else clock_us_of(item.until, where="until") for item in plan.days]
    return Places(
        first_day=days.first_day,
        origin=columns[0],
        region=columns[1],
        slot=columns[2],
        cell=columns[3],
        ends_us=columns[4],
        capacity=columns[5],
        doors=days.places().reshape(-1, days.days),
        until_us=np.array([*until, UNSAID], dtype=np.int64)[days.day].reshape(-1, days.days),
    )


def _slots_of(loaded: Loaded, carrier: str, region: str) -> list[tuple[int, int, int, int]]:
    """The slots of a carrier in a region that have a capacity: origin, slot, when it ends, capacity."""
    network, parts = loaded.network, loaded.network.parts()
    found, slot = [], 0
    for service in network.services:
        ends = [_NEVER, *(clock_us_of(one.ends, where=one.id) for one in service.slots)]
        capacities = [service.capacity, *(one.capacity for one in service.slots)]
        reached = {part for name in service.regions for part in parts[name]} if service.regions else {region}
        if service.carrier == carrier and region in reached:
            found += [
                (place, slot + number, ends_us, capacity)
                for place, origin in enumerate(network.origins)
                if not service.origins or origin.id in service.origins
                for number, (ends_us, capacity) in enumerate(zip(ends, capacities, strict=True))
                if capacity is not None
            ]
        slot += len(ends)
    return found
