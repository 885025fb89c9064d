"""A delivery network as a document: regions, origins, carriers, services, slots, cut-offs, lead times, calendars.

What is written here is what a shop knows of its own warehouses and has agreed with carriers. The carriers' calendars stand in it whole,
as `calendars.carrier_documents` describes them; where they name a region that holds others, they speak of all of these, unless they name
one of them too. The schema lies beside this file (`schema/network.json`). Its version is the sha256 of its canonical JSON.
"""

from enum import StrEnum

import msgspec

from houbei.calendars.carrier_documents import CarriersDocument, Dated, Texts, Week, Weekday
from houbei.delivery.lead_times import Counts, LeadTimes, Starts

HORIZON_DAYS = 200
"""How far after an order a promise may lie: whoever must wait longer is told that nothing can be promised."""


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a network: its fields are the keys, others are refused."""


class Region(Part, frozen=True, kw_only=True):
    """Where parcels go; `within` names the region that it is a part of, `zone` its time zone where it differs from the network's."""

    id: str
    within: str | None = None
    zone: str | None = None
    title: Texts | None = None


class WeightClass(Part, frozen=True, kw_only=True):
    """Parcels up to a weight, grams; classes stand in rising order."""

    id: str
    up_to_g: int


class Article(Part, frozen=True, kw_only=True):
    """What a SKU weighs: its class, or grams from which the class follows."""

    sku: str
    weight_class: str | None = None
    weight_g: int | None = None


class Days(Part, frozen=True, kw_only=True):
    """From `first_day` to `last_day`, both with them."""

    first_day: str
    last_day: str


class CutOff(Part, frozen=True, kw_only=True):
    """Until when an order of a day is handled that day: an order at `before` is late already; `00:00` handles none.

    It holds on days that fit all that is said: weekdays, lunar days (`eve`, `1-1`, `12-28`), dates; for the regions and services that are
    named, or all. Of an origin's cut-offs the first that fits counts.
    """

    before: str
    regions: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    weekdays: tuple[Weekday, ...] = ()
    lunar_days: tuple[str, ...] = ()
    dates: tuple[Days, ...] = ()
    source: str | None = None


class Handling(Part, frozen=True, kw_only=True):
    """How an origin handles orders: on the days of its week, `days` of them after the day it begins."""

    week: Week
    days: int = 0
    dated: tuple[Dated, ...] = ()


class Origin(Part, frozen=True, kw_only=True):
    """A warehouse: the region in which carriers pick up, its handling, its cut-offs."""

    id: str
    region: str
    handling: Handling
    cut_offs: tuple[CutOff, ...]


class Slot(Part, frozen=True, kw_only=True):
    """A time of day in which a service comes, for a fee.

    Parcels must be in the region `ready_days` before the day of the slot. `capacity` is how many visits it makes a day to a region from an
    origin; None: as many as asked for.
    """

    id: str
    begins: str
    ends: str
    ready_days: int
    fee: str = "0"
    capacity: int | None = None


class Service(Part, frozen=True, kw_only=True):
    """What a carrier does for parcels of some classes to some regions (empty: all), and the slots it offers.

    `capacity` bounds the visits that are promised as a date, as a slot's does.
    """

    id: str
    carrier: str
    title: Texts
    speed: str = ""
    weight_classes: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    slots: tuple[Slot, ...] = ()
    capacity: int | None = None


class Installation(Part, frozen=True, kw_only=True):
    """Installing at the door: on the day of delivery or `days` of its own working days later; for some classes and regions, or all."""

    days: int
    week: Week
    weight_classes: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    dated: tuple[Dated, ...] = ()


class Basis(StrEnum):
    """What a lead time in a document rests on."""

    STATED = "stated"
    """Somebody said so: it has been measured on nothing."""
    MEASURED = "measured"
    """It was counted on parcels; the source says which."""


class LeadTime(Part, frozen=True, kw_only=True):
    """A lead time of lanes: of a thousand, how many arrive within so many days."""

    within: dict[str, int]
    basis: Basis
    source: str
    origin: str | None = None
    region: str | None = None
    carrier: str | None = None
    service: str | None = None
    weight_class: str | None = None


class LeadTimeTable(Part, frozen=True, kw_only=True):
    """The lead times of a network, how they count and when they start."""

    counts: Counts
    starts: Starts
    groups: tuple[LeadTime, ...]


class Network(Part, frozen=True, kw_only=True):
    """A network as its document says it."""

    network: str
    version: int
    zone: str
    calendar: str
    currency: str
    about: Texts
    regions: tuple[Region, ...]
    weight_classes: tuple[WeightClass, ...]
    origins: tuple[Origin, ...]
    services: tuple[Service, ...]
    lead_times: LeadTimeTable
    articles: tuple[Article, ...] = ()
    installation: Installation | None = None

    def parts(self) -> dict[str, tuple[str, ...]]:
        """Give for each region itself and all that are a part of it, in the order of the document."""
        found: dict[str, list[str]] = {region.id: [] for region in self.regions}
        within = {region.id: region.within for region in self.regions}
        for region in self.regions:
            here: str | None = region.id
            while here is not None:
                found[here].append(region.id)
                here = within[here]
        return {region: tuple(parts) for region, parts in found.items()}


class Loaded(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A network that was read: the document, its carriers' calendars for every single region, its lead times, its sha256."""

    network: Network
    carriers: CarriersDocument
    lead_times: LeadTimes
    sha256: str
