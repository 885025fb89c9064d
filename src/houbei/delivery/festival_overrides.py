"""A festival plan as dated overrides of a network document, so that whoever promises from the network needs to know of no festival.

Days of work and rest become dated items of the carriers' calendars and of the warehouses, cut-offs dated cut-offs, surcharges dated
surcharges. Crews and the hour at which deliveries end have no words in a network: they are places that are taken (`festival_places`).
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import rfc8785
from numpy.typing import NDArray

from houbei.calendars.carrier_documents import Exceptional
from houbei.calendars.days import date_of, day_number
from houbei.delivery.document import parse_network
from houbei.delivery.festival import Plan, What, days_on
from houbei.delivery.festival_days import UNSAID, PlanDays, carriers_named, regions_named
from houbei.delivery.network import Loaded
from houbei.errors import InputError
from houbei.terms.yaml_tree import read_yaml

Tree = Mapping[str, Any]
"""Keys and values of a document, every scalar as text."""
Whole = NDArray[np.int64]
NO_LIMIT = 1_000_000
"""The capacity of a slot that has none: only then can a plan take places from it."""
_ALL = ["*"]
_SUSPENDED = Exceptional.SUSPENDED.value


def plan_over(text: str, days: PlanDays, *, where: str) -> Loaded:
    """Read a network with a festival plan over it; arguments, errors and cost as for `text_with`."""
    return parse_network(text_with(text, days, where=where), where=f"{where} with {days.plan.plan}")


def text_with(text: str, days: PlanDays, *, where: str) -> str:
    """Lay a festival plan over the text of a network.

    Args:
        text: The network document, YAML.
        days: The plan by region, carrier and day.
        where: The file, for messages.

    Returns:
        The document with the plan in it, as canonical JSON, which is YAML, too: it is read as any network is.

    Raises:
        InputError: The network cannot be read, or the plan names what it does not have.

    Cost: as `parse_network`, and `network_with`.
    """
    parse_network(text, where=where)
    return rfc8785.dumps(network_with(read_yaml(text, where=where).root, days)).decode()


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
    depths = _depths(tree)
    carriers = [_carrier(told, days) for told in tree["carriers"]["carriers"]]
    planned = {carrier.id for carrier in plan.carriers}
    return {
        **tree,
        "carriers": {**tree["carriers"], "carriers": carriers},
        "origins": [_origin(told, days, tree, depths) for told in tree["origins"]],
        "services": [_bounded(told) if told["carrier"] in planned else told for told in tree["services"]],
    }


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
    place = names.index(told["carrier"])
    planned = list(_dated(days, place))
    kept = [part for item in told.get("dated") or () for part in _without(item, days, place)]
    surcharges = list(told.get("surcharges") or ())
    added = [item for item in _surcharges(plan, told["carrier"]) if item not in surcharges]
    return {**told, "dated": [*kept, *planned], "surcharges": [*surcharges, *added]}


def _dated(days: PlanDays, carrier: int) -> Iterator[dict[str, Any]]:
    """The days of a carrier, an item for each run of days that an item of the plan fills, with the regions in which it does."""
    for (_, place, first, last), regions in sorted(_by_run(days, carrier).items()):
        item = days.plan.days[place]
        source = days.plan.source(item.source)
        yield {
            "what": "works" if item.what is What.WORKS else "rests",
            **_span(days.first_day + first, days.first_day + last),
            "regions": regions,
            "calendars": [leg.value for leg in item.calendars],
            "source": source.says.en,
            "read": source.read,
        }


def _by_run(
    days: PlanDays, carrier: int, depths: Mapping[str, int] | None = None
) -> dict[tuple[int, int, int, int], list[str]]:
    """The regions of each run of days that an item of the plan fills: by how deep they lie, the item, the first and last day."""
    depths = depths or {}
    runs: dict[tuple[int, int, int, int], list[str]] = {}
    for region, row in zip(days.plan.regions, days.day[:, carrier], strict=True):
        for place, first, last in _runs(row):
            runs.setdefault((depths.get(region.id, 0), place, first, last), []).append(region.id)
    return runs


def _depths(tree: Tree) -> dict[str, int]:
    """How many regions of a network each region lies in."""
    within = {region["id"]: region.get("within") for region in tree["regions"]}
    depths = {}
    for region, around in within.items():
        depth, here = 0, around
        while here is not None and depth <= len(within):
            depth, here = depth + 1, within.get(here)
        depths[region] = depth
    return depths


def _without(item: Tree, days: PlanDays, carrier: int) -> Iterator[dict[str, Any]]:
    """What is left of a dated item of the network where the plan speaks: other regions, and other days."""
    first, last = (day_number(date.fromisoformat(item[key])) for key in ("first_day", "last_day"))
    planned = {region.id: place for place, region in enumerate(days.plan.regions)}
    left: dict[tuple[tuple[int, int], ...], list[str]] = {}
    for region in item.get("regions") or _ALL:
        silent = np.ones(last - first + 1, dtype=np.bool_)
        if region in planned and item["what"] != _SUSPENDED:
            said = np.flatnonzero(days.day[planned[region], carrier] != UNSAID) + days.first_day - first
            silent[said[(said >= 0) & (said <= last - first)]] = False
        runs = tuple((begin, end) for _, begin, end in _runs(np.where(silent, 0, UNSAID)))
        left.setdefault(runs, []).append(region)
    for runs, regions in left.items():
        for begin, end in runs:
            yield {**item, "regions": regions, **_span(first + begin, first + end)}


def _surcharges(plan: Plan, carrier: str) -> Iterator[dict[str, Any]]:
    for item in plan.surcharges:
        if carrier in carriers_named(plan, item.carriers):
            source = plan.source(item.source)
            yield _said(
                {
                    "first_day": item.first_day,
                    "last_day": item.last_day,
                    "per": item.per.value,
                    "source": source.says.en,
                    "read": source.read,
                    "regions": _ALL if tuple(item.regions) == tuple(_ALL) else list(regions_named(plan, item.regions)),
                    "service": item.service,
                    "at_least": item.at_least,
                    "at_most": item.at_most,
                }
            )


def _origin(told: Tree, days: PlanDays, tree: Tree, depths: Mapping[str, int]) -> dict[str, Any]:
    """A warehouse whose cut-offs begin with the plan's, and which handles orders as the plan says."""
    plan, handling = days.plan, dict(told["handling"])
    dated = list(handling.get("dated") or ())
    for item in plan.handling:
        if item.origins and told["id"] not in item.origins:
            continue
        source = plan.source(item.source)
        for first, last in days_on(item.on, year=plan.year):
            what = "works" if item.what is What.WORKS else "rests"
            said = {"what": what, **_span(first, last), "source": source.says.en, "read": source.read}
            dated = [*(part for old in dated for part in _cut(old, first, last)), said]
    return {
        **told,
        "handling": {**handling, "dated": dated} if dated else handling,
        "cut_offs": [*_cut_offs(days, tree, depths), *told["cut_offs"]],
    }


def _cut(item: Tree, first: int, last: int) -> Iterator[dict[str, Any]]:
    """What is left of a dated item before and after some days."""
    begins, ends = (day_number(date.fromisoformat(item[key])) for key in ("first_day", "last_day"))
    for from_day, to_day in ((begins, min(ends, first - 1)), (max(begins, last + 1), ends)):
        if from_day <= to_day:
            yield {**item, **_span(from_day, to_day)}


def _cut_offs(days: PlanDays, tree: Tree, depths: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    """The plan's cut-offs: one for each of its items, carrier and run of days; the first that fits counts, so parts come before the whole."""
    plan = days.plan
    for c, carrier in enumerate(plan.carriers):
        services = [service["id"] for service in tree["services"] if service["carrier"] == carrier.id]
        runs = sorted(_by_run(days, c, depths).items(), key=lambda run: (-run[0][0], run[0]))
        for (_, place, first, last), regions in runs:
            item = plan.days[place]
            if services and item.cut_off is not None:
                yield {
                    "before": item.cut_off,
                    "regions": regions,
                    "services": services,
                    "dates": [_span(days.first_day + first, days.first_day + last)],
                    "source": plan.source(item.source).says.en,
                }


def _runs(row: Whole) -> Iterator[tuple[int, int, int]]:
    """The runs of one item in a row of places, without what is unsaid: item, first and last day."""
    bounds = [0, *(np.flatnonzero(np.diff(row)) + 1).tolist(), len(row)]
    for first, end in pairwise(bounds):
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
