"""Who gets which part of a difference: funders theirs, the buyer's tenders in the order of the terms. Edge cases A29, A30, B1, B2."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from houbei.ledger.shares import Shares, shares_of
from tests.live.paying import pay_what_is_due
from tests.live.stores import balances, empty_store, live, rows_of
from tests.live.telling import moment, tell_event, tell_orders, tell_prices
from tests.oracle.agreement import Row, as_terms
from tests.oracle.histories import line, price, term

NOW = moment("11-20")
CARD, GIFT, POINTS = {"kind": "card"}, {"kind": "gift_card"}, {"kind": "points"}
THREE = [CARD | {"amount": "2500.00"}, GIFT | {"amount": "400.00"}, POINTS | {"amount": "100.00"}]
SUBSIDY = [{"name": "state", "amount": "749.85"}]
TRADE_IN = [{"kind": "trade_in", "amount": "300.00"}, CARD | {"amount": "4699.00", "ref": "PAY-1"}]


def paying(order: str) -> dict[str, Any]:
    return {"remedy": {"amount": {"of": "difference"}, "pay": {"order": order}}}


def paid_by(paid: str, *, tenders: Any = None, funders: Any = None) -> Row:
    told = {name: json.dumps(value) for name, value in (("tenders", tenders), ("funders", funders)) if value}
    return line(paid, **told)


CASES = [
    ("A29", paid_by("4999.00", funders=SUBSIDY), "pro_rata", 400_00, {"card": 340_00, "state": 60_00}),
    ("A30", paid_by("4999.00", tenders=TRADE_IN), "card_first", 400_00, {"card": 400_00}),
    ("B1", paid_by("3000.00", tenders=THREE), "pro_rata", 101_01, {"card": 84_17, "gift_card": 13_47, "points": 3_37}),
    ("B2 card", paid_by("3000.00", tenders=THREE), "card_first", 101_01, {"card": 101_01}),
    ("B2 VTEX", paid_by("3000.00", tenders=THREE), "lowest_settled_first", 101_01, {"points": 100_00, "gift_card": 1_01}),
    ("all", paid_by("3000.00", tenders=THREE), "card_first", 3000_00, {"card": 2500_00, "gift_card": 400_00, "points": 100_00}),
]  # fmt: skip


def shares(row: Row, order: str) -> Shares:
    found = shares_of(row, terms=as_terms(term(**paying(order))), paid_minor=minor(row), currency="CNY", order_id="O1")
    assert found is not None
    return found


def minor(row: Row) -> int:
    return int((row["paid"] or "0").replace(".", ""))


@pytest.mark.parametrize(("case", "row", "order", "owed", "parts"), CASES, ids=[case[0] for case in CASES])
def test_a_difference_is_split_as_the_line_was_paid(
    case: str, row: Row, order: str, owed: int, parts: dict[str, int]
) -> None:
    found = shares(row, order)
    *mine, beyond = found.split(owed, standing=[0] * (len(found.shares) + 1))
    assert {share.name: part for share, part in zip(found.shares, mine, strict=True) if part} == parts, case
    assert beyond == 0


@pytest.mark.parametrize(("case", "row", "order", "owed", "parts"), CASES, ids=[case[0] for case in CASES])
def test_the_same_cents_are_posted_and_asked_for(
    case: str, row: Row, order: str, owed: int, parts: dict[str, int]
) -> None:
    cheaper = minor(row) - owed
    with empty_store(term(**paying(order))) as database:
        tell_orders(database, row)
        tell_prices(database, price(f"{cheaper // 100}.{cheaper % 100:02}", "11-10"))
        live(database, NOW)
        asked = rows_of(database, "SELECT kind, payment, amount_minor, due_us FROM actions ORDER BY sequence")
        assert sorted(amount for _, _, amount, _ in asked) == sorted(parts.values()), case
        assert balances(database) == {"L1": owed}
        assert balances(database, "payable_to_funders") == ({"L1": -60_00} if case == "A29" else {})
        for kind, payment, amount, due_us in asked:
            name = next(name for name, part in parts.items() if part == amount)
            assert kind == {"card": "refund", "state": "funder"}.get(name, "credit")
            assert payment == ({"A30": "PAY-1"}.get(case, "O1") if kind != "funder" else "state")
            assert (due_us is None) == (kind == "funder")


def test_a_second_drop_goes_on_where_the_first_one_stopped() -> None:
    tenders = [CARD | {"amount": "100.00"}, GIFT | {"amount": "200.00"}]
    with empty_store(term(**paying("card_first"))) as database:
        tell_orders(database, paid_by("300.00", tenders=tenders))
        tell_prices(database, price("220.00", "11-06"), price("150.00", "11-08"))
        live(database, NOW)
        asked = rows_of(database, "SELECT kind, amount_minor FROM actions ORDER BY sequence")
        assert asked == [("refund", 80_00), ("refund", 20_00), ("credit", 50_00)]


def test_a_promise_of_store_credit_asks_no_provider() -> None:
    with empty_store(term(remedy={"amount": {"of": "difference"}, "pay": {"form": "store_credit"}})) as database:
        tell_orders(database, line("300.00"))
        tell_prices(database, price("220.00", "11-06"))
        live(database, NOW)
        assert rows_of(database, "SELECT kind, amount_minor FROM actions") == [("credit", 80_00)]


@pytest.mark.parametrize("event", ["shipped", "delivered"])
def test_money_that_waits_for_dispatch_moves_once_the_goods_have_left(event: str) -> None:
    on_dispatch = {"amount": {"of": "difference"}, "pay": {"when": "on_dispatch"}}
    with empty_store(term(remedy=on_dispatch)) as database:
        tell_orders(database, line("4999.00", delivered_at=None))
        tell_prices(database, price("4599.00", "11-05"))
        live(database, moment("11-06"))
        query = "SELECT due_us, reason FROM actions"
        assert rows_of(database, query) == [(None, "waits_for_dispatch")]
        assert balances(database) == {"L1": 400_00}
        tell_event(database, event, "11-07")
        live(database, moment("11-07") - 1)
        assert rows_of(database, query) == [(None, "waits_for_dispatch")]
        live(database, moment("11-07"))
        assert rows_of(database, query) == [(moment("11-07"), None)]


def test_a_part_that_arrived_lets_the_money_of_its_line_move() -> None:
    on_dispatch = {"amount": {"of": "difference"}, "pay": {"when": "on_dispatch"}}
    with empty_store(term(remedy=on_dispatch)) as database:
        tell_orders(database, line("300.00", quantity="3", delivered_at=None))
        tell_prices(database, price("90.00", "11-05"))
        live(database, moment("11-06"))
        tell_event(database, "delivered", "11-07", quantity=1)
        live(database, NOW)
        assert rows_of(database, "SELECT due_us, amount_minor FROM actions") == [(NOW, 30_00)]


def test_a_fall_stops_the_funders_share_on_the_funders_account() -> None:
    with empty_store(term(**paying("pro_rata"))) as database:
        tell_orders(database, paid_by("4999.00", funders=SUBSIDY))
        tell_prices(database, price("4599.00", "11-10"))
        live(database, NOW)
        tell_event(database, "returned", "11-09")
        live(database, NOW)
        assert balances(database) == balances(database, "payable_to_funders") == {}
        assert balances(database, "payable_to_buyers") == {}
        assert pay_what_is_due(database) == 0


PAID = st.lists(st.integers(1, 500), min_size=1, max_size=4)
STEPS = st.lists(st.integers(1, 300), min_size=1, max_size=6)


@given(
    paid=PAID,
    subsidy=st.integers(0, 300),
    steps=STEPS,
    order=st.sampled_from(("pro_rata", "card_first", "lowest_settled_first")),
)
def test_the_parts_are_the_whole_and_never_negative(
    paid: list[int], subsidy: int, steps: list[int], order: str
) -> None:
    found = drawn_shares(paid, subsidy, order)
    standing = [0] * (len(found.shares) + 1)
    for step in steps:
        parts = found.split(step, standing=standing)
        assert sum(parts) == step
        assert min(parts) >= 0
        assert len(parts) == len(found.shares) + 1
        standing = [stands + part for stands, part in zip(standing, parts, strict=True)]
        assert parts[-1] == 0 or sum(standing[:-1]) == sum(paid) + subsidy


@given(
    paid=PAID,
    subsidy=st.integers(0, 300),
    steps=st.lists(st.tuples(st.integers(1, 300), st.integers(0, 4)), min_size=1, max_size=6),
    order=st.sampled_from(("pro_rata", "card_first", "lowest_settled_first")),
)
def test_nobody_gets_back_more_than_they_paid_whatever_was_stopped_between(
    paid: list[int], subsidy: int, steps: list[tuple[int, int]], order: str
) -> None:
    found = drawn_shares(paid, subsidy, order)
    standing = [0] * (len(found.shares) + 1)
    for step, stopped in steps:
        parts = found.split(step, standing=standing)
        standing = [stands + part for stands, part in zip(standing, parts, strict=True)]
        assert all(got <= share.paid_minor for got, share in zip(standing, found.shares, strict=False))
        if stopped < len(standing):
            standing[stopped] = 0


def test_a_return_that_was_told_and_taken_back_leaves_each_tender_its_own_part() -> None:
    found = drawn_shares([60_00, 30_00], 0, "pro_rata")
    assert found.split(30_00, standing=[60_00, 0, 0]) == [0, 30_00, 0]


def drawn_shares(paid: list[int], subsidy: int, order: str) -> Shares:
    tenders = [
        {"kind": "card" if k == 0 else f"gift {k}", "amount": f"{p // 100}.{p % 100:02}"} for k, p in enumerate(paid)
    ]
    funders = [{"name": "state", "amount": f"{subsidy // 100}.{subsidy % 100:02}"}] if subsidy else None
    total = sum(paid) + subsidy
    return shares(paid_by(f"{total // 100}.{total % 100:02}", tenders=tenders, funders=funders), order)
