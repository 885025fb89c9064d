"""Counting working days: E1, make-up workdays, another country."""

from datetime import date

import numpy as np
import pytest

from houbei.calendars.days import date_of, day_number
from houbei.calendars.holidays import load
from tests.calendars.made_calendars import working_days


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
    table = working_days(load("cn", from_year=2025, to_year=2026))
    assert dated(table.nth_after(day(start), n)) == expected, case


def test_each_day_may_have_a_count_of_its_own():
    table = working_days(load("cn", from_year=2026, to_year=2026))
    start = np.repeat(day("2026-02-13"), 4)
    found = table.nth_after(start, np.array([0, 1, 2, 3]))
    assert [date_of(int(number)).isoformat()[5:] for number in found] == ["02-13", "02-14", "02-24", "02-25"]


def test_a_country_without_make_up_days_has_its_holidays():
    table = working_days(load("de", from_year=2026, to_year=2026))
    assert dated(table.nth_after(day("2026-12-24"), 1)) == "2026-12-28"
