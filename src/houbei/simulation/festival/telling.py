"""What is told of the parcels: scans and answers, with the moment at which each becomes known. Late, twice, out of order, and not always true."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from houbei.calendars.days import DAY_US
from houbei.columns import MISSING
from houbei.delivery.festival_days import PlanDays
from houbei.simulation.chance import HOUR_US, MINUTE_US
from houbei.simulation.festival import shop
from houbei.simulation.festival.doors import Doors, Sent
from houbei.simulation.festival.orders import happens, new_year_of, stream_of
from houbei.simulation.festival.shown import carrier_names

Whole = NDArray[np.int64]
_TELLING = 6
_FEED = ("carrier", "courier")
"""Whose scans come by a carrier's feed."""
_GIVEN_UP_DAYS = 9
"""So long after a parcel went missing its carrier gives it up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """One scan, as it is told: times are µs UTC; `known_us` is when the shop learns of it, again at `again_us` (`MISSING`: once)."""

    id: str
    order: int
    parcel: str | None
    what: str
    at_us: int
    told_by: str
    known_us: int
    again_us: int = MISSING
    carrier: str | None = None
    disputes: str | None = None
    evidence: str | None = None


def tell_scans(sent: Sent, doors: Doors) -> list[Scan]:
    """Tell what is seen of the parcels.

    Args:
        sent: What is on its way; a cancelled order's parcels are told of until then. A carrier's silence delays its scans.
        doors: When somebody stood before the door.

    Returns:
        Scans by the moment at which they become known, then by id.
    """
    teller = _Teller(sent, doors)
    cancelled_us = sent.wishes.cancelled_us[sent.parcels.order]
    found = [
        scan for parcel in range(len(sent.parcels)) for scan in teller.of_parcel(parcel, int(cancelled_us[parcel]))
    ]
    silences = _silences(sent.days)
    told = [_heard(scan, silences) for scan in found]
    known = {scan.id: scan.known_us for scan in told}
    # Nobody disputes what the shop has not been told.
    told = [
        scan if scan.disputes is None else replace(scan, known_us=max(scan.known_us, known[scan.disputes]))
        for scan in told
    ]
    return sorted(told, key=lambda scan: (scan.known_us, scan.id))


def at_hours(days: PlanDays, hours: int) -> int:
    """Give the moment so many hours after the first midnight of New Year's Day; the sample's zone has no summer time."""
    return new_year_of(days) * DAY_US - 8 * HOUR_US + hours * HOUR_US


class _Teller:
    """Tells of one parcel after the other; every draw comes from one stream."""

    def __init__(self, sent: Sent, doors: Doors) -> None:
        count, chance = len(sent.parcels), stream_of(sent.seed, _TELLING)
        self._orders, self._parcels, self._doors = sent.orders, sent.parcels, doors
        self._carriers, self._of_order = carrier_names(sent.given), sent.given.carrier
        self._early = happens(chance, shop.SAID_TOO_EARLY, count)
        self._doubted = happens(chance, shop.DOUBTED, count)
        self._minutes = chance.integers(1, 90, (count, 8))
        self._lag = chance.integers(0, shop.PERMILLE, (count, 8))
        self._twice = chance.integers(0, shop.PERMILLE, (count, 8))
        self._hours = chance.integers(2, 30, (count, 2))

    def of_parcel(self, parcel: int, cancelled_us: int) -> Iterator[Scan]:
        for number, (what, at_us, told_by) in enumerate(self._events(parcel)):
            if MISSING != cancelled_us <= at_us:
                break
            yield self._scan(parcel, number, what, at_us, told_by)
            if what in {"delivered", "said_delivered"}:
                yield from self._dispute(parcel, number, at_us)

    def _events(self, parcel: int) -> Iterator[tuple[str, int, str]]:
        """What happens to it, in the order of time."""
        parcels, order = self._parcels, int(self._parcels.order[parcel])
        placed_us = int(self._orders.placed_us[order])
        delivered_us, attempted_us = int(self._doors.delivered_us[parcel]), int(self._doors.attempted_us[parcel])
        first_us = min((at for at in (delivered_us, attempted_us) if at != MISSING), default=MISSING)
        packed_us = max(self._midnight(int(parcels.packed_day[parcel])) + 6 * HOUR_US, placed_us + HOUR_US)
        evening_us = 16 * HOUR_US + int(self._minutes[parcel, 7]) * 3 * MINUTE_US
        handed_us = max(self._midnight(int(parcels.leaves_day[parcel])) + evening_us, packed_us + HOUR_US)
        if first_us != MISSING:
            packed_us, handed_us = min(packed_us, first_us - 2 * HOUR_US), min(handed_us, first_us - HOUR_US)
        yield "packed", packed_us, "warehouse"
        yield "handed_over", handed_us, "carrier"
        if parcels.lost_day[parcel] != MISSING and delivered_us == MISSING:
            yield "lost", handed_us + _GIVEN_UP_DAYS * DAY_US, "carrier"
            return
        if parcels.ready_day[parcel] > parcels.leaves_day[parcel] and first_us != MISSING:
            moved_us = min(self._midnight(int(parcels.ready_day[parcel])) + 6 * HOUR_US, first_us - HOUR_US // 2)
            yield "moved", max(moved_us, handed_us + MINUTE_US), "carrier"
        if attempted_us != MISSING:
            yield "attempted", attempted_us, "courier"
        if delivered_us != MISSING:
            early_us = self._midnight_before(delivered_us) - 4 * HOUR_US - HOUR_US // 2
            if self._early[parcel] and attempted_us == MISSING and early_us > handed_us + HOUR_US:
                yield "said_delivered", early_us, "courier"
            yield "delivered", delivered_us, "courier"

    def _scan(self, parcel: int, number: int, what: str, at_us: int, told_by: str) -> Scan:
        scan = Scan(
            id=f"{self._name(parcel)}-{number}",
            order=int(self._parcels.order[parcel]),
            parcel=self._label(parcel),
            what="delivered" if what == "said_delivered" else what,
            at_us=at_us,
            told_by=told_by,
            known_us=at_us + int(self._minutes[parcel, number]) * MINUTE_US,
            carrier=self._carriers[int(self._of_order[int(self._parcels.order[parcel])])] if told_by in _FEED else None,
        )
        late = self._lag[parcel, number]
        known_us = scan.known_us + (int(late) * 2 * HOUR_US if late < shop.TOLD_LATE else 0)
        again_us = known_us + DAY_US if self._twice[parcel, number] < shop.TOLD_TWICE else MISSING
        return replace(scan, known_us=known_us, again_us=again_us)

    def _dispute(self, parcel: int, number: int, at_us: int) -> Iterator[Scan]:
        """A buyer says that it did not come, and a person looks: a photo of the door decides."""
        scan = f"{self._name(parcel)}-{number}"
        is_true = at_us == self._doors.delivered_us[parcel]
        if is_true and not self._doubted[parcel]:
            return
        first, second = (int(hours) * HOUR_US for hours in self._hours[parcel])
        answer = "dismissed" if is_true else "upheld"
        order, label = int(self._parcels.order[parcel]), self._label(parcel)
        for what, told_by, later_us in (("disputed", "buyer", first), (answer, "shop", first + second)):
            yield Scan(
                id=f"{scan}-{what}",
                order=order,
                parcel=label,
                what=what,
                at_us=at_us + later_us,
                told_by=told_by,
                known_us=at_us + later_us,
                disputes=scan,
                evidence=None if what == "disputed" else "sample photo of a door",
            )

    def _name(self, parcel: int) -> str:
        return f"{self._orders.ids[int(self._parcels.order[parcel])]}-{int(self._parcels.number[parcel])}"

    def _label(self, parcel: int) -> str | None:
        """A delivery's only parcel has no name."""
        return self._name(parcel) if self._orders.parcels[self._parcels.order[parcel]] > 1 else None

    @staticmethod
    def _midnight(day: int) -> int:
        return day * DAY_US - 8 * HOUR_US

    @staticmethod
    def _midnight_before(at_us: int) -> int:
        return (at_us + 8 * HOUR_US) // DAY_US * DAY_US - 8 * HOUR_US


def _silences(days: PlanDays) -> list[tuple[str, int, int]]:
    return [(one.carrier, at_hours(days, one.from_hours), at_hours(days, one.until_hours)) for one in shop.SILENCES]


def _heard(scan: Scan, silences: list[tuple[str, int, int]]) -> Scan:
    """A scan of a carrier whose feed is silent is learnt of when it speaks again; what warehouse, buyer and shop say is not held up."""
    known_us = scan.known_us
    for silent, from_us, until_us in silences:
        if silent == scan.carrier and from_us <= known_us < until_us:
            known_us = until_us
    return replace(scan, known_us=known_us)
