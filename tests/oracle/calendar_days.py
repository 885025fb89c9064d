"""Calendars read by hand: one day after the other, with `datetime.date` and nothing else.

A document is the plain JSON of a calendar. Lunar days are counted month by month from the first day of the table; the New
Years from 2008 to 2035 stand here as they are printed in almanacs, so that the spans around them are counted from other
numbers than the table's.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

ONE_DAY = timedelta(days=1)
SATURDAY = 5
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NEW_YEARS = {
    number: date.fromisoformat(day)
    for number, day in zip(
        range(2008, 2036),
        [
            "2008-02-07",
            "2009-01-26",
            "2010-02-14",
            "2011-02-03",
            "2012-01-23",
            "2013-02-10",
            "2014-01-31",
            "2015-02-19",
            "2016-02-08",
            "2017-01-28",
            "2018-02-16",
            "2019-02-05",
            "2020-01-25",
            "2021-02-12",
            "2022-02-01",
            "2023-01-22",
            "2024-02-10",
            "2025-01-29",
            "2026-02-17",
            "2027-02-06",
            "2028-01-26",
            "2029-02-13",
            "2030-02-03",
            "2031-01-23",
            "2032-02-11",
            "2033-01-31",
            "2034-02-19",
            "2035-02-08",
        ],
        strict=True,
    )
}

Document = Mapping[str, Any]


def spans(first: str, last: str) -> Iterator[date]:
    """Every day from one to another, both with them."""
    day = date.fromisoformat(first)
    while day <= date.fromisoformat(last):
        yield day
        day += ONE_DAY


def days_off(document: Document) -> set[date]:
    """Every day of every break."""
    return {day for year in document["years"].values() for ends in year["breaks"] for day in spans(*ends)}


def days_worked(document: Document) -> set[date]:
    """Every make-up workday."""
    return {date.fromisoformat(day) for year in document["years"].values() for day in year["worked"]}


def festivals(number: int, year: Mapping[str, Any]) -> list[tuple[str, date]]:
    """The festivals of a year, fixed ones first: those of the law but for the days around the Spring Festival."""
    fixed = [("1 January", date(number, 1, 1)), ("1 May", date(number, 5, 1)), ("1 October", date(number, 10, 1))]
    lunar = [("spring", NEW_YEARS[number])]
    for text in year["statutory"]:
        day = date.fromisoformat(text)
        if day.month == 4:
            lunar.append(("qingming", day))
        elif day.month in {5, 6} and day > date(number, 5, 3):
            lunar.append(("dragon boat", day))
        elif day.month == 9 or (day.month == 10 and day.day > 3):
            lunar.append(("mid-autumn", day))
    return fixed + lunar


def widest(document: Document) -> dict[str, tuple[int, int]]:
    """How many days before and after each festival the announced breaks since 2008 reached, at most.

    A break counts for the first festival of the list that lies in it, and for no other.
    """
    reach: dict[str, tuple[int, int]] = {}
    for text, year in document["years"].items():
        if year["state"] == "announced" and int(text) >= 2008:
            for first, last in year["breaks"]:
                held = [(name, day) for name, day in festivals(int(text), year) if day in set(spans(first, last))]
                for name, day in held[:1]:
                    before, after = reach.get(name, (0, 0))
                    earlier, later = (day - date.fromisoformat(first)).days, (date.fromisoformat(last) - day).days
                    reach[name] = (max(before, earlier), max(after, later))
    return reach


def doubted(document: Document) -> set[date]:
    """The days of predicted years that some notice since 2008 took off at the same distance from the same festival."""
    reach = widest(document)
    found = set()
    for text, year in document["years"].items():
        if year["state"] == "predicted":
            own = {day for ends in year["breaks"] for day in spans(*ends)}
            for name, day in festivals(int(text), year):
                before, after = reach.get(name, (0, 0))
                found |= {day + timedelta(days=place) for place in range(-before, after + 1)} - own
    return found - days_off(document)


class PlainCalendar:
    """A calendar in which one day is asked at a time."""

    def __init__(self, document: Document) -> None:
        """Read a document."""
        self.off, self.worked, self.doubtful = days_off(document), days_worked(document), doubted(document)
        self.states = {int(text): year["state"] for text, year in document["years"].items()}

    def works(self, day: date) -> bool:
        """Whether a day is worked, where a doubtful day rests."""
        if day in self.off or day in self.doubtful:
            return False
        return day.weekday() < SATURDAY or day in self.worked

    def nth_after(self, day: date, n: int) -> date:
        """The n-th working day after a day; none: the first one that is not before it."""
        if n == 0:
            while not self.works(day):
                day += ONE_DAY
        for _ in range(n):
            day += ONE_DAY
            while not self.works(day):
                day += ONE_DAY
        return day

    def rests_on_prediction(self, first: date, last: date) -> bool:
        """Whether a day of a range, or one up to three days after it, lies in a predicted year."""
        day = first
        while day <= last:
            if "predicted" in {self.states[day.year], self.states[(day + 3 * ONE_DAY).year]}:
                return True
            day += ONE_DAY
        return False


def lunar_days(table: Mapping[str, Any]) -> dict[date, tuple[int, int, int, bool]]:
    """Year, month, day and leap of every civil day that a table of lunar months spans, counted day by day."""
    day, found = date.fromisoformat(table["first"]), {}
    for text, year in table["years"].items():
        month, leap_now = 1, False
        for letter in year["months"]:
            for of_month in range(1, (30 if letter == "L" else 29) + 1):
                found[day] = (int(text), month, of_month, leap_now)
                day += ONE_DAY
            leap_now = month == year["leap"] and not leap_now
            month += not leap_now
    return found


def carrier_opens(carrier: Mapping[str, Any], calendar: PlainCalendar, *, region: str, leg: str, day: date) -> bool:
    """Whether a carrier picks up, moves or delivers on a day: suspended, then said of the region, then of all, then the week."""
    said = [
        item
        for item in carrier.get("dated", [])
        if leg in item.get("calendars", ["shipping", "transit", "delivery"])
        and date.fromisoformat(item["first_day"]) <= day <= date.fromisoformat(item["last_day"])
    ]
    here = [item["what"] for item in said if region in item.get("regions", ["*"])]
    everywhere = [item["what"] for item in said if "*" in item.get("regions", ["*"])]
    if "suspended" in here + everywhere:
        return False
    for ranked in (here, everywhere):
        if ranked:
            return ranked[0] == "works"
    rules = carrier["rules"]
    named = [rule for rule in rules if region in rule.get("regions", ["*"])]
    rule = (named or [rule for rule in rules if "*" in rule.get("regions", ["*"])])[0]
    return _week_opens(rule[leg], calendar, day)


def _week_opens(week: Mapping[str, Any], calendar: PlainCalendar, day: date) -> bool:
    if "workdays_of" in week:
        return calendar.works(day)
    rests = "rests_in_breaks_of" in week and (day in calendar.off or day in calendar.doubtful)
    return WEEKDAYS[day.weekday()] in week["days"] and not rests


def surcharges(carrier: Mapping[str, Any], *, region: str, day: date) -> Iterable[Mapping[str, Any]]:
    """What a carrier adds on a day in a region."""
    for item in carrier.get("surcharges", []):
        regions = item.get("regions", ["*"])
        if (region in regions or "*" in regions) and day in set(spans(item["first_day"], item["last_day"])):
            yield item
