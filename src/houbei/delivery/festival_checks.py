"""What a festival plan forgets: days about which it says nothing, regions that nobody visits, promises into days of rest, too few crews."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from houbei.delivery.clock_times import clock_us_of
from houbei.delivery.festival import EVE, What, civil_day
from houbei.delivery.festival_days import UNSAID, PlanDays

Marks = NDArray[np.bool_]


class Missing(StrEnum):
    """What a plan forgets."""

    UNSAID = "unsaid"
    """Nothing is said of a carrier in a region on a day."""
    NO_CARRIER = "no_carrier"
    """Every carrier rests in a region on a day, and nobody decided that."""
    EVE_WITHOUT_CUT_OFF = "eve_without_cut_off"
    """Somebody works on New Year's Eve, and it is not said until when orders are handled, or until when they deliver."""
    CUT_OFF_AFTER_END = "cut_off_after_end"
    """Orders are handled the same day until after the last delivery of that day."""
    NO_CREWS = "no_crews"
    """A carrier works, others' crews are planned, and of its own nothing is said."""
    CREWS_SHORT = "crews_short"
    """More doors are expected than the crews at hand can reach."""
    PROMISED_INTO_REST = "promised_into_rest"
    """A promise was given for a day on which its carrier does not come to its region."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that the plan forgets, in one region, from one day to another (days since 1970-01-01, both with them).

    `carrier` is None where all are meant. `figures` are whole numbers for the sentence: `crews` and `needed`, `promises`.
    """

    missing: Missing
    region: str
    carrier: str | None
    first_day: int
    last_day: int
    figures: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A promise that was given: where to, by whom (None: by anybody), for which day."""

    region: str
    carrier: str | None
    day: int


def check_plan(days: PlanDays, *, given: Sequence[Given] = ()) -> tuple[Finding, ...]:
    """Find what a plan forgets.

    Args:
        days: The plan by region, carrier and day.
        given: Promises that were given; those of other regions, carriers and days are not looked at.

    Returns:
        Findings by kind, region, carrier and day; days in a row are one finding.

    Cost: linear in regions, carriers and days, and in the promises.
    """
    found = [*_unsaid(days), *_no_carrier(days), *_eve(days), *_ends(days), *_crews(days), *_promised(days, given)]
    return tuple(
        sorted(found, key=lambda one: (list(Missing).index(one.missing), one.region, one.carrier or "", one.first_day))
    )


def _unsaid(days: PlanDays) -> Iterator[Finding]:
    yield from _by_carrier(days, days.day == UNSAID, Missing.UNSAID)


def _no_carrier(days: PlanDays) -> Iterator[Finding]:
    decided = days.is_(What.WORKS) | days.is_(What.CLOSED)
    for region, row in zip(days.plan.regions, decided, strict=True):
        for first, last in _runs(~row.any(axis=0)):
            yield _finding(days, Missing.NO_CARRIER, region.id, None, (first, last))


def _eve(days: PlanDays) -> Iterator[Finding]:
    eve = civil_day(EVE, year=days.plan.year) - days.first_day
    if not 0 <= eve < days.days:
        return
    bare = [place for place, item in enumerate(days.plan.days) if item.cut_off is None or item.until is None]
    open_ended = np.zeros(days.day.shape, dtype=np.bool_)
    open_ended[:, :, eve] = days.is_(What.WORKS)[:, :, eve] & np.isin(days.day[:, :, eve], bare)
    yield from _by_carrier(days, open_ended, Missing.EVE_WITHOUT_CUT_OFF)


def _ends(days: PlanDays) -> Iterator[Finding]:
    wrong = [
        place
        for place, item in enumerate(days.plan.days)
        if item.until is not None
        and item.cut_off is not None
        and clock_us_of(item.cut_off, where="cut_off") > clock_us_of(item.until, where="until")
    ]
    yield from _by_carrier(days, np.isin(days.day, wrong), Missing.CUT_OFF_AFTER_END)


def _crews(days: PlanDays) -> Iterator[Finding]:
    works, crews, needed = days.is_(What.WORKS), days.crews(), days.crews_needed()
    if days.plan.crews:
        yield from _by_carrier(days, works & (crews == UNSAID), Missing.NO_CREWS)
    for region, carrier, day in np.argwhere(works & (crews >= 0) & (needed > crews)).tolist():
        figures = {"crews": int(crews[region, carrier, day]), "needed": int(needed[region, carrier, day])}
        names = days.plan.regions[region].id, days.plan.carriers[carrier].id
        yield _finding(days, Missing.CREWS_SHORT, *names, (day, day), figures)


def _promised(days: PlanDays, given: Sequence[Given]) -> Iterator[Finding]:
    works = days.is_(What.WORKS)
    regions = {region.id: place for place, region in enumerate(days.plan.regions)}
    carriers = {carrier.id: place for place, carrier in enumerate(days.plan.carriers)}
    counts: dict[tuple[int, int | None, int], int] = {}
    for one in given:
        place, day = regions.get(one.region), one.day - days.first_day
        who = None if one.carrier is None else carriers.get(one.carrier)
        if place is None or not 0 <= day < days.days or (one.carrier is not None and who is None):
            continue
        comes = works[place, :, day].any() if who is None else works[place, who, day]
        if not comes:
            counts[place, who, day] = counts.get((place, who, day), 0) + 1
    for (place, who, day), count in counts.items():
        carrier = None if who is None else days.plan.carriers[who].id
        region = days.plan.regions[place].id
        yield _finding(days, Missing.PROMISED_INTO_REST, region, carrier, (day, day), {"promises": count})


def _by_carrier(days: PlanDays, where: Marks, missing: Missing) -> Iterator[Finding]:
    for r, region in enumerate(days.plan.regions):
        for c, carrier in enumerate(days.plan.carriers):
            for first, last in _runs(where[r, c]):
                yield _finding(days, missing, region.id, carrier.id, (first, last))


def _runs(row: Marks) -> list[tuple[int, int]]:
    """The first and last place of each run of marks."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], row.astype(np.int8), [0]))))
    return [(int(first), int(end) - 1) for first, end in edges.reshape(-1, 2)]


def _finding(
    days: PlanDays,
    missing: Missing,
    region: str,
    carrier: str | None,
    run: tuple[int, int],
    figures: Mapping[str, int] | None = None,
) -> Finding:
    return Finding(
        missing=missing,
        region=region,
        carrier=carrier,
        first_day=days.first_day + run[0],
        last_day=days.first_day + run[1],
        figures=figures or {},
    )
