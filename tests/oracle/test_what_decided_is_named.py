"""Of several facts that could have decided, the one that is named; and the moments at which time alone decides."""

from datetime import UTC, datetime
from typing import Any

import pytest

from houbei.columns import MISSING
from houbei.deliveries import JudgedDeliveries
from houbei.owed.delivery import Verdict
from tests.oracle.arrival_agreement import ArrivalHistory, judged_of

BY = "2026-02-03T00:00Z"
LINE = {
    "order_id": "O",
    "line_id": "L",
    "sku": "S",
    "quantity": "1",
    "paid": "10.00",
    "currency": "CNY",
    "region": "CN",
    "placed_at": "2026-02-01T00:00Z",
}


def judged(*facts: dict[str, Any], day: int = 20, reaches: str = "delivered") -> JudgedDeliveries:
    """One order that is promised by the third of February, looked at on a day of the month."""
    document = {
        "term": "named",
        "kind": "delivery_promise",
        "zone": "UTC",
        "promise": {"made": "shown", "reaches": reaches},
        "breach": [{"pay": [{"points": "10"}]}],
        "excused": [
            {"code": "jam", "text": {"en": "Jam"}, "effect": "extends", "evidence": "none"},
            {"code": "snow", "text": {"en": "Snow"}, "effect": "waives", "evidence": "none"},
        ],
        "clauses": [{"id": "D-1", "text": {"en": "One"}}],
        "scope": {},
    }
    shown = {"promise_id": "P", "order_id": "O", "shown_at": "2026-02-01T00:00Z", "promised_by": BY}
    return judged_of(
        ArrivalHistory(
            orders=[LINE],
            promises=[shown],
            scans=[{"order_id": "O", **fact} for fact in facts if "scan_id" in fact],
            closures=[fact for fact in facts if "closure_id" in fact],
            document=document,
            as_of=datetime(2026, 2, day, tzinfo=UTC),
        )
    )


def event(name: str, code: str, begins: str, ends: str) -> dict[str, str]:
    moments = {"from_at": f"2026-02-{begins}Z", "until_at": f"2026-02-{ends}Z", "known_at": "2026-02-02T00:00Z"}
    return {"closure_id": name, "code": code, **moments}


def test_of_two_events_that_moved_the_end_the_first_is_named():
    jams = [event("Z", "jam", "02T00:00", "02T06:00"), event("A", "jam", "02T12:00", "02T18:00")]
    assert judged(*jams).closure_ids.to_pylist() == ["Z"]


@pytest.mark.parametrize(("begins", "named"), [("02T01:00", "A"), ("02T00:00", "A"), ("01T23:00", "B")])
def test_of_two_events_that_waive_the_first_to_begin_is_named_then_the_first_by_id(begins: str, named: str):
    found = judged(event("B", "snow", begins, "03T06:00"), event("A", "snow", "02T00:00", "03T06:00"))
    assert found.closure_ids.to_pylist() == [named]


def test_what_waives_is_named_before_what_moved_the_end():
    found = judged(event("A", "jam", "02T00:00", "02T06:00"), event("B", "snow", "02T12:00", "02T18:00"))
    assert found.closure_ids.to_pylist() == ["B"]


@pytest.mark.parametrize(("installed", "named"), [("02T10:00", "I"), ("02T11:00", "I"), ("02T09:00", "Z")])
def test_of_delivery_and_installation_the_later_is_named_and_of_one_moment_the_installation(installed: str, named: str):
    scans = [
        {"scan_id": "Z", "at": "2026-02-02T10:00Z", "what": "delivered", "parcel_id": "1"},
        {"scan_id": "I", "at": f"2026-02-{installed}Z", "what": "installed", "parcel_id": "2"},
    ]
    assert judged(*scans, reaches="installed").scan_ids.to_pylist() == [named]


def test_the_clock_tells_of_the_end_that_was_shown_and_of_the_one_that_an_event_moved_it_to():
    jam = event("C", "jam", "02T00:00", "04T00:00")
    looks = [judged(jam, day=day).late for day in (2, 3, 5)]
    ends = [int(datetime(2026, 2, day, tzinfo=UTC).timestamp()) * 1_000_000 for day in (3, 5)]
    told = [(Verdict(int(late.verdict[0])).name, int(late.next_us[0])) for late in looks]
    assert told == [("OPEN", ends[0]), ("EXCUSED", ends[1]), ("LATE", MISSING)]


def test_the_clock_goes_on_while_a_dispute_waits():
    scans = [
        {"scan_id": "D", "at": "2026-02-01T10:00Z", "what": "delivered"},
        {"scan_id": "X", "at": "2026-02-01T12:00Z", "what": "disputed", "disputes": "D"},
    ]
    looks = [judged(*scans, day=day).late for day in (2, 3)]
    by_us = int(datetime(2026, 2, 3, tzinfo=UTC).timestamp()) * 1_000_000
    assert [int(late.next_us[0]) for late in looks] == [by_us, MISSING]
    assert [late.step_held.tolist() for late in looks] == [[], [1]]
