"""A backtest: what a promise would have cost on a history of orders and prices."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from houbei.backtest.batch import BatchResult, Study, count_owed, decision_rows, payout_rows, run_batch
from houbei.backtest.inputs import Inputs, Progress, in_order, open_inputs, read_all_prices
from houbei.backtest.output import Output
from houbei.backtest.sweep import Sweep, count_window, start_sweep
from houbei.backtest.tally import Tally
from houbei.backtest.ways import RIVALS, Ways, count_way, prepare_ways, steps_by_way
from houbei.engine import Decision, Engine
from houbei.errors import InputError
from houbei.evidence.inquiry import prepare_inquiry
from houbei.facts.moments import text_of_moment
from houbei.facts.orders import Lines
from houbei.facts.prices import Prices, price_ids
from houbei.facts.texts import bytes_of
from houbei.owed.price import PriceTexts
from houbei.terms.model import Terms

Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a backtest is asked.

    Args:
        terms: The promise; it is bound to every line, whatever its `effective` dates.
        orders: Order lines, CSV or Parquet.
        prices: Price observations, CSV or Parquet.
        out: The folder that receives the answer.
        as_of_us: Later facts do not exist; None for the latest moment in the inputs.
        window: First and last of the window lengths in days to try besides the term's own; None for no sweep.
        ways: Whether to compare the rival ways of paying.
        decisions: Whether to say of every line why it is owed what it is owed, or nothing (decisions.parquet).
        threads: How many batches are worked on side by side.
    """

    terms: Terms
    orders: Path
    prices: Path
    out: Path
    as_of_us: int | None = None
    window: tuple[int, int] | None = None
    ways: bool = True
    decisions: bool = False
    threads: int = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answer:
    """What a backtest found: the summary as written, and what the report needs beside it."""

    question: Question
    inputs: Inputs
    tally: Tally
    summary: dict[str, Any]
    reconciliation: dict[str, Any]
    series: int
    price_rows: int
    latest_price_us: int


def run_backtest(question: Question, progress: Progress) -> Answer:
    """Answer a question; payouts.parquet, held.parquet, rejected.csv, summary.json and reconciliation.json go to its folder.

    Raises:
        InputError: an input is unusable.

    Cost: one pass over the orders; memory for the prices, two batches of lines, and one amount a refunded line.
    """
    sweep = _sweep_of(question)
    inputs = open_inputs(
        question.terms,
        orders=question.orders,
        prices=question.prices,
        as_of_us=question.as_of_us,
        threads=question.threads,
        progress=progress,
    )
    answer = _attempt(question, inputs, sweep, progress)
    latest = max(answer.tally.latest_us, answer.latest_price_us)
    if question.as_of_us is None and latest < inputs.as_of_us:
        # The latest moment stood in a row that was rejected: it is none of the history.
        inputs.restart(as_of_us=latest)
        answer = _attempt(question, inputs, sweep, progress)
    return answer


def _attempt(question: Question, inputs: Inputs, sweep: Sweep | None, progress: Progress) -> Answer:
    prices = read_all_prices(inputs, progress)
    with Output(question.out, decisions=question.decisions) as output:
        bad = np.flatnonzero(prices.findings.codes)
        output.write_rejected("prices", bad + 1, prices.findings.codes[bad])
        study = _prepare(question, inputs, prices, sweep)
        tally = _run(study, output, progress)
        reconciliation = _reconcile(study, prices, tally, output)
        summary = _summarise(question, inputs, tally, reconciliation)
        output.write_json("summary.json", summary)
        output.write_json("reconciliation.json", reconciliation)
    return Answer(
        question=question,
        inputs=inputs,
        tally=tally,
        summary=summary,
        reconciliation=reconciliation,
        series=study.market.book.series,
        price_rows=int(prices.live.sum()),
        latest_price_us=int(prices.at[prices.live].max(initial=0)),
    )


def _sweep_of(question: Question) -> Sweep | None:
    if question.window is None:
        return None
    length = question.terms.window.length
    if length is None:
        raise InputError(
            came=f"--window with terms that close on a fixed day ({question.terms.term})",
            where="--window",
            expected="terms whose window has a length",
            todo="Leave --window out, or give window.closes a length.",
        )
    shortest, longest = question.window
    return Sweep(shortest=shortest, longest=longest, exact=length.exact_us is not None)


def _prepare(question: Question, inputs: Inputs, prices: Prices, sweep: Sweep | None) -> Study:
    ids = price_ids(prices)
    starts, text, _ = bytes_of(ids)
    engine = Engine(question.terms, dictionaries=inputs.dictionaries, from_us=inputs.from_us, as_of_us=inputs.as_of_us)
    market = engine.arrange(prices, texts=PriceTexts(starts.astype(np.int64), text))
    return Study(
        inputs=inputs,
        engine=engine,
        market=market,
        price_ids=ids,
        sweep=sweep,
        ways=prepare_ways(engine, market) if question.ways else None,
        inquiry=prepare_inquiry(engine, prices=prices, market=market) if question.decisions else None,
    )


def _run(study: Study, output: Output, progress: Progress) -> Tally:
    batches = list(enumerate(study.inputs.orders.batches()))
    tally = Tally()
    waiting: list[BatchResult] = []
    for (_, batch), result in in_order(lambda b: run_batch(study, b[1], b[0]), batches, study.inputs.threads):
        output.write_rejected("orders", result.rejected_rows, result.rejected_codes)
        if study.shares_caps:
            waiting.append(result)
        else:
            output.write_steps(result.payouts, result.held)
            output.write_decisions(result.decisions)
            tally.add(result.tally)
        progress("lines", batch.first_row + batch.size - 1, study.inputs.orders.rows)
    if waiting:
        _settle_shared_caps(study, waiting, output, tally)
    return tally


def _settle_shared_caps(study: Study, results: list[BatchResult], output: Output, tally: Tally) -> None:
    """Settle the caps over all batches, for the promise itself and then for its other windows and ways."""
    waiting = [result.waiting for result in results if result.waiting is not None]
    granted = study.engine.grant([(lines, decision.steps) for lines, decision in waiting])
    for result, (lines, decision), (step, amounts) in zip(results, waiting, granted, strict=True):
        rows, paid = step[amounts > 0], amounts[amounts > 0]
        count_owed(study, lines, decision.steps, result.tally, rows, paid)
        output.write_steps(payout_rows(study, lines, decision.steps, rows, paid), result.held)
        final = decision.steps.amount.copy()
        final[step] = amounts
        output.write_decisions(decision_rows(study, lines, decision, result.tally, granted=final))
    if study.sweep is not None:
        _settle_windows(study, study.sweep, results, [lines for lines, _ in waiting])
    if study.ways is not None:
        _settle_ways(study, study.ways, results, waiting)
    for result in results:
        tally.add(result.tally)


def _settle_windows(study: Study, sweep: Sweep, results: list[BatchResult], batches: list[Lines]) -> None:
    for result in results:
        start_sweep(sweep, result.tally)
    for place in range(sweep.windows):
        length = sweep.length(sweep.shortest + place)
        tried = [(lines, study.engine.decide(lines, market=study.market, length=length).steps) for lines in batches]
        granted = study.engine.grant(tried)
        for result, (lines, steps), (step, amounts) in zip(results, tried, granted, strict=True):
            count_window(place, lines, steps.line[step], amounts, result.tally)


def _settle_ways(study: Study, ways: Ways, results: list[BatchResult], waiting: list[tuple[Lines, Decision]]) -> None:
    found = [(lines, steps_by_way(ways, study.engine, study.market, lines, decided)) for lines, decided in waiting]
    for way in RIVALS:
        tried = [(lines, steps[way]) for lines, steps in found]
        granted = study.engine.grant(tried)
        for result, (lines, steps), (step, amounts) in zip(results, tried, granted, strict=True):
            count_way(way, lines, steps.line[step], amounts, result.tally)


def _reconcile(study: Study, prices: Prices, tally: Tally, output: Output) -> dict[str, Any]:
    """Rows in = rows accepted + rejected + after as_of, for each file; and what was warned of."""
    live = int(prices.live.sum())
    refused = int((prices.findings.codes > 0).sum())
    currencies = study.inputs.dictionaries["currency"].values
    return {
        "orders": {
            "rows": tally.rows,
            "accepted": tally.lines,
            "rejected": tally.rejected,
            "after_as_of": tally.after_as_of,
            "rejected_by_code": _by_code(output, "orders"),
            "paid_minor": {currencies[code]: money.revenue for code, money in sorted(tally.money.items())},
        },
        "prices": {
            "rows": len(prices),
            "accepted": live,
            "rejected": refused,
            "after_as_of": len(prices) - live - refused,
            "rejected_by_code": _by_code(output, "prices"),
            "condition_unknown": study.market.unknown,
            "endless_special_prices": study.market.endless,
        },
    }


def _by_code(output: Output, file: str) -> dict[str, int]:
    return {code: rows for (name, code), rows in sorted(output.rejected.items()) if name == file}


def _summarise(question: Question, inputs: Inputs, tally: Tally, reconciliation: dict[str, Any]) -> dict[str, Any]:
    currencies = inputs.dictionaries["currency"].values
    blocks, sweep, ways = [], [], []
    for code, money in sorted(tally.money.items(), key=lambda item: currencies[item[0]]):
        currency = currencies[code]
        blocks.append(
            {
                "currency": currency,
                "revenue_minor": money.revenue,
                "owed_minor": money.owed,
                "held_minor": money.held,
            }
        )
        for way, (owed, lines) in money.ways.items():
            ways.append({"way": way, "currency": currency, "owed_minor": owed, "lines_owed": lines})
        if question.window is not None:
            for place, owed in enumerate(money.sweep_owed.sum(axis=1).tolist()):
                sweep.append(
                    {
                        "days": question.window[0] + place,
                        "currency": currency,
                        "owed_minor": owed,
                        "lines_owed": int(money.sweep_lines[place]),
                    }
                )
    summary = {
        "lines": tally.lines,
        "units": tally.units,
        "lines_owed": tally.lines_owed,
        "payouts": tally.payouts,
        "rejected": tally.rejected + reconciliation["prices"]["rejected"],
        "undecided": tally.undecided,
        "held": tally.lines_held,
        "as_of": text_of_moment(inputs.as_of_us),
        "terms_sha256": question.terms.sha256,
        "currencies": blocks,
        "outcomes": dict(sorted(tally.outcomes.items())),
        "reasons": dict(sorted(tally.reasons.items())),
        "ways": ways,
        "input_fingerprint": inputs.fingerprint.result(),
    }
    if question.window is not None:
        summary["sweep"] = sorted(sweep, key=lambda row: (row["currency"], row["days"]))
    return summary
