"""A terms document: YAML text in, checked `Terms` out. Reading the file is not done here.

The text is read (`yaml_tree`), shaped and typed by the schema (`shape`), and then checked for what a schema cannot say:
conditions, lengths, zone, calendar, clauses that are cited, examples. The sha256 is taken over the canonical JSON
(RFC 8785) of the typed document as written, before defaults are filled in: order of keys, comments and quotes do not
change it; writing out a default, or 10:00+08:00 for 02:00Z, does.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import rfc8785

from houbei.calendars.days import check_zone
from houbei.calendars.holidays import load
from houbei.errors import InputError, TermsError
from houbei.terms.conditions import Condition, parse_condition
from houbei.terms.examples import anchors_of, read_example
from houbei.terms.lengths import parse_length
from houbei.terms.model import (
    Against,
    Allocation,
    Anchor,
    Cap,
    Clause,
    Compare,
    Kind,
    Length,
    OnChange,
    Remedy,
    Roll,
    Scope,
    Stretch,
    Terms,
    Window,
)
from houbei.terms.moments import parse_moment
from houbei.terms.shape import place, shape, with_defaults
from houbei.terms.yaml_tree import Path, Tree, read_yaml

Part = Mapping[str, Any]
"""One mapping of a document, typed and with its defaults."""

_LATER_KINDS = frozenset({"replacement", "delivery_promise", "return"})
_CALENDAR_TRIED = 2026
"""A year that every calendar has, to find out whether it exists."""
_PERCENT = Fraction(1, 100)
_PERIODS = ("month", "year", None)
"""Of two caps of one scope, the one over the shorter time is the narrower."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Document:
    """A whole document while its parts are read: where it is from, its zone, and the clauses that may be cited."""

    where: str
    lines: Mapping[Path, int]
    zone: str
    clauses: tuple[str, ...]

    def at(self, *path: str | int) -> str:
        """Say where a part stands, for messages."""
        return place(path, where=self.where, lines=self.lines)

    def moment(self, part: Part, *path: str | int) -> int | None:
        """Read the moment at the end of a path, None when it is left out."""
        text = part.get(str(path[-1]))
        return None if text is None else parse_moment(text, zone=self.zone, where=self.at(*path))

    def length(self, part: Part, *path: str | int) -> Length | None:
        """Read the length at the end of a path, None when it is left out."""
        text = part.get(str(path[-1]))
        return None if text is None else parse_length(text, where=self.at(*path))

    def condition(self, part: Part, *path: str | int) -> Condition | None:
        """Read the condition at the end of a path, None when it is left out."""
        text = part.get(str(path[-1]))
        return None if text is None else parse_condition(text, where=self.at(*path))

    def clause(self, part: Part, *path: str | int) -> str:
        """Find the clause that a part cites: its own, or the first of the document."""
        cited = str(part.get("clause", self.clauses[0]))
        if cited not in self.clauses:
            raise TermsError(
                came=f"the clause {cited}, which the document does not have",
                where=self.at(*path, "clause"),
                expected=f"one of {', '.join(self.clauses)}",
                todo="Correct the id, or add the clause.",
            )
        return cited


def parse_terms(text: str, *, where: str) -> Terms:
    """Read one terms document.

    Args:
        text: YAML, at most 256 KiB.
        where: The file, for messages.

    Raises:
        TermsError: It cannot be read or published; one line says what, on which line, what was expected, what to do.

    Cost: a few milliseconds, and a fifth of a second once in a process if it has conditions.
    """
    tree = read_yaml(text, where=where)
    _check_kind(tree, where=where)
    typed = shape(tree, where=where)
    full = with_defaults(typed)
    clauses = tuple(_clause(clause) for clause in full["clauses"])
    document = _Document(where=where, lines=tree.lines, zone=full["zone"], clauses=tuple(c.id for c in clauses))
    _check_names(full, document)
    window = _window(full, document)
    return Terms(
        term=full["term"],
        version=full["version"],
        kind=Kind(full["kind"]),
        jurisdiction=full.get("jurisdiction"),
        zone=full["zone"],
        sold_from_us=document.moment(full["effective"], "effective", "sold_from"),
        sold_until_us=document.moment(full["effective"], "effective", "sold_until"),
        on_change=OnChange(full["on_change"]),
        scope=document.condition(full["scope"], "scope", "where"),
        scope_clause=document.clause(full["scope"], "scope"),
        window=window,
        compare=_compare(full["compare"], document),
        remedy=_remedy(full["remedy"], document),
        allocation=_allocation(full["allocation"]),
        clauses=clauses,
        examples=tuple(
            read_example(
                example,
                zone=document.zone,
                clauses=document.clauses,
                anchors=anchors_of(window),
                where=document.at("examples", number),
            )
            for number, example in enumerate(full["examples"])
        ),
        title=_texts(full.get("title", {"en": full["term"]})),
        document=typed,
        sha256=hashlib.sha256(rfc8785.dumps(typed)).hexdigest(),
    )


def _check_kind(tree: Tree, *, where: str) -> None:
    kind = tree.root.get("kind")
    if isinstance(kind, str) and kind in _LATER_KINDS:
        raise TermsError(
            came=f"kind: {kind}",
            where=place(("kind",), where=where, lines=tree.lines),
            expected="kind: price_protection",
            todo="This version publishes price_protection documents; keep this one for a later version.",
        )


def _check_names(full: Part, document: _Document) -> None:
    """Check what names something outside the document or within it: the zone, the calendar, the ids of clauses."""
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


def _texts(texts: Mapping[str, str]) -> dict[str, str]:
    """Both languages; one that is left out shows the other."""
    either = next(iter(texts.values()))
    return {language: texts.get(language, either) for language in ("zh", "en")}


def _clause(clause: Part) -> Clause:
    return Clause(id=clause["id"], **_texts(clause["text"]))


def _window(full: Part, document: _Document) -> Window:
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


def _stretches(window: Part, document: _Document, key: str) -> tuple[Stretch, ...]:
    return tuple(
        Stretch(
            starts=_anchor(stretch["from"], document, "window", key, number, "from"),
            ends=_anchor(stretch["until"], document, "window", key, number, "until"),
        )
        for number, stretch in enumerate(window[key])
    )


def _anchor(anchor: Part, document: _Document, *path: str | int) -> Anchor:
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


def _compare(compare: Part, document: _Document) -> Compare:
    prices, suspicious = compare["prices"], compare.get("suspicious", {})
    below = suspicious.get("below_percent_of_basis")
    return Compare(
        against=Against(compare["against"]),
        at_open_counts=compare["at_open"] == "counts",
        same=tuple(compare["same"]),
        in_stock_required=compare["in_stock_required"],
        prices_where=document.condition(prices, "compare", "prices", "where"),
        seen_at_least=prices["seen_at_least"],
        suspicious_below=None if below is None else Fraction(below) * _PERCENT,
        claim_within=document.length(compare["claim"], "compare", "claim", "within"),
        prices_clause=document.clause(prices, "compare", "prices"),
        suspicious_clause=document.clause(suspicious, "compare", "suspicious"),
    )


def _remedy(remedy: Part, document: _Document) -> Remedy:
    amount = remedy["amount"]
    times = Fraction(amount["times"])
    if not times:
        raise TermsError(
            came="times: 0",
            where=document.at("remedy", "amount", "times"),
            expected="more than nothing",
            todo="Correct it; a promise of no difference is none.",
        )
    caps = [_cap(cap, document, number) for number, cap in enumerate(amount["caps"])]
    return Remedy(
        times=times,
        plus_part=Fraction(amount["plus_percent"]) * _PERCENT,
        floor=amount.get("floor"),
        min_payout=amount.get("min_payout"),
        caps=tuple(sorted(caps, key=lambda cap: (list(Scope).index(cap.scope), _PERIODS.index(cap.period)))),
        clause=document.clause(remedy, "remedy"),
        pay=dict(remedy["pay"]),
        funders=remedy["funders"],
    )


def _cap(cap: Part, document: _Document, number: int) -> Cap:
    scope, amount = Scope(cap["scope"]), cap.get("amount")
    if "period" in cap and scope is not Scope.BUYER:
        raise TermsError(
            came=f"a period for the scope {scope}",
            where=document.at("remedy", "amount", "caps", number, "period"),
            expected="a period for the scope buyer alone",
            todo="Remove the period, or make the scope buyer.",
        )
    percent = "100" if amount == "basis" else cap.get("percent_of_basis")
    return Cap(
        scope=scope,
        amount=amount if percent is None else None,
        of_basis=None if percent is None else Fraction(percent) * _PERCENT,
        period=cap.get("period"),
    )


def _allocation(allocation: Part) -> Allocation:
    return Allocation(
        discount_tenders=tuple(allocation["discount_tenders"]),
        gifts=allocation["gifts"],
        unreturned_gifts_deducted=allocation["unreturned_gifts_deducted"],
    )
