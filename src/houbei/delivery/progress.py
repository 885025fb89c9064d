"""How far parcels have come by what was scanned of them: void scans left out, parcels that nobody has scanned counted in."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from houbei.columns import MISSING
from houbei.facts.scans import What
from houbei.owed.arrivals import FAR_US, Scans, find_void

Whole = NDArray[np.int64]
Marks = NDArray[np.bool_]

UNSCANNED = -1
"""What was last scanned of a parcel that nobody has scanned."""
_WITH_CARRIER = (
    What.HANDED_OVER,
    What.MOVED,
    What.OUT_FOR_DELIVERY,
    What.ATTEMPTED,
    What.DELIVERED,
    What.INSTALLED,
    What.LOST,
    What.SENT_BACK,
)
"""Scans that say that the carrier has it, or had it."""
_THERE = (What.DELIVERED, What.INSTALLED)
_GIVEN_UP = (What.LOST, What.SENT_BACK)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Progress:
    """Parcels, ordered by delivery; those that nobody has named come last.

    `parcel` is -1 where it has no name. `last` is the `What` of its latest scan (`UNSCANNED`: none) and `last_us` its moment, `handed_us` when the
    carrier had it first, `MISSING` where it has not. `there` marks parcels that are said to be with the buyer.
    """

    delivery: Whole
    parcel: Whole
    last: Whole
    last_us: Whole
    handed_us: Whole
    there: Marks


def find_progress(scans: Scans, *, parcels: Whole) -> Progress:
    """Find how far each parcel has come.

    Args:
        scans: What was told, in any order; disputes among it.
        parcels: In how many parcels each delivery was to come, at least 1.

    Returns:
        At least as many parcels for each delivery as it was to come in; one that was lost or went back is not missed once as many others
        are on their way.

    Cost: two sorts of the scans.
    """
    _, void = find_void(scans)
    tells = np.flatnonzero(~void & (scans.what < What.DISPUTED))
    named, first = np.unique(scans.parcel, return_index=True)
    owner = scans.delivery[first]
    place = np.searchsorted(named, scans.parcel[tells])
    last, last_us = np.full(len(named), UNSCANNED), np.full(len(named), MISSING)
    handed_us, there = np.full(len(named), FAR_US), np.zeros(len(named), dtype=np.bool_)
    order = np.lexsort((scans.rank[tells], scans.what[tells], scans.at_us[tells]))
    # The latest in the order of time is written last, and stays.
    last[place[order]], last_us[place[order]] = scans.what[tells][order], scans.at_us[tells][order]
    carried = np.isin(scans.what[tells], _WITH_CARRIER)
    np.minimum.at(handed_us, place[carried], scans.at_us[tells][carried])
    there[place[np.isin(scans.what[tells], _THERE)]] = True
    gone = np.zeros(len(named), dtype=np.bool_)
    gone[place[np.isin(scans.what[tells], _GIVEN_UP)]] = True
    gone &= ~there
    others = np.bincount(owner[~gone], minlength=len(parcels))
    kept = ~gone | (others[owner] < parcels[owner])
    named, owner, last, last_us, handed_us = (column[kept] for column in (named, owner, last, last_us, handed_us))
    there = there[kept]
    unnamed = np.maximum(parcels - np.bincount(owner, minlength=len(parcels)), 0)
    blank = int(unnamed.sum())
    delivery = np.concatenate((owner, np.repeat(np.arange(len(parcels)), unnamed)))
    parcel = np.concatenate((named, np.full(blank, -1)))
    by_delivery = np.lexsort((np.where(parcel < 0, FAR_US, parcel), delivery))
    return Progress(
        delivery=delivery[by_delivery],
        parcel=parcel[by_delivery],
        last=np.concatenate((last, np.full(blank, UNSCANNED)))[by_delivery],
        last_us=np.concatenate((last_us, np.full(blank, MISSING)))[by_delivery],
        handed_us=np.concatenate((np.where(handed_us == FAR_US, MISSING, handed_us), np.full(blank, MISSING)))[
            by_delivery
        ],
        there=np.concatenate((there, np.zeros(blank, dtype=np.bool_)))[by_delivery],
    )
