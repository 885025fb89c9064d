"""How often units fail, by SKU, batch or supplier: never a rate without its count, and no list led by one of one."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.special import gammaincinv

from houbei.quality.intervals import Interval, Real, rate_interval, share_interval
from houbei.quality.observed import BANDS, DAYS_A_YEAR, Runs, Whole, faults_by_band, sums_by, unit_days_by_band

AT_LEAST = 0.95
"""How probable it is that a group's rate is at or above the bound by which groups are ranked."""


class Prior(NamedTuple):
    """What the groups together say of the rate of any one: a gamma distribution with a mean and a between-group variance."""

    mean: float
    variance: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rates:
    """Groups side by side, one entry a code.

    `share` is faults out of units delivered so far; `rate` faults per unit-year of watch. `expected` is how many faults the group
    would have had if its units failed as often as all units do at the same ages: a group of young units has a higher rate and is no
    worse. `settled` is faults over expected, drawn towards 1 by as much as the numbers are few; `at_least` its lower bound, and what
    groups are ranked by.
    """

    units: Real
    faults: Real
    unit_days: Real
    share: Interval
    rate: Real
    rate_ends: Interval
    expected: Real
    settled: Real
    at_least: Real

    @property
    def ranked(self) -> Whole:
        """The codes of groups with any unit, the surest high rate first; ties by the number of units, then by code."""
        present = np.flatnonzero(self.units)
        return present[np.lexsort((present, -self.units[present], -self.at_least[present]))]


def rates_by(runs: Runs, codes: Whole, size: int) -> Rates:
    """Work out rates by a code of the runs.

    Args:
        runs: Units under observation.
        codes: Which group each run belongs to, -1 for none.
        size: How many groups there are.
    """
    units, faults = sums_by(codes, runs.units, size), sums_by(codes, runs.faults, size)
    unit_days = sums_by(codes, runs.unit_days, size)
    years = unit_days / DAYS_A_YEAR
    by_age = unit_days_by_band(runs, codes, size)
    expected = by_age @ _daily_by_age(runs)
    settled, at_least = shrunk(faults, expected)
    return Rates(
        units=units,
        faults=faults,
        unit_days=unit_days,
        share=share_interval(faults, units),
        rate=np.divide(faults, years, out=np.zeros(size), where=years > 0),
        rate_ends=rate_interval(faults, years),
        expected=expected,
        settled=settled,
        at_least=at_least,
    )


def _daily_by_age(runs: Runs) -> Real:
    """Give the faults a day of a unit in each band of age, over all units."""
    everyone = np.zeros(len(runs), dtype=np.int64)
    days = unit_days_by_band(runs, everyone, 1)[0]
    return np.divide(faults_by_band(runs, everyone, 1)[0], days, out=np.zeros(BANDS), where=days > 0)


def prior_of(faults: Real, exposure: Real) -> Prior:
    """Estimate how rates differ between groups beyond what chance alone explains; variance 0 where chance explains all.

    Source: Marshall, Applied Statistics 40 (1991) 283-294: the global moment estimator of gamma-Poisson empirical Bayes.
    """
    watched = exposure > 0
    total = float(exposure[watched].sum())
    if not total or not faults.sum():
        return Prior(0.0, 0.0)
    mean = float(faults[watched].sum()) / total
    rate = faults[watched] / exposure[watched]
    spread = float((exposure[watched] * (rate - mean) ** 2).sum()) / total
    return Prior(mean, max(0.0, spread - mean * int(watched.sum()) / total))


def shrunk(faults: Real, exposure: Real) -> tuple[Real, Real]:
    """Give each group's rate with the help of the others, and the bound that it lies above with probability `AT_LEAST`.

    Args:
        faults: How many each group had.
        exposure: In what the rate is to be: unit-years, or the faults that were to be expected.

    Where chance explains all differences, every group has the rate of all.
    """
    prior = prior_of(faults, exposure)
    if prior.variance == 0:
        pooled = rate_interval(faults.sum(), exposure.sum(), level=2 * AT_LEAST - 1).low
        return np.full(len(faults), prior.mean), np.full(len(faults), float(pooled))
    weight = prior.mean / prior.variance
    count = faults + prior.mean * weight
    return count / (exposure + weight), gammaincinv(count, 1 - AT_LEAST) / (exposure + weight)
