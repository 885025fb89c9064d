"""A document's own examples, as they are handed to whoever works them out."""

import pytest

from houbei.terms.document import parse_terms
from houbei.terms.examples import anchors_of, facts_of
from houbei.terms.model import Terms

DAY_US = 86_400_000_000
DELIVERED_US = 1_796_436_000_000_000
"""2026-12-05T10:00+08:00."""

FRAME = """
term: plain
kind: price_protection
zone: Asia/Shanghai
window:
  closes: {{after: {{latest_of: [delivered, inspected]}}, length: P30D}}
  gaps: [{{from: {{at: shipped}}, until: {{at: delivered}}}}]
clauses: [{{id: A-1, text: {{en: One}}}}]
examples: [{{name: one, given: {given}, when: {when}, then: [{{pay: 1.00}}]}}]
"""


def document(given: str, when: str = "[]") -> Terms:
    return parse_terms(FRAME.format(given=given, when=when), where="terms.yaml")


def test_what_an_example_leaves_out_takes_its_default():
    terms = document("{paid: 4999.00, delivered: 2026-12-05T10:00}", "[{price: 1.00, at: 2026-12-08}]")
    (example,) = terms.examples
    assert example.given == {
        "paid": "4999.00",
        "delivered": "2026-12-05T10:00",
        "quantity": 1,
        "currency": "CNY",
        "gift": False,
    }
    assert example.when == ({"price": "1.00", "at": "2026-12-08", "kind": "list", "min_quantity": 1, "in_stock": True},)
    assert example.then == ({"pay": "1.00"},)


def test_an_attribute_is_kept_as_text_and_null_as_none():
    terms = document(
        "{paid: 5, delivered: 2026-12-05, weight: 007, fragile: yes, region: null, gift: null}",
        "[{price: 1, at: 2026-12-08, tier: 2, in_stock: false}]",
    )
    (example,) = terms.examples
    assert [example.given[key] for key in ("weight", "fragile", "region", "gift")] == ["007", "yes", None, None]
    assert (example.when[0]["tier"], example.when[0]["in_stock"]) == ("2", False)


@pytest.mark.parametrize(
    ("given", "when", "expected"),
    [
        (
            "{paid: 5, delivered: 2026-12-05T10:00}",
            "[]",
            {"delivered": DELIVERED_US, "placed": DELIVERED_US - 2 * DAY_US, "paid": DELIVERED_US - 2 * DAY_US},
        ),
        (
            "{paid: 5, delivered: 2026-12-05T10:00, shipped: 2026-12-04T10:00}",
            "[{price: 1, at: 2020-01-01}]",
            {
                "delivered": DELIVERED_US,
                "shipped": DELIVERED_US - DAY_US,
                "placed": DELIVERED_US - 3 * DAY_US,
                "paid": DELIVERED_US - 3 * DAY_US,
            },
        ),
        (
            "{paid: 5, placed: 2026-12-04T10:00, paid_at: 2026-12-05T10:00}",
            "[]",
            {"placed": DELIVERED_US - DAY_US, "paid": DELIVERED_US},
        ),
        (
            "{paid: 5, paid_at: 2026-12-05T10:00}",
            "[]",
            {"placed": DELIVERED_US - 2 * DAY_US, "paid": DELIVERED_US},
        ),
        (
            "{paid: 5}",
            "[{price: 1, at: 2026-12-06}, {price: 1, at: 2026-12-05T02:00Z}]",
            {"placed": DELIVERED_US - 2 * DAY_US, "paid": DELIVERED_US - 2 * DAY_US},
        ),
        (
            "{paid: 5, placed: 2026-12-05T10:00, inspected: 2026-12-05T10:00, claimed: 2026-12-05T10:00}",
            "[]",
            {"placed": DELIVERED_US, "paid": DELIVERED_US, "inspected": DELIVERED_US, "claimed": DELIVERED_US},
        ),
    ],
    ids=[
        "two days before",
        "before the earliest of given",
        "both given",
        "paid given",
        "no moment given",
        "a fact of its own",
    ],
)
def test_an_order_is_placed_two_days_before_everything_else_unless_it_says(
    given: str, when: str, expected: dict[str, int]
):
    terms = document(given, when)
    assert facts_of(terms.examples[0], terms=terms) == expected


def test_a_window_names_every_fact_it_hangs_on():
    assert anchors_of(document("{paid: 5, delivered: 2026-12-05}").window) == {
        "paid",
        "delivered",
        "inspected",
        "shipped",
    }


def test_an_example_without_any_moment_is_refused():
    with pytest.raises(Exception, match="Add paid_at or delivered"):
        document("{paid: 5}")
