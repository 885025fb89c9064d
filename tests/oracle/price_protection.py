"""Price protection, read from the contract row by row, unit by unit and moment by moment.

Nothing here is fast, and nothing is shared with `houbei`: the two are written from the same words, and disagree where
one of them has misread them.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from tests.oracle.promise import Term, is_covered, open_case
from tests.oracle.remedies import Step
from tests.oracle.rows import Rows
from tests.oracle.steps import at_claim, every_moment, every_morning, last_moment, settle

HELD_BECAUSE = "suspicious"


@dataclass(frozen=True)
class Verdict:
    """What one term owes on one history.

    `payouts` has line_id, at, price_id, price_minor, quantity, owed_minor, clause_id for each step; `held` has
    held_minor and reason in place of the last two. `rejected` is (file, 1-based data row, code); `currency_of` has every
    accepted line.
    """

    lines: int
    units: int
    rejected: list[tuple[str, int, str]]
    undecided: list[str]
    payouts: list[dict[str, Any]]
    held: list[dict[str, Any]]
    revenue_minor: dict[str, int]
    currency_of: dict[str, str]
    as_of: datetime


def adjudicate(
    orders: Rows, prices: Rows, terms: Mapping[str, Any], as_of: str | None = None, window_days: int | None = None
) -> Verdict:
    """Work out what a term owes on a history.

    Args:
        orders: Order rows as read from the file: column name to text, None for an empty field.
        prices: Price rows likewise.
        terms: The terms document, nested, every scalar a text.
        as_of: The moment up to which facts exist; the latest in the inputs unless given.
        window_days: The length of the window in place of the term's own.

    Raises:
        UnusableError: A condition names an absent column, or the terms say what this reading does not know.
    """
    case = open_case(orders, prices, terms, as_of=as_of, window_days=window_days)
    covered = [line for line in case.lines if is_covered(line, term=case.term)]
    asks = at_claim if case.term.is_at_claim else every_moment
    paid, held = settle(case, covered, asking={line.line_id: asks(line, case=case) for line in covered})
    clause_id = case.term.at("remedy", "clause", default=first_clause(case.term))
    revenue: Counter[str] = Counter()
    for line in case.lines:
        revenue[line.currency] += line.paid_minor
    return Verdict(
        lines=len(case.lines),
        units=sum(line.quantity for line in case.lines),
        rejected=case.rejected,
        undecided=[line.line_id for line in case.lines if is_covered(line, term=case.term) is None],
        payouts=[{**told(step), "owed_minor": step.amount, "clause_id": clause_id} for step in paid],
        held=[{**told(step), "held_minor": step.amount, "reason": HELD_BECAUSE} for step in held],
        revenue_minor=dict(revenue),
        currency_of={line.line_id: line.currency for line in case.lines},
        as_of=case.as_of,
    )


def rivals(orders: Rows, prices: Rows, terms: Mapping[str, Any], as_of: str | None = None) -> dict[str, dict[str, int]]:
    """Total what three ways of paying would pay, by currency: `every_new_low`, `one_claim`, `daily_bot`."""
    case = open_case(orders, prices, terms, as_of=as_of, window_days=None)
    covered = [line for line in case.lines if is_covered(line, term=case.term)]
    ways = {
        "every_new_low": at_claim if case.term.is_at_claim else every_moment,
        "one_claim": last_moment,
        "daily_bot": every_morning,
    }
    totals = {line.currency: dict.fromkeys(ways, 0) for line in case.lines}
    for way, find_moments in ways.items():
        # A rival is held to no rule of asking: that is the promise's own.
        asked = case if way == "every_new_low" else replace(case, term=case.term.unasked())
        paid, _ = settle(asked, covered, asking={line.line_id: find_moments(line, case=case) for line in covered})
        for step in paid:
            totals[step.line.currency][way] += step.amount
    return totals


def sweep(
    orders: Rows, prices: Rows, terms: Mapping[str, Any], as_of: str | None, days: Iterable[int]
) -> list[dict[str, Any]]:
    """Work out the whole history once for each length of the window: days, currency, owed_minor, lines_owed."""
    rows: list[dict[str, Any]] = []
    for length in days:
        verdict = adjudicate(orders, prices, terms, as_of=as_of, window_days=length)
        for currency in sorted(verdict.revenue_minor):
            steps = [step for step in verdict.payouts if verdict.currency_of[step["line_id"]] == currency]
            owed_minor = sum(step["owed_minor"] for step in steps)
            lines_owed = len({step["line_id"] for step in steps})
            rows.append({"days": length, "currency": currency, "owed_minor": owed_minor, "lines_owed": lines_owed})
    return rows


def first_clause(term: Term) -> str:
    """Give the id of the first clause, empty where a term has none."""
    clauses = term.at("clauses", default=[])
    return clauses[0]["id"] if clauses else ""


def told(step: Step) -> dict[str, Any]:
    """Give the columns that a paid step and a held one share."""
    return {
        "line_id": step.line.line_id,
        "at": step.at,
        "price_id": step.price.price_id,
        "price_minor": step.price.price_minor,
        "quantity": step.quantity,
    }
