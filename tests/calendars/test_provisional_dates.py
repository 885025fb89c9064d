"""Dates that rest on a year that is not announced: which they are, how wide they come out."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from houbei.calendars.days import date_of, day_number
from houbei.calendars.documents import CalendarDocument, State, Year, packaged_document, runs_of
from houbei.calendars.doubt import doubtful_days, widest_breaks
from houbei.calendars.holidays import calendar_of, load
from houbei.calendars.notices import Notice, merge_notice, parse_notice
from houbei.calendars.provisional import is_predicted
from tests.calendars.made_calendars import PAPER, china, made_document, spring_2027, working_days


def number(text: str) -> int:
    return day_number(date.fromisoformat(text))


def numbers(*texts: str) -> np.ndarray:
    return np.array([number(text) for text in texts], dtype=np.int64)


def texts(days: np.ndarray) -> list[str]:
    return [date_of(int(day)).isoformat() for day in days]


def tenth_working_day(document: CalendarDocument, start: str, n: int = 10) -> str:
    table = working_days(calendar_of(document, 2026, 2027))
    return texts(table.nth_after(numbers(start), n))[0]


def announced(document: CalendarDocument) -> CalendarDocument:
    return merge_notice(document, parse_notice(spring_2027(), where="notice.json"))


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2027-01-28", "2027-02-07", True),
        ("2026-06-01", "2026-06-30", False),
        ("2026-12-20", "2026-12-28", False),
        ("2026-12-20", "2026-12-29", True),
        ("2026-12-31", "2026-12-31", True),
    ],
)
def test_a_date_is_provisional_when_a_day_of_its_range_rests_on_a_predicted_year(first: str, last: str, expected: bool):  # noqa: FBT001
    """E5 is the first row. A notice for 2027 may still speak of the last three days of 2026."""
    calendar = calendar_of(china(), 2026, 2027)
    assert is_predicted(calendar, np.arange(number(first), number(last) + 1)).any() == expected


def test_the_later_version_takes_the_doubt_away():
    after = calendar_of(announced(china()), 2026, 2027)
    assert not is_predicted(after, np.arange(number("2027-01-28"), number("2027-02-21"))).any()
    assert is_predicted(after, numbers("2027-12-28", "2027-12-29", "2027-12-31")).tolist() == [False, True, True]


def test_a_computed_year_is_predicted():
    assert is_predicted(load("de", from_year=2026, to_year=2027), numbers("2026-10-03")).tolist() == [True]


def test_the_doubtful_days_around_new_year_2027_are_those_that_some_notice_took_off():
    """New Year is 2027-02-06: notices took off from two days before (2026) to eight after (2020); 5 to 12 are predicted."""
    assert widest_breaks(china().years)["spring"] == (2, 8)
    spring = [day for day in texts(doubtful_days(china(), [2027])) if day.startswith("2027-02")]
    assert spring == ["2027-02-04", "2027-02-13", "2027-02-14"]


def test_announced_years_and_other_calendars_have_no_doubtful_days():
    assert doubtful_days(china(), range(2007, 2027)).tolist() == []
    assert doubtful_days(made_document(), [2027]).tolist() == []
    assert doubtful_days(china(), [2040]).tolist() == []
    assert load("de", from_year=2030, to_year=2030).doubtful.tolist() == []


def test_a_year_alone_knows_that_the_next_notice_may_reach_into_it():
    assert texts(calendar_of(china(), 2026, 2026).doubtful)[:2] == ["2026-12-30", "2026-12-31"]


def test_a_break_that_holds_two_festivals_counts_for_the_first():
    """In 2025 Mid-Autumn fell on 6 October, within National Day's break of 1 to 8 October."""
    only = {"2025": china().years["2025"]}
    spans = widest_breaks(only)
    assert spans["national"] == (0, 7)
    assert "mid_autumn" not in spans


def test_a_date_over_a_predicted_festival_is_wider_than_after_the_notice():
    """E5: from 2027-01-28, ten working days. The prediction alone would say 19 February."""
    wide, known = tenth_working_day(china(), "2027-01-28"), tenth_working_day(announced(china()), "2027-01-28")
    assert (wide, known) == ("2027-02-22", "2027-02-18")
    table = working_days(calendar_of(china(), 2026, 2027), doubtful_rest=False)
    assert texts(table.nth_after(numbers("2027-01-28"), 10)) == ["2027-02-19"]


def predicting(year: int) -> CalendarDocument:
    """The packaged calendar as it would have been before the notice for an announced year: that year by its law alone."""
    document = packaged_document("cn")
    known = document.years[str(year)]
    bare = Year(
        state=State.PREDICTED,
        notices=(),
        statutory=known.statutory,
        breaks=runs_of(date.fromisoformat(day) for day in known.statutory),
        worked=(),
    )
    years = {key: found for key, found in document.years.items() if int(key) <= year} | {str(year): bare}
    return CalendarDocument(id="cn", version="before", about="", laws=document.laws, years=years)


@pytest.mark.parametrize("year", [2011, 2012, 2013, *range(2016, 2020), *range(2021, 2027)])
def test_no_date_promised_before_a_notice_was_earlier_than_the_notice_made_it(year: int):
    """Every day of these years and every count to 15, each year predicted from the law and the notices before it.

    The years left out are those whose notices went beyond all earlier ones: see docs/calendars.md.
    """
    before = working_days(calendar_of(predicting(year), year, year))
    after = working_days(calendar_of(packaged_document("cn"), year, year))
    days = np.arange(number(f"{year}-01-04"), number(f"{year}-11-30"))
    for n in range(16):
        assert (before.nth_after(days, n) >= after.nth_after(days, n)).all()


@pytest.mark.parametrize(("year", "later", "days_max"), [(2014, 21, 1), (2015, 165, 3), (2020, 25, 1)])
def test_the_notices_that_went_beyond_all_earlier_ones_put_few_dates_off(year: int, later: int, days_max: int):
    """The figures of docs/calendars.md, of 5,280 dates in 2014 and 2015 and of 5,296 in 2020."""
    before = working_days(calendar_of(predicting(year), year, year))
    after = working_days(calendar_of(packaged_document("cn"), year, year))
    days = np.arange(number(f"{year}-01-04"), number(f"{year}-11-30"))
    by = np.concatenate([after.nth_after(days, n) - before.nth_after(days, n) for n in range(16)])
    assert (int((by > 0).sum()), int(by.max())) == (later, days_max)
    assert by.size == (5296 if year == 2020 else 5280)


@given(
    before=st.integers(0, 2),
    after=st.integers(3, 8),
    worked=st.sets(st.integers(-20, 20)),
    start=st.integers(number("2027-01-04"), number("2027-03-01")),
    n=st.integers(0, 20),
)
def test_no_notice_within_the_span_puts_a_date_off(before: int, after: int, worked: set[int], start: int, n: int):
    """Whatever break a notice gives the Spring Festival of 2027 within what notices gave it, whatever it makes up for."""
    new_year = date(2027, 2, 6)
    known = china().years["2027"]
    off = {day for day in known.off_days if day.month != new_year.month}
    off |= {new_year + timedelta(days=place) for place in range(-max(before, 1), after + 1)}
    notice = Notice(
        year=2027,
        papers=(PAPER,),
        off=tuple(sorted(off)),
        worked=tuple(sorted({new_year + timedelta(days=place) for place in worked} - off)),
    )
    there = working_days(calendar_of(merge_notice(china(), notice), 2027, 2027))
    before_it = working_days(calendar_of(china(), 2027, 2027))
    assert (before_it.nth_after(np.array([start]), n) >= there.nth_after(np.array([start]), n)).all()
