"""A terms document: YAML text in, checked `Terms` out. Reading the file is not done here.

The text is read (`yaml_tree`), shaped and typed by the schema (`shape`), and then checked for what a schema cannot say:
conditions, lengths, zone, calendar, clauses that are cited, examples. The sha256 is taken over the canonical JSON
(RFC 8785) of the typed document as written, before defaults are filled in: order of keys, comments and quotes do not
change it; writing out a default, or 10:00+08:00 for 02:00Z, does.
"""

import hashlib
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import rfc8785

from houbei.errors import TermsError
from houbei.terms.arrival_examples import read_example_of_arrivals
from houbei.terms.delivery_parts import read_arrival, window_of_arrival
from houbei.terms.examples import anchors_of, read_example, read_example_of_reports
from houbei.terms.model import Against, Allocation, Cap, Clause, Compare, Kind, OnChange, Remedy, Scope, Terms
from houbei.terms.reading import Document, Part, texts_of
from houbei.terms.replacement_parts import read_replacement
from houbei.terms.shape import shape, with_defaults
from houbei.terms.windows import check_names, read_window
from houbei.terms.yaml_tree import read_yaml

_PERCENT = Fraction(1, 100)
_EXAMPLES = {Kind.PRICE_PROTECTION: read_example, Kind.DELIVERY_PROMISE: read_example_of_arrivals}
"""What reads the examples of a kind; of any other, examples of reports."""
_PERIODS = ("month", "year", None)
"""Of two caps of one scope, the one over the shorter time is the narrower."""


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
    typed = shape(tree, where=where)
    full = with_defaults(typed)
    clauses = tuple(Clause(id=clause["id"], **texts_of(clause["text"])) for clause in full["clauses"])
    document = Document(where=where, lines=tree.lines, zone=full["zone"], clauses=tuple(c.id for c in clauses))
    check_names(full, document)
    kind = Kind(full["kind"])
    window = window_of_arrival(full, document) if kind is Kind.DELIVERY_PROMISE else read_window(full, document)
    promised = _promised(full, document)
    arrival = promised["arrival"]
    return Terms(
        term=full["term"],
        version=full["version"],
        kind=kind,
        jurisdiction=full.get("jurisdiction"),
        zone=full["zone"],
        sold_from_us=document.moment(full["effective"], "effective", "sold_from"),
        sold_until_us=document.moment(full["effective"], "effective", "sold_until"),
        on_change=OnChange(full["on_change"]),
        scope=document.condition(full["scope"], "scope", "where"),
        scope_clause=document.clause(full["scope"], "scope"),
        window=window,
        **promised,
        statute=full.get("statute", False),
        clauses=clauses,
        examples=tuple(
            _EXAMPLES.get(kind, read_example_of_reports)(
                example,
                zone=document.zone,
                clauses=document.clauses,
                anchors=anchors_of(window) if arrival is None else frozenset(arrival.after),
                where=document.at("examples", number),
            )
            for number, example in enumerate(full["examples"])
        ),
        title=texts_of(full.get("title", {"en": full["term"]})),
        document=typed,
        sha256=hashlib.sha256(rfc8785.dumps(typed)).hexdigest(),
    )


def _promised(full: Part, document: Document) -> Mapping[str, Any]:
    """What a document promises, by its kind."""
    if full["kind"] == Kind.PRICE_PROTECTION:
        return {
            "compare": _compare(full["compare"], document),
            "remedy": _remedy(full["remedy"], document),
            "allocation": _allocation(full["allocation"]),
            "replacement": None,
            "arrival": None,
        }
    remedy, of_arrival = full["remedy"], full["kind"] == Kind.DELIVERY_PROMISE
    return {
        "compare": Compare(),
        "remedy": Remedy(clause=document.clause(remedy, "remedy"), pay=dict(remedy["pay"])),
        "allocation": Allocation(),
        "replacement": None if of_arrival else read_replacement(full, document),
        "arrival": read_arrival(full, document) if of_arrival else None,
    }


def _compare(compare: Part, document: Document) -> Compare:
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


def _remedy(remedy: Part, document: Document) -> Remedy:
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


def _cap(cap: Part, document: Document, number: int) -> Cap:
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
