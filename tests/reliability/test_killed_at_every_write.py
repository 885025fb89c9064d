"""A process that dies at any write leaves books that the next one finishes, to the same entries and the same refunds.

By default every fifth write point is tried, by `HYPOTHESIS_PROFILE=thorough` all of them.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
STRIDE = 1 if os.environ.get("HYPOTHESIS_PROFILE", "default") in {"thorough", "search"} else 5
TELLERS = 2
COMPARED = ("books", "settlements", "needs", "paid", "twice", "audit")


@pytest.fixture(scope="module")
def told() -> list[dict[str, Any]]:
    """What the story came to: undisturbed first, then by the points of death."""
    call = [sys.executable, "-m", "tests.reliability.story"]
    paths = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    tellers = [
        subprocess.Popen(
            [*call, str(1 + place * STRIDE), str(STRIDE * TELLERS)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": paths},
        )
        for place in range(TELLERS)
    ]
    said = [teller.communicate()[0] for teller in tellers]
    assert [teller.returncode for teller in tellers] == [0] * TELLERS
    rows = [json.loads(line) for lines in said for line in lines.splitlines()]
    return sorted(rows, key=lambda row: row["died_at"])[TELLERS - 1 :]


def test_the_undisturbed_story_meets_every_sort_of_entry(told: list[dict[str, Any]]):
    codes = {entry[3] for entry in told[0]["books"]}
    assert codes == {"owed", "stopped", "given", "instructed", "confirmed", "reconciled", "refused", "credited"}
    assert told[0]["audit"] == told[0]["twice"] == told[0]["needs"] == []
    assert {point for point in told[0]["points"] if "COMMIT" in point} == {"before COMMIT", "after COMMIT"}
    calls = {"refund", "find", "read", "list_after"}
    assert {f"{when} {call}" for when in ("before", "after") for call in calls} <= set(told[0]["points"])


def test_whoever_dies_at_a_write_leaves_books_that_end_the_same(told: list[dict[str, Any]]):
    undisturbed, *others = told
    assert [row["died_at"] for row in others] == list(range(1, len(undisturbed["points"]) + 1, STRIDE))
    for row in others:
        where = f"died at {row['died_at']}, {undisturbed['points'][row['died_at'] - 1]!r} in {row['step']!r}"
        for what in COMPARED:
            assert row[what] == undisturbed[what], f"{where}: {what}"
