"""The sent's own account: what each order is owed by what really happened, written from the words, one order after the other.

It knows where every parcel was, and no scans; it reads the words of the promise and no columns. It exists to disagree.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from houbei.calendars.days import DAY_US
from houbei.columns import MISSING
from houbei.delivery.festival_days import PlanDays
from houbei.money import minor_of, round_half_up
from houbei.simulation.festival import shop
from houbei.simulation.festival.doors import Doors, Sent
from houbei.simulation.festival.shown import Row
from houbei.simulation.festival.telling import at_hours
from houbei.terms.delivery import Arrival, Effect, Form, Of, Pay

_YEARS_US = 1000 * 365 * DAY_US


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What is true of an order: how its promise ended, the event that excused or moved it, and what it is owed in money and points."""

    ended: str
    closure: str | None
    money: int
    points: int
    by_us: int
    arrived_us: int


def keep_account(
    sent: Sent, doors: Doors, rows: Sequence[Row], arrival: Arrival, *, until_us: int
) -> Mapping[str, Ending]:
    """Say what every order that was promised something is owed.

    Args:
        sent: What was on its way.
        doors: When it really came.
        rows: What was shown to buyers, in the order of time.
        arrival: The words of the promise.
        until_us: What time it is.
    """
    arrived: dict[int, int] = {}
    for parcel, order in enumerate(sent.parcels.order.tolist()):
        delivered_us, attempted_us = int(doors.delivered_us[parcel]), int(doors.attempted_us[parcel])
        came_us = attempted_us if arrival.attempt_counts and attempted_us != MISSING else delivered_us
        came_us = _YEARS_US if came_us == MISSING else came_us
        arrived[order] = max(arrived.get(order, 0), came_us)
    shown: dict[int, list[Row]] = {}
    for row in rows:
        shown.setdefault(row.order, []).append(row)
    return {
        sent.orders.ids[order]: _of_order(sent, order, promises, arrived[order], arrival, until_us=until_us)
        for order, promises in shown.items()
    }


def _of_order(
    sent: Sent, order: int, rows: Sequence[Row], arrived_us: int, arrival: Arrival, *, until_us: int
) -> Ending:
    promise = _counts(rows)
    region = sent.days.plan.regions[int(sent.orders.region[order])].id
    by_us, closure, waived = _with_events(promise, region, sent.days, arrival)
    cancelled_us = int(sent.wishes.cancelled_us[order])
    ends_us = _YEARS_US if cancelled_us == MISSING else cancelled_us
    there = arrived_us < _YEARS_US
    stands_us = arrived_us if there else until_us
    over = ends_us <= by_us and not (there and arrived_us < ends_us)
    late = stands_us >= by_us and ends_us > by_us
    money, points = 0, 0
    if not waived and late:
        for tier in arrival.tiers:
            # A promise is late at its very end, and later than a length only after it.
            falls_us = by_us if not tier.over_us else by_us + tier.over_us + 1
            if stands_us >= falls_us and falls_us < ends_us:
                owed = {
                    form: sum(_amount(pay, sent, order, promise) for pay in tier.pays if pay.form is form)
                    for form in Form
                }
                money, points = max(money, owed[Form.MONEY]), max(points, owed[Form.POINTS])
    late_at_first = stands_us >= promise.by_us and ends_us > by_us
    excused = late_at_first and closure is not None and (waived or not late)
    ended = "excused" if excused else "late" if late else "ended" if over else "kept" if there else "open"
    return Ending(ended=ended, closure=closure, money=money, points=points, by_us=by_us, arrived_us=arrived_us)


def _counts(rows: Sequence[Row]) -> Row:
    """The promise that counts: the earliest shown, unless the buyer asked for another while it could be kept."""
    counting = rows[0]
    for row in rows[1:]:
        if (row.by_buyer and row.shown_us < counting.by_us) or (not row.by_buyer and row.by_us < counting.by_us):
            counting = row
    return counting


def _with_events(promise: Row, region: str, days: PlanDays, arrival: Arrival) -> tuple[int, str | None, bool]:
    """When the promise ends after all, the event that moved or excused it, and whether nothing is owed."""
    by_us, closure, waived = promise.by_us, None, False
    excuses = {excuse.code: excuse for excuse in arrival.excuses}
    for event in shop.EVENTS:
        excuse = excuses.get(event.code)
        from_us, until_us, known_us = (
            at_hours(days, hours) for hours in (event.from_hours, event.until_hours, event.known_hours)
        )
        here = any(region == one or region.startswith(f"{one}-") for one in event.regions)
        proved = excuse is not None and (event.evidence is not None or not excuse.evidence)
        if excuse is None or not (here and proved) or promise.shown_us >= known_us:
            continue
        if excuse.effect is Effect.EXTENDS and from_us < by_us and max(from_us, promise.shown_us) < until_us:
            by_us, closure = by_us + until_us - max(from_us, promise.shown_us), event.closure
        if excuse.effect is Effect.WAIVES and from_us < by_us and until_us > promise.shown_us:
            closure, waived = event.closure, True
    return by_us, closure, waived


def _amount(pay: Pay, sent: Sent, order: int, promise: Row) -> int:
    if pay.of is Of.FIXED:
        return int(pay.amount or 0) if pay.form is Form.POINTS else minor_of(pay.amount or "0", shop.CURRENCY, where="")
    whole = promise.fee_minor if pay.of is Of.SLOT_FEE else int(sent.orders.paid_minor[order])
    found = round_half_up(Fraction(whole) * pay.part)
    if pay.floor is not None:
        found = max(found, minor_of(pay.floor, shop.CURRENCY, where=""))
    if pay.cap is not None:
        found = min(found, minor_of(pay.cap, shop.CURRENCY, where=""))
    return found
