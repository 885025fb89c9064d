"""Days promised by share kept, a line for each way to promise, the names at the ends of the lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from markupsafe import Markup

from houbei.backtest.report.amounts import trimmed_text
from houbei.backtest.report.svg import (
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

HEAD, FOOT, GAP = 20, 44, 8
_TALL_PX, _LOW_PX, _PHONE_PX = 320, 280, 800
_TICKS = (80, 90, 97, 85, 95)


@dataclass(frozen=True, slots=True)
class Line:
    """One way: its name, its days at each share (None where it cannot keep that share), and the class it is drawn in."""

    name: str
    days: Sequence[float | None]
    look: str


def draw(shares: Sequence[float], lines: Sequence[Line], *, axis: str, sheet: Sheet, desc: str) -> Markup:
    """Draw the lines on one scale that begins at 0 days; `axis` says what lies along the bottom."""
    canvas = Canvas(width=sheet.width, height=_TALL_PX if sheet.width > _PHONE_PX else _LOW_PX)
    top = max(day for line in lines for day in line.days if day is not None)
    steps = [Fraction(0), *nice_steps(Fraction(round(top * 1000), 1000))]
    labels = [(float(step), trimmed_text(step, 1)) for step in steps]
    plane = Plane(
        left=max(text_px(label) for _, label in labels) + 12,
        right=sheet.width - GAP - max(text_px(line.name) for line in lines) - 4,
        base=canvas.height - FOOT,
        top=HEAD,
        x_from=100 * shares[0],
        x_to=100 * shares[-1],
        y_to=top,
    )
    gridlines(canvas, (plane.left, plane.right), [(plane.y(day), label) for day, label in labels])
    for line in lines:
        curve = [
            (plane.x(100 * share), plane.y(day))
            for share, day in zip(shares, line.days, strict=True)
            if day is not None
        ]
        canvas.path(line.look, points(curve))
        canvas.keep_clear(curve)
    for line in lines:
        known = [day for day in line.days if day is not None]
        y = plane.y(known[-1]) + 4
        look = "key halo" if line.look == "curve" else "lab halo"
        canvas.insist(
            [Lettering(line.name, look)],
            [Spot(plane.right + GAP, y + shift, "start") for shift in (0, 14, -14, 28, -28)],
        )
    ticks = [
        (Lettering(f"{share}%"), Spot(plane.x(share), plane.base + 18))
        for share in _TICKS
        if plane.x_from <= share <= plane.x_to
    ]
    spread(canvas, ticks)
    canvas.text(Lettering(axis), Spot(plane.left, plane.base + 36, "start"))
    return canvas.svg(name=sheet.name, title=sheet.title, desc=desc)
