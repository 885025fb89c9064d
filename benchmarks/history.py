"""Write an invented history of orders and prices, any size, the same for the same seed.

    python -m benchmarks.history OUT --lines 10000000 --prices 1000000

It is made to be hard on writing: four lines in ten are owed something, seven in ten when prices move often. Prices are
changes, a walk over a few price points; some SKUs never change; sales follow popularity; ids are text, as shops have them.
Every price is open to all, in one currency, and no two rows of one SKU share an instant.

Lines are written a row group at a time, in the order they were placed, so that 100 million need no more memory than one.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

Ints = NDArray[np.int64]

SECOND_US = 1_000_000
DAY_US = 86_400 * SECOND_US
STARTS_AT = 1_767_196_800 * SECOND_US
"""2025-12-31T16:00:00Z, midnight of New Year's Day in Shanghai."""
SPAN_DAYS = 120
LEVELS = 3
"""A SKU is sold at seven price points 4 percent apart: its usual price, three below it and three above."""
GROUP_ROWS = 1 << 20
MOMENT = pa.timestamp("us", tz="UTC")
CATEGORIES = ("fridge", "washer", "tv", "phone", "laptop", "oven", "fan", "kettle", "router", "camera")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What to write: how much of it, from which seed, and in which dress."""

    lines: int
    prices: int
    skus: int
    seed: int = 1
    dirty: bool = False
    text_amounts: bool = False
    csv: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceWalk:
    """Price changes by SKU, then moment. Row `starts[s]` is the first price of SKU s, in force before any sale."""

    sku: Ints
    at: Ints
    price_minor: Ints
    starts: Ints


def numbered(prefix: str, numbers: Ints, *, digits: int) -> pa.Array:
    """Write numbers as texts of one width, such as `P0000000042`, without a Python loop over rows."""
    head = prefix.encode()
    width = len(head) + digits
    cells = np.empty((len(numbers), width), dtype=np.uint8)
    cells[:, : len(head)] = np.frombuffer(head, dtype=np.uint8)
    rest = numbers.copy()
    for place in range(width - 1, len(head) - 1, -1):
        rest, digit = np.divmod(rest, 10)
        cells[:, place] = digit + ord("0")
    offsets = np.arange(len(numbers) + 1, dtype=np.int32) * width
    return pa.Array.from_buffers(
        pa.string(), len(numbers), [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(cells))]
    )


def sku_texts(skus: Ints) -> pa.Array:
    """Name SKUs so that the order of the names is not the order of the numbers."""
    return numbered("SKU", skus * 7_368_787 % 100_000_007, digits=9)


def decimal_texts(amounts_minor: Ints) -> pa.Array:
    """Write minor units as decimal text with two places."""
    halves = np.stack([amounts_minor, amounts_minor >> 63], axis=1)
    exact = pa.Array.from_buffers(
        pa.decimal128(18, 2), len(amounts_minor), [None, pa.py_buffer(np.ascontiguousarray(halves))]
    )
    return exact.cast(pa.string())


def walk_prices(shape: Shape) -> PriceWalk:
    """Draw the moments and amounts of every price change."""
    rng = np.random.default_rng([shape.seed, 0])
    changes = max(0, shape.prices - shape.skus)
    moving = rng.permutation(shape.skus)[: max(1, shape.skus * 6 // 7)]
    skus = np.concatenate([np.arange(shape.skus), rng.choice(moving, size=changes)])
    first = STARTS_AT - rng.integers(1, DAY_US, size=shape.skus)
    moments = np.concatenate([first, STARTS_AT + rng.integers(SPAN_DAYS * DAY_US, size=changes)])
    order = np.lexsort((moments, skus))
    skus, moments = skus[order], moments[order]
    starts = np.searchsorted(skus, np.arange(shape.skus + 1))
    while (same := (np.diff(skus) == 0) & (np.diff(moments) <= 0)).any():
        moments[1:][same] = moments[:-1][same] + 1
    price_minor = np.empty(len(skus), dtype=np.int64)
    usual = np.exp(rng.normal(8.5, 1.2, size=shape.skus)).clip(200, 2_000_000)
    level = rng.integers(-LEVELS, LEVELS + 1, size=shape.skus)
    for change in range(int(np.diff(starts).max())):
        rows = starts[:-1][np.diff(starts) > change] + change
        here = skus[rows]
        if change:
            step = rng.choice(np.array([-2, -1, 1, 2]), size=len(here))
            level[here] += np.where(np.abs(level[here] + step) <= LEVELS, step, -step)
        price_minor[rows] = (usual[here] * (1 + level[here] / 25)).round().astype(np.int64)
    return PriceWalk(sku=skus, at=moments, price_minor=price_minor, starts=starts)


def price_table(walk: PriceWalk, shape: Shape) -> pa.Table:
    """Lay the price changes out in the order they were made."""
    order = np.argsort(walk.at, kind="stable")
    columns: dict[str, pa.Array] = {
        "price_id": numbered("P", np.arange(1, len(order) + 1), digits=10),
        "sku": sku_texts(walk.sku[order]),
        "at": pa.array(walk.at[order], MOMENT),
        "currency": _same_text("CNY", len(order)),
    }
    price_minor = walk.price_minor[order]
    if shape.dirty:
        bad = _bad_rows(np.random.default_rng([shape.seed, 1]), len(order), kinds=3)
        columns["sku"] = pc.if_else(pa.array(bad == 1), None, columns["sku"])
        columns["currency"] = pc.if_else(pa.array(bad == 2), "yuan", columns["currency"])
        price_minor = np.where(bad == 3, -price_minor, price_minor)
    columns.update(_amounts("price", price_minor, shape))
    return pa.table(columns)


def line_groups(walk: PriceWalk, shape: Shape) -> Iterator[pa.Table]:
    """Draw the order lines, one row group after the other, each from its own stretch of time."""
    keys = _moment_of_sku(walk.sku, walk.at)
    for group, begins in enumerate(range(0, shape.lines, GROUP_ROWS)):
        rng = np.random.default_rng([shape.seed, 2, group])
        ends = min(begins + GROUP_ROWS, shape.lines)
        begins_at, ends_at = (STARTS_AT + SPAN_DAYS * DAY_US * row // shape.lines for row in (begins, ends))
        of_orders = np.sort(rng.integers(begins_at, ends_at, size=(ends - begins + 1) // 2))
        placed_at = np.repeat(of_orders, 2)[: ends - begins]
        sku = (shape.skus * rng.random(ends - begins) ** 2).astype(np.int64)
        in_force = np.searchsorted(keys, _moment_of_sku(sku, placed_at), side="right") - 1
        yield _lines(rng, np.arange(begins, ends), sku, placed_at, walk.price_minor[in_force], shape=shape)


def _moment_of_sku(sku: Ints, at: Ints) -> Ints:
    """Give one whole number that sorts by SKU, then moment; 44 bits hold half a year."""
    return (sku << 44) + (at - STARTS_AT + DAY_US)


def _lines(
    rng: np.random.Generator, numbers: Ints, sku: Ints, placed_at: Ints, list_minor: Ints, *, shape: Shape
) -> pa.Table:
    rows = len(numbers)
    quantity = rng.choice(np.array([1, 2, 3, 4, 6, 12]), size=rows, p=[0.85, 0.1, 0.03, 0.01, 0.005, 0.005])
    percent_off = np.where(rng.random(rows) < 0.2, rng.integers(1, 12, size=rows), 0)
    paid_minor = list_minor * quantity * (100 - percent_off) // 100
    delivered_at = placed_at + rng.integers(DAY_US, 6 * DAY_US, size=rows)
    unknown = rng.random(rows) < 0.02
    order = numbers // 2
    line = np.where(numbers % 2 == 0, order * 10 + 1, order * 10 + 2)
    columns: dict[str, pa.Array] = {
        "order_id": numbered("O", order, digits=10),
        "line_id": numbered("L", line, digits=11),
        "sku": sku_texts(sku),
        "quantity": pa.array(quantity),
        "currency": _same_text("CNY", rows),
        "placed_at": pa.array(placed_at, MOMENT),
        "delivered_at": pa.array(delivered_at, MOMENT, mask=unknown),
        "category": _chosen(rng, CATEGORIES, rows),
        "seller": _chosen(rng, ("self", "self", "self", "market"), rows),
    }
    if shape.dirty:
        _add_returns(rng, columns, quantity, delivered_at, known=~unknown)
        paid_minor = _spoil(rng, columns, paid_minor)
    columns.update(_amounts("paid", paid_minor, shape))
    return pa.table(columns)


def _add_returns(
    rng: np.random.Generator,
    columns: dict[str, pa.Array],
    quantity: Ints,
    delivered_at: Ints,
    *,
    known: NDArray[np.bool_],
) -> None:
    """Send back some or all units of one delivered line in twenty."""
    rows = len(quantity)
    kept = (rng.random(rows) >= 0.05) | ~known
    back_at = delivered_at + rng.integers(1, 20 * DAY_US, size=rows)
    columns["returned_at"] = pa.array(back_at, MOMENT, mask=kept)
    columns["returned_quantity"] = pa.array(rng.integers(1, quantity + 1), mask=kept)


def _spoil(rng: np.random.Generator, columns: dict[str, pa.Array], paid_minor: Ints) -> Ints:
    """Spoil one line in a thousand, each in one of six ways; the amounts come back as they should be written."""
    bad = _bad_rows(rng, len(paid_minor), kinds=6)
    columns["quantity"] = pc.if_else(pa.array(bad == 1), 0, columns["quantity"])
    columns["sku"] = pc.if_else(pa.array(bad == 2), None, columns["sku"])
    columns["currency"] = pc.if_else(pa.array(bad == 3), "yuan", columns["currency"])
    bad[bad == 4] *= np.roll(bad, 1)[bad == 4] == 0
    bad[0] = 0
    repeated = np.arange(len(bad)) - (bad == 4)
    columns["line_id"] = columns["line_id"].take(pa.array(repeated))
    placed = columns["placed_at"].cast(pa.int64())
    before = pc.subtract(placed, DAY_US).cast(MOMENT)
    columns["delivered_at"] = pc.if_else(pa.array(bad == 5), before, columns["delivered_at"])
    return np.where(bad == 6, -paid_minor - 1, paid_minor)


def _bad_rows(rng: np.random.Generator, rows: int, *, kinds: int) -> Ints:
    return np.where(rng.random(rows) < 0.001, rng.integers(1, kinds + 1, size=rows), 0)


def _amounts(name: str, amounts_minor: Ints, shape: Shape) -> dict[str, pa.Array]:
    if shape.text_amounts:
        return {name: decimal_texts(amounts_minor)}
    return {f"{name}_minor": pa.array(amounts_minor)}


def _chosen(rng: np.random.Generator, texts: tuple[str, ...], rows: int) -> pa.Array:
    return pa.array(texts).take(pa.array(rng.integers(len(texts), size=rows)))


def _same_text(text: str, rows: int) -> pa.Array:
    return pa.repeat(pa.scalar(text), rows)


def _as_csv(table: pa.Table) -> pa.Table:
    for place, field in enumerate(table.schema):
        if field.type == MOMENT:
            texts = pc.strftime(table.column(place), format="%Y-%m-%dT%H:%M:%SZ")
            table = table.set_column(place, field.name, texts)
    return table


def write_history(folder: Path, *, shape: Shape) -> tuple[Path, Path]:
    """Write the history.

    Args:
        folder: Where to; made if missing.
        shape: What to write.

    Returns:
        The files of the orders and of the prices.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ending = "csv" if shape.csv else "parquet"
    orders, prices = folder / f"orders.{ending}", folder / f"prices.{ending}"
    walk = walk_prices(shape)
    price_rows = price_table(walk, shape)
    if shape.csv:
        pa.csv.write_csv(_as_csv(price_rows), prices)
    else:
        pq.write_table(price_rows, prices, row_group_size=GROUP_ROWS)
    del price_rows
    writer = None
    for lines in line_groups(walk, shape):
        dressed = _as_csv(lines) if shape.csv else lines
        if writer is None:
            opened = pa.csv.CSVWriter if shape.csv else pq.ParquetWriter
            writer = opened(orders, dressed.schema)
        writer.write_table(dressed)
    if writer is not None:
        writer.close()
    return orders, prices


def main() -> None:
    """Read the command line and write the files."""
    parser = argparse.ArgumentParser(description="Write an invented history of orders and prices.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--prices", type=int, default=100_000)
    parser.add_argument("--skus", type=int, help="default: a hundredth of the lines, at most 100,000")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--dirty", action="store_true", help="one row in 1,000 is bad, one line in 20 is sent back")
    parser.add_argument("--text-amounts", action="store_true", help="amounts as decimal text instead of minor units")
    parser.add_argument("--csv", action="store_true")
    given = vars(parser.parse_args())
    folder = given.pop("folder")
    given["skus"] = given["skus"] or max(1, min(100_000, given["lines"] // 100, given["prices"]))
    for path in write_history(folder, shape=Shape(**given)):
        print(path)


if __name__ == "__main__":
    main()
