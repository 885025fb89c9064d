"""A plain way to promise a date, to compare with: for each order walk over its days, one by one.

It knows what is the same for every order beforehand (which days carriers work, when cut-offs are, how parcels spread over days) and
nothing of slots, room, installation, several parcels, or a choice of services and warehouses.
"""

from dataclasses import dataclass

from houbei.delivery.lead_times import NO_GROUP
from houbei.delivery.network import HORIZON_DAYS
from houbei.delivery.requests import Requests
from houbei.delivery.timetable import Timetable

NOTHING = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """What the walk gave: the first moment that is late and the chance, `NOTHING` where none was found."""

    by_us: int
    chance_permille: int


class Walker:
    """Open days, cut-offs and lead times as lists, and the walk over them.

    Args:
        timetable: Where the days come from.
    """

    def __init__(self, timetable: Timetable) -> None:
        self._table = timetable
        self._days = [
            {leg: getattr(carrier, leg).tolist() for leg in ("shipping", "transit", "delivery")}
            for carrier in timetable.carriers
        ]
        self._handling = timetable.handling.tolist()
        self._late_from_us = timetable.handled.late_from_us.tolist()
        self._row = timetable.handled.row.tolist()
        self._within = timetable.lead_times.within_permille.tolist()
        self._group = timetable.group.tolist()
        self._carrier = timetable.served.carrier.tolist()
        self._serves = timetable.served.regions.tolist()
        self._midnights = timetable.zones[0].midnights.tolist()
        self._offset = timetable.first_day - timetable.zones[0].first_day

    def walk(self, requests: Requests, row: int) -> Walked:
        """Promise one order a date: of a request that names its service and warehouse and asks for one parcel."""
        region, service, origin, parcel_class = (
            int(column[row])
            for column in (requests.region, requests.service, requests.parcel_origin, requests.parcel_class)
        )
        at_us, wanted = int(requests.at_us[row]), int(requests.chance_permille[row])
        group = self._group[origin][region][service][parcel_class]
        if not self._serves[service][region] or group == NO_GROUP or self._within[group][-1] < wanted:
            return Walked(by_us=NOTHING, chance_permille=NOTHING)
        days, within = self._days[self._carrier[service]], self._within[group]
        day = (at_us - self._midnights[0]) // 86_400_000_000 - self._offset
        last = day + HORIZON_DAYS
        late_from_us = self._late_from_us[self._row[origin][region][service]]
        while not self._handling[origin][day] or at_us >= late_from_us[day]:
            day += 1
        start = int(self._table.region_of_origin[origin])
        while not days["shipping"][start][day]:
            day += 1
        moved = 0
        while day <= last:
            kept = within[min(moved, len(within) - 1)]
            if kept >= wanted and days["delivery"][region][day]:
                return Walked(by_us=self._midnights[day + 1 + self._offset], chance_permille=kept)
            day += 1
            moved += days["transit"][region][day]
        return Walked(by_us=NOTHING, chance_permille=NOTHING)
