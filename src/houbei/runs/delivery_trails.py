"""Why deliveries of the store are owed what they are owed, as of the latest moment lived through; nothing is posted here."""

from collections.abc import Sequence

from sqlalchemy import Connection

from houbei.evidence.arrivals import ArrivalTrail, ClosureFacts, LateStep, ScanFacts, ShownFacts
from houbei.money import POINTS
from houbei.owed.delivery import Verdict
from houbei.owed.lateness import FORMS
from houbei.runs.delivery_decisions import DecidedDeliveries, Stand, decide_deliveries
from houbei.store.deliveries import Delivery, orders_together
from houbei.store.delivery_lookup import deliveries_named
from houbei.store.marks import lived_until
from houbei.store.people import people_by_key
from houbei.store.promises import Promise, published
from houbei.terms.delivery import Form
from houbei.terms.model import Clause, Terms


def tell_arrival(connection: Connection, delivery: Delivery) -> ArrivalTrail:
    """Tell why a delivery is owed what it is owed.

    Args:
        connection: A state of the store; its own temporary tables are used.
        delivery: The delivery, as it is kept.

    Cost: its facts read and decided again: some milliseconds.
    """
    promise = next(one for one in published(connection) if one.seq == delivery.terms)
    together, as_of_us = orders_together(connection, [delivery.order_id]), lived_until(connection)
    decided = decide_deliveries(connection, promise, together, as_of_us=as_of_us)
    row = next(k for k, one in enumerate(decided.kept) if one.delivery == delivery.delivery) if decided else -1
    if decided is None or decided.places[row] < 0:
        return _nothing_promised(delivery, promise, as_of_us)
    place, judged = int(decided.places[row]), decided.judged
    stand = list(decided.stands())[row]
    return ArrivalTrail(
        delivery_id=delivery.delivery_id,
        order_id=delivery.order_id,
        terms=promise.terms,
        verdict=stand.verdict,
        clause=clause_named(promise.terms, stand.clause),
        currency=judged.money.values[judged.money.codes[place]],
        promised_us=stand.promised_us,
        by_us=stand.by_us,
        arrived_us=stand.arrived_us,
        as_of_us=as_of_us,
        provisional=bool(stand.provisional),
        chance_permille=stand.chance_permille,
        shown=_shown(decided, place),
        scans=_scans(connection, decided, delivery),
        closure=_closure(decided, place),
        steps=_steps(decided, row),
    )


def owed_now(connection: Connection, deliveries: Sequence[Delivery]) -> dict[int, Stand]:
    """Say how deliveries stand now and what they are owed, by their numbers; cost: their orders' facts read and decided together."""
    as_of_us, found = lived_until(connection), dict[int, Stand]()
    for promise in published(connection):
        orders = sorted({one.order_id for one in deliveries if one.terms == promise.seq})
        together = orders_together(connection, orders)
        decided = decide_deliveries(connection, promise, together, as_of_us=as_of_us) if orders else None
        if decided is not None:
            found |= {one.delivery.delivery: one for one in decided.stands()}
    return found


def scan_of_arrival(connection: Connection, delivery_id: str) -> str | None:
    """Give the scan by which a delivery arrived, `delivered:LINE` and its like where a line itself says so; None where nothing does."""
    found = [one for one in deliveries_named(connection, delivery_id) if one.delivery_id == delivery_id]
    return next((one.scan_id for one in owed_now(connection, found).values() if one.scan_id), None)


def clause_named(terms: Terms, clause_id: str) -> Clause:
    """Give a clause of a document by its id, the first where it has none of it."""
    return next((clause for clause in terms.clauses if clause.id == clause_id), terms.clauses[0])


def _nothing_promised(delivery: Delivery, promise: Promise, as_of_us: int) -> ArrivalTrail:
    return ArrivalTrail(
        delivery_id=delivery.delivery_id,
        order_id=delivery.order_id,
        terms=promise.terms,
        verdict=Verdict.NONE,
        clause=clause_named(promise.terms, promise.terms.scope_clause),
        currency="",
        promised_us=None,
        by_us=None,
        arrived_us=None,
        as_of_us=as_of_us,
        provisional=False,
        chance_permille=None,
        shown=(),
        scans=(),
        closure=None,
        steps=(),
    )


def _shown(decided: DecidedDeliveries, place: int) -> tuple[ShownFacts, ...]:
    """What was shown of a delivery by now, in the order of time."""
    given, judged = decided.told.given, decided.judged
    found = [
        ShownFacts(
            promise_id=given["promise_id"][row],
            shown_us=given["shown_us"][row],
            from_us=given["from_us"][row],
            by_us=given["by_us"][row],
            by_buyer=given["asked_by"][row] == "buyer",
            fee_minor=given["fee_minor"][row] or 0,
            counts=row == int(judged.promise[place]),
        )
        for row, of in enumerate(judged.together.of_promise.tolist())
        if of == place
    ]
    return tuple(sorted(found, key=lambda one: (one.shown_us, one.promise_id)))


def _scans(connection: Connection, decided: DecidedDeliveries, delivery: Delivery) -> tuple[ScanFacts, ...]:
    """What was told of a delivery's parcels by now, in the order of time."""
    told, given = decided.told.scanned, decided.told.given
    pairs = zip(given["order_id"], given["delivery_id"], strict=True)
    orders = {delivery.order_id, *(order_id for order_id, name in pairs if name == delivery.delivery_id)}
    people = people_by_key(connection, {key for key in told["person"] if key is not None})
    found = []
    for row, named in enumerate(told["delivery_id"]):
        mine = named == delivery.delivery_id or (named is None and told["order_id"][row] in orders)
        if mine and told["at_us"][row] <= decided.as_of_us:
            found.append(
                ScanFacts(
                    scan_id=told["scan_id"][row],
                    at_us=told["at_us"][row],
                    what=told["what"][row],
                    told_by=told["told_by"][row],
                    parcel_id=told["parcel_id"][row] or "",
                    disputes=told["disputes"][row] or "",
                    evidence=told["evidence"][row] or "",
                    person=people[told["person"][row]].shown if told["person"][row] in people else "",
                )
            )
    return tuple(sorted(found, key=lambda one: (one.at_us, one.scan_id)))


def _closure(decided: DecidedDeliveries, place: int) -> ClosureFacts | None:
    row = int(decided.judged.closure[place])
    if row < 0:
        return None
    closed, arrival = decided.told.closed, decided.promise.terms.arrival
    excuse = None if arrival is None else arrival.excuse(closed["code"][row])
    return ClosureFacts(
        closure_id=closed["closure_id"][row],
        zh=closed["code"][row] if excuse is None else excuse.zh,
        en=closed["code"][row] if excuse is None else excuse.en,
        from_us=closed["from_us"][row],
        until_us=closed["until_us"][row],
        evidence=closed["evidence"][row] or "",
    )


def _steps(decided: DecidedDeliveries, row: int) -> tuple[LateStep, ...]:
    judged, late, arrival = decided.judged, decided.judged.late, decided.promise.terms.arrival
    currency = judged.money.values[judged.money.codes[decided.places[row]]]
    return tuple(
        LateStep(
            at_us=int(late.step_at_us[step]),
            over_us=0 if arrival is None else arrival.tiers[int(late.step_tier[step])].over_us,
            amount=int(late.step_amount[step]),
            unit=POINTS if FORMS[int(late.step_form[step])] is Form.POINTS else currency,
            clause=judged.step_clauses[step],
            held=bool(late.step_held[step]),
            parcel_id=judged.step_parcel_ids[step].as_py() or "",
        )
        for step, of in enumerate(decided.row_of_step.tolist())
        if of == row
    )
