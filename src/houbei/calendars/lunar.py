"""Days of the Chinese lunar calendar, over arrays: year, month and day of a civil day, New Year, and the days around it.

The months of the lunar years 1900 to 2100 are data (`lunar.json`, which says where they come from), because no short rule
computes them. A day is counted at 120 degrees east; what a place further west calls the same day is not asked.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from itertools import accumulate

import msgspec
import numpy as np
from numpy.typing import NDArray

from houbei.calendars.days import date_of, day_number
from houbei.errors import InputError

_MONTH_DAYS = {"L": 30, "S": 29}
_MONTHS_ZH = ("正", "二", "三", "四", "五", "六", "七", "八", "九", "十", "冬", "腊")
_TENS_ZH = ("初", "十", "廿")
_DIGITS_ZH = "一二三四五六七八九十"
_ROUND_ZH = {10: "初十", 20: "二十", 30: "三十"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LunarDays:
    """Lunar days, one a civil day: `year` by the civil year in which it begins, `month` 1 to 12, `day` 1 to 30.

    `is_leap` is True in a leap month, which has the number of the month before it; `is_eve` on the last day of a year.
    """

    year: NDArray[np.int64]
    month: NDArray[np.int64]
    day: NDArray[np.int64]
    is_leap: NDArray[np.bool_]
    is_eve: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Months:
    """Every month, ascending: its first day, year, number, and whether it is a leap one; a last entry begins after all."""

    first_day: NDArray[np.int64]
    year: NDArray[np.int64]
    month: NDArray[np.int64]
    is_leap: NDArray[np.bool_]
    new_years: NDArray[np.int64]
    """The first day of each year, the year after the last among them."""


class _YearInData(msgspec.Struct, frozen=True, kw_only=True):
    leap: int
    months: str


class _Data(msgspec.Struct, frozen=True, kw_only=True):
    about: str
    first: str
    years: dict[int, _YearInData]


def lunar_of(day: NDArray[np.int64]) -> LunarDays:
    """Find the lunar day of each civil day.

    Args:
        day: Days since 1970-01-01.

    Raises:
        InputError: a day is before 1900-01-31 or after 2101-01-28.

    Cost: a search among 2,486 months for each day.
    """
    months = _months()
    if day.size:
        _check(int(day.min()), int(day.max()), (int(months.first_day[0]), int(months.first_day[-1]) - 1))
    place = np.searchsorted(months.first_day, day, side="right") - 1
    return LunarDays(
        year=months.year[place],
        month=months.month[place],
        day=day - months.first_day[place] + 1,
        is_leap=months.is_leap[place],
        is_eve=np.isin(day + 1, months.new_years),
    )


def lunar_day(year: int, month: int, day: int, *, is_leap: bool = False) -> int:
    """Find the civil day of a lunar day, days since 1970-01-01.

    Raises:
        InputError: there is no such day.
    """
    months = _months()
    (place,) = np.nonzero((months.year[:-1] == year) & (months.month[:-1] == month) & (months.is_leap[:-1] == is_leap))
    if len(place) != 1 or not 1 <= day <= months.first_day[place[0] + 1] - months.first_day[place[0]]:
        raise InputError(
            came=f"the day {day} of the {'leap ' if is_leap else ''}month {month} of the lunar year {year}",
            where="lunar days",
            expected="a day that there is",
            todo="Correct it.",
        )
    return int(months.first_day[place[0]]) + day - 1


def name_lunar_day(month: int, day: int, *, is_leap: bool, is_eve: bool, lang: str) -> str:
    """Name a lunar day: 腊月廿八, 除夕, 正月初一; in English “28th of the 12th month”, “New Year's Eve”.

    Args:
        month: 1 to 12.
        day: 1 to 30.
        is_leap: Whether the month is a leap one.
        is_eve: Whether it is the last day of the year.
        lang: `zh` or `en`.
    """
    if lang == "zh":
        return "除夕" if is_eve else name_lunar_month(month, is_leap=is_leap) + name_day_of_month(day)
    leap = "leap " if is_leap else ""
    return "New Year's Eve" if is_eve else f"{_ordinal(day)} of the {leap}{_ordinal(month)} month"


def name_lunar_month(month: int, *, is_leap: bool) -> str:
    """Name a lunar month in Chinese: 正月, 闰四月, 腊月."""
    return f"{'闰' if is_leap else ''}{_MONTHS_ZH[month - 1]}月"


def name_day_of_month(day: int) -> str:
    """Name a day of a lunar month in Chinese: 初一, 十五, 廿八."""
    return _ROUND_ZH.get(day) or _TENS_ZH[day // 10] + _DIGITS_ZH[day % 10 - 1]


def _ordinal(number: int) -> str:
    last = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number in {11, 12, 13} else last}"


def _check(low: int, high: int, had: tuple[int, int]) -> None:
    if low < had[0] or high > had[1]:
        raise InputError(
            came=f"the days {date_of(low)} to {date_of(high)}",
            where="lunar days",
            expected=f"days within {date_of(had[0])} to {date_of(had[1])}",
            todo="Correct the date.",
        )


@cache
def _months() -> _Months:
    data = msgspec.json.decode(files("houbei.calendars").joinpath("lunar.json").read_bytes(), type=_Data)
    years = sorted(data.years)
    rows = [
        (year, place + 1 - (bool(found.leap) and place >= found.leap), found.leap > 0 and place == found.leap, letter)
        for year, found in ((year, data.years[year]) for year in years)
        for place, letter in enumerate(found.months)
    ]
    first = day_number(date.fromisoformat(data.first))
    starts = list(accumulate((_MONTH_DAYS[letter] for *_, letter in rows), initial=first))
    number = np.array([*(row[1] for row in rows), 1])
    is_leap = np.array([*(row[2] for row in rows), False])
    days = np.array(starts, dtype=np.int64)
    return _Months(
        first_day=days,
        year=np.array([*(row[0] for row in rows), years[-1] + 1]),
        month=number,
        is_leap=is_leap,
        new_years=days[(number == 1) & ~is_leap],
    )
