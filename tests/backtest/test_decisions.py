"""`--decisions`: of every accepted line, what it came to, the clause and what decided it."""

import csv
import json
from pathlib import Path

import pyarrow.parquet as pq

from houbei.cli import run

TERMS = """
term: tried
version: 1
kind: price_protection
zone: Asia/Shanghai
scope: {where: "category = 'fridge'"}
window: {opens: {at: paid}, closes: {after: {latest_of: [paid]}, length: P30D}}
remedy:
  amount:
    of: difference
    caps: [{scope: order, amount: "100.00"}]
clauses:
  - {id: PP-1, text: {zh: 差价退还。, en: The difference is paid back.}}
"""
ORDERS = """order_id,line_id,sku,quantity,paid,currency,placed_at,category
O1,L1,A,1,900.00,CNY,2026-03-01T10:00:00+08:00,fridge
O1,L2,A,1,900.00,CNY,2026-03-01T10:00:00+08:00,fridge
O2,L3,A,1,700.00,CNY,2026-03-01T10:00:00+08:00,fridge
O3,L4,A,1,900.00,CNY,2026-03-01T10:00:00+08:00,tv
O4,L5,A,1,900.00,CNY,2026-03-01T10:00:00+08:00,
O5,L6,A,x,900.00,CNY,2026-03-01T10:00:00+08:00,fridge
"""
PRICES = """sku,at,price,currency,price_id
A,2026-03-05T00:00:00+08:00,800.00,CNY,low
"""


def asked(folder: Path, *, cap: bool) -> tuple[dict[str, dict[str, object]], dict[str, int]]:
    """Run a backtest with `--decisions`; give its decisions by line and the summary's counts."""
    terms = TERMS if cap else TERMS.replace('    caps: [{scope: order, amount: "100.00"}]\n', "")
    for name, text in (("terms.yaml", terms), ("orders.csv", ORDERS), ("prices.csv", PRICES)):
        (folder / name).write_text(text, "utf-8")
    files = [f"--{name}={folder / file}" for name, file in (("terms", "terms.yaml"), ("orders", "orders.csv"))]
    assert run(["backtest", *files, f"--prices={folder / 'prices.csv'}", f"--out={folder / 'out'}", "--decisions"]) == 0
    rows = pq.read_table(folder / "out" / "decisions.parquet").to_pylist()
    return {row["line_id"]: row for row in rows}, json.loads((folder / "out" / "summary.json").read_text())["reasons"]


def test_every_accepted_line_has_its_reason(tmp_path: Path) -> None:
    decisions, counts = asked(tmp_path, cap=False)
    assert {line: row["reason"] for line, row in decisions.items()} == {
        "L1": "owed",
        "L2": "owed",
        "L3": "paid_no_more",
        "L4": "not_in_scope",
        "L5": "undecided",
    }
    assert decisions["L3"]["price_id"] == "low"
    assert decisions["L5"]["fact"] == "category"
    assert {row["clause_id"] for row in decisions.values()} == {"PP-1"}
    assert counts == {"owed": 2, "paid_no_more": 1, "not_in_scope": 1, "undecided": 1}


def test_what_a_shared_cap_took_is_said(tmp_path: Path) -> None:
    decisions, counts = asked(tmp_path, cap=True)
    assert (decisions["L1"]["reason"], decisions["L2"]["reason"]) == ("owed", "capped")
    assert counts["capped"] == 1


def test_without_the_option_an_old_list_does_not_stay(tmp_path: Path) -> None:
    asked(tmp_path, cap=False)
    names = [f"--{name}={tmp_path / file}" for name, file in (("terms", "terms.yaml"), ("orders", "orders.csv"))]
    assert run(["backtest", *names, f"--prices={tmp_path / 'prices.csv'}", f"--out={tmp_path / 'out'}"]) == 0
    assert not (tmp_path / "out" / "decisions.parquet").exists()
    with (tmp_path / "out" / "rejected.csv").open(encoding="utf-8", newline="") as file:
        assert [(row["row"], row["code"]) for row in csv.DictReader(file)] == [("6", "bad_number")]
