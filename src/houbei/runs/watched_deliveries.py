"""Deliveries as they were decided, as the columns that watching takes: their promises, their parcels' scans, their carriers' feeds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from houbei.calendars.days import Days
from houbei.columns import MISSING
from houbei.delivery.under_way import NO_CARRIER, NO_GROUP, Feeds, UnderWay, Yardstick
from houbei.delivery.watch_rules import WatchRules
from houbei.delivery.watching import Watched, watch
from houbei.facts.moments import DAY_US
from houbei.owed.arrivals import Scans
from houbei.owed.delivery import Verdict
from houbei.runs.delivery_decisions import DecidedDeliveries, Stand
from houbei.runs.pacing import Lane, Pacing
from houbei.store.watching import closed_until, days_alive, read_feeds
from houbei.terms.delivery import Arrival, Reaches

Whole = NDArray[np.int64]
DAYS_ALIVE = 40
"""For how many days back it is asked whether a carrier scanned anything."""
UNDER_WAY = (Verdict.OPEN, Verdict.LATE)
"""Verdicts of deliveries that are watched: what is late is told to its buyer."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Looked:
    """Deliveries of one promise that were looked at.

    `stands` are they as they were decided, `places` where each is in the judgement, `watched` what was found of each, `carriers` who brings
    it, `silent_since_us` since when nobody sees it (None: it is seen).
    """

    decided: DecidedDeliveries
    arrival: Arrival
    stands: Sequence[Stand]
    places: Whole
    watched: Watched
    carriers: Sequence[str | None]
    silent_since_us: Sequence[int | None]
    days: Days


def look_at(
    connection: Connection,
    decided: DecidedDeliveries,
    arrival: Arrival,
    due: frozenset[int],
    *,
    pacing: Pacing | None,
    rules: WatchRules,
) -> Looked:
    """Find the risk of those deliveries of one promise that are due and under way.

    Args:
        connection: In the transaction in which they were decided.
        decided: The deliveries.
        arrival: What the document promises.
        due: The numbers of those to look at.
        pacing: The lead times; None where there are none.
        rules: The numbers of watching.

    Cost: as `delivery.watching.watch`; some look-ups a carrier.
    """
    now_us = decided.as_of_us
    chosen = [
        (one, place)
        for one, place in zip(decided.stands(), decided.places.tolist(), strict=True)
        if place >= 0 and one.delivery.delivery in due and one.verdict in UNDER_WAY
    ]
    stands, places = [one for one, _ in chosen], np.array([place for _, place in chosen], dtype=np.int64)
    scans, carriers = _scans_of(decided, stands, places)
    days = Days.over(decided.promise.terms.zone, from_us=now_us - DAYS_ALIVE * DAY_US, to_us=now_us + DAY_US)
    feeds, rows, silent, heard = _feeds(connection, carriers, days, pacing=pacing, now_us=now_us)
    closed = closed_until(connection, [one.region for one in stands], now_us=now_us)
    lanes = [(one.region, carrier) for one, carrier in zip(stands, carriers, strict=True)]
    known = np.zeros(len(stands), dtype=np.bool_)
    known[scans.delivery] = True
    under_way = replace(
        _under_way(decided, arrival, stands, places),
        carrier=np.array([rows.get(one, NO_CARRIER) for one in carriers], dtype=np.int64),
        closed_until_us=np.array([closed.get(one.region, MISSING) for one in stands], dtype=np.int64),
        scanned=known | np.array([one in heard for one in carriers], dtype=np.bool_),
    )
    pace = None
    if pacing is not None and stands:
        found = pacing.lanes(lanes, days, from_us=int(under_way.ordered_us.min()), until_us=_last(under_way, now_us))
        pace, group, calendar = found.pace, _column(lanes, found.group), _column(lanes, found.calendar)
        under_way = replace(under_way, group=group, calendar=calendar)
    watched = watch(under_way, scans, feeds, by=Yardstick(days=days, pace=pace, rules=rules), now_us=now_us)
    return Looked(
        decided=decided,
        arrival=arrival,
        stands=stands,
        places=places,
        watched=watched,
        carriers=carriers,
        silent_since_us=[silent.get(one or "") for one in carriers],
        days=days,
    )


def _under_way(decided: DecidedDeliveries, arrival: Arrival, stands: Sequence[Stand], places: Whole) -> UnderWay:
    """What the judgement says of some deliveries; lead times, carriers and closures are still to come."""
    judged, size = decided.judged, len(stands)
    ordered_us = np.full(len(judged), np.iinfo(np.int64).max)
    np.minimum.at(ordered_us, judged.together.delivery, decided.lines.moments["placed"][judged.together.line])
    parcels = [1 if (row := int(judged.promise[place])) < 0 else decided.told.given["parcels"][row] for place in places]
    sold = [MISSING if one.chance_permille is None else one.chance_permille for one in stands]
    nothing = np.zeros(size, dtype=np.int64)
    return UnderWay(
        ordered_us=ordered_us[places],
        shown_us=judged.shown_us[places],
        by_us=judged.late.by_us[places],
        parcels=np.array(parcels, dtype=np.int64),
        group=nothing + NO_GROUP,
        calendar=nothing,
        sold_permille=np.array(sold, dtype=np.int64),
        carrier=nothing + NO_CARRIER,
        closed_until_us=nothing + MISSING,
        scanned=np.zeros(size, dtype=np.bool_),
        hands_over=np.full(size, arrival.reaches is Reaches.HANDED_OVER),
        installs=np.full(size, arrival.reaches is Reaches.INSTALLED),
    )


def _scans_of(decided: DecidedDeliveries, stands: Sequence[Stand], places: Whole) -> tuple[Scans, list[str | None]]:
    """What was scanned of some deliveries, and the carrier of each: as its promise says, else as its latest scan does."""
    seen, told = decided.judged.seen, decided.told.scanned["carrier"]
    where = np.full(len(decided.judged) + 1, -1)
    where[places] = np.arange(len(places))
    mine = np.flatnonzero(where[seen.delivery] >= 0)
    place_of = np.full(len(seen.delivery) + 1, -1)
    place_of[mine] = np.arange(len(mine))
    by_scan: dict[int, str] = {}
    for entry in mine[np.lexsort((seen.rank[mine], seen.at_us[mine]))].tolist():
        carrier = told[seen.row[entry]] if seen.row[entry] >= 0 else None
        if carrier is not None:
            by_scan[int(where[seen.delivery[entry]])] = carrier
    carriers = [one.carrier or by_scan.get(place) for place, one in enumerate(stands)]
    return Scans(
        delivery=where[seen.delivery[mine]],
        parcel=seen.parcel[mine],
        what=seen.what[mine],
        at_us=seen.at_us[mine],
        disputes=place_of[seen.disputes[mine]],
        rank=seen.rank[mine],
    ), carriers


def _feeds(
    connection: Connection, carriers: Sequence[str | None], days: Days, *, pacing: Pacing | None, now_us: int
) -> tuple[Feeds, dict[str | None, int], dict[str, int], frozenset[str]]:
    """The feeds of some carriers: as columns, each one's row, since when the silent ones are silent, and who scans anything at all."""
    names = sorted({one for one in carriers if one is not None})
    works = {} if pacing is None else pacing.working_since(names, now_us=now_us)
    found = read_feeds(connection, names, working_since=works, now_us=now_us)
    today = int(days.day_of(np.array([now_us]))[0])
    first = today - DAYS_ALIVE
    midnights_us = days.midnight(np.arange(first, today + 1)).tolist()
    alive = [days_alive(connection, name, midnights_us) for name in names]
    silent = {name: feed.silent_since_us for name, feed in found.items() if feed.silent_since_us is not None}
    feeds = Feeds(
        silent_since_us=np.array([silent.get(name, MISSING) for name in names], dtype=np.int64),
        alive=np.array(alive, dtype=np.bool_).reshape(len(names), DAYS_ALIVE),
        first_day=first,
    )
    heard = frozenset(name for name, feed in found.items() if feed.last_us is not None)
    return feeds, {name: row for row, name in enumerate(names)}, silent, heard


def _column(lanes: Sequence[Lane], rows: dict[Lane, int]) -> Whole:
    return np.array([rows[lane] for lane in lanes], dtype=np.int64)


def _last(under_way: UnderWay, now_us: int) -> int:
    """The last moment that is asked about; where the clock of a promise stands still, now."""
    known = under_way.by_us[under_way.by_us < np.iinfo(np.int64).max]
    return int(max(known.max(initial=now_us), now_us)) + DAY_US
