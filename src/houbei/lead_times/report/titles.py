"""The sentence that each figure has found, chosen from its data: shorter or longer, near or far, in clumps or singly."""

from collections.abc import Mapping, Sequence
from typing import Any

from houbei.backtest.report.tongue import Said, Tongue
from houbei.lead_times.report.numbers import days_text, percent_text, share_text

Json = Mapping[str, Any]

NEAR_POINTS = 2.0
"""A share kept within so many points of the promised one on the average is near it."""
CLUMPS_FROM = 1.5
"""From so many times the variance of independent orders on, lateness clumps."""


def frontier_title(frontier: Json, tongue: Tongue) -> Said:
    """Say whether promises are shorter at every share, at most, or at none."""
    shorter = [row["shorter_percent"] for row in frontier["rows"] if row["shorter_percent"] is not None]
    mean = percent_text(abs(frontier["mean_shorter_percent"]))
    if all(one > 0 for one in shorter):
        return tongue.say("d_frontier_all", mean=mean)
    if frontier["mean_shorter_percent"] > 0:
        return tongue.say("d_frontier_most", n=sum(one > 0 for one in shorter), all=len(shorter), mean=mean)
    return tongue.say("d_frontier_none", mean=mean)


def months_title(near: Json, chance_permille: int, tongue: Tongue) -> Said:
    """Say how near the share kept came to the share promised."""
    away, share = days_text(near["mean_points_away"]), share_text(chance_permille / 1000)
    if near["months"] == 1:
        return tongue.say("d_months_one", share=share, away=away)
    key = "d_months_near" if near["mean_points_away"] <= NEAR_POINTS else "d_months_far"
    below, above = (days_text(max(near[f"most_points_{side}"], 0.0)) for side in ("below", "above"))
    return tongue.say(key, share=share, away=away, below=below, above=above)


def weeks_title(clumps: Json, tongue: Tongue) -> Said:
    """Say whether lateness comes in clumps."""
    times = clumps["ours"]["times_variance"]
    if times is None:
        return tongue.say("d_weeks_unknown")
    if times < CLUMPS_FROM:
        return tongue.say("d_weeks_single")
    return tongue.say("d_weeks_clumps", times=days_text(times))


def lanes_title(rows: Sequence[Json], tongue: Tongue) -> Said:
    """Say where promises are longest."""
    if len(rows) == 1:
        return tongue.say("d_lanes_one", name=rows[0]["name"])
    longest = max(rows, key=lambda row: (row["ours"]["mean_days_promised"], row["name"]))
    shortest = min(rows, key=lambda row: (row["ours"]["mean_days_promised"], row["name"]))
    return tongue.say(
        "d_lanes_many",
        name=longest["name"],
        days=days_text(longest["ours"]["mean_days_promised"]),
        other=shortest["name"],
        least=days_text(shortest["ours"]["mean_days_promised"]),
    )
