"""A person who has a case in hand is left alone for a while, and no deadline that is still to come is put off by that."""

from dataclasses import replace

from houbei.case.deadlines import AGAIN_US, next_deadline
from houbei.case.fold import advance
from houbei.case.stages import Case, Remedy, Rules, Stage
from houbei.facts.steps import Person, Step, Teller, What

RULES = Rules(choose_us=1000, decide_us=1000)
CASE = Case(remedy=Remedy.REPLACE, since_us=10)


def taken_up(case: Case, at_us: int) -> Case:
    person = Person(name="Clerk One", role="clerk", named=True)
    step = Step(source="t", step_id="1", case="R", what=What.TAKEN_UP, teller=Teller.SHOP, at_us=at_us, known_us=at_us, person=person, told={})  # fmt: skip
    return advance(case, step, rules=RULES).case


def due_us(case: Case) -> int:
    found = next_deadline(case, rules=RULES)
    assert found is not None
    return found.at_us


def test_a_deadline_that_had_passed_comes_again_a_day_after_somebody_took_it_in_hand():
    case = replace(CASE, stage=Stage.TO_SCHEDULE)
    assert due_us(case) == 1010
    assert due_us(taken_up(case, 1010)) == 1010 + AGAIN_US
    assert due_us(taken_up(case, 5000)) == 5000 + AGAIN_US


def test_a_decision_that_silence_makes_is_not_put_off_by_taking_it_in_hand():
    case = replace(CASE, stage=Stage.TO_DECIDE)
    assert due_us(taken_up(case, 1009)) == due_us(case) == 1010
