"""The sum under a step is the one that a person would write down."""

from typing import Any

import pytest

from tests.evidence.judged import judge
from tests.oracle.histories import line, price, term

LATER = "2026-12-31"


def formulas(bought: dict[str, str | None], *prices: dict[str, str | None], **parts: Any) -> list[str]:
    """Write down the sums of L1, in order."""
    trail = judge([bought], list(prices), term(**parts), as_of=LATER).trail()
    return [part.formula for step in trail.steps for part in step.sums]


def test_two_drops_owe_what_the_second_adds() -> None:
    found = formulas(line("9998.00", quantity="2"), price("4799.00", "11-06"), price("4599.00", "11-09"))
    assert found == ["2 × (4,999.00 − 4,799.00) = 400.00", "2 × (4,999.00 − 4,599.00 − 200.00) = 400.00"]


def test_units_with_the_larger_share_have_a_sum_of_their_own() -> None:
    found = formulas(line("100.00", quantity="3"), price("30.00", "11-06"))
    assert found == ["1 × (33.34 − 30.00) = 3.34", "2 × (33.33 − 30.00) = 6.66"]


@pytest.mark.parametrize(
    ("amount", "formula"),
    [
        ({"times": "2"}, "1 × (2 × (10.01 − 6.00)) = 8.02"),
        ({"times": "0.5"}, "1 × (round(0.5 × (10.01 − 6.00))) = 2.01"),
        ({"plus_percent": "10"}, "1 × (10.01 − 6.00 + 10% × 6.00) = 4.61"),
        ({"floor": "5.00"}, "1 × (max(10.01 − 6.00, 5.00)) = 5.00"),
        ({"caps": [{"scope": "unit", "amount": "3.00"}]}, "1 × (min(10.01 − 6.00, 3.00)) = 3.00"),
    ],
)
def test_the_remedy_stands_in_the_sum(amount: dict[str, Any], formula: str) -> None:
    assert formulas(line("10.01"), price("6.00", "11-06"), amount=amount) == [formula]


@pytest.mark.parametrize(
    ("currency", "paid", "formula"),
    [("JPY", "120000", "1 × (120,000 − 9,000) = 111,000"), ("KWD", "12.345", "1 × (12.345 − 9.000) = 3.345")],
)
def test_amounts_have_the_digits_of_their_currency(currency: str, paid: str, formula: str) -> None:
    lower = price("9000" if currency == "JPY" else "9.000", "11-06", currency=currency)
    assert formulas(line(paid, currency=currency), lower) == [formula]


def test_what_a_cap_of_the_line_cuts_is_told_beside_the_sum() -> None:
    caps = {"caps": [{"scope": "line", "amount": "3.00"}]}
    trail = judge([line("10.00")], [price("6.00", "11-06")], term(amount=caps), as_of=LATER).trail()
    assert [(step.asked_minor, step.amount_minor) for step in trail.steps] == [(400, 300)]


def test_what_is_held_goes_beyond_what_was_paid() -> None:
    compare = {"against": "window_min", "suspicious": {"below_percent_of_basis": "30"}}
    found = formulas(line("20.01", quantity="2"), price("9.00", "11-06"), price("1.00", "11-07"), compare=compare)
    assert found[2:] == ["1 × (10.01 − 1.00 − 1.01) = 8.00", "1 × (10.00 − 1.00 − 1.00) = 8.00"]
