"""Days against share kept: for each share, how long promises had to be on the average, ours and the shop's own estimate shifted to it.

Both are read off a dial that stands still through the whole time: ours is what a late order costs, the shop's is by how many days its
estimate is moved. So neither knows which weeks were late, and both keep the share that is asked for on the same orders.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from houbei.lead_times.measures import ENDS, Json, Outcomes, by_week, drawn_weeks

Whole = NDArray[np.int64]
Reals = NDArray[np.float64]

SHARES = tuple(round(share / 100, 2) for share in range(80, 98))
_ENDS_MIN = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Curve:
    """One way to promise at each place of its dial, added up by week: orders kept and days promised; and the orders of each week."""

    kept: Reals
    days: Reals
    orders: Reals

    @classmethod
    def of(cls, outcomes: Outcomes, days: Whole) -> "Curve":
        """Add up; `days` has a row a place of the dial, a column an order, never falling down a column."""
        return cls(
            kept=by_week(outcomes.purchased_day, outcomes.lead_days[None, :] <= days),
            days=by_week(outcomes.purchased_day, days),
            orders=by_week(outcomes.purchased_day, np.ones((1, len(outcomes))))[0],
        )

    def days_at(self, shares: Sequence[float] | Reals, times: Reals | None = None) -> Reals:
        """Read the mean days promised at each share kept, between two places of the dial in proportion; NaN beyond its ends.

        Args:
            shares: Shares kept.
            times: How often each week counts; once unless given.
        """
        counted = np.ones(len(self.orders)) if times is None else times
        orders = float(counted @ self.orders)
        kept, days = self.kept @ counted / orders, self.days @ counted / orders
        # Of places that keep the same share, the shortest promises count.
        kept, first = np.unique(kept, return_index=True)
        return np.asarray(np.interp(np.asarray(shares), kept, days[first], left=np.nan, right=np.nan))


def shifted(days: Whole, lead_days: Whole, arrived: NDArray[np.bool_]) -> Whole:
    """Move the shop's estimates by whole days, all alike, over every shift that makes a difference; none before the day of purchase."""
    needed = (lead_days - days)[arrived]
    highest = int(needed.max()) if len(needed) else 0
    shifts = np.arange(min(-int(days.max()), highest), highest + 1)
    return np.asarray(np.maximum(days[None, :] + shifts[:, None], 0), dtype=np.int64)


def compare(ours: Curve, shop: Curve) -> Json:
    """Compare at each share from 80 to 97 %.

    Returns:
        `rows` with `share_kept`, `ours_days`, `shop_days` and `shorter_percent` (None where one of them cannot keep that share);
        `mean_shorter_percent` over the rows that have one, with its 95 % interval from drawing weeks (`low`, `high`); `worst_percent`.
    """
    our_days, shop_days = ours.days_at(SHARES), shop.days_at(SHARES)
    shorter = 100 * (1 - our_days / shop_days)
    rows = [
        {
            "share_kept": share,
            "ours_days": _number(our_days[place]),
            "shop_days": _number(shop_days[place]),
            "shorter_percent": _number(shorter[place]),
        }
        for place, share in enumerate(SHARES)
    ]
    low, high = _interval(ours, shop)
    known = shorter[~np.isnan(shorter)]
    return {
        "rows": rows,
        "mean_shorter_percent": _number(known.mean()) if len(known) else None,
        "low": low,
        "high": high,
        "worst_percent": _number(known.min()) if len(known) else None,
    }


def _interval(ours: Curve, shop: Curve) -> tuple[float | None, float | None]:
    if len(ours.orders) < _ENDS_MIN:
        return None, None
    means = []
    for times in drawn_weeks(len(ours.orders)).astype(np.float64):
        shorter = 100 * (1 - ours.days_at(SHARES, times) / shop.days_at(SHARES, times))
        known = shorter[~np.isnan(shorter)]
        if len(known):
            means.append(known.mean())
    if not means:
        return None, None
    low, high = np.quantile(means, ENDS)
    return _number(low), _number(high)


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)
