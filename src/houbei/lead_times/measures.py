"""How good promises were: the share kept, the days promised, the days given away. By date, and week by week, because weeks are late together."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from houbei.lead_times.delivery_clock import week_of
from houbei.lead_times.history import NEVER, History

Whole = NDArray[np.int64]
Reals = NDArray[np.float64]
Marks = NDArray[np.bool_]
Json = dict[str, Any]

DRAWS = 2000
SEED = 5
"""Intervals are drawn with this seed, so that the same input gives the same bytes."""
ENDS = (0.025, 0.975)
_TWO = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outcomes:
    """What became of some orders: `purchased_day`, and `lead_days`, which is beyond any promise for those that never arrived."""

    purchased_day: Whole
    lead_days: Whole
    arrived: Marks

    @classmethod
    def of(cls, history: History, rows: Whole) -> "Outcomes":
        """Take them from a history."""
        arrived = history.arrived_day[rows] != NEVER
        return cls(purchased_day=history.orders.purchased_day[rows], lead_days=history.lead_days[rows], arrived=arrived)

    def at(self, wanted: Whole | Marks) -> "Outcomes":
        """Give some of them."""
        return Outcomes(
            purchased_day=self.purchased_day[wanted], lead_days=self.lead_days[wanted], arrived=self.arrived[wanted]
        )

    def __len__(self) -> int:
        """Count them."""
        return len(self.purchased_day)


def judged(history: History, rows: Whole, longest: Whole) -> Marks:
    """Mark the orders whose promises can be judged: they arrived, or every promise to them has passed and they are still waited for.

    Args:
        history: Everything.
        rows: The orders that were promised.
        longest: The longest promise to each, in days.
    """
    passed = history.orders.purchased_day[rows] + longest < history.as_of_day
    return np.asarray(~history.open[rows] | (passed & ~history.called_off[rows]))


def figures_of(outcomes: Outcomes, days: Whole) -> Json:
    """Work out the figures of one way to promise.

    Args:
        outcomes: What became of the orders.
        days: What was promised to each, in days after purchase. The order is kept when it arrives on that date or before.

    Returns:
        `orders`; `share_kept`; `share_kept_of_arrived`, without those that never arrived; `mean_days_promised`; `mean_days_to_arrival`
        and `mean_days_given_away` (promise less arrival, below 0 for the late) over those that arrived. None where there are none.
    """
    kept, arrived = outcomes.lead_days <= days, outcomes.arrived
    return {
        "orders": len(outcomes),
        "share_kept": _mean(kept),
        "share_kept_of_arrived": _mean(kept[arrived]),
        "mean_days_promised": _mean(days),
        "mean_days_to_arrival": _mean(outcomes.lead_days[arrived]),
        "mean_days_given_away": _mean((days - outcomes.lead_days)[arrived]),
    }


def _mean(values: NDArray[Any]) -> float | None:
    return round(float(values.mean()), 6) if len(values) else None


def by_week(purchased_day: Whole, values: NDArray[Any]) -> Reals:
    """Add up values by the week of purchase: the last axis becomes the weeks that occur, in order."""
    _, place = np.unique(week_of(purchased_day), return_inverse=True)
    weeks = int(place.max()) + 1 if len(place) else 0
    flat = values.reshape(-1, values.shape[-1])
    sums = (
        np.stack([np.bincount(place, weights=row, minlength=weeks) for row in flat])
        if len(flat)
        else np.zeros((0, weeks))
    )
    return np.asarray(sums.reshape(*values.shape[:-1], weeks), dtype=np.float64)


def drawn_weeks(weeks: int) -> Whole:
    """Draw weeks with replacement: how often each is in each of `DRAWS` draws. Whole weeks are drawn, as their orders are late together.

    Source: the block bootstrap, Künsch (1989).
    """
    generator = np.random.default_rng(SEED)
    return generator.multinomial(weeks, np.full(weeks, 1.0 / weeks), size=DRAWS).astype(np.int64)


def share_interval(outcomes: Outcomes, days: Whole) -> tuple[float | None, float | None]:
    """Give the 95 % interval of the share kept by drawing weeks; None where there are fewer than two."""
    if not len(outcomes):
        return None, None
    kept = by_week(outcomes.purchased_day, (outcomes.lead_days <= days)[None, :])[0]
    orders = by_week(outcomes.purchased_day, np.ones((1, len(days))))[0]
    if len(orders) < _TWO:
        return None, None
    times = drawn_weeks(len(orders))
    low, high = np.quantile((times @ kept) / (times @ orders), ENDS)
    return round(float(low), 6), round(float(high), 6)


def clumping(outcomes: Outcomes, days: Whole) -> Json:
    """Say how much lateness clumps: how many times as far the share kept swings from week to week as it would if orders were late singly.

    Returns:
        `times_variance`: the variance of the share kept over that of independent orders (the design effect of weeks); 1 is no clumps.
        `orders_worth`: how many independent orders these are worth. None where nothing, or everything, was late.
    """
    kept = outcomes.lead_days <= days
    share = float(kept.mean()) if len(kept) else 0.0
    if not 0.0 < share < 1.0:
        return {"times_variance": None, "orders_worth": None}
    rest = by_week(outcomes.purchased_day, (kept - share)[None, :])[0]
    weeks = len(rest)
    if weeks < _TWO:
        return {"times_variance": None, "orders_worth": None}
    times = float((rest**2).sum() * weeks / (weeks - 1) / (len(kept) * share * (1 - share)))
    return {"times_variance": round(times, 3), "orders_worth": round(len(kept) / max(times, 1e-9))}
