"""What `houbei backtest` says beside its answer."""

from pathlib import Path

import pytest

from houbei.cli import run

TERMS = """
term: tried
kind: price_protection
zone: Asia/Shanghai
window: {closes: {after: {latest_of: [paid]}, length: P30D}}
clauses:
  - {id: PP-1, text: {zh: 差价退还。, en: The difference is paid back.}}
"""
ORDERS = "order_id,line_id,sku,quantity,paid,currency,placed_at\nO,L,A,1,9.00,CNY,2026-03-01T10:00:00+08:00\n"
PRICES = "sku,at,price,currency,kind\nA,2026-03-02T00:00:00+08:00,8.00,CNY,{kind}\n"


@pytest.mark.parametrize(("kind", "warned"), [("flash", True), ("list", False)])
def test_a_special_price_without_an_end_is_warned_of(
    kind: str, *, warned: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "terms.csv").write_text(TERMS, "utf-8")
    (tmp_path / "orders.csv").write_text(ORDERS, "utf-8")
    (tmp_path / "prices.csv").write_text(PRICES.format(kind=kind), "utf-8")
    files = [f"--{name}={tmp_path / name}.csv" for name in ("terms", "orders", "prices")]
    assert run(["backtest", *files, f"--out={tmp_path / 'out'}"]) == 0
    said = capsys.readouterr()
    assert "tried: CNY 1.00 owed on CNY 9.00 of sales" in said.out
    assert ("1 prices of a kind other than list name no end" in said.err) == warned
