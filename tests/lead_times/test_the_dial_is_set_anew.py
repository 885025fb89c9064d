"""How a share that was asked for becomes one that is kept: nested conformal prediction over weeks, with what is known late."""

from pathlib import Path

import numpy as np
import pytest

from houbei.lead_times import calibration
from houbei.lead_times.calibration import effective_weeks, kept_shares, place_for, stated, stated_shift
from houbei.lead_times.choosing import Spread
from houbei.lead_times.history import NEVER
from houbei.lead_times.rolling import Learner, roll
from tests.lead_times.made_history import FIRST_DAY, Law, history_of, made_rows

NOW = 20_000
MONDAY = NOW - (NOW + 3) % 7


def silent(_stage: str, _done: int, _total: int) -> None:
    """Nobody watches."""


def believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Believe what is seen alone, and all weeks alike."""
    monkeypatch.setattr(calibration, "PRIOR_WEEKS", 0.0)
    monkeypatch.setattr(calibration, "HALF_LIFE_DAYS", 1e9)


def test_with_everything_known_a_place_keeps_what_it_kept(monkeypatch: pytest.MonkeyPatch):
    believed(monkeypatch)
    purchased = np.full(10, NOW - 30)
    arrived = NOW - 30 + np.arange(1, 11)
    days = np.array([[3] * 10, [8] * 10, [20] * 10])
    shares = kept_shares(days, purchased, arrived, expected=np.array([0.5, 0.5, 0.5]), now=NOW)
    assert shares.tolist() == pytest.approx([0.3, 0.8, 1.0])


def test_an_open_order_breaks_the_promises_that_have_passed_and_no_other(monkeypatch: pytest.MonkeyPatch):
    """Two orders five days ago: one arrived on day 2, the other has not. Of the places 1, 4 and 20 days, the first two are broken for it."""
    believed(monkeypatch)
    days = np.array([[1, 1], [4, 4], [20, 20]])
    shares = kept_shares(
        days, np.array([NOW - 5, NOW - 5]), np.array([NOW - 3, NEVER]), expected=np.array([0.5, 0.6, 0.9]), now=NOW
    )
    assert shares[:2].tolist() == pytest.approx([0.0, 0.5])


def test_what_happens_later_is_not_looked_at():
    days = np.tile(np.array([[2], [5], [9]]), (1, 40))
    purchased = NOW - 1 - np.arange(40)
    arrived = purchased + 3 + np.arange(40) % 9
    hidden = np.where(arrived >= NOW, NEVER, arrived)
    expected = np.array([0.2, 0.5, 0.9])
    assert (
        kept_shares(days, purchased, arrived, expected=expected, now=NOW).tolist()
        == kept_shares(days, purchased, hidden, expected=expected, now=NOW).tolist()
    )


def test_a_thousand_orders_of_one_week_are_one_week():
    assert effective_weeks(np.full(1000, MONDAY), np.ones(1000)) == pytest.approx(1.0)
    assert effective_weeks(MONDAY + 7 * (np.arange(1000) % 4), np.ones(1000)) == pytest.approx(4.0)


def test_one_bad_week_is_believed_as_one_week_however_many_orders_it_has():
    days = np.full((1, 1000), 5)
    bad = kept_shares(
        days, np.full(1000, MONDAY - 70), np.full(1000, MONDAY - 50), expected=np.array([0.9]), now=MONDAY
    )
    weeks = 1 / (1 + calibration.PRIOR_WEEKS)
    assert bad.tolist() == pytest.approx([0.9 * (1 - weeks)])


def test_a_week_that_begins_to_be_late_is_seen_before_its_orders_arrive():
    """Nothing of the last week has arrived after six days, where half used to arrive within three."""
    purchased = np.repeat(MONDAY - 7 * np.arange(1, 5), 50)
    arrived = purchased + np.tile(np.arange(50) % 6 + 1, 4)
    late = np.where(purchased == MONDAY - 7, NEVER, arrived)
    days = np.tile(np.array([[3], [6]]), (1, 200))
    expected = np.array([0.5, 1.0])
    usual = kept_shares(days, purchased, arrived, expected=expected, now=MONDAY)
    warned = kept_shares(days, purchased, late, expected=expected, now=MONDAY)
    assert warned[0] < usual[0] - 0.05


def test_the_first_place_that_keeps_enough_is_chosen():
    shares = np.array([0.5, 0.8, 0.9, 0.95])
    assert [place_for(share, shares) for share in (0.4, 0.8, 0.81, 0.9, 0.99)] == [0, 1, 2, 2, 3]


def test_told_chances_are_what_was_asked_for_on_the_average():
    chances = np.array([0.6, 0.9, 0.99, 0.97])
    shift = stated_shift(chances, asked=0.9)
    told = stated(chances, shift)
    assert told.mean() == pytest.approx(0.9, abs=1e-4)
    assert (np.argsort(told) == np.argsort(chances)).all()


@pytest.mark.parametrize("spread", list(Spread))
def test_a_law_that_stays_is_kept_as_promised_month_by_month(tmp_path: Path, spread: Spread):
    history = history_of(made_rows(11, Law(days=260)), tmp_path)
    found = roll(Learner(history), from_day=FIRST_DAY + 130, chances=[0.8, 0.9, 0.95], spread=spread, progress=silent)
    lead, months = history.lead_days[found.rows], (history.orders.purchased_day[found.rows] - FIRST_DAY) // 30
    for chance, days in found.asked.items():
        kept = lead <= days
        # Whole days come in steps: near orders all move together, so a little more than was asked for is kept.
        assert -0.02 <= kept.mean() - chance <= 0.06
        for month in np.unique(months)[:-1]:
            assert -0.05 <= kept[months == month].mean() - chance <= 0.08


def test_where_weeks_are_late_together_the_share_is_still_near(tmp_path: Path):
    history = history_of(made_rows(12, Law(days=400, week_spread=0.25, lost=0.01)), tmp_path)
    found = roll(Learner(history), from_day=FIRST_DAY + 200, chances=[0.9], spread=Spread.TOGETHER, progress=silent)
    kept = history.lead_days[found.rows] <= found.asked[0.9]
    assert kept.mean() == pytest.approx(0.9, abs=0.04)


def test_when_everything_slows_down_promises_follow_within_weeks(tmp_path: Path):
    rows = made_rows(13, Law(days=300))
    for one in rows:
        day = int(np.datetime64(one["purchased"][:10]).astype(np.int64))
        if day >= FIRST_DAY + 150:
            arrived = int(np.datetime64(one["delivered"][:10]).astype(np.int64))
            one["delivered"] = f"{np.datetime64(day + 2 * (arrived - day), 'D')}T12:00:00Z"
    history = history_of(rows, tmp_path)
    found = roll(Learner(history), from_day=FIRST_DAY + 150, chances=[0.9], spread=Spread.TOGETHER, progress=silent)
    kept = history.lead_days[found.rows] <= found.asked[0.9]
    weeks = (history.orders.purchased_day[found.rows] - FIRST_DAY - 150) // 7
    assert kept[weeks < 2].mean() < 0.7
    assert kept[(weeks >= 8) & (weeks < 14)].mean() > 0.84
