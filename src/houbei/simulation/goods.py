"""Units as they are: where each stands and what is really wrong with it. Only whoever has a unit in their hands may look at it."""

from dataclasses import dataclass, field
from enum import StrEnum

from houbei.case.stages import Verdict
from houbei.simulation.desk import Sold


class Place(StrEnum):
    """Where a unit is."""

    STOCK = "stock"
    COURIER = "courier"
    BUYER = "buyer"
    SHOP = "shop"
    """Come back: with the shop, and not for sale."""
    LOST = "lost"


@dataclass(slots=True, kw_only=True)
class Unit:
    """One unit: the serial printed on it, its model, what an inspection would find, where it is and, at a buyer, on which line."""

    serial: str
    sku: str
    truth: Verdict = Verdict.CONFIRMED
    place: Place = Place.STOCK
    line: str = ""


@dataclass(slots=True, kw_only=True)
class Affair:
    """What a buyer knows of their own case: what they bought, which piece is faulty, what they would hand over for it.

    `brought` are the new units that this case brought into the home and that are still there. `silent` buyers never answer.
    """

    sold: Sold
    unit: int
    faulty: Unit
    handed: Unit
    silent: bool
    brought: list[Unit] = field(default_factory=list)
    fetches: int = 0
    """How often somebody came for the old unit in vain."""


@dataclass(slots=True, kw_only=True)
class Parcel:
    """A unit on a courier's van, labelled with its case and the serial that was set aside for it."""

    case: str
    label: str
    unit: Unit
    courier: int
    brings: bool
    """Whether it goes to the buyer; else it goes back to the shop."""
    since_us: int
    planned: bool = False
