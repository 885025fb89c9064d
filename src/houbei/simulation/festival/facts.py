"""The world's facts as a shop's files would hold them: orders, promises given, scans, closures; as far as they are known by a moment."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

import pyarrow as pa

from houbei.columns import MISSING
from houbei.delivery.festival_days import PlanDays
from houbei.simulation.festival import shop
from houbei.simulation.festival.orders import Orders
from houbei.simulation.festival.shown import Row
from houbei.simulation.festival.telling import Scan, at_hours
from houbei.simulation.festival.wishes import Wishes

_MOMENT = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The four tables, in the columns that files have."""

    orders: pa.Table
    promises: pa.Table
    scans: pa.Table
    closures: pa.Table


def facts_known(  # noqa: PLR0913  the sorts of facts
    orders: Orders,
    wishes: Wishes,
    rows: Sequence[Row],
    scans: Sequence[Scan],
    days: PlanDays,
    *,
    from_us: int = 0,
    until_us: int,
    only: Collection[int] | None = None,
) -> Facts:
    """Give the facts that become known from a moment on and before another; a scan that is told twice stands twice where both fall into it.

    Args:
        orders: The orders.
        wishes: Who cancelled: an order that is cancelled later is told again with the moment.
        rows: What was shown.
        scans: What was told.
        days: The plan, whose New Year the events are counted from.
        from_us: The first moment; 0 for everything so far, of which nothing stands twice.
        until_us: The first moment that is not asked for.
        only: The places of the orders that are asked for; None for all.
    """
    chosen = range(len(orders)) if only is None else only
    return Facts(
        orders=_orders(orders, wishes, days, from_us, until_us, sorted(chosen)),
        promises=_promises(orders, [row for row in rows if from_us <= row.shown_us < until_us and row.order in chosen]),
        scans=_scans(orders, [scan for scan in scans if scan.order in chosen], from_us, until_us),
        closures=_closures(days, from_us, until_us),
    )


def _orders(
    orders: Orders, wishes: Wishes, days: PlanDays, from_us: int, until_us: int, chosen: Sequence[int]
) -> pa.Table:
    def is_new(order: int) -> bool:
        told = (int(orders.placed_us[order]), int(wishes.cancelled_us[order]))
        return any(from_us <= at_us < until_us for at_us in told if at_us != MISSING)

    places = [order for order in chosen if is_new(order)]
    cancelled = [int(wishes.cancelled_us[order]) for order in places]
    names = [orders.ids[order] for order in places]
    return pa.table(
        {
            "order_id": pa.array(names, pa.string()),
            "line_id": pa.array([f"{name}-L" for name in names], pa.string()),
            "sku": pa.array([shop.ARTICLES[int(orders.article[order])].sku for order in places], pa.string()),
            "quantity": pa.array([1] * len(places), pa.int64()),
            "paid_minor": pa.array([int(orders.paid_minor[order]) for order in places], pa.int64()),
            "currency": pa.array([shop.CURRENCY] * len(places), pa.string()),
            "placed_at": _moments([int(orders.placed_us[order]) for order in places]),
            "region": pa.array([days.plan.regions[int(orders.region[order])].id for order in places], pa.string()),
            "cancelled_at": _moments([at_us if at_us < until_us else MISSING for at_us in cancelled]),
        }
    )


def _promises(orders: Orders, rows: Sequence[Row]) -> pa.Table:
    return pa.table(
        {
            "promise_id": pa.array([row.id for row in rows], pa.string()),
            "order_id": pa.array([orders.ids[row.order] for row in rows], pa.string()),
            "shown_at": _moments([row.shown_us for row in rows]),
            "promised_by": _moments([row.by_us for row in rows]),
            "slot_from": _moments([row.from_us for row in rows]),
            "slot_fee": pa.array([str(Decimal(row.fee_minor).scaleb(-2)) for row in rows], pa.string()),
            "currency": pa.array([shop.CURRENCY] * len(rows), pa.string()),
            "parcels": pa.array([row.parcels for row in rows], pa.int64()),
            "asked_by": pa.array(["buyer" if row.by_buyer else "shop" for row in rows], pa.string()),
            "carrier": pa.array([row.carrier for row in rows], pa.string()),
            "provisional": pa.array([row.is_provisional for row in rows], pa.bool_()),
            "chance_permille": pa.array([row.chance_permille for row in rows], pa.int64()),
        }
    )


def _scans(orders: Orders, scans: Sequence[Scan], from_us: int, until_us: int) -> pa.Table:
    told = [scan for scan in scans if from_us <= scan.known_us < until_us]
    if from_us:
        told += [scan for scan in scans if scan.again_us != MISSING and from_us <= scan.again_us < until_us]
    return pa.table(
        {
            "scan_id": pa.array([scan.id for scan in told], pa.string()),
            "order_id": pa.array([orders.ids[scan.order] for scan in told], pa.string()),
            "parcel_id": pa.array([scan.parcel for scan in told], pa.string()),
            "at": _moments([scan.at_us for scan in told]),
            "what": pa.array([scan.what for scan in told], pa.string()),
            "told_by": pa.array([scan.told_by for scan in told], pa.string()),
            "carrier": pa.array([scan.carrier for scan in told], pa.string()),
            "disputes": pa.array([scan.disputes for scan in told], pa.string()),
            "evidence": pa.array([scan.evidence for scan in told], pa.string()),
        }
    )


def _closures(days: PlanDays, from_us: int, until_us: int) -> pa.Table:
    told = [event for event in shop.EVENTS if from_us <= at_hours(days, event.known_hours) < until_us]
    return pa.table(
        {
            "closure_id": pa.array([event.closure for event in told], pa.string()),
            "code": pa.array([event.code for event in told], pa.string()),
            "from_at": _moments([at_hours(days, event.from_hours) for event in told]),
            "until_at": _moments([at_hours(days, event.until_hours) for event in told]),
            "known_at": _moments([at_hours(days, event.known_hours) for event in told]),
            "regions": pa.array([json.dumps(event.regions) for event in told], pa.string()),
            "evidence": pa.array([event.evidence for event in told], pa.string()),
        }
    )


def _moments(values: Sequence[int]) -> pa.Array:
    return pa.array([None if value == MISSING else value for value in values], _MOMENT)
