"""What goes back to a buyer who gives units back, or whose line is cancelled: what is left of what was paid for them."""

import numpy as np
from numpy.typing import NDArray

from houbei.columns import MISSING
from houbei.cover.units import Covers
from houbei.facts.orders import Lines

Whole = NDArray[np.int64]


def refund_returns(covers: Covers, lines: Lines, *, adjusted_minor: Whole, kept_gift_minor: Whole) -> Whole:
    """Say what the return of units refunds beside what price protection gave back, so that both together are what was paid.

    Args:
        covers: Runs of units, split from all that was paid for their lines (`units.split_units` with the lines' `paid_minor`).
        lines: The lines they belong to.
        adjusted_minor: For each cover, what price protection owes for its units in all.
        kept_gift_minor: For each cover, the value of gifts that stay with the buyer, where the terms deduct it
            (`allocation.unreturned_gifts_deducted`); else 0.

    Returns:
        Minor units for each cover: 0 for units that are neither returned nor cancelled, and never less than 0.

    Cost: a few passes over the covers. Cases A12, A18, C17.
    """
    back = covers.returned != MISSING
    if "cancelled" in lines.moments:
        back = back | (lines.moments["cancelled"][covers.line] != MISSING)
    paid = covers.basis * covers.units + covers.larger
    return np.where(back, np.maximum(paid - adjusted_minor - kept_gift_minor, 0), 0)
