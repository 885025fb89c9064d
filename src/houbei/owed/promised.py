"""Which promise of arrival has to be kept: the earliest that was shown to the buyer, unless the buyer moved it.

What a shop shows later than before is news, no new promise; what it shows earlier is one. A buyer who asks for another time moves the
promise to it, earlier or later, as long as it could still be kept; asking for another time once it has passed moves nothing.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from houbei.kernels import kernel

Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shown:
    """Promises shown to buyers, one entry each, in any order.

    `delivery` is a place among the deliveries. Moments are µs UTC: `by_us` is the first that is late (the midnight that ends the day of a
    promise of a date), `from_us` the first that is not early, `MISSING` where it is a day. `fee_minor` was paid for the slot, `parcels` is in
    how many parcels it was to come. `by_buyer` marks what the buyer asked for. `rank` breaks ties.
    """

    delivery: Whole
    shown_us: Whole
    from_us: Whole
    by_us: Whole
    fee_minor: Whole
    parcels: Whole
    by_buyer: NDArray[np.bool_]
    rank: Whole

    def __len__(self) -> int:
        return len(self.delivery)


def find_promises(shown: Shown, *, deliveries: int) -> Whole:
    """Find the promise that each delivery has to keep.

    Args:
        shown: What was shown to the buyers.
        deliveries: How many deliveries there are.

    Returns:
        For each delivery the place of its promise in `shown`, -1 where none was shown.

    Cost: a sort, and one pass.
    Clause: `promise.clause`, and `promise.slot_clause` for what the buyer moved.
    """
    kept = np.full(deliveries, -1)
    order = np.lexsort((shown.rank, shown.shown_us, shown.delivery))
    _keep(order, shown.delivery, shown.shown_us, shown.by_us, shown.by_buyer, kept, rows=len(order))
    return kept


@kernel()
def _keep(order, delivery, shown_us, by_us, by_buyer, kept):
    """Go through what was shown, in the order of time, and note the place of what has to be kept."""
    for i in range(len(order)):
        place = order[i]
        before = kept[delivery[place]]
        if before < 0:
            kept[delivery[place]] = place
        elif by_buyer[place]:
            if shown_us[place] < by_us[before]:
                kept[delivery[place]] = place
        elif by_us[place] < by_us[before]:
            kept[delivery[place]] = place
