"""Units by serial: what is told of them, the chains they make, and how what is told can contradict itself."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """A unit was sold: the serial that was delivered, the order line, which piece of the line it is (from 1), and when, µs UTC."""

    serial: str
    line_id: str
    unit: int
    at_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """A unit was replaced: `old` by `new`, at a moment (µs UTC), in a case, told by a step, which (source, step_id) names.

    `promise` is the term under which it was swapped: a use of that promise alone.
    """

    old: str
    new: str
    at_us: int
    case_id: str
    source: str
    step_id: str
    promise: str


class Ending(StrEnum):
    """How a unit left its buyer for good."""

    TAKEN_BACK = "taken_back"
    """It is with the shop; it may be sold or handed out again."""
    WRITTEN_OFF = "written_off"
    """It is scrapped; nobody should have it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A unit came back or was scrapped, at a moment (µs UTC)."""

    serial: str
    at_us: int
    ending: Ending


Fact = Sale | Swap | Left


class Conflict(StrEnum):
    """In which way two facts contradict each other."""

    SOLD_TWICE = "sold_twice"
    """A serial was sold while another buyer had it."""
    TWO_SERIALS = "two_serials"
    """One piece of a line was delivered under two serials."""
    REPLACED_TWICE = "replaced_twice"
    """A unit was replaced by two others."""
    REPLACES_TWO = "replaces_two"
    """A unit replaced two others."""
    SOLD_ALREADY = "sold_already"
    """A replacement had been sold as a unit of its own."""
    CYCLE = "cycle"
    """A unit was replaced by itself, or by one that its buyer had had before."""
    WRITTEN_OFF = "written_off"
    """A unit was sold or handed out after it was scrapped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """A fact that was set aside: in which way, and against which fact that stands (itself, where it is alone)."""

    conflict: Conflict
    aside: Fact
    stands: Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit's stay with one buyer.

    `sale` is there for the first unit of a chain alone, None too where nobody told of its sale; `came_by` is the swap that brought it,
    `went_by` the one that replaced it, `left` how it left for good.
    """

    serial: str
    sale: Sale | None = None
    came_by: Swap | None = None
    went_by: Swap | None = None
    left: Left | None = None


Chain = tuple[Unit, ...]
"""From the first unit to the present one."""
