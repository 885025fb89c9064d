"""A carrier's own calendar as a document: on which weekdays it picks up, moves and delivers, and dated exceptions to that.

Three calendars are kept apart, because a carrier that delivers on a Sunday need not pick up on it: `shipping` (pick-up at
the warehouse), `transit` and `delivery`. A dated item names where it was read and when, so that a date that is promised
can be traced to what a carrier had said. The schema of the document lies beside this file (`schema/carriers.json`).
"""

from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from itertools import combinations
from typing import Any

import msgspec

from houbei.calendars.days import day_number
from houbei.errors import InputError
from houbei.money import exponent_of, minor_of

EVERYWHERE = "*"
"""In a list of regions: every region that is not named elsewhere."""


class Weekday(StrEnum):
    """A weekday as documents name it."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


class Leg(StrEnum):
    """What a carrier does on a day, each by a calendar of its own."""

    SHIPPING = "shipping"
    """It picks up at the warehouse."""
    TRANSIT = "transit"
    """It moves what it has picked up."""
    DELIVERY = "delivery"
    """It brings parcels to doors."""


class Exceptional(StrEnum):
    """What is different on some days."""

    RESTS = "rests"
    """It stands still on days on which its week says that it does not."""
    WORKS = "works"
    """It works on days on which its week says that it does not."""
    SUSPENDED = "suspended"
    """A region is cut off, whatever else is said of it."""


class Per(StrEnum):
    """What a surcharge is charged for."""

    KG = "kg"
    PARCEL = "parcel"


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a document: its fields are the keys, others are refused."""


class Texts(_Part, frozen=True, kw_only=True):
    """Words in both languages."""

    zh: str
    en: str


class Week(_Part, frozen=True, kw_only=True):
    """An ordinary week: a set of weekdays, or the working days of a calendar.

    `days` are weekdays; `rests_in_breaks_of` takes the official breaks of a calendar off them. `workdays_of` stands alone
    and takes a calendar's working days, make-up workdays among them.
    """

    days: tuple[Weekday, ...] | None = None
    rests_in_breaks_of: str | None = None
    workdays_of: str | None = None

    @property
    def calendar_id(self) -> str | None:
        """The calendar that the week leans on, if any."""
        return self.workdays_of or self.rests_in_breaks_of


class Rule(_Part, frozen=True, kw_only=True):
    """The ordinary weeks of some regions."""

    shipping: Week
    transit: Week
    delivery: Week
    regions: tuple[str, ...] = (EVERYWHERE,)


class Dated(_Part, frozen=True, kw_only=True):
    """Days on which a carrier does otherwise, from `first_day` to `last_day`, both with them."""

    what: Exceptional
    first_day: str
    last_day: str
    source: str
    read: str
    regions: tuple[str, ...] = (EVERYWHERE,)
    calendars: tuple[Leg, ...] = (Leg.SHIPPING, Leg.TRANSIT, Leg.DELIVERY)


class SurchargeItem(_Part, frozen=True, kw_only=True):
    """What is charged on top on some days; without amounts it is known to be charged, and not how much."""

    first_day: str
    last_day: str
    per: Per
    source: str
    read: str
    regions: tuple[str, ...] = (EVERYWHERE,)
    service: str | None = None
    at_least: str | None = None
    at_most: str | None = None


class Carrier(_Part, frozen=True, kw_only=True):
    """One carrier of a document."""

    carrier: str
    title: Texts
    rules: tuple[Rule, ...]
    dated: tuple[Dated, ...] = ()
    surcharges: tuple[SurchargeItem, ...] = ()


class CarriersDocument(_Part, frozen=True, kw_only=True):
    """Carriers and their calendars; `document` and `version` name it."""

    document: str
    version: int
    currency: str
    about: Texts
    carriers: tuple[Carrier, ...]

    def carrier(self, key: str) -> Carrier:
        """Find a carrier.

        Raises:
            InputError: the document has none of that name.
        """
        for found in self.carriers:
            if found.carrier == key:
                return found
        raise InputError(
            came=f"the carrier “{key}”",
            where=self.document,
            expected=f"one of {', '.join(found.carrier for found in self.carriers)}",
            todo="Name a carrier of the document, or add it there.",
        )


def carriers_of(tree: Mapping[str, Any], *, where: str) -> CarriersDocument:
    """Read a document of carriers' calendars.

    Args:
        tree: Its keys and values as plain mappings, lists and texts, as YAML gives them where every scalar is text.
        where: The document, for messages.

    Raises:
        InputError: it is no such document, or it contradicts itself: days that cannot be read or end before they begin, two
            items of one rank that say different things of one day, a carrier or region twice.

    Cost: quadratic in the dated items of a carrier.
    """
    try:
        document = msgspec.convert(tree, CarriersDocument, strict=False)
    except msgspec.ValidationError as error:
        raise _unfit(str(error), where=where) from error
    exponent_of(document.currency)
    keys = [carrier.carrier for carrier in document.carriers]
    if not keys or len(set(keys)) < len(keys):
        fault = "no carrier, or one a second time"
        raise _unfit(fault, where=where)
    for carrier in document.carriers:
        for fault in _faults(carrier, currency=document.currency, where=where):
            raise _unfit(fault, where=f"{where}, {carrier.carrier}")
    return document


def span_of(item: Dated | SurchargeItem) -> tuple[int, int]:
    """Give the first day of an item and the first day after it, days since 1970-01-01."""
    first, last = (day_number(date.fromisoformat(text)) for text in (item.first_day, item.last_day))
    return first, last + 1


def _faults(carrier: Carrier, *, currency: str, where: str) -> Iterator[str]:
    regions = [region for rule in carrier.rules for region in rule.regions]
    if not regions or len(set(regions)) < len(regions):
        yield "no rule, or a region in two"
    for rule in carrier.rules:
        for leg in Leg:
            yield from _faults_of_week(getattr(rule, leg.value))
    for item in carrier.dated:
        yield from _faults_of_days(item)
    for surcharge in carrier.surcharges:
        yield from _faults_of_days(surcharge)
        yield from _faults_of_amounts(surcharge, currency=currency, where=where)
    for one, other in combinations(carrier.dated, 2):
        if _contradict(one, other):
            yield f"{one.what} from {one.first_day} and {other.what} from {other.first_day} for the same days"


def _faults_of_week(week: Week) -> Iterator[str]:
    if (week.days is None) == (week.workdays_of is None):
        yield "a week without days and workdays_of, or with both"
    if week.workdays_of is not None and week.rests_in_breaks_of is not None:
        yield "workdays_of beside rests_in_breaks_of, which it holds already"


def _faults_of_days(item: Dated | SurchargeItem) -> Iterator[str]:
    for text in (item.first_day, item.last_day, item.read):
        if len(text) != len("2026-02-16") or not _is_date(text):
            yield f"the day “{text}”, which is no date like 2026-02-16"
            return
    first, until = span_of(item)
    if until <= first:
        yield f"last_day {item.last_day} before first_day {item.first_day}"
    if not item.source.strip() or not item.regions:
        yield "an item without source or regions"


def _faults_of_amounts(item: SurchargeItem, *, currency: str, where: str) -> Iterator[str]:
    if (item.at_least is None) != (item.at_most is None):
        yield "at_least without at_most, or the other way round"
    elif item.at_least is not None and item.at_most is not None:
        least, most = (minor_of(text, currency, where=where) for text in (item.at_least, item.at_most))
        if most < least:
            yield f"at_most {item.at_most} below at_least {item.at_least}"


def _contradict(one: Dated, other: Dated) -> bool:
    """Whether two items of one rank say different things of one day, region and calendar; a suspension outranks both."""
    if Exceptional.SUSPENDED in (one.what, other.what) or one.what is other.what:
        return False
    (first, until), (other_first, other_until) = span_of(one), span_of(other)
    shared = set(one.regions) & set(other.regions)
    return bool(shared and set(one.calendars) & set(other.calendars)) and first < other_until and other_first < until


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _unfit(fault: str, *, where: str) -> InputError:
    return InputError(
        came=fault,
        where=where,
        expected="carriers' calendars as schema/carriers.json describes them",
        todo="Correct the document.",
    )
