"""The early warning: is a batch failing more often than its sister batches of the same SKU did at the same age?

Each week the unit-days of a batch are set against as many times the unit-days that its sisters spent in the same band of age as
there are sisters that old; no unit-day is used twice. If the batch is like its sisters, each fault among them falls on the batch with the batch's
share of that time, whatever the true rate is. The likelihood ratio against "fails r times as often", averaged over some r, is then
a martingale that begins at 1: the chance that it ever reaches x is at most 1/x, however often and for however long one looks.

Sources: the bound is Ville's (1939); mixtures as tests of any length: Robbins, Annals of Mathematical Statistics 41 (1970) 1397-1409;
the conditional binomial likelihood of matched exposure as in Kulldorff et al., Sequential Analysis 30 (2011) 58-78 (MaxSPRT).
Many batches share one allowance of false alarms evenly (Bonferroni).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.special import logsumexp

from houbei.quality.intervals import Interval, Real, share_interval
from houbei.quality.observed import (
    BAND_DAYS,
    BANDS,
    DAY_US,
    WEEK_US,
    Runs,
    Whole,
    band_of,
    faults_by_band,
    sums_by,
    unit_days_by_band,
)

FALSE_ALARMS = 0.05
"""The chance that any healthy batch at all is ever warned of; each gets an even part of it."""
WATCH_ALARMS = 0.05
"""The chance that a healthy batch is ever put on the list to be looked at."""
TIMES = (2.0, 3.0, 5.0)
"""How many times as often a bad batch may fail: what the likelihood ratio is averaged over, in equal parts."""
DAYS_MIN = 1.0
"""Sisters that spent less time than this at an age, in unit-days, say nothing of it."""
_NEVER = -1


class Cells(NamedTuple):
    """Unit-days and faults by batch, week of the calendar and band of age: arrays of the shape (batches, weeks, BANDS)."""

    unit_days: Real
    faults: Real
    origin_us: int


class Match(NamedTuple):
    """What one batch is compared with in one week: the share of the time that is its own, its faults, the faults of both."""

    week: int
    part: float
    own: float
    both: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Verdicts:
    """One entry a batch. `log_evidence` is the log of the martingale at each week, shape (batches, weeks).

    `compared` says whether it has sisters. `expected` is how many faults the batch would have had at its sisters' rates, `times` its
    faults over that, with a 95 % interval. `watched_us` and `warned_us` are the ends of the weeks in which it reached the bar, -1 for
    never; `peak` is the highest the martingale ever was, as a logarithm.
    """

    sku: Whole
    compared: np.typing.NDArray[np.bool_]
    faults: Real
    expected: Real
    times: Interval
    log_evidence: Real
    peak: Real
    watched_us: Whole
    warned_us: Whole
    watch_bar: float
    warn_bar: float


def verdicts_of(runs: Runs, *, batches: int, skus: int) -> Verdicts:
    """Look at every batch week by week, as it could have been looked at then.

    Args:
        runs: Units under observation.
        batches: How many codes of batches there are; a batch that several SKUs share is one of each.
        skus: How many codes of SKUs there are.

    Cost: a pass over the runs, then work in proportion to batches × weeks × bands.
    """
    sku_of = sku_by_batch(runs, batches)
    cells = cells_of(runs, batches)
    log_evidence = np.zeros((batches, cells.faults.shape[1]))
    compared = np.zeros(batches, dtype=np.bool_)
    for sku in range(skus):
        members = np.flatnonzero(sku_of == sku)
        for batch in members if len(members) > 1 else ():
            compared[batch] = True
            log_evidence[batch] = _evidence(cells, int(batch), members)
    warn_bar = float(np.log(max(1, int(compared.sum())) / FALSE_ALARMS))
    watch_bar = float(np.log(1 / WATCH_ALARMS))
    faults, expected, times = expected_from_sisters(runs, sku_of, batches=batches, skus=skus)
    return Verdicts(
        sku=sku_of,
        compared=compared,
        faults=faults,
        expected=expected,
        times=times,
        log_evidence=log_evidence,
        peak=log_evidence.max(axis=1, initial=0.0),
        watched_us=_first(log_evidence, min(watch_bar, warn_bar), cells.origin_us),
        warned_us=_first(log_evidence, warn_bar, cells.origin_us),
        watch_bar=watch_bar,
        warn_bar=warn_bar,
    )


def sku_by_batch(runs: Runs, batches: int) -> Whole:
    """Name each batch's SKU, -1 where it has no unit."""
    sku = np.full(batches, -1, dtype=np.int64)
    known = runs.batch >= 0
    sku[runs.batch[known]] = runs.sku[known]
    return sku


def cells_of(runs: Runs, batches: int) -> Cells:
    """Spread the watched time and the faults of every batch over calendar weeks and bands of age."""
    origin = int(runs.starts_us.min(initial=2**62)) if len(runs) else 0
    weeks = int((runs.ends_us.max(initial=origin) - origin) // WEEK_US) + 1
    shape, size = (batches, weeks, BANDS), batches * weeks * BANDS
    spent, steps = np.zeros(size), np.zeros(batches * (weeks + 1) * BANDS)
    edges = np.append(np.array(BAND_DAYS, dtype=np.int64) * DAY_US, 2**61)
    for band in range(BANDS):
        begin = np.minimum(runs.starts_us + edges[band], runs.ends_us) - origin
        end = np.minimum(runs.starts_us + edges[band + 1], runs.ends_us) - origin
        here = np.where(end > begin, runs.batch, -1)
        first, last = begin // WEEK_US, end // WEEK_US
        inside = first == last
        # The part in the first week, the part in the last, and whole weeks between as a rise and a fall.
        head = np.where(inside, end - begin, (first + 1) * WEEK_US - begin) * runs.units
        tail = np.where(inside, 0, end - last * WEEK_US) * runs.units
        week = np.where(inside, 0, WEEK_US) * runs.units
        spent += sums_by(_cell(here, first, band, weeks), head, size)
        spent += sums_by(_cell(np.where(tail > 0, here, -1), last, band, weeks), tail, size)
        steps += sums_by(_cell(here, first + 1, band, weeks + 1), week, len(steps))
        steps -= sums_by(_cell(here, np.maximum(last, first + inside), band, weeks + 1), week, len(steps))
    whole_weeks = np.cumsum(steps.reshape(batches, weeks + 1, BANDS), axis=1)[:, :weeks]
    at = np.where(runs.faulty, runs.batch, -1)
    when = np.minimum((runs.ends_us - origin) // WEEK_US, weeks - 1)
    faults = sums_by(_cell(at, when, band_of(runs.age_us), weeks), runs.faults, size)
    return Cells((spent.reshape(shape) + whole_weeks) / DAY_US, faults.reshape(shape), origin)


def _cell(batch: Whole, week: Whole, band: Whole | int, weeks: int) -> Whole:
    return np.where(batch < 0, -1, (batch * weeks + week) * BANDS + band)


def _evidence(cells: Cells, batch: int, members: Whole) -> Real:
    """Give the logarithm of the averaged likelihood ratio of one batch at the end of each week."""
    times = np.array(TIMES)
    gained = np.zeros((cells.faults.shape[1], len(times)))
    sisters = members[members != batch]
    for band in range(BANDS):
        for match in _matches(cells, batch, sisters, band):
            gained[match.week] += match.own * np.log(times) - match.both * np.log(1 + match.part * (times - 1))
    return np.asarray(logsumexp(np.cumsum(gained, axis=0), axis=1) - np.log(len(times)), dtype=np.float64)


def _matches(cells: Cells, batch: int, sisters: Whole, band: int) -> Iterator[Match]:
    """Set a batch's time in one band against its sisters', each week as much as both have left.

    A batch waits for sisters where they have spent less time at that age than it has. Which time is taken is decided by time alone,
    never by faults, or the martingale would be none. With k sisters that old, k times the batch's time is what will do for all of it.
    """
    own_days, own_faults = cells.unit_days[batch, :, band], cells.faults[batch, :, band]
    sister_days = cells.unit_days[sisters, :, band].T
    week, place = np.nonzero(sister_days)
    used = np.append(0.0, np.cumsum(sister_days[week, place]))
    reached = np.append(0, np.cumsum(np.isin(np.arange(len(place)), np.unique(place, return_index=True)[1])))
    seen = np.append(0.0, np.cumsum(cells.faults[sisters, :, band].T[week, place]))
    taken, waiting, faults = 0, 0.0, 0.0
    for now in np.flatnonzero(own_days).tolist():
        waiting += own_days[now]
        faults += own_faults[now]
        known = int(np.searchsorted(week, now, side="right"))
        if used[known] - used[taken] < waiting:
            continue
        until = min(known, int(np.searchsorted(used, used[taken] + reached[known] * waiting)))
        theirs = used[until] - used[taken]
        yield Match(now, waiting / (waiting + theirs), faults, faults + seen[until] - seen[taken])
        taken, waiting, faults = until, 0.0, 0.0


def _first(log_evidence: Real, bar: float, origin_us: int) -> Whole:
    """Give the end of the first week in which each batch reached the bar, -1 for never."""
    reached = log_evidence >= bar
    ends = origin_us + (reached.argmax(axis=1) + 1) * WEEK_US
    return np.where(reached.any(axis=1), ends, _NEVER)


def expected_from_sisters(runs: Runs, sku_of: Whole, *, batches: int, skus: int) -> tuple[Real, Real, Interval]:
    """Count each batch's faults, those expected at its sisters' rates given the ages of its units, and their ratio's interval.

    Time at ages that no sister has reached is left out, with the faults in it. The interval is Clopper and Pearson's on the batch's
    part of the faults; the sisters count as much as their information does once they are weighted to the batch's ages.
    """
    own_days, own_faults = unit_days_by_band(runs, runs.batch, batches), faults_by_band(runs, runs.batch, batches)
    of_sku = np.where(sku_of < 0, 0, sku_of)
    days = unit_days_by_band(runs, runs.sku, skus)[of_sku] - own_days
    faults = faults_by_band(runs, runs.sku, skus)[of_sku] - own_faults
    comparable = days >= DAYS_MIN
    safe = np.where(comparable, days, 1.0)
    expected = np.where(comparable, own_days * faults / safe, 0.0).sum(axis=1)
    variance = np.where(comparable, own_days**2 * faults / safe**2, 0.0).sum(axis=1)
    observed = np.where(comparable, own_faults, 0.0).sum(axis=1)
    weight = np.divide(expected, variance, out=np.ones(batches), where=variance > 0)
    low, high = share_interval(observed, observed + expected * weight)
    with np.errstate(divide="ignore"):
        ends = Interval(low / (1 - low) * weight, np.where(high < 1, high / (1 - high) * weight, np.inf))
    return observed, expected, ends
