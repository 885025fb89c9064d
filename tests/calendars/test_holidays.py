"""What the calendars hold: announced years of China, predicted ones, other countries."""

import json
from datetime import date, timedelta
from importlib.resources import files

import numpy as np
import pytest

from houbei.calendars.holidays import State, load
from houbei.errors import InputError

YEARS = json.loads(files("houbei.calendars").joinpath("cn.json").read_text(encoding="utf-8"))["years"]


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal() - date(1970, 1, 1).toordinal()


def days(found: dict, key: str) -> set[date]:
    if key == "breaks":
        spans = [(date.fromisoformat(first), date.fromisoformat(last)) for first, last in found[key]]
        return {first + timedelta(days=number) for first, last in spans for number in range((last - first).days + 1)}
    return {date.fromisoformat(text) for text in found[key]}


@pytest.mark.parametrize("year", YEARS)
def test_every_statutory_day_of_china_lies_in_a_break_of_its_own_year(year: str):
    """The law and the notices were written by different hands: a lunar date computed wrongly would fall outside."""
    found = YEARS[year]
    assert days(found, "statutory") <= days(found, "breaks")
    assert {on.year for on in days(found, "statutory")} == {int(year)}


@pytest.mark.parametrize("year", YEARS)
def test_no_day_is_both_off_and_worked(year: str):
    found = YEARS[year]
    assert not days(found, "breaks") & days(found, "worked")
    assert len(days(found, "worked")) == len(found["worked"])


@pytest.mark.parametrize(
    ("year", "how_many", "shared"),
    [
        (2007, 10, 0),
        (2008, 11, 0),
        (2009, 11, 1),
        (2014, 11, 0),
        (2020, 11, 1),
        (2024, 11, 0),
        (2025, 13, 0),
        (2026, 13, 0),
    ],
)
def test_the_law_of_the_year_says_how_many_days_are_statutory(year: int, how_many: int, shared: int):
    """`shared` days are two festivals at once: Mid-Autumn fell within National Day in 2009 and 2020."""
    assert len(YEARS[str(year)]["statutory"]) == how_many - shared


def test_the_spring_festival_of_2026_is_as_announced():
    found = YEARS["2026"]
    assert ["2026-02-15", "2026-02-23"] in found["breaks"]
    assert {"2026-02-14", "2026-02-28"} <= set(found["worked"])
    assert found["notices"] == ["https://www.gov.cn/zhengce/zhengceku/202511/content_7047091.htm"]


def test_years_are_announced_up_to_2026_and_predicted_after():
    calendar = load("cn", from_year=2026, to_year=2027)
    assert [calendar.state(year, as_of_year=2030) for year in (2026, 2027)] == [State.ANNOUNCED, State.PREDICTED]
    assert all(YEARS[year]["notices"] for year in YEARS if YEARS[year]["state"] == "announced")
    assert not any(YEARS[year]["worked"] for year in YEARS if YEARS[year]["state"] == "predicted")


def test_a_computed_year_is_predicted_until_it_is_past():
    calendar = load("de", from_year=2026, to_year=2026)
    assert calendar.state(2026, as_of_year=2026) is State.PREDICTED
    assert calendar.state(2026, as_of_year=2027) is State.ANNOUNCED


def test_a_break_that_begins_in_the_year_before_is_known_there():
    """New Year's Day of 2030 is predicted to be joined with the weekend at the end of 2029."""
    calendar = load("cn", from_year=2029, to_year=2029)
    assert day("2029-12-30") in calendar.breaks


def test_other_countries_have_their_holidays_and_weekends():
    germany = load("de", from_year=2026, to_year=2026)
    assert day("2026-10-03") in germany.statutory
    assert germany.weekend == {5, 6}
    assert germany.version.startswith("holidays ")
    assert np.array_equal(germany.breaks, germany.statutory)


@pytest.mark.parametrize(
    ("calendar", "from_year", "to_year"),
    [
        ("cn", 2006, 2010),
        ("cn", 2030, 2036),
        ("cn", 2012, 2011),
        ("de", 1980, 1985),
        ("zz", 2026, 2026),
        ("DE", 2026, 2026),
        ("", 2026, 2026),
    ],
)
def test_what_no_calendar_has_is_refused(calendar: str, from_year: int, to_year: int):
    with pytest.raises(InputError):
        load(calendar, from_year=from_year, to_year=to_year)
