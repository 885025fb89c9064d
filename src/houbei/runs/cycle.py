"""One cycle of the live loop: new facts → the covers they touch → the engine → what is not yet posted, all in one transaction.

It is level-triggered. A cycle asks what the touched covers are owed now and posts the difference, so facts may come late, twice or in
any order, and a cycle that was cut off is simply asked again.
"""

from dataclasses import dataclass

import msgspec
import numpy as np
from sqlalchemy import Connection, Engine

from houbei.columns import MISSING
from houbei.cover.windows import FOREVER
from houbei.runs.decisions import decide_touched, matters_until, moments_told, named_in, read_bound
from houbei.runs.deliveries import note_told
from houbei.runs.posting import post_decided
from houbei.store.cases import note_serials
from houbei.store.database import reading, writing
from houbei.store.delivery_tables import DELIVERY_FACTS
from houbei.store.inbox import NO_PRICE_US, add_covers, anything_waits, look_later, take_out
from houbei.store.marks import live_through
from houbei.store.promises import Promise, of_prices, published, versions_of
from houbei.store.touched import (
    Found,
    any_fresh,
    begin_touching,
    kept_versions,
    note_stale,
    note_stale_of_fresh,
    read_fresh,
    touch_covers_of_fresh,
    touch_events,
    touch_lines,
    touch_stale,
)
from houbei.terms.model import Kind
from houbei.terms.versions import bind

_SERIALS = msgspec.json.Decoder(list[str])
FACTS_MAX = 20_000
"""How many facts one cycle takes on: memory and the length of a transaction depend on it, not on history."""
SERIES_MAX = 5_000
"""How many price series with new prices one cycle takes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """What one cycle did: facts looked at, covers decided, entries posted."""

    facts: int = 0
    covers: int = 0
    entries: int = 0


def run_cycle(database: Engine, *, now_us: int, facts_max: int = FACTS_MAX) -> Cycle:
    """Look at new facts and at moments that have come, and post what they change.

    Args:
        database: The store.
        now_us: What time it is.
        facts_max: How many facts to take on.

    Where more waits than it takes on, a cycle only binds new lines, so that each SKU is decided once and not for every line.

    Returns:
        What was done; `facts` is 0 when nothing is left to look at.

    Raises:
        StoreError: the disk is full or the database cannot be written; nothing of this cycle was kept.
        InvariantError: the books would contradict themselves; nothing of this cycle was kept.

    Cost: 5 ms for one fact; about 10 µs for each touched cover of many.
    """
    with reading(database) as connection:
        if not anything_waits(connection, now_us=now_us):
            return Cycle()
    with writing(database) as connection:
        as_of_us = live_through(connection, now_us)
        begin_touching(connection)
        facts, arriving = _take_facts(connection, as_of_us, facts_max)
        promises = published(connection)
        _bind_fresh(connection, promises, as_of_us)
        note_told(connection, promises, arriving, as_of_us=as_of_us)
        if facts < facts_max:
            touch_covers_of_fresh(connection)
            facts += touch_stale(connection, series_max=SERIES_MAX)
        else:
            note_stale_of_fresh(connection)
        covers, entries = 0, 0
        for promise in of_prices(promises):
            for decided in decide_touched(connection, promise, as_of_us=as_of_us):
                covers += len(decided.found.covers)
                entries += post_decided(connection, decided)
    return Cycle(facts=facts, covers=covers, entries=entries)


def run_until_idle(database: Engine, *, now_us: int) -> Cycle:
    """Run cycles until nothing is left to look at; give their sum."""
    total = Cycle()
    while (done := run_cycle(database, now_us=now_us)).facts:
        total = Cycle(
            facts=total.facts + done.facts,
            covers=total.covers + done.covers,
            entries=total.entries + done.entries,
        )
    return total


def _take_facts(connection: Connection, as_of_us: int, facts_max: int) -> tuple[int, list[tuple[str, int, int]]]:
    """Look at facts of the inbox and at moments that have come; give how many, and which of them are about arrivals."""
    taken, arriving = 0, []
    for kind, first, last in take_out(connection, now_us=as_of_us, facts_max=facts_max):
        taken += last - first + 1
        if kind == "prices":
            note_stale(connection, first=first, last=last, now_us=as_of_us)
        elif kind == "events":
            touch_events(connection, first=first, last=last)
        elif kind in DELIVERY_FACTS:
            arriving.append((kind, first, last))
        else:
            touch_lines(connection, first=first, last=last)
    return taken, arriving


def _bind_fresh(connection: Connection, promises: list[Promise], as_of_us: int) -> None:
    """Bind the fresh lines to the version of each promise that they were sold under; what happened to them may move the closing."""
    if not promises or not any_fresh(connection):
        return
    named = sorted({name for promise in promises for name in named_in(promise.terms)[0]})
    found = read_fresh(connection, named=named)
    _note_serials(connection, found)
    for zone in sorted({promise.terms.zone for promise in promises}):
        _look_when_it_happens(connection, found, zone=zone, as_of_us=as_of_us)
    kept, skus = kept_versions(connection), found.lines.column("sku").to_pylist()
    for versions in versions_of(promises):
        bound_to = np.array([kept.get((seq, versions[0].terms.term), MISSING) for seq in found.seqs])
        for place, promise in enumerate(versions):
            engine, lines = read_bound(promise.terms, found, as_of_us=as_of_us)
            sold_under = bind(lines.moments["placed"], [version.terms for version in versions]) == place
            sold_under = np.where(bound_to == MISSING, sold_under, bound_to == promise.seq)
            binding = engine.bind(lines)
            if promise.terms.kind is not Kind.PRICE_PROTECTION:
                # A report is judged when it comes, and a missing fact is asked for then: only what is bound is noted.
                bound = np.flatnonzero(sold_under & binding.bound).tolist()
                add_covers(connection, [(found.seqs[k], promise.seq, skus[k], NO_PRICE_US, "bound") for k in bound])
                if promise.terms.arrival is not None:
                    unknown = np.flatnonzero(sold_under & binding.undecided).tolist()
                    rows = [(found.seqs[k], promise.seq, skus[k], NO_PRICE_US, "undecided") for k in unknown]
                    add_covers(connection, rows)
                continue
            covers, openings = engine.open(lines, binding=binding)
            closes = np.where(binding.undecided, FOREVER, MISSING)
            np.maximum.at(closes, covers.line, matters_until(openings.closes, terms=promise.terms))
            rows = [
                (found.seqs[k], promise.seq, skus[k], int(closes[k]), "undecided" if binding.undecided[k] else "bound")
                for k in np.flatnonzero(sold_under & (binding.bound | binding.undecided)).tolist()
            ]
            add_covers(connection, rows)


def _note_serials(connection: Connection, found: Found) -> None:
    """Note the serials that fresh lines were delivered with; a cell that cannot be read names none."""
    for seq, more in zip(found.seqs, found.more, strict=True):
        if "serials" in more:
            note_serials(connection, seq, _SERIALS.decode(more["serials"]))


def _look_when_it_happens(connection: Connection, found: Found, *, zone: str, as_of_us: int) -> None:
    """Note when the next of what was told of lines will have happened."""
    rows = [
        (min(later), seq)
        for seq, more in zip(found.seqs, found.more, strict=True)
        if more and (later := [us for us in moments_told(more, zone=zone) if us > as_of_us])
    ]
    look_later(connection, rows)
