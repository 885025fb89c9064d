"""The live loop: `python -m benchmarks.live`, or `make bench-live`.

A shop with many open covers; a tenth of its SKUs get cheaper at once, and everything that follows is decided and posted. The rival is
[bare SQL](live_rival.py) with the same durability; both must owe the same cents to as many covers. Then the import of files against bare
inserts into a table with the same key, one fact at a time in a small and in a large store, the audit, and memory over a long history.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from sqlalchemy import Engine, event

from benchmarks.live_rival import BareSql
from benchmarks.live_shop import DAY_US, LOW_MINOR, PAID_MINOR, T0, Shop, opened, prices, sightings, teller, write
from benchmarks.measure import own_peak_mib, this_machine
from benchmarks.table import put_into
from houbei.runs.arrivals import take_lines, take_prices
from houbei.runs.audit import audit
from houbei.runs.cycle import run_cycle, run_until_idle
from houbei.runs.imports import import_orders, import_prices
from houbei.store.database import reading, writing

ROOT = Path(__file__).resolve().parent.parent
BEGINS, ENDS = "<!-- live: written by `make bench-live` -->", "<!-- end of live -->"
WARMING_LINES = 25_000
SMALL_LINES = 1_000
SMALL_CACHE_KIB = 8_192
IMPORTED = {"orders": import_orders, "prices": import_prices}
_ZONED = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """How much is measured: sweeps, single facts, rows of the files, days of the shorter and the longer history."""

    turns: int
    facts: int
    rows: int
    days: tuple[int, int]


def take_in(database: Engine, file: Path, table: str) -> float:
    """Import a file, `orders` or `prices`; the seconds it took."""
    begun = time.perf_counter()
    IMPORTED[table](
        database, file, source="shop", zone="Asia/Shanghai", now_us=T0 + DAY_US - 1, progress=lambda *_: None
    )
    return time.perf_counter() - begun


def warm_up(folder: Path, lines: int) -> None:
    """Load what is compiled, so that nobody is timed for it."""
    shop, database = Shop(min(WARMING_LINES, lines)), opened(folder / "warm.db")
    for ending in ("parquet", "csv"):
        take_in(database, write(shop.table(0, shop.lines), folder / f"warm-orders.{ending}"), "orders")
        take_in(database, write(sightings(shop.lines, shop.skus), folder / f"warm-prices.{ending}"), "prices")
    run_until_idle(database, now_us=T0 + DAY_US)
    database.dispose()


def importing(folder: Path, rows: int) -> dict[str, list[float]]:
    """Rows a second of files into new stores, ours and the rival's, by what is in the file."""
    shop, found = Shop(rows), {}
    tables = {"orders": shop.table(0, rows), "prices": sightings(rows, shop.skus)}
    for ending in ("parquet", "csv"):
        ours, rival = opened(folder / f"{ending}.db"), BareSql(folder / f"{ending}-rival.db", shop)
        for name, table in tables.items():
            file = write(table, folder / f"{name}.{ending}")
            found[f"{name} from {ending}"] = [rows / one.take_in(file, name) for one in (_Ours(ours), rival)]
        ours.dispose()
        rival.close()
    return found


@dataclass(frozen=True)
class _Ours:
    database: Engine

    def take_in(self, file: Path, table: str) -> float:
        return take_in(self.database, file, table)


def sweep(database: Engine, shop: Shop, turn: int) -> tuple[float, int, int]:
    """Lower a tenth of the prices; seconds from when they are known until everything is posted, refunds, and what they come to."""
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


def one_by_one(database: Engine, facts: int) -> list[float]:
    """Take single prices in, each of a SKU with one cover, decide and commit; the milliseconds each took, shortest first.

    Raises:
        SystemExit: one of them paid nothing.
    """
    now_us = T0 + 2 * DAY_US
    skus = [f"single-{place}" for place in range(facts)]
    sold = pa.table(
        {
            **dict.fromkeys(("order_id", "line_id", "sku"), skus),
            "quantity": np.ones(facts, dtype=np.int64),
            "paid_minor": np.full(facts, PAID_MINOR),
            "currency": ["CNY"] * facts,
            "placed_at": pa.array(np.full(facts, now_us), _ZONED),
        }
    )
    with writing(database) as connection:
        take_lines(connection, sold, teller=teller(now_us))
    run_until_idle(database, now_us=now_us)
    took = []
    for place, sku in enumerate(skus):
        at_us = now_us + DAY_US + place
        told = prices([sku], LOW_MINOR, at_us, named="single")
        begun = time.perf_counter()
        with writing(database) as connection:
            take_prices(connection, told, teller=teller(at_us))
        done = run_cycle(database, now_us=at_us + 1)
        took.append((time.perf_counter() - begun) * 1e3)
        if done.entries != 1:
            sys.exit(f"the price of {sku} posted {done.entries} entries, not one")
    return sorted(took)


def small_store(folder: Path) -> Engine:
    """A store that holds but a few lines."""
    database, shop = opened(folder / "small.db"), Shop(SMALL_LINES)
    take_in(database, write(shop.table(0, shop.lines), folder / "small.parquet"), "orders")
    run_until_idle(database, now_us=T0 + DAY_US)
    return database


def replay(days: int, folder: Path) -> int:
    """Live through days of 200 lines and as many prices each; the most memory this process had, MiB.

    SQLite's page cache fills with history until it is full (128 MiB): it is kept small here, so that all else is seen.
    """
    database, random = opened(folder / "long.db"), np.random.Generator(np.random.PCG64(3))
    event.listen(database, "connect", lambda made, _record: made.execute(f"PRAGMA cache_size=-{SMALL_CACHE_KIB}"))
    database.dispose()
    for day in range(days):
        at = T0 + day * DAY_US
        ids = [f"{day}-{place}" for place in range(200)]
        lines = {
            "order_id": ids,
            "line_id": ids,
            "sku": [f"s{sku}" for sku in random.integers(0, 500, 200)],
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
    return own_peak_mib()


def memory_of(days: int) -> int:
    """The most memory that a process of its own had, MiB."""
    call = [sys.executable, "-m", "benchmarks.live", "--replay", str(days)]
    return int(subprocess.run(call, check=True, capture_output=True, text=True, cwd=ROOT).stdout)


def measured(shop: Shop, sizes: Sizes, *, folder: Path) -> dict[str, Any]:
    """Measure everything once; rival and ours in turn on the same sales and prices.

    Raises:
        SystemExit: the two do not owe the same, or the audit finds a difference.
    """
    warm_up(folder, shop.lines)
    imported = importing(folder, sizes.rows)
    ours, rival = opened(folder / "store.db"), BareSql(folder / "rival.db", shop)
    file = write(shop.table(0, shop.lines), folder / "sold.parquet")
    take_in(ours, file, "orders")
    rival.take_in(file, "orders")
    rival.cover()
    begun = time.perf_counter()
    run_until_idle(ours, now_us=T0 + DAY_US)
    bound = time.perf_counter() - begun
    swept, bare = [], []
    for turn in (9, *range(sizes.turns)):
        swept.append(sweep(ours, shop, turn))
        bare.append(rival.sweep(turn))
        if swept[-1][1:] != bare[-1][1:]:
            sys.exit(f"turn {turn}: ours posted {swept[-1][1:]}, bare SQL {bare[-1][1:]}")
    rival.close()
    begun = time.perf_counter()
    audited = audit(ours, progress=lambda *_: None)
    audit_s = time.perf_counter() - begun
    if not audited.agrees:
        sys.exit(audited.differences[0])
    small = small_store(folder)
    singles = {str(SMALL_LINES): one_by_one(small, sizes.facts), str(shop.lines): one_by_one(ours, sizes.facts)}
    small.dispose()
    ours.dispose()
    rate, bare_rate = (statistics.median(n / took for took, n, _ in turns[1:]) for turns in (swept, bare))
    return {
        "lines": shop.lines,
        "refunds": [round(rate), round(bare_rate)],
        "imported": {what: [round(one) for one in rates] for what, rates in imported.items()},
        "bound": round(shop.lines / bound),
        "audited": round(audited.covers / audit_s),
        "single_ms": {
            held: [round(took[len(took) // 2], 2), round(took[len(took) * 99 // 100], 2)]
            for held, took in singles.items()
        },
        "memory_mib": {str(days): memory_of(days) for days in sizes.days},
    }


def markdown(found: dict[str, Any]) -> str:
    """Write what was measured as a table."""
    beside = [("refunds decided and posted", found["refunds"]), *found["imported"].items()]
    alone = [
        ("new lines bound to their promise and decided, a second", f"{found['bound']:,}"),
        ("covers audited, a second", f"{found['audited']:,}"),
        *(
            (
                f"one price taken in, decided and committed, {int(held):,} lines in the store: median, 99th of 100",
                f"{median} ms, {p99} ms",
            )
            for held, (median, p99) in found["single_ms"].items()
        ),
        *(
            (
                f"most memory, with a page cache of 8 MiB, living through {days} days of 200 lines and prices",
                f"{mib} MiB",
            )
            for days, mib in found["memory_mib"].items()
        ),
    ]
    return "\n".join(
        [
            f"{this_machine().sentence()} {found['lines']:,} order lines, 20 a SKU; a tenth of the SKUs drop at once.",
            "",
            "| | Houbei | bare SQL | bare SQL is faster by |",
            "|---|---|---|---|",
            *(f"| {what}, a second | {ours:,} | {bare:,} | {bare / ours:.1f} × |" for what, (ours, bare) in beside),
            *(f"| {what} | {ours} | – | – |" for what, ours in alone),
            "",
        ]
    )


def main() -> int:
    """Measure, print, and put the table into a document where one is named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--facts", type=int, default=300)
    parser.add_argument("--rows", type=int, default=300_000, help="of the files that are imported")
    parser.add_argument("--days", type=int, nargs=2, default=(365, 1461))
    parser.add_argument("--markdown", type=Path)
    parser.add_argument("--replay", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if given.replay:
            print(replay(given.replay, Path(folder)))
            return 0
        sizes = Sizes(turns=given.turns, facts=given.facts, rows=given.rows, days=tuple(given.days))
        found = measured(Shop(given.lines), sizes, folder=Path(folder))
    print(json.dumps(found, indent=1), markdown(found), sep="\n\n")
    if given.markdown:
        put_into(given.markdown, markdown(found), begins=BEGINS, ends=ENDS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
