"""What looks cost the honest, counted: by hand on a few claims, and on a made history of many."""

from dataclasses import fields
from itertools import pairwise, takewhile
from pathlib import Path
from typing import Any

import pytest

from houbei.case.lineage import Standing
from houbei.case.observed import Observed
from houbei.case.scorecard import Signal, shipped_scorecard
from tests.case.counted_looks import Ended, Looks, count_looks
from tests.case.made_claims import made_claims

CARD = shipped_scorecard()
PAGE = Path(__file__).resolve().parents[2].joinpath("docs", "signals.md").read_text("utf-8")


def ended(number: int, *, in_order: bool = True, **facts: Any) -> Ended:
    return Ended(observed=Observed(case_id=f"R{number}", buyer=f"b{number}", **facts), in_order=in_order)


HISTORY = [
    ended(1),
    ended(2, photo_taken=False),
    ended(3, standing=Standing.ELSEWHERE),
    ended(4, standing=Standing.ELSEWHERE, photo_taken=False),
    ended(5, standing=Standing.ELSEWHERE, batch_warned=True),
    ended(6, in_order=False, parts_other=2),
    ended(7, in_order=False),
]


def test_looks_are_counted_by_how_the_claims_ended():
    assert count_looks(HISTORY, scorecard=CARD) == Looks(
        in_order=5,
        looked_in_vain=2,
        not_in_order=2,
        looked_rightly=1,
        in_vain_by=((Signal.SERIAL_ELSEWHERE, 2), (Signal.NO_PHOTO, 1)),
    )


def test_no_history_has_no_looks():
    nothing = Looks(in_order=0, looked_in_vain=0, not_in_order=0, looked_rightly=0, in_vain_by=())
    assert count_looks([], scorecard=CARD) == nothing


@pytest.fixture(scope="module")
def history() -> list[Ended]:
    return list(made_claims(7, buyers=200_000))


def rows(*columns: str) -> list[list[str]]:
    """The rows of the page's table with these columns."""
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines()]
    start = lines.index(list(columns)) + 2
    return list(takewhile(lambda cells: len(cells) == len(columns), lines[start:]))


def test_the_page_tells_what_was_counted(history: list[Ended]):
    table = rows("look at", "in order, looked at", "not in order, looked at")
    counted = [count_looks(history, scorecard=CARD, look_at=int(look_at)) for look_at, *_ in table]
    found = [[str(looks.looked_in_vain), str(looks.looked_rightly)] for looks in counted]
    assert [row[1:] for row in table] == found
    assert f"{counted[0].in_order:,} claims in order, {counted[0].not_in_order} not" in PAGE


def test_the_page_lists_every_signal_with_its_points():
    table = {
        signal: (", ".join(f"from {start}: {points}" for start, points in weight.bins), weight.same_fact)
        for signal, weight in CARD.weights.items()
    }
    listed = {name.strip("`"): (points, fact) for name, points, fact in rows("signal", "points", "rests on")}
    assert listed == table
    assert f"Version {CARD.version}; a person looks from {CARD.look_at}." in PAGE


def test_the_page_lists_every_fact_that_may_enter():
    assert [name.strip("`") for name, _ in rows("fact", "what it is")] == [field.name for field in fields(Observed)]


def test_a_higher_threshold_asks_no_more_people(history: list[Ended]):
    found = [count_looks(history, scorecard=CARD, look_at=look_at) for look_at in (20, 40, 60)]
    for lower, higher in pairwise(found):
        assert higher.looked_in_vain < lower.looked_in_vain
        assert higher.looked_rightly <= lower.looked_rightly
