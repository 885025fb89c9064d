"""Where parcels really are on their way: packed, picked up, moved, lost; until they lie in the depot of their region.

Warehouse and carriers keep their own timetable; what goes wrong comes on top of it. Nobody in the shop knows any of this but by scans.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from houbei.columns import MISSING
from houbei.delivery.festival_days import PlanDays
from houbei.simulation.festival import shop
from houbei.simulation.festival.orders import Orders, happens, new_year_of, stream_of
from houbei.simulation.festival.promised import Given

Whole = NDArray[np.int64]
_ROADS = 2
_FOUND_AFTER = (5, 12)
"""So many days after it should have come a lost parcel turns up."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Parcels:
    """Every parcel, by order and number: the place of its order, its number from 0, and the days of its way.

    `packed_day`, `leaves_day` and `ready_day` (in the depot of its region) are days since 1970-01-01, `ready_day` `MISSING` where it never comes;
    `lost_day` is when it went missing, `MISSING` where it did not.
    """

    order: Whole
    number: Whole
    packed_day: Whole
    leaves_day: Whole
    ready_day: Whole
    lost_day: Whole

    def __len__(self) -> int:
        return len(self.order)


def send_parcels(orders: Orders, given: Given, days: PlanDays, *, seed: int) -> Parcels:
    """Send what was ordered on its way.

    Args:
        orders: The orders.
        given: What was promised: service and warehouse are those of the promise.
        days: The plan.
        seed: Decides everything that is left to chance.

    Returns:
        The parcels of every order that was promised something.
    """
    chance, table = stream_of(seed, _ROADS), given.timetable
    late = happens(chance, shop.PACKED_NEXT_DAY, len(orders))
    promised = np.flatnonzero(given.service >= 0)
    order = np.repeat(promised, orders.parcels[promised])
    number = np.arange(len(order)) - np.repeat(
        np.cumsum(orders.parcels[promised]) - orders.parcels[promised], orders.parcels[promised]
    )
    region, origin, service = _regions(orders, given, days)[order], given.origin[order], given.service[order]
    row = table.handled.row[origin, region, service]
    day = orders.day[order] - table.first_day
    too_late = orders.placed_us[order] >= table.handled.late_from_us[row, day]
    packed = table.handled.next_day[row, day + too_late + late[order]]
    carrier = table.served.carrier[service]
    leaves = table.pick_up[origin, carrier, packed]
    group = table.group[origin, region, service, given.weight_class[order]]
    within = table.lead_times.within_permille[group]
    taken = (within <= chance.integers(0, shop.PERMILLE, len(order))[:, None]).sum(axis=1)
    new_year = new_year_of(days) - table.first_day
    slow = (leaves >= new_year + shop.SLOW_FROM) & (leaves < new_year + shop.SLOW_UNTIL)
    taken += slow & happens(chance, shop.SLOW, len(order))
    moves = table.moves[carrier, region]
    counted = np.minimum(table.moving.up_to[moves, leaves] + taken, table.days)
    ready = np.where(taken > 0, np.maximum(leaves, table.moving.nth[moves, counted]), leaves)
    lost = happens(chance, shop.LOST, len(order))
    found = happens(chance, shop.FOUND_AGAIN, len(order))
    waits = chance.integers(_FOUND_AFTER[0], _FOUND_AFTER[1] + 1, len(order))
    first = table.first_day
    return Parcels(
        order=order,
        number=number,
        packed_day=packed + first,
        leaves_day=leaves + first,
        ready_day=np.where(lost, np.where(found, ready + waits + first, MISSING), ready + first),
        lost_day=np.where(lost, leaves + first, MISSING),
    )


def _regions(orders: Orders, given: Given, days: PlanDays) -> Whole:
    """The region of each order, a place among those of the network."""
    network = [region.id for region in given.timetable.loaded.network.regions]
    places = np.array([network.index(region.id) for region in days.plan.regions])
    return places[orders.region]
