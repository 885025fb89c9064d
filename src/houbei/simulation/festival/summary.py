"""What the New Year came to, as figures: promises kept by region and by day, what was owed and why not, risk seen, crews needed, and the other shop."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from houbei.calendars.days import date_of
from houbei.calendars.lunar import lunar_of, name_lunar_day
from houbei.columns import MISSING
from houbei.delivery.festival import plan_sha256
from houbei.simulation.chance import HOUR_US
from houbei.simulation.festival import shop
from houbei.simulation.festival.account import Ending
from houbei.simulation.festival.crews_needed import Needed
from houbei.simulation.festival.life import Lived
from houbei.simulation.festival.telling import at_hours

Figures = dict[str, Any]
_COUNTS = ("kept", "late")
"""Endings that say whether a promise was kept; what was excused or cancelled does not."""
_QUANTILES = (10, 50, 90)


def figures_of(lived: Lived) -> Figures:
    """Give the figures, ready to be written as JSON; the same for the same life."""
    made, asked = lived.made, lived.made.asked
    orders = made.sent.orders
    return {
        "seed": asked.seed,
        "plan": asked.days.plan.plan,
        "plan_sha256": plan_sha256(asked.days.plan),
        "network_sha256": asked.loaded.sha256,
        "terms_sha256": asked.terms.sha256,
        "chance_permille": asked.chance_permille,
        "orders": len(orders),
        "parcels": len(made.sent.parcels),
        "refused": int((made.sent.given.refused != 0).sum()),
        "scans": len(made.scans),
        "ours": {
            **_of_all(lived, lived.truth),
            "days_promised": _days_promised(lived),
            "given_minor": _given(lived, 0),
            "given_points": _given(lived, 1),
        },
        "naive": {**_of_all(lived, lived.naive), "days_promised": float(shop.NAIVE_DAYS)},
        "by_region": _by_region(lived),
        "by_day": _by_day(lived),
        "excused": _excused(lived),
        "risk": _risk(lived),
        "crews": [_crews(one) for one in lived.needed],
        "crews_by_day": _crews_by_day(lived.needed),
        "faults": len(lived.faults),
    }


def _of_all(lived: Lived, truth: Any) -> Figures:
    ones = list(truth.values())
    return {
        "ended": dict(sorted(Counter(one.ended for one in ones).items())),
        "kept_permille": _kept_permille(ones),
        "owed_minor": sum(one.money for one in ones),
        "owed_points": sum(one.points for one in ones),
        "currency": lived.made.asked.loaded.network.currency,
    }


def _kept_permille(ones: Iterable[Ending]) -> int | None:
    counts = Counter(one.ended for one in ones)
    whole = sum(counts[ended] for ended in _COUNTS)
    return counts["kept"] * shop.PERMILLE // whole if whole else None


def _days_promised(lived: Lived) -> float | None:
    """How many days after the order the promises were, on average, to a tenth."""
    given, orders = lived.made.sent.given, lived.made.sent.orders
    promised = given.service >= 0
    days = (given.day - orders.day)[promised]
    return round(float(days.mean()), 1) if len(days) else None


def _given(lived: Lived, form: int) -> int:
    """What was said to be owed and paid before something later came to light; it stays with the buyer."""
    owed = {order: (one.money, one.points)[form] for order, one in lived.truth.items()}
    return sum(max(0, paid[form] - owed.get(order, 0)) for order, paid in lived.paid.items())


def _by_region(lived: Lived) -> dict[str, Figures]:
    orders, plan = lived.made.sent.orders, lived.made.asked.days.plan
    found = {}
    for place, region in enumerate(plan.regions):
        ids = [orders.ids[order] for order in np.flatnonzero(orders.region == place).tolist()]
        ours, naive = ([truth[order] for order in ids if order in truth] for truth in (lived.truth, lived.naive))
        if ours:
            found[region.id] = {
                "group": region.group,
                "promises": len(ours),
                "kept_permille": _kept_permille(ours),
                "naive_kept_permille": _kept_permille(naive),
                "owed_minor": sum(one.money for one in ours),
                "excused": sum(one.ended == "excused" for one in ours),
            }
    return found


def _by_day(lived: Lived) -> dict[str, Figures]:
    """By the local day on which promises fell due, ours and the other shop's."""
    found: dict[int, dict[str, list[Ending]]] = {}
    for name, truth in (("ours", lived.truth), ("naive", lived.naive)):
        for one in truth.values():
            day = (one.by_us + 8 * HOUR_US - 1) // (24 * HOUR_US)
            found.setdefault(int(day), {"ours": [], "naive": []})[name].append(one)
    rows = {}
    for day, both in sorted(found.items()):
        lunar = lunar_of(np.array([day]))
        rows[date_of(day).isoformat()] = {
            "lunar": name_lunar_day(
                int(lunar.month[0]),
                int(lunar.day[0]),
                is_leap=bool(lunar.is_leap[0]),
                is_eve=bool(lunar.is_eve[0]),
                lang="zh",
            ),
            "due": len(both["ours"]),
            "kept_permille": _kept_permille(both["ours"]),
            "owed_minor": sum(one.money for one in both["ours"]),
            "naive_due": len(both["naive"]),
            "naive_kept_permille": _kept_permille(both["naive"]),
        }
    return rows


def _excused(lived: Lived) -> dict[str, Figures]:
    codes = {event.closure: event.code for event in shop.EVENTS}
    counts = Counter(one.closure for one in lived.truth.values() if one.ended == "excused" and one.closure is not None)
    return {closure: {"code": codes[closure], "promises": count} for closure, count in sorted(counts.items())}


def _risk(lived: Lived) -> Figures:
    noticed, ids = lived.noticed, lived.made.sent.orders.ids
    truth = [lived.truth.get(order) for order in ids]
    late = np.array([one is not None and one.ended == "late" for one in truth])
    kept = np.array([one is not None and one.ended == "kept" for one in truth])
    by_us = np.array([MISSING if one is None else one.by_us for one in truth])
    seen = noticed.at_us != MISSING
    ahead = (by_us - noticed.at_us)[late & seen] // HOUR_US
    hours = {f"p{q}": int(np.percentile(ahead, q, method="lower")) for q in _QUANTILES} if len(ahead) else {}
    return {
        "late": int(late.sum()),
        "late_seen_before": int((late & seen).sum()),
        "hours_before": hours,
        "kept_though_at_risk": int((kept & seen).sum()),
        "silences": [_silence(lived, one) for one in shop.SILENCES],
        "silences_seen": len(noticed.silences),
    }


def _silence(lived: Lived, silence: shop.Silence) -> Figures:
    """When a feed that stopped was seen to be silent, hours after it stopped; None where it was not."""
    from_us, until_us = (at_hours(lived.made.asked.days, hours) for hours in (silence.from_hours, silence.until_hours))
    seen = [at for carrier, at in lived.noticed.silences if carrier == silence.carrier and from_us <= at < until_us]
    after = (min(seen) - from_us) // HOUR_US if seen else None
    return {"carrier": silence.carrier, "hours": silence.until_hours - silence.from_hours, "seen_after_hours": after}


def _crews(one: Needed) -> Figures:
    return {
        "region": one.region,
        "carrier": one.carrier,
        "promises": one.promises,
        "planned": one.planned,
        "kept_permille": one.kept_permille,
        "best_permille": one.best,
        "needed": {f"for_{wanted}": count for wanted, count in one.crews.items()},
        "short_days": _short_days(one),
        "out": {f"for_{wanted}": days for wanted, days in one.out.items()},
    }


def _short_days(one: Needed) -> dict[str, list[str]]:
    """The days on which more crews go out than the plan has there."""
    return {
        f"for_{wanted}": [day for day, count in days.items() if count > max(one.at_hand.get(day, 0), 0)]
        for wanted, days in one.out.items()
    }


def _crews_by_day(needed: Sequence[Needed]) -> dict[str, dict[str, int]]:
    """How many crews go out on each day where all regions have what it takes; those that no number helps are left out."""
    found: dict[str, Counter[str]] = {}
    for one in needed:
        for day, count in one.at_hand.items():
            found.setdefault(day, Counter())["planned"] += max(count, 0)
        for wanted, days in one.out.items():
            for day, count in days.items():
                found.setdefault(day, Counter())[f"for_{wanted}"] += count
    return {day: dict(sorted(counts.items())) for day, counts in sorted(found.items())}
