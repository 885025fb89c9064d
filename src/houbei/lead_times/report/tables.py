"""The numbers behind the drawings as tables."""

from collections.abc import Mapping, Sequence
from typing import Any

from houbei.backtest.report.tables import NONE, Table, made
from houbei.backtest.report.tongue import Tongue
from houbei.lead_times.report.numbers import days_text, percent_text, share_text

Json = Mapping[str, Any]


def frontier_table(summary: Json, tongue: Tongue, caption: object) -> Table:
    """List the days of every way at every share kept."""
    without = summary["frontier_without_estimate"]["rows"]
    rows = (
        [
            share_text(row["share_kept"]),
            days_text(row["ours_days"]),
            days_text(bare["ours_days"]),
            days_text(row["shop_days"]),
            percent_text(row["shorter_percent"]),
        ]
        for row, bare in zip(summary["frontier"]["rows"], without, strict=True)
    )
    return made(tongue, caption, "d_kept d_ours d_without d_shop d_shorter", rows)


def months_table(months: Sequence[Json], tongue: Tongue, caption: object) -> Table:
    """List what ours and the shop's own kept in each month."""
    rows = []
    for month in months:
        ours, shop = month["ours"], month.get("shop")
        rows.append(
            [
                month["month"],
                tongue.count(ours["orders"]),
                share_text(ours["share_kept"]),
                share_text(ours["share_kept_low"]),
                share_text(ours["share_kept_high"]),
                days_text(ours["mean_days_promised"]),
                days_text(ours["mean_days_given_away"]),
                NONE if shop is None else share_text(shop["share_kept"]),
                NONE if shop is None else days_text(shop["mean_days_promised"]),
            ]
        )
    return made(tongue, caption, "d_month d_orders d_kept low high d_promised d_given d_shop_kept d_shop", rows)


def weeks_table(weeks: Sequence[Json], tongue: Tongue, caption: object) -> Table:
    """List what was kept of the orders of each week."""
    rows = (
        [
            tongue.full_date(week["week"]),
            tongue.count(week["orders"]),
            share_text(week["ours_share_kept"]),
            share_text(week.get("shop_share_kept")),
        ]
        for week in weeks
    )
    return made(tongue, caption, "d_week d_orders d_kept d_shop_kept", rows)


def lanes_table(lanes: Sequence[Json], tongue: Tongue, caption: object) -> Table:
    """List what was promised and kept in each lane."""
    rows = (
        [
            str(tongue.say("d_lane_unknown")) if lane["name"] is None else lane["name"],
            tongue.count(lane["ours"]["orders"]),
            share_text(lane["ours"]["share_kept"]),
            days_text(lane["ours"]["mean_days_promised"]),
            days_text(lane["ours"]["mean_days_to_arrival"]),
            days_text(lane["ours"]["mean_days_given_away"]),
        ]
        for lane in lanes
    )
    return made(tongue, caption, "d_lane d_orders d_kept d_promised d_arrival d_given", rows)


def ways_table(summary: Json, tongue: Tongue, caption: object) -> Table:
    """List the figures of every way to promise over all orders."""
    rows = (
        [
            str(tongue.say(f"d_way_{name}")),
            tongue.count(row["orders"]),
            share_text(row["share_kept"]),
            days_text(row["mean_days_promised"]),
            days_text(row["mean_days_given_away"]),
        ]
        for name, row in summary["all"].items()
    )
    return made(tongue, caption, "d_way d_orders d_kept d_promised d_given", rows)
