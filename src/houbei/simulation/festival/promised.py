"""What is promised at the checkout: the engine is asked with the network that the plan lies over, and with the crews that are left."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from houbei.delivery.festival_days import PlanDays
from houbei.delivery.festival_places import places_of
from houbei.delivery.network import Loaded
from houbei.delivery.promising import Promises, promise_arrivals
from houbei.delivery.requests import ANY_SLOT, Booked, Parcel, Request, requests_of
from houbei.delivery.timetable import Timetable, timetable_of
from houbei.simulation.chance import HOUR_US
from houbei.simulation.festival import shop
from houbei.simulation.festival.orders import Orders

Whole = NDArray[np.int64]
ASKED_HOURS = 3
"""So many hours of orders are promised together; the crews left are counted in between."""
_REFUSED = -1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Given:
    """What was promised to each order, one entry an order; -1 and `MISSING` where nothing could be.

    `service`, `origin` and `slot` are places in the timetable; moments are µs UTC, `from_us` is `MISSING` for a date, `day` the local day.
    """

    timetable: Timetable
    by_us: Whole
    from_us: Whole
    day: Whole
    fee_minor: Whole
    chance_permille: Whole
    service: Whole
    origin: Whole
    slot: Whole
    is_provisional: NDArray[np.bool_]
    refused: Whole
    weight_class: Whole
    """A place among those of the network, whatever was promised."""

    @property
    def carrier(self) -> Whole:
        """The carrier of each, a place among those of the network; -1 where nothing was promised."""
        of_service = self.timetable.served.carrier
        return np.where(self.service < 0, _REFUSED, of_service[np.maximum(self.service, 0)])


_COLUMNS = (
    "by_us",
    "from_us",
    "day",
    "fee_minor",
    "chance_permille",
    "service",
    "origin",
    "slot",
    "is_provisional",
    "refused",
)


def promise_orders(
    orders: Orders, loaded: Loaded, days: PlanDays, *, chance_permille: int, progress: Callable[[int, int], None]
) -> Given:
    """Promise every order an arrival, in the order in which they come.

    An order whose buyer chose a service that cannot do it is offered whichever is earliest.

    Args:
        orders: The orders.
        loaded: The network with the plan in it.
        days: The plan.
        chance_permille: How often a promise is to be kept.
        progress: Told how many orders have one, and of how many.
    """
    timetable = timetable_of(loaded, from_us=int(orders.placed_us[0]), to_us=int(orders.placed_us[-1]))
    places, booked = places_of(loaded, days), Booked()
    window = orders.placed_us // (ASKED_HOURS * HOUR_US)
    bounds = [0, *(np.flatnonzero(np.diff(window)) + 1).tolist(), len(orders)]
    found = {name: np.zeros(len(orders), dtype=np.int64) for name in _COLUMNS}
    for begin, end in pairwise(bounds):
        rows = np.arange(begin, end)
        for wanted in (True, False):
            asked = [_request(orders, row, days, chance_permille, wanted=wanted) for row in rows.tolist()]
            promised = promise_arrivals(timetable, requests_of(loaded, asked), booked=places.taken(booked))
            _keep(found, rows, promised)
            booked = booked.with_more(promised.booked)
            rows = rows[promised.refused != 0]
            if not len(rows):
                break
        progress(end, len(orders))
    is_provisional = found.pop("is_provisional") > 0
    return Given(
        timetable=timetable, is_provisional=is_provisional, weight_class=_classes(loaded)[orders.article], **found
    )


def _keep(found: dict[str, Whole], rows: Whole, promised: Promises) -> None:
    for name, column in found.items():
        column[rows] = getattr(promised, name)


def _request(orders: Orders, row: int, days: PlanDays, chance_permille: int, *, wanted: bool) -> Request:
    service = shop.SERVICES[int(orders.service[row])][1] if wanted else None
    return Request(
        id=orders.ids[row],
        at_us=int(orders.placed_us[row]),
        region=days.plan.regions[int(orders.region[row])].id,
        parcels=_parcels(orders, row),
        service=service,
        chance_permille=chance_permille,
        slot=ANY_SLOT if service == "booked" else "",
    )


def _parcels(orders: Orders, row: int) -> tuple[Parcel, ...]:
    return (Parcel(sku=shop.ARTICLES[int(orders.article[row])].sku, count=int(orders.parcels[row])),)


def _classes(loaded: Loaded) -> Whole:
    """The weight class of each article of the shop."""
    skus = [Parcel(sku=article.sku) for article in shop.ARTICLES]
    asked = [Request(id=str(place), at_us=0, region="", parcels=(parcel,)) for place, parcel in enumerate(skus)]
    return requests_of(loaded, asked).parcel_class
