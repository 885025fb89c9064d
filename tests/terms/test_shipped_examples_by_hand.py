"""The examples of the shipped documents, worked out by the plain reading of the contract instead of the engine."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from importlib.resources import files
from typing import Any

import pytest

from houbei.terms.document import parse_terms
from houbei.terms.examples import facts_of
from houbei.terms.model import Example, Kind, Terms
from houbei.terms.yaml_tree import read_yaml
from tests.oracle.price_protection import adjudicate

FOLDER = files("houbei.terms").joinpath("shipped")
TEXTS = {path.name: path.read_text(encoding="utf-8") for path in sorted(FOLDER.iterdir(), key=lambda path: path.name)}
DOCUMENTS = {name: parse_terms(text, where=name) for name, text in TEXTS.items()}
CASES = [
    (name, number)
    for name, terms in DOCUMENTS.items()
    if terms.kind is Kind.PRICE_PROTECTION
    for number in range(len(terms.examples))
]
MOMENTS = {"placed", "paid_at", "shipped", "delivered", "installed", "cancelled", "returned", "claimed"}
LONG_AFTER = "2028-01-01T00:00Z"


def as_field(value: Any) -> str | None:
    """Write a value as a CSV file would hold it."""
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def order_of(example: Example, terms: Terms) -> dict[str, str | None]:
    fields = {key: as_field(value) for key, value in example.given.items() if key not in MOMENTS}
    happened = facts_of(example, terms=terms).items()
    moments = {
        f"{fact}_at": (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)).isoformat()
        for fact, us in happened
    }
    return {"order_id": "order", "line_id": "line", "sku": "sku", **fields, **moments}


def prices_of(example: Example) -> list[dict[str, str | None]]:
    columns = {key for price in example.when for key in price}
    shared = {"sku": "sku", "currency": example.given["currency"]}
    return [{**shared, **{key: as_field(price.get(key)) for key in columns}} for price in example.when]


def minor(outcome: Mapping[str, Any]) -> int:
    """Every shipped example is in a currency with two digits."""
    return int(Fraction(outcome.get("pay") or outcome["hold"]) * 100)


@pytest.mark.parametrize(
    ("name", "number"), CASES, ids=[f"{name}: {DOCUMENTS[name].examples[number].name}" for name, number in CASES]
)
def test_an_example_comes_out_as_written(name: str, number: int):
    terms, example = DOCUMENTS[name], DOCUMENTS[name].examples[number]
    # The plain reading knows no calendars; no last day in these examples is one that would roll.
    document = {key: part for key, part in read_yaml(TEXTS[name], where=name).root.items() if key != "calendar"}
    verdict = adjudicate([order_of(example, terms)], prices_of(example), document, as_of=LONG_AFTER)
    assert (verdict.rejected, verdict.undecided) == ([], [])
    paid = [(step["owed_minor"], step["clause_id"]) for step in verdict.payouts]
    assert paid == [(minor(step), step["clause"]) for step in example.then if "pay" in step and minor(step)]
    assert [step["held_minor"] for step in verdict.held] == [minor(step) for step in example.then if "hold" in step]
