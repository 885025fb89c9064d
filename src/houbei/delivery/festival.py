"""A festival plan as a document: who delivers where on which lunar days, until when, with how many crews, for what surcharge.

It speaks of lunar days, because that is how a festival is planned: the plan of one year is the draft of the next. Every item names where it was read, or
that it is a sample. Of items that hold for one region, carrier and day the one that names the region outranks one that names its group, and
this one for all regions; then the one that names the carrier outranks one for all. The schema lies beside this file (`schema/plan.json`).
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Any

import msgspec
import rfc8785

from houbei.calendars.carrier_documents import EVERYWHERE, Leg, Per, Texts
from houbei.calendars.days import check_zone, day_number
from houbei.calendars.lunar import lunar_day
from houbei.delivery.clock_times import clock_us_of
from houbei.delivery.network import Part
from houbei.errors import InputError
from houbei.money import exponent_of, minor_of
from houbei.terms.yaml_tree import read_yaml

EVE = "eve"
"""The last day of the lunar year, the 29th or the 30th of its twelfth month."""
_LUNAR = re.compile(r"eve|(?:1[0-2]|[1-9])-(?:30|[12][0-9]|[1-9])")
_SPAN = re.compile(rf"({_LUNAR.pattern})(?:\.\.({_LUNAR.pattern}))?")
_LAST_MONTHS = 10
"""From the tenth month on, a lunar day of a plan lies in the year that ends with the festival."""
_YEAR_MIN, _YEAR_MAX = 1901, 2100
_COUNT_MAX = 1_000_000


class What(StrEnum):
    """What is planned for a carrier in a region on a day."""

    WORKS = "works"
    RESTS = "rests"
    CLOSED = "closed"
    """Nobody comes, and that is decided: not forgotten."""


class Standing(StrEnum):
    """How far a plan can be relied on."""

    SAMPLE = "sample"
    """Made up, to show the shape; what was read somewhere says where."""
    AGREED = "agreed"
    """Agreed with the carriers that it names."""
    DRAFT = "draft"
    """Carried over from another year by its lunar days: nobody has agreed to it."""


class Source(Part, frozen=True, kw_only=True):
    """Where something was read, and when."""

    id: str
    says: Texts
    read: str


class PlanRegion(Part, frozen=True, kw_only=True):
    """A region of the plan, as the network names it, and its group."""

    id: str
    title: Texts
    group: str


class Named(Part, frozen=True, kw_only=True):
    """A group of regions, or a carrier."""

    id: str
    title: Texts


class Item(Part, frozen=True, kw_only=True):
    """Where something holds: lunar days (`12-23..eve`, `1-1`), regions or groups of them, carriers."""

    on: tuple[str, ...]
    source: str
    regions: tuple[str, ...] = (EVERYWHERE,)
    carriers: tuple[str, ...] = (EVERYWHERE,)


class DayItem(Item, frozen=True, kw_only=True):
    """Whether somebody comes; `until` when of the day; `cut_off`: until when an order of that day is handled that day.

    `calendars` says what the carrier does or does not do there: picking up, moving, delivering; all three where nothing is said.
    """

    what: What
    calendars: tuple[Leg, ...] = tuple(Leg)
    until: str | None = None
    cut_off: str | None = None


class CrewItem(Item, frozen=True, kw_only=True):
    """How many crews a carrier has in each of the regions on each of the days, and how many doors a crew reaches in a day."""

    crews: int
    visits: int


class ExpectedItem(Item, frozen=True, kw_only=True):
    """How many doors are expected in each of the regions on each of the days."""

    visits: int


class HandlingItem(Part, frozen=True, kw_only=True):
    """Whether warehouses handle orders on some lunar days; all warehouses of the network where none is named."""

    on: tuple[str, ...]
    what: What
    source: str
    origins: tuple[str, ...] = ()


class SurchargeItem(Part, frozen=True, kw_only=True):
    """What is charged on top, from `first_day` to `last_day`, both with them; without amounts it is known to be charged, and not how much."""

    first_day: str
    last_day: str
    per: Per
    source: str
    regions: tuple[str, ...] = (EVERYWHERE,)
    carriers: tuple[str, ...] = (EVERYWHERE,)
    service: str | None = None
    at_least: str | None = None
    at_most: str | None = None


class Plan(Part, frozen=True, kw_only=True):
    """A plan as its document says it; `year` is the one in which the lunar year begins, `from` and `to` lunar days."""

    plan: str
    version: int
    year: int
    standing: Standing
    zone: str
    calendar: str
    currency: str
    about: Texts
    from_: str = msgspec.field(name="from")
    to: str
    sources: tuple[Source, ...]
    groups: tuple[Named, ...]
    regions: tuple[PlanRegion, ...]
    carriers: tuple[Named, ...]
    days: tuple[DayItem, ...]
    handling: tuple[HandlingItem, ...] = ()
    crews: tuple[CrewItem, ...] = ()
    expected: tuple[ExpectedItem, ...] = ()
    surcharges: tuple[SurchargeItem, ...] = ()

    @property
    def span(self) -> tuple[int, int]:
        """The first and the last day of the plan, days since 1970-01-01."""
        return civil_day(self.from_, year=self.year), civil_day(self.to, year=self.year)

    def source(self, key: str) -> Source:
        """Find a source by its id; a plan that was read has every one that it names."""
        return next(found for found in self.sources if found.id == key)


def civil_day(text: str, *, year: int) -> int:
    """Find the civil day of a lunar day around the New Year of a year, days since 1970-01-01.

    Args:
        text: `eve`, or month and day: `12-23`, `1-15`. The tenth to twelfth month are those before the New Year.
        year: The civil year in which the lunar year begins.

    Raises:
        InputError: There is no such lunar day.
    """
    if text == EVE:
        return lunar_day(year, 1, 1) - 1
    month, day = (int(part) for part in text.split("-"))
    return lunar_day(year - (month >= _LAST_MONTHS), month, day)


def days_on(spans: Iterable[str], *, year: int) -> list[tuple[int, int]]:
    """Find the first and last civil day of each span of lunar days."""
    ends = [(span.partition("..")[0], span.rpartition("..")[2]) for span in spans]
    return [(civil_day(first, year=year), civil_day(last, year=year)) for first, last in ends]


def parse_plan(text: str, *, where: str) -> Plan:
    """Read one festival plan.

    Args:
        text: YAML, at most 256 KiB.
        where: The file, for messages.

    Raises:
        InputError: It cannot be read, or contradicts itself: one line says what, where, what was expected, what to do.

    Cost: linear in the document.
    """
    return plan_of(read_yaml(text, where=where).root, where=where)


def plan_of(tree: Mapping[str, Any], *, where: str) -> Plan:
    """Read a plan from its keys and values; arguments but for the text, and errors, as for `parse_plan`."""
    try:
        plan = msgspec.convert(tree, Plan, strict=False)
    except msgspec.ValidationError as error:
        raise _unfit(str(error), where=where) from error
    for fault in _faults(plan):
        raise _unfit(fault, where=where)
    return plan


def plan_sha256(plan: Plan) -> str:
    """Name a plan by what it says: the sha256 of its canonical JSON."""
    return hashlib.sha256(rfc8785.dumps(msgspec.to_builtins(plan))).hexdigest()


def draft_plan(plan: Plan, *, year: int) -> Plan:
    """Carry a plan over to another year by its lunar days.

    What was read of dates does not carry over: surcharges fall away. What is left is a draft, whatever the plan was.

    Args:
        plan: The plan of some year.
        year: The other.

    Raises:
        InputError: A lunar day of the plan does not exist in that year (`12-30`).
    """
    drafted = msgspec.structs.replace(
        plan,
        plan=f"{plan.plan.removesuffix(f'-{plan.year}')}-{year}",
        version=1,
        year=year,
        standing=Standing.DRAFT,
        surcharges=(),
    )
    for fault in _faults(drafted):
        raise _unfit(fault, where=drafted.plan)
    return drafted


def _faults(plan: Plan) -> Iterator[str]:
    exponent_of(plan.currency)
    check_zone(plan.zone, where=plan.plan)
    if not _YEAR_MIN <= plan.year <= _YEAR_MAX:
        yield f"the year {plan.year}"
        return
    yield from _faults_of_ids(plan)
    yield from (f"the lunar day “{day}”" for day in (plan.from_, plan.to) if not _LUNAR.fullmatch(day))
    yield from (
        f"the day “{source.read}” of source {source.id}" for source in plan.sources if not _is_date(source.read)
    )
    items: list[Item | HandlingItem] = [*plan.days, *plan.handling, *plan.crews, *plan.expected]
    for item in items:
        yield from (f"the lunar days “{span}”" for span in item.on if not _SPAN.fullmatch(span))
    if plan.span[0] > plan.span[1]:
        yield f"a plan from {plan.from_} to {plan.to}"
    for item in items:
        yield from _faults_of_span(item, plan)
    for named in (*items, *plan.surcharges):
        yield from _faults_of_references(named, plan)
    yield from _faults_of_values(plan)


def _faults_of_ids(plan: Plan) -> Iterator[str]:
    lists = {
        "sources": [found.id for found in plan.sources],
        "groups": [found.id for found in plan.groups],
        "regions": [found.id for found in plan.regions],
        "carriers": [found.id for found in plan.carriers],
    }
    for name, ids in lists.items():
        if not ids or len(set(ids)) < len(ids):
            yield f"no {name}, or one a second time"
    if not set(lists["groups"]).isdisjoint(lists["regions"]):
        yield "a region and a group of one name"
    for region in plan.regions:
        if region.group not in lists["groups"]:
            yield f"the group {region.group} of {region.id}, which there is not"


def _faults_of_span(item: Item | HandlingItem, plan: Plan) -> Iterator[str]:
    if not item.on:
        yield "an item without lunar days"
    first, last = plan.span
    for span, (from_day, to_day) in zip(item.on, days_on(item.on, year=plan.year), strict=True):
        if not first <= from_day <= to_day <= last:
            yield f"the lunar days “{span}” outside the plan's {plan.from_}..{plan.to}"


def _faults_of_references(item: Item | HandlingItem | SurchargeItem, plan: Plan) -> Iterator[str]:
    if item.source not in {found.id for found in plan.sources}:
        yield f"the source {item.source}, which there is not"
    if isinstance(item, HandlingItem):
        return
    places = {EVERYWHERE, *(found.id for found in plan.regions), *(found.id for found in plan.groups)}
    carriers = {EVERYWHERE, *(found.id for found in plan.carriers)}
    yield from (f"the region {name}, which there is not" for name in item.regions if name not in places)
    yield from (f"the carrier {name}, which there is not" for name in item.carriers if name not in carriers)
    if not item.regions or not item.carriers:
        yield "an item without regions or carriers"


def _faults_of_values(plan: Plan) -> Iterator[str]:
    for item in plan.days:
        times = [clock_us_of(text, where=plan.plan) for text in (item.until, item.cut_off) if text is not None]
        if times and item.what is not What.WORKS:
            yield f"a time of day on {item.on[0]}, when nobody comes"
    counts = [count for crew in plan.crews for count in (crew.crews, crew.visits)]
    counts += [found.visits for found in plan.expected]
    yield from (f"the count {count}" for count in counts if not 0 <= count <= _COUNT_MAX)
    for charged in plan.surcharges:
        if not (_is_date(charged.first_day) and _is_date(charged.last_day) and charged.first_day <= charged.last_day):
            yield f"the days “{charged.first_day}” to “{charged.last_day}”"
        if (charged.at_least is None) != (charged.at_most is None):
            yield "at_least without at_most, or the other way round"
        amounts = [
            minor_of(text, plan.currency, where=plan.plan) for text in (charged.at_least, charged.at_most) if text
        ]
        if amounts != sorted(amounts):
            yield f"at_most {charged.at_most} below at_least {charged.at_least}"


def _is_date(text: str) -> bool:
    try:
        return len(text) == len("2026-02-16") and day_number(date.fromisoformat(text)) >= 0
    except ValueError:
        return False


def _unfit(fault: str, *, where: str) -> InputError:
    return InputError(
        came=fault,
        where=where,
        expected="a festival plan as schema/plan.json describes it",
        todo="Correct the document.",
    )
