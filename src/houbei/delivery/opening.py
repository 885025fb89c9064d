"""Tables of open days: which is the next, how many there were, where the n-th lies. Days are places in a range; its end is no day.

Each table has one row a set of open days, so that regions with the same calendar share one, and says of the end of the range that nothing
is open from there on: whoever must wait longer than the range gets the end itself.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Open = NDArray[np.bool_]
Places = NDArray[np.int64]


def like_rows(tables: Open) -> tuple[Open, Places]:
    """Keep each different row once.

    Args:
        tables: Open days by [..., day].

    Returns:
        The different rows; and by [...] the row that says the same.
    """
    days = tables.shape[-1]
    rows, places = np.unique(np.packbits(tables.reshape(-1, days), axis=1), axis=0, return_inverse=True)
    different = np.unpackbits(rows, axis=1, count=days).astype(np.bool_)
    return different, places.reshape(tables.shape[:-1]).astype(np.int64)


def next_open(rows: Open) -> Places:
    """Find the first open day from each day on: itself where it is open.

    Returns:
        By [row, day], with a column for the end of the range.
    """
    days = rows.shape[1]
    found = np.full((len(rows), days + 1), days, dtype=np.int64)
    found[:, :-1] = np.where(rows, np.arange(days), days)
    return np.ascontiguousarray(np.minimum.accumulate(found[:, ::-1], axis=1)[:, ::-1])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Counted:
    """Open days counted: `up_to[row, day]` of them have come by the end of a day; `nth[row, n]` is the n-th, the first day for n = 0."""

    up_to: Places
    nth: Places

    def after(self, row: Places | int, day: Places, n: Places | int) -> Places:
        """Find the n-th open day after each day; the end of the range where there are no more.

        Args:
            row: The row of each.
            day: Days, at most the end of the range.
            n: How many, at least 1.
        """
        found: Places = self.nth[row, np.minimum(self.up_to[row, day] + n, self.nth.shape[1] - 1)]
        return found


def count_open(rows: Open) -> Counted:
    """Count open days; the end of the range counts all of them and lies after the last."""
    days = rows.shape[1]
    up_to = np.zeros((len(rows), days + 1), dtype=np.int64)
    np.cumsum(rows, axis=1, out=up_to[:, :-1])
    up_to[:, -1] = days
    nth = np.full((len(rows), days + 1), days, dtype=np.int64)
    nth[:, 0] = 0
    which, day = np.nonzero(rows)
    nth[which, up_to[which, day]] = day
    return Counted(up_to=up_to, nth=nth)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Visits:
    """On which days somebody comes, and by when parcels must be in the region for it.

    `following[row, day]` is the first visit from a day on, `in_by[row, day]` the last day on which a parcel may come into the region for
    a visit on that day (-1: none does), `for_arrival[row, day]` the first visit for a parcel that is in the region on a day.
    """

    following: Places
    in_by: Places
    for_arrival: Places


def delivery_visits(delivery: Open) -> Visits:
    """Make the visits of plain delivery: on every delivery day, with what is in the region by then."""
    days = delivery.shape[1]
    following = next_open(delivery)
    in_by = np.broadcast_to(np.arange(days), delivery.shape)
    return Visits(following=following, in_by=np.ascontiguousarray(in_by), for_arrival=following)


def installation_visits(delivery: Open, installation: Open, *, days: int) -> Visits:
    """Make the visits that install: the promise is kept on the day of installation.

    Args:
        delivery: On which days parcels are delivered, a row each.
        installation: On which days things are installed, a row for each of these.
        days: How many installation days after the day of delivery; 0: on the first installation day that is not before it.
    """
    end = delivery.shape[1]
    installed, counted = next_open(installation), count_open(installation)
    in_by = np.full(delivery.shape, -1, dtype=np.int64)
    which, delivered = np.nonzero(delivery)
    visit = counted.after(which, delivered, days) if days else installed[which, delivered]
    inside = visit < end
    np.maximum.at(in_by, (which[inside], visit[inside]), delivered[inside])
    in_by = np.maximum.accumulate(in_by, axis=1)
    for_arrival = np.full((len(delivery), end + 1), end, dtype=np.int64)
    for row in range(len(delivery)):
        visits = np.flatnonzero(installation[row] & (in_by[row] >= 0))
        places = np.searchsorted(in_by[row, visits], np.arange(end))
        for_arrival[row, :-1] = np.append(visits, end)[places]
    return Visits(following=installed, in_by=in_by, for_arrival=for_arrival)
