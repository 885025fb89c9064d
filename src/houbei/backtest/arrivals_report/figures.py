"""The figures of a backtest of a delivery promise: the share kept by month, and how deliveries stand."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from houbei.backtest.arrivals_run import STANDS
from houbei.backtest.report import plot_rows
from houbei.backtest.report.amounts import whole_per_cent
from houbei.backtest.report.figures import COMPARED_MIN, Draw, Figure, SummaryDesk
from houbei.backtest.report.svg import Sheet
from houbei.backtest.report.tables import made

Json = Mapping[str, Any]


def _drawn(rows: list[plot_rows.Row]) -> Draw:
    desc = "; ".join(f"{row.name} {row.value}" for row in rows)

    def draw(sheet: Sheet) -> Any:
        return plot_rows.draw(rows, whole=None, sheet=sheet, desc=desc)

    return draw


def months(desk: SummaryDesk, *, full: bool) -> Figure | None:
    """Draw the share kept month by month; None unless there are two months to compare."""
    tongue, found = desk.tongue, desk.summary["months"]
    if len(found) < COMPARED_MIN:
        return None
    worst = min(found, key=lambda month: (Fraction(month["kept"], month["over"]), month["month"]))
    best = max(found, key=lambda month: (Fraction(month["kept"], month["over"]), month["month"]))
    rows = [
        plot_rows.Row(
            name=month["month"],
            length=Fraction(month["kept"], month["over"]),
            value=whole_per_cent(month["kept"], month["over"]),
            amount=tongue.count(month["over"]),
        )
        for month in found
    ]
    low, high = (whole_per_cent(month["kept"], month["over"]) for month in (worst, best))
    title = tongue.say("d_months_same", share=low) if low == high else tongue.say("d_months", low=low, high=high)
    cells = (
        [m["month"], *(tongue.count(m[key]) for key in ("over", "kept", "late", "excused", "disputed")), row.value]
        for m, row in zip(found, rows, strict=True)
    )
    heads = "d_month d_over d_kept d_late d_excused d_disputed d_share"
    return desk.figure(
        "months",
        title=title,
        measure=tongue.say("d_months_unit"),
        draw=_drawn(rows),
        table=made(tongue, title, heads, cells),
        full=full,
    )


def stands(desk: SummaryDesk, *, full: bool) -> Figure | None:
    """Draw how deliveries stand; None where there is none."""
    tongue, total = desk.tongue, desk.summary["deliveries"]
    counts = sorted(((desk.summary[word], word) for word in STANDS if desk.summary[word]), reverse=True)
    if not counts:
        return None
    rows = [
        plot_rows.Row(
            name=str(tongue.say(f"d_word_{word}")),
            length=Fraction(count),
            value=tongue.count(count),
            amount=whole_per_cent(count, total),
            hot=word == "disputed",
        )
        for count, word in counts
    ]
    title = tongue.say("d_stands", n=desk.summary["late"], late=tongue.count(desk.summary["late"]))
    return desk.figure(
        "stands",
        title=title,
        measure=tongue.say("d_stands_unit", n=total, deliveries=tongue.count(total)),
        draw=_drawn(rows),
        table=made(tongue, title, "d_stand d_deliveries d_of", ([row.name, row.value, row.amount] for row in rows)),
        full=full,
    )
