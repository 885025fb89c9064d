"""A festival plan as dated overrides of a network document, so that whoever promises from the network needs to know of no festival.

Days of work and rest become dated items of the carriers' calendars and of the warehouses, cut-offs dated cut-offs, surcharges dated
surcharges. Crews and the hour at which deliveries end have no words in a network: they are places that are taken from the beginning.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from houbei.calendars.days import date_of, day_number
from houbei.delivery.clock_times import clock_us_of
from houbei.delivery.festival import Plan, What, days_on
from houbei.delivery.festival_days import UNSAID, PlanDays, carriers_named, regions_named
from houbei.delivery.network import Loaded, Service
from houbei.delivery.requests import Booked
from houbei.errors import InputError

Tree = Mapping[str, Any]
"""Keys and values of a document, every scalar as text."""
Whole = NDArray[np.int64]
NO_LIMIT = 1_000_000
"""The capacity of a slot that has none: only then can a plan take places from it."""
_ALL = ["*"]


def network_with(tree: Tree, days: PlanDays) -> dict[str, Any]:
    """Lay a festival plan over a network document.

    On the days of the plan, in its regions and for its carriers, what the network says of work and rest makes room for the plan; a suspended
    region stays suspended.

    Args:
        tree: The network document as keys and values, every scalar as text.
        days: The plan by region, carrier and day.

    Returns:
        The document with the plan in it, to be read as any network.

    Raises:
        InputError: The plan names a region, carrier, warehouse or service that the network does not have.

    Cost: linear in the plan's cells and in the document.
    """
    plan = days.plan
    _check_names(tree, plan)
    carriers = [_carrier(told, days) for told in tree["carriers"]["carriers"]]
    planned = {carrier.id for carrier in plan.carriers}
    return {
        **tree,
        "carriers": {**tree["carriers"], "carriers": carriers},
        "origins": [_origin(told, days, tree) for told in tree["origins"]],
        "services": [_bounded(told) if told["carrier"] in planned else told for told in tree["services"]],
    }


def places_taken(loaded: Loaded, days: PlanDays) -> Booked:
    """Find the places that a plan leaves no crews or no hours for, as visits that are taken before anybody asks.

    The doors that a carrier's crews reach in a region on a day are dealt out to its services there and their origins, and within a service to the whole
    day and its slots, as evenly as whole numbers allow. A slot that ends later than the plan's deliveries is taken wholly.

    Args:
        loaded: The network with the plan in it.
        days: The plan by region, carrier and day.

    Cost: linear in the cells of the plan times the slots of its carriers.
    """
    network, plan = loaded.network, days.plan
    region_of = {region.id: place for place, region in enumerate(network.regions)}
    rows: list[tuple[int, int, int, int, int]] = []
    places, until_us = days.places(), _until_us(days)
    for r, region in enumerate(plan.regions):
        for c, carrier in enumerate(plan.carriers):
            shares = _shares(loaded, carrier.id, region.id)
            for day in np.flatnonzero((places[r, c] >= 0) | (until_us[r, c] >= 0)).tolist():
                given = _dealt(int(places[r, c, day]), len(shares))
                for (origin, slot, ends_us, capacity), left in zip(shares, given, strict=True):
                    is_over = 0 <= until_us[r, c, day] < ends_us
                    room = 0 if is_over else capacity if left == UNSAID else min(left, capacity)
                    if room < capacity:
                        rows.append((origin, region_of[region.id], slot, days.first_day + day, capacity - room))
    columns = np.array(rows, dtype=np.int64).reshape(-1, 5).T
    return Booked(origin=columns[0], region=columns[1], slot=columns[2], day=columns[3], count=columns[4])


def _shares(loaded: Loaded, carrier: str, region: str) -> list[tuple[int, int, int, int]]:
    """Where the crews of a carrier in a region go: origin, slot, when that ends (-1: a whole day, which outlasts nothing), capacity."""
    network, found, slot = loaded.network, [], 0
    for service in network.services:
        ends = [-1, *(clock_us_of(one.ends, where=one.id) for one in service.slots)]
        capacities = [service.capacity, *(one.capacity for one in service.slots)]
        if service.carrier == carrier and network.named_in(region, service.regions):
            found += [
                (place, slot + number, ends_us, capacity)
                for place in _origins_of(service, [origin.id for origin in network.origins])
                for number, (ends_us, capacity) in enumerate(zip(ends, capacities, strict=True))
                if capacity is not None
            ]
        slot += len(ends)
    return found


def _origins_of(service: Service, origins: Sequence[str]) -> list[int]:
    return [place for place, origin in enumerate(origins) if not service.origins or origin in service.origins]


def _dealt(places: int, hands: int) -> list[int]:
    """Deal places out as evenly as whole numbers allow, the first hands getting one more; unsaid stays unsaid."""
    if places == UNSAID or not hands:
        return [UNSAID] * hands
    each, over = divmod(places, hands)
    return [each + (hand < over) for hand in range(hands)]


def _until_us(days: PlanDays) -> Whole:
    until = [UNSAID if item.until is None else clock_us_of(item.until, where="until") for item in days.plan.days]
    found: Whole = np.array([*until, UNSAID], dtype=np.int64)[days.day]
    return found


def _bounded(service: Tree) -> dict[str, Any]:
    """A service every slot of which has a capacity."""
    slots = [{"capacity": str(NO_LIMIT), **_said(slot)} for slot in service.get("slots") or ()]
    bounded = {"capacity": str(NO_LIMIT), **_said(service)}
    return {**bounded, "slots": slots} if slots else bounded


def _said(told: Tree) -> dict[str, Any]:
    return {key: value for key, value in told.items() if value is not None}


def _carrier(told: Tree, days: PlanDays) -> dict[str, Any]:
    plan = days.plan
    names = [carrier.id for carrier in plan.carriers]
    if told["carrier"] not in names:
        return dict(told)
    planned = list(_dated(days, names.index(told["carrier"])))
    kept = [part for item in told.get("dated") or () for part in _without(item, plan)]
    surcharges = list(told.get("surcharges") or ())
    added = [item for item in _surcharges(plan, told["carrier"]) if item not in surcharges]
    return {**told, "dated": [*kept, *planned], "surcharges": [*surcharges, *added]}


def _dated(days: PlanDays, carrier: int) -> Iterator[dict[str, Any]]:
    """The days of a carrier, an item for each run of days that an item of the plan fills, with the regions in which it does."""
    runs: dict[tuple[int, int, int], list[str]] = {}
    for region, row in zip(days.plan.regions, days.day[:, carrier], strict=True):
        for place, first, last in _runs(row):
            runs.setdefault((place, first, last), []).append(region.id)
    for (place, first, last), regions in sorted(runs.items()):
        item = days.plan.days[place]
        source = days.plan.source(item.source)
        yield {
            "what": "works" if item.what is What.WORKS else "rests",
            **_span(days.first_day + first, days.first_day + last),
            "regions": regions,
            "calendars": [leg.value for leg in item.calendars],
            "source": source.says,
            "read": source.read,
        }


def _without(item: Tree, plan: Plan) -> Iterator[dict[str, Any]]:
    """What is left of a dated item of the network where the plan speaks: other regions, and days before and after."""
    regions = item.get("regions") or _ALL
    first, last = (day_number(date.fromisoformat(item[key])) for key in ("first_day", "last_day"))
    begins, ends = max(first, plan.span[0]), min(last, plan.span[1])
    planned = [region for region in regions if region in {one.id for one in plan.regions}]
    if item["what"] == "suspended" or not planned or begins > ends:
        yield dict(item)
        return
    if others := [region for region in regions if region not in planned]:
        yield {**item, "regions": others}
    for from_day, to_day in ((first, begins - 1), (ends + 1, last)):
        if from_day <= to_day:
            yield {**item, "regions": planned, **_span(from_day, to_day)}


def _surcharges(plan: Plan, carrier: str) -> Iterator[dict[str, Any]]:
    for item in plan.surcharges:
        if carrier in carriers_named(plan, item.carriers):
            source = plan.source(item.source)
            yield _said(
                {
                    "first_day": item.first_day,
                    "last_day": item.last_day,
                    "per": item.per.value,
                    "source": source.says,
                    "read": source.read,
                    "regions": _ALL if tuple(item.regions) == tuple(_ALL) else list(regions_named(plan, item.regions)),
                    "service": item.service,
                    "at_least": item.at_least,
                    "at_most": item.at_most,
                }
            )


def _origin(told: Tree, days: PlanDays, tree: Tree) -> dict[str, Any]:
    """A warehouse whose cut-offs begin with the plan's, and which handles orders as the plan says."""
    plan, handling = days.plan, dict(told["handling"])
    dated = list(handling.get("dated") or ())
    for item in plan.handling:
        if item.origins and told["id"] not in item.origins:
            continue
        source = plan.source(item.source)
        for first, last in days_on(item.on, year=plan.year):
            what = "works" if item.what is What.WORKS else "rests"
            said = {"what": what, **_span(first, last), "source": source.says, "read": source.read}
            dated = [*(part for old in dated for part in _cut(old, first, last)), said]
    return {
        **told,
        "handling": {**handling, "dated": dated} if dated else handling,
        "cut_offs": [*_cut_offs(days, tree), *told["cut_offs"]],
    }


def _cut(item: Tree, first: int, last: int) -> Iterator[dict[str, Any]]:
    """What is left of a dated item before and after some days."""
    begins, ends = (day_number(date.fromisoformat(item[key])) for key in ("first_day", "last_day"))
    for from_day, to_day in ((begins, min(ends, first - 1)), (max(begins, last + 1), ends)):
        if from_day <= to_day:
            yield {**item, **_span(from_day, to_day)}


def _cut_offs(days: PlanDays, tree: Tree) -> Iterator[dict[str, Any]]:
    """The plan's cut-offs: one for each of its items, carrier and run of days, with the regions in which it holds."""
    plan = days.plan
    for c, carrier in enumerate(plan.carriers):
        services = [service["id"] for service in tree["services"] if service["carrier"] == carrier.id]
        runs: dict[tuple[int, int, int], list[str]] = {}
        for region, row in zip(plan.regions, days.day[:, c], strict=True):
            for place, first, last in _runs(row):
                if plan.days[place].cut_off is not None:
                    runs.setdefault((place, first, last), []).append(region.id)
        for (place, first, last), regions in sorted(runs.items()):
            if services:
                yield {
                    "before": plan.days[place].cut_off,
                    "regions": regions,
                    "services": services,
                    "dates": [_span(days.first_day + first, days.first_day + last)],
                    "source": plan.source(plan.days[place].source).says,
                }


def _runs(row: Whole) -> Iterator[tuple[int, int, int]]:
    """The runs of one item in a row of places, without what is unsaid: item, first and last day."""
    bounds = [0, *(np.flatnonzero(np.diff(row)) + 1).tolist(), len(row)]
    for first, end in zip(bounds, bounds[1:], strict=False):
        if row[first] != UNSAID:
            yield int(row[first]), first, end - 1


def _span(first: int, last: int) -> dict[str, str]:
    return {"first_day": date_of(first).isoformat(), "last_day": date_of(last).isoformat()}


def _check_names(tree: Tree, plan: Plan) -> None:
    known: dict[str, set[str]] = {
        "region": {region["id"] for region in tree["regions"]},
        "carrier": {carrier["carrier"] for carrier in tree["carriers"]["carriers"]},
        "origin": {origin["id"] for origin in tree["origins"]},
        "service": {service["id"] for service in tree["services"]},
    }
    named: dict[str, Iterable[str | None]] = {
        "region": [region.id for region in plan.regions],
        "carrier": [carrier.id for carrier in plan.carriers],
        "origin": [origin for item in plan.handling for origin in item.origins],
        "service": [item.service for item in plan.surcharges],
    }
    for what, names in named.items():
        for name in names:
            if name is not None and name not in known[what]:
                raise InputError(
                    came=f"the {what} {name} of the plan",
                    where=plan.plan,
                    expected=f"one of the network {tree['network']}: {', '.join(sorted(known[what])[:8])}",
                    todo="Name it as the network does, or use another network.",
                )
