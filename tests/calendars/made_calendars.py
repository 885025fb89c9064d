"""Small calendars and notices of our own making, in the shapes that are read."""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from houbei.calendars.documents import CalendarDocument, packaged_document, parse_document

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
