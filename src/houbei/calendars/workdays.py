"""Which days are worked under a calendar: a make-up workday is, whatever weekday it is."""

import numpy as np
from numpy.typing import NDArray

from houbei.calendars.days import weekday_of
from houbei.calendars.holidays import Calendar


def works_on(calendar: Calendar, day: NDArray[np.int64], *, doubtful_rest: bool = True) -> NDArray[np.bool_]:
    """Tell which days are worked under a calendar; its years must hold them.

    Args:
        calendar: Whose make-up workdays are worked and whose weekends and breaks are not.
        day: Days since 1970-01-01.
        doubtful_rest: Whether a day rests that no prediction takes off but a notice still could; dates to be promised ask for it, so
            that they come out wider.

    Clause: E1, E5.
    """
    weekend = np.isin(weekday_of(day), sorted(calendar.weekend)) & ~np.isin(day, calendar.worked)
    rests = weekend | np.isin(day, calendar.breaks)
    return ~(rests | np.isin(day, calendar.doubtful)) if doubtful_rest else ~rests
