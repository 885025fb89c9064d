"""How long parcels take: for groups of lanes, how many of a thousand have arrived within so many days.

A lane is an origin, a region, a carrier, a service and a weight class. A group is what some of these have in common; the lane's lead
time is that of the narrowest group it belongs to, so that a lane that nobody has measured takes that of its wider neighbours. Whoever
learns lead times from history and whoever writes them into a network by hand give the same table.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any

import numpy as np
import rfc8785
from numpy.typing import NDArray

from houbei.errors import InputError

KEYS = ("origin", "region", "carrier", "service", "weight_class")
"""What a group may be narrowed by; of two groups named by as many, the one that names an earlier of these is the narrower."""
PERMILLE = 1000
DAYS_MAX = 365
"""A parcel that takes longer is taken for a typing error."""
NO_GROUP = -1


class Counts(StrEnum):
    """Which days a lead time counts."""

    MOVING = "moving"
    """Days on which the carrier moves parcels towards the region."""
    CALENDAR = "calendar"
    """Every day."""


class Starts(StrEnum):
    """The day that is day 0."""

    HANDOVER = "handover"
    """The day on which the carrier picks the parcel up."""
    ORDER = "order"
    """The local day of the order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Lanes that share a lead time: `key` holds the names they have in common, `count` how many parcels it rests on, 0 where unknown."""

    key: Mapping[str, str]
    count: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LeadTimes:
    """Lead times of groups of lanes.

    `within_permille[g, d]` of a thousand parcels of group g have arrived within d days; rising in d. `version` names the table: the
    model's own, or the sha256 of what a network says.
    """

    version: str
    counts: Counts
    starts: Starts
    groups: tuple[Group, ...]
    within_permille: NDArray[np.int64]

    @property
    def days_max(self) -> int:
        """The longest lead time of the table, days."""
        return int(self.within_permille.shape[1]) - 1


def read_lead_times(told: Mapping[str, Any], *, where: str) -> LeadTimes:
    """Read lead times from a parsed JSON object.

    Args:
        told: `kind` lead_times, `version`, `counts` calendar or moving, `starts` order or handover, `days_max`, `keys`, and `groups`:
            for each its `key` (a mapping of some of `keys` to names), `count`, and `within_permille` for 0 to `days_max` days.
            Other fields are for whoever wrote them.
        where: The file, for messages.

    Raises:
        InputError: It is no such object, a group is told twice, or a row is not rising from 0 to 1000.

    Cost: linear in groups and days.
    """
    try:
        if told["kind"] != "lead_times":
            raise _refused(where=where, came=f"kind: {told['kind']}", expected="kind: lead_times")
        days = _whole(told["days_max"])
        keys = frozenset(map(str, told["keys"]))
        groups = tuple(_group(one) for one in told["groups"])
        rows = [[_whole(value) for value in one["within_permille"]] for one in told["groups"]]
        version, counts, starts = str(told["version"]), Counts(told["counts"]), Starts(told["starts"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        expected = "kind, version, counts, starts, days_max, keys and groups, each with key, count and within_permille"
        came = f"no {error.args[0]}" if isinstance(error, KeyError) else f"a field of another sort ({error})"
        raise _refused(where=where, came=came, expected=expected) from error
    if not keys <= set(KEYS):
        raise _refused(where=where, came=f"keys: {', '.join(sorted(keys))}", expected=f"some of {', '.join(KEYS)}")
    if not 0 <= days <= DAYS_MAX:
        raise _refused(where=where, came=f"days_max: {days}", expected=f"at most {DAYS_MAX} days")
    for number, (group, row) in enumerate(zip(groups, rows, strict=True), start=1):
        _check_row(row, days, where=f"{where}, group {number}")
        if not group.key.keys() <= keys:
            raise _refused(
                where=f"{where}, group {number}",
                came=f"a key of {', '.join(group.key)}",
                expected=", ".join(sorted(keys)),
            )
    return _made(version, counts, starts, list(zip(groups, rows, strict=True)), where=where)


def written_lead_times(
    groups: Sequence[tuple[Mapping[str, str], Mapping[int, int]]], *, counts: Counts, starts: Starts, where: str
) -> LeadTimes:
    """Make the table of lead times that a person wrote as steps: within one day 620, within two 900.

    Args:
        groups: For each its key, and the per mille by days; a day that is left out has that of the day before it, day 0 has 0.
        counts: Which days count.
        starts: Which day is day 0.
        where: The document, for messages.

    Raises:
        InputError: A group is told twice, or a row is not rising from 0 to 1000.
    """
    days = max((day for _, steps in groups for day in steps), default=0)
    rows = []
    for number, (key, steps) in enumerate(groups, start=1):
        row = [0] * (days + 1)
        for day in range(days + 1):
            row[day] = steps.get(day, row[day - 1] if day else 0)
        _check_row(row, days, where=f"{where}, group {number}")
        rows.append((Group(key=dict(key), count=0), row))
    said: Any = [counts.value, starts.value, [[dict(group.key), row] for group, row in rows]]
    return _made(hashlib.sha256(rfc8785.dumps(said)).hexdigest(), counts, starts, rows, where=where)


def group_table(
    lead_times: LeadTimes,
    names: Mapping[str, Sequence[str]],
    *,
    parts_of: Mapping[str, Sequence[str]],
    carrier_of: Sequence[str],
) -> NDArray[np.int64]:
    """Find the narrowest group of every lane.

    A group is narrower than another if it names more keys; with as many, if it names an earlier one of `KEYS`; with the same ones, if
    its region is a part of the other's.

    Args:
        lead_times: The table.
        names: The origins, regions, services and weight classes that lanes are made of, by their keys.
        parts_of: For each region, itself and all that are part of it.
        carrier_of: The carrier of each service.

    Returns:
        The group's row by [origin, region, service, weight class]; `NO_GROUP` where none holds the lane.

    Cost: an assignment of a block of the table for each group.
    """
    axes = ("origin", "region", "service", "weight_class")
    codes = {axis: {name: code for code, name in enumerate(names[axis])} for axis in axes}
    table = np.full([len(names[axis]) for axis in axes], NO_GROUP, dtype=np.int64)

    def width(row: int) -> tuple[int, list[int], int, int]:
        key = lead_times.groups[row].key
        named = [KEYS.index(name) for name in KEYS if name in key]
        return len(named), [-place for place in named], -len(parts_of.get(key.get("region", ""), ())), row

    for row in sorted(range(len(lead_times.groups)), key=width):
        key = lead_times.groups[row].key
        reached = [_reached(key.get(axis), codes[axis], parts_of if axis == "region" else {}) for axis in axes]
        if "carrier" in key:
            reached[2] = [service for service in reached[2] if carrier_of[service] == key["carrier"]]
        table[np.ix_(*reached)] = row
    return table


def lift_rows(lead_times: LeadTimes) -> NDArray[np.int64]:
    """Lay the rows of a table one behind the other, each lifted above the one before: one rising row, in which can be searched."""
    within = lead_times.within_permille
    lifted: NDArray[np.int64] = within + np.arange(len(within))[:, None] * (PERMILLE + 1)
    return lifted.ravel()


def days_needed(
    lead_times: LeadTimes, lifted: NDArray[np.int64], group: NDArray[np.int64], kept_permille: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Find the first number of days within which so many of a thousand parcels arrive.

    Args:
        lead_times: The table.
        lifted: What `lift_rows` gave of it.
        group: Rows of the table.
        kept_permille: How many; where the group never gets there, the answer lies beyond `days_max`.
    """
    found: NDArray[np.int64] = (
        np.searchsorted(lifted, group * (PERMILLE + 1) + kept_permille) - group * lead_times.within_permille.shape[1]
    )
    return found


def _reached(name: str | None, codes: Mapping[str, int], parts_of: Mapping[str, Sequence[str]]) -> list[int]:
    """The places on an axis of the table that a name reaches: all without one, none if nobody is called so."""
    if name is None:
        return list(codes.values())
    return [codes[part] for part in parts_of.get(name, (name,)) if part in codes]


def _names(key: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((name, key[name]) for name in KEYS if name in key)


def _group(one: Mapping[str, Any]) -> Group:
    key = {str(name): str(value) for name, value in one["key"].items() if value is not None}
    return Group(key=key, count=_whole(one["count"]))


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        said = f"{value!r} is no whole number"
        raise TypeError(said)
    return value


def _check_row(row: Sequence[int], days: int, *, where: str) -> None:
    rising = all(low <= high for low, high in pairwise(row))
    if len(row) != days + 1 or not rising or not 0 <= row[0] <= row[-1] <= PERMILLE:
        expected = f"{days + 1} whole numbers rising from 0 to 1000"
        raise _refused(where=where, came=f"within {', '.join(map(str, row))}"[:80], expected=expected)


def _made(
    version: str, counts: Counts, starts: Starts, rows: Sequence[tuple[Group, Sequence[int]]], *, where: str
) -> LeadTimes:
    names = [_names(group.key) for group, _ in rows]
    twice = (
        next((name for place, name in enumerate(names) if name in names[:place]), None)
        if len(set(names)) < len(names)
        else None
    )
    if twice is not None:
        raise _refused(where=where, came=f"the group {dict(twice)} a second time", expected="each group once")
    within = np.array([row for _, row in rows], dtype=np.int64).reshape(len(rows), -1 if rows else 1)
    within.flags.writeable = False
    return LeadTimes(
        version=version,
        counts=counts,
        starts=starts,
        groups=tuple(group for group, _ in rows),
        within_permille=within,
    )


def _refused(*, where: str, came: str, expected: str) -> InputError:
    return InputError(came=came, where=where, expected=expected, todo="Correct it, or train the model again.")
