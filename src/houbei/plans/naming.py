"""How days, regions, carriers and surcharges of a plan are called in one language."""

from dataclasses import dataclass

import numpy as np

from houbei.backtest.report.telling import speaking
from houbei.backtest.report.tongue import Said, Tongue
from houbei.calendars.carrier_documents import Texts
from houbei.calendars.days import date_of, weekday_of
from houbei.calendars.lunar import lunar_of, name_lunar_day
from houbei.delivery.festival import Plan, SurchargeItem
from houbei.delivery.festival_checks import Finding
from houbei.plans.words_en import WORDS as ENGLISH
from houbei.plans.words_zh import WORDS as CHINESE

_FEASTS = {(12, 23): "p_little_new_year", (1, 1): "p_new_year_day", (1, 15): "p_lantern"}
"""Lunar days that have a name of their own; the eve has one in every language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """The words of one language for a plan."""

    tongue: Tongue
    plan: Plan

    @property
    def short_lang(self) -> str:
        """The language as texts in both languages know it: zh or en."""
        return self.tongue.lang.partition("-")[0]

    def say(self, key: str, *, n: int | None = None, **values: object) -> Said:
        """Say a sentence."""
        return self.tongue.say(key, n=n, **values)

    def words(self, texts: Texts) -> str:
        """Give the words of this language."""
        return texts.zh if self.short_lang == "zh" else texts.en

    def region(self, key: str) -> str:
        """Name a region."""
        return next((self.words(found.title) for found in self.plan.regions if found.id == key), key)

    def carrier(self, key: str | None) -> str:
        """Name a carrier; None is any."""
        if key is None:
            return str(self.say("p_anybody"))
        return next((self.words(found.title) for found in self.plan.carriers if found.id == key), key)

    def date(self, day: int) -> str:
        """Write a day without its year."""
        return self.tongue.bare_date(date_of(day).isoformat())

    def weekday(self, day: int) -> str:
        """Name a weekday in short."""
        return str(self.say(f"p_weekday_{int(weekday_of(np.array([day]))[0])}"))

    def lunar(self, day: int) -> str:
        """Name a lunar day: by its feast where it is one."""
        found = lunar_of(np.array([day]))
        month, number, is_leap = int(found.month[0]), int(found.day[0]), bool(found.is_leap[0])
        feast = None if is_leap else _FEASTS.get((month, number))
        if feast is not None:
            return str(self.say(feast))
        return name_lunar_day(month, number, is_leap=is_leap, is_eve=bool(found.is_eve[0]), lang=self.short_lang)

    def lunar_short(self, day: int) -> str:
        """Name a lunar day for the head of a column: 廿八, 除夕, 初一; 12/28, 1/1."""
        found = lunar_of(np.array([day]))
        if self.short_lang == "zh":
            return self.lunar(day)[-2:]
        return f"{int(found.month[0])}/{int(found.day[0])}"

    def day(self, day: int) -> str:
        """Name a day in full."""
        return str(self.say("p_day", date=self.date(day), weekday=self.weekday(day), lunar=self.lunar(day)))

    def days(self, first: int, last: int) -> str:
        """Name a day, or a run of days."""
        if first == last:
            return self.day(first)
        return str(self.say("p_span", first=self.day(first), last=self.day(last)))

    def surcharge(self, item: SurchargeItem) -> str:
        """Say what is charged on top."""
        per = str(self.say(f"p_per_{item.per.value}"))
        text = self.say("p_surcharge_unknown", per=per)
        if item.at_least is not None:
            text = self.say("p_surcharge_between", low=item.at_least, high=item.at_most, per=per)
        return str(text if item.service is None else self.say("p_surcharge_service", text=text, service=item.service))

    def finding(self, found: Finding) -> str:
        """Say what the plan forgets."""
        figures = dict(found.figures)
        return str(
            self.say(
                f"p_missing_{found.missing.value}",
                n=figures.pop("promises", None),
                region=self.region(found.region),
                carrier=self.carrier(found.carrier),
                days=self.days(found.first_day, found.last_day),
                **figures,
            )
        )


def namings(plan: Plan) -> tuple[Naming, Naming]:
    """Make the namings of a plan: English, Chinese."""
    english, chinese = speaking(frozenset({plan.currency}), with_years=True, english=ENGLISH, chinese=CHINESE)
    return Naming(tongue=english, plan=plan), Naming(tongue=chinese, plan=plan)
