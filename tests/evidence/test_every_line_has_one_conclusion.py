"""Over drawn histories: one conclusion a line, owed where and only where something is paid, the same alone as in a batch."""

import numpy as np
from hypothesis import given

from houbei.evidence.conclusions import Conclusion
from houbei.evidence.reasons import clauses_of, reasons_of
from tests.evidence.judged import judge_alone, judge_history
from tests.oracle.strategies import History, histories


@given(history=histories())
def test_every_line_has_one_conclusion_and_owed_means_paid(history: History) -> None:
    judged = judge_history(history)
    steps, reasons, live = judged.decision.steps, judged.reasons, judged.lines.live
    assert ((reasons.conclusion != Conclusion.NO_LINE) == live).all()
    assert sum(reasons.counts().values()) == live.sum()
    paid = set(steps.line[(steps.held == 0) & (judged.granted > 0)].tolist())
    assert set(np.flatnonzero(reasons.conclusion == Conclusion.OWED).tolist()) == paid
    held = set(steps.line[steps.held == 1].tolist()) - paid
    assert set(np.flatnonzero(reasons.conclusion == Conclusion.HELD).tolist()) == held
    undecided = np.flatnonzero(judged.decision.binding.undecided)
    assert (np.flatnonzero(reasons.conclusion == Conclusion.UNDECIDED) == undecided).all()
    assert (reasons.said.codes[undecided] >= 0).all()


@given(history=histories())
def test_the_trail_of_every_line_adds_up(history: History) -> None:
    """What is told of the steps is what was decided, and the sums come to it to the cent, or more where a cap cuts."""
    judged = judge_history(history)
    clauses = clauses_of(judged.inquiry.engine.terms, judged.reasons)
    for line_id, place in judged.places.items():
        trail = judged.trail(line_id)
        assert trail.clause.id == clauses.values[clauses.codes[place]]
        mine = judged.decision.steps.line == place
        held = judged.decision.steps.held == 1
        assert trail.owed_minor == judged.granted[mine & ~held].sum()
        assert trail.held_minor == judged.granted[mine & held].sum()
        assert (trail.owed_minor > 0) == (trail.conclusion is Conclusion.OWED)
        for step in trail.steps:
            assert sum(part.amount_minor for part in step.sums) == step.asked_minor or not step.sums
            assert step.sums or step.held
            assert step.asked_minor >= step.amount_minor


@given(history=histories())
def test_a_line_alone_comes_to_what_it_comes_to_in_a_batch(history: History) -> None:
    judged = judge_history(history)
    whole = reasons_of(judged.inquiry, judged.lines, judged.decision)
    for place in np.flatnonzero(judged.lines.live).tolist():
        alone = judge_alone(judged, place)
        columns = ("conclusion", "lessened", "row", "at")
        assert [int(getattr(alone, name)[0]) for name in columns] == [
            int(getattr(whole, name)[place]) for name in columns
        ]
        assert alone.said.codes[0] == whole.said.codes[place]
