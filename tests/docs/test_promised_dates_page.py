"""The page on promised dates names every key of summary.json, every way to promise and every meaning of a column."""

import re
from pathlib import Path

import pytest

from houbei.lead_times.choosing import Spread
from houbei.lead_times.evaluating import evaluate
from houbei.lead_times.shapes import CALLED_OFF, MEANINGS
from houbei.lead_times.summary import summary_of
from tests.lead_times.made_history import FIRST_DAY, Law, history_of, made_rows

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "delivery.md").read_text(encoding="utf-8")
SECTION = PAGE[PAGE.index("## How good our dates are") :]
NAMED = set(re.findall(r"`([a-z_0-9]+)(?:\[\])?`", SECTION))


def test_every_key_and_every_way_is_on_the_page(tmp_path: Path) -> None:
    history = history_of(made_rows(1, Law(days=90, a_day=10, estimate_days=9)), tmp_path)
    found = evaluate(
        history,
        from_day=FIRST_DAY + 70,
        chances=[0.8, 0.9],
        spread=Spread.TOGETHER,
        progress=lambda _stage, _done, _total: None,
    )
    summary = summary_of(found, spread=Spread.TOGETHER, zone="UTC")
    keys = {*summary, *summary["all"], *summary["all"]["ours"], *summary["near"], *summary["frontier"]}
    keys |= {*summary["frontier"]["rows"][0], *summary["clumps"]["ours"], *summary["chances"][0]}
    assert keys - NAMED == set()


@pytest.mark.parametrize("word", [*MEANINGS, *sorted(CALLED_OFF)])
def test_every_meaning_and_every_status_is_on_the_page(word: str) -> None:
    assert word in NAMED
