"""Caps that several lines share: per order, per buyer, per buyer and month or year. What arrives first takes first."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from houbei.kernels import kernel

Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SharedCap:
    """One ceiling over steps: `purse[i]` says which purse step i draws on (-1: none), `limit[i]` what that purse holds."""

    purse: Whole
    limit: Whole


@kernel()
def _draw(order, asked, purses, limits, spent, granted):
    for k in range(len(order)):
        step = order[k]
        grant = asked[step]
        for cap in range(purses.shape[0]):
            if purses[cap, step] >= 0:
                grant = min(grant, max(0, limits[cap, step] - spent[cap, purses[cap, step]]))
                spent[cap, purses[cap, step]] += grant
        granted[step] = grant


def share_caps(asked: Whole, *, arrival: Whole, caps: Sequence[SharedCap]) -> Whole:
    """Cut steps to what their purses still hold.

    Args:
        asked: What each step would pay, minor units.
        arrival: The order in which steps take: indexes of steps, by moment, with ties broken down to the line's place.
        caps: The ceilings, narrowest first; each sees what the narrower ones let through, and counts what it lets through itself.

    Returns:
        What each step pays. What a cap cuts off is forfeited, not put off.

    Cost: one pass over the steps. Cases A32, A34.
    """
    granted = np.zeros_like(asked)
    if not caps:
        return asked
    purses = np.stack([cap.purse for cap in caps])
    limits = np.stack([cap.limit for cap in caps])
    spent = np.zeros((len(caps), int(purses.max(initial=-1)) + 1), dtype=np.int64)
    _draw(arrival, asked, purses, limits, spent, granted, rows=len(asked))
    return granted
