"""A late delivery is owed what its promise says, once, whichever fact comes first; what is disputed waits for a person."""

from itertools import permutations

import pytest
from sqlalchemy import Engine

from houbei.runs.audit import audit
from tests.deliveries_live.parcels import (
    DELIVERED,
    DISPUTED,
    HOURS,
    ORDER,
    PROMISE,
    SLOT,
    SNOW,
    late_entries,
    live_on,
    owed_late,
    sell,
    stands,
    tell_closures,
    tell_promises,
    tell_scans,
    waits,
)
from tests.live.stores import count, empty_store, rows_of
from tests.live.telling import moment, tell_event, tell_orders

NOON, LATE, NEXT = moment("11-03T12:00"), moment("11-03T15:30"), moment("11-05T10:00")


PATIENT = {
    **HOURS,
    "breach": [{"pay": "5.00", "clause": "S-3"}],
    "remedy": {**HOURS["remedy"], "wait_for_scans": "PT2H"},
}
"""Five as soon as it is late, paid two hours later unless word of its arrival comes first."""


def agrees(database: Engine) -> bool:
    """Whether the audit finds nothing; what it finds is said."""
    found = audit(database, progress=lambda *_: None)
    assert found.differences == ()
    return found.agrees and not found.waiting


def test_the_fee_and_the_points_are_owed_from_the_moment_on_that_is_late() -> None:
    with empty_store(SLOT) as database:
        sell(database)
        live_on(database, moment("11-03T14:59"))
        assert (stands(database), owed_late(database)) == ({"O1": "open"}, {})
        live_on(database, moment("11-03T15:00"))
        assert (stands(database), owed_late(database)) == ({"O1": "late"}, {"CNY": 3900, "points": 1000})
        assert late_entries(database) == [
            ("owed", 3900, "CNY", "S-3", "promise:shop/P1"),
            ("owed", 1000, "points", "S-3", "promise:shop/P1"),
        ]
        assert agrees(database)


def test_a_parcel_without_a_closing_event_is_found_by_the_clock_alone() -> None:
    with empty_store(HOURS) as database:
        sell(database)
        live_on(database, NOON)
        assert rows_of(database, "SELECT next_us FROM deliveries") == [(moment("11-03T15:00"),)]
        for at, owed in (("11-03T15:00", {}), ("11-04T07:00", {}), ("11-04T07:01", {"CNY": 500})):
            live_on(database, moment(at))
            assert owed_late(database) == owed
        live_on(database, moment("11-10"))
        assert owed_late(database) == {"CNY": 1000}
        assert [row[1] for row in late_entries(database)] == [500, 500]
        assert rows_of(database, "SELECT next_us FROM deliveries") == [(None,)]
        assert agrees(database)


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_the_order_in_which_facts_come_changes_nothing(order: tuple[int, ...]) -> None:
    with empty_store(SLOT) as database:
        tells = (
            lambda: tell_orders(database, ORDER),
            lambda: tell_promises(database, PROMISE),
            lambda: tell_scans(database, DELIVERED),
            lambda: tell_closures(database, {**SNOW, "regions": '["CN-11"]'}),
        )
        for place in order:
            tells[place]()
            live_on(database, LATE)
            tells[place]()
        live_on(database, LATE)
        assert (stands(database), owed_late(database)) == ({"O1": "late"}, {"CNY": 3900, "points": 1000})
        assert rows_of(database, "SELECT COUNT(*) FROM actions WHERE state <> 'stopped'") == [(2,)]
        assert agrees(database)


def test_what_came_in_time_after_all_stops_what_nobody_was_asked_to_pay() -> None:
    with empty_store(SLOT) as database:
        sell(database)
        live_on(database, LATE)
        tell_scans(database, {**DELIVERED, "at": "2026-11-03T14:59:59+08:00"})
        live_on(database, LATE)
        assert (stands(database), owed_late(database)) == ({"O1": "kept"}, {})
        assert late_entries(database)[2:] == [
            ("stopped", 3900, "CNY", "S-2", "scan:shop/S1"),
            ("stopped", 1000, "points", "S-2", "scan:shop/S1"),
        ]
        assert agrees(database)


def test_snow_that_became_known_after_the_promise_excuses_it() -> None:
    with empty_store(SLOT) as database:
        sell(database, {**ORDER, "region": "CN-11"})
        live_on(database, LATE)
        tell_closures(database, {**SNOW, "regions": '["CN"]'})
        live_on(database, LATE)
        assert (stands(database), owed_late(database)) == ({"O1": "excused"}, {})
        assert late_entries(database)[-1][3:] == ("S-5", "closure:shop/C1")
        tell_closures(
            database,
            {
                **SNOW,
                "closure_id": "C2",
                "supersedes": "C1",
                "from_at": "2026-11-03T16:00+08:00",
                "known_at": "2026-11-03T15:20+08:00",
            },
        )
        live_on(database, LATE)
        assert (stands(database), owed_late(database)) == ({"O1": "late"}, {"CNY": 3900, "points": 1000})
        assert agrees(database)


def test_a_disputed_arrival_is_held_until_a_person_has_looked() -> None:
    with empty_store(SLOT) as database:
        sell(database)
        tell_scans(database, {**DELIVERED, "at": "2026-11-03T14:59+08:00"}, DISPUTED)
        live_on(database, NEXT)
        assert (stands(database), owed_late(database)) == ({"O1": "disputed"}, {})
        assert waits(database) == [(3900, "CNY")]
        assert agrees(database)
        tell_scans(database, {**DISPUTED, "scan_id": "U1", "what": "upheld", "at": "2026-11-04T10:00+08:00"})
        live_on(database, NEXT)
        assert (stands(database), owed_late(database)) == ({"O1": "late"}, {"CNY": 3900, "points": 1000})
        assert waits(database) == []
        assert agrees(database)


def test_a_dispute_that_is_dismissed_owes_nothing() -> None:
    with empty_store(SLOT) as database:
        sell(database)
        dismissed = {**DISPUTED, "scan_id": "U1", "what": "dismissed", "at": "2026-11-04T10:00+08:00"}
        tell_scans(database, {**DELIVERED, "at": "2026-11-03T14:59+08:00"}, DISPUTED, dismissed)
        live_on(database, NEXT)
        assert (stands(database), owed_late(database), waits(database)) == ({"O1": "kept"}, {}, [])
        assert agrees(database)


def test_a_slot_that_the_buyer_moved_is_measured_from_the_new_one() -> None:
    with empty_store(SLOT) as database:
        sell(database)
        moved = {
            **PROMISE,
            "promise_id": "P2",
            "asked_by": "buyer",
            "shown_at": "2026-11-02T09:00+08:00",
            "slot_from": "2026-11-05T14:00+08:00",
            "promised_by": "2026-11-05T15:00+08:00",
        }
        tell_promises(database, moved)
        live_on(database, LATE)
        assert (stands(database), owed_late(database)) == ({"O1": "open"}, {})
        tell_scans(database, {**DELIVERED, "at": "2026-11-05T16:00+08:00"})
        live_on(database, moment("11-06"))
        assert (stands(database), owed_late(database)) == ({"O1": "late"}, {"CNY": 3900, "points": 1000})
        assert agrees(database)


def test_a_cancelled_order_ends_the_waiting() -> None:
    with empty_store(SLOT) as database:
        sell(database)
        live_on(database, NOON)
        tell_event(database, "cancelled", "11-03T14:00")
        live_on(database, NEXT)
        assert (stands(database), owed_late(database)) == ({"O1": "ended"}, {})
        assert agrees(database)


def test_what_a_line_says_of_its_delivery_counts_as_a_scan() -> None:
    with empty_store(SLOT) as database:
        sell(database)
        live_on(database, NOON)
        tell_event(database, "delivered", "11-03T14:30")
        live_on(database, NEXT)
        assert (stands(database), owed_late(database)) == ({"O1": "kept"}, {})
        assert agrees(database)


def test_several_deliveries_of_one_line_are_added_up_on_its_cover() -> None:
    with empty_store(SLOT) as database:
        sell(
            database,
            {**ORDER, "quantity": "2"},
            promises=[
                {**PROMISE, "delivery_id": "A"},
                {**PROMISE, "promise_id": "P2", "delivery_id": "B", "promised_by": "2026-11-04T15:00+08:00"},
            ],
        )
        live_on(database, LATE)
        assert (stands(database), owed_late(database)) == (
            {"A": "late", "B": "open"},
            {"CNY": 3900, "points": 1000},
        )
        live_on(database, NEXT)
        assert owed_late(database) == {"CNY": 7800, "points": 2000}
        tell_scans(database, {**DELIVERED, "delivery_id": "A", "at": "2026-11-03T14:30+08:00"})
        live_on(database, NEXT)
        assert (stands(database), owed_late(database)) == (
            {"A": "kept", "B": "late"},
            {"CNY": 3900, "points": 1000},
        )
        assert count(database, "deliveries") == 2
        assert agrees(database)


def test_a_sold_line_keeps_the_version_of_the_promise_that_it_was_sold_under() -> None:
    dearer = {
        **HOURS,
        "version": 2,
        "effective": {"sold_from": "2026-11-02T00:00:00+08:00"},
        "breach": [{"over": "PT16H", "pay": "50.00", "clause": "S-3"}],
    }
    with empty_store({**HOURS, "effective": {"sold_until": "2026-11-02T00:00:00+08:00"}}, dearer) as database:
        later = {**ORDER, "order_id": "O2", "line_id": "L2", "placed_at": "2026-11-02T10:00+08:00"}
        shown = {"shown_at": "2026-11-02T10:00+08:00"}
        sell(database, ORDER, later, promises=[PROMISE, {**PROMISE, "promise_id": "P2", "order_id": "O2", **shown}])
        live_on(database, moment("11-04T10:00"))
        assert [row[1] for row in late_entries(database)] == [500, 5000]
        assert agrees(database)


def test_a_fact_that_is_told_before_it_happens_waits_for_its_moment() -> None:
    with empty_store(SLOT) as database:
        sell(database)
        tell_scans(database, {**DELIVERED, "at": "2026-11-03T14:00+08:00"})
        live_on(database, NOON)
        assert stands(database) == {"O1": "open"}
        live_on(database, LATE)
        assert (stands(database), owed_late(database)) == ({"O1": "kept"}, {})
        assert agrees(database)


def test_a_fact_that_cannot_be_placed_waits_for_a_person_until_it_can() -> None:
    with empty_store(SLOT) as database:
        sell(database)
        tell_scans(database, DISPUTED)
        live_on(database, LATE)
        live_on(database, NEXT)
        waiting = "SELECT ref, told FROM needs WHERE kind = 'delivery_fact'"
        ((ref, told),) = rows_of(database, waiting)
        assert ref == "scan:shop/D1"
        assert "no accepted scan of the delivery has the scan_id" in told
        tell_scans(database, {**DELIVERED, "at": "2026-11-03T14:59+08:00"})
        live_on(database, NEXT)
        assert rows_of(database, waiting) == []
        assert stands(database) == {"O1": "disputed"}
        assert agrees(database)


def test_a_slot_that_was_paid_for_in_another_currency_promises_nothing_and_a_person_is_asked() -> None:
    with empty_store(SLOT) as database:
        sell(database, promises=[{**PROMISE, "currency": "USD"}])
        live_on(database, NEXT)
        assert (stands(database), owed_late(database)) == ({"O1": "none"}, {})
        assert rows_of(database, "SELECT ref FROM needs") == [("promise:shop/P1",)]
        assert agrees(database)


def test_what_is_owed_waits_for_scans_that_are_on_their_way() -> None:
    due = "SELECT state, due_us FROM actions"
    with empty_store(PATIENT) as database:
        sell(database)
        live_on(database, moment("11-03T15:00"))
        assert owed_late(database) == {"CNY": 500}
        assert rows_of(database, due) == [("due", moment("11-03T17:00"))]
        # Word comes an hour later that it was there in time: nobody was asked to pay, and nothing is given away.
        tell_scans(database, {**DELIVERED, "at": "2026-11-03T14:50+08:00"})
        live_on(database, moment("11-03T16:00"))
        assert (owed_late(database), rows_of(database, due)) == ({}, [("stopped", None)])
        assert [row[0] for row in late_entries(database)] == ["owed", "stopped"]
        assert agrees(database)


def test_what_is_owed_is_paid_at_once_when_the_arrival_is_known_to_be_late() -> None:
    with empty_store(PATIENT) as database:
        sell(database)
        live_on(database, moment("11-03T15:00"))
        tell_scans(database, {**DELIVERED, "at": "2026-11-03T15:20+08:00"})
        live_on(database, moment("11-03T15:30"))
        due = rows_of(database, "SELECT state, due_us, reason FROM actions")
        assert due == [("due", moment("11-03T15:30"), None)]
        assert agrees(database)


def test_a_parcel_of_which_nobody_tells_is_paid_for_after_the_wait() -> None:
    with empty_store(PATIENT) as database:
        sell(database)
        live_on(database, moment("11-03T18:30"))
        assert rows_of(database, "SELECT due_us, reason FROM actions") == [(moment("11-03T18:30"), None)]
