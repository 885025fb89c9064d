"""The figures of one currency: each a drawing for wide and one for narrow pages, the title it has found, its numbers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

from markupsafe import Markup

from houbei.backtest.report import plot_columns, plot_days, plot_rows, plot_sweep, tables, titles
from houbei.backtest.report.amounts import whole_per_cent
from houbei.backtest.report.findings import Block, Findings, Size, Variant
from houbei.backtest.report.sentences import text_in
from houbei.backtest.report.svg import Sheet
from houbei.backtest.report.tables import Table
from houbei.backtest.report.titles import unit_of
from houbei.backtest.report.tongue import Said, Tongue

Draw = Callable[[Sheet], Markup]

FULL_PX, HALF_PX = (960, 620), (440, 300)
"""Widths of a drawing: on a wide page, and on a phone or on paper."""
COMPARED_MIN = 2
"""Fewer points, ways or terms than this leave nothing to compare."""
WAYS = ("every_new_low", "daily_bot", "one_claim")
"""Ways of asking in the order they stand in when they recover the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A drawing twice, its title, what it measures, and the same numbers as a table."""

    name: str
    title: Said
    measure: Said
    wide: Markup
    narrow: Markup
    region: str
    scrolls: Said
    table: Table
    full: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What every figure of a currency is made from."""

    block: Block
    findings: Findings
    tongue: Tongue
    alone: bool

    def region(self, title: object) -> str:
        """Name a part of the page so that no other currency has a part of the same name."""
        return str(title) if self.alone else f"{title} ({self.block.currency})"

    def figure(self, name: str, *, title: Said, measure: Said, draw: Draw, table: Table, full: bool) -> Figure:
        """Put a figure together; `draw` is asked for both widths."""
        return framed(
            Frame(f"{self.tongue.lang}-{self.block.currency}-{name}", self.region(title), full),
            title=title,
            measure=measure,
            draw=draw,
            table=table,
            tongue=self.tongue,
        )


class Frame(NamedTuple):
    """Where a figure stands: its name, unique in the page, the part of the page that it is called, and whether it is full width."""

    name: str
    region: str
    full: bool


def framed(frame: Frame, *, title: Said, measure: Said, draw: Draw, table: Table, tongue: Tongue) -> Figure:
    """Put a figure together; `draw` is asked for a wide and for a narrow sheet."""
    wide, narrow = FULL_PX if frame.full else HALF_PX
    return Figure(
        name=frame.name,
        title=title,
        measure=measure,
        wide=draw(Sheet(f"{frame.name}-wide", str(title), wide)),
        narrow=draw(Sheet(f"{frame.name}-narrow", str(title), narrow)),
        region=frame.region,
        scrolls=tongue.say("scrolls", title=frame.region),
        table=table,
        full=frame.full,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryDesk:
    """What every figure of a page is made from that is written from one summary."""

    summary: Mapping[str, Any]
    tongue: Tongue

    def figure(self, name: str, *, title: Said, measure: Said, draw: Draw, table: Table, full: bool) -> Figure:
        """Put a figure together."""
        frame = Frame(f"{self.tongue.lang}-{name}", str(title), full)
        return framed(frame, title=title, measure=measure, draw=draw, table=table, tongue=self.tongue)


def sweep(desk: Desk) -> Figure | None:
    """Draw the cost by length of the promise; None unless two lengths were asked for and one of them costs something."""
    block, tongue, own_days = desk.block, desk.tongue, desk.findings.window_days
    if len(block.sweep) < COMPARED_MIN or not any(point.owed_minor for point in block.sweep):
        return None
    drawn = plot_sweep.Sweep(
        points=block.sweep,
        own_days=own_days,
        revenue_minor=block.revenue_minor,
        unit=unit_of(block),
        tongue=tongue,
    )
    first, last = block.sweep[0], block.sweep[-1]
    low, high = drawn.value(first.owed_minor), drawn.value(last.owed_minor)
    desc = tongue.say("sweep_desc", first=first.days, last=last.days, low=low, high=high)
    if drawn.own is not None:
        mark = tongue.say("sweep_desc_own", own=drawn.own.days, mark=drawn.value(drawn.own.owed_minor))
        desc = tongue.say("two_sentences", one=desc, other=mark)
    title = titles.sweep_title(block, own_days, tongue)
    key = "sweep_unit" if block.revenue_minor else "sweep_unit_money"
    return desk.figure(
        "sweep",
        title=title,
        measure=tongue.say(key, first=first.days, last=last.days, currency=block.currency),
        draw=lambda sheet: plot_sweep.draw(drawn, sheet=sheet, desc=str(desc)),
        table=tables.sweep_table(block, tongue, title),
        full=True,
    )


def ways(desk: Desk, *, full: bool) -> Figure | None:
    """Draw what each way of asking recovers; None unless there are two to compare and something to recover."""
    block, tongue = desk.block, desk.tongue
    whole = max((way.owed_minor for way in block.ways), default=0)
    if len(block.ways) < COMPARED_MIN or not whole:
        return None
    order = sorted(block.ways, key=lambda way: (-way.owed_minor, WAYS.index(way.way)))
    rows = [
        plot_rows.Row(
            name=str(tongue.say(f"way_{way.way}")),
            length=Fraction(way.owed_minor),
            value=tongue.share(way.owed_minor, whole) or "0%",
            amount=tongue.short(way.owed_minor, unit_of(block)),
            hot=way.way == "every_new_low",
        )
        for way in order
    ]
    title = titles.ways_title(block, tongue)
    return desk.figure(
        "ways",
        title=title,
        measure=tongue.say("ways_unit", currency=block.currency),
        draw=_draw_rows(rows),
        table=tables.ways_table(block, tongue, title),
        full=full,
    )


def variants(desk: Desk, *, full: bool) -> Figure | None:
    """Draw the cost under other terms; None unless there are two in this currency and one of them costs something."""
    block, tongue = desk.block, desk.tongue
    same = [one for one in desk.findings.variants if one.currency == block.currency]
    if len(same) < COMPARED_MIN or not any(one.owed_minor for one in same):
        return None
    same.sort(key=lambda one: (-Fraction(one.owed_minor, one.revenue_minor or 1), one.sha8))
    labels = [_label(one, tongue) for one in same]
    rows = [
        plot_rows.Row(
            name=label,
            length=Fraction(one.owed_minor, one.revenue_minor or 1),
            value=tongue.share(one.owed_minor, one.revenue_minor or 1) or "0%",
            amount=tongue.short(one.owed_minor, unit_of(block)),
            hot=one.this,
        )
        for one, label in zip(same, labels, strict=True)
    ]
    title = titles.variants_title(same, labels, tongue)
    return desk.figure(
        "variants",
        title=title,
        measure=tongue.say("variants_unit", currency=block.currency),
        draw=_draw_rows(rows),
        table=tables.variants_table(same, labels, block, tongue, title),
        full=full,
    )


def _label(variant: Variant, tongue: Tongue) -> str:
    return text_in(variant.label, tongue)[0] or f"{variant.term}@{variant.version}"


def categories(desk: Desk, *, full: bool) -> Figure | None:
    """Draw each category's cost as a share of its own sales; None when none is named or none costs anything."""
    block, tongue = desk.block, desk.tongue
    named = any(one.name is not None and one.revenue_minor for one in block.categories)
    if not named or not any(one.owed_minor for one in block.categories):
        return None
    order = titles.ranked(block.categories)
    texts = [tongue.share(one.owed_minor, one.revenue_minor) or tables.NONE for one in order]
    single_top = order[0].name is not None and order[0].owed_minor > 0 and texts.count(texts[0]) == 1
    rows = [
        plot_rows.Row(
            name=str(tongue.say("cat_rest")) if one.name is None else one.name,
            length=titles.share_of(one),
            value=text,
            amount=tongue.short(one.owed_minor, unit_of(block)),
            hot=single_top and len(order) > 1 and one is order[0],
        )
        for one, text in zip(order, texts, strict=True)
    ]
    share = tongue.share(block.owed_minor, block.revenue_minor)
    label = str(tongue.say("cat_whole", share=share))
    whole = (
        plot_rows.Whole(Fraction(block.owed_minor, block.revenue_minor), label) if block.owed_minor and share else None
    )
    title = titles.categories_title(block.categories, tongue)
    return desk.figure(
        "categories",
        title=title,
        measure=tongue.say("cat_unit", currency=block.currency),
        draw=_draw_rows(rows, whole),
        table=tables.categories_table(block, tongue, title),
        full=full,
    )


def _draw_rows(rows: Sequence[plot_rows.Row], whole: plot_rows.Whole | None = None) -> Draw:
    desc = "; ".join(f"{row.name} {row.value}" for row in rows)
    return lambda sheet: plot_rows.draw(rows, whole=whole, sheet=sheet, desc=desc)


def sizes(desk: Desk, *, full: bool) -> Figure | None:
    """Draw how large the refunds are, with the median marked; None when no line is refunded."""
    block, tongue, unit = desk.block, desk.tongue, unit_of(desk.block)
    total = sum(one.lines for one in block.sizes)
    if not total:
        return None
    edges = [tongue.edge(one.from_minor, unit) for one in block.sizes]
    edges[0] = tongue.symbol(block.currency) + edges[0]
    bins = [
        plot_columns.Bin(edge, one.lines, whole_per_cent(one.lines, total))
        for edge, one in zip(edges, block.sizes, strict=True)
    ]
    mark = None
    if block.median_minor is not None:
        label = str(tongue.say("sizes_median", median=tongue.about(block.median_minor, unit)))
        mark = plot_columns.Mark(_place_in(block.sizes, block.median_minor), label)
    title = titles.sizes_title(block.sizes, unit, tongue)
    widths = {one.to_minor - one.from_minor for one in block.sizes if one.to_minor is not None}
    key = "sizes_unit" if len(widths) <= 1 else "sizes_unit_uneven"
    desc = "; ".join(f"{edge} {one.share}" for edge, one in zip(edges, bins, strict=True))
    return desk.figure(
        "sizes",
        title=title,
        measure=tongue.say(key, n=total, lines=tongue.count(total), currency=block.currency),
        draw=lambda sheet: plot_columns.draw_sizes(bins, mark=mark, sheet=sheet, desc=desc),
        table=tables.sizes_table(block, tongue, title),
        full=full,
    )


def _place_in(sizes: Sequence[Size], minor: int) -> float:
    """Tell where an amount lies, in columns from the left; in the middle of one without an end."""
    for i, one in enumerate(sizes):
        if one.to_minor is None:
            return i + 0.5
        if minor < one.to_minor:
            return i + max(0.0, (minor - one.from_minor) / (one.to_minor - one.from_minor))
    return float(len(sizes))


def days(desk: Desk) -> Figure | None:
    """Draw the cost by day; None when no day owes anything."""
    block, tongue = desk.block, desk.tongue
    if not any(day.owed_minor for day in block.days):
        return None
    calendar = titles.calendar_of(block, first=desk.findings.first_day, last=desk.findings.last_day, tongue=tongue)
    highest = max(calendar.days, key=lambda day: day.owed_minor)
    desc = tongue.say(
        "days_desc",
        first=tongue.full_date(calendar.first.isoformat()),
        last=tongue.full_date(calendar.last.isoformat()),
        date=tongue.date(highest.date),
        owed=tongue.about(highest.owed_minor, calendar.unit),
    )
    title = titles.days_title(calendar)
    return desk.figure(
        "days",
        title=title,
        measure=tongue.say("days_unit", currency=block.currency),
        draw=lambda sheet: plot_days.draw(calendar, sheet=sheet, desc=str(desc)),
        table=tables.days_table(block, tongue, title),
        full=True,
    )


def drops(desk: Desk, *, full: bool) -> Figure | None:
    """Draw on which day of the cover prices first fell; None when none did."""
    tongue, window = desk.tongue, desk.findings.window_days
    counts = {drop.day: drop.lines for drop in desk.block.first_drop}
    total = sum(counts.values())
    if not total:
        return None
    first, last = min(1, *counts), max(counts)
    lines = [counts.get(day, 0) for day in range(first, last + 1)]
    if window is not None and window < last:
        inside, key = window, "drop_unit"
        caught = sum(count for day, count in counts.items() if day <= window)
        mark = tongue.say("drop_mark", n=window, share=tongue.share(caught, total))
    else:
        inside, key = titles.half_by(lines, first), "drop_unit_plain"
        mark = tongue.say("drop_mark_half", n=inside)
    peak = max(counts, key=lambda day: (counts[day], -day))
    desc = tongue.say("drop_desc", first=first, last=last, peak=peak, lines=tongue.count(counts[peak]))
    title = titles.drops_title(lines, first, window, tongue)
    columns = plot_columns.Days(first, lines, inside, str(mark))
    label = str(tongue.say("drop_day", n=first))
    return desk.figure(
        "drops",
        title=title,
        measure=tongue.say(key),
        draw=lambda sheet: plot_columns.draw_days(columns, day_label=label, sheet=sheet, desc=str(desc)),
        table=tables.drops_table(lines, first, tongue, title),
        full=full,
    )
