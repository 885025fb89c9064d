"""The worked cases of price protection, asked of the oracle itself; a case's number stands in its test's name."""

from typing import Any

import pytest

from tests.oracle.histories import amounts, line, price, term, thirty_days_after
from tests.oracle.money import split_by_largest_remainder
from tests.oracle.price_protection import adjudicate
from tests.oracle.promise import open_case
from tests.oracle.rows import Rows
from tests.oracle.steps import pieces_of


def owed(orders: Rows, prices: Rows, terms: dict[str, Any] | None = None) -> list[int]:
    """Ask what is paid, step by step."""
    return amounts(adjudicate(orders, prices, terms or term()).payouts)


def closing(bought: dict[str, str | None], terms: dict[str, Any]) -> str:
    """Ask when the cover of a line's first unit closes, as a stamp in the term's zone."""
    case = open_case([bought], [], terms, as_of=None)
    return pieces_of(case.lines[0], unit=0, case=case)[-1].closes.astimezone(case.term.zone).isoformat()


# --- A. Price drops ---------------------------------------------------------------------------------------------------


def test_a1_a_lower_price_on_day_10_pays_the_difference() -> None:
    assert owed([line("4999.00")], [price("4599.00", "11-13")]) == [400_00]


def test_a2_the_second_drop_pays_only_what_the_first_did_not() -> None:
    assert owed([line("4999.00")], [price("4799.00", "11-06"), price("4599.00", "11-12")]) == [200_00, 200_00]


def test_a3_the_same_low_twice_pays_once() -> None:
    seen = [price("4799.00", "11-06"), price("4999.00", "11-07"), price("4799.00", "11-08")]
    assert owed([line("4999.00")], seen) == [200_00]


def test_a4_a_rise_between_two_drops_changes_nothing() -> None:
    seen = [price("4799.00", "11-06"), price("5199.00", "11-07"), price("4499.00", "11-08")]
    assert owed([line("4999.00")], seen) == [200_00, 300_00]


@pytest.mark.parametrize(
    ("at", "paid"),
    [
        ("2026-12-03T23:59:59+08:00", [400_00]),
        ("2026-12-03T23:59:59.999999+08:00", [400_00]),
        ("2026-12-04T00:00:00+08:00", []),
    ],
)
def test_a5_a_price_effective_at_the_closing_instant_does_not_count(at: str, paid: list[int]) -> None:
    assert owed([line("4999.00")], [price("4599.00", at)]) == paid


def test_a7_the_same_price_is_no_drop() -> None:
    assert owed([line("4999.00")], [price("4999.00", "11-13")]) == []


def test_a8_a_higher_price_is_never_charged() -> None:
    assert owed([line("4999.00")], [price("5999.00", "11-13")]) == []


def test_a10_three_units_of_100_00_have_a_basis_each() -> None:
    three = line("100.00", quantity="3")
    assert owed([three], [price("30.00", "11-13")]) == [10_00]
    assert owed([three], [price("33.33", "11-13")]) == [1]


def test_a11_a_returned_unit_gets_nothing_more() -> None:
    three = line("300.00", quantity="3", returned_at="2026-11-10T09:00:00+08:00", returned_quantity="1")
    assert owed([three], [price("80.00", "11-13")]) == [40_00]


def test_a12_an_adjusted_unit_that_goes_back_leaves_the_rest_of_its_price_to_refund() -> None:
    returned = line("4999.00", returned_at="2026-11-14T09:00:00+08:00")
    paid = owed([returned], [price("4599.00", "11-13"), price("4499.00", "11-15")])
    assert 4999_00 - sum(paid) == 4599_00


def test_a14_an_order_discount_lowers_the_bases() -> None:
    first, second = split_by_largest_remainder(400_00, weights=[2999_00, 1999_00])
    assert (first, second) == (240_02, 159_98)
    bought = [
        line(None, line_id="L1", sku="A", paid_minor=str(2999_00 - first)),
        line(None, line_id="L2", sku="B", paid_minor=str(1999_00 - second)),
    ]
    assert owed(bought, [price("2699.00", "11-13", sku="A"), price("1899.00", "11-13", sku="B")]) == [59_98]


def test_a15_an_unchanged_shelf_price_above_the_basis_pays_nothing() -> None:
    bought = [line("2758.98", sku="A"), line("1839.02", line_id="L2", sku="B")]
    assert owed(bought, [price("2999.00", "10-01", sku="A"), price("1999.00", "10-01", sku="B")]) == []


@pytest.mark.parametrize(("paid", "difference"), [("2999.00", [100_00]), ("2799.00", [])])
def test_a16_a_voucher_is_paid_money_as_a_tender_and_not_as_a_discount(paid: str, difference: list[int]) -> None:
    assert owed([line(paid)], [price("2899.00", "11-13")]) == difference


def test_a18_a_gift_line_of_nothing_owes_nothing() -> None:
    bought = [line("4999.00"), line("0.00", line_id="L2", sku="GIFT", gift="true")]
    assert owed(bought, [price("149.00", "11-13", sku="GIFT")]) == []


def test_a21_a_flash_price_is_ignored_and_the_list_price_after_it_counts() -> None:
    terms = term(compare={"prices": {"where": "kind NOT IN ('flash','presale')"}})
    flash = price("3999.00", "2026-11-13T10:00:00+08:00", until="2026-11-13T12:00:00+08:00", kind="flash")
    assert owed([line("4999.00")], [flash, price("4799.00", "11-14", kind="list")], terms) == [200_00]


def test_a22_an_obvious_price_error_is_held() -> None:
    terms = term(compare={"suspicious": {"below_percent_of_basis": "30", "action": "hold"}})
    error = price("1.00", "2026-11-13T10:00:00+08:00", until="2026-11-13T10:06:00+08:00")
    verdict = adjudicate([line("4999.00")], [error], terms)
    assert verdict.payouts == []
    assert [held["held_minor"] for held in verdict.held] == [4998_00]


def test_a23_a_price_of_another_region_does_not_reach_the_buyer() -> None:
    bought = [line("4999.00", region="110000")]
    far, national = price("4599.00", "11-13", region="440000"), price("4799.00", "11-14")
    assert owed(bought, [far]) == []
    assert owed(bought, [far, national]) == [200_00]


def test_a24_a_member_price_reaches_members() -> None:
    member_price, public_price = price("4599.00", "11-14", audience="member"), price("4699.00", "11-13")
    assert owed([line("4999.00")], [member_price]) == []
    assert owed([line("4799.00", audience="member")], [public_price, member_price]) == [100_00, 100_00]


def test_a25_a_term_on_the_same_channel_does_not_look_into_the_app() -> None:
    terms = term(compare={"same": ["channel"]})
    assert owed([line("4999.00", channel="web")], [price("4599.00", "11-13", channel="app")], terms) == []
    assert owed([line("4999.00", channel="web")], [price("4599.00", "11-13", channel="web")], terms) == [400_00]


def test_a26_a_marketplace_seller_is_another_series() -> None:
    assert owed([line("4999.00", seller="self")], [price("4599.00", "11-13", seller="market")]) == []


@pytest.mark.parametrize(("required", "paid"), [("true", []), ("false", [400_00])])
def test_a27_a_sold_out_price_counts_unless_stock_is_required(required: str, paid: list[int]) -> None:
    terms = term(compare={"in_stock_required": required})
    assert owed([line("4999.00")], [price("4599.00", "11-13", in_stock="false")], terms) == paid


@pytest.mark.parametrize(("rival", "paid"), [("4599.00", [800_00]), ("4399.00", [1000_00])])
def test_a32_twice_the_difference_up_to_a_cap(rival: str, paid: list[int]) -> None:
    doubled = term(amount={"times": "2", "caps": [{"scope": "order", "amount": "1000.00"}]})
    assert owed([line("4999.00")], [price(rival, "11-02")], doubled) == paid


def test_a34_a_monthly_cap_leaves_what_is_left_of_the_month() -> None:
    doubled = term(amount={"times": "2", "caps": [{"scope": "buyer", "amount": "4000", "period": "month"}]})
    bought = [line("4999.00", sku="A", buyer_id="B"), line("4999.00", line_id="L2", buyer_id="B")]
    seen = [price("3249.00", "11-05", sku="A"), price("4599.00", "11-13")]
    assert owed(bought, seen, doubled) == [3500_00, 500_00]


def test_a35_a_cap_of_ten_percent_of_the_own_price() -> None:
    capped = term(amount={"caps": [{"scope": "unit", "percent_of_basis": "10"}]})
    assert owed([line("200.00")], [price("170.00", "11-13")], capped) == [20_00]


# --- B. Money ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("paid", "currency", "quantity", "bases"),
    [
        ("1000", "JPY", "3", [334, 333, 333]),
        ("10.000", "KWD", "3", [3334, 3333, 3333]),
        ("0.05", "CNY", "4", [2, 1, 1, 1]),
    ],
)
def test_b7_the_parts_of_a_line_add_up_in_every_currency(
    paid: str, currency: str, quantity: str, bases: list[int]
) -> None:
    case = open_case([line(paid, currency=currency, quantity=quantity)], [], term(), as_of=None)
    assert [unit.basis for unit in case.lines[0].units] == bases


def test_b8_a_price_in_another_currency_does_not_count() -> None:
    assert owed([line("4999.00", currency="EUR")], [price("1.00", "11-13", currency="CNY")]) == []


def test_b11_rows_out_of_order_give_the_same_steps() -> None:
    rows = [price("4599.00", "11-06"), price("4799.00", "11-03")]
    assert owed([line("4999.00")], rows) == owed([line("4999.00")], rows[::-1]) == [200_00, 200_00]


def test_b13_a_discount_is_dealt_out_by_the_largest_remainder() -> None:
    assert split_by_largest_remainder(50_00, weights=[2999_00, 99_00, 49_00]) == [47_65, 1_57, 78]


# --- C. Windows, zones, calendars -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("at", "paid"), [("11:59:59.999999", [400_00]), ("12:00:00", [])])
def test_c1_seven_exact_days_end_at_the_second_of_the_sign_off(at: str, paid: list[int]) -> None:
    signed = line("4999.00", delivered_at="2026-11-10T12:00:00+08:00")
    exact = term(closes={"after": {"at": "delivered"}, "length": "PT168H"})
    assert owed([signed], [price("4599.00", f"2026-11-17T{at}+08:00")], exact) == paid


def test_c2_seven_calendar_days_end_with_the_last_of_them() -> None:
    signed = line("4999.00", delivered_at="2026-11-10T12:00:00+08:00")
    calendar = term(closes={"after": {"at": "delivered"}, "length": "P7D"})
    assert closing(signed, calendar) == "2026-11-18T00:00:00+08:00"


@pytest.mark.parametrize(
    ("length", "closes"), [("P14D", "2026-11-04T00:00:00+01:00"), ("PT336H", "2026-11-03T14:30:00+01:00")]
)
def test_c4_a_calendar_length_keeps_the_wall_clock_when_clocks_go_back(length: str, closes: str) -> None:
    bought = line("4999.00", placed_at="2026-10-19T10:00+02:00", delivered_at="2026-10-20T15:30+02:00")
    terms = term(zone="Europe/Berlin", closes={"after": {"at": "delivered"}, "length": length})
    assert closing(bought, terms) == closes


@pytest.mark.parametrize(("year", "ends"), [("2028", "2028-03-01"), ("2027", "2027-03-02")])
def test_c6_a_leap_day_is_a_day(year: str, ends: str) -> None:
    bought = line("4999.00", placed_at=f"{year}-01-28", delivered_at=f"{year}-01-30T12:00+08:00")
    assert closing(bought, term()) == f"{ends}T00:00:00+08:00"


@pytest.mark.parametrize(
    ("anchor", "length", "ends"),
    [
        ("2028-02-29", "P1Y", "2029-03-01"),
        ("2027-01-31", "P1M", "2027-03-01"),
        ("2026-08-31", "P6M", "2027-03-01"),
    ],
)
def test_c7_a_month_too_short_ends_on_its_last_day(anchor: str, length: str, ends: str) -> None:
    bought = line("4999.00", placed_at=anchor, delivered_at=anchor)
    assert closing(bought, term(closes={"after": {"at": "delivered"}, "length": length})) == f"{ends}T00:00:00+08:00"


def test_c12_day_0_is_the_day_in_the_zone_of_the_shop() -> None:
    bought = line("4999.00", placed_at="2026-05-30T00:00Z", delivered_at="2026-06-01T16:30Z")
    assert closing(bought, term()) == "2026-07-03T00:00:00+08:00"


SUSPENDED = [{"from": {"at": "shipped", "plus": "P7D"}, "until": {"at": "delivered"}}]


@pytest.mark.parametrize(
    ("gaps", "at", "until", "paid"),
    [
        ([], "2026-11-12T00:00", "2026-11-12T00:01", [400_00]),
        (SUSPENDED, "2026-11-12T00:00", "2026-11-12T00:01", []),
        (SUSPENDED, "2026-11-09T23:59", "2026-11-10T00:00", [400_00]),
        (SUSPENDED, "2026-11-10T00:00", "2026-11-20T12:00", []),
        (SUSPENDED, "2026-11-20T12:00", "2026-11-20T12:01", [400_00]),
    ],
)
def test_c13_a_gap_between_dispatch_and_delivery_covers_nothing(
    gaps: list[Any], at: str, until: str, paid: list[int]
) -> None:
    bought = line("4999.00", shipped_at="2026-11-02T09:00", delivered_at="2026-11-20T12:00")
    assert owed([bought], [price("4599.00", at, until=until)], term(window={"gaps": gaps})) == paid


def test_c17_a_cancelled_line_is_owed_nothing_more() -> None:
    cancelled = line("4999.00", delivered_at=None, cancelled_at="2026-11-02T12:00:00+08:00")
    verdict = adjudicate([cancelled], [price("4599.00", "2026-11-02T12:00:00+08:00")], term())
    assert verdict.payouts == []
    assert verdict.revenue_minor == {"CNY": 4999_00}


@pytest.mark.parametrize(("day", "paid"), [("2026-07-01", [400_00]), ("2026-07-02", [])])
def test_c19_a_window_from_the_order_date_does_not_wait_for_delivery(day: str, paid: list[int]) -> None:
    bought = line("4999.00", placed_at="2026-06-01T12:00+08:00", delivered_at="2026-06-20T12:00+08:00")
    terms = term(closes=thirty_days_after("placed"))
    assert owed([bought], [price("4599.00", f"{day}T00:00+08:00")], terms) == paid


def test_c21_c23_day_0_is_the_later_of_delivery_and_installation() -> None:
    terms = term(closes={"after": {"latest_of": ["delivered", "installed"]}, "length": "P30D"}, zone="Europe/London")
    bought = line("4999.00", placed_at="2026-03-01", delivered_at="2026-03-02", installed_at="2026-03-02")
    assert closing(bought, terms) == "2026-04-02T00:00:00+01:00"
    assert closing({**bought, "installed_at": "2026-03-05"}, terms) == "2026-04-05T00:00:00+01:00"
