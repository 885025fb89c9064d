"""The figures of an evaluation against the oracle, row by row, and what is judged at all."""

from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from houbei.lead_times.baselines import fixed_days, recent_percentile
from houbei.lead_times.choosing import Spread
from houbei.lead_times.evaluating import Evaluation, evaluate
from houbei.lead_times.frontier import SHARES
from houbei.lead_times.history import NEVER, History
from houbei.lead_times.measures import Outcomes, clumping, figures_of, share_interval
from houbei.lead_times.summary import summary_of
from tests.lead_times.made_history import FIRST_DAY, Law, history_of, made_rows
from tests.oracle.promised_dates import Order, mean_days_given_away, mean_days_promised, share_kept, shifted_to

EPOCH = date(1970, 1, 1)


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    rows = made_rows(31, Law(days=200, a_day=12, lost=0.03, week_spread=0.2, estimate_days=11))
    for row in rows[::97]:
        row |= {"delivered": None, "status": "canceled"}
    return history_of(rows, tmp_path_factory.mktemp("history"))


@pytest.fixture(scope="module")
def found(history: History) -> Evaluation:
    return evaluate(
        history,
        from_day=FIRST_DAY + 110,
        chances=[0.8, 0.9, 0.95],
        spread=Spread.TOGETHER,
        progress=lambda _stage, _done, _total: None,
    )


@pytest.fixture(scope="module")
def summary(found: Evaluation) -> dict[str, Any]:
    return summary_of(found, spread=Spread.TOGETHER, zone="UTC")


def day(number: int) -> date:
    return EPOCH + timedelta(days=number)


def orders_of(found: Evaluation, days: Any) -> list[Order]:
    history = found.history
    return [
        Order(
            bought=day(int(history.orders.purchased_day[row])),
            arrived=None if history.arrived_day[row] == NEVER else day(int(history.arrived_day[row])),
            promised=day(int(history.orders.purchased_day[row] + promised)),
            shop=day(int(history.orders.estimated_day[row])),
        )
        for row, promised in zip(found.rows.tolist(), days.tolist(), strict=True)
    ]


@pytest.mark.parametrize("way", ["ours", "ours_each", "ours_without_estimate", "shop", "fixed", "percentile_95"])
def test_every_way_in_all_and_by_month(found: Evaluation, summary: dict[str, Any], way: str):
    orders = orders_of(found, found.ways[way])
    for name, told in [("all", summary["all"]), *((row["month"], row) for row in summary["months"])]:
        mine = [order for order in orders if name in ("all", f"{order.bought:%Y-%m}")]
        dates = [order.promised for order in mine]
        assert told[way]["orders"] == len(mine)
        assert told[way]["share_kept"] == pytest.approx(float(share_kept(mine, dates)), abs=1e-6)
        assert told[way]["mean_days_promised"] == pytest.approx(float(mean_days_promised(mine, dates)), abs=1e-6)
        assert told[way]["mean_days_given_away"] == pytest.approx(float(mean_days_given_away(mine, dates)), abs=1e-6)


def test_the_shops_estimate_shifted_to_the_same_share(found: Evaluation, summary: dict[str, Any]):
    for row in summary["chances"]:
        orders = orders_of(found, found.promised.asked[row["chance_permille"] / 1000])
        share = share_kept(orders, [order.promised for order in orders])
        shop = shifted_to(orders, share)
        assert shop is not None
        assert row["shop_days_at_same_share"] == pytest.approx(float(shop), abs=1e-3)
        shorter = 100 * (1 - mean_days_promised(orders, [order.promised for order in orders]) / shop)
        assert row["shorter_percent"] == pytest.approx(float(shorter), abs=1e-2)


def test_the_frontier_of_the_shop_at_every_share(found: Evaluation, summary: dict[str, Any]):
    orders = orders_of(found, found.ways["shop"])
    assert [row["share_kept"] for row in summary["frontier"]["rows"]] == list(SHARES)
    for row in summary["frontier"]["rows"][::6]:
        shop = shifted_to(orders, Fraction(str(row["share_kept"])))
        assert row["shop_days"] == (None if shop is None else pytest.approx(float(shop), abs=1e-3))
        assert row["shorter_percent"] == pytest.approx(100 * (1 - row["ours_days"] / row["shop_days"]), abs=1e-2)


def test_what_was_called_off_is_not_judged_and_what_is_overdue_is_broken(history: History, found: Evaluation):
    every = np.flatnonzero(history.orders.purchased_day >= FIRST_DAY + 110)
    longest = np.max(np.stack(list(found.ways.values())), axis=0)
    assert not history.called_off[found.rows].any()
    assert found.called_off == int(history.called_off[every].sum()) > 0
    overdue = found.rows[history.open[found.rows]]
    assert len(overdue) > 5
    for row in overdue.tolist():
        place = found.rows.tolist().index(row)
        assert history.orders.purchased_day[row] + longest[place] < history.as_of_day
    assert len(found.rows) + found.pending + found.called_off == len(every)


def test_an_order_that_arrives_on_the_promised_date_is_kept_at_whatever_hour(tmp_path: Path):
    """The arrivals are at 23:59:59 and the promise is a date: by timestamp each of them would be late."""
    history = history_of(made_rows(1, Law(days=40)), tmp_path)
    rows = np.arange(100)
    assert figures_of(Outcomes.of(history, rows), history.lead_days[rows])["share_kept"] == 1.0
    assert figures_of(Outcomes.of(history, rows), history.lead_days[rows] - 1)["share_kept"] == 0.0


def test_the_same_days_to_everyone_keep_what_was_asked_for_of_what_was_known(history: History):
    known = history.known_by(FIRST_DAY + 110)
    days = fixed_days(known, share=0.9)
    old = known.orders.purchased_day < FIRST_DAY + 60
    kept = [(known.lead_days[old] <= one).mean() for one in (days - 1, days)]
    assert kept[0] < 0.92
    assert kept[1] > 0.88


def test_the_percentile_of_the_last_weeks_by_hand(history: History):
    row = int(np.flatnonzero(history.orders.purchased_day == FIRST_DAY + 140)[0])
    bought = int(history.orders.purchased_day[row])
    monday = bought - (bought + 3) % 7
    leads = sorted(
        int(arrived - purchased)
        for arrived, purchased in zip(history.arrived_day.tolist(), history.orders.purchased_day.tolist(), strict=True)
        if monday - 56 <= arrived < monday
    )
    needed = -(-95 * len(leads) // 100)
    assert recent_percentile(history, np.array([row])).tolist() == [leads[needed - 1]]


def test_weeks_that_are_late_together_make_wider_intervals_than_single_orders():
    purchased = np.repeat(7 * np.arange(20), 50)
    together = Outcomes(
        purchased_day=purchased,
        lead_days=np.where(np.repeat(np.arange(20) % 5 == 0, 50), 9, 1),
        arrived=np.ones(1000, bool),
    )
    singly = Outcomes(
        purchased_day=purchased, lead_days=np.where(np.arange(1000) % 5 == 0, 9, 1), arrived=np.ones(1000, bool)
    )
    days = np.full(1000, 5)
    wide, narrow = share_interval(together, days), share_interval(singly, days)
    assert None not in (*wide, *narrow)
    assert wide[1] - wide[0] > 0.2
    assert narrow[1] - narrow[0] < 0.01
    assert clumping(together, days)["times_variance"] == pytest.approx(50 * 20 / 19, abs=0.01)
    assert clumping(singly, days)["times_variance"] < 0.1


def test_the_shares_of_months_lie_in_their_intervals(summary: dict[str, Any]):
    for month in summary["months"]:
        ours = month["ours"]
        if month["month"] == "2022-04":
            # Three days of one week: nothing can be drawn from.
            assert ours["share_kept_low"] is None
            continue
        assert ours["share_kept_low"] <= ours["share_kept"] <= ours["share_kept_high"]
    assert summary["near"]["months"] == len(summary["months"])
    away = [100 * (month["ours"]["share_kept"] - 0.9) for month in summary["months"]]
    assert summary["near"]["most_points_below"] == pytest.approx(-min(away), abs=1e-3)
