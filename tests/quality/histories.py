"""Small histories written as CSV, with only the columns that matter."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from houbei.backtest.claims_history import History, read_history
from houbei.terms.document import parse_terms
from houbei.terms.model import Terms

SWAP = """
term: swap-180
kind: replacement
zone: Asia/Shanghai
title: {zh: 180天只换不修, en: "Replaced, never repaired, for 180 days"}
window: {opens: {at: delivered}, closes: {after: {at: delivered}, length: P180D}, clause: R-1}
remedy: {gives: [GIVES], clause: R-1}
after_swap: AFTER
clauses: [{id: R-1, text: {zh: 180天内坏了换新。, en: "Within 180 days a faulty unit is replaced."}}]
"""
DAY = "2026-01-{:02d}T12:00+08:00"


def swap(*, gives: str = "replace", after: str = "inherit") -> Terms:
    return parse_terms(SWAP.replace("GIVES", gives).replace("AFTER", after), where="swap")


def line(line_id: str, **more: Any) -> dict[str, Any]:
    kept = {"order_id": line_id, "sku": "fridge", "quantity": 1, "paid_minor": 300_00, "currency": "CNY"}
    moments = {"placed_at": DAY.format(1), "delivered_at": DAY.format(2)}
    return {"line_id": line_id, **kept, **moments, "unit_cost": "200.00", "batch": "B1", "supplier": "S"} | more


def claim(claim_id: str, line_id: str, day: int, **more: Any) -> dict[str, Any]:
    return {"claim_id": claim_id, "line_id": line_id, "reported_at": DAY.format(day)} | more


def written(folder: Path, name: str, rows: Sequence[dict[str, Any]]) -> Path:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    path = folder / name
    lines = [columns, *([row.get(column, "") for column in columns] for row in rows)]
    path.write_text("\n".join(",".join(str(cell) for cell in row) for row in lines) + "\n", encoding="utf-8")
    return path


def files(folder: Path, lines: Sequence[dict[str, Any]], claims: Sequence[dict[str, Any]]) -> tuple[Path, Path]:
    return written(folder, "orders.csv", lines), written(folder, "claims.csv", claims or [claim("", "", 1)])


def history(
    folder: Path, lines: Sequence[dict[str, Any]], claims: Sequence[dict[str, Any]], terms: Terms | None = None
) -> History:
    orders, told = files(folder, lines, claims)
    promises = () if terms is None else (terms,)
    as_of_us = 1_772_323_200_000_000  # 2026-03-01T08:00+08:00
    return read_history(orders, told, promises=promises, zone="Asia/Shanghai", as_of_us=as_of_us)
