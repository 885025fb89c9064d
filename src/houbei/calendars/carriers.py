"""On which days a carrier picks up, moves and delivers in which region, as tables over a range of days, and what it adds.

Of what a document says of one day, a suspension of the region outranks everything; an item that names the region outranks
one for all regions; any item outranks the ordinary week. A week that leans on a calendar takes a doubtful day as a day
of rest, so that what is promised over a year that is not announced comes out later, never earlier.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from houbei.calendars.carrier_documents import (
    EVERYWHERE,
    Carrier,
    CarriersDocument,
    Dated,
    Exceptional,
    Leg,
    Per,
    Rule,
    SurchargeItem,
    Week,
    Weekday,
    span_of,
)
from houbei.calendars.days import weekday_of, year_of
from houbei.calendars.holidays import Calendar, load
from houbei.calendars.provisional import is_predicted
from houbei.calendars.workdays import works_on
from houbei.errors import InputError
from houbei.money import minor_of

Table = NDArray[np.bool_]
"""One row a region, one column a day."""


class FindCalendar(Protocol):
    """Gives some years of a calendar by its id, as `holidays.load` does."""

    def __call__(self, calendar_id: str, *, from_year: int, to_year: int) -> Calendar:
        """Give the years from the first to the last."""


_WEEKDAYS = tuple(Weekday)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surcharge:
    """What a carrier adds on a day in a region.

    Amounts are minor units of `currency` per `per`; both are None where it is known that something is charged, and not
    how much. `service` is None where it is charged for every service.
    """

    per: Per
    currency: str
    at_least_minor: int | None
    at_most_minor: int | None
    service: str | None
    from_day: int
    until_day: int
    source: str
    read: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CarrierDays:
    """The days of one carrier: `table[region, day]`, in the order of `regions`, from `first_day` on.

    `shipping`, `transit` and `delivery` tell whether it picks up, moves and delivers; `provisional` whether one of the
    three rests on a calendar year that is not announced.
    """

    carrier: str
    regions: tuple[str, ...]
    first_day: int
    shipping: Table
    transit: Table
    delivery: Table
    provisional: Table
    surcharges: tuple[tuple[tuple[str, ...], Surcharge], ...]
    """Each with the regions that its item names."""

    def surcharges_on(self, day: int, region: str) -> tuple[Surcharge, ...]:
        """Give what is added on a day in a region, in the order of the document.

        Args:
            day: Days since 1970-01-01.
            region: As the document names it.
        """
        return tuple(
            surcharge
            for named, surcharge in self.surcharges
            if surcharge.from_day <= day < surcharge.until_day and (region in named or EVERYWHERE in named)
        )


def open_days(
    document: CarriersDocument,
    *,
    carrier: str,
    regions: Sequence[str],
    from_day: int,
    to_day: int,
    find_calendar: FindCalendar = load,
) -> CarrierDays:
    """Make the tables of a carrier's days.

    Args:
        document: The carriers' calendars.
        carrier: Which of them.
        regions: The rows of the tables.
        from_day: The first day, since 1970-01-01.
        to_day: The last day.
        find_calendar: Where a calendar that a week names is found, asked as `holidays.load` is; a document that stands in
            place of a packaged calendar comes in here.

    Raises:
        InputError: the document has no such carrier, the carrier has no rule for a region, or a calendar that a week
            leans on does not have these years.

    Cost: linear in regions times days.
    """
    found = document.carrier(carrier)
    days = np.arange(from_day, to_day + 1)
    weeks = _Weeks(days=days, find_calendar=find_calendar)
    shape = (len(regions), len(days))
    tables = {leg: np.zeros(shape, dtype=np.bool_) for leg in Leg}
    provisional = np.zeros(shape, dtype=np.bool_)
    for row, region in enumerate(regions):
        rule = _rule_of(found, region, where=document.document)
        for leg, table in tables.items():
            week: Week = getattr(rule, leg.value)
            said = _said_of(found.dated, region=region, leg=leg, days=days)
            opens, is_predicted_there = weeks.said_of(week)
            table[row] = np.where(said == _UNSAID, opens, said == _OPEN)
            provisional[row] |= (said == _UNSAID) & is_predicted_there
    return CarrierDays(
        carrier=carrier,
        regions=tuple(regions),
        first_day=from_day,
        shipping=tables[Leg.SHIPPING],
        transit=tables[Leg.TRANSIT],
        delivery=tables[Leg.DELIVERY],
        provisional=provisional,
        surcharges=tuple((item.regions, _surcharge(item, document.currency)) for item in found.surcharges),
    )


_UNSAID, _OPEN, _CLOSED = -1, 1, 0


def _said_of(items: Sequence[Dated], *, region: str, leg: Leg, days: NDArray[np.int64]) -> NDArray[np.int8]:
    """What dated items say of each day: the lower ranks first, so that a higher one overwrites them."""
    said = np.full(len(days), _UNSAID, dtype=np.int8)
    reaching = [item for item in items if leg in item.calendars and {region, EVERYWHERE} & set(item.regions)]
    for item in sorted(reaching, key=lambda item: (item.what is Exceptional.SUSPENDED, region in item.regions)):
        first, until = span_of(item)
        said[(first <= days) & (days < until)] = _OPEN if item.what is Exceptional.WORKS else _CLOSED
    return said


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Weeks:
    """What ordinary weeks say of a range of days; each is asked once, however many regions have it."""

    days: NDArray[np.int64]
    find_calendar: FindCalendar
    asked: dict[Week, tuple[NDArray[np.bool_], NDArray[np.bool_]]] = field(default_factory=dict)

    def said_of(self, week: Week) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Whether it is open on each day, and whether that rests on a predicted year."""
        if week not in self.asked:
            calendar = self._calendar(week)
            nowhere = np.zeros(len(self.days), dtype=np.bool_)
            self.asked[week] = (
                self._opens(week, calendar),
                nowhere if calendar is None else is_predicted(calendar, self.days),
            )
        return self.asked[week]

    def _opens(self, week: Week, calendar: Calendar | None) -> NDArray[np.bool_]:
        if calendar is not None and week.workdays_of is not None:
            return works_on(calendar, self.days)
        weekdays = [_WEEKDAYS.index(day) for day in week.days or ()]
        opens = np.isin(weekday_of(self.days), weekdays)
        if calendar is not None:
            opens &= ~np.isin(self.days, calendar.breaks) & ~np.isin(self.days, calendar.doubtful)
        return opens

    def _calendar(self, week: Week) -> Calendar | None:
        if week.calendar_id is None or not self.days.size:
            return None
        years = year_of(int(self.days[0])), year_of(int(self.days[-1]))
        return self.find_calendar(week.calendar_id, from_year=years[0], to_year=years[1])


def _rule_of(carrier: Carrier, region: str, *, where: str) -> Rule:
    for wanted in (region, EVERYWHERE):
        for rule in carrier.rules:
            if wanted in rule.regions:
                return rule
    raise InputError(
        came=f"the region “{region}”",
        where=f"{where}, {carrier.carrier}",
        expected="a region that one of its rules names",
        todo="Add a rule for it, or one for all regions: *.",
    )


def _surcharge(item: SurchargeItem, currency: str) -> Surcharge:
    least, most = (
        None if text is None else minor_of(text, currency, where="surcharges") for text in (item.at_least, item.at_most)
    )
    from_day, until_day = span_of(item)
    return Surcharge(
        per=item.per,
        currency=currency,
        at_least_minor=least,
        at_most_minor=most,
        service=item.service,
        from_day=from_day,
        until_day=until_day,
        source=item.source,
        read=item.read,
    )
