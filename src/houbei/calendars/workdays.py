"""Counting working days over arrays: the next one, the n-th after a day, how many lie between two days.

A day is worked or it is not; who says so is a calendar, in which a make-up workday is worked, or a set of weekdays with
dated exceptions, as carriers have. A count never includes the day it starts from, whether that one is worked or not.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from houbei.calendars.days import date_of, first_day_of, weekday_of
from houbei.calendars.holidays import Calendar
from houbei.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Workdays:
    """A table of which days are worked. Make one with `workdays_over`.

    `is_worked[i]` speaks of day `first_day + i`; `worked_days` lists the days that are worked, ascending;
    `worked_before[i]` counts those among the first `i` days of the table, so that it has one entry more than `is_worked`.
    """

    where: str
    first_day: int
    is_worked: NDArray[np.bool_]
    worked_days: NDArray[np.int64]
    worked_before: NDArray[np.int64]

    def on_or_after(self, day: NDArray[np.int64]) -> NDArray[np.int64]:
        """Find the first working day that is not before each day: itself, where it is worked.

        Args:
            day: Days since 1970-01-01.

        Raises:
            InputError: a day is outside the table, or no working day is left in it.
        """
        return self._worked(self._before(day))

    def nth_after(self, day: NDArray[np.int64], n: NDArray[np.int64] | int) -> NDArray[np.int64]:
        """Find the n-th working day after each day; the day itself is not counted, and 0 is `on_or_after`.

        Args:
            day: Days since 1970-01-01.
            n: How many working days, at least 0; one for all, or one for each.

        Raises:
            InputError: a day is outside the table, or fewer working days than asked are left in it.

        Clause: E1.
        """
        count = np.asarray(n, dtype=np.int64)
        if (count < 0).any():
            raise InputError(
                came=f"{int(count.min())} working days",
                where=self.where,
                expected="0 or more",
                todo="Count forward from an earlier day.",
            )
        after = self._before(day + (count > 0))
        return self._worked(after + np.maximum(count - 1, 0))

    def between(self, from_day: NDArray[np.int64], until_day: NDArray[np.int64]) -> NDArray[np.int64]:
        """Count the working days from `from_day`, with it, until `until_day`, without it; 0 where that is not later.

        Raises:
            InputError: a day is outside the table.
        """
        count: NDArray[np.int64] = np.maximum(self._before(until_day) - self._before(from_day), 0)
        return count

    def _before(self, day: NDArray[np.int64]) -> NDArray[np.int64]:
        place = day - self.first_day
        if place.size and (place.min() < 0 or place.max() >= len(self.worked_before)):
            came = f"the days {date_of(int(day.min()))} to {date_of(int(day.max()))}"
            raise self._outside(came)
        return self.worked_before[place]

    def _worked(self, place: NDArray[np.int64]) -> NDArray[np.int64]:
        if place.size and place.max() >= len(self.worked_days):
            came = "more working days than are left"
            raise self._outside(came)
        return self.worked_days[place]

    def _outside(self, came: str) -> InputError:
        last = self.first_day + len(self.is_worked) - 1
        return InputError(
            came=came,
            where=self.where,
            expected=f"days within {date_of(self.first_day)} to {date_of(last)}",
            todo="Load more years of the calendar, or correct the date.",
        )


def workdays_over(is_worked: NDArray[np.bool_], *, first_day: int, where: str) -> Workdays:
    """Make a table out of what each day is.

    Args:
        is_worked: One truth a day, from `first_day` on.
        first_day: Days since 1970-01-01.
        where: Whose days they are, for messages.

    Cost: linear in the days.
    """
    before = np.zeros(len(is_worked) + 1, dtype=np.int64)
    np.cumsum(is_worked, out=before[1:])
    return Workdays(
        where=where,
        first_day=first_day,
        is_worked=is_worked,
        worked_days=np.flatnonzero(is_worked) + first_day,
        worked_before=before,
    )


def workdays_of(calendar: Calendar, *, doubtful_rest: bool = True) -> Workdays:
    """Make the table of the working days of a calendar, over all of its years.

    Args:
        calendar: Whose make-up workdays are worked and whose weekends and breaks are not.
        doubtful_rest: Whether a day rests that no prediction takes off but a notice still could; dates to be promised
            ask for it, so that they come out wider.
    """
    days = np.arange(first_day_of(calendar.from_year), first_day_of(calendar.to_year + 1))
    return workdays_over(
        works_on(calendar, days, doubtful_rest=doubtful_rest), first_day=int(days[0]), where=f"calendar {calendar.id}"
    )


def works_on(calendar: Calendar, day: NDArray[np.int64], *, doubtful_rest: bool = True) -> NDArray[np.bool_]:
    """Tell which days are worked under a calendar; its years must hold them."""
    weekend = np.isin(weekday_of(day), sorted(calendar.weekend)) & ~np.isin(day, calendar.worked)
    rests = weekend | np.isin(day, calendar.breaks)
    return ~(rests | np.isin(day, calendar.doubtful)) if doubtful_rest else ~rests


def weekdays_over(
    weekdays: Iterable[int],
    *,
    from_day: int,
    to_day: int,
    rests: Iterable[int] = (),
    works: Iterable[int] = (),
) -> Workdays:
    """Make the table of a set of weekdays with dated exceptions.

    Args:
        weekdays: Those that are worked, Monday 0.
        from_day: The first day, since 1970-01-01.
        to_day: The last day.
        rests: Days that are not worked, whatever weekday they are.
        works: Days that are worked, whatever weekday they are.

    Raises:
        InputError: a day is given both ways.
    """
    off, on = set(rests), set(works)
    if off & on:
        raise InputError(
            came=f"{date_of(min(off & on))} as a day of rest and of work",
            where="weekdays with exceptions",
            expected="each exception one way",
            todo="Strike one of the two.",
        )
    days = np.arange(from_day, to_day + 1)
    worked = np.isin(weekday_of(days), sorted(weekdays)) & ~np.isin(days, sorted(off)) | np.isin(days, sorted(on))
    return workdays_over(worked, first_day=from_day, where="weekdays with exceptions")
