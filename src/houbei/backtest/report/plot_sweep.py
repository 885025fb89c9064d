"""The sweep drawn: what the promise costs at each length, its band, and one mark at its own length."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from markupsafe import Markup

from houbei.backtest.report.amounts import Denomination, trimmed_text
from houbei.backtest.report.findings import Length
from houbei.backtest.report.svg import (
    LINE_PX,
    Canvas,
    Lettering,
    Plane,
    Sheet,
    Spot,
    gridlines,
    nice_steps,
    points,
    spread,
    text_px,
)
from houbei.backtest.report.tongue import Tongue

HEAD, FOOT, GAP = 30, 40, 10
PHONE_PX = 800
"""A narrower sheet than this is for a phone or for paper."""
TICK_DAYS = (30, 60, 90, 15, 45, 75, 120, 180, 270, 365)
LABEL_DAYS = (60, 15, 30, 90, 180, 365)
"""Lengths that people think in, the most telling first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """The points of a sweep, at least two, by rising days, with what turns them into words."""

    points: Sequence[Length]
    own_days: int | None
    revenue_minor: int
    unit: Denomination
    tongue: Tongue

    @property
    def own(self) -> Length | None:
        """The point at the term's own length, if the sweep holds one."""
        return next((point for point in self.points if point.days == self.own_days), None)

    @property
    def has_band(self) -> bool:
        """Tell whether every point has an interval."""
        return all(point.low_minor is not None and point.high_minor is not None for point in self.points)

    def value(self, minor: int) -> str:
        """Write an amount as the drawing measures it: as a share of sales, or as money where nothing was sold."""
        return self.tongue.share(minor, self.revenue_minor) or self.tongue.short(minor, self.unit)

    def lettering(self, point: Length, look: str = "key", size: float = 12) -> list[Lettering]:
        """Write a point's label: its share over its amount."""
        value = self.value(point.owed_minor)
        if look == "hot":
            value = str(self.tongue.say("sweep_own", n=point.days, value=value))
        money = [Lettering(self.tongue.short(point.owed_minor, self.unit), "lab halo")] if self.revenue_minor else []
        return [Lettering(value, f"{look} halo", size), *money]


def draw(sweep: Sweep, *, sheet: Sheet, desc: str) -> Markup:
    """Draw the sweep; the band's name stands at the end of the line, the mark is the only red."""
    canvas = Canvas(width=sheet.width, height=340 if sheet.width > PHONE_PX else 300)
    note = [Lettering(str(sweep.tongue.say(key))) for key in ("sweep_band", "sweep_band_how")] if sweep.has_band else []
    top_minor = max(point.high_minor or point.owed_minor for point in sweep.points)
    rows = _rows(sweep, top_minor)
    end = [*sweep.lettering(sweep.points[-1], "hot" if sweep.own is sweep.points[-1] else "key"), *note]
    plane = Plane(
        left=max(text_px(label) for _, label in rows) + 12,
        right=sheet.width - 12 - max(text_px(line.text, line.size) for line in end),
        base=canvas.height - FOOT,
        top=HEAD,
        x_from=sweep.points[0].days,
        x_to=sweep.points[-1].days,
        y_to=top_minor,
    )
    gridlines(canvas, (plane.left, plane.right), [(plane.y(minor), label) for minor, label in rows])
    if sweep.has_band:
        upper = [(plane.x(point.days), plane.y(point.high_minor or 0)) for point in sweep.points]
        lower = [(plane.x(point.days), plane.y(point.low_minor or 0)) for point in reversed(sweep.points)]
        canvas.path("band", points(upper + lower) + "Z")
    curve = [(plane.x(point.days), plane.y(point.owed_minor)) for point in sweep.points]
    canvas.path("curve", points(curve))
    canvas.keep_clear(curve)
    _label_days(canvas, sweep, plane)
    _mark_own(canvas, sweep, plane)
    _label_end(canvas, sweep, plane, note)
    _label_between(canvas, sweep, plane)
    return canvas.svg(name=sheet.name, title=sheet.title, desc=desc)


def _rows(sweep: Sweep, top_minor: int) -> list[tuple[Fraction, str]]:
    if sweep.revenue_minor:
        steps = nice_steps(Fraction(100 * top_minor, sweep.revenue_minor))
        return [(step * sweep.revenue_minor / 100, f"{trimmed_text(step, 6)}%") for step in [Fraction(0), *steps]]
    return [(step, sweep.tongue.tick(step, sweep.unit)) for step in [Fraction(0), *nice_steps(Fraction(top_minor))]]


def _mark_own(canvas: Canvas, sweep: Sweep, plane: Plane) -> None:
    if sweep.own is None:
        return
    x, y = plane.x(sweep.own.days), plane.y(sweep.own.owed_minor)
    canvas.line("hot-line", (x, plane.base), (x, y))
    canvas.dot("hot-fill", (x, y), 5)
    canvas.keep_clear([(x, plane.base), (x, y)])
    if sweep.own is not sweep.points[-1]:
        spots = [Spot(x - GAP, y - 28, "end"), Spot(x + GAP, y + 26, "start"), *_above(x, y)]
        canvas.insist(sweep.lettering(sweep.own, "hot", 15), spots)


def _above(x: float, y: float) -> list[Spot]:
    """Give spots to the right of and above a point, where the line leaves no room beside it."""
    return [Spot(x + 2, y - up, "start") for up in range(28, 128, 12)]


def _label_end(canvas: Canvas, sweep: Sweep, plane: Plane, note: Sequence[Lettering]) -> None:
    last = sweep.points[-1]
    x, y = plane.right + GAP, plane.y(last.owed_minor)
    if sweep.own is not last:
        canvas.dot("c1", (plane.right, y), 3)
    lines = sweep.lettering(last, "hot" if sweep.own is last else "key")
    canvas.insist(lines, [Spot(x, y + 4, "start")])
    if note:
        below, above = y + 4 + LINE_PX * len(lines) + 6, y - LINE_PX * len(note)
        canvas.insist(note, [Spot(x, below, "start"), Spot(x, above, "start")])


def _label_between(canvas: Canvas, sweep: Sweep, plane: Plane) -> None:
    """Label the first point and a few on the way, where they do not crowd the mark."""
    ends = {sweep.points[-1].days, sweep.own_days}
    wanted = [sweep.points[0].days, *(days for days in LABEL_DAYS if days not in ends)]
    by_days = {point.days: point for point in sweep.points}
    for days in dict.fromkeys(day for day in wanted if day in by_days and day not in ends):
        x, y = plane.x(days), plane.y(by_days[days].owed_minor)
        lines = sweep.lettering(by_days[days])
        spots = [Spot(x + 8, y + 20, "start"), Spot(x - 4, y - 26, "end"), *_above(x, y)[:4]]
        if canvas.place(lines, spots):
            canvas.dot("c1", (x, y), 3)


def _label_days(canvas: Canvas, sweep: Sweep, plane: Plane) -> None:
    first, last = sweep.points[0].days, sweep.points[-1].days
    own = [sweep.own_days] if sweep.own is not None and sweep.own_days is not None else []
    wanted = [*own, first, last, *(days for days in TICK_DAYS if first < days < last)]
    y = plane.base + 18
    ticks = []
    for days in dict.fromkeys(wanted):
        label = str(sweep.tongue.say("sweep_day", n=days)) if days == first else sweep.tongue.count(days)
        ticks.append((Lettering(label, "hot" if days in own else ""), Spot(plane.x(days), y)))
    spread(canvas, ticks)
