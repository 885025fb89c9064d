"""The findings of an evaluation as JSON: what `summary.json` holds and the report is made from. docs/delivery.md says what each key means."""

from collections import Counter
from typing import Any

import numpy as np

from houbei.columns import MISSING
from houbei.lead_times.choosing import Spread
from houbei.lead_times.evaluating import (
    Evaluation,
    chances_of,
    clumps_of,
    frontiers_of,
    lanes_of,
    months_of,
    ways_of,
    weeks_of,
)
from houbei.lead_times.history import History

Json = dict[str, Any]

REWRITTEN_FROM = 1 / 3
"""Where more arrivals than this are exactly on the shop's date, that date was written after the arrival."""


def summary_of(found: Evaluation, *, spread: Spread, zone: str) -> Json:
    """Put the findings together."""
    history = found.history
    months = months_of(found)
    chances = chances_of(found)
    shorter = [row["shorter_percent"] for row in chances if row["shorter_percent"] is not None]
    everyone = np.arange(len(found.rows))
    return {
        "from": _date(found.from_day),
        "until": _date(int(found.outcomes.purchased_day.max())),
        "as_of": _date(history.as_of_day),
        "zone": zone,
        "chance_permille": round(1000 * found.chance),
        "spread": str(spread),
        "weeks_learnt": found.promised.weeks,
        "judged": len(found.rows),
        "never_arrived": int((~found.outcomes.arrived).sum()),
        "pending": found.pending,
        "called_off": found.called_off,
        "all": ways_of(found, everyone, intervals=True),
        "months": months,
        "rewritten": _looks_rewritten(history),
        "near": _near(months, found.chance),
        "chances": chances,
        "chances_mean_shorter_percent": round(float(np.mean(shorter)), 4) if shorter else None,
        **frontiers_of(found),
        "clumps": clumps_of(found),
        "weeks": weeks_of(found),
        "lanes": lanes_of(found),
        "history": history_part(history),
    }


def history_part(history: History) -> Json:
    """Say what went in."""
    codes = Counter(rejection.name.lower() for _, rejection in history.rejected)
    return {
        "file": history.file,
        "fingerprint": history.fingerprint,
        "shape": history.shape,
        "calendar": history.calendar,
        "rows": history.rows,
        "orders": len(history.orders),
        "arrived": int((~history.open).sum()),
        "open": int((history.open & ~history.called_off).sum()),
        "called_off": int(history.called_off.sum()),
        "rejected": len(history.rejected),
        "rejected_by_code": dict(sorted(codes.items())),
        "first": _date(int(history.orders.purchased_day.min())),
        "last": _date(int(history.orders.purchased_day.max())),
    }


def _looks_rewritten(history: History) -> bool:
    """Tell whether the shop's dates are hardly those it gave: more than a third of what arrived did so exactly on them."""
    known = ~history.open & (history.orders.estimated_day != MISSING)
    exact = history.arrived_day == history.orders.estimated_day
    return bool(known.any() and exact[known].mean() > REWRITTEN_FROM)


def _near(months: list[Json], chance: float) -> Json:
    """Say how near the share kept comes to the share promised, month by month, in points of a hundred."""
    away = np.array([100 * (month["ours"]["share_kept"] - chance) for month in months if month["ours"]["orders"]])
    inside = [
        month["ours"]["share_kept_low"] <= chance <= month["ours"]["share_kept_high"]
        for month in months
        if month["ours"].get("share_kept_low") is not None
    ]
    return {
        "months": len(away),
        "mean_points_away": round(float(np.abs(away).mean()), 4),
        "most_points_below": round(float(-away.min()), 4),
        "most_points_above": round(float(away.max()), 4),
        "months_whose_interval_holds_it": int(sum(inside)),
    }


def _date(day: int) -> str:
    return str(np.datetime64(day, "D"))
