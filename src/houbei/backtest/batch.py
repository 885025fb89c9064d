"""One batch of order lines through the engine: its payouts, what is held, what was rejected, and its counts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from houbei.backtest.inputs import Inputs
from houbei.backtest.sweep import Sweep, sweep_batch
from houbei.backtest.tally import SKU_GROUPS, MoneyTally, Tally
from houbei.backtest.ways import EVERY_NEW_LOW, Ways, count_way, steps_by_way
from houbei.columns import MISSING
from houbei.engine import Decision, Engine, Market
from houbei.evidence.conclusions import Conclusion
from houbei.evidence.inquiry import Inquiry
from houbei.evidence.reasons import clauses_of, reasons_of
from houbei.facts.arrow import text_array, whole_array
from houbei.facts.grouping import sums
from houbei.facts.orders import Lines
from houbei.owed.price import Outcome, Steps
from houbei.store.files import Batch

Whole = NDArray[np.int64]

PAYOUTS = pa.schema(
    [
        ("line_id", pa.string()),
        ("at", pa.timestamp("us", tz="UTC")),
        ("price_id", pa.string()),
        ("price_minor", pa.int64()),
        ("quantity", pa.int64()),
        ("owed_minor", pa.int64()),
        ("clause_id", pa.dictionary(pa.int32(), pa.string())),
    ]
)
HELD = pa.schema(
    [*list(PAYOUTS)[:5], pa.field("held_minor", pa.int64()), ("reason", pa.dictionary(pa.int32(), pa.string()))]
)
DECISIONS = pa.schema(
    [
        ("line_id", pa.string()),
        ("reason", pa.dictionary(pa.int32(), pa.string())),
        ("clause_id", pa.dictionary(pa.int32(), pa.string())),
        ("fact", pa.dictionary(pa.int32(), pa.string())),
        ("price_id", pa.string()),
        ("at", pa.timestamp("us", tz="UTC")),
    ]
)
"""Every accepted line: what it came to, the clause, and what decided it (a condition or a missing fact; a price; a moment)."""
SUSPICIOUS = "suspicious_price"
"""Why a row of held.parquet waits for a person."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Study:
    """What a backtest is asked, ready to run: the engine, the prices and what else is wanted beside what is owed."""

    inputs: Inputs
    engine: Engine
    market: Market
    price_ids: pa.Array
    sweep: Sweep | None
    ways: Ways | None
    inquiry: Inquiry | None

    @property
    def shares_caps(self) -> bool:
        """Whether caps are shared by several lines, so that nothing is final before all batches are in."""
        return bool(self.inputs.order_reading.keys)


@dataclass(slots=True, kw_only=True, eq=False)
class BatchResult:
    """What a batch came to. `waiting` is what is still to be settled where caps are shared with other batches."""

    payouts: pa.Table
    held: pa.Table
    rejected_rows: Whole
    rejected_codes: NDArray[np.uint8]
    tally: Tally
    decisions: pa.Table | None = None
    waiting: tuple[Lines, Decision] | None = None


def run_batch(study: Study, batch: Batch, place: int) -> BatchResult:
    """Read a batch, decide it, and count it."""
    lines = study.inputs.read_lines(batch, place)
    decision = study.engine.decide(lines, market=study.market)
    tally = count_lines(study, lines, decision)
    paid = decision.steps.held == 0
    decisions = None
    if not study.shares_caps:
        count_owed(study, lines, decision.steps, tally, np.flatnonzero(paid), decision.steps.amount[paid])
        _count_variants(study, lines, decision, tally)
        decisions = decision_rows(study, lines, decision, tally)
    rejected = np.flatnonzero(lines.findings.codes)
    rejected = rejected[np.argsort(lines.row[rejected])]
    return BatchResult(
        payouts=payout_rows(study, lines, decision.steps, np.flatnonzero(paid), decision.steps.amount[paid]),
        held=held_rows(study, lines, decision.steps, np.flatnonzero(~paid)),
        rejected_rows=lines.row[rejected],
        rejected_codes=lines.findings.codes[rejected],
        tally=tally,
        decisions=decisions,
        waiting=(lines, decision) if study.shares_caps else None,
    )


def _count_variants(study: Study, lines: Lines, decision: Decision, tally: Tally) -> None:
    """Count the same batch under other window lengths and the rival ways of paying."""
    if study.sweep is not None:
        sweep_batch(study.sweep, study.engine, study.market, lines, decision, tally)
    if study.ways is not None:
        for way, steps in steps_by_way(study.ways, study.engine, study.market, lines, decision).items():
            paid = steps.held == 0
            count_way(way, lines, steps.line[paid], steps.amount[paid], tally)


def count_lines(study: Study, lines: Lines, decision: Decision) -> Tally:
    """Count what was read: lines, units, revenue by currency and category, outcomes, what is held."""
    live = lines.live
    binding, steps = decision.binding, decision.steps
    tally = Tally(
        rows=len(lines),
        lines=int(live.sum()),
        units=int(lines.quantity[live].sum()),
        rejected=int((lines.findings.codes > 0).sum()),
        after_as_of=int((lines.findings.accepted & ~lines.exists).sum()),
        undecided=int(binding.undecided.sum()),
    )
    if tally.lines:
        placed = lines.moments["placed"][live]
        tally.first_placed_us, tally.last_placed_us = int(placed.min()), int(placed.max())
        tally.latest_us = _latest(lines)
    bound = binding.bound
    outcomes = np.bincount(steps.outcome[bound], minlength=len(Outcome))
    tally.outcomes = {Outcome(code).name.lower(): int(n) for code, n in enumerate(outcomes) if n}
    tally.outcomes["undecided"] = tally.undecided
    tally.outcomes["not_in_scope"] = int((live & ~bound & ~binding.undecided).sum())
    open_still = decision.openings.closes > study.engine.as_of_us
    tally.watched_short = _distinct(decision.covers.line[open_still], len(lines))
    held = steps.held == 1
    tally.lines_held = _distinct(steps.line[held], len(lines))
    for code, rows in by_currency(lines, live):
        money = tally.money.setdefault(code, MoneyTally())
        paid = lines.paid_minor[rows]
        money.revenue, money.lines = int(paid.sum()), len(rows)
        _count_by_kind(money, lines, rows, paid, (0, 2))
    currency = lines.texts["currency"].codes
    for code in np.unique(currency[steps.line[held]]):
        mine = held & (currency[steps.line] == code)
        tally.money[int(code)].held = int(steps.amount[mine].sum())
    return tally


def _distinct(line: Whole, lines: int) -> int:
    """How many different lines are named."""
    named = np.zeros(lines, dtype=np.bool_)
    named[line] = True
    return int(named.sum())


def _latest(lines: Lines) -> int:
    """The latest moment of the accepted lines."""
    live = lines.live
    latest = max(int(moments[live].max()) for moments in lines.moments.values())
    for parts in (lines.deliveries, lines.returns):
        if parts is not None:
            latest = max(latest, int(parts.at[live[parts.line]].max(initial=latest)))
    return latest


def by_currency(lines: Lines, which: NDArray[np.bool_]) -> list[tuple[int, NDArray[np.int64]]]:
    """The places of some rows, by currency code."""
    codes = lines.texts["currency"].codes
    present = np.flatnonzero(np.bincount(codes[which], minlength=1)) if which.any() else np.zeros(0, dtype=np.int64)
    if len(present) == 1:
        return [(int(present[0]), np.flatnonzero(which))]
    return [(int(code), np.flatnonzero(which & (codes == code))) for code in present]


def count_owed(study: Study, lines: Lines, steps: Steps, tally: Tally, rows: NDArray[np.int64], amounts: Whole) -> None:
    """Count what is owed.

    Args:
        study: The question.
        lines: The batch.
        steps: What was decided on it.
        tally: The counts to add to.
        rows: Places of the steps that pay.
        amounts: What each of them pays, above 0.
    """
    line = steps.line[rows]
    per_line = sums(line, amounts, len(lines))
    owed_lines = per_line > 0
    tally.lines_owed, tally.payouts = int(owed_lines.sum()), len(rows)
    day = study.engine.days.day_of(steps.at[rows])
    currency = lines.texts["currency"].codes
    for code, mine in by_currency(lines, owed_lines):
        money = tally.money[code]
        refunds = per_line[mine]
        money.owed, money.lines_owed = int(refunds.sum()), len(mine)
        here = slice(None) if len(mine) == tally.lines_owed else currency[line] == code
        money.payouts = len(line[here])
        money.refunds.append(refunds)
        first = int(day[here].min())
        by_day = sums(day[here] - first, amounts[here], int(day[here].max()) - first + 1)
        money.by_day = {first + int(k): int(by_day[k]) for k in np.flatnonzero(by_day)}
        _count_by_kind(money, lines, mine, refunds, (1, 3))
    if study.ways is not None:
        for money in tally.money.values():
            money.ways[EVERY_NEW_LOW] = [money.owed, money.lines_owed]


def _count_by_kind(
    money: MoneyTally, lines: Lines, rows: NDArray[np.int64], amounts: Whole, places: tuple[int, int]
) -> None:
    """Add amounts and numbers of lines to the tables by category and by group of SKUs, in the two given rows."""
    group = lines.texts["sku"].codes[rows] % SKU_GROUPS
    money.by_group[places[0]] += sums(group, amounts, SKU_GROUPS)
    money.by_group[places[1]] += np.bincount(group, minlength=SKU_GROUPS)
    if "category" not in lines.texts:
        return
    category = lines.texts["category"].codes[rows] + 1
    size = max(int(category.max(initial=0)) + 1, money.by_category.shape[1])
    if size > money.by_category.shape[1]:
        money.by_category = np.pad(money.by_category, ((0, 0), (0, size - money.by_category.shape[1])))
    money.by_category[places[0]] += sums(category, amounts, size)
    money.by_category[places[1]] += np.bincount(category, minlength=size)


def payout_rows(study: Study, lines: Lines, steps: Steps, rows: NDArray[np.int64], amounts: Whole) -> pa.Table:
    """The rows of payouts.parquet for some steps."""
    clause = study.inputs.terms.remedy.clause
    return pa.table([*_step_columns(study, lines, steps, rows), whole_array(amounts), _constant(clause, len(rows))],
                    schema=PAYOUTS)  # fmt: skip


def held_rows(study: Study, lines: Lines, steps: Steps, rows: NDArray[np.int64]) -> pa.Table:
    """The rows of held.parquet for some steps."""
    columns = [
        *_step_columns(study, lines, steps, rows),
        whole_array(steps.amount[rows]),
        _constant(SUSPICIOUS, len(rows)),
    ]
    return pa.table(columns, schema=HELD)


def _step_columns(study: Study, lines: Lines, steps: Steps, rows: NDArray[np.int64]) -> list[pa.Array]:
    price = steps.price[rows]
    book = study.market.book
    return [
        lines.line_ids(steps.line[rows]),
        whole_array(steps.at[rows]).cast(pa.timestamp("us", tz="UTC")),
        study.price_ids.take(whole_array(book.row[price])),
        whole_array(book.price_minor[price]),
        whole_array(steps.units[rows]),
    ]


def _constant(text: str, rows: int) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(
        whole_array(np.zeros(rows, dtype=np.int64)).cast(pa.int32()), text_array([text])
    )


def decision_rows(
    study: Study, lines: Lines, decision: Decision, tally: Tally, *, granted: Whole | None = None
) -> pa.Table | None:
    """The rows of decisions.parquet for a batch, counted by reason; None where nobody asked for them.

    Args:
        study: The question.
        lines: The batch.
        decision: What was decided on it.
        tally: The counts to add to.
        granted: What each step pays after caps that several lines share; None where there are none.
    """
    if study.inquiry is None:
        return None
    reasons = reasons_of(study.inquiry, lines, decision, granted=granted)
    tally.reasons = reasons.counts()
    live = np.flatnonzero(lines.live)
    clauses = clauses_of(study.engine.terms, reasons)
    row, at = reasons.row[live], reasons.at[live]
    known = row >= 0
    columns = [
        lines.line_ids(live),
        _coded(reasons.conclusion[live], [conclusion.name.lower() for conclusion in Conclusion]),
        _coded(clauses.codes[live], clauses.values),
        _coded(reasons.said.codes[live], reasons.said.values),
        study.price_ids.take(pc.if_else(pa.array(known), whole_array(row), None)),
        pc.if_else(pa.array(at != MISSING), whole_array(at), None).cast(pa.timestamp("us", tz="UTC")),
    ]
    return pa.table(columns, schema=DECISIONS)


def _coded(codes: NDArray[np.integer], values: Sequence[str]) -> pa.DictionaryArray:
    indices = pa.array(codes.astype(np.int32), mask=codes < 0)
    return pa.DictionaryArray.from_arrays(indices, text_array(list(values)))
