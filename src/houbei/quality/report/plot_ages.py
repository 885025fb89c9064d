"""The share of units that has failed, by weeks since delivery, with its band and one mark."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from markupsafe import Markup

from houbei.backtest.report.amounts import trimmed_text
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

HEAD, FOOT, GAP = 26, 40, 10
PHONE_PX = 800
"""A narrower sheet than this is for a phone or for paper."""
TICK_WEEKS = (4, 13, 26, 52, 39, 78, 104, 8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ages:
    """The curve: (share, low, high) at each week from 0 on; the week that is marked; and the words that stand on the drawing.

    Where the last week is the one that is marked, `end_label` is the mark's.
    """

    curve: Sequence[tuple[float, float, float]]
    mark: int
    mark_label: str
    end_label: str
    band_label: Sequence[str]
    week_label: str


def draw(ages: Ages, *, sheet: Sheet, desc: str) -> Markup:
    """Draw the curve; the band's name stands at the end of the line, the mark is the only red."""
    canvas = Canvas(width=sheet.width, height=320 if sheet.width > PHONE_PX else 290)
    last = len(ages.curve) - 1
    top = max(high for _, _, high in ages.curve)
    steps = [Fraction(0), *nice_steps(Fraction(round(top * 10**8), 10**6))]
    rows = [(step / 100, f"{trimmed_text(step, 6)}%") for step in steps]
    end = [
        Lettering(ages.end_label, "hot halo" if ages.mark == last else "key halo"),
        *(Lettering(text) for text in ages.band_label),
    ]
    plane = Plane(
        left=max(text_px(label) for _, label in rows) + 12,
        right=sheet.width - 14 - max(text_px(line.text) for line in end),
        base=canvas.height - FOOT,
        top=HEAD,
        x_from=0,
        x_to=last,
        y_to=top,
    )
    gridlines(canvas, (plane.left, plane.right), [(plane.y(share), label) for share, label in rows])
    upper = [(plane.x(week), plane.y(high)) for week, (_, _, high) in enumerate(ages.curve)]
    lower = [(plane.x(week), plane.y(low)) for week, (_, low, _) in enumerate(ages.curve)]
    canvas.path("band", points([*upper, *reversed(lower)]) + "Z")
    curve = [(plane.x(week), plane.y(share)) for week, (share, _, _) in enumerate(ages.curve)]
    canvas.path("curve", points(curve))
    canvas.keep_clear(curve)
    _mark(canvas, ages, plane)
    x, y = plane.right + GAP, plane.y(ages.curve[-1][0])
    if ages.mark != last:
        canvas.dot("c1", (plane.right, y), 3)
    canvas.insist(end[:1], [Spot(x, y + 4, "start")])
    canvas.insist(end[1:], [Spot(x, y + 10 + LINE_PX, "start"), Spot(x, y - LINE_PX * len(end), "start")])
    _weeks(canvas, ages, plane, last)
    return canvas.svg(name=sheet.name, title=sheet.title, desc=desc)


def _mark(canvas: Canvas, ages: Ages, plane: Plane) -> None:
    x, y = plane.x(ages.mark), plane.y(ages.curve[ages.mark][0])
    canvas.line("hot-line", (x, plane.base), (x, y))
    canvas.dot("hot-fill", (x, y), 5)
    canvas.keep_clear([(x, plane.base), (x, y)])
    if ages.mark == len(ages.curve) - 1:
        return
    spots = [Spot(x + GAP, y + 26, "start"), Spot(x + GAP, y + 44, "start"), Spot(x - GAP, y - 22, "end")]
    canvas.insist([Lettering(ages.mark_label, "hot halo")], spots)


def _weeks(canvas: Canvas, ages: Ages, plane: Plane, last: int) -> None:
    wanted = dict.fromkeys([0, ages.mark, last, *(week for week in TICK_WEEKS if week < last)])
    ticks = []
    for week in wanted:
        look = "hot" if week == ages.mark else ""
        ticks.append(
            (Lettering(ages.week_label if week == 0 else str(week), look), Spot(plane.x(week), plane.base + 18))
        )
    spread(canvas, ticks)
