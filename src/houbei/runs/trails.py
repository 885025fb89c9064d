"""Why covers of the store are owed what they are owed, as of the latest moment lived through; nothing is posted here."""

from collections.abc import Sequence

from sqlalchemy import Connection

from houbei.evidence.inquiry import prepare_inquiry
from houbei.evidence.reasons import reasons_of
from houbei.evidence.tell import trail_of
from houbei.evidence.trail import Trail
from houbei.runs.decisions import decide_touched
from houbei.store.marks import lived_until
from houbei.store.promises import Promise, of_prices, published
from houbei.store.touched import begin_touching, touch_covers, touched_terms

COVERS_MAX = 100
"""How many covers may be asked about at once: a page of them."""


def tell_trails(connection: Connection, covers: Sequence[int]) -> dict[int, Trail]:
    """Tell for some covers why they are owed what they are owed.

    Args:
        connection: A state of the store; its own temporary tables are used.
        covers: Their numbers, at most `COVERS_MAX`.

    Returns:
        One trail a cover, by its number; none for a number that is no cover of price protection.

    Cost: the engine a few times over these covers, those that share a purse with them, and their SKUs' prices: tens of milliseconds.
    """
    wanted = set(covers[:COVERS_MAX])
    begin_touching(connection)
    touch_covers(connection, sorted(wanted))
    as_of_us, told = lived_until(connection), dict[int, Trail]()
    by_seq = {promise.seq: promise for promise in of_prices(published(connection))}
    for seq in sorted(by_seq.keys() & set(touched_terms(connection))):
        told |= _told_under(connection, by_seq[seq], wanted, as_of_us)
    return told


def _told_under(connection: Connection, promise: Promise, wanted: set[int], as_of_us: int) -> dict[int, Trail]:
    told = dict[int, Trail]()
    for decided in decide_touched(connection, promise, as_of_us=as_of_us, every_series=True):
        inquiry = prepare_inquiry(decided.engine, prices=decided.prices, market=decided.market)
        reasons = reasons_of(inquiry, decided.lines, decided.decision, granted=decided.amounts)
        told |= {
            cover: trail_of(inquiry, decided.lines, decided.decision, reasons, place=place)
            for place, cover in enumerate(decided.found.covers)
            if cover in wanted and decided.lines.live[place]
        }
    return told
