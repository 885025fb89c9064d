"""One language of the console as of one moment: its sentences, money, days and times, all on the clock of the promise's zone."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from babel.dates import get_timezone_location
from markupsafe import Markup

from houbei.backtest.report.amounts import Denomination
from houbei.backtest.report.tongue import Amount, Said, Tongue, tongues
from houbei.evidence.amounts import MINUS, amount_text
from houbei.money import POINTS, exponent_of
from houbei.web import (
    words_en,
    words_en_cases,
    words_en_deliveries,
    words_en_steps,
    words_zh,
    words_zh_cases,
    words_zh_deliveries,
    words_zh_steps,
)

LANGUAGES = ("zh", "en")
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_ENGLISH, _CHINESE = tongues(frozenset(), with_years=False)
ENGLISH = {**words_en.WORDS, **words_en_cases.WORDS, **words_en_steps.WORDS, **words_en_deliveries.WORDS}
CHINESE = {**words_zh.WORDS, **words_zh_cases.WORDS, **words_zh_steps.WORDS, **words_zh_deliveries.WORDS}
_TONGUES: dict[str, Tongue] = {"en": replace(_ENGLISH, words=ENGLISH), "zh": replace(_CHINESE, words=CHINESE)}
Stretch = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """A language, a zone, the day that it is, and the year that dates need not name."""

    language: str
    zone: str
    today: dt.date
    year: int

    @property
    def lang(self) -> str:
        """The language as HTML names it."""
        return self._tongue.lang

    @property
    def _tongue(self) -> Tongue:
        return _TONGUES[self.language]

    def say(self, key: str, *, n: int | None = None, **values: object) -> Said:
        """Say a sentence; see `Tongue.say`."""
        return self._tongue.say(key, n=n, **values)

    def has(self, key: str) -> bool:
        """Tell whether there are words for `key`."""
        return self._tongue.has(key)

    def number(self, number: int) -> str:
        """Write a small count as a word where the language has one for it."""
        return self._tongue.number(number)

    def zone_name(self) -> Said:
        """Name the zone as people do: by its own name, or by its city."""
        if self.has(f"zone_{self.zone}"):
            return self.say(f"zone_{self.zone}")
        city: str = get_timezone_location(self.zone, locale=self._tongue.locale, return_city=True)
        return self.say("zone", zone=city)

    def number_text(self, number: int) -> str:
        """Write a count with thousands commas."""
        return self._tongue.count(number)

    # --- money --------------------------------------------------------------------------------------------------------

    def money(self, minor: int, currency: str) -> Amount:
        """Write an amount with its sign of currency, points with their word; a negative one with a true minus sign before that."""
        if currency == POINTS:
            return Amount((MINUS if minor < 0 else "") + str(self.say("points", n=abs(minor))))
        amount = self._tongue.money(abs(minor), Denomination(currency, exponent_of(currency)))
        return Amount(MINUS + amount) if minor < 0 else amount

    def amount(self, minor: int, currency: str) -> str:
        """Write an amount for a column that names its currency, points with their word all the same; a negative one with a true minus sign."""
        if currency == POINTS:
            return str(self.money(minor, currency))
        return (MINUS if minor < 0 else "") + amount_text(abs(minor), currency)

    def minus(self, minor: int, currency: str) -> str:
        """Write an amount that is taken away in a sum, as one writes it by hand."""
        return f"{MINUS} {amount_text(minor, currency)}"

    def moneys(self, amounts: Sequence[tuple[str, int]]) -> Markup:
        """Write amounts of several currencies one after the other."""
        return Markup(str(self.say("and"))).join(self.money(minor, currency) for currency, minor in amounts)  # noqa: S704  our own word

    # --- time ---------------------------------------------------------------------------------------------------------

    def local(self, us: int) -> dt.datetime:
        """Give a moment on the clock of the zone."""
        return (_EPOCH + dt.timedelta(microseconds=us)).astimezone(ZoneInfo(self.zone))

    def day(self, day: dt.date) -> str:
        """Write a day; with its year where that is not this year's."""
        text = day.isoformat()
        return self._tongue.bare_date(text) if day.year == self.year else self._tongue.full_date(text)

    def weekday(self, day: dt.date) -> Said:
        """Write a day with its day of the week."""
        return self.say(f"weekday_{day.weekday()}", day=self.day(day))

    def time(self, us: int, *, seconds: bool = False) -> str:
        """Write the time of day of a moment, to the minute or the second."""
        return f"{self.local(us):%H:%M:%S}" if seconds else f"{self.local(us):%H:%M}"

    def moment(self, us: int, *, seconds: bool = False) -> str:
        """Write a moment."""
        date = self.day(self.local(us).date())
        return self._tongue.dates["moment"].format(date=date, time=self.time(us, seconds=seconds))

    def due(self, us: int) -> str:
        """Write a moment that something is or was due at; by today, tomorrow or yesterday where it is."""
        days = (self.local(us).date() - self.today).days
        key = {0: "due_today", 1: "due_tomorrow", -1: "due_yesterday"}.get(days)
        return self.moment(us) if key is None else str(self.say(key, time=self.time(us)))

    def relative(self, day: dt.date, *, alone: bool = False) -> str:
        """Call a day today or yesterday where it is, else by its date, which begins a sentence or stands alone."""
        days = (self.today - day).days
        key = {0: "today", 1: "yesterday"}.get(days)
        if key is None:
            return self.day(day) if alone else str(self.say("on_day", day=self.day(day)))
        return str(self.say(key))

    def stretch(self, day: dt.date, *, days: int = 1) -> Stretch:
        """Give the moments of local days, the last of which is `day`: from and until, µs UTC, half open."""
        return self._midnight(day - dt.timedelta(days=days - 1)), self._midnight(day + dt.timedelta(days=1))

    def stretches(self, last: dt.date, *, days: int) -> list[Stretch]:
        """Give the moments of each of some local days, the last of which is `last`."""
        return [self.stretch(last - dt.timedelta(days=back)) for back in reversed(range(days))]

    def _midnight(self, day: dt.date) -> int:
        at = dt.datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.zone))
        return (at.astimezone(dt.UTC) - _EPOCH) // dt.timedelta(microseconds=1)


def length_text(speech: Speech, length_us: int) -> str:
    """Write how long something took: days and hours, or hours and minutes where it took less than a day."""
    minutes = length_us // 60_000_000
    days, hours = divmod(minutes // 60, 24)
    parts = (("days", days), ("hours", hours)) if days else (("hours", hours), ("minutes", minutes % 60))
    said = [str(speech.say(f"length_{name}", n=n)) for name, n in parts if n] or [
        str(speech.say("length_minutes", n=0))
    ]
    return ("" if speech.language == "zh" else " ").join(said)


def stamp_day(speech: Speech, day: dt.date) -> Said:
    """Write the day that a page is of, with its day of the week; with its year where that is over, since then no other date names it."""
    return replace(speech, year=speech.today.year).weekday(day)
