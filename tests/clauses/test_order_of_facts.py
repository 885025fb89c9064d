"""What is owed follows from the set of facts: cases B9 and B11, where facts come late, again, or in another order."""

from itertools import permutations
from pathlib import Path

import pytest

from tests.clauses.pages import decide, lines_of, prices_of, terms_of

EARLY = "4799.00 at 2026-11-03T12:00, price_id: early"
LATE = "4599.00 at 2026-11-06T12:00, price_id: late"
BACK = "4999.00 at 2026-11-08T12:00, price_id: back"


def steps(prices: str, folder: Path) -> list[tuple[str, int, int | None]]:
    return decide(lines_of("4999.00"), prices_of(prices), terms_of(""), folder).steps["L"]


def total(prices: str, folder: Path) -> int:
    return sum(minor for _, minor, _ in steps(prices, folder))


def test_a_fact_that_comes_late_adds_nothing_that_was_owed_already(tmp_path: Path):
    """B11: the lower price came first and owed 400.00; the one before it, heard of later, owes nothing more."""
    assert total(LATE, tmp_path) == 400_00
    assert total(f"{LATE}<br>{EARLY}", tmp_path) - total(LATE, tmp_path) == 0


@pytest.mark.parametrize("order", [*permutations([EARLY, LATE, BACK])])
def test_the_order_of_facts_moves_no_step(order: tuple[str, ...], tmp_path: Path):
    assert steps("<br>".join(order), tmp_path) == steps(f"{EARLY}<br>{LATE}<br>{BACK}", tmp_path)
    assert [minor for _, minor, _ in steps("<br>".join(order), tmp_path)] == [200_00, 200_00]


def test_a_fact_that_is_told_five_times_is_one(tmp_path: Path):
    """B9."""
    assert steps("<br>".join([LATE] * 5), tmp_path) == steps(LATE, tmp_path)
