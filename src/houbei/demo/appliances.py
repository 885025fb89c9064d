"""A shop that never was: appliances sold by batch, with the faults that its buyers report. Invented from a seed, to try things on.

No shop has published its claims unit by unit with batch and delivery, so nothing real could be taken in its place. What is known
here and nowhere else is the truth: how often units of each age really fail, and which batch is bad.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from houbei.facts.moments import text_of_moment

Whole = NDArray[np.int64]

DAY_US = 86_400_000_000
START_US = 1_767_225_600_000_000
"""2026-01-01T00:00Z: the first day of sales."""
ZONE = "Asia/Shanghai"
KINDS = ("washer", "fridge", "tv", "air-conditioner")
FAULTS = ("no_power", "noise", "leak", "error_code")
SUPPLIERS = ("Sample supplier A", "Sample supplier B", "Sample supplier C")
AGE_DAYS = (0, 14, 60, 180)
"""Where the stretches of a unit's life begin."""
TIMES_BY_AGE = (5.0, 1.5, 0.8, 1.0)
"""How often units fail in each stretch, beside the yearly rate of their SKU: many in the first days, few later."""
RETURNED_PART = 0.03
BLAMELESS_PART, RECOVERED_PART = 0.12, 0.5
ORDER_COLUMNS = (
    *("order_id", "line_id", "sku", "quantity", "paid_minor", "currency", "placed_at", "delivered_at", "returned_at"),
    *("category", "batch", "supplier", "unit_cost", "serials", "seller"),
)
CLAIM_COLUMNS = (
    *("claim_id", "line_id", "reported_at", "serial", "fault"),
    *("outcome", "service_cost", "recovered", "settled_at"),
)
NEVER_US = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to make: `bad` is the place of the batch that fails `bad_times` as often as its sisters, None for a healthy shop.

    Each SKU has `batches` batches of `batch_units`, sold one after the other, `batch_weeks` each, over `weeks` weeks in all.
    """

    skus: int = 12
    batches: int = 8
    batch_units: int = 150
    batch_weeks: int = 6
    weeks: int = 40
    yearly: float = 0.06
    spread: float = 0.4
    bad: int | None = None
    bad_times: float = 3.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shop:
    """Units and their whole lives, one entry a unit, the future included; moments in microseconds.

    `fault_us` is when the unit's fault is reported, `NEVER_US` for a unit that does not fail in two years. `blameless` says that
    the inspection will find no fault. Costs are minor units of CNY.
    """

    plan: Plan
    end_us: int
    sku: Whole
    batch: Whole
    supplier: Whole
    placed_us: Whole
    delivered_us: Whole
    returned_us: Whole
    fault_us: Whole
    settled_us: Whole
    blameless: NDArray[np.bool_]
    price_minor: Whole
    cost_minor: Whole
    service_minor: Whole
    recovered_minor: Whole

    def __len__(self) -> int:
        return len(self.sku)


def made_shop(chance: np.random.Generator, plan: Plan) -> Shop:
    """Invent a shop. The same generator and plan give the same shop."""
    batches, units = plan.skus * plan.batches, plan.skus * plan.batches * plan.batch_units
    batch = np.repeat(np.arange(batches), plan.batch_units)
    sku = batch // plan.batches
    gap = max(1, (plan.weeks - plan.batch_weeks) // max(1, plan.batches - 1)) if plan.batches > 1 else 0
    first_day = (batch % plan.batches) * gap * 7
    placed = START_US + ((first_day + chance.uniform(0, plan.batch_weeks * 7, units)) * DAY_US).astype(np.int64)
    delivered = placed + (chance.uniform(1, 5, units) * DAY_US).astype(np.int64)
    yearly = (
        plan.yearly * chance.gamma(1 / plan.spread**2, plan.spread**2, plan.skus)[sku] if plan.spread else plan.yearly
    )
    times = np.where(batch == plan.bad, plan.bad_times, 1.0) if plan.bad is not None else np.ones(units)
    fault = delivered + _lives_us(chance, yearly * times)
    returned = np.where(
        chance.random(units) < RETURNED_PART,
        delivered + (chance.uniform(1, 7, units) * DAY_US).astype(np.int64),
        NEVER_US,
    )
    price = (np.round(np.exp(chance.normal(6.2, 0.9, plan.skus))) * 100).astype(np.int64)[sku]
    blameless = chance.random(units) < BLAMELESS_PART
    recovers = (chance.random(units) < RECOVERED_PART) & ~blameless
    return Shop(
        plan=plan,
        end_us=START_US + plan.weeks * 7 * DAY_US,
        sku=sku,
        batch=batch,
        supplier=sku % len(SUPPLIERS),
        placed_us=placed,
        delivered_us=delivered,
        returned_us=np.where(returned < fault, returned, NEVER_US),
        fault_us=np.where(fault < returned, fault, NEVER_US),
        settled_us=fault + (chance.uniform(3, 21, units) * DAY_US).astype(np.int64),
        blameless=blameless,
        price_minor=price,
        cost_minor=price * 7 // 10,
        service_minor=(chance.gamma(4, 900, units)).astype(np.int64),
        recovered_minor=np.where(recovers, price * 7 // 10 * 8 // 10, 0),
    )


def _lives_us(chance: np.random.Generator, yearly: NDArray[np.float64]) -> Whole:
    """Draw how long units last, at most two years: exponential in each stretch of life."""
    left = chance.exponential(size=len(yearly))
    life = np.full(len(yearly), np.inf)
    edges = np.array([*AGE_DAYS, 730], dtype=np.float64)
    for begin, end, times in zip(edges[:-1], edges[1:], TIMES_BY_AGE, strict=True):
        daily = yearly * times / 365.25
        here = np.isinf(life) & (left < daily * (end - begin))
        life[here] = begin + left[here] / daily[here]
        left = left - daily * (end - begin)
    return np.where(np.isinf(life), NEVER_US // 2, np.where(np.isinf(life), 0, life) * DAY_US).astype(np.int64)


def write_shop(shop: Shop, folder: Path, *, as_of_us: int | None = None) -> tuple[Path, Path]:
    """Write what the shop knows at a moment (the last day of sales unless given) as orders.csv and claims.csv."""
    now = shop.end_us if as_of_us is None else as_of_us
    folder.mkdir(parents=True, exist_ok=True)
    orders, claims = folder / "orders.csv", folder / "claims.csv"
    sold = np.flatnonzero(shop.placed_us <= now)
    with orders.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(ORDER_COLUMNS)
        table.writerows(_order_row(shop, int(unit), now) for unit in sold)
    reported = sold[shop.fault_us[sold] <= now]
    with claims.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(CLAIM_COLUMNS)
        table.writerows(_claim_row(shop, int(unit), now) for unit in reported[np.argsort(shop.fault_us[reported])])
    return orders, claims


def _moment(us: int, now: int) -> str:
    return text_of_moment(us // 1_000_000 * 1_000_000, ZONE) if us <= now else ""


def _money(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02d}"


def _order_row(shop: Shop, unit: int, now: int) -> list[object]:
    sku = int(shop.sku[unit])
    return [
        f"sample-{unit}",
        f"L{unit}",
        f"{KINDS[sku % len(KINDS)]}-{sku + 1:02d}",
        1,
        int(shop.price_minor[unit]),
        "CNY",
        _moment(int(shop.placed_us[unit]), now),
        _moment(int(shop.delivered_us[unit]), now),
        _moment(int(shop.returned_us[unit]), now),
        KINDS[sku % len(KINDS)],
        f"{sku + 1:02d}-{int(shop.batch[unit]) % shop.plan.batches + 1}",
        SUPPLIERS[int(shop.supplier[unit])],
        _money(int(shop.cost_minor[unit])),
        f'["S{unit}"]',
        "self",
    ]


def _claim_row(shop: Shop, unit: int, now: int) -> list[object]:
    settled = int(shop.settled_us[unit]) <= now
    return [
        f"C{unit}",
        f"L{unit}",
        _moment(int(shop.fault_us[unit]), now),
        f"S{unit}",
        FAULTS[unit % len(FAULTS)],
        ("no_fault_found" if shop.blameless[unit] else "confirmed") if settled else "",
        _money(int(shop.service_minor[unit])) if settled else "",
        _money(int(shop.recovered_minor[unit])) if settled else "",
        _moment(int(shop.settled_us[unit]), now),
    ]
