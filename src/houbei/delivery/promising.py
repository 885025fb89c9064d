"""What can be promised: the earliest date, or slot, that is kept often enough.

An order is handled until the cut-off of its day, else on the next day on which its origin handles orders for that region and service.
It is handed over so many handling days later, and picked up on the first day from then on on which the carrier picks up there. From
the pick-up, or from the order, lead times count the days on which the carrier moves parcels towards the region, or every day. It is
delivered on the first day from its arrival on on which the carrier delivers there, installed so many installation days later. Of what
comes out the earliest is taken, booked, and the next request looks.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from houbei.columns import MISSING
from houbei.delivery.candidates import Candidates, Refused, find_candidates
from houbei.delivery.earliest import CANDIDATE, CHANCE, DAY, FULL_DAY, FULL_DAYS, SLOT, find_and_book
from houbei.delivery.lead_times import PERMILLE, Starts, days_needed
from houbei.delivery.network import HORIZON_DAYS
from houbei.delivery.offers import DATE, UNLIMITED
from houbei.delivery.requests import Booked, Requests
from houbei.delivery.timetable import Timetable
from houbei.errors import InputError
from houbei.facts.moments import text_of_moment

Whole = NDArray[np.int64]
BLOCK_ROWS = 32_768
"""How many requests are looked at together: what is worked out for them stays near."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Promises:
    """What is promised to each request, in the order of the requests; -1 and `MISSING` where nothing is, `refused` says why.

    `by_us` is the first moment that is late, `from_us` the first that is not early (`MISSING` for a date), `day` the local day
    (since 1970-01-01), `chance_permille` how often of a thousand times it is kept at least. `service`, `origin` (of its first parcel) and
    `slot` are places in the timetable. `is_provisional` marks what rests on a year that is not announced. `full_day` is the first day that
    had no room left, `full_days` how many such days were passed.
    """

    refused: Whole
    by_us: Whole
    from_us: Whole
    day: Whole
    chance_permille: Whole
    service: Whole
    origin: Whole
    slot: Whole
    fee_minor: Whole
    is_provisional: NDArray[np.bool_]
    full_day: Whole
    full_days: Whole
    booked: Booked
    """What these promises take."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ways:
    """How the parcels of each way go; by parcel, and `start` by way the first visit that all of them can be there for.

    `order_day` is the local day of the order, `handled_day` the one on which it is handled, `leaves` the day it is picked up, `base` the
    count of moving days from which its own are counted, `moves` its row of those, `days` how many it is given, `arrives` the day
    on which it is in the region then.
    """

    order_day: Whole
    handled_day: Whole
    leaves: Whole
    moves: Whole
    base: Whole
    days: Whole
    arrives: Whole
    visits: Whole
    start: Whole


def promise_arrivals(timetable: Timetable, requests: Requests, *, booked: Booked | None = None) -> Promises:
    """Promise each request the earliest arrival that is kept often enough, and book it.

    Args:
        timetable: The network over the days of the requests.
        requests: What is asked for, in any order: places are taken by moment, then by id.
        booked: What was taken before.

    Returns:
        One promise or refusal a request, in the order of the requests. One by one in the order of booking, each with what the others
        took, they get the same.

    Raises:
        InputError: A request lies outside the days of the timetable.

    Cost: a few microseconds a request in bulk; less than a millisecond for one alone.

    Clause: E1, E2, E3, E5.
    """
    _check_days(timetable, requests)
    order = requests.in_order_of_booking()
    places = _Places.of(timetable, requests, booked or Booked())
    promised = np.empty((len(requests), len(_COLUMNS)), dtype=np.int64)
    for begin in range(0, len(order), BLOCK_ROWS):
        rows = order[begin : begin + BLOCK_ROWS]
        promised[rows] = _promise_block(timetable, requests.taken(rows), places)
    columns = dict(zip(_COLUMNS, promised.T, strict=True))
    return Promises(
        **{name: columns[name] for name in _COLUMNS if name != "is_provisional"},
        is_provisional=columns["is_provisional"] > 0,
        booked=places.taken(timetable),
    )


_COLUMNS = (
    "refused",
    "by_us",
    "from_us",
    "day",
    "chance_permille",
    "service",
    "origin",
    "slot",
    "fee_minor",
    "is_provisional",
    "full_day",
    "full_days",
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Places:
    """How many visits are taken, by [row of an origin and a region, slot with a limit, day]; `row[origin, region]` leads there."""

    row: Whole
    capped: Whole
    count: Whole
    before: Whole

    @classmethod
    def of(cls, timetable: Timetable, requests: Requests, booked: Booked) -> "_Places":
        slots, origins = timetable.slots, len(timetable.zone_of_origin)
        regions = np.unique(requests.region[requests.region >= 0])
        row = np.full((origins, len(timetable.zone_of_region)), -1, dtype=np.int64)
        row[:, regions] = np.arange(origins * len(regions)).reshape(origins, -1)
        is_capped = slots.capacity != UNLIMITED
        capped = np.where(is_capped, np.cumsum(is_capped) - 1, -1)
        count = np.zeros((origins * len(regions), np.count_nonzero(is_capped), timetable.days), dtype=np.int64)
        day = booked.day - timetable.first_day
        known = (
            (row[booked.origin, booked.region] >= 0) & (capped[booked.slot] >= 0) & (day >= 0) & (day < timetable.days)
        )
        at = row[booked.origin, booked.region][known], capped[booked.slot][known], day[known]
        np.add.at(count, at, booked.count[known])
        return cls(row=row, capped=capped, count=count, before=count.copy())

    def taken(self, timetable: Timetable) -> Booked:
        """What was taken since the beginning."""
        more = self.count - self.before
        row, capped, day = np.nonzero(more)
        origins, regions = np.nonzero(self.row >= 0)
        order = np.argsort(self.row[origins, regions])
        return Booked(
            origin=origins[order][row],
            region=regions[order][row],
            slot=np.flatnonzero(self.capped >= 0)[capped],
            day=day + timetable.first_day,
            count=more[row, capped, day],
        )


def _promise_block(timetable: Timetable, asked: Requests, places: _Places) -> Whole:
    candidates = find_candidates(timetable, asked)
    ways = time_ways(timetable, asked, candidates)
    region = asked.region[candidates.request]
    found = np.full((len(asked), 6), -1, dtype=np.int64)
    slots = timetable.slots
    find_and_book(
        candidates.first,
        PERMILLE - asked.chance_permille,
        asked.at_us,
        candidates.first_parcel,
        ways.visits,
        timetable.zone_of_region[region],
        candidates.slots,
        ways.start,
        np.minimum(ways.order_day[candidates.first_parcel[:-1]] + HORIZON_DAYS + 1, timetable.days),
        ways.base,
        ways.moves,
        ways.leaves,
        candidates.parcel_group,
        candidates.parcel_count,
        _places_of(candidates, candidates.parcels(region), places),
        timetable.moving.up_to,
        timetable.lead_times.within_permille,
        timetable.visits.following,
        timetable.visits.in_by,
        slots.ready_days,
        slots.closes_us,
        slots.by_us,
        places.capped,
        slots.capacity,
        places.count,
        found,
        rows=len(asked),
    )
    return _told(timetable, asked, candidates, ways, found)


def time_ways(timetable: Timetable, asked: Requests, candidates: Candidates) -> Ways:
    """Work out when the parcels of each way are handled, picked up and in the region.

    Args:
        timetable: The network.
        asked: The requests.
        candidates: Their ways.

    Cost: a few passes over the parcels of all ways.
    """
    request, service = candidates.parcels(candidates.request), candidates.parcels(candidates.service)
    region, origin, end = asked.region[request], candidates.parcel_origin, timetable.days
    carrier = timetable.served.carrier[service]
    handled = timetable.handled
    at_us = asked.at_us[request]
    order_day = _local_days(timetable, asked)[timetable.zone_of_origin[origin], request]
    row = handled.row[origin, region, service]
    handled_day = handled.next_day[row, order_day + (at_us >= handled.late_from_us[row, order_day])]
    leaves = timetable.pick_up[origin, carrier, handled_day]
    moves = timetable.moves[carrier, region]
    base = timetable.moving.up_to[moves, leaves if timetable.lead_times.starts is Starts.HANDOVER else order_day]
    slack = PERMILLE - asked.chance_permille[request]
    days = days_needed(
        timetable.lead_times,
        timetable.lifted,
        candidates.parcel_group,
        PERMILLE - slack // candidates.parcel_count,
    )
    arrives = np.maximum(leaves, timetable.moving.nth[moves, np.minimum(base + days, end)])
    visits = timetable.visits_of[carrier, region, asked.is_installed[request].astype(np.int64)]
    first_visit = timetable.visits.for_arrival[visits, arrives]
    first = candidates.first_parcel[:-1]
    return Ways(
        order_day=order_day,
        handled_day=handled_day,
        leaves=leaves,
        moves=moves,
        base=base,
        days=days,
        arrives=arrives,
        visits=visits[first],
        start=np.maximum.reduceat(first_visit, first) if len(first) else first,
    )


def _local_days(timetable: Timetable, asked: Requests) -> Whole:
    """The day of each request on the clocks of each zone, as places."""
    return np.stack([zone.day_of(asked.at_us) for zone in timetable.zones]) - timetable.first_day


def _places_of(candidates: Candidates, region: Whole, places: _Places) -> Whole:
    """The row from which each parcel takes a place: one for each origin of a way, for its first parcel from there."""
    place = places.row[candidates.parcel_origin, region]
    if len(place) > len(candidates.request):
        origins = len(places.row)
        _, first = np.unique(candidates.parcel_way * origins + candidates.parcel_origin, return_index=True)
        takes = np.zeros(len(place), dtype=np.bool_)
        takes[first] = True
        place = np.where(takes, place, -1)
    return place


def _told(timetable: Timetable, asked: Requests, candidates: Candidates, ways: Ways, found: Whole) -> Whole:
    """What was found of each request, as `_COLUMNS`."""
    told = np.full((len(asked), len(_COLUMNS)), -1, dtype=np.int64)
    columns = dict(zip(_COLUMNS, told.T, strict=True))
    is_found = found[:, DAY] >= 0
    columns["refused"][:] = np.where(
        is_found | (candidates.refused != Refused.NOT),
        np.where(is_found, Refused.NOT, candidates.refused),
        np.where(found[:, FULL_DAY] >= 0, Refused.FULL, Refused.NOT_IN_TIME),
    )
    columns["by_us"][:] = MISSING
    columns["from_us"][:] = MISSING
    columns["is_provisional"][:] = 0
    columns["full_days"][:] = np.maximum(found[:, FULL_DAYS], 0)
    columns["full_day"][:] = np.where(found[:, FULL_DAY] >= 0, found[:, FULL_DAY] + timetable.first_day, -1)
    way, slot, day = (found[is_found, column] for column in (CANDIDATE, SLOT, DAY))
    zone = timetable.zone_of_region[asked.region[is_found]]
    slots = timetable.slots
    is_date = np.array([name == DATE for name in slots.names])[slot]
    columns["by_us"][is_found] = slots.by_us[slot, zone, day]
    columns["from_us"][is_found] = np.where(is_date, MISSING, slots.from_us[slot, zone, day])
    columns["day"][is_found] = day + timetable.first_day
    columns["chance_permille"][is_found] = found[is_found, CHANCE]
    columns["service"][is_found] = candidates.service[way]
    columns["origin"][is_found] = candidates.parcel_origin[candidates.first_parcel[way]]
    columns["slot"][is_found] = slot
    columns["fee_minor"][is_found] = slots.fee_minor[slot]
    columns["is_provisional"][is_found] = _is_provisional(timetable, asked, candidates, ways, way, day)
    return told


def _is_provisional(
    timetable: Timetable, asked: Requests, candidates: Candidates, ways: Ways, way: Whole, day: Whole
) -> NDArray[np.bool_]:
    """Whether a day from the order to the visit rests, for any parcel of the chosen ways, on a year that is not announced."""
    doubtful = timetable.doubtful
    until = np.full(len(candidates.request), -1, dtype=np.int64)
    until[way] = day + 1
    parcel_until = candidates.parcels(until)
    chosen = parcel_until >= 0
    until, since = parcel_until[chosen], ways.order_day[chosen]
    request = candidates.parcels(candidates.request)[chosen]
    region, origin = asked.region[request], candidates.parcel_origin[chosen]
    carrier = timetable.served.carrier[candidates.parcels(candidates.service)[chosen]]
    visited = doubtful.carrier[carrier, region, until] > doubtful.carrier[carrier, region, since]
    start = timetable.region_of_origin[origin]
    sent = doubtful.carrier[carrier, start, until] > doubtful.carrier[carrier, start, since]
    handled = doubtful.handling[origin, until] > doubtful.handling[origin, since]
    installed = doubtful.installing[region, until] > doubtful.installing[region, since]
    dated = doubtful.calendar[until] > doubtful.calendar[since]
    rests = np.zeros(len(candidates.request), dtype=np.bool_)
    np.logical_or.at(
        rests,
        candidates.parcel_way[chosen],
        visited | sent | handled | dated | (installed & asked.is_installed[request]),
    )
    return rests[way]


def _check_days(timetable: Timetable, requests: Requests) -> None:
    outside = (requests.at_us < timetable.from_us) | (requests.at_us > timetable.to_us)
    if outside.any():
        at_us = int(requests.at_us[outside][0])
        raise InputError(
            came=f"an order at {text_of_moment(at_us)}",
            where="a request",
            expected=f"{text_of_moment(timetable.from_us)} to {text_of_moment(timetable.to_us)}",
            todo="Make the timetable for these days.",
        )
