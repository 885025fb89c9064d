"""A shop to live with: what it has sold and what its prices do, as tables and as files; each time the same from the same numbers."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pcsv
import pyarrow.parquet as pq
from sqlalchemy import Engine

from houbei.runs.arrivals import Teller
from houbei.store.database import open_database, writing
from houbei.store.promises import publish
from houbei.terms.document import parse_terms

PAID_MINOR, LOW_MINOR = 10_000, 9_000
LINES_PER_SKU = 20
T0 = 1_770_000_000_000_000
DAY_US = 86_400_000_000
TERMS = """
term: live-benchmark-30
version: 1
kind: price_protection
zone: Asia/Shanghai
window: {opens: {at: paid}, closes: {after: {at: paid}, length: P30D}}
remedy: {pay: {when: at_once}, clause: L-1}
clauses: [{id: L-1, text: {zh: 三十天内降价退差价, en: The difference within thirty days}}]
"""
_ZONED = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True)
class Shop:
    """How many lines a shop has sold, of how many SKUs."""

    lines: int

    @property
    def skus(self) -> int:
        """How many different goods it sells."""
        return max(10, self.lines // LINES_PER_SKU)

    def sold(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """The SKU of each line, the same each time."""
        return np.random.Generator(np.random.PCG64(7)).integers(0, self.skus, self.lines)

    def table(self, first: int, last: int) -> pa.Table:
        """Some lines, in the columns of a file."""
        places, rows = np.arange(first, last), last - first
        return pa.table(
            {
                "order_id": [f"o{place // 2}" for place in places],
                "line_id": [f"o{place // 2}-{place % 2}" for place in places],
                "sku": [f"s{sku}" for sku in self.sold()[first:last]],
                "quantity": np.ones(rows, dtype=np.int64),
                "paid_minor": np.full(rows, PAID_MINOR),
                "currency": ["CNY"] * rows,
                "placed_at": pa.array(T0 + places, _ZONED),
            }
        )

    def lower(self, turn: int, at_us: int) -> pa.Table:
        """A lower price for a tenth of the SKUs; another tenth each turn."""
        skus = np.arange(turn, self.skus, 10)
        return prices([f"s{sku}" for sku in skus], LOW_MINOR, at_us, named=f"turn-{turn}")


def write(table: pa.Table, path: Path) -> Path:
    """Write a table as a file, CSV or Parquet by its name."""
    if path.suffix == ".csv":
        pcsv.write_csv(table, path)
    else:
        pq.write_table(table, path)
    return path


def sightings(rows: int, skus: int) -> pa.Table:
    """Prices above what anybody paid, of many moments, in the columns of a file: something to import that decides nothing."""
    random = np.random.Generator(np.random.PCG64(5))
    return pa.table(
        {
            "sku": [f"s{sku}" for sku in random.integers(0, skus, rows)],
            "price_minor": random.integers(PAID_MINOR, 2 * PAID_MINOR, rows),
            "currency": ["CNY"] * rows,
            "at": pa.array(T0 + np.arange(rows), _ZONED),
            "price_id": [f"seen-{place}" for place in range(rows)],
        }
    )


def prices(skus: list[str], minor: int, at_us: int, *, named: str) -> pa.Table:
    """One price a SKU, in the columns of a file."""
    return pa.table(
        {
            "sku": skus,
            "price_minor": np.full(len(skus), minor),
            "currency": ["CNY"] * len(skus),
            "at": pa.array(np.full(len(skus), at_us), _ZONED),
            "price_id": [f"{named}-{sku}" for sku in skus],
        }
    )


def teller(known_us: int) -> Teller:
    """Who tells the facts of a benchmark."""
    return Teller(source="shop", zone="Asia/Shanghai", known_us=known_us)


def opened(path: Path) -> Engine:
    """A new store with the promise published."""
    database = open_database(path, create=True)
    with writing(database) as connection:
        publish(connection, parse_terms(TERMS, where="benchmarks.live_shop"), known_us=T0)
    return database
