"""A document's own examples through the engine: what comes out as written, what does not, and what is said then."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from houbei.examples.check import check_examples
from houbei.examples.prices import run_example
from houbei.store.terms_files import load_terms, shipped_terms
from houbei.terms.document import parse_terms
from houbei.terms.model import Example, Kind, Terms
from houbei.terms.moments import parse_moment

SKETCH = """
term: appliance-price-30
version: 3
kind: price_protection            # | replacement
jurisdiction: CN
zone: Asia/Shanghai
calendar: {id: cn, roll: none}    # none | statutory_day | official_break | next_workday
effective: {sold_from: 2026-12-01T00:00:00+08:00}
on_change: keep_at_sale
scope: {where: "category IN ('fridge','washer') AND seller = 'self' AND NOT gift"}
window:
  opens:  {at: paid}
  closes: {after: {latest_of: [delivered]}, length: P30D}
  gaps: []
  pauses: []
compare:
  against: window_min
  at_open: counts
  same: [seller]                  # also channel, region, audience
  in_stock_required: false
  prices: {where: "kind NOT IN ('flash','presale')", seen_at_least: 1}
  suspicious: {below_percent_of_basis: 30, action: hold}
remedy:
  amount: {of: difference, times: 1, plus_percent: 0, min_payout: 1, caps: [{scope: line, amount: basis}]}
  pay: {form: original_tenders, order: pro_rata, when: on_dispatch, fallback: store_credit}
  funders: follow_original_split
allocation: {order_discounts: pro_rata_largest_remainder, on_threshold_lost: proportional, gifts: strict}
clauses:
  - {id: PP-2, text: {zh: "…", en: "…"}}
  - {id: PP-4, text: {zh: "限时秒杀价不计入", en: "Flash prices do not count"}}
examples:
  - name: two drops
    given: {paid: 4999.00, delivered: 2026-12-05T10:00+08:00}
    when:  [{price: 4799.00, at: 2026-12-08T00:00+08:00}, {price: 4599.00, at: 2026-12-14T00:00+08:00}]
    then:  [{pay: 200.00, clause: PP-2}, {pay: 200.00, clause: PP-2}]
"""
BEFORE_EXAMPLES, EXAMPLE = SKETCH.split("examples:\n")
SHIPPED = {
    name: terms
    for name, terms in ((name, load_terms(name)) for name in shipped_terms())
    if terms.kind is Kind.PRICE_PROTECTION
}
CASES = [(name, number) for name, terms in SHIPPED.items() for number in range(len(terms.examples))]


def sketch(given: str, when: str, then: str, *, base: str = BEFORE_EXAMPLES) -> Terms:
    example = f"  - {{name: tried, given: {{{given}}}, when: [{when}], then: [{then}]}}\n"
    return parse_terms(f"{base}examples:\n{example}", where="terms.yaml")


def complaints(terms: Terms) -> list[str]:
    return [str(error) for error in check_examples(terms, where="terms.yaml")]


def came(terms: Terms) -> list[tuple[str, int, str]]:
    result = run_example(terms.examples[0], terms=terms)
    return [(step.word, step.amount_minor, step.clause) for step in result.came]


def a_cent_more(example: Example) -> Example:
    """The same example with its first outcome a cent higher."""
    first: dict[str, Any] = dict(example.then[0])
    word = "pay" if "pay" in first else "hold"
    first[word] = str(Decimal(first[word]) + Decimal("0.01"))
    return replace(example, then=(first, *example.then[1:]))


def test_the_sketch_comes_out_as_written_although_it_states_neither_category_nor_seller():
    terms = parse_terms(SKETCH, where="terms.yaml")
    assert complaints(terms) == []
    assert came(terms) == [("pay", 200_00, "PP-2"), ("pay", 200_00, "PP-2")]


@pytest.mark.parametrize(("name", "number"), CASES)
def test_every_example_that_ships_comes_out_as_written_and_a_cent_more_does_not(name: str, number: int):
    terms = SHIPPED[name]
    example = terms.examples[number]
    assert run_example(example, terms=terms).as_written
    assert not run_example(a_cent_more(example), terms=terms).as_written


@pytest.mark.parametrize(
    ("given", "when", "then", "message"),
    [
        (
            "paid: 4999.00, delivered: 2026-12-05T10:00+08:00",
            "{price: 4799.00, at: 2026-12-08}, {price: 4599.00, at: 2026-12-14}",
            "{pay: 200.00, clause: PP-2}, {pay: 300.00}",
            (
                "terms.yaml, examples[1] “tried”: pay 200.00 (PP-2) at 2026-12-08T00:00:00+08:00, pay 200.00 (PP-2) at"
                " 2026-12-14T00:00:00+08:00; expected pay 200.00 (PP-2), pay 300.00. Correct the example, or the terms."
            ),
        ),
        (
            "paid: 4999.00, delivered: 2026-12-05T10:00+08:00",
            "{price: 4799.00, at: 2026-12-08}",
            "{pay: 200.00, clause: PP-4}",
            (
                "terms.yaml, examples[1] “tried”: pay 200.00 (PP-2) at 2026-12-08T00:00:00+08:00; expected pay 200.00 (PP-4)."
                " Correct the example, or the terms."
            ),
        ),
        (
            "paid: 4999.00, delivered: 2026-12-05T10:00+08:00",
            "{price: 1.00, at: 2026-12-08}",
            "{pay: 4998.00}",
            (
                "terms.yaml, examples[1] “tried”: hold 4998.00 (PP-2) at 2026-12-08T00:00:00+08:00; expected pay 4998.00."
                " Correct the example, or the terms."
            ),
        ),
        (
            "paid: 4999.00, delivered: 2026-12-05T10:00+08:00",
            "{price: 4799.00, at: 2026-12-08}",
            "{pay: 0, because: nobody asked}",
            (
                "terms.yaml, examples[1] “tried”: pay 200.00 (PP-2) at 2026-12-08T00:00:00+08:00; expected nothing."
                " Correct the example, or the terms."
            ),
        ),
        (
            "paid: 4999.00, delivered: 2026-12-05T10:00+08:00",
            "{price: 4799.00, at: 2027-01-05}",
            "{pay: 200.00}",
            (
                "terms.yaml, examples[1] “tried”: nothing, because no price that counts is in force while its cover is open;"
                " expected pay 200.00. Correct the example, or the terms."
            ),
        ),
        (
            "paid: 4999.00, delivered: 2026-12-05T10:00+08:00",
            "{price: 4999.00, at: 2026-12-08}",
            "{pay: 200.00}",
            (
                "terms.yaml, examples[1] “tried”: nothing, because it paid no more than any price that counts; expected pay"
                " 200.00. Correct the example, or the terms."
            ),
        ),
        (
            "paid: 4999.00, delivered: 2026-12-05T10:00+08:00",
            "{price: 4998.99, at: 2026-12-08}",
            "{pay: 0.01}",
            (
                "terms.yaml, examples[1] “tried”: nothing, because it is less than the least amount that is paid; expected pay"
                " 0.01. Correct the example, or the terms."
            ),
        ),
        (
            "paid: 4999.00, category: book, delivered: 2026-12-05T10:00+08:00",
            "{price: 4799.00, at: 2026-12-08}",
            "{pay: 200.00}",
            (
                "terms.yaml, examples[1] “tried”: nothing, because the promise does not protect the line; expected pay 200.00."
                " Correct the example, or the terms."
            ),
        ),
        (
            "paid: 4999.00, category: null, delivered: 2026-12-05T10:00+08:00",
            "{price: 4799.00, at: 2026-12-08}",
            "{pay: 200.00}",
            (
                "terms.yaml, examples[1] “tried”: nothing, because it is not known whether the promise protects the line:"
                " category is missing; expected pay 200.00. Correct the example, or the terms."
            ),
        ),
        (
            "paid: 4999.001, delivered: 2026-12-05T10:00+08:00",
            "{price: 4799.00, at: 2026-12-08}",
            "{pay: 200.00}",
            (
                "terms.yaml, examples[1] “tried”: given: the amount is not digits with at most one point and no more digits than"
                " the currency has; expected a row as a file would hold it. Correct it."
            ),
        ),
        (
            "paid: 4999.00, delivered: 2026-12-05T10:00+08:00",
            "{price: 4799.00, at: 2026-12-08}, {price: 4599.00, at: 2026-12-09, currency: ABC}",
            "{pay: 200.00}",
            (
                "terms.yaml, examples[1] “tried”: when, price 2: the currency is not three capital letters known to ISO 4217;"
                " expected a row as a file would hold it. Correct it."
            ),
        ),
        (
            "paid: 4999, currency: JPY, delivered: 2026-12-05T10:00+08:00",
            "{price: 4799, at: 2026-12-08}",
            "{pay: 200.00}",
            (
                "terms.yaml, examples[1] “tried”: then: amount '200.00'; expected digits and one point, at most 0 of them after"
                " it. Write the amount in JPY like 123456."
            ),
        ),
    ],
)
def test_what_came_instead_is_said(given: str, when: str, then: str, message: str):
    assert complaints(sketch(given, when, then)) == [message]


@pytest.mark.parametrize(
    ("given", "when", "paid"),
    [
        ("seller: self, category: fridge", "", [200_00]),
        ("seller: market-17", "", []),
        ("seller: self", "seller: self", [200_00]),
        ("seller: self", "seller: market-17", []),
        ("seller: self", "seller: null", []),
        ("category: fridge", "seller: self", []),
        ("gift: true", "", []),
        ("region: 110000", "region: 440000", []),
        ("region: 110000", "region: 110000", [200_00]),
        ("", "region: 440000", []),
        ("", "kind: flash", []),
    ],
)
def test_an_example_is_about_what_it_states(given: str, when: str, paid: list[int]):
    """What is left out on both sides is taken as met; what one side states, the other must have."""
    terms = sketch(
        f"paid: 4999.00, delivered: 2026-12-05T10:00+08:00{given and ', '}{given}",
        f"{{price: 4799.00, at: 2026-12-08{when and ', '}{when}}}",
        "{pay: 0}",
    )
    assert [amount for _, amount, _ in came(terms)] == paid


def test_a_condition_on_prices_is_left_aside_only_where_no_price_states_its_column():
    base = BEFORE_EXAMPLES.replace("kind NOT IN ('flash','presale')", "kind <> 'flash' AND page = 'home'")
    assert "page" in base
    prices = "{price: 4799.00, at: 2026-12-08}, {price: 4699.00, at: 2026-12-09, kind: flash}"
    unstated = sketch("paid: 4999.00, delivered: 2026-12-05", prices, "{pay: 0}", base=base)
    assert came(unstated) == [("pay", 200_00, "PP-2")]
    stated = sketch(
        "paid: 4999.00, delivered: 2026-12-05", prices.replace("-08", "-08, page: list"), "{pay: 0}", base=base
    )
    assert came(stated) == []


def test_a_price_takes_from_the_line_what_must_be_the_same():
    base = BEFORE_EXAMPLES.replace("kind NOT IN ('flash','presale')", "seller <> 'market-17' AND sku <> 'TEST'")
    assert "market-17" in base
    for seller, sku, steps in (("self", "S", 1), ("market-17", "S", 0), ("self", "TEST", 0)):
        given = f"paid: 4999.00, delivered: 2026-12-05, seller: {seller}, sku: {sku}, category: fridge"
        base_of_all = base.replace(" AND seller = 'self'", "")
        assert len(came(sketch(given, "{price: 4799.00, at: 2026-12-08}", "{pay: 0}", base=base_of_all))) == steps
        assert complaints(sketch(given, "", "{pay: 0}", base=base_of_all)) == []


def test_an_attribute_is_typed_as_a_column_of_a_file_would_be():
    base = BEFORE_EXAMPLES.replace("AND NOT gift", "AND floor >= 3 AND lift")
    with_lift = "paid: 4999.00, delivered: 2026-12-05, floor: {}, lift: {}"
    price = "{price: 4799.00, at: 2026-12-08}"
    assert len(came(sketch(with_lift.format(10, "true"), price, "{pay: 0}", base=base))) == 1
    assert came(sketch(with_lift.format(2, "true"), price, "{pay: 0}", base=base)) == []
    assert came(sketch(with_lift.format(10, "false"), price, "{pay: 0}", base=base)) == []
    assert complaints(sketch(with_lift.format("third", "true"), price, "{pay: 200}", base=base)) == [
        (
            "terms.yaml, examples[1] “tried”: terms.yaml, line 10, scope.where: column floor is a text and 3 is a number;"
            " expected two of one kind. Write the value as the column holds it."
        )
    ]


@pytest.mark.parametrize(
    ("scope", "given", "paid"),
    [("line", "", [300_00]), ("order", "", [300_00]), ("buyer", "", [300_00]), ("buyer", ", buyer_id: null", [400_00])],
)
def test_caps_that_lines_share_bind_an_example_too(scope: str, given: str, paid: list[int]):
    """An example that names no buyer is about one; one whose buyer is null is about nobody's purse."""
    base = BEFORE_EXAMPLES.replace("caps: [{scope: line, amount: basis}]", f"caps: [{{scope: {scope}, amount: 300}}]")
    terms = sketch(
        f"paid: 4999.00, delivered: 2026-12-05{given}", "{price: 4599.00, at: 2026-12-08}", "{pay: 0}", base=base
    )
    assert [amount for _, amount, _ in came(terms)] == paid


def test_a_cover_that_opens_after_all_that_is_given_is_waited_for():
    base = BEFORE_EXAMPLES.replace("opens:  {at: paid}", "opens: {at: delivered, plus: P7D}")
    terms = sketch(
        "paid: 4999.00, delivered: 2026-12-05T10:00+08:00",
        "{price: 4799.00, at: 2026-12-08}",
        "{pay: 200.00}",
        base=base,
    )
    assert complaints(terms) == []
    assert run_example(terms.examples[0], terms=terms).came[0].at_us == parse_moment(
        "2026-12-13T00:00+08:00", zone="UTC", where="here"
    )


@pytest.mark.parametrize("then", ["{pay: 1.00}, {hold: 1.01}", "{hold: 1.01}, {pay: 1.00}"])
def test_what_comes_at_one_moment_may_be_written_in_any_order(then: str):
    """Of two units one cost a cent more, so that the price is held for it and paid for the other."""
    base = BEFORE_EXAMPLES.replace("below_percent_of_basis: 30", "below_percent_of_basis: 50")
    terms = sketch("paid: 4.01, quantity: 2, delivered: 2026-12-05", "{price: 1.00, at: 2026-12-08}", then, base=base)
    assert complaints(terms) == []


def test_what_comes_later_is_written_later():
    prices = "{price: 1.00, at: 2026-12-08, until: 2026-12-09}, {price: 4799.00, at: 2026-12-10}"
    given = "paid: 4999.00, delivered: 2026-12-05"
    assert complaints(sketch(given, prices, "{hold: 4998.00}, {pay: 200.00}")) == []
    assert len(complaints(sketch(given, prices, "{pay: 200.00}, {hold: 4998.00}"))) == 1


def test_a_document_without_examples_has_nothing_to_fail():
    assert complaints(parse_terms(BEFORE_EXAMPLES, where="terms.yaml")) == []
