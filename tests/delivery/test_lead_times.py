"""Lead times come from a network or from a model, and the narrowest that a lane belongs to holds."""

import json
from pathlib import Path
from typing import Any

import pytest

from houbei.delivery.lead_times import NO_GROUP, Counts, Starts, group_table, read_lead_times, written_lead_times
from houbei.errors import InputError
from houbei.store.network_files import load_lead_times
from tests.delivery.small import quoted, small

NAMES = {"origin": ["W", "V"], "region": ["R", "R-1", "R-2"], "service": ["s", "t"], "weight_class": ["light", "heavy"]}
PARTS = {"R": ("R", "R-1", "R-2"), "R-1": ("R-1",), "R-2": ("R-2",)}


def model(*groups: tuple[dict[str, str], list[int]], **changes: Any) -> dict[str, Any]:
    rows = [{"key": key, "count": 12, "within_permille": within} for key, within in groups]
    return {
        "kind": "lead_times",
        "version": "v1",
        "counts": "calendar",
        "starts": "order",
        "days_max": 4,
        "keys": ["origin", "region", "carrier", "service"],
        "groups": rows,
        **changes,
    }


def narrowest(*keys: dict[str, str]) -> list[int]:
    """The group of (W, R-1, s, light) and of (V, R-2, t, heavy)."""
    table = written_lead_times(
        [(key, {1: 900}) for key in keys], counts=Counts.MOVING, starts=Starts.ORDER, where="here"
    )
    found = group_table(table, NAMES, parts_of=PARTS, carrier_of=["c", "d"])
    return [int(found[0, 1, 0, 0]), int(found[1, 2, 1, 1])]


def test_more_names_are_narrower():
    assert narrowest({}, {"region": "R-1", "service": "s"}, {"origin": "W"}) == [1, 0]


def test_of_as_many_names_the_earlier_key_is_narrower():
    assert narrowest({"weight_class": "light"}, {"carrier": "c"}, {"region": "R"}, {"origin": "W"}) == [3, 2]
    assert narrowest({"service": "s", "weight_class": "light"}, {"region": "R", "weight_class": "light"}) == [
        1,
        NO_GROUP,
    ]


def test_a_part_is_narrower_than_the_region_around_it():
    assert narrowest({"region": "R-1"}, {"region": "R"}) == [0, 1]


def test_a_name_that_the_network_does_not_have_reaches_nothing():
    assert narrowest({"region": "X"}, {"origin": "X"}, {"carrier": "X"}) == [NO_GROUP, NO_GROUP]


def test_a_day_that_is_left_out_has_what_the_day_before_has():
    table = written_lead_times([({}, {1: 600, 3: 900})], counts=Counts.MOVING, starts=Starts.ORDER, where="here")
    assert table.within_permille.tolist() == [[0, 600, 600, 900]]


def test_a_model_takes_the_place_of_what_the_network_says(tmp_path: Path):
    path = tmp_path / "model.json"
    path.write_text(json.dumps(model(({}, [0, 100, 500, 950, 990]), ({"region": "R-1"}, [0, 0, 0, 500, 951]))), "utf-8")
    found = load_lead_times(path)
    near = quoted(small(), "2026-03-09T10:00", region="R", lead_times=found)
    far = quoted(small(), "2026-03-09T10:00", region="R-1", lead_times=found)
    assert (near["date"], near["chance_permille"], near["model"]) == ("2026-03-12", 950, "v1")
    assert (far["date"], far["chance_permille"]) == ("2026-03-13", 951)
    (told,) = [reason for reason in far["reasons"] if reason["code"] == "lead_time"]
    assert told["figures"] == {
        "days": 4, "chance_permille": 951, "counts": "calendar", "starts": "order", "group": "region R-1", "parcels": 12,
    }  # fmt: skip


def test_calendar_days_from_the_order_count_whatever_the_carrier_does():
    found = read_lead_times(model(({}, [0, 0, 0, 0, 950])), where="here")
    assert quoted(small(), "2026-03-04T10:00", lead_times=found)["date"] == "2026-03-09"
    assert quoted(small(), "2026-03-05T18:00", lead_times=found)["date"] == "2026-03-09"


@pytest.mark.parametrize(
    "told",
    [
        model(kind="another"),
        model(counts="hours"),
        model(days_max=366),
        model(keys=["colour"]),
        model(({"weight_class": "light"}, [0, 0, 0, 0, 900])),
        model(({}, [0, 0, 0, 900])),
        model(({}, [0, 0, 500, 400, 900])),
        model(({}, [0, 0, 0, 0, 1001])),
        model(({}, [0, 0, 0, 0, True])),
        model(({}, [0, 0, 0, 0, 900]), ({}, [0, 0, 0, 0, 900])),
        {"kind": "lead_times"},
    ],
)
def test_what_is_no_model_is_refused(told: dict[str, Any]):
    with pytest.raises(InputError, match=r"model\.json"):
        read_lead_times(told, where="model.json")


@pytest.mark.parametrize("text", ["{", "[1]", '"a"'])
def test_a_file_that_is_no_model_is_refused(text: str, tmp_path: Path):
    path = tmp_path / "model.json"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError, match=r"model\.json"):
        load_lead_times(path)
