"""A network document: YAML text in, checked values out. Reading the file is not done here."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import pairwise

import msgspec
import rfc8785

from houbei.calendars.carrier_documents import EVERYWHERE, Carrier, CarriersDocument, Dated, Rule, carriers_of
from houbei.calendars.days import check_zone
from houbei.delivery.clock_times import clock_us_of
from houbei.delivery.lead_times import DAYS_MAX, KEYS, LeadTimes, written_lead_times
from houbei.delivery.network import CutOff, LeadTime, Loaded, Network, Slot
from houbei.errors import InputError
from houbei.money import exponent_of, minor_of
from houbei.terms.yaml_tree import read_yaml

LUNAR_DAY = re.compile(r"eve|(?:[1-9]|1[0-2])-(?:[1-9]|[12][0-9]|30)")
_Parts = Mapping[str, tuple[str, ...]]
_DAYS = re.compile(r"0|[1-9][0-9]{0,2}")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def parse_network(text: str, *, where: str) -> Loaded:
    """Read one network document.

    Args:
        text: YAML, at most 256 KiB.
        where: The file, for messages.

    Raises:
        InputError: It cannot be read, or contradicts itself: one line says what, where, what was expected, what to do.

    Cost: some ten milliseconds for a hundred regions.
    """
    root = dict(read_yaml(text, where=where).root)
    carriers = root.pop("carriers", None)
    try:
        network = msgspec.convert(root, Network, strict=False)
    except msgspec.ValidationError as error:
        raise _unfit(fault=str(error), where=where) from error
    if not isinstance(carriers, Mapping):
        raise _unfit(fault="no carriers", where=where)
    known = carriers_of(carriers, where=f"{where}, carriers")
    for fault in _faults(network, known):
        raise _unfit(fault=fault, where=where)
    said = {**msgspec.to_builtins(network), "carriers": msgspec.to_builtins(known)}
    return Loaded(
        network=network,
        carriers=_for_every_region(known, network),
        lead_times=_lead_times(network, where=f"{where}, lead_times"),
        sha256=hashlib.sha256(rfc8785.dumps(said)).hexdigest(),
    )


def _lead_times(network: Network, *, where: str) -> LeadTimes:
    told = network.lead_times
    return written_lead_times(
        [(_key(group), {int(days): kept for days, kept in group.within.items()}) for group in told.groups],
        counts=told.counts,
        starts=told.starts,
        where=where,
    )


def _key(group: LeadTime) -> dict[str, str]:
    return {key: named for key in KEYS if (named := getattr(group, key)) is not None}


def _for_every_region(carriers: CarriersDocument, network: Network) -> CarriersDocument:
    """Let what is said of a region be said of all that are part of it, the nearest word first."""
    parts = network.parts()
    return msgspec.structs.replace(
        carriers, carriers=tuple(_carrier_everywhere(carrier, parts) for carrier in carriers.carriers)
    )


def _carrier_everywhere(carrier: Carrier, parts: _Parts) -> Carrier:
    return msgspec.structs.replace(
        carrier,
        rules=tuple(_rules_of(carrier.rules, parts)),
        dated=tuple(_dated_of(carrier.dated, parts)),
        surcharges=tuple(
            msgspec.structs.replace(item, regions=_all_of(item.regions, parts)) for item in carrier.surcharges
        ),
    )


def _rules_of(rules: Iterable[Rule], parts: _Parts) -> Iterator[Rule]:
    named = {region: rule for rule in rules for region in rule.regions}
    nearest: dict[str, Rule] = {}
    # A region with fewer parts lies within those with more, so that the nearest word comes last.
    for region in sorted(named, key=lambda region: -len(parts.get(region, parts))):
        nearest |= dict.fromkeys(parts.get(region, tuple(parts)), named[region])
    for rule in dict.fromkeys(nearest.values()):
        yield msgspec.structs.replace(rule, regions=tuple(region for region, of in nearest.items() if of is rule))


def _dated_of(items: Iterable[Dated], parts: _Parts) -> Iterator[Dated]:
    """Give what is said of each named region apart, the widest first: of two items of one rank the later one holds."""
    named = [(region, item) for item in items for region in item.regions]
    for region, item in sorted(named, key=lambda one: -len(parts.get(one[0], parts))):
        yield msgspec.structs.replace(item, regions=_all_of((region,), parts))


def _all_of(names: tuple[str, ...], parts: _Parts) -> tuple[str, ...]:
    if EVERYWHERE in names:
        return names
    return tuple(dict.fromkeys(part for name in names for part in parts[name]))


def _faults(network: Network, carriers: CarriersDocument) -> Iterator[str]:
    yield from _faults_of_ids(network)
    yield from _faults_of_regions(network)
    yield from _faults_of_references(network, carriers)
    yield from _faults_of_origins(network)
    yield from _faults_of_services(network)
    yield from _faults_of_lead_times(network)
    if carriers.currency != network.currency:
        yield f"carriers in {carriers.currency} and a network in {network.currency}"


def _faults_of_ids(network: Network) -> Iterator[str]:
    exponent_of(network.currency)
    check_zone(network.zone, where=network.network)
    lists = {
        "regions": [region.id for region in network.regions],
        "weight_classes": [found.id for found in network.weight_classes],
        "origins": [origin.id for origin in network.origins],
        "services": [service.id for service in network.services],
    }
    for name, ids in lists.items():
        if not ids:
            yield f"no {name}"
        yield from (f"the id “{found}” in {name}" for found in ids if not _ID.fullmatch(found))
        yield from (f"“{found}” a second time in {name}" for found in sorted(ids) if ids.count(found) > 1)
    skus = [article.sku for article in network.articles]
    if len(set(skus)) < len(skus):
        yield "a SKU a second time in articles"
    weights = [found.up_to_g for found in network.weight_classes]
    if any(low >= high for low, high in pairwise([0, *weights])):
        yield "weight_classes that do not rise"


def _faults_of_regions(network: Network) -> Iterator[str]:
    within = {region.id: region.within for region in network.regions}
    for region in network.regions:
        if region.zone is not None:
            check_zone(region.zone, where=f"{network.network}, region {region.id}")
        around, here = {region.id}, region.within
        while here is not None:
            if here not in within or here in around:
                yield f"region {region.id} within {here}, which is " + ("itself" if here in around else "none")
                return
            around.add(here)
            here = within[here]


def _faults_of_references(network: Network, carriers: CarriersDocument) -> Iterator[str]:
    known = {
        "region": {region.id for region in network.regions},
        "weight class": {found.id for found in network.weight_classes},
        "origin": {origin.id for origin in network.origins},
        "service": {service.id for service in network.services},
        "carrier": {carrier.carrier for carrier in carriers.carriers},
    }
    everywhere = known["region"] | {EVERYWHERE}
    for what, names, where in _references(network):
        yield from (f"the {what} {name} in {where}, which there is not" for name in names if name not in known[what])
    for carrier in carriers.carriers:
        named = [
            *(rule.regions for rule in carrier.rules),
            *(item.regions for item in carrier.dated),
            *(item.regions for item in carrier.surcharges),
        ]
        yield from (
            f"the region {name} of carrier {carrier.carrier}, which there is not"
            for names in named
            for name in names
            if name not in everywhere
        )
        yield from (
            f"the service {item.service} of carrier {carrier.carrier}, which there is not"
            for item in carrier.surcharges
            if item.service is not None and item.service not in known["service"]
        )


def _references(network: Network) -> Iterator[tuple[str, Iterable[str], str]]:
    for origin in network.origins:
        yield "region", [origin.region], f"origin {origin.id}"
        for cut_off in origin.cut_offs:
            yield "region", cut_off.regions, f"a cut-off of {origin.id}"
            yield "service", cut_off.services, f"a cut-off of {origin.id}"
    for service in network.services:
        yield "carrier", [service.carrier], f"service {service.id}"
        yield "weight class", service.weight_classes, f"service {service.id}"
        yield "region", service.regions, f"service {service.id}"
        yield "origin", service.origins, f"service {service.id}"
    for article in network.articles:
        yield "weight class", [article.weight_class] if article.weight_class else [], f"article {article.sku}"
    if network.installation is not None:
        yield "weight class", network.installation.weight_classes, "installation"
        yield "region", network.installation.regions, "installation"
    for number, group in enumerate(network.lead_times.groups, start=1):
        for key, name in _key(group).items():
            yield key.replace("_", " "), [name], f"lead_times, group {number}"


def _faults_of_origins(network: Network) -> Iterator[str]:
    for origin in network.origins:
        if not 0 <= origin.handling.days <= DAYS_MAX:
            yield f"origin {origin.id} that handles for {origin.handling.days} days"
        yield from _faults_of_dated(origin.handling.dated, f"origin {origin.id}")
        if not origin.cut_offs or _is_narrow(origin.cut_offs[-1]):
            yield f"origin {origin.id} without a last cut-off that holds for every day, region and service"
        for cut_off in origin.cut_offs:
            yield from (f"{fault} in a cut-off of {origin.id}" for fault in _faults_of_cut_off(cut_off))
    if network.installation is not None:
        if not 0 <= network.installation.days <= DAYS_MAX:
            yield f"an installation after {network.installation.days} days"
        yield from _faults_of_dated(network.installation.dated, "installation")


def _is_narrow(cut_off: CutOff) -> bool:
    return bool(cut_off.regions or cut_off.services or cut_off.weekdays or cut_off.lunar_days or cut_off.dates)


def _faults_of_cut_off(cut_off: CutOff) -> Iterator[str]:
    clock_us_of(cut_off.before, where="a cut-off")
    yield from (f"the lunar day “{day}”" for day in cut_off.lunar_days if not LUNAR_DAY.fullmatch(day))
    for span in cut_off.dates:
        if not _is_span(span.first_day, span.last_day):
            yield f"the days “{span.first_day}” to “{span.last_day}”"


def _faults_of_dated(items: Iterable[Dated], where: str) -> Iterator[str]:
    for item in items:
        if not _is_span(item.first_day, item.last_day) or not _is_span(item.read, item.read):
            yield f"the days “{item.first_day}” to “{item.last_day}”, read “{item.read}”, of {where}"


def _is_span(first: str, last: str) -> bool:
    try:
        return len(first) == len(last) == len("2026-02-16") and date.fromisoformat(first) <= date.fromisoformat(last)
    except ValueError:
        return False


def _faults_of_services(network: Network) -> Iterator[str]:
    for service in network.services:
        slots = [slot.id for slot in service.slots]
        if len(set(slots)) < len(slots):
            yield f"a slot a second time in service {service.id}"
        for slot in service.slots:
            yield from _faults_of_slot(slot, network, where=f"slot {slot.id} of service {service.id}")
        if service.capacity is not None and service.capacity < 0:
            yield f"a capacity below 0 in service {service.id}"
    for article in network.articles:
        if (article.weight_class is None) == (article.weight_g is None):
            yield f"article {article.sku} without weight_class and weight_g, or with both"


def _faults_of_slot(slot: Slot, network: Network, *, where: str) -> Iterator[str]:
    minor_of(slot.fee, network.currency, where=where)
    if not _ID.fullmatch(slot.id):
        yield f"the id “{slot.id}” in {where}"
    if clock_us_of(slot.begins, where=where) >= clock_us_of(slot.ends, where=where):
        yield f"the times “{slot.begins}” to “{slot.ends}” in {where}"
    if not 0 <= slot.ready_days <= DAYS_MAX:
        yield f"ready_days {slot.ready_days} in {where}"
    if slot.capacity is not None and slot.capacity < 0:
        yield f"a capacity below 0 in {where}"


def _faults_of_lead_times(network: Network) -> Iterator[str]:
    for number, group in enumerate(network.lead_times.groups, start=1):
        if not all(_DAYS.fullmatch(days) and int(days) <= DAYS_MAX for days in group.within):
            yield f"within {', '.join(group.within)} in lead_times, group {number}"


def _unfit(*, fault: str, where: str) -> InputError:
    return InputError(
        came=fault,
        where=where,
        expected="a network as schema/network.json describes it",
        todo="Correct the document.",
    )
