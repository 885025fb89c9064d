"""The orders: when they come, where they go, what they hold. All chance comes from the seed."""

from dataclasses import dataclass

import numpy as np
from numpy.random import PCG64, Generator
from numpy.typing import NDArray

from houbei.calendars.days import DAY_US, Days
from houbei.calendars.lunar import lunar_day
from houbei.delivery.festival_days import PlanDays
from houbei.simulation.chance import HOUR_US
from houbei.simulation.festival import shop

Whole = NDArray[np.int64]
_ORDERS = 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Orders:
    """The orders of the sample shop, one entry each, by the moment at which they were placed.

    `region` is a place among the plan's regions, `article` among `shop.ARTICLES`, `service` among `shop.SERVICES`; `parcels` is in how many
    parcels an order comes.
    """

    ids: tuple[str, ...]
    placed_us: Whole
    day: Whole
    region: Whole
    article: Whole
    service: Whole
    parcels: Whole
    paid_minor: Whole

    def __len__(self) -> int:
        return len(self.ids)


def stream_of(seed: int, stream: int) -> Generator:
    """Give the chance of one part of the simulation, so that one part never disturbs another."""
    return Generator(PCG64([seed, 2026, stream]))


def new_year_of(days: PlanDays) -> int:
    """Find New Year's Day, days since 1970-01-01."""
    return lunar_day(days.plan.year, 1, 1)


def take_orders(days: PlanDays, *, seed: int, orders: int) -> Orders:
    """Let buyers order.

    Args:
        days: The plan: orders go where it expects doors, in that proportion.
        seed: Decides everything that is left to chance.
        orders: How many.
    """
    chance = stream_of(seed, _ORDERS)
    first = new_year_of(days) + shop.FIRST_ORDER_DAYS
    offsets = np.arange(shop.FIRST_ORDER_DAYS, shop.LAST_ORDER_DAYS + 1)
    begins, weights = np.array(shop.SURGE).T
    by_day = weights[np.searchsorted(begins, offsets, side="right") - 1]
    day = first + drawn(chance, by_day, orders)
    expected = np.maximum(days.expected_visits(), 0).sum(axis=(1, 2))
    table = Days.over(shop.ZONE, from_us=first * DAY_US, to_us=(first + len(offsets) + 2) * DAY_US)
    within_us = drawn(chance, np.array(shop.HOURS), orders) * HOUR_US + chance.integers(0, HOUR_US, orders)
    placed_us = table.midnight(day) + within_us
    order = np.argsort(placed_us, kind="stable")
    article = drawn(chance, np.array([one.weight for one in shop.ARTICLES]), orders)
    most = np.array([one.parcels_max for one in shop.ARTICLES])[article]
    more = chance.integers(0, shop.PERMILLE, orders)
    parcels = np.minimum(most, 1 + (more < 180) + (more < 40))  # noqa: PLR2004  how orders fall into parcels
    return Orders(
        ids=tuple(f"NY-{number:06d}" for number in range(1, orders + 1)),
        placed_us=placed_us[order],
        day=day[order],
        region=drawn(chance, expected, orders),
        article=article,
        service=drawn(chance, np.array([weight for weight, _ in shop.SERVICES]), orders),
        parcels=parcels,
        paid_minor=np.array([one.price_minor for one in shop.ARTICLES])[article],
    )


def drawn(chance: Generator, weights: Whole, count: int) -> Whole:
    """Draw places by whole weights."""
    ends = np.cumsum(weights)
    found: Whole = np.searchsorted(ends, chance.integers(0, ends[-1], count), side="right").astype(np.int64)
    return found


def happens(chance: Generator, per_mille: int, count: int) -> NDArray[np.bool_]:
    """Throw for each, so many of a thousand."""
    thrown: NDArray[np.bool_] = chance.integers(0, shop.PERMILLE, count) < per_mille
    return thrown
