"""Small calendars and notices of our own making, in the shapes that are read."""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import numpy as np

from houbei.calendars.days import first_day_of
from houbei.calendars.documents import CalendarDocument, packaged_document, parse_document
from houbei.calendars.holidays import Calendar
from houbei.calendars.workdays import works_on
from houbei.delivery.opening import count_open, next_open

PAPER = "https://example.org/notice"


def notice_text(year: int, *, off: Iterable[str], worked: Iterable[str] = (), papers: Iterable[str] = (PAPER,)) -> str:
    """A notice in the shape of holiday-cn."""
    days = [{"name": "a festival", "date": day, "isOffDay": day in set(off)} for day in [*off, *worked]]
    return json.dumps({"$schema": "an address", "year": year, "papers": list(papers), "days": days})


def spring_2027() -> str:
    """A notice as it may come for 2027: the break of the Spring Festival two days longer, with make-up days, the rest by law."""
    days_off = [
        *(f"2027-01-{day:02}" for day in (1, 2, 3)),
        *(f"2027-02-{day:02}" for day in range(5, 14)),
        *(f"2027-04-{day:02}" for day in (3, 4, 5)),
        *(f"2027-05-{day:02}" for day in range(1, 6)),
        *(f"2027-06-{day:02}" for day in (9,)),
        *(f"2027-09-{day:02}" for day in (15,)),
        *(f"2027-10-{day:02}" for day in range(1, 8)),
    ]
    return notice_text(2027, off=days_off, worked=["2027-01-31", "2027-02-20"])


def document_text_of(**changes: Any) -> str:
    """A calendar of two years, the first announced; `changes` replace keys of it."""
    years: Mapping[str, Any] = {
        "2026": {
            "state": "announced",
            "notices": [PAPER],
            "statutory": ["2026-02-17"],
            "breaks": [["2026-02-16", "2026-02-18"]],
            "worked": ["2026-02-14"],
        },
        "2027": {
            "state": "predicted",
            "notices": [],
            "statutory": ["2027-02-06"],
            "breaks": [["2027-02-05", "2027-02-07"]],
            "worked": [],
        },
    }
    whole = {"id": "shop", "version": "2026.1", "about": "A sample.", "years": years}
    return json.dumps({**whole, **changes})


def made_document(**changes: Any) -> CalendarDocument:
    """The same, read."""
    return parse_document(document_text_of(**changes), where="made.json")


def china() -> CalendarDocument:
    """The packaged calendar of China."""
    return packaged_document("cn")


def dates(*texts: str) -> tuple[date, ...]:
    """Dates from their texts."""
    return tuple(date.fromisoformat(text) for text in texts)


class Counting:
    """Counts the open days of one row as timetables of promises do."""

    def __init__(self, is_open: np.ndarray, first_day: int) -> None:
        self.first_day, self.next, self.counted = first_day, next_open(is_open[None])[0], count_open(is_open[None])

    def nth_after(self, day: np.ndarray, n: np.ndarray | int) -> np.ndarray:
        """The n-th open day after each day; for none of them the first that is not before it."""
        place, count = day - self.first_day, np.asarray(n)
        found = self.counted.after(np.zeros_like(place), place, np.maximum(count, 1))
        return np.where(count > 0, found, self.next[place]) + self.first_day


def working_days(calendar: Calendar, *, doubtful_rest: bool = True) -> Counting:
    """Counts the working days of a calendar, over all of its years."""
    first, until = first_day_of(calendar.from_year), first_day_of(calendar.to_year + 1)
    return Counting(works_on(calendar, np.arange(first, until), doubtful_rest=doubtful_rest), first)
