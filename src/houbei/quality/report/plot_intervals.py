"""Named rows drawn as a dot on its interval: rates of groups, batches beside their sisters. All are measured from nothing."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import NamedTuple

from markupsafe import Markup

from houbei.backtest.report.svg import Canvas, Lettering, Sheet, Spot, nice_steps, px, shortened, spread, text_px

GAP = 10
TRACK_PX_MIN = 150
"""Rows put their names above their lines when less than this is left beside them."""
ROW_PX, TALL_ROW_PX = 32, 46
DOT_PX = 5.0
REACH = 3
"""An interval that reaches beyond so many times the highest dot is cut there, with a point where it goes on."""


class Row(NamedTuple):
    """One row: its name, its estimate and the ends of its interval, and the figures at the right edge. `high` None has no end."""

    name: str
    low: float
    value: float
    high: float | None
    note: str
    hot: bool = False


class Whole(NamedTuple):
    """The line to compare with: where it stands, and what is written under it."""

    value: float
    label: str


def draw(
    rows: Sequence[Row], *, whole: Whole | None, tick: Callable[[Fraction], str], sheet: Sheet, desc: str
) -> Markup:
    """Draw the rows in the order given on one scale that begins at 0; `tick` writes a value of the scale."""
    names, notes = max(text_px(row.name) for row in rows), max(text_px(row.note) for row in rows)
    beside = names + notes + 3 * GAP + TRACK_PX_MIN <= sheet.width
    height = ROW_PX if beside else TALL_ROW_PX
    left = names + GAP if beside else DOT_PX
    right = sheet.width - (notes + 2 * GAP if beside else DOT_PX + 2)
    foot = len(rows) * height + 4
    canvas = Canvas(width=sheet.width, height=foot + (40 if whole else 22))
    top = _top(rows, whole)

    def x(value: float) -> float:
        return left + (right - left) * min(value, top) / top if top else left

    _scale(canvas, x, foot, (Fraction(0), *nice_steps(Fraction(round(top * 10**6), 10**6))), tick)
    if whole is not None:
        _compare(canvas, x(whole.value), foot, whole.label)
    for i, row in enumerate(rows):
        y = (i + 0.5) * height if beside else (i + 1) * height - 12
        _interval(canvas, row, x, y, top)
        if beside:
            canvas.text(Lettering(row.name, "hot" if row.hot else "lab"), Spot(left - GAP, y + 4, "end"))
            canvas.text(Lettering(row.note, "hot" if row.hot else "lab"), Spot(sheet.width, y + 4, "end"))
        else:
            room = sheet.width - notes - GAP
            look = "hot halo" if row.hot else "lab halo"
            canvas.text(Lettering(shortened(row.name, room), look), Spot(0, y - 14, "start"))
            canvas.text(Lettering(row.note, look), Spot(sheet.width, y - 14, "end"))
    return canvas.svg(name=sheet.name, title=sheet.title, desc=desc)


def _top(rows: Sequence[Row], whole: Whole | None) -> float:
    highest = max([*(row.value for row in rows), whole.value if whole else 0.0])
    ends = max(row.high if row.high is not None else highest * REACH for row in rows)
    return min(ends, highest * REACH) if highest else ends


def _interval(canvas: Canvas, row: Row, x: Callable[[float], float], y: float, top: float) -> None:
    begin, end = x(row.low), x(top if row.high is None else row.high)
    canvas.line("stem", (begin, y), (end, y))
    if row.high is None or row.high > top:
        canvas.path("c2", f"M{px(end)} {px(y - 4)}l5 4l-5 4Z")
    canvas.dot("hot-fill" if row.hot else "c1", (x(row.value), y), DOT_PX)


def _scale(
    canvas: Canvas, x: Callable[[float], float], foot: float, steps: Sequence[Fraction], tick: Callable[[Fraction], str]
) -> None:
    for i, step in enumerate(steps):
        canvas.line("ax" if i else "base", (x(float(step)), 0), (x(float(step)), foot))
    ticks = [(Lettering(tick(step)), Spot(x(float(step)), foot + 15)) for step in steps]
    spread(canvas, [ticks[0], *reversed(ticks[1:])])


def _compare(canvas: Canvas, x: float, foot: float, label: str) -> None:
    canvas.line("compare", (x, 0), (x, foot + 20))
    half = text_px(label) / 2
    canvas.text(Lettering(label), Spot(min(max(x, half), canvas.width - half), foot + 34))
