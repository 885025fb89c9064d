"""Between the columns of files and the rows of the store, for order lines and prices; nothing is decided here.

A row keeps what the contract names in columns of its own where nearly every row has it, and all else in `more`, a JSON object whose
values have the type that their column has in the file.
"""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from houbei.columns import MISSING
from houbei.facts.arrow import whole_array
from houbei.facts.happened import at_key, is_moment
from houbei.facts.orders import ATTRIBUTES, MOMENTS, Lines
from houbei.facts.prices import Prices, price_ids
from houbei.facts.raw import plain_text
from houbei.store.schema import SERIES_TEXTS

Row = tuple[Any, ...]
_DECODER = msgspec.json.Decoder(dict[str, Any])
_ENCODER = msgspec.json.Encoder()
_NOTHING: Mapping[str, Any] = MappingProxyType({})
_MOMENT = pa.timestamp("us", tz="UTC")

LINE_TEXTS = ("buyer_id", *ATTRIBUTES, "category")
"""Texts of a line with a column of their own, where the line has them."""
RETURNED = "returned_quantity"
_LINE_OWN = {
    *("order_id", "line_id", "sku", "quantity", "paid", "paid_minor", "currency", *LINE_TEXTS),
    *(f"{name}_at" for name in MOMENTS),
}
_PRICE_OWN = {"price_id", "sku", "at", "until", "price", "price_minor", "currency", "min_quantity", *SERIES_TEXTS}


def rows_of_lines(table: pa.Table, lines: Lines, *, source: str, known_us: int) -> list[Row]:
    """Give the accepted lines of a batch as rows of the store.

    Args:
        table: Every column of the file.
        lines: The same rows, read in the order of the file.
        source: Who told of them.
        known_us: When.
    """
    kept = np.flatnonzero(lines.live)
    table = _taken(table, kept)
    more = {
        at_key(name): _known_moments(lines.moments[name][kept])
        for name in MOMENTS[1:]
        if f"{name}_at" in table.column_names
    }
    more |= {name: _values(table, name) for name in table.column_names if name not in _LINE_OWN}
    if RETURNED in more:  # a number, however the file writes it: it becomes the quantity of an event
        more[RETURNED] = [units or None for units in lines.returned_quantity[kept].tolist()]
    columns = (
        *(_texts(table, name) for name in ("line_id", "order_id", "sku")),
        lines.quantity[kept].tolist(),
        lines.paid_minor[kept].tolist(),
        _texts(table, "currency"),
        lines.moments["placed"][kept].tolist(),
        *(_texts(table, name) for name in LINE_TEXTS),
        _objects(more, len(kept)),
    )
    return [(source, *row, known_us) for row in zip(*columns, strict=True)]


def rows_of_prices(table: pa.Table, prices: Prices, *, source: str, known_us: int) -> tuple[list[Row], list[Row]]:
    """Give the accepted prices of a batch as rows of the store; arguments as for lines.

    Returns:
        The series of each price, in the order of `series`' columns, and each price with None for the number of its series.
    """
    kept = np.flatnonzero(prices.live)
    ids = price_ids(prices).take(whole_array(kept)).to_pylist()
    table = _taken(table, kept)
    more = {name: _values(table, name) for name in table.column_names if name not in _PRICE_OWN}
    tiers: list[Any] = [None] * len(kept)
    if "min_quantity" in table.column_names:
        tiers = prices.min_quantity[kept].tolist()
    closed_by = list(
        zip(_texts(table, "currency"), tiers, *(_texts(table, name) for name in SERIES_TEXTS), strict=True)
    )
    keys = {one: _ENCODER.encode(one).decode() for one in set(closed_by)}
    series = [(sku, keys[one], *one) for sku, one in zip(_texts(table, "sku"), closed_by, strict=True)]
    columns = (
        ids,
        (kept + prices.first_row).tolist(),
        [None] * len(kept),
        prices.at[kept].tolist(),
        _known_moments(prices.until[kept]),
        prices.price_minor[kept].tolist(),
        _objects(more, len(kept)),
    )
    return series, [(source, *row, known_us) for row in zip(*columns, strict=True)]


def lines_table(
    columns: Mapping[str, Sequence[Any]], more: Sequence[Mapping[str, Any]], named: Iterable[str]
) -> pa.Table:
    """Give lines of the store as the columns of a file.

    Args:
        columns: The store's own by name.
        more: The decoded further columns of each line, as they stand now.
        named: Columns that must be there even where no line has them: they are null then.
    """
    table = {
        "line_id": pa.array(columns["line_id"], pa.string()),
        "sku": pa.array(columns["sku"], pa.string()),
        "quantity": pa.array(columns["quantity"], pa.int64()),
        "paid_minor": pa.array(columns["paid_minor"], pa.int64()),
        "currency": pa.array(columns["currency"], pa.string()),
        "placed_at": pa.array(columns["placed_us"], _MOMENT),
    }
    for name in ("order_id", *LINE_TEXTS):
        if name in columns and _any_known(columns[name]):
            table[name] = pa.array(columns[name], pa.string())
    return _with_more(table, more, named)


def prices_table(columns: Mapping[str, Sequence[Any]], named: Iterable[str]) -> pa.Table:
    """Give prices of the store as the columns of a file; `columns` holds the store's own by name."""
    table = {
        "price_id": pa.array(columns["price_id"], pa.string()),
        "sku": pa.array(columns["sku"], pa.string()),
        "at": pa.array(columns["at_us"], _MOMENT),
        "price_minor": pa.array(columns["price_minor"], pa.int64()),
        "currency": pa.array(columns["currency"], pa.string()),
    }
    if _any_known(columns["until_us"]):
        table["until"] = pa.array(columns["until_us"], _MOMENT)
    for name, kind in (*((name, pa.string()) for name in SERIES_TEXTS), ("min_quantity", pa.int64())):
        if _any_known(columns[name]):
            table[name] = pa.array(columns[name], kind)
    return _with_more(table, [decoded(text) for text in columns["more"]], named)


def decoded(text: str | None) -> Mapping[str, Any]:
    """Read the further columns of a row."""
    if text is None:
        return _NOTHING
    further: dict[str, Any] = _DECODER.decode(text)
    return further


def encoded(more: Mapping[str, Any]) -> str | None:
    """Write the further columns of a row; None where there are none."""
    return _ENCODER.encode(more).decode() if more else None


def _with_more(table: dict[str, pa.Array], more: Sequence[Mapping[str, Any]], named: Iterable[str]) -> pa.Table:
    names = {name for one in more if one for name in one}
    for name in sorted(names):
        values = [one.get(name) for one in more]
        if is_moment(name):
            table[f"{name[1:]}_at"] = pa.array(values, _MOMENT)
        else:
            table[name] = pa.array(values)
    rows = len(more)
    for name in named:
        if name not in table:
            table[name] = pa.nulls(rows, pa.string())
    return pa.table(table)


def _any_known(values: Sequence[Any]) -> bool:
    return values.count(None) < len(values)


def _taken(table: pa.Table, kept: NDArray[np.int64]) -> pa.Table:
    return table if len(kept) == len(table) else table.take(whole_array(kept))


def _known_moments(moments: NDArray[np.int64]) -> list[int | None]:
    return [None if us == MISSING else us for us in moments.tolist()]


def _texts(table: pa.Table, name: str) -> list[str | None]:
    if name not in table.column_names:
        return [None] * len(table)
    texts: list[str | None] = plain_text(table.column(name).combine_chunks(), where=name).to_pylist()
    return texts


def _values(table: pa.Table, name: str) -> list[Any]:
    column = table.column(name)
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if not (pa.types.is_integer(kind) or pa.types.is_boolean(kind) or pa.types.is_string(kind)):
        column = column.cast(pa.string())
    values: list[Any] = column.to_pylist()
    return values


def _objects(columns: Mapping[str, Sequence[Any]], rows: int) -> list[str | None]:
    if not columns:
        return [None] * rows
    names = list(columns)
    return [
        encoded({name: value for name, value in zip(names, row, strict=True) if value is not None})
        for row in zip(*columns.values(), strict=True)
    ]
