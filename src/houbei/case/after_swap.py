"""What follows for a promise when a unit is swapped: from when each unit of a chain is covered, until when, and how many uses are left.

`restart`: the new unit's window begins anew at the swap. `inherit`: it keeps the end of the old one's. `end`: the promise is used up
and statute answers. A swap under another promise leaves this one's window and uses as they were; whose swaps count, the caller says.

Price protection is no matter of this file: it stays with the line that was bought, its basis and its dates, whatever is swapped.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from houbei.calendars.closing import LengthOfTime, closes_at
from houbei.calendars.days import Days
from houbei.calendars.rolling import Rolling
from houbei.case.units import Chain
from houbei.columns import MISSING
from houbei.cover.windows import FOREVER
from houbei.terms.replacement import AfterSwap

Whole = NDArray[np.int64]
Marks = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ChainUnits:
    """Units of chains, one row each, chain by chain, each from its first unit to its present one.

    `chain` is the place of the unit's chain, not falling; `came_us` the swap that brought it, `MISSING` for a first unit;
    `went_us` the swap that replaced it, or its return where nothing did, `FOREVER` while the buyer has it; `counts` whether the swap
    that brought it counts for the promise.
    """

    chain: Whole
    came_us: Whole
    went_us: Whole
    counts: Marks


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Carried:
    """What a promise is to each unit: `covered_from_us` is the anchor its window is counted from, `uses_used` how many swaps it has cost.

    `covered` is False where the promise is used up, by its number of uses or because it ends with a swap.
    """

    covered_from_us: Whole
    uses_used: Whole
    covered: Marks


def units_of(chains: Iterable[Chain], *, promise: str | None = None) -> ChainUnits:
    """Lay chains out as columns.

    Args:
        chains: As a forest has them.
        promise: The term whose swaps count; None where any swap does, as for a statutory cover.
    """
    placed = [(place, unit) for place, chain in enumerate(chains) for unit in chain]
    came = [unit.came_by for _, unit in placed]
    went = [unit.went_by or unit.left for _, unit in placed]
    return ChainUnits(
        chain=np.array([place for place, _ in placed], dtype=np.int64),
        came_us=np.array([MISSING if swap is None else swap.at_us for swap in came], dtype=np.int64),
        went_us=np.array([FOREVER if fact is None else fact.at_us for fact in went], dtype=np.int64),
        counts=np.array([swap is not None and promise in {None, swap.promise} for swap in came], dtype=np.bool_),
    )


def carry(units: ChainUnits, *, anchor_us: Whole, after_swap: AfterSwap, uses: int | None) -> Carried:
    """Say what a promise is to each unit.

    Args:
        units: The units of chains.
        anchor_us: For each row the anchor of the unit that was bought, as the term's window names it; `MISSING` where it has not happened.
        after_swap: What becomes of the window, as the term says.
        uses: How many swaps the promise is good for; None where there is no limit.

    Cost: a few passes over the units.
    """
    row = np.arange(len(units.chain))
    first = np.searchsorted(units.chain, units.chain)
    counted = np.cumsum(units.counts)
    used = (counted - counted[first] + units.counts[first]).astype(np.int64)
    covered = np.ones(len(row), dtype=np.bool_) if uses is None else used < uses
    covered_from = anchor_us
    if after_swap is AfterSwap.RESTART:
        latest = np.maximum.accumulate(np.where(units.counts, row, -1)) if len(row) else row
        covered_from = np.where(used > 0, units.came_us[latest], anchor_us)
    elif after_swap is AfterSwap.END:
        covered &= used == 0
    return Carried(covered_from_us=covered_from, uses_used=used, covered=covered)


def windows_of(
    units: ChainUnits,
    carried: Carried,
    *,
    opens_us: Whole,
    length: LengthOfTime,
    days: Days,
    rolling: Rolling | None = None,
) -> tuple[Whole, Whole]:
    """Give each unit's window: half open, empty where not start < end.

    A unit is covered while its buyer has it: from its opening or the swap that brought it until its window closes or it is swapped.

    Args:
        units: The units of chains.
        carried: What the promise is to them.
        opens_us: For each row when the cover of the unit that was bought opened; `MISSING` where it has not.
        length: How long the window is after `covered_from_us`.
        days: The local days of the term's zone.
        rolling: Where last days roll to, None when they do not.

    Cost: see `closes_at`.
    """
    closes = closes_at(carried.covered_from_us, length=length, days=days, rolling=rolling)
    closes = np.where(closes == MISSING, FOREVER, closes)
    starts = np.where(units.came_us == MISSING, opens_us, units.came_us)
    ends = np.minimum(closes, units.went_us)
    never = ~carried.covered | (starts == MISSING)
    return starts, np.where(never, starts, ends)
