"""Faults by age of the unit: the share that has failed by each week since delivery, and how often units of each age fail.

Units that are still watched, were returned, or left the promise count for as long as they were watched and no longer.
"""

from dataclasses import dataclass

import numpy as np

from houbei.quality.intervals import Interval, Real, rate_interval, share_interval
from houbei.quality.observed import BANDS, DAYS_A_YEAR, WEEK_US, Runs, Whole, faults_by_band, unit_days_by_band

WATCHED_MIN = 10
"""The curve ends where fewer units than this are still watched."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Curve:
    """The share of units that has failed by the end of each week of age, from week 0 (delivery) on, with its 95 % interval."""

    weeks: Whole
    failed: Real
    ends: Interval
    watched: Whole
    faults: Whole


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hazard:
    """Faults per unit-year in each band of age (`BAND_DAYS`), with the 95 % interval."""

    faults: Real
    unit_days: Real
    rate: Real
    ends: Interval


def curve_of(runs: Runs) -> Curve:
    """Estimate the share that has failed by age.

    Source: Kaplan and Meier, JASA 53 (1958) 457-481; variance by Greenwood (1926). The interval at each week is Clopper and
    Pearson's on the effective number of units, failed × (1 − failed) / variance (Dorey and Korn, Statistics in Medicine 6 (1987)
    679-687), since Greenwood's own is too narrow for few units.
    """
    age = runs.age_us
    moments = np.unique(age[runs.faulty])
    at = np.searchsorted(moments, age)
    deaths = np.bincount(at[runs.faulty], weights=runs.units[runs.faulty], minlength=len(moments))
    order = np.argsort(age, kind="stable")
    gone = np.append(0, np.cumsum(runs.units[order]))
    at_risk = gone[-1] - gone[np.searchsorted(age[order], moments, side="left")]
    left = np.cumprod(1 - deaths / at_risk) if len(moments) else np.zeros(0)
    with np.errstate(divide="ignore"):
        green = np.cumsum(deaths / (at_risk * (at_risk - deaths))) if len(moments) else np.zeros(0)

    last = int(age.max(initial=0) // WEEK_US)
    weeks = np.arange(last + 1)
    watched = (gone[-1] - gone[np.searchsorted(age[order], weeks * WEEK_US, side="left")]).astype(np.int64)
    weeks = weeks[watched >= WATCHED_MIN]
    place = np.searchsorted(moments, weeks * WEEK_US, side="right")
    failed = 1 - np.append(1.0, left)[place]
    return Curve(
        weeks=weeks,
        failed=failed,
        ends=_ends(failed, np.append(0.0, green)[place], watched[weeks]),
        watched=watched[weeks],
        faults=np.append(0, np.cumsum(deaths)).astype(np.int64)[place],
    )


def _ends(failed: Real, green: Real, watched: Whole) -> Interval:
    variance = (1 - failed) ** 2 * green
    some = (failed > 0) & np.isfinite(variance) & (variance > 0)
    effective = np.divide(failed * (1 - failed), variance, out=watched.astype(np.float64), where=some)
    low, high = share_interval(failed * effective, effective)
    return Interval(np.minimum(low, failed), np.maximum(high, failed))


def hazard_of(runs: Runs) -> Hazard:
    """Count faults and unit-days in each band of age."""
    nobody = np.zeros(len(runs), dtype=np.int64)
    faults, unit_days = faults_by_band(runs, nobody, 1)[0], unit_days_by_band(runs, nobody, 1)[0]
    years = unit_days / DAYS_A_YEAR
    rate = np.divide(faults, years, out=np.zeros(BANDS), where=years > 0)
    return Hazard(faults=faults, unit_days=unit_days, rate=rate, ends=rate_interval(faults, years))
