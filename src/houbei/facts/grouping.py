"""Rows put together by a code: a counting sort, and sums."""

import numpy as np
from numpy.typing import NDArray

from houbei.kernels import kernel

Whole = NDArray[np.int64]


@kernel()
def _place(keys, starts, order):
    """Place rows by key, in the order they came; `starts` holds where each key begins and is moved on."""
    for i in range(len(keys)):
        place = starts[keys[i]]
        order[place] = i
        starts[keys[i]] = place + 1


def grouped(keys: Whole, *, size: int) -> tuple[Whole, Whole]:
    """Order rows by key, those of one key as they came.

    Args:
        keys: Whole numbers from 0 to below `size`.
        size: How many keys there may be.

    Returns:
        The rows in that order, and how many rows each key has.

    Cost: O(rows + size).
    """
    counts = np.bincount(keys, minlength=size)
    starts = np.zeros(size + 1, dtype=np.int64)
    np.cumsum(counts, out=starts[1:])
    order = np.empty(len(keys), dtype=np.int64)
    _place(keys, starts[:-1], order, rows=len(keys))
    return order, counts


def sums(keys: NDArray[np.integer], amounts: Whole, size: int) -> Whole:
    """Sum whole amounts by key, exactly (no float in between)."""
    total = np.zeros(size, dtype=np.int64)
    np.add.at(total, keys, amounts)
    return total
