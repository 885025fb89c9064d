"""The share that lasts beyond each value, from values of which some are only known to be larger: Kaplan–Meier with weights.

SciPy's `stats.ecdf` has the same estimator without weights; the two agree where all weights are one.
"""

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]
Marks = NDArray[np.bool_]

_NOTHING = 1e-12


def surviving(values: Reals, *, ended: Marks, weights: Reals, at: Reals) -> Reals:
    """Estimate the share that lasts beyond each of some values.

    Args:
        values: What was measured; where `ended` is False, the truth is larger.
        ended: Which values are final. Of equal values, those that ended come first.
        weights: How much each counts, not negative.
        at: Where to estimate, any order.

    Returns:
        Shares from 1 down to 0, one for each of `at`. Beyond the last value that ended the share stays where it was.

    Cost: a sort of the values.

    Source: Kaplan and Meier (1958), Nonparametric estimation from incomplete observations; weights as in IPCW practice.
    """
    if not len(values):
        return np.ones(len(at))
    order = np.lexsort((~ended, values))
    risk = np.cumsum(weights[order][::-1])[::-1]
    leaves = np.where(ended[order], weights[order], 0.0)
    steps = np.cumprod(1.0 - np.minimum(leaves / np.maximum(risk, _NOTHING), 1.0))
    places = np.searchsorted(values[order], at, side="right") - 1
    return np.where(places >= 0, steps[np.maximum(places, 0)], 1.0)


def excess_beyond(values: Reals, *, ended: Marks, weights: Reals) -> Reals:
    """Estimate, for each value that has not ended, what it will end at: the mean of what lies beyond it.

    Returns:
        One estimate for each value where `ended` is False, in their order; at least the value itself.

    Source: Buckley and James (1979), Linear regression with censored data.
    """
    order = np.lexsort((~ended, values))
    ordered = values[order]
    shares = surviving(values, ended=ended, weights=weights, at=ordered)
    drops = -np.diff(np.concatenate([[1.0], shares]))
    mass = np.concatenate([np.cumsum(drops[::-1])[::-1], [0.0]])
    moment = np.concatenate([np.cumsum((drops * ordered)[::-1])[::-1], [0.0]])
    left = values[~ended]
    places = np.searchsorted(ordered, left, side="right")
    known = mass[places] > _NOTHING
    means = np.where(known, moment[places] / np.where(known, mass[places], 1.0), left)
    return np.maximum(means, left)
