"""Why covers of the store are owed what they are owed, as of the latest moment lived through; nothing is posted here."""

from collections.abc import Sequence

from sqlalchemy import Connection

from houbei.engine import reading_of
from houbei.evidence.inquiry import prepare_inquiry
from houbei.evidence.reasons import reasons_of
from houbei.evidence.tell import trail_of
from houbei.evidence.trail import Trail
from houbei.runs.decisions import decide, named_in
from houbei.store.marks import lived_until
from houbei.store.promises import Promise, published
from houbei.store.touched import begin_touching, read_touched, touch_covers, touch_mates, touched_terms

COVERS_MAX = 100
"""How many covers may be asked about at once: a page of them."""


def tell_trails(connection: Connection, covers: Sequence[int]) -> dict[int, Trail]:
    """Tell for some covers why they are owed what they are owed.

    Args:
        connection: A state of the store; its own temporary tables are used.
        covers: Their numbers, at most `COVERS_MAX`.

    Returns:
        One trail a cover, by its number; none for a number that is no cover.

    Cost: the engine a few times over these covers, those that share a purse with them, and their SKUs' prices: tens of milliseconds.
    """
    wanted = set(covers[:COVERS_MAX])
    begin_touching(connection)
    touch_covers(connection, sorted(wanted))
    as_of_us, told = lived_until(connection), dict[int, Trail]()
    by_seq = {promise.seq: promise for promise in published(connection)}
    for seq in touched_terms(connection):
        told |= _told_under(connection, by_seq[seq], wanted, as_of_us)
    return told


def _told_under(connection: Connection, promise: Promise, wanted: set[int], as_of_us: int) -> dict[int, Trail]:
    keys = sorted(reading_of(promise.terms)[0].keys)
    if keys:
        touch_mates(connection, terms=promise.seq, keys=keys)
    named, named_of_prices = named_in(promise.terms)
    found = read_touched(
        connection,
        terms=promise.seq,
        named=named,
        named_of_prices=named_of_prices,
        whole_days=promise.terms.compare.seen_at_least > 1,
        every_series=True,
    )
    decided = decide(promise, found, as_of_us=as_of_us)
    inquiry = prepare_inquiry(decided.engine, prices=decided.prices, market=decided.market)
    reasons = reasons_of(inquiry, decided.lines, decided.decision, granted=decided.amounts)
    return {
        cover: trail_of(inquiry, decided.lines, decided.decision, reasons, place=place)
        for place, cover in enumerate(found.covers)
        if cover in wanted and decided.lines.live[place]
    }
