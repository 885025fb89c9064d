"""Which rows may repeat a line_id: found by a hash of each text, so that millions are looked up only where it matters."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from houbei.facts.texts import bytes_of
from houbei.kernels import kernel

_FILTER_BITS = 24


@kernel()
def _hash(offsets, data, known, hashes):  # type: ignore[no-untyped-def]
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


def find_suspects(hashes: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Mark the rows whose number stands more than once: only these can have a twin.

    Cost: one sort of the numbers.
    """
    ordered = np.sort(hashes)
    repeated = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    suspects = np.zeros(len(hashes), dtype=np.bool_)
    if len(repeated):
        mask = (1 << _FILTER_BITS) - 1
        likely = np.zeros(mask + 1, dtype=np.bool_)
        likely[repeated & mask] = True
        rows = np.flatnonzero(likely[hashes & mask])
        suspects[rows[np.isin(hashes[rows], repeated)]] = True
    return suspects
