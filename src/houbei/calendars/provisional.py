"""Which days rest on a calendar year that is not announced.

A date is provisional when a day that it was counted over belongs to a predicted year, as the version at hand knows it. A notice for a
year may reach into the last days of the year before, so those rest on both. What was shown to a buyer stays, whatever a later version
of a calendar says: see `owed.promised`.
"""

import numpy as np
from numpy.typing import NDArray

from houbei.calendars.documents import State
from houbei.calendars.holidays import Calendar

REACH_BACK_DAYS = 3
"""How many days before its year a notice may speak of: make-up days on 29 December 2007 and 2018, breaks from the 30th."""


def is_predicted(calendar: Calendar, day: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which days rest on a year that the calendar predicts; computed years are predicted, too.

    Args:
        calendar: As one version of it knows the years.
        day: Days since 1970-01-01.

    Returns:
        True where the day's own year is predicted, or the next one whose notice may still reach it.

    Clause: E5.
    """
    return _of_predicted_year(calendar, _years_of(day)) | _of_predicted_year(calendar, _years_of(day + REACH_BACK_DAYS))


def _years_of(day: NDArray[np.int64]) -> NDArray[np.int64]:
    return day.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970


def _of_predicted_year(calendar: Calendar, years: NDArray[np.int64]) -> NDArray[np.bool_]:
    known = np.unique(years).tolist()
    # Seen from the earliest of them no computed year is past.
    predicted = [year for year in known if calendar.state(year, as_of_year=known[0]) is State.PREDICTED]
    found: NDArray[np.bool_] = np.isin(years, predicted)
    return found
