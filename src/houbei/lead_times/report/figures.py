"""The figures of the report on promises: each a drawing, the title it has found, and its numbers as a table."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from houbei.backtest.report import plot_rows
from houbei.backtest.report.figures import Draw, Figure, Frame, framed
from houbei.backtest.report.tables import Table
from houbei.backtest.report.tongue import Said, Tongue
from houbei.lead_times.report import plot_frontier, plot_shares, plot_weeks, tables, titles
from houbei.lead_times.report.numbers import days_text, share_text

Json = Mapping[str, Any]

LANES_MAX = 12
"""More lanes than this stand in the table alone."""
_WEEKS_MIN = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What every figure is made from."""

    summary: Json
    tongue: Tongue

    def figure(self, name: str, *, title: Said, measure: Said, draw: Draw, table: Table) -> Figure:
        """Put a figure together, over the full width."""
        frame = Frame(f"{self.tongue.lang}-{name}", str(title), full=True)
        return framed(frame, title=title, measure=measure, draw=draw, table=table, tongue=self.tongue)


def frontier(desk: Desk) -> Figure | None:
    """Draw days promised by share kept; None where the shop promised nothing that could be compared."""
    summary, tongue = desk.summary, desk.tongue
    if "frontier" not in summary or summary["frontier"]["mean_shorter_percent"] is None:
        return None
    rows, bare = summary["frontier"]["rows"], summary["frontier_without_estimate"]["rows"]
    lines = [
        plot_frontier.Line(str(tongue.say("d_line_shop")), [row["shop_days"] for row in rows], "curve second"),
        plot_frontier.Line(str(tongue.say("d_line_without")), [row["ours_days"] for row in bare], "curve third"),
        plot_frontier.Line(str(tongue.say("d_line_ours")), [row["ours_days"] for row in rows], "curve"),
    ]
    lines = [line for line in lines if any(day is not None for day in line.days)]
    title = titles.frontier_title(summary["frontier"], tongue)
    at = next((row for row in rows if row["share_kept"] == 0.9), rows[0])  # noqa: PLR2004  the share that is asked for mostly
    desc = tongue.say(
        "d_frontier_desc",
        share=share_text(at["share_kept"]),
        ours=days_text(at["ours_days"]),
        shop=days_text(at["shop_days"]),
    )
    shares, axis = [row["share_kept"] for row in rows], str(tongue.say("d_frontier_axis"))
    return desk.figure(
        "frontier",
        title=title,
        measure=tongue.say("d_frontier_unit", orders=tongue.count(summary["judged"])),
        draw=lambda sheet: plot_frontier.draw(shares, lines, axis=axis, sheet=sheet, desc=str(desc)),
        table=tables.frontier_table(summary, tongue, title),
    )


def months(desk: Desk) -> Figure | None:
    """Draw the share kept month by month with its interval; the month that is farthest below is marked."""
    summary, tongue = desk.summary, desk.tongue
    promised = summary["chance_permille"] / 1000
    shown = [month for month in summary["months"] if month["ours"]["orders"]]
    if not shown:
        return None
    lowest = min(month["ours"]["share_kept"] for month in shown)
    marked = [month for month in shown if month["ours"]["share_kept"] == lowest]
    rows = [
        plot_shares.Row(
            name=month["month"],
            low=month["ours"]["share_kept_low"],
            value=month["ours"]["share_kept"],
            high=month["ours"]["share_kept_high"],
            note=str(
                tongue.say(
                    "d_months_note",
                    share=share_text(month["ours"]["share_kept"]),
                    days=days_text(month["ours"]["mean_days_promised"]),
                )
            ),
            hot=len(marked) == 1 and month is marked[0] and lowest < promised,
        )
        for month in shown
    ]
    label = str(tongue.say("d_months_promised", share=share_text(promised)))
    desc = "; ".join(f"{row.name} {share_text(row.value)}" for row in rows)
    title = titles.months_title(summary["near"], summary["chance_permille"], tongue)
    return desk.figure(
        "months",
        title=title,
        measure=tongue.say("d_months_unit", share=share_text(promised)),
        draw=lambda sheet: plot_shares.draw(rows, promised=promised, label=label, sheet=sheet, desc=desc),
        table=tables.months_table(shown, tongue, title),
    )


def weeks(desk: Desk) -> Figure | None:
    """Draw the share that came late week by week; None where there are fewer than two weeks or nothing was late."""
    summary, tongue = desk.summary, desk.tongue
    shown = [plot_weeks.Week(row["week"], 1 - row["ours_share_kept"]) for row in summary["weeks"]]
    if len(shown) < _WEEKS_MIN or not any(week.late > 0 for week in shown):
        return None
    worst = max(range(len(shown)), key=lambda place: (shown[place].late, -place))
    alone = sum(week.late == shown[worst].late for week in shown) == 1
    label = str(
        tongue.say("d_weeks_worst", date=tongue.short_date(shown[worst].monday), share=share_text(shown[worst].late))
    )
    title = titles.weeks_title(summary["clumps"], tongue)
    desc = tongue.say(
        "d_weeks_desc", n=len(shown), share=share_text(shown[worst].late), date=tongue.full_date(shown[worst].monday)
    )
    return desk.figure(
        "weeks",
        title=title,
        measure=tongue.say("d_weeks_unit"),
        draw=lambda sheet: plot_weeks.draw(
            shown, worst=worst if alone else None, label=label, tongue=tongue, sheet=sheet, desc=str(desc)
        ),
        table=tables.weeks_table(summary["weeks"], tongue, title),
    )


def lanes(desk: Desk) -> Figure | None:
    """Draw the days promised by lane, the longest first; None where the history names none."""
    summary, tongue = desk.summary, desk.tongue
    named = [lane for lane in summary["lanes"] if lane["name"] is not None and lane["ours"]["orders"]]
    shown = sorted(named[:LANES_MAX], key=lambda lane: (-lane["ours"]["mean_days_promised"], lane["name"]))
    if not shown:
        return None
    rows = [
        plot_rows.Row(
            name=lane["name"],
            length=Fraction(round(lane["ours"]["mean_days_promised"] * 1000), 1000),
            value=days_text(lane["ours"]["mean_days_promised"]),
            amount=str(
                tongue.say(
                    "d_lanes_note",
                    share=share_text(lane["ours"]["share_kept"]),
                    orders=tongue.count(lane["ours"]["orders"]),
                )
            ),
        )
        for lane in shown
    ]
    title = titles.lanes_title(shown, tongue)
    desc = "; ".join(f"{row.name} {row.value}" for row in rows)
    return desk.figure(
        "lanes",
        title=title,
        measure=tongue.say("d_lanes_unit", n=len(shown), all=tongue.count(len(named))),
        draw=lambda sheet: plot_rows.draw(rows, whole=None, sheet=sheet, desc=desc),
        table=tables.lanes_table(summary["lanes"], tongue, title),
    )
