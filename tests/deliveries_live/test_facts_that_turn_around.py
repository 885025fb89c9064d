"""Facts that turn around once money moved: a date told anew, an arrival unsaid, an order undone. What is owed follows, and is paid once."""

import json
from collections.abc import Callable
from itertools import permutations

import pytest
from sqlalchemy import Engine

from houbei.ledger.entries import Code
from houbei.runs.arrivals import Teller, take_lines
from houbei.runs.audit import audit
from houbei.runs.delivery_trails import tell_arrival
from houbei.store.database import reading, writing
from houbei.store.delivery_lookup import deliveries_named
from houbei.store.promises import publish
from houbei.store.settlements import captured_of
from tests.deliveries_live.parcels import (
    DELIVERED,
    DISPUTED,
    HOURS,
    ORDER,
    PROMISE,
    SLOT,
    Row,
    live_on,
    owed_late,
    sell,
    stands,
    tell_promises,
    tell_scans,
    waits,
)
from tests.live.paying import lead_on, pay_what_is_due
from tests.live.stores import empty_store, rows_of
from tests.live.telling import ZONE, moment, table_of, tell_event, tell_orders
from tests.oracle.agreement import as_terms

LATE, NEXT = moment("11-03T15:30"), moment("11-05T10:00")
IN_TIME: Row = {**DELIVERED, "at": "2026-11-03T14:59+08:00"}
UPHELD: Row = {**DISPUTED, "scan_id": "U1", "what": "upheld", "at": "2026-11-04T10:00+08:00"}
FIRST = {**HOURS, "effective": {"sold_until": "2026-11-02T00:00:00+08:00"}}
DEARER = {
    **HOURS,
    "version": 2,
    "effective": {"sold_from": "2026-11-02T00:00:00+08:00"},
    "breach": [{"over": "PT16H", "pay": "50.00", "clause": "S-3"}],
}


def agrees(database: Engine) -> bool:
    """Whether the audit finds nothing and nothing waits to be looked at; what it finds is said."""
    found = audit(database, progress=lambda *_: None)
    assert found.differences == ()
    return not found.waiting


def paid(database: Engine) -> dict[str, int]:
    """What was paid to buyers, by currency and in points."""
    query = (
        "SELECT currency, SUM(amount_minor) FROM actions WHERE state IN ('confirmed', 'reconciled', 'credited')"
        " GROUP BY currency"
    )
    return dict(rows_of(database, query))


def looks_and_pays(database: Engine, now_us: int) -> dict[str, int]:
    """Live until a moment, pay what is due, look again, and give what was paid in all; the audit agrees."""
    live_on(database, now_us)
    pay_what_is_due(database)
    live_on(database, now_us)
    assert pay_what_is_due(database) == 0
    assert agrees(database)
    return paid(database)


def test_an_earlier_date_that_is_told_after_payment_adds_what_is_missing() -> None:
    with empty_store(HOURS) as database:
        sell(database)
        assert looks_and_pays(database, moment("11-05T10:00")) == {"CNY": 500}
        tell_promises(
            database, {**PROMISE, "promise_id": "P0", "slot_from": None, "promised_by": "2026-11-02T09:00+08:00"}
        )
        assert looks_and_pays(database, moment("11-05T10:00")) == {"CNY": 1000}
        tell_promises(
            database, {**PROMISE, "promise_id": "P00", "slot_from": None, "promised_by": "2026-11-01T12:00+08:00"}
        )
        assert looks_and_pays(database, moment("11-09")) == {"CNY": 1000}


def test_one_promise_that_is_told_under_many_names_is_paid_once() -> None:
    with empty_store(SLOT) as database:
        sell(database)
        assert looks_and_pays(database, LATE) == {"CNY": 3900, "points": 1000}
        tell_promises(database, *({**PROMISE, "promise_id": f"P{k}"} for k in range(2, 6)))
        tell_promises(database, PROMISE, source="market")
        assert looks_and_pays(database, NEXT) == {"CNY": 3900, "points": 1000}


def test_an_arrival_that_is_unsaid_after_it_was_kept_is_owed_and_paid() -> None:
    with empty_store(SLOT) as database:
        sell(database)
        tell_scans(database, IN_TIME)
        assert looks_and_pays(database, LATE) == {}
        tell_scans(database, DISPUTED)
        assert looks_and_pays(database, NEXT) == {}
        assert waits(database) == [(3900, "CNY")]
        tell_scans(database, UPHELD)
        assert looks_and_pays(database, NEXT) == {"CNY": 3900, "points": 1000}
        tell_scans(database, {**UPHELD, "scan_id": "U2", "what": "dismissed", "at": "2026-11-04T11:00+08:00"})
        looks_and_pays(database, NEXT)
        tell_scans(database, {**IN_TIME, "scan_id": "S2", "at": "2026-11-03T16:00+08:00"})
        assert looks_and_pays(database, NEXT) == {"CNY": 3900, "points": 1000}
        assert waits(database) == []


def test_an_arrival_that_turns_and_turns_is_paid_once() -> None:
    with empty_store(SLOT) as database:
        sell(database)
        assert looks_and_pays(database, LATE) == {"CNY": 3900, "points": 1000}
        tell_scans(database, IN_TIME)
        assert looks_and_pays(database, LATE) == {"CNY": 3900, "points": 1000}
        assert (stands(database), owed_late(database)) == ({"O1": "kept"}, {})
        tell_scans(database, DISPUTED, UPHELD)
        assert looks_and_pays(database, NEXT) == {"CNY": 3900, "points": 1000}
        assert (stands(database), owed_late(database)) == ({"O1": "late"}, {"CNY": 3900, "points": 1000})


def test_a_slot_that_the_buyer_moved_in_time_and_that_is_told_after_payment_starts_anew_and_is_paid_once() -> None:
    with empty_store(SLOT) as database:
        sell(database)
        assert looks_and_pays(database, LATE) == {"CNY": 3900, "points": 1000}
        moved = {"promise_id": "M", "asked_by": "buyer", "shown_at": "2026-11-03T10:00+08:00", "slot_from": None}
        tell_promises(database, {**PROMISE, **moved, "promised_by": "2026-11-04T15:00+08:00"})
        assert looks_and_pays(database, moment("11-04T10:00")) == {"CNY": 3900, "points": 1000}
        assert (stands(database), owed_late(database)) == ({"O1": "open"}, {})
        assert looks_and_pays(database, NEXT) == {"CNY": 3900, "points": 1000}
        assert owed_late(database) == {"CNY": 3900, "points": 1000}


def test_what_turns_while_the_provider_is_asked_stays_with_the_buyer_and_counts_later() -> None:
    with empty_store(SLOT) as database:
        sell(database)
        live_on(database, LATE)
        ((cover, sequence),) = rows_of(database, "SELECT cover, sequence FROM actions WHERE kind = 'refund'")
        lead_on(database, cover, sequence, Code.INSTRUCTED)
        tell_scans(database, IN_TIME)
        live_on(database, LATE)
        assert (owed_late(database), agrees(database)) == ({}, True)
        lead_on(database, cover, sequence, Code.CONFIRMED)
        assert looks_and_pays(database, LATE) == {"CNY": 3900}
        tell_scans(database, DISPUTED, UPHELD)
        assert looks_and_pays(database, NEXT) == {"CNY": 3900, "points": 1000}


@pytest.mark.parametrize("what", ["cancelled", "returned"])
def test_what_becomes_of_the_order_after_it_was_late_takes_nothing_back(what: str) -> None:
    with empty_store(SLOT) as database:
        sell(database)
        assert looks_and_pays(database, LATE) == {"CNY": 3900, "points": 1000}
        tell_event(database, what, "11-04T09:00")
        assert looks_and_pays(database, NEXT) == {"CNY": 3900, "points": 1000}
        assert owed_late(database) == {"CNY": 3900, "points": 1000}


def test_a_cancelled_order_that_was_paid_for_lateness_by_mistake_is_not_asked_to_give_it_back() -> None:
    with empty_store(SLOT) as database:
        sell(database)
        assert looks_and_pays(database, LATE) == {"CNY": 3900, "points": 1000}
        tell_event(database, "cancelled", "11-03T14:00")
        assert looks_and_pays(database, NEXT) == {"CNY": 3900, "points": 1000}
        assert (stands(database), owed_late(database)) == ({"O1": "ended"}, {})


def test_two_documents_that_promise_one_delivery_each_pay_what_they_say() -> None:
    with empty_store(SLOT, HOURS) as database:
        sell(database)
        assert looks_and_pays(database, NEXT) == {"CNY": 4400, "points": 1000}
        tell_scans(database, {**DELIVERED, "at": "2026-11-04T07:00+08:00"})
        looks_and_pays(database, NEXT)
        assert owed_late(database) == {"CNY": 3900, "points": 1000}


def test_what_two_deliveries_of_one_line_were_paid_is_taken_up_between_them() -> None:
    with empty_store(SLOT) as database:
        shown = [{**PROMISE, "delivery_id": "A"}, {**PROMISE, "promise_id": "P2", "delivery_id": "B"}]
        sell(database, promises=shown)
        tell_scans(database, {**IN_TIME, "scan_id": "B1", "order_id": None, "delivery_id": "B"})
        assert looks_and_pays(database, LATE) == {"CNY": 3900, "points": 1000}
        tell_scans(database, {**IN_TIME, "scan_id": "A1", "order_id": None, "delivery_id": "A"})
        assert looks_and_pays(database, LATE) == {"CNY": 3900, "points": 1000}
        about_b = {"order_id": None, "delivery_id": "B"}
        tell_scans(database, {**DISPUTED, **about_b, "disputes": "B1"}, {**UPHELD, **about_b, "disputes": "B1"})
        assert looks_and_pays(database, NEXT) == {"CNY": 3900, "points": 1000}
        assert (stands(database), owed_late(database)) == (
            {"A": "kept", "B": "late"},
            {"CNY": 3900, "points": 1000},
        )


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_two_orders_in_one_delivery_are_under_the_version_of_the_first(order: tuple[int, ...]) -> None:
    """One delivery under one promise is owed once, whichever order and version is learnt first."""
    with empty_store(FIRST, DEARER) as database:
        together = {**PROMISE, "delivery_id": "D", "shown_at": "2026-11-02T10:00+08:00"}
        tells: tuple[Callable[[], object], ...] = (
            lambda: tell_orders(database, ORDER),
            lambda: tell_orders(
                database, {**ORDER, "order_id": "O2", "line_id": "L2", "placed_at": "2026-11-02T10:00+08:00"}
            ),
            lambda: tell_promises(database, together),
            lambda: tell_promises(database, {**together, "promise_id": "P2", "order_id": "O2"}),
        )
        for place in order:
            tells[place]()
        looks_and_pays(database, moment("11-04T10:00"))
        assert rows_of(database, "SELECT COUNT(*) FROM deliveries") == [(1,)]
        assert owed_late(database) in ({"CNY": 500}, {"CNY": 5000})


@pytest.mark.parametrize("order_id", ["O1", "O2"])
def test_a_scan_of_either_order_is_about_the_delivery_that_brings_both(order_id: str) -> None:
    with empty_store(SLOT) as database:
        together = {**PROMISE, "delivery_id": "D"}
        sell(
            database,
            ORDER,
            {**ORDER, "order_id": "O2", "line_id": "L2"},
            promises=[together, {**together, "promise_id": "P2", "order_id": "O2"}],
        )
        assert looks_and_pays(database, LATE) == {"CNY": 3900, "points": 1000}
        tell_scans(database, {**IN_TIME, "order_id": order_id})
        looks_and_pays(database, NEXT)
        assert (stands(database), owed_late(database)) == ({"D": "kept"}, {})
        with reading(database) as connection:
            (found,) = deliveries_named(connection, order_id)
            assert [one.scan_id for one in tell_arrival(connection, found).scans] == ["S1"]


def test_an_order_that_two_sources_tell_of_is_paid_once_for_its_promise() -> None:
    with empty_store(SLOT) as database:
        sell(database)
        assert looks_and_pays(database, LATE) == {"CNY": 3900, "points": 1000}
        with writing(database) as connection:
            take_lines(connection, table_of("orders", [ORDER]), teller=Teller(source="market", zone=ZONE, known_us=0))
        assert looks_and_pays(database, NEXT) == {"CNY": 3900, "points": 1000}
        assert owed_late(database) == {"CNY": 3900, "points": 1000}


def test_a_version_that_is_published_midway_changes_nothing_of_what_was_sold() -> None:
    with empty_store({**HOURS, "effective": {"sold_until": "2026-11-02T00:00:00+08:00"}}) as database:
        sell(database)
        live_on(database, LATE)
        with writing(database) as connection:
            publish(connection, as_terms(DEARER), known_us=0)
        tell_promises(
            database, {**PROMISE, "promise_id": "P2", "slot_from": None, "promised_by": "2026-11-03T12:00+08:00"}
        )
        assert looks_and_pays(database, moment("11-04T10:00")) == {"CNY": 500}
        later = {**ORDER, "order_id": "O2", "line_id": "L2", "placed_at": "2026-11-02T10:00+08:00"}
        sell(
            database,
            later,
            promises=[{**PROMISE, "promise_id": "P3", "order_id": "O2", "shown_at": "2026-11-02T10:00+08:00"}],
        )
        assert looks_and_pays(database, moment("11-04T10:00")) == {"CNY": 5500}


def test_lines_in_two_currencies_are_owed_in_that_of_the_first() -> None:
    share = {**SLOT, "breach": [{"pay": [{"percent": "10"}], "clause": "S-3"}]}
    with empty_store(share) as database:
        dollars = {**ORDER, "line_id": "L2", "currency": "USD", "paid": "700.00"}
        sell(database, ORDER, dollars, promises=[{**PROMISE, "slot_fee": None, "currency": None}])
        assert looks_and_pays(database, LATE) == {"CNY": 49990}


def test_two_documents_that_give_the_fee_of_one_slot_back_each_owe_what_the_order_paid_once() -> None:
    twice = {**SLOT, "term": "again"}
    with empty_store(SLOT, twice) as database:
        sell(database, {**ORDER, "paid": "1.00"})
        live_on(database, LATE)
        with reading(database) as connection:
            assert captured_of(connection, "O1") == 4000
        assert owed_late(database) == {"CNY": 7800, "points": 2000}
        assert agrees(database)


def test_tenders_hold_what_two_deliveries_of_one_line_are_owed() -> None:
    tenders = json.dumps(
        [{"kind": "card", "amount": "4989.00", "ref": "pay-2"}, {"kind": "gift_card", "amount": "10.00"}]
    )
    with empty_store(SLOT) as database:
        shown = [{**PROMISE, "delivery_id": "A"}, {**PROMISE, "promise_id": "P2", "delivery_id": "B"}]
        sell(database, {**ORDER, "tenders": tenders}, promises=shown)
        assert looks_and_pays(database, LATE) == {"CNY": 7800, "points": 2000}
        tell_scans(database, {**IN_TIME, "scan_id": "A1", "order_id": None, "delivery_id": "A"})
        assert looks_and_pays(database, LATE) == {"CNY": 7800, "points": 2000}
        assert owed_late(database) == {"CNY": 3900, "points": 1000}
