"""A late arrival beside a price that fell and goods that go back: lateness is no part of the price, and nothing is deducted for it."""

import json
from typing import Any

from sqlalchemy import Engine

from houbei.ledger.entries import Code
from houbei.runs.audit import audit
from houbei.store.database import reading
from houbei.store.settlements import captured_of
from tests.cases_live.appliances import AFTER, WASHER, promise, reports, shop
from tests.cases_live.test_money_of_cases import REFUNDED, tell_all
from tests.deliveries_live.parcels import SLOT, live_on, owed_late, tell_promises
from tests.live.paying import lead_on
from tests.live.stores import balances, empty_store, rows_of
from tests.live.telling import moment, tell_orders, tell_prices
from tests.oracle.histories import price, term

PAID = 4999_00
SHOWN: dict[str, Any] = {
    "promise_id": "P1",
    "order_id": "O1",
    "shown_at": "2026-01-03T10:00+08:00",
    "promised_by": "2026-01-04T15:00+08:00",
    "slot_fee": "39.00",
    "currency": "CNY",
}
LATE_IN_JANUARY = moment("2026-01-06")
"""The washer was delivered on 5 January, promised for the fourth."""


def slot() -> str:
    """The promise of the slot for every line."""
    return json.dumps({name: value for name, value in SLOT.items() if name != "scope"}, ensure_ascii=False)


def owed(database: Engine) -> list[tuple[Any, ...]]:
    """Every settlement that was not stopped: kind, payment, amount and currency."""
    return rows_of(
        database,
        "SELECT kind, payment, amount_minor, currency FROM actions WHERE state <> 'stopped' ORDER BY kind, amount_minor",
    )


def late(database: Engine) -> None:
    """Show the promise that was broken, and look."""
    tell_promises(database, SHOWN)
    live_on(database, LATE_IN_JANUARY)


def pay_money(database: Engine) -> None:
    """Pay every refund that is due."""
    due = rows_of(database, "SELECT cover, sequence FROM actions WHERE state = 'due' AND kind = 'refund' ORDER BY 1, 2")
    for cover, sequence in due:
        lead_on(database, cover, sequence, Code.INSTRUCTED, Code.CONFIRMED)


def agrees(database: Engine) -> bool:
    """Whether the audit finds nothing once everything is looked at."""
    live_on(database, 0)
    found = audit(database, progress=lambda *_: None)
    assert found.differences == ()
    return not found.waiting


def test_a_price_drop_and_a_late_arrival_on_one_order_are_both_paid() -> None:
    """Case E14: two covers, both paid; neither lowers the other."""
    with empty_store(term(), json.loads(slot())) as database:
        tell_orders(database, {**WASHER, "serials": None})
        late(database)
        tell_prices(database, price("4799.00", "2026-01-08T00:00:00+08:00", sku="washer"))
        live_on(database, moment("2026-01-09"))
        assert balances(database) == {"L1": 200_00}
        assert owed_late(database) == {"CNY": 39_00, "points": 1000}
        assert agrees(database)


def test_goods_that_go_back_are_paid_for_whole_although_lateness_was_paid() -> None:
    with shop(promise(AFTER), slot()) as database:
        late(database)
        pay_money(database)
        reports(database)
        tell_all(database, REFUNDED)
        told = [row[0] for row in rows_of(database, "SELECT told FROM steps WHERE what = 'judged'")]
        assert f'"refund_minor":{PAID}' in told[0]
        assert owed(database) == [
            ("points", "O1", 1000, "points"),
            ("refund", "O1", 39_00, "CNY"),
            ("refund", "O1", PAID, "CNY"),
        ]
        assert agrees(database)


def test_what_the_payment_cannot_hold_becomes_store_credit_and_nothing_is_lost() -> None:
    """No slot was paid for: five for lateness came out of the price's own payment, and no provider gives back more than was paid."""
    fixed = {**json.loads(slot()), "breach": [{"pay": "5.00", "clause": "S-3"}]}
    with shop(promise(AFTER), json.dumps(fixed, ensure_ascii=False)) as database:
        tell_promises(database, {**SHOWN, "slot_fee": None, "currency": None})
        live_on(database, LATE_IN_JANUARY)
        pay_money(database)
        reports(database)
        tell_all(database, REFUNDED)
        assert owed(database) == [
            ("credit", "O1", 5_00, "CNY"),
            ("refund", "O1", 5_00, "CNY"),
            ("refund", "O1", PAID - 5_00, "CNY"),
        ]
        assert agrees(database)


def test_what_was_paid_beyond_lateness_counts_as_no_price_protection() -> None:
    """What stays with the buyer of lateness is not taken off a refund either."""
    with shop(promise(AFTER), slot()) as database:
        late(database)
        pay_money(database)
        tell_promises(database, {**SHOWN, "promise_id": "P0", "asked_by": "buyer", "shown_at": "2026-01-03T11:00+08:00",
                                 "promised_by": "2026-01-07T15:00+08:00"})  # fmt: skip
        live_on(database, LATE_IN_JANUARY)
        assert owed_late(database) == {}
        assert rows_of(database, "SELECT amount_minor FROM entries WHERE code = 'given'") == [(39_00,)]
        reports(database)
        tell_all(database, REFUNDED)
        assert [row for row in owed(database) if row[2] == PAID] == [("refund", "O1", PAID, "CNY")]
        assert agrees(database)


def test_lateness_goes_back_by_tender_and_never_to_a_funder() -> None:
    tenders = json.dumps(
        [{"kind": "card", "amount": "4000.00", "ref": "pay-2"}, {"kind": "gift_card", "amount": "499.00"}]
    )
    funders = json.dumps([{"name": "state", "amount": "500.00"}])
    with shop(promise(AFTER), slot(), lines=({**WASHER, "tenders": tenders, "funders": funders},)) as database:
        late(database)
        assert owed(database) == [
            ("credit", "O1", 4_33, "CNY"),
            ("points", "O1", 1000, "points"),
            ("refund", "pay-2", 34_67, "CNY"),
        ]
        assert agrees(database)


def test_what_an_order_paid_holds_the_fee_of_its_slot_once_however_often_it_was_moved() -> None:
    with shop(promise(AFTER), slot()) as database:
        moved = {**SHOWN, "promise_id": "P2", "asked_by": "buyer", "shown_at": "2026-01-03T11:00+08:00"}
        tell_promises(database, SHOWN, moved, {**SHOWN, "promise_id": "P3", "order_id": "unheard"})
        with reading(database) as connection:
            assert captured_of(connection, "O1") == PAID + 39_00
            assert captured_of(connection, "unheard") == 0
