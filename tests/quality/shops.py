"""Invented shops as the analysis sees them: units under observation at a moment, and what the future held."""

from typing import Any, NamedTuple

import numpy as np

from houbei.demo.appliances import START_US, Plan, Shop, made_shop
from houbei.quality.costs import Reports, costs_by_sku, severity_by_sku
from houbei.quality.observed import DAY_US, WEEK_US, Runs, Whole, faults_by_band, unit_days_by_band
from houbei.quality.reserve import Covered, Past, Reserve, reserve_of


def runs(*rows: tuple[int, int, int, bool], sku: int = 0) -> Runs:
    """Runs of one SKU: (units, first day, last day, faulty), batch and supplier by turns of nothing."""
    units, first, last, faulty = (np.array(column) for column in zip(*rows, strict=True))
    same = np.full(len(rows), sku, dtype=np.int64)
    return Runs(
        line=np.arange(len(rows)),
        units=units.astype(np.int64),
        starts_us=first.astype(np.int64) * DAY_US,
        ends_us=last.astype(np.int64) * DAY_US,
        faulty=faulty.astype(np.bool_),
        sku=same,
        batch=np.arange(len(rows)),
        supplier=same,
    )


def observed(shop: Shop, now_us: int) -> Runs:
    """Every unit that was delivered by a moment, until its fault, its return or that moment."""
    unit = np.flatnonzero(shop.delivered_us <= now_us)
    ends = np.minimum(np.minimum(shop.fault_us, shop.returned_us)[unit], now_us)
    return Runs(
        line=unit,
        units=np.ones(len(unit), dtype=np.int64),
        starts_us=shop.delivered_us[unit],
        ends_us=ends,
        faulty=shop.fault_us[unit] <= ends,
        sku=shop.sku[unit],
        batch=shop.batch[unit],
        supplier=shop.supplier[unit],
    )


def shop_of(seed: int, **plan: Any) -> Shop:
    return made_shop(np.random.default_rng(seed), Plan(**plan))


class Dated(NamedTuple):
    """A reserve as of a moment, and what the promise cost afterwards."""

    reserve: Reserve
    later_minor: int


def back_dated(shop: Shop, *, weeks: int, promise_days: int, seed: int) -> Dated:
    """Work out the reserve as of so many weeks after the start, and look up what was paid after that for the same units."""
    now, length, skus = START_US + weeks * WEEK_US, promise_days * DAY_US, shop.plan.skus
    sold = np.flatnonzero(shop.placed_us <= now)
    delivered, fault, returned, sku = (
        column[sold] for column in (shop.delivered_us, shop.fault_us, shop.returned_us, shop.sku)
    )
    inside = fault < delivered + length
    told = (fault <= now) & inside
    starts = np.minimum(delivered, now)
    ends = np.maximum(np.minimum(np.minimum(fault, returned), np.minimum(now, delivered + length)), starts)
    seen = Runs(
        line=sold,
        units=np.ones(len(sold), dtype=np.int64),
        starts_us=starts,
        ends_us=ends,
        faulty=told,
        sku=sku,
        batch=sku,
        supplier=sku,
    )
    reports = _reports(shop, sold[told], now)
    worth = np.zeros(skus)
    worth[shop.sku] = shop.cost_minor
    alive = (fault > now) & (returned > now) & (delivered + length > now)
    covered = Covered(
        units=np.ones(int(alive.sum()), dtype=np.int64),
        age_us=np.maximum(now - delivered[alive], 0),
        until_age_us=np.full(int(alive.sum()), length),
        sku=sku[alive],
        line=sold[alive],
    )
    reserve = reserve_of(
        covered.days_left(skus),
        Past(faults_by_band(seen, sku, skus), unit_days_by_band(seen, sku, skus)),
        severity_by_sku(reports, 0, worth),
        costs_by_sku(reports, 0, skus).open,
        np.random.default_rng(seed),
    )
    assert reserve is not None
    later = sold[((fault > now) & inside) | (told & (shop.settled_us[sold] > now))]
    return Dated(reserve, int(_reports(shop, later, 2**62).net_minor.sum()))


def _reports(shop: Shop, unit: Whole, now: int) -> Reports:
    return Reports(
        sku=shop.sku[unit],
        currency=np.zeros(len(unit), dtype=np.int64),
        settled=shop.settled_us[unit] <= now,
        unit_minor=shop.cost_minor[unit],
        goods_minor=np.where(shop.blameless[unit], 0, shop.cost_minor[unit]),
        service_minor=shop.service_minor[unit],
        recovered_minor=shop.recovered_minor[unit],
        salvage_minor=np.zeros(len(unit), dtype=np.int64),
    )
