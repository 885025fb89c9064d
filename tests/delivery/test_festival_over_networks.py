"""A festival plan over a network: what is promised follows the plan, and whoever promises knows of no festival."""

import json
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from houbei.calendars.carriers import open_days
from houbei.calendars.days import date_of, day_number
from houbei.delivery.document import parse_network
from houbei.delivery.festival import What
from houbei.delivery.festival_days import UNSAID, PlanDays, days_of
from houbei.delivery.festival_overrides import plan_over
from houbei.delivery.festival_places import places_of
from houbei.delivery.network import Loaded
from houbei.delivery.promising import promise_arrivals
from houbei.delivery.requests import ANY_SLOT, Booked, Parcel, Request, requests_of
from houbei.delivery.timetable import timetable_of
from houbei.errors import InputError
from houbei.store.network_files import network_text
from houbei.store.plan_files import load_plan
from houbei.terms.moments import parse_moment
from tests.delivery.plans import BASE, changed, small
from tests.delivery.small import EVERY_DAY, NETWORK, TITLE

WORKDAYS = NETWORK["carriers"]["carriers"][0]
DAYS = ("eve", "1-1", "1-2", "1-3")


def network(**carrier: Any) -> str:
    """The small network with two carriers, both at rest on the days of the break; one service each, in one day."""
    carriers = [{**WORKDAYS, "carrier": name, **carrier} for name in ("c", "d")]
    services = [
        {"id": f"s-{name}", "carrier": name, "title": TITLE, "slots": [{**slot, "capacity": "9"}]}
        for name in ("c", "d")
        for slot in ({"id": "pm", "begins": "14:00", "ends": "19:00", "ready_days": "0", "fee": "5.00"},)
    ]
    within = {"groups": [{"within": {"0": "999"}, "basis": "stated", "source": "a test"}]}
    return json.dumps(
        {
            **NETWORK,
            "carriers": {**NETWORK["carriers"], "carriers": carriers},
            "services": services,
            "lead_times": {**NETWORK["lead_times"], **within},
        }
    )


def asked(loaded: Loaded, at: str, *, booked: Booked | None = None, **more: Any) -> Any:
    at_us = parse_moment(at, zone="Asia/Shanghai", where="a test")
    parcels = (Parcel(weight_class="light"),)
    request = Request(id="q", **{"at_us": at_us, "region": "R", "parcels": parcels, **more})
    timetable = timetable_of(loaded, from_us=at_us, to_us=at_us)
    return promise_arrivals(timetable, requests_of(loaded, [request]), booked=booked)


def day_of(promised: Any) -> date:
    assert promised.refused[0] == 0
    return date_of(int(promised.day[0]))


EVE_PLAN = [
    {"on": ["eve..1-3"], "what": "works", **BASE},
    {"on": ["eve"], "what": "works", "cut_off": "11:00", "until": "18:00", "carriers": ["c", "d"], **BASE},
    {"on": ["1-1..1-3"], "what": "rests", "regions": ["R-1"], "carriers": ["c", "d"], **BASE},
]


@pytest.mark.parametrize(
    ("at", "region", "day"),
    [
        ("2026-02-16T10:59:59", "R", date(2026, 2, 16)),
        ("2026-02-16T10:59:59", "R-1", date(2026, 2, 16)),
        ("2026-02-16T11:00:00", "R", date(2026, 2, 17)),
        ("2026-02-16T11:00:00", "R-1", date(2026, 2, 24)),
    ],
)
def test_the_eve_s_cut_off_holds_in_regions_that_work_and_in_those_that_rest(at: str, region: str, day: date):
    plan = days_of(small(lambda plan: plan.update(days=EVE_PLAN)))
    assert day_of(asked(plan_over(network(), plan, where="net"), at, region=region)) == day


def test_a_part_of_a_region_has_a_cut_off_of_its_own():
    def items(plan: dict[str, Any]) -> None:
        plan["days"] = [
            {"on": ["1-1..1-3"], "what": "works", **BASE},
            {"on": ["eve"], "what": "works", "cut_off": "11:00", "regions": ["R"], **BASE},
            {"on": ["eve"], "what": "works", "cut_off": "09:00", "regions": ["R-1"], **BASE},
        ]

    loaded = plan_over(network(), days_of(small(items)), where="net")
    there = [day_of(asked(loaded, "2026-02-16T10:00", region=region)) for region in ("R", "R-1")]
    assert there == [date(2026, 2, 16), date(2026, 2, 17)]


def test_without_the_plan_the_same_network_rests():
    plan = days_of(small(lambda plan: plan.update(days=[])))
    assert day_of(asked(plan_over(network(), plan, where="net"), "2026-02-16T10:59:59")) == date(2026, 2, 24)


@st.composite
def planned(draw: Any) -> PlanDays:
    """A plan that says something of some regions, carriers and days, each once at most."""
    cells = draw(
        st.dictionaries(
            st.tuples(st.sampled_from(["R", "R-1"]), st.sampled_from(["c", "d"]), st.sampled_from(DAYS)),
            st.sampled_from(["works", "rests", "closed"]),
        )
    )
    items = [
        {"on": [day], "regions": [region], "carriers": [carrier], "what": what, **BASE}
        for (region, carrier, day), what in cells.items()
    ]
    return days_of(small(lambda plan: plan.update(days=items)))


@st.composite
def exceptions(draw: Any) -> list[dict[str, Any]]:
    """What a network said of the festival before: for all regions or some, before, across and after the plan."""
    rows = draw(
        st.lists(
            st.tuples(
                st.sampled_from([["*"], ["R"], ["R-1"], ["R", "R-1"]]),
                st.integers(9, 20),
                st.integers(0, 6),
                st.booleans(),
            ),
            max_size=2,
            unique_by=lambda row: tuple(row[0]) if len(row[0]) == 1 else ("R",),
        )
    )
    return [
        {
            "what": "works" if works else "rests",
            "first_day": f"2026-02-{first:02}",
            "last_day": f"2026-02-{first + more:02}",
            "regions": regions,
            "source": "a test",
            "read": "2026-11-29",
        }
        for regions, first, more, works in rows
    ]


@settings(max_examples=60, deadline=None)
@given(plan=planned(), dated=exceptions())
def test_where_the_plan_speaks_it_counts_and_elsewhere_the_network_does(plan: PlanDays, dated: list[dict[str, Any]]):
    named = [set(item["regions"]) for item in dated]
    if len(named) == 2 and named[0] & named[1]:
        dated = dated[:1]
    first, last = plan.first_day - 9, plan.first_day + 12
    text = network(dated=dated)
    before, after = parse_network(text, where="net"), plan_over(text, plan, where="net")
    for c, carrier in enumerate(("c", "d")):
        tables = [
            open_days(one.carriers, carrier=carrier, regions=("R", "R-1"), from_day=first, to_day=last)
            for one in (before, after)
        ]
        for leg in ("shipping", "transit", "delivery"):
            was, now = (getattr(table, leg) for table in tables)
            for r in range(2):
                for day in range(first, last + 1):
                    inside = 0 <= day - plan.first_day < plan.days
                    place = plan.day[r, c, day - plan.first_day] if inside else UNSAID
                    around = plan.day[0, c, day - plan.first_day] if inside else UNSAID
                    named = any("R-1" in item["regions"] and _holds(item, day) for item in dated)
                    if r == 1 and place == UNSAID and not named:
                        # What is said of a region is said of its parts, unless something nearer is said.
                        place = around
                    expected = was[r, day - first] if place == UNSAID else plan.plan.days[place].what is What.WORKS
                    assert now[r, day - first] == expected


def _holds(item: dict[str, Any], day: int) -> bool:
    return item["first_day"] <= date_of(day).isoformat() <= item["last_day"]


def test_a_suspended_region_stays_suspended():
    dated = [
        {
            "what": "suspended",
            "first_day": "2026-02-16",
            "last_day": "2026-02-17",
            "regions": ["R"],
            "source": "a test",
            "read": "2026-11-29",
        }
    ]
    loaded = plan_over(network(dated=dated), days_of(small()), where="net")
    assert day_of(asked(loaded, "2026-02-16T09:00")) == date(2026, 2, 18)


def test_a_plan_may_let_a_carrier_move_and_not_deliver():
    items = [
        {"on": ["eve..1-3"], "what": "works", **BASE},
        {"on": ["1-1..1-2"], "what": "rests", "calendars": ["delivery"], "carriers": ["c", "d"], **BASE},
    ]
    every_day = [{"shipping": EVERY_DAY, "transit": EVERY_DAY, "delivery": EVERY_DAY}]
    plan = days_of(small(lambda plan: plan.update(days=items)))
    loaded = plan_over(network(rules=every_day), plan, where="net")
    first, last = (day_number(date(2026, 2, day)) for day in (17, 18))
    table = open_days(loaded.carriers, carrier="c", regions=("R",), from_day=first, to_day=last)
    assert (table.transit.all(), table.delivery.any()) == (True, False)
    assert day_of(asked(loaded, "2026-02-16T18:00")) == date(2026, 2, 19)


def test_warehouses_rest_as_the_plan_says():
    plan = small(lambda plan: plan.update(handling=[{"on": ["eve..1-2"], "what": "rests", **BASE}]))
    assert day_of(asked(plan_over(network(), days_of(plan), where="net"), "2026-02-16T09:00")) == date(2026, 2, 19)


def test_surcharges_are_added_once():
    charged = {"first_day": "2026-02-16", "last_day": "2026-02-17", "per": "parcel", "carriers": ["c"], **BASE}
    plan = days_of(small(lambda plan: plan.update(surcharges=[charged])))
    once = plan_over(network(), plan, where="net")
    assert [len(carrier.surcharges) for carrier in once.carriers.carriers] == [1, 0]


@pytest.mark.parametrize("name", ["regions", "carriers"])
def test_a_plan_that_names_what_the_network_lacks_is_refused(name: str):
    extra = {"id": "X", "title": {"zh": "小", "en": "small"}}
    extra |= {"group": "all-of-them"} if name == "regions" else {}
    plan = days_of(small(lambda plan: plan[name].append(extra)))
    with pytest.raises(InputError, match="X"):
        plan_over(network(), plan, where="net")


def with_crews(plan: dict[str, Any]) -> None:
    plan["days"] = EVE_PLAN
    plan["crews"] = [
        {"on": ["eve..1-3"], "carriers": ["c"], "crews": "1", "visits": "3", **BASE},
        {"on": ["eve..1-3"], "carriers": ["d"], "crews": "1", "visits": "2", **BASE},
    ]


def test_one_by_one_no_more_doors_are_promised_than_the_crews_reach():
    plan = days_of(small(with_crews))
    loaded = plan_over(network(), plan, where="net")
    places, booked, days = places_of(loaded, plan), Booked(), []
    for _ in range(11):
        for slot in ("", ANY_SLOT):
            promised = asked(loaded, "2026-02-17T09:00", booked=places.taken(booked), slot=slot)
            booked = booked.with_more(promised.booked)
            days.append(day_of(promised).isoformat())
    counts = {day: days.count(day) for day in sorted(set(days))}
    # Three of one carrier and two of the other a day; what is left goes into the first days after the plan, as far as slots allow.
    assert [counts[f"2026-02-{day}"] for day in (17, 18, 19)] == [5, 5, 5]
    assert sum(counts.values()) == 22
    assert set(counts) - {"2026-02-17", "2026-02-18", "2026-02-19"} == {"2026-02-24"}


def test_a_slot_that_ends_after_the_last_round_is_not_offered():
    plan = days_of(small(lambda plan: plan.update(days=EVE_PLAN)))
    loaded = plan_over(network(), plan, where="net")
    taken = places_of(loaded, plan).taken()
    assert day_of(asked(loaded, "2026-02-16T09:00", booked=taken, slot=ANY_SLOT)) == date(2026, 2, 17)
    assert day_of(asked(loaded, "2026-02-16T09:00", booked=taken)) == date(2026, 2, 16)


def test_what_is_booked_outside_the_plan_stays_booked():
    plan = days_of(small(with_crews))
    loaded = plan_over(network(), plan, where="net")
    far = np.array([day_number(date(2026, 5, 1))])
    booked = Booked(origin=far * 0, region=far * 0, slot=far * 0, day=far, count=far * 0 + 7)
    taken = places_of(loaded, plan).taken(booked)
    assert taken.count[taken.day == far[0]].tolist() == [7]


def test_the_shipped_plan_lies_over_the_shipped_network():
    plan = days_of(load_plan("2026"))
    loaded = plan_over(network_text("sample-cn"), plan, where="sample-cn")
    first, last = plan.first_day, plan.first_day + plan.days - 1
    for c, carrier in enumerate(plan.plan.carriers):
        regions = [region.id for region in plan.plan.regions]
        table = open_days(loaded.carriers, carrier=carrier.id, regions=regions, from_day=first, to_day=last)
        differs = table.delivery != plan.is_(What.WORKS)[:, c]
        # The network suspends one region for one carrier, whatever is planned.
        assert {(regions[r], carrier.id) for r, _ in np.argwhere(differs)} <= {("CN-XZ", "through")}


def test_the_text_of_the_plan_is_not_changed_by_laying_it_over():
    before = changed(lambda _: None)
    plan_over(network(), days_of(small()), where="net")
    assert before == changed(lambda _: None)
