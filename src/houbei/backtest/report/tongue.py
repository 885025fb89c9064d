"""One language of the report: its sentences, its money, its dates. Every text a reader sees passes through here."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from zoneinfo import ZoneInfo

from babel.numbers import get_currency_name, get_currency_symbol
from markupsafe import Markup

from houbei.backtest.report.amounts import (
    Denomination,
    Scale,
    decimal_text,
    per_cent,
    scaled_text,
    trimmed_text,
    whole_per_cent,
)
from houbei.backtest.report.words_en import WORDS as ENGLISH
from houbei.backtest.report.words_zh import WORDS as CHINESE

Word = str | tuple[str, str]
"""A sentence, or its singular and its plural."""

LARGE_MAJOR = 1000
"""From so many major units on, an amount in a sentence or a drawing is rounded to whole ones; tables keep the cents."""

SHORT_CHARS_MAX = 9
"""An amount longer than this is shortened in a drawing."""

NO_BREAK = "\N{NO-BREAK SPACE}"

PARTS = tuple(
    sorted(
        {
            Fraction(0),
            *(Fraction(tenths, 10) for tenths in range(1, 11)),
            *(Fraction(n, d) for d in (3, 4) for n in range(1, d)),
        }
    )
)
"""The shares that have a word of their own."""
PART_TOLERANCE = Fraction(1, 66)
"""How far a share may lie from the one whose word it takes; nothing and all are exact."""


class Amount(str):
    """Money as text. In prose it keeps its distance from 汉字, which automatic spacing does not see at a currency sign."""

    __slots__ = ()

    def __html__(self) -> Markup:
        """Write the amount, with the class that gives it its distance where it begins with a sign."""
        text = str(self)
        return Markup.escape(text) if text[0].isalnum() else Markup('<span class="m">{}</span>').format(text)


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence twice: as plain text for names and descriptions, as HTML for the page."""

    text: str
    html: Markup

    def __str__(self) -> str:
        """Give the plain text."""
        return self.text

    def __html__(self) -> Markup:
        """Give the HTML."""
        return self.html


@dataclass(frozen=True, slots=True, kw_only=True)
class Tongue:
    """A language: `lang` as HTML names it, its words, and how it shortens large amounts."""

    lang: str
    locale: str
    words: Mapping[str, Word]
    scales: tuple[Scale, ...]
    dates: Mapping[str, str]
    months: tuple[str, ...] = ()
    yuan_alone: bool = True
    with_years: bool = False

    def say(self, key: str, *, n: int | None = None, **values: object) -> Said:
        """Say the sentence `key`; `n` chooses singular or plural and is one of its values."""
        word = self.words[key]
        if isinstance(word, tuple):
            word = word[0] if n == 1 else word[1]
        if n is not None:
            values["n"] = f"{n:,}"
        shown = {name: value if hasattr(value, "__html__") else str(value) for name, value in values.items()}
        return Said(
            text=word.format(**{name: str(value) for name, value in shown.items()}),
            html=Markup(word).format(**shown),  # noqa: S704  the words are ours; Markup.format escapes every value
        )

    def has(self, key: str) -> bool:
        """Tell whether there are words for `key`."""
        return key in self.words

    # --- money -------------------------------------------------------------------------------------------------------

    def symbol(self, currency: str) -> str:
        """Give the sign to write before an amount; a sign made of letters is followed by a space that does not break."""
        if currency == "CNY" and self.yuan_alone:
            return "¥"
        sign = str(get_currency_symbol(currency, locale=self.locale))
        return sign + NO_BREAK if sign[-1].isalpha() else sign

    def currency_name(self, currency: str) -> str:
        """Name a currency in the plural, as in "prices in euros"."""
        return str(get_currency_name(currency, count=2, locale=self.locale))

    def money(self, minor: int, unit: Denomination) -> Amount:
        """Write an amount to its last digit."""
        return Amount(self.symbol(unit.currency) + decimal_text(Fraction(minor, 10**unit.exponent), unit.exponent))

    def about(self, minor: int, unit: Denomination) -> Amount:
        """Write an amount for a sentence: whole major units once there are `LARGE_MAJOR` of them."""
        if minor < LARGE_MAJOR * 10**unit.exponent:
            return self.money(minor, unit)
        return Amount(self.symbol(unit.currency) + decimal_text(Fraction(minor, 10**unit.exponent), 0))

    def short(self, minor: int, unit: Denomination) -> str:
        """Write an amount for a drawing: as in a sentence while it is short, then to three figures: k, m, bn, tn; 万, 亿, 万亿."""
        plain = str(self.about(minor, unit))
        text = scaled_text(Fraction(minor, 10**unit.exponent), self.scales)
        return plain if text is None or len(plain) <= SHORT_CHARS_MAX else self.symbol(unit.currency) + text

    def tick(self, minor: Fraction, unit: Denomination) -> str:
        """Write an amount for an axis: no sign, no idle zeros."""
        major = minor / 10**unit.exponent
        for scale in self.scales:
            if major >= scale.size:
                return trimmed_text(major / scale.size, 2) + scale.word
        return trimmed_text(major, 4)

    def edge(self, minor: int, unit: Denomination) -> str:
        """Write the edge of a bin: like a tick, but with all its digits where there are any after the point."""
        whole = minor % 10**unit.exponent == 0
        return (
            self.tick(Fraction(minor), unit)
            if whole
            else decimal_text(Fraction(minor, 10**unit.exponent), unit.exponent)
        )

    # --- shares and counts -------------------------------------------------------------------------------------------

    def count(self, number: int) -> str:
        """Write a count with thousands commas."""
        return f"{number:,}"

    def share(self, part: int, whole: int) -> str | None:
        """Write part of whole as a percentage; None when there is no whole."""
        return per_cent(part, whole) if whole else None

    def part(self, part: int, whole: int) -> str:
        """Name part of whole in a word where one is near enough, else as a percentage."""
        share = Fraction(part, whole)
        nearest = min(PARTS, key=lambda known: (abs(known - share), known))
        tolerance = PART_TOLERANCE if 0 < nearest < 1 else 0
        return str(self.say(f"part_{nearest}")) if abs(nearest - share) <= tolerance else whole_per_cent(part, whole)

    def number(self, number: int) -> str:
        """Write a small number as a word, a larger one in digits."""
        return str(self.say(f"number_{number}")) if self.has(f"number_{number}") else self.count(number)

    # --- dates -------------------------------------------------------------------------------------------------------

    def date(self, text: str) -> str:
        """Write an ISO date; with its year when the history spans several."""
        return self._dated("date_year" if self.with_years else "date", dt.date.fromisoformat(text))

    def full_date(self, text: str) -> str:
        """Write an ISO date with its year."""
        return self._dated("date_year", dt.date.fromisoformat(text))

    def bare_date(self, text: str) -> str:
        """Write an ISO date without its year, whatever the history spans."""
        return self._dated("date", dt.date.fromisoformat(text))

    def moment(self, text: str, zone: str) -> str:
        """Write an ISO moment as the date and the minute it was in a zone."""
        local = dt.datetime.fromisoformat(text).astimezone(ZoneInfo(zone))
        return self.dates["moment"].format(date=self._dated("date_year", local), time=f"{local:%H:%M}")

    def short_date(self, text: str) -> str:
        """Write an ISO date for a drawing; the year stands on its axis."""
        return self._dated("short", dt.date.fromisoformat(text))

    def month(self, day: dt.date, *, year: bool) -> str:
        """Name a month for an axis."""
        return self._dated("month_year" if year else "month", day)

    def _dated(self, shape: str, day: dt.date) -> str:
        month = self.months[day.month - 1] if self.months else ""
        return self.dates[shape].format(y=day.year, m=day.month, d=day.day, month=month, mon=month[:3])


MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def tongues(currencies: frozenset[str], *, with_years: bool) -> tuple[Tongue, Tongue]:
    """Make the two languages of one report.

    Args:
        currencies: All that occur: a bare ¥ means yuan only where no yen stands beside it.
        with_years: The history spans several years, so dates carry theirs.
    """
    english = Tongue(
        lang="en",
        locale="en",
        words=ENGLISH,
        scales=(Scale(10**12, "tn"), Scale(10**9, "bn"), Scale(10**6, "m"), Scale(10**3, "k")),
        dates={
            "date": "{d} {month}",
            "moment": "{date}, {time}",
            "date_year": "{d} {month} {y}",
            "short": "{d} {mon}",
            "month": "{mon}",
            "month_year": "{y} {mon}",
        },
        months=MONTHS,
        yuan_alone="JPY" not in currencies,
        with_years=with_years,
    )
    chinese = Tongue(
        lang="zh-Hans",
        locale="zh_Hans",
        words=CHINESE,
        scales=(Scale(10**12, "万亿"), Scale(10**8, "亿"), Scale(10**4, "万")),
        dates={
            "date": "{m}月{d}日",
            "moment": "{date} {time}",
            "date_year": "{y}年{m}月{d}日",
            "short": "{m}月{d}日",
            "month": "{m}月",
            "month_year": "{y}年{m}月",
        },
        yuan_alone=True,
        with_years=with_years,
    )
    return english, chinese
