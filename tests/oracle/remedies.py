"""What a term pays, read by hand: the remedy of one unit, and the caps that cut a step; contracts.md, "Readings"."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.facts import Line, Price
from tests.oracle.money import UnusableError, half_up, to_minor, to_whole_minor

Cap = Mapping[str, Any]
SCOPES = ("unit", "line", "order", "buyer")
PERIODS = ("month", "year", None)


@dataclass
class Step:
    """One price that moved the marks of `quantity` units of a line at one moment; `amount` is what is left to pay."""

    line: Line
    at: datetime
    price: Price
    quantity: int
    amount: int

    @property
    def order(self) -> tuple[datetime, str, int, str]:
        """Give the place of the step among all: what arrives first takes first."""
        return self.at, self.line.line_id, self.price.price_minor, self.price.price_id


@dataclass(frozen=True)
class Remedy:
    """The `remedy.amount` of a term, as written."""

    spec: Mapping[str, Any]

    def amount(self, *, basis: int, price: int, currency: str) -> int:
        """Give what one unit is owed in all at one price: exact, half-up once, then the floor; 0 without a drop."""
        if price >= basis:
            return 0
        times = Fraction(self.spec.get("times", "1"))
        plus = Fraction(self.spec.get("plus_percent", "0")) * Fraction(1, 100)
        amount = half_up((basis - price) * times + price * plus)
        floor = to_whole_minor(self.spec.get("floor", "0"), currency=currency)
        return max(amount, floor) if amount > 0 else 0

    def is_worth_paying(self, amount: int, *, currency: str) -> bool:
        """Tell whether what would be paid to a line now is something, and not below `min_payout`."""
        return amount > 0 and amount >= to_minor(self.spec.get("min_payout", "0"), currency=currency)

    def caps(self, scope: str) -> list[Cap]:
        """List the caps of one scope; the narrower period first."""
        caps: list[Cap] = self.spec.get("caps") or []
        for cap in caps:
            if cap["scope"] not in SCOPES or cap.get("period") not in PERIODS:
                message = f"cap {dict(cap)!r}: expected a scope of {SCOPES} and a period of {PERIODS}"
                raise UnusableError(message)
        return sorted((cap for cap in caps if cap["scope"] == scope), key=lambda cap: PERIODS.index(cap.get("period")))


def limit_of(cap: Cap, *, basis: int | None, currency: str) -> int:
    """Give a cap in minor units; `basis` is what its scope has paid, None where a scope has none."""
    share = "100" if cap.get("amount") == "basis" else cap.get("percent_of_basis")
    if share is None:
        return to_whole_minor(cap["amount"], currency=currency)
    if basis is None:
        message = f"cap {dict(cap)!r}: expected an amount"
        raise UnusableError(message)
    return half_up(basis * Fraction(share) * Fraction(1, 100))


@dataclass
class Rooms:
    """How much each cap has let through so far, by cap and by what it caps (a unit, a line, an order, a buyer)."""

    used: dict[tuple[Any, ...], int] = field(default_factory=lambda: defaultdict(int))

    def copied(self) -> "Rooms":
        """Give rooms of their own with the same use."""
        return Rooms(defaultdict(int, self.used))

    def let_through(self, amount: int, *, limit: int, key: tuple[Any, ...]) -> int:
        """Let an amount through as far as there is room under the limit; the rest of it is forfeited."""
        passed = min(amount, limit - self.used[key])
        self.used[key] += passed
        return passed


def cap_unit(remedy: Remedy, *, rooms: Rooms, amount: int, line: Line, unit: int) -> int:
    """Cut what one unit is to get by the caps of the unit."""
    for index, cap in enumerate(remedy.caps("unit")):
        limit = limit_of(cap, basis=line.units[unit].basis, currency=line.currency)
        amount = rooms.let_through(amount, limit=limit, key=("unit", index, unit))
    return amount


def cap_line(remedy: Remedy, *, rooms: Rooms, amount: int, line: Line) -> int:
    """Cut what one line is to get by the caps of the line."""
    for index, cap in enumerate(remedy.caps("line")):
        limit = limit_of(cap, basis=line.basis_minor, currency=line.currency)
        amount = rooms.let_through(amount, limit=limit, key=("line", index))
    return amount


def cap_orders_and_buyers(steps: list[Step], *, remedy: Remedy, zone: ZoneInfo) -> None:
    """Cut the steps of all lines by the caps that lines share, one cap after the other, narrowest first.

    Each cap sees what the narrower ones let through. A line without a buyer_id is under no buyer's cap.
    """
    for cap in remedy.caps("order") + remedy.caps("buyer"):
        rooms = Rooms()
        for step in sorted(steps, key=lambda step: step.order):
            who = step.line.order_id if cap["scope"] == "order" else step.line.buyer_id
            if who is None:
                continue
            limit = limit_of(cap, basis=None, currency=step.line.currency)
            key = (who, step.line.currency, period_of(step.at, period=cap.get("period"), zone=zone))
            step.amount = rooms.let_through(step.amount, limit=limit, key=key)
    drop_what_is_too_little(steps, remedy=remedy)


def drop_what_is_too_little(steps: list[Step], *, remedy: Remedy) -> None:
    """Pay nothing to a line at a moment at which the shared caps leave it less than `min_payout`."""
    left: dict[tuple[str, datetime], int] = defaultdict(int)
    for step in steps:
        left[step.line.line_id, step.at] += step.amount
    for step in steps:
        if not remedy.is_worth_paying(left[step.line.line_id, step.at], currency=step.line.currency):
            step.amount = 0


def period_of(at: datetime, *, period: str | None, zone: ZoneInfo) -> tuple[int, ...]:
    """Name the local calendar month or year of a moment; nothing where a cap has no period."""
    local = at.astimezone(zone)
    return {"month": (local.year, local.month), "year": (local.year,), None: ()}[period]
