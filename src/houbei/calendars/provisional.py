"""Dates that rest on a calendar year that is not announced, and what a later notice may do to them.

A date is provisional when a day that it was counted over belongs to a predicted year, as the version at hand knows it. A
notice for a year may reach into the last days of the year before, so those rest on both. A later version of a calendar
never worsens a promise that was given: see `never_later`.
"""

import numpy as np
from numpy.typing import NDArray

from houbei.calendars.documents import State
from houbei.calendars.holidays import Calendar
from houbei.columns import MISSING

REACH_BACK_DAYS = 3
"""How many days before its year a notice may speak of: make-up days on 29 December 2007 and 2018, breaks from the 30th."""


def is_predicted(calendar: Calendar, day: NDArray[np.int64], *, as_of_year: int | None = None) -> NDArray[np.bool_]:
    """Tell which days rest on a year that the calendar predicts.

    Args:
        calendar: As one version of it knows the years.
        day: Days since 1970-01-01.
        as_of_year: The year from which it is seen: computed years count as announced once they are past. Default: none
            is.

    Returns:
        True where the day's own year is predicted, or the next one whose notice may still reach it.
    """
    years, reached = _years_of(day), _years_of(day + REACH_BACK_DAYS)
    return _of_predicted_year(calendar, years, as_of_year) | _of_predicted_year(calendar, reached, as_of_year)


def rests_on_prediction(
    calendar: Calendar,
    from_day: NDArray[np.int64],
    to_day: NDArray[np.int64],
    *,
    as_of_year: int | None = None,
) -> NDArray[np.bool_]:
    """Tell which ranges of days hold one that rests on a predicted year: a date counted over such a range is provisional.

    Args:
        calendar: As one version of it knows the years.
        from_day: The first day of each range, days since 1970-01-01.
        to_day: The last day of each range; a range that ends before it begins holds nothing.
        as_of_year: As `is_predicted` takes it.

    Cost: linear in the ranges and in the days from the first to the last of them.

    Clause: E5.
    """
    if from_day.size == 0:
        return np.zeros(0, dtype=np.bool_)
    first, last = int(min(from_day.min(), to_day.min())), int(max(from_day.max(), to_day.max()))
    before = np.zeros(last - first + 2, dtype=np.int64)
    np.cumsum(is_predicted(calendar, np.arange(first, last + 1), as_of_year=as_of_year), out=before[1:])
    return (to_day >= from_day) & (before[to_day + 1 - first] > before[from_day - first])


def never_later(given_by: NDArray[np.int64], newly_by: NDArray[np.int64]) -> NDArray[np.int64]:
    """Keep what was promised: of the bound that was given and one worked out anew, the earlier.

    A buyer was shown the first, so a later notice may bring it forward and never puts it off. Where none was given yet,
    the new one stands; where nothing can be worked out any more, the one that was given does.

    Args:
        given_by: The first moment that is late, as promised, µs UTC or day numbers; `MISSING` where nothing was.
        newly_by: The same under the later version of the calendar.

    Clause: E5.
    """
    earlier = np.minimum(given_by, newly_by)
    return np.where((given_by == MISSING) | (newly_by == MISSING), np.maximum(given_by, newly_by), earlier)


def _years_of(day: NDArray[np.int64]) -> NDArray[np.int64]:
    return day.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970


def _of_predicted_year(calendar: Calendar, years: NDArray[np.int64], as_of_year: int | None) -> NDArray[np.bool_]:
    known = np.unique(years).tolist()
    # Seen from the beginning of time no computed year is past.
    seen_from = as_of_year if as_of_year is not None else min(known, default=0)
    predicted = [year for year in known if calendar.state(year, as_of_year=seen_from) is State.PREDICTED]
    found: NDArray[np.bool_] = np.isin(years, predicted)
    return found
