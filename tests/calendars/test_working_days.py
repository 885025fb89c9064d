"""Counting working days: E1, make-up workdays, weekdays with exceptions, and where a table ends."""

from datetime import date

import numpy as np
import pytest

from houbei.calendars.days import date_of, day_number
from houbei.calendars.holidays import load
from houbei.calendars.workdays import weekdays_over, workdays_of
from houbei.errors import InputError

EVERY_DAY = range(7)


def day(text: str) -> np.ndarray:
    return np.array([day_number(date.fromisoformat(text))])


def dated(number: np.ndarray) -> str:
    return date_of(int(number[0])).isoformat()


@pytest.mark.parametrize(
    ("case", "start", "n", "expected"),
    [
        ("E1: the make-up Saturday, then the first two days after the break", "2026-02-13", 3, "2026-02-25"),
        ("E1: the first of them", "2026-02-13", 1, "2026-02-14"),
        ("E1: the second", "2026-02-13", 2, "2026-02-24"),
        ("none: the day itself where it is worked", "2026-02-14", 0, "2026-02-14"),
        ("none: the next one where it is not", "2026-02-15", 0, "2026-02-24"),
        ("from within the break", "2026-02-17", 1, "2026-02-24"),
        ("over the second make-up Saturday", "2026-02-26", 3, "2026-03-02"),
        ("over the turn of the year, Sunday 4 January worked", "2025-12-31", 1, "2026-01-04"),
    ],
)
def test_the_nth_working_day_after_a_day(case: str, start: str, n: int, expected: str):
    table = workdays_of(load("cn", from_year=2025, to_year=2026))
    assert dated(table.nth_after(day(start), n)) == expected, case


@pytest.mark.parametrize(
    ("start", "until", "expected"),
    [
        ("2026-02-13", "2026-02-25", 3),
        ("2026-02-14", "2026-02-24", 1),
        ("2026-02-15", "2026-02-24", 0),
        ("2026-02-24", "2026-02-24", 0),
        ("2026-02-25", "2026-02-13", 0),
        ("2026-01-01", "2027-01-01", 248),
    ],
)
def test_working_days_between_two_days_count_the_first_and_not_the_last(start: str, until: str, expected: int):
    """The last row: 365 days, less 104 of weekends and 19 weekdays of breaks, and 6 make-up workdays."""
    table = workdays_of(load("cn", from_year=2026, to_year=2026), doubtful_rest=False)
    assert table.between(day(start), day(until)).tolist() == [expected]


def test_each_day_may_have_a_count_of_its_own():
    table = workdays_of(load("cn", from_year=2026, to_year=2026))
    start = np.repeat(day("2026-02-13"), 4)
    found = table.nth_after(start, np.array([0, 1, 2, 3]))
    assert [date_of(int(number)).isoformat()[5:] for number in found] == ["02-13", "02-14", "02-24", "02-25"]


def test_a_set_of_weekdays_has_its_exceptions():
    """Tuesday to Saturday; a Saturday is struck, a Monday is added."""
    table = weekdays_over(
        range(1, 6),
        from_day=int(day("2026-06-01")[0]),
        to_day=int(day("2026-06-30")[0]),
        rests=[int(day("2026-06-06")[0])],
        works=[int(day("2026-06-08")[0])],
    )
    start = day("2026-06-05")
    assert [dated(table.nth_after(start, n)) for n in (1, 2, 3)] == ["2026-06-08", "2026-06-09", "2026-06-10"]
    assert table.is_worked.sum() == 21


def test_a_day_cannot_be_an_exception_both_ways():
    with pytest.raises(InputError, match="2026-06-06 as a day of rest and of work"):
        weekdays_over(
            EVERY_DAY,
            from_day=20_600,
            to_day=20_700,
            rests=[int(day("2026-06-06")[0])],
            works=[int(day("2026-06-06")[0])],
        )


@pytest.mark.parametrize(("start", "n"), [("2025-12-31", 0), ("2027-01-02", 0), ("2026-12-31", 1), ("2026-06-01", 251)])
def test_what_lies_outside_the_table_is_refused(start: str, n: int):
    table = workdays_of(load("cn", from_year=2026, to_year=2026))
    with pytest.raises(InputError, match="2026-01-01 to 2026-12-31"):
        table.nth_after(day(start), n)


def test_nothing_is_counted_back():
    with pytest.raises(InputError, match="-1 working days"):
        workdays_of(load("cn", from_year=2026, to_year=2026)).nth_after(day("2026-06-01"), -1)


def test_a_country_without_make_up_days_has_its_holidays():
    table = workdays_of(load("de", from_year=2026, to_year=2026))
    assert dated(table.nth_after(day("2026-12-24"), 1)) == "2026-12-28"


def test_nothing_of_nothing_is_nothing():
    table = workdays_of(load("cn", from_year=2026, to_year=2026))
    empty = np.zeros(0, dtype=np.int64)
    assert table.nth_after(empty, 3).size == table.between(empty, empty).size == 0
