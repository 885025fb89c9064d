"""Honest intervals for small numbers: shares of units and faults per unit-time, exact rather than normal.

Floats are at home in this room: it estimates. What it says in money is rounded to whole minor units, half up, where it is said.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv, gammaincinv

Real = NDArray[np.float64]

LEVEL = 0.95
"""How much of an interval's procedure covers the truth, unless it says otherwise."""


class Interval(NamedTuple):
    """Lower and upper ends, one entry a figure."""

    low: Real
    high: Real


def share_interval(faults: ArrayLike, units: ArrayLike, *, level: float = LEVEL) -> Interval:
    """Give the interval of a share: 3 faults in 41 units lie between 1.5 and 19.9 %; 0 of 0 between 0 and 1.

    Args:
        faults: How many units failed; parts of one are allowed, where a count stands for a weighted one.
        units: Out of how many.
        level: At least this part of such intervals holds the true share.

    Source: Clopper and Pearson, Biometrika 26 (1934) 404-413.
    """
    x, n = (np.asarray(values, dtype=np.float64) for values in (faults, units))
    tail = (1 - level) / 2
    low = np.where(x > 0, betaincinv(np.maximum(x, 1e-9), n - x + 1, tail), 0.0)
    high = np.where(x < n, betaincinv(x + 1, np.maximum(n - x, 1e-9), 1 - tail), 1.0)
    return Interval(low, high)


def rate_interval(faults: ArrayLike, exposure: ArrayLike, *, level: float = LEVEL) -> Interval:
    """Give the interval of a rate: faults over exposure, in the unit of the exposure; without exposure 0 to infinity.

    Source: Garwood, Biometrika 28 (1936) 437-442: exact for a Poisson count.
    """
    x, time = (np.asarray(values, dtype=np.float64) for values in (faults, exposure))
    tail = (1 - level) / 2
    low = np.where(x > 0, gammaincinv(np.maximum(x, 1e-9), tail), 0.0)
    high = gammaincinv(x + 1, 1 - tail)
    watched = np.where(time > 0, time, 1.0)
    return Interval(np.where(time > 0, low / watched, 0.0), np.where(time > 0, high / watched, np.inf))
