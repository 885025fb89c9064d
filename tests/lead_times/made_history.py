"""Deliveries that never were: a law that is known, so that what is learnt of it can be checked. Everything from a seed."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from houbei.lead_times.history import History, read_history

FIRST_DAY = 19_000
"""2022-01-08, a Saturday."""
MEANS = {"near": 4.0, "far": 10.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """How long parcels take: 1 day and a gamma of shape 4, its mean by destination; `week_spread` moves whole weeks together, as a logarithm.

    `lost` is the share that never arrives. With `sundays_off` nothing arrives on a Sunday, but on the Monday after it.
    """

    days: int = 300
    a_day: int = 25
    week_spread: float = 0.0
    lost: float = 0.0
    sundays_off: bool = False
    estimate_days: int | None = None
    rare: int = 0
    rare_mean: float = 20.0


def made_rows(seed: int, law: Law) -> list[dict[str, Any]]:
    """Make the rows of a history: order_id, purchased, delivered, estimated, destination, status."""
    chance = np.random.default_rng(seed)
    rows, shocks = [], chance.normal(0.0, law.week_spread, size=law.days // 7 + 2)
    rare = set(chance.choice(law.days * law.a_day, size=law.rare, replace=False).tolist())
    for number in range(law.days * law.a_day):
        day = FIRST_DAY + number // law.a_day
        destination = "rare" if number in rare else "near" if chance.random() < 0.7 else "far"
        mean = law.rare_mean if destination == "rare" else MEANS[destination]
        took = 1 + chance.gamma(4.0, mean / 4.0) * np.exp(shocks[(day - FIRST_DAY) // 7])
        arrived = day + int(took)
        if law.sundays_off and (arrived + 3) % 7 == 6:
            arrived += 1
        row = {
            "order_id": f"o{number:06d}",
            "purchased": f"{date_of(day)}T{number % law.a_day % 24:02d}:30:00Z",
            "delivered": f"{date_of(arrived)}T23:59:59Z",
            "destination": destination,
            "status": "delivered",
        }
        if chance.random() < law.lost:
            row |= {"delivered": None, "status": "shipped"}
        if law.estimate_days is not None:
            row["estimated"] = f"{date_of(day + law.estimate_days + (6 if destination == 'far' else 0))}T00:00:00Z"
        rows.append(row)
    return rows


def date_of(day: int) -> str:
    return str(np.datetime64(day, "D"))


def write_csv(rows: list[dict[str, Any]], path: Path) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        out.writeheader()
        out.writerows(rows)
    return path


def write_parquet(rows: list[dict[str, Any]], path: Path) -> Path:
    pq.write_table(pa.table({name: pa.array([row[name] for row in rows], type=pa.string()) for name in rows[0]}), path)
    return path


def history_of(rows: list[dict[str, Any]], folder: Path, name: str = "history.csv") -> History:
    return read_history(write_csv(rows, folder / name))


def day_of(text: str) -> int:
    return int(np.datetime64(text[:10], "D").astype(np.int64))
