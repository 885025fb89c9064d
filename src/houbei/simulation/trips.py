"""Appliances on their way in the year's last days: what is ordered, what the sample network promises, how the parcels really travel. Invented from a seed.

What stands here is the world's own truth; the shop hears of it by scans alone, and of a carrier whose feed has stopped it hears nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from houbei.delivery.promising import promise_arrivals
from houbei.delivery.quoting import quote
from houbei.delivery.requests import Parcel, Request, requests_of
from houbei.delivery.timetable import timetable_of
from houbei.facts.moments import DAY_US
from houbei.facts.scans import What
from houbei.simulation.chance import HOUR_US, Chance
from houbei.simulation.shop import BY_SKU, COURIERS
from houbei.store.network_files import load_network

NETWORK = "sample-cn"
SKUS = ("fridge-a", "washer-a", "washer-b", "tv-b", "tv-c", "aircon-a")
REGIONS = ("CN-SH", "CN-BJ", "CN-GD-GZ", "CN-JS-NJ", "CN-ZJ-HZ", "CN-LN-SY", "CN-SC-CD", "CN-HB-WH")
ORDERS_A_DAY = 14
CHANCE_PERMILLE = 950
"""How sure the shop wants to be of the dates that it shows."""
EARLY, LATE, VERY_LATE, LOST, FORGOTTEN = 250, 25, 10, 12, 110
"""Of a thousand parcels so many come a day early, a day late, later than that, never; so many lie forgotten in the warehouse for days."""
DISPUTED = 45
"""Of a thousand arrivals so many are disputed by their buyers."""
_STREAM = 42
Scan = tuple[int, What, str, str]
"""When, what, who tells of it, and the person who does, '' for none."""


@dataclass(slots=True, kw_only=True)
class Trip:
    """One order on its way: what was promised, as a quote, and everything that happens to its parcel, in the order of time."""

    order: str
    sku: str
    region: str
    placed_us: int
    quoted: dict[str, Any]
    scans: list[Scan] = field(default_factory=list)

    @property
    def paid_minor(self) -> int:
        """What was paid for it."""
        return BY_SKU[self.sku].price_minor

    @property
    def arrived_us(self) -> int | None:
        """When it really came; None where it has not."""
        return next((at_us for at_us, what, *_ in self.scans if what is What.DELIVERED), None)


def plan_trips(*, seed: int, begin_us: int, days: int) -> list[Trip]:
    """Invent the orders of some days and their whole ways, the future included; the same seed gives the same.

    Args:
        seed: Decides everything that is left to chance.
        begin_us: The first midnight of the shop's zone.
        days: How many days orders come.
    """
    chance = Chance(seed, _STREAM)
    asked = [
        Request(
            id=f"sample-Y{number:04}",
            at_us=begin_us + day * DAY_US + chance.hours_us(8, 21),
            region=chance.one_of(REGIONS),
            parcels=(Parcel(weight_class="medium" if sku.startswith("tv") else "large"),),
            carrier="resting" if sku.startswith("tv") else "through",
            chance_permille=CHANCE_PERMILLE,
        )
        for number in range(days * ORDERS_A_DAY)
        for day, sku in [(number // ORDERS_A_DAY, SKUS[number % len(SKUS)])]
    ]
    trips = []
    for number, (request, quoted) in enumerate(zip(asked, _quotes(asked), strict=True)):
        if quoted["refused"] is None:
            trip = Trip(
                order=request.id,
                sku=SKUS[number % len(SKUS)],
                region=request.region,
                placed_us=request.at_us,
                quoted=quoted,
            )
            _travel(trip, chance)
            trips.append(trip)
    return sorted(trips, key=lambda trip: (trip.placed_us, trip.order))


def _quotes(asked: Sequence[Request]) -> list[dict[str, Any]]:
    """What the sample network promises."""
    loaded = load_network(NETWORK)
    moments = [request.at_us for request in asked]
    timetable = timetable_of(loaded, from_us=min(moments), to_us=max(moments))
    requests = requests_of(loaded, asked)
    promised = promise_arrivals(timetable, requests)
    return [quote(timetable, requests, promised, row) for row in range(len(asked))]


def _travel(trip: Trip, chance: Chance) -> None:
    """Let a parcel travel: handed over the next morning, seen once or twice a day, brought on the day that chance says."""
    midnight_us = trip.quoted["by_us"] - DAY_US
    handed_us = trip.placed_us + chance.hours_us(8, 16)
    if chance.happens(FORGOTTEN):
        handed_us += 2 * DAY_US
    shift = chance.weighed(
        [(EARLY, -1), (LATE, 1), (VERY_LATE, 3), (LOST, None), (1000 - EARLY - LATE - VERY_LATE - LOST, 0)]
    )
    lost_us = handed_us + chance.hours_us(10, 30)
    brought_us = midnight_us + (shift or 0) * DAY_US + chance.hours_us(9, 20)
    brought_us = max(brought_us, handed_us + chance.hours_us(5, 14))
    trip.scans.append((handed_us, What.HANDED_OVER, "warehouse", ""))
    seen_us = handed_us + chance.hours_us(1, 6)
    while seen_us < (lost_us if shift is None else brought_us - 3 * HOUR_US):
        trip.scans.append((seen_us, What.MOVED, "carrier", ""))
        seen_us += chance.hours_us(7, 18)
    if shift is None:
        return
    courier = chance.one_of(COURIERS)
    trip.scans.append((brought_us - 2 * HOUR_US, What.OUT_FOR_DELIVERY, "carrier", ""))
    trip.scans.append((brought_us, What.DELIVERED, "courier", courier.name))
    if chance.happens(DISPUTED):
        trip.scans.append((brought_us + chance.hours_us(2, 10), What.DISPUTED, "buyer", ""))
