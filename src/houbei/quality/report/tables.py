"""The numbers behind the drawings as tables: every rate with its counts and its interval."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from houbei.backtest.report.amounts import Denomination, decimal_text
from houbei.backtest.report.tables import NONE, Table, made
from houbei.backtest.report.tongue import Tongue
from houbei.quality.report.numbers import share_text, times_text, yearly_text

Json = Mapping[str, Any]


def _times(value: float | None) -> str:
    return "∞" if value is None else times_text(value)


def watch_table(batches: Sequence[Json], tongue: Tongue, caption: object) -> Table:
    """List every batch that is compared: what it had, what its sisters would have had, and since when it stands out."""
    rows = (
        [
            f"{row['batch']} · {row['sku']}",
            str(tongue.say(f"q_state_{row['state']}")),
            tongue.count(row["faults"]),
            decimal_text(Fraction(str(row["expected"])), 1),
            _times(row["times"]) if row["expected"] else NONE,
            _times(row["times_low"]) if row["expected"] else NONE,
            _times(row["times_high"]) if row["expected"] else NONE,
            f"{row['odds_against_chance']:,.1f}",
            tongue.full_date(row["warned_at"][:10]) if row["warned_at"] else NONE,
        ]
        for row in batches
    )
    heads = "q_batch q_state q_faults q_expected q_times low high q_evidence q_since"
    table = made(tongue, caption, heads, rows)
    return Table(caption=table.caption, heads=table.heads, rows=table.rows, words=2)


def groups_table(groups: Sequence[Json], key: str, tongue: Tongue, caption: object) -> Table:
    """List every group with its units, faults, share and rate, both with their intervals."""
    rows = (
        [
            row["name"],
            tongue.count(row["faults"]),
            tongue.count(row["units"]),
            tongue.share(row["faults"], row["units"]) or NONE,
            share_text(row["share_low"]),
            share_text(row["share_high"]),
            yearly_text(row["per_year"]) if row["unit_days"] else NONE,
            yearly_text(row["per_year_low"]),
            NONE if row["per_year_high"] is None else yearly_text(row["per_year_high"]),
            _times(row["at_least_times"]),
        ]
        for row in groups
    )
    return made(tongue, caption, f"q_{key} q_faults q_units q_share low high q_yearly low high q_at_least", rows)


def ages_table(weeks: Sequence[Json], tongue: Tongue, caption: object) -> Table:
    """List the share that has failed by the end of each week."""
    rows = (
        [
            tongue.count(row["week"]),
            share_text(row["failed"]),
            share_text(row["low"]),
            share_text(row["high"]),
            tongue.count(row["faults"]),
            tongue.count(row["watched"]),
        ]
        for row in weeks
    )
    return made(tongue, caption, "q_week q_share low high q_faults q_watched", rows)


def band_name(row: Json, tongue: Tongue) -> str:
    """Name a band of age in days."""
    if row["to_days"] is None:
        return str(tongue.say("q_band_open", n=row["from_days"]))
    return str(tongue.say("q_band", first=row["from_days"], last=row["to_days"]))


def bands_table(bands: Sequence[Json], tongue: Tongue, caption: object) -> Table:
    """List how often units fail at each age."""
    rows = (
        [
            band_name(row, tongue),
            tongue.count(row["faults"]),
            tongue.count(row["unit_days"]),
            yearly_text(row["per_year"]),
            yearly_text(row["low"]),
            yearly_text(row["high"]),
        ]
        for row in bands
    )
    return made(tongue, caption, "q_age q_faults q_unit_days q_yearly low high", rows)


def cost_table(block: Json, unit: Denomination, tongue: Tongue, caption: object) -> Table:
    """List what settled claims of each SKU cost, with their sum."""

    def cells(row: Json, name: str) -> list[str]:
        return [
            name,
            tongue.count(row["settled"]),
            tongue.count(row["units"]),
            *(tongue.money(row[key], unit) for key in ("goods_minor", "service_minor", "back_minor", "net_minor")),
            tongue.share(row["net_minor"], row["paid_minor"]) or NONE if row["net_minor"] >= 0 else NONE,
        ]

    table = made(
        tongue,
        caption,
        "q_sku q_settled q_units q_goods q_service q_back q_net share",
        (cells(row, row["sku"]) for row in block["skus"]),
    )
    return Table(
        caption=table.caption, heads=table.heads, rows=table.rows, total=cells(block, str(tongue.say("not_total")))
    )


def reserve_table(block: Json, unit: Denomination, tongue: Tongue, caption: object) -> Table:
    """List what is still to come by SKU, with the sum and its interval."""
    table = made(
        tongue,
        caption,
        "q_sku q_expected_cost",
        ([row["sku"], tongue.money(row["expected_minor"], unit)] for row in block["skus"]),
    )
    return Table(
        caption=table.caption,
        heads=table.heads,
        rows=table.rows,
        total=[str(tongue.say("not_total")), tongue.money(block["expected_minor"], unit)],
    )
