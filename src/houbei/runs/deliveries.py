"""Deliveries in the live store: what is told of them is read back as files have it, asked of the same rule, posted, and kept.

A delivery is looked at when a fact touches it or when its own moment has come (`deliveries.next_us`), with everything of its order. What is
posted is the difference to the books, so a look that was cut off is simply taken again, and two processes post no more than one.
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection, Engine

from houbei.facts.rejected import REASONS
from houbei.owed.delivery import Verdict
from houbei.runs.delivery_decisions import DecidedDeliveries, Stand, decide_deliveries
from houbei.runs.delivery_posting import post_late
from houbei.store.database import reading, writing
from houbei.store.deliveries import (
    any_delivery_due,
    due_orders,
    keep_deliveries,
    orders_of_fresh,
    orders_of_given,
    orders_together,
    touch_closures,
    touch_orders,
    touch_scans,
)
from houbei.store.marks import live_through, lived_until
from houbei.store.needs import keep_needs
from houbei.store.promises import Promise, of_arrivals, published
from houbei.terms.delivery import Made

DELIVERIES_MAX = 2_000
"""How many deliveries one transaction takes on: others wait for their turn no longer than that takes."""
LATE_DISPUTED = "late_disputed"
"""The kind of need under which a delivery waits that its buyer disputes: a person looks before anything is paid for it."""
UNPLACED = "delivery_fact"
"""The kind of need under which a fact waits of which the delivery, or what it disputes, cannot be told."""
_ENCODER = msgspec.json.Encoder()


def note_told(
    connection: Connection, promises: Sequence[Promise], told: Sequence[tuple[str, int, int]], *, as_of_us: int
) -> None:
    """Note which deliveries are to be looked at because of what was told; the fresh lines are bound by now.

    Args:
        connection: In a writing transaction, where `fresh` is.
        promises: Every published promise.
        told: The facts: their table, the first and the last row.
        as_of_us: What time it is.

    Cost: nothing where no promise is about arrivals; else some look-ups an order.
    """
    terms = terms_of_arrivals(promises)
    if not terms:
        return
    orders = set(orders_of_fresh(connection))
    for kind, first, last in told:
        if kind == "promises_given":
            orders |= set(orders_of_given(connection, first=first, last=last))
    touch_orders(connection, orders_together(connection, orders), terms=terms, now_us=as_of_us)
    for kind, first, last in told:
        if kind == "scans":
            touch_scans(connection, first=first, last=last, now_us=as_of_us)
        elif kind == "closures":
            touch_closures(connection, first=first, last=last, now_us=as_of_us)


def terms_of_arrivals(promises: Sequence[Promise]) -> dict[int, tuple[str, bool]]:
    """Give of each promise of arrival, by its number, its term and whether its date is one that was shown."""
    return {
        one.seq: (one.terms.term, one.terms.arrival is not None and one.terms.arrival.made is Made.SHOWN)
        for one in of_arrivals(promises)
    }


def look_at_deliveries(database: Engine, *, now_us: int, deliveries_max: int = DELIVERIES_MAX) -> int:
    """Look at every delivery that a fact touched or whose moment has come, and post what it changes.

    Args:
        database: The store.
        now_us: What time it is.
        deliveries_max: How many deliveries one transaction takes on, and what arrives together with them.

    Returns:
        How many were looked at.

    Raises:
        StoreError: the store cannot be written; what was committed before is kept.
        InvariantError: the books would contradict themselves; the batch that it is in is not kept.

    Cost: a look-up where there is none; else some 7 ms a batch and 0.13 ms a delivery, and the disk.
    """
    looked = 0
    while True:
        with reading(database) as connection:
            # A clock that went back makes nothing undone: what was touched meanwhile is looked at all the same.
            if not any_delivery_due(connection, now_us=max(now_us, lived_until(connection))):
                return looked
        with writing(database) as connection:
            as_of_us = live_through(connection, now_us)
            due = due_orders(connection, now_us=as_of_us, most=deliveries_max)
            looked += _look_at(connection, orders_together(connection, due), as_of_us=as_of_us)


def _look_at(connection: Connection, order_ids: Sequence[str], *, as_of_us: int) -> int:
    looked = 0
    for promise in of_arrivals(published(connection)):
        decided = decide_deliveries(connection, promise, order_ids, as_of_us=as_of_us)
        if decided is None:
            continue
        if not looked:
            _put_unplaced(connection, decided)
        post_late(connection, decided)
        stands = list(decided.stands())
        keep_deliveries(connection, [(*one.values(), one.next_us, as_of_us, one.delivery.delivery) for one in stands])
        _put_disputes(connection, stands, as_of_us=as_of_us)
        looked += len(stands)
    return looked


def _put_disputes(connection: Connection, stands: Sequence[Stand], *, as_of_us: int) -> None:
    """Put what a buyer disputes before a person, with what is held for it, and take off what no longer waits."""
    put, gone = list[tuple[object, ...]](), list[str]()
    for one in stands:
        if not _is_disputed(one):
            gone.append(one.delivery.ref)
            continue
        told = {
            "delivery": one.delivery.delivery,
            "delivery_id": one.delivery.delivery_id,
            "order_id": one.delivery.order_id,
            "scan": one.scan_id,
            "clause": one.clause,
            "points": one.held_points,
        }
        said = _ENCODER.encode(told).decode()
        put.append((LATE_DISPUTED, one.delivery.ref, as_of_us, said, one.held_minor, one.currency))
    keep_needs(connection, LATE_DISPUTED, put=put, gone=gone)


def _put_unplaced(connection: Connection, decided: DecidedDeliveries) -> None:
    """Put facts before a person that cannot be placed, such as a dispute of a scan that nobody told of; what comes later may place them."""
    put = [
        (UNPLACED, fact, decided.as_of_us, _ENCODER.encode({"fact": fact, "reason": REASONS[why]}).decode(), None, None)
        for fact, why in decided.unplaced.items()
        if why is not None
    ]
    keep_needs(connection, UNPLACED, put=put, gone=[fact for fact, why in decided.unplaced.items() if why is None])


def disputes_waiting(stands: Sequence[Stand]) -> frozenset[str]:
    """The refs of the deliveries that wait for a person, by what the facts say."""
    return frozenset(one.delivery.ref for one in stands if _is_disputed(one))


def _is_disputed(one: Stand) -> bool:
    return one.verdict is Verdict.DISPUTED or one.held_minor > 0 or one.held_points > 0
