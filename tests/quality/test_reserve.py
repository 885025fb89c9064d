"""The reserve: by hand where it is certain, and back-dated on invented shops where it is not."""

import numpy as np
import pytest

from houbei.quality.costs import OWN_MIN, Reports, costs_by_sku, severity_by_sku
from houbei.quality.observed import BANDS, DAY_US
from houbei.quality.reserve import LEVEL, Covered, Past, reserve_of
from tests.quality.shops import back_dated, shop_of

SHOPS = 120
PLAN = {"skus": 12, "batches": 4, "batch_units": 150, "weeks": 26}


def reports(count: int, *, sku: int = 0, goods: int = 100_00, service: int = 20_00, back: int = 0) -> Reports:
    same = np.zeros(count, dtype=np.int64)
    return Reports(
        sku=same + sku,
        currency=same,
        settled=np.ones(count, dtype=np.bool_),
        unit_minor=same + 100_00,
        goods_minor=same + goods,
        service_minor=same + service,
        recovered_minor=same + back,
        salvage_minor=same,
    )


@pytest.mark.parametrize(("weeks", "least"), [(13, 0.74), (20, 0.72), (26, 0.72)])
def test_what_came_later_lies_in_the_80_percent_interval_about_as_often_as_it_says(weeks: int, least: float):
    """Two standard deviations below 80 % in 120 shops are 72.7 %. At month three most of the time left is at ages nobody has reached."""
    held, ratio = 0, []
    for seed in range(SHOPS):
        found = back_dated(shop_of(seed, **PLAN), weeks=weeks, promise_days=180, seed=seed)
        held += found.reserve.low <= found.later_minor <= found.reserve.high
        ratio.append(found.later_minor / found.reserve.expected)
    assert held / SHOPS >= least
    assert 0.8 < np.mean(ratio) < 1.15
    assert LEVEL == 0.80


def test_a_cost_that_is_always_the_same_is_expected_to_be_that():
    pool = reports(2000, goods=100_00, service=20_00, back=50_00)
    severity = severity_by_sku(pool, 0, np.array([100_00.0, 300_00.0]))
    assert severity.mean == pytest.approx([70_00, 3 * 50_00 + 20_00])
    assert severity.spread == pytest.approx([0, 0], abs=1e-6)
    assert severity.own.tolist() == [True, False]


def test_a_sku_with_enough_reports_speaks_for_itself():
    few, many = reports(OWN_MIN - 1, sku=0, service=10_00), reports(OWN_MIN, sku=1, service=90_00)
    pool = Reports(**{name: np.concatenate([getattr(few, name), getattr(many, name)]) for name in few.__slots__})
    severity = severity_by_sku(pool, 0, np.array([100_00.0, 100_00.0]))
    assert severity.mean[1] == pytest.approx(190_00)
    assert 110_00 < severity.mean[0] < 190_00


def test_the_reserve_by_hand():
    """10,000 reports in 1,000,000 unit-days of the first band: one in 100. 7,000 unit-days left, each report 70.00: 4,900.00."""
    past = Past(np.zeros((1, BANDS)), np.zeros((1, BANDS)))
    past.reports[0, 0], past.unit_days[0, 0] = 10_000, 1_000_000
    left = np.zeros((1, BANDS))
    left[0, 0] = 7_000
    severity = severity_by_sku(reports(2000, back=50_00), 0, np.array([100_00.0]))
    found = reserve_of(left, past, severity, np.array([3]), np.random.default_rng(1))
    assert found is not None
    assert found.to_come == pytest.approx(70 * 70_00, rel=0.02)
    assert found.open_claims == pytest.approx(3 * 70_00)
    assert found.expected == pytest.approx(found.to_come + found.open_claims)
    assert found.low == pytest.approx(found.expected - 1.2816 * np.sqrt(70) * 70_00, rel=0.03)
    assert found.unseen == 0


def test_ages_that_nobody_has_reached_widen_the_interval_and_are_named():
    past = Past(np.zeros((1, BANDS)), np.zeros((1, BANDS)))
    past.reports[0, :2], past.unit_days[0, :2] = 1000, 100_000
    severity = severity_by_sku(reports(2000), 0, np.array([100_00.0]))
    seen, unseen = np.zeros((1, BANDS)), np.zeros((1, BANDS))
    seen[0, 1], unseen[0, 3] = 10_000, 10_000
    none = np.zeros(1, dtype=np.int64)
    known = reserve_of(seen, past, severity, none, np.random.default_rng(1))
    guessed = reserve_of(unseen, past, severity, none, np.random.default_rng(1))
    assert known is not None
    assert guessed is not None
    assert (known.unseen, guessed.unseen) == (0, 1)
    assert guessed.high - guessed.low > 4 * (known.high - known.low)


def test_the_same_seed_gives_the_same_interval_and_another_one_nearly():
    shop = shop_of(5, **PLAN)
    one, same, other = (back_dated(shop, weeks=20, promise_days=180, seed=seed).reserve for seed in (1, 1, 2))
    assert (one.low, one.high) == (same.low, same.high)
    assert one.low != other.low
    assert one.low == pytest.approx(other.low, rel=0.05)


def test_without_settled_claims_nothing_is_said():
    severity = severity_by_sku(reports(4), 0, np.array([100_00.0]))
    nothing = np.zeros((1, BANDS))
    assert (
        reserve_of(nothing, Past(nothing, nothing), severity, np.zeros(1, np.int64), np.random.default_rng(1)) is None
    )


def test_costs_add_up_to_the_cent_and_leave_open_claims_out():
    pool = reports(3, goods=100_01, service=7, back=50_00)
    pool.settled[2] = False
    found = costs_by_sku(pool, 0, 2)
    assert (found.settled.tolist(), found.open.tolist()) == ([2, 0], [1, 0])
    assert found.net_minor.tolist() == [2 * (100_01 + 7 - 50_00), 0]


def test_days_left_fall_into_bands():
    covered = Covered(
        units=np.array([2]),
        age_us=np.array([10 * DAY_US]),
        until_age_us=np.array([30 * DAY_US]),
        sku=np.array([1]),
        line=np.array([0]),
    )
    assert covered.days_left(2)[1, :4].tolist() == [0, 8, 28, 4]
    assert covered.days_left(2)[0].sum() == 0
