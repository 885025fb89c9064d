"""What is asked for: promises of arrival, as columns, and what was booked before."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from houbei.delivery.lead_times import PERMILLE
from houbei.delivery.network import Loaded, Network
from houbei.errors import InputError

Whole = NDArray[np.int64]
ANY = -1
"""As an origin, carrier, service: whichever gives the earliest promise."""
UNKNOWN = -2
"""A name that the network does not have: such a request is refused."""
TOO_HEAVY = -3
"""As a weight class: heavier than the heaviest of them."""
ANY_SLOT = "*"
"""As a slot: the earliest of those the service offers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """Parcels of one sort under a promise: what a SKU or a weight class weighs, from an origin (None: any), how many."""

    sku: str | None = None
    weight_class: str | None = None
    origin: str | None = None
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One promise asked for, by names; None means any. `slot` "" asks for a date, `*` for the earliest slot, another for that one."""

    id: str
    at_us: int
    region: str
    parcels: tuple[Parcel, ...]
    carrier: str | None = None
    service: str | None = None
    chance_permille: int = 950
    is_installed: bool = False
    slot: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Requests:
    """Promises asked for, a row each, in any order; codes are places in the network's lists, or `ANY`, or `UNKNOWN`.

    `slot` is a place in `slot_names`, whose first is the date and whose second is any slot. The parcels of request i are
    `first_parcel[i]` to `first_parcel[i + 1]`.
    """

    ids: Sequence[str]
    at_us: Whole
    region: Whole
    carrier: Whole
    service: Whole
    chance_permille: Whole
    is_installed: NDArray[np.bool_]
    slot: Whole
    slot_names: tuple[str, ...]
    first_parcel: Whole
    parcel_origin: Whole
    parcel_class: Whole
    parcel_count: Whole

    def __len__(self) -> int:
        return len(self.at_us)

    def taken(self, rows: Whole) -> "Requests":
        """Give some rows, in their order."""
        counts = np.diff(self.first_parcel)[rows]
        first = np.concatenate([[0], np.cumsum(counts)])
        parcels = np.repeat(self.first_parcel[rows] - first[:-1], counts) + np.arange(first[-1])
        return Requests(
            ids=self.ids,
            at_us=self.at_us[rows],
            region=self.region[rows],
            carrier=self.carrier[rows],
            service=self.service[rows],
            chance_permille=self.chance_permille[rows],
            is_installed=self.is_installed[rows],
            slot=self.slot[rows],
            slot_names=self.slot_names,
            first_parcel=first,
            parcel_origin=self.parcel_origin[parcels],
            parcel_class=self.parcel_class[parcels],
            parcel_count=self.parcel_count[parcels],
        )

    def in_order_of_booking(self) -> Whole:
        """Give the rows in the order in which places are booked: by moment, then by id."""
        order = np.argsort(self.at_us, kind="stable")
        moments = self.at_us[order]
        begins = np.flatnonzero(np.append(True, moments[1:] != moments[:-1]))
        ends = np.append(begins[1:], len(order))
        for place in np.flatnonzero(ends - begins > 1).tolist():
            run = order[begins[place] : ends[place]]
            order[begins[place] : ends[place]] = sorted(run.tolist(), key=lambda row: (self.ids[row], row))
        return order


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Booked:
    """Visits that are taken: how many by origin, region, slot (a place among the timetable's) and day (since 1970-01-01)."""

    origin: Whole = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    region: Whole = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    slot: Whole = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    day: Whole = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    count: Whole = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def with_more(self, more: "Booked") -> "Booked":
        """Give what is taken together with more of it."""
        return Booked(
            **{
                name: np.concatenate([getattr(self, name), getattr(more, name)])
                for name in ("origin", "region", "slot", "day", "count")
            }
        )


def requests_of(loaded: Loaded, asked: Iterable[Request]) -> Requests:
    """Make columns of requests.

    Args:
        loaded: The network whose names are used; a name that it does not have is kept as unknown.
        asked: The requests, with different ids.

    Raises:
        InputError: A chance is not within 1 to 1000 per mille, a request has no parcels, or a parcel a count below 1 or neither or both
            of SKU and weight class; an id comes twice.
    """
    rows, network = list(asked), loaded.network
    _check(rows)
    parcels = [parcel for row in rows for parcel in row.parcels]
    slot_names = ("", ANY_SLOT, *sorted({slot.id for service in network.services for slot in service.slots}))
    slots = {name: place for place, name in enumerate(slot_names)}
    regions, services, origins = (
        _codes(found.id for found in listed) for listed in (network.regions, network.services, network.origins)
    )
    carriers = _codes(carrier.carrier for carrier in loaded.carriers.carriers)
    weighing = _weighing(network)
    return Requests(
        ids=[row.id for row in rows],
        at_us=_whole(row.at_us for row in rows),
        region=_whole(regions.get(row.region, UNKNOWN) for row in rows),
        carrier=_whole(carriers.get(row.carrier, UNKNOWN) for row in rows),
        service=_whole(services.get(row.service, UNKNOWN) for row in rows),
        chance_permille=_whole(row.chance_permille for row in rows),
        is_installed=np.array([row.is_installed for row in rows], dtype=np.bool_),
        slot=_whole(slots.get(row.slot, UNKNOWN) for row in rows),
        slot_names=slot_names,
        first_parcel=np.concatenate([[0], np.cumsum(_whole(len(row.parcels) for row in rows))]),
        parcel_origin=_whole(origins.get(parcel.origin, UNKNOWN) for parcel in parcels),
        parcel_class=_whole(weighing(parcel) for parcel in parcels),
        parcel_count=_whole(parcel.count for parcel in parcels),
    )


def unknown_names(requests: Requests, asked: Request) -> list[str]:
    """Give the names of the only request of some that the network does not have, in the order in which they are asked for."""
    named = [
        (asked.region, requests.region[0]),
        (asked.carrier, requests.carrier[0]),
        (asked.service, requests.service[0]),
    ]
    for parcel, origin, weight in zip(asked.parcels, requests.parcel_origin, requests.parcel_class, strict=True):
        named += [(parcel.origin, origin), (parcel.sku if parcel.weight_class is None else parcel.weight_class, weight)]
    return [name for name, code in named if code == UNKNOWN and name is not None]


def _codes(names: Iterable[str]) -> dict[str | None, int]:
    return {None: ANY, **{name: place for place, name in enumerate(names)}}


def _whole(values: Iterable[int]) -> Whole:
    return np.fromiter(values, dtype=np.int64)


def _weighing(network: Network) -> Callable[[Parcel], int]:
    classes = {found.id: place for place, found in enumerate(network.weight_classes)}
    bounds_g = [found.up_to_g for found in network.weight_classes]
    articles = {article.sku: article for article in network.articles}

    def weigh(parcel: Parcel) -> int:
        if parcel.sku is None:
            return classes.get(parcel.weight_class or "", UNKNOWN)
        article = articles.get(parcel.sku)
        if article is None:
            return UNKNOWN
        if article.weight_g is None:
            return classes[article.weight_class or ""]
        place = bisect_left(bounds_g, article.weight_g)
        return place if place < len(bounds_g) else TOO_HEAVY

    return weigh


def _check(rows: Sequence[Request]) -> None:
    if len({row.id for row in rows}) < len(rows):
        raise _unusable(came="one id for two requests", where="requests", expected="each id once")
    for row in rows:
        where = f"request {row.id}"
        if not 1 <= row.chance_permille <= PERMILLE:
            raise _unusable(came=f"a chance of {row.chance_permille} per mille", where=where, expected="1 to 1000")
        if not row.parcels or any(parcel.count < 1 for parcel in row.parcels):
            raise _unusable(came="no parcel, or a count below 1", where=where, expected="at least one parcel")
        if any((parcel.sku is None) == (parcel.weight_class is None) for parcel in row.parcels):
            raise _unusable(
                came="a parcel without SKU and weight class, or with both", where=where, expected="one of them"
            )


def _unusable(*, came: str, where: str, expected: str) -> InputError:
    return InputError(came=came, where=where, expected=expected, todo="Correct the request.")
