"""Engine and oracle, written apart from the same words, promise the same; a batch is what it is one by one."""

from typing import Any

import numpy as np
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from houbei.columns import MISSING
from houbei.delivery.candidates import Refused
from houbei.delivery.network import Loaded
from houbei.delivery.promising import Promises, promise_arrivals
from houbei.delivery.requests import Booked, Request, requests_of
from houbei.delivery.timetable import Timetable, timetable_of
from tests.oracle.networks import as_loaded, as_request, asked_networks, utc
from tests.oracle.promising import EPOCH, Taken, moment_us, promise

QUICK = settings(phases=(Phase.explicit, Phase.reuse, Phase.generate))
"""What fails is told as it was drawn: making it smaller would take minutes."""
Asked = tuple[dict[str, Any], list[dict[str, Any]]]
Row = tuple[Any, ...]


def timetable(loaded: Loaded) -> Timetable:
    return timetable_of(loaded, from_us=moment_us(utc(2026, 2, 5)), to_us=moment_us(utc(2026, 9, 10)))


def rows_of(table: Timetable, promises: Promises) -> list[Row]:
    """What was promised, as the oracle says it."""
    services, slots = table.loaded.network.services, table.slots
    return [
        (
            Refused(int(promises.refused[row])).name.lower(),
            *(None if (us := int(column[row])) == MISSING else us for column in (promises.by_us, promises.from_us)),
            int(promises.chance_permille[row]),
            services[place].id if (place := int(promises.service[row])) >= 0 else None,
            slots.names[place] if (place := int(promises.slot[row])) >= 0 else None,
        )
        for row in range(len(promises.refused))
    ]


def by_engine(loaded: Loaded, requests: list[Request]) -> list[Row]:
    table = timetable(loaded)
    return rows_of(table, promise_arrivals(table, requests_of(loaded, requests)))


def by_hand(network: dict[str, Any], asked: list[dict[str, Any]]) -> list[Row]:
    taken, found = Taken(), {}
    for ask in sorted(asked, key=lambda ask: (ask["at"], ask["id"])):
        answer = promise(network, ask, taken)
        bounds = (None if moment is None else moment_us(moment) for moment in (answer.by, answer.begins))
        found[ask["id"]] = (answer.refused, *bounds, answer.chance_permille, answer.service, answer.slot)
    return [found[ask["id"]] for ask in asked]


@settings(parent=QUICK, max_examples=120)
@given(asked=asked_networks())
def test_engine_and_oracle_promise_the_same(asked: Asked):
    network, asks = asked
    assert by_engine(as_loaded(network), [as_request(ask) for ask in asks]) == by_hand(network, asks)


@settings(parent=QUICK, max_examples=30)
@given(asked=asked_networks())
def test_a_batch_is_what_it_is_one_by_one(asked: Asked):
    network, asks = asked
    loaded = as_loaded(network)
    table, booked, alone = timetable(loaded), Booked(), {}
    for ask in sorted(asks, key=lambda ask: (ask["at"], ask["id"])):
        one = promise_arrivals(table, requests_of(loaded, [as_request(ask)]), booked=booked)
        booked = booked.with_more(one.booked)
        alone[ask["id"]] = rows_of(table, one)[0]
    assert by_engine(loaded, [as_request(ask) for ask in asks]) == [alone[ask["id"]] for ask in asks]


@settings(parent=QUICK, max_examples=20)
@given(asked=asked_networks(), seed=st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(asked: Asked, seed: Any):
    loaded, requests = as_loaded(asked[0]), [as_request(ask) for ask in asked[1]]
    turned = seed.sample(requests, len(requests))
    there = dict(zip([one.id for one in turned], by_engine(loaded, turned), strict=True))
    assert by_engine(loaded, requests) == [there[one.id] for one in requests]


@settings(parent=QUICK, max_examples=20)
@given(asked=asked_networks())
def test_the_range_of_a_timetable_changes_nothing(asked: Asked):
    loaded = as_loaded(asked[0])
    for ask in asked[1]:
        request = as_request(ask)
        narrow = timetable_of(loaded, from_us=request.at_us, to_us=request.at_us)
        found = rows_of(narrow, promise_arrivals(narrow, requests_of(loaded, [request])))
        assert found == by_engine(loaded, [request])


@settings(parent=QUICK, max_examples=30)
@given(asked=asked_networks())
def test_a_greater_chance_is_never_promised_earlier(asked: Asked):
    network, asks = asked
    loaded = as_loaded(network)
    table = timetable(loaded)
    for ask in asks:
        ends = []
        for permille in (1, 700, 900, 950, 999):
            request = as_request({**ask, "chance_permille": permille})
            found = promise_arrivals(table, requests_of(loaded, [request]))
            assert found.refused[0] != Refused.NOT or found.chance_permille[0] >= permille
            ends.append(np.iinfo(np.int64).max if found.refused[0] else int(found.by_us[0]))
        assert ends == sorted(ends)


def test_the_epoch_is_where_moments_begin():
    assert moment_us(EPOCH) == 0
