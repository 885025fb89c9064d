"""When what was promised arrived: with its last parcel; and what is said to have arrived while the buyer says it did not.

A scan that the buyer disputes counts until a person has looked, and so does the dispute: what would be owed if the buyer is right is
held, not paid. Once a person agrees with the buyer the scan is void. A parcel that was lost or went back is waited for no more once as
many others as were promised are on their way.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from houbei.columns import MISSING
from houbei.facts.scans import What
from houbei.terms.delivery import Per, Reaches

Whole = NDArray[np.int64]
Marks = NDArray[np.bool_]

FAR_US = np.iinfo(np.int64).max
"""Later than every moment."""

_SAYS_SO = {
    Reaches.HANDED_OVER: (What.HANDED_OVER, What.MOVED, What.OUT_FOR_DELIVERY, What.ATTEMPTED, What.DELIVERED, What.INSTALLED),
    Reaches.DELIVERED: (What.DELIVERED, What.INSTALLED),
    Reaches.INSTALLED: (What.DELIVERED, What.INSTALLED),
}  # fmt: skip
"""The scans of a parcel that say that it got as far; an installation is asked for once more, of the whole delivery."""

_GIVEN_UP = (What.LOST, What.SENT_BACK)
"""The scans of a parcel that say that it will not come."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scans:
    """What was told of parcels, one entry each, in any order.

    `delivery` is a place among the deliveries, `parcel` a number that no two parcels share. `what` is a `What`. `disputes` is, of a dispute and of
    what a person says of one, the place of the scan that it is about, -1 elsewhere. `rank` breaks ties.
    """

    delivery: Whole
    parcel: Whole
    what: Whole
    at_us: Whole
    disputes: Whole
    rank: Whole

    def __len__(self) -> int:
        return len(self.delivery)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Arrivals:
    """What has to arrive: whole deliveries, or parcels, ordered by delivery; parcels that nobody has named yet come last.

    `parcel` is -1 for a whole delivery and for a parcel without a name. `said_us` is when it arrived by what is said, `sure_us` by what nobody
    disputes; `MISSING` where it has not. `scan` is the place of the scan that says so, -1 where none does.
    """

    delivery: Whole
    parcel: Whole
    said_us: Whole
    sure_us: Whole
    scan: Whole


def find_void(scans: Scans) -> tuple[Marks, Marks]:
    """Find the scans that are disputed with nobody having looked, and those that are void.

    Of several answers to disputes of one scan the latest counts; a dispute after it is another question, unless the scan is void.
    """
    answer, latest = np.full(len(scans), -1), np.full(len(scans), -1)
    about = np.flatnonzero(scans.disputes >= 0)
    order = about[np.lexsort((scans.rank[about], scans.what[about], scans.at_us[about]))]
    # The latest in the order of time is written last, and stays.
    latest[scans.disputes[order]] = scans.what[order]
    answers = order[scans.what[order] != What.DISPUTED]
    answer[scans.disputes[answers]] = scans.what[answers]
    void = answer == What.UPHELD
    return (latest == What.DISPUTED) & ~void, void


def find_arrivals(scans: Scans, *, parcels: Whole, reaches: Reaches, attempt_counts: bool, per: Per) -> Arrivals:
    """Find when each delivery, or each parcel, arrived.

    Args:
        scans: What was told.
        parcels: In how many parcels each delivery was to come, at least 1; one for each delivery.
        reaches: How far a parcel must have come.
        attempt_counts: Whether a closed door counts as having come.
        per: Whether whole deliveries are asked for, or parcels.

    Cost: two sorts of the scans.
    """
    disputed, void = find_void(scans)
    said = _first(scans, ~void, reaches=reaches, attempt_counts=attempt_counts)
    sure = _first(scans, ~(void | disputed), reaches=reaches, attempt_counts=attempt_counts)
    parcel, delivery = _parcels(scans)
    waited = ~_replaced(scans, ~void, parcel, delivery, said=said, parcels=parcels)
    parcel, delivery = parcel[waited], delivery[waited]
    unnamed = np.maximum(parcels - np.bincount(delivery, minlength=len(parcels)), 0)
    owner = np.concatenate((delivery, np.repeat(np.arange(len(parcels)), unnamed)))
    name = np.concatenate((parcel, np.full(int(unnamed.sum()), -1)))
    order = np.lexsort((np.where(name < 0, FAR_US, name), owner))
    owner, name = owner[order], name[order]
    columns = [
        np.where(name < 0, -1, column[np.maximum(name, 0)]) if len(column) else np.full(len(name), -1)
        for column in (said, sure)
    ]
    if per is Per.PROMISE:
        columns = [_last(scans, owner, column, deliveries=len(parcels)) for column in columns]
        owner, name = np.arange(len(parcels)), np.full(len(parcels), -1)
    if reaches is Reaches.INSTALLED:
        columns = [
            _and_installed(scans, owner, column, stands)
            for column, stands in zip(columns, (~void, ~(void | disputed)), strict=True)
        ]
    said_us, sure_us = (_moment(scans, column) for column in columns)
    return Arrivals(delivery=owner, parcel=name, said_us=said_us, sure_us=sure_us, scan=columns[0])


def _parcels(scans: Scans) -> tuple[Whole, Whole]:
    """The parcels that scans name, ascending, and the delivery of each."""
    parcel, first = np.unique(scans.parcel, return_index=True)
    return parcel, scans.delivery[first]


def _replaced(scans: Scans, stands: Marks, parcel: Whole, delivery: Whole, *, said: Whole, parcels: Whole) -> Marks:
    """Which of these parcels were lost or went back, and are not missed: there are as many others as were promised."""
    gone = np.zeros(len(said), dtype=np.bool_)
    gone[scans.parcel[stands & np.isin(scans.what, _GIVEN_UP)]] = True
    gone &= said < 0
    others = np.bincount(delivery[~gone[parcel]], minlength=len(parcels))
    enough: Marks = gone[parcel] & (others[delivery] >= parcels[delivery])
    return enough


def _first(scans: Scans, stands: Marks, *, reaches: Reaches, attempt_counts: bool) -> Whole:
    """By parcel the place of the first scan that says it got as far, -1 where none does."""
    words = (*_SAYS_SO[reaches], What.ATTEMPTED) if attempt_counts else _SAYS_SO[reaches]
    says = np.flatnonzero(stands & np.isin(scans.what, words))
    return _earliest(scans, scans.parcel[says], says, groups=int(scans.parcel.max(initial=-1)) + 1)


def _earliest(scans: Scans, group: Whole, places: Whole, *, groups: int) -> Whole:
    """By group the place of its earliest scan among some, -1 where there is none."""
    found = np.full(groups, -1)
    latest_first = np.lexsort((scans.rank[places], scans.at_us[places]))[::-1]
    found[group[latest_first]] = places[latest_first]
    return found


def _last(scans: Scans, owner: Whole, scan: Whole, *, deliveries: int) -> Whole:
    """By delivery the scan of its last parcel, -1 where one of them has not come."""
    at_us = np.where(scan < 0, FAR_US, _moment(scans, scan))
    rank = np.where(scan < 0, FAR_US, scans.rank[np.maximum(scan, 0)]) if len(scans) else at_us
    order = np.lexsort((rank, at_us))
    found = np.full(deliveries, -1)
    found[owner[order]] = scan[order]
    return found


def _and_installed(scans: Scans, owner: Whole, scan: Whole, stands: Marks) -> Whole:
    """Where all has come, the scan of its installation or of its last parcel, whichever is later; -1 where it is not installed."""
    says = np.flatnonzero(stands & (scans.what == What.INSTALLED))
    deliveries = int(owner.max(initial=-1)) + 1
    installed = _earliest(
        scans, scans.delivery[says], says, groups=max(deliveries, int(scans.delivery.max(initial=-1)) + 1)
    )
    installed = installed[owner]
    later = np.where(_moment(scans, installed) >= _moment(scans, scan), installed, scan)
    return np.where((scan < 0) | (installed < 0), -1, later)


def _moment(scans: Scans, scan: Whole) -> Whole:
    """The moment of each scan, `MISSING` for none."""
    if not len(scans):
        return np.full(len(scan), MISSING)
    return np.where(scan < 0, MISSING, scans.at_us[np.maximum(scan, 0)])
