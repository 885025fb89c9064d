"""Every state that a case can reach, found by trying every step on every state; small values stand for all amounts and serials."""

from collections.abc import Iterator
from dataclasses import fields, replace
from operator import attrgetter

from houbei.case.deadlines import deadlines_of
from houbei.case.fold import Advanced, advance
from houbei.case.stages import ENDS, Case, Need, Rules, Stage, Verdict
from houbei.facts.steps import SHAPES, Person, Step, Told, What

VALUE, REFUND = 10, 9
_PASSED_ON = {
    "since_us",
    "slot_us",
    "stop_us",
    "secured_us",
    "claimed_us",
    "recalled_us",
    "steps",
    "sku",
    "value_minor",
}
_SERIALS = ("new_serial", "lost_serial", "recalled_serial")
_READ_AT = {"by_person": {Stage.EVIDENCE_WANTED}, "decided_by": {*ENDS, Stage.TO_RECOVER, Stage.TO_REVIEW}}
"""What is only read at some stages: elsewhere two states that differ in nothing else have the same future."""
_NOWHERE = {"verdict", "needs"}
_told_apart = attrgetter(
    *(field.name for field in fields(Case) if field.name not in {*_PASSED_ON, *_SERIALS, *_READ_AT, *_NOWHERE})
)
PEOPLE = (Person(name="first", role="clerk", named=True), Person(name="second", role="clerk", named=False))
Key = tuple[object, ...]


def key_of(case: Case) -> Key:
    """What tells states apart: everything but moments and what is only passed on; of serials, which there are: names do not matter."""
    read = (getattr(case, name) if case.stage in stages else None for name, stages in _READ_AT.items())
    needs = tuple(need for need in case.needs if need is not Need.LOOK)
    return (*_told_apart(case), needs, *read, *(bool(getattr(case, name)) for name in _SERIALS))


def steps_for(case: Case, rules: Rules) -> Iterator[Step]:
    """Every step that anybody could tell of a case that stands like this, sensible or not."""
    for what in What:
        for told in _tellings(what, case, rules):
            for person in PEOPLE if case.stage is Stage.TO_REVIEW and what is What.DECIDED else PEOPLE[:1]:
                yield Step(
                    source="test",
                    step_id="",
                    case="case",
                    what=what,
                    teller=min(SHAPES[what].tellers),
                    at_us=0,
                    known_us=0,
                    person=person,
                    told=told,
                )


def _tellings(what: What, case: Case, rules: Rules) -> Iterator[dict[str, Told]]:
    if what is What.JUDGED:
        for answer in ("replace", "refund", "repair", "no"):
            base: dict[str, Told] = {"answer": answer, "value_minor": VALUE, "refund_minor": REFUND, "clause": "C"}
            yield base
            yield {**base, "by_person": True}
            yield {**base, "wants": "photo", "by_person": True}
            yield {**base, "wants": "photo"}
    elif what is What.DECIDED:
        yield from ({"answer": answer, "reason": "so"} for answer in ("replace", "refund", "repair", "no"))
    elif what in {What.HELD, What.DEPOSITED}:
        yield from ({"amount_minor": amount, "reference": "r"} for amount in (VALUE, 4))
    elif what is What.CAPTURED:
        yield from ({"amount_minor": amount, "reference": "r"} for amount in (3, VALUE, VALUE + 1))
    elif what is What.RESERVED:
        yield {"serial": _unused(case), "unit_cost_minor": 0}
    elif what is What.SLOT_CHOSEN:
        yield {"from_us": 0, "until_us": 0}
    elif what is What.CHOSE:
        yield from ({"choice": choice} for choice in ("wait", "refund"))
        yield from (
            {"choice": "other_model", "sku": "X", "price_minor": price} for price in (VALUE - 2, VALUE, VALUE + 3)
        )
    elif what is What.PAID_UP:
        yield from ({"amount_minor": amount, "reference": "r"} for amount in (3, 2))
    elif what in {What.SWAPPED, What.DELIVERED, What.WRONG_UNIT}:
        for serial in {case.new_serial, case.lost_serial, "else"} - {""}:
            yield {"old_serial": "o", "new_serial": serial} if what is What.SWAPPED else {"new_serial": serial}
    elif what is What.LOST:
        if not case.claimed_minor:
            yield from ({"which": which} for which in ("new", "old"))
    elif what is What.CAME_BACK:
        for serial in {case.new_serial, case.lost_serial, case.recalled_serial, "else"} - {""}:
            yield {"serial": serial}
    elif what is What.INSPECTED:
        yield from ({"verdict": verdict.value} for verdict in (Verdict.CONFIRMED, Verdict.MISUSE))
    elif what in {What.CLAIMED, What.RECOVERED}:
        if what is What.RECOVERED or not case.claimed_minor:
            yield (
                {"supplier": "s", "amount_minor": VALUE}
                if what is What.CLAIMED
                else {"amount_minor": case.claimed_minor}
            )
    elif what is What.TIMED_OUT:
        yield from ({"stage": deadline.kind} for deadline in deadlines_of(case, rules=rules))
    else:
        yield {name: "x" for name in SHAPES[what].must}


def _unused(case: Case) -> str:
    return next(name for name in ("n1", "n2", "n3", "n4") if name not in {case.lost_serial, case.recalled_serial})


def reach(rules: Rules) -> tuple[dict[Key, Case], list[tuple[Case, Step, Advanced]]]:
    """Every state, and every step that is taken from one to another."""
    first = Case()
    found, waiting, taken = {key_of(first): first}, [first], list[tuple[Case, Step, Advanced]]()
    while waiting:
        case = waiting.pop()
        for step in steps_for(case, rules):
            done = advance(case, step, rules=rules)
            if done.set_aside:
                continue
            done = replace(done, case=replace(done.case, steps=0))
            taken.append((case, step, done))
            key = key_of(done.case)
            if key not in found:
                found[key] = done.case
                waiting.append(done.case)
    return found, taken
