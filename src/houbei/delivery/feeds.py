"""Whether a carrier's feed of scans has fallen silent, judged by what it sent at the same hours of the days before.

A feed is quiet at night and loud by day, so a gap alone says little. Silence counts once, in as long a stretch of the same hours, on
six of the seven days before something came, and eight scans a day on average: scans that come by themselves would fail to come
for as long about once in three thousand times.
"""

import numpy as np
from numpy.typing import NDArray

from houbei.columns import MISSING

Whole = NDArray[np.int64]

DAYS_BACK = 7
DAYS_MIN = 6
SCANS_MIN = 8 * DAYS_BACK
SILENT_MIN_US = 2 * 3_600_000_000
"""A shorter silence is never told of."""


def find_silent(last_us: Whole, counts: Whole, *, now_us: int) -> Whole:
    """Find the feeds that have fallen silent.

    Args:
        last_us: When each carrier's last scan happened, `MISSING` where there is none.
        counts: By carrier, and for one to `DAYS_BACK` days back: how many scans happened in the stretch from its last scan until now, as many
            days earlier.
        now_us: What time it is.

    Returns:
        Since when each is silent, its last scan; `MISSING` where it is not, or too little is known of it.
    """
    known = last_us != MISSING
    long_enough = known & (now_us - np.where(known, last_us, now_us) >= SILENT_MIN_US)
    usual = ((counts > 0).sum(axis=1) >= DAYS_MIN) & (counts.sum(axis=1) >= SCANS_MIN)
    return np.where(long_enough & usual, last_us, MISSING)
