"""The rival of the live loop: bare SQL on SQLite, with the same durability.

Covers are clustered by SKU, floors updated in place, entries inserted. It knows one term, one price a SKU, no late fact, no return, no
tie, and explains nothing.
"""

import sqlite3
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pcsv
import pyarrow.parquet as pq

from benchmarks.live_shop import T0, Shop

PIECE = 50_000
_MADE = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA cache_size=-131072",
    "CREATE TABLE covers (sku TEXT, id INTEGER, floor INTEGER, PRIMARY KEY (sku, id)) WITHOUT ROWID",
    "CREATE TABLE entries (cover INTEGER, event TEXT, amount INTEGER, PRIMARY KEY (cover, event)) WITHOUT ROWID",
    "CREATE TABLE orders (line_id TEXT PRIMARY KEY, order_id TEXT, sku TEXT, quantity INT, paid INT, currency TEXT, at INT)",
    "CREATE TABLE prices (price_id TEXT PRIMARY KEY, sku TEXT, price INTEGER, currency TEXT, at INTEGER)",
    "CREATE TEMP TABLE lower (sku TEXT PRIMARY KEY, price INTEGER)",
)
COLUMNS = {
    "orders": ("line_id", "order_id", "sku", "quantity", "paid_minor", "currency", "placed_at"),
    "prices": ("price_id", "sku", "price_minor", "currency", "at"),
}


class BareSql:
    """A store of bare SQL.

    Args:
        path: The file of the database; there is none yet.
        shop: Whose sales and prices it takes in.
    """

    def __init__(self, path: Path, shop: Shop) -> None:
        self._shop = shop
        self._sql = sqlite3.connect(path, isolation_level=None)
        for statement in _MADE:
            self._sql.execute(statement)

    def take_in(self, file: Path, table: str) -> float:
        """Insert the rows of a file, `orders` or `prices`, those with a new id; the seconds it took."""
        begun = time.perf_counter()
        found = pcsv.read_csv(file) if file.suffix == ".csv" else pq.read_table(file)
        names, marks = COLUMNS[table], ", ".join("?" * len(COLUMNS[table]))
        for first in range(0, len(found), PIECE):
            piece = found.slice(first, PIECE)
            columns = [piece.column(name) for name in names]
            columns[-1] = columns[-1].cast(pa.timestamp("us", tz="UTC")).cast(pa.int64())
            rows = zip(*(column.to_pylist() for column in columns), strict=True)
            self._sql.execute("BEGIN IMMEDIATE")
            self._sql.executemany(f"INSERT INTO {table} VALUES ({marks}) ON CONFLICT DO NOTHING", rows)
            self._sql.execute("COMMIT")
        return time.perf_counter() - begun

    def cover(self) -> None:
        """Open a cover for each line."""
        self._sql.execute("INSERT INTO covers SELECT sku, rowid, paid FROM orders ORDER BY sku, rowid")

    def sweep(self, turn: int) -> tuple[float, int, int]:
        """Lower a tenth of the prices; seconds once they are known, refunds, and what they come to."""
        told = self._shop.lower(turn, T0)
        self._sql.execute("DELETE FROM lower")
        self._sql.executemany(
            "INSERT INTO lower VALUES (?, ?)",
            zip(*(told.column(name).to_pylist() for name in ("sku", "price_minor")), strict=True),
        )
        begun = time.perf_counter()
        self._sql.execute("BEGIN IMMEDIATE")
        moved = self._sql.execute(
            "INSERT INTO entries SELECT c.id, :event, c.floor - l.price FROM lower l CROSS JOIN covers c"
            " WHERE c.sku = l.sku AND c.floor > l.price",
            {"event": f"turn-{turn}"},
        ).rowcount
        self._sql.execute(
            "UPDATE covers SET floor = (SELECT l.price FROM lower l WHERE l.sku = covers.sku)"
            " WHERE sku IN (SELECT sku FROM lower) AND floor > (SELECT l.price FROM lower l WHERE l.sku = covers.sku)"
        )
        self._sql.execute("COMMIT")
        took = time.perf_counter() - begun
        owed = self._sql.execute("SELECT SUM(amount) FROM entries WHERE event = ?", (f"turn-{turn}",)).fetchone()[0]
        return took, moved, owed

    def close(self) -> None:
        """Let go of the file."""
        self._sql.close()
