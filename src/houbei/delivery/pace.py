"""How much of a thousand parcels has usually arrived by a moment, and from that the chance of one that has not arrived yet.

Lead times count whole days. Within a day parcels arrive evenly between two times of day, so that a promise of a slot can be weighed, and
the chance falls through the day. Shares are in millionths here: a thousandth of a day times a thousandth of the parcels.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from houbei.calendars.days import Days
from houbei.delivery.watch_rules import WatchRules

Whole = NDArray[np.int64]
Marks = NDArray[np.bool_]

ALL = 1_000_000
"""All parcels, in millionths."""
_PERMILLE = 1000
_MS_US = 1000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pace:
    """The lead times of parcels on the days that they count.

    `within_permille[g, d]` of a thousand parcels of group g have arrived within d days; `from_hand_over` tells whether day 0 is that on which the
    carrier got them, or that of the order. `counted[c, i]` tells whether day `first_day + i` counts for calendar c: a day of rest moves no parcel. `days` are the local days of the shop.
    Moments before the first day or after the last of `counted` are taken as of that one.
    """

    within_permille: Whole
    from_hand_over: bool
    counted: Marks
    first_day: int
    days: Days


def arrived_ppm(
    pace: Pace, *, group: Whole, calendar: Whole, begun_us: Whole, at_us: Whole, rules: WatchRules
) -> Whole:
    """Find how many of a million parcels have usually arrived by a moment.

    Args:
        pace: The lead times.
        group: A row of `within_permille` for each parcel.
        calendar: A row of `pace.counted` for each.
        begun_us: When its lead time began: the day that this falls on is day 0.
        at_us: By when.
        rules: Between which times of day parcels arrive.

    Returns:
        Millionths, rising in `at_us`; 0 before the lead time began.

    Cost: a few passes.
    """
    until = np.cumsum(pace.counted, axis=1, dtype=np.int64)
    begun, at = (_place(pace, pace.days.day_of(us)) for us in (begun_us, at_us))
    gone = until[calendar, at] - until[calendar, begun]
    full = _within(pace, group, gone)
    before = np.where(gone > 0, _within(pace, group, gone - 1), 0)
    share = _share_of_day(pace.days, at_us, rules)
    today = (full * share + before * (_PERMILLE - share)) * (ALL // _PERMILLE // _PERMILLE)
    # The day of the start counts as day 0, whether it is a day of rest or not.
    moves = pace.counted[calendar, at] | (at == begun)
    found = np.where(moves, today, full * (ALL // _PERMILLE))
    return np.where(at < begun, 0, found)


def chance_permille(arrived_now: Whole, arrived_by: Whole) -> Whole:
    """Give the chance of parcels that are not there yet: of those still to come, the share that comes in time.

    Args:
        arrived_now: How many have usually arrived by now, millionths.
        arrived_by: How many by the end of the promise.

    Returns:
        Per mille, rounded down; 0 where all have usually arrived.
    """
    coming = np.maximum(arrived_by - arrived_now, 0)
    return np.where(arrived_now >= ALL, 0, _PERMILLE * coming // np.maximum(ALL - arrived_now, 1))


def last_hand_over_us(pace: Pace, *, group: Whole, calendar: Whole, by_us: Whole, rules: WatchRules) -> Whole:
    """Find the last moment at which a parcel that is handed over still arrives in time, as likely as not.

    Returns:
        The midnight that ends the last day that does; the first moment of the range where no day does.
    """
    enough = pace.within_permille[group] >= rules.may_permille
    needs = np.where(enough.any(axis=1), enough.argmax(axis=1), pace.counted.shape[1] + 1)
    until = np.cumsum(pace.counted, axis=1, dtype=np.int64)
    # A promise that ends before a day of deliveries does has no use of that day.
    last = _place(pace, pace.days.day_of(by_us - rules.day_ends_us))
    target = until[calendar, last] - needs
    found = np.empty(len(by_us), dtype=np.int64)
    for one in np.unique(calendar).tolist():
        here = calendar == one
        found[here] = np.searchsorted(until[one], target[here], side="right") - 1
    found = np.minimum(found, last)
    return pace.days.midnight(np.maximum(found, -1) + pace.first_day + 1)


def _within(pace: Pace, group: Whole, days: Whole) -> Whole:
    found: Whole = pace.within_permille[group, np.clip(days, 0, pace.within_permille.shape[1] - 1)]
    return found


def _place(pace: Pace, day: Whole) -> Whole:
    return np.clip(day - pace.first_day, 0, pace.counted.shape[1] - 1)


def _share_of_day(days: Days, at_us: Whole, rules: WatchRules) -> Whole:
    """How many of a thousand of a day's parcels have come by a moment of it."""
    gone_ms = (at_us - days.midnight(days.day_of(at_us)) - rules.day_begins_us) // _MS_US
    found: Whole = np.clip(gone_ms * _PERMILLE // ((rules.day_ends_us - rules.day_begins_us) // _MS_US), 0, _PERMILLE)
    return found
