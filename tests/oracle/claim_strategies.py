"""Histories of claims for Hypothesis: lines, documents that run side by side, and reports at and around every edge."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.oracle.claims import A_CASE_LASTS, Document, units_of
from tests.oracle.moments import MICROSECOND, find_closing, find_pieces, read_stamp, read_zone

Fields = dict[str, str | None]
Draw = Any
ZONES = ("Asia/Shanghai", "Asia/Shanghai", "Europe/Berlin")
FIRST = {"Asia/Shanghai": "2026-09-20T10:00:00+08:00", "Europe/Berlin": "2026-10-20T10:00:00+02:00"}
"""When the first line is placed: before the autumn holidays of China, and before the clocks go back in Germany."""
LENGTHS = ("P1D", "P3D", "P7D", "P10D", "P1M", "PT72H", "PT168H")
SCOPES = (
    "category IN ('fridge', 'washer')",
    "channel <> 'store'",
    "insured",
    "NOT gift",
    "category <> 'toy' AND insured",
)
ABOUT_CLAIMS = ("COALESCE(failed_repairs, 0) >= 2", "failed_repairs < 2", "main_part", "fault <> 'leak'")
FAULTS = ("noise", "leak", "liquid", "smoke")
REMEDIES = ("replace", "refund", "repair")
AFTER_FIRST = tuple(timedelta(days=days, hours=hours) for days in (0, 1, 2, 3, 5, 8, 12, 20, 45) for hours in (0, 14))
PARTS = ("scope", "serial", "claims", "remedy")


@dataclass(frozen=True)
class ClaimHistory:
    """What is put to engine and oracle: rows of both files, documents, and the last moment that exists."""

    orders: list[Fields]
    claims: list[Fields]
    documents: list[Document]
    as_of: datetime


@st.composite
def claim_histories(draw: Draw) -> ClaimHistory:
    """Draw a history: up to three lines, one to four documents, up to eight reports.

    Most are `plain`: little stands against an answer, so that swaps follow one another and promises compete.
    """
    zone, plain = draw(st.sampled_from(ZONES)), draw(chances(0.7))
    orders = [draw(orders_in(zone, number, plain=plain)) for number in range(draw(st.sampled_from([1, 1, 2, 3])))]
    documents = draw(side_by_side(zone, plain=plain))
    first = moment(FIRST[zone], zone)
    as_of = draw(st.sampled_from([first + timedelta(days=400), first + timedelta(days=400), first + timedelta(days=9)]))
    edges = sorted({edge for order in orders for document in documents for edge in edges_of(order, document, as_of)})
    claims: list[Fields] = []
    for number in range(draw(st.integers(1, 8))):
        claims.append(draw(reports(orders, claims, edges, zone, number, plain=plain)))
    return ClaimHistory(orders=orders, claims=claims, documents=documents, as_of=as_of)


def moment(text: str, zone: str) -> datetime:
    """Read a moment that is there."""
    found = read_stamp(text, zone=read_zone(zone))
    assert found is not None
    return found


@st.composite
def orders_in(draw: Draw, zone: str, number: int, *, plain: bool) -> Fields:
    """Draw one line."""
    placed = moment(FIRST[zone], zone) + draw(st.sampled_from(AFTER_FIRST[:4]))

    def later(chance: float = 0.5) -> str | None:
        return (placed + draw(st.sampled_from(AFTER_FIRST))).isoformat() if draw(chances(chance)) else None

    quantity = draw(st.sampled_from([1, 1, 2, 3]))
    line = f"L{number}"
    serials = [f"{line}-{unit}" for unit in range(1, quantity + 1)][: draw(st.sampled_from([quantity, quantity, 1]))]
    parts = draw(st.integers(1, 3)) if draw(chances(0.4)) else 0
    deliveries = [{"quantity": 1, "at": later(1.0)} for _ in range(min(parts, quantity))]
    found = {
        "order_id": f"O{number}",
        "line_id": line,
        "sku": draw(st.sampled_from(["S1", "S2"])),
        "quantity": str(quantity),
        "paid": "4999.00",
        "currency": "CNY",
        "category": draw(st.sampled_from(["fridge", "washer", "toy", None])),
        "channel": draw(st.sampled_from(["web", "store", None])),
        "insured": draw(st.sampled_from(["true", "true", "false", None])),
        "gift": draw(st.sampled_from(["false", "false", "true", None])),
        "serials": json.dumps(serials) if draw(chances(0.8)) else None,
        "placed_at": placed.isoformat(),
        "delivered_at": later(0.85),
        "completed_at": later(0.7),
        "returned_at": later(0.1),
        "returned_quantity": draw(st.sampled_from([None, "1"])),
        "cancelled_at": later(0.05),
        "repair_started_at": later(0.3),
        "repair_ended_at": later(0.3),
        "deliveries": json.dumps(deliveries) if deliveries else None,
    }
    usual = {
        "category": "fridge",
        "channel": "web",
        "insured": "true",
        "gift": "false",
        "delivered_at": later(1.0),
        "completed_at": later(1.0),
        "returned_at": None,
        "cancelled_at": None,
    }
    return found | (usual if plain else {})


def chances(share: float) -> st.SearchStrategy[bool]:
    """Draw true in about this share of draws."""
    return st.integers(0, 99).map(lambda drawn: drawn < share * 100)


@st.composite
def side_by_side(draw: Draw, zone: str, *, plain: bool) -> list[Document]:
    """Draw documents; two of them may be versions of one term."""
    documents = [draw(documents_in(zone, f"T{number}", plain=plain)) for number in range(draw(st.integers(1, 4)))]
    if len(documents) > 1 and draw(chances(0.2)):
        since = moment(FIRST[zone], zone) + timedelta(days=1)
        documents[1] |= {"term": documents[0]["term"], "version": "2", "effective": {"sold_from": since.isoformat()}}
    return documents


@st.composite
def documents_in(draw: Draw, zone: str, term: str, *, plain: bool) -> dict[str, Any]:
    """Draw one document; every part of it cites a clause of its own."""
    kind = draw(st.sampled_from(["replacement"] * (8 if plain else 2) + ["return"]))
    opens = draw(
        st.sampled_from([{"at": "delivered"}, {"at": "paid"}, {"at": "delivered", "plus": "P2D"}, {"at": "completed"}])
    )
    after = draw(st.sampled_from([{"at": "delivered"}, {"at": "delivered"}, {"latest_of": ["delivered", "completed"]}]))
    repair = {"from": {"at": "repair_started"}, "until": {"at": "repair_ended"}}
    window: dict[str, Any] = {
        "opens": opens,
        "closes": {"after": after, "length": draw(st.sampled_from(LENGTHS + ("P180D", "P1Y") * plain))},
        "pauses": [repair] if draw(chances(0.3)) else [],
        "gaps": [repair] if draw(chances(0.2)) else [],
        "clause": f"{term}-window",
    }
    document: dict[str, Any] = {
        "term": term,
        "version": "1",
        "kind": kind,
        "zone": zone,
        "statute": draw(st.sampled_from(["false", "false", "true"])),
        "calendar": {"id": "cn", "roll": draw(st.sampled_from(["none", "statutory_day"]))},
        "window": window,
        "after_swap": draw(st.sampled_from(["restart", "inherit", "end"])),
        "condition": draw(st.sampled_from(["intact", "any"])),
        "remedy": {"gives": draw(st.permutations(REMEDIES))[: draw(st.integers(1, 3))], "clause": f"{term}-remedy"},
        "serial": {"must_match": draw(st.sampled_from(["true", "false"])), "clause": f"{term}-serial"},
        "excluded": [{"code": "liquid", "text": {"en": "Liquid"}, "clause": f"{term}-liquid"}]
        if draw(chances(0.5))
        else [],
        "uses_clause": f"{term}-uses",
        "faults_clause": f"{term}-faults",
        "condition_clause": f"{term}-condition",
        "clauses": [
            {"id": f"{term}-{part}", "text": {"en": part}}
            for part in ("first", "window", "uses", "faults", "condition", "liquid", *PARTS)
        ],
    }
    if kind == "replacement" and draw(chances(0.4)):
        document["faults"] = [{"code": code, "text": {"en": code}} for code in FAULTS[:2]]
    if draw(chances(0.6)):
        document["scope"] = {"where": draw(st.sampled_from(SCOPES)), "clause": f"{term}-scope"}
    if draw(chances(0.3)):
        document["claims"] = {"where": draw(st.sampled_from(ABOUT_CLAIMS)), "clause": f"{term}-claims"}
    if draw(chances(0.4)):
        document["uses"] = draw(st.sampled_from(["1", "2"]))
    if plain:
        document["condition"] = "any"
        document["remedy"]["gives"] = draw(
            st.sampled_from([["replace"], ["replace", "refund"], ["repair"], ["refund"]])
        )
    return document


def edges_of(order: Fields, document: Document, as_of: datetime) -> list[datetime]:
    """Every moment at which a cover of a line opens, is suspended, or ends."""
    zone, window = read_zone(document["zone"]), document["window"]
    roll = document["calendar"]["roll"]
    found = []
    for unit in units_of(order, document, as_of=as_of):
        pieces = find_pieces(window, anchors=unit, zone=zone, roll=roll)
        found += [edge for piece in pieces for edge in (piece.opens, piece.closes)]
        found.append(find_closing(window["closes"], anchors=unit, zone=zone, roll=roll, pauses=window["pauses"]))
        found += [unit["returned"], unit["cancelled"]]
    return [edge for edge in found if edge is not None and edge.year < 2100]


@st.composite
def reports(  # noqa: PLR0913  what there is to report of
    draw: Draw,
    orders: list[Fields],
    before: list[Fields],
    edges: list[datetime],
    zone: str,
    number: int,
    *,
    plain: bool,
) -> Fields:
    """Draw one report: at an edge of a cover or of an earlier case, or a microsecond beside it, or anywhere."""
    order = draw(st.sampled_from(orders))
    placed = moment(order["placed_at"] or "", zone)
    near = [*edges, placed + timedelta(days=4)] if not before or draw(chances(0.6)) else []
    for claim in before:
        reported = moment(claim["reported_at"] or "", zone)
        near += [reported, reported + A_CASE_LASTS]
        near += [moment(claim["settled_at"], zone)] if claim["settled_at"] else []
        near += [moment(claim["settled_at"] or "", zone) + timedelta(days=3)] if claim["settled_at"] else []
    at = draw(st.sampled_from(near)) + draw(st.sampled_from([-1, 0, 1])) * MICROSECOND
    if draw(chances(0.3)):
        at = placed + draw(st.sampled_from(AFTER_FIRST))
    settled = at + draw(st.sampled_from(AFTER_FIRST[:8])) if draw(chances(0.5)) else None
    quantity = int(order["quantity"] or 0)
    unit = 1 if plain and draw(chances(0.6)) else draw(st.integers(1, quantity))
    serials = [None, f"{order['line_id']}-{unit}", f"{order['line_id']}-{unit}", "another", "new-1", "new-2"]
    found = {
        "claim_id": f"C{draw(st.integers(0, 9))}{number}",
        "line_id": order["line_id"],
        "reported_at": at.isoformat(),
        "settled_at": None if settled is None else settled.isoformat(),
        "unit": draw(st.sampled_from([None, str(unit), str(unit)])),
        "serial": draw(st.sampled_from(serials)),
        "replacement_serial": draw(st.sampled_from([None, None, "new-1", "new-2"])),
        "kind": draw(st.sampled_from(["fault", "fault", "return", None])),
        "fault": draw(st.sampled_from([*FAULTS, "noise", None])),
        "wants": draw(st.sampled_from([None, None, *REMEDIES])),
        "intact": draw(st.sampled_from(["true", "false", None])),
        "outcome": draw(st.sampled_from([None, None, "confirmed", "misuse"])),
        "failed_repairs": draw(st.sampled_from([None, "0", "1", "2"])),
        "main_part": draw(st.sampled_from([None, "true", "false"])),
    }
    usual = {
        "kind": draw(st.sampled_from(["fault"] * 8 + ["return"])),
        "unit": str(unit),
        "serial": draw(st.sampled_from([f"{order['line_id']}-{unit}", f"{order['line_id']}-{unit}", None])),
        "outcome": draw(st.sampled_from([None, None, None, "confirmed", "misuse"])),
    }
    return found | (usual if plain else {})
