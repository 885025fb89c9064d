"""A look is asked for, decided by a person, appealed, answered by another; silence never counts against a buyer."""

from dataclasses import replace

import pytest

from houbei.case.looks import (
    Decision,
    Look,
    Unfit,
    Verdict,
    answer_appeal,
    appeal,
    ask_to_look,
    cleared_by,
    decide,
    name_for_appeal,
    verdict_at,
)
from houbei.case.observed import Observed
from houbei.case.scorecard import Signal, shipped_scorecard
from houbei.case.signals import Outcome, score

FACTS = Observed(case_id="R1", buyer="b-7", inspected_serial_fits=False, photo_taken=False, batch_warned=False)
SCORE = score(FACTS, scorecard=shipped_scorecard())


def asked() -> Look:
    look = ask_to_look(SCORE, asked_us=10, look_by_us=100)
    assert look is not None
    return look


def said(by: str, verdict: Verdict, at_us: int, reason: str = "the plate was photographed twice") -> Decision:
    return Decision(by=by, at_us=at_us, verdict=verdict, reason=reason)


def fit(look: Look | Unfit) -> Look:
    assert isinstance(look, Look)
    return look


HELD = said("p1", Verdict.INSPECT_FIRST, 20)


def decided() -> Look:
    return fit(decide(asked(), HELD))


def appealed() -> Look:
    return fit(appeal(decided(), words="it is the unit you sent", at_us=30, answer_by_us=200))


def test_a_score_below_the_threshold_asks_nobody():
    nothing = score(FACTS, scorecard=shipped_scorecard(), look_at=46)
    assert nothing.outcome is Outcome.NOTHING
    assert ask_to_look(nothing, asked_us=10, look_by_us=100) is None


def test_a_score_has_no_outcome_beside_look_and_nothing_and_a_look_no_verdict_that_refuses():
    assert {*Outcome} == {Outcome.LOOK, Outcome.NOTHING}
    assert {*Verdict} == {Verdict.GO_ON, Verdict.INSPECT_FIRST}


def test_nothing_holds_before_a_person_has_looked():
    assert verdict_at(asked(), 99) is None


def test_a_look_that_nobody_takes_up_goes_on_as_usual_and_clears_nothing():
    assert verdict_at(asked(), 100) is Verdict.GO_ON
    assert cleared_by(asked()) == ()


def test_a_persons_decision_closes_a_look():
    assert verdict_at(decided(), 10**9) is Verdict.INSPECT_FIRST
    assert decide(decided(), said("p2", Verdict.GO_ON, 21)) is Unfit.DECIDED


@pytest.mark.parametrize(("decision", "unfit"), [
    (said("p1", Verdict.GO_ON, 100), Unfit.TOO_LATE),
    (said("p1", Verdict.INSPECT_FIRST, 20, reason="  "), Unfit.NO_REASON),
])  # fmt: skip
def test_a_decision_is_in_time_and_has_a_reason(decision: Decision, unfit: Unfit):
    assert decide(asked(), decision) is unfit


def test_what_a_person_cleared_is_not_raised_again():
    look = fit(decide(asked(), said("p1", Verdict.GO_ON, 20)))
    again = score(FACTS, scorecard=shipped_scorecard(), cleared=cleared_by(look))
    assert [part.points for part in again.parts] == [40, 5]
    assert again.total == 0
    assert {one.signal for one in cleared_by(look)} == {Signal.INSPECTED_SERIAL, Signal.NO_PHOTO}


def test_what_speaks_for_the_buyer_is_not_cleared():
    facts = replace(FACTS, batch_warned=True)
    look = ask_to_look(score(facts, scorecard=shipped_scorecard(), look_at=20), asked_us=10, look_by_us=100)
    assert look is not None
    cleared = cleared_by(fit(decide(look, said("p1", Verdict.GO_ON, 20))))
    assert score(facts, scorecard=shipped_scorecard(), cleared=cleared).total == -20


def test_a_decision_against_a_buyer_clears_nothing():
    assert cleared_by(decided()) == ()
    assert cleared_by(appealed()) == ()


def test_an_appeal_goes_to_somebody_else_than_who_decided():
    assert name_for_appeal(appealed(), "p1") is Unfit.SAME_PERSON
    named = fit(name_for_appeal(appealed(), "p2"))
    assert answer_appeal(named, said("p1", Verdict.INSPECT_FIRST, 40)) is Unfit.NOT_NAMED
    answered = fit(answer_appeal(named, said("p2", Verdict.GO_ON, 40)))
    assert verdict_at(answered, 41) is Verdict.GO_ON
    assert {one.signal for one in cleared_by(answered)} == {Signal.INSPECTED_SERIAL, Signal.NO_PHOTO}


def test_nobody_answers_an_appeal_before_they_are_named():
    assert answer_appeal(appealed(), said("p2", Verdict.GO_ON, 40)) is Unfit.NOT_NAMED
    assert answer_appeal(decided(), said("p2", Verdict.GO_ON, 40)) is Unfit.NO_APPEAL
    assert name_for_appeal(decided(), "p2") is Unfit.NO_APPEAL


def test_an_appeal_can_be_given_to_a_third_person_but_not_once_it_is_answered():
    named = fit(name_for_appeal(fit(name_for_appeal(appealed(), "p2")), "p3"))
    assert answer_appeal(named, said("p2", Verdict.GO_ON, 40)) is Unfit.NOT_NAMED
    answered = fit(answer_appeal(named, said("p3", Verdict.INSPECT_FIRST, 40)))
    assert verdict_at(answered, 10**9) is Verdict.INSPECT_FIRST
    assert name_for_appeal(answered, "p2") is Unfit.DECIDED
    assert answer_appeal(answered, said("p3", Verdict.GO_ON, 41)) is Unfit.DECIDED
    assert appeal(answered, words="once more", at_us=50, answer_by_us=300) is Unfit.APPEALED


def test_an_appeal_that_nobody_answers_in_time_goes_on_as_usual():
    named = fit(name_for_appeal(appealed(), "p2"))
    assert verdict_at(named, 199) is Verdict.INSPECT_FIRST
    assert verdict_at(named, 200) is Verdict.GO_ON
    assert answer_appeal(named, said("p2", Verdict.INSPECT_FIRST, 200)) is Unfit.TOO_LATE
    assert answer_appeal(named, said("p2", Verdict.INSPECT_FIRST, 199, reason="")) is Unfit.NO_REASON
    assert cleared_by(named) == ()


@pytest.mark.parametrize("look", [asked(), fit(decide(asked(), said("p1", Verdict.GO_ON, 20)))])
def test_there_is_nothing_to_appeal_where_nothing_was_held(look: Look):
    assert appeal(look, words="why", at_us=30, answer_by_us=200) is Unfit.NOTHING_TO_APPEAL
