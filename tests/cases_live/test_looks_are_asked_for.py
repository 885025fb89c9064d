"""Facts that are worth a look put a case before a person with their reasons, and decide nothing."""

from houbei.case.scorecard import Signal
from houbei.case.signal_words import explain
from houbei.case.signals import Score
from houbei.case.stages import Need, Stage
from houbei.facts.moments import DAY_US
from houbei.facts.steps import What
from houbei.runs.audit import audit
from houbei.runs.case_timers import tick
from houbei.runs.signals import read_look
from tests.cases_live.appliances import AFTER, LAW, PROMISE, REPORTED, WASHER, happens, promise, reports, settle, shop
from tests.cases_live.test_pages_of_cases import view

ANY_SERIAL = PROMISE.replace("SECURITY", "advance").replace("must_match: true", "must_match: false")
NEIGHBOUR = {**WASHER, "line_id": "L2", "order_id": "O2", "buyer_id": "B2", "serials": '["SN77"]'}


def test_a_serial_of_another_sale_puts_the_case_before_a_person_with_the_reason_in_both_languages() -> None:
    with shop(ANY_SERIAL, lines=(WASHER, NEIGHBOUR)) as database:
        found = reports(database, serial="SN77")
        assert found.led.now.case.stage is Stage.TO_DECIDE
        (score,) = looks(database)
        assert [part.signal for part in score.parts] == [Signal.SERIAL_ELSEWHERE]
        for language in ("zh", "en"):
            told = explain(score, language)
            assert "SN77" in told.facts[0][0]
            assert told.sum == "40 = 40"
        assert audit(database, progress=lambda *_: None).agrees


def test_a_look_that_nobody_takes_goes_on_as_usual() -> None:
    with shop(ANY_SERIAL, lines=(WASHER, NEIGHBOUR)) as database:
        reports(database, serial="SN77")
        tick(database, now_us=REPORTED + 2 * DAY_US)
        assert view(database, REPORTED).case.stage is Stage.TO_SCHEDULE


def test_a_report_that_fits_asks_nobody() -> None:
    with shop() as database:
        assert reports(database).led.now.case.stage is Stage.TO_SCHEDULE
        assert looks(database) == []


def test_what_a_person_let_go_on_is_not_raised_again() -> None:
    with shop(ANY_SERIAL, lines=(WASHER, NEIGHBOUR)) as database:
        number = reports(database, serial="SN77").led.now.case_id
        happens(database, number, What.DECIDED, REPORTED + 1, answer="replace", reason="the box had the other label")
        happens(database, number, What.WITHDREW, REPORTED + 2)
        again = reports(database, REPORTED + 3, serial="SN77")
        assert (again.opened, again.led.now.case.stage) == (True, Stage.TO_SCHEDULE)


def test_a_refusal_rests_on_its_clause_and_asks_for_no_look() -> None:
    with shop(promise(), lines=(WASHER, NEIGHBOUR)) as database:
        found = reports(database, serial="SN77")
        assert (found.led.now.case.stage, "look" in found.led.step.told) == (Stage.NOT_COVERED, False)


def test_another_unit_in_the_box_is_put_before_a_person_while_the_case_goes_on() -> None:
    with shop(promise(AFTER)) as database:
        number = reports(database).led.now.case_id
        led = happens(database, number, What.RECEIVED, REPORTED + 1, serial="SN8")
        assert (led.now.case.stage, led.now.case.needs) == (Stage.TO_INSPECT, (Need.LOOK,))
        assert [part.signal for part in looks(database)[0].parts] == [Signal.INSPECTED_SERIAL]
        assert view(database, REPORTED + 3).deeds[-1].automatic
        assert audit(database, progress=lambda *_: None).agrees


def test_the_unit_that_was_reported_asks_nobody() -> None:
    with shop(promise(), LAW) as database:
        settle(database, reports(database).led.now.case_id)
        assert looks(database) == []
        assert view(database).case.over


def test_a_box_that_is_nearly_empty_and_parts_that_differ_are_each_asked_about_once() -> None:
    with shop(promise(AFTER)) as database:
        number = reports(database).led.now.case_id
        box = {"box_g": 9_000, "box_expected_g": 60_000}
        received = happens(database, number, What.RECEIVED, REPORTED + 1, serial="SN1", **box)
        assert (received.now.case.stage, received.now.case.needs) == (Stage.TO_INSPECT, (Need.LOOK,))
        happens(database, number, What.TAKEN_UP, REPORTED + 2)
        parts = {"parts_checked": 3, "parts_other": 2}
        inspected = happens(database, number, What.INSPECTED, REPORTED + 3, verdict="confirmed", **parts)
        assert (inspected.now.case.stage, inspected.now.case.needs) == (Stage.TO_SCHEDULE, (Need.LOOK,))
        assert [{part.signal for part in found.parts} for found in looks(database)] == [
            {Signal.LIGHT_BOX},
            {Signal.LIGHT_BOX, Signal.PARTS_OTHER},
        ]


def looks(database) -> list[Score]:
    return [read_look(str(deed.told["look"])) for deed in view(database).deeds if "look" in deed.told]
