"""Intervals for small numbers: known values from tables, and exact coverage by summing every outcome."""

from math import comb, exp

import numpy as np
import pytest

from houbei.quality.intervals import rate_interval, share_interval


@pytest.mark.parametrize(
    ("faults", "units", "low", "high"),
    [
        (3, 41, 0.015, 0.199),
        (0, 10, 0.0, 0.308),
        (10, 10, 0.692, 1.0),
        (1, 1, 0.025, 1.0),
        (0, 0, 0.0, 1.0),
        (5, 10, 0.187, 0.813),
    ],
)
def test_the_interval_of_a_share_is_that_of_clopper_and_pearson(faults: int, units: int, low: float, high: float):
    found = share_interval(faults, units)
    assert (round(float(found.low), 3), round(float(found.high), 3)) == (low, high)


@pytest.mark.parametrize(
    ("faults", "low", "high"), [(0, 0.0, 3.689), (1, 0.025, 5.572), (3, 0.619, 8.767), (10, 4.795, 18.39)]
)
def test_the_interval_of_a_rate_is_that_of_garwood(faults: int, low: float, high: float):
    found = rate_interval(faults, 1.0)
    assert (round(float(found.low), 3), round(float(found.high), 3)) == pytest.approx((low, high), abs=6e-4)
    halved = rate_interval(faults, 2.0)
    assert float(halved.high) * 2 == pytest.approx(float(found.high))


def test_nothing_watched_says_nothing_of_a_rate():
    found = rate_interval(0, 0.0)
    assert (float(found.low), float(found.high)) == (0.0, np.inf)


@pytest.mark.parametrize("share", [0.005, 0.03, 0.2, 0.5])
@pytest.mark.parametrize("units", [4, 41, 150])
def test_at_least_95_percent_of_the_intervals_hold_the_true_share(share: float, units: int):
    outcomes = np.arange(units + 1)
    chance = np.array([comb(units, x) * share**x * (1 - share) ** (units - x) for x in outcomes])
    low, high = share_interval(outcomes, np.full(units + 1, units))
    assert chance[(low <= share) & (share <= high)].sum() >= 0.95


@pytest.mark.parametrize("expected", [0.3, 2.0, 11.0])
def test_at_least_95_percent_of_the_intervals_hold_the_true_rate(expected: float):
    outcomes = np.arange(80)
    logs = np.cumsum(np.append(0.0, np.log(expected / outcomes[1:])))
    low, high = rate_interval(outcomes, np.ones(80))
    assert (exp(-expected) * np.exp(logs))[(low <= expected) & (expected <= high)].sum() >= 0.95
