"""Named rows drawn as lines that end in a dot: ways of asking, terms, categories. All begin at nothing."""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from markupsafe import Markup

from houbei.backtest.report.svg import Canvas, Lettering, Sheet, Spot, shortened, text_px

GAP = 10
TRACK_PX_MIN = 130
"""Rows put their names above their lines when less than this is left beside them."""
ROW_PX, TALL_ROW_PX = 34, 46
DOT_PX = 5.0
"""Half of a dot; one at nothing must not be cut."""


class Row(NamedTuple):
    """One row: its name, its length (a share of the longest possible), the figures at its dot and at the right edge."""

    name: str
    length: Fraction
    value: str
    amount: str
    hot: bool = False


class Whole(NamedTuple):
    """The line to compare with: where it stands, and what is written under it."""

    length: Fraction
    label: str


def draw(rows: Sequence[Row], *, whole: Whole | None, sheet: Sheet, desc: str) -> Markup:
    """Draw the rows in the order given; lengths are put on one scale that begins at 0."""
    names = max(text_px(row.name) for row in rows)
    values = max(text_px(row.value) for row in rows)
    amounts = max(text_px(row.amount) for row in rows)
    beside = names + values + amounts + 3 * GAP + TRACK_PX_MIN <= sheet.width
    height = ROW_PX if beside else TALL_ROW_PX
    left = names + GAP if beside else DOT_PX
    right = sheet.width - values - 2 * GAP - (amounts + GAP if beside else 0)
    canvas = Canvas(width=sheet.width, height=len(rows) * height + (26 if whole else 4))
    longest = max((*(row.length for row in rows), whole.length if whole else Fraction(0)), default=Fraction(0))

    def x(length: Fraction) -> float:
        return left + (right - left) * float(length / longest) if longest else left

    if whole is not None:
        _compare(canvas, x(whole.length), whole.label)
    for i, row in enumerate(rows):
        y = (i + 0.5) * height if beside else (i + 1) * height - 14
        end = x(row.length)
        canvas.line("stem", (left, y), (end, y))
        canvas.dot("hot-fill" if row.hot else "c1", (end, y), DOT_PX)
        canvas.text(Lettering(row.value, "hot halo" if row.hot else "key halo"), Spot(end + GAP, y + 4, "start"))
        if beside:
            canvas.text(Lettering(row.name, "lab"), Spot(left - GAP, y + 4, "end"))
            canvas.text(Lettering(row.amount, "lab"), Spot(sheet.width, y + 4, "end"))
        else:
            room = sheet.width - amounts - GAP
            canvas.text(Lettering(shortened(row.name, room), "lab halo"), Spot(0, y - 14, "start"))
            canvas.text(Lettering(row.amount, "lab halo"), Spot(sheet.width, y - 14, "end"))
    return canvas.svg(name=sheet.name, title=sheet.title, desc=desc)


def _compare(canvas: Canvas, x: float, label: str) -> None:
    foot = canvas.height - 22
    canvas.line("compare", (x, 2), (x, foot))
    half = text_px(label) / 2
    canvas.text(Lettering(label), Spot(min(max(x, half), canvas.width - half), foot + 16))
