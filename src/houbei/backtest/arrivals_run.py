"""A backtest of a delivery promise: how it would have stood on a history of deliveries, and what it would have owed."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from houbei.backtest.arrivals_history import ArrivalFiles, ArrivalHistory, read_arrivals
from houbei.backtest.claims_run import write_rejected, write_summary
from houbei.backtest.inputs import Progress
from houbei.calendars.days import Days
from houbei.columns import MISSING
from houbei.deliveries import JudgedDeliveries, late_deliveries
from houbei.errors import InputError
from houbei.facts.grouping import sums
from houbei.facts.moments import text_of_moment
from houbei.money import POINTS
from houbei.owed.delivery import Verdict
from houbei.owed.lateness import FORMS
from houbei.store.folders import open_folder
from houbei.terms.delivery import Form
from houbei.terms.model import Kind, Terms

Whole = NDArray[np.int64]

STANDS = tuple(verdict.name.lower() for verdict in Verdict)
"""How deliveries stand, by code."""
OVER = ("kept", "late", "excused", "disputed")
"""How a promise stands that is over: of these a share was kept."""
PAYOUTS = pa.schema(
    [
        ("delivery_id", pa.string()),
        ("order_id", pa.string()),
        ("parcel_id", pa.string()),
        ("at", pa.timestamp("us", tz="UTC")),
        ("amount_minor", pa.int64()),
        ("currency", pa.string()),
        ("tier", pa.int64()),
        ("clause_id", pa.string()),
        ("promise_id", pa.string()),
        ("scan_id", pa.string()),
    ]
)
"""What is owed, or held, step by step: `tier` counts the rows of the table from 1; of points `currency` is `points`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalsQuestion:
    """What is asked: one delivery promise, bound to every line whatever its dates of sale."""

    terms: Terms
    files: ArrivalFiles
    out: Path
    as_of_us: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ArrivalsAnswer:
    """What was found: the summary as written, and what stands behind it."""

    question: ArrivalsQuestion
    history: ArrivalHistory
    judged: JudgedDeliveries
    summary: dict[str, Any]


def run_arrivals_backtest(question: ArrivalsQuestion, progress: Progress) -> ArrivalsAnswer:
    """Answer a question; payouts.parquet, held.parquet, rejected.csv and summary.json go to its folder.

    Raises:
        InputError: an input is unusable, or the terms promise no arrival.

    Cost: a pass over each file, and `deliveries.late_deliveries`.
    """
    terms = question.terms
    if terms.kind is not Kind.DELIVERY_PROMISE:
        raise InputError(
            came=f"{terms.term}, a document of the kind {terms.kind}, with --promises",
            where="--terms",
            expected="delivery_promise: what a history of promises and scans can be asked about",
            todo="Give --prices or --claims instead, or other terms.",
        )
    history = read_arrivals(question.files, terms=terms, as_of_us=question.as_of_us, progress=progress)
    open_folder(question.out)
    judged = late_deliveries(
        terms,
        history.lines,
        history.promises,
        history.scans,
        history.closures,
        dictionaries=history.dictionaries,
        as_of_us=history.as_of_us,
    )
    summary = _summarise(question, history, judged)
    held = judged.late.step_held == 1
    pq.write_table(_steps(judged, ~held), question.out / "payouts.parquet")
    pq.write_table(_steps(judged, held), question.out / "held.parquet")
    write_rejected(history.rejected(), question.out / "rejected.csv")
    write_summary(summary, question.out / "summary.json")
    return ArrivalsAnswer(question=question, history=history, judged=judged, summary=summary)


def _currency_codes(judged: JudgedDeliveries) -> tuple[Whole, list[str]]:
    """By step the place of its unit, and the units: the currencies, then points."""
    late, units = judged.late, [*judged.money.values, POINTS]
    is_points = late.step_form == FORMS.index(Form.POINTS)
    return np.where(is_points, len(units) - 1, judged.money.codes[late.step_delivery]), units


def _steps(judged: JudgedDeliveries, wanted: NDArray[np.bool_]) -> pa.Table:
    """Some steps as rows, in the order of time; those of one moment by delivery, parcel, tier and form."""
    late = judged.late
    names, parcels = np.array(judged.delivery_ids.to_pylist(), dtype=object), judged.step_parcel_ids.to_pylist()
    rows = np.flatnonzero(wanted).tolist()
    of = late.step_delivery.tolist()
    rows.sort(key=lambda k: (late.step_at_us[k], names[of[k]], parcels[k] or "", late.step_tier[k], late.step_form[k]))
    at = [of[k] for k in rows]
    codes, units = _currency_codes(judged)
    columns: list[Sequence[object]] = [
        [names[d] for d in at],
        judged.order_ids.take(pa.array(at, type=pa.int64())).to_pylist(),
        [parcels[k] for k in rows],
        late.step_at_us[rows].tolist(),
        late.step_amount[rows].tolist(),
        [units[codes[k]] for k in rows],
        (late.step_tier[rows] + 1).tolist(),
        [judged.step_clauses[k] for k in rows],
        judged.promise_ids.take(pa.array(at, type=pa.int64())).to_pylist(),
        judged.scan_ids.take(pa.array(at, type=pa.int64())).to_pylist(),
    ]
    return pa.table(
        [pa.array(column, type=field.type) for column, field in zip(columns, PAYOUTS, strict=True)], schema=PAYOUTS
    )


def _summarise(question: ArrivalsQuestion, history: ArrivalHistory, judged: JudgedDeliveries) -> dict[str, Any]:
    lines, late = history.lines, judged.late
    counts = np.bincount(late.verdict, minlength=len(STANDS))
    stands = {word: int(counts[code]) for code, word in enumerate(STANDS)}
    over = sum(stands[word] for word in OVER)
    shown = np.flatnonzero(judged.promise >= 0)
    return {
        "lines": int(lines.live.sum()),
        "lines_promised": len(np.unique(judged.together.line)),
        "undecided": len(judged.undecided),
        "deliveries": len(judged),
        **stands,
        "kept_permille": 1000 * stands["kept"] // over if over else None,
        "provisional": int(history.promises.provisional.values[judged.promise[shown]].sum()),
        "owed": _owed(judged),
        "tiers": _tiers(question.terms, judged),
        "months": _months(question.terms, history, judged),
        "rejected": len(history.rejected()),
        "rejected_by_code": history.rejected_by_code(),
        "as_of": text_of_moment(history.as_of_us),
        "terms_sha256": question.terms.sha256,
        "input_fingerprint": history.fingerprint,
    }


def _owed(judged: JudgedDeliveries) -> list[dict[str, Any]]:
    """By currency, and of points, what is owed and held, to how many deliveries, on what was paid for the promised lines."""
    late, found = judged.late, []
    codes, units = _currency_codes(judged)
    held = late.step_held == 1
    sales = sums(judged.money.codes, judged.paid_minor, len(units))
    amounts = [sums(codes[mine], late.step_amount[mine], len(units)) for mine in (~held, held)]
    for code in sorted(np.flatnonzero((sales > 0) | (amounts[0] > 0) | (amounts[1] > 0)), key=lambda code: units[code]):
        mine = (codes == code) & ~held
        found.append(
            {
                "currency": units[code],
                "owed_minor": int(amounts[0][code]),
                "held_minor": int(amounts[1][code]),
                "deliveries_owed": len(np.unique(late.step_delivery[mine])),
                "sales_minor": int(sales[code]),
            }
        )
    return found


def _tiers(terms: Terms, judged: JudgedDeliveries) -> list[dict[str, Any]]:
    """By row of the table how many deliveries, or parcels, reached it, what is held aside."""
    late = judged.late
    arrival, found = terms.arrival, []
    for place, tier in enumerate(arrival.tiers if arrival is not None else ()):
        mine = (late.step_tier == place) & (late.step_held == 0)
        pairs = np.stack((late.step_delivery[mine], late.step_parcel[mine]))
        found.append({"tier": place + 1, "over_us": tier.over_us, "reached": np.unique(pairs, axis=1).shape[1]})
    return found


def _months(terms: Terms, history: ArrivalHistory, judged: JudgedDeliveries) -> list[dict[str, Any]]:
    """By the local month in which a promise was to be kept, how those that are over stand."""
    rows = np.flatnonzero(judged.promised_us != MISSING)
    last_us = judged.promised_us[rows] - 1
    days = Days.over(terms.zone, from_us=int(last_us.min(initial=history.as_of_us)), to_us=history.as_of_us)
    months = days.day_of(last_us).astype("datetime64[D]").astype("datetime64[M]")
    found = []
    for month in np.unique(months).tolist():
        verdicts = judged.late.verdict[rows[months == np.datetime64(month, "M")]]
        counts = {word: int((verdicts == STANDS.index(word)).sum()) for word in OVER}
        over = sum(counts.values())
        if over:
            permille = 1000 * counts["kept"] // over
            found.append({"month": f"{month:%Y-%m}", "over": over, **counts, "kept_permille": permille})
    return found
