"""What the contract says beside its worked cases, asked of the oracle with answers worked out by hand."""

from datetime import datetime
from typing import Any

import pytest

from tests.oracle.histories import amounts, line, price, term
from tests.oracle.price_protection import adjudicate, rivals, sweep
from tests.oracle.rows import Rows

LATER = "2026-12-31"


def owed(orders: Rows, prices: Rows, terms: dict[str, Any] | None = None) -> list[int]:
    """Ask what is paid, step by step."""
    return amounts(adjudicate(orders, prices, terms or term()).payouts)


def held(orders: Rows, prices: Rows, terms: dict[str, Any]) -> list[int]:
    """Ask what is held, step by step."""
    return [step["held_minor"] for step in adjudicate(orders, prices, terms).held]


def below_30_percent(**compare: Any) -> dict[str, Any]:
    """Make a term that holds prices below 30 % of the basis."""
    return term(compare={"suspicious": {"below_percent_of_basis": "30", "action": "hold"}, **compare})


# --- Series -----------------------------------------------------------------------------------------------------------


def test_of_two_rows_at_one_instant_the_later_one_of_the_file_holds() -> None:
    assert owed([line("4999.00")], [price("4599.00", "11-06"), price("4799.00", "11-06")]) == [200_00]


def test_a_row_that_holds_for_no_time_still_ends_the_one_before_it() -> None:
    empty = price("4999.00", "10-31", until="2026-10-31T00:00:00+08:00")
    assert owed([line("4999.00")], [price("4599.00", "10-01"), empty]) == []


def test_a_row_that_is_excluded_still_ends_the_one_before_it() -> None:
    terms = term(compare={"prices": {"where": "label <> 'x'"}})
    assert owed([line("4999.00")], [price("4599.00", "10-01", label="y")], terms) == [400_00]
    rows = [price("4599.00", "10-01", label="y"), price("4499.00", "10-31", label="x")]
    assert owed([line("4999.00")], rows, terms) == []


def test_a_price_whose_condition_is_unknown_does_not_count() -> None:
    terms = term(compare={"prices": {"where": "label <> 'x'"}})
    assert owed([line("4999.00")], [price("4599.00", "11-06"), price("4799.00", "11-07", label="y")], terms) == [200_00]


def test_an_ended_price_does_not_bring_the_one_before_it_back() -> None:
    rows = [price("4599.00", "10-01"), price("4999.00", "10-02", until="2026-10-03")]
    assert owed([line("4999.00")], rows) == []


def test_a_quantity_break_reaches_the_lines_that_bought_enough() -> None:
    seen = [price("90.00", "11-06", min_quantity="2")]
    assert owed([line("100.00")], seen) == []
    assert owed([line("200.00", quantity="2")], seen) == [20_00]


def test_a_line_that_says_nothing_is_reached_by_prices_open_to_all_only() -> None:
    assert owed([line("4999.00", seller=None)], [price("4599.00", "11-06", seller="self")]) == []
    assert owed([line("4999.00", seller=None)], [price("4599.00", "11-06")]) == [400_00]


def test_of_equal_prices_at_one_moment_the_smaller_price_id_as_text_decides() -> None:
    rows = [price("4999.00", "09-01")] * 9 + [price("4599.00", "11-06", seller="self"), price("4599.00", "11-06")]
    assert [step["price_id"] for step in adjudicate([line("4999.00")], rows, term()).payouts] == ["row:10"]
    rows[9] |= {"price_id": "b"}
    rows[10] |= {"price_id": "B"}
    assert [step["price_id"] for step in adjudicate([line("4999.00")], rows, term()).payouts] == ["B"]


def test_a_price_is_seen_often_enough_when_rows_of_its_day_are_at_it_or_below() -> None:
    terms = term(compare={"prices": {"seen_at_least": "2"}})
    once = [price("4599.00", "2026-11-06T23:00+08:00"), price("4699.00", "2026-11-07T01:00+08:00")]
    assert owed([line("4999.00")], once, terms) == []
    assert owed([line("4999.00")], [*once, price("4649.00", "2026-11-07T02:00+08:00")], terms) == [300_00]


# --- Openings ---------------------------------------------------------------------------------------------------------


def test_a_price_already_in_force_counts_at_the_opening_unless_it_is_ignored() -> None:
    verdict = adjudicate([line("4999.00")], [price("4599.00", "10-01")], term())
    assert [step["at"] for step in verdict.payouts] == [datetime.fromisoformat("2026-11-01T04:00:00+00:00")]
    assert owed([line("4999.00")], [price("4599.00", "10-01")], term(compare={"at_open": "ignored"})) == []


@pytest.mark.parametrize(("at", "paid"), [("04:00:00", []), ("04:00:00.000001", [400_00])])
def test_where_the_opening_is_ignored_a_price_must_begin_after_it(at: str, paid: list[int]) -> None:
    terms = term(compare={"at_open": "ignored"})
    assert owed([line("4999.00")], [price("4599.00", f"2026-11-01T{at}Z")], terms) == paid


@pytest.mark.parametrize(("at_open", "paid"), [("counts", [400_00]), ("ignored", [])])
def test_after_a_gap_the_reopening_is_an_opening(at_open: str, paid: list[int]) -> None:
    gaps = [{"from": {"at": "shipped"}, "until": {"at": "delivered"}}]
    terms = term(window={"gaps": gaps}, compare={"at_open": at_open})
    bought = line("4999.00", shipped_at="2026-11-02")
    assert owed([bought], [price("4599.00", "2026-11-02T12:00")], terms) == paid


@pytest.mark.parametrize(
    ("closes", "paid"),
    [
        ({}, [400_00]),
        ({"on": "2026-12-24"}, [400_00]),
        ({"on": "2026-12-23T23:00+08:00"}, []),
        ({"at": "installed"}, [400_00]),
        ({"at": "delivered"}, []),
        ({"at": "delivered", "plus": "P50D"}, [400_00]),
    ],
)
def test_a_closing_that_is_a_moment_or_has_not_happened(closes: dict[str, str], paid: list[int]) -> None:
    assert owed([line("4999.00")], [price("4599.00", "2026-12-23T23:30")], term(closes=closes)) == paid


# --- Held -------------------------------------------------------------------------------------------------------------


def test_one_price_may_be_held_for_some_units_and_paid_for_others() -> None:
    verdict = adjudicate([line("100.00", quantity="3")], [price("10.00", "11-06")], below_30_percent())
    assert [(step["quantity"], step["held_minor"]) for step in verdict.held] == [(1, 23_34)]
    assert [(step["quantity"], step["owed_minor"]) for step in verdict.payouts] == [(2, 46_66)]


def test_a_price_at_the_threshold_is_not_suspicious() -> None:
    assert owed([line("100.00")], [price("30.00", "11-06")], below_30_percent()) == [70_00]
    assert held([line("100.00")], [price("29.99", "11-06")], below_30_percent()) == [70_01]


def test_a_held_price_does_not_lower_the_mark() -> None:
    rows = [price("1.00", "11-06", seller="self"), price("4799.00", "11-07")]
    assert owed([line("4999.00")], rows, below_30_percent()) == [200_00]
    assert held([line("4999.00")], rows, below_30_percent()) == [4998_00]


def test_what_was_paid_or_held_before_is_not_held_again() -> None:
    rows = [price("4799.00", "11-06"), price("1.00", "11-07"), price("1.00", "11-08"), price("0.50", "11-09")]
    assert held([line("4999.00")], rows, below_30_percent()) == [4798_00, 50]


def test_what_is_paid_at_a_moment_is_not_held_at_it() -> None:
    rows = [price("1.00", "11-06", seller="self"), price("4799.00", "11-06")]
    assert owed([line("4999.00")], rows, below_30_percent()) == [200_00]
    assert held([line("4999.00")], rows, below_30_percent()) == [4798_00]


# --- Remedies and caps ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "paid", "rival", "owes"),
    [
        ({"times": "0.5"}, "1.00", "0.99", [1]),
        ({"times": "0.5"}, "1.00", "0.98", [1]),
        ({"times": "0.5", "plus_percent": "1"}, "1.00", "0.49", [26]),
        ({"plus_percent": "2"}, "200.00", "170.00", [33_40]),
        ({"plus_percent": "2"}, "200.00", "200.00", []),
        ({"times": "0.4", "floor": "5.00"}, "1.00", "0.99", []),
        ({"floor": "5.00"}, "100.00", "99.99", [5_00]),
        ({"floor": "5.00"}, "100.00", "90.00", [10_00]),
        ({"times": "2", "caps": [{"scope": "line", "amount": "basis"}]}, "10.00", "3.00", [10_00]),
        ({"caps": [{"scope": "line", "percent_of_basis": "25"}]}, "10.01", "3.00", [2_50]),
        ({"caps": [{"scope": "unit", "percent_of_basis": "50"}]}, "0.01", "0.00", [1]),
    ],
)
def test_a_remedy_is_exact_then_rounded_once_then_floored_then_capped(
    amount: dict[str, Any], paid: str, rival: str, owes: list[int]
) -> None:
    assert owed([line(paid)], [price(rival, "11-06")], term(amount=amount)) == owes


def test_drops_below_the_least_payout_add_up() -> None:
    terms = term(amount={"min_payout": "1.00"})
    assert owed([line("10.00")], [price("9.40", "11-06"), price("8.80", "11-07")], terms) == [1_20]
    assert owed([line("20.00", quantity="2")], [price("9.40", "11-06"), price("8.80", "11-07")], terms) == [1_20, 1_20]


def test_what_a_cap_cuts_is_forfeited() -> None:
    terms = term(amount={"caps": [{"scope": "order", "amount": "5.00"}]})
    bought = [line("10.00", line_id="L2"), line("10.00", line_id="L1")]
    verdict = adjudicate(bought, [price("6.00", "11-06"), price("5.00", "11-07")], terms)
    assert {step["line_id"]: step["owed_minor"] for step in verdict.payouts} == {"L1": 4_00, "L2": 1_00}


def test_a_wider_cap_sees_what_the_narrower_one_let_through() -> None:
    caps = [{"scope": "buyer", "amount": "4.00", "period": "month"}, {"scope": "order", "amount": "10.00"}]
    rows = [price("12.00", "11-06"), price("4.00", "12-01")]
    assert owed([line("20.00", buyer_id="B")], rows, term(amount={"caps": caps})) == [4_00, 2_00]


@pytest.mark.parametrize(("at", "paid"), [("15:59:59.999999", [4_00]), ("16:00:00", [4_00, 4_00])])
def test_the_month_of_a_cap_is_the_month_of_the_zone(at: str, paid: list[int]) -> None:
    terms = term(amount={"caps": [{"scope": "buyer", "amount": "4.00", "period": "month"}]})
    rows = [price("6.00", "11-06"), price("1.00", f"2026-11-30T{at}Z")]
    assert owed([line("10.00", buyer_id="B")], rows, terms) == paid


# --- Units that part ways ---------------------------------------------------------------------------------------------


def test_a_return_takes_the_larger_share_first() -> None:
    back = line("100.00", quantity="3", returns='[{"quantity": 1, "at": "2026-11-05"}]')
    assert owed([back], [price("33.33", "11-06")]) == []
    assert owed([back], [price("33.33", "11-04")]) == [1]


def test_a_return_of_no_stated_quantity_is_of_all_units() -> None:
    assert owed([line("100.00", quantity="3", returned_at="2026-11-05")], [price("20.00", "11-06")]) == []


def test_units_delivered_later_are_covered_for_longer() -> None:
    two_parcels = '[{"quantity": 1, "at": "2026-11-04"}, {"quantity": 1, "at": "2026-11-02"}]'
    three = line("100.00", quantity="3", deliveries=two_parcels, delivered_at="2026-11-10")
    assert owed([three], [price("33.00", "12-03")]) == [66]
    assert owed([three], [price("33.00", "12-05")]) == [33]


# --- As of ------------------------------------------------------------------------------------------------------------


def test_facts_after_as_of_do_not_exist() -> None:
    bought = [line("4999.00", returned_at="2026-11-08"), line("1.00", line_id="L2", placed_at="2026-11-09")]
    rows = [price("4799.00", "11-06"), price("4599.00", "11-07"), price("nothing", "11-08")]
    verdict = adjudicate(bought, rows, term(), as_of="2026-11-07")
    assert (verdict.lines, verdict.rejected, amounts(verdict.payouts)) == (1, [], [200_00, 200_00])
    assert amounts(adjudicate(bought, rows, term(), as_of="2026-11-06T23:59:59.999999+08:00").payouts) == [200_00]


def test_as_of_is_the_latest_fact_unless_given_and_an_end_is_no_fact() -> None:
    verdict = adjudicate([line("4999.00")], [price("4599.00", "11-06", until="2027-01-01")], term())
    assert verdict.as_of == datetime.fromisoformat("2026-11-05T16:00:00+00:00")


# --- The rival ways of paying, and the sweep --------------------------------------------------------------------------


SHORT_LOWS = [
    price("4999.00", "10-01"),
    price("4599.00", "2026-11-10T09:00", until="2026-11-10T11:00", seller="self"),
    price("4299.00", "2026-11-12T12:00", until="2026-11-12T18:00", seller="self"),
    price("4799.00", "11-20"),
    price("4099.00", "12-04"),
]


@pytest.mark.parametrize(
    ("as_of", "claimed", "all_lows", "by_bot"),
    [(LATER, 200_00, 700_00, 400_00), ("2026-11-12T13:00", 700_00, 700_00, 400_00)],
)
def test_a_claim_and_a_bot_get_the_price_in_force_when_they_ask(
    as_of: str, claimed: int, all_lows: int, by_bot: int
) -> None:
    ways = {"every_new_low": all_lows, "one_claim": claimed, "daily_bot": by_bot}
    assert rivals([line("4999.00")], SHORT_LOWS, term(), as_of=as_of) == {"CNY": ways}


def test_a_claim_at_a_suspicious_price_is_held() -> None:
    found = rivals([line("4999.00")], [price("1.00", "11-06")], below_30_percent(), as_of=LATER)
    assert found == {"CNY": {"every_new_low": 0, "one_claim": 0, "daily_bot": 0}}


@pytest.mark.parametrize(("length", "at"), [("P30D", "2026-11-11T00:00+08:00"), ("PT720H", "2026-11-10T12:00+08:00")])
def test_a_sweep_replaces_the_length_in_its_own_kind(length: str, at: str) -> None:
    terms = term(closes={"after": {"at": "delivered"}, "length": length})
    found = sweep([line("4999.00")], [price("4599.00", at)], terms, LATER, range(7, 9))
    nothing, drop = {"owed_minor": 0, "lines_owed": 0}, {"owed_minor": 400_00, "lines_owed": 1}
    assert found == [{"days": 7, "currency": "CNY", **nothing}, {"days": 8, "currency": "CNY", **drop}]
