"""Time read by hand: stamps, lengths, and the pieces of time in which a unit's cover is open.

Every moment is an aware `datetime` in UTC, to the microsecond. Pieces are half open: a moment at `closes` is outside.
"""

import calendar
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.holidays import rolled
from tests.oracle.money import UnusableError

MICROSECOND = timedelta(microseconds=1)
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
"""Stands for an end that has not happened."""

STAMP = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
CALENDAR_LENGTH = re.compile(r"P(?=[0-9])(?:([0-9]+)Y)?(?:([0-9]+)M)?(?:([0-9]+)W)?(?:([0-9]+)D)?")
EXACT_LENGTH = re.compile(r"PT(?=[0-9])(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)S)?")

Anchors = Mapping[str, datetime | None]
"""What happened to a unit and when: placed, paid, shipped, delivered, installed, cancelled, returned; None: not yet."""


@dataclass(frozen=True)
class Piece:
    """One interval of a cover, `opens <= moment < closes`."""

    opens: datetime
    closes: datetime

    def __contains__(self, moment: datetime) -> bool:
        """Tell whether a moment is inside; the closing one is not."""
        return self.opens <= moment < self.closes


def read_stamp(text: str, *, zone: ZoneInfo) -> datetime | None:
    """Read a timestamp, or None if it is none.

    Without a zone it is read in the term's; a date alone is its midnight there. A local time that happens twice is the
    first, one that is skipped is taken with the offset before the change (Python's `fold=0` does both).
    """
    if STAMP.fullmatch(text) is None:
        return None
    try:
        local = datetime.fromisoformat(text)
        return (local if local.tzinfo else local.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def read_zone(name: str) -> ZoneInfo:
    """Find a zone by its name."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError) as error:
        message = f"zone {name!r}: expected a name such as Asia/Shanghai"
        raise UnusableError(message) from error


def midnight(day: date, *, zone: ZoneInfo) -> datetime:
    """Give the moment at which a local day begins."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def is_exact(length: str) -> bool:
    """Tell a length in hours (PT720H) from a length in days of the calendar (P30D)."""
    return EXACT_LENGTH.fullmatch(length) is not None


def end_of_length(anchor: datetime, *, length: str, zone: ZoneInfo, roll: str = "none") -> datetime:
    """Give the end of a length: exact from the second, or the midnight that ends the last calendar day.

    The anchor's local day is day 0. A last day on which a length may not end moves on by the rule `roll`. Months and years end on the same day of the month, or on its last.
    """
    exact = EXACT_LENGTH.fullmatch(length)
    if exact is not None:
        hours, minutes, seconds = (int(part or 0) for part in exact.groups())
        return anchor + timedelta(hours=hours, minutes=minutes, seconds=seconds)
    parts = CALENDAR_LENGTH.fullmatch(length)
    if parts is None:
        message = f"length {length!r}: expected P30D, P6M, P1Y or PT720H"
        raise UnusableError(message)
    years, months, weeks, days = (int(part or 0) for part in parts.groups())
    day_0 = anchor.astimezone(zone).date()
    last_day = add_months(day_0, months=12 * years + months) + timedelta(days=7 * weeks + days)
    return midnight(rolled(last_day, roll=roll) + timedelta(days=1), zone=zone)


def add_months(day: date, *, months: int) -> date:
    """Move a day by months; where the month is too short, to its last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def find_moment(where: Any, *, anchors: Anchors, zone: ZoneInfo) -> datetime | None:
    """Find the moment that a term points at, or None if what it waits for has not happened.

    Args:
        where: An anchor's name, or one of `{at: name}`, `{latest_of: [names]}`, `{on: stamp}`, with `plus: length`.
        anchors: What happened.
        zone: The term's.
    """
    spec: Mapping[str, Any] = {"at": where} if isinstance(where, str) else where
    if "on" in spec:
        found = read_stamp(spec["on"], zone=zone)
        if found is None:
            message = f"moment {spec['on']!r}: expected a date or a timestamp"
            raise UnusableError(message)
    else:
        found = latest_of(spec.get("latest_of") or [spec["at"]], anchors=anchors)
    if found is None or "plus" not in spec:
        return found
    return end_of_length(found, length=spec["plus"], zone=zone)


def latest_of(names: list[str], *, anchors: Anchors) -> datetime | None:
    """Give the latest of several anchors, or None while one of them has not happened."""
    unknown = [name for name in names if name not in anchors]
    if unknown:
        message = f"anchor {unknown[0]!r}: expected one of {', '.join(anchors)}"
        raise UnusableError(message)
    moments = [anchors[name] for name in names]
    happened = [moment for moment in moments if moment is not None]
    return max(happened) if len(happened) == len(moments) else None


def find_closing(
    closes: Mapping[str, Any], *, anchors: Anchors, zone: ZoneInfo, roll: str, pauses: list[Mapping[str, Any]]
) -> datetime | None:
    """Find the closing that the term names: `{after: ..., length: ...}`, or a moment; pauses put it off.

    While a pause lasts the clock stands still: the closing moves by as much of it as lies after the clock was started
    and before the closing, and waits for a pause that has not ended.
    """
    if not closes:
        return None
    if "after" not in closes:
        return find_moment(closes, anchors=anchors, zone=zone)
    anchor = find_moment(closes["after"], anchors=anchors, zone=zone)
    closing = None if anchor is None else end_of_length(anchor, length=closes["length"], zone=zone, roll=roll)
    for pause in pauses:
        starts, ends = (find_moment(pause[side], anchors=anchors, zone=zone) for side in ("from", "until"))
        if anchor is None or closing is None or starts is None or max(starts, anchor) >= closing:
            continue
        if ends is None:
            return None
        closing += max(ends - max(starts, anchor), timedelta(0))
    return closing


def find_pieces(window: Mapping[str, Any], *, anchors: Anchors, zone: ZoneInfo, roll: str = "none") -> list[Piece]:
    """Find the pieces of time in which one unit's cover is open, in order; none if it never opens.

    The cover runs from its opening to the first of: the term's closing, the cancelling, the unit's return. Then the
    gaps are cut out of it one by one.
    """
    opens = find_moment(window.get("opens", "paid"), anchors=anchors, zone=zone)
    if opens is None:
        return []
    pauses = window.get("pauses") or []
    closing = find_closing(window.get("closes", {}), anchors=anchors, zone=zone, roll=roll, pauses=pauses)
    closes = min(moment or FOREVER for moment in (closing, anchors["cancelled"], anchors["returned"]))
    pieces = [Piece(opens, closes)]
    for gap in window.get("gaps") or []:
        starts = find_moment(gap["from"], anchors=anchors, zone=zone) if "from" in gap else opens
        ends = find_moment(gap["until"], anchors=anchors, zone=zone) if "until" in gap else None
        if starts is not None:
            pieces = cut_gap(pieces, gap=Piece(starts, ends or FOREVER))
    return [piece for piece in pieces if piece.opens < piece.closes]


def cut_gap(pieces: Iterable[Piece], *, gap: Piece) -> list[Piece]:
    """Cut a gap out of pieces; a gap that ends before it starts cuts nothing."""
    if gap.opens >= gap.closes:
        return list(pieces)
    left: list[Piece] = []
    for piece in pieces:
        left.append(Piece(piece.opens, min(piece.closes, gap.opens)))
        left.append(Piece(max(piece.opens, gap.closes), piece.closes))
    return [piece for piece in left if piece.opens < piece.closes]


def local_days(piece: Piece, *, until: datetime, zone: ZoneInfo) -> list[date]:
    """List the local days that a piece touches, up to a moment."""
    first = piece.opens.astimezone(zone).date()
    last = min(piece.closes, until).astimezone(zone).date()
    return [first + timedelta(days=count) for count in range((last - first).days + 1)]
