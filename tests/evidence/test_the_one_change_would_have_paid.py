"""What a conclusion says was in the way, the oracle is asked without: then, and only then, the line gets something."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given

from houbei.evidence.conclusions import Conclusion
from tests.evidence.judged import judge_history
from tests.oracle.price_protection import adjudicate
from tests.oracle.strategies import History, histories

Document = dict[str, Any]


def without_caps(document: Document) -> None:
    """Cap nothing."""
    document["remedy"]["amount"].pop("caps", None)


def without_least(document: Document) -> None:
    """Pay every amount."""
    document["remedy"]["amount"].pop("min_payout", None)


def with_every_price(document: Document) -> None:
    """Let every price count."""
    for name in ("prices", "in_stock_required"):
        document["compare"].pop(name, None)


CHANGES: dict[Conclusion, Callable[[Document], None]] = {
    Conclusion.CAPPED: without_caps,
    Conclusion.BELOW_MIN_PAYOUT: without_least,
    Conclusion.PRICE_NOT_ELIGIBLE: with_every_price,
}


@pytest.mark.parametrize("conclusion", CHANGES)
@given(history=histories())
def test_the_one_change_pays_the_line_and_no_farther_one(conclusion: Conclusion, history: History) -> None:
    """A line with a nearer reason may get something too; one with a farther reason gets nothing, whatever it is."""
    caps = history.terms["remedy"]["amount"].get("caps", [])
    assume(all(cap["scope"] in ("unit", "line") for cap in caps))
    changed = copy.deepcopy(history.terms)
    CHANGES[conclusion](changed)
    verdict = adjudicate(history.orders, history.prices, changed, as_of=history.as_of)
    gets = {step["line_id"] for step in (*verdict.payouts, *verdict.held)}
    judged = judge_history(history)
    for line_id, place in judged.places.items():
        found = Conclusion(int(judged.reasons.conclusion[place]))
        if found <= conclusion:
            assert (line_id in gets) == (found is conclusion)
