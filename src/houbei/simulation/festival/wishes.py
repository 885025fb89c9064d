"""What becomes of a promise after the sale: buyers ask for another day or cancel, the shop shows another date."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from houbei.columns import MISSING
from houbei.facts.moments import DAY_US
from houbei.simulation.chance import HOUR_US
from houbei.simulation.festival import shop
from houbei.simulation.festival.orders import Orders, happens, stream_of
from houbei.simulation.festival.promised import Given

Whole = NDArray[np.int64]
_WISHES = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Wishes:
    """What became of each order's promise; moments are µs UTC, `MISSING` for never.

    At `moved_us` the buyer asked for a day `moved_days` later; at `shown_us` the shop showed a date `shown_days` later, below 0 for earlier; at
    `cancelled_us` the order was cancelled.
    """

    moved_us: Whole
    moved_days: Whole
    shown_us: Whole
    shown_days: Whole
    cancelled_us: Whole


def make_wishes(orders: Orders, given: Given, *, seed: int) -> Wishes:
    """Let buyers and the shop change their minds; a move or another date is shown before the promise passes."""
    chance, count = stream_of(seed, _WISHES), len(orders)
    promised = given.service >= 0
    by_us = np.where(promised, given.by_us, orders.placed_us)
    moves = promised & happens(chance, shop.MOVED_BY_BUYER, count)
    moved_us = orders.placed_us + chance.integers(HOUR_US, 6 * HOUR_US, count)
    moves &= (given.day > orders.day + 1) & (moved_us < by_us - DAY_US)
    moved_days = chance.integers(1, 4, count)
    thrown = chance.integers(0, shop.PERMILLE, count)
    earlier, later = thrown < shop.SHOWN_EARLIER, thrown >= shop.PERMILLE - shop.SHOWN_LATER
    shown_us = orders.placed_us + chance.integers(8 * HOUR_US, 30 * HOUR_US, count)
    shows = promised & (earlier | later) & ~moves & (given.from_us == MISSING) & (shown_us < by_us - 2 * DAY_US)
    cancelled_us = orders.placed_us + chance.integers(HOUR_US, 60 * HOUR_US, count)
    cancels = happens(chance, shop.CANCELLED, count)
    return Wishes(
        moved_us=np.where(moves, moved_us, MISSING),
        moved_days=np.where(moves, moved_days, 0),
        shown_us=np.where(shows, shown_us, MISSING),
        shown_days=np.where(shows, np.where(earlier, -1, 2), 0),
        cancelled_us=np.where(cancels, cancelled_us, MISSING),
    )
