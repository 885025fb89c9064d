"""What a history is owed, read off the promise one unit and one price at a time: slow, plain, and trusted.

It exists to disagree with the engines that are timed. The promise is the one in `benchmarks/terms.yaml`: the lowest price
in force from the moment of sale until the midnight in Shanghai that ends the 30th day after delivery, unit by unit.

    python -m benchmarks.reference FOLDER

reads the history in a folder and leaves its payouts, its totals and those of some other windows in `FOLDER/reference-payouts`.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

DAY_US = 86_400_000_000
SHANGHAI_US = 8 * 3_600_000_000
NEVER_US = 1 << 62

Payout = tuple[str, int, str, int, int, int]
"""line_id, at (microseconds), price_id, price_minor, quantity, owed_minor."""


@dataclass(frozen=True, slots=True)
class Price:
    """A price from one moment on."""

    at: int
    price_minor: int
    price_id: str


def closing(delivered_at: int | None, days: int) -> int:
    """Give the midnight in Shanghai that ends the last day, the day of delivery being day 0; never, if not delivered."""
    if delivered_at is None:
        return NEVER_US
    return ((delivered_at + SHANGHAI_US) // DAY_US + days + 1) * DAY_US - SHANGHAI_US


def shares(paid_minor: int, quantity: int) -> list[int]:
    """Share an amount among units, the larger shares first."""
    share, more = divmod(paid_minor, quantity)
    return [share + 1] * more + [share] * (quantity - more)


def is_usable(line: dict[str, Any]) -> bool:
    """Say whether a line can be read: a whole number of units, a SKU, a currency, an amount, in the order of life."""
    whole = line["sku"] is not None and line["currency"] == "CNY" and line["quantity"] > 0 and line["paid_minor"] >= 0
    return whole and (line["delivered_at"] is None or line["delivered_at"] >= line["placed_at"])


def lines_of(orders: pa.Table) -> Iterator[dict[str, Any]]:
    """Give the lines that can be used, as plain values; of two with one id, the first."""
    seen: set[str] = set()
    for place, field in enumerate(orders.schema):
        if pa.types.is_timestamp(field.type):
            orders = orders.set_column(place, field.name, orders.column(place).cast(pa.int64()))
    for line in filter(is_usable, orders.to_pylist()):
        if line["line_id"] not in seen:
            seen.add(line["line_id"])
            yield line


def prices_of(prices: pa.Table) -> dict[str, list[Price]]:
    """Give the usable prices of each SKU in the order of time."""
    by_sku: dict[str, list[Price]] = {}
    moments = prices.column("at").cast(pa.int64()).to_pylist()
    for row, at in zip(prices.to_pylist(), moments, strict=True):
        if row["sku"] is not None and row["currency"] == "CNY" and row["price_minor"] >= 0:
            by_sku.setdefault(row["sku"], []).append(Price(at, row["price_minor"], row["price_id"]))
    for of_sku in by_sku.values():
        of_sku.sort(key=lambda price: price.at)
    return by_sku


def pay_line(line: dict[str, Any], prices: Iterable[Price], days: int) -> Iterator[Payout]:
    """Give the steps of one line's high-water mark, from each price in force while a unit was covered."""
    opens_at = line["placed_at"]
    basis = shares(line["paid_minor"], line["quantity"])
    closes_at = [closing(line["delivered_at"], days)] * len(basis)
    if line.get("returned_at") is not None:
        back = line["returned_quantity"] or len(basis)
        closes_at[:back] = [min(closes, line["returned_at"]) for closes in closes_at[:back]]
    before = [price for price in prices if price.at <= opens_at]
    after = [price for price in prices if price.at > opens_at]
    lowest = list(basis)
    for price in (*before[-1:], *after):
        at = max(price.at, opens_at)
        moved = [u for u, low in enumerate(lowest) if price.price_minor < low and at < closes_at[u]]
        if moved:
            owed_minor = sum(lowest[u] - price.price_minor for u in moved)
            yield line["line_id"], at, price.price_id, price.price_minor, len(moved), owed_minor
        for unit in moved:
            lowest[unit] = price.price_minor


def pay_history(orders: pa.Table, prices: pa.Table, *, days: int = 30) -> list[Payout]:
    """Give every payout of a history, sorted. Cost: lines x prices of their SKU, in Python."""
    by_sku = prices_of(prices)
    return sorted(payout for line in lines_of(orders) for payout in pay_line(line, by_sku.get(line["sku"], ()), days))


def write_answer(folder: Path, *, sweep: Iterable[int]) -> None:
    """Leave what a history in a folder is owed in `reference-payouts`, in the form that the timed engines leave it."""
    orders, prices = (pq.read_table(folder / f"{name}.parquet") for name in ("orders", "prices"))
    payouts = pay_history(orders, prices)
    answer: dict[str, Any] = {
        "owed_minor": sum(payout[-1] for payout in payouts),
        "lines_owed": len({payout[0] for payout in payouts}),
        "payouts": len(payouts),
        "sweep": [],
    }
    for days in sweep:
        steps = pay_history(orders, prices, days=days)
        owed_minor, lines_owed = sum(step[-1] for step in steps), len({step[0] for step in steps})
        answer["sweep"].append({"days": days, "owed_minor": owed_minor, "lines_owed": lines_owed})
    out = folder / "reference-payouts"
    out.mkdir(exist_ok=True)
    names = ("line_id", "at", "price_id", "price_minor", "quantity", "owed_minor")
    table = pa.table(dict(zip(names, zip(*payouts, strict=True), strict=True)))
    at = table.column("at").cast(pa.timestamp("us", tz="UTC"))
    pq.write_table(table.set_column(1, "at", at), out / "payouts.parquet")
    (out / "summary.json").write_text(json.dumps(answer), encoding="utf-8")


if __name__ == "__main__":
    write_answer(Path(sys.argv[1]), sweep=(7, 8, 30, 89, 90))
