"""Rows that cannot be read: one flaw each. What follows from a flaw in the oracle is its code; nobody accepts the row."""

import json
from collections.abc import Callable

Row = dict[str, str | None]
Flaw = Callable[[Row], Row]
"""Gives the fields that spoil a row."""


def replaced(**fields: str | None) -> Flaw:
    """Make the flaw that fields read as they should not."""
    return lambda _: dict(fields)


def too_many(name: str) -> Flaw:
    """Make the flaw that more units are named in a JSON field than the line has."""
    return lambda row: {name: json.dumps([{"quantity": int(row["quantity"] or 0) + 1, "at": "2030-01-01"}])}


ORDER_FLAWS: tuple[Flaw, ...] = (
    replaced(sku=None),
    replaced(paid=None, paid_minor=None),
    replaced(quantity="two"),
    replaced(quantity="1.5"),
    replaced(quantity="0"),
    replaced(quantity="-1"),
    replaced(paid="1,000", paid_minor=None),
    replaced(paid="1e3", paid_minor=None),
    replaced(paid="-1", paid_minor=None),
    replaced(paid="1.0000", paid_minor=None),
    replaced(currency="cny"),
    replaced(currency="AAA"),
    replaced(placed_at="yesterday"),
    replaced(delivered_at="2026-02-30"),
    replaced(gift="maybe"),
    replaced(gift_value="a mug"),
    replaced(returns="[{}]"),
    replaced(deliveries='{"quantity": 1}'),
    replaced(deliveries='[{"quantity": 0, "at": "2030-01-01"}]'),
    replaced(paid="99", paid_minor="98"),
    lambda row: {"returned_at": "2030-01-01", "returned_quantity": str(int(row["quantity"] or 0) + 1), "returns": None},
    too_many("returns"),
    too_many("deliveries"),
    replaced(cancelled_at="2020-01-01"),
    replaced(delivered_at="2020-01-01"),
    replaced(paid_at="2020-01-01"),
)
PRICE_FLAWS: tuple[Flaw, ...] = (
    replaced(sku=None),
    replaced(at=None),
    replaced(price=None, price_minor=None),
    replaced(min_quantity="few"),
    replaced(min_quantity="0"),
    replaced(price="1,5", price_minor=None),
    replaced(price="-1", price_minor=None),
    replaced(price="0.0001", price_minor=None),
    replaced(currency="EURO"),
    replaced(at="2026-13-01"),
    replaced(until="soon"),
    replaced(in_stock="perhaps"),
    replaced(gift_value="-1"),
)
