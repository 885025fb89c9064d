"""Quality: how often units fail, whether a batch goes bad, what the promise costs and what it will still cost."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from houbei.backtest.claims_history import History, bound_for_ever, read_history
from houbei.backtest.claims_run import write_rejected, write_summary
from houbei.errors import InputError
from houbei.quality.findings import summary_of
from houbei.quality.study import study_of
from houbei.store.folders import open_folder
from houbei.terms.model import Kind, Terms

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityQuestion:
    """What is asked. Without terms there is no reserve, and units are watched to the last moment; `seed` draws the reserve's interval."""

    orders: Path
    claims: Path
    out: Path
    terms: Terms | None = None
    zone: str = "UTC"
    as_of_us: int | None = None
    seed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class QualityAnswer:
    """What was found: the summary as written, and the history it is of."""

    question: QualityQuestion
    history: History
    summary: Json


def run_quality(question: QualityQuestion) -> QualityAnswer:
    """Answer a question; summary.json and rejected.csv go to its folder.

    Raises:
        InputError: an input is unusable, or the promise is about prices.

    Cost: a pass over both files, then a few passes over the units' runs; the watch over batches × weeks.
    """
    terms = question.terms
    if terms is not None and terms.kind is not Kind.REPLACEMENT:
        raise InputError(
            came=f"terms of the kind {terms.kind} ({terms.term})",
            where="--terms",
            expected="terms of the kind replacement",
            todo="Give other terms, or none.",
        )
    promises = () if terms is None else (bound_for_ever(terms),)
    history = read_history(
        question.orders, question.claims, promises=promises, zone=question.zone, as_of_us=question.as_of_us
    )
    summary = summary_of(study_of(history, promises[0] if promises else None), seed=question.seed)
    open_folder(question.out)
    write_rejected(history.rejected(), question.out / "rejected.csv")
    write_summary(summary, question.out / "summary.json")
    return QualityAnswer(question=question, history=history, summary=summary)
