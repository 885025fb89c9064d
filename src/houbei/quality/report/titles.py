"""The sentence that each figure has found, chosen from its data: ties, nothing at all, and no clear difference have their own."""

from collections.abc import Mapping, Sequence
from typing import Any

from houbei.backtest.report.amounts import Denomination, whole_per_cent
from houbei.backtest.report.tongue import Said, Tongue
from houbei.quality.report.numbers import share_text, times_text

Json = Mapping[str, Any]

EARLY_PART = 4
"""Faults come early when half of those seen so far showed within the first quarter of the weeks."""


def watch_title(batches: Sequence[Json], tongue: Tongue) -> Said:
    """Say which batches stand out, or that none does; there is at least one."""
    warned = [row for row in batches if row["state"] == "warned"]
    watched = [row for row in batches if row["state"] == "watched"]
    if len(warned) == 1:
        return tongue.say("q_watch_one", batch=warned[0]["batch"], sku=warned[0]["sku"], times=_times(warned[0]))
    if warned:
        return tongue.say("q_watch_many", n=len(warned), batch=warned[0]["batch"], sku=warned[0]["sku"])
    if watched:
        return tongue.say("q_watch_look", n=len(watched))
    return tongue.say("q_watch_none", n=len(batches))


def _times(row: Json) -> str:
    return times_text(row["times"]) if row["times"] is not None else "∞"


def groups_title(rows: Sequence[Json], key: str, tongue: Tongue) -> Said:
    """Say which group fails more often than the rest beyond chance; `key` is sku or supplier."""
    if len(rows) == 1:
        return tongue.say(f"q_{key}_single", name=rows[0]["name"])
    above = [row for row in rows if stands_out(row)]
    if len(above) == 1:
        return tongue.say(f"q_{key}_one", name=above[0]["name"], times=times_text(above[0]["at_least_times"]))
    if above:
        return tongue.say(
            f"q_{key}_many", n=len(above), name=above[0]["name"], times=times_text(above[0]["at_least_times"])
        )
    return tongue.say(f"q_{key}_none")


def stands_out(row: Json) -> bool:
    """Tell whether a group fails more often than all units of the same ages, with 95 % probability."""
    return bool(row["at_least_times"] is not None and row["at_least_times"] > 1)


def ages_title(weeks: Sequence[Json], mark: int, tongue: Tongue) -> Said:
    """Say when faults show; there are some."""
    last = weeks[-1]
    if mark * EARLY_PART <= last["week"]:
        return tongue.say("q_ages_early", n=mark, last=last["week"])
    return tongue.say("q_ages_steady", n=last["week"], share=share_text(last["failed"]))


def half_by(weeks: Sequence[Json]) -> int:
    """Give the first week by which half of the share that failed by the last one had."""
    return next(int(row["week"]) for row in weeks if 2 * row["failed"] >= weeks[-1]["failed"])


def bands_title(bands: Sequence[Json], tongue: Tongue) -> Said:
    """Say whether young or old units fail more often, where the intervals of the first and the last band are apart."""
    first, last = bands[0], bands[-1]
    if len(bands) > 1 and first["low"] > last["high"]:
        return tongue.say(
            "q_bands_young", times=times_text(first["per_year"] / last["per_year"]) if last["per_year"] else "∞"
        )
    if len(bands) > 1 and last["low"] > first["high"]:
        return tongue.say("q_bands_old")
    return tongue.say("q_bands_level")


def cost_title(block: Json, unit: Denomination, tongue: Tongue) -> Said:
    """Say what a unit sold costs on average and which SKU costs most; something was settled."""
    rows = block["skus"]
    per_unit = tongue.money(round_per(block["net_minor"], block["units"]), unit)
    top = rows[0]
    if len(rows) > 1 and top["net_minor"] > 0 and rows[1]["net_minor"] < top["net_minor"] and block["net_minor"] > 0:
        return tongue.say(
            "q_cost_top",
            sku=top["sku"],
            share=whole_per_cent(top["net_minor"], max(block["net_minor"], top["net_minor"])),
            per_unit=per_unit,
        )
    return tongue.say("q_cost_plain", per_unit=per_unit)


def round_per(amount: int, units: int) -> int:
    """Give an amount a unit, rounded half up."""
    return (2 * amount + units) // (2 * units) if units else 0


def reserve_title(block: Json, unit: Denomination, tongue: Tongue) -> Said:
    """Say what is still to come."""
    low, high = (tongue.about(max(0, block[name]), unit) for name in ("low_minor", "high_minor"))
    return tongue.say(
        "q_reserve_title", expected=tongue.about(max(0, block["expected_minor"]), unit), low=low, high=high
    )
