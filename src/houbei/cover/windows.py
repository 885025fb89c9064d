"""When each cover is open: half-open stretches between moments, with gaps, pauses and early ends."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from houbei.calendars.closing import closes_at
from houbei.calendars.days import Days
from houbei.calendars.rolling import Rolling
from houbei.columns import MISSING
from houbei.cover.units import Covers
from houbei.facts.orders import Lines
from houbei.terms.lengths import Length
from houbei.terms.model import Anchor, Stretch, Window

FOREVER = 2**62
"""A moment after every other."""

Moments = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Openings:
    """The open stretches of covers: cover i is open in [starts[i, k], ends[i, k]) for each k; empty where not start < end.

    `closes` is the moment its window closes, before any early end (`FOREVER` where the closing anchor has not happened), `anchor`
    the closing anchor itself, or `MISSING`.
    A price in force at an opening counts when it took effect in [counted_from, counted_until).
    """

    starts: Moments
    ends: Moments
    closes: Moments
    anchor: Moments
    counted_from: Moments
    counted_until: Moments


def open_covers(  # noqa: PLR0913  the facts, the window and the three calendars it is measured with
    covers: Covers,
    lines: Lines,
    *,
    window: Window,
    length: Length | None,
    days: Days,
    rolling: Rolling | None,
    as_of_us: int,
    at_open_counts: bool,
) -> Openings:
    """Work out when covers are open.

    Args:
        covers: Runs of units, with their own delivery and return.
        lines: The batch they belong to.
        window: Anchors, gaps and pauses.
        length: How long after the closing anchor; the window's own, or another that is tried.
        days: The local days of the term's zone.
        rolling: Where last days roll to, None when they do not.
        as_of_us: The last moment that exists.
        at_open_counts: Whether a price already in force at an opening counts.

    Cost: a few passes over the covers for each anchor.
    """
    moment = _anchors(covers, lines, days)
    opens = moment(window.opens)
    anchor = moment(window.closes_after)
    closes = anchor if length is None else closes_at(anchor, length=length, days=days, rolling=rolling)
    closes = np.where(anchor == MISSING, FOREVER, closes)
    for pause in window.pauses:
        closes = _paused(closes, anchor, moment(pause.starts), moment(pause.ends))
    ends = np.minimum(np.minimum(closes, as_of_us + 1), _or_forever(covers.returned))
    if "cancelled" in lines.moments:
        ends = np.minimum(ends, _or_forever(lines.moments["cancelled"][covers.line]))
    stretches = [(opens, np.where(opens == MISSING, opens, ends))]
    for gap in window.gaps:
        stretches = _without(stretches, gap, moment)
    starts = np.stack([s for s, _ in stretches], axis=1)
    return Openings(
        starts=starts,
        ends=np.stack([e for _, e in stretches], axis=1),
        closes=closes,
        anchor=anchor,
        counted_from=np.full(starts.shape, MISSING) if at_open_counts else starts + 1,
        counted_until=np.full(starts.shape, FOREVER),
    )


def close_anew(  # noqa: PLR0913  which covers, from when on, and what it is measured with
    covers: Covers,
    lines: Lines,
    cover: NDArray[np.int64],
    since: Moments,
    *,
    window: Window,
    days: Days,
    rolling: Rolling | None,
) -> Moments:
    """Work out when the windows of units close that begin anew, because the unit was replaced.

    Args:
        covers: Runs of units.
        lines: The batch they belong to.
        cover: The covers of the units.
        since: From when on each window runs, no moment missing.
        window: Its length is what runs; its pauses stop it as ever.
        days: The local days of the term's zone.
        rolling: Where last days roll to, None when they do not.
    """
    if window.length is None:
        return np.full(len(since), FOREVER)
    closes = closes_at(since, length=window.length, days=days, rolling=rolling)
    moment = _anchors(covers, lines, days)
    for pause in window.pauses:
        closes = _paused(closes, since, moment(pause.starts)[cover], moment(pause.ends)[cover])
    return closes


def _anchors(covers: Covers, lines: Lines, days: Days) -> Callable[[Anchor], Moments]:
    def moment_of(name: str) -> Moments:
        if name == "delivered":
            return covers.delivered
        if name == "returned":
            return covers.returned
        return lines.moments[name][covers.line] if name in lines.moments else np.full(len(covers), MISSING)

    def moment(anchor: Anchor) -> Moments:
        if anchor.on_us is not None:
            found = np.maximum(anchor.on_us, lines.moments["placed"][covers.line])
        else:
            found = moment_of(anchor.facts[0])
            for name in anchor.facts[1:]:
                other = moment_of(name)
                missing = (found == MISSING) | (other == MISSING)
                found = np.where(missing, MISSING, np.maximum(found, other))
        return found if anchor.plus is None else closes_at(found, length=anchor.plus, days=days)

    return moment


def _or_forever(moments: Moments) -> Moments:
    return np.where(moments == MISSING, FOREVER, moments)


def _paused(closes: Moments, anchor: Moments, starts: Moments, ends: Moments) -> Moments:
    """The clock stood still from `starts` until `ends`; a pause that has not ended keeps the cover open.

    The clock is started by the closing anchor: of a pause that began before, only what came after puts the close off.
    """
    stopped = np.maximum(starts, anchor)
    began = (starts != MISSING) & (stopped < closes) & (closes != FOREVER)
    still = began & (ends == MISSING)
    longer = np.where(began & ~still, np.maximum(ends - stopped, 0), 0)
    return np.where(still, FOREVER, closes + longer)


def _without(
    stretches: list[tuple[Moments, Moments]], gap: Stretch, moment: Callable[[Anchor], Moments]
) -> list[tuple[Moments, Moments]]:
    """Cut a gap out of each stretch; after it the cover opens anew. A gap that has not ended lasts."""
    began, over = moment(gap.starts), _or_forever(moment(gap.ends))
    nothing = (began == MISSING) | (over <= began)
    began, over = np.where(nothing, FOREVER, began), np.where(nothing, FOREVER, over)
    cut = []
    for start, end in stretches:
        cut.append((start, np.minimum(end, began)))
        cut.append((np.maximum(start, over), end))
    return cut
