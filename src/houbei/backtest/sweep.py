"""The same promise with other window lengths, all of them from one walk over the longest.

With windows that only differ in length, the steps of a shorter one are the first steps of a longer one. So each step is walked
once and belongs to every window that is still open at its moment: what is owed for N days is a running sum.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from houbei.backtest.tally import SKU_GROUPS, MoneyTally, Tally
from houbei.calendars.rolling import Rolling
from houbei.columns import MISSING
from houbei.cover.units import Covers
from houbei.cover.windows import FOREVER, Openings
from houbei.engine import Binding, Decision, Engine, Market
from houbei.facts.grouping import sums
from houbei.facts.moments import DAY_US
from houbei.facts.orders import Lines
from houbei.owed.price import Steps
from houbei.owed.remedy import Rule
from houbei.owed.rules import remedy_rules
from houbei.terms.lengths import Length
from houbei.terms.model import Against

Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """Windows of `shortest` to `longest` days; `exact` when the term counts hours (N days are then N × 24 hours)."""

    shortest: int
    longest: int
    exact: bool

    @property
    def windows(self) -> int:
        """How many window lengths are tried."""
        return self.longest - self.shortest + 1

    def length(self, days: int) -> Length:
        """The window length of so many days."""
        return Length(exact_us=days * DAY_US) if self.exact else Length(days=days)


def sweep_batch(sweep: Sweep, engine: Engine, market: Market, lines: Lines, decision: Decision, tally: Tally) -> None:
    """Add to the tally what a batch is owed under each window length.

    Lines whose windows cannot be told from one walk (see `_is_tangled`) are decided anew for each length.

    Cost: one walk for all lengths, and one for each length over the tangled lines.
    """
    covers = decision.covers
    _, openings = engine.open(lines, binding=decision.binding, length=sweep.length(sweep.longest))
    start_sweep(sweep, tally)
    tangled = _is_tangled(engine, lines, covers)
    if not tangled.all():
        steps = engine.compare(lines, covers=covers, openings=openings, market=market, one_by_one=True)
        simple = (steps.held == 0) & ~tangled[steps.line]
        _count_steps(sweep, engine, lines, openings, steps, np.flatnonzero(simple), tally)
    if tangled.any():
        binding = Binding(bound=decision.binding.bound & tangled, undecided=decision.binding.undecided)
        _count_anew(sweep, engine, market, lines, binding, tally)


def start_sweep(sweep: Sweep, tally: Tally) -> None:
    """Make room for every window in the counts of a batch."""
    for money in tally.money.values():
        money.sweep_owed = np.zeros((sweep.windows, SKU_GROUPS), dtype=np.int64)
        money.sweep_lines = np.zeros(sweep.windows, dtype=np.int64)


def count_window(place: int, lines: Lines, line: Whole, amounts: Whole, tally: Tally) -> None:
    """Add what one window length pays to a batch's lines."""
    currency = lines.texts["currency"].codes
    group = lines.texts["sku"].codes % SKU_GROUPS
    per_line = sums(line, amounts, len(lines))
    owed = np.flatnonzero(per_line)
    for code, money in tally.money.items():
        mine = owed[currency[owed] == code]
        money.sweep_owed[place] += sums(group[mine], per_line[mine], SKU_GROUPS)
        money.sweep_lines[place] += len(mine)


def _is_tangled(engine: Engine, lines: Lines, covers: Covers) -> NDArray[np.bool_]:
    """Which lines owe under a shorter window something that is not the beginning of what they owe under a longer one.

    With a claim, everything hangs on the closing. With pauses, the closing moves by what falls inside. With a least payout or a
    cap over the line, units of one line with different dates settle together.
    """
    if engine.terms.compare.against is Against.AT_CLAIM or engine.terms.window.pauses:
        return np.ones(len(lines), dtype=np.bool_)
    tangled = np.zeros(len(lines), dtype=np.bool_)
    several = np.diff(covers.of_line) > 1
    least = remedy_rules(engine.terms, lines.texts["currency"].values)[lines.texts["currency"].codes, Rule.LEAST_PAID]
    together = (least > 1) | (engine.line_caps(lines) >= 0)
    tangled[several & together] = True
    return tangled


def _count_steps(
    sweep: Sweep,
    engine: Engine,
    lines: Lines,
    openings: Openings,
    steps: Steps,
    rows: NDArray[np.int64],
    tally: Tally,
) -> None:
    """Put each step under the shortest window that is still open at its moment, then sum up."""
    line, cover, at, amount = steps.line[rows], steps.cover[rows], steps.at[rows], steps.amount[rows]
    shortest = _shortest_open(sweep, engine, openings, cover, at)
    group = lines.texts["sku"].codes[line] % SKU_GROUPS
    first = np.full(len(lines), sweep.windows, dtype=np.int64)
    np.minimum.at(first, line, shortest)
    opening = np.where(openings.starts < openings.ends, openings.starts, FOREVER).min(axis=1, initial=FOREVER)
    currency = lines.texts["currency"].codes
    for code, money in tally.money.items():
        mine = currency[line] == code
        table = sums(shortest[mine] * SKU_GROUPS + group[mine], amount[mine], sweep.windows * SKU_GROUPS)
        money.sweep_owed += np.cumsum(table.reshape(sweep.windows, SKU_GROUPS), axis=0)
        owed_from = first[(currency == code) & (first < sweep.windows)]
        money.sweep_lines += np.cumsum(np.bincount(owed_from, minlength=sweep.windows))
        _count_first_drops(engine, money, line[mine], at[mine], opening[cover[mine]])


def _count_first_drops(engine: Engine, money: MoneyTally, line: Whole, at: Whole, opening: Whole) -> None:
    """Count lines by the day, after their cover opened, of their first step."""
    if not len(line):
        return
    starts = np.flatnonzero(np.concatenate(([True], line[1:] != line[:-1])))
    day = engine.days.day_of(at[starts]) - engine.days.day_of(opening[starts])
    counts = np.bincount(np.maximum(day, 0))
    money.first_drops = {int(k): int(counts[k]) for k in np.flatnonzero(counts)}


def _shortest_open(sweep: Sweep, engine: Engine, openings: Openings, cover: Whole, at: Whole) -> Whole:
    """For each step, the index of the shortest window that has not closed at its moment."""
    anchor = openings.anchor[cover]
    known = np.where(anchor == MISSING, at, anchor)
    if sweep.exact:
        days = (at - known) // DAY_US + 1
    else:
        day = engine.days.day_of(at)
        last = day if engine.rolling is None else _first_reaching(engine.rolling, day)
        days = last - engine.days.day_of(known)
    days = np.where(anchor == MISSING, sweep.shortest, days)
    return np.clip(days - sweep.shortest, 0, sweep.windows - 1)


def _first_reaching(rolling: Rolling, day: Whole) -> Whole:
    """The first last day that rolls to `day` or later."""
    return np.searchsorted(rolling.table, day).astype(np.int64) + rolling.first_day


def _count_anew(sweep: Sweep, engine: Engine, market: Market, lines: Lines, binding: Binding, tally: Tally) -> None:
    for place in range(sweep.windows):
        length = sweep.length(sweep.shortest + place)
        steps = engine.decide_bound(lines, binding=binding, market=market, length=length).steps
        paid = steps.held == 0
        count_window(place, lines, steps.line[paid], steps.amount[paid], tally)
