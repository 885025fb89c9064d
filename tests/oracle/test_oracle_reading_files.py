"""How the oracle reads rows, stamps and conditions: which rows it rejects, and what it leaves undecided."""

from datetime import datetime
from typing import Any

import pytest

from tests.oracle.conditions import Value, read_condition
from tests.oracle.histories import line, price, term
from tests.oracle.moments import midnight, read_stamp, read_zone
from tests.oracle.money import EXPONENTS, UnusableError
from tests.oracle.price_protection import adjudicate

FACTS: dict[str, Value] = {"seller": "self", "region": None, "points": 3, "vip": True, "gift": False, "known": None}


def test_a_currency_has_the_digits_of_iso_4217() -> None:
    digits = {code: EXPONENTS[code] for code in ("JPY", "CNY", "KWD", "CLF")}
    assert digits == {"JPY": 0, "CNY": 2, "KWD": 3, "CLF": 4}
    assert all(len(code) == len("CNY") for code in EXPONENTS)


@pytest.mark.parametrize(
    ("text", "zone", "instant"),
    [
        ("2026-11-01T12:00:00+08:00", "UTC", "2026-11-01T04:00:00"),
        ("2026-11-01T12:00Z", "Asia/Shanghai", "2026-11-01T12:00:00"),
        ("2026-11-01 12:00:00.5", "Asia/Shanghai", "2026-11-01T04:00:00.500000"),
        ("2026-11-01", "Asia/Shanghai", "2026-10-31T16:00:00"),
        ("2026-10-25T02:30", "Europe/Berlin", "2026-10-25T00:30:00"),
        ("2026-10-25T02:30+01:00", "Europe/Berlin", "2026-10-25T01:30:00"),
        ("2026-03-29T02:30", "Europe/Berlin", "2026-03-29T01:30:00"),
        ("2026-04-24", "Africa/Cairo", "2026-04-23T22:00:00"),
    ],
)
def test_a_stamp_without_a_zone_is_read_in_that_of_the_term(text: str, zone: str, instant: str) -> None:
    assert read_stamp(text, zone=read_zone(zone)) == datetime.fromisoformat(f"{instant}+00:00")


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2026-02-30", "2026-11-01T24:61", "20261101", "2026-W45-1", "1762000000"]
)
def test_what_is_no_stamp_is_not_guessed_at(text: str) -> None:
    assert read_stamp(text, zone=read_zone("UTC")) is None


def test_a_day_of_a_zone_whose_midnight_is_skipped_begins_at_the_change() -> None:
    begins = midnight(datetime.fromisoformat("2026-04-24").date(), zone=read_zone("Africa/Cairo"))
    assert begins.astimezone(read_zone("Africa/Cairo")).isoformat() == "2026-04-24T01:00:00+03:00"


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("seller = 'self' AND NOT gift", True),
        ("seller <> 'self' AND region = 'x'", False),
        ("region = 'x'", None),
        ("NOT region = 'x'", None),
        ("region = 'x' OR vip", True),
        ("region = 'x' OR gift", None),
        ("region = 'x' AND gift", False),
        ("region IN ('x', 'y')", None),
        ("region NOT IN ('x', 'y')", None),
        ("seller IN ('self', 'y')", True),
        ("seller NOT IN ('self', 'y')", False),
        ("region IS NULL AND seller IS NOT NULL", True),
        ("COALESCE(region, known, 'x') = 'x'", True),
        ("COALESCE(known, gift)", False),
        ("points BETWEEN 3 AND 4 AND NOT points BETWEEN 4 AND 9", True),
        ("points NOT BETWEEN 4 AND 9", True),
        ("points + 2 * 3 = 9 AND (points + 2) * 3 = 15", True),
        ("points - 1 - 1 = 1 AND points > -1", True),
        ("known + 1 > 0", None),
        ("seller = 'it''s'", False),
        ("true or false and false", True),
    ],
)
def test_a_condition_has_three_values(text: str, truth: bool | None) -> None:  # noqa: FBT001
    assert read_condition(text).evaluate(FACTS) is truth


@pytest.mark.parametrize(
    "text",
    [
        "",
        "seller",
        "seller = ",
        "points < 'a'",
        "points = 'a'",
        "vip = 1",
        "seller < 'z'",
        "a ; b",
        "(vip",
        "vip vip",
        "AND vip",
        "points = AND",
    ],
)
def test_a_text_outside_the_grammar_or_the_types_is_unusable(text: str) -> None:
    with pytest.raises(UnusableError):
        read_condition(text).evaluate(FACTS)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"sku": None}, "missing_value"),
        ({"paid": None}, "missing_value"),
        ({"quantity": "1.5"}, "bad_number"),
        ({"paid_minor": "1.5"}, "bad_number"),
        ({"quantity": "0"}, "bad_quantity"),
        ({"paid": "1,000"}, "bad_money"),
        ({"paid": "+1"}, "bad_money"),
        ({"paid": "-1"}, "bad_money"),
        ({"paid": "1e3"}, "bad_money"),
        ({"paid": "1.000"}, "bad_money"),
        ({"paid": "1.0", "currency": "JPY"}, "bad_money"),
        ({"currency": "cny"}, "bad_currency"),
        ({"currency": "AAA"}, "bad_currency"),
        ({"delivered_at": "2026-02-30"}, "bad_time"),
        ({"gift": "maybe"}, "bad_flag"),
        ({"tenders": "card"}, "bad_json"),
        ({"returns": '{"quantity": 1}'}, "bad_json"),
        ({"returns": "[1]"}, "bad_json"),
        ({"returns": '[{"quantity": true, "at": "2026-11-05"}]'}, "bad_json"),
        ({"deliveries": '[{"quantity": 1, "at": "soon"}]'}, "bad_json"),
        ({"line_id": "L0"}, "duplicate_line"),
        ({"paid": "1.00", "paid_minor": "101"}, "paid_disagrees"),
        ({"returned_at": "2026-11-05", "returned_quantity": "2"}, "returned_too_many"),
        ({"returns": '[{"quantity": 2, "at": "2026-11-05"}]'}, "returned_too_many"),
        ({"deliveries": '[{"quantity": 2, "at": "2026-11-05"}]'}, "delivered_too_many"),
        ({"delivered_at": "2026-10-31"}, "impossible_order"),
        ({"paid_at": "2026-10-31"}, "impossible_order"),
        ({"unheard_of": None}, "columns_differ"),
    ],
)
def test_an_orders_row_that_cannot_be_read_is_rejected_and_the_rest_is_kept(
    fields: dict[str, str | None], code: str
) -> None:
    first = line("0.00", line_id="L0")
    verdict = adjudicate([first, line("1.00") | fields, first | {"line_id": "L2"}], [price("0.50", "11-06")], term())
    assert (verdict.rejected, verdict.lines) == ([("orders", 2, code)], 2)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"at": None}, "missing_value"),
        ({"min_quantity": "few"}, "bad_number"),
        ({"min_quantity": "0"}, "bad_quantity"),
        ({"price": "0.001"}, "bad_money"),
        ({"price": None, "price_minor": "-1"}, "bad_money"),
        ({"currency": "EURO"}, "bad_currency"),
        ({"until": "soon"}, "bad_time"),
        ({"in_stock": "perhaps"}, "bad_flag"),
    ],
)
def test_a_prices_row_that_cannot_be_read_is_rejected(fields: dict[str, str | None], code: str) -> None:
    rows = [price("4599.00", "11-06"), price("1.00", "11-07") | fields]
    verdict = adjudicate([line("4999.00")], rows, term())
    assert verdict.rejected == [("prices", 2, code)]
    assert [step["price_id"] for step in verdict.payouts] == ["row:1"]


@pytest.mark.parametrize(
    ("terms", "undecided"),
    [
        (term(scope={"where": "category = 'fridge'"}), ["L1"]),
        (term(scope={"where": "category = 'fridge' OR seller = 'self'"}), []),
        (term(scope={"where": "category = 'fridge' AND seller = 'market'"}), []),
        (term(scope={"where": "NOT gift"}), []),
        (term(compare={"same": ["channel"]}), ["L1"]),
        (term(scope={"where": "gift"}, compare={"same": ["channel"]}), []),
    ],
)
def test_a_line_that_lacks_a_fact_that_decides_is_undecided(terms: dict[str, Any], undecided: list[str]) -> None:
    verdict = adjudicate([line("4999.00")], [price("4599.00", "11-06", channel="web")], terms)
    assert (verdict.undecided, verdict.payouts) == (undecided, [])


@pytest.mark.parametrize(
    ("parts", "named"),
    [
        ({"zone": "Asia/Nowhere"}, "Nowhere"),
        ({"kind": "replacement"}, "replacement"),
        ({"compare": {"against": "the_moon"}}, "the_moon"),
        ({"closes": {"after": {"at": "delivered"}, "length": "30 days"}}, "30 days"),
        ({"closes": {"after": {"at": "repaired"}, "length": "P30D"}}, "repaired"),
        ({"closes": {"on": "Christmas"}}, "Christmas"),
        ({"amount": {"floor": "0.001"}}, "0.001"),
        ({"amount": {"min_payout": "one"}}, "one"),
        ({"amount": {"caps": [{"scope": "planet", "amount": "1"}]}}, "planet"),
        ({"amount": {"caps": [{"scope": "order", "percent_of_basis": "1"}]}}, "expected an amount"),
    ],
)
def test_terms_that_say_what_is_not_known_are_unusable(parts: dict[str, Any], named: str) -> None:
    with pytest.raises(UnusableError, match=named):
        adjudicate([line("4999.00")], [price("4599.00", "11-06")], term(**parts))


def test_what_has_no_moment_or_no_length_cannot_be_asked_for() -> None:
    with pytest.raises(UnusableError, match="no moment"):
        adjudicate([], [], term())
    with pytest.raises(UnusableError, match="as_of 'soon'"):
        adjudicate([line("1.00")], [], term(), as_of="soon")
    with pytest.raises(UnusableError, match="length"):
        adjudicate([line("1.00")], [], term(closes={"at": "delivered"}), window_days=7)


@pytest.mark.parametrize("where", ["colour = 'red'", "NOT colour IS NULL"])
def test_a_condition_on_a_column_that_the_file_lacks_is_unusable(where: str) -> None:
    with pytest.raises(UnusableError, match="'colour'"):
        adjudicate([line("1.00")], [], term(scope={"where": where}))
    with pytest.raises(UnusableError, match="'colour'"):
        adjudicate([line("1.00")], [price("1.00", "11-06")], term(compare={"prices": {"where": where}}))
