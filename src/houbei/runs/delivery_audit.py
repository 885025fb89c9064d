"""The audit of deliveries: each is worked out again from the facts, and how it stands, what is booked and what waits agree, or are named."""

from collections.abc import Iterator, Sequence

import numpy as np
from sqlalchemy import Connection

from houbei.ledger.accounts import Account
from houbei.runs.deliveries import LATE_DISPUTED, disputes_waiting, terms_of_arrivals
from houbei.runs.delivery_decisions import DecidedDeliveries, Stand, decide_deliveries
from houbei.store.books import read_books
from houbei.store.deliveries import STANDS, deliveries_missing, order_ids_after, orders_together
from houbei.store.marks import lived_until
from houbei.store.needs import refs_needed
from houbei.store.promises import of_arrivals, published
from houbei.store.statements import ask
from houbei.store.touched import begin_touching, touch_covers
from houbei.terms.delivery import Form

ORDERS_MAX = 1_000
"""How many orders are read at once."""


def compare_deliveries(connection: Connection) -> Iterator[tuple[int, list[str]]]:
    """Work out every delivery again as of the latest moment lived through, and compare.

    Args:
        connection: A state of the store; its own temporary tables are used.

    Yields:
        How many deliveries were done, and where they differ, in one sentence each; last, what belongs to no delivery.

    Cost: as `runs.delivery_decisions.decide_deliveries`, for all orders with deliveries.
    """
    as_of_us, waiting = lived_until(connection), refs_needed(connection, kind=LATE_DISPUTED)
    promises = of_arrivals(published(connection))
    after: str | None = None
    seen, booked, there = set[int](), set[int](), set[str]()
    while orders := order_ids_after(connection, after=after, most=ORDERS_MAX):
        after = orders[-1]
        count, differences = 0, list[str]()
        for promise in promises:
            together = orders_together(connection, orders)
            decided = decide_deliveries(connection, promise, together, as_of_us=as_of_us)
            if decided is None:
                continue
            stands = [one for one in decided.stands() if one.delivery.delivery not in seen]
            seen |= {one.delivery.delivery for one in stands}
            booked |= {one.delivery.cover for one in stands}
            there |= {one.delivery.ref for one in stands}
            count += len(stands)
            differences += [said for one in stands for said in _differs(one)]
            differences += [*_books_differ(connection, decided), *_waits_differ(stands, waiting)]
        yield count, differences
    yield 0, list(_left_over(connection, covers=booked, refs=waiting - there))


def _differs(one: Stand) -> Iterator[str]:
    """How a delivery stands, against what its facts make of it."""
    for name, now in zip(STANDS, one.values(), strict=True):
        if (kept := getattr(one.delivery, name)) != now:
            yield f"delivery {one.delivery.delivery_id}: {name} is {kept}, its facts say {now}"


def _waits_differ(stands: Sequence[Stand], waiting: frozenset[str]) -> Iterator[str]:
    """Which deliveries wait for a person, against what their facts ask for."""
    asked = disputes_waiting(stands)
    for one in stands:
        if (one.delivery.ref in asked) != (one.delivery.ref in waiting):
            stands_there = "is not" if one.delivery.ref in asked else "is"
            yield f"delivery {one.delivery.delivery_id} {stands_there} on somebody's list, its facts say the opposite"


def _books_differ(connection: Connection, decided: DecidedDeliveries) -> Iterator[str]:
    """What each cover is owed in money and in points, against its cost account."""
    covers = sorted({one.cover for one in decided.kept})
    begin_touching(connection)
    touch_covers(connection, covers)
    numbers = np.array(covers, dtype=np.int64)
    place = {cover: k for k, cover in enumerate(covers)}
    of = np.array([place[one.cover] for one in decided.kept], dtype=np.int64)
    for form in Form:
        owed = np.zeros(len(covers), dtype=np.int64)
        np.add.at(owed, of, decided.sums(form, held=False))
        posted = read_books(connection, numbers, cost=Account.DELIVERY_GUARANTEE, points=form is Form.POINTS).owed_minor
        for k in np.flatnonzero(owed != posted).tolist():
            ids = ", ".join(one.delivery_id for one in decided.kept if one.cover == covers[k])
            yield (
                f"delivery {ids} under {decided.promise.terms.term}: the facts say {owed[k]} is owed in {form},"
                f" the ledger says {posted[k]}"
            )


def _left_over(connection: Connection, *, covers: set[int], refs: frozenset[str]) -> Iterator[str]:
    """What belongs to no delivery: entries, matters before a person; and deliveries that should be there."""
    rows = ask(
        connection,
        "SELECT DISTINCT cover FROM entries WHERE :cost IN (debit, credit) ORDER BY cover",
        cost=Account.DELIVERY_GUARANTEE,
    )
    for row in rows:
        if row[0] not in covers:
            yield f"cover {row[0]} has entries of late deliveries, and no delivery"
    for ref in sorted(refs):
        yield f"somebody is asked about delivery {ref}, which is not there"
    for delivery_id, term in deliveries_missing(connection, terms_of_arrivals(published(connection))):
        yield f"delivery {delivery_id} is promised under {term}, and not kept"
