"""What must be true of the oracle on any history, and that the strategies reach what they are there to reach."""

import pytest
from hypothesis import Phase, given, settings

from tests.oracle.price_protection import Verdict, adjudicate, rivals, sweep
from tests.oracle.strategies import History, acting_unasked, histories

LATER = "2030-06-01T00:00:00Z"
UNHURRIED = settings(phases=(Phase.explicit, Phase.reuse, Phase.generate))
REACHED = {
    "paid",
    "held",
    "undecided",
    "two steps of a line",
    "JPY",
    "KWD",
    "duplicate_line",
    "missing_value",
    "bad_money",
}


def shares_caps(history: History) -> bool:
    """Tell whether lines of a history take from one cap, so that more for one may be less for another."""
    caps = history.terms["remedy"]["amount"]["caps"]
    return any(cap["scope"] in {"order", "buyer"} for cap in caps)


def by_line(verdict: Verdict) -> dict[str, int]:
    """Total what is owed by line."""
    totals: dict[str, int] = {}
    for step in verdict.payouts:
        totals[step["line_id"]] = totals.get(step["line_id"], 0) + step["owed_minor"]
    return totals


@UNHURRIED
@given(histories().map(acting_unasked))
def test_what_was_paid_by_a_moment_does_not_depend_on_what_came_after(history: History) -> None:
    early = adjudicate(history.orders, history.prices, history.terms, history.as_of)
    late = adjudicate(history.orders, history.prices, history.terms, LATER)
    if "seen_at_least" not in history.terms["compare"].get("prices", {}):
        assert early.payouts == [step for step in late.payouts if step["at"] <= early.as_of]
        assert early.held == [step for step in late.held if step["at"] <= early.as_of]


@UNHURRIED
@given(histories().map(acting_unasked))
def test_a_longer_window_never_owes_a_line_less(history: History) -> None:
    if "length" not in history.terms["window"]["closes"] or shares_caps(history):
        return
    short, long = (
        by_line(adjudicate(history.orders, history.prices, history.terms, history.as_of, window_days=days))
        for days in (2, 9)
    )
    assert all(long.get(line_id, 0) >= owed for line_id, owed in short.items())
    swept = sweep(history.orders, history.prices, history.terms, history.as_of, [9])
    assert sum(row["owed_minor"] for row in swept) == sum(long.values())


@UNHURRIED
@given(histories().map(acting_unasked))
def test_asking_now_and_then_never_gets_more_than_every_new_low(history: History) -> None:
    asked = rivals(history.orders, history.prices, history.terms, history.as_of)
    paid = adjudicate(history.orders, history.prices, history.terms, history.as_of).payouts
    assert sum(ways["every_new_low"] for ways in asked.values()) == sum(step["owed_minor"] for step in paid)
    if not shares_caps(history) and "min_payout" not in history.terms["remedy"]["amount"]:
        assert all(ways["every_new_low"] >= max(ways["one_claim"], ways["daily_bot"]) for ways in asked.values())


@pytest.mark.slow
def test_the_strategies_reach_every_outcome() -> None:
    met: set[str] = set()

    @settings(UNHURRIED, max_examples=1_000, derandomize=True, database=None)
    @given(histories())
    def look(history: History) -> None:
        verdict = adjudicate(history.orders, history.prices, history.terms, history.as_of)
        lines_paid = [step["line_id"] for step in verdict.payouts]
        found = {
            "paid": lines_paid,
            "held": verdict.held,
            "undecided": verdict.undecided,
            "two steps of a line": len(set(lines_paid)) < len(lines_paid),
        }
        met.update(name for name, is_met in found.items() if is_met)
        met.update(code for _, _, code in verdict.rejected)
        met.update(verdict.revenue_minor)

    look()
    assert REACHED - met == set()
