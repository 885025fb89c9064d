"""Who paid for the lines of a batch, and what each of them is owed already, by what the store holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from houbei.actions.plan import Way
from houbei.ledger.posting import Stoppable
from houbei.ledger.shares import Shares, shares_of
from houbei.runs.decisions import Decided
from houbei.store.books import read_standing


@dataclass(frozen=True, slots=True)
class Ways:
    """How money goes back for a line: the way of each of its shares, and last what is beyond them all; and its order."""

    ways: Sequence[Way]
    order_id: str

    def share_of(self, kind: str, payment: str) -> int:
        """Give the place of the share that is settled in this way; the last one, beyond them all, where none is."""
        for place, way in enumerate(self.ways):
            if (way.kind, way.payment or self.order_id) == (kind, payment):
                return place
        return len(self.ways) - 1

    def standing(self, connection: Connection, covers: Sequence[int]) -> list[int]:
        """Add up by share what some covers are owed and was not stopped, minor units. Cost: a look-up a cover."""
        standing = [0] * len(self.ways)
        for cover in covers:
            for kind, payment, amount_minor in read_standing(connection, cover):
                standing[self.share_of(kind, payment)] += amount_minor
        return standing


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
    connection: Connection, covers: Sequence[int], shares: Mapping[int, Shares], ways: Mapping[int, Ways]
) -> dict[int, tuple[Shares, Sequence[int]]]:
    """The shares of each such line, and what each is owed and was not stopped, by the place of its cover.

    Args:
        connection: Where the settlements are.
        covers: The covers of the batch.
        shares: How their lines were paid, by place.
        ways: How each share is settled, by place.

    Cost: a look-up a line that names tenders or funders.
    """
    return {place: (one, ways[place].standing(connection, covers[place : place + 1])) for place, one in shares.items()}


def tell_shares(stoppable: Stoppable, told: Sequence[tuple[str, str]], ways: Mapping[int, Ways]) -> Stoppable:
    """Say of each settlement that can be stopped whose share it is, by its kind and payment; `ways` by the place of its cover, where there are shares."""
    if not ways:
        return stoppable
    share = stoppable.share.copy()
    for row, (place, (kind, payment)) in enumerate(zip(stoppable.cover.tolist(), told, strict=True)):
        if place in ways:
            share[row] = ways[place].share_of(kind, payment)
    return replace(stoppable, share=share)
