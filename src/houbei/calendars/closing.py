"""Where a length of time ends: on a local day, or at a moment.

A calendar length ends with the last instant of its last day; the day of the anchor is day 0. Months and years end on the
corresponding day, or on the last day of a month that has none (Civil Code of the PRC, articles 200 to 203). An exact
length is added to the moment. Windows are half open: what is returned is the first moment that is no longer inside.
"""

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from houbei.calendars.days import Days
from houbei.calendars.rolling import Rolling
from houbei.columns import MISSING


class LengthOfTime(Protocol):
    """Years, months and days, ending at a local midnight; or, where it is not None, exactly `exact_us` microseconds."""

    @property
    def years(self) -> int:
        """Calendar years."""

    @property
    def months(self) -> int:
        """Calendar months."""

    @property
    def days(self) -> int:
        """Calendar days."""

    @property
    def exact_us(self) -> int | None:
        """Microseconds, when the length is exact."""


def last_day(anchor_day: NDArray[np.int64], *, length: LengthOfTime) -> NDArray[np.int64]:
    """Find the last day of a calendar length that begins after the anchor's day.

    Args:
        anchor_day: Days since 1970-01-01: day 0 of the length.
        length: A calendar length; months are added first, then days.

    Returns:
        Days since 1970-01-01: P1M from 31 January is 28 or 29 February.

    Cost: a few passes.
    """
    months = length.years * 12 + length.months
    if not months:
        return anchor_day + length.days
    days = anchor_day.astype("datetime64[D]")
    month = days.astype("datetime64[M]")
    day_in_month = (days - month.astype("datetime64[D]")).astype(np.int64)
    target = month + np.timedelta64(months, "M")
    days_in_target = (
        (target + np.timedelta64(1, "M")).astype("datetime64[D]") - target.astype("datetime64[D]")
    ).astype(np.int64)
    corresponding = np.minimum(day_in_month, days_in_target - 1)
    last: NDArray[np.int64] = target.astype("datetime64[D]").astype(np.int64) + corresponding + length.days
    return last


def closes_at(
    anchor_us: NDArray[np.int64], *, length: LengthOfTime, days: Days, rolling: Rolling | None = None
) -> NDArray[np.int64]:
    """Find when a window closes.

    Args:
        anchor_us: Moments, µs UTC; `MISSING` where the anchor has not happened.
        length: How long after the anchor.
        days: The local days of the term's zone.
        rolling: Where a last day that may not be one moves to; only a calendar length rolls.

    Returns:
        The first moment outside, µs UTC: the midnight that ends the last day, or the anchor plus the exact length.
        `MISSING` stays missing.

    Raises:
        InputError: A moment is outside the years 1970 to 2200.
    """

    def close(known_us: NDArray[np.int64]) -> NDArray[np.int64]:
        ends_on = last_day(days.day_of(known_us), length=length)
        return days.midnight((ends_on if rolling is None else rolling.rolled(ends_on)) + 1)

    return _later(anchor_us, length=length, calendar=close)


def _later(
    anchor_us: NDArray[np.int64],
    *,
    length: LengthOfTime,
    calendar: Callable[[NDArray[np.int64]], NDArray[np.int64]],
) -> NDArray[np.int64]:
    known = anchor_us != MISSING
    exact_us = length.exact_us
    if exact_us is not None:
        return np.where(known, anchor_us + exact_us, MISSING)
    if known.all():
        return calendar(anchor_us)
    moments = np.full(anchor_us.shape, MISSING, dtype=np.int64)
    moments[known] = calendar(anchor_us[known])
    return moments
