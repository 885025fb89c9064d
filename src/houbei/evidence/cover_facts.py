"""The covers of one line as values: which units, from when to when, and what closed them."""

from dataclasses import dataclass
from enum import StrEnum

from houbei.columns import MISSING
from houbei.cover.units import Covers
from houbei.cover.windows import FOREVER, Openings
from houbei.facts.orders import Lines


class Closing(StrEnum):
    """What ended a cover."""

    NEVER_OPENED = "never_opened"
    """It had no open moment."""
    CANCELLED = "cancelled"
    """The line was cancelled."""
    RETURNED = "returned"
    """The units came back."""
    WINDOW = "window"
    """The time that the promise runs was over."""
    GAP = "gap"
    """A gap of the window began and has not ended."""
    STILL_OPEN = "still_open"
    """Nothing yet: it is open at the last moment that exists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverFacts:
    """Like-dated units of a line; moments µs UTC, amounts minor units.

    `basis_minor` is each unit's share of what was paid, `larger` of the units carry one minor unit more. `open_us` are the open
    stretches, from and until (half open). `closes_us` is when the window closes, None where what closes it has not happened;
    `asked_us` the moment of the claim, None where none is needed.
    """

    units: int
    larger: int
    basis_minor: int
    delivered_us: int | None
    returned_us: int | None
    open_us: tuple[tuple[int, int], ...]
    closes_us: int | None
    closing: Closing
    asked_us: int | None


def cover_facts(
    place: int, lines: Lines, covers: Covers, openings: Openings, *, asked: Openings | None, as_of_us: int
) -> tuple[CoverFacts, ...]:
    """Tell the covers of one line.

    Args:
        place: The line's place in its batch.
        lines: The batch.
        covers: The covers of this line alone.
        openings: When the window lets them be open.
        asked: The moments at which a claim asks, where one is needed.
        as_of_us: The last moment that exists.
    """
    cancelled = int(lines.moments["cancelled"][place]) if "cancelled" in lines.moments else MISSING
    return tuple(
        _cover(c, covers, openings, cancelled=cancelled, asked=asked, as_of_us=as_of_us) for c in range(len(covers))
    )


def _cover(
    c: int, covers: Covers, openings: Openings, *, cancelled: int, asked: Openings | None, as_of_us: int
) -> CoverFacts:
    stretches = zip(openings.starts[c].tolist(), openings.ends[c].tolist(), strict=True)
    open_us = tuple(sorted((start, end) for start, end in stretches if start < end))
    closes, returned = int(openings.closes[c]), int(covers.returned[c])
    last = open_us[-1][1] if open_us else None
    ends = {
        cancelled: Closing.CANCELLED,
        returned: Closing.RETURNED,
        closes: Closing.WINDOW,
        as_of_us + 1: Closing.STILL_OPEN,
    }
    ask = None if asked is None else int(asked.starts[c, 0])
    return CoverFacts(
        units=int(covers.units[c]),
        larger=int(covers.larger[c]),
        basis_minor=int(covers.basis[c]),
        delivered_us=_known(int(covers.delivered[c])),
        returned_us=_known(returned),
        open_us=open_us,
        closes_us=None if closes == FOREVER else closes,
        closing=Closing.NEVER_OPENED if last is None else ends.get(last, Closing.GAP),
        asked_us=None if ask is None else _known(ask),
    )


def _known(moment: int) -> int | None:
    return None if moment == MISSING else moment
