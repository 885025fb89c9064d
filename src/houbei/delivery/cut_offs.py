"""Until when an order is handled the same day, by origin, region, service, weekday, lunar day and date.

A window that ends with the cut-off is half open: an order at the cut-off is late. An order that is late, or that comes on a day on which
nothing is handled for its region and service, is handled on the next day on which something is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from houbei.calendars.carrier_documents import Weekday
from houbei.calendars.days import Days, day_number, weekday_of
from houbei.calendars.lunar import lunar_of
from houbei.delivery.clock_times import clock_us_of, moments_on
from houbei.delivery.network import CutOff, Network, Origin
from houbei.delivery.opening import Open, next_open

Whole = NDArray[np.int64]
_WEEKDAYS = tuple(Weekday)
_UNSAID = -1
EVE = "eve"
"""The last day of a lunar year, the twenty-ninth or thirtieth of the last month."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Handled:
    """When orders are handled: `row[origin, region, service]` leads to a row of the others.

    `late_from_us[row, day]` is the first moment of a local day that is too late for it (its midnight where nothing is handled);
    `next_day[row, day]` the first day from it on on which something is; `rule[row, day]` the place of the cut-off that held, among the
    origin's.
    """

    row: Whole
    late_from_us: Whole
    next_day: Whole
    rule: Whole


def handled_days(
    network: Network, *, parts: Mapping[str, Sequence[str]], handling: Open, zones: Sequence[Days], first_day: int
) -> Handled:
    """Make the table of cut-offs of a network.

    Args:
        network: Its origins, regions and services.
        parts: For each region, itself and all that are part of it.
        handling: On which days each origin handles, by [origin, day].
        zones: The local days of each origin.
        first_day: The day of the first column, since 1970-01-01.

    Cost: linear in origins, regions and services; in days for each different set of cut-offs.
    """
    days = np.arange(handling.shape[1]) + first_day
    shape = (len(network.regions), len(network.services))
    row = np.zeros((len(network.origins), *shape), dtype=np.int64)
    found: list[tuple[Whole, NDArray[np.bool_], Whole]] = []
    for o, origin in enumerate(network.origins):
        reaches = np.stack([_reach(cut_off, network, parts) for cut_off in origin.cut_offs])
        different, places = np.unique(reaches.reshape(len(reaches), -1), axis=1, return_inverse=True)
        row[o] = len(found) + places.reshape(shape)
        found += [
            _row(origin, np.flatnonzero(said).tolist(), days, is_handling=handling[o], table=zones[o])
            for said in different.T
        ]
    late_from_us, is_open, rule = (np.stack(columns) for columns in zip(*found, strict=True))
    return Handled(row=row, late_from_us=late_from_us, next_day=next_open(is_open), rule=rule)


def _reach(cut_off: CutOff, network: Network, parts: Mapping[str, Sequence[str]]) -> NDArray[np.bool_]:
    """Which regions and services a cut-off speaks of."""
    named = {part for region in cut_off.regions for part in parts[region]}
    regions = [not named or region.id in named for region in network.regions]
    services = [not cut_off.services or service.id in cut_off.services for service in network.services]
    return np.outer(regions, services)


def _row(
    origin: Origin, numbers: Sequence[int], days: Whole, *, is_handling: NDArray[np.bool_], table: Days
) -> tuple[Whole, NDArray[np.bool_], Whole]:
    rule = np.full(len(days), _UNSAID, dtype=np.int64)
    for number in numbers:
        rule[(rule == _UNSAID) & _holds_on(origin.cut_offs[number], days)] = number
    clocks = np.array([clock_us_of(cut_off.before, where=origin.id) for cut_off in origin.cut_offs], dtype=np.int64)
    clock_us = np.where(is_handling, clocks[rule], 0)
    return moments_on(days, clock_us, table=table), clock_us > 0, rule


def _holds_on(cut_off: CutOff, days: Whole) -> NDArray[np.bool_]:
    holds = np.ones(len(days), dtype=np.bool_)
    if cut_off.weekdays:
        holds &= np.isin(weekday_of(days), [_WEEKDAYS.index(day) for day in cut_off.weekdays])
    if cut_off.lunar_days:
        holds &= is_lunar_day(days, cut_off.lunar_days)
    if cut_off.dates:
        within = np.zeros(len(days), dtype=np.bool_)
        for span in cut_off.dates:
            first, last = (day_number(date.fromisoformat(text)) for text in (span.first_day, span.last_day))
            within |= (first <= days) & (days <= last)
        holds &= within
    return holds


def is_lunar_day(days: Whole, names: Sequence[str]) -> NDArray[np.bool_]:
    """Tell which days are one of some lunar days, each named as a network names them: `eve`, `1-1`, `12-28`."""
    lunar = lunar_of(days)
    found = lunar.is_eve & (EVE in names)
    for name in names:
        if name != EVE:
            month, _, day = name.partition("-")
            found |= (lunar.month == int(month)) & (lunar.day == int(day)) & ~lunar.is_leap
    return found
