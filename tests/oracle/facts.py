"""What accepted rows say: lines with their units, and prices with their series, as they stood at `as_of`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from tests.oracle.conditions import Facts, Value
from tests.oracle.moments import Anchors, read_stamp
from tests.oracle.money import split_by_largest_remainder, to_whole_minor
from tests.oracle.rows import ATTRIBUTES, FLAGS, HAPPENINGS, File, Reading, Row, items

DEFAULTS: dict[str, dict[str, Value]] = {
    "orders": {"gift": False},
    "prices": {"kind": "list", "min_quantity": 1, "in_stock": True},
}
"""What a contract column says where the column, or its field, is absent."""


@dataclass(frozen=True)
class Unit:
    """One piece of a line: its share of what was paid, in minor units, and its own two moments."""

    basis: int
    delivered: datetime | None
    returned: datetime | None


@dataclass(frozen=True)
class Line:
    """An accepted order row, as known at `as_of`: what had not happened by then is None.

    `basis_minor` is what its units share: what was paid, less what the term takes off. `gift_minor` is what the gifts
    that came with it are worth.
    """

    line_id: str
    order_id: str
    buyer_id: str | None
    sku: str
    quantity: int
    paid_minor: int
    basis_minor: int
    gift_minor: int
    currency: str
    happened: Anchors
    units: tuple[Unit, ...]
    facts: Facts

    def anchors_of(self, unit: Unit) -> Anchors:
        """Give the moments of the line with the unit's own delivery and return."""
        return {**self.happened, "delivered": unit.delivered, "returned": unit.returned}


@dataclass(frozen=True)
class Allocation:
    """What a term takes off what was paid: tenders of some kinds, and what gifts are worth where they are netted."""

    discounts: Sequence[str]
    gifts: str

    def basis(self, row: Row, *, paid_minor: int, gift_minor: int) -> int:
        """Give what the units of a row share, never below 0."""
        currency = row["currency"] or ""
        tenders = [item["amount"] for item in items(row, "tenders") if item["kind"] in self.discounts]
        basis = max(paid_minor - sum(to_whole_minor(amount, currency=currency) for amount in tenders), 0)
        return max(basis - gift_minor, 0) if self.gifts == "netted" else basis


@dataclass(frozen=True)
class Price:
    """An accepted price row; `row` is its 1-based data row, `series` the key of the stream it belongs to.

    `gift_minor` is what the gift sold with it is worth, None where the term does not ask.
    """

    row: int
    price_id: str
    sku: str
    currency: str
    price_minor: int
    at: datetime
    until: datetime | None
    series: tuple[Value, ...]
    gift_minor: int | None
    facts: Facts


def read_facts(row: Row, *, kinds: Mapping[str, str], defaults: Mapping[str, Value]) -> dict[str, Value]:
    """Give every field its value by the kind of its column, and the defaults where there is none."""
    readers: dict[str, Callable[[str], Value]] = {
        "integer": int,
        "boolean": lambda text: FLAGS[text.lower()],
        "text": str,
    }
    facts: dict[str, Value] = {name: None if text is None else readers[kinds[name]](text) for name, text in row.items()}
    return {**facts, **{name: value for name, value in defaults.items() if facts.get(name) is None}}


def read_line(row: Row, *, file: File, zone: ZoneInfo, as_of: datetime, allocation: Allocation) -> Line:
    """Read an accepted order row as it stood at `as_of`."""
    reading = Reading(zone=zone, columns=file.columns, taken=set())

    def by_as_of(moment: datetime | None) -> datetime | None:
        return moment if moment is not None and moment <= as_of else None

    stamps = {name: reading.moment(row.get(f"{name}_at")) for name in HAPPENINGS}
    stamps["paid"] = stamps["paid"] or stamps["placed"]
    quantity, currency = int(row["quantity"] or 0), row["currency"] or ""
    paid_minor, gift_minor = minor_of(row, "paid"), gift_of(row)
    basis_minor = allocation.basis(row, paid_minor=paid_minor, gift_minor=gift_minor)
    delivered = deal_out(row, "deliveries", reading=reading, rest=stamps["delivered"])
    returned = deal_out(row, "returns", reading=reading, rest=None)
    if not items(row, "returns") and stamps["returned"] is not None:
        came_back = int(row.get("returned_quantity") or quantity)
        returned = [stamps["returned"]] * came_back + [None] * (quantity - came_back)
    shares = split_by_largest_remainder(basis_minor, weights=[1] * quantity)
    moments = zip(map(by_as_of, delivered), map(by_as_of, returned), strict=True)
    return Line(
        line_id=row["line_id"] or "",
        order_id=row["order_id"] or "",
        buyer_id=row.get("buyer_id"),
        sku=row["sku"] or "",
        quantity=quantity,
        paid_minor=paid_minor,
        basis_minor=basis_minor,
        gift_minor=gift_minor,
        currency=currency,
        happened={name: by_as_of(stamp) for name, stamp in stamps.items()},
        units=tuple(Unit(share, *pair) for share, pair in zip(shares, moments, strict=True)),
        facts=read_facts(row, kinds=file.kinds, defaults=DEFAULTS["orders"]),
    )


def deal_out(row: Row, name: str, *, reading: Reading, rest: datetime | None) -> list[datetime | None]:
    """Give each unit, larger shares first, the moment of the JSON item that takes it, in time order; else the rest."""
    quantity = int(row["quantity"] or 0)
    dated = sorted((reading.moment(item["at"]), item["quantity"]) for item in items(row, name))
    moments = [at for at, count in dated for _ in range(count)]
    return [*moments, *[rest] * (quantity - len(moments))]


def minor_of(row: Row, name: str) -> int:
    """Give an amount in minor units from whichever of its two columns is filled."""
    minor, decimal = row.get(f"{name}_minor"), row.get(name)
    return int(minor) if minor is not None else to_whole_minor(decimal or "", currency=row["currency"] or "")


def gift_of(row: Row) -> int:
    """Give what the gifts of a row are worth, 0 where it names none."""
    return to_whole_minor(row.get("gift_value") or "0", currency=row["currency"] or "")


def read_price(number: int, row: Row, *, file: File, zone: ZoneInfo, allocation: Allocation) -> Price:
    """Read an accepted price row; one without a price_id is named by its number.

    Where gifts are strict, the same goods with another gift are sold in a series of their own.
    """
    facts = read_facts(row, kinds=file.kinds, defaults=DEFAULTS["prices"])
    sku, currency = row["sku"] or "", row["currency"] or ""
    open_to = [facts.get(name) for name in ATTRIBUTES]
    until = row.get("until")
    gift = gift_of(row) if allocation.gifts == "strict" else None
    at = read_stamp(row["at"] or "", zone=zone)
    assert at is not None
    return Price(
        row=number,
        price_id=row.get("price_id") or f"row:{number}",
        sku=sku,
        currency=currency,
        price_minor=minor_of(row, "price"),
        at=at,
        until=None if until is None else read_stamp(until, zone=zone),
        series=(sku, *open_to, facts["kind"], facts["min_quantity"], currency, gift),
        gift_minor=gift,
        facts=facts,
    )
