"""A small shop that promises arrivals: its document, its promises and scans, and everything there is to do for them."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from sqlalchemy import Engine

from houbei.facts.moments import text_of_moment
from houbei.runs.arrivals import Teller, take_promises, take_scans
from houbei.runs.loop import run_round
from houbei.store.database import writing
from houbei.store.promises import publish
from houbei.terms.document import parse_terms
from tests.reliability.shop import DAY_US, SECOND_US, START_US, Row, Shop, rows_of

PROMISE = """
term: shop-on-time
version: 1
kind: delivery_promise
zone: UTC
breach:
  - {pay: [{slot_fee: true}, {points: 1000}]}
  - {over: PT16H, pay: [{amount: '5.00'}, {points: 1000}]}
excused:
  - {code: snow, text: {zh: 大雪, en: snow}, effect: waives, evidence: required}
remedy: {pay: {form: original_tenders, when: at_once}}
clauses:
  - id: L-1
    text: {zh: 迟到退还预约费并赠积分。, en: A late arrival gives the fee of the slot back and points.}
"""
"""The fee of the slot and 1 000 points once it is late, 5.00 in all once it is more than sixteen hours late."""
BY_US = START_US + 2 * DAY_US
FEE = 390


def publish_on_time(database: Engine) -> None:
    """Publish the promise of arrival."""
    with writing(database) as connection:
        publish(connection, parse_terms(PROMISE, where="the shop's promise"), known_us=START_US)


def promised(name: str, *, order: str, by_us: int = BY_US, **more: Any) -> Row:
    """A promise that was shown at the sale."""
    fee = {"slot_fee": "3.90", "currency": "USD"}
    at = {"shown_at": text_of_moment(START_US), "promised_by": text_of_moment(by_us)}
    return {"promise_id": name, "order_id": order, **at, **fee, **more}


def scanned(name: str, *, order: str, at_us: int, what: str = "delivered", **more: Any) -> Row:
    """What was told of an order's parcel."""
    return {"scan_id": name, "order_id": order, "what": what, "at": text_of_moment(at_us), **more}


def tell_arrivals(
    database: Engine, *, promises: Sequence[Row] = (), scans: Sequence[Row] = (), now_us: int = START_US
) -> None:
    """Tell of facts, in one transaction."""
    teller = Teller(source="shop", zone="UTC", known_us=now_us)
    with writing(database) as connection:
        for rows, take in ((promises, take_promises), (scans, take_scans)):
            if rows:
                take(connection, pa.Table.from_pylist([dict(row) for row in rows]), teller=teller)


def live_with(shop: Shop) -> None:
    """Do everything there is to do now: decide, look at deliveries, pay."""
    while run_round(shop.database, shop.provider, now_us=shop.now_us, holder="one"):
        pass


def settle_late(shop: Shop, *, days: int = 30) -> None:
    """Live on without faults until nothing waits, the clock going on to the next thing that does."""
    until_us = shop.now_us + days * DAY_US
    while shop.now_us < until_us:
        live_with(shop)
        shop.reconcile()
        waits = "SELECT MIN(us) FROM (SELECT MIN(due_us) AS us FROM actions UNION ALL SELECT MIN(next_us) FROM deliveries) w"
        ((waiting,),) = rows_of(shop.database, waits)
        if waiting is None:
            return
        shop.turn(max(waiting - shop.now_us, SECOND_US))
    raise AssertionError(rows_of(shop.database, "SELECT * FROM deliveries WHERE next_us IS NOT NULL"))


def late_balances(database: Engine) -> dict[tuple[str, str], int]:
    """The balance of every account by currency, debits counted up; nothing where it is 0."""
    found: dict[tuple[str, str], int] = {}
    for debit, credit, currency, amount in rows_of(
        database, "SELECT debit, credit, currency, amount_minor FROM entries"
    ):
        found[debit, currency] = found.get((debit, currency), 0) + amount
        found[credit, currency] = found.get((credit, currency), 0) - amount
    return {key: amount for key, amount in found.items() if amount}
