"""A clock that runs as fast as parcels are delivered: fast on weekdays, slowly on Saturdays, hardly on Sundays and holidays.

Lead times are learnt on this clock, so that five days over a weekend and five days within a week are not taken for the same.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from houbei.store.calendar_files import find_calendar

Whole = NDArray[np.int64]
Reals = NDArray[np.float64]
Marks = NDArray[np.bool_]

WEEK = 7
_MONDAY = 3
"""1970-01-01 was a Thursday."""
_USUAL_DAYS = 5
"""The clock runs at 1 on the average of so many fastest weekdays."""
_PRIOR_ARRIVALS = 5.0
"""So many arrivals are added to every weekday: nothing is impossible because it has not been seen."""
_HOLIDAY_PACE = 0.15
"""A holiday is as slow as this, or as slow as its weekday: there are too few of them to learn it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DeliveryClock:
    """How fast each day goes.

    `paces` are those of Monday to Sunday; `holidays` are day numbers, ascending. `reading[i]` is what the clock shows when day
    `first_day + i` begins.
    """

    paces: Reals
    holidays: Whole
    first_day: int
    reading: Reals

    @classmethod
    def running(cls, paces: Reals, holidays: Whole, *, first_day: int, last_day: int) -> "DeliveryClock":
        """Set up a clock over some days."""
        days = np.arange(first_day, last_day + 1)
        pace = paces[weekday_of(days)]
        pace = np.where(np.isin(days, holidays), np.minimum(pace, _HOLIDAY_PACE), pace)
        return cls(
            paces=paces, holidays=holidays, first_day=first_day, reading=np.concatenate([[0.0], np.cumsum(pace)])
        )

    def starts(self, day: Whole) -> Reals:
        """Read the clock when some days begin; days outside its range read as its ends."""
        return self.reading[np.clip(day - self.first_day, 0, len(self.reading) - 1)]

    def noon(self, day: Whole) -> Reals:
        """Read the clock in the middle of some days."""
        return (self.starts(day) + self.starts(day + 1)) / 2


def learn_paces(arrived_day: Whole) -> Reals:
    """Learn how fast the days of a week go from how many orders arrive on each.

    Args:
        arrived_day: The days of arrivals that are known.

    Returns:
        Seven paces, Monday first; 1 is a usual delivery day.
    """
    counts = np.bincount(weekday_of(arrived_day), minlength=WEEK) + _PRIOR_ARRIVALS
    return np.asarray(counts / np.sort(counts)[-_USUAL_DAYS:].mean(), dtype=np.float64)


def weekday_of(day: Whole) -> Whole:
    """Give the weekday of day numbers, Monday 0."""
    return (day + _MONDAY) % WEEK


def week_of(day: Whole) -> Whole:
    """Number the weeks that day numbers lie in; a week begins on Monday."""
    return (day + _MONDAY) // WEEK


def first_day_of_week(week: int) -> int:
    """Give the Monday of a week."""
    return week * WEEK - _MONDAY


def holidays_of(calendar: str | None, *, first_day: int, last_day: int) -> Whole:
    """List the statutory holidays of a calendar over some days, named by its id or by the path of a document; none where none is named.

    Raises:
        InputError: there is no such calendar, or it does not have these years.
    """
    if calendar is None:
        return np.zeros(0, dtype=np.int64)
    years = np.array([first_day, last_day]).astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    days = find_calendar(calendar, from_year=int(years[0]), to_year=int(years[1])).statutory
    return days[(days >= first_day) & (days <= last_day)]
