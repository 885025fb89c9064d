"""The tables of calendars and the reading by hand agree on any day: working days, doubt, lunar days, carriers."""

import json
from datetime import date, timedelta
from importlib.resources import files
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from houbei.calendars.carrier_documents import carriers_of
from houbei.calendars.carriers import open_days
from houbei.calendars.days import date_of, day_number
from houbei.calendars.documents import CalendarDocument, document_text, packaged_document
from houbei.calendars.doubt import doubtful_days
from houbei.calendars.holidays import calendar_of
from houbei.calendars.lunar import lunar_of
from houbei.calendars.notices import Notice, merge_notice
from houbei.calendars.provisional import is_predicted
from houbei.errors import InputError
from tests.calendars.made_calendars import working_days
from tests.oracle.calendar_days import NEW_YEARS, PlainCalendar, carrier_opens, doubted, lunar_days, surcharges

PLAIN = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
LEGS = ("shipping", "transit", "delivery")
REGIONS = ("a", "b", "c")
FIRST, LAST = date(2008, 1, 4), date(2035, 10, 1)
LUNAR = lunar_days(json.loads(files("houbei.calendars").joinpath("lunar.json").read_text(encoding="utf-8")))


def plainly(document: CalendarDocument) -> PlainCalendar:
    return PlainCalendar(json.loads(document_text(document)))


PACKAGED = plainly(packaged_document("cn"))
TABLE = working_days(calendar_of(packaged_document("cn"), 2007, 2035))


@st.composite
def documents(draw: st.DrawFn) -> CalendarDocument:
    """The packaged calendar with a notice for 2027 that keeps the days off by law, and whatever else."""
    known = packaged_document("cn").years["2027"]
    around = st.sets(st.dates(date(2026, 12, 28), date(2027, 12, 20)), max_size=40)
    off = {date.fromisoformat(day) for day in known.statutory} | draw(around)
    notice = Notice(year=2027, papers=("made",), off=tuple(sorted(off)), worked=tuple(sorted(draw(around) - off)))
    return merge_notice(packaged_document("cn"), notice)


@PLAIN
@given(st.dates(FIRST, LAST), st.integers(0, 60))
def test_the_nth_working_day_is_the_one_that_is_walked_to(start: date, n: int) -> None:
    found = TABLE.nth_after(np.array([day_number(start)]), n)
    assert date_of(int(found[0])) == PACKAGED.nth_after(start, n)


@PLAIN
@given(documents(), st.dates(date(2026, 12, 1), date(2027, 11, 1)), st.integers(0, 40))
def test_a_version_is_walked_as_its_table_says(document: CalendarDocument, start: date, n: int) -> None:
    table = working_days(calendar_of(document, 2026, 2028))
    found = table.nth_after(np.array([day_number(start)]), n)
    assert date_of(int(found[0])) == plainly(document).nth_after(start, n)


@PLAIN
@given(documents())
def test_the_doubtful_days_of_a_version_are_those_that_are_counted(document: CalendarDocument) -> None:
    found = {date_of(int(day)) for day in doubtful_days(document, range(2007, 2036))}
    off = {day for year in document.years.values() for day in year.off_days}
    assert found - off == doubted(json.loads(document_text(document)))


@PLAIN
@given(documents(), st.dates(date(2026, 11, 1), date(2028, 3, 1)), st.integers(-2, 40))
def test_a_range_rests_on_a_prediction_when_a_day_of_it_does(
    document: CalendarDocument, first: date, lasts: int
) -> None:
    last = first + timedelta(days=lasts)
    for version in (packaged_document("cn"), document):
        days = np.arange(day_number(first), day_number(last) + 1)
        found = bool(is_predicted(calendar_of(version, 2026, 2028), days).any())
        assert found == plainly(version).rests_on_prediction(first, last)


@PLAIN
@given(st.lists(st.dates(date(1900, 1, 31), date(2101, 1, 28)), min_size=1))
def test_lunar_days_are_those_that_are_counted(days: list[date]) -> None:
    found = lunar_of(np.array([day_number(day) for day in days]))
    columns = (found.year.tolist(), found.month.tolist(), found.day.tolist(), found.is_leap.tolist())
    assert list(zip(*columns, strict=True)) == [LUNAR[day] for day in days]
    assert found.is_eve.tolist() == [
        LUNAR.get(day + timedelta(days=1), (0, 1, 1, False))[1:] == (1, 1, False) for day in days
    ]


@st.composite
def carriers(draw: st.DrawFn) -> dict[str, Any]:
    """A document of one carrier with any weeks and dated items around the Spring Festivals of 2026 and 2027."""
    weekdays = st.lists(st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), unique=True)
    weeks = st.one_of(
        st.just({"workdays_of": "cn"}),
        st.fixed_dictionaries({"days": weekdays}),
        st.fixed_dictionaries({"days": weekdays, "rests_in_breaks_of": st.just("cn")}),
    )
    rule = dict.fromkeys(LEGS, weeks)
    rules = [draw(st.fixed_dictionaries(rule))]
    rules += draw(st.lists(st.fixed_dictionaries({**rule, "regions": st.just(["b"])}), max_size=1))
    regions = st.lists(st.sampled_from(["*", *REGIONS]), min_size=1, max_size=2, unique=True)
    days = st.one_of(st.dates(date(2026, 2, 8), date(2026, 3, 1)), st.dates(date(2027, 1, 28), date(2027, 2, 20)))

    def stretch(first: date, lasts: int) -> dict[str, str]:
        return {"first_day": first.isoformat(), "last_day": (first + timedelta(days=lasts)).isoformat()}

    def item(**parts: Any) -> dict[str, Any]:
        return {**stretch(parts.pop("first"), parts.pop("lasts")), "source": "made", "read": "2026-11-29", **parts}

    when = {"first": days, "lasts": st.integers(0, 9), "regions": regions}
    whats = st.sampled_from(["rests", "works", "suspended"])
    legs = st.lists(st.sampled_from(LEGS), min_size=1, unique=True)
    dated = draw(st.lists(st.builds(item, **when, what=whats, calendars=legs), max_size=4))
    added = draw(st.lists(st.builds(item, **when, per=st.sampled_from(["kg", "parcel"])), max_size=2))
    texts = {"zh": "样例", "en": "A sample"}
    carrier = {"carrier": "made", "title": texts, "rules": rules, "dated": dated, "surcharges": added}
    return {"document": "made", "version": "1", "currency": "CNY", "about": texts, "carriers": [carrier]}


@PLAIN
@given(carriers(), st.sampled_from([date(2026, 2, 5), date(2027, 1, 25)]))
def test_a_carrier_opens_on_the_days_on_which_it_does_by_hand(tree: dict[str, Any], first: date) -> None:
    try:
        document = carriers_of(tree, where="made")
    except InputError:
        # Two items contradict each other: that it is refused is tried elsewhere.
        assume(False)  # noqa: FBT003  Hypothesis' signature
        return
    start, lasts = day_number(first), 30
    found = open_days(document, carrier="made", regions=REGIONS, from_day=start, to_day=start + lasts - 1)
    (carrier,) = tree["carriers"]
    for row, region in enumerate(REGIONS):
        for place in range(lasts):
            day = first + timedelta(days=place)
            for leg in LEGS:
                wanted = carrier_opens(carrier, PACKAGED, region=region, leg=leg, day=day)
                assert getattr(found, leg)[row, place] == wanted, (region, leg, day)
            assert len(found.surcharges_on(start + place, region)) == len(
                list(surcharges(carrier, region=region, day=day))
            )


@pytest.mark.parametrize("year", NEW_YEARS)
def test_new_years_are_those_of_the_almanac(year: int) -> None:
    assert LUNAR[NEW_YEARS[year]] == (year, 1, 1, False)
