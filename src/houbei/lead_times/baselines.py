"""What a shop could promise without learning anything: its own estimate, the same days to everyone, a percentile of the last weeks."""

import numpy as np
from numpy.typing import NDArray

from houbei.columns import MISSING
from houbei.lead_times.delivery_clock import first_day_of_week, week_of
from houbei.lead_times.history import History, Orders
from houbei.lead_times.survival import surviving

Whole = NDArray[np.int64]

RECENT_DAYS = 56
"""Eight weeks."""
RECENT_SHARE = 0.95


def shop_days(orders: Orders) -> Whole:
    """Give the days that the shop itself promised; `MISSING` where it promised none."""
    known = orders.estimated_day != MISSING
    return np.where(known, np.maximum(orders.estimated_day - orders.purchased_day, 0), MISSING)


def fixed_days(known: History, *, share: float) -> int:
    """Give the days that would have kept a share of all orders known so far; open orders count as not arrived yet.

    Args:
        known: What was known when the first promise was made.
        share: The share to keep.
    """
    ended = ~known.open
    lasted = np.where(ended, known.lead_days, known.as_of_day - known.orders.purchased_day).astype(np.float64)
    days = np.arange(int(lasted.max()) + 1)
    left = surviving(lasted, ended=ended, weights=np.ones(len(lasted)), at=days.astype(np.float64))
    enough = np.flatnonzero(left <= 1.0 - share + 1e-9)
    return int(enough[0]) if len(enough) else int(days[-1])


def recent_percentile(history: History, rows: Whole) -> Whole:
    """Give the 95th percentile of the lead times of all orders that arrived in the eight weeks before the week of each order.

    Args:
        history: Everything; each week looks at arrivals before it began.
        rows: The orders to promise.

    Returns:
        Days, a whole number that at least this share took; where nothing had arrived in those weeks, that of all arrivals before.
    """
    arrived, lead = history.arrived_day, history.lead_days
    weeks, places = np.unique(week_of(history.orders.purchased_day[rows]), return_inverse=True)
    days = np.zeros(len(weeks), dtype=np.int64)
    for place, week in enumerate(weeks.tolist()):
        now = first_day_of_week(week)
        before = arrived < now
        recent = before & (arrived >= now - RECENT_DAYS)
        days[place] = int(np.quantile(lead[recent if recent.any() else before], RECENT_SHARE, method="inverted_cdf"))
    return days[places]
