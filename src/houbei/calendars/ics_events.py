"""What the events of an iCalendar file (RFC 5545) say of days: which local days each covers, and when it recurs.

An event is read as whole local days. One with a date has them; one with moments must begin and end at midnight in the zone
of the calendar. A yearly recurrence on its own date is written out; any other one is refused, because a calendar of days
off that recurs in another way is better written out by whoever knows the days.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Event

from houbei.calendars.days import YEAR_MAX, YEAR_MIN
from houbei.errors import InputError

EVENT_DAYS_MAX = 366
"""No stretch of days off is longer; a file that has one is no file of days off."""
_ONCE = ("UID", "SUMMARY", "STATUS", "DTSTART", "DTEND", "DURATION", "X-APPLE-SPECIAL-DAY")
_ONE_DAY = timedelta(days=1)
_RULE_PARTS = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYMONTH", "BYMONTHDAY", "WKST"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Whole local days of one event or of one of its recurrences: from `first` until `until`, without it."""

    first: date
    until: date

    @property
    def days(self) -> list[date]:
        """Each of them."""
        return [self.first + timedelta(days=number) for number in range((self.until - self.first).days)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How events are read: the zone in which moments must be midnights, the years that are asked, the file for messages."""

    zone: ZoneInfo
    years: Sequence[int] | None
    where: str

    def refuse(self, event: Event, came: str, *, expected: str, todo: str = "Correct the file.") -> InputError:
        """Say what is wrong with an event, and which one it is."""
        name = event.get("UID") or event.get("SUMMARY") or "without UID"
        return InputError(came=came, where=f"{self.where}, event {name}", expected=expected, todo=todo)


def stretches_of(event: Event, reading: Reading) -> list[Stretch]:
    """Find the days of an event and of its recurrences.

    Raises:
        InputError: a property cannot be read, it ends before it begins, a moment is no midnight, its zone is unknown, it
            changes one of another event's recurrences, or it recurs in a way that is not written out here.
    """
    for name, why in event.errors:
        raise reading.refuse(event, f"{name}: {why}", expected="properties as RFC 5545 has them")
    for name in _ONCE:
        if isinstance(event.get(name), list):
            raise reading.refuse(event, f"{name} twice", expected=f"one {name}")
    if "RECURRENCE-ID" in event:
        raise reading.refuse(
            event,
            "a change of one recurrence (RECURRENCE-ID)",
            expected="events that stand alone",
            todo="Write it out.",
        )
    first = _day(event, "DTSTART", reading)
    until = _end(event, first, reading)
    if not _ONE_DAY <= until - first <= EVENT_DAYS_MAX * _ONE_DAY:
        came = f"an end on {until}, not after {first}" if until <= first else f"{(until - first).days} days in a row"
        raise reading.refuse(event, came, expected=f"an event of 1 to {EVENT_DAYS_MAX} days")
    skipped = set(_listed(event, "EXDATE", reading))
    starts = {first, *_recurrences(event, first, reading), *_listed(event, "RDATE", reading)} - skipped
    return [Stretch(first=start, until=start + (until - first)) for start in sorted(starts)]


def _end(event: Event, first: date, reading: Reading) -> date:
    if "DTEND" in event:
        return _day(event, "DTEND", reading)
    if "DURATION" in event:
        duration: Any = event["DURATION"]
        lasts: timedelta = duration.dt
        if lasts % _ONE_DAY or not timedelta() < lasts <= EVENT_DAYS_MAX * _ONE_DAY:
            raise reading.refuse(event, f"a duration of {lasts}", expected=f"1 to {EVENT_DAYS_MAX} whole days")
        return first + lasts
    start: Any = event["DTSTART"]
    if isinstance(start.dt, datetime):
        raise reading.refuse(event, "a moment without an end", expected="whole days")
    return first + _ONE_DAY


def _day(event: Event, name: str, reading: Reading) -> date:
    if name not in event:
        raise reading.refuse(event, f"no {name}", expected=f"an event with {name}")
    value: Any = event[name]
    return _local_day(event, value.dt, value.params, reading)


def _local_day(event: Event, moment: object, params: Mapping[str, str], reading: Reading) -> date:
    """The local day that a date is, or that a moment begins."""
    if not isinstance(moment, datetime):
        if isinstance(moment, date):
            return _within_years(event, moment, reading)
        raise reading.refuse(event, f"{moment}, which is no day", expected="dates, or midnights")
    _within_years(event, moment.date(), reading)
    if moment.tzinfo is None:
        if "TZID" in params:
            raise reading.refuse(
                event,
                f"the zone “{params['TZID']}”",
                expected="a zone of the IANA database, or one that the file defines",
            )
        local = moment
    else:
        local = moment.astimezone(reading.zone).replace(tzinfo=None)
    if local.time() != time():
        raise reading.refuse(
            event,
            f"{moment.isoformat()}, which is {local.isoformat()} in {reading.zone.key}",
            expected="whole days: dates, or moments that are midnights there",
            todo="Use dates, or name the zone whose days they are.",
        )
    return local.date()


def _within_years(event: Event, day: date, reading: Reading) -> date:
    # One year more on either side, so that a zone or the length of an event never leads beyond what a date can be.
    if not YEAR_MIN < day.year < YEAR_MAX:
        raise reading.refuse(event, f"the day {day}", expected=f"years {YEAR_MIN + 1} to {YEAR_MAX - 1}")
    return day


def _listed(event: Event, name: str, reading: Reading) -> Iterator[date]:
    """The days that EXDATE or RDATE list."""
    lines: Any = event.get(name, [])
    for line in lines if isinstance(lines, list) else [lines]:
        for value in line.dts:
            yield _local_day(event, value.dt, line.params, reading)


def _recurrences(event: Event, first: date, reading: Reading) -> list[date]:
    """The days on which a yearly rule begins an event anew, within the years that are asked."""
    rule: Any = event.get("RRULE")
    if rule is None:
        return []
    if isinstance(rule, list) or not _is_plain(rule, first):
        raise reading.refuse(
            event,
            f"RRULE {_text(rule)}",
            expected="FREQ=YEARLY on the date of DTSTART, with INTERVAL, COUNT or UNTIL",
            todo="Write the dates out as events.",
        )
    until, count = _bounds(rule, event, reading)
    if not reading.years and (count is None or count >= YEAR_MAX) and (until is None or until.year >= YEAR_MAX):
        raise reading.refuse(
            event, f"RRULE {_text(rule)}, which never ends", expected="the years that are asked", todo="Name the years."
        )
    step = int(rule.get("INTERVAL", [1])[0])
    last_year = min(YEAR_MAX if until is None else until.year, max(reading.years or [YEAR_MAX]), YEAR_MAX - 1)
    same_dates = (_same_date(first, year) for year in range(first.year, last_year + 1, step))
    return [day for day in _counted(same_dates, count) if until is None or day <= until]


def _bounds(rule: Mapping[str, Any], event: Event, reading: Reading) -> tuple[date | None, int | None]:
    count = rule.get("COUNT")
    until = rule.get("UNTIL")
    if until is None:
        return None, None if count is None else int(count[0])
    moment = until[0]
    if isinstance(moment, datetime):
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(reading.zone).date()
    elif not isinstance(moment, date):
        raise reading.refuse(event, f"UNTIL {moment}", expected="a date")
    return moment, None


def _is_plain(rule: Mapping[str, Any], first: date) -> bool:
    on_its_date = {"BYMONTH": first.month, "BYMONTHDAY": first.day}
    same = all([int(value) for value in rule[part]] == [number] for part, number in on_its_date.items() if part in rule)
    both_ends = "COUNT" in rule and "UNTIL" in rule
    step = int(rule.get("INTERVAL", [1])[0])
    return rule.get("FREQ") == ["YEARLY"] and set(rule) <= _RULE_PARTS and same and not both_ends and step > 0


def _counted(days: Iterable[date | None], count: int | None) -> Iterator[date]:
    """The days there are, at most `count`: 29 February recurs in leap years alone, and only those count."""
    given = 0
    for day in days:
        if day is not None and (count is None or given < count):
            given += 1
            yield day


def _same_date(day: date, year: int) -> date | None:
    try:
        return day.replace(year=year)
    except ValueError:
        return None


def _text(rule: Any) -> str:
    return "; ".join(map(_text, rule)) if isinstance(rule, list) else str(rule.to_ical().decode())
