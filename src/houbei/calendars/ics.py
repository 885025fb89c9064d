"""Days off and make-up workdays in and out of iCalendar files (RFC 5545).

In: every event is a day off unless it says that it is worked: by a category WORKDAY (as this module writes), by Apple's
X-APPLE-SPECIAL-DAY, or by 上班, 补班 or （班） in its summary. One that says only 调休 may mean either and is refused. A file
is taken whole or not at all: a year that is announced with a day missing would make promises too early.

Out: an event for each stretch of days off and each make-up workday; predicted years are tentative. What was written is
read back the same.

Limitation: a file of a country's observances also holds days on which people work; only files of days off may come in.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from icalendar import Calendar as ICalendar
from icalendar import Event
from icalendar.error import InvalidCalendar

from houbei.calendars.days import check_zone
from houbei.calendars.documents import State, runs_of
from houbei.calendars.festivals import Names
from houbei.calendars.ics_events import Reading, Stretch, stretches_of
from houbei.calendars.notices import Notice
from houbei.errors import InputError

TURN_MONTH, TURN_DAY = 12, 29
"""From this day on a day may belong to the next year's notice."""
OFF, WORKED = "DAY-OFF", "WORKDAY"
"""The categories of the events that are written."""
_APPLE = {"WORK-HOLIDAY": False, "ALTERNATE-WORKDAY": True}
_WORKED = re.compile(
    r"上班|补班|補班|[（(]班[)）]|\bmake-?up (?:work)?day\b|\bworking day\b|\bworkday\b", re.IGNORECASE
)
_FOLD = re.compile(rb"\r?\n[ \t]")
_EITHER = re.compile(r"调休|調休")
_UNREADABLE = (InvalidCalendar, ValueError, AttributeError, TypeError, LookupError, ArithmeticError, OSError)
"""What the parser raises on files that bend the format; OSError for a zone that is named like a folder of zones."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True, kw_only=True)
class _Found:
    """What was found of one year."""

    off: set[date] = field(default_factory=set)
    worked: set[date] = field(default_factory=set)
    tentative: bool = False


def read_ics(text: bytes, *, where: str, zone: str, years: Sequence[int] | None = None) -> list[Notice]:
    """Read the days off and make-up workdays of an iCalendar file.

    Args:
        text: The file, UTF-8.
        where: Its name, for messages, and the paper that the years were announced in, unless the file names its source.
        zone: Whose midnights moments must be.
        years: Which years to take; without them, those that the file speaks of. They are needed for rules that never end.

    Returns:
        A notice a year, ascending. A day from 29 December on belongs to the next year where that one is spoken of too:
        notices reach over the turn of the year. Where an event of a year is tentative, the year is predicted.

    Raises:
        InputError: the file or one of its events cannot be read; nothing is taken of it.
    """
    reading = Reading(zone=check_zone(zone, where=where), years=years, where=where)
    calendars = _calendars(text, where=where)
    events = [event for calendar in calendars for event in calendar.events if event.get("STATUS") != "CANCELLED"]
    read = [(event, stretch) for event in events for stretch in stretches_of(event, reading)]
    spoken = set(years) if years else {stretch.first.year for _, stretch in read if not _is_turn(stretch.first)}
    found: dict[int, _Found] = {}
    for event, stretch in read:
        _take(event, stretch, reading, spoken=spoken or {stretch.first.year}, found=found)
    papers = tuple(dict.fromkeys(_paper(calendar) or where for calendar in calendars))
    return [_notice(year, found[year], papers) for year in sorted(found)]


def write_ics(
    notices: Iterable[Notice], *, calendar_id: str, version: str, names: Mapping[date, Names], stamped_us: int
) -> bytes:
    """Write days off and make-up workdays as an iCalendar file.

    Args:
        notices: The years.
        calendar_id: Whose days they are; the ids of the events are made of it and of their dates.
        version: Of the calendar.
        names: What a day is called; days without a name are called days off.
        stamped_us: When it is written, µs UTC; every event carries it.
    """
    calendar = ICalendar()
    calendar.add("prodid", f"-//Houbei//calendar {calendar_id} {version}//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", f"{calendar_id} {version}")
    stamp = _EPOCH + timedelta(seconds=stamped_us // 1_000_000)
    for notice in notices:
        for category, days in ((OFF, notice.off), (WORKED, notice.worked)):
            for first, last in runs_of(days):
                stretch = Stretch(first=date.fromisoformat(first), until=date.fromisoformat(last) + timedelta(days=1))
                event = _event(stretch, category, notice, names)
                event.add("uid", f"{calendar_id}-{notice.year}-{first}-{category.lower()}@houbei")
                event.add("dtstamp", stamp)
                calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written


def _calendars(text: bytes, *, where: str) -> list[ICalendar]:
    try:
        # Lines are unfolded as bytes: RFC 5545 lets a fold fall within a character.
        found = ICalendar.from_ical(_FOLD.sub(b"", text).decode("utf-8-sig"), multiple=True)
    except _UNREADABLE as error:
        raise _unfit(str(error), where=where) from error
    if not found or any(component.name != "VCALENDAR" for component in found):
        fault = "no VCALENDAR"
        raise _unfit(fault, where=where)
    return found


def _take(event: Event, stretch: Stretch, reading: Reading, *, spoken: set[int], found: dict[int, _Found]) -> None:
    """Put the days of an event into the years they belong to."""
    is_worked = _is_worked(event, reading)
    for day in stretch.days:
        year = day.year + 1 if _is_turn(day) and day.year + 1 in spoken else day.year
        if year not in spoken:
            continue
        year_found = found.setdefault(year, _Found())
        (year_found.worked if is_worked else year_found.off).add(day)
        year_found.tentative |= event.get("STATUS") == "TENTATIVE"
        if day in year_found.off & year_found.worked:
            raise reading.refuse(event, f"{day} as a day off and as a make-up workday", expected="each day one way")


def _is_worked(event: Event, reading: Reading) -> bool:
    categories = {str(category).upper() for category in event.categories}
    if categories & {OFF, WORKED}:
        return WORKED in categories
    special = str(event.get("X-APPLE-SPECIAL-DAY", ""))
    if special in _APPLE:
        return _APPLE[special]
    summary = str(event.get("SUMMARY", ""))
    if _WORKED.search(summary):
        return True
    if _EITHER.search(summary):
        raise reading.refuse(
            event,
            f"the summary “{summary}”",
            expected="one that says whether the day is off or worked",
            todo=f"Add a category, {OFF} or {WORKED}.",
        )
    return False


def _is_turn(day: date) -> bool:
    return day.month == TURN_MONTH and day.day >= TURN_DAY


def _paper(calendar: ICalendar) -> str | None:
    """Where the calendar says that it is published."""
    said = calendar.get("SOURCE") or calendar.get("URL")
    return None if said is None else str(said)


def _notice(year: int, found: _Found, papers: tuple[str, ...]) -> Notice:
    return Notice(
        year=year,
        papers=papers,
        off=tuple(sorted(found.off)),
        worked=tuple(sorted(found.worked)),
        state=State.PREDICTED if found.tentative else State.ANNOUNCED,
    )


def _event(stretch: Stretch, category: str, notice: Notice, names: Mapping[date, Names]) -> Event:
    event = Event()
    zh, en = next(_names_in(stretch, names), ("放假", "Day off") if category == OFF else ("补班", "Make-up workday"))
    said = ("休", "off") if category == OFF else ("班", "make-up workday")
    event.add("summary", f"{zh}（{said[0]}） {en} ({said[1]})")
    event.add("dtstart", stretch.first)
    event.add("dtend", stretch.until)
    event.add("categories", [category])
    event.add("status", "CONFIRMED" if notice.state is State.ANNOUNCED else "TENTATIVE")
    event.add("transp", "TRANSPARENT" if category == OFF else "OPAQUE")
    event.add("x-apple-special-day", next(key for key, worked in _APPLE.items() if worked == (category == WORKED)))
    return event


def _names_in(stretch: Stretch, names: Mapping[date, Names]) -> Iterator[Names]:
    return (names[day] for day in stretch.days if day in names)


def _unfit(fault: str, *, where: str) -> InputError:
    return InputError(
        came=fault,
        where=where,
        expected="an iCalendar file (RFC 5545): VCALENDAR with events",
        todo="Export it again as .ics, in UTF-8.",
    )
