"""A process that dies at any write, or while a buyer is told, leaves tellings that the next one finishes: the same ones, each heard and noted once.

By default every tenth write point is tried, by `HYPOTHESIS_PROFILE=thorough` all of them.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
STRIDE = 1 if os.environ.get("HYPOTHESIS_PROFILE", "default") in {"thorough", "search"} else 10


@pytest.fixture(scope="module")
def told() -> list[dict[str, Any]]:
    """What the story came to: undisturbed first, then by the points of death."""
    paths = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    teller = subprocess.run(
        [sys.executable, "-m", "tests.deliveries_live.telling_story", "1", str(STRIDE)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": paths},
        cwd=ROOT,
        check=True,
    )
    return [json.loads(line) for line in teller.stdout.splitlines()]


def test_the_undisturbed_story_tells_of_everything_once(told: list[dict[str, Any]]) -> None:
    first = told[0]
    assert sorted(kind for _, kind, _, _ in first["tellings"]) == ["at_risk", "at_risk", "late", "paid"]
    assert {state for *_, state in first["tellings"]} == {"told"}
    assert [one for one, _ in first["told"]] == first["heard"]
    assert first["stands"] == [["O1", "late", None], ["O2", "kept", None]]
    assert first["needs"] == first["awaited"] == first["audit"] == first["forged"] == []
    assert {"before tell", "after tell", "before COMMIT", "after COMMIT"} <= set(first["points"])


def test_whoever_dies_at_a_write_leaves_tellings_that_end_the_same(told: list[dict[str, Any]]) -> None:
    undisturbed, *others = told
    assert [row["died_at"] for row in others] == list(range(1, len(undisturbed["points"]) + 1, STRIDE))
    for row in others:
        where = f"died at {row['died_at']}, {undisturbed['points'][row['died_at'] - 1]!r}"
        for what in ("tellings", "told", "heard", "needs", "stands", "awaited", "audit", "forged"):
            assert row[what] == undisturbed[what], f"{where}: {what}"
        assert sorted(row["texts"]) == sorted(undisturbed["texts"]), where
