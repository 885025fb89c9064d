"""The figures of the report on quality: each a drawing, the title it has found, and its numbers as a table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from houbei.backtest.report import plot_rows
from houbei.backtest.report.amounts import Denomination, trimmed_text, whole_per_cent
from houbei.backtest.report.figures import Draw, Figure, SummaryDesk
from houbei.money import exponent_of
from houbei.quality.report import plot_ages, plot_intervals, tables, titles
from houbei.quality.report.numbers import between, share_text, yearly_text

Json = Mapping[str, Any]

ROWS_MAX = 12
"""More rows than this stand in the table alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk(SummaryDesk):
    """What every figure is made from."""

    def joined(self, low: str, high: str | None) -> str:
        """Write an interval."""
        return between(low, high, str(self.tongue.say("q_to")))


def _drawn(
    rows: Sequence[plot_intervals.Row], whole: plot_intervals.Whole | None, tick: Callable[[Fraction], str]
) -> Draw:
    desc = "; ".join(f"{row.name} {row.note}" for row in rows)
    return lambda sheet: plot_intervals.draw(rows, whole=whole, tick=tick, sheet=sheet, desc=desc)


def watch(desk: Desk) -> Figure | None:
    """Draw how many times as often batches fail as their sisters; None where no batch has any."""
    batches, tongue = desk.summary["batches"], desk.tongue
    shown = [row for row in batches if row["times"] is not None][:ROWS_MAX]
    if not shown:
        return None
    rows = [
        plot_intervals.Row(
            name=f"{row['batch']} · {row['sku']}",
            low=row["times_low"],
            value=row["times"],
            high=row["times_high"],
            note=str(
                tongue.say(
                    "q_watch_note",
                    faults=tongue.count(row["faults"]),
                    expected=trimmed_text(Fraction(str(row["expected"])), 1),
                )
            ),
            hot=row is shown[0] and row["state"] == "warned",
        )
        for row in shown
    ]
    title = titles.watch_title(batches, tongue)
    whole = plot_intervals.Whole(1.0, str(tongue.say("q_watch_whole")))
    return desk.figure(
        "watch",
        title=title,
        measure=tongue.say("q_watch_unit", n=len(shown), all=tongue.count(len(batches))),
        draw=_drawn(rows, whole, lambda step: f"{trimmed_text(step, 2)}×"),
        table=tables.watch_table(batches, tongue, title),
        full=True,
    )


def groups(desk: Desk, key: str, *, full: bool) -> Figure | None:
    """Draw rates by SKU or supplier, the surest high one first; None where none is named or nothing failed."""
    every, tongue = desk.summary["groups"][key], desk.tongue
    if not every or not desk.summary["faults"]:
        return None
    shown = every[:ROWS_MAX]
    rows = [
        plot_intervals.Row(
            name=row["name"],
            low=row["per_year_low"],
            value=row["per_year"],
            high=row["per_year_high"],
            note=str(tongue.say("q_group_note", faults=tongue.count(row["faults"]), units=tongue.count(row["units"]))),
            hot=row is shown[0] and len(every) > 1 and titles.stands_out(row),
        )
        for row in shown
    ]
    whole = plot_intervals.Whole(
        desk.summary["all"]["per_year"],
        str(tongue.say("q_group_whole", rate=yearly_text(desk.summary["all"]["per_year"]))),
    )
    title = titles.groups_title(every, key, tongue)
    return desk.figure(
        key,
        title=title,
        measure=tongue.say("q_group_unit", n=len(shown), all=tongue.count(len(every))),
        draw=_drawn(rows, whole, lambda step: trimmed_text(step * 100, 2)),
        table=tables.groups_table(every, key, tongue, title),
        full=full,
    )


def ages(desk: Desk) -> Figure | None:
    """Draw the share that has failed by age; None where nothing failed or too few units are watched."""
    weeks, tongue = desk.summary["ages"]["weeks"], desk.tongue
    if len(weeks) < titles.EARLY_PART or not weeks[-1]["failed"]:
        return None
    mark, last = titles.half_by(weeks), weeks[-1]
    title = titles.ages_title(weeks, mark, tongue)
    early = mark * titles.EARLY_PART <= last["week"]
    drawn = plot_ages.Ages(
        curve=[(row["failed"], row["low"], row["high"]) for row in weeks],
        mark=mark if early else last["week"],
        mark_label=str(
            tongue.say(
                "q_ages_mark",
                n=mark if early else last["week"],
                share=share_text(weeks[mark]["failed"] if early else last["failed"]),
            )
        ),
        end_label=share_text(last["failed"]),
        band_label=[str(tongue.say("q_ages_band")), str(tongue.say("q_ages_how"))],
        week_label=str(tongue.say("q_ages_week")),
    )
    desc = tongue.say("q_ages_desc", n=last["week"], share=share_text(last["failed"]))
    return desk.figure(
        "ages",
        title=title,
        measure=tongue.say("q_ages_unit", units=tongue.count(last["watched"]), n=last["week"]),
        draw=lambda sheet: plot_ages.draw(drawn, sheet=sheet, desc=str(desc)),
        table=tables.ages_table(weeks, tongue, title),
        full=True,
    )


def bands(desk: Desk, *, full: bool) -> Figure | None:
    """Draw how often units fail at each age; None where nothing failed."""
    found, tongue = desk.summary["ages"]["bands"], desk.tongue
    if not found or not any(row["faults"] for row in found):
        return None
    top = max(row["low"] for row in found)
    rows = [
        plot_intervals.Row(
            name=tables.band_name(row, tongue),
            low=row["low"],
            value=row["per_year"],
            high=row["high"],
            note=yearly_text(row["per_year"]),
            hot=row["low"] == top
            and len(found) > 1
            and all(row is other or row["low"] > other["high"] for other in found),
        )
        for row in found
    ]
    title = titles.bands_title(found, tongue)
    return desk.figure(
        "bands",
        title=title,
        measure=tongue.say("q_bands_unit"),
        draw=_drawn(rows, None, lambda step: trimmed_text(step * 100, 2)),
        table=tables.bands_table(found, tongue, title),
        full=full,
    )


def unit_of(currency: str) -> Denomination:
    """Give a currency with its digits."""
    return Denomination(currency, exponent_of(currency))


def cost(desk: Desk, block: Json, *, full: bool) -> Figure | None:
    """Draw what settled claims cost by SKU; None where nothing is settled."""
    tongue, unit = desk.tongue, unit_of(block["currency"])
    if not block["settled"]:
        return None
    shown = [row for row in block["skus"] if row["net_minor"] > 0][:ROWS_MAX]
    if not shown:
        return None
    rows = [
        plot_rows.Row(
            name=row["sku"],
            length=Fraction(row["net_minor"]),
            value=tongue.short(row["net_minor"], unit),
            amount=str(tongue.say("q_cost_note", per_unit=tongue.money(row["net_per_unit_minor"], unit))),
            hot=row is shown[0] and len(shown) > 1 and row["net_minor"] > shown[1]["net_minor"],
        )
        for row in shown
    ]
    title = titles.cost_title(block, unit, tongue)
    desc = "; ".join(f"{row.name} {row.value}" for row in rows)
    return desk.figure(
        f"cost-{block['currency']}",
        title=title,
        measure=tongue.say("q_cost_unit", currency=block["currency"], claims=tongue.count(block["settled"])),
        draw=lambda sheet: plot_rows.draw(rows, whole=None, sheet=sheet, desc=desc),
        table=tables.cost_table(block, unit, tongue, title),
        full=full,
    )


def reserve(desk: Desk, block: Json, *, full: bool) -> Figure | None:
    """Draw what is still to come by SKU; None where it cannot be said, or is nothing."""
    tongue, unit = desk.tongue, unit_of(block["currency"])
    shown = [row for row in block.get("skus", []) if row["expected_minor"] > 0][:ROWS_MAX]
    if block["expected_minor"] is None or not shown:
        return None
    rows = [
        plot_rows.Row(
            name=row["sku"],
            length=Fraction(row["expected_minor"]),
            value=tongue.short(row["expected_minor"], unit),
            amount=whole_per_cent(row["expected_minor"], max(block["expected_minor"], row["expected_minor"])),
            hot=row is shown[0] and len(shown) > 1 and row["expected_minor"] > shown[1]["expected_minor"],
        )
        for row in shown
    ]
    title = titles.reserve_title(block, unit, tongue)
    desc = "; ".join(f"{row.name} {row.value}" for row in rows)
    return desk.figure(
        f"reserve-{block['currency']}",
        title=title,
        measure=tongue.say(
            "q_reserve_unit",
            units=tongue.count(block["covered_units"]),
            n=block["open_claims"],
            currency=block["currency"],
        ),
        draw=lambda sheet: plot_rows.draw(rows, whole=None, sheet=sheet, desc=desc),
        table=tables.reserve_table(block, unit, tongue, title),
        full=full,
    )
