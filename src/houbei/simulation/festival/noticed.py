"""Which promises are seen to be at risk, and when: the watch of the live store over the world's facts, every few hours."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from houbei.calendars.days import DAY_US
from houbei.columns import MISSING
from houbei.delivery.feeds import DAYS_BACK, find_silent
from houbei.delivery.opening import like_rows
from houbei.delivery.pace import Pace
from houbei.delivery.under_way import Feeds, UnderWay, Yardstick
from houbei.delivery.watch_rules import USUAL
from houbei.delivery.watching import Risk, watch
from houbei.facts.scans import WHATS
from houbei.owed.arrivals import Scans, find_arrivals
from houbei.owed.excused import Closures, counting, extend
from houbei.owed.promised import Shown, find_promises
from houbei.simulation.chance import HOUR_US
from houbei.simulation.festival import shop
from houbei.simulation.festival.doors import Sent
from houbei.simulation.festival.promised import Given
from houbei.simulation.festival.shown import Row
from houbei.simulation.festival.telling import Scan, at_hours
from houbei.terms.delivery import Arrival, Effect

Whole = NDArray[np.int64]
LOOKED_HOURS = 3
"""So often the watch looks."""
_FEED = ("carrier", "courier")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Noticed:
    """By order the moment at which its promise was first seen to be at risk, before it passed (µs UTC, `MISSING`: never); and the silences that were seen, each carrier with the moment."""

    at_us: Whole
    silences: list[tuple[str, int]]


def watch_orders(
    sent: Sent,
    rows: Sequence[Row],
    scans: Sequence[Scan],
    arrival: Arrival,
    *,
    progress: Callable[[int, int], None],
) -> Noticed:
    """Watch the promises while they are under way, by what is known at each moment.

    Args:
        sent: What is on its way; the lead times and days of moving of its promises are the yardstick.
        rows: What was shown.
        scans: What was told, with the moments at which it became known.
        arrival: The words of the promise.
        progress: Told how many looks are done, and of how many.
    """
    sight = _Sight(sent, rows, scans, arrival)
    noticed = Noticed(at_us=np.full(len(sent.orders), MISSING), silences=[])
    first, last = int(sent.orders.placed_us[0]), int(max(row.by_us for row in rows))
    looks = range(first - first % (LOOKED_HOURS * HOUR_US), last, LOOKED_HOURS * HOUR_US)
    for number, now_us in enumerate(looks, start=1):
        sight.look(now_us, noticed)
        progress(number, len(looks))
    return noticed


class _Sight:
    """What the shop can see: the columns of the watch, cut at what is known."""

    def __init__(self, sent: Sent, rows: Sequence[Row], scans: Sequence[Scan], arrival: Arrival) -> None:
        given = sent.given
        self._sent, self._given, self._arrival = sent, given, arrival
        self._shown = Shown(
            delivery=_column(row.order for row in rows),
            shown_us=_column(row.shown_us for row in rows),
            from_us=_column(row.from_us for row in rows),
            by_us=_column(row.by_us for row in rows),
            fee_minor=_column(row.fee_minor for row in rows),
            parcels=_column(row.parcels for row in rows),
            by_buyer=np.array([row.by_buyer for row in rows], dtype=np.bool_),
            rank=np.arange(len(rows)),
        )
        numbers = {
            (order, number): parcel
            for parcel, (order, number) in enumerate(
                zip(sent.parcels.order.tolist(), sent.parcels.number.tolist(), strict=True)
            )
        }
        places = {scan.id: place for place, scan in enumerate(scans)}
        self._known_us = _column(scan.known_us for scan in scans)
        self._scans = Scans(
            delivery=_column(scan.order for scan in scans),
            parcel=_column(
                numbers[scan.order, int(scan.parcel.rpartition("-")[2]) if scan.parcel else 0] for scan in scans
            ),
            what=_column(WHATS.index(scan.what) for scan in scans),
            at_us=_column(scan.at_us for scan in scans),
            disputes=_column(-1 if scan.disputes is None else places[scan.disputes] for scan in scans),
            rank=np.arange(len(scans)),
        )
        is_feed = np.array([scan.told_by in _FEED for scan in scans])
        self._feed = np.where(is_feed, given.carrier[self._scans.delivery], -1)
        self._pace, self._calendar = _pace_of(given)
        self._regions = [region.id for region in sent.days.plan.regions]
        self._silent: set[int] = set()

    def look(self, now_us: int, noticed: Noticed) -> None:
        """Look at every promise that is under way now, and note those newly at risk."""
        until = int(np.searchsorted(self._known_us, now_us, side="right"))
        scans = _cut(self._scans, np.arange(until))
        promise = find_promises(self._shown_by(now_us), deliveries=len(noticed.at_us))
        by_us = self._by_us(promise, now_us)
        under_way = self._under_way(scans, promise, by_us, now_us)
        open_ = np.flatnonzero(under_way)
        if not len(open_):
            return
        mine = _cut(scans, np.flatnonzero(under_way[scans.delivery]))
        place = np.full(len(under_way), -1)
        place[open_] = np.arange(len(open_))
        feeds = self._feeds(until, now_us)
        self._note_silent(feeds, noticed, now_us)
        watched = watch(
            self._columns(open_, promise, by_us, now_us),
            Scans(**{name: place[mine.delivery] if name == "delivery" else getattr(mine, name) for name in _NAMES}),
            feeds,
            by=Yardstick(days=self._given.timetable.zones[0], pace=self._pace, rules=USUAL),
            now_us=now_us,
        )
        risky = open_[(watched.risk >= Risk.MAY_BE_LATE) & (watched.risk < Risk.LATE)]
        new = risky[noticed.at_us[risky] == MISSING]
        noticed.at_us[new] = now_us

    def _shown_by(self, now_us: int) -> Shown:
        until = int(np.searchsorted(self._shown.shown_us, now_us, side="right"))
        names = ("delivery", "shown_us", "from_us", "by_us", "fee_minor", "parcels", "by_buyer", "rank")
        return Shown(**{name: getattr(self._shown, name)[:until] for name in names})

    def _by_us(self, promise: Whole, now_us: int) -> Whole:
        """The first moment that is late, with what stops the clock as far as it is known."""
        place = np.maximum(promise, 0)
        shown_us, by_us = self._shown.shown_us[place], self._shown.by_us[place]
        closures = self._closures(now_us)
        extends = counting(closures, self._arrival.excuses)[Effect.EXTENDS]
        moved, _ = extend(closures, extends, region=self._sent.orders.region, shown_us=shown_us, by_us=by_us)
        return np.where(promise < 0, 0, moved)

    def _under_way(self, scans: Scans, promise: Whole, by_us: Whole, now_us: int) -> NDArray[np.bool_]:
        parcels = np.where(promise < 0, 1, self._shown.parcels[np.maximum(promise, 0)])
        arrivals = find_arrivals(
            scans,
            parcels=parcels,
            reaches=self._arrival.reaches,
            attempt_counts=self._arrival.attempt_counts,
            per=self._arrival.per,
        )
        cancelled = self._sent.wishes.cancelled_us
        ended = (cancelled != MISSING) & (cancelled <= now_us)
        open_: NDArray[np.bool_] = (promise >= 0) & (arrivals.said_us == MISSING) & ~ended & (by_us > now_us)
        return open_

    def _columns(self, open_: Whole, promise: Whole, by_us: Whole, now_us: int) -> UnderWay:
        place, size = promise[open_], len(open_)
        given, orders = self._given, self._sent.orders
        groups, calendars = self._calendar
        return UnderWay(
            ordered_us=orders.placed_us[open_],
            shown_us=self._shown.shown_us[place],
            by_us=by_us[open_],
            parcels=self._shown.parcels[place],
            group=groups(self._sent, open_),
            calendar=calendars(self._sent, open_),
            sold_permille=given.chance_permille[open_],
            carrier=given.carrier[open_],
            closed_until_us=self._closed_until(open_, now_us),
            scanned=np.ones(size, dtype=np.bool_),
            hands_over=np.zeros(size, dtype=np.bool_),
            installs=np.zeros(size, dtype=np.bool_),
        )

    def _closed_until(self, open_: Whole, now_us: int) -> Whole:
        found = np.full(len(self._regions), MISSING)
        for event in shop.EVENTS:
            from_us, until_us, known_us = (
                at_hours(self._sent.days, hours) for hours in (event.from_hours, event.until_hours, event.known_hours)
            )
            if known_us <= now_us < until_us and from_us <= now_us:
                found[self._in(event.regions)] = until_us
        return found[self._sent.orders.region[open_]]

    def _in(self, regions: Sequence[str]) -> NDArray[np.bool_]:
        return np.array([any(here == one or here.startswith(f"{one}-") for one in regions) for here in self._regions])

    def _closures(self, now_us: int) -> Closures:
        codes = [excuse.code for excuse in self._arrival.excuses]
        known = [event for event in shop.EVENTS if at_hours(self._sent.days, event.known_hours) <= now_us]
        regions = [np.append(self._in(event.regions), False) for event in known]
        return Closures(
            code=_column(codes.index(event.code) for event in known),
            from_us=_column(at_hours(self._sent.days, event.from_hours) for event in known),
            until_us=_column(at_hours(self._sent.days, event.until_hours) for event in known),
            known_us=_column(at_hours(self._sent.days, event.known_hours) for event in known),
            regions=np.array(regions, dtype=np.bool_).reshape(len(known), len(self._regions) + 1),
            evidence=np.array([event.evidence is not None for event in known], dtype=np.bool_),
            rank=np.arange(len(known)),
        )

    def _feeds(self, until: int, now_us: int) -> Feeds:
        carriers = len(self._given.timetable.carriers)
        zone = self._given.timetable.zones[0]
        today = int(zone.day_of(np.array([now_us]))[0])
        feed, at_us = self._feed[:until], self._scans.at_us[:until]
        last_us, counts = np.full(carriers, MISSING), np.zeros((carriers, DAYS_BACK), dtype=np.int64)
        alive = np.zeros((carriers, DAYS_BACK * 6), dtype=np.bool_)
        first_day = today - alive.shape[1]
        for carrier in range(carriers):
            told = np.sort(at_us[feed == carrier])
            if not len(told):
                continue
            last_us[carrier] = told[-1]
            back = np.arange(1, DAYS_BACK + 1) * DAY_US
            counts[carrier] = np.searchsorted(told, now_us - back, side="right") - np.searchsorted(
                told, told[-1] - back, side="right"
            )
            days = zone.day_of(told) - first_day
            alive[carrier, days[(days >= 0) & (days < alive.shape[1])]] = True
        silent = find_silent(last_us, counts, now_us=now_us)
        return Feeds(silent_since_us=silent, alive=alive, first_day=first_day)

    def _note_silent(self, feeds: Feeds, noticed: Noticed, now_us: int) -> None:
        silent = set(np.flatnonzero(feeds.silent_since_us != MISSING).tolist())
        for place in sorted(silent - self._silent):
            noticed.silences.append((self._given.timetable.carriers[place].carrier, now_us))
        self._silent = silent


_NAMES = ("delivery", "parcel", "what", "at_us", "disputes", "rank")
_Find = Callable[[Sent, Whole], Whole]


def _pace_of(given: Given) -> tuple[Pace, tuple[_Find, _Find]]:
    """The lead times that the promises rest on; and how to find the group and the days of moving of orders."""
    table = given.timetable
    rows, places = like_rows(np.stack([carrier.transit for carrier in table.carriers]))
    network = [region.id for region in table.loaded.network.regions]

    def regions(sent: Sent, orders: Whole) -> Whole:
        here = np.array([network.index(region.id) for region in sent.days.plan.regions])
        return here[sent.orders.region[orders]]

    def group(sent: Sent, orders: Whole) -> Whole:
        return table.group[
            given.origin[orders], regions(sent, orders), given.service[orders], given.weight_class[orders]
        ]

    def calendar(sent: Sent, orders: Whole) -> Whole:
        return places[given.carrier[orders], regions(sent, orders)]

    pace = Pace(
        within_permille=table.lead_times.within_permille,
        from_hand_over=True,
        counted=rows,
        first_day=table.first_day,
        days=table.zones[0],
    )
    return pace, (group, calendar)


def _cut(scans: Scans, places: Whole) -> Scans:
    """Some scans, with what they dispute renumbered; a dispute of what is not among them is of nothing."""
    where = np.full(len(scans) + 1, -1)
    where[places] = np.arange(len(places))
    disputes = scans.disputes[places]
    known = np.where((disputes >= 0) & (disputes < len(scans)), disputes, len(scans))
    columns = {name: getattr(scans, name)[places] for name in _NAMES}
    return Scans(**{**columns, "disputes": where[known]})


def _column(values: Iterable[int]) -> Whole:
    return np.fromiter(values, dtype=np.int64)
