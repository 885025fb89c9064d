"""The examples of a delivery promise: checked here for what a schema cannot say, worked out by whoever has the engine.

`given` is one line of an order and what was shown at the sale, `when` is what happened to it, `then` what is paid and held, and how the
promise stands.
"""

from collections.abc import Collection, Mapping
from typing import Any

from houbei.errors import TermsError
from houbei.terms.examples import check_attributes, check_cited, moments_of
from houbei.terms.model import Example, Terms
from houbei.terms.moments import parse_moment

_SHOWN = ("shown", "promised_by", "slot_from")
_BESIDE = {
    "scan": {"at", "parcel"},
    "dispute": {"at", "parcel"},
    "upheld": {"at", "parcel"},
    "dismissed": {"at", "parcel"},
    "nothing": {"at"},
    "shown": {"promised_by", "slot_from", "slot_fee", "asked_by"},
    "closure": {"from", "until", "known", "region", "evidence"},
}
"""What may stand beside each sort of happening."""


def read_example_of_arrivals(
    example: Mapping[str, Any], *, zone: str, clauses: Collection[str], anchors: frozenset[str], where: str
) -> Example:
    """Check one example, whose shape is already right, for what a schema cannot say.

    Args:
        example: Typed and with its defaults.
        zone: The document's.
        clauses: Ids that may be cited.
        anchors: Facts that the promise is reckoned from.
        where: Its place, for messages.

    Raises:
        TermsError: A moment cannot be read, a clause does not exist, or what it says cannot be.
    """
    given, when, then = example["given"], example["when"], example["then"]
    where = f"{where} “{example['name']}”"
    check_attributes((given,), anchors, where=where)
    _facts(given, when, zone=zone, anchors=anchors, where=where)
    for row in (given, *when):
        for key in sorted(row.keys() & {*_SHOWN, "at", "from", "until", "known"}):
            parse_moment(row[key], zone=zone, where=f"{where}, {key}")
    for row in when:
        _check_beside(row, where)
    _check_then(then, clauses, where)
    return Example(name=example["name"], given=given, when=tuple(when), then=tuple(then))


def facts_of_arrival(example: Example, *, terms: Terms) -> dict[str, int]:
    """Find when what an example gives happened to its line.

    Args:
        example: One of the document's.
        terms: The document.

    Returns:
        Moments by fact, µs UTC. `placed` is always there, and so is `paid`.

    Raises:
        TermsError: A moment cannot be read.
    """
    after = frozenset(terms.arrival.after) if terms.arrival is not None else frozenset[str]()
    where = f"example “{example.name}”"
    return _facts(example.given, example.when, zone=terms.zone, anchors=after, where=where)


def _facts(
    given: Mapping[str, Any], when: Collection[Mapping[str, Any]], *, zone: str, anchors: frozenset[str], where: str
) -> dict[str, int]:
    placed = given.get("placed", given.get("shown"))
    said = {**given, "placed": placed} if placed is not None else given
    first = [row.get("at", row.get("shown", row.get("from"))) for row in when]
    return moments_of(said, [{"at": at} for at in first], zone=zone, anchors=anchors, where=where)


def _check_beside(row: Mapping[str, Any], where: str) -> None:
    sort = next(key for key in _BESIDE if key in row)
    others = sorted(row.keys() - {sort} - _BESIDE[sort])
    if others:
        raise TermsError(
            came=f"{others[0]} beside {sort}",
            where=where,
            expected=f"with {sort} none but {', '.join(sorted(_BESIDE[sort]))}",
            todo=f"Remove {others[0]}.",
        )


def _check_then(then: Collection[Mapping[str, Any]], clauses: Collection[str], where: str) -> None:
    for outcome in then:
        check_cited(outcome, clauses, where=where)
        if "because" in outcome and "verdict" not in outcome:
            raise TermsError(
                came="a reason beside something owed",
                where=where,
                expected="a reason beside a verdict",
                todo="Remove because.",
            )
    if sum("verdict" in outcome for outcome in then) > 1:
        raise TermsError(came="two verdicts", where=where, expected="at most one", todo="Remove one of them.")
