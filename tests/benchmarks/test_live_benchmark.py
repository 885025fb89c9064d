"""The benchmark of the live loop: both sides must owe the same, and a difference ends it."""

from pathlib import Path

import pytest

from benchmarks.live import Sizes, markdown, measured
from benchmarks.live_rival import BareSql
from benchmarks.live_shop import Shop

FEW = Sizes(turns=1, facts=5, rows=300, days=(1, 2))


def test_a_small_shop_is_measured_and_both_sides_agree(tmp_path: Path):
    found = measured(Shop(400), FEW, folder=tmp_path)
    assert found["lines"] == 400
    assert min(found["refunds"]) > 0
    assert list(found["imported"]) == [f"{what} from {kind}" for kind in ("parquet", "csv") for what in ("orders", "prices")]  # fmt: skip
    assert all(min(rates) > 0 for rates in found["imported"].values())
    assert list(found["single_ms"]) == ["1000", "400"]
    assert all(0 < median <= p99 for median, p99 in found["single_ms"].values())
    assert all(mib > 0 for mib in found["memory_mib"].values())
    assert "| covers audited, a second |" in markdown(found)


def test_a_rival_that_owes_something_else_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(BareSql, "sweep", lambda _self, _turn: (1.0, 0, 0))
    with pytest.raises(SystemExit, match="turn 9: ours posted"):
        measured(Shop(400), FEW, folder=tmp_path)
