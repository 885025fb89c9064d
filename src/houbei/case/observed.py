"""What a request for a look may rest on: the facts of one claim, listed one by one. Nothing else can enter.

No fact says who somebody is, where they live, how old they are or what they bought before for how much; a buyer and an address are
names for counting, given as the shop's own opaque ids and hashes. A fact that is not known is None and raises nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import TypeVar

from houbei.case.lineage import Standing
from houbei.errors import InputError

Kind = TypeVar("Kind")


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """Units delivered in a period: how many, how many of them were reported faulty, how many of those an inspection confirmed."""

    units: int
    reported: int
    confirmed: int

    @property
    def unconfirmed(self) -> int:
        """The reports that count: a confirmed fault speaks for its buyer and is never counted against them."""
        return self.reported - self.confirmed


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """The facts of one claim. `LISTED` says what each is; those about the shop as a whole are what the others are compared with."""

    case_id: str
    buyer: str
    address: str | None = None
    serial: str | None = None
    period_days: int = 365
    standing: Standing | None = None
    unit_reports: int | None = None
    unit_confirmed: int | None = None
    of_buyer: Count | None = None
    at_address: Count | None = None
    of_shop: Count | None = None
    units_by_reports: tuple[int, ...] | None = None
    buyers_by_reports: tuple[int, ...] | None = None
    addresses_by_reports: tuple[int, ...] | None = None
    window_us: int | None = None
    left_us: int | None = None
    inspected_serial_fits: bool | None = None
    parts_checked: int | None = None
    parts_other: int | None = None
    photo_taken: bool | None = None
    box_g: int | None = None
    box_expected_g: int | None = None
    batch_warned: bool | None = None


LISTED: Mapping[str, str] = MappingProxyType(
    {
        "case_id": "the case",
        "buyer": "the shop's own id of the buyer, for counting alone",
        "address": "a hash of the address, for counting alone",
        "serial": "the serial that was reported",
        "period_days": "over how many days reports are counted",
        "standing": "what the registry of serials says of the reported serial: present, replaced, left, elsewhere, one_off, unknown",
        "unit_reports": "how often this unit and the ones it replaced were reported, this time included",
        "unit_confirmed": "how many of those an inspection confirmed",
        "of_buyer": "the buyer's units: delivered, reported, confirmed",
        "at_address": "the same of all buyers at the same address",
        "of_shop": "the same of the whole shop",
        "units_by_reports": "how many of the shop's units have 0, 1, 2, … unconfirmed reports",
        "buyers_by_reports": "how many of its buyers have 0, 1, 2, … unconfirmed reports",
        "addresses_by_reports": "how many of its addresses have 0, 1, 2, … unconfirmed reports",
        "window_us": "how long the promise lasts",
        "left_us": "how much of it was left at the report",
        "inspected_serial_fits": "whether the unit that came back has the serial that was delivered",
        "parts_checked": "how many parts with a serial of their own were checked",
        "parts_other": "how many of them have another serial than the one recorded",
        "photo_taken": "whether the courier's photo at the door is there",
        "box_g": "what the box that came back weighs, in grams",
        "box_expected_g": "what the box weighs with the unit in it, in grams",
        "batch_warned": "whether its batch is known to fail more often than others",
    }
)
"""Every fact that may enter, and what it is."""

_COUNTS = frozenset({"of_buyer", "at_address", "of_shop"})
_SPREADS = frozenset({"units_by_reports", "buyers_by_reports", "addresses_by_reports"})
_TEXTS = frozenset({"case_id", "buyer", "address", "serial"})
_FLAGS = frozenset({"inspected_serial_fits", "photo_taken", "batch_warned"})
_COUNT_KEYS = tuple(field.name for field in fields(Count))


def read_observed(told: Mapping[str, object], *, where: str = "the facts of a claim") -> Observed:
    """Read the facts of a claim: whole numbers, texts, true or false, counts as {units, reported, confirmed}, spreads as lists.

    Args:
        told: Facts by name; what is absent or None is not known.
        where: Where they came from, for messages.

    Raises:
        InputError: A fact that is not listed, or one of another kind.
    """
    for name in told:
        if name not in LISTED:
            raise InputError(
                came=f"{name!r}",
                where=where,
                expected=f"one of {', '.join(LISTED)}",
                todo="Leave it out: only listed facts may lead to a look.",
            )
    for name in ("case_id", "buyer"):
        if told.get(name) is None:
            raise InputError(came=f"no {name}", where=where, expected="a text", todo=f"Give the {name}.")
    known = {name: _read(name, value, where=f"{where}, {name}") for name, value in told.items() if value is not None}
    return Observed(**known)  # type: ignore[arg-type]  # each value was read as its own field's kind


def _read(name: str, value: object, *, where: str) -> object:
    if name in _TEXTS:
        return _of_kind(str, value, where=where)
    if name in _FLAGS:
        return _of_kind(bool, value, where=where)
    if name == "standing":
        return _standing(value, where=where)
    if name in _COUNTS:
        return _count(value, where=where)
    if name in _SPREADS:
        return tuple(_whole(part, where=where) for part in _of_kind(list, value, where=where))
    return _whole(value, where=where)


def _standing(value: object, *, where: str) -> Standing:
    try:
        return Standing(_of_kind(str, value, where=where))
    except ValueError:
        todo = "Ask the registry of serials."
        raise InputError(came=f"{value!r}", where=where, expected=", ".join(Standing), todo=todo) from None


def _count(value: object, *, where: str) -> Count:
    told = _of_kind(dict, value, where=where)
    if set(told) != set(_COUNT_KEYS):
        todo = "Give these three."
        raise InputError(came=f"{sorted(map(str, told))}", where=where, expected=", ".join(_COUNT_KEYS), todo=todo)
    count = Count(**{key: _whole(told[key], where=where) for key in _COUNT_KEYS})
    if not count.confirmed <= count.reported <= count.units:
        came = f"{count.confirmed} confirmed of {count.reported} reported of {count.units}"
        raise InputError(came=came, where=where, expected="each no more than the next", todo="Count units, each once.")
    return count


def _whole(value: object, *, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise InputError(came=f"{value!r}", where=where, expected="a whole number, 0 or more", todo="Correct it.")
    return value


def _of_kind(kind: type[Kind], value: object, *, where: str) -> Kind:
    if not isinstance(value, kind):
        raise InputError(came=f"{value!r}", where=where, expected=f"a {kind.__name__}", todo="Correct it.")
    return value
