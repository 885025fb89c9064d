"""From claims to units under observation: when each unit is watched, which claim is its fault, what is covered now."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from houbei.quality.observed import DAY_US
from houbei.quality.study import Study, covered_of, reports_of, study_of
from tests.quality.histories import DAY, claim, history, line, swap


def studied(folder: Path, lines: list[dict[str, Any]], claims: list[dict[str, Any]], **terms: Any) -> Study:
    promise = swap(**terms) if terms.pop("promised", True) else None
    return study_of(history(folder, lines, claims, promise), promise)


def watched(study: Study) -> list[tuple[int, float, bool]]:
    runs = study.faults
    rows = zip(runs.units.tolist(), (runs.age_us / DAY_US).tolist(), runs.faulty.tolist(), strict=True)
    return sorted((units, round(days, 2), faulty) for units, days, faulty in rows)


def test_a_unit_is_watched_from_delivery_to_its_fault_its_return_or_the_last_moment(tmp_path: Path):
    lines = [
        line("failed"),
        line("well"),
        line("back", returned_at=DAY.format(6)),
        line("cancelled", cancelled_at=DAY.format(4)),
        line("on-the-way", delivered_at=""),
    ]
    study = studied(tmp_path, lines, [claim("C1", "failed", 12)])
    assert watched(study) == [(1, 2, False), (1, 4, False), (1, 10, True), (1, 57.83, False)]
    assert study.undelivered == 1


def test_of_five_units_of_a_line_one_fails_and_four_are_watched_on(tmp_path: Path):
    study = studied(tmp_path, [line("L", quantity=5)], [claim("C1", "L", 12)])
    assert watched(study) == [(1, 10, True), (4, 57.83, False)]


def test_a_second_fault_of_a_unit_is_counted_apart(tmp_path: Path):
    claims = [claim("C1", "L", 12), claim("C2", "L", 20)]
    study = studied(tmp_path, [line("L")], claims)
    assert watched(study) == [(1, 10, True)]
    assert (study.again, study.outside) == (1, 0)


def test_named_units_fail_one_each_and_of_unnamed_ones_no_more_than_there_are(tmp_path: Path):
    lines = [line("named", quantity=2), line("unnamed", quantity=2)]
    named = [claim("C1", "named", 5, unit=2), claim("C2", "named", 7, unit=2), claim("C3", "named", 9, unit=1)]
    unnamed = [claim(f"D{k}", "unnamed", 10 + k) for k in range(3)]
    study = studied(tmp_path, lines, named + unnamed)
    assert watched(study) == [(1, 3, True), (1, 7, True), (1, 8, True), (1, 9, True)]
    assert study.again == 2


def test_what_an_inspection_refuted_is_no_fault_but_a_report(tmp_path: Path):
    claims = [claim("C1", "A", 5, outcome="no_fault_found"), claim("C2", "B", 6)]
    study = studied(tmp_path, [line("A"), line("B")], claims)
    assert study.faults.faults.sum() == 1
    assert study.reports.faults.sum() == 2
    assert study.is_fault.tolist() == [False, True]


def test_a_fault_before_delivery_after_a_return_or_past_the_promise_is_outside(tmp_path: Path):
    lines = [line("early", delivered_at=DAY.format(20)), line("back", returned_at=DAY.format(6))]
    claims = [claim("C1", "early", 10), claim("C2", "back", 9)]
    old = line("old", placed_at="2025-01-01T12:00+08:00", delivered_at="2025-01-02T12:00+08:00")
    study = studied(tmp_path, [*lines, old], [*claims, claim("C3", "old", 9)])
    assert study.outside == 3
    assert study.faults.faults.sum() == 0
    assert (1, 180.5, False) in watched(study)


def test_without_terms_units_are_watched_to_the_last_moment(tmp_path: Path):
    old = line("old", placed_at="2025-01-01T12:00+08:00", delivered_at="2025-01-02T12:00+08:00")
    study = studied(tmp_path, [old], [claim("C3", "old", 9)], promised=False)
    assert study.faults.faults.sum() == 1
    assert covered_of(study, 0) is None


def test_a_batch_is_of_one_sku(tmp_path: Path):
    study = studied(tmp_path, [line("A", sku="fridge"), line("B", sku="washer")], [claim("C", "A", 5)])
    assert sorted(study.batches) == [("fridge", "B1"), ("washer", "B1")]
    assert len(np.unique(study.faults.batch)) == 2


@pytest.mark.parametrize(
    ("after", "days"),
    [("inherit", [(1, 58, 180), (1, 42, 164)]), ("restart", [(1, 58, 180), (1, 42, 180)]), ("end", [(1, 58, 180)])],
)
def test_what_is_covered_now_counts_what_replaced_a_unit_as_the_promise_says(
    tmp_path: Path, after: str, days: list[Any]
):
    claims = [claim("C1", "A", 12, outcome="confirmed", settled_at=DAY.format(18))]
    lines = [line("A"), line("B"), line("back", returned_at=DAY.format(6))]
    covered = covered_of(studied(tmp_path, lines, claims, after=after), 0)
    assert covered is not None
    rows = zip(covered.units, covered.age_us / DAY_US, covered.until_age_us / DAY_US, strict=True)
    assert [(int(n), round(float(age)), round(float(until))) for n, age, until in rows] == days


def test_a_unit_not_delivered_yet_will_be_covered_as_long_as_others_are(tmp_path: Path):
    covered = covered_of(studied(tmp_path, [line("A"), line("B", delivered_at="")], []), 0)
    assert covered is not None
    assert covered.units.tolist() == [1, 1]
    assert covered.age_us[1] == 0
    assert covered.until_age_us[1] == covered.until_age_us[0]


def test_a_fault_costs_the_unit_and_the_service_less_what_came_back(tmp_path: Path):
    money = {"service_cost": "30.00", "recovered": "120.00", "salvage": "5.50", "settled_at": DAY.format(25)}
    claims = [
        claim("C1", "A", 12, outcome="confirmed", **money),
        claim("C2", "B", 12, outcome="misuse", service_cost="8.00", settled_at=DAY.format(20)),
        claim("C3", "C", 13),
    ]
    reports = reports_of(studied(tmp_path, [line("A"), line("B"), line("C", unit_cost="")], claims))
    assert reports.net_minor.tolist() == [200_00 + 30_00 - 125_50, 8_00, 300_00]
    assert reports.settled.tolist() == [True, True, False]
