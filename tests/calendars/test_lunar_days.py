"""Lunar days: New Year as it was published, the eve, leap months, names, and another package's festivals."""

from datetime import date

import numpy as np
import pytest
from holidays.calendars.chinese import _ChineseLunisolar
from hypothesis import given
from hypothesis import strategies as st

from houbei.calendars.days import date_of, day_number
from houbei.calendars.lunar import lunar_day, lunar_of, name_lunar_day
from houbei.errors import InputError

FIRST, LAST = "1900-01-31", "2101-01-28"
FESTIVALS = _ChineseLunisolar()


def number(text: str) -> int:
    return day_number(date.fromisoformat(text))


def lunar(text: str) -> tuple[int, int, int, bool, bool]:
    found = lunar_of(np.array([number(text)]))
    year, month, day = (int(part[0]) for part in (found.year, found.month, found.day))
    return year, month, day, bool(found.is_leap[0]), bool(found.is_eve[0])


@pytest.mark.parametrize(
    ("year", "expected"),
    [(2024, "2024-02-10"), (2025, "2025-01-29"), (2026, "2026-02-17"), (2027, "2027-02-06"), (2028, "2028-01-26")],
)
def test_new_year_falls_on_the_day_that_is_known(year: int, expected: str):
    assert date_of(lunar_day(year, 1, 1)).isoformat() == expected
    assert lunar(expected) == (year, 1, 1, False, False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-02-16", (2025, 12, 29, False, True)),
        ("2026-02-15", (2025, 12, 28, False, False)),
        ("2024-02-09", (2023, 12, 30, False, True)),
        ("2023-03-22", (2023, 2, 1, True, False)),
        ("2023-03-21", (2023, 2, 30, False, False)),
        ("2025-07-25", (2025, 6, 1, True, False)),
        ("2033-12-22", (2033, 11, 1, True, False)),
        (FIRST, (1900, 1, 1, False, False)),
        (LAST, (2100, 12, 29, False, True)),
    ],
)
def test_a_day_has_its_lunar_day(text: str, expected: tuple[int, int, int, bool, bool]):
    """Leap months: the second of 2023, the sixth of 2025, the eleventh of 2033."""
    assert lunar(text) == expected


@pytest.mark.parametrize(
    ("name", "month", "day"),
    [("lunar_new_year", 1, 1), ("dragon_boat", 5, 5), ("mid_autumn", 8, 15), ("double_ninth", 9, 9)],
)
def test_another_package_has_the_festivals_on_the_same_days(name: str, month: int, day: int):
    """The package holidays, from 1901 to 2099; it has the New Year of 1916 a day later, which nothing of ours looks at."""
    found = {year: getattr(FESTIVALS, f"{name}_date")(year)[0] for year in range(1901, 2100)}
    ours = {year: date_of(lunar_day(year, month, day)) for year in found}
    differing = {year for year in found if found[year] != ours[year]}
    assert differing == ({1916} if name == "lunar_new_year" else set())


@pytest.mark.parametrize(
    ("month", "day", "leap", "eve", "zh", "en"),
    [
        (12, 28, False, False, "腊月廿八", "28th of the 12th month"),
        (12, 29, False, True, "除夕", "New Year's Eve"),
        (1, 1, False, False, "正月初一", "1st of the 1st month"),
        (1, 10, False, False, "正月初十", "10th of the 1st month"),
        (11, 20, False, False, "冬月二十", "20th of the 11th month"),
        (6, 30, True, False, "闰六月三十", "30th of the leap 6th month"),
        (8, 15, False, False, "八月十五", "15th of the 8th month"),
        (2, 22, False, False, "二月廿二", "22nd of the 2nd month"),
        (3, 13, False, False, "三月十三", "13th of the 3rd month"),
        (10, 21, False, False, "十月廿一", "21st of the 10th month"),
    ],
)
def test_a_lunar_day_has_a_name(month: int, day: int, leap: bool, eve: bool, zh: str, en: str):  # noqa: FBT001  two of its parts
    names = {lang: name_lunar_day(month, day, is_leap=leap, is_eve=eve, lang=lang) for lang in ("zh", "en")}
    assert names == {"zh": zh, "en": en}


@given(st.integers(number(FIRST), number(LAST)))
def test_a_lunar_day_leads_back_to_its_civil_day(day: int):
    found = lunar_of(np.array([day]))
    year, month, of_month = (int(part[0]) for part in (found.year, found.month, found.day))
    assert lunar_day(year, month, of_month, is_leap=bool(found.is_leap[0])) == day
    assert 1 <= of_month <= 30


@given(st.integers(number(FIRST), number(LAST) - 1))
def test_the_day_after_an_eve_and_no_other_is_new_year(day: int):
    found = lunar_of(np.array([day, day + 1]))
    assert found.is_eve[0] == ((found.month[1], found.day[1], found.is_leap[1]) == (1, 1, False))


@pytest.mark.parametrize("text", ["1900-01-30", "2101-01-29"])
def test_a_day_beyond_the_table_is_refused(text: str):
    with pytest.raises(InputError, match="1900-01-31 to 2101-01-28"):
        lunar_of(np.array([number(text)]))


@pytest.mark.parametrize(
    ("year", "month", "day", "leap"),
    [
        (2026, 2, 31, False),
        (2026, 13, 1, False),
        (2026, 1, 0, False),
        (2026, 6, 1, True),
        (2099, 0, 1, False),
        (1899, 1, 1, False),
        (2102, 1, 1, False),
    ],
)
def test_a_lunar_day_that_there_is_not_is_refused(year: int, month: int, day: int, leap: bool):  # noqa: FBT001  one of its parts
    with pytest.raises(InputError, match="a day that there is"):
        lunar_day(year, month, day, is_leap=leap)
