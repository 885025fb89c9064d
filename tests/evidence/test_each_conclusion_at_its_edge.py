"""Every conclusion where it begins and where it ends, with the fact that decided it."""

from typing import Any

import pytest

from houbei.evidence.conclusions import Conclusion
from tests.evidence.judged import Judged, judge
from tests.oracle.histories import line, price, term

LATER = "2026-12-31"
DROP = price("4599.00", "11-06")
FLASH = {"prices": {"where": "kind <> 'flash' AND label <> 'x'"}}


def judged(bought: dict[str, str | None], *prices: dict[str, str | None], as_of: str = LATER, **parts: Any) -> Judged:
    """Judge one line, L1 unless said otherwise."""
    return judge([bought], list(prices), term(**parts), as_of=as_of)


def compare(**parts: Any) -> dict[str, Any]:
    """Make the part of the terms that says which prices count."""
    return {"against": "window_min", "at_open": "counts", **parts}


@pytest.mark.parametrize(("amount", "conclusion"), [("4998.99", Conclusion.OWED), ("4999.00", Conclusion.PAID_NO_MORE)])
def test_a_price_that_is_not_below_what_was_paid_owes_nothing(amount: str, conclusion: Conclusion) -> None:
    found = judged(line("4999.00"), price("5999.00", "11-02"), price(amount, "11-06"))
    assert (found.conclusion(), found.price_row()) == (conclusion, 2)


def test_a_line_without_any_price_says_so() -> None:
    found = judged(line("4999.00"), price("1.00", "11-06", sku="T"))
    assert (found.conclusion(), found.price_row()) == (Conclusion.NO_PRICE, None)


def test_the_first_part_of_the_scope_that_is_false_is_named() -> None:
    scope = {"where": "vip AND category = 'fridge' AND NOT gift"}
    found = judged(line("4999.00", vip="true", category="toy", gift="true"), DROP, scope=scope)
    assert (found.conclusion(), found.said()) == (Conclusion.NOT_IN_SCOPE, "category = 'fridge'")


@pytest.mark.parametrize(
    ("fields", "missing"),
    [({"category": None}, "category"), ({"vip": None}, "vip"), ({"seller": None}, "seller"), ({}, None)],
)
def test_the_missing_fact_is_named(fields: dict[str, str | None], missing: str | None) -> None:
    parts = {"scope": {"where": "category = 'fridge' AND (vip OR points > 1)"}, "compare": compare(same=["seller"])}
    bought = line("4999.00", **{"category": "fridge", "vip": "true", "points": "1", **fields})
    other = line("4999.00", line_id="L2", category="fridge", vip="true", points="1")
    found = judge([bought, other], [price("4599.00", "11-06", seller="self")], term(**parts), as_of=LATER)
    assert found.conclusion() is (Conclusion.UNDECIDED if missing else Conclusion.OWED)
    assert found.said() == missing


@pytest.mark.parametrize("fact", ["cancelled_at", "returned_at"])
@pytest.mark.parametrize(
    ("at", "conclusion"),
    [
        ("2026-11-06T00:00:00+08:00", Conclusion.CANCELLED_OR_RETURNED_BEFORE),
        ("2026-11-06T00:00:00.000001+08:00", Conclusion.OWED),
    ],
)
def test_a_line_that_ended_before_the_drop_was_cancelled_or_returned(
    fact: str, at: str, conclusion: Conclusion
) -> None:
    found = judged(line("4999.00", **{fact: at}), DROP)
    assert (found.conclusion(), found.price_row()) == (conclusion, 1)


def test_a_line_cancelled_before_it_was_protected_never_opened_for_that_reason() -> None:
    bought = line("4999.00", cancelled_at="2026-11-02", delivered_at="2026-11-03")
    found = judged(bought, DROP, opens={"at": "delivered"})
    assert found.conclusion() is Conclusion.CANCELLED_OR_RETURNED_BEFORE


def test_a_cover_whose_opening_has_not_happened_names_the_fact() -> None:
    found = judged(line("4999.00", delivered_at=None), DROP, opens={"latest_of": ["paid", "delivered"]})
    assert (found.conclusion(), found.said()) == (Conclusion.NEVER_OPEN, "delivered")


def test_a_cover_that_closes_before_it_opens_never_opens() -> None:
    closes = {"on": "2026-11-01T00:00:00+08:00"}
    found = judged(line("4999.00"), DROP, opens={"at": "delivered"}, closes=closes)
    assert (found.conclusion(), found.said()) == (Conclusion.NEVER_OPEN, None)


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"kind": "flash", "label": "y"}, "kind <> 'flash'"), ({"kind": "list", "label": None}, "label <> 'x'")],
)
def test_a_price_whose_condition_is_false_or_unknown_does_not_count(fields: dict[str, str | None], said: str) -> None:
    dear = price("5999.00", "11-02", label="y")
    found = judged(line("4999.00"), dear, price("4599.00", "11-06", **fields), compare=compare(**FLASH))
    assert (found.conclusion(), found.said(), found.price_row()) == (Conclusion.PRICE_NOT_ELIGIBLE, said, 2)


def test_a_price_out_of_stock_does_not_count_where_stock_is_asked_for() -> None:
    gone = price("4599.00", "11-06", in_stock="false")
    found = judged(line("4999.00"), gone, compare=compare(in_stock_required="true"))
    assert (found.conclusion(), found.said()) == (Conclusion.PRICE_NOT_ELIGIBLE, "in_stock")
    assert judged(line("4999.00"), gone).conclusion() is Conclusion.OWED


def test_a_price_seen_too_seldom_does_not_count() -> None:
    once = compare(prices={"seen_at_least": "2"})
    found = judged(line("4999.00"), DROP, compare=once)
    assert (found.conclusion(), found.said()) == (Conclusion.PRICE_NOT_ELIGIBLE, "seen_at_least")
    again = price("4599.00", "2026-11-06T10:00:00+08:00")
    assert judged(line("4999.00"), DROP, again, compare=once).conclusion() is Conclusion.OWED


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"seller": "market"}, "seller"),
        ({"region": "440000"}, "region"),
        ({"channel": "app"}, "channel"),
        ({"audience": "member"}, "audience"),
        ({"min_quantity": "2"}, "min_quantity"),
        ({"currency": "USD"}, "currency"),
        ({"seller": "market", "min_quantity": "2"}, "seller"),
    ],
)
def test_a_lower_price_in_a_series_closed_to_the_buyer_names_what_closes_it(
    fields: dict[str, str | None], said: str
) -> None:
    found = judged(line("4999.00"), price("4599.00", "11-06", **fields))
    assert (found.conclusion(), found.said(), found.price_row()) == (Conclusion.NOT_OPEN_TO_BUYER, said, 1)


def test_a_price_that_leaves_open_what_must_be_the_same_is_not_comparable() -> None:
    found = judged(line("4999.00"), DROP, compare=compare(same=["seller"]))
    assert (found.conclusion(), found.said()) == (Conclusion.NOT_OPEN_TO_BUYER, "seller")


@pytest.mark.parametrize(
    ("at", "conclusion"),
    [
        ("2026-12-03T23:59:59.999999+08:00", Conclusion.OWED),
        ("2026-12-04T00:00:00+08:00", Conclusion.OUTSIDE_WINDOW),
        ("2026-12-31T00:00:00+08:00", Conclusion.OUTSIDE_WINDOW),
        ("2027-01-01T00:00:00+08:00", Conclusion.PAID_NO_MORE),
    ],
)
def test_a_lower_price_from_the_closing_moment_on_came_too_late(at: str, conclusion: Conclusion) -> None:
    found = judged(line("4999.00"), price("5999.00", "10-01"), price("4599.00", at))
    assert found.conclusion() is conclusion


@pytest.mark.parametrize(
    ("ended", "conclusion"),
    [
        ("2026-11-01T12:00:00+08:00", Conclusion.PAID_NO_MORE),
        ("2026-11-01T12:00:00.000001+08:00", Conclusion.OUTSIDE_WINDOW),
        ("2026-11-03T12:00:00+08:00", Conclusion.OUTSIDE_WINDOW),
        ("2026-11-03T12:00:00.000001+08:00", Conclusion.OWED),
    ],
)
def test_a_lower_price_between_the_order_and_the_opening_came_too_early(ended: str, conclusion: Conclusion) -> None:
    """What was asked before the line was even placed is nobody's lower price."""
    early = [price("4599.00", "10-01", until=ended, seller="self"), price("5999.00", "10-01")]
    assert judged(line("4999.00"), *early, opens={"at": "delivered"}).conclusion() is conclusion


def test_a_lower_price_in_a_gap_is_outside_the_window() -> None:
    gap = {"from": {"at": "shipped"}, "until": {"at": "installed"}}
    bought = line("4999.00", shipped_at="2026-11-05", installed_at="2026-11-10")
    short = price("4599.00", "11-06", until="2026-11-09")
    assert judged(bought, short, window={"gaps": [gap]}).conclusion() is Conclusion.OUTSIDE_WINDOW


def test_a_price_that_looks_like_an_error_is_held() -> None:
    suspicious = compare(suspicious={"below_percent_of_basis": "30"})
    held = judged(line("100.00"), price("29.99", "11-06"), compare=suspicious)
    assert (held.conclusion(), held.price_row()) == (Conclusion.HELD, 1)
    assert judged(line("100.00"), price("30.00", "11-06"), compare=suspicious).conclusion() is Conclusion.OWED


def test_a_drop_below_the_least_payout_is_not_paid() -> None:
    found = judged(line("10.00"), price("9.01", "11-06"), amount={"min_payout": "1.00"})
    assert (found.conclusion(), found.price_row()) == (Conclusion.BELOW_MIN_PAYOUT, 1)
    assert judged(line("10.00"), price("9.00", "11-06"), amount={"min_payout": "1.00"}).conclusion() is Conclusion.OWED


@pytest.mark.parametrize("cap", [{"scope": "line", "amount": "0.00"}, {"scope": "unit", "percent_of_basis": "0.01"}])
def test_a_cap_that_leaves_nothing_is_the_reason(cap: dict[str, str]) -> None:
    found = judged(line("10.00"), price("9.00", "11-06"), amount={"caps": [cap]})
    assert (found.conclusion(), found.price_row()) == (Conclusion.CAPPED, 1)


def test_a_cap_that_leaves_less_than_the_least_payout_is_the_reason() -> None:
    amount = {"min_payout": "0.50", "caps": [{"scope": "line", "amount": "0.49"}]}
    assert judged(line("10.00"), price("9.00", "11-06"), amount=amount).conclusion() is Conclusion.CAPPED


def test_a_purse_that_another_line_emptied_caps_the_line() -> None:
    caps = {"caps": [{"scope": "order", "amount": "5.00"}]}
    bought = [line("10.00"), line("10.00", line_id="L2"), line("10.00", line_id="L3")]
    found = judge(bought, [price("6.00", "11-06")], term(amount=caps), as_of=LATER)
    assert [found.conclusion(name) for name in ("L1", "L2", "L3")] == [
        Conclusion.OWED,
        Conclusion.OWED,
        Conclusion.CAPPED,
    ]
    assert [found.trail(name).lessened for name in ("L1", "L2")] == [None, Conclusion.CAPPED]


@pytest.mark.parametrize(
    ("claimed", "conclusion"),
    [
        ("2026-11-06T23:59:59+08:00", Conclusion.OWED),
        ("2026-11-07T00:00:00+08:00", Conclusion.NOT_AT_CLAIM),
        ("2027-11-07T00:00:00+08:00", Conclusion.NOT_AT_CLAIM),
    ],
)
def test_a_price_that_was_over_when_the_buyer_asked_is_not_owed(claimed: str, conclusion: Conclusion) -> None:
    short = price("4599.00", "11-06", until="2026-11-07T00:00:00+08:00")
    at_claim = {"against": "at_claim", "at_open": "counts"}
    found = judged(line("4999.00", claimed_at=claimed), short, as_of="2027-12-31", compare=at_claim)
    assert found.conclusion() is conclusion


# --- Precedence: the change that is nearest to being paid -------------------------------------------------------------

TOO_LATE = price("4500.00", "12-05")
OTHER_SELLER = price("4400.00", "11-06", seller="market")
A_FLASH = price("4300.00", "11-07", kind="flash", label="y")


@pytest.mark.parametrize(
    ("prices", "conclusion"),
    [
        ([TOO_LATE], Conclusion.OUTSIDE_WINDOW),
        ([TOO_LATE, OTHER_SELLER], Conclusion.NOT_OPEN_TO_BUYER),
        ([TOO_LATE, OTHER_SELLER, A_FLASH], Conclusion.PRICE_NOT_ELIGIBLE),
        ([TOO_LATE, OTHER_SELLER, A_FLASH, price("4999.00", "11-08", label="y")], Conclusion.PRICE_NOT_ELIGIBLE),
        ([price("4300.00", "12-05", kind="flash", label="y")], Conclusion.NO_PRICE),
    ],
)
def test_of_several_reasons_the_nearest_is_given(prices: list[dict[str, str | None]], conclusion: Conclusion) -> None:
    labelled = [{**row, "label": row["label"] or "y"} for row in prices]
    assert judged(line("4999.00"), *labelled, compare=compare(**FLASH)).conclusion() is conclusion


def test_a_held_price_comes_before_a_drop_below_the_least_payout() -> None:
    parts = {"compare": compare(suspicious={"below_percent_of_basis": "30"}), "amount": {"min_payout": "1.00"}}
    found = judged(line("10.00"), price("9.50", "11-06"), price("1.00", "11-07"), **parts)
    assert found.conclusion() is Conclusion.HELD


def test_a_returned_unit_comes_before_a_price_that_does_not_count() -> None:
    bought = line("4999.00", returned_at="2026-11-05")
    found = judged(bought, A_FLASH, price("4600.00", "11-08", label="y"), compare=compare(**FLASH))
    assert (found.conclusion(), found.price_row()) == (Conclusion.CANCELLED_OR_RETURNED_BEFORE, 2)


def test_a_rejected_row_has_no_conclusion() -> None:
    found = judge([line("4999.00"), line("x", line_id="L2")], [DROP], term(), as_of=LATER)
    assert found.reasons.counts() == {"owed": 1}
