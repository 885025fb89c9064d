"""Small histories on which engine and oracle once said different things, or one of them stumbled; each with its answer."""

from dataclasses import replace
from typing import Any

from tests.oracle.agreement import compare, engine_says
from tests.oracle.histories import line, price, term
from tests.oracle.strategies import History, Row


def history(orders: list[Row], prices: list[Row], **parts: Any) -> History:
    return History(orders=orders, prices=prices, terms=term(**parts), as_of=None)


def paid_by_both(told: History) -> list[tuple[str, int, int]]:
    """The price, the units and the amount of each step, once both have said the same."""
    said = engine_says(told)
    assert not compare(told)
    return [(step[2], step[4], step[5]) for step in said["payouts"]]


def test_a_gift_flag_that_cannot_be_read_is_rejected_whether_or_not_the_terms_ask_for_it() -> None:
    told = history([line("100.00", gift="maybe"), line("100.00", line_id="L2")], [price("80.00", "11-10")])
    assert paid_by_both(told) == [("row:1", 1, 2000)]
    assert engine_says(told)["rejected"] == [("orders", 1, "bad_flag")]


def test_what_comes_with_the_goods_ends_no_series_unless_gifts_are_strict() -> None:
    """The price without the gift ends the one with it: they are one series."""
    prices = [price("60.00", "11-02", gift_value="10.00"), price("80.00", "11-04")]
    told = history([line("100.00")], prices, opens={"at": "delivered"})
    assert paid_by_both(told) == [("row:1", 1, 4000)]
    later = replace(told, orders=[line("100.00", delivered_at="2026-11-05T12:00:00+08:00")])
    assert paid_by_both(later) == [("row:2", 1, 2000)]
    strict = replace(later, terms={**later.terms, "allocation": {"gifts": "strict"}})
    assert paid_by_both(strict) == [("row:2", 1, 2000)]


def test_who_never_claimed_under_a_calendar_limit_asks_at_the_closing() -> None:
    compare = {"against": "at_claim", "claim": {"within": "P3D"}}
    waiting = line("100.00", line_id="L2", paid_at="2027-01-01T00:00:00+08:00")
    closes = {"after": {"at": "paid"}, "length": "P30D"}
    told = history([line("100.00"), waiting], [price("80.00", "11-29")], compare=compare, closes=closes)
    assert paid_by_both(told) == [("row:1", 1, 2000)]
    early = replace(told, prices=[price("80.00", "11-10")])
    assert paid_by_both(early) == []


def test_a_claim_before_the_cover_first_opens_gets_nothing() -> None:
    bought = line("100.00", shipped_at="2026-11-02T12:00:00+08:00", claimed_at="2026-11-02T00:00:00+08:00")
    window = {"gaps": [{"from": {"at": "placed"}, "until": {"at": "shipped"}}]}
    compare = {"against": "at_claim", "claim": {"within": "P3D"}}
    told = history([bought], [price("80.00", "2026-11-01T13:00:00+08:00")], window=window, compare=compare)
    assert paid_by_both(told) == []


def test_an_empty_list_of_returns_says_nothing_of_a_return_that_a_column_tells() -> None:
    returned = {"returned_at": "2026-11-04T00:00:00+08:00", "returned_quantity": "1", "returns": "[]"}
    told = history([line("300.00", quantity="3", **returned)], [price("80.00", "11-10")])
    assert paid_by_both(told) == [("row:1", 2, 4000)]


def test_a_cap_by_the_month_comes_before_one_by_the_year_however_they_are_written() -> None:
    """The year is charged with what the month lets through: 6.00 in November leave 3.00 for December."""
    caps = [
        {"scope": "buyer", "amount": "9.00", "period": "year"},
        {"scope": "buyer", "amount": "6.00", "period": "month"},
    ]
    prices = [price("90.00", "11-10"), price("80.00", "12-01")]
    told = history([line("100.00", buyer_id="B1")], prices, amount={"caps": caps})
    assert paid_by_both(told) == [("row:1", 1, 600), ("row:2", 1, 300)]


def test_a_pause_before_the_clock_starts_puts_nothing_off() -> None:
    """The clock starts on delivery; what passed before it stood still for nobody."""
    bought = line("100.00", shipped_at="2026-11-02T12:00:00+08:00")
    window = {"pauses": [{"from": {"at": "placed"}, "until": {"at": "shipped"}}]}
    closes = {"after": {"at": "delivered"}, "length": "P1D"}
    told = history([bought], [price("80.00", "2026-11-05T00:00:00+08:00")], window=window, closes=closes)
    assert paid_by_both(told) == []


def test_a_pause_counts_from_where_the_clock_runs() -> None:
    """Installed 36 hours after shipping, 24 of them after delivery: the close moves by a day."""
    moments = {"shipped_at": "2026-11-03T00:00:00+08:00", "installed_at": "2026-11-04T12:00:00+08:00"}
    window = {"pauses": [{"from": {"at": "shipped"}, "until": {"at": "installed"}}]}
    closes = {"after": {"at": "delivered"}, "length": "PT24H"}
    prices = [price("80.00", "2026-11-05T11:59:59+08:00"), price("70.00", "2026-11-05T12:00:00+08:00")]
    told = history([line("100.00", **moments)], prices, window=window, closes=closes)
    assert paid_by_both(told) == [("row:1", 1, 2000)]
