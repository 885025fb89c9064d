"""How a chance that was asked for becomes one that is kept: every week anew, on the arrivals known by then.

What would have been promised in past weeks at each place of the dial, by the model as it was then, is compared with what came of it. For
each past order the *score* is the lowest place whose promise it kept; for an open order it is only known that the score is above those
promises that have passed. The distribution of scores (Kaplan–Meier, newer weeks count more) says which share each place really keeps:
nested conformal prediction, for data that drift and are known late.

Lateness comes in clumps: orders of one week are late together, so a week counts as one observation, not each order. What the scores say is
therefore believed as weeks, not as orders: with n effective weeks it weighs n / (n + `PRIOR_WEEKS`), the model's own word the rest. And
because the scores of open orders count, a week that begins to be late is seen before its orders arrive.

Source: Gupta, Kuchibhotla and Ramdas (2022), Nested conformal prediction; Barber and others (2023), Conformal prediction beyond
exchangeability (weights).
"""

import numpy as np
from numpy.typing import NDArray

from houbei.lead_times.delivery_clock import week_of
from houbei.lead_times.survival import surviving

Whole = NDArray[np.int64]
Reals = NDArray[np.float64]

HALF_LIFE_DAYS = 28
"""What was promised so many days ago counts half."""
PRIOR_WEEKS = 8.0
WINDOW_WEEKS = 26
"""Older promises do not count."""
_ROUNDS = 40
_LOGIT_MAX = 8.0
_CHANCE_EDGE = 1e-6
_SAME = 1e-9


def kept_shares(days: Whole, purchased_day: Whole, arrived_day: Whole, *, expected: Reals, now: int) -> Reals:
    """Estimate which share of promises each place of the dial really keeps.

    Args:
        days: What would have been promised, as it was then: a row a place of the dial, a column an order; never falling down a column.
        purchased_day: When each order was bought, before `now`.
        arrived_day: When it arrived. Only arrivals before `now` are looked at.
        expected: The share that the model itself expects at each place now.
        now: The day that begins.

    Returns:
        A share for each place, never falling.

    Cost: places × orders.
    """
    if not len(purchased_day):
        return np.maximum.accumulate(expected)
    ended = arrived_day < now
    # An order that arrived breaks every promise shorter than it took; an open one has broken those that have passed.
    lasted = np.where(ended, arrived_day - purchased_day, now - purchased_day)
    scores = (days < lasted[None, :]).sum(axis=0).astype(np.float64)
    weights = 0.5 ** ((now - purchased_day) / HALF_LIFE_DAYS)
    # Open: the score is at least this, so its end lies just below it at the earliest.
    seen = 1.0 - surviving(
        scores - np.where(ended, 0.0, 0.5), ended=ended, weights=weights, at=np.arange(len(days), dtype=np.float64)
    )
    weeks = effective_weeks(purchased_day, weights)
    trust = weeks / (weeks + PRIOR_WEEKS)
    return np.asarray(np.maximum.accumulate(trust * seen + (1.0 - trust) * expected))


def effective_weeks(purchased_day: Whole, weights: Reals) -> float:
    """Count the weeks that some weighted orders come from, as so many equal ones (Kish)."""
    _, place = np.unique(week_of(purchased_day), return_inverse=True)
    weeks = np.bincount(place, weights=weights)
    return float(weeks.sum() ** 2 / (weeks**2).sum())


def place_for(chance: float, shares: Reals) -> int:
    """Find the first place of the dial that keeps what was asked for; the last one where none does."""
    return min(int(np.searchsorted(shares, chance - _SAME)), len(shares) - 1)


def stated_shift(chances: Reals, *, asked: float) -> float:
    """Find what to add to the log-odds of the model's chances so that they are what was asked for on the average.

    Args:
        chances: The model's chances of recent orders at their promised days.
        asked: The chance that was asked for.
    """
    logit = _logit(chances)
    low, high = -_LOGIT_MAX, _LOGIT_MAX
    for _ in range(_ROUNDS):
        middle = (low + high) / 2
        low, high = (middle, high) if _inverse(logit + middle).mean() < asked else (low, middle)
    return round((low + high) / 2, 6)


def stated(chances: Reals, shift: float) -> Reals:
    """Give chances as they are told to a buyer."""
    return _inverse(_logit(chances) + shift)


def _logit(chances: Reals) -> Reals:
    inner = np.clip(chances, _CHANCE_EDGE, 1.0 - _CHANCE_EDGE)
    return np.asarray(np.log(inner / (1.0 - inner)))


def _inverse(logit: Reals) -> Reals:
    return np.asarray(1.0 / (1.0 + np.exp(-logit)))
