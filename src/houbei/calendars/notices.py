"""Notices: what somebody published on the days off of a year, and merging it into a calendar document.

JSON notices have the shape of the project holiday-cn (github.com/NateScarlet/holiday-cn): a year, the papers it was
published in, and days that are off or worked instead. A year without days is not announced yet, and announces nothing.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

import msgspec

from houbei.calendars.days import YEAR_MAX, YEAR_MIN
from houbei.calendars.documents import CalendarDocument, State, Year, check_document, fault_of_date, runs_of
from houbei.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What was published on one year; `off` and `worked` are ascending, and both empty where nothing is announced yet.

    `state` is predicted where whoever published it says that it may still change.
    """

    year: int
    papers: tuple[str, ...]
    off: tuple[date, ...]
    worked: tuple[date, ...]
    state: State = State.ANNOUNCED

    @property
    def says_anything(self) -> bool:
        """Whether it names a day."""
        return bool(self.off or self.worked)


class _Day(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    name: str
    date: str
    is_off_day: bool


class _Published(msgspec.Struct, frozen=True, kw_only=True):
    year: int
    papers: tuple[str, ...]
    days: tuple[_Day, ...]


def parse_notice(text: str | bytes, *, where: str) -> Notice:
    """Read a notice in the shape of holiday-cn.

    Args:
        text: JSON.
        where: The file, for messages.

    Raises:
        InputError: it is no such notice: other keys, a date that is none or far from its year, a day named twice, days
            without a paper that announces them.
    """
    try:
        published = msgspec.json.decode(text, type=_Published)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _unfit(str(error), where=where) from error
    for fault in _faults(published):
        raise _unfit(fault, where=where)
    return Notice(
        year=published.year,
        papers=published.papers,
        off=tuple(sorted(date.fromisoformat(day.date) for day in published.days if day.is_off_day)),
        worked=tuple(sorted(date.fromisoformat(day.date) for day in published.days if not day.is_off_day)),
    )


def merge_notice(document: CalendarDocument, notice: Notice) -> CalendarDocument:
    """Make the version of a document in which a notice holds: its year becomes what the notice says.

    Args:
        document: As it is known so far; it stays as it is.
        notice: For a year that it predicts or knows from an earlier notice, which this one replaces.

    Returns:
        A document with a new version and the hash of the one it replaces; the same document, with the papers it had, where
        the notice names the days that it knew, or only predicts a year that was announced.

    Raises:
        InputError: the document follows laws and does not hold the year, a day off by law is not off in the notice, or a
            day would be both off and worked.
    """
    number = str(notice.year)
    known = document.years.get(number)
    is_predicted = notice.state is State.PREDICTED
    if not notice.says_anything or (is_predicted and known is not None and known.state is State.ANNOUNCED):
        return document
    year = Year(
        state=notice.state,
        notices=() if is_predicted else notice.papers,
        statutory=_statutory(document, notice, known),
        breaks=runs_of(notice.off),
        worked=tuple(day.isoformat() for day in notice.worked),
    )
    if known is not None and msgspec.structs.replace(year, notices=known.notices) == known:
        return document
    merged = msgspec.structs.replace(
        document,
        years={**document.years, number: year},
        replaces=document.sha256,
        version=_next_version(document, notice),
    )
    check_document(merged, where=f"the notice for {number}")
    return merged


def _statutory(document: CalendarDocument, notice: Notice, known: Year | None) -> tuple[str, ...]:
    """The days off by law, which a notice does not tell from the days it puts around them."""
    if not document.laws:
        return tuple(day.isoformat() for day in notice.off)
    if known is None:
        raise InputError(
            came=f"a notice for {notice.year}",
            where=f"calendar {document.id}",
            expected=f"a year that the document predicts: {', '.join(map(str, document.predicted))}",
            todo="Add the year with its statutory days first.",
        )
    missing = {date.fromisoformat(day) for day in known.statutory} - set(notice.off)
    if missing:
        raise InputError(
            came=f"{min(missing)}, a day off by law that is not off",
            where=f"the notice for {notice.year}",
            expected=f"the days off by law among its days off: {', '.join(known.statutory)}",
            todo="Correct the notice, or the statutory days of the year if the law has changed.",
        )
    return known.statutory


def notices_of(document: CalendarDocument, years: Iterable[int]) -> list[Notice]:
    """Give what a document knows of some years as notices, to be written elsewhere; years that it does not hold are left out.

    Args:
        document: A calendar.
        years: Those that are asked.
    """
    held = [(year, document.years[str(year)]) for year in years if str(year) in document.years]
    return [
        Notice(
            year=number,
            papers=year.notices,
            off=tuple(sorted(year.off_days)),
            worked=tuple(sorted(year.worked_days)),
            state=year.state,
        )
        for number, year in held
    ]


def _next_version(document: CalendarDocument, notice: Notice) -> str:
    """The latest announced year, and a number that counts the documents that have it: 2026.1, 2026.2, 2027.1."""
    latest = max(
        [*document.announced, *([notice.year] if notice.state is State.ANNOUNCED else [])], default=notice.year
    )
    so_far, _, count = document.version.partition(".")
    return f"{latest}.{int(count) + 1}" if so_far == str(latest) and count.isdigit() else f"{latest}.1"


def _faults(published: _Published) -> Iterator[str]:
    if not YEAR_MIN < published.year < YEAR_MAX:
        yield f"the year {published.year}"
        return
    named = [day.date for day in published.days]
    for text in named:
        fault = fault_of_date(text, year=published.year)
        if fault is not None:
            yield fault
    twice = sorted(text for text, count in Counter(named).items() if count > 1)
    if twice:
        yield f"{twice[0]} twice"
    if published.days and not published.papers:
        yield "days without the paper that announced them"


def _unfit(fault: str, *, where: str) -> InputError:
    return InputError(
        came=fault,
        where=where,
        expected="a notice in the shape of holiday-cn: year, papers, days with name, date and isOffDay",
        todo="Correct the file.",
    )
