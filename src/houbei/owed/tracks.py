"""One promise over claims: whether it answers each of them, and if not, for which reason.

Several promises run side by side, each on a track of its own: the shop's terms, what the law asks for, a return for no reason. What
a track says of a claim depends on that promise, the facts and the swaps before it, never on another track.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from houbei.calendars.days import Days
from houbei.calendars.rolling import Rolling
from houbei.columns import MISSING
from houbei.cover.units import Covers
from houbei.cover.windows import FOREVER, Openings, close_anew
from houbei.facts.claims import KINDS, Claims
from houbei.facts.orders import Lines
from houbei.facts.reported import DIFFERS, NOT_KNOWN, Reported
from houbei.terms.model import Kind, Terms
from houbei.terms.replacement import AfterSwap, Replacement
from houbei.terms.truth import evaluate

Whole = NDArray[np.int64]
Marks = NDArray[np.bool_]
Note = Callable[[Marks, "Reason"], None]
"""Gives a reason to the marked claims that have none yet."""


class Reason(IntEnum):
    """Why a promise does not answer a claim, in the order in which it is asked; the first that applies is given."""

    ANSWERS = 0
    NOT_ASKED = 1
    """A fault is reported and the promise is for returns, or the other way round."""
    NOT_SOLD_UNDER = 2
    """The line was sold under another version, or when there was none."""
    OUT_OF_SCOPE = 3
    OVER = 4
    """The window had closed when it was reported."""
    GONE = 5
    """The unit had gone back, or the line was cancelled."""
    NOT_OPEN_YET = 6
    SUSPENDED = 7
    """It was reported in a gap of the window."""
    USED_UP = 8
    """The promise gave its swaps, or ended with one."""
    OTHER_SERIAL = 9
    CLAIM_EXCLUDED = 10
    """The condition on claims does not hold."""
    FAULT_EXCLUDED = 11
    FAULT_NOT_COVERED = 12
    """The promise names the faults that count, and this is none of them."""
    NOT_INTACT = 13
    SCOPE_UNKNOWN = 14
    """From here on a fact is missing: the claim may be covered, and a person must look."""
    UNIT_UNKNOWN = 15
    SERIAL_UNKNOWN = 16
    CLAIM_UNKNOWN = 17
    FAULT_UNKNOWN = 18
    INTACT_UNKNOWN = 19


UNDECIDED_FROM = Reason.SCOPE_UNKNOWN
"""Reasons from here on say that a fact is missing: unknown is not no."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Track:
    """One promise, bound to a batch of lines.

    `sold_under` marks the lines that were sold under this version, `undecided` those of which it is not known whether they are in
    scope; `covers` and `openings` are of those in scope or undecided.
    """

    terms: Terms
    sold_under: Marks
    undecided: Marks
    covers: Covers
    openings: Openings
    days: Days
    rolling: Rolling | None

    @property
    def promises(self) -> Replacement:
        """What the promise gives; a track is never of price protection."""
        found = self.terms.replacement
        if found is None:
            raise TypeError(self.terms.term)
        return found


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Asked:
    """Claims that are put to tracks: the batch, the places of some of them, and what is known of their units.

    `place`, `line`, `unit` and `serial` have one entry a claim that is asked about. `swapped_us` is when its unit was last replaced,
    `MISSING` where it never was; `gone` whether it went back for its money.
    """

    claims: Claims
    lines: Lines
    place: Whole
    line: Whole
    reported: Reported
    swapped_us: Whole
    gone: Marks


def reasons_of(track: Track, asked: Asked, *, uses_used: Whole) -> NDArray[np.uint8]:
    """Say of each claim why a promise does not answer it, 0 where it does.

    Args:
        track: The promise.
        asked: The claims.
        uses_used: How many swaps of its unit the promise gave before, one a claim.

    Returns:
        `Reason` codes. A definite no comes before a fact that is missing: what is over is over whoever the buyer is.

    Cost: a few passes over the claims.
    """
    promises, place = track.promises, asked.place
    found = np.zeros(len(place), dtype=np.uint8)

    def note(applies: Marks, reason: Reason) -> None:
        found[applies & (found == 0)] = reason

    wanted = KINDS.index("return" if track.terms.kind is Kind.RETURN else "fault")
    note(asked.claims.kind[place] != wanted, Reason.NOT_ASKED)
    note(~track.sold_under[asked.line], Reason.NOT_SOLD_UNDER)
    cover = cover_of(track.covers, asked.line, asked.reported.unit)
    note(cover == _NO_COVER, Reason.OUT_OF_SCOPE)
    _note_window(note, track, asked, cover)
    ended = (uses_used > 0) & (promises.after_swap is AfterSwap.END)
    note(ended if promises.uses is None else ended | (uses_used >= promises.uses), Reason.USED_UP)
    serial = asked.reported.serial
    if promises.serial_must_match:
        note(serial == DIFFERS, Reason.OTHER_SERIAL)
    claim = _truth_of_claims(promises, asked)
    note(claim == 0, Reason.CLAIM_EXCLUDED)
    excluded, covered, unnamed = _faults(promises, asked)
    note(excluded, Reason.FAULT_EXCLUDED)
    note(~covered & ~unnamed, Reason.FAULT_NOT_COVERED)
    intact = asked.claims.intact
    known = np.ones(len(place), dtype=np.bool_) if intact.known is None else intact.known[place]
    if promises.intact:
        note(known & ~intact.values[place], Reason.NOT_INTACT)
    note(track.undecided[asked.line], Reason.SCOPE_UNKNOWN)
    note(cover == _ANY_COVER, Reason.UNIT_UNKNOWN)
    if promises.serial_must_match:
        note(serial == NOT_KNOWN, Reason.SERIAL_UNKNOWN)
    note(claim == -1, Reason.CLAIM_UNKNOWN)
    note(unnamed & ~covered, Reason.FAULT_UNKNOWN)
    if promises.intact:
        note(~known, Reason.INTACT_UNKNOWN)
    return found


_NO_COVER = -1
_ANY_COVER = -2
"""The unit cannot be told, and the units of its line have covers that differ."""


def cover_of(covers: Covers, line: Whole, unit: Whole) -> Whole:
    """Find the cover of each unit.

    Args:
        covers: Runs of like units, those of a line one after another.
        line: The lines.
        unit: The units within their lines, from 1; 0 where it cannot be told.

    Returns:
        Places in `covers`, below 0 where there is none.
    """
    if not len(covers):
        return np.full(len(line), _NO_COVER)
    first, last = covers.of_line[line], covers.of_line[line + 1] - 1
    until = np.cumsum(covers.units)
    before = np.where(first > 0, until[np.maximum(first, 1) - 1], 0)
    found = np.minimum(np.searchsorted(until, before + np.maximum(unit, 1), side="left"), last)
    found = np.where((unit == 0) & _differ(covers)[line], _ANY_COVER, found)
    return np.where(first > last, _NO_COVER, found)


def _differ(covers: Covers) -> Marks:
    """Mark the lines whose units were not all delivered and returned at the same moments."""
    changes = (covers.delivered[1:] != covers.delivered[:-1]) | (covers.returned[1:] != covers.returned[:-1])
    within = covers.line[1:] == covers.line[:-1]
    return np.bincount(covers.line[1:][changes & within], minlength=len(covers.of_line) - 1) > 0


def _note_window(note: Note, track: Track, asked: Asked, cover: Whole) -> None:
    """Note the claims that were reported when the cover of their unit was not open."""
    known = cover >= 0
    at = np.where(known, cover, 0)
    if not len(track.covers):
        return
    reported = asked.claims.reported_us[asked.place]
    openings = track.openings
    starts, ends = openings.starts[at], openings.ends[at]
    is_open = np.asarray(((starts <= reported[:, None]) & (reported[:, None] < ends)).any(axis=1))
    closes = openings.closes[at]
    opens = np.where(starts == MISSING, FOREVER, starts).min(axis=1)
    anew = np.logical_and(known, asked.swapped_us != MISSING)
    if track.promises.after_swap is AfterSwap.RESTART and anew.any():
        since = asked.swapped_us[anew]
        closes[anew] = close_anew(
            track.covers,
            asked.lines,
            at[anew],
            since,
            window=track.terms.window,
            days=track.days,
            rolling=track.rolling,
        )
        opens[anew] = since
        is_open[anew] = (since <= reported[anew]) & (reported[anew] < closes[anew])
    shut = known & ~is_open
    note(shut & (reported >= closes), Reason.OVER)
    note(known & (asked.gone | (reported >= _left(track, asked, at))), Reason.GONE)
    note(shut & (reported < opens), Reason.NOT_OPEN_YET)
    note(shut, Reason.SUSPENDED)


def _left(track: Track, asked: Asked, cover: Whole) -> Whole:
    """When units of covers had gone back, or their line was cancelled."""
    back = track.covers.returned[cover]
    left = np.where(back == MISSING, FOREVER, back)
    cancelled = asked.lines.moments.get("cancelled")
    if cancelled is not None:
        moment = cancelled[asked.line]
        left = np.minimum(left, np.where(moment == MISSING, FOREVER, moment))
    return left


def _truth_of_claims(promises: Replacement, asked: Asked) -> NDArray[np.int8]:
    """Whether the condition on claims holds: 1 yes, 0 no, -1 unknown."""
    if promises.claims_where is None:
        return np.ones(len(asked.place), dtype=np.int8)
    truth = evaluate(promises.claims_where, asked.claims.others, rows=len(asked.claims))
    return truth[asked.place]


def _faults(promises: Replacement, asked: Asked) -> tuple[Marks, Marks, Marks]:
    """Which claims name a fault that is excluded, which one that counts, and which name none."""
    faults = asked.claims.faults
    codes = faults.codes[asked.place]
    unnamed = codes < 0
    excluded = _among(codes, faults.values, {fault.code for fault in promises.excluded})
    if not promises.faults:
        return excluded, ~excluded, unnamed
    return excluded, _among(codes, faults.values, {fault.code for fault in promises.faults}), unnamed


def _among(codes: NDArray[np.int32], values: Sequence[str], wanted: set[str]) -> Marks:
    return np.array([*(value in wanted for value in values), False], dtype=np.bool_)[codes]
