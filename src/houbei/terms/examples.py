"""A document's own examples: checked here, worked out by whoever has the engine.

`given` is one line of an order, `when` are prices, or reports of faults and returns, `then` is what they come to. Amounts are decimal text, moments
ISO 8601. A key of `given` or of a price that the schema does not name is an attribute, kept as text (None for null), to
be typed as a column of a file would be; or a moment, if the document's windows hang on a fact of that name.
"""

from collections.abc import Collection, Mapping
from datetime import timedelta
from fractions import Fraction
from typing import Any

from houbei.errors import TermsError
from houbei.terms.model import Example, Terms, Window
from houbei.terms.moments import parse_moment

PLACED_BEFORE = timedelta(days=2)
"""How long before everything else an example's order was placed, unless it says."""

_PLACED_BEFORE_US = PLACED_BEFORE // timedelta(microseconds=1)
_MOMENTS = {
    "placed": "placed",
    "paid_at": "paid",
    "shipped": "shipped",
    "delivered": "delivered",
    "installed": "installed",
    "cancelled": "cancelled",
    "returned": "returned",
    "claimed": "claimed",
}
"""Keys of `given` that are moments, and the facts they are of."""
_MISREAD = ("_at", "_minor")
_WITHOUT_REMEDY = ("refuse", "refer")


def anchors_of(window: Window) -> frozenset[str]:
    """Every fact that a window hangs on."""
    stretches = [anchor for stretch in (*window.gaps, *window.pauses) for anchor in (stretch.starts, stretch.ends)]
    return frozenset(fact for anchor in (window.opens, window.closes_after, *stretches) for fact in anchor.facts)


def facts_of(example: Example, *, terms: Terms) -> dict[str, int]:
    """Find when what an example gives happened.

    Args:
        example: One of the document's.
        terms: The document: its zone, and the facts its windows hang on.

    Returns:
        Moments by fact (`placed`, `paid`, `delivered`, …), µs UTC. `placed` is always there: unless given, two days
        before the earliest other moment of `given`, or of the prices if it gives none; so is `paid`: when it was placed.

    Raises:
        TermsError: A moment cannot be read.
    """
    return moments_of(
        example.given,
        example.when,
        zone=terms.zone,
        anchors=anchors_of(terms.window),
        where=f"example “{example.name}”",
    )


def read_example(
    example: Mapping[str, Any], *, zone: str, clauses: Collection[str], anchors: frozenset[str], where: str
) -> Example:
    """Check one example, whose shape is already right, for what a schema cannot say.

    Args:
        example: Typed and with its defaults.
        zone: The document's.
        clauses: Ids that may be cited.
        anchors: Facts that the document's windows hang on.
        where: Its place, for messages.

    Raises:
        TermsError: A moment cannot be read, a clause does not exist, or what it says cannot be.
    """
    given, when, then = example["given"], example["when"], example["then"]
    where = _check_told(example, zone=zone, anchors=anchors, where=where)
    if given.get("returned_quantity", 0) > given["quantity"]:
        raise _wrong(
            came="more units returned than bought",
            where=where,
            expected="at most the quantity",
            todo="Correct one of the two.",
        )
    _check_outcome(then, clauses, where=where)
    return Example(name=example["name"], given=given, when=tuple(when), then=tuple(then))


def read_example_of_reports(
    example: Mapping[str, Any], *, zone: str, clauses: Collection[str], anchors: frozenset[str], where: str
) -> Example:
    """Check one example of a replacement or a return: `when` are reports, `then` what each of them comes to.

    Args:
        example: Typed and with its defaults.
        zone: The document's.
        clauses: Ids that may be cited.
        anchors: Facts that the document's windows hang on.
        where: Its place, for messages.

    Raises:
        TermsError: A moment cannot be read, a clause does not exist, or what it says cannot be.
    """
    given, when, then = example["given"], example["when"], example["then"]
    where = _check_told(example, zone=zone, anchors=anchors, where=where)
    if len(then) != len(when):
        raise _wrong(
            came=f"{len(when)} reports and {len(then)} answers",
            where=where,
            expected="one answer a report, in their order",
            todo="Add or remove one.",
        )
    for outcome in then:
        check_cited(outcome, clauses, where=where)
        if "because" in outcome and outcome["answer"] not in _WITHOUT_REMEDY:
            raise _wrong(
                came="a reason beside a remedy",
                where=where,
                expected="a reason for refuse or refer",
                todo="Remove because.",
            )
    return Example(name=example["name"], given=given, when=tuple(when), then=tuple(then))


def _check_told(example: Mapping[str, Any], *, zone: str, anchors: frozenset[str], where: str) -> str:
    """Check the attributes and moments of an example's line and of what happens to it; give its place, for messages."""
    given, when, where = example["given"], example["when"], f"{where} “{example['name']}”"
    check_attributes((given, *when), anchors, where=where)
    moments_of(given, when, zone=zone, anchors=anchors, where=where)
    for row in when:
        for key in row.keys() & {"at", "until", "settled"}:
            parse_moment(row[key], zone=zone, where=f"{where}, {key}")
    return where


def check_attributes(rows: Collection[Mapping[str, Any]], anchors: frozenset[str], *, where: str) -> None:
    """Refuse attributes that were surely meant as a moment or as money: a misspelt one would quietly do nothing.

    Raises:
        TermsError: there is one.
    """
    for key in sorted({key for row in rows for key in row} - _MOMENTS.keys() - anchors):
        meant = key.removesuffix("_at").removesuffix("_minor")
        if key.endswith(_MISREAD):
            raise _wrong(
                came=f"the key {key}", where=where, expected="moments and money by their names", todo=f"Write {meant}."
            )


def moments_of(
    given: Mapping[str, Any],
    when: Collection[Mapping[str, Any]],
    *,
    zone: str,
    anchors: frozenset[str],
    where: str,
) -> dict[str, int]:
    """Find when what an example gives happened to its line (see `facts_of`).

    Args:
        given: Its line.
        when: What happened, each with `at`.
        zone: The document's.
        anchors: Facts, beyond the usual ones, whose moments it may give.
        where: Its place, for messages.

    Raises:
        TermsError: a moment cannot be read, or there is none at all.
    """
    keys = {**{fact: fact for fact in anchors if fact != "paid"}, **_MOMENTS}
    happened = {key: fact for key, fact in keys.items() if given.get(key) is not None}
    facts = {fact: parse_moment(given[key], zone=zone, where=f"{where}, {key}") for key, fact in happened.items()}
    if "placed" not in facts:
        moments = list(facts.values()) or [parse_moment(row["at"], zone=zone, where=f"{where}, at") for row in when]
        if not moments:
            raise _wrong(
                came="an example without any moment",
                where=where,
                expected="a moment in given or when",
                todo="Add paid_at or delivered.",
            )
        facts["placed"] = min(moments) - _PLACED_BEFORE_US
    facts.setdefault("paid", facts["placed"])
    return facts


def _check_outcome(then: Collection[Mapping[str, Any]], clauses: Collection[str], *, where: str) -> None:
    for outcome in then:
        check_cited(outcome, clauses, where=where)
        refused = "pay" in outcome and not Fraction(outcome["pay"])
        if refused and len(then) > 1:
            raise _wrong(
                came="a payment of 0 among others", where=where, expected="a payment of 0 alone", todo="Leave it out."
            )
        if "because" in outcome and not refused:
            raise _wrong(
                came="a reason beside something owed",
                where=where,
                expected="a reason for pay: 0",
                todo="Remove because.",
            )


def check_cited(outcome: Mapping[str, Any], clauses: Collection[str], *, where: str) -> None:
    """Check that the clause that an outcome cites is one of the document's.

    Raises:
        TermsError: it is not.
    """
    cited = outcome.get("clause")
    if cited is not None and cited not in clauses:
        expected = f"one of {', '.join(clauses)}"
        came = f"the clause {cited}, which the document does not have"
        raise _wrong(came=came, where=where, expected=expected, todo="Correct the id.")


def _wrong(*, came: str, where: str, expected: str, todo: str) -> TermsError:
    return TermsError(came=came, where=where, expected=expected, todo=todo)
