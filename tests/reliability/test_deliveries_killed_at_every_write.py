"""A process that dies at any write of late deliveries leaves books that the next one finishes, to the same entries and refunds.

By default every eleventh write point is tried, by `HYPOTHESIS_PROFILE=thorough` all of them.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
STRIDE = 1 if os.environ.get("HYPOTHESIS_PROFILE", "default") in {"thorough", "search"} else 11
COMPARED = ("books", "settlements", "needs", "paid", "twice", "audit")


@pytest.fixture(scope="module")
def told() -> list[dict[str, Any]]:
    """What the story came to: undisturbed first, then by the points of death."""
    paths = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    call = [sys.executable, "-m", "tests.reliability.delivery_story", "1", str(STRIDE)]
    said = subprocess.run(
        call, check=True, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": paths}, cwd=ROOT
    )
    return [json.loads(line) for line in said.stdout.splitlines()]


def test_the_undisturbed_story_meets_every_sort_of_entry_of_a_late_delivery(told: list[dict[str, Any]]):
    codes = {entry[3] for entry in told[0]["books"]}
    assert codes == {"owed", "given", "instructed", "confirmed", "reconciled", "credited"}
    assert {entry[7] for entry in told[0]["books"]} == {"USD", "points"}
    assert told[0]["audit"] == told[0]["twice"] == []
    assert told[0]["paid"] == [[f"o{k}", part, "succeeded", 1] for k in (1, 2, 3, 4) for part in (110, 390)]
    assert {point for point in told[0]["points"] if "COMMIT" in point} == {"before COMMIT", "after COMMIT"}
    writes = {" ".join(point.split()[:3]) for point in told[0]["points"]}
    assert {"INSERT INTO promises_given", "INSERT INTO deliveries", "UPDATE deliveries SET"} <= writes


def test_whoever_dies_at_a_write_leaves_deliveries_that_end_the_same(told: list[dict[str, Any]]):
    undisturbed, *others = told
    assert [row["died_at"] for row in others] == list(range(1, len(undisturbed["points"]) + 1, STRIDE))
    for row in others:
        where = f"died at {row['died_at']}, {undisturbed['points'][row['died_at'] - 1]!r} in {row['step']!r}"
        for what in COMPARED:
            # What is found in the provider's records may be found before or after a fact that changes something else.
            assert sorted(row[what]) == sorted(undisturbed[what]), f"{where}: {what}"
