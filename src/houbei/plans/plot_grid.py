"""Regions by days drawn as squares: who is visited when; red where a person is needed."""

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from houbei.backtest.report.svg import Canvas, Lettering, Sheet, Spot, shortened, spread, text_px
from houbei.plans.cells import Cell, State

_LOOKS = {State.ALL: "c1", State.SOME: "c2", State.CLOSED: "c4", State.FORGOTTEN: "hot-fill"}
HEAD, ROW_PX, GAP = 40, 18, 2
NAME_PX_MAX = 130


class Column(NamedTuple):
    """A day: its civil and its lunar name in short."""

    civil: str
    lunar: str


def draw(
    names: Sequence[str], columns: Sequence[Column], rows: Sequence[Sequence[Cell]], *, sheet: Sheet, desc: str
) -> Markup:
    """Draw a plan: a row a region, a square a day."""
    canvas = Canvas(width=sheet.width, height=HEAD + ROW_PX * len(rows) + GAP)
    left = min(NAME_PX_MAX, max(text_px(name) for name in names) + 8)
    step = (sheet.width - left) / len(columns)
    for column, looks in ((0, "lab"), (1, "")):
        ticks = [
            (Lettering(day[column], looks), Spot(left + (i + 0.5) * step, 14 + 16 * column))
            for i, day in enumerate(columns)
        ]
        spread(canvas, ticks)
    for number, (name, cells) in enumerate(zip(names, rows, strict=True)):
        top = HEAD + number * ROW_PX
        canvas.text(Lettering(shortened(name, left - 8), "lab"), Spot(0, top + 13, "start"))
        for i, cell in enumerate(cells):
            look = "hot-fill" if cell.calls else _LOOKS[cell.state]
            canvas.rect(look, (left + i * step + 1, top + GAP), (step - 2, ROW_PX - GAP))
    return canvas.svg(name=sheet.name, title=sheet.title, desc=desc)
