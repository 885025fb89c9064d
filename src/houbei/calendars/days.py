"""Local days of a zone, over arrays: which day a moment falls on, and the moment a day begins.

A day is the stretch from its local midnight to the next one. A midnight that happens twice, because clocks go back over
it, is the first; one that does not happen at all is the first moment after the clocks went forward; a date that a zone
skipped altogether (Apia, 2011-12-30) is an empty day. Days are numbered from 1970-01-01, which is 0.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from numpy.typing import NDArray

from houbei.errors import InputError

DAY_US = 86_400_000_000
YEAR_MIN, YEAR_MAX = 1970, 2200
FIRST_DAY = 0
LAST_DAY = 84_370
"""2200-12-31."""

BLOCK_ROWS = 65_536
"""How many moments are worked on at once."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL = _EPOCH.toordinal()
_SECOND = timedelta(seconds=1)
_SECOND_US = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Days:
    """The local days of a zone over a range, as plain arrays that a compiled kernel can read too.

    `midnights[i]` is the moment (µs UTC) at which day `first_day + i` begins; the last entry begins the day after the
    range. Make one with `Days.over`. Moments and days beyond the range are still answered exactly, at the cost of a
    wider table.
    """

    zone: str
    first_day: int
    midnights: NDArray[np.int64]
    _first_in_slot: NDArray[np.int64]
    """For each stretch of 24 hours since the first midnight, the place of the day that its first moment falls on."""
    _days_per_slot_max: int

    @classmethod
    def over(cls, zone: str, *, from_us: int, to_us: int) -> "Days":
        """Build the table for the moments `from_us` to `to_us`.

        Args:
            zone: A name of the IANA time zone database.
            from_us: The first moment, µs UTC.
            to_us: The last moment, µs UTC.

        Raises:
            InputError: The zone is unknown, or a moment is outside the years 1970 to 2200.

        Cost: about 2 µs for each day of the range, once for each zone and year in a process.
        """
        years = [_year_near(zone, moment) for moment in (from_us, to_us)]
        parts = [_midnights_of_year(zone, year) for year in range(years[0] - 1, years[1] + 2)]
        midnights = np.concatenate(parts)
        slots = np.arange((midnights[-1] - midnights[0]) // DAY_US + 1) * DAY_US + midnights[0]
        places = np.searchsorted(midnights, slots, side="right") - 1
        return cls(
            zone=zone,
            first_day=first_day_of(years[0] - 1),
            midnights=midnights,
            _first_in_slot=places,
            _days_per_slot_max=int(np.diff(places, append=len(midnights) - 1).max()),
        )

    def day_of(self, us: NDArray[np.int64]) -> NDArray[np.int64]:
        """Find the local day of each moment.

        Args:
            us: Moments, µs UTC, in any order.

        Returns:
            Days since 1970-01-01, local.

        Raises:
            InputError: A moment is outside the years 1970 to 2200.

        Cost: a few passes in blocks that fit a processor's cache; ten million moments in about a tenth of a second.
        """
        if us.size == 0:
            return np.zeros(0, dtype=np.int64)
        low, high = int(us.min()), int(us.max())
        if low < max(0, self.midnights[0]) or high >= self.midnights[-1]:
            return Days.over(self.zone, from_us=low, to_us=high).day_of(us)
        days = np.empty(us.size, dtype=np.int64)
        for start in range(0, us.size, BLOCK_ROWS):
            block = us[start : start + BLOCK_ROWS]
            places = self._first_in_slot[(block - self.midnights[0]) // DAY_US]
            for _ in range(self._days_per_slot_max):
                places += block >= self.midnights[1:][places]
            days[start : start + BLOCK_ROWS] = places + self.first_day
        return days

    def midnight(self, day: NDArray[np.int64]) -> NDArray[np.int64]:
        """Find the moment at which each local day begins, µs UTC.

        Raises:
            InputError: A day is outside the years 1970 to 2200.
        """
        if day.size == 0:
            return np.zeros(0, dtype=np.int64)
        low, high = int(day.min()), int(day.max())
        if low < self.first_day or high >= self.first_day + len(self.midnights):
            if not FIRST_DAY <= low <= high <= LAST_DAY:
                raise _outside(came=f"day {low} to day {high}", zone=self.zone)
            return Days.over(self.zone, from_us=low * DAY_US, to_us=high * DAY_US).midnight(day)
        return self.midnights[day - self.first_day]


def check_zone(zone: str, *, where: str) -> ZoneInfo:
    """Find a zone by its name.

    Raises:
        InputError: There is no zone of that name.
    """
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InputError(
            came=f"the zone “{zone}”",
            where=where,
            expected="a name of the IANA time zone database",
            todo="Write one like Asia/Shanghai or Europe/Berlin.",
        ) from error


def _year_near(zone: str, us: int) -> int:
    """The UTC year of a moment; the local one is at most a day away from it, which a year on either side allows for."""
    if not FIRST_DAY * DAY_US <= us < (LAST_DAY + 1) * DAY_US:
        raise _outside(came=f"the moment {us} µs", zone=zone)
    return (_EPOCH + timedelta(microseconds=us)).year


def _outside(*, came: str, zone: str) -> InputError:
    return InputError(
        came=came,
        where=f"days of {zone}",
        expected=f"years {YEAR_MIN} to {YEAR_MAX}",
        todo="Correct the date.",
    )


@lru_cache(maxsize=1024)
def _midnights_of_year(zone: str, year: int) -> NDArray[np.int64]:
    where = check_zone(zone, where="days")
    first = datetime(year, 1, 1)  # noqa: DTZ001  a local clock reading, not a moment
    count = (datetime(year + 1, 1, 1) - first).days  # noqa: DTZ001
    readings = [first + timedelta(days=day) for day in range(count + 1)]
    east = [where.utcoffset(reading) or timedelta() for reading in readings]
    east_s = np.array([offset.days * 86_400 + offset.seconds for offset in east])
    midnights: NDArray[np.int64] = (first_day_of(year) + np.arange(count)) * DAY_US - east_s[:-1] * _SECOND_US
    # Only a midnight with another offset on the next day can be one that the clocks skip.
    for day in np.flatnonzero(np.diff(east_s)):
        midnights[day] = (_midnight(readings[day], where) - _EPOCH) // timedelta(microseconds=1)
    midnights.flags.writeable = False
    return midnights


def _midnight(reading: datetime, zone: ZoneInfo) -> datetime:
    """The first moment at which the local clock shows `reading` or, if it never does, the first at which it is past it."""
    moment = reading.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != reading:
        # The clocks went forward over it, between these two: read with the offset after the change, and before it.
        early, late = reading.replace(tzinfo=zone, fold=1).astimezone(UTC), moment
        while late - early > _SECOND:
            middle = early + (late - early) // (2 * _SECOND) * _SECOND
            before = middle.astimezone(zone).replace(tzinfo=None) < reading
            early, late = (middle, late) if before else (early, middle)
        moment = late
    return moment


def first_day_of(year: int) -> int:
    """Number the first of January of a year, days since 1970-01-01."""
    return day_number(date(year, 1, 1))


def day_number(day: date) -> int:
    """Number a date, days since 1970-01-01."""
    return day.toordinal() - _EPOCH_ORDINAL


def date_of(day: int) -> date:
    """Give the date of a day number."""
    return date.fromordinal(day + _EPOCH_ORDINAL)


def year_of(day: int) -> int:
    """Give the year that a day number falls in."""
    return date_of(day).year


def weekday_of(day: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give the weekday of each day number, Monday 0."""
    return (day + 3) % 7  # 1970-01-01 was a Thursday
