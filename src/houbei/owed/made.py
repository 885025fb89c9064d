"""The promise that a document makes by itself, with nothing shown: within a length of a fact, or by the cut-off of an order's time of day."""

import numpy as np
from numpy.typing import NDArray

from houbei.calendars.closing import closes_at
from houbei.calendars.days import DAY_US, Days
from houbei.calendars.rolling import Rolling
from houbei.columns import MISSING
from houbei.errors import InvariantError
from houbei.facts.moments import to_utc
from houbei.terms.delivery import Arrival, CutOff, Made

Whole = NDArray[np.int64]


def make_promises(promises: Arrival, since_us: Whole, *, days: Days, rolling: Rolling | None) -> Whole:
    """Work out by when what the document promises must have happened.

    Args:
        promises: What the document says; not one that is made by showing a date.
        since_us: When the clock of each delivery starts, `MISSING` where it has not.
        days: The local days of the term's zone.
        rolling: Where the last day of a calendar length rolls to, None where it does not.

    Returns:
        The first moment that is late, µs UTC, `MISSING` where the clock has not started.

    Cost: a few passes.
    Clause: `promise.clause`.
    """
    if promises.made is Made.WITHIN and promises.within is not None:
        return closes_at(since_us, length=promises.within, days=days, rolling=rolling)
    if promises.made is not Made.CUT_OFFS:
        raise InvariantError(promises.made)
    found = np.full(len(since_us), MISSING)
    known = np.flatnonzero(since_us != MISSING)
    found[known] = _by_cut_off(promises.cut_offs, since_us[known], days)
    return found


def _by_cut_off(cut_offs: tuple[CutOff, ...], since_us: Whole, days: Days) -> Whole:
    """By the first cut-off that is still to come; after the last of a day the order counts as one of the next morning."""
    day = days.day_of(since_us)
    first = cut_offs[0]
    by_us = _at(day + 1 + first.days, first.by_us, days)
    for cut_off in reversed(cut_offs):
        in_time = since_us < _at(day, cut_off.before_us, days)
        by_us = np.where(in_time, _at(day + cut_off.days, cut_off.by_us, days), by_us)
    return by_us


def _at(day: Whole, clock_us: int, days: Days) -> Whole:
    """The moment at which the clock of a local day shows so much; 24:00 is the midnight that ends it."""
    return to_utc(day * DAY_US + clock_us, days.zone)
