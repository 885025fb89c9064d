"""The scorecard: how many points each signal is worth, as a versioned table of whole numbers, `scorecard.json`.

The points are a judgement, not an estimate: nobody has fitted them to a shop's history. What they do to honest buyers is counted by
`false_alarms.count_looks` on a shop's own. A shop may bring a table of its own under another version.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from itertools import pairwise
from types import MappingProxyType
from typing import Any, NoReturn

from houbei.errors import InputError


class Signal(StrEnum):
    """What may be worth a look. Its value stands in scorecards and among what was looked at, and never changes."""

    SERIAL_ELSEWHERE = "serial_elsewhere"
    """The reported serial belongs to another sale."""
    SERIAL_LEFT = "serial_left"
    """The reported serial came back to us or was scrapped."""
    SERIAL_REPLACED = "serial_replaced"
    """The reported serial was replaced already."""
    SERIAL_UNKNOWN = "serial_unknown"
    """The reported serial is none of ours."""
    SERIAL_ONE_OFF = "serial_one_off"
    """The reported serial is a slip of the pen away from the right one."""
    INSPECTED_SERIAL = "inspected_serial"
    """The unit that came back has another serial than the one that was delivered."""
    PARTS_OTHER = "parts_other"
    """Parts of the unit that came back have other serials than those recorded; measured in parts."""
    UNIT_AGAIN = "unit_again"
    """The unit was reported more often than others; measured as one in so many units of the shop."""
    BUYER_OFTEN = "buyer_often"
    """The buyer reports more often than others; measured as one in so many buyers of the shop."""
    BUYER_SHARE = "buyer_share"
    """More of the buyer's units were reported than chance explains; measured as one in so many buyers of as many units."""
    ADDRESS_OFTEN = "address_often"
    """An address has more reports than others; measured as one in so many addresses of the shop."""
    NEAR_END = "near_end"
    """The report came near the end of the window; measured in thousandths of it that were over."""
    NO_PHOTO = "no_photo"
    """The courier's photo is missing."""
    LIGHT_BOX = "light_box"
    """The box that came back is lighter than with the unit in it; measured in thousandths that are missing."""
    BATCH_WARNED = "batch_warned"
    """The batch is known to fail more often: speaks for the buyer."""


SPEAKS_FOR_BUYER = frozenset({Signal.BATCH_WARNED})
"""Signals whose points are taken off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """What a signal is worth: `bins` as (from, points), rising; signals of one `same_fact` rest on one fact, which counts once."""

    same_fact: str
    bins: tuple[tuple[int, int], ...]

    def points(self, value: int) -> int:
        """The points of a value: those of the highest bin that it reaches, 0 below all of them."""
        return next((points for start, points in reversed(self.bins) if value >= start), 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """A version of the table; a score of `look_at` or more is put before a person."""

    version: int
    look_at: int
    weights: Mapping[Signal, Weight]


@cache
def shipped_scorecard() -> Scorecard:
    """Give the table that is shipped with the package."""
    return read_scorecard(files("houbei.case").joinpath("scorecard.json").read_text(encoding="utf-8"))


def read_scorecard(text: str, *, where: str = "the scorecard") -> Scorecard:
    """Read a table.

    A graver value is never worth less than a lighter one, and only what speaks for the buyer takes points off: so a fact in
    somebody's favour can never raise their score, whatever the table.

    Args:
        text: JSON: version, look_at, and for each signal its fact and bins.
        where: The file, for messages.

    Raises:
        InputError: It is no such table, misses or repeats a signal, or breaks that rule.
    """
    try:
        told: Any = json.loads(text)
        rows = [(Signal(row["signal"]), str(row["same_fact"]), row["bins"]) for row in told["signals"]]
        bins = [tuple((_whole(one["from"]), _whole(one["points"])) for one in found) for *_, found in rows]
        version, look_at = _whole(told["version"]), _whole(told["look_at"])
    except (ValueError, KeyError, TypeError) as error:
        _refuse(repr(error), where, "version, look_at, signals: [{signal, same_fact, bins: [{from, points}]}]")
    weights = {signal: Weight(same_fact=fact, bins=found) for (signal, fact, _), found in zip(rows, bins, strict=True)}
    if len(weights) != len(rows) or len(weights) != len(Signal):
        _refuse(f"{len(rows)} signals, {len(weights)} of them different", where, "each signal once")
    for signal, weight in weights.items():
        if not _is_fair(signal, weight.bins):
            _refuse(f"the bins of {signal}", where, "rising `from` above 0, and points that weigh no less as it rises")
    if look_at < 1:
        _refuse(f"look_at {look_at}", where, "a whole number above 0")
    return Scorecard(version=version, look_at=look_at, weights=MappingProxyType(weights))


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        said = f"{value!r} is no whole number"
        raise TypeError(said)
    return value


def _is_fair(signal: Signal, bins: tuple[tuple[int, int], ...]) -> bool:
    sign = -1 if signal in SPEAKS_FOR_BUYER else 1
    rising = all(low[0] < high[0] and sign * low[1] <= sign * high[1] for low, high in pairwise(bins))
    return rising and all(start > 0 and sign * points >= 0 for start, points in bins)


def _refuse(came: str, where: str, expected: str) -> NoReturn:
    raise InputError(came=came, where=where, expected=expected, todo="Start from the shipped table.")
