"""Leakage: whatever happens after a promise was made, in whatever way the file is changed, the promise is the same."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from houbei.cli import run
from houbei.lead_times.baselines import recent_percentile
from houbei.lead_times.choosing import Spread
from houbei.lead_times.rolling import Learner, roll
from tests.lead_times.made_history import FIRST_DAY, Law, date_of, day_of, history_of, made_rows, write_csv

LAW = Law(days=150, a_day=20, lost=0.03, week_spread=0.2, estimate_days=9)
CUT = FIRST_DAY + 114
"""A Monday: what is promised in its week rests on what was known when it began."""
Change = Callable[[list[dict[str, Any]], np.random.Generator], None]


def permute(rows: list[dict[str, Any]], chance: np.random.Generator) -> None:
    """Give every later order what became of another later order."""
    later = [row for row in rows if day_of(row["purchased"]) >= CUT]
    for row, other in zip(later, chance.permutation(len(later)).tolist(), strict=True):
        lead = day_of(later[other]["delivered"]) - day_of(later[other]["purchased"]) if later[other]["delivered"] else 3
        row["delivered"] = f"{date_of(day_of(row['purchased']) + lead)}T12:00:00Z"


def delay_what_is_open(rows: list[dict[str, Any]], _chance: np.random.Generator) -> None:
    """Let everything that had not arrived at the cut arrive half a year later."""
    for row in rows:
        if row["delivered"] is None or day_of(row["delivered"]) >= CUT:
            row["delivered"] = f"{date_of(CUT + 200)}T12:00:00Z"


def lose_what_is_open(rows: list[dict[str, Any]], _chance: np.random.Generator) -> None:
    """Let everything that had not arrived at the cut be called off."""
    for row in rows:
        if row["delivered"] is None or day_of(row["delivered"]) >= CUT:
            row |= {"delivered": None, "status": "canceled"}


def estimate_otherwise(rows: list[dict[str, Any]], chance: np.random.Generator) -> None:
    """Let the shop say something else to buyers from the week after the cut on."""
    for row in rows:
        if day_of(row["purchased"]) >= CUT + 7:
            row["estimated"] = f"{date_of(day_of(row['purchased']) + int(chance.integers(1, 90)))}T00:00:00Z"


CHANGES: list[Change] = [permute, delay_what_is_open, lose_what_is_open, estimate_otherwise]


def promised(rows: list[dict[str, Any]], folder: Path, spread: Spread) -> dict[str, tuple[int, ...]]:
    """What was promised to each order bought in the weeks up to that of the cut."""
    history = history_of(rows, folder)
    found = roll(
        Learner(history),
        from_day=FIRST_DAY + 60,
        chances=[0.8, 0.9],
        spread=spread,
        progress=lambda _stage, _done, _total: None,
    )
    days = np.stack([*found.asked.values(), recent_percentile(history, found.rows)])
    early = history.orders.purchased_day[found.rows] < CUT + 7
    return {
        history.orders.ids[row]: tuple(days[:, place].tolist())
        for place, row in enumerate(found.rows.tolist())
        if early[place]
    }


@pytest.mark.parametrize("spread", list(Spread))
def test_no_promise_before_a_change_is_changed(tmp_path: Path, spread: Spread):
    before = promised(made_rows(21, LAW), tmp_path, spread)
    assert len(before) > 1000
    for change in CHANGES:
        rows = made_rows(21, LAW)
        change(rows, np.random.default_rng(3))
        assert rows != made_rows(21, LAW)
        assert promised(rows, tmp_path, spread) == before, change.__name__


def test_a_change_before_it_does_change_a_promise(tmp_path: Path):
    """The other way round: the tests above could not fail if promises never moved."""
    before = promised(made_rows(21, LAW), tmp_path, Spread.TOGETHER)
    rows = made_rows(21, LAW)
    for row in rows:
        if row["delivered"] is not None and CUT - 40 <= day_of(row["delivered"]) < CUT - 10:
            row["delivered"] = f"{date_of(day_of(row['delivered']) + 8)}T12:00:00Z"
    assert promised(rows, tmp_path, Spread.TOGETHER) != before


@pytest.mark.parametrize("change", CHANGES)
def test_the_command_promises_by_what_was_known_then(tmp_path: Path, change: Change):
    rows = made_rows(22, LAW)
    changed = made_rows(22, LAW)
    change(changed, np.random.default_rng(4))
    wanted = [{name: row[name] for name in ("order_id", "purchased", "estimated", "destination")} for row in rows]
    new = write_csv([row for row in wanted if CUT <= day_of(row["purchased"]) < CUT + 3], tmp_path / "orders.csv")
    found = []
    for name, one in (("a", rows), ("b", changed)):
        told = ["--history", str(write_csv(one, tmp_path / f"{name}.csv")), "--out", str(tmp_path / name)]
        assert run(["delivery", "promise", *told, "--as-of", date_of(CUT), "--orders", str(new)]) == 0
        found.append(pq.read_table(tmp_path / name / "promises.parquet").drop_columns(["model_version"]).to_pylist())
    assert found[0] == found[1]
    assert len(found[0]) == 3 * LAW.a_day
