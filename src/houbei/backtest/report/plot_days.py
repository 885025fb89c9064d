"""Money by day drawn: one line a day from the base up, the worst in red, the next peaks named by their dates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from markupsafe import Markup

from houbei.backtest.report.amounts import Denomination
from houbei.backtest.report.findings import Day
from houbei.backtest.report.svg import Canvas, Lettering, Plane, Sheet, Spot, gridlines, nice_steps, px, spread, text_px
from houbei.backtest.report.tongue import Tongue

HEAD, FOOT = 34, 34
PEAKS_MAX = 4
"""How many peaks beside the worst day may carry their date."""
SPAN_BY_DAY_MAX = 62
"""A stretch of up to two months is labelled by days."""
PEAK_SHARE = Fraction(1, 2)
"""A peak is named from this share of the worst day on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The days that owe something, by date, and the stretch of calendar they lie in; `worst` is None when there are ties."""

    days: Sequence[Day]
    first: date
    last: date
    worst: Day | None
    unit: Denomination
    tongue: Tongue

    @property
    def span(self) -> int:
        """Count the calendar days from first to last."""
        return (self.last - self.first).days + 1

    def at(self, day: Day) -> float:
        """Tell where a day stands: the middle of its own place in the stretch."""
        return (date.fromisoformat(day.date) - self.first).days + 0.5


def draw(calendar: Calendar, *, sheet: Sheet, desc: str) -> Markup:
    """Draw the days."""
    canvas = Canvas(width=sheet.width, height=250)
    top = max(day.owed_minor for day in calendar.days)
    steps = [step for step in nice_steps(Fraction(top)) if step >= 1]
    labels = [calendar.tongue.tick(step, calendar.unit) for step in steps]
    left = max(text_px(label) for label in ("0", *labels)) + 12
    plane = Plane(left, sheet.width - 4, canvas.height - FOOT, HEAD, 0, calendar.span, top)
    rows = [(plane.base, "0"), *((plane.y(step), label) for step, label in zip(steps, labels, strict=True))]
    gridlines(canvas, (plane.left, plane.right), rows)
    wide = min(24.0, max(1.1, (plane.right - plane.left) / calendar.span * 0.72))
    spots = [(day, plane.x(calendar.at(day)), plane.y(day.owed_minor)) for day in calendar.days]
    quiet = "".join(_bar(x, y, plane.base, wide) for day, x, y in spots if day is not calendar.worst)
    canvas.path("c2", quiet or "M0 0")
    if calendar.worst is not None:
        x, y = plane.x(calendar.at(calendar.worst)), plane.y(calendar.worst.owed_minor)
        canvas.path("hot-fill", _bar(x, y, plane.base, max(wide, 2.0)))
        said = f"{calendar.tongue.short_date(calendar.worst.date)}  {calendar.tongue.about(calendar.worst.owed_minor, calendar.unit)}"
        canvas.insist([Lettering(said, "hot halo")], [Spot(x, y - 8)])
    _name_peaks(canvas, calendar, spots)
    _name_months(canvas, calendar, plane)
    return canvas.svg(name=sheet.name, title=sheet.title, desc=desc)


def _bar(x: float, y: float, base: float, wide: float) -> str:
    """Write one bar as part of a path; a day that owes little still shows."""
    top = min(y, base - 0.8)
    return f"M{px(x - wide / 2)} {px(base)}V{px(top)}H{px(x + wide / 2)}V{px(base)}Z"


def _name_peaks(canvas: Canvas, calendar: Calendar, spots: Sequence[tuple[Day, float, float]]) -> None:
    highest = max(day.owed_minor for day in calendar.days)
    peaks = sorted(spots, key=lambda spot: (-spot[0].owed_minor, spot[0].date))
    if sum(day.owed_minor == highest for day in calendar.days) > PEAKS_MAX:
        return
    left = PEAKS_MAX
    for day, x, y in peaks[: 10 * PEAKS_MAX]:
        if not left or day is calendar.worst or day.owed_minor < PEAK_SHARE * highest:
            continue
        label = Lettering(calendar.tongue.short_date(day.date), "lab halo")
        half = text_px(label.text) / 2
        clear = not any(abs(x - other) < half and height < y for _, other, height in spots)
        if clear and canvas.place([label], [Spot(x, y - 8)]):
            left -= 1


def _name_months(canvas: Canvas, calendar: Calendar, plane: Plane) -> None:
    """Label the axis by days, months, quarters or years, whichever the stretch has room for."""
    ticks = _day_ticks(calendar) if calendar.span <= SPAN_BY_DAY_MAX else _month_ticks(calendar)
    placed = []
    for at, label in ticks:
        x = plane.x(at)
        canvas.line("base", (x, plane.base), (x, plane.base + 4))
        placed.append((Lettering(label), Spot(x, plane.base + 20)))
    spread(canvas, placed)


def _day_ticks(calendar: Calendar) -> list[tuple[float, str]]:
    step = next(step for step in (1, 2, 7, 14) if calendar.span <= 8 * step)
    days = [calendar.first + timedelta(days=i) for i in range(0, calendar.span, step)]
    return [((day - calendar.first).days + 0.5, calendar.tongue.short_date(day.isoformat())) for day in days]


def _month_ticks(calendar: Calendar) -> list[tuple[float, str]]:
    months = calendar.span // 30
    step = next((step for step in (1, 2, 3, 6) if months <= 12 * step), 12)
    ticks = []
    named: set[int] = set()
    for count in range(calendar.first.year * 12 + calendar.first.month - 1, calendar.last.year * 12 + 12):
        day = date(count // 12, count % 12 + 1, 1)
        if count % step == 0 and calendar.first <= day <= calendar.last:
            with_year = day.year not in named
            named.add(day.year)
            ticks.append((float((day - calendar.first).days), calendar.tongue.month(day, year=with_year)))
    return ticks
