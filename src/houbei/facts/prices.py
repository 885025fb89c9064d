"""Price observations: raw rows become columns of facts, each row accepted or rejected with a reason."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from houbei.columns import MISSING, Column, Flag, Text, Whole, join_columns, join_texts
from houbei.errors import InputError
from houbei.facts.arrow import whole_array
from houbei.facts.dictionary import Dictionaries
from houbei.facts.moments import read_moments
from houbei.facts.orders import ATTRIBUTES, Reading
from houbei.facts.raw import (
    QUANTITY_MAX,
    encode,
    is_missing,
    plain_text,
    read_amount,
    read_currencies,
    read_either,
    read_flag,
    read_other,
    read_whole,
)
from houbei.facts.rejected import Findings, Rejection
from houbei.facts.texts import BAD, GOOD, OUT_OF_RANGE

REQUIRED = ("sku", "at", "currency")
LIST = "list"
"""The kind of a price where the file has no kind."""
TEXTS = ("sku", "currency", "kind", *ATTRIBUTES)
KNOWN = frozenset(
    (*REQUIRED, *TEXTS, "price", "price_minor", "price_id", "until", "min_quantity", "in_stock", "gift_value")
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prices:
    """A batch of price rows, one entry a row of the file, rejected rows included (look at `findings`).

    Amounts are minor units a unit of goods, moments microseconds UTC; `until` is `MISSING` where the price is open-ended.
    `in_stock` is 1 or 0. `price_id` is None where the file names none.
    """

    first_row: int
    findings: Findings
    exists: NDArray[np.bool_]
    price_id: pa.Array | None
    price_minor: NDArray[np.int64]
    at: NDArray[np.int64]
    until: NDArray[np.int64]
    min_quantity: NDArray[np.int64]
    in_stock: NDArray[np.int8]
    gift_minor: NDArray[np.int64] | None
    texts: Mapping[str, Text]
    others: Mapping[str, Column]

    def __len__(self) -> int:
        return len(self.price_minor)

    @property
    def live(self) -> NDArray[np.bool_]:
        """Which rows are prices: accepted and observed by `as_of`."""
        return self.findings.accepted & self.exists


def price_columns_wanted(present: Collection[str], reading: Reading) -> list[str]:
    """Name the columns of a price file that must be read.

    Raises:
        InputError: a required column, or one that a condition names, is absent.
    """
    missing = [name for name in REQUIRED if name not in present]
    if "price" not in present and "price_minor" not in present:
        missing.append("price (or price_minor)")
    if missing:
        raise InputError(
            came=f"no column {', '.join(missing)}",
            where="prices",
            expected="the columns sku, at, price or price_minor, currency",
            todo="Add or rename the columns.",
        )
    absent = sorted(reading.named - {"kind", "min_quantity", "in_stock"} - set(present))
    if absent:
        raise InputError(
            came=f"no column {', '.join(absent)}",
            where="prices",
            expected="every column that compare.prices.where names",
            todo="Add the column to the prices, or take it out of the terms.",
        )
    return [name for name in present if name in KNOWN or name in reading.named]


def read_prices(
    table: pa.Table, *, first_row: int, reading: Reading, dictionaries: Dictionaries, broken: Collection[int] = ()
) -> Prices:
    """Read a batch of price rows; arguments, errors and cost as `orders.read_lines`."""
    rows = len(table)
    findings = Findings.of(rows, broken)
    raw = {name: table.column(name).combine_chunks() for name in table.column_names}
    for name in REQUIRED:
        findings.note(is_missing(raw[name]), Rejection.MISSING_VALUE)
    texts = {name: encode(raw[name], dictionaries[name], where=f"prices.{name}") for name in TEXTS if name in raw}
    texts["kind"] = _with_list(texts.get("kind"), rows, dictionaries)
    exponents, unknown = read_currencies(texts["currency"])
    minimum, stock = _read_tiers(raw, rows, findings)
    findings.note(unknown, Rejection.BAD_CURRENCY)
    price_minor = _read_price(raw, exponents, findings)
    at, bad = read_moments(raw["at"], zone=reading.zone, where="prices.at")
    findings.note(bad, Rejection.BAD_TIME)
    until = np.full(rows, MISSING)
    if "until" in raw:
        until, bad = read_moments(raw["until"], zone=reading.zone, where="prices.until")
        findings.note(bad, Rejection.BAD_TIME)
    gift = None
    if "gift_value" in raw:
        gift, states = read_amount(raw["gift_value"], exponents, where="prices.gift_value")
        findings.note(states == BAD, Rejection.BAD_MONEY)
    findings.forget(at > reading.as_of_us)
    others = {name: _read_named(raw, name, texts, minimum, stock, dictionaries) for name in sorted(reading.named)}
    return Prices(
        first_row=first_row,
        findings=findings,
        exists=at <= reading.as_of_us,
        price_id=plain_text(raw["price_id"], where="prices.price_id") if "price_id" in raw else None,
        price_minor=price_minor,
        at=at,
        until=until,
        min_quantity=minimum,
        in_stock=stock,
        gift_minor=gift,
        texts=texts,
        others=others,
    )


def joined(pieces: Sequence[Prices]) -> Prices:
    """Put batches of one file together, in the order given."""
    if len(pieces) == 1:
        return pieces[0]
    first = pieces[0]

    def column(name: str) -> NDArray[Any]:
        return np.concatenate([getattr(piece, name) for piece in pieces])

    return Prices(
        first_row=first.first_row,
        findings=Findings(np.concatenate([piece.findings.codes for piece in pieces])),
        exists=column("exists"),
        price_id=None if first.price_id is None else pa.concat_arrays([piece.price_id for piece in pieces]),
        price_minor=column("price_minor"),
        at=column("at"),
        until=column("until"),
        min_quantity=column("min_quantity"),
        in_stock=column("in_stock"),
        gift_minor=None if first.gift_minor is None else column("gift_minor"),
        texts={name: join_texts([piece.texts[name] for piece in pieces]) for name in first.texts},
        others={name: join_columns([piece.others[name] for piece in pieces]) for name in first.others},
    )


def _with_list(kind: Text | None, rows: int, dictionaries: Dictionaries) -> Text:
    """The kind of each price: `list` where none is given."""
    values = dictionaries["kind"]
    listed = np.int32(values.code_of(LIST))
    codes = np.full(rows, listed, dtype=np.int32) if kind is None else np.where(kind.codes < 0, listed, kind.codes)
    return Text(codes, values.values)


def _read_price(raw: Mapping[str, pa.Array], exponents: NDArray[np.int8], findings: Findings) -> NDArray[np.int64]:
    return read_either(raw, "price", exponents, findings, file="prices")


def _read_tiers(
    raw: Mapping[str, pa.Array], rows: int, findings: Findings
) -> tuple[NDArray[np.int64], NDArray[np.int8]]:
    """The least quantity a price is for (1 where none is given), and whether it was in stock."""
    minimum = np.ones(rows, dtype=np.int64)
    stock = np.ones(rows, dtype=np.int8)
    if "min_quantity" in raw:
        values, states = read_whole(raw["min_quantity"], where="prices.min_quantity", limit=QUANTITY_MAX)
        findings.note(states == BAD, Rejection.BAD_NUMBER)
        findings.note((states == OUT_OF_RANGE) | ((states == GOOD) & (values < 1)), Rejection.BAD_QUANTITY)
        minimum = np.where(states == GOOD, values, 1)
    if "in_stock" in raw:
        flags, states = read_flag(raw["in_stock"], where="prices.in_stock")
        findings.note(states == BAD, Rejection.BAD_FLAG)
        stock = np.where((states == GOOD) & ~flags, np.int8(0), np.int8(1))
    return minimum, stock


def _read_named(
    raw: Mapping[str, pa.Array],
    name: str,
    texts: Mapping[str, Text],
    minimum: NDArray[np.int64],
    stock: NDArray[np.int8],
    dictionaries: Dictionaries,
) -> Column:
    if name in texts:
        return texts[name]
    if name == "min_quantity":
        return Whole(minimum)
    if name == "in_stock":
        return Flag(stock == 1)
    return read_other(raw[name], dictionaries[name], where=f"prices.{name}")


def price_ids(prices: Prices) -> pa.Array:
    """The id of each price row as text: its own, or `row:N` with N the 1-based data row."""
    own = prices.price_id
    if own is not None and not own.null_count:
        return own.cast(pa.string())
    numbers = whole_array(np.arange(prices.first_row, prices.first_row + len(prices)))
    numbered = pc.binary_join_element_wise("row:", numbers.cast(pa.string()), "")
    return numbered if own is None else pc.if_else(own.is_valid(), own.cast(pa.string()), numbered)
