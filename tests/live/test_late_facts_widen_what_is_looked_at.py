"""Facts that come late and make an older price count after all: the covers and prices they concern are looked at again."""

from itertools import permutations

import pytest

from tests.live.stores import balances, empty_store, live
from tests.live.telling import moment, tell_event, tell_orders, tell_prices
from tests.oracle.histories import line, price, term

END = moment("2027-03-01")


def test_a_delivery_corrected_to_a_later_day_lets_a_price_count_that_came_too_late() -> None:
    with empty_store(term()) as database:
        tell_orders(database, line("4999.00"))
        tell_prices(database, price("4599.00", "12-05"))
        live(database, END)
        assert balances(database) == {}
        tell_event(database, "delivered", "11-10", supersedes="line:delivered")
        live(database, END)
        assert balances(database) == {"L1": 400_00}


def test_a_pause_that_is_told_late_lets_a_price_count_that_came_too_late() -> None:
    pauses = [{"from": {"at": "shipped"}, "until": {"at": "delivered"}}]
    terms = term(closes={"after": {"at": "paid"}, "length": "P3D"}, window={"pauses": pauses})
    with empty_store(terms) as database:
        tell_orders(database, line("4999.00", delivered_at=None))
        tell_prices(database, price("4599.00", "11-08"))
        live(database, END)
        assert balances(database) == {}
        tell_event(database, "shipped", "11-02")
        live(database, END)
        assert balances(database) == {"L1": 400_00}


@pytest.mark.parametrize("first", ["10:00", "14:00"])
def test_a_sighting_after_the_closing_lets_a_price_of_its_day_count(first: str) -> None:
    """A price counts when two rows of its series on its day are at it; the cover closes between the two at noon."""
    compare = {"against": "window_min", "prices": {"seen_at_least": "2"}}
    terms = term(closes={"after": {"at": "delivered"}, "length": "PT24H"}, compare=compare)
    rows = {at: price("4599.00", f"2026-11-04T{at}:00+08:00") for at in ("10:00", "14:00")}
    with empty_store(terms) as database:
        tell_orders(database, line("4999.00"))
        tell_prices(database, rows.pop(first), first_row=1)
        live(database, END)
        tell_prices(database, *rows.values(), first_row=2)
        live(database, END)
        assert balances(database) == {"L1": 400_00}


@pytest.mark.parametrize("order", list(permutations("abcd")))
def test_lines_linked_by_orders_and_buyers_share_their_caps_along_the_whole_chain(order: tuple[str, ...]) -> None:
    """a and b are of one order, b and c of one buyer, c and d of one order; told in every order, the cents are the same."""
    caps = [{"scope": "order", "amount": "5.00"}, {"scope": "buyer", "amount": "6.00"}]
    lines = {
        "a": line("10.00", line_id="a", sku="a", order_id="O1", buyer_id="B1"),
        "b": line("10.00", line_id="b", sku="b", order_id="O1", buyer_id="B2"),
        "c": line("10.00", line_id="c", sku="c", order_id="O2", buyer_id="B2"),
        "d": line("10.00", line_id="d", sku="d", order_id="O2", buyer_id="B3"),
    }
    days = {"a": "11-05", "b": "11-06", "c": "11-07", "d": "11-08"}
    with empty_store(term(amount={"caps": caps})) as database:
        tell_orders(database, *lines.values())
        for row, sku in enumerate(order, start=1):
            tell_prices(database, price("6.00", days[sku], sku=sku), first_row=row)
            live(database, END)
        assert balances(database) == {"a": 4_00, "b": 1_00, "c": 4_00, "d": 1_00}


def test_an_event_told_before_its_line_counts_when_its_moment_comes() -> None:
    terms = term(opens={"at": "delivered"})
    with empty_store(terms) as database:
        tell_event(database, "delivered", "11-03T12:00+08:00")
        tell_prices(database, price("4599.00", "11-02"))
        live(database, moment("11-02"))
        tell_orders(database, line("4999.00", delivered_at=None))
        live(database, moment("11-02T12:00+08:00"))
        live(database, moment("11-03T12:00+08:00") - 1)
        assert balances(database) == {}
        live(database, moment("11-03T12:00+08:00"))
        assert balances(database) == {"L1": 400_00}


@pytest.mark.parametrize("told", ["before the claim", "after it"])
@pytest.mark.parametrize("within", ["PT72H", "P3D"])
def test_a_price_after_the_closing_ends_the_one_that_a_later_claim_is_for(told: str, within: str) -> None:
    compare = {"against": "at_claim", "claim": {"within": within}}
    later = price("4799.00", "11-06")
    with empty_store(term(closes={"after": {"at": "paid"}, "length": "P3D"}, compare=compare)) as database:
        tell_orders(database, line("4999.00", claimed_at="2026-11-07T00:00:00+08:00"))
        tell_prices(
            database, price("4599.00", "2026-11-04T12:00:00+08:00"), *([later] if told == "before the claim" else [])
        )
        live(database, END)
        if told == "after it":
            assert balances(database) == {"L1": 400_00}
            tell_prices(database, later, first_row=2)
            live(database, END)
        assert balances(database) == {}
