"""A law that is known is learnt: chances by day, lanes with few orders, weekdays, orders that are still open."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from houbei.errors import InputError
from houbei.lead_times.choosing import days_by_chance, days_by_price
from houbei.lead_times.delivery_clock import learn_paces, weekday_of
from houbei.lead_times.history import NEVER
from houbei.lead_times.model import fit
from houbei.lead_times.traits import texts_of
from tests.lead_times.made_history import FIRST_DAY, MEANS, Law, history_of, made_rows


def test_the_chance_to_arrive_within_each_day_is_that_of_the_law(tmp_path: Path):
    history = history_of(made_rows(1, Law(days=300)), tmp_path)
    now = FIRST_DAY + 280
    model = fit(history.known_by(now))
    rows = np.flatnonzero((history.orders.purchased_day >= now) & (history.orders.purchased_day < now + 7))
    orders = history.orders.at(rows)
    within = 1 - model.late(orders)
    for destination, mean in MEANS.items():
        mine = texts_of(orders, "destination") == destination
        for days in (3, 5, 8, 12, 16):
            # An order takes 1 day and a gamma, whole days: it is there within d days when the gamma is below d.
            true = stats.gamma.cdf(days, 4.0, scale=mean / 4.0)
            assert within[mine, days].mean() == pytest.approx(true, abs=0.035), (destination, days)


def test_what_is_promised_with_a_chance_is_kept_with_it(tmp_path: Path):
    history = history_of(made_rows(2, Law(days=300)), tmp_path)
    now = FIRST_DAY + 250
    model = fit(history.known_by(now))
    rows = np.flatnonzero(history.orders.purchased_day >= now)[:800]
    days = days_by_chance(model.late(history.orders.at(rows)), np.array([0.8, 0.9, 0.97]))
    kept = (history.lead_days[rows][None, :] <= days).mean(axis=1)
    # Whole days round up, so a promise keeps a little more than it was asked to.
    assert 0.78 <= kept[0] <= 0.90
    assert 0.88 <= kept[1] <= 0.96
    assert 0.955 <= kept[2] <= 0.995


def test_a_lane_with_few_orders_lies_between_its_own_figures_and_those_of_all(tmp_path: Path):
    """Twelve orders of a place that takes 20 days: their effect is shrunk; three hundred are believed."""
    expected = {}
    for rare in (12, 300):
        history = history_of(made_rows(4, Law(days=250, rare=rare)), tmp_path)
        model = fit(history.known_by(history.as_of_day + 1))
        effect = dict(zip(model.traits.names(), model.effects.tolist(), strict=True))
        mine = texts_of(history.orders, "destination") == "rare"
        own = np.log(
            history.lead_days[mine].mean() / history.lead_days[texts_of(history.orders, "destination") == "near"].mean()
        )
        expected[rare] = (effect["destination rare"] - effect["destination near"]) / own
    assert 0.2 < expected[12] < 0.65
    assert expected[300] > 0.8


def test_a_place_with_hardly_any_orders_has_no_effect_of_its_own(tmp_path: Path):
    history = history_of(made_rows(4, Law(days=60, rare=6)), tmp_path)
    assert fit(history.known_by(history.as_of_day + 1)).traits.places["destination"] == ("far", "near")


def test_open_orders_are_known_not_to_have_arrived(tmp_path: Path):
    """A tenth is lost. Learning from arrivals alone would promise 97 % in days that keep 88 %."""
    history = history_of(made_rows(5, Law(days=250, lost=0.1)), tmp_path)
    now = FIRST_DAY + 220
    known = history.known_by(now)
    late = fit(known).late(known.orders.at(np.arange(len(known.orders) - 200, len(known.orders))))
    assert late[:, -1].mean() == pytest.approx(0.1, abs=0.03)


def test_orders_that_are_being_delivered_make_nothing_look_faster(tmp_path: Path):
    """Of the orders of the last days only the fast ones have arrived; the open ones say that the others take longer."""
    history = history_of(made_rows(6, Law(days=200)), tmp_path)
    known = history.known_by(FIRST_DAY + 60)
    later = history.known_by(FIRST_DAY + 90)
    first = np.flatnonzero(later.orders.purchased_day < FIRST_DAY + 60)
    whole = replace(
        later,
        orders=later.orders.at(first),
        arrived_day=later.arrived_day[first],
        called_off=later.called_off[first],
    )
    assert known.open.sum() > 100
    now, hindsight = (fit(one).late(known.orders.at(np.arange(400)))[:, :30] for one in (known, whole))
    assert np.abs(now - hindsight).mean() < 0.02


def test_where_nothing_changes_the_pace_of_now_is_that_of_before(tmp_path: Path):
    """A quarter of the orders of the last three weeks are still open; to forget them, or how long they may take, would look like haste."""
    known = history_of(made_rows(1, Law(days=300)), tmp_path).known_by(FIRST_DAY + 280)
    model = fit(known)
    effect = dict(zip(model.traits.names(), model.effects.tolist(), strict=True))
    assert known.open[known.orders.purchased_day >= FIRST_DAY + 259].mean() > 0.2
    assert abs(effect["pace now"]) < 0.04


def test_no_promise_ends_on_a_day_on_which_nothing_is_delivered(tmp_path: Path):
    history = history_of(made_rows(7, Law(days=250, sundays_off=True)), tmp_path)
    arrived = history.arrived_day[history.arrived_day != NEVER]
    paces = learn_paces(arrived)
    assert paces[6] < 0.1
    assert paces[0] > 1.2
    model = fit(history.known_by(FIRST_DAY + 220))
    orders = history.orders.at(np.arange(5600, 6200))
    days = days_by_price(model.late(orders), np.array([40.0]))[0]
    ends = np.bincount(weekday_of(orders.purchased_day + days), minlength=7) / len(days)
    assert ends[6] < 0.03


def test_a_dearer_late_order_is_never_promised_earlier(tmp_path: Path):
    history = history_of(made_rows(8, Law(days=120)), tmp_path)
    model = fit(history.known_by(FIRST_DAY + 110))
    late = model.late(history.orders.at(np.arange(2000, 2300)))
    assert (np.diff(late, axis=1) <= 1e-12).all()
    days = days_by_price(late, np.array([5.0, 20.0, 80.0, 400.0]))
    assert (np.diff(days, axis=0) >= 0).all()
    cost = np.arange(late.shape[1]) + 80.0 * late
    assert (cost[np.arange(300), days[2]] == cost.min(axis=1)).all()


def test_a_history_with_hardly_any_arrival_is_refused(tmp_path: Path):
    history = history_of(made_rows(9, Law(days=5)), tmp_path)
    with pytest.raises(InputError, match="at least 30"):
        fit(history.known_by(FIRST_DAY + 1))
