"""The benchmark of cases: a tick must find what is due, and the audit must agree."""

from pathlib import Path

import pytest

from benchmarks import cases
from benchmarks.cases import SOON, markdown, measured

FEW = SOON + 100


def test_a_small_store_is_measured_and_the_audit_agrees(tmp_path: Path):
    found = measured(FEW, 5, tmp_path)
    assert (found["cases"], found["last_stage"]) == (FEW, "settled")
    assert list(found["tick_s"])[:2] == ["none due", "1,000 due"]
    assert all(took >= 0 for times in found["tick_s"].values() for took in times)
    assert 0 < found["step_ms"][0] <= found["step_ms"][1]
    assert "| cases audited with their covers, a second |" in markdown(found)


def test_a_tick_that_finds_nothing_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cases, "tick", lambda _database, now_us: 0)  # noqa: ARG005
    with pytest.raises(SystemExit, match="due: 0, 0, 0 deadlines passed"):
        measured(FEW, 5, tmp_path)
