"""Histories of deliveries for Hypothesis: orders, promises shown and moved, scans and disputes at and around every edge, closures."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.oracle.arrival_agreement import ArrivalHistory
from tests.oracle.moments import MICROSECOND
from tests.oracle.parcels import ABOUT, Row

Draw = Any
START = datetime(2026, 2, 12, 2, 0, tzinfo=UTC)
HOURS = (0, 1, 5, 9, 14, 23, 26, 40, 48, 72, 100, 150, 220)
ZONES = ("Asia/Shanghai", "Asia/Shanghai", "Europe/Berlin")
TABLES: tuple[list[dict[str, Any]], ...] = (
    [{"pay": "5.00"}],
    [{"over": "PT16H", "pay": "5.00"}, {"over": "PT72H", "pay": "10.00"}],
    [{"pay": [{"slot_fee": "true"}, {"points": "1000"}]}],
    [{"pay": [{"slot_fee": "true"}, {"slot_fee": "true", "as": "points"}]}, {"over": "PT24H", "pay": [{"points": "700"}]}],
    [{"over": "PT1H", "pay": [{"percent": "30", "of": "lines", "floor": "5.00", "cap": "500.00", "as": "points"}]}],
    [{"pay": "20.00"}, {"over": "PT24H", "pay": [{"percent": "2.5", "floor": "19.00"}, {"points": "10"}]},
     {"over": "PT48H", "pay": "30.00"}],
)  # fmt: skip
EXCUSES: list[dict[str, Any]] = [
    {"code": "snow", "text": {"en": "Snow"}},
    {"code": "jam", "text": {"en": "Jam"}, "effect": "extends", "evidence": "none"},
    {"code": "strike", "text": {"en": "Strike"}, "effect": "extends"},
]
MADE: tuple[dict[str, Any], ...] = (
    {"within": "PT48H"},
    {"within": "P2D", "after": ["paid", "released"]},
    {
        "cut_offs": [
            {"before": "11:00", "arrives": {"days": "0"}},
            {"before": "23:00", "arrives": {"days": "1", "by": "15:00"}},
        ]
    },
)
WORDS = (
    "packed",
    "handed_over",
    "moved",
    "attempted",
    "delivered",
    "delivered",
    "delivered",
    "installed",
    "lost",
    "sent_back",
)
REGIONS = (None, "CN-11", "CN-11-01", "CN-1", "CN-31/02")


@st.composite
def documents(draw: Draw) -> dict[str, Any]:
    """Draw a document; most are promises that were shown."""
    made = draw(st.sampled_from([{}, {}, {}, *MADE]))
    promise = {
        **made,
        "reaches": draw(st.sampled_from(["delivered", "delivered", "handed_over", "installed"])),
        "attempt_counts": draw(st.sampled_from(["false", "true"])),
    }
    return {
        "term": "drawn",
        "kind": "delivery_promise",
        "zone": draw(st.sampled_from(ZONES)),
        "promise": {key: value for key, value in promise.items() if value != "false"},
        "per": draw(st.sampled_from(["promise", "parcel"])),
        "breach": draw(st.sampled_from(TABLES)),
        "excused": draw(st.sampled_from([[], EXCUSES, EXCUSES])),
        "remedy": {"points": {"per_major": "100"}},
        "clauses": [{"id": "D-1", "text": {"en": "One"}}],
        **draw(st.sampled_from([{}, {}, {"scope": {"where": "category = 'fridge'"}}])),
    }


def near(draw: Draw, edges: list[datetime]) -> datetime:
    """Draw a moment at or around an edge, or some hours after the start."""
    if edges and draw(st.integers(0, 99)) < 70:
        return draw(st.sampled_from(edges)) + draw(st.sampled_from([-1, 0, 0, 1])) * MICROSECOND
    return START + timedelta(hours=draw(st.sampled_from(HOURS)))


@st.composite
def orders(draw: Draw, number: int) -> list[Row]:
    """Draw an order of one to three lines."""
    placed = START + timedelta(hours=draw(st.sampled_from(HOURS[:4])))

    def later(chance: int) -> str | None:
        moment = placed + timedelta(hours=draw(st.sampled_from(HOURS)))
        return moment.isoformat() if draw(st.integers(0, 99)) < chance else None

    region = draw(st.sampled_from(REGIONS))
    return [
        {
            "order_id": f"O{number}",
            "line_id": f"O{number}-L{line}",
            "sku": "S",
            "quantity": "1",
            "paid": draw(st.sampled_from(["4999.00", "9.90", "333.33", "1.00"])),
            "currency": "CNY",
            "category": draw(st.sampled_from(["fridge", "fridge", "toy", None])),
            "region": region,
            "placed_at": placed.isoformat(),
            "paid_at": later(50),
            "released_at": later(80),
            "shipped_at": later(30),
            "delivered_at": later(30),
            "installed_at": later(20),
            "cancelled_at": later(15),
        }
        for line in range(draw(st.sampled_from([1, 1, 2, 3])))
    ]


@st.composite
def promises(draw: Draw, order: list[Row], number: int) -> Row:
    """Draw a promise for some lines of an order."""
    shown = START + timedelta(hours=draw(st.sampled_from(HOURS[:8])), microseconds=draw(st.integers(0, 1)))
    by = shown + timedelta(hours=draw(st.sampled_from([2, 20, 30, 55, 90])))
    ids = [str(line["line_id"]) for line in order]
    some = draw(st.lists(st.sampled_from(ids), min_size=1, unique=True))
    return {
        "promise_id": f"P{number:02}",
        "order_id": order[0]["order_id"],
        "delivery_id": draw(st.sampled_from([None, None, f"{order[0]['order_id']}-A", f"{order[0]['order_id']}-B"])),
        "lines": draw(st.sampled_from([None, None, json.dumps(some)])),
        "shown_at": shown.isoformat(),
        "promised_by": draw(st.sampled_from([by.isoformat(), (by + timedelta(days=2)).date().isoformat()])),
        "slot_fee": draw(st.sampled_from([None, "39.00", "6.95"])),
        "currency": "CNY",
        "parcels": draw(st.sampled_from([None, "1", "2", "3"])),
        "asked_by": draw(st.sampled_from([None, "shop", "buyer"])),
        "region": draw(st.sampled_from([None, *REGIONS])),
    }


@st.composite
def scans(draw: Draw, deliveries: list[tuple[str | None, str | None]], told: list[Row], edges: list[datetime]) -> Row:
    """Draw a scan, or what is said of one."""
    order, delivery = draw(st.sampled_from(deliveries))
    row: dict[str, str | None] = {
        "scan_id": f"S{len(told):02}",
        "order_id": order,
        "delivery_id": delivery,
        "parcel_id": None if draw(st.booleans()) else f"{order or delivery}-{draw(st.sampled_from('XY'))}",
        "at": near(draw, edges).isoformat(),
        "what": draw(st.sampled_from(WORDS)),
    }
    if told and draw(st.integers(0, 99)) < 35:
        about = draw(st.sampled_from([one for one in told if one["what"] not in ABOUT] or told))
        own = draw(st.sampled_from(["delivered", "shipped", "installed"]))
        target = about["scan_id"] if draw(st.integers(0, 99)) < 85 else f"{own}:{order or 'O0'}-L0"
        row |= {"what": draw(st.sampled_from(ABOUT)), "disputes": target}
        row |= {"order_id": about.get("order_id"), "delivery_id": about.get("delivery_id")}
    return row


@st.composite
def closures(draw: Draw, number: int, edges: list[datetime], shown: list[datetime]) -> Row:
    """Draw an event; often one that was made known when a promise was shown, and that its time fell into."""
    begins = near(draw, edges)
    until = begins + timedelta(hours=draw(st.sampled_from([1, 10, 30, 80])))
    known = draw(st.sampled_from(shown)) + draw(st.sampled_from([0, 1, 1])) * MICROSECOND
    return {
        "closure_id": f"C{number}",
        "code": draw(st.sampled_from(["snow", "jam", "jam", "strike", "flood"])),
        "from_at": begins.isoformat(),
        "until_at": draw(st.sampled_from([until.isoformat(), until.isoformat(), until.isoformat(), None])),
        "known_at": known.isoformat(),
        "regions": draw(st.sampled_from([None, None, '["CN-11"]', '["CN"]', '["CN-31", "CN-1"]', "[]"])),
        "evidence": draw(st.sampled_from(["a notice", "a notice", None])),
        "supersedes": draw(st.sampled_from([None, None, "C0"])) if number else None,
    }


@st.composite
def plain_histories(draw: Draw) -> ArrivalHistory:
    """Draw one line of which little is told, all of it at an edge: where rules meet to the microsecond."""
    document = {**draw(documents()), "scope": {}, "excused": EXCUSES}
    made = document["promise"].keys() & {"within", "cut_offs"}
    (line,) = draw(orders(0))[:1]
    placed = datetime.fromisoformat(str(line["placed_at"]))
    line = {**line, **dict.fromkeys(("paid_at", "shipped_at", "delivered_at", "installed_at"), None)}
    line |= {"released_at": line["placed_at"], "category": "fridge"}
    shown = START + timedelta(hours=draw(st.sampled_from([0, 9])))
    by = shown + timedelta(hours=draw(st.sampled_from([30, 55])))
    one = {**draw(promises([line], 0)), "shown_at": shown.isoformat(), "promised_by": by.isoformat()}
    one |= {"delivery_id": None, "lines": None, "parcels": draw(st.sampled_from(["1", "1", "2"])), "asked_by": None}
    moved = by + draw(st.sampled_from([-1, 0, 1])) * MICROSECOND
    again = {
        **one,
        "promise_id": "P1",
        "shown_at": moved.isoformat(),
        "asked_by": draw(st.sampled_from(["buyer", "shop"])),
    }
    again["promised_by"] = (by + timedelta(hours=draw(st.sampled_from([2, 20])))).isoformat()
    firsts = [placed + timedelta(hours=48)] if made else [by, datetime.fromisoformat(again["promised_by"])]
    overs = [tier.get("over", "PT0S").strip("PTHS") for tier in document["breach"]]
    edges = [first + timedelta(hours=int(over)) for first in firsts for over in overs]
    events = [
        draw(closures(number, [shown, by], [shown, placed])) for number in range(draw(st.sampled_from([0, 1, 2, 3])))
    ]
    for event in events:
        if event["until_at"] is not None:
            until, begins = (datetime.fromisoformat(str(event[name])) for name in ("until_at", "from_at"))
            edges += [edge + (until - begins) for edge in edges[:4]]
    rows: list[Row] = []
    if draw(st.integers(0, 99)) < 25:
        ended = draw(st.sampled_from(edges)) + draw(st.sampled_from([-1, 0, 1, 2])) * MICROSECOND
        line["cancelled_at"] = max(ended, placed).isoformat()
    else:
        line["cancelled_at"] = None
    for number in range(draw(st.sampled_from([1, 1, 1, 2, 3]))):
        at = draw(st.sampled_from(edges)) + draw(st.sampled_from([-1, 0, 0, 1])) * MICROSECOND
        what = draw(st.sampled_from(["delivered", "delivered", "installed", "attempted", "moved", "lost"]))
        rows.append({"scan_id": f"S{number}", "order_id": "O0", "at": at.isoformat(), "what": what})
        rows[-1] = {**rows[-1], "parcel_id": draw(st.sampled_from([None, None, "X", "Y"]))}
    for number in range(draw(st.sampled_from([0, 0, 1, 2, 3, 4]))):
        at = START + timedelta(days=8, hours=draw(st.integers(0, 2)))
        about = {"scan_id": f"T{number}", "order_id": "O0", "at": at.isoformat(), "what": draw(st.sampled_from(ABOUT))}
        rows.append({**about, "disputes": draw(st.sampled_from(["S0", "S0", "S0", "S1", "T0"]))})
    as_of = draw(st.sampled_from([START + timedelta(days=40), START + timedelta(days=40), *edges]))
    promised = [] if made else draw(st.sampled_from([[one], [one], [one, again]]))
    return ArrivalHistory([line], promised, rows, events, document, as_of)


@st.composite
def wide_histories(draw: Draw) -> ArrivalHistory:
    """Draw a history of up to three orders."""
    document = draw(documents())
    lots = [draw(orders(number)) for number in range(draw(st.sampled_from([1, 1, 2, 3])))]
    shown = [
        draw(promises(lots[draw(st.integers(0, len(lots) - 1))], number)) for number in range(draw(st.integers(0, 4)))
    ]
    moved = [draw(promises(lots[0], 50)) | {"asked_by": "buyer"}] if draw(st.booleans()) else []
    bys = [str(row["promised_by"]) for row in [*shown, *moved] if len(str(row["promised_by"])) > len("2026-02-16")]
    firsts = [datetime.fromisoformat(by) for by in bys] + [START + timedelta(hours=hours) for hours in (6, 14, 38, 62)]
    edges = [by + timedelta(hours=hours) for by in firsts for hours in (0, 1, 16, 24, 48, 72)]
    known = [(str(lot[0]["order_id"]), None) for lot in lots]
    known += [(row["order_id"], row["delivery_id"]) for row in shown] + [
        (None, row["delivery_id"]) for row in shown if row["delivery_id"]
    ]
    known.append(("O0", "O0-unheard"))
    rows: list[Row] = []
    for _ in range(draw(st.integers(0, 7))):
        rows.append(draw(scans(known, rows, edges)))
    sales = [datetime.fromisoformat(str(row["shown_at"])) for row in [*shown, *moved]]
    sales += [datetime.fromisoformat(str(row["placed_at"])) for lot in lots for row in lot]
    events = [draw(closures(number, edges, sales)) for number in range(draw(st.integers(0, 3)))]
    as_of = draw(st.sampled_from([START + timedelta(days=40), START + timedelta(days=40), near(draw, edges)]))
    return ArrivalHistory(
        orders=[row for lot in lots for row in lot],
        promises=[*shown, *moved],
        scans=rows,
        closures=events if document["excused"] else [],
        document=document,
        as_of=as_of,
    )


def arrival_histories() -> st.SearchStrategy[ArrivalHistory]:
    """Draw a history: one line with everything at an edge, or many at once."""
    return st.one_of(plain_histories(), wide_histories())
