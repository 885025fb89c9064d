"""The benchmark of the live loop: both sides must owe the same, and a difference ends it."""

from pathlib import Path

import pytest

from benchmarks.live import BareSql, Shop, markdown, measured


def test_a_small_shop_is_measured_and_both_sides_agree(tmp_path: Path):
    found = measured(Shop(400), turns=1, facts=5, days=(1, 2), folder=tmp_path)
    assert found["lines"] == 400
    assert all(found[name] > 0 for name in ("refunds_per_s", "bare_refunds_per_s", "imported_per_s", "single_ms"))
    assert "| order lines imported, a second |" in markdown(found)


def test_a_rival_that_owes_something_else_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(BareSql, "sweep", lambda _self, _turn: (1.0, 0, 0))
    with pytest.raises(SystemExit, match="turn 0: ours posted"):
        measured(Shop(400), turns=1, facts=5, days=(1, 2), folder=tmp_path)
