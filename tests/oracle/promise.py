"""A terms document and the facts it is applied to, read together as they stood at `as_of`."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.conditions import Condition, read_condition
from tests.oracle.facts import DEFAULTS, Allocation, Line, Price, read_line, read_price
from tests.oracle.moments import Piece, is_exact, read_stamp, read_zone
from tests.oracle.money import UnusableError
from tests.oracle.remedies import Remedy
from tests.oracle.rows import File, Reading, Rows, order_moments, read_file


@dataclass(frozen=True)
class Term:
    """A terms document and the parts of it that are asked for often."""

    document: Mapping[str, Any]
    zone: ZoneInfo
    scope: Condition | None
    eligible: Condition | None
    remedy: Remedy

    def at(self, *path: str, default: Any = None) -> Any:
        """Look up a value by its path of keys."""
        found: Any = self.document
        for key in path:
            found = (found or {}).get(key)
        return default if found is None else found

    @property
    def allocation(self) -> Allocation:
        """Give what the term takes off what was paid."""
        return Allocation(
            discounts=self.at("allocation", "discount_tenders", default=[]),
            gifts=self.at("allocation", "gifts", default="ignored"),
        )

    @property
    def roll(self) -> str:
        """Name the rule by which the last day of a window moves on."""
        roll: str = self.at("calendar", "roll", default="none")
        return roll

    @property
    def is_at_claim(self) -> bool:
        """Tell whether the term pays only who asks, at the price in force then."""
        against: str = self.at("compare", "against", default="window_min")
        if against not in {"window_min", "at_claim"}:
            message = f"compare.against {against!r}: expected window_min or at_claim"
            raise UnusableError(message)
        return against == "at_claim"

    def unasked(self) -> "Term":
        """Give the same term without rules of asking."""
        return replace(
            self, document={**self.document, "compare": {**self.at("compare", default={}), "against": "window_min"}}
        )

    def is_set(self, *path: str) -> bool:
        """Tell whether a flag is set; an absent one is not."""
        return str(self.at(*path, default="false")).lower() == "true"


@dataclass(frozen=True)
class Case:
    """A term and the facts it is applied to, as they stood at `as_of`."""

    term: Term
    lines: list[Line]
    prices: Mapping[str, list[Price]]
    rejected: list[tuple[str, int, str]]
    as_of: datetime
    pieces: dict[tuple[str, int], list[Piece]] = field(default_factory=dict)
    """What was found before, by line_id and unit."""

    def prices_of(self, line: Line) -> list[Price]:
        """List the prices of a line's SKU, in the order of their moments and then of the file."""
        return self.prices.get(line.sku, [])


def open_case(
    orders: Rows, prices: Rows, terms: Mapping[str, Any], *, as_of: str | None, window_days: int | None = None
) -> Case:
    """Read the terms and both files as they stood at `as_of`."""
    term = read_term(terms, window_days=window_days)
    until = None if as_of is None else read_stamp(as_of, zone=term.zone)
    if until is None and as_of is not None:
        message = f"as_of {as_of!r}: expected a date or a timestamp"
        raise UnusableError(message)
    order_file = read_file(orders, name="orders", zone=term.zone, as_of=until)
    price_file = read_file(prices, name="prices", zone=term.zone, as_of=until)
    require_columns(term.scope, file=order_file, name="orders")
    require_columns(term.eligible, file=price_file, name="prices")
    allocation = term.allocation
    observed = [
        read_price(number, row, file=price_file, zone=term.zone, allocation=allocation)
        for number, row in price_file.accepted
    ]
    moment = until or latest_fact(order_file, observed, zone=term.zone)
    return Case(
        term=term,
        lines=[
            read_line(row, file=order_file, zone=term.zone, as_of=moment, allocation=allocation)
            for _, row in order_file.accepted
        ],
        prices=by_sku(observed),
        rejected=[("orders", *row) for row in order_file.rejected] + [("prices", *row) for row in price_file.rejected],
        as_of=moment,
    )


def by_sku(observed: list[Price]) -> dict[str, list[Price]]:
    """Sort prices by SKU, then by moment; of two at one moment the later row of the file comes later."""
    found: dict[str, list[Price]] = defaultdict(list)
    for price in sorted(observed, key=lambda price: (price.at, price.row)):
        found[price.sku].append(price)
    return found


def read_term(document: Mapping[str, Any], *, window_days: int | None) -> Term:
    """Read a terms document, with another length of window if one is given; what is not known here is refused."""
    refused = {
        ("kind",): "price_protection",
        ("compare", "suspicious", "action"): "hold",
        ("remedy", "amount", "of"): "difference",
    }
    term = Term(document, read_zone(str(document.get("zone", "UTC"))), None, None, Remedy({}))
    for path, known in refused.items():
        if term.at(*path, default=known) != known:
            message = f"{'.'.join(path)} {term.at(*path)!r}: this reading knows {known!r} only"
            raise UnusableError(message)
    if window_days is not None:
        document = with_window(term, days=window_days)
    scope, eligible = term.at("scope", "where"), term.at("compare", "prices", "where")
    return Term(
        document=document,
        zone=term.zone,
        scope=None if scope is None else read_condition(scope),
        eligible=None if eligible is None else read_condition(eligible),
        remedy=Remedy(term.at("remedy", "amount", default={})),
    )


def with_window(term: Term, *, days: int) -> dict[str, Any]:
    """Replace the length of the window: exact where the term's is exact, else of the calendar."""
    length = term.at("window", "closes", "length")
    if length is None:
        message = "window.closes: a sweep needs a length"
        raise UnusableError(message)
    closes = {**term.at("window", "closes"), "length": f"PT{24 * days}H" if is_exact(length) else f"P{days}D"}
    return {**term.document, "window": {**term.at("window"), "closes": closes}}


def require_columns(condition: Condition | None, *, file: File, name: str) -> None:
    """Refuse a condition on a column that the file does not have and the contract gives no default."""
    absent = condition.columns - file.columns - DEFAULTS[name].keys() if condition and file.columns else frozenset()
    if absent:
        message = f"condition on {min(absent)!r}: {name} has no such column"
        raise UnusableError(message)


def latest_fact(order_file: File, observed: list[Price], *, zone: ZoneInfo) -> datetime:
    """Give the latest moment of all accepted rows; a price's own `until` is no fact."""
    reading = Reading(zone=zone, columns=order_file.columns, taken=set())
    moments = [moment for _, row in order_file.accepted for moment in order_moments(row, reading)]
    moments += [price.at for price in observed]
    if not moments:
        message = "as_of: the inputs have no moment"
        raise UnusableError(message)
    return max(moments)


def is_covered(line: Line, *, term: Term) -> bool | None:
    """Tell whether a line is in the term's scope, or None where a fact is missing to decide it."""
    in_scope = True if term.scope is None else term.scope.evaluate(line.facts)
    if in_scope is not True:
        return None if in_scope is None else False
    same = term.at("compare", "same", default=[])
    return None if any(line.facts.get(name) is None for name in same) else True
