"""A process that dies at any write of three cases leaves a store that the next one finishes, to the same steps, states and cents.

By default every seventh write point is tried, by `HYPOTHESIS_PROFILE=thorough` all of them.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
STRIDE = 1 if os.environ.get("HYPOTHESIS_PROFILE", "default") in {"thorough", "search"} else 7
COMPARED = ("steps", "cases", "entries", "settlements", "swaps", "needs", "audit")


@pytest.fixture(scope="module")
def told() -> list[dict[str, Any]]:
    """What the story came to: undisturbed first, then by the points of death."""
    paths = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    call = [sys.executable, "-m", "tests.reliability.case_story", "1", str(STRIDE)]
    said = subprocess.run(
        call, check=True, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": paths}, cwd=ROOT
    )
    return [json.loads(line) for line in said.stdout.splitlines()]


def test_the_undisturbed_story_meets_swaps_losses_refunds_deadlines_and_suppliers(told: list[dict[str, Any]]):
    whats = {step[3] for step in told[0]["steps"]}
    assert {"reported", "lost", "timed_out", "swapped", "refunded", "recovered", "supplier_refused"} <= whats
    assert {stage for _, _, _, _, _, stage, *_ in told[0]["cases"]} == {"settled", "refunded", "old_on_the_way"}
    assert told[0]["audit"] == []
    assert len(told[0]["swaps"]) == 2
    assert {point for point in told[0]["points"] if "COMMIT" in point} == {"before COMMIT", "after COMMIT"}


def test_whoever_dies_at_a_write_leaves_cases_that_end_the_same(told: list[dict[str, Any]]):
    undisturbed, *others = told
    assert [row["died_at"] for row in others] == list(range(1, len(undisturbed["points"]) + 1, STRIDE))
    for row in others:
        where = f"died at {row['died_at']}, {undisturbed['points'][row['died_at'] - 1]!r} in {row['part']!r}"
        for what in COMPARED:
            assert row[what] == undisturbed[what], f"{where}: {what}"
