"""Shares kept as dots on their intervals, row by row, on a scale that ends at 100 %, with a line at the share that was promised."""

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from houbei.backtest.report.svg import Canvas, Lettering, Sheet, Spot, shortened, spread, text_px

GAP, ROW_PX, TALL_ROW_PX, DOT_PX = 10, 30, 44, 5.0
TRACK_PX_MIN = 150
"""Rows put their names above their lines when less than this is left beside them."""
_STEP = 10
_FOOT_PX = 40


class Row(NamedTuple):
    """One row: its name, its share and the ends of its interval (shares; None where there is none), and a note at the right edge."""

    name: str
    low: float | None
    value: float
    high: float | None
    note: str
    hot: bool = False


def draw(rows: Sequence[Row], *, promised: float, label: str, sheet: Sheet, desc: str) -> Markup:
    """Draw the rows in the order given; `label` stands under the line at the promised share."""
    names, notes = max(text_px(row.name) for row in rows), max(text_px(row.note) for row in rows)
    beside = names + notes + 3 * GAP + TRACK_PX_MIN <= sheet.width
    height = ROW_PX if beside else TALL_ROW_PX
    left = names + GAP if beside else DOT_PX + 16
    right = sheet.width - (notes + 2 * GAP if beside else DOT_PX + 16)
    foot = len(rows) * height + 4
    canvas = Canvas(width=sheet.width, height=foot + _FOOT_PX)
    lowest = min([promised, *(row.value if row.low is None else row.low for row in rows)])
    bottom = min(int(100 * lowest) // _STEP * _STEP, 100 - _STEP)

    def x(share: float) -> float:
        return left + (right - left) * (100 * share - bottom) / (100 - bottom)

    for share in range(bottom, 101, _STEP):
        canvas.line("ax", (x(share / 100), 0), (x(share / 100), foot))
    ticks = [(Lettering(f"{share}%"), Spot(x(share / 100), foot + 15)) for share in range(bottom, 101, _STEP)]
    spread(canvas, [ticks[0], ticks[-1], *ticks[1:-1]])
    canvas.line("compare", (x(promised), 0), (x(promised), foot + 20))
    half = text_px(label) / 2
    canvas.text(Lettering(label), Spot(min(max(x(promised), half), canvas.width - half), foot + 34))
    for i, row in enumerate(rows):
        y = (i + 0.5) * height if beside else (i + 1) * height - 12
        if row.low is not None and row.high is not None:
            canvas.line("stem", (x(row.low), y), (x(row.high), y))
        canvas.dot("hot-fill" if row.hot else "c1", (x(row.value), y), DOT_PX)
        look = "hot halo" if row.hot else "lab halo"
        if beside:
            canvas.text(Lettering(row.name, look), Spot(left - GAP, y + 4, "end"))
            canvas.text(Lettering(row.note, look), Spot(sheet.width, y + 4, "end"))
        else:
            canvas.text(Lettering(shortened(row.name, sheet.width - notes - GAP), look), Spot(0, y - 14, "start"))
            canvas.text(Lettering(row.note, look), Spot(sheet.width, y - 14, "end"))
    return canvas.svg(name=sheet.name, title=sheet.title, desc=desc)
