"""The audit folds every case again: a changed step, a missing entry, one cent is found and named."""

import pytest

from houbei.facts.moments import DAY_US
from houbei.facts.steps import What
from houbei.runs.audit import audit
from tests.cases_live.appliances import DEPOSIT, REPORTED, happens, promise, reports, settle, shop
from tests.live.stores import tamper


def differences(database) -> str:
    return "\n".join(audit(database, progress=lambda *_: None).differences)


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE steps SET told = replace(told, '218000', '218001') WHERE what = 'reserved'", "moves 218001"),
        ("UPDATE steps SET what = 'absent' WHERE what = 'swapped'", "case R-2026-0001 stands at"),
        ("DELETE FROM steps WHERE what = 'inspected'", "case R-2026-0001 stands at"),
        ("UPDATE entries SET amount_minor = amount_minor + 1 WHERE code = 'unit_cost'", "the ledger says 218001"),
        ("DELETE FROM entries WHERE code = 'old_taken_back'", "the ledger says 0"),
        (
            "UPDATE entries SET debit = 'stock', credit = 'units_in_exchange' WHERE code = 'unit_sent'",
            "which no unit_sent does",
        ),
        ("UPDATE cases SET state = replace(state, 'settled', 'undone')", "case R-2026-0001 stands at"),
        ("UPDATE cases SET state = replace(state, '499900', '499901')", "case R-2026-0001 stands at"),
        ("UPDATE cases SET due_us = 1", "is due at 1"),
        ("UPDATE cases SET unit = 2", "is about another unit"),
        ("UPDATE cases SET terms = 2", "is led by promise 2"),
        ("DELETE FROM cases", "1 cases were opened, 0 are there"),
        ("DELETE FROM openings", "case R-2026-0001 was never opened"),
        ("DELETE FROM swaps", "is not in the lineage"),
        ("UPDATE swaps SET step_id = 'other'", "is in the lineage"),
        ("INSERT INTO needs VALUES ('case', 'R-2026-0001', 1, '{}', NULL, NULL)", "is on somebody's list"),
        ("UPDATE entries SET fact = 'step:x/y' WHERE code = 'unit_cost'", "6 entries cite steps of cases"),
        ("UPDATE steps SET case_id = 'R-2026-0009' WHERE what = 'inspected'", "belong to a case"),
    ],
)
def test_whatever_somebody_changed_is_named(statement: str, found: str) -> None:
    with shop() as database:
        settle(database, reports(database).led.now.case_id)
        happens(database, "R-2026-0001", What.CLAIMED, REPORTED + DAY_US, supplier="brand", amount_minor=10_00)
        happens(database, "R-2026-0001", What.RECOVERED, REPORTED + DAY_US + 1, amount_minor=10_00)
        assert differences(database) == ""
        tamper(database, statement)
        assert found in differences(database)


def test_a_need_that_was_taken_off_the_list_is_named() -> None:
    with shop() as database:
        reports(database, fault=None)
        assert differences(database) == ""
        tamper(database, "DELETE FROM needs")
        assert "is not on somebody's list" in differences(database)


def test_what_is_owed_and_was_made_less_is_named() -> None:
    with shop(promise(DEPOSIT)) as database:
        reports(database)
        happens(database, "R-2026-0001", What.DEPOSITED, REPORTED + 1, amount_minor=100_00, reference="d")
        happens(database, "R-2026-0001", What.WITHDREW, REPORTED + 2)
        assert differences(database) == ""
        tamper(
            database,
            "UPDATE entries SET amount_minor = 9999 WHERE code = 'owed'",
            "UPDATE actions SET amount_minor = 9999",
        )
        assert "moves 10000 of CNY as owed from deposits_of_buyers" in differences(database)


def test_deadlines_that_nobody_told_yet_are_waiting() -> None:
    with shop() as database:
        reports(database)
        assert not audit(database, progress=lambda *_: None).waiting
        happens(database, "R-2026-0001", What.HANDED_OVER, REPORTED + 9 * DAY_US, reason="x")
        assert audit(database, progress=lambda *_: None).waiting
