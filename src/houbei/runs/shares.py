"""Who paid for the lines of a batch, and what each of them is owed already, by what the store holds."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from houbei.actions.plan import Way, ways_of
from houbei.ledger.posting import Stoppable
from houbei.ledger.shares import Shares, shares_of
from houbei.runs.decisions import Decided
from houbei.store.books import read_standing


def shares_by_place(decided: Decided) -> dict[int, Shares]:
    """How the lines that name tenders or funders were paid, by place."""
    found, lines, shares = decided.found, decided.lines, dict[int, Shares]()
    for place, more in enumerate(found.more):
        if "tenders" in more or "funders" in more:
            currency = lines.texts["currency"]
            read = shares_of(
                more,
                terms=decided.promise.terms,
                paid_minor=int(lines.paid_minor[place]),
                currency=currency.values[currency.codes[place]],
                order_id=found.order_ids[place],
            )
            if read is not None:
                shares[place] = read
    return shares


def stand_at(
    connection: Connection, decided: Decided, shares: Mapping[int, Shares]
) -> dict[int, tuple[Shares, Sequence[int]]]:
    """The shares of each such line, and what each is owed and was not stopped.

    Args:
        connection: Where the settlements are.
        decided: The batch.
        shares: How its lines were paid, by place.

    Cost: a look-up a line that names tenders or funders.
    """
    stands: dict[int, tuple[Shares, Sequence[int]]] = {}
    for place, one in shares.items():
        standing = [0] * (len(one.shares) + 1)
        ways, order_id = ways_of(one, terms=decided.promise.terms), decided.found.order_ids[place]
        for kind, payment, amount_minor in read_standing(connection, decided.found.covers[place]):
            standing[share_of(ways, kind, payment, order_id)] += amount_minor
        stands[place] = one, standing
    return stands


def tell_shares(
    decided: Decided, stoppable: Stoppable, told: Sequence[tuple[str, str]], shares: Mapping[int, Shares]
) -> Stoppable:
    """Say of each settlement that can be stopped whose share it is, by its kind and payment."""
    if not shares:
        return stoppable
    share = stoppable.share.copy()
    for row, (place, (kind, payment)) in enumerate(zip(stoppable.cover.tolist(), told, strict=True)):
        if place in shares:
            ways = ways_of(shares[place], terms=decided.promise.terms)
            share[row] = share_of(ways, kind, payment, decided.found.order_ids[place])
    return replace(stoppable, share=share)


def share_of(ways: Sequence[Way], kind: str, payment: str, order_id: str) -> int:
    """Give the place of the share that is settled in this way; the last one, beyond them all, where none is."""
    for place, way in enumerate(ways):
        if (way.kind, way.payment or order_id) == (kind, payment):
            return place
    return len(ways) - 1
