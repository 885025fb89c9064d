"""Claims judged by hand, one after another: which promise answers, with which remedy, and why the others do not.

Written from docs/clauses/replacement.md and docs/clauses/the-law-beside-it.md. Rows are mappings of column name to text, None where
the field is empty; documents are as their authors wrote them.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.oracle.conditions import Facts, Value, read_condition
from tests.oracle.moments import FOREVER, Anchors, Piece, find_closing, find_moment, find_pieces, read_stamp, read_zone

Row = Mapping[str, str | None]
Document = Mapping[str, Any]

A_CASE_LASTS = timedelta(days=30)
MONEY, NEW, MENDED = "refund", "replace", "repair"
RANK = {MENDED: 1, NEW: 2, MONEY: 2}
LACKING = ("scope_unknown", "unit_unknown", "serial_unknown", "claim_unknown", "fault_unknown", "intact_unknown")
"""Reasons that say that a fact is missing."""
ASKED_IN_ORDER = (
    *(
        "not_asked",
        "not_sold_under",
        "out_of_scope",
        "over",
        "gone",
        "not_open_yet",
        "suspended",
        "used_up",
        "other_serial",
    ),
    *("claim_excluded", "fault_excluded", "fault_not_covered", "not_intact", *LACKING),
)
INTEGERS = ("failed_repairs",)
FLAGS = ("main_part", "insured", "gift")


@dataclass(frozen=True)
class Said:
    """What a claim comes to: `case` is the id of the claim that opened its case."""

    outcome: str
    term: tuple[str, int] | None
    remedy: str | None
    clause: str | None
    reasons: tuple[str, ...]
    offers: tuple[tuple[str, int] | None, ...]
    case: str


@dataclass
class Story:
    """What happened to one unit so far."""

    swapped: datetime | None = None
    gone: bool = False
    uses: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Told:
    """A claim that is accepted, with the unit that it is about, or None, and whether its serial is known to be the line's."""

    row: Row
    order: Row
    at: datetime
    settled: datetime | None
    unit: int | None
    serial: bool | None


def judge_by_hand(
    orders: Sequence[Row], claims: Sequence[Row], documents: Sequence[Document], *, as_of: datetime
) -> dict[str, Said]:
    """Judge every claim of a history, by its claim_id; claims after `as_of` do not exist."""
    zone = read_zone(documents[0]["zone"])
    lines = {order["line_id"]: order for order in orders}
    known: dict[tuple[str | None, str], int] = {
        (order["line_id"], serial): number
        for order in orders
        for number, serial in enumerate(json.loads(order.get("serials") or "[]"), start=1)
    }
    dated = [(stamp(row["reported_at"], zone=zone), row["claim_id"] or "", row) for row in claims]
    told: list[Told] = []
    for at, _, row in sorted(((at, name, row) for at, name, row in dated if at <= as_of), key=lambda one: one[:2]):
        settled = None if row.get("settled_at") is None else stamp(row["settled_at"], zone=zone)
        unit, serial = unit_of(row, lines[row["line_id"]], known)
        new = row.get("replacement_serial")
        if new is not None and unit is not None and serial is not False:
            known[row["line_id"], new] = unit
        told.append(
            Told(
                row=row,
                order=lines[row["line_id"]],
                at=at,
                settled=settled if settled is None or settled <= as_of else None,
                unit=unit,
                serial=serial,
            )
        )
    return judge_in_order(told, documents, as_of=as_of)


def stamp(text: str | None, *, zone: Any) -> datetime:
    """Read a moment that is there."""
    found = read_stamp(text or "", zone=zone)
    assert found is not None
    return found


def unit_of(row: Row, order: Row, known: Mapping[tuple[str | None, str], int]) -> tuple[int | None, bool | None]:
    """Find the unit by its serial, else as named, else the only one; and whether the serial is one of the line's."""
    quantity = int(order["quantity"] or 0)
    named = row.get("unit")
    unit = 1 if quantity == 1 else None if named is None else int(named)
    serial = row.get("serial")
    if serial is None:
        return unit, None
    if (row["line_id"], serial) in known:
        return known[row["line_id"], serial], True
    noted = json.loads(order.get("serials") or "[]")
    return unit, False if len(noted) == quantity else None


def judge_in_order(told: Sequence[Told], documents: Sequence[Document], *, as_of: datetime) -> dict[str, Said]:
    """Judge claims that stand in the order of reporting."""
    stories: dict[tuple[str | None, int], Story] = {}
    cases: dict[tuple[str | None, int], tuple[datetime, Said]] = {}
    said: dict[str, Said] = {}
    for claim in told:
        name = claim.row["claim_id"] or ""
        unit = None if claim.unit is None else (claim.row["line_id"], claim.unit)
        if unit is not None and unit in cases and claim.at < cases[unit][0]:
            said[name] = cases[unit][1]
            continue
        story = Story() if unit is None else stories.setdefault(unit, Story())
        found = judge_one(claim, story, documents, as_of=as_of)
        said[name] = found
        if unit is not None and found.outcome != "refused":
            cases[unit] = (claim.settled or claim.at + A_CASE_LASTS, found)
        if found.outcome == "answers" and claim.row.get("outcome") in {None, "confirmed"}:
            if found.remedy == NEW:
                place = [key_of(document) for document in documents].index(found.term or ("", 0))
                story.uses[place] = story.uses.get(place, 0) + 1
                story.swapped = claim.settled or claim.at
            story.gone = story.gone or found.remedy == MONEY
    return said


def key_of(document: Document) -> tuple[str, int]:
    """Name a document."""
    return document["term"], int(document.get("version", 1))


def judge_one(claim: Told, story: Story, documents: Sequence[Document], *, as_of: datetime) -> Said:
    """Judge one claim that opens a case."""
    reasons = [reason_of(claim, story, documents, place, as_of=as_of) for place in range(len(documents))]
    wants = claim.row.get("wants") or (MONEY if claim.row.get("kind") == "return" else None)
    remedies, worth = [], []
    for document in documents:
        gives = gives_of(document)
        remedies.append(wants if wants in gives else gives[0])
        worth.append(RANK[remedies[-1]] + (100 if wants in gives else 0))

    def best(places: Sequence[int]) -> int:
        """The most valuable for the buyer, the shop's own among equals, then the first."""
        return max(places, key=lambda place: (worth[place], own(documents[place]), -place))

    answering = [place for place, reason in enumerate(reasons) if reason == "answers"]
    lacking = [place for place, reason in enumerate(reasons) if reason in LACKING]
    if answering and not (lacking and worth[best(lacking)] > worth[best(answering)]):
        outcome, place = "answers", best(answering)
    elif lacking:
        outcome, place = "referred", best(lacking)
    else:
        outcome = "refused"
        place = max(
            range(len(documents)),
            key=lambda place: (ASKED_IN_ORDER.index(reasons[place]), own(documents[place]), -place),
        )
    offers: list[tuple[str, int] | None] = []
    for remedy in (NEW, MONEY, MENDED):
        giving = [place for place in answering if remedy in gives_of(documents[place])]
        giving.sort(key=lambda place: (not own(documents[place]), place))
        offers.append(key_of(documents[giving[0]]) if giving else None)
    return Said(
        outcome=outcome,
        term=key_of(documents[place]),
        remedy=remedies[place] if outcome == "answers" else None,
        clause=clause_of(documents[place], reasons[place], claim),
        reasons=tuple(reasons),
        offers=tuple(offers),
        case=claim.row["claim_id"] or "",
    )


def own(document: Document) -> bool:
    """Tell whether a promise is the shop's."""
    return str(document.get("statute", "false")) != "true"


def gives_of(document: Document) -> list[str]:
    """List what a document gives, by one name each."""
    usual = [MONEY] if document["kind"] == "return" else [NEW]
    words: list[str] = document.get("remedy", {}).get("gives", usual)
    return [NEW if word == "exchange" else word for word in words]


def clause_of(document: Document, reason: str, claim: Told) -> str:
    """Find the clause that a reason cites, the first of the document where none is named."""
    first: str = document["clauses"][0]["id"]
    if reason == "fault_excluded":
        fault = next(one for one in document["excluded"] if one["code"] == claim.row["fault"])
        return str(fault.get("clause", first))
    part = {
        "answers": "remedy",
        "not_asked": "remedy",
        "not_sold_under": "scope",
        "out_of_scope": "scope",
        "scope_unknown": "scope",
        "other_serial": "serial",
        "serial_unknown": "serial",
        "claim_excluded": "claims",
        "claim_unknown": "claims",
    }.get(reason)
    if part is not None:
        return str(document.get(part, {}).get("clause", first))
    if reason == "used_up":
        return str(document.get("uses_clause", first))
    if reason in {"fault_not_covered", "fault_unknown"}:
        return str(document.get("faults_clause", first))
    if reason in {"not_intact", "intact_unknown"}:
        return str(document.get("condition_clause", first))
    return str(document["window"].get("clause", first))


def reason_of(claim: Told, story: Story, documents: Sequence[Document], place: int, *, as_of: datetime) -> str:
    """Say why one promise does not answer one claim: the first definite no, else the first fact that is missing."""
    document = documents[place]
    found = [
        reason
        for reason, applies in (
            ("not_asked", (claim.row.get("kind") == "return") != (document["kind"] == "return")),
            ("not_sold_under", not is_sold_under(claim.order, documents, place)),
            *reasons_of_cover(claim, story, document, as_of=as_of),
            ("used_up", is_used_up(document, story.uses.get(place, 0))),
            *reasons_of_claim(claim, document),
        )
        if applies
    ]
    return min(found, key=ASKED_IN_ORDER.index, default="answers")


def is_sold_under(order: Row, documents: Sequence[Document], place: int) -> bool:
    """Tell whether a version is the highest of its term that was on sale when the line was placed."""
    term, _ = key_of(documents[place])
    zone = read_zone(documents[0]["zone"])
    placed = stamp(order["placed_at"], zone=zone)
    on_sale = []
    for document in documents:
        effective = document.get("effective", {})
        first, until = (read_stamp(effective.get(key, ""), zone=zone) for key in ("sold_from", "sold_until"))
        if document["term"] == term and (first or placed) <= placed < (until or FOREVER):
            on_sale.append(key_of(document))
    return key_of(documents[place]) == max(on_sale, default=None)


def is_used_up(document: Document, used: int) -> bool:
    """Tell whether a promise has given its swaps of a unit."""
    most = document.get("uses")
    return (used > 0 and document.get("after_swap") == "end") or (most is not None and used >= int(most))


def reasons_of_cover(claim: Told, story: Story, document: Document, *, as_of: datetime) -> Sequence[tuple[str, bool]]:
    """What scope and window say: reasons, and whether each applies."""
    where = document.get("scope", {}).get("where")
    scope = True if where is None else read_condition(where).evaluate(facts_of(claim.order, where))
    units = units_of(claim.order, document, as_of=as_of)
    lacking_unit = claim.unit is None and len({(*unit.values(),) for unit in units}) > 1
    if scope is False:
        return [("out_of_scope", True)]
    found = [("scope_unknown", scope is None), ("unit_unknown", lacking_unit)]
    if not lacking_unit:
        found += reasons_of_window(claim, story, document, units[(claim.unit or 1) - 1])
    return found


def reasons_of_window(claim: Told, story: Story, document: Document, unit: Anchors) -> list[tuple[str, bool]]:
    """What the window of a unit says of the moment of a report."""
    zone, window = read_zone(document["zone"]), document["window"]
    roll = document.get("calendar", {}).get("roll", "none")
    pauses = window.get("pauses") or []
    closes = find_closing(window["closes"], anchors=unit, zone=zone, roll=roll, pauses=pauses) or FOREVER
    opens = find_moment(window.get("opens", {"at": "paid"}), anchors=unit, zone=zone)
    pieces = find_pieces(window, anchors=unit, zone=zone, roll=roll)
    if story.swapped is not None and document.get("after_swap") == "restart":
        anew = {"after": {"at": "swapped"}, "length": window["closes"]["length"]}
        anchors = {**unit, "swapped": story.swapped}
        closes = find_closing(anew, anchors=anchors, zone=zone, roll=roll, pauses=pauses) or FOREVER
        opens = story.swapped
        pieces = [Piece(opens, closes)]
    left = min(moment or FOREVER for moment in (unit["returned"], unit["cancelled"]))
    shut = not any(claim.at in piece for piece in pieces)
    return [
        ("over", shut and claim.at >= closes),
        ("gone", story.gone or claim.at >= left),
        ("not_open_yet", shut and (opens is None or claim.at < opens)),
        ("suspended", shut),
    ]


def units_of(order: Row, document: Document, *, as_of: datetime) -> list[Anchors]:
    """What happened to each unit of a line: the earliest delivered first, and the first to go back."""
    zone, quantity = read_zone(document["zone"]), int(order["quantity"] or 0)
    moments = {
        name.removesuffix("_at"): None if text is None else stamp(text, zone=zone)
        for name, text in order.items()
        if name.endswith("_at")
    }
    moments["paid"] = moments.get("paid") or moments["placed"]
    happened = {name: at if at is not None and at <= as_of else None for name, at in moments.items()}
    names = ("delivered", "returned", "cancelled", "repair_started", "repair_ended", "completed")
    line = {**dict.fromkeys(names), **happened}
    dated = sorted(
        (stamp(item["at"], zone=zone), item["quantity"]) for item in json.loads(order.get("deliveries") or "[]")
    )
    delivered: list[datetime | None] = [at if at <= as_of else None for at, count in dated for _ in range(count)]
    delivered += [line["delivered"]] * (quantity - len(delivered))
    back = int(order.get("returned_quantity") or quantity) if line["returned"] else 0
    returned = [line["returned"]] * back + [None] * (quantity - back)
    return [{**line, "delivered": at, "returned": gone} for at, gone in zip(delivered, returned, strict=True)]


def reasons_of_claim(claim: Told, document: Document) -> Sequence[tuple[str, bool]]:
    """What the serial, the condition on claims, the fault and the unit's state say."""
    where = document.get("claims", {}).get("where")
    truth = True if where is None else read_condition(where).evaluate(facts_of(claim.row, where))
    fault = claim.row.get("fault")
    listed = [one["code"] for one in document.get("faults", [])]
    excluded = [one["code"] for one in document.get("excluded", [])]
    match = str(document.get("serial", {}).get("must_match", "false")) == "true"
    usual = "intact" if document["kind"] == "return" else "any"
    must_be_intact = document.get("condition", usual) == "intact"
    intact = claim.row.get("intact")
    return [
        ("other_serial", match and claim.serial is False),
        ("serial_unknown", match and claim.serial is None),
        ("claim_excluded", truth is False),
        ("claim_unknown", truth is None),
        ("fault_excluded", fault in excluded),
        ("fault_not_covered", bool(listed) and fault is not None and fault not in (*listed, *excluded)),
        ("fault_unknown", bool(listed) and fault is None),
        ("not_intact", must_be_intact and intact == "false"),
        ("intact_unknown", must_be_intact and intact is None),
    ]


def facts_of(row: Row, where: str) -> Facts:
    """Give the columns that a condition names their values."""

    def value(name: str) -> Value:
        text = row.get(name)
        if name == "gift":
            return text == "true"
        if text is None or name not in (*INTEGERS, *FLAGS):
            return text
        return int(text) if name in INTEGERS else text == "true"

    return {name: value(name) for name in read_condition(where).columns}
