"""The parts of a document that every kind has: when a cover is open, and what names something outside of it or within."""

from houbei.calendars.days import check_zone
from houbei.calendars.holidays import load
from houbei.errors import InputError, TermsError
from houbei.terms.model import Anchor, Roll, Stretch, Window
from houbei.terms.reading import Document, Part

_CALENDAR_TRIED = 2026
"""A year that every calendar has, to find out whether it exists."""


def read_window(full: Part, document: Document) -> Window:
    """Read when a cover is open.

    Raises:
        TermsError: An anchor, a length or a moment cannot be read.
    """
    window = full["window"]
    closes = window["closes"]
    calendar = full["calendar"]
    return Window(
        opens=_anchor(window["opens"], document, "window", "opens"),
        closes_after=(
            _anchor(closes["after"], document, "window", "closes", "after")
            if "after" in closes
            else Anchor(on_us=document.moment(closes, "window", "closes", "on"))
        ),
        length=document.length(closes, "window", "closes", "length"),
        gaps=_stretches(window, document, "gaps"),
        pauses=_stretches(window, document, "pauses"),
        calendar_id=calendar.get("id"),
        roll=Roll(calendar["roll"]),
        clause=document.clause(window, "window"),
    )


def _stretches(window: Part, document: Document, key: str) -> tuple[Stretch, ...]:
    return tuple(
        Stretch(
            starts=_anchor(stretch["from"], document, "window", key, number, "from"),
            ends=_anchor(stretch["until"], document, "window", key, number, "until"),
        )
        for number, stretch in enumerate(window[key])
    )


def _anchor(anchor: Part, document: Document, *path: str | int) -> Anchor:
    facts = (anchor["at"],) if "at" in anchor else tuple(anchor.get("latest_of", ()))
    for fact in facts:
        if fact.endswith("_at"):
            raise TermsError(
                came=f"the fact {fact}",
                where=document.at(*path),
                expected="the name of what happened, without _at",
                todo=f"Write {fact.removesuffix('_at')}.",
            )
    return Anchor(
        facts=facts,
        on_us=document.moment(anchor, *path, "on"),
        plus=document.length(anchor, *path, "plus"),
    )


def check_names(full: Part, document: Document) -> None:
    """Check what names something outside the document or within it: the zone, the calendar, the ids of clauses.

    Raises:
        TermsError: One of them does not exist, stands twice, or ends before it starts.
    """
    twice = sorted({clause for clause in document.clauses if document.clauses.count(clause) > 1})
    if twice:
        raise TermsError(
            came=f"the clause {twice[0]} twice",
            where=document.at("clauses"),
            expected="each id once",
            todo="Give one of them another id.",
        )
    calendar = full["calendar"]
    try:
        check_zone(document.zone, where=document.at("zone"))
        if calendar["roll"] != Roll.NONE and "id" in calendar:
            load(calendar["id"], from_year=_CALENDAR_TRIED, to_year=_CALENDAR_TRIED)
    except InputError as error:
        where = document.at("calendar", "id") if error.where == "calendar" else error.where
        raise TermsError(came=error.came, where=where, expected=error.expected, todo=error.todo) from error
    if calendar["roll"] != Roll.NONE and "id" not in calendar:
        raise TermsError(
            came=f"roll: {calendar['roll']} without a calendar",
            where=document.at("calendar"),
            expected="the calendar that says which days these are",
            todo="Add id, such as cn.",
        )
    sold_from, sold_until = (
        document.moment(full["effective"], "effective", key) for key in ("sold_from", "sold_until")
    )
    if sold_from is not None and sold_until is not None and sold_until <= sold_from:
        raise TermsError(
            came="an end of sale that is not after its start",
            where=document.at("effective", "sold_until"),
            expected="a moment after sold_from",
            todo="Correct one of the two.",
        )
