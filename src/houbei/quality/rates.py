"""How often units fail, by SKU, batch or supplier: never a rate without its count, and no list led by one of one."""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaincinv, gammaln, logsumexp

from houbei.quality.intervals import Interval, Real, rate_interval, share_interval
from houbei.quality.observed import BANDS, DAYS_A_YEAR, Runs, Whole, faults_by_band, sums_by, unit_days_by_band

SPREADS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.2)
"""By how much groups may differ beyond chance, as a standard deviation beside a mean of 1."""
AT_LEAST = 0.95
"""How probable it is that a group's rate is at or above the bound by which groups are ranked."""


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
    faults = faults_by_band(runs, everyone, 1)[0]
    return np.asarray(np.divide(faults, days, out=np.zeros(BANDS), where=days > 0))


def spread_weights(faults: Real, expected: Real) -> Real:
    """Tell how well each of `SPREADS` explains what groups had beside what was expected of them; the weights add up to 1.

    Source: the marginal likelihood of a gamma-Poisson mixture, as in Clayton and Kaldor, Biometrics 43 (1987) 671-681; every spread
    is as likely beforehand. Moments are not used: one fault where a thousandth of one was expected would decide them.
    """
    shape = 1 / np.array(SPREADS)[:, None] ** 2
    n, x = faults[None, :], expected[None, :]
    fit = gammaln(shape + n) - gammaln(shape) + shape * np.log(shape) - (shape + n) * np.log(shape + x)
    total = fit.sum(axis=1)
    return np.asarray(np.exp(total - logsumexp(total)))


def shrunk(faults: Real, expected: Real) -> tuple[Real, Real]:
    """Give each group's faults over those expected with the help of the others, and the bound it lies above, probability `AT_LEAST`."""
    shape = 1 / SPREADS[int(spread_weights(faults, expected).argmax())] ** 2
    count, time = shape + faults, shape + expected
    return count / time, gammaincinv(count, 1 - AT_LEAST) / time
