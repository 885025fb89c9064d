"""A festival plan: read by lunar days, the narrowest word counts, and what it forgets is found."""

import json
from collections.abc import Callable
from datetime import date
from importlib.resources import files
from typing import Any

import jsonschema
import pytest

from houbei.calendars.days import date_of, day_number
from houbei.delivery.festival import Standing, What, civil_day, draft_plan, parse_plan, plan_sha256
from houbei.delivery.festival_checks import Finding, Given, Missing, check_plan
from houbei.delivery.festival_days import UNSAID, days_of, surcharges_on
from houbei.errors import InputError
from houbei.store.plan_files import load_plan, shipped_years
from houbei.terms.yaml_tree import read_yaml
from tests.delivery.plans import BASE, PLAN, changed, small

SCHEMA = json.loads(files("houbei.delivery").joinpath("schema", "plan.json").read_text("utf-8"))
EVE = day_number(date(2026, 2, 16))
Change = Callable[[dict[str, Any]], object]


def add(**item: Any) -> Change:
    return lambda plan: plan["days"].append({**BASE, **item})


@pytest.mark.parametrize(
    ("text", "year", "day"),
    [
        ("eve", 2026, date(2026, 2, 16)),
        ("1-1", 2026, date(2026, 2, 17)),
        ("12-29", 2026, date(2026, 2, 16)),
        ("12-23", 2026, date(2026, 2, 10)),
        ("1-15", 2026, date(2026, 3, 3)),
        ("1-1", 2027, date(2027, 2, 6)),
        ("eve", 2028, date(2028, 1, 25)),
    ],
)
def test_lunar_days_are_those_of_the_calendar(text: str, year: int, day: date):
    assert date_of(civil_day(text, year=year)) == day


def test_a_lunar_day_that_is_not_there_is_refused():
    with pytest.raises(InputError, match="12"):
        civil_day("12-30", year=2026)


def test_a_region_outranks_its_group_and_that_all_regions_then_a_carrier_all_carriers():
    days = days_of(
        small(
            lambda plan: plan.update(
                days=[
                    {"on": ["eve..1-3"], "what": "rests", **BASE},
                    {"on": ["1-1"], "what": "works", "carriers": ["c"], **BASE},
                    {"on": ["1-1..1-2"], "what": "closed", "regions": ["all-of-them"], **BASE},
                    {"on": ["1-1..1-2"], "what": "works", "regions": ["R-1"], "until": "12:00", **BASE},
                    {"on": ["1-2"], "what": "rests", "regions": ["R-1"], "carriers": ["d"], **BASE},
                ]
            )
        )
    )
    said = [
        [[days.plan.days[place].what.value for place in carrier] for carrier in region] for region in days.day.tolist()
    ]
    assert said[0] == [["rests", "closed", "closed", "rests"]] * 2
    assert said[1] == [["rests", "works", "works", "rests"], ["rests", "works", "rests", "rests"]]


def test_the_order_of_the_items_decides_nothing():
    def items(plan: dict[str, Any]) -> None:
        plan["days"] += [
            {"on": ["1-1..1-2"], "what": "rests", "regions": ["R-1"], **BASE},
            {"on": ["1-1..1-3"], "what": "closed", "regions": ["all-of-them"], **BASE},
        ]

    said, turned = days_of(small(items)), days_of(small(lambda plan: (items(plan), plan["days"].reverse())))
    assert all((said.is_(what) == turned.is_(what)).all() for what in What)


def test_two_items_of_one_rank_for_one_day_are_refused():
    with pytest.raises(InputError, match="2026-02-17 a second time in days"):
        days_of(small(add(on=["1-1"], what="rests")))


BROKEN: dict[str, Change] = {
    "an unknown region": add(on=["1-1"], what="rests", regions=["X"]),
    "an unknown carrier": add(on=["1-1"], what="rests", carriers=["x"]),
    "an unknown source": lambda plan: plan["days"][0].update(source="x"),
    "a day outside the plan": add(on=["1-4"], what="rests"),
    "days that end before they begin": add(on=["1-3..1-1"], what="rests"),
    "a time of day on a day of rest": add(on=["1-1"], what="rests", regions=["R"], until="12:00"),
    "a time of day that is none": add(on=["1-1"], what="works", regions=["R"], until="25:00"),
    "a region twice": lambda plan: plan["regions"].append(plan["regions"][0]),
    "an unknown group": lambda plan: plan["regions"][0].update(group="x"),
    "a zone that is none": lambda plan: plan.update(zone="Asia/Nowhere"),
    "a plan that ends before it begins": lambda plan: plan.update(to="12-20"),
    "a count below nothing": lambda plan: plan.update(crews=[{"on": ["1-1"], "crews": "-1", "visits": "2", **BASE}]),
    "at_least alone": lambda plan: plan.update(
        surcharges=[{"first_day": "2026-02-16", "last_day": "2026-02-17", "per": "kg", "at_least": "1.00", **BASE}]
    ),
    "a surcharge that ends before it begins": lambda plan: plan.update(
        surcharges=[{"first_day": "2026-02-18", "last_day": "2026-02-17", "per": "kg", **BASE}]
    ),
    "a key that is none": lambda plan: plan.update(holidays=[]),
    "no carriers": lambda plan: plan.update(carriers=[]),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_plan_that_contradicts_itself_is_refused(name: str):
    with pytest.raises(InputError):
        small(BROKEN[name])


@pytest.mark.parametrize("name", ["a key that is none", "no carriers", "a time of day that is none"])
def test_the_schema_refuses_what_it_can_see(name: str):
    assert not list(jsonschema.Draft202012Validator(SCHEMA).iter_errors(PLAN))
    assert list(jsonschema.Draft202012Validator(SCHEMA).iter_errors(changed(BROKEN[name])))


def found(change: Change, *given: Given) -> list[tuple[Any, ...]]:
    return [
        (one.missing, one.region, one.carrier, one.first_day - EVE, one.last_day - EVE, dict(one.figures))
        for one in check_plan(days_of(small(change)), given=given)
    ]


def test_a_plan_that_says_everything_forgets_nothing():
    assert found(lambda _: None) == []


def test_a_day_that_nothing_is_said_of_is_found():
    assert found(lambda plan: plan["days"][0].update(on=["1-1", "1-3"], carriers=["c"], regions=["R"])) == [
        (Missing.UNSAID, "R", "c", 2, 2, {}),
        (Missing.UNSAID, "R", "d", 1, 3, {}),
        (Missing.UNSAID, "R-1", "c", 1, 3, {}),
        (Missing.UNSAID, "R-1", "d", 1, 3, {}),
        (Missing.NO_CARRIER, "R", None, 2, 2, {}),
        (Missing.NO_CARRIER, "R-1", None, 1, 3, {}),
    ]


def test_a_region_that_nobody_visits_is_found_unless_that_is_decided():
    assert found(add(on=["1-1..1-2"], what="rests", regions=["R"])) == [(Missing.NO_CARRIER, "R", None, 1, 2, {})]
    assert found(add(on=["1-1..1-2"], what="closed", regions=["R"])) == []


def test_an_eve_without_a_cut_off_or_an_end_is_found():
    assert found(lambda plan: plan["days"][1].pop("cut_off")) == [
        (Missing.EVE_WITHOUT_CUT_OFF, region, carrier, 0, 0, {}) for region in ("R", "R-1") for carrier in ("c", "d")
    ]
    assert len(found(lambda plan: plan["days"][1].pop("until"))) == 4


def test_a_cut_off_after_the_last_round_is_found():
    assert found(add(on=["1-3"], what="works", regions=["R"], carriers=["d"], cut_off="18:00:01", until="18:00")) == [
        (Missing.CUT_OFF_AFTER_END, "R", "d", 3, 3, {})
    ]
    assert found(add(on=["1-3"], what="works", regions=["R"], cut_off="18:00", until="18:00")) == []


def test_days_short_of_crews_are_found_and_those_of_whom_nothing_is_said():
    def crews(plan: dict[str, Any]) -> None:
        plan["crews"] = [{"on": ["eve..1-3"], "carriers": ["c"], "crews": "2", "visits": "10", **BASE}]
        plan["expected"] = [
            {"on": ["1-1"], "regions": ["R"], "visits": "20", **BASE},
            {"on": ["1-2"], "regions": ["R"], "carriers": ["c"], "visits": "21", **BASE},
        ]

    assert found(crews) == [
        (Missing.NO_CREWS, "R", "d", 0, 3, {}),
        (Missing.NO_CREWS, "R-1", "d", 0, 3, {}),
        (Missing.CREWS_SHORT, "R", "c", 2, 2, {"crews": 2, "needed": 3}),
    ]


def test_promises_into_days_of_rest_are_found_and_counted():
    rests = add(on=["1-1"], what="rests", regions=["R"], carriers=["c"])
    given = [
        Given(region="R", carrier="c", day=EVE + 1),
        Given(region="R", carrier="c", day=EVE + 1),
        Given(region="R", carrier="d", day=EVE + 1),
        Given(region="R", carrier=None, day=EVE + 1),
        Given(region="R", carrier="c", day=EVE + 9),
        Given(region="elsewhere", carrier="c", day=EVE + 1),
    ]
    assert found(rests, *given) == [(Missing.PROMISED_INTO_REST, "R", "c", 1, 1, {"promises": 2})]


def test_the_shipped_plan_is_as_its_schema_says_and_forgets_only_crews():
    assert shipped_years() == [2026]
    text = (files("houbei.delivery") / "plans" / "2026.yaml").read_text("utf-8")
    jsonschema.validate(read_yaml(text, where="2026").root, SCHEMA)
    plan = parse_plan(text, where="2026")
    found_there: list[Finding] = list(check_plan(days_of(plan)))
    assert {(one.missing, one.region) for one in found_there} == {
        (Missing.CREWS_SHORT, "CN-GD-GZ"),
        (Missing.CREWS_SHORT, "CN-SH"),
    }
    assert [date_of(day) for day in plan.span] == [date(2026, 2, 10), date(2026, 3, 3)]


@pytest.mark.parametrize(
    ("day", "carrier", "charged"),
    [
        (date(2026, 1, 18), "through", 0),
        (date(2026, 1, 19), "through", 1),
        (date(2026, 2, 23), "through", 1),
        (date(2026, 2, 24), "through", 0),
        (date(2026, 2, 15), "charging", 0),
        (date(2026, 2, 16), "charging", 1),
    ],
)
def test_surcharges_hold_on_their_first_and_last_day(day: date, carrier: str, charged: int):
    plan = load_plan("2026")
    assert len(surcharges_on(plan, region="CN-BJ", carrier=carrier, day=day_number(day))) == charged


def test_another_year_is_a_draft_by_its_lunar_days():
    plan, draft = load_plan("2026"), load_plan("2027")
    assert (draft.plan, draft.standing, draft.surcharges) == ("spring-festival-2027", Standing.DRAFT, ())
    assert date_of(draft.span[0]) == date(2027, 1, 30)
    assert (days_of(draft).day == days_of(plan).day).all()
    assert plan_sha256(draft) != plan_sha256(plan)


def test_a_draft_of_a_day_that_the_other_year_lacks_is_refused():
    plan = small(lambda plan: plan.update({"year": "2024", "from": "12-30", "to": "1-3", "days": []}))
    with pytest.raises(InputError):
        draft_plan(plan, year=2026)


def test_what_is_not_said_is_not_made_up():
    days = days_of(small(lambda plan: plan.update(days=[])))
    assert (days.day == UNSAID).all()
    assert not days.is_(What.WORKS).any()
    assert (days.crews() == UNSAID).all()
    assert (days.crews_needed() == UNSAID).all()
