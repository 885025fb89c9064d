"""The open reserve: what the promise will still cost for the units it covers now, with an interval, and the claims that are open.

Expected reports of a covered unit: the time it has left in each band of age × how often units of that age are reported. Rates by age
come from all SKUs; a SKU's own factor is drawn towards 1 by as much as its numbers are few. Each report costs what settled ones did.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from houbei.quality.costs import Severity
from houbei.quality.observed import BANDS, DAY_US, Real, Whole, time_in_bands
from houbei.quality.rates import SPREADS, spread_weights

LEVEL = 0.80
DRAWS = 2000
SMOOTH = 2.0
"""How much a band of age is taken to be like the one before it: as much as so many reports there would say."""
SETTLED_MIN = 5
"""With fewer settled reports nothing is known of what one costs, and no reserve is given."""
_CELLS_MAX = 4_000_000
"""So many (draw, SKU) pairs are worked on at once."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Covered:
    """Runs of units that the promise covers now: how old they are, and at what age they leave it. One entry a run.

    `line` is the place of the order line, `sku` a code.
    """

    units: Whole
    age_us: Whole
    until_age_us: Whole
    sku: Whole
    line: Whole

    def days_left(self, skus: int) -> Real:
        """Give the unit-days that each SKU's units have left in each band of age, shape (skus, BANDS)."""
        left = time_in_bands(self.age_us, self.until_age_us) / DAY_US * self.units[:, None]
        return np.stack([np.bincount(self.sku, weights=left[:, band], minlength=skus) for band in range(BANDS)], axis=1)


class Past(NamedTuple):
    """What was seen: reports and unit-days by SKU and band of age, both of the shape (skus, BANDS)."""

    reports: Real
    unit_days: Real


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reserve:
    """Amounts in minor units as estimates, not yet rounded; `by_sku` has one entry a SKU, open claims included.

    `expected` = `to_come` + `open_claims`. `low` and `high` hold the cost with probability `LEVEL`. `reports` is how many reports are
    still expected; `unseen` the part of the time left that lies at ages nobody has been watched at.
    """

    expected: float
    low: float
    high: float
    to_come: float
    open_claims: float
    reports: float
    unseen: float
    by_sku: Real


def reserve_of(
    days_left: Real, past: Past, severity: Severity, open_claims: Whole, chance: np.random.Generator
) -> Reserve | None:
    """Estimate what is still to be paid in one currency; None where too few claims are settled to know what one costs.

    Args:
        days_left: Unit-days under cover by SKU and band of age (`Covered.days_left`).
        past: Reports of all SKUs; sisters in another currency fail alike.
        severity: What a report costs each SKU.
        open_claims: Reported and not settled, by SKU.
        chance: A seeded generator: the same seed gives the same interval.

    Method: parametric bootstrap. Each draw has rates by age from Jeffreys' gamma posterior, a spread between SKUs by its marginal
    likelihood and their factors from the gamma posterior given it, mean costs from Student's t, counts from Poisson, and sums of costs
    from a normal.
    """
    if not len(severity.reports) or severity.reports.max() < SETTLED_MIN:
        return None
    reports, days = past.reports.sum(axis=0), past.unit_days.sum(axis=0)
    skus = len(open_claims)
    total, by_sku, to_come, expected = np.empty(DRAWS), np.zeros(skus), 0.0, 0.0
    step = max(1, _CELLS_MAX // max(1, skus))
    mine, expected_of = past.reports.sum(axis=1), past.unit_days @ (reports / np.maximum(days, 1))
    factors = _Factors(mine, expected_of, spread_weights(mine, expected_of))
    for first in range(0, DRAWS, step):
        size = min(step, DRAWS - first)
        rate = _rates_drawn(reports, days, chance, size)
        count = chance.poisson(factors.drawn(chance, size) * (rate @ days_left.T))
        doubt = _doubt(severity, chance, size)
        every = count + open_claims
        cost = every * (severity.mean + severity.spread * doubt)
        cost += np.sqrt(every) * severity.spread * chance.standard_normal((size, skus))
        total[first : first + size] = cost.sum(axis=1)
        by_sku += cost.sum(axis=0)
        to_come += float((count * severity.mean).sum())
        expected += float(count.sum())
    low, high = np.quantile(total, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    opened = float((open_claims * severity.mean).sum())
    return Reserve(
        expected=to_come / DRAWS + opened,
        low=float(low),
        high=float(high),
        to_come=to_come / DRAWS,
        open_claims=opened,
        reports=expected / DRAWS,
        unseen=_unseen(past, days_left),
        by_sku=by_sku / DRAWS,
    )


def _rates_drawn(reports: Real, unit_days: Real, chance: np.random.Generator, size: int) -> Real:
    """Draw rates by age, each band's beside that of the band before it: what few reports leave open, the younger units fill in."""
    rate = np.empty((size, BANDS))
    rate[:, 0] = chance.gamma(reports[0] + 0.5, 1, size) / max(unit_days[0], 1.0)
    for band in range(1, BANDS):
        before = SMOOTH / np.maximum(rate[:, band - 1], 1e-12)
        rate[:, band] = chance.gamma(SMOOTH + reports[band], 1, size) / (before + unit_days[band])
    return rate


def _doubt(severity: Severity, chance: np.random.Generator, size: int) -> Real:
    """Draw by how many of its spreads each mean cost is off; SKUs that share a pool of reports share what it gets wrong."""
    shared = chance.standard_t(max(1, int(severity.reports.max()) - 1), (size, 1))
    alone = chance.standard_t(np.maximum(severity.reports - 1, 1), (size, len(severity.reports)))
    return np.asarray(np.where(severity.own, alone, shared) / np.sqrt(severity.reports))


def _unseen(past: Past, days_left: Real) -> float:
    left = days_left.sum(axis=0)
    return float(left[past.unit_days.sum(axis=0) == 0].sum() / left.sum()) if left.sum() else 0.0


class _Factors(NamedTuple):
    """How much more often each SKU is reported than all of them at the same ages: its reports, those expected, and how SKUs spread."""

    reports: Real
    expected: Real
    weights: Real

    def drawn(self, chance: np.random.Generator, size: int) -> Real:
        shape = 1 / chance.choice(np.array(SPREADS), size, p=self.weights)[:, None] ** 2
        return chance.gamma(shape + self.reports, 1, (size, len(self.reports))) / (shape + self.expected)
