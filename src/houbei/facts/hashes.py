"""Texts as numbers: equal texts have equal numbers, and different ones nearly always differ."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from houbei.facts.texts import bytes_of
from houbei.kernels import kernel


@kernel()
def _hash(offsets, data, known, hashes):
    """A number below 2**62 for each text: polynomial over its bytes, then mixed; a missing text gets one of its own."""
    for row in range(len(known)):
        mixed = 1469598103934665603
        if known[row]:
            for i in range(offsets[row], offsets[row + 1]):
                mixed = ((mixed ^ data[i]) * 1099511628211) & 4611686018427387903
        else:
            mixed = 4611686018427387903 - row
        mixed ^= mixed >> 31
        hashes[row] = (mixed * 2685821657736338717) & 4611686018427387903


def hash_texts(column: pa.Array) -> NDArray[np.int64]:
    """Give each text of a column a number; equal texts have equal numbers, and different ones nearly always differ."""
    offsets, data, known = bytes_of(column)
    hashes = np.empty(len(column), dtype=np.int64)
    _hash(offsets, data, known, hashes, rows=len(column))
    return hashes
