"""Times of day on local clocks, and the moments at which clocks show them."""

import re

import numpy as np
from numpy.typing import NDArray

from houbei.calendars.days import DAY_US, Days
from houbei.errors import InputError
from houbei.facts.moments import to_utc

_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9]))?|(24):00(?::00)?")
_SECOND_US = 1_000_000


def clock_us_of(text: str, *, where: str) -> int:
    """Read a time of day: `11:00`, `11:00:30`, and `24:00` for the midnight that ends the day.

    Args:
        text: The time.
        where: What it belongs to, for messages.

    Returns:
        Microseconds on the clock since it showed 00:00.

    Raises:
        InputError: It is no such time.
    """
    found = _CLOCK.fullmatch(text)
    if found is None:
        raise InputError(
            came=f"the time “{text[:20]}”",
            where=where,
            expected="a time of day like 11:00 or 11:00:30, at most 24:00",
            todo="Correct it.",
        )
    hours, minutes, seconds, midnight = (int(part or 0) for part in found.groups())
    return (midnight * 3600 + hours * 3600 + minutes * 60 + seconds) * _SECOND_US


def moments_on(days: NDArray[np.int64], clock_us: NDArray[np.int64], *, table: Days) -> NDArray[np.int64]:
    """Find the moment at which the clock shows a time on each day.

    A time that a clock shows twice is the first; one that it skips comes as much later as it skips. 00:00 and 24:00 are the bounds of
    the day, as `Days` has them, and no moment lies outside its day.

    Args:
        days: Days since 1970-01-01.
        clock_us: Microseconds on the clock since 00:00 of each day, at most 24 hours.
        table: The local days of the zone.

    Returns:
        Moments, µs UTC.
    """
    begins, ends = table.midnight(days), table.midnight(days + 1)
    shown = to_utc(days * DAY_US + clock_us, table.zone)
    return np.where(clock_us == 0, begins, np.where(clock_us == DAY_US, ends, np.clip(shown, begins, ends)))
