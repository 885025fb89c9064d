"""Promises under way, watched by the clock: what may not be kept is put before whoever can still do something, and told to its buyer.

A delivery is looked at when a fact touched it or when its moment has come (`deliveries.watch_us`), a batch at a time, each in a transaction of
its own. What time it is comes from the loop: a clock that jumped is lived by the time that passed, so it raises no alarm. A process
that starts after a long stop, or with a clock set forward, sees carriers that have not been heard since: their feeds are silent, which is
one matter each, and no parcel of theirs is called lost.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine

from houbei.columns import MISSING
from houbei.delivery.telling import Telling
from houbei.delivery.watch_rules import USUAL, WatchRules
from houbei.delivery.watching import Risk, Who, Why
from houbei.runs.delivery_decisions import decide_deliveries
from houbei.runs.pacing import Pacing
from houbei.runs.telling_channel import Channel
from houbei.runs.telling_payments import tell_payments
from houbei.runs.telling_texts import Draft, drafts_of, put_into_words
from houbei.runs.tellings import drop_tellings, run_tellings
from houbei.runs.watched_deliveries import Looked, look_at
from houbei.store.database import reading, writing
from houbei.store.deliveries import Delivery, deliveries_of_orders, orders_together
from houbei.store.marks import live_through, read_mark, write_mark
from houbei.store.needs import keep_needs, refs_needed
from houbei.store.promises import of_arrivals, published
from houbei.store.tellings import Decided, add_tellings, await_payment, set_work, tellings_of
from houbei.store.tellings import Telling as Kept
from houbei.store.watching import (
    any_to_watch,
    carriers_under_way,
    due_to_watch,
    keep_watch,
    read_feeds,
    watch_carrier,
)

DELIVERIES_MAX = 2_000
"""How many deliveries one transaction takes on."""
FEEDS_EVERY_US = 600_000_000
"""How often it is asked whether a feed has fallen silent."""
FEEDS_LOOKED = "feeds_looked_us"
PARCEL_AT_RISK = "parcel_at_risk"
PARCEL_LOST = "parcel_lost"
FEED_SILENT = "feed_silent"
"""Kinds of needs: a promise that may be broken, a parcel that is lost, a carrier that nobody hears of."""
NO_LONGER = "no_longer"
"""Why a telling was dropped: it was no longer so before anybody heard it."""
_ENCODER = msgspec.json.Encoder()
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookout:
    """What a process watches promises with: the lead times it knows, the channel to buyers (None: a person tells them), and the rules."""

    pacing: Pacing | None = None
    channel: Channel | None = None
    rules: WatchRules = USUAL


def look_out(database: Engine, lookout: Lookout, *, now_us: int, holder: str) -> int:
    """Tell buyers what there is to tell, once round: what was paid, and whatever is due to be sent; give how much that was."""
    told = tell_payments(database, now_us=now_us, rules=lookout.rules)
    return told + run_tellings(database, lookout.channel, now_us=now_us, holder=holder)


def watch_deliveries(
    database: Engine,
    *,
    now_us: int,
    pacing: Pacing | None = None,
    rules: WatchRules = USUAL,
    deliveries_max: int = DELIVERIES_MAX,
) -> int:
    """Look at the risk of every delivery that is due to be looked at.

    Args:
        database: The store.
        now_us: What time it is.
        pacing: The lead times; without them promises are taken at their word.
        rules: The numbers of watching.
        deliveries_max: How many deliveries one transaction takes on.

    Returns:
        How many were looked at.

    Raises:
        StoreError: the store cannot be written; what was committed before is kept.

    Cost: a look-up where there is none; else about what deciding them takes, half a millisecond a delivery.
    """
    look_at_feeds(database, now_us=now_us, pacing=pacing)
    looked = 0
    while True:
        with reading(database) as connection:
            if not any_to_watch(connection, now_us=now_us):
                return looked
        with writing(database) as connection:
            as_of_us = live_through(connection, now_us)
            due = due_to_watch(connection, now_us=as_of_us, most=deliveries_max)
            _watch(connection, due, pacing=pacing, rules=rules, as_of_us=as_of_us)
        looked += len(due)


def look_at_feeds(database: Engine, *, now_us: int, pacing: Pacing | None = None) -> None:
    """Now and then, find the carriers whose feeds have fallen silent or come back; each that is silent is one matter for a person."""
    with reading(database) as connection:
        if now_us - int(read_mark(connection, FEEDS_LOOKED) or 0) < FEEDS_EVERY_US:
            return
    with writing(database) as connection:
        as_of_us = live_through(connection, now_us)
        write_mark(connection, FEEDS_LOOKED, str(as_of_us))
        under_way = carriers_under_way(connection)
        works = {} if pacing is None else pacing.working_since(sorted(under_way), now_us=as_of_us)
        feeds = read_feeds(connection, sorted(under_way), working_since=works, now_us=as_of_us)
        silent = {name: one.silent_since_us for name, one in feeds.items() if one.silent_since_us is not None}
        before = refs_needed(connection, kind=FEED_SILENT)
        put = [
            (
                FEED_SILENT,
                name,
                as_of_us,
                _said({"carrier": name, "since_us": since, "promises": under_way[name]}),
                None,
                None,
            )
            for name, since in sorted(silent.items())
        ]
        keep_needs(connection, FEED_SILENT, put=put, gone=sorted(before - silent.keys()))
        for name in sorted(before ^ silent.keys()):
            watch_carrier(connection, name, now_us=as_of_us)


def _watch(
    connection: Connection, due: Sequence[Delivery], *, pacing: Pacing | None, rules: WatchRules, as_of_us: int
) -> None:
    """Look at deliveries that are due; under every document that promises them, since a buyer hears of a delivery, not of a document."""
    orders = orders_together(connection, {one.order_id for one in due})
    names = {_name(one) for one in due}
    rows = {one.delivery: one for one in deliveries_of_orders(connection, orders) if _name(one) in names}
    kept = tellings_of(connection, {one.delivery_id for one in due})
    drafts, late = list[Draft](), list[int]()
    for promise in of_arrivals(published(connection)):
        mine = frozenset(one.delivery for one in rows.values() if one.terms == promise.seq)
        arrival = promise.terms.arrival
        decided = decide_deliveries(connection, promise, orders, as_of_us=as_of_us) if mine and arrival else None
        if decided is None or arrival is None:
            continue
        looked = look_at(connection, decided, arrival, mine, pacing=pacing, rules=rules)
        _keep(connection, looked, as_of_us=as_of_us)
        drafts += drafts_of(looked, kept, rules=rules)
        late += [one.delivery.delivery for one in looked.stands if one.owed_minor or one.owed_points]
        for one in looked.stands:
            del rows[one.delivery.delivery]
    _rest(connection, list(rows.values()))
    before = [one for name in sorted(names) for one in kept.get(name, ())]
    _tell(connection, put_into_words(drafts), before)
    await_payment(connection, late)


def _name(one: Delivery) -> tuple[str, str]:
    return one.source, one.delivery_id


def _rest(connection: Connection, resting: Sequence[Delivery]) -> None:
    """What has come to rest has no risk."""
    keep_watch(connection, [(None, None, one.delivery) for one in resting])
    for kind in (PARCEL_AT_RISK, PARCEL_LOST):
        keep_needs(connection, kind, put=[], gone=[one.ref for one in resting])


def _keep(connection: Connection, looked: Looked, *, as_of_us: int) -> None:
    """Keep what was found of each delivery, and put before a person what one can still act on."""
    rows, put, gone = list[Row](), list[Row](), list[tuple[str, str]]()
    for place, stand in enumerate(looked.stands):
        risk, why = Risk(int(looked.watched.risk[place])), _whys(int(looked.watched.why[place]))
        at_risk = risk in {Risk.MAY_BE_LATE, Risk.WILL_BE_LATE}
        found = _found(looked, place)
        rows.append(
            (_said(found) if at_risk else None, _moment(looked.watched.watch_us[place]), stand.delivery.delivery)
        )
        # What nobody can see because its carrier is silent is part of that one matter.
        seen = Why.FEED_SILENT not in why or Why.LOST in why
        kind = PARCEL_LOST if Why.LOST in why else PARCEL_AT_RISK
        if at_risk and seen:
            ref = stand.delivery.ref
            told = {"delivery": stand.delivery.delivery, "delivery_id": stand.delivery.delivery_id, **found}
            put.append((kind, ref, as_of_us, _said({**told, "order_id": stand.delivery.order_id}), None, None))
        gone += [
            (other, stand.delivery.ref)
            for other in (PARCEL_AT_RISK, PARCEL_LOST)
            if other != kind or not (at_risk and seen)
        ]
    keep_watch(connection, rows)
    for kind in (PARCEL_AT_RISK, PARCEL_LOST):
        keep_needs(
            connection,
            kind,
            put=[row for row in put if row[0] == kind],
            gone=[ref for other, ref in gone if other == kind],
        )


def _tell(connection: Connection, decided: Sequence[Decided], before: Sequence[Kept]) -> None:
    """Decide what buyers are told; drop what is no longer so, and take up again what is so once more."""
    add_tellings(connection, decided)
    wanted = {one.telling: one for one in decided}
    over = [one for one in before if one.kind != Telling.PAID and one.telling not in wanted]
    drop_tellings(connection, over, reason=NO_LONGER)
    back = [one for one in before if one.state == "dropped" and one.telling in wanted]
    set_work(connection, [("due", 0, wanted[one.telling].due_us, None, None, one.seq) for one in back])


def _found(looked: Looked, place: int) -> dict[str, Any]:
    """What was found of a delivery, as it is kept: codes, figures and moments; pages and lists put them into words."""
    watched, stand = looked.watched, looked.stands[place]
    return {
        "risk": Risk(int(watched.risk[place])).name.lower(),
        "chance_permille": int(watched.chance[place]),
        "why": [one.name.lower() for one in _whys(int(watched.why[place]))],
        "who": Who(int(watched.who[place])).name.lower(),
        "act_by_us": _moment(watched.act_by_us[place]),
        "tell_by_us": _moment(watched.tell_by_us[place]),
        "by_us": stand.by_us,
        "seen_us": _moment(watched.seen_us[place]),
        "silent_since_us": looked.silent_since_us[place],
        "carrier": looked.carriers[place],
        "region": stand.region,
        "looked_us": looked.decided.as_of_us,
    }


def _whys(bits: int) -> list[Why]:
    return [one for one in Why if bits >> one & 1]


def _moment(us: Any) -> int | None:
    return None if us == MISSING else int(us)


def _said(told: Mapping[str, Any]) -> str:
    return _ENCODER.encode(told).decode()
