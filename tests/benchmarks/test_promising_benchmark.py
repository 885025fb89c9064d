"""The benchmark of promises: every answer is compared, and one that differs ends it."""

from typing import Any

import pytest

from benchmarks import promising
from benchmarks.promising import drawn, markdown, measured, walked
from benchmarks.promising_rival import Walked, Walker
from houbei.delivery.promising import promise_arrivals
from houbei.delivery.timetable import timetable_of
from houbei.store.network_files import load_network

FEW = 400


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(promising, "ALONE_MAX", 60)


def test_a_few_requests_are_measured_and_every_answer_agrees():
    found = measured(FEW, seed=3)
    assert found["requests"] == FEW
    assert 0 < found["promised"] < FEW
    assert found["agreed_one_by_one"] == 60
    assert found["rival"]["orders"] > 10
    assert found["alone_ms"][0][0] > 0
    assert "| 400 in bulk, " in markdown(found)


def test_a_walk_that_differs_is_noticed(monkeypatch: pytest.MonkeyPatch):
    loaded = load_network("sample-cn")
    table = timetable_of(loaded, from_us=promising.FROM_US, to_us=promising.FROM_US + 365 * promising.DAY_US)
    requests = drawn(table, FEW, seed=3)
    promises = promise_arrivals(table, requests)
    assert walked(table, requests, promises)[0] > 10

    def late(self: Walker, *_: Any) -> Walked:  # noqa: ARG001  a walk's signature
        return Walked(by_us=1, chance_permille=1)

    monkeypatch.setattr(Walker, "walk", late)
    with pytest.raises(SystemExit, match="walked"):
        walked(table, requests, promises)
