"""Carriers' calendars: the documents that ship, what outranks what, predicted years, surcharges, what is refused."""

import copy
import json
from collections.abc import Callable
from datetime import date
from functools import partial
from importlib.resources import files
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from houbei.calendars.carrier_documents import CarriersDocument, Per, carriers_of
from houbei.calendars.carriers import CarrierDays, open_days
from houbei.calendars.days import date_of, day_number
from houbei.calendars.holidays import Calendar, calendar_of
from houbei.calendars.notices import merge_notice, parse_notice
from houbei.errors import InputError
from houbei.store.calendar_files import find_carriers, shipped_carriers
from houbei.terms.yaml_tree import read_yaml
from tests.calendars.made_calendars import Counting, china, spring_2027

SCHEMA = json.loads(files("houbei.calendars").joinpath("schema", "carriers.json").read_text(encoding="utf-8"))
ALL_WEEK = {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]}
SOURCE = {"source": "a page", "read": "2026-11-29"}


def tree(**changes: Any) -> dict[str, Any]:
    """A document as YAML gives it; `changes` replace keys of its one carrier."""
    rule = {"shipping": {"workdays_of": "cn"}, "transit": ALL_WEEK, "delivery": ALL_WEEK}
    carrier = {"carrier": "made", "title": {"zh": "样例", "en": "A sample"}, "rules": [rule], **changes}
    about = {"zh": "样例", "en": "A sample"}
    return {"document": "made", "version": "1", "currency": "CNY", "about": about, "carriers": [carrier]}


def made(**changes: Any) -> CarriersDocument:
    return carriers_of(tree(**changes), where="made.yaml")


def dated(what: str, first: str, last: str, **changes: Any) -> dict[str, Any]:
    return {"what": what, "first_day": first, "last_day": last, **SOURCE, **changes}


def days_of(document: CarriersDocument, *regions: str, first: str, last: str, carrier: str = "made") -> CarrierDays:
    from_day, to_day = (day_number(date.fromisoformat(text)) for text in (first, last))
    return open_days(document, carrier=carrier, regions=regions, from_day=from_day, to_day=to_day)


def open_on(days: CarrierDays, leg: str, *, row: int = 0) -> list[str]:
    return [date_of(int(place) + days.first_day).isoformat()[5:] for place in np.flatnonzero(getattr(days, leg)[row])]


@pytest.mark.parametrize(
    ("name", "carrier", "leg", "expected"),
    [
        ("sample-resting", "sample-resting", "delivery", "2026-02-25"),
        ("works-through-2026", "jd", "delivery", "2026-02-16"),
        ("works-through-2026", "sf", "transit", "2026-02-16"),
    ],
)
def test_the_third_day_after_friday_before_the_festival(name: str, carrier: str, leg: str, expected: str):
    """E1 and E2: a carrier that rests, and ones that work through."""
    days = days_of(find_carriers(name), "CN-11", first="2026-02-01", last="2026-03-31", carrier=carrier)
    table = Counting(getattr(days, leg)[0], days.first_day)
    start = np.array([day_number(date(2026, 2, 13))])
    assert date_of(int(table.nth_after(start, 3)[0])).isoformat() == expected


def test_each_leg_has_its_own_calendar():
    days = days_of(
        find_carriers("sample-resting"), "city", first="2026-02-12", last="2026-02-24", carrier="sample-resting"
    )
    assert open_on(days, "shipping") == ["02-12", "02-13", "02-14", "02-24"]
    assert open_on(days, "transit") == ["02-12", "02-13", "02-14", "02-24"]
    assert open_on(days, "delivery") == ["02-12", "02-13", "02-14", "02-22", "02-23", "02-24"]


def test_a_region_that_is_named_has_its_own_rule_and_the_others_have_the_one_for_all():
    rules = [
        {"shipping": ALL_WEEK, "transit": ALL_WEEK, "delivery": {"days": ["mon"]}},
        {"regions": ["b"], "shipping": ALL_WEEK, "transit": ALL_WEEK, "delivery": {"days": ["tue"]}},
    ]
    days = days_of(made(rules=rules), "a", "b", first="2026-06-01", last="2026-06-07")
    assert [open_on(days, "delivery", row=row) for row in (0, 1)] == [["06-01"], ["06-02"]]


def test_what_outranks_what():
    """A suspension, then what names the region, then what is for all, then the week; their order in the document is free."""
    items = [
        dated("works", "2026-02-17", "2026-02-18", regions=["a"]),
        dated("rests", "2026-02-14", "2026-02-20"),
        dated("suspended", "2026-02-18", "2026-02-18"),
        dated("works", "2026-02-20", "2026-02-20", regions=["a"], calendars=["shipping"]),
    ]
    for order in (items, items[::-1]):
        days = days_of(made(dated=order), "a", "b", first="2026-02-13", last="2026-02-24")
        assert open_on(days, "shipping") == ["02-13", "02-17", "02-20", "02-24"]
        assert open_on(days, "delivery") == ["02-13", "02-17", "02-21", "02-22", "02-23", "02-24"]
        assert open_on(days, "shipping", row=1) == ["02-13", "02-24"]


def test_a_predicted_year_is_provisional_and_wider_where_the_week_leans_on_it():
    days = days_of(made(), "a", first="2027-02-01", last="2027-02-20")
    assert open_on(days, "shipping") == ["02-01", "02-02", "02-03", "02-15", "02-16", "02-17", "02-18", "02-19"]
    assert days.provisional.all()
    assert not days_of(made(), "a", first="2026-06-01", last="2026-06-30").provisional.any()
    free = [{"shipping": ALL_WEEK, "transit": ALL_WEEK, "delivery": ALL_WEEK}]
    assert not days_of(made(rules=free), "a", first="2027-02-01", last="2027-02-20").provisional.any()


def test_a_day_of_which_the_carrier_itself_has_spoken_is_not_provisional():
    days = days_of(made(dated=[dated("rests", "2027-02-04", "2027-02-05")]), "a", first="2027-02-03", last="2027-02-06")
    assert days.provisional.tolist() == [[True, False, False, True]]


def test_weekdays_rest_in_the_breaks_and_in_the_doubtful_days_of_a_calendar():
    week = {**ALL_WEEK, "rests_in_breaks_of": "cn"}
    rules = [{"shipping": week, "transit": week, "delivery": week}]
    days = days_of(made(rules=rules), "a", first="2027-02-01", last="2027-02-16")
    assert open_on(days, "delivery") == ["02-01", "02-02", "02-03", "02-15", "02-16"]
    known = days_of(made(rules=rules), "a", first="2026-02-12", last="2026-02-25")
    assert open_on(known, "delivery") == ["02-12", "02-13", "02-14", "02-24", "02-25"]


def test_another_version_of_a_calendar_can_stand_in_its_place():
    merged = merge_notice(china(), parse_notice(spring_2027(), where="notice.json"))

    def find(calendar_id: str, *, from_year: int, to_year: int) -> Calendar:
        assert calendar_id == "cn"
        return calendar_of(merged, from_year, to_year)

    first = day_number(date(2027, 1, 30))
    ask: Callable[..., CarrierDays] = partial(
        open_days, made(), carrier="made", regions=["a"], from_day=first, to_day=first + 20
    )
    days = ask(find_calendar=find)
    assert open_on(days, "shipping")[:6] == ["01-31", "02-01", "02-02", "02-03", "02-04", "02-15"]
    assert not days.provisional.any()


def test_surcharges_hold_from_their_first_day_to_their_last():
    document = find_carriers("works-through-2026")
    jd = days_of(document, "CN-11", first="2026-01-01", last="2026-03-31", carrier="jd")
    on = {
        text: jd.surcharges_on(day_number(date.fromisoformat(text)), "CN-11")
        for text in ("2026-01-18", "2026-01-19", "2026-02-23", "2026-02-24")
    }
    assert [len(found) for found in on.values()] == [0, 1, 1, 0]
    (surcharge,) = on["2026-01-19"]
    assert (surcharge.at_least_minor, surcharge.at_most_minor, surcharge.currency) == (10, 120, "CNY")
    assert (surcharge.per, surcharge.service) == (Per.KG, "heavy express")
    assert "reportify.ai" in surcharge.source
    sf = days_of(document, "CN-11", first="2026-01-01", last="2026-03-31", carrier="sf")
    (surcharge,) = sf.surcharges_on(day_number(date(2026, 2, 16)), "CN-11")
    assert (surcharge.per, surcharge.at_least_minor, surcharge.at_most_minor) == (Per.PARCEL, None, None)


def test_a_surcharge_of_a_region_is_not_paid_elsewhere():
    days = days_of(
        find_carriers("sample-resting"),
        "village",
        "city",
        first="2026-02-01",
        last="2026-03-31",
        carrier="sample-resting",
    )
    day = day_number(date(2026, 2, 9))
    assert [len(days.surcharges_on(day, region)) for region in ("village", "city", "island")] == [1, 0, 1]


def test_one_region_is_a_batch_of_one():
    document = find_carriers("sample-resting")
    regions = ("city", "village", "island", "elsewhere")
    ask = partial(days_of, document, first="2026-02-01", last="2026-03-31", carrier="sample-resting")
    together = ask(*regions)
    for row, region in enumerate(regions):
        alone = ask(region)
        for leg in ("shipping", "transit", "delivery", "provisional"):
            assert (getattr(together, leg)[row] == getattr(alone, leg)[0]).all()


def test_the_documents_that_ship_fit_the_schema_and_name_where_each_date_was_read():
    assert shipped_carriers() == ["sample-resting", "works-through-2026"]
    for name in shipped_carriers():
        text = files("houbei.calendars").joinpath("shipped_carriers", f"{name}.yaml").read_text(encoding="utf-8")
        Draft202012Validator(SCHEMA).validate(read_yaml(text, where=name).root)
        for carrier in find_carriers(name).carriers:
            assert all(item.source and date.fromisoformat(item.read) for item in (*carrier.dated, *carrier.surcharges))


WRONG = {
    "a key that is none": (lambda found: found.update(extra="x"), "extra"),
    "a rule without a leg": (lambda found: found["rules"][0].pop("delivery"), "delivery"),
    "a weekday that is none": (lambda found: found["rules"][0]["transit"].update(days=["someday"]), "someday"),
    "a week of nothing": (lambda found: found["rules"][0].update(transit={}), "without days and workdays_of"),
    "days beside workdays_of": (lambda found: found["rules"][0]["transit"].update(workdays_of="cn"), "or with both"),
    "breaks beside workdays_of": (
        lambda found: found["rules"][0]["shipping"].update(rests_in_breaks_of="cn"),
        "which it holds already",
    ),
    "no rule": (lambda found: found.update(rules=[]), "no rule"),
    "an item without source": (lambda found: found["dated"][0].pop("source"), "source"),
    "an empty source": (lambda found: found["dated"][0].update(source=" "), "without source"),
    "no regions": (lambda found: found["dated"][0].update(regions=[]), "without source or regions"),
    "a date in another order": (lambda found: found["dated"][0].update(first_day="16-02-2026"), "16-02-2026"),
    "something else that happens": (lambda found: found["dated"][0].update(what="sleeps"), "sleeps"),
    "a calendar that is none": (lambda found: found["dated"][0].update(calendars=["returns"]), "returns"),
    "half a range": (lambda found: found["surcharges"][0].pop("at_most"), "at_least without at_most"),
    "per something else": (lambda found: found["surcharges"][0].update(per="mile"), "mile"),
    "no amount": (lambda found: found["surcharges"][0].update(at_least="some"), "some"),
}
"""What the schema and the reader both refuse."""


def whole() -> dict[str, Any]:
    surcharge = {
        "first_day": "2026-02-16",
        "last_day": "2026-02-23",
        "per": "kg",
        "at_least": "0.10",
        "at_most": "1.20",
        **SOURCE,
    }
    return copy.deepcopy(tree(dated=[dated("rests", "2026-02-16", "2026-02-18")], surcharges=[surcharge]))


@pytest.mark.parametrize("fault", WRONG)
def test_the_reader_and_the_schema_refuse_alike(fault: str):
    spoil, said = WRONG[fault]
    document = whole()
    Draft202012Validator(SCHEMA).validate(document)
    carriers_of(document, where="made.yaml")
    spoil(document["carriers"][0])
    assert not Draft202012Validator(SCHEMA).is_valid(document)
    with pytest.raises(InputError) as refused:
        carriers_of(document, where="made.yaml")
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"dated": [dated("rests", "2026-02-18", "2026-02-16")]}, "last_day 2026-02-16 before first_day"),
        ({"dated": [dated("rests", "2026-02-30", "2026-03-01")]}, "2026-02-30"),
        (
            {"dated": [dated("rests", "2026-02-16", "2026-02-18"), dated("works", "2026-02-18", "2026-02-20")]},
            "rests from 2026-02-16 and works from 2026-02-18",
        ),
        ({"rules": [tree()["carriers"][0]["rules"][0]] * 2}, "a region in two"),
        (
            {
                "surcharges": [
                    {
                        "first_day": "2026-02-16",
                        "last_day": "2026-02-17",
                        "per": "kg",
                        "at_least": "2",
                        "at_most": "1",
                        **SOURCE,
                    }
                ]
            },
            "at_most 1 below at_least 2",
        ),
    ],
)
def test_a_document_that_contradicts_itself_is_refused(changes: dict[str, Any], said: str):
    with pytest.raises(InputError, match="made") as refused:
        made(**changes)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    "items",
    [
        [dated("rests", "2026-02-16", "2026-02-18"), dated("works", "2026-02-19", "2026-02-20")],
        [dated("rests", "2026-02-16", "2026-02-18"), dated("works", "2026-02-18", "2026-02-20", regions=["a"])],
        [
            dated("rests", "2026-02-16", "2026-02-18", calendars=["transit"]),
            dated("works", "2026-02-18", "2026-02-20", calendars=["delivery"]),
        ],
        [dated("rests", "2026-02-16", "2026-02-18"), dated("suspended", "2026-02-18", "2026-02-20")],
    ],
)
def test_items_that_do_not_meet_or_have_another_rank_are_no_contradiction(items: list[dict[str, Any]]):
    assert made(dated=items)


def test_a_carrier_or_region_that_is_not_there_is_refused():
    with pytest.raises(InputError, match=r"the carrier “nobody”.*made"):
        days_of(made(), "a", first="2026-02-01", last="2026-02-02", carrier="nobody")
    rules = [{"regions": ["a"], "shipping": ALL_WEEK, "transit": ALL_WEEK, "delivery": ALL_WEEK}]
    with pytest.raises(InputError, match="the region “b”"):
        days_of(made(rules=rules), "a", "b", first="2026-02-01", last="2026-02-02")


def test_years_that_the_calendar_does_not_have_are_refused():
    with pytest.raises(InputError, match="2007 to 2035"):
        days_of(made(), "a", first="2036-02-01", last="2036-02-02")
