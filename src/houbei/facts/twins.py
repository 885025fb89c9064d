"""Which rows may repeat a line_id: found by a hash of each text, so that millions are looked up only where it matters."""

import numpy as np
from numpy.typing import NDArray

_FILTER_BITS = 24


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
