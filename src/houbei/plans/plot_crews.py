"""Crews by day drawn: those at hand as a wide light column, those needed as a narrow dark one, red where a region is short."""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from markupsafe import Markup

from houbei.backtest.report.svg import Canvas, Lettering, Plane, Sheet, Spot, gridlines, nice_steps, spread, text_px

HEAD, FOOT, HEIGHT = 16, 40, 230


class CrewDay(NamedTuple):
    """A day: its names, the crews at hand and needed in all regions, and whether one of them is short."""

    civil: str
    lunar: str
    crews: int
    needed: int
    short: bool


def draw(days: Sequence[CrewDay], *, sheet: Sheet, desc: str) -> Markup:
    """Draw the crews of a plan, a pair of columns a day."""
    canvas = Canvas(width=sheet.width, height=HEIGHT)
    top = max(1, *(max(day.crews, day.needed) for day in days))
    steps = [step for step in nice_steps(Fraction(top)) if step >= 1]
    left = max(text_px(str(step)) for step in (0, *steps)) + 12
    plane = Plane(left, sheet.width - 4, canvas.height - FOOT, HEAD, 0, len(days), top)
    gridlines(canvas, (plane.left, plane.right), [(plane.base, "0"), *((plane.y(step), str(step)) for step in steps)])
    step = plane.x(1) - plane.x(0)
    for place, day in enumerate(days):
        x = plane.x(place)
        canvas.rect("c4", (x + step * 0.12, plane.y(day.crews)), (step * 0.76, plane.base - plane.y(day.crews)))
        look = "hot-fill" if day.short else "c2"
        canvas.rect(look, (x + step * 0.32, plane.y(day.needed)), (step * 0.36, plane.base - plane.y(day.needed)))
    for row, names in enumerate(([day.civil for day in days], [day.lunar for day in days])):
        ticks = [(Lettering(name), Spot(plane.x(i + 0.5), plane.base + 16 + 16 * row)) for i, name in enumerate(names)]
        spread(canvas, ticks)
    return canvas.svg(name=sheet.name, title=sheet.title, desc=desc)
