"""A drawing as SVG text: shapes coloured by classes of the style sheet, and labels that never lie on one another.

Coordinates are pixels of the drawing, so floats are at home here; no figure that a reader sees is made of them.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import Literal, NamedTuple

from markupsafe import Markup, escape

Anchor = Literal["start", "middle", "end"]

TEXT_PX = 12
LINE_PX = 16
"""The smallest text, and from one line of it to the next."""
GRIDLINES_MAX = 4
TICK_GAP_PX = 4

_CHAR_EMS = {
    **dict.fromkeys("iIjl'|", 0.29),
    **dict.fromkeys(".,:;! ", 0.33),
    **dict.fromkeys("frt()[]", 0.41),
    **dict.fromkeys('-/{}"*·', 0.52),
    **dict.fromkeys("mMW%@w&—…", 1.0),
}
"""Widths of characters in ems, a little above those of the embedded Inter at weight 600; for others see `_char_em`."""


def _char_em(char: str) -> float:
    if char in _CHAR_EMS:
        return _CHAR_EMS[char]
    if unicodedata.east_asian_width(char) in "WF":
        return 1.0
    return 0.76 if char.isupper() else 0.66 if char.isdigit() else 0.63


def text_px(text: str, size: float = TEXT_PX) -> float:
    """Estimate how wide a text is; a little too wide rather than too narrow."""
    kinds = [unicodedata.east_asian_width(char) in "WF" for char in text]
    seams = sum(1 for one, next_ in pairwise(kinds) if one != next_)
    return size * (sum(_char_em(char) for char in text) + 0.15 * seams)


def shortened(text: str, room_px: float, size: float = TEXT_PX) -> str:
    """Cut a text so that it fits, an ellipsis at its end where something is missing."""
    if text_px(text, size) <= room_px:
        return text
    kept = text
    while kept and text_px(f"{kept}…", size) > room_px:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"


def nice_steps(top: Fraction) -> list[Fraction]:
    """Choose at most `GRIDLINES_MAX` round values above 0 up to `top`: steps of 1, 2, 2.5 or 5 times a power of ten."""
    if top <= 0:
        return []
    power = Fraction(10) ** (len(str(top.numerator)) - len(str(top.denominator)) - 2)
    while True:
        for factor in (Fraction(1), Fraction(2), Fraction(5, 2), Fraction(5)):
            step = power * factor
            if top // step <= GRIDLINES_MAX:
                return [step * i for i in range(1, int(top // step) + 1)]
        power *= 10


class Box(NamedTuple):
    """A rectangle of the drawing."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box") -> bool:
        """Tell whether the two rectangles share more than an edge."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


class Lettering(NamedTuple):
    """One line of a label: its text, its classes, its size."""

    text: str
    look: str = ""
    size: float = TEXT_PX


class Spot(NamedTuple):
    """Where a label may stand: the baseline of its first line, and the side it hangs on."""

    x: float
    y: float
    anchor: Anchor = "middle"


@dataclass(slots=True, kw_only=True)
class Canvas:
    """A drawing being made. Labels are placed in order of importance; each keeps clear of all before it."""

    width: int
    height: int
    parts: list[Markup] = field(default_factory=list)
    taken: list[Box] = field(default_factory=list)

    def line(self, look: str, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Draw a straight line."""
        self._add('<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/>', look, *start, *end)

    def rect(self, look: str, corner: tuple[float, float], size: tuple[float, float]) -> None:
        """Draw a bar from its upper left corner, with its width and height."""
        self._add('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>', look, *corner, *size)

    def dot(self, look: str, centre: tuple[float, float], radius: float) -> None:
        """Draw a filled circle."""
        self._add('<circle class="{}" cx="{}" cy="{}" r="{}"/>', look, *centre, radius)

    def path(self, look: str, steps: str) -> None:
        """Draw a path; `steps` comes from `points` or is written with `px`."""
        self._add('<path class="{}" d="{}"/>', look, steps)

    def text(self, line: Lettering, spot: Spot) -> None:
        """Write a text where it is told to, whatever lies there."""
        size = Markup(' font-size="{}"').format(px(line.size)) if line.size != TEXT_PX else ""
        look = Markup(' class="{}"').format(line.look) if line.look else ""
        anchor = Markup(' text-anchor="{}"').format(spot.anchor) if spot.anchor != "start" else ""
        self._add('<text{}{}{} x="{}" y="{}">{}</text>', look, size, anchor, spot.x, spot.y, line.text)
        self.taken.append(box_of([line], spot))

    def place(self, lines: Sequence[Lettering], spots: Sequence[Spot], *, gap: float = 0) -> bool:
        """Write a label at the first spot that is free, `gap` at both sides too, and inside the drawing; tell if one was."""
        for spot in spots:
            box = box_of(lines, spot)
            inside = box.left >= 0 and box.right <= self.width and box.top >= 0 and box.bottom <= self.height
            around = box._replace(left=box.left - gap, right=box.right + gap)
            if inside and not any(around.meets(other) for other in self.taken):
                self._write(lines, spot)
                return True
        return False

    def insist(self, lines: Sequence[Lettering], spots: Sequence[Spot]) -> None:
        """Write a label that must be there: at a free spot, else at the first one, pushed inside the drawing."""
        if not self.place(lines, spots):
            box = box_of(lines, spots[0])
            push = max(0.0, -box.left) - max(0.0, box.right - self.width)
            self._write(lines, spots[0]._replace(x=spots[0].x + push))

    def keep_clear(self, points: Sequence[tuple[float, float]]) -> None:
        """Let no label lie on the line through these points."""
        for (x1, y1), (x2, y2) in pairwise(points):
            pieces = max(1, int(max(abs(x2 - x1), abs(y2 - y1)) // 4))
            for i in range(pieces + 1):
                x, y = x1 + (x2 - x1) * i / pieces, y1 + (y2 - y1) * i / pieces
                self.taken.append(Box(x - 2, y - 2, x + 2, y + 2))

    def svg(self, *, name: str, title: str, desc: str) -> Markup:
        """Close the drawing: an image with a title and a description. `name` is unique in the page."""
        return Markup(
            '<svg class="plot" role="img" aria-labelledby="{0}-t {0}-d" viewBox="0 0 {1} {2}" width="{1}" height="{2}">'
            '<title id="{0}-t">{3}</title><desc id="{0}-d">{4}</desc>{5}</svg>'
        ).format(name, self.width, self.height, title, desc, Markup("").join(self.parts))

    def _write(self, lines: Sequence[Lettering], spot: Spot) -> None:
        for i, line in enumerate(lines):
            self.text(line, spot._replace(y=spot.y + i * LINE_PX))

    def _add(self, shape: str, *values: object) -> None:
        shown = [px(value) if isinstance(value, int | float) else escape(value) for value in values]
        self.parts.append(Markup(shape).format(*shown))  # noqa: S704  the shape is ours; the values are escaped


def px(value: float) -> str:
    """Write a coordinate with at most one digit after the point."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def points(pairs: Sequence[tuple[float, float]]) -> str:
    """Write a path through these points."""
    return "M" + "L".join(f"{px(x)} {px(y)}" for x, y in pairs)


def box_of(lines: Sequence[Lettering], spot: Spot) -> Box:
    """Tell what a label at a spot covers."""
    wide = max(text_px(line.text, line.size) for line in lines)
    left = {"start": spot.x, "middle": spot.x - wide / 2, "end": spot.x - wide}[spot.anchor]
    top = spot.y - lines[0].size * 0.8
    return Box(left, top, left + wide, spot.y + (len(lines) - 1) * LINE_PX + 3)


class Plane(NamedTuple):
    """Where figures lie on a drawing: `x_from` at `left`, `x_to` at `right`, 0 at `base`, `y_to` at `top`."""

    left: float
    right: float
    base: float
    top: float
    x_from: float
    x_to: float
    y_to: float

    def x(self, value: float) -> float:
        """Give the place of a value along the drawing."""
        return self.left + (self.right - self.left) * (value - self.x_from) / ((self.x_to - self.x_from) or 1)

    def y(self, value: float | Fraction) -> float:
        """Give the height of a value."""
        return self.base - (self.base - self.top) * float(value) / self.y_to if self.y_to else self.base


class Sheet(NamedTuple):
    """What a drawing is made on: its name, unique in the page; the title it is announced with; its width."""

    name: str
    title: str
    width: int


def gridlines(canvas: Canvas, span: tuple[float, float], rows: Sequence[tuple[float, str]]) -> None:
    """Draw light lines across `span`, each at its height with its label at left; the first one is the base."""
    for i, (y, label) in enumerate(rows):
        canvas.line("ax" if i else "base", (span[0], y), (span[1], y))
        canvas.text(Lettering(label), Spot(span[0] - 8, y + 4, "end"))
    base = rows[0][0]
    canvas.taken.append(Box(span[0], base - 2, span[1], base + 2))


def spread(canvas: Canvas, ticks: Iterable[tuple[Lettering, Spot]]) -> None:
    """Write the labels of an axis, most important first; one that would touch another is left out."""
    for line, spot in ticks:
        wide = text_px(line.text, line.size)
        lowest = {"start": 0.0, "middle": wide / 2, "end": wide}[spot.anchor]
        x = min(max(spot.x, lowest), canvas.width - wide + lowest)
        canvas.place([line], [spot._replace(x=x)], gap=TICK_GAP_PX)
