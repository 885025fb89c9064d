"""Why a promise is what it is, as codes with figures, worked out anew for one promise when somebody asks.

What is told is told of the parcel that the promise waits for: the one that is least often there by then.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from houbei.calendars.carrier_documents import EVERYWHERE, Exceptional, Leg, span_of
from houbei.calendars.carriers import CarrierDays
from houbei.calendars.days import date_of, year_of
from houbei.calendars.provisional import is_predicted
from houbei.delivery.candidates import Refused, find_candidates
from houbei.delivery.offers import DATE
from houbei.delivery.promising import Promises, time_ways
from houbei.delivery.requests import Requests
from houbei.delivery.timetable import Timetable

Figure = int | str
"""A count, an amount in minor units, a day as 2026-02-16, a name."""


class Code(StrEnum):
    """What made a promise what it is. The values are public and never change."""

    IN_TIME = "in_time"
    """Ordered before the cut-off of its day."""
    CUT_OFF_PASSED = "cut_off_passed"
    """Ordered at or after the cut-off: handled on the next day on which orders are."""
    NOT_HANDLED = "not_handled"
    """Ordered on a day on which nothing is handled for that region and service."""
    HANDLING = "handling"
    """The warehouse takes some of its days."""
    PICK_UP_WAITS = "pick_up_waits"
    """The carrier does not pick up on the day on which the parcel is ready."""
    LEAD_TIME = "lead_time"
    """How many days are needed for the chance wanted."""
    CARRIER_RESTS = "carrier_rests"
    """The carrier does not move parcels, or does not deliver, on some days in between."""
    WORKS_THROUGH = "works_through"
    """The carrier works on days of an official break."""
    MAKE_UP_DAY = "make_up_day"
    """A weekend day on which the carrier works because the calendar makes it a working day."""
    SUSPENDED = "suspended"
    """The region is cut off for some days."""
    INSTALLERS_REST = "installers_rest"
    """Nobody installs on some days in between."""
    INSTALLATION = "installation"
    """It is installed after it was delivered."""
    SLOT = "slot"
    """It comes in a slot."""
    FULL = "full"
    """Earlier days have no place left."""
    SLOWEST = "slowest"
    """Several parcels are under the promise; the slowest decides."""
    SURCHARGE = "surcharge"
    """The carrier adds something on the day it takes the parcel."""
    PROVISIONAL = "provisional"
    """A day in between belongs to a year that is not announced."""
    REFUSED = "refused"
    """Nothing is promised; `because` says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One reason and its figures."""

    code: Code
    figures: Mapping[str, Figure]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Told:
    """A promise that was given, and how the parcel that it waits for goes; days are places in the timetable."""

    timetable: Timetable
    service: int
    origin: int
    region: int
    carrier: int
    parcels: int
    is_installed: bool
    order: int
    handled: int
    leaves: int
    arrives: int
    days: int
    group: int
    in_by: int
    visit: int
    slot: int
    full_day: int
    full_days: int
    chance_permille: int
    is_provisional: bool

    def day(self, place: int) -> str:
        """A day of the timetable as a date."""
        return _date(place + self.timetable.first_day)


def reasons_of(timetable: Timetable, requests: Requests, promises: Promises, row: int) -> tuple[Reason, ...]:
    """Say why a promise is what it is.

    Args:
        timetable: The one it was looked up in.
        requests: What was asked for.
        promises: What was promised.
        row: Which of them.

    Returns:
        Reasons in the order in which things happen; of a refusal the one that says why.

    Cost: about a millisecond.
    """
    if promises.refused[row] != Refused.NOT:
        return (_refusal(promises, row),)
    told = _told_of(timetable, requests, promises, row)
    return tuple(Reason(code=code, figures=figures) for part in _PARTS for code, figures in part(told))


def _refusal(promises: Promises, row: int) -> Reason:
    figures: dict[str, Figure] = {"because": Refused(int(promises.refused[row])).name.lower()}
    if promises.refused[row] == Refused.FULL:
        figures |= {"day": _date(int(promises.full_day[row])), "days": int(promises.full_days[row])}
    return Reason(code=Code.REFUSED, figures=figures)


def _told_of(timetable: Timetable, requests: Requests, promises: Promises, row: int) -> _Told:
    asked = requests.taken(np.array([row]))
    candidates = find_candidates(timetable, asked)
    ways = time_ways(timetable, asked, candidates)
    first = candidates.first_parcel[:-1]
    chosen = (candidates.service == promises.service[row]) & (candidates.parcel_origin[first] == promises.origin[row])
    way = int(np.flatnonzero(chosen)[0])
    visit, slot = int(promises.day[row]) - timetable.first_day, int(promises.slot[row])
    ready = timetable.visits.in_by[ways.visits[way], visit] - timetable.slots.ready_days[slot]
    parcels = np.arange(candidates.first_parcel[way], candidates.first_parcel[way + 1])
    moved = timetable.moving.up_to[ways.moves[parcels], ready] - ways.base[parcels]
    within = timetable.lead_times.within_permille
    kept = within[candidates.parcel_group[parcels], np.minimum(moved, within.shape[1] - 1)]
    slowest = int(parcels[np.lexsort((parcels, kept))[0]])
    service = int(promises.service[row])
    return _Told(
        timetable=timetable,
        service=service,
        origin=int(candidates.parcel_origin[slowest]),
        region=int(asked.region[0]),
        carrier=int(timetable.served.carrier[service]),
        parcels=int(candidates.parcel_count[parcels].sum()),
        is_installed=bool(asked.is_installed[0]),
        order=int(ways.order_day[slowest]),
        handled=int(ways.handled_day[slowest]),
        leaves=int(ways.leaves[slowest]),
        arrives=int(ways.arrives[slowest]),
        days=int(ways.days[slowest]),
        group=int(candidates.parcel_group[slowest]),
        in_by=int(timetable.visits.in_by[ways.visits[way], visit]),
        visit=visit,
        slot=slot,
        full_day=int(promises.full_day[row]),
        full_days=int(promises.full_days[row]),
        chance_permille=int(promises.chance_permille[row]),
        is_provisional=bool(promises.is_provisional[row]),
    )


_Found = Iterator[tuple[Code, dict[str, Figure]]]


def _ordering(told: _Told) -> _Found:
    """When the order is handled, and when the carrier takes it."""
    table, network = told.timetable, told.timetable.loaded.network
    origin = network.origins[told.origin]
    row = table.handled.row[told.origin, told.region, told.service]
    cut_off = origin.cut_offs[table.handled.rule[row, told.order]].before
    days = {"day": told.day(told.order), "handled": told.day(told.handled)}
    if table.handled.next_day[row, told.order] > told.order:
        yield Code.NOT_HANDLED, {**days, "origin": origin.id}
    elif told.handled > told.order:
        yield Code.CUT_OFF_PASSED, {**days, "cut_off": cut_off, "origin": origin.id}
    else:
        yield Code.IN_TIME, {"day": told.day(told.order), "cut_off": cut_off, "origin": origin.id}
    if origin.handling.days:
        yield Code.HANDLING, {"days": origin.handling.days, "origin": origin.id}
    shipping = table.carriers[told.carrier].shipping[table.region_of_origin[told.origin]]
    waits = next(iter(_rests(shipping, told.leaves - 1, told.leaves)), None) if told.leaves > told.handled else None
    if waits is not None:
        yield Code.PICK_UP_WAITS, {"first_day": told.day(waits[0]), "day": told.day(told.leaves)}


def _lead_time(told: _Told) -> _Found:
    """How many days are given, and on how many parcels that rests."""
    lead_times = told.timetable.lead_times
    group = lead_times.groups[told.group]
    yield (
        Code.LEAD_TIME,
        {
            "days": told.days,
            "chance_permille": told.chance_permille,
            "counts": lead_times.counts.value,
            "starts": lead_times.starts.value,
            "group": ", ".join(f"{name} {value}" for name, value in group.key.items()),
            "parcels": group.count,
        },
    )


def _carrier(told: _Told) -> _Found:
    """What the carrier does on the days in between."""
    table = told.timetable
    days = table.carriers[told.carrier]
    gone = list(_suspended(told))
    for first, until in gone:
        yield Code.SUSPENDED, {"region": _region(told), "first_day": told.day(first), "until": told.day(until)}
    if told.visit > told.leaves:
        legs = [
            (Leg.TRANSIT, days.transit[told.region], told.leaves + 1),
            (Leg.DELIVERY, days.delivery[told.region], told.arrives),
        ]
        for leg, open_, from_ in legs:
            for first, last in _rests(open_, from_, told.visit):
                if not any(since <= first and last < until for since, until in gone):
                    yield (
                        Code.CARRIER_RESTS,
                        {"leg": leg.value, "first_day": told.day(first), "last_day": told.day(last)},
                    )
    yield from _off_and_worked(told, days)


def _off_and_worked(told: _Told, days: CarrierDays) -> _Found:
    """Days of a break on which it works, and make-up days that count because its week follows the calendar."""
    calendar, first_day = told.timetable.calendar, told.timetable.first_day
    between = np.arange(told.leaves, told.visit + 1)
    moves = days.transit[told.region, between] & days.delivery[told.region, between]
    through = between[moves & np.isin(between + first_day, calendar.breaks)]
    if through.size:
        figures: dict[str, Figure] = {"days": len(through)}
        yield (
            Code.WORKS_THROUGH,
            {**figures, "first_day": told.day(int(through[0])), "last_day": told.day(int(through[-1]))},
        )
    if _follows_workdays(told):
        for day in between[moves & np.isin(between + first_day, calendar.worked)].tolist():
            yield Code.MAKE_UP_DAY, {"day": told.day(day)}


def _follows_workdays(told: _Told) -> bool:
    carrier, region = told.timetable.loaded.carriers.carriers[told.carrier], _region(told)
    rules = [rule for rule in carrier.rules if region in rule.regions or EVERYWHERE in rule.regions]
    return any(rule.transit.workdays_of is not None for rule in rules)


def _suspended(told: _Told) -> Iterator[tuple[int, int]]:
    region, first_day = _region(told), told.timetable.first_day
    for item in told.timetable.loaded.carriers.carriers[told.carrier].dated:
        first, until = (day - first_day for day in span_of(item))
        touches = first <= told.visit and until > told.leaves
        if item.what is Exceptional.SUSPENDED and touches and {region, EVERYWHERE} & set(item.regions):
            yield max(first, 0), min(until, told.timetable.days - 1)


def _visit(told: _Told) -> _Found:
    """What happens at the door, and what stood in the way of an earlier day."""
    table, slots = told.timetable, told.timetable.slots
    if told.is_installed and table.installing is not None:
        for first, last in _rests(table.installing.delivery[told.region], told.in_by, told.visit):
            yield Code.INSTALLERS_REST, {"first_day": told.day(first), "last_day": told.day(last)}
        yield Code.INSTALLATION, {"delivered": told.day(told.in_by), "day": told.day(told.visit)}
    if slots.names[told.slot] != DATE:
        currency = table.loaded.network.currency
        fee_minor = int(slots.fee_minor[told.slot])
        yield Code.SLOT, {"slot": slots.names[told.slot], "fee_minor": fee_minor, "currency": currency}
    if told.full_days > 0:
        yield Code.FULL, {"day": _date(told.full_day), "days": told.full_days}
    if told.parcels > 1:
        yield Code.SLOWEST, {"parcels": told.parcels, "origin": table.loaded.network.origins[told.origin].id}


def _surcharges(told: _Told) -> _Found:
    """What the carrier adds on the day on which it takes the parcel."""
    network = told.timetable.loaded.network
    service = network.services[told.service].id
    for found in told.timetable.carriers[told.carrier].surcharges_on(
        told.leaves + told.timetable.first_day, _region(told)
    ):
        if found.service in {None, service}:
            figures: dict[str, Figure] = {"per": found.per.value, "currency": found.currency, "source": found.source}
            if found.at_least_minor is not None and found.at_most_minor is not None:
                figures |= {"at_least_minor": found.at_least_minor, "at_most_minor": found.at_most_minor}
            yield Code.SURCHARGE, figures


def _provisional(told: _Told) -> _Found:
    """Which year is not announced yet."""
    if told.is_provisional:
        calendar, first_day = told.timetable.calendar, told.timetable.first_day
        days = np.arange(told.order, told.visit + 1) + first_day
        doubtful = days[is_predicted(calendar, days)]
        last = int(doubtful[-1]) if doubtful.size else int(days[-1])
        yield Code.PROVISIONAL, {"calendar": calendar.id, "version": calendar.version, "year": year_of(last)}


_PARTS = (_ordering, _lead_time, _carrier, _visit, _surcharges, _provisional)


def _rests(is_open: NDArray[np.bool_], from_: int, until: int) -> Iterator[tuple[int, int]]:
    """Stretches of closed days that touch the days `from_` to `until`, each in its whole length: first and last day."""
    closed = np.concatenate([[False], ~is_open, [False]])
    bounds = np.flatnonzero(closed[1:] != closed[:-1])
    for first, end in zip(bounds[::2].tolist(), bounds[1::2].tolist(), strict=True):
        if first <= until and end > from_:
            yield first, end - 1


def _region(told: _Told) -> str:
    return told.timetable.loaded.network.regions[told.region].id


def _date(day: int) -> str:
    return date_of(day).isoformat()
