"""What was shown to buyers, as rows: at the sale, when a buyer asked for another day, when the shop showed another date."""

from collections.abc import Iterator
from dataclasses import dataclass

from houbei.calendars.days import DAY_US
from houbei.columns import MISSING
from houbei.simulation.festival import shop
from houbei.simulation.festival.orders import Orders
from houbei.simulation.festival.promised import Given
from houbei.simulation.festival.wishes import Wishes


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A promise that was shown; moments are µs UTC, `from_us` is `MISSING` for a date."""

    id: str
    order: int
    shown_us: int
    from_us: int
    by_us: int
    fee_minor: int
    parcels: int
    by_buyer: bool
    is_provisional: bool
    chance_permille: int
    carrier: str


def shown_rows(orders: Orders, given: Given, wishes: Wishes) -> list[Row]:
    """Give every promise that was shown, by the moment at which it was, then by id."""
    found = [
        row
        for order in range(len(orders))
        if given.service[order] >= 0
        for row in _of_order(orders, given, wishes, order)
    ]
    return sorted(found, key=lambda row: (row.shown_us, row.id))


def naive_rows(orders: Orders, given: Given) -> list[Row]:
    """Give what a shop would show that promises so many days whatever the day; to the orders that were promised something."""
    zone, carriers = given.timetable.zones[0], carrier_names(given)
    by_us = zone.midnight(orders.day + shop.NAIVE_DAYS + 1)
    return [
        Row(
            id=f"{orders.ids[order]}-N",
            order=order,
            shown_us=int(orders.placed_us[order]),
            from_us=MISSING,
            by_us=int(by_us[order]),
            fee_minor=0,
            parcels=int(orders.parcels[order]),
            by_buyer=False,
            is_provisional=False,
            chance_permille=shop.PERMILLE,
            carrier=carriers[int(given.carrier[order])],
        )
        for order in range(len(orders))
        if given.service[order] >= 0
    ]


def _of_order(orders: Orders, given: Given, wishes: Wishes, order: int) -> Iterator[Row]:
    carriers = carrier_names(given)

    def row(mark: str, shown_us: int, later_days: int, *, by_buyer: bool) -> Row:
        from_us, by_us = int(given.from_us[order]), int(given.by_us[order])
        return Row(
            id=f"{orders.ids[order]}-{mark}",
            order=order,
            shown_us=shown_us,
            from_us=from_us if from_us == MISSING else from_us + later_days * DAY_US,
            by_us=by_us + later_days * DAY_US,
            fee_minor=int(given.fee_minor[order]),
            parcels=int(orders.parcels[order]),
            by_buyer=by_buyer,
            is_provisional=bool(given.is_provisional[order]),
            chance_permille=int(given.chance_permille[order]),
            carrier=carriers[int(given.carrier[order])],
        )

    yield row("S", int(orders.placed_us[order]), 0, by_buyer=False)
    if wishes.moved_us[order] != MISSING:
        yield row("B", int(wishes.moved_us[order]), int(wishes.moved_days[order]), by_buyer=True)
    if wishes.shown_us[order] != MISSING:
        yield row("L", int(wishes.shown_us[order]), int(wishes.shown_days[order]), by_buyer=False)


def carrier_names(given: Given) -> list[str]:
    """Name the carriers of the network, by their places."""
    return [carrier.carrier for carrier in given.timetable.loaded.carriers.carriers]
