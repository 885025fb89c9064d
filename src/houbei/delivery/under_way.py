"""Promises under way as columns, what their carriers' scans tell of the carriers, and what promises are measured by."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from houbei.calendars.days import Days
from houbei.delivery.pace import Pace
from houbei.delivery.watch_rules import WatchRules

Whole = NDArray[np.int64]
Marks = NDArray[np.bool_]

NO_GROUP = -1
NO_CARRIER = -1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UnderWay:
    """Promises that are neither kept nor ended, one entry each. Moments are µs UTC.

    `ordered_us` is when the order was placed, `shown_us` when the promise was shown, `by_us` the first moment that is late (`FAR_US` while the clock of
    the promise stands still), `parcels` in how many it comes. `group` is a row of the lead times (`NO_GROUP`: none fits), `calendar` of the days that they count;
    `sold_permille` is the chance that it was sold with, `MISSING` where none is known. `carrier` is a row of the feeds (`NO_CARRIER`: not known). `closed_until_us` is when the
    closure of its region ends (`FAR_US`: nobody knows; `MISSING`: there is none). `scanned` marks those whose parcels somebody scans at all,
    `hands_over` those that are kept once the carrier has the parcels, `installs` those that are kept once all is installed.
    """

    ordered_us: Whole
    shown_us: Whole
    by_us: Whole
    parcels: Whole
    group: Whole
    calendar: Whole
    sold_permille: Whole
    carrier: Whole
    closed_until_us: Whole
    scanned: Marks
    hands_over: Marks
    installs: Marks

    def __len__(self) -> int:
        return len(self.by_us)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Feeds:
    """What carriers' scans tell of the carriers themselves.

    `silent_since_us` is the last scan of one that has fallen silent, `MISSING` where it lives; `alive[c, i]` tells whether carrier c scanned
    anything on day `first_day + i`.
    """

    silent_since_us: Whole
    alive: Marks
    first_day: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Yardstick:
    """What promises are measured by: the local days of the shop, its lead times (None where none are known), and the rules of watching."""

    days: Days
    pace: Pace | None
    rules: WatchRules
