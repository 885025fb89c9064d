"""Who serves what, and in which slots, as tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from houbei.calendars.days import Days
from houbei.delivery.clock_times import clock_us_of, moments_on
from houbei.delivery.network import Loaded, Network, Slot
from houbei.delivery.opening import Open
from houbei.money import minor_of

Whole = NDArray[np.int64]
DATE = ""
"""The name of the slot that is a whole day."""
UNLIMITED = -1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Slots:
    """Every slot of every service: for each service first the whole day, then the slots it offers.

    `first[s]` to `first[s + 1]` are those of service s. By slot: its name, fee in minor units, days that parcels must be there before, and
    the capacity (-1: no limit). `from_us[slot, zone, day]` and `by_us` bound it; nothing can be promised in it to an order
    at or after `closes_us`: the beginning of a slot, the end of a day.
    """

    first: Whole
    names: tuple[str, ...]
    fee_minor: Whole
    ready_days: Whole
    capacity: Whole
    from_us: Whole
    by_us: Whole
    closes_us: Whole


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Served:
    """Who serves what: by service its carrier, and whether it goes to a region, takes a weight class, starts from an origin."""

    carrier: Whole
    regions: Open
    classes: Open
    origins: Open
    installs: Open
    """By [region, weight class], whether things are installed."""


def slots_of(network: Network, zones: Sequence[Days], *, first_day: int, days: int) -> Slots:
    """Make the table of slots over a range of days.

    Args:
        network: Its services.
        zones: The local days of each zone.
        first_day: The day of the first column, since 1970-01-01.
        days: How many.

    Cost: linear in slots, zones and days.
    """
    day = np.arange(days) + first_day
    whole = [
        Slot(id=DATE, begins="00:00", ends="24:00", ready_days=0, capacity=service.capacity)
        for service in network.services
    ]
    slots = [[day_slot, *service.slots] for day_slot, service in zip(whole, network.services, strict=True)]
    every = [slot for of_service in slots for slot in of_service]

    def moments(slot: Slot, time: str) -> Whole:
        clock_us = np.full(days, clock_us_of(time, where=f"slot {slot.id}"))
        return np.stack([moments_on(day, clock_us, table=zone) for zone in zones])

    from_us = np.stack([moments(slot, slot.begins) for slot in every])
    by_us = np.stack([moments(slot, slot.ends) for slot in every])
    is_date = np.array([slot.id == DATE for slot in every])
    return Slots(
        first=np.concatenate([[0], np.cumsum([len(of_service) for of_service in slots])]),
        names=tuple(slot.id for slot in every),
        fee_minor=np.array([minor_of(slot.fee, network.currency, where=f"slot {slot.id}") for slot in every]),
        ready_days=np.array([slot.ready_days for slot in every]),
        capacity=np.array([UNLIMITED if slot.capacity is None else slot.capacity for slot in every]),
        from_us=from_us,
        by_us=by_us,
        closes_us=np.where(is_date[:, None, None], by_us, from_us),
    )


def served_of(loaded: Loaded, parts: Mapping[str, tuple[str, ...]]) -> Served:
    """Make the tables of who serves what: a service goes where its carrier has a rule, and where it says so itself.

    Args:
        loaded: The network.
        parts: For each region, itself and all that are part of it.
    """
    network = loaded.network
    carriers = [carrier.carrier for carrier in loaded.carriers.carriers]
    everywhere = set(parts)
    ruled = [{region for rule in carrier.rules for region in rule.regions} for carrier in loaded.carriers.carriers]
    classes = [found.id for found in network.weight_classes]
    carrier = np.array([carriers.index(service.carrier) for service in network.services])

    def named(names: Sequence[str]) -> set[str]:
        return {part for name in names for part in parts[name]} if names else everywhere

    reached = [named(service.regions) & ruled[carrier[s]] for s, service in enumerate(network.services)]
    told = network.installation
    installed = named(told.regions) if told is not None else set()
    return Served(
        carrier=carrier,
        regions=np.array([[region.id in found for region in network.regions] for found in reached]),
        classes=np.array(
            [
                [not service.weight_classes or name in service.weight_classes for name in classes]
                for service in network.services
            ]
        ),
        origins=np.array(
            [
                [not service.origins or origin.id in service.origins for origin in network.origins]
                for service in network.services
            ]
        ),
        installs=np.array(
            [
                [
                    told is not None
                    and region.id in installed
                    and (not told.weight_classes or name in told.weight_classes)
                    for name in classes
                ]
                for region in network.regions
            ]
        ),
    )
