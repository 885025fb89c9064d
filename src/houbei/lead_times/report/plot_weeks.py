"""The share that came late by week of purchase, as columns; the worst in red."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from markupsafe import Markup

from houbei.backtest.report.amounts import trimmed_text
from houbei.backtest.report.svg import Canvas, Lettering, Plane, Sheet, Spot, gridlines, nice_steps, px, spread, text_px
from houbei.backtest.report.tongue import Tongue

HEAD, FOOT = 34, 34
_TICKS_MAX = 8
_HEIGHT_PX = 240


class Week(NamedTuple):
    """One week: its Monday, and the share of its orders that came late."""

    monday: str
    late: float


def draw(weeks: Sequence[Week], *, worst: int | None, label: str, tongue: Tongue, sheet: Sheet, desc: str) -> Markup:
    """Draw the weeks in order; `worst` is the place of the one that `label` names, None when there are ties."""
    canvas = Canvas(width=sheet.width, height=_HEIGHT_PX)
    top = max(week.late for week in weeks)
    steps = [Fraction(0), *nice_steps(Fraction(round(top * 10**6), 10**4))]
    rows = [(float(step) / 100, f"{trimmed_text(step, 2)}%") for step in steps]
    left = max(text_px(text) for _, text in rows) + 12
    plane = Plane(left, sheet.width - 4, canvas.height - FOOT, HEAD, 0, len(weeks), top)
    gridlines(canvas, (plane.left, plane.right), [(plane.y(share), text) for share, text in rows])
    wide = max(1.1, min(24.0, (plane.right - plane.left) / len(weeks) * 0.72))
    for place, week in enumerate(weeks):
        x, y = plane.x(place + 0.5), min(plane.y(week.late), plane.base - 0.8)
        path = f"M{px(x - wide / 2)} {px(plane.base)}V{px(y)}H{px(x + wide / 2)}V{px(plane.base)}Z"
        canvas.path("hot-fill" if place == worst else "c2", path)
    if worst is not None:
        canvas.insist([Lettering(label, "hot halo")], [Spot(plane.x(worst + 0.5), plane.y(weeks[worst].late) - 8)])
    ticks, named = [], set[int]()
    step = -(-len(weeks) // _TICKS_MAX)
    for place in range(0, len(weeks), step):
        day = date.fromisoformat(weeks[place].monday)
        text = tongue.short_date(day.isoformat()) if day.year in named else tongue.full_date(day.isoformat())
        named.add(day.year)
        ticks.append((Lettering(text), Spot(plane.x(place + 0.5), plane.base + 20)))
    spread(canvas, ticks)
    return canvas.svg(name=sheet.name, title=sheet.title, desc=desc)
