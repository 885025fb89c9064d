"""The numbers behind the drawings as tables: every amount to its last digit."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from houbei.backtest.report.findings import Block, Findings, Variant
from houbei.backtest.report.titles import ranked, unit_of
from houbei.backtest.report.tongue import Tongue

NONE = "—"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with its name. The first column names the row; the columns after `words` hold figures."""

    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    total: Sequence[str] = ()
    words: int = 1


def made(tongue: Tongue, caption: object, heads: str, rows: Iterable[Sequence[str]]) -> Table:
    """Make a table from rows; `heads` names the words of its columns, apart by spaces."""
    named = [str(tongue.say(f"head_{head}")) for head in heads.split()]
    return Table(caption=str(caption), heads=named, rows=[[str(cell) for cell in row] for row in rows])


def rejected_tables(codes: Mapping[str, Mapping[str, int]], tongue: Tongue) -> list[Table]:
    """Make the table of the rows that could not be read, by file and code; none where all could."""
    rows = [[file, code, tongue.count(count)] for file, of_file in codes.items() for code, count in of_file.items()]
    if not rows:
        return []
    return [replace(made(tongue, tongue.say("in_rejected"), "file reason rows", rows), words=2)]


def sweep_table(block: Block, tongue: Tongue, caption: object) -> Table:
    """List every length of the sweep with its cost and its interval."""
    unit, banded = unit_of(block), any(point.low_minor is not None for point in block.sweep)

    def ends(low: int | None, high: int | None) -> list[str]:
        return [NONE if minor is None else tongue.money(minor, unit) for minor in (low, high)] if banded else []

    rows = (
        [
            tongue.count(point.days),
            tongue.money(point.owed_minor, unit),
            tongue.share(point.owed_minor, block.revenue_minor) or NONE,
            *ends(point.low_minor, point.high_minor),
            tongue.count(point.lines_owed),
            tongue.share(point.lines_owed, block.lines) or NONE,
        ]
        for point in block.sweep
    )
    heads = "days cost share low high lines_owed lines_share" if banded else "days cost share lines_owed lines_share"
    return made(tongue, caption, heads, rows)


def ways_table(block: Block, tongue: Tongue, caption: object) -> Table:
    """List what each way of asking recovers."""
    whole = max((way.owed_minor for way in block.ways), default=0)
    rows = (
        [
            str(tongue.say(f"way_{way.way}")),
            tongue.money(way.owed_minor, unit_of(block)),
            tongue.share(way.owed_minor, whole) or NONE,
            tongue.count(way.lines_owed),
        ]
        for way in block.ways
    )
    return made(tongue, caption, "way recovered of_owed lines_owed", rows)


def variants_table(
    variants: Sequence[Variant], labels: Sequence[str], block: Block, tongue: Tongue, caption: object
) -> Table:
    """List what the same history costs under other terms."""
    rows = (
        [
            f"{label} ({one.term}@{one.version}, {one.sha8})",
            tongue.money(one.owed_minor, unit_of(block)),
            tongue.share(one.owed_minor, one.revenue_minor) or NONE,
            tongue.count(one.lines_owed),
        ]
        for one, label in zip(variants, labels, strict=True)
    )
    return made(tongue, caption, "terms cost share lines_owed", rows)


def categories_table(block: Block, tongue: Tongue, caption: object) -> Table:
    """List sales and cost of every category."""
    unit = unit_of(block)
    rows = (
        [
            str(tongue.say("cat_rest")) if one.name is None else one.name,
            tongue.money(one.owed_minor, unit),
            tongue.share(one.owed_minor, one.revenue_minor) or NONE,
            tongue.money(one.revenue_minor, unit),
            tongue.count(one.lines_owed),
            tongue.count(one.lines),
        ]
        for one in ranked(block.categories)
    )
    return made(tongue, caption, "category cost share sales lines_owed lines", rows)


def sizes_table(block: Block, tongue: Tongue, caption: object) -> Table:
    """List how many refunded lines fall in every bin."""
    unit, total = unit_of(block), sum(one.lines for one in block.sizes)
    rows = (
        [
            f"{tongue.money(one.from_minor, unit)} – {tongue.money(one.to_minor, unit)}"
            if one.to_minor is not None
            else f"≥ {tongue.money(one.from_minor, unit)}",
            tongue.count(one.lines),
            tongue.share(one.lines, total) or NONE,
        ]
        for one in block.sizes
    )
    return made(tongue, caption, "size lines_owed of_refunds", rows)


def days_table(block: Block, tongue: Tongue, caption: object) -> Table:
    """List every day that owes something."""
    total = sum(day.owed_minor for day in block.days)
    rows = (
        [
            tongue.date(day.date),
            tongue.money(day.owed_minor, unit_of(block)),
            tongue.share(day.owed_minor, total) or NONE,
        ]
        for day in sorted(block.days, key=lambda day: day.date)
    )
    return made(tongue, caption, "date owed of_total", rows)


def drops_table(lines: Sequence[int], first: int, tongue: Tongue, caption: object) -> Table:
    """List first drops by day."""
    total = sum(lines)
    rows = (
        [tongue.count(day), tongue.count(count), tongue.share(count, total) or NONE]
        for day, count in enumerate(lines, start=first)
    )
    return made(tongue, caption, "day lines lines_share", rows)


def worst_table(block: Block, tongue: Tongue) -> Table:
    """List the worst days with their share of the whole cost."""
    days, unit = block.worst_days, unit_of(block)
    rows = (
        [
            tongue.date(day.date),
            tongue.money(day.owed_minor, unit),
            tongue.share(day.owed_minor, block.owed_minor) or NONE,
        ]
        for day in days
    )
    caption = tongue.say("worst_title", n=len(days), number=tongue.number(len(days)))
    return made(tongue, caption, "date owed of_total", rows)


def not_owed_table(findings: Findings, tongue: Tongue, caption: object) -> Table:
    """List the reasons for which lines were owed nothing, the commonest first, with their sum."""
    reasons = sorted(findings.not_owed, key=lambda one: -one.lines)
    total = sum(one.lines for one in reasons)
    lines = findings.inputs.lines
    rows = [
        [
            str(tongue.say(f"reason_{one.reason}")) if tongue.has(f"reason_{one.reason}") else one.reason,
            tongue.count(one.lines),
            tongue.share(one.lines, lines) or NONE,
        ]
        for one in reasons
    ]
    table = made(tongue, caption, "reason lines lines_share", rows)
    sums = [str(tongue.say("not_total")), tongue.count(total), tongue.share(total, lines) or NONE]
    return Table(caption=table.caption, heads=table.heads, rows=table.rows, total=sums)


def rejected_table(findings: Findings, tongue: Tongue, caption: object) -> Table:
    """List what could not be read, by file and code."""
    rows = ([one.file, one.code, tongue.count(one.rows)] for one in findings.inputs.rejected)
    heads = [str(tongue.say(f"head_{head}")) for head in ("file", "reason", "rows")]
    total = [str(tongue.say("not_total")), "", tongue.count(findings.inputs.rejected_rows)]
    return Table(caption=str(caption), heads=heads, rows=list(rows), total=total, words=2)
