"""A year of a calendar and a carrier's days as plain text."""

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from datetime import date

import numpy as np
from numpy.typing import NDArray

from houbei.calendars.carriers import CarrierDays, Surcharge
from houbei.calendars.days import date_of, day_number
from houbei.calendars.documents import State
from houbei.calendars.holidays import Calendar
from houbei.calendars.lunar import lunar_of, name_day_of_month, name_lunar_month
from houbei.money import text_of

_LUNAR = {"cn", "hk", "mo", "tw"}
"""Calendars whose days are shown with their lunar names."""
_CELL = 9
_WEEK = 7
_Draw = Callable[[date], str]
_WEEKDAYS = {
    "zh": ("一", "二", "三", "四", "五", "六", "日"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
_MARKS = {
    "zh": {"statutory": "假", "off": "休", "worked": "班", "doubtful": "？"},
    "en": {"statutory": "off*", "off": "off", "worked": "work", "doubtful": "off?"},
}
_LEGEND = {
    "zh": "假 法定假日，休 放假调休，班 调休上班，？ 尚未公布而通知仍可能安排休息",
    "en": "off* by law, off in a break, work make-up workday, off? not announced, and a notice could still take it off",
}
_LEGS = {
    "zh": (("shipping", "揽收"), ("transit", "运输"), ("delivery", "派送")),
    "en": (("shipping", "picks up"), ("transit", "moves"), ("delivery", "delivers")),
}


def year_page(calendar: Calendar, year: int, *, papers: tuple[str, ...], language: str) -> str:
    """Draw a year of a calendar, month by month; the second line of a week holds lunar days, where the calendar has them.

    Args:
        calendar: It holds the year.
        year: Which one.
        papers: In which it was announced.
        language: `zh` or `en`.
    """
    state = calendar.state(year, as_of_year=year)
    words = {
        ("zh", State.ANNOUNCED): "已公布",
        ("zh", State.PREDICTED): "预测，尚未公布",
        ("en", State.ANNOUNCED): "announced",
        ("en", State.PREDICTED): "predicted, not announced",
    }
    hashed = "" if calendar.sha256 is None else f" {calendar.sha256[:8]}"
    head = [f"{calendar.id} {calendar.version}{hashed} · {year} · {words[language, state]}", *papers]
    mark = _marks_of(calendar, language)
    lunar = _lunar_names(year, language) if calendar.id.partition("-")[0] in _LUNAR else None
    months = [_month(date(year, month, 1), mark, lunar, language) for month in range(1, 13)]
    return "\n".join([*head, *(f"\n{month}" for month in months), "", _LEGEND[language]])


def carrier_page(days: CarrierDays, numbers: NDArray[np.int64], *, language: str) -> str:
    """List the days on which a carrier does not do everything, or adds something, stretch by stretch.

    Args:
        days: The carrier's tables.
        numbers: Their columns, days since 1970-01-01.
        language: `zh` or `en`.
    """
    lines = [days.carrier]
    for row, region in enumerate(days.regions):
        lines += ["", region]
        said = [_said_of_day(days, row, column, int(day), language) for column, day in enumerate(numbers)]
        lines += [f"  {first} … {last}  {what}" for first, last, what in _stretches(numbers, said) if what]
    return "\n".join(lines)


def _said_of_day(days: CarrierDays, row: int, column: int, day: int, language: str) -> str:
    opened = [word for leg, word in _LEGS[language] if getattr(days, leg)[row, column]]
    nothing, only = ("全部停止", "仅") if language == "zh" else ("nothing", "only ")
    parts = [] if len(opened) == len(_LEGS[language]) else [only + ", ".join(opened) if opened else nothing]
    if days.provisional[row, column] and parts:
        parts.append("暂定" if language == "zh" else "provisional")
    parts += [_said_of_surcharge(surcharge, language) for surcharge in days.surcharges_on(day, days.regions[row])]
    return "; ".join(parts)


def _said_of_surcharge(surcharge: Surcharge, language: str) -> str:
    zh = language == "zh"
    per = {"kg": "公斤", "parcel": "件"}[surcharge.per] if zh else surcharge.per
    least, most = surcharge.at_least_minor, surcharge.at_most_minor
    if least is None or most is None:
        amount = "金额未公布" if zh else "amount not said"
    else:
        ends = [text_of(minor, surcharge.currency) for minor in sorted({least, most})]
        amount = f"{'–'.join(ends)} {surcharge.currency}"
    service = "" if surcharge.service is None else f" ({surcharge.service})"
    return f"附加费 {amount}/{per}{service}" if zh else f"adds {amount} per {per}{service}"


def _stretches(numbers: NDArray[np.int64], said: list[str]) -> Iterator[tuple[date, date, str]]:
    """Days in a row of which the same is said."""
    begin = 0
    for place in range(1, len(said) + 1):
        if place == len(said) or said[place] != said[begin]:
            yield date_of(int(numbers[begin])), date_of(int(numbers[place - 1])), said[begin]
            begin = place


def _marks_of(calendar: Calendar, language: str) -> _Draw:
    words = _MARKS[language]
    # What is said last of a day stands.
    named = (("doubtful", calendar.doubtful), ("off", calendar.breaks), ("statutory", calendar.statutory))
    marks = {int(day): words[name] for name, days in (*named, ("worked", calendar.worked)) for day in days}
    return lambda day: f"{day.day:2d}{marks.get(day_number(day), '')}"


def _lunar_names(year: int, language: str) -> _Draw:
    first = day_number(date(year, 1, 1))
    found = lunar_of(np.arange(first, first + 366))
    names: Mapping[int, str] = {
        first + place: _lunar_name(*(int(part) for part in parts), language=language)
        for place, parts in enumerate(zip(found.month, found.day, found.is_leap, found.is_eve, strict=True))
    }
    return lambda day: names[day_number(day)]


def _lunar_name(month: int, day: int, is_leap: int, is_eve: int, *, language: str) -> str:
    if language == "en":
        return "Eve" if is_eve else f"{'+' if is_leap else ''}{month}/{day}"
    if is_eve:
        return "除夕"
    return name_lunar_month(month, is_leap=bool(is_leap)) if day == 1 else name_day_of_month(day)


def _month(first: date, mark: _Draw, lunar: _Draw | None, language: str) -> str:
    title = f"{first.year}年{first.month}月" if language == "zh" else f"{first:%Y-%m}"
    after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    days: list[date | None] = [None] * first.weekday()
    days += [date_of(number) for number in range(day_number(first), day_number(after))]
    lines = [title, _row([f" {name}" for name in _WEEKDAYS[language]])]
    for begin in range(0, len(days), _WEEK):
        week = days[begin : begin + _WEEK]
        lines.append(_row(["" if day is None else mark(day) for day in week]))
        if lunar is not None:
            lines.append(_row(["" if day is None else lunar(day) for day in week]))
    return "\n".join(lines)


def _row(cells: list[str]) -> str:
    return "".join(cell + " " * (_CELL - _width(cell)) for cell in cells).rstrip()


def _width(text: str) -> int:
    """How many columns of a terminal a text takes: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
