"""Rates count time, not sales; ages count every unit for as long as it was watched; few numbers never lead a list."""

import numpy as np
import pytest

from houbei.quality.ages import WATCHED_MIN, curve_of, hazard_of
from houbei.quality.observed import BAND_DAYS, DAYS_A_YEAR, band_of, time_in_bands
from houbei.quality.rates import rates_by
from tests.quality.shops import DAY_US, WEEK_US, observed, runs, shop_of


def test_exposure_is_the_time_watched_and_not_the_units_sold():
    seen = runs((10, 0, 100, False), (1, 0, 40, True))
    found = rates_by(seen, np.zeros(2, dtype=np.int64), 1)
    assert (found.units[0], found.faults[0], found.unit_days[0]) == (11, 1, 1040)
    assert found.rate[0] == pytest.approx(1 / (1040 / DAYS_A_YEAR))


def test_a_group_with_one_fault_in_one_unit_does_not_lead_the_list():
    seen = runs((1, 0, 3, True), (400, 0, 90, False), (40, 0, 60, True), (990, 0, 90, False), (10, 0, 60, True))
    codes = np.array([0, 1, 1, 2, 2])
    found = rates_by(seen, codes, 3)
    assert found.rate.argmax() == 0
    assert found.ranked.tolist()[0] == 1
    assert found.at_least[1] > 1 > found.at_least[0]


def test_where_chance_explains_all_differences_no_group_stands_out():
    seen = runs(*[(100, 0, 90, False), (1, 0, 45, True)] * 6)
    found = rates_by(seen, np.repeat(np.arange(6), 2), 6)
    assert np.ptp(found.settled) == pytest.approx(0)
    assert (found.at_least < 1.01).all()


def test_a_group_of_new_units_is_set_against_new_units():
    """Both groups fail alike at each age: 10 in 100 in the first week, 1 in 100 after. The young one has the higher rate all the same."""
    old = [(100, 0, 3, True), (890, 0, 182, False), (10, 0, 90, True)]
    young = [(100, 0, 3, True), (900, 0, 7, False)]
    found = rates_by(runs(*old, *young), np.array([0, 0, 0, 1, 1]), 2)
    assert found.rate[1] > 5 * found.rate[0]
    assert found.expected == pytest.approx([110, 100], rel=0.02)


def test_a_group_without_units_is_not_ranked():
    found = rates_by(runs((1, 0, 10, False)), np.zeros(1, dtype=np.int64), 2)
    assert found.ranked.tolist() == [0]
    assert found.rate[1] == 0
    assert found.rate_ends.high[1] == np.inf


def test_time_falls_into_bands_of_age():
    spent = time_in_bands(np.array([0, 10 * DAY_US]), np.array([30 * DAY_US, 20 * DAY_US])) // DAY_US
    assert spent[0, :4].tolist() == [7, 7, 14, 2]
    assert spent[1, :4].tolist() == [0, 4, 6, 0]
    assert band_of(np.array(BAND_DAYS) * DAY_US).tolist() == list(range(len(BAND_DAYS)))


def test_the_share_that_failed_is_that_of_kaplan_and_meier_by_hand():
    """20 units: 2 fail on day 5 (18/20 left), 8 leave on day 10, 1 of 10 fails on day 12 (0.9 × 0.9), the rest is watched to day 28."""
    curve = curve_of(runs((2, 0, 5, True), (8, 0, 10, False), (1, 0, 12, True), (9, 0, 28, False), (4, 0, 28, False)))
    first, second = 2 / 24, 1 - (22 / 24) * (13 / 14)
    assert curve.failed[:3] == pytest.approx([0, first, second])
    assert curve.watched.tolist() == [24, 22, 13, 13, 13]
    assert curve.faults.tolist() == [0, 2, 3, 3, 3]
    assert (curve.ends.low <= curve.failed).all()
    assert (curve.failed <= curve.ends.high).all()


def test_without_censoring_the_interval_is_that_of_a_share():
    curve = curve_of(runs((3, 0, 3, True), (38, 0, 7, False)))
    assert (round(curve.ends.low[1], 3), round(curve.ends.high[1], 3)) == (0.015, 0.199)


def test_before_the_first_fault_the_upper_end_is_that_of_none_in_all_that_are_watched():
    curve = curve_of(runs((1, 0, 20, True), (40, 0, 28, False)))
    assert curve.ends.high[1] == pytest.approx(1 - 0.025 ** (1 / 41))


def test_the_curve_ends_where_too_few_are_watched():
    curve = curve_of(runs((WATCHED_MIN - 1, 0, 70, False), (WATCHED_MIN, 0, 35, False)))
    assert curve.weeks.tolist() == [0, 1, 2, 3, 4, 5]


def test_nobody_watched_gives_an_empty_curve():
    nobody = shop_of(1, skus=1, batches=1, batch_units=5)
    seen = observed(nobody, 0)
    assert len(curve_of(seen).weeks) == 0
    assert hazard_of(seen).unit_days.sum() == 0


def test_the_band_holds_the_true_share_as_often_as_it_says():
    """The truth is the share of a large shop without an end; 200 small shops with staggered sales are looked at in week 13."""
    truth = observed(shop_of(9, skus=1, batches=1, batch_units=200_000, spread=0.0, weeks=60), 2**61)
    share = (truth.faulty & (truth.age_us <= 13 * WEEK_US)).sum() / len(truth)
    held = 0
    for seed in range(200):
        shop = shop_of(seed, skus=1, batches=4, batch_units=40, spread=0.0, weeks=30)
        curve = curve_of(observed(shop, shop.end_us))
        held += curve.ends.low[13] <= share <= curve.ends.high[13]
    assert held >= 0.93 * 200
