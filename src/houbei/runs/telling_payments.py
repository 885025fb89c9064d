"""What late deliveries were paid, told to their buyers: once everything that is owed so far is paid by a receipt, or credited, and not before."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine

from houbei.actions.plan import Kind
from houbei.calendars.days import Days
from houbei.delivery.telling import Telling
from houbei.delivery.telling_times import next_telling_us
from houbei.delivery.telling_words import LANGUAGES, Paid, Sum, Told, points_text, say_telling
from houbei.delivery.watch_rules import DAY_US, USUAL, WatchRules
from houbei.errors import InvariantError
from houbei.ids import telling_id
from houbei.ledger.entries import State
from houbei.money import POINTS
from houbei.runs.telling_texts import written
from houbei.store.database import reading, writing
from houbei.store.deliveries import Delivery, find_delivery
from houbei.store.marks import live_through
from houbei.store.promises import of_arrivals, published
from houbei.store.tellings import (
    Decided,
    LatePayment,
    add_tellings,
    await_no_payment,
    late_payments,
    settled_payments,
    tellings_of,
)
from houbei.terms.model import Terms

DELIVERIES_MAX = 1_000
"""How many deliveries are looked at in one transaction."""
_DECODER = msgspec.json.Decoder(dict[str, Any])


def tell_payments(database: Engine, *, now_us: int, rules: WatchRules = USUAL) -> int:
    """Decide to tell buyers what late deliveries were paid.

    Args:
        database: The store.
        now_us: What time it is.
        rules: Between which times of day buyers are told.

    Returns:
        How many are to be told.

    Raises:
        StoreError: the store cannot be written.

    Cost: a look-up for each late delivery that waits for its payment; some 100 µs for each that is paid.
    """
    told = 0
    while True:
        with reading(database) as connection:
            if not settled_payments(connection, most=1):
                return told
        with writing(database) as connection:
            at_us = live_through(connection, now_us)
            told += _tell(connection, settled_payments(connection, most=DELIVERIES_MAX), rules=rules, now_us=at_us)


def _tell(connection: Connection, settled: Sequence[int], *, rules: WatchRules, now_us: int) -> int:
    terms = {one.seq: one.terms for one in of_arrivals(published(connection))}
    decided = list[Decided]()
    for number in settled:
        delivery, payments = find_delivery(connection, number), late_payments(connection, delivery=number)
        new = [] if delivery is None else _not_told(connection, delivery, payments)
        if delivery is not None and new:
            decided.append(_decided(delivery, terms[delivery.terms], new, rules=rules, now_us=now_us))
    await_no_payment(connection, settled)
    return add_tellings(connection, decided)


def _not_told(connection: Connection, delivery: Delivery, payments: Sequence[LatePayment]) -> list[LatePayment]:
    """The payments that no telling was of."""
    kept = tellings_of(connection, [delivery.delivery_id]).get((delivery.source, delivery.delivery_id), [])
    before = {
        tuple(one) for told in kept if told.kind == Telling.PAID for one in _DECODER.decode(told.told)["payments"]
    }
    return [one for one in payments if (delivery.cover, one.sequence) not in before]


def _decided(
    delivery: Delivery, terms: Terms, payments: Sequence[LatePayment], *, rules: WatchRules, now_us: int
) -> Decided:
    days = Days.over(terms.zone, from_us=now_us, to_us=now_us + DAY_US)
    arrival = terms.arrival
    if arrival is None or delivery.by_us is None:
        raise InvariantError(delivery.delivery_id)
    told = Told(kind=Telling.PAID, reaches=arrival.reaches, by_us=delivery.by_us, now_us=now_us, zone=terms.zone)
    texts = [say_telling(told, _sums(payments, language), language) for language in LANGUAGES]
    paid = [(delivery.cover, one.sequence) for one in payments]
    facts = {
        "payments": paid,
        "sums": [{"amount": one.amount, "unit": one.unit, "kind": _way(one).value} for one in payments],
        "promised_us": delivery.by_us,
    }
    return Decided(
        telling=telling_id(
            source=delivery.source,
            delivery_id=delivery.delivery_id,
            kind=Telling.PAID.value,
            about=f"{terms.term}:{','.join(str(sequence) for _, sequence in paid)}",
        ),
        source=delivery.source,
        delivery_id=delivery.delivery_id,
        order_id=delivery.order_id,
        kind=Telling.PAID.value,
        promise=None,
        zh=texts[0],
        en=texts[1],
        told=msgspec.json.encode(facts).decode(),
        decided_us=now_us,
        by_us=None,
        due_us=next_telling_us(now_us, days, before_us=None, rules=rules),
    )


def _sums(payments: Sequence[LatePayment], language: str) -> list[Sum]:
    """What was paid, added up by the way it went and its unit, in the order in which it was owed."""
    totals: dict[tuple[Paid, str], int] = {}
    for one in payments:
        totals[_way(one), one.unit] = totals.get((_way(one), one.unit), 0) + one.amount
    return [
        Sum(text=points_text(amount, language) if unit == POINTS else written(amount, unit, language), paid=way)
        for (way, unit), amount in totals.items()
    ]


def _way(one: LatePayment) -> Paid:
    if one.unit == POINTS:
        return Paid.POINTS
    credited = one.kind == Kind.CREDIT.value or one.state == State.CREDITED.value
    return Paid.CREDIT if credited else Paid.BACK
