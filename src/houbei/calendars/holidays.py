"""Calendars of holidays: which days are statutory, which belong to an official break, and which are worked instead.

China's are announced data that no rule computes: `cn.json` holds what was announced, year by year, with its notices and
the law in force, and predicts the years after. Other countries come from the package `holidays`, which computes every
year alike and says nothing of what was announced; its years count as predicted until they are past.

Limitations: China before 2007 and after 2035 is refused. Where Mid-Autumn falls on 1 October (2020), the law grants a
day elsewhere; only the date itself is marked statutory. The one-off day off of 2015-09-03 belongs to a break and is not
statutory: the regulation says such memorial days are not days off. Other countries know no make-up days, and their
official breaks are their public holidays.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from houbei.calendars.days import date_of
from houbei.calendars.documents import PACKAGED, CalendarDocument, State, Year, packaged_document, runs_of
from houbei.calendars.doubt import doubtful_days
from houbei.errors import InputError

DayNumbers = NDArray[np.int64]
"""Days since 1970-01-01, ascending."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Calendar:
    """Some years of one calendar.

    `statutory`, `breaks` and `worked` are day numbers: days off by law, days of official breaks (the statutory ones
    among them), and make-up working days. `doubtful` are days of predicted years, outside the predicted breaks, that a
    notice could still take off. `weekend` holds weekdays, Monday 0. `version` names the data,
    `sha256` the document that it was read from, where it was.
    """

    id: str
    version: str
    sha256: str | None
    from_year: int
    to_year: int
    statutory: DayNumbers
    breaks: DayNumbers
    worked: DayNumbers
    doubtful: DayNumbers
    weekend: frozenset[int]
    announced: frozenset[int]
    is_computed: bool

    def state(self, year: int, *, as_of_year: int) -> State:
        """Say whether a year was announced, seen from another year: a computed one counts once it is past."""
        past = self.is_computed and year < as_of_year
        return State.ANNOUNCED if past or year in self.announced else State.PREDICTED


@lru_cache(maxsize=64)
def load(calendar_id: str, *, from_year: int, to_year: int) -> Calendar:
    """Load some years of a calendar.

    Args:
        calendar_id: `cn`, or an ISO 3166 country such as `de`, with a subdivision as in `de-by`.
        from_year: The first year.
        to_year: The last year.

    Raises:
        InputError: No such calendar, or it does not have these years.

    Cost: a few milliseconds; a country other than China loads its package first.
    """
    if calendar_id in PACKAGED:
        return calendar_of(packaged_document(calendar_id), from_year, to_year)
    return _load_country(calendar_id, from_year, to_year)


def calendar_of(document: CalendarDocument, from_year: int, to_year: int) -> Calendar:
    """Give some years of a document as arrays.

    Args:
        document: A packaged calendar, or one that stands in its place.
        from_year: The first year.
        to_year: The last year.

    Raises:
        InputError: the document does not have these years.
    """
    years = {int(year): found for year, found in document.years.items()}
    _check_years(document.id, (from_year, to_year), (min(years), max(years)))
    # A notice may reach into the days before its own year, so one more year is read.
    wanted = [found for year, found in years.items() if from_year <= year <= to_year + 1]
    breaks = _numbers(day.isoformat() for found in wanted for day in found.off_days)
    return Calendar(
        id=document.id,
        version=document.version,
        sha256=document.sha256,
        from_year=from_year,
        to_year=to_year,
        statutory=_numbers(day for found in wanted for day in found.statutory),
        breaks=breaks,
        worked=_numbers(day for found in wanted for day in found.worked),
        doubtful=np.setdiff1d(doubtful_days(document, range(from_year, to_year + 2)), breaks),
        weekend=frozenset(document.weekend),
        announced=frozenset(document.announced),
        is_computed=False,
    )


def computed_document(calendar_id: str, *, years: Sequence[int]) -> CalendarDocument:
    """Write some years of a computed calendar as a document, all of them predicted, so that notices can be merged into it.

    Args:
        calendar_id: As `load` takes it.
        years: Which ones; the years between them are written too.

    Raises:
        InputError: no such calendar, or it does not have these years.
    """
    first, last = min(years), max(years)
    calendar = load(calendar_id, from_year=first, to_year=last)
    off = [date_of(int(day)) for day in calendar.breaks]
    return CalendarDocument(
        id=calendar_id,
        version=f"{first}.0",
        about=f"Public holidays of {calendar_id}, computed by the package {calendar.version}.",
        weekend=tuple(sorted(calendar.weekend)),
        years={
            str(year): Year(
                state=State.PREDICTED,
                notices=(),
                statutory=tuple(day.isoformat() for day in off if day.year == year),
                breaks=runs_of(day for day in off if day.year == year),
                worked=(),
            )
            for year in range(first, last + 1)
        },
    )


def _load_country(calendar_id: str, from_year: int, to_year: int) -> Calendar:
    # Loaded only by terms that roll over another country's holidays.
    import holidays  # noqa: PLC0415
    from holidays.version import __version__ as release  # noqa: PLC0415

    known = re.fullmatch(r"([a-z]{2})(?:-([a-z0-9]{1,3}))?", calendar_id)
    try:
        if known is None:
            raise NotImplementedError  # noqa: TRY301  an ill-formed name ends as an unknown one does
        country = holidays.country_holidays(
            known[1].upper(), subdiv=known[2].upper() if known[2] else None, years=range(from_year, to_year + 1)
        )
    except NotImplementedError as error:
        raise InputError(
            came=f"the calendar “{calendar_id}”",
            where="calendar",
            expected="cn or an ISO 3166 country such as de, with a subdivision as in de-by",
            todo="Correct the id, or give the path of a calendar document.",
        ) from error
    _check_years(calendar_id, (from_year, to_year), (country.start_year, country.end_year))
    days = _numbers(day.isoformat() for day in country)
    return Calendar(
        id=calendar_id,
        version=f"holidays {release}",
        sha256=None,
        from_year=from_year,
        to_year=to_year,
        statutory=days,
        breaks=days,
        worked=_numbers(()),
        doubtful=_numbers(()),
        weekend=frozenset(country.weekend),
        announced=frozenset(),
        is_computed=True,
    )


def _check_years(calendar_id: str, asked: tuple[int, int], had: tuple[int, int]) -> None:
    if not had[0] <= asked[0] <= asked[1] <= had[1]:
        raise InputError(
            came=f"the years {asked[0]} to {asked[1]}",
            where=f"calendar {calendar_id}",
            expected=f"years within {had[0]} to {had[1]}",
            todo="Correct the dates, or take a calendar that has these years.",
        )


def _numbers(days: Iterable[str]) -> DayNumbers:
    numbers = np.unique(np.array(list(days), dtype="datetime64[D]").astype(np.int64))
    numbers.flags.writeable = False
    return numbers
