"""A made-up appliance shop with a promise of 180 days: its documents, its lines, and a short way to tell of what happens."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from sqlalchemy import Engine

from houbei.facts.moments import DAY_US
from houbei.facts.steps import SHAPES, Person, Step, Teller, What
from houbei.runs.cases import Led, tell
from houbei.runs.cycle import run_until_idle
from houbei.runs.reports import Report, Reported, report
from houbei.store.database import writing
from houbei.store.promises import publish
from houbei.terms.document import parse_terms
from tests.live.stores import empty_store
from tests.live.telling import moment, tell_orders
from tests.oracle.histories import line

PROMISE = """
term: appliances-180
version: 1
kind: replacement
title: {zh: 180天只换不修, en: 180 days of replacement}
jurisdiction: CN
zone: Asia/Shanghai
window: {opens: {at: delivered}, closes: {after: {at: delivered}, length: P180D}, clause: c-window}
faults:
  - {code: noise, text: {zh: 异响, en: Noise}, evidence: []}
  - {code: no_spin, text: {zh: 不脱水, en: Does not spin}, evidence: [video], decided: automatic}
  - {code: dent, text: {zh: 磕痕, en: Dent}, evidence: [photo], decided: person}
excluded:
  - {code: misuse, text: {zh: 人为损坏, en: Misuse}, clause: c-misuse}
serial: {must_match: true, clause: c-serial}
inspection: {by: shop, sla: P7D, on_silence: accept, clause: c-inspect}
deadlines: {decide: P2D, choose: P3D, return: P7D, stock: P14D}
remedy: {gives: [replace], clause: c-swap}
fulfilment: SECURITY
unavailable: [{other_model: {pay_up: true, pay_down: true, clause: c-model}}, refund]
after_swap: inherit
clauses:
  - {id: c-window, text: {zh: 自签收起180天。, en: 180 days from delivery.}}
  - {id: c-swap, text: {zh: 直接更换同型号新机。, en: A new unit of the same model.}}
  - {id: c-misuse, text: {zh: 人为损坏不在此列。, en: Misuse is not covered.}}
  - {id: c-serial, text: {zh: 序列号须与订单一致。, en: The serial must be the one delivered.}}
  - {id: c-inspect, text: {zh: 七天内没有检测结果，按故障办理。, en: "Seven days without a result: it counts as faulty."}}
  - {id: c-model, text: {zh: 缺货可换他款，多退少补。, en: "Out of stock: another model."}}
"""
LAW = """
term: cn-year
version: 1
kind: replacement
statute: true
title: {zh: 一年三包, en: One year of statutory repair}
jurisdiction: CN
zone: Asia/Shanghai
window: {opens: {at: delivered}, closes: {after: {at: delivered}, length: P1Y}, clause: l-window}
remedy: {gives: [repair], clause: l-repair}
fulfilment: after_return
unavailable: [refund]
clauses:
  - {id: l-window, text: {zh: 一年内。, en: Within a year.}}
  - {id: l-repair, text: {zh: 免费修理。, en: Repaired free of charge.}}
"""
ADVANCE, HOLD = "advance", "{way: advance, security: card_hold}"
DEPOSIT = "{way: advance, security: deposit}"
AFTER = "after_return"
DELIVERED = moment("2026-01-05T10:00")
REPORTED = moment("2026-03-01T12:00")
WASHER = line(
    "4999.00",
    line_id="L1",
    order_id="O1",
    sku="washer",
    placed_at="2026-01-03T10:00:00+08:00",
    delivered_at="2026-01-05T10:00:00+08:00",
    serials='["SN1"]',
    buyer_id="B1",
)
TELLERS = (Teller.COURIER, Teller.WAREHOUSE, Teller.INSPECTOR, Teller.BUYER, Teller.PAYMENT, Teller.SHOP, Teller.HOUBEI)
PEOPLE = {
    Teller.COURIER: Person(name="Courier One", role="courier", named=True),
    Teller.WAREHOUSE: Person(name="Storekeeper One", role="storekeeper", named=True),
    Teller.INSPECTOR: Person(name="Inspector One", role="inspector", named=True),
    Teller.SHOP: Person(name="Clerk One", role="clerk", named=True),
}
HOUR_US = DAY_US // 24
_NUMBERS = count(1)


def promise(security: str = ADVANCE) -> str:
    return PROMISE.replace("SECURITY", security)


@contextmanager
def shop(*documents: str, lines: tuple[Any, ...] = (WASHER,), now_us: int = REPORTED - DAY_US) -> Iterator[Engine]:
    """A store of the appliance shop, its lines bound."""
    with empty_store() as database:
        publish_documents(database, *(one for one in documents or (promise(), LAW) if one))
        tell_orders(database, *lines)
        run_until_idle(database, now_us=now_us)
        yield database


def publish_documents(database: Engine, *documents: str) -> None:
    with writing(database) as connection:
        for document in documents:
            publish(connection, parse_terms(document, where="a test"), known_us=0)


def reports(database: Engine, now_us: int = REPORTED, **told: Any) -> Reported:
    """Report the washer, or what `told` says instead."""
    first = {
        "source": "shop",
        "step_id": f"r{next(_NUMBERS)}",
        "at_us": now_us,
        "channel": "app",
        "line_id": "L1",
        "serial": "SN1",
        "fault": "noise",
    }
    return report(database, Report(**{**first, **told}), now_us=now_us)


def step_of(case_id: str, what: What, at_us: int, *, by: Person | None = None, step_id: str = "", **told: Any) -> Step:
    """A step told by the first who may tell of it."""
    teller = next(one for one in TELLERS if one in SHAPES[what].tellers)
    return Step(
        source="tests",
        step_id=step_id or f"s{next(_NUMBERS)}",
        case=case_id,
        what=what,
        teller=teller,
        at_us=at_us,
        known_us=0,
        person=by or PEOPLE.get(teller),
        told=told,
    )


def happens(database: Engine, case_id: str, what: What, now_us: int, **told: Any) -> Led:
    """Tell a step of a case."""
    return tell(database, step_of(case_id, what, now_us, **told), now_us=now_us)


def settle(database: Engine, case_id: str, *, new: str = "SN2", begins_us: int = REPORTED + HOUR_US) -> Led:
    """Lead a case whose new unit may go first to its swap and the end of it."""
    story: list[tuple[What, dict[str, Any]]] = [
        (What.SLOT_CHOSEN, {"from_us": begins_us + DAY_US, "until_us": begins_us + DAY_US + 4 * HOUR_US}),
        (What.RESERVED, {"serial": new, "unit_cost_minor": 2180_00}),
        (What.DISPATCHED, {}),
        (What.SWAPPED, {"old_serial": "SN1", "new_serial": new, "service_minor": 130_00}),
        (What.RECEIVED, {"serial": "SN1"}),
        (What.INSPECTED, {"verdict": "confirmed"}),
    ]
    led = None
    for number, (what, told) in enumerate(story):
        led = happens(database, case_id, what, begins_us + number * HOUR_US, **told)
    assert led is not None
    return led
