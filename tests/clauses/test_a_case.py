"""The page on a case: every row's steps are folded, and the case stands as written, with the entries that are written and no others."""

import re
from dataclasses import replace

import pytest

from houbei.case.deadlines import next_deadline
from houbei.case.fold import advance
from houbei.case.stages import Case, Rules, Secured
from houbei.facts.steps import SHAPES, Person, Step, Teller, Told, What, check_step
from houbei.money import text_of
from tests.clauses.pages import Row, block, parts, read, rows_of

PAGE = "a-case.md"
ROWS = rows_of("case", "rules", "steps", "stands", "entries")
_STEP = re.compile(r"(\w+)(?: (\{.*\}))?(?: by (\w+))?")
HOUR_US = 3_600_000_000


def _typed(value: str) -> Told:
    if value in {"true", "false"}:
        return value == "true"
    return int(value) if value.isdecimal() else value


def _rules(cell: str) -> Rules:
    changes = {name: _typed(value) for name, value in read(f"{{{cell.strip('`')}}}").items()}
    if "secured_by" in changes:
        changes["secured_by"] = Secured(str(changes["secured_by"]))
    return replace(Rules(), **changes)  # type: ignore[arg-type]


def _told_by(what: What) -> Teller:
    return Teller.SHOP if Teller.SHOP in SHAPES[what].tellers else min(SHAPES[what].tellers)


def _step(text: str, number: int, at_us: int) -> Step:
    name, told, person = _STEP.fullmatch(text).groups()  # type: ignore[union-attr]
    fields = {**block(PAGE, "steps").get(name, {}), **read(told or "{}")}
    step = Step(
        source="page",
        step_id=str(number),
        case="R-1",
        what=What(name),
        teller=_told_by(What(name)),
        at_us=at_us,
        known_us=at_us,
        person=Person(name=person or "first", role="clerk", named=True),
        told={key: _typed(value) for key, value in fields.items()},
    )
    check_step(step, where=text)
    return step


def _waited(case: Case, rules: Rules, number: int) -> Step:
    deadline = next_deadline(case, rules=rules)
    assert deadline is not None
    told = {"stage": deadline.kind}
    moment = deadline.at_us
    return Step(source="houbei", step_id=str(number), case="R-1", what=What.TIMED_OUT, teller=Teller.HOUBEI, at_us=moment, known_us=moment, told=told)  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_case_stands_as_its_row_says(row: Row):
    rules, case, now_us, entries = _rules(row.cells["rules"]), Case(), 0, list[str]()
    for number, text in enumerate(parts(row.cells["steps"])):
        now_us += HOUR_US
        step = _waited(case, rules, number) if text == "wait" else _step(text, number, now_us)
        now_us = max(now_us, step.known_us)
        done = advance(case, step, rules=rules)
        case = done.case
        entries += [f"{moved.move} {text_of(moved.amount_minor, 'CNY')}" for moved in done.moved]
    stands = ", needs ".join([case.stage.value, *(need.value for need in case.needs)])
    assert (stands, entries) == (row.cells["stands"], parts(row.cells["entries"]))


def test_the_page_has_rows():
    assert len(ROWS) > 30
