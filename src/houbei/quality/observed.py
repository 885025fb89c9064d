"""Units under observation: from delivery until a fault, a return, the end of the promise, or the last moment that is known.

Exposure is time, not sales: a unit delivered yesterday has had a day to fail. Runs of like units stand in one entry.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
Real = NDArray[np.float64]

DAY_US = 86_400_000_000
WEEK_US = 7 * DAY_US
DAYS_A_YEAR = 365.25

BAND_DAYS = (0, 7, 14, 28, 56, 91, 182, 365, 730)
"""Where the bands of age begin, in days since delivery; the last has no end. Narrow where faults of the first days show."""
BANDS = len(BAND_DAYS)
_EDGES_US = np.append(np.array(BAND_DAYS, dtype=np.int64) * DAY_US, 2**62)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Runs:
    """Runs of units, one entry a run: `units[i]` like units, watched in [starts_us[i], ends_us[i]).

    `faulty` says that the watch ended with a fault of each of them at `ends_us`. `line` is the place of the order line; `sku`,
    `batch` and `supplier` are codes, -1 where unknown.
    """

    line: Whole
    units: Whole
    starts_us: Whole
    ends_us: Whole
    faulty: NDArray[np.bool_]
    sku: Whole
    batch: Whole
    supplier: Whole

    def __len__(self) -> int:
        return len(self.line)

    @property
    def age_us(self) -> Whole:
        """How old the units are when the watch ends."""
        return self.ends_us - self.starts_us

    @property
    def unit_days(self) -> Real:
        """Days of watch of all units of each run together."""
        return np.asarray(self.units * self.age_us / DAY_US, dtype=np.float64)

    @property
    def faults(self) -> Whole:
        """How many faults ended each run: its units or none."""
        return np.where(self.faulty, self.units, 0)


def band_of(age_us: Whole) -> Whole:
    """Tell in which band of age a moment lies."""
    return np.asarray(np.searchsorted(_EDGES_US, age_us, side="right") - 1, dtype=np.int64)


def time_in_bands(from_age_us: Whole, to_age_us: Whole) -> Whole:
    """Give the microseconds that [from, to) of a unit's age spends in each band: one row an entry, one column a band."""
    begin = np.maximum(from_age_us[:, None], _EDGES_US[None, :-1])
    end = np.minimum(to_age_us[:, None], _EDGES_US[None, 1:])
    return np.asarray(np.maximum(end - begin, 0), dtype=np.int64)


def sums_by(codes: Whole, weights: NDArray[np.generic], size: int) -> Real:
    """Add up weights by code; an entry whose code is -1 belongs to nobody."""
    known = codes >= 0
    return np.bincount(codes[known], weights=weights[known].astype(np.float64), minlength=size).astype(np.float64)


def unit_days_by_band(runs: Runs, codes: Whole, size: int) -> Real:
    """Give the unit-days of each code in each band of age, shape (size, BANDS)."""
    spent = time_in_bands(np.zeros(len(runs), dtype=np.int64), runs.age_us) / DAY_US * runs.units[:, None]
    return np.stack([sums_by(codes, spent[:, band], size) for band in range(BANDS)], axis=1)


def faults_by_band(runs: Runs, codes: Whole, size: int) -> Real:
    """Give the faults of each code in each band of age, shape (size, BANDS)."""
    cell = np.where((codes >= 0) & runs.faulty, codes * BANDS + band_of(runs.age_us), -1)
    return sums_by(cell, runs.faults, size * BANDS).reshape(size, BANDS)
