"""The rival for lead times: gradient-boosted quantiles (scikit-learn) over six plain features, learnt anew every four weeks.

The features: days of the shop's estimate, weekday and month of purchase, destination, mean lead time of the arrivals of the last 28 days,
orders bought in the last 7. It learns from arrivals alone, as such models do: it knows nothing of orders that are open.
"""

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor

from houbei.columns import MISSING
from houbei.lead_times.delivery_clock import first_day_of_week, week_of, weekday_of
from houbei.lead_times.history import NEVER, History
from houbei.lead_times.traits import month_of

Whole = NDArray[np.int64]
Reals = NDArray[np.float64]

LEVELS = (0.70, 0.78, 0.84, 0.88, 0.91, 0.94, 0.96, 0.975, 0.985, 0.995)
"""The quantiles that are learnt: the places of its dial."""
ANEW_WEEKS = 4
RECENT_DAYS, BOUGHT_DAYS = 28, 7


def promise(history: History, rows: Whole) -> Whole:
    """Promise orders: a row for each of `LEVELS`, days after purchase, rounded up; never falling down a column."""
    purchased, arrived, lead = history.orders.purchased_day, history.arrived_day, history.lead_days
    features = _features(history)
    days = np.zeros((len(LEVELS), len(rows)), dtype=np.int64)
    first, last = week_of(purchased[rows[[0, -1]]]).tolist()
    for week in range(first, last + 1, ANEW_WEEKS):
        now, until = first_day_of_week(week), first_day_of_week(week + ANEW_WEEKS)
        known = (arrived < now) & (purchased < now)
        mine = np.flatnonzero((purchased[rows] >= now) & (purchased[rows] < until))
        if not len(mine):
            continue
        for place, level in enumerate(LEVELS):
            trees = HistGradientBoostingRegressor(
                loss="quantile",
                quantile=level,
                max_iter=100,
                learning_rate=0.06,
                max_leaf_nodes=15,
                min_samples_leaf=40,
                random_state=0,
            )
            trees.fit(features[known], lead[known])
            days[place, mine] = np.ceil(np.maximum(trees.predict(features[rows[mine]]), 0.0))
    return np.asarray(np.maximum.accumulate(days, axis=0), dtype=np.int64)


def _features(history: History) -> Reals:
    orders = history.orders
    purchased, arrived = orders.purchased_day, history.arrived_day
    by_day, place = np.unique(purchased, return_inverse=True)
    recent = np.full(len(by_day), np.nan)
    for k, day in enumerate(by_day.tolist()):
        seen = (arrived < day) & (arrived >= day - RECENT_DAYS) & (arrived != NEVER)
        recent[k] = history.lead_days[seen].mean() if seen.any() else np.nan
    bought = np.searchsorted(purchased, by_day) - np.searchsorted(purchased, by_day - BOUGHT_DAYS)
    known = orders.estimated_day != MISSING
    estimate = np.where(known, np.where(known, orders.estimated_day, 0) - purchased, np.nan)
    destination = orders.places.get("destination", np.zeros(len(orders), dtype=np.int64))
    columns = (estimate, weekday_of(purchased), month_of(purchased), destination, recent[place], bought[place])
    return np.stack([np.asarray(column, dtype=np.float64) for column in columns], axis=1)
