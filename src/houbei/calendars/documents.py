"""A calendar as a document: its years with what was announced or is predicted, its version, and the hash that names it.

The shape is that of the packaged `cn.json`. A document never changes: merging a notice makes another one, with a version
of its own and the hash of the one it replaces (`notices.merge_notice`).
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from itertools import pairwise

import msgspec
import rfc8785

from houbei.calendars.days import YEAR_MAX, YEAR_MIN
from houbei.errors import InputError

PACKAGED = ("cn",)
"""The calendars that ship as documents; other countries are computed."""
_SATURDAY, _SUNDAY = 5, 6


class State(StrEnum):
    """How far a year of a calendar can be relied on."""

    ANNOUNCED = "announced"
    """As published by those who decide it, or past."""
    PREDICTED = "predicted"
    """Computed from rules; a later notice may differ."""


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A part of a document: its fields are the keys, others are refused."""


class Year(_Part, frozen=True, kw_only=True):
    """One year: dates as text, `breaks` as first and last day; days of the turn of the year may lie outside of it.

    `notices` are the papers it was announced in, none where it is predicted.
    """

    state: State
    notices: tuple[str, ...]
    statutory: tuple[str, ...]
    breaks: tuple[tuple[str, str], ...]
    worked: tuple[str, ...]

    @property
    def off_days(self) -> list[date]:
        """Every day of its breaks."""
        return [day for first, last in self.breaks for day in days_between(first, last)]

    @property
    def worked_days(self) -> list[date]:
        """Its make-up workdays."""
        return [date.fromisoformat(day) for day in self.worked]


class Law(_Part, frozen=True, kw_only=True):
    """Which days a law makes days off, from a year on."""

    from_year: int = msgspec.field(name="from")
    order: str
    statutory: str


class CalendarDocument(_Part, frozen=True, kw_only=True):
    """A calendar: `years` by their number as text; `replaces` is the hash of the version it was made from, if any.

    Where `laws` are given, the statutory days of a year follow from them and a notice only says what rests around them;
    where none are, every day off is one by law.
    """

    id: str
    version: str
    about: str
    laws: tuple[Law, ...] = ()
    weekend: tuple[int, ...] = (_SATURDAY, _SUNDAY)
    replaces: str | None = None
    years: Mapping[str, Year]

    @property
    def sha256(self) -> str:
        """The hash of its canonical JSON (RFC 8785), which names what it says on every machine."""
        return hashlib.sha256(rfc8785.dumps(msgspec.to_builtins(self))).hexdigest()

    @property
    def announced(self) -> tuple[int, ...]:
        """The years that were announced, ascending."""
        return tuple(sorted(int(year) for year, found in self.years.items() if found.state is State.ANNOUNCED))

    @property
    def predicted(self) -> tuple[int, ...]:
        """The years that are predicted, ascending."""
        return tuple(sorted(int(year) for year, found in self.years.items() if found.state is State.PREDICTED))


@cache
def packaged_document(calendar_id: str) -> CalendarDocument:
    """Give a calendar that ships with the product.

    Raises:
        InputError: none of that name does.
    """
    if calendar_id not in PACKAGED:
        raise InputError(
            came=f"the calendar “{calendar_id}”",
            where="calendar",
            expected=f"one that ships as a document: {', '.join(PACKAGED)}",
            todo="Name it, or give the path of a document.",
        )
    name = f"{calendar_id}.json"
    return parse_document(files("houbei.calendars").joinpath(name).read_text(encoding="utf-8"), where=name)


def parse_document(text: str, *, where: str) -> CalendarDocument:
    """Read a calendar document.

    Args:
        text: JSON.
        where: The file, for messages.

    Raises:
        InputError: it is no such document, or it contradicts itself: a date that is none, a break that ends before it
            begins, a statutory day outside the breaks of its year, a day that is both off and worked.
    """
    try:
        document = msgspec.json.decode(text, type=CalendarDocument)
    except msgspec.DecodeError as error:
        raise _unfit(str(error), where=where) from error
    check_document(document, where=where)
    return document


def document_text(document: CalendarDocument) -> str:
    """Write a document as JSON, one year a line, so that two versions can be compared by eye."""
    tree = msgspec.to_builtins(document)
    years = tree.pop("years")
    head = msgspec.json.format(msgspec.json.encode(tree), indent=1).decode()
    lines = (f"  {_plain(year)}: {_plain(years[year])}" for year in sorted(years))
    return f'{head.removesuffix("}").rstrip()},\n "years": {{\n' + ",\n".join(lines) + "\n }\n}\n"


def check_document(document: CalendarDocument, *, where: str) -> None:
    """Refuse a document that contradicts itself, as `parse_document` says."""
    if not document.years:
        fault = "a calendar without years"
        raise _unfit(fault, where=where)
    for number, year in document.years.items():
        for fault in _faults(number, year):
            raise _unfit(fault, where=f"{where}, {number}")
    held = sorted(int(number) for number in document.years)
    if held != list(range(held[0], held[-1] + 1)):
        # A year that is not there would be one without days off.
        fault = f"years from {held[0]} to {held[-1]} with one missing among them"
        raise _unfit(fault, where=where)
    off = {day for year in document.years.values() for day in year.off_days}
    worked = {day for year in document.years.values() for day in year.worked_days}
    if off & worked:
        fault = f"{min(off & worked)} as a day off and as a make-up workday"
        raise _unfit(fault, where=where)


def days_between(first: str, last: str) -> Iterator[date]:
    """Give the days from one date to another, both with them."""
    start = date.fromisoformat(first)
    return (start + timedelta(days=n) for n in range((date.fromisoformat(last) - start).days + 1))


def runs_of(days: Iterable[date]) -> tuple[tuple[str, str], ...]:
    """Join days that follow one another into stretches, first and last day, ascending."""
    found = sorted(set(days))
    gaps = [(before, after) for before, after in pairwise(found) if after - before > timedelta(days=1)]
    begins = [*found[:1], *(after for _, after in gaps)]
    ends = [*(before for before, _ in gaps), *found[-1:]]
    return tuple((first.isoformat(), last.isoformat()) for first, last in zip(begins, ends, strict=True))


def _faults(number: str, year: Year) -> Iterator[str]:
    if not (number.isascii() and number.isdigit() and len(number) == len("2026") and YEAR_MIN < int(number) < YEAR_MAX):
        yield f"the year “{number}”"
        return
    for text in (*year.statutory, *year.worked, *(end for ends in year.breaks for end in ends)):
        fault = fault_of_date(text, year=int(number))
        if fault is not None:
            yield fault
            return
    for first, last in year.breaks:
        if last < first:
            yield f"a break that ends on {last}, before it begins on {first}"
    outside = {date.fromisoformat(day) for day in year.statutory} - set(year.off_days)
    if outside:
        yield f"the statutory day {min(outside)} in no break of its year"
    if year.state is State.ANNOUNCED and not year.notices:
        yield "an announced year without the notice that announced it"


def fault_of_date(text: str, *, year: int) -> str | None:
    """Say what is wrong with a date of a year; a notice may speak of the last month before it and the first after it."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return f"“{text}”, which is no date like {year}-02-16"
    near = date(year - 1, 12, 1) <= day < date(year + 1, 2, 1)
    return None if near and text == day.isoformat() else f"“{text}”, which is no day of {year} or of its turns"


def _plain(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=0).decode()


def _unfit(fault: str, *, where: str) -> InputError:
    return InputError(
        came=fault,
        where=where,
        expected="a calendar document in the shape of the packaged cn.json",
        todo="Correct the document.",
    )
