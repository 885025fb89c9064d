"""A report finds its unit and the open case of it, or opens one, and every published promise is asked what it owes."""

import pytest

from houbei.case.stages import Stage
from houbei.errors import InputError
from houbei.facts.moments import DAY_US
from houbei.facts.steps import What
from houbei.store.exhibit_shapes import Kind
from houbei.store.exhibits import Exhibit
from tests.cases_live.appliances import (
    AFTER,
    DELIVERED,
    HOUR_US,
    LAW,
    REPORTED,
    WASHER,
    happens,
    promise,
    reports,
    settle,
    shop,
)
from tests.live.stores import count, rows_of
from tests.live.telling import moment
from tests.oracle.histories import line

VIDEO = Exhibit(sha256="a" * 64, kind=Kind.VIDEO, bytes=10, width=None, height=None)
TWO = {**WASHER, "quantity": "2", "paid": "9999.01", "serials": '["SN1", "SN2"]'}


def test_a_fault_within_the_window_is_replaced_by_its_clause_on_its_day() -> None:
    with shop() as database:
        found = reports(database)
        assert found.opened
        told = found.led.step.told
        assert {name: told[name] for name in ("answer", "clause", "term", "day", "statute", "value_minor")} == {
            "answer": "replace",
            "clause": "c-swap",
            "term": "appliances-180/1",
            "day": 55,
            "statute": False,
            "value_minor": 4999_00,
        }
        assert (found.led.now.case_id, found.led.now.case.stage) == ("R-2026-0001", Stage.TO_SCHEDULE)


def test_the_window_is_judged_by_the_moment_of_the_report_not_by_when_we_learnt_of_it() -> None:
    last_us = DELIVERED + 180 * DAY_US
    with shop() as database:
        found = reports(database, last_us + 3 * DAY_US, at_us=last_us)
        assert found.led.step.told["answer"] == "replace"


def test_when_the_shops_term_is_over_the_law_answers() -> None:
    with shop() as database:
        told = reports(database, DELIVERED + 200 * DAY_US).led.step.told
        assert (told["answer"], told["clause"], told["statute"]) == ("repair", "l-repair", True)


def test_a_line_with_no_promise_of_the_shop_still_has_the_law() -> None:
    with shop(LAW) as database:
        found = reports(database)
        assert (found.led.step.told["term"], found.led.now.case.stage) == ("cn-year/1", Stage.REPAIRING)


def test_where_no_promise_answers_the_answer_is_no_and_can_be_appealed() -> None:
    with shop(promise()) as database:
        found = reports(database, DELIVERED + 200 * DAY_US)
        assert (found.led.step.told["answer"], found.led.step.told["clause"]) == ("no", "c-window")
        assert found.led.now.case.stage is Stage.NOT_COVERED
        led = happens(database, "R-2026-0001", What.APPEALED, DELIVERED + 201 * DAY_US, reason="it was reported before")
        assert led.now.case.stage is Stage.TO_REVIEW


def test_where_nothing_is_published_a_report_is_refused() -> None:
    with shop("") as database, pytest.raises(InputError, match="no promise that could answer"):
        reports(database)


def test_what_is_excluded_is_refused_by_its_own_clause() -> None:
    with shop(promise()) as database:
        told = reports(database, fault="misuse").led.step.told
        assert (told["answer"], told["clause"]) == ("no", "c-misuse")


def test_another_serial_is_refused_by_the_clause_on_serials() -> None:
    with shop(promise()) as database:
        told = reports(database, serial="SN7").led.step.told
        assert (told["answer"], told["clause"]) == ("no", "c-serial")


@pytest.mark.parametrize(
    ("told", "stage"),
    [
        ({"fault": "no_spin"}, Stage.EVIDENCE_WANTED),
        ({"fault": "no_spin", "exhibits": (VIDEO,)}, Stage.TO_SCHEDULE),
        ({"fault": "dent"}, Stage.EVIDENCE_WANTED),
        ({"fault": None}, Stage.TO_DECIDE),
    ],
)
def test_what_must_be_shown_is_asked_for_and_who_decides_is_as_the_fault_says(told: dict, stage: Stage) -> None:
    with shop(promise()) as database:
        assert reports(database, **told).led.now.case.stage is stage


def test_app_and_phone_about_one_unit_are_one_case() -> None:
    with shop() as database:
        first = reports(database, channel="app")
        second = reports(database, REPORTED + HOUR_US, channel="phone", serial=None)
        assert (first.opened, second.opened) == (True, False)
        assert second.led.now.case_id == first.led.now.case_id
        assert count(database, "cases") == 1
        assert rows_of(database, "SELECT what FROM steps ORDER BY seq") == [("reported",), ("judged",), ("reported",)]


def test_a_second_report_that_brings_what_was_asked_for_leads_the_case_on() -> None:
    with shop() as database:
        reports(database, fault="no_spin")
        second = reports(database, REPORTED + HOUR_US, fault="no_spin", exhibits=(VIDEO,))
        assert (second.opened, second.led.now.case.stage) == (False, Stage.TO_SCHEDULE)
        assert count(database, "exhibits") == 1


def test_the_same_report_sent_twice_is_one_report() -> None:
    with shop() as database:
        first, again = (reports(database, step_id="app-1") for _ in range(2))
        assert (first.opened, again.opened, again.led.known) == (True, False, True)
        assert count(database, "steps") == 2


def test_units_of_a_line_have_cases_of_their_own_by_serial_and_by_place() -> None:
    with shop(lines=(TWO,)) as database:
        one, two = reports(database, serial="SN1"), reports(database, serial="SN2")
        assert [found.led.now.unit for found in (one, two)] == [1, 2]
        assert [found.led.step.told["value_minor"] for found in (one, two)] == [4999_51, 4999_50]
        assert not reports(database, REPORTED + 1, serial=None, unit=2).opened


@pytest.mark.parametrize("unit", [None, 0, 3])
def test_a_report_that_does_not_say_which_unit_is_asked_for_it(unit: int | None) -> None:
    with shop(lines=(TWO,)) as database, pytest.raises(InputError, match="1 to 2"):
        reports(database, serial=None, unit=unit)


def test_a_unit_is_found_by_its_serial_or_its_order_alone() -> None:
    with shop() as database:
        assert reports(database, line_id=None).led.now.case_id == "R-2026-0001"
        assert not reports(database, REPORTED + 1, line_id=None, order_id="O1").opened
        with pytest.raises(InputError, match="no line is known by"):
            reports(database, line_id=None, serial="SN99")


def test_an_order_with_several_lines_is_asked_for_the_line() -> None:
    other = {**line("9.00", line_id="L2", order_id="O1", sku="lamp")}
    with shop(lines=(WASHER, other)) as database:
        with pytest.raises(InputError, match="one of the lines L1, L2"):
            reports(database, line_id=None, serial=None, order_id="O1")
        assert reports(database, line_id=None, order_id="O1").opened


def test_a_unit_that_was_swapped_is_reported_again_by_the_serial_of_the_new_one() -> None:
    with shop() as database:
        settle(database, reports(database).led.now.case_id)
        again = reports(database, REPORTED + 60 * DAY_US, serial="SN2")
        assert (again.opened, again.led.now.case_id, again.led.now.unit) == (True, "R-2026-0002", 1)
        assert again.led.step.told["answer"] == "replace"


def test_a_promise_that_ends_with_a_swap_is_used_up_and_the_law_answers() -> None:
    ends = promise().replace("after_swap: inherit", "after_swap: end")
    with shop(ends, LAW) as database:
        settle(database, reports(database).led.now.case_id)
        told = reports(database, REPORTED + 60 * DAY_US, serial="SN2").led.step.told
        assert (told["answer"], told["term"]) == ("repair", "cn-year/1")


def test_a_promise_that_restarts_runs_anew_for_the_new_unit() -> None:
    anew = promise().replace("after_swap: inherit", "after_swap: restart")
    with shop(anew) as database:
        settle(database, reports(database).led.now.case_id)
        told = reports(database, REPORTED + 170 * DAY_US, serial="SN2").led.step.told
        assert told["answer"] == "replace"


def test_a_unit_whose_money_went_back_has_no_claim_any_more() -> None:
    with shop(promise(AFTER)) as database:
        number = reports(database).led.now.case_id
        happens(database, number, What.RECEIVED, REPORTED + 1, serial="SN1")
        happens(database, number, What.INSPECTED, REPORTED + 2, verdict="confirmed")
        happens(database, number, What.OUT_OF_STOCK, REPORTED + 3)
        happens(database, number, What.CHOSE, REPORTED + 4, choice="refund")
        happens(database, number, What.REFUNDED, REPORTED + 5, reference="r")
        assert reports(database, REPORTED + 6).led.step.told["answer"] == "no"


def test_cases_are_numbered_within_the_shops_year() -> None:
    with shop(lines=(TWO,)) as database:
        midnight = moment("2027-01-01")
        assert reports(database, midnight - 1, serial="SN1").led.now.case_id == "R-2026-0001"
        assert reports(database, midnight, serial="SN2").led.now.case_id == "R-2027-0001"
