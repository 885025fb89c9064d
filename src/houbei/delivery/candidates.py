"""Which ways a promise could go: for each request the services and origins that can do it at all, and its parcels on each.

A request that leaves its origin open is looked at from every origin, for all of its parcels that leave it open together; one that
leaves its service open with every service. What cannot do it is left out, and what stood in the way of all is why it is refused.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from houbei.delivery.lead_times import NO_GROUP, PERMILLE
from houbei.delivery.requests import ANY, TOO_HEAVY, UNKNOWN, Requests
from houbei.delivery.timetable import Timetable

Whole = NDArray[np.int64]
Mask = NDArray[np.bool_]


class Refused(IntEnum):
    """Why nothing is promised, in the order in which it is asked. The names are public, the numbers are not kept."""

    NOT = 0
    """Something is promised."""
    UNKNOWN_NAME = 1
    """The network does not have a region, SKU, weight class, origin, carrier or service of that name."""
    NOT_SERVED = 2
    """None of the services asked for goes there from there."""
    TOO_HEAVY = 3
    """None of these takes such parcels."""
    NOT_INSTALLED = 4
    """Nobody installs such things there."""
    NO_SLOT = 5
    """None of these offers that slot."""
    NO_LEAD_TIME = 6
    """Nobody has said how long it takes."""
    OUT_OF_REACH = 7
    """No wait is long enough to keep the promise that often."""
    NOT_IN_TIME = 8
    """It could be kept only beyond the horizon: the region is suspended, or nobody works."""
    FULL = 9
    """All visits within the horizon are taken."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidates:
    """Ways to go, and the parcels of each; the ways of request i are `first[i]` to `first[i + 1]`.

    By way: request, service, origin (of the parcels that leave it open), the first and last slot. The parcels of way j are
    `first_parcel[j]` to `first_parcel[j + 1]`; by parcel: its origin and class, how many, its lead times. `refused` says by request what
    stood in the way of all.
    """

    first: Whole
    request: Whole
    service: Whole
    origin: Whole
    slots: Whole
    first_parcel: Whole
    parcel_way: Whole
    parcel_origin: Whole
    parcel_group: Whole
    parcel_count: Whole
    refused: Whole

    def parcels(self, values: Whole) -> Whole:
        """Give each parcel the value of its way."""
        return values[self.parcel_way]


def find_candidates(timetable: Timetable, asked: Requests) -> Candidates:
    """Find the ways that could keep each promise.

    Args:
        timetable: The network.
        asked: The requests.

    Returns:
        The ways in the order of requests, then of services and origins as the network lists them.

    Cost: linear in requests times services times, where an origin is left open, origins.
    """
    ways, refused = _ways(timetable, asked)
    request, service, origin = (places.astype(np.int64) for places in np.nonzero(ways))
    counts = np.diff(asked.first_parcel)[request]
    first_parcel = np.concatenate([[0], np.cumsum(counts)])
    way = np.repeat(np.arange(len(request)), counts)
    parcel = np.arange(first_parcel[-1]) + np.repeat(asked.first_parcel[request] - first_parcel[:-1], counts)
    parcel_origin = np.where(asked.parcel_origin[parcel] == ANY, origin[way], asked.parcel_origin[parcel])
    region = asked.region[request]
    group = timetable.group[parcel_origin, region[way], service[way], asked.parcel_class[parcel]]
    count = asked.parcel_count[parcel]
    leaves = timetable.served.origins[service[way], parcel_origin]
    longest = timetable.lead_times.within_permille[group, -1] if len(timetable.lead_times.groups) else group * 0
    lacking = _sum_of(count * (PERMILLE - longest), first_parcel)
    stage = np.select(
        [
            _sum_of(~leaves, first_parcel) > 0,
            _sum_of(group == NO_GROUP, first_parcel) > 0,
            lacking > PERMILLE - asked.chance_permille[request],
        ],
        [Refused.NOT_SERVED, Refused.NO_LEAD_TIME, Refused.OUT_OF_REACH],
        default=Refused.NOT,
    )
    np.maximum.at(refused, request, stage)
    kept = stage == Refused.NOT
    refused[request[kept]] = Refused.NOT
    chosen = kept[way]
    return Candidates(
        first=np.searchsorted(request[kept], np.arange(len(asked) + 1)),
        request=request[kept],
        service=service[kept],
        origin=origin[kept],
        slots=_slots_of(timetable, asked)[asked.slot[request[kept]], service[kept]],
        first_parcel=np.concatenate([[0], np.cumsum(counts[kept])]),
        parcel_way=np.repeat(np.arange(np.count_nonzero(kept)), counts[kept]),
        parcel_origin=parcel_origin[chosen],
        parcel_group=group[chosen],
        parcel_count=count[chosen],
        refused=refused,
    )


def _ways(timetable: Timetable, asked: Requests) -> tuple[Mask, Whole]:
    """The services and origins, by [request, service, origin], that nothing in the request itself rules out; and what did, of the rest."""
    served, first = timetable.served, asked.first_parcel[:-1]
    services, origins = served.origins.shape
    region, parcel_class = np.maximum(asked.region, 0), np.maximum(asked.parcel_class, 0)
    is_any = asked.parcel_origin == ANY
    is_known = (asked.region >= 0) & (asked.carrier != UNKNOWN) & (asked.service != UNKNOWN)
    parcel_known = (asked.parcel_class != UNKNOWN) & (asked.parcel_origin != UNKNOWN)
    is_known &= np.logical_and.reduceat(parcel_known, first)
    is_heavy = np.logical_or.reduceat(asked.parcel_class == TOO_HEAVY, first)
    wanted = (asked.service[:, None] == ANY) | (asked.service[:, None] == np.arange(services))
    wanted &= (asked.carrier[:, None] == ANY) | (asked.carrier[:, None] == served.carrier)
    takes = np.logical_and.reduceat(served.classes.T[parcel_class], first) & ~is_heavy[:, None]
    of_parcel = np.repeat(region, np.diff(asked.first_parcel))
    installs = ~asked.is_installed | np.logical_and.reduceat(served.installs[of_parcel, parcel_class], first)
    offers = _slots_of(timetable, asked)[np.maximum(asked.slot, 0), :, 0] >= 0
    offers &= asked.slot[:, None] >= 0
    stage = np.select(
        [
            np.broadcast_to(~is_known[:, None], wanted.shape),
            ~(wanted & served.regions.T[region]),
            ~takes,
            np.broadcast_to(~installs[:, None], wanted.shape),
            ~offers,
        ],
        [Refused.UNKNOWN_NAME, Refused.NOT_SERVED, Refused.TOO_HEAVY, Refused.NOT_INSTALLED, Refused.NO_SLOT],
        default=Refused.NOT,
    )
    can = stage == Refused.NOT
    from_where = np.logical_or.reduceat(is_any, first)[:, None] | (np.arange(origins) == 0)
    return can[:, :, None] & from_where[:, None, :], stage.max(axis=1).astype(np.int64)


def _slots_of(timetable: Timetable, asked: Requests) -> Whole:
    """The first and the last slot of each service for each name of a slot, by [name, service, end]; -1 where it offers none."""
    slots = timetable.slots
    services = len(slots.first) - 1
    found = np.full((len(asked.slot_names), services, 2), -1, dtype=np.int64)
    found[0] = slots.first[:-1, None]
    for service in range(services):
        low, high = int(slots.first[service]) + 1, int(slots.first[service + 1])
        if low < high:
            found[1, service] = low, high - 1
        for slot in range(low, high):
            found[asked.slot_names.index(slots.names[slot]), service] = slot
    return found


def _sum_of(values: Whole | Mask, first: Whole) -> Whole:
    """The sum over the parcels of each way; every way has some."""
    return np.add.reduceat(values.astype(np.int64), first[:-1]) if len(first) > 1 else np.zeros(0, dtype=np.int64)
