"""Lengths of time as ISO 8601 writes them: P30D, P2W, P1M and P1Y run by the calendar, PT720H to the second.

The two are different promises: thirty days end at a midnight, 720 hours end at the second they began. A length that
mixes both is refused, because it would say neither.
"""

import re
from dataclasses import dataclass

from houbei.errors import TermsError

YEARS_MAX = 100
"""A promise for longer is taken for a typing error."""

_CALENDAR = re.compile(r"P(?=[0-9])(?:([0-9]{1,6})Y)?(?:([0-9]{1,6})M)?(?:([0-9]{1,6})D)?")
_WEEKS = re.compile(r"P([0-9]{1,6})W")
_EXACT = re.compile(r"PT(?=[0-9])(?:([0-9]{1,6})H)?(?:([0-9]{1,6})M)?(?:([0-9]{1,6})S)?")
_MIXED = re.compile(r"P[0-9].*T.*")
_SECOND_US = 1_000_000
_DAYS_MAX = YEARS_MAX * 366


@dataclass(frozen=True, slots=True, kw_only=True)
class Length:
    """A length of time: calendar (years, months, days; ends at a local midnight) or exact (microseconds).

    A calendar length has `exact_us` None; an exact one has the other three at 0.
    """

    years: int = 0
    months: int = 0
    days: int = 0
    exact_us: int | None = None


def parse_length(text: str, *, where: str = "a length") -> Length:
    """Read one length.

    Args:
        text: Years, months and days (`P1Y6M`, `P30D`), weeks alone (`P2W`), or hours, minutes and seconds (`PT1H30M`).
        where: The document and field it stands in, for messages.

    Raises:
        TermsError: It is no such length, mixes calendar and clock, or is longer than a hundred years.
    """
    if weeks := _WEEKS.fullmatch(text):
        return _checked(Length(days=7 * int(weeks[1])), text, where=where)
    if calendar := _CALENDAR.fullmatch(text):
        years, months, days = (int(number or 0) for number in calendar.groups())
        return _checked(Length(years=years, months=months, days=days), text, where=where)
    if exact := _EXACT.fullmatch(text):
        hours, minutes, seconds = (int(number or 0) for number in exact.groups())
        return _checked(Length(exact_us=(hours * 3600 + minutes * 60 + seconds) * _SECOND_US), text, where=where)
    todo = "Write whole numbers: P30D ends at a midnight, PT720H to the second."
    if _MIXED.fullmatch(text):
        todo = "Choose one: days end at a midnight, hours to the second. A day and a half is PT36H."
    raise TermsError(came=f"“{text[:40]}”", where=where, expected="a length as ISO 8601 writes it", todo=todo)


def _checked(length: Length, text: str, *, where: str) -> Length:
    days = length.years * 366 + length.months * 31 + length.days + (length.exact_us or 0) // (86_400 * _SECOND_US)
    if days > _DAYS_MAX:
        raise TermsError(
            came=f"“{text}”",
            where=where,
            expected=f"at most {YEARS_MAX} years",
            todo="Check the number and its letter: M after T is minutes, before it months.",
        )
    return length
