"""The same files, imported piece by piece while the clock goes on, owe what a backtest of them owes: step by step, in money and in points."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from sqlalchemy import Engine

from houbei.cli import run
from houbei.facts.moments import DAY_US, text_of_moment
from houbei.runs.audit import audit
from houbei.runs.imports import import_closures, import_orders, import_promises, import_scans
from tests.deliveries_live.parcels import HOURS, SLOT, live_on
from tests.live.stores import SOURCE, empty_store, rows_of
from tests.live.telling import ZONE, moment
from tests.reliability.shop import write_csv

BEGINS, AS_OF = moment("11-01"), moment("11-20")
ORDERS = 60
HOUR_US = DAY_US // 24
Rows = list[dict[str, Any]]
TAKE: Mapping[str, Callable[..., Any]] = {
    "orders": import_orders,
    "promises": import_promises,
    "scans": import_scans,
    "closures": import_closures,
}
PER_PARCEL = {
    **HOURS,
    "per": "parcel",
    "breach": [{"pay": [{"percent": "2.5", "floor": "1.00"}, {"points": 7}], "clause": "S-3"}],
}


def at(us: int) -> str:
    """Write a moment as files do."""
    return text_of_moment(int(us))


def scans_of(dice: np.random.Generator, number: int, *, parcels: int, placed_us: int, by_us: int) -> Rows:
    """What is told of an order's parcels: most arrive, around the time promised; some of that is disputed, and looked at."""
    found: Rows = []
    for parcel in range(parcels):
        there = max(by_us + int(dice.normal(-4, 20)) * HOUR_US, placed_us + HOUR_US)
        scan = {
            "order_id": f"o{number}",
            "parcel_id": f"o{number}-{parcel}" if parcels > 1 else "",
            "what": "delivered",
        }
        about = {**scan, "what": "disputed", "disputes": f"s{number}-{parcel}"}
        answer = str(dice.choice(["upheld", "dismissed"]))
        if (drawn := dice.random()) < 0.9:
            found.append({"scan_id": f"s{number}-{parcel}", "at": at(there), **scan})
        if drawn < 0.2:
            found.append({**about, "scan_id": f"d{number}-{parcel}", "at": at(there + 2 * HOUR_US)})
        if drawn < 0.1:
            found.append({**about, "scan_id": f"u{number}-{parcel}", "what": answer, "at": at(there + DAY_US)})
    return found


def history(seed: int) -> dict[str, Rows]:
    """A fortnight of a shop: orders of one or two lines, promises kept and broken, moved slots, disputes, snow in one region."""
    dice = np.random.default_rng(seed)
    found: dict[str, Rows] = {name: [] for name in TAKE}

    for number in range(ORDERS):
        order, placed = f"o{number}", BEGINS + int(dice.integers(0, 10 * DAY_US))
        region = ("CN-11", "CN-23/harbin")[number % 2]
        for line in range(1 + number % 2):
            paid = f"{int(dice.integers(100, 500_000)) / 100:.2f}"
            sold = {
                "order_id": order,
                "line_id": f"{order}-{line}",
                "sku": "s",
                "quantity": 1,
                "paid": paid,
                "currency": "CNY",
            }
            found["orders"].append({**sold, "placed_at": at(placed), "category": "large", "region": region})
        by_us = placed + int(dice.integers(20, 90)) * HOUR_US
        parcels = 1 + int(dice.integers(0, 2))
        shown = {"order_id": order, "parcels": parcels, "slot_fee": "39.00", "currency": "CNY"}
        found["promises"].append(
            {"promise_id": f"p{number}", "shown_at": at(placed), "promised_by": at(by_us), **shown}
        )
        if dice.random() < 0.2:
            moved = {"shown_at": at(placed + HOUR_US), "promised_by": at(by_us + DAY_US), "asked_by": "buyer"}
            found["promises"].append({"promise_id": f"m{number}", **shown, **moved})
        found["scans"] += scans_of(dice, number, parcels=parcels, placed_us=placed, by_us=by_us)
    snow = {"closure_id": "c1", "code": "snow", "regions": '["CN-23"]', "evidence": "bulletin"}
    span = {
        "from_at": at(BEGINS + 5 * DAY_US),
        "until_at": at(BEGINS + 6 * DAY_US),
        "known_at": at(BEGINS + 5 * DAY_US),
    }
    found["closures"].append({**snow, **span})
    return found


def payouts(path: Path) -> Counter[tuple[str, str, int]]:
    """What a backtest owes: by order, currency and moment."""
    table, owed = pq.read_table(path), Counter[tuple[str, str, int]]()
    rows = zip(*(table.column(name).to_pylist() for name in ("order_id", "currency", "amount_minor")), strict=True)
    for at, (order, currency, amount) in zip(table.column("at").cast("int64").to_pylist(), rows, strict=True):
        owed[order, currency, at] += amount
    return owed


def by_order(owed: Counter[tuple[str, str, int]]) -> Counter[tuple[str, str]]:
    """The same without moments."""
    found = Counter[tuple[str, str]]()
    for (order, currency, _), amount in owed.items():
        found[order, currency] += amount
    return found


def booked(database: Engine) -> Counter[tuple[str, str]]:
    """What the books say is owed: by order and currency."""
    query = (
        "SELECT l.order_id, e.currency, SUM(CASE WHEN e.debit = 'delivery_guarantee' THEN e.amount_minor ELSE 0 END)"
        " - SUM(CASE WHEN e.credit = 'delivery_guarantee' THEN e.amount_minor ELSE 0 END) FROM entries e"
        " JOIN covers c ON c.cover = e.cover JOIN lines l ON l.seq = c.line GROUP BY 1, 2"
    )
    return +Counter({(order, currency): amount for order, currency, amount in rows_of(database, query)})


def steps(database: Engine) -> Counter[tuple[str, str, int]]:
    """The steps in the books: by order, currency and the moment that decided."""
    query = (
        "SELECT l.order_id, e.currency, e.at_us, SUM(e.amount_minor) FROM entries e JOIN covers c ON c.cover = e.cover"
        " JOIN lines l ON l.seq = c.line WHERE e.code = 'owed' GROUP BY 1, 2, 3"
    )
    return Counter({(order, currency, at): amount for order, currency, at, amount in rows_of(database, query)})


def imported(database: Engine, folder: Path, parts: Sequence[tuple[str, Rows]], *, now_us: int) -> None:
    """Import parts of files."""
    for number, (name, rows) in enumerate(parts):
        if rows:
            file = write_csv(folder / f"{name}-{now_us}-{number}.csv", rows)
            taken = TAKE[name](database, file, source=SOURCE, zone=ZONE, now_us=now_us, progress=lambda *_: None)
            assert not taken.rejected


@pytest.mark.parametrize("document", [SLOT, HOURS, PER_PARCEL], ids=["slot", "hours", "parcel"])
@pytest.mark.parametrize("seed", [1, 2])
def test_live_owes_what_a_backtest_of_the_same_files_owes(document: dict[str, Any], seed: int, tmp_path: Path) -> None:
    told = history(seed)
    for name, rows in told.items():
        write_csv(tmp_path / f"{name}.csv", rows)
    (tmp_path / "terms.yaml").write_text(json.dumps(document, ensure_ascii=False), "utf-8")
    files = [part for name in TAKE for part in (f"--{name}", str(tmp_path / f"{name}.csv"))]
    call = ["backtest", "--terms", str(tmp_path / "terms.yaml"), *files, "--as-of", text_of_moment(AS_OF)]
    assert run([*call, "--out", str(tmp_path / "out")]) == 0
    owed = payouts(tmp_path / "out" / "payouts.parquet")
    summary = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))

    with empty_store(document) as database:
        imported(database, tmp_path, list(told.items()), now_us=AS_OF)
        live_on(database, AS_OF)
        assert steps(database) == owed
        assert booked(database) == by_order(owed)
        assert all(summary[name] for name in ("kept", "late", "excused", "disputed"))
        verdicts = Counter(row[0] for row in rows_of(database, "SELECT verdict FROM deliveries"))
        assert {name: verdicts[name] for name in ("kept", "late", "excused", "disputed", "open")} == {
            name: summary[name] for name in ("kept", "late", "excused", "disputed", "open")
        }

    dice = np.random.default_rng(seed)
    with empty_store(document) as database:
        facts = [(name, row) for name, rows in told.items() for row in rows]
        parts = np.array_split(dice.permutation(len(facts)), 12)
        for number, part in enumerate(parts, start=1):
            now_us = BEGINS + number * (AS_OF - BEGINS) // len(parts)
            some = [facts[place] for place in part.tolist()]
            imported(
                database,
                tmp_path,
                [(name, [row for kind, row in some if kind == name]) for name in TAKE],
                now_us=now_us,
            )
            live_on(database, now_us, deliveries_max=7)
        assert booked(database) == by_order(owed)
        assert audit(database, progress=lambda *_: None).differences == ()
