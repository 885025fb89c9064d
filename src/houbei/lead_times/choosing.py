"""From chances by day to a promised day: two ways to choose, each with a dial.

*Together*: the promises of a shop are chosen together, so that the share that is kept costs the fewest days. Each order gets the day that
is cheapest when a late order costs as much as `price` days of promise: where waiting a day longer helps much, it is waited. The dial is
the price; each promise states its own chance. *Each*: every promise has the same chance, and the dial is that chance. It gives longer
promises on the whole, and spares remote places from being promised less surely than near ones.
"""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
Reals = NDArray[np.float64]

PRICES: Reals = np.round(np.geomspace(2.0, 200_000.0, 96), 3)
"""What a late order may cost, in days of promise."""
NOMINAL: Reals = np.round(np.concatenate([np.arange(0.50, 0.94, 0.01), np.arange(0.94, 0.9995, 0.002)]), 3)
"""The chances that every promise may have."""


class Spread(StrEnum):
    """Which of the two ways."""

    TOGETHER = "together"
    EACH = "each"


def dial_of(spread: Spread) -> Reals:
    """Give the places of the dial of a way."""
    return PRICES if spread is Spread.TOGETHER else NOMINAL


def days_by_dial(late: Reals, spread: Spread, dial: Reals | None = None) -> Whole:
    """Choose the day of each order at each place of the dial, or at some values of it; see `days_by_price` and `days_by_chance`."""
    if spread is Spread.TOGETHER:
        return days_by_price(late, PRICES if dial is None else dial)
    return days_by_chance(late, NOMINAL if dial is None else dial)


def days_by_price(late: Reals, prices: Reals) -> Whole:
    """Choose the day of each order at each price.

    Args:
        late: The chance not to have arrived by the end of each day: a row an order, a column a day from 0 on.
        prices: What a late order costs, in days, ascending.

    Returns:
        Days after purchase: a row a price, a column an order; the earlier of two equally cheap days. Never falling down a column.

    Cost: prices × orders × days.
    """
    days = np.arange(late.shape[1])
    chosen = np.stack([np.argmin(days[None, :] + price * late, axis=1) for price in prices.tolist()])
    return np.asarray(np.maximum.accumulate(chosen, axis=0), dtype=np.int64)


def days_by_chance(late: Reals, chances: Reals) -> Whole:
    """Give the first day by which each order has arrived with each chance; the last day where there is none."""
    last = late.shape[1] - 1
    # A row never rises, so the days on which it is still too large come first.
    counts = [(late > 1.0 - chance + 1e-9).sum(axis=1) for chance in chances.tolist()]
    return np.asarray(np.minimum(np.stack(counts), last), dtype=np.int64)


def chance_at(late: Reals, days: Whole) -> Reals:
    """Read the chance that each order arrives by its day; `days` has a row for each choice, or is one choice."""
    return np.asarray(1.0 - late[np.arange(late.shape[0]), days])
