"""Columns drawn from the base up: sizes of refunds, days of first drops."""

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from houbei.backtest.report.svg import TEXT_PX, Canvas, Lettering, Plane, Sheet, Spot, px, spread, text_px

SIDE, FOOT = 8, 48
HEIGHT_MAX = 304
SLOTS_MIN = 4
"""Fewer columns than this do not grow any wider."""
COLUMN_PX_MAX = 36


class Bin(NamedTuple):
    """One column of sizes: the label at its left edge, its count, and the share written on top of it."""

    edge: str
    lines: int
    share: str


class Mark(NamedTuple):
    """The one red mark: where it stands, measured in columns from the left, and what it says."""

    at: float
    label: str


def draw_sizes(bins: Sequence[Bin], *, mark: Mark | None, sheet: Sheet, desc: str) -> Markup:
    """Draw columns of equal width with their shares on top; the mark is a small pointer under the base."""
    canvas = Canvas(width=sheet.width, height=min(HEIGHT_MAX, sheet.width * 3 // 5 + 40))
    plane = Plane(
        SIDE, sheet.width - SIDE, canvas.height - FOOT, 24, 0, max(SLOTS_MIN, len(bins)), max(one.lines for one in bins)
    )
    for i, one in enumerate(bins):
        left, right, y = plane.x(i) + 1, plane.x(i + 1) - 1, plane.y(one.lines)
        canvas.rect("c2", (left, y), (right - left, plane.base - y))
    canvas.line("base", (plane.left, plane.base), (plane.right, plane.base))
    by_height = sorted(range(len(bins)), key=lambda i: (-bins[i].lines, i))
    spread(
        canvas,
        [(Lettering(bins[i].share, "key"), Spot(plane.x(i + 0.5), plane.y(bins[i].lines) - 6)) for i in by_height],
    )
    edges = [(Lettering(one.edge), Spot(plane.x(i), plane.base + 17)) for i, one in enumerate(bins)]
    spread(canvas, [*edges[:1], *reversed(edges[1:])])
    if mark is not None:
        x, y = plane.x(mark.at), plane.base + 22
        canvas.path("hot-fill", f"M{px(x)} {px(y)}l4 7h-8Z")
        half = text_px(mark.label) / 2
        spot = Spot(min(max(x, half), canvas.width - half), canvas.height - 5)
        canvas.text(Lettering(mark.label, "hot"), spot)
    return canvas.svg(name=sheet.name, title=sheet.title, desc=desc)


class Days(NamedTuple):
    """Columns by day: how many lines on each from the first day on, the last day inside the promise, and its mark."""

    first: int
    lines: Sequence[int]
    inside: int
    mark: str


def draw_days(days: Days, *, day_label: str, sheet: Sheet, desc: str) -> Markup:
    """Draw one column a day: dark up to the mark, light after it."""
    canvas = Canvas(width=sheet.width, height=min(HEIGHT_MAX, sheet.width * 3 // 5 + 40))
    last = days.first + len(days.lines) - 1
    plane = Plane(SIDE, sheet.width - SIDE, canvas.height - 24, 34, days.first, last + 1, max(days.lines))
    room = plane.x(days.first + 1) - plane.x(days.first)
    wide = min(COLUMN_PX_MAX, room - min(1.2, room * 0.25))
    for day, lines in enumerate(days.lines, start=days.first):
        if lines:
            y = plane.y(lines)
            canvas.rect(
                "c1" if day <= days.inside else "c4", (plane.x(day) + (room - wide) / 2, y), (wide, plane.base - y)
            )
    canvas.line("base", (plane.left, plane.base), (plane.right, plane.base))
    here = plane.x(days.inside) + (room + wide) / 2 + min(1.0, (room - wide) / 2)
    canvas.line("hot-line", (here, 24), (here, plane.base))
    label = Lettering(days.mark, "hot halo")
    after = here + 6 + text_px(days.mark) <= sheet.width
    canvas.insist([label], [Spot(here + 6, 22 + TEXT_PX / 2, "start") if after else Spot(here - 6, 28, "end")])
    _day_labels(canvas, plane, days, day_label)
    return canvas.svg(name=sheet.name, title=sheet.title, desc=desc)


def _day_labels(canvas: Canvas, plane: Plane, days: Days, day_label: str) -> None:
    last = days.first + len(days.lines) - 1
    step = next((step for step in (1, 5, 15, 30, 60, 90, 180) if len(days.lines) <= 7 * step), 365)
    wanted = dict.fromkeys([days.first, last, days.inside, *range(step, last, step)])
    spots = {day: Spot(plane.x(day + 0.5), plane.base + 17) for day in wanted if days.first <= day <= last}
    spread(canvas, [(Lettering(day_label if day == days.first else str(day)), spot) for day, spot in spots.items()])
