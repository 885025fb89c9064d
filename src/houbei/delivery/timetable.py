"""A network over a range of days, as tables in which a promise is looked up: cut-offs, pick-ups, moving days, visits, slots.

Everything that does not depend on a request is worked out here once: a live shop keeps a timetable and asks it again and again, a history
is asked with one for its years. Days are places from `first_day` on; the end of the range is no day, and leads nowhere.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import msgspec
import numpy as np
from numpy.typing import NDArray

from houbei.calendars.carrier_documents import EVERYWHERE, Carrier, CarriersDocument, Dated, Rule, Texts, Week
from houbei.calendars.carriers import CarrierDays, open_days
from houbei.calendars.days import DAY_US, Days
from houbei.calendars.holidays import Calendar, load
from houbei.calendars.provisional import is_predicted
from houbei.delivery.cut_offs import Handled, handled_days
from houbei.delivery.lead_times import Counts, LeadTimes, group_table, lift_rows
from houbei.delivery.network import HORIZON_DAYS, Loaded, Network
from houbei.delivery.offers import Served, Slots, served_of, slots_of
from houbei.delivery.opening import (
    Counted,
    Open,
    Visits,
    count_open,
    delivery_visits,
    installation_visits,
    like_rows,
    next_open,
)

Whole = NDArray[np.int64]
BEFORE_DAYS = 2
"""How many days lie in a timetable before the first order: a moment falls on other days in other zones."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Doubtful:
    """How many days before each day rest on a year that is not announced.

    Of the handling of each origin, of each carrier in each region, of installing in each region, and of the network's own calendar.
    """

    handling: Whole
    carrier: Whole
    installing: Whole
    calendar: Whole


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Timetable:
    """A network for orders from `from_us` to `to_us`, over `days` days from `first_day` on. Make one with `timetable_of`.

    `zone_of_origin` and `zone_of_region` lead to `zones`. `pick_up[origin, carrier, day]` is the day on which a carrier takes what an origin
    begins to handle on a day. `moves[carrier, region]` leads to a row of `moving`, `visits_of[carrier, region, installed]` to one of `visits`.
    `group[origin, region, service, class]` leads to the lead times, which `lifted` holds for searching.
    """

    loaded: Loaded
    lead_times: LeadTimes
    calendar: Calendar
    from_us: int
    to_us: int
    first_day: int
    days: int
    zones: tuple[Days, ...]
    zone_of_origin: Whole
    zone_of_region: Whole
    region_of_origin: Whole
    handling: Open
    handled: Handled
    carriers: tuple[CarrierDays, ...]
    pick_up: Whole
    moves: Whole
    moving: Counted
    visits_of: Whole
    visits: Visits
    installing: CarrierDays | None
    slots: Slots
    served: Served
    group: Whole
    lifted: Whole
    doubtful: Doubtful


@dataclass(frozen=True, slots=True, kw_only=True)
class _Span:
    """The range of days, and where calendars are found for it."""

    from_us: int
    to_us: int
    first_day: int
    days: int
    find_calendar: Callable[..., Calendar]

    def carrier_days(self, document: CarriersDocument, carrier: str, regions: Sequence[str]) -> CarrierDays:
        """What a carrier does in each region; where it has no rule it does nothing."""
        ruled = {region for rule in document.carrier(carrier).rules for region in rule.regions}
        known = [place for place, region in enumerate(regions) if region in ruled or EVERYWHERE in ruled]
        found = open_days(
            document,
            carrier=carrier,
            regions=[regions[place] for place in known],
            from_day=self.first_day,
            to_day=self.first_day + self.days - 1,
            find_calendar=self.find_calendar,
        )

        def everywhere(table: Open) -> Open:
            spread = np.zeros((len(regions), self.days), dtype=np.bool_)
            spread[known] = table
            return spread

        return replace(
            found,
            regions=tuple(regions),
            shipping=everywhere(found.shipping),
            transit=everywhere(found.transit),
            delivery=everywhere(found.delivery),
            provisional=everywhere(found.provisional),
        )

    def week_days(self, week: Week, dated: tuple[Dated, ...], regions: Sequence[str]) -> CarrierDays:
        """What a week with exceptions says: it is read as a carrier's whose three calendars are the same."""
        rule = Rule(shipping=week, transit=week, delivery=week)
        said = Texts(zh="", en="")
        carrier = Carrier(carrier="", title=said, rules=(rule,), dated=dated)
        document = CarriersDocument(document="", version=1, currency="CNY", about=said, carriers=(carrier,))
        return self.carrier_days(document, "", regions)

    def calendar(self, name: str) -> Calendar:
        """The years of a calendar that the range touches."""
        first, last = (
            int(np.datetime64(day, "D").astype("datetime64[Y]").astype(np.int64)) + 1970
            for day in (self.first_day, self.first_day + self.days - 1)
        )
        return self.find_calendar(name, from_year=first, to_year=last)


def timetable_of(
    loaded: Loaded,
    *,
    from_us: int,
    to_us: int,
    lead_times: LeadTimes | None = None,
    find_calendar: Callable[..., Calendar] = load,
) -> Timetable:
    """Make the timetable for orders between two moments.

    Args:
        loaded: The network.
        from_us: The first order, µs UTC.
        to_us: The last order, µs UTC.
        lead_times: Those of a model in place of the network's own.
        find_calendar: Where a calendar is found, asked as `holidays.load` is.

    Raises:
        InputError: A calendar does not have these years.

    Cost: linear in regions, carriers and days: some ten milliseconds for a hundred regions over a year.
    """
    first_day = from_us // DAY_US - BEFORE_DAYS
    span = _Span(
        from_us=from_us,
        to_us=to_us,
        first_day=first_day,
        days=to_us // DAY_US - first_day + HORIZON_DAYS + BEFORE_DAYS,
        find_calendar=_known_by_law(find_calendar),
    )
    return _timetable(loaded, lead_times or loaded.lead_times, span)


def _timetable(loaded: Loaded, lead_times: LeadTimes, span: _Span) -> Timetable:
    network, first_day, days = loaded.network, span.first_day, span.days
    calendar = span.calendar(network.calendar)
    parts = network.parts()
    zones, zone_of_region = _zones_of(network, span)
    region_of_origin = np.array([list(parts).index(origin.region) for origin in network.origins])
    zone_of_origin = zone_of_region[region_of_origin]
    carriers = tuple(
        span.carrier_days(loaded.carriers, carrier.carrier, list(parts)) for carrier in loaded.carriers.carriers
    )
    handlers = [span.week_days(o.handling.week, o.handling.dated, [EVERYWHERE]) for o in network.origins]
    handling = np.stack([handler.shipping[0] for handler in handlers])
    installing = _installing(network, parts, span)
    moving, moves = _moving(carriers, lead_times.counts)
    visits, visits_of = _visits(carriers, installing, network)
    return Timetable(
        loaded=loaded,
        lead_times=lead_times,
        calendar=calendar,
        from_us=span.from_us,
        to_us=span.to_us,
        first_day=first_day,
        days=days,
        zones=zones,
        zone_of_origin=zone_of_origin,
        zone_of_region=zone_of_region,
        region_of_origin=region_of_origin,
        handling=handling,
        handled=handled_days(
            network, parts=parts, handling=handling, zones=[zones[zone] for zone in zone_of_origin], first_day=first_day
        ),
        carriers=carriers,
        pick_up=_pick_up(network, handling, carriers, region_of_origin),
        moves=moves,
        moving=moving,
        visits_of=visits_of,
        visits=visits,
        installing=installing,
        slots=slots_of(network, zones, first_day=first_day, days=days),
        served=served_of(loaded, parts),
        group=_groups(loaded, lead_times, parts),
        lifted=lift_rows(lead_times),
        doubtful=_doubtful(handlers, carriers, installing, is_predicted(calendar, np.arange(days) + first_day)),
    )


def _doubtful(
    handlers: Sequence[CarrierDays], carriers: Sequence[CarrierDays], installing: CarrierDays | None, years: Open
) -> Doubtful:
    of_carriers = np.stack([carrier.provisional for carrier in carriers])
    return Doubtful(
        handling=_counted_before(np.concatenate([handler.provisional for handler in handlers])),
        carrier=_counted_before(of_carriers),
        installing=_counted_before(np.zeros_like(of_carriers[0]) if installing is None else installing.provisional),
        calendar=_counted_before(years),
    )


def _known_by_law(find_calendar: Callable[..., Calendar]) -> Callable[..., Calendar]:
    """Take the years of a computed calendar as announced: the law that it is computed from says them, and no notice is waited for."""

    def find(name: str, *, from_year: int, to_year: int) -> Calendar:
        calendar = find_calendar(name, from_year=from_year, to_year=to_year)
        return (
            replace(calendar, announced=frozenset(range(from_year, to_year + 2))) if calendar.is_computed else calendar
        )

    return find


def _zones_of(network: Network, span: _Span) -> tuple[tuple[Days, ...], Whole]:
    """The local days of every zone of the network, and the zone of each region."""
    own = {region.id: region.zone for region in network.regions}
    within = {region.id: region.within for region in network.regions}

    def zone_of(region: str | None) -> str:
        while region is not None:
            if (zone := own[region]) is not None:
                return zone
            region = within[region]
        return network.zone

    zones = [zone_of(region.id) for region in network.regions]
    names = list(dict.fromkeys(zones))
    from_us, to_us = span.first_day * DAY_US, (span.first_day + span.days) * DAY_US
    days = tuple(Days.over(name, from_us=from_us, to_us=to_us) for name in names)
    return days, np.array([names.index(zone) for zone in zones], dtype=np.int64)


def _installing(network: Network, parts: dict[str, tuple[str, ...]], span: _Span) -> CarrierDays | None:
    told = network.installation
    if told is None:
        return None
    dated = tuple(
        msgspec.structs.replace(
            item, regions=tuple(part for region in item.regions for part in parts.get(region, (region,)))
        )
        for item in told.dated
    )
    return span.week_days(told.week, dated, list(parts))


def _pick_up(network: Network, handling: Open, carriers: Sequence[CarrierDays], region_of_origin: Whole) -> Whole:
    """By [origin, carrier, day on which handling begins], the day on which the carrier takes the parcel."""
    counted = count_open(handling)
    found = np.empty((len(network.origins), len(carriers), handling.shape[1] + 1), dtype=np.int64)
    begun = np.arange(handling.shape[1] + 1)
    for o, origin in enumerate(network.origins):
        ready = counted.after(o, begun, origin.handling.days) if origin.handling.days else begun
        for c, carrier in enumerate(carriers):
            found[o, c] = next_open(carrier.shipping[region_of_origin[o]][None])[0][ready]
    return found


def _moving(carriers: Sequence[CarrierDays], counts: Counts) -> tuple[Counted, Whole]:
    """The days that lead times count, and the row of each carrier and region."""
    transit = np.stack([carrier.transit for carrier in carriers])
    if counts is Counts.CALENDAR:
        transit = np.ones_like(transit)
    rows, moves = like_rows(transit)
    return count_open(rows), moves


def _visits(carriers: Sequence[CarrierDays], installing: CarrierDays | None, network: Network) -> tuple[Visits, Whole]:
    """The visits of every carrier, plain and with installation, and the row of each carrier and region."""
    delivery = np.stack([carrier.delivery for carrier in carriers])
    rows, places = like_rows(delivery)
    plain = delivery_visits(rows)
    visits_of = np.stack([places, places], axis=2)
    if installing is None or network.installation is None:
        return plain, visits_of
    days = delivery.shape[2]
    both = np.concatenate([delivery, np.broadcast_to(installing.delivery, delivery.shape)], axis=2)
    pairs, which = like_rows(both)
    installed = installation_visits(
        np.ascontiguousarray(pairs[:, :days]), np.ascontiguousarray(pairs[:, days:]), days=network.installation.days
    )
    visits_of[:, :, 1] = which + len(rows)
    return Visits(
        following=np.concatenate([plain.following, installed.following]),
        in_by=np.concatenate([plain.in_by, installed.in_by]),
        for_arrival=np.concatenate([plain.for_arrival, installed.for_arrival]),
    ), visits_of


def _groups(loaded: Loaded, lead_times: LeadTimes, parts: dict[str, tuple[str, ...]]) -> Whole:
    network = loaded.network
    names = {
        "origin": [origin.id for origin in network.origins],
        "region": [region.id for region in network.regions],
        "service": [service.id for service in network.services],
        "weight_class": [found.id for found in network.weight_classes],
    }
    return group_table(lead_times, names, parts_of=parts, carrier_of=[service.carrier for service in network.services])


def _counted_before(is_doubtful: Open) -> Whole:
    before = np.zeros((*is_doubtful.shape[:-1], is_doubtful.shape[-1] + 1), dtype=np.int64)
    np.cumsum(is_doubtful, axis=-1, out=before[..., 1:])
    return before
