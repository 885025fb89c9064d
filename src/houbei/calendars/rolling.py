"""Where the last day of a window moves to when it may not be one.

statutory_day    a statutory holiday moves to the first day after it that is none; a weekend stays
                 (Civil Code of the PRC, article 203)
official_break   a day of an official break moves to the first day after the break
next_workday     a day that is not worked moves to the next one that is (Regulation (EEC, Euratom) 1182/71,
                 article 3(4)); a make-up working day is worked, whatever weekday it is
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from houbei.calendars.days import year_of
from houbei.calendars.holidays import Calendar, load
from houbei.calendars.workdays import works_on
from houbei.errors import InputError

REST_DAYS_MAX = 60
"""No stretch of days off is longer; how far past the range the calendar is read to find where it ends."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rolling:
    """A table of where days roll to: day `first_day + i` rolls to `table[i]`, itself or later; ascending."""

    calendar_id: str
    roll: str
    first_day: int
    table: NDArray[np.int64]

    def rolled(self, day: NDArray[np.int64]) -> NDArray[np.int64]:
        """Find the day that each day rolls to, days since 1970-01-01.

        Raises:
            InputError: The calendar does not have that year.
        """
        if day.size == 0:
            return np.zeros(0, dtype=np.int64)
        low, high = int(day.min()), int(day.max())
        if low < self.first_day or high >= self.first_day + len(self.table):
            wider = rolling(self.calendar_id, roll=self.roll, from_day=low, to_day=high)
            return day if wider is None else wider.rolled(day)
        return self.table[day - self.first_day]


def rolling(calendar_id: str | None, *, roll: str, from_day: int, to_day: int) -> Rolling | None:
    """Build the table of a calendar and a rule over a range of days.

    Args:
        calendar_id: As `holidays.load` takes it.
        roll: `none`, `statutory_day`, `official_break` or `next_workday`.
        from_day: The first day, since 1970-01-01.
        to_day: The last day; days beyond the range are answered too, by building a wider table.

    Returns:
        None when nothing rolls.

    Raises:
        InputError: No such calendar or rule, or the calendar does not have these years.

    Cost: linear in the range.
    """
    if roll == "none":
        return None
    may_not_end = _MAY_NOT_END.get(roll)
    if may_not_end is None or calendar_id is None:
        raise InputError(
            came=f"roll: {roll} with calendar {calendar_id}",
            where="calendar",
            expected=f"a calendar and one of none, {', '.join(_MAY_NOT_END)}",
            todo="Give calendar both id and roll.",
        )
    days = np.arange(from_day, to_day + REST_DAYS_MAX + 1)
    calendar = load(calendar_id, from_year=year_of(from_day), to_year=year_of(to_day + REST_DAYS_MAX))
    ends = np.where(may_not_end(calendar, days), np.iinfo(np.int64).max, days)
    table = np.minimum.accumulate(ends[::-1])[::-1][: to_day - from_day + 1]
    return Rolling(calendar_id=calendar_id, roll=roll, first_day=from_day, table=table)


def _is_statutory(calendar: Calendar, days: NDArray[np.int64]) -> NDArray[np.bool_]:
    return np.isin(days, calendar.statutory)


def _is_in_break(calendar: Calendar, days: NDArray[np.int64]) -> NDArray[np.bool_]:
    return np.isin(days, calendar.breaks)


def _is_rest(calendar: Calendar, days: NDArray[np.int64]) -> NDArray[np.bool_]:
    return ~works_on(calendar, days, doubtful_rest=False)


_MAY_NOT_END: dict[str, Callable[[Calendar, NDArray[np.int64]], NDArray[np.bool_]]] = {
    "statutory_day": _is_statutory,
    "official_break": _is_in_break,
    "next_workday": _is_rest,
}
