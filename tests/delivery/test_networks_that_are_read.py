"""A network is read as its schema says, or refused in one line that says what, where, what was expected, what to do."""

import json
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings

from houbei.delivery.document import parse_network
from houbei.errors import InputError
from houbei.store.network_files import load_network, network_text, shipped_networks
from houbei.terms.yaml_tree import read_yaml
from tests.delivery.small import NETWORK, changed, small
from tests.oracle.networks import as_loaded, networks

SCHEMA = json.loads(files("houbei.delivery").joinpath("schema", "network.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
Change = Callable[[dict[str, Any]], object]


def carrier(network: dict[str, Any]) -> dict[str, Any]:
    return network["carriers"]["carriers"][0]


BY_SHAPE: dict[str, Change] = {
    "a key that there is not": lambda n: n.update(colour="red"),
    "no origins": lambda n: n.pop("origins"),
    "an empty list of services": lambda n: n.update(services=[]),
    "a time that no clock shows": lambda n: n["origins"][0]["cut_offs"][0].update(before="25:00"),
    "a lunar day that no month has": lambda n: n["origins"][0]["cut_offs"].insert(
        0, {"before": "11:00", "lunar_days": ["13-1"]}
    ),
    "a lead time of words": lambda n: n["lead_times"]["groups"][0].update(within={"soon": "900"}),
    "more than a thousand of a thousand": lambda n: n["lead_times"]["groups"][0].update(within={"1": "1001"}),
    "a lead time without a basis": lambda n: n["lead_times"]["groups"][0].pop("basis"),
    "a weekday that there is not": lambda n: n["origins"][0]["cut_offs"].insert(
        0, {"before": "11:00", "weekdays": ["day"]}
    ),
    "a fee with a sign": lambda n: n["services"][0]["slots"][0].update(fee="-5.00"),
    "a capacity below nothing": lambda n: n["services"][0].update(capacity="-1"),
    "a SKU that weighs twice": lambda n: n["articles"][0].update(weight_class="light"),
    "an id with a space": lambda n: n["regions"][0].update(id="a region"),
    "handling for less than no days": lambda n: n["origins"][0]["handling"].update(days="-1"),
}
BY_MEANING: dict[str, Change] = {
    "a region within one that there is not": lambda n: n["regions"][1].update(within="X"),
    "a region within itself": lambda n: n["regions"][0].update(within="R-1"),
    "a region twice": lambda n: n["regions"].append({"id": "R"}),
    "a zone that there is not": lambda n: n["regions"][0].update(zone="Asia/Nowhere"),
    "weight classes that fall": lambda n: n["weight_classes"][0].update(up_to_g="9000"),
    "a SKU twice": lambda n: n["articles"].append({"sku": "A", "weight_g": "1"}),
    "a SKU of a class that there is not": lambda n: n["articles"].append({"sku": "B", "weight_class": "huge"}),
    "a service of a carrier that there is not": lambda n: n["services"][0].update(carrier="d"),
    "a service to a region that there is not": lambda n: n["services"][0].update(regions=["X"]),
    "a service from an origin that there is not": lambda n: n["services"][0].update(origins=["X"]),
    "a cut-off of a service that there is not": lambda n: n["origins"][0]["cut_offs"].insert(
        0, {"before": "11:00", "services": ["X"]}
    ),
    "cut-offs that leave days open": lambda n: n["origins"][0]["cut_offs"][0].update(weekdays=["mon"]),
    "days that end before they begin": lambda n: n["origins"][0]["cut_offs"].insert(
        0, {"before": "11:00", "dates": [{"first_day": "2026-03-02", "last_day": "2026-03-01"}]}
    ),
    "a slot that ends when it begins": lambda n: n["services"][0]["slots"][0].update(ends="09:00"),
    "a slot twice": lambda n: n["services"][0]["slots"].append(n["services"][0]["slots"][0]),
    "a lead time that falls": lambda n: n["lead_times"]["groups"][0].update(within={"1": "900", "2": "800"}),
    "a lead time told twice": lambda n: n["lead_times"]["groups"].append(n["lead_times"]["groups"][0]),
    "a lead time of a region that there is not": lambda n: n["lead_times"]["groups"][0].update(region="X"),
    "a carrier that names a region that there is not": lambda n: carrier(n)["rules"][0].update(regions=["X"]),
    "carriers in another currency": lambda n: n["carriers"].update(currency="EUR"),
    "a surcharge on a service that there is not": lambda n: carrier(n)["surcharges"].append(
        {
            "first_day": "2026-02-16",
            "last_day": "2026-02-16",
            "per": "kg",
            "service": "X",
            "source": "a",
            "read": "2026-01-01",
        }
    ),
    "a carrier that rests and works on one day": lambda n: carrier(n)["dated"].extend(
        {"what": what, "first_day": "2026-02-16", "last_day": "2026-02-16", "source": "a", "read": "2026-01-01"}
        for what in ("rests", "works")
    ),
    "a fee of more digits than the currency has": lambda n: n["services"][0]["slots"][0].update(fee="5.001"),
}


@pytest.mark.parametrize("fault", [*BY_SHAPE, *BY_MEANING])
def test_a_network_with_a_fault_is_refused(fault: str):
    with pytest.raises(InputError) as refused:
        parse_network(changed((BY_SHAPE | BY_MEANING)[fault]), where="small.yaml")
    assert "expected" in str(refused.value)


@pytest.mark.parametrize("fault", BY_SHAPE)
def test_the_schema_refuses_what_it_can_see(fault: str):
    assert VALIDATOR.is_valid(NETWORK)
    assert not VALIDATOR.is_valid(json.loads(changed(BY_SHAPE[fault])))


def test_text_that_is_no_yaml_is_refused_with_its_line():
    with pytest.raises(InputError, match=r"small\.yaml, line 2"):
        parse_network("network: a\nregions: b: c", where="small.yaml")


def test_a_network_without_carriers_is_refused():
    with pytest.raises(InputError, match="no carriers"):
        parse_network(changed(lambda n: n.pop("carriers")), where="small.yaml")


@pytest.mark.parametrize("name", shipped_networks())
def test_shipped_networks_are_read_and_fit_the_schema(name: str):
    assert load_network(name).network.network == name
    VALIDATOR.validate(read_yaml(network_text(name), where=name).root)


@settings(max_examples=30)
@given(network=networks())
def test_networks_that_are_read_fit_the_schema(network: dict[str, Any]):
    assert as_loaded(network).network.network == "drawn"
    VALIDATOR.validate(read_yaml(json.dumps(network), where="drawn").root)


def test_the_version_does_not_move_with_comments_and_the_order_of_keys():
    network = dict(reversed(NETWORK.items()))
    again = parse_network(f"# a comment\n{json.dumps(network, indent=2)}", where="again.yaml")
    assert again.sha256 == small().sha256
    assert small(lambda n: n["origins"][0]["cut_offs"][0].update(before="17:01")).sha256 != small().sha256


def test_the_nearest_word_on_a_region_counts():
    def say(network: dict[str, Any]) -> None:
        days = {"first_day": "2026-03-02", "last_day": "2026-03-02", "source": "a", "read": "2026-01-01"}
        carrier(network)["dated"] = [
            {"what": "rests", "regions": ["R-1"], **days},
            {"what": "works", "regions": ["R"], **days},
        ]

    (found,) = small(say).carriers.carriers
    assert [(item.what.value, item.regions) for item in found.dated] == [("works", ("R", "R-1")), ("rests", ("R-1",))]
