"""A festival plan as tables by region, carrier and day: which item of the plan holds where, and what it says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from houbei.calendars.carrier_documents import EVERYWHERE
from houbei.calendars.days import date_of, day_number
from houbei.delivery.festival import Item, Plan, SurchargeItem, What, days_on
from houbei.errors import InputError

Whole = NDArray[np.int64]
UNSAID = -1
"""Where no item of the plan holds."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlanDays:
    """What a plan says by [region, carrier, day], in its order of regions and carriers, from `first_day` on.

    `day`, `crew` and `expected` are places among the plan's items of each sort, `UNSAID` where none holds.
    """

    plan: Plan
    first_day: int
    day: Whole
    crew: Whole
    expected: Whole

    @property
    def days(self) -> int:
        """How many days the plan has."""
        return int(self.day.shape[2])

    def is_(self, what: What) -> NDArray[np.bool_]:
        """Tell where something is planned."""
        said = [place for place, item in enumerate(self.plan.days) if item.what is what]
        return np.isin(self.day, said)

    def crews(self) -> Whole:
        """Give the crews at hand; `UNSAID` where the plan says nothing of them."""
        return _values(self.crew, [item.crews for item in self.plan.crews])

    def places(self) -> Whole:
        """Give the doors that the crews at hand can reach; `UNSAID` where the plan says nothing of them."""
        return _values(self.crew, [item.crews * item.visits for item in self.plan.crews])

    def expected_visits(self) -> Whole:
        """Give the doors that are expected; `UNSAID` where the plan says nothing of them."""
        return _values(self.expected, [item.visits for item in self.plan.expected])

    def crews_needed(self) -> Whole:
        """Give the crews that reach all the doors expected; `UNSAID` where doors, or what a crew reaches, are not said."""
        reach = _values(self.crew, [item.visits for item in self.plan.crews])
        expected = self.expected_visits()
        known = (expected >= 0) & (reach > 0)
        return np.where(known, -(-expected // np.where(reach > 0, reach, 1)), UNSAID)


def days_of(plan: Plan) -> PlanDays:
    """Find which item of a plan holds where.

    Args:
        plan: The plan.

    Raises:
        InputError: Two items of one rank hold for the same region, carrier and day.

    Cost: a pass over regions, carriers and days for each item.
    """
    return PlanDays(
        plan=plan,
        first_day=plan.span[0],
        day=_places(plan.days, plan, what="days"),
        crew=_places(plan.crews, plan, what="crews"),
        expected=_places(plan.expected, plan, what="expected"),
    )


def surcharges_on(plan: Plan, *, region: str, carrier: str, day: int) -> tuple[SurchargeItem, ...]:
    """Give what a carrier charges on top in a region on a day, in the order of the document."""
    names = _names_of(plan, region)
    return tuple(
        item
        for item in plan.surcharges
        if not names.isdisjoint(item.regions)
        and not {carrier, EVERYWHERE}.isdisjoint(item.carriers)
        and _number(item.first_day) <= day <= _number(item.last_day)
    )


def regions_named(plan: Plan, names: Sequence[str]) -> tuple[str, ...]:
    """Give the regions that a list of regions, groups or `*` names, in the order of the plan."""
    return tuple(region.id for region in plan.regions if not _names_of(plan, region.id).isdisjoint(names))


def carriers_named(plan: Plan, names: Sequence[str]) -> tuple[str, ...]:
    """Give the carriers that a list of carriers, or `*`, names, in the order of the plan."""
    return tuple(carrier.id for carrier in plan.carriers if not {carrier.id, EVERYWHERE}.isdisjoint(names))


def _places(items: Sequence[Item], plan: Plan, *, what: str) -> Whole:
    """The item that holds in each cell, by the ranks that the plan's words give it."""
    first, last = plan.span
    shape = (len(plan.regions), len(plan.carriers), last - first + 1)
    place, rank = np.full(shape, UNSAID), np.full(shape, UNSAID)
    for number, item in enumerate(items):
        on = np.zeros(shape[2], dtype=np.bool_)
        for from_day, to_day in days_on(item.on, year=plan.year):
            on[from_day - first : to_day - first + 1] = True
        holds = np.where(on, _ranks(item, plan)[:, :, None], UNSAID)
        clash = np.argwhere((holds == rank) & (holds >= 0))
        if len(clash):
            raise _twice(plan, what, *clash[0].tolist())
        place, rank = np.where(holds > rank, number, place), np.maximum(holds, rank)
    return place


def _ranks(item: Item, plan: Plan) -> Whole:
    """How narrowly an item names each region and carrier: first the region counts, then the carrier; `UNSAID` where it does not."""
    by_region = [_rank((EVERYWHERE, region.group, region.id), item.regions) for region in plan.regions]
    by_carrier = [_rank((EVERYWHERE, carrier.id), item.carriers) for carrier in plan.carriers]
    region, carrier = np.array(by_region)[:, None], np.array(by_carrier)[None, :]
    return np.where((region >= 0) & (carrier >= 0), 2 * region + carrier, UNSAID)


def _rank(wide_to_narrow: Sequence[str], names: Sequence[str]) -> int:
    return max((rank for rank, name in enumerate(wide_to_narrow) if name in names), default=UNSAID)


def _names_of(plan: Plan, region: str) -> set[str]:
    found = next(one for one in plan.regions if one.id == region)
    return {EVERYWHERE, found.group, found.id}


def _values(place: Whole, values: Sequence[int]) -> Whole:
    """What the item of each cell says; `UNSAID` where none holds."""
    return np.array([*values, UNSAID], dtype=np.int64)[place]


def _number(text: str) -> int:
    return day_number(date.fromisoformat(text))


def _twice(plan: Plan, what: str, region: int, carrier: int, day: int) -> InputError:
    return InputError(
        came=f"{plan.carriers[carrier].id} in {plan.regions[region].id} on {date_of(plan.span[0] + day)} a second time in {what}",
        where=plan.plan,
        expected="one item for it, or one that names it more narrowly",
        todo="Take one of the items away, or narrow it.",
    )
