"""The live loop: `python -m benchmarks.live`, or `make bench-live`.

A shop with many open covers; a tenth of its SKUs get cheaper at once, and everything that follows is decided and posted. The rival is bare
SQL on a table of covers clustered by SKU, with the same durability: it updates floors and inserts entries in two statements, knows one
term, one price a SKU, no late fact, no return, no tie, and explains nothing. Both must owe the same cents to as many covers. Then the
import of order lines against bare inserts into a table with the same key, one fact at a time, and memory over a long history.
"""

import argparse
import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from sqlalchemy import Engine

from benchmarks.measure import this_machine
from benchmarks.table import put_into
from houbei.runs.arrivals import Teller, take_lines, take_prices
from houbei.runs.cycle import run_cycle, run_until_idle
from houbei.store.database import open_database, reading, writing
from houbei.store.promises import publish
from houbei.terms.document import parse_terms

ROOT = Path(__file__).resolve().parent.parent
BEGINS, ENDS = "<!-- live: written by `make bench-live` -->", "<!-- end of live -->"
PAID_MINOR, LOW_MINOR = 10_000, 9_000
LINES_PER_SKU = 20
PIECE = 50_000
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
        publish(connection, parse_terms(TERMS, where="benchmarks.live"), known_us=T0)
    return database


def import_lines(database: Engine, shop: Shop) -> float:
    """Take the shop's lines in, piece by piece; the seconds it took without making the tables."""
    took = 0.0
    for first in range(0, shop.lines, PIECE):
        table = shop.table(first, min(first + PIECE, shop.lines))
        begun = time.perf_counter()
        with writing(database) as connection:
            take_lines(connection, table, teller=teller(T0))
        took += time.perf_counter() - begun
    return took


def sweep(database: Engine, shop: Shop, turn: int) -> tuple[float, int, int]:
    """Lower a tenth of the prices; seconds until everything is posted, refunds, and what they come to."""
    at_us = T0 + DAY_US + turn
    with writing(database) as connection:
        take_prices(connection, shop.lower(turn, at_us), teller=teller(at_us))
    begun = time.perf_counter()
    done = run_until_idle(database, now_us=at_us + 1)
    took = time.perf_counter() - begun
    with reading(database) as connection:
        owed = connection.exec_driver_sql(
            "SELECT SUM(amount_minor) FROM entries WHERE at_us = ?", (at_us,)
        ).scalar_one()
    return took, done.entries, int(owed)


class BareSql:
    """The rival: covers clustered by SKU, floors updated in place, entries inserted; nothing else."""

    def __init__(self, path: Path, shop: Shop) -> None:
        self._shop = shop
        self._sql = sqlite3.connect(path, isolation_level=None)
        for statement in (
            "PRAGMA journal_mode=WAL",
            "PRAGMA synchronous=FULL",
            "PRAGMA cache_size=-131072",
            "CREATE TABLE covers (sku TEXT, id INTEGER, floor INTEGER, PRIMARY KEY (sku, id)) WITHOUT ROWID",
            "CREATE TABLE entries (cover INTEGER, event TEXT, amount INTEGER, PRIMARY KEY (cover, event)) WITHOUT ROWID",
            "CREATE TABLE lines (line_id TEXT PRIMARY KEY, order_id TEXT, sku TEXT, quantity INTEGER, paid INTEGER, at INTEGER)",
            "CREATE TEMP TABLE lower (sku TEXT PRIMARY KEY, price INTEGER)",
        ):
            self._sql.execute(statement)

    def import_lines(self) -> float:
        """Insert the shop's lines; the seconds it took."""
        took = 0.0
        for first in range(0, self._shop.lines, PIECE):
            table = self._shop.table(first, min(first + PIECE, self._shop.lines))
            begun = time.perf_counter()
            columns = ("line_id", "order_id", "sku", "quantity", "paid_minor")
            rows = zip(
                *(table.column(name).to_pylist() for name in columns),
                table.column("placed_at").cast(pa.int64()).to_pylist(),
                strict=True,
            )
            self._sql.execute("BEGIN IMMEDIATE")
            self._sql.executemany("INSERT INTO lines VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", rows)
            self._sql.execute("COMMIT")
            took += time.perf_counter() - begun
        self._sql.execute("INSERT INTO covers SELECT sku, rowid, paid FROM lines ORDER BY sku, rowid")
        return took

    def sweep(self, turn: int) -> tuple[float, int, int]:
        """Lower a tenth of the prices; seconds, refunds, and what they come to."""
        rows = [
            (sku, price)
            for sku, price in zip(
                *(self._shop.lower(turn, T0).column(name).to_pylist() for name in ("sku", "price_minor")), strict=True
            )
        ]
        begun = time.perf_counter()
        self._sql.execute("BEGIN IMMEDIATE")
        self._sql.execute("DELETE FROM lower")
        self._sql.executemany("INSERT INTO lower VALUES (?, ?)", rows)
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


def one_by_one(database: Engine, shop: Shop, facts: int) -> list[float]:
    """Decide and commit single prices; the milliseconds each took, shortest first."""
    took = []
    for place in range(facts):
        at_us = T0 + 2 * DAY_US + place
        with writing(database) as connection:
            single = prices([f"s{(place * 7919) % shop.skus}"], LOW_MINOR - 1 - place, at_us, named=f"single-{place}")
            take_prices(connection, single, teller=teller(at_us))
        begun = time.perf_counter()
        run_cycle(database, now_us=at_us + 1)
        took.append((time.perf_counter() - begun) * 1e3)
    return sorted(took)


def replay(days: int, folder: Path) -> int:
    """Live through days of 200 lines and 200 prices each; the most memory this process had, MiB."""
    database, random = opened(folder / "long.db"), np.random.Generator(np.random.PCG64(3))
    for day in range(days):
        at = T0 + day * DAY_US
        skus = random.integers(0, 500, 200)
        lines = {
            "order_id": [f"{day}-{place}" for place in range(200)],
            "line_id": [f"{day}-{place}" for place in range(200)],
            "sku": [f"s{sku}" for sku in skus],
            "quantity": np.ones(200, dtype=np.int64),
            "paid_minor": random.integers(8_000, 12_000, 200),
            "currency": ["CNY"] * 200,
            "placed_at": pa.array(at + np.arange(200), _ZONED),
        }
        told = [f"s{sku}" for sku in sorted(set(random.integers(0, 500, 200).tolist()))]
        with writing(database) as connection:
            take_lines(connection, pa.table(lines), teller=teller(at))
            take_prices(
                connection,
                prices(told, int(random.integers(8_000, 12_000)), at + 1_000, named=str(day)),
                teller=teller(at),
            )
        run_until_idle(database, now_us=at + DAY_US - 1)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def measured(shop: Shop, *, turns: int, facts: int, days: tuple[int, int], folder: Path) -> dict[str, Any]:
    """Measure everything once; rival and ours in turn on the same sales and prices.

    Raises:
        SystemExit: the two do not owe the same.
    """
    ours, rival = opened(folder / "store.db"), BareSql(folder / "rival.db", shop)
    imported, bare_imported = import_lines(ours, shop), rival.import_lines()
    begun = time.perf_counter()
    run_until_idle(ours, now_us=T0 + DAY_US)
    bound = time.perf_counter() - begun
    sweep(ours, shop, 9), rival.sweep(9)
    swept, bare = [], []
    for turn in range(turns):
        swept.append(sweep(ours, shop, turn))
        bare.append(rival.sweep(turn))
        if swept[-1][1:] != bare[-1][1:]:
            sys.exit(f"turn {turn}: ours posted {swept[-1][1:]}, bare SQL {bare[-1][1:]}")
    singles = one_by_one(ours, shop, facts)
    rival.close()
    ours.dispose()
    call = [sys.executable, "-m", "benchmarks.live", "--replay"]
    memory = [
        int(subprocess.run([*call, str(n)], check=True, capture_output=True, text=True, cwd=ROOT).stdout) for n in days
    ]
    rate = sorted(n / took for took, n, _ in swept)[turns // 2]
    bare_rate = sorted(n / took for took, n, _ in bare)[turns // 2]
    return {
        "lines": shop.lines,
        "refunds_per_s": round(rate),
        "bare_refunds_per_s": round(bare_rate),
        "imported_per_s": round(shop.lines / imported),
        "bare_imported_per_s": round(shop.lines / bare_imported),
        "bound_per_s": round(shop.lines / bound),
        "single_ms": round(singles[len(singles) // 2], 2),
        "single_p99_ms": round(singles[len(singles) * 99 // 100], 2),
        "memory_mib": dict(zip(map(str, days), memory, strict=True)),
    }


def markdown(found: dict[str, Any]) -> str:
    """Write what was measured as a table."""
    short, long = found["memory_mib"].items()
    rows = [
        ("refunds decided and posted, a second", f"{found['refunds_per_s']:,}", f"{found['bare_refunds_per_s']:,}", found["bare_refunds_per_s"] / found["refunds_per_s"]),
        ("order lines imported, a second", f"{found['imported_per_s']:,}", f"{found['bare_imported_per_s']:,}", found["bare_imported_per_s"] / found["imported_per_s"]),
    ]  # fmt: skip
    return "\n".join(
        [
            f"{this_machine().sentence()} {found['lines']:,} order lines, 20 a SKU; a tenth of the SKUs drop at once.",
            "",
            "| | Houbei | bare SQL | bare SQL is faster by |",
            "|---|---|---|---|",
            *(f"| {what} | {ours} | {bare} | {ratio:.1f} × |" for what, ours, bare, ratio in rows),
            f"| new lines bound to their promise and decided, a second | {found['bound_per_s']:,} | – | – |",
            f"| one price, decided and committed: median, 99th of 100 | {found['single_ms']} ms, {found['single_p99_ms']} ms | – | – |",
            f"| most memory, living through {short[0]} days of the same load | {short[1]} MiB | – | – |",
            f"| … through {long[0]} days | {long[1]} MiB | – | – |",
        ]
    )


def main() -> int:
    """Measure, print, and put the table into a document where one is named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--facts", type=int, default=200)
    parser.add_argument("--days", type=int, nargs=2, default=(90, 720))
    parser.add_argument("--markdown", type=Path)
    parser.add_argument("--replay", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if given.replay:
            print(replay(given.replay, Path(folder)))
            return 0
        found = measured(
            Shop(given.lines), turns=given.turns, facts=given.facts, days=tuple(given.days), folder=Path(folder)
        )
    print(json.dumps(found, indent=1), markdown(found), sep="\n\n")
    if given.markdown:
        put_into(given.markdown, markdown(found), begins=BEGINS, ends=ENDS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
