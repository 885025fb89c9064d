"""Histories that earlier versions recorded are folded to the same states, step by step: new code reads old facts and old states."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from houbei.case.deadlines import next_deadline
from houbei.case.fold import advance
from houbei.case.rules import rules_of
from houbei.case.stages import Case, Rules
from houbei.facts.steps import Person, Step, Teller, What, check_step
from houbei.store.cases import case_of, state_of
from houbei.terms.document import parse_terms

HISTORIES = sorted((Path(__file__).parent / "histories").glob("*.json"))


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def step_of(row: dict[str, Any], case: str) -> Step:
    person = (
        None
        if row["person"] is None
        else Person(*[], **dict(zip(("name", "role", "named"), row["person"], strict=True)))
    )
    return Step(
        source=row["source"],
        step_id=row["step_id"],
        case=case,
        what=What(row["what"]),
        teller=Teller(row["teller"]),
        at_us=row["at_us"],
        known_us=row["known_us"],
        person=person,
        told=row["told"],
    )


def test_there_are_histories() -> None:
    assert len(HISTORIES) >= 9


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
def test_a_recorded_history_is_folded_to_what_it_was(path: Path) -> None:
    history = read(path)
    terms = parse_terms(history["promise"], where=path.name)
    rules, case = Rules(), Case()
    for row in history["steps"]:
        step = step_of(row, history["case"])
        check_step(step, where=path.name)
        if step.what is What.JUDGED:
            rules = rules_of(terms, currency=history["currency"])
        done = advance(case, step, rules=rules)
        case = done.case
        assert json.loads(state_of(case)) == row["becomes"], step.step_id
        assert [[moved.move.value, moved.amount_minor] for moved in done.moved] == row["moved"], step.step_id
    due = next_deadline(case, rules=rules)
    assert (None if due is None else due.at_us) == history["due_us"]


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
def test_a_recorded_state_is_read_as_the_case_it_was(path: Path) -> None:
    for row in read(path)["steps"]:
        case = case_of(json.dumps(row["becomes"]))
        assert json.loads(state_of(case)) == row["becomes"]


def test_a_state_with_a_field_that_nobody_knows_yet_is_read_without_it() -> None:
    assert case_of('{"stage": "settled", "of_a_later_version": [1]}') == case_of('{"stage": "settled"}')


def test_a_state_that_names_a_stage_of_a_later_version_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        case_of('{"stage": "of_a_later_version"}')
