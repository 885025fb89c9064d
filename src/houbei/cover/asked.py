"""Covers that pay only when somebody asks: at one claim, or every morning."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from houbei.calendars.closing import last_day
from houbei.calendars.days import Days
from houbei.columns import MISSING
from houbei.cover.windows import FOREVER, Openings
from houbei.facts.moments import DAY_US, to_utc
from houbei.terms.lengths import Length

BOT_ASKS_AT_US = 10 * 3_600_000_000
"""A daily bot asks at 10:00 on the local clock."""


def ask_once(openings: Openings, *, claimed: NDArray[np.int64] | None, within: Length | None, days: Days) -> Openings:
    """Narrow covers to the one moment at which the buyer asks.

    Args:
        openings: When the covers are open.
        claimed: When the buyer of each cover asked. Where it is `MISSING` they ask at the last moment before closing; None: all do.
        within: How long after a price took effect they may still ask, also after the cover has closed; None for while it is open.
        days: Local days, for a calendar `within`.

    Returns:
        Openings of one microsecond each; the price in force then counts if it took effect while the cover was open (or was in
        force at an opening that counts), and no longer than `within` before the claim.

    Case C20.
    """
    last = np.where(openings.starts < openings.ends, openings.ends, MISSING).max(axis=1)
    asked = np.where(last == MISSING, MISSING, last - 1)
    if claimed is not None:
        asked = np.where(claimed == MISSING, asked, claimed)
    place, inside = _stretch_of(openings, asked)
    row = np.arange(len(asked))
    first = np.where(openings.starts < openings.ends, openings.starts, FOREVER).min(axis=1)
    reachable = inside if within is None else asked >= first
    asked = np.where(reachable & (asked != MISSING), asked, MISSING)
    counted_from = openings.counted_from[row, place]
    if within is not None:
        counted_from = np.maximum(counted_from, _earliest_effect(asked, within, days))
    return replace(
        openings,
        starts=asked[:, None],
        ends=np.where(asked == MISSING, asked, asked + 1)[:, None],
        counted_from=counted_from[:, None],
        counted_until=np.where(last == MISSING, FOREVER, last)[:, None],
    )


def _stretch_of(openings: Openings, moment: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The stretch a moment lies in, else the last one that began before it; and whether it lies inside one."""
    if openings.starts.shape[1] == 1:
        inside = (openings.starts[:, 0] <= moment) & (moment < openings.ends[:, 0])
        return np.zeros(len(moment), dtype=np.int64), inside
    inside = (openings.starts <= moment[:, None]) & (moment[:, None] < openings.ends)
    began = np.where((openings.starts <= moment[:, None]) & (openings.starts < openings.ends), openings.starts, MISSING)
    place = np.where(inside.any(axis=1), inside.argmax(axis=1), began.argmax(axis=1))
    return place.astype(np.int64), np.asarray(inside.any(axis=1))


def _earliest_effect(asked: NDArray[np.int64], within: Length, days: Days) -> NDArray[np.int64]:
    """The earliest moment at which a price may have taken effect for a claim at `asked` to be in time."""
    missing = asked == MISSING
    if missing.all():
        return asked
    known = np.where(missing, asked.max(), asked)
    if within.exact_us is not None:
        return np.where(missing, MISSING, known - within.exact_us + 1)
    day = days.day_of(known)
    first = int(day.min()) - 31 * (12 * within.years + within.months + 1) - within.days
    last = last_day(np.arange(first, int(day.max()) + 1), length=within)
    return np.where(missing, MISSING, days.midnight(first + np.searchsorted(last, day)))


def ask_daily(openings: Openings, *, days: Days) -> Openings:
    """Move each opening to the first moment a daily bot asks; what counts at it is what had counted at the opening."""
    open_at_all = openings.starts < openings.ends
    asks = first_ask(np.where(open_at_all, openings.starts, MISSING).reshape(-1), days=days)
    return replace(openings, starts=np.where(open_at_all, asks.reshape(openings.starts.shape), FOREVER))


def first_ask(moments: NDArray[np.int64], *, days: Days) -> NDArray[np.int64]:
    """The first moment at or after each moment when a daily bot asks; `MISSING` stays."""
    if not len(moments):
        return moments
    missing = moments == MISSING
    day = days.day_of(np.where(missing, moments.max(), moments)) if not missing.all() else np.zeros_like(moments)
    first = int(day.min())
    asks = to_utc(np.arange(first, int(day.max()) + 2, dtype=np.int64) * DAY_US + BOT_ASKS_AT_US, days.zone)
    today, tomorrow = asks[day - first], asks[day - first + 1]
    return np.where(missing, MISSING, np.where(moments <= today, today, tomorrow))
