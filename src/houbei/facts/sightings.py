"""What was seen of the parcels of deliveries: scans, and what the lines themselves say where no scan does.

A scan that names no parcel is about the only one there is; where others name several, it is about each of them. A delivery_id within a
delivery of another name is a part of it: its scans are about the parcels that are named with it, and without any it is like a parcel
itself. What a line says of its delivery counts as said by the shop, of every parcel.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from houbei.columns import MISSING
from houbei.facts.deliveries import Together
from houbei.facts.orders import Lines
from houbei.facts.scans import ABOUT_A_SCAN, ScansTold, What

Whole = NDArray[np.int64]
Marks = NDArray[np.bool_]

OF_LINES = {What.HANDED_OVER: "shipped", What.DELIVERED: "delivered", What.INSTALLED: "installed"}
"""The moments of a line that count as scans, where its delivery has no scan of the sort."""
_NONE = -1
"""In place of a parcel or a part: none is named."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sightings:
    """What was seen, one entry a parcel and scan; the columns are those that `owed.arrivals.Scans` has.

    `row` is the row of the scan, -1 where a line said it: then `line` is that line, -1 elsewhere. `parcel_codes` has by parcel its code in
    the dictionary `parcel_id`, -1 where it has no name.
    """

    delivery: Whole
    parcel: Whole
    what: Whole
    at_us: Whole
    disputes: Whole
    rank: Whole
    row: Whole
    line: Whole
    parcel_codes: Whole

    def name(self, place: int, scans: ScansTold, lines: Lines) -> str:
        """Give the id of the scan of an entry: of a line's own moment `delivered:LINE` and its like."""
        if self.row[place] >= 0:
            return str(scans.scan_ids.values[scans.scan_ids.codes[self.row[place]]])
        return name_of_line(What(int(self.what[place])), str(lines.line_ids(self.line[place : place + 1])[0]))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Raw:
    """Scans before they are told apart by parcel: `parcel` is a code, or `_NONE`; `part` the delivery_id that is another's, or `_NONE`."""

    delivery: Whole
    parcel: Whole
    part: Whole
    what: Whole
    at_us: Whole
    rank: Whole
    row: Whole
    line: Whole

    def __len__(self) -> int:
        return len(self.delivery)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Parcels:
    """Which parcels each scan is about: `targets[first[k]]` and those after it, `count[k]` in all; and the code of each parcel's name."""

    targets: Whole
    first: Whole
    count: Whole
    codes: Whole


@dataclass(frozen=True, slots=True)
class _About:
    """Rows of scans that are about another one, and the entry of `_Raw` that each is about."""

    row: Whole
    target: Whole


def name_of_line(what: What, line_id: str) -> str:
    """Name what a line itself says, as a scan that a dispute may be about: `delivered:LINE`."""
    return f"{OF_LINES[what]}:{line_id}"


def gather(scans: ScansTold, placed: Whole, together: Together, lines: Lines, *, parcels: Whole) -> Sightings:
    """Gather what was seen of the parcels of deliveries.

    Args:
        scans: What was told.
        placed: The delivery of each scan, -1 for none.
        together: The deliveries, and their lines.
        lines: The lines.
        parcels: In how many parcels each delivery was to come.

    Cost: two sorts of the scans; a look-up for each dispute.
    """
    told = _told(scans, np.flatnonzero((placed >= 0) & ~np.isin(scans.what, ABOUT_A_SCAN)), placed, together)
    own = _own(told, together, lines, ranks=len(scans))
    raw = _Raw(**{name: np.concatenate((getattr(told, name), getattr(own, name))) for name in _Raw.__slots__})
    about = _disputes(scans, placed, together, lines, raw)
    return _spread(scans, raw, about, _number(raw, planned=parcels, own=len(own)))


def _number(raw: _Raw, *, planned: Whole, own: int) -> _Parcels:
    """Number the parcels of each delivery: those with a name, parts, and as many without as were planned where a line speaks of them.

    Args:
        raw: The scans; the last `own` of them are what lines say.
        planned: In how many parcels each delivery was to come.
        own: How many scans are what lines say.
    """
    size, spoken = len(planned), raw.delivery[len(raw) - own :]
    has_name = raw.parcel != _NONE
    group = _pair(raw.delivery, raw.part)
    with_parts = np.unique(np.stack((group, raw.delivery, raw.parcel))[:, has_name & (raw.part != _NONE)], axis=1)
    groups = np.unique(with_parts[0])
    nameless = ~has_name & (raw.part != _NONE)
    grouped = nameless & np.isin(group, groups)
    key = np.where(has_name, raw.parcel, np.where(nameless & ~grouped, _NONE - 1 - raw.part, _NONE))
    keyed = key != _NONE
    pair = _pair(raw.delivery, key)
    named, first_named = np.unique(pair[keyed], return_index=True)
    owner, name = raw.delivery[keyed][first_named], key[keyed][first_named]
    names = np.bincount(owner, minlength=size)
    bare = np.zeros(size, dtype=np.int64)
    bare[raw.delivery[~keyed]] = 1
    bare = np.where(names > 0, 0, bare)
    bare[spoken] = np.maximum(planned - names, np.where(names > 0, 0, 1))[spoken]
    base = np.concatenate(([0], np.cumsum(names + bare)))
    number = base[owner] + np.arange(len(owner)) - np.concatenate(([0], np.cumsum(names)))[owner]
    codes = np.full(int(base[-1]), -1, dtype=np.int64)
    codes[number] = np.maximum(name, -1)
    first, count = base[raw.delivery].copy(), np.maximum(names[raw.delivery], 1)
    first[keyed], count[keyed] = number[np.searchsorted(named, pair[keyed])], 1
    in_groups = number[np.searchsorted(named, _pair(with_parts[1], with_parts[2]))]
    of_group = np.searchsorted(groups, group[grouped])
    sizes = np.bincount(np.searchsorted(groups, with_parts[0]), minlength=len(groups))
    first[grouped], count[grouped] = int(base[-1]) + (np.cumsum(sizes) - sizes)[of_group], sizes[of_group]
    count[len(raw) - own :] = (names + bare)[spoken]
    return _Parcels(targets=np.concatenate((np.arange(base[-1]), in_groups)), first=first, count=count, codes=codes)


def _pair(delivery: Whole, code: Whole) -> Whole:
    """A delivery and a code, of 32 bits each, as one number that is in their order."""
    packed: Whole = (delivery << 32) + (code + (1 << 31))
    return packed


def _told(scans: ScansTold, rows: Whole, placed: Whole, together: Together) -> _Raw:
    delivery, other = placed[rows], scans.delivery_ids.codes[rows].astype(np.int64)
    return _Raw(
        delivery=delivery,
        parcel=scans.parcel_ids.codes[rows].astype(np.int64),
        part=np.where(other != together.ids[delivery], other, _NONE),
        what=scans.what[rows],
        at_us=scans.at_us[rows],
        rank=scans.rank[rows],
        row=rows,
        line=np.full(len(rows), -1),
    )


def _own(told: _Raw, together: Together, lines: Lines, *, ranks: int) -> _Raw:
    """What the lines of each delivery say once all of them do that are not cancelled: the last of them, where no scan is of the sort."""
    cancelled = lines.moments.get("cancelled", np.full(len(lines), MISSING))[together.line]
    waited = np.flatnonzero(cancelled == MISSING)
    found: list[tuple[What, Whole, Whole, Whole]] = []
    for what in OF_LINES:
        moments = _moments(lines, OF_LINES[what])[together.line[waited]]
        delivery, line = together.delivery[waited], together.line[waited]
        lacking = np.ones(len(together), dtype=np.bool_)
        lacking[delivery] = False
        lacking[delivery[moments == MISSING]] = True
        lacking[told.delivery[told.what == what]] = True
        order = np.lexsort((line, moments, delivery))
        last = order[np.append(delivery[order][1:] != delivery[order][:-1], np.True_)] if len(order) else order
        last = last[~lacking[delivery[last]]]
        found.append((what, delivery[last], moments[last], line[last]))
    delivery = np.concatenate([one[1] for one in found])
    line = np.concatenate([one[3] for one in found])
    return _Raw(
        delivery=delivery,
        parcel=np.full(len(delivery), _NONE),
        part=np.full(len(delivery), _NONE),
        what=np.concatenate([np.full(len(one[1]), int(one[0])) for one in found]),
        at_us=np.concatenate([one[2] for one in found]),
        rank=ranks + line,
        row=np.full(len(delivery), -1),
        line=line,
    )


def _moments(lines: Lines, fact: str) -> Whole:
    """When something happened to all of each line; a line that was delivered in parts, with the last of them."""
    moments = lines.moments.get(fact, np.full(len(lines), MISSING))
    parts = lines.deliveries
    if fact != "delivered" or parts is None:
        return moments
    units, last = np.zeros(len(lines), dtype=np.int64), np.full(len(lines), MISSING)
    there = parts.at != MISSING
    np.add.at(units, parts.line[there], parts.quantity[there])
    np.maximum.at(last, parts.line[there], parts.at[there])
    in_parts = np.zeros(len(lines), dtype=np.bool_)
    in_parts[parts.line] = True
    rest = lines.quantity - units
    return np.where(in_parts, np.where(rest == 0, last, _later(moments, last)), moments)


def _later(moments: Whole, last: Whole) -> Whole:
    """The later of the line's own moment, which speaks for the units that no part names, and the last part; `MISSING` without it."""
    return np.where(moments == MISSING, MISSING, np.maximum(moments, last))


def _disputes(scans: ScansTold, placed: Whole, together: Together, lines: Lines, raw: _Raw) -> _About:
    """Rows that are about another scan, and the entry of that scan; those about none that is known are left out."""
    rows = np.flatnonzero((placed >= 0) & np.isin(scans.what, ABOUT_A_SCAN))
    if not len(rows):
        return _About(rows, rows)
    asked = set(placed[rows].tolist())
    found: dict[tuple[int, str], int] = {}
    lines_of: dict[int, list[int]] = {}
    for delivery, line in zip(together.delivery.tolist(), together.line.tolist(), strict=True):
        if delivery in asked:
            lines_of.setdefault(delivery, []).append(line)
    ids = scans.scan_ids
    for place in np.flatnonzero(np.isin(raw.delivery, [*asked])).tolist():
        delivery = int(raw.delivery[place])
        if raw.row[place] >= 0:
            found[delivery, ids.values[ids.codes[raw.row[place]]]] = place
            continue
        for line_id in lines.line_ids(np.array(lines_of[delivery])).to_pylist():
            found.setdefault((delivery, name_of_line(What(int(raw.what[place])), line_id)), place)
    codes, values = scans.disputes.codes, scans.disputes.values
    target = np.array([found.get((int(placed[row]), values[codes[row]]), -1) for row in rows.tolist()], dtype=np.int64)
    return _About(rows[target >= 0], target[target >= 0])


def _spread(scans: ScansTold, raw: _Raw, about: _About, parcels: _Parcels) -> Sightings:
    """An entry for each parcel that a scan is about; what disputes it is about each of these entries."""
    target = about.target
    copies = np.concatenate((parcels.count, parcels.count[target]))
    of = np.repeat(np.arange(len(copies)), copies)
    entry = np.concatenate(([0], np.cumsum(copies)))
    nth = np.arange(len(of)) - entry[of]
    source = np.concatenate((np.arange(len(raw)), target))
    disputed = np.concatenate((np.full(len(raw), -1), entry[target]))

    def column(of_raw: Whole, of_about: Whole) -> Whole:
        return np.concatenate((of_raw, of_about))[of]

    return Sightings(
        delivery=raw.delivery[source][of],
        parcel=parcels.targets[parcels.first[source][of] + nth],
        what=column(raw.what, scans.what[about.row]),
        at_us=column(raw.at_us, scans.at_us[about.row]),
        disputes=np.where(disputed[of] < 0, -1, disputed[of] + nth),
        rank=column(raw.rank, scans.rank[about.row]),
        row=column(raw.row, about.row),
        line=column(raw.line, np.full(len(target), -1)),
        parcel_codes=parcels.codes,
    )
