"""A backtest of promises to replace, refund or repair: what they would have answered to a claims history, and what it would have cost."""

import csv
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from houbei.backtest.claims_answers import Answers, answer_claims
from houbei.backtest.claims_history import (
    History,
    bound_for_ever,
    counted_rejections,
    open_units,
    read_history,
    reason_text,
)
from houbei.backtest.inputs import Progress
from houbei.calendars.days import DAY_US
from houbei.columns import MISSING
from houbei.errors import InputError
from houbei.facts.claims import REMEDIES
from houbei.facts.moments import text_of_moment
from houbei.facts.rejected import Rejection
from houbei.money import round_half_up
from houbei.store.folders import open_folder
from houbei.terms.lengths import Length
from houbei.terms.model import Kind, Terms

DONE = ("replaced", "refunded", "repaired")
"""What was done, by the code of the remedy."""
ANSWERS = pa.schema(
    [
        ("claim_id", pa.string()),
        ("promise", pa.string()),
        ("remedy", pa.string()),
        ("clause", pa.string()),
        ("reason", pa.string()),
        ("currency", pa.string()),
        ("cost_minor", pa.int64()),
    ]
)
_Z = Fraction(196, 100)
"""How many standard deviations 95 % lie within."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimsQuestion:
    """What is asked: promises side by side, bound to every line; the first is the one whose length `window` varies.

    `window` is the first and last length in days to try; None for no sweep.
    """

    promises: tuple[Terms, ...]
    orders: Path
    claims: Path
    out: Path
    as_of_us: int | None = None
    window: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClaimsAnswer:
    """What was found: the summary as written, and what the report needs beside it."""

    question: ClaimsQuestion
    history: History
    answers: Answers
    summary: dict[str, Any]


def run_claims_backtest(question: ClaimsQuestion, progress: Progress) -> ClaimsAnswer:
    """Answer a question; answers.parquet, rejected.csv and summary.json go to its folder.

    Raises:
        InputError: an input is unusable, or a promise is about prices.

    Cost: a pass over both files; then the claims are judged once for each length that is tried.
    """
    _check(question)
    promises = [bound_for_ever(terms) for terms in question.promises]
    history = read_history(
        question.orders, question.claims, promises=tuple(promises), zone=promises[0].zone, as_of_us=question.as_of_us
    )
    open_folder(question.out)
    lines, line = history.claimed_lines()
    answers = answer_claims(history, lines, line, promises)
    sweep = []
    for days in range(*_span(question)):
        tried = [_lasting(promises[0], days), *promises[1:]]
        sweep += _sweep_rows(history, answer_claims(history, lines, line, tried), days)
        progress("windows", days, question.window[1] if question.window else days)
    summary = _summarise(question, history, answers)
    if question.window is not None:
        summary["sweep"] = sorted(sweep, key=lambda row: (row["currency"], row["days"]))
    _write(question, history, answers, summary)
    return ClaimsAnswer(question=question, history=history, answers=answers, summary=summary)


def _check(question: ClaimsQuestion) -> None:
    for terms in question.promises:
        if terms.kind not in {Kind.REPLACEMENT, Kind.RETURN}:
            about = "prices" if terms.kind is Kind.PRICE_PROTECTION else "arrivals"
            raise InputError(
                came=f"terms about {about} ({terms.term}) with --claims",
                where="--terms",
                expected="terms of the kind replacement or return",
                todo=f"Give --{'prices' if about == 'prices' else 'promises'} instead of --claims, or other terms.",
            )
    if question.window is not None and question.promises[0].window.length is None:
        raise InputError(
            came=f"--window with terms that close on a fixed day ({question.promises[0].term})",
            where="--window",
            expected="terms whose window has a length",
            todo="Leave --window out, or give window.closes a length.",
        )


def _span(question: ClaimsQuestion) -> tuple[int, int]:
    return (0, 0) if question.window is None else (question.window[0], question.window[1] + 1)


def _lasting(terms: Terms, days: int) -> Terms:
    length = terms.window.length
    exact = length is not None and length.exact_us is not None
    tried = Length(exact_us=days * DAY_US) if exact else Length(days=days)
    return replace(terms, window=replace(terms.window, length=tried))


def _currencies(history: History) -> tuple[NDArray[np.int32], list[str]]:
    text = history.lines.texts["currency"]
    return text.codes, list(text.values)


def _sweep_rows(history: History, answers: Answers, days: int) -> list[dict[str, Any]]:
    """The cost at one length with its 95 % interval: claims come as a compound Poisson process, normal for the sum."""
    codes, names = _currencies(history)
    rows = []
    for code in np.unique(codes[history.lines.live]).tolist():
        mine = codes[answers.line] == code
        cost = answers.cost_minor[mine]
        total = int(cost.sum())
        around = round_half_up(_Z * round(float((cost.astype(np.float64) ** 2).sum() ** 0.5)))
        rows.append(
            {
                "days": days,
                "currency": names[code],
                "cost_minor": total,
                "low_minor": max(0, total - around),
                "high_minor": total + around,
                "given": int((answers.given[mine] >= 0).sum()),
            }
        )
    return rows


def _summarise(question: ClaimsQuestion, history: History, answers: Answers) -> dict[str, Any]:
    lines = history.lines
    reasons = np.array(answers.reason, dtype=object)
    blocks = _blocks(history, answers)
    unknown = (history.unit_minor[answers.line] == MISSING) & (answers.given == REMEDIES.index("replace"))
    return {
        "claims": len(answers.place),
        "lines": int(lines.live.sum()),
        "units": int(lines.quantity[lines.live].sum()),
        **{done: int((answers.given == code).sum()) for code, done in enumerate(DONE)},
        "refused": int(answers.refused.sum()),
        "referred": int(answers.referred.sum()),
        "same_case": int(answers.repeats.sum()),
        "refused_by_reason": dict(sorted(Counter(reasons[answers.refused].tolist()).items())),
        "referred_by_reason": dict(sorted(Counter(reasons[answers.referred].tolist()).items())),
        "promises": [_promise(k, terms, answers) for k, terms in enumerate(question.promises)],
        "rejected": len(history.rejected()),
        "rejected_by_code": {
            "orders": counted_rejections(lines.findings),
            "claims": counted_rejections(history.claims.findings),
        },
        "cost_minor": {block["currency"]: block["cost_minor"] for block in blocks},
        "currencies": blocks,
        "unit_cost_unknown": int(unknown.sum()),
        "watched_short": _watched_short(history, question.promises[0]),
        "as_of": text_of_moment(history.as_of_us),
        "terms_sha256": question.promises[0].sha256,
        "input_fingerprint": history.fingerprint,
    }


def _watched_short(history: History, terms: Terms) -> int:
    """Count the units that the first promise still covered at the last moment: what they will yet report is not in the cost."""
    covers, closes = open_units(history, terms)
    return int(covers.units[(closes > history.as_of_us) & (covers.returned == MISSING)].sum())


def _promise(place: int, terms: Terms, answers: Answers) -> dict[str, Any]:
    mine = answers.promise == place
    return {
        "term": terms.term,
        "version": terms.version,
        "sha256": terms.sha256,
        "statute": terms.statute,
        **{done: int((mine & (answers.given == code)).sum()) for code, done in enumerate(DONE)},
    }


def _blocks(history: History, answers: Answers) -> list[dict[str, Any]]:
    codes, names = _currencies(history)
    live, blocks = history.lines.live, []
    for code in sorted(np.unique(codes[live]).tolist(), key=lambda code: names[code]):
        mine = codes[answers.line] == code
        blocks.append(
            {
                "currency": names[code],
                "revenue_minor": int(history.lines.paid_minor[live & (codes == code)].sum()),
                "cost_minor": int(answers.cost_minor[mine].sum()),
                "goods_minor": int(answers.goods_minor[mine].sum()),
                "service_minor": int(answers.service_minor[mine].sum()),
                "back_minor": int(answers.back_minor[mine].sum()),
                "given": int((answers.given[mine] >= 0).sum()),
            }
        )
    return blocks


def _write(question: ClaimsQuestion, history: History, answers: Answers, summary: dict[str, Any]) -> None:
    codes, names = _currencies(history)
    labels = [f"{terms.term}@{terms.version}" for terms in question.promises]
    table = pa.table(
        [
            history.claims.ids.take(pa.array(answers.place.tolist(), type=pa.int64())),
            pa.array([labels[k] if k >= 0 else None for k in answers.promise.tolist()], type=pa.string()),
            pa.array([REMEDIES[k] if k >= 0 else None for k in answers.given.tolist()], type=pa.string()),
            pa.array(answers.clause, type=pa.string()),
            pa.array(answers.reason, type=pa.string()),
            pa.array([names[code] for code in codes[answers.line].tolist()], type=pa.string()),
            pa.array(answers.cost_minor.tolist(), type=pa.int64()),
        ],
        schema=ANSWERS,
    )
    pq.write_table(table, question.out / "answers.parquet")
    write_rejected(history.rejected(), question.out / "rejected.csv")
    write_summary(summary, question.out / "summary.json")


def write_rejected(rejected: Iterable[tuple[str, int, Rejection]], path: Path) -> None:
    """Write the rows that could not be read, each with its reason."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["file", "row", "code", "reason"])
        for name, row, rejection in rejected:
            rows.writerow([name, row, rejection.name.lower(), reason_text(rejection)])


def write_summary(summary: dict[str, Any], path: Path) -> None:
    """Write a summary as JSON that people can read."""
    path.write_text(json.dumps(summary, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
