"""A promise tried on the grocer's year, beside a wider one and two narrower readings of "the price"."""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from houbei.backtest.findings import findings_of
from houbei.backtest.report import render
from houbei.backtest.run import Answer, Question
from houbei.demo.grocer import Year
from houbei.store.terms_files import load_terms

TERMS = ("grocer", "grocer-everything", "grocer-shelf-price", "grocer-seen-twice")
"""The promise; the same one on goods by weight as well; and under two narrower readings of which prices count."""
WINDOW = (7, 90)
"""The lengths in days that are tried besides the promise's own."""


def write_terms(folder: Path) -> list[Path]:
    """Write the promise and its other readings, so that they can be read, changed and asked again."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{name}.yaml" for name in TERMS]
    for path in paths:
        path.write_text((files("houbei.demo") / path.name).read_text("utf-8"), "utf-8")
    return paths


def questions(terms: Sequence[Path], *, orders: Path, prices: Path, out: Path, threads: int) -> list[Question]:
    """Ask what each document would have cost; only the first is also asked of other lengths and the rival ways of paying.

    Args:
        terms: Documents.
        orders: The year's order lines.
        prices: The year's prices.
        out: A folder; each answer goes to one of its own in it, by the first 8 of the sha256.
        threads: How many batches are worked on side by side.
    """
    documents = [load_terms(str(path)) for path in terms]
    return [
        Question(
            terms=document,
            orders=orders,
            prices=prices,
            out=out / document.sha256[:8],
            window=None if place else WINDOW,
            ways=place == 0,
            threads=threads,
        )
        for place, document in enumerate(documents)
    ]


def report_on(answers: Sequence[Answer], year: Year, *, command: str) -> str:
    """Write the report as HTML: the lines that the recipe left out are accounted for like rejected rows."""
    findings: dict[str, Any] = findings_of(answers, command=command)
    left_out = [
        {"file": "transactions", "code": code, "rows": rows} for code, rows in sorted(year.left_out_by_code.items())
    ]
    findings["inputs"]["rejected"] += left_out
    findings["inputs"]["rejected_rows"] += len(year.left_out)
    findings["limits"] += ["prices_from_sales", *(["rejected_rows"] if left_out else [])]
    return render(findings)


def in_one_sentence(answer: Answer) -> str:
    """Say what the promise would have cost the grocer."""
    summary = answer.summary
    money = summary["currencies"][0]
    owed, revenue, currency = money["owed_minor"], money["revenue_minor"], money["currency"]
    hundredths = (owed * 20_000 + revenue) // (2 * revenue)
    days = answer.question.terms.window.length
    return (
        f"Had this grocer promised in 2017 to refund every price drop within {days.days if days else 0} days, it would have"
        f" owed {currency} {_grouped(owed)} on {currency} {_grouped(revenue)} of sales"
        f" ({hundredths // 100}.{hundredths % 100:02d} %), to {summary['lines_owed']:,} of {summary['lines']:,} lines."
    )


def _grouped(cents: int) -> str:
    return f"{cents // 100:,}.{cents % 100:02d}"


def totals(answer: Answer) -> dict[str, int]:
    """What came of the year, as numbers: a cover a line, for no unit of a grocer's line parts ways with the others."""
    summary = answer.summary
    unprotected = summary["outcomes"].get("not_in_scope", 0) + summary["undecided"]
    return {
        "lines": summary["lines"],
        "covers": summary["lines"] - unprotected,
        "refunds": summary["payouts"],
        "owed_minor": summary["currencies"][0]["owed_minor"],
    }
