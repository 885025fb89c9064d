"""How good promised dates were, read row by row from the words of docs/delivery.md: no columns, no weeks added up beforehand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order: the dates of its purchase and of its arrival, None where it never came; the date promised to it, and that of the shop."""

    bought: date
    arrived: date | None
    promised: date
    shop: date | None


def was_kept(order: Order, promised: date) -> bool:
    """An order is kept when it is there on the promised date or before; one that never came is not."""
    return order.arrived is not None and order.arrived <= promised


def share_kept(orders: Sequence[Order], promised: Sequence[date]) -> Fraction:
    """The kept ones of all."""
    kept = sum(1 for order, day in zip(orders, promised, strict=True) if was_kept(order, day))
    return Fraction(kept, len(orders))


def mean_days_promised(orders: Sequence[Order], promised: Sequence[date]) -> Fraction:
    """From purchase to promise, over all of them."""
    return Fraction(sum((day - order.bought).days for order, day in zip(orders, promised, strict=True)), len(orders))


def mean_days_given_away(orders: Sequence[Order], promised: Sequence[date]) -> Fraction:
    """From arrival to promise, over those that came; the late ones take days back."""
    slack = [
        (day - order.arrived).days for order, day in zip(orders, promised, strict=True) if order.arrived is not None
    ]
    return Fraction(sum(slack), len(slack))


def shifted_to(orders: Sequence[Order], share: Fraction) -> Fraction | None:
    """The mean days of the shop's own dates moved by whole days, all alike, until they keep a share; between two moves in proportion."""
    points = []
    for move in range(-200, 400):
        kept = days = 0
        for order in orders:
            assert order.shop is not None
            lead = max((order.shop - order.bought).days + move, 0)
            kept += order.arrived is not None and (order.arrived - order.bought).days <= lead
            days += lead
        points.append((Fraction(kept, len(orders)), Fraction(days, len(orders))))
    first = {}
    for kept_share, mean in points:
        first.setdefault(kept_share, mean)
    known = sorted(first.items())
    for (low, low_days), (high, high_days) in pairwise(known):
        if low <= share <= high:
            return low_days + (high_days - low_days) * (share - low) / (high - low)
    return None
