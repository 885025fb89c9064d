"""Rows read by hand: which are accepted, which are rejected and why; contracts.md, "Files in" and "Readings".

A row is a mapping of column name to text, None where the field is empty. The checks of a row stand in tables below, in
the order in which they are asked; the first that fails names the row's code.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.moments import read_stamp
from tests.oracle.money import EXPONENTS, fits, is_decimal_text, to_whole_minor

Row = Mapping[str, str | None]
Rows = list[dict[str, str | None]]
ATTRIBUTES = ("seller", "region", "channel", "audience")
HAPPENINGS = ("placed", "paid", "shipped", "delivered", "installed", "cancelled", "returned", "claimed")
LISTED = ("deliveries", "returns")
INTEGER = re.compile(r"-?[0-9]+")
FLAGS = {"true": True, "false": False}

INTEGER_COLUMNS = frozenset({"quantity", "returned_quantity", "paid_minor", "price_minor", "min_quantity"})
TEXT_COLUMNS = frozenset(
    {"order_id", "line_id", "sku", "currency", "buyer_id", "category", "price_id", "kind", "paid", "price", "at"}
    | {"until", "tenders", "funders", "gift_value", *ATTRIBUTES, *LISTED, *(f"{name}_at" for name in HAPPENINGS)}
)


@dataclass(frozen=True)
class Reading:
    """What a row is read with: the term's zone, the columns of the file, and the lines accepted before it."""

    zone: ZoneInfo
    columns: frozenset[str]
    taken: set[str]

    def moment(self, text: str | None) -> datetime | None:
        """Read a stamp; an empty field is None."""
        return None if text is None else read_stamp(text, zone=self.zone)


def present(row: Row, *names: str) -> list[str]:
    """List the fields of these names that are not empty."""
    return [text for text in (row.get(name) for name in names) if text is not None]


def items(row: Row, name: str) -> list[dict[str, Any]]:
    """Read a JSON field that a check has already accepted; empty if the field is."""
    found: list[dict[str, Any]] = json.loads(row.get(name) or "[]")
    return found


def lacks(*groups: tuple[str, ...]) -> Callable[[Row, Reading], bool]:
    """Make the check that at least one column of each group is filled."""
    return lambda row, _: any(not present(row, *group) for group in groups)


def not_integer(*names: str) -> Callable[[Row, Reading], bool]:
    """Make the check that these fields are integers."""
    return lambda row, _: any(INTEGER.fullmatch(text) is None for text in present(row, *names))


def below(least: int, *names: str) -> Callable[[Row, Reading], bool]:
    """Make the check that these integers are at least so much."""
    return lambda row, _: any(int(text) < least for text in present(row, *names))


def bad_money(decimal: str, minor: str) -> Callable[[Row, Reading], bool]:
    """Make the check of an amount in either of its two columns; digits after the point need a known currency."""

    def is_bad(row: Row, _: Reading) -> bool:
        currency = row["currency"] or ""
        texts = present(row, decimal)
        unreadable = any(not is_decimal_text(text) for text in texts)
        too_fine = currency in EXPONENTS and any(not fits(text, currency=currency) for text in texts)
        return unreadable or too_fine or any(int(text) < 0 for text in present(row, minor))

    return is_bad


def bad_gift_value(row: Row, _: Reading) -> bool:
    """Tell whether what a gift is worth cannot be read as an amount in the currency of the row."""
    currency = row["currency"] or ""
    texts = present(row, "gift_value")
    return any(
        not is_decimal_text(text) or not fits(text, currency=currency) for text in texts if currency in EXPONENTS
    )


def bad_currency(row: Row, _: Reading) -> bool:
    """Tell whether the currency is unknown to ISO 4217."""
    return row["currency"] not in EXPONENTS


def bad_time(*names: str) -> Callable[[Row, Reading], bool]:
    """Make the check that these fields are timestamps."""
    return lambda row, reading: any(reading.moment(text) is None for text in present(row, *names))


def bad_flag(name: str) -> Callable[[Row, Reading], bool]:
    """Make the check that a field is true or false."""
    return lambda row, _: any(text.lower() not in FLAGS for text in present(row, name))


def bad_json(row: Row, reading: Reading) -> bool:
    """Tell whether a JSON field is not a list of objects, or a happening in it lacks its quantity or moment."""
    happenings = [is_list_of(text, lambda item: is_happening(item, reading)) for text in present(row, *LISTED)]
    shares = [is_list_of(text, lambda item: isinstance(item, dict)) for text in present(row, "tenders", "funders")]
    return not all(happenings + shares)


def is_list_of(text: str, fits_item: Callable[[Any], bool]) -> bool:
    """Tell whether a text is a JSON list of items that fit."""
    try:
        found = json.loads(text)
    except ValueError:
        return False
    return isinstance(found, list) and all(fits_item(item) for item in found)


def is_happening(item: Any, reading: Reading) -> bool:
    """Tell whether a JSON item says how many units and when."""
    if not isinstance(item, dict):
        return False
    quantity, at = item.get("quantity"), item.get("at")
    counted = type(quantity) is int and quantity > 0
    return counted and isinstance(at, str) and reading.moment(at) is not None


def duplicate_line(row: Row, reading: Reading) -> bool:
    """Tell whether an accepted row before this one has its line_id."""
    return row["line_id"] in reading.taken


def disagree(decimal: str, minor: str) -> Callable[[Row, Reading], bool]:
    """Make the check that the two columns of one amount agree where both are filled."""

    def differ(row: Row, _: Reading) -> bool:
        both = present(row, decimal) and present(row, minor)
        return bool(both) and to_whole_minor(row[decimal] or "", currency=row["currency"] or "") != int(row[minor] or 0)

    return differ


def returned_too_many(row: Row, _: Reading) -> bool:
    """Tell whether more came back than was bought."""
    listed: int = sum(item["quantity"] for item in items(row, "returns"))
    return max(listed, int(row.get("returned_quantity") or 0)) > int(row["quantity"] or 0)


def delivered_too_many(row: Row, _: Reading) -> bool:
    """Tell whether more arrived than was bought."""
    listed: int = sum(item["quantity"] for item in items(row, "deliveries"))
    return listed > int(row["quantity"] or 0)


def order_moments(row: Row, reading: Reading) -> list[datetime]:
    """List every moment of an order row, those inside its JSON too."""
    texts = present(row, *(f"{name}_at" for name in HAPPENINGS))
    texts += [item["at"] for name in LISTED for item in items(row, name)]
    return [moment for moment in map(reading.moment, texts) if moment is not None]


def impossible_order(row: Row, reading: Reading) -> bool:
    """Tell whether something happened to a line before it was placed."""
    placed = reading.moment(row["placed_at"])
    return placed is not None and any(moment < placed for moment in order_moments(row, reading))


def columns_differ(row: Row, reading: Reading) -> bool:
    """Tell whether a row has other fields than the file has columns."""
    return frozenset(row) != reading.columns


Checks = tuple[tuple[str, Callable[[Row, Reading], bool]], ...]
ORDER_CHECKS: Checks = (
    ("columns_differ", columns_differ),
    (
        "missing_value",
        lacks(
            ("order_id",), ("line_id",), ("sku",), ("quantity",), ("paid", "paid_minor"), ("currency",), ("placed_at",)
        ),
    ),
    ("bad_number", not_integer("quantity", "returned_quantity", "paid_minor")),
    (
        "bad_quantity",
        lambda row, reading: below(1, "quantity")(row, reading) or below(0, "returned_quantity")(row, reading),
    ),
    ("bad_money", bad_money("paid", "paid_minor")),
    ("bad_money", bad_gift_value),
    ("bad_currency", bad_currency),
    ("bad_time", bad_time(*(f"{name}_at" for name in HAPPENINGS))),
    ("bad_flag", bad_flag("gift")),
    ("bad_json", bad_json),
    ("duplicate_line", duplicate_line),
    ("paid_disagrees", disagree("paid", "paid_minor")),
    ("returned_too_many", returned_too_many),
    ("delivered_too_many", delivered_too_many),
    ("impossible_order", impossible_order),
)
PRICE_CHECKS: Checks = (
    ("columns_differ", columns_differ),
    ("missing_value", lacks(("sku",), ("at",), ("price", "price_minor"), ("currency",))),
    ("bad_number", not_integer("price_minor", "min_quantity")),
    ("bad_quantity", below(1, "min_quantity")),
    ("bad_money", bad_money("price", "price_minor")),
    ("bad_money", bad_gift_value),
    ("bad_currency", bad_currency),
    ("bad_time", bad_time("at", "until")),
    ("bad_flag", bad_flag("in_stock")),
    ("paid_disagrees", disagree("price", "price_minor")),
)


@dataclass(frozen=True)
class File:
    """One file after reading: its columns and their kinds, accepted rows by number, rejected numbers with codes."""

    columns: frozenset[str]
    kinds: Mapping[str, str]
    accepted: list[tuple[int, Row]]
    rejected: list[tuple[int, str]]


def read_file(rows: Rows, *, name: str, zone: ZoneInfo, as_of: datetime | None) -> File:
    """Accept or reject every row of one file; a row that begins after `as_of` does not exist.

    Args:
        rows: The rows in the order of the file; the columns are those that most rows have.
        name: `orders` or `prices`.
        zone: The term's.
        as_of: The moment up to which facts exist, or None for all.
    """
    checks, begins = (ORDER_CHECKS, "placed_at") if name == "orders" else (PRICE_CHECKS, "at")
    headers = Counter(frozenset(row) for row in rows).most_common(1)
    reading = Reading(zone=zone, columns=headers[0][0] if headers else frozenset(), taken=set())
    file = File(columns=reading.columns, kinds=find_kinds(rows, columns=reading.columns), accepted=[], rejected=[])
    for number, row in enumerate(rows, start=1):
        begun = reading.moment(row.get(begins))
        if as_of is not None and begun is not None and begun > as_of:
            continue
        code = next((code for code, is_wrong in checks if is_wrong(row, reading)), None)
        if code is not None:
            file.rejected.append((number, code))
            continue
        file.accepted.append((number, row))
        reading.taken.update(present(row, "line_id"))
    return file


def find_kinds(rows: Rows, *, columns: frozenset[str]) -> dict[str, str]:
    """Find the kind of each column: by the contract, else integer, boolean or text for the whole column."""
    kinds = {}
    for column in columns:
        texts = [text for row in rows for text in present(row, column)]
        kinds[column] = "text" if column in TEXT_COLUMNS or not texts else kind_of(column, texts)
    return kinds


def kind_of(column: str, texts: list[str]) -> str:
    """Name the kind of a column that is not text by the contract."""
    if column in INTEGER_COLUMNS or all(INTEGER.fullmatch(text) for text in texts):
        return "integer"
    is_flag = column in {"gift", "in_stock"} or all(text.lower() in FLAGS for text in texts)
    return "boolean" if is_flag else "text"
