"""Places are taken by promises, once at each warehouse, in the order of booking, and what was taken before counts."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from houbei.delivery.candidates import Refused
from houbei.delivery.network import Loaded
from houbei.delivery.promising import Promises, promise_arrivals
from houbei.delivery.requests import Booked, Parcel, Request, requests_of
from houbei.delivery.timetable import Timetable, timetable_of
from houbei.errors import InputError
from houbei.terms.moments import parse_moment
from tests.delivery.small import EVERY_DAY, small

AT_US = parse_moment("2026-03-09T10:00", zone="Asia/Shanghai", where="a test")
LIGHT, HEAVY = Parcel(weight_class="light", origin="W"), Parcel(weight_class="heavy", origin="W")


def limited(capacity: int) -> Loaded:
    """A network with a second warehouse, and a limit on dates."""

    def change(network: dict[str, Any]) -> None:
        network["services"][0]["capacity"] = str(capacity)
        network["origins"].append({**network["origins"][0], "id": "V"})
        network["carriers"]["carriers"][0]["rules"][0] = dict.fromkeys(("shipping", "transit", "delivery"), EVERY_DAY)

    return small(change)


def table_of(loaded: Loaded) -> Timetable:
    return timetable_of(loaded, from_us=AT_US, to_us=AT_US + 10)


def promised(
    loaded: Loaded, *parcels: tuple[Parcel, ...], booked: Booked | None = None, chance_permille: int = 900
) -> Promises:
    requests = [
        Request(id=f"q{number}", at_us=AT_US + number, region="R-1", parcels=some, chance_permille=chance_permille)
        for number, some in enumerate(parcels)
    ]
    return promise_arrivals(table_of(loaded), requests_of(loaded, requests), booked=booked)


def days(promises: Promises) -> list[str]:
    return [str(np.datetime64(day, "D")) for day in promises.day.tolist()]


def test_two_sorts_of_parcels_from_one_warehouse_take_one_place():
    both = (LIGHT, HEAVY)
    assert days(promised(limited(2), both, both, both)) == ["2026-03-12", "2026-03-12", "2026-03-13"]


def test_each_warehouse_of_a_promise_must_have_room():
    there = Parcel(weight_class="light", origin="V")
    assert days(promised(limited(1), (LIGHT,), (there,), (LIGHT, there))) == ["2026-03-12", "2026-03-12", "2026-03-13"]


def test_a_warehouse_that_a_promise_does_not_leave_from_may_be_full():
    there = Parcel(weight_class="light", origin="V")
    assert days(promised(limited(1), (there,), (LIGHT, HEAVY))) == ["2026-03-12", "2026-03-12"]


def test_where_the_warehouse_is_open_another_one_is_taken_when_the_first_is_full():
    anywhere = (Parcel(weight_class="light"),)
    found = promised(limited(1), anywhere, anywhere, anywhere)
    assert days(found) == ["2026-03-12", "2026-03-12", "2026-03-13"]
    assert found.origin.tolist() == [0, 1, 0]


def test_what_was_taken_before_counts_and_what_is_taken_comes_out():
    loaded = limited(1)
    first = promised(loaded, (LIGHT,))
    assert (first.booked.count.tolist(), first.booked.day.tolist()) == ([1], first.day.tolist())
    second = promised(loaded, (LIGHT,), booked=first.booked)
    assert days(second) == ["2026-03-13"]
    assert days(promised(loaded, (LIGHT,), booked=first.booked.with_more(second.booked))) == ["2026-03-14"]


def test_a_place_elsewhere_is_no_place_here():
    loaded = limited(1)
    first = promised(loaded, (LIGHT,)).booked
    elsewhere = Booked(origin=first.origin, region=first.region - 1, slot=first.slot, day=first.day, count=first.count)
    another_slot = Booked(
        origin=first.origin, region=first.region, slot=first.slot + 1, day=first.day, count=first.count
    )
    for booked in (elsewhere, another_slot):
        for origin in ("W", "V"):
            assert days(promised(loaded, (replace(LIGHT, origin=origin),), booked=booked)) == ["2026-03-12"]


def test_days_that_are_full_are_counted():
    found = promised(limited(1), (LIGHT,), (LIGHT,), (LIGHT,))
    assert found.full_days.tolist() == [0, 1, 2]
    assert [str(np.datetime64(day, "D")) for day in found.full_day.tolist()[1:]] == ["2026-03-12", "2026-03-12"]


def test_no_room_within_the_horizon_is_a_refusal():
    found = promised(limited(0), (LIGHT,))
    assert (found.refused.tolist(), found.booked.count.size) == ([Refused.FULL], 0)
    # From the third day after the order until the two hundredth.
    assert found.full_days.tolist() == [198]


def test_no_requests_are_no_promises():
    assert promised(limited(1)).refused.size == 0


def test_an_order_outside_the_timetable_is_refused():
    loaded = limited(1)
    late = Request(id="q", at_us=AT_US + 11, region="R-1", parcels=(LIGHT,))
    with pytest.raises(InputError, match="Make the timetable for these days"):
        promise_arrivals(table_of(loaded), requests_of(loaded, [late]))


@pytest.mark.parametrize(
    "wrong",
    [
        {"chance_permille": 0},
        {"chance_permille": 1001},
        {"parcels": ()},
        {"parcels": (Parcel(weight_class="light", count=0),)},
        {"parcels": (Parcel(),)},
        {"parcels": (Parcel(sku="A", weight_class="light"),)},
    ],
)
def test_a_request_that_cannot_be_used_is_refused(wrong: dict[str, Any]):
    request = Request(**{"id": "q", "at_us": AT_US, "region": "R", "parcels": (LIGHT,), **wrong})
    with pytest.raises(InputError, match="request q"):
        requests_of(small(), [request])


def test_an_id_may_stand_once():
    request = Request(id="q", at_us=AT_US, region="R", parcels=(LIGHT,))
    with pytest.raises(InputError, match="one id for two requests"):
        requests_of(small(), [request, request])
