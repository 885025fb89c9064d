"""Every state that a case can reach, found by trying every step on every state; small values stand for all amounts and serials."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from operator import attrgetter

from houbei.case.deadlines import deadlines_of
from houbei.case.fold import Advanced, advance, may_happen
from houbei.case.stages import ENDS, Case, Need, Rules, Stage, Verdict
from houbei.facts.steps import SHAPES, Person, Step, Told, What

VALUE, REFUND, SECURED = 10, 9, 7
_PASSED_ON = {
    "since_us",
    "slot_us",
    "stop_us",
    "secured_us",
    "claimed_us",
    "recalled_us",
    "heard_us",
    "secured_reference",
    "captured_reference",
    "up_reference",
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
    for what in filter(lambda one: may_happen(case, one), What):
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


def _tellings(what: What, case: Case, rules: Rules) -> Iterable[dict[str, Told]]:
    """What somebody may tell with a step of a kind: every choice that leads another way."""
    if what is What.TIMED_OUT:
        return [{"stage": deadline.kind} for deadline in deadlines_of(case, rules=rules)]
    if what in _TELLINGS:
        return _TELLINGS[what](case)
    return [dict.fromkeys(SHAPES[what].must, "x")]


def _judgements(_case: Case) -> Iterator[dict[str, Told]]:
    for answer in ("replace", "refund", "repair", "no"):
        base: dict[str, Told] = {"answer": answer, "value_minor": VALUE, "refund_minor": REFUND, "clause": "C"}
        yield from (base, {**base, "by_person": True}, {**base, "wants": "photo"})
        yield {**base, "wants": "photo", "by_person": True}


def _choices(_case: Case) -> Iterator[dict[str, Told]]:
    yield from ({"choice": choice} for choice in ("wait", "refund"))
    yield from ({"choice": "other_model", "sku": "X", "price_minor": VALUE + more} for more in (-2, 0, 3))


def _units(*names: str) -> Callable[[Case], Iterator[dict[str, Told]]]:
    def tell(case: Case) -> Iterator[dict[str, Told]]:
        for serial in sorted({case.new_serial, case.lost_serial, case.recalled_serial, "else"} - {""}):
            yield {**dict.fromkeys(names, "o"), names[-1]: serial}

    return tell


def _amounts(*amounts: int) -> Callable[[Case], list[dict[str, Told]]]:
    return lambda _case: [{"amount_minor": amount, "reference": "r"} for amount in amounts]


_TELLINGS: dict[What, Callable[[Case], Iterable[dict[str, Told]]]] = {
    What.JUDGED: _judgements,
    What.DECIDED: lambda _case: [
        {"answer": answer, "reason": "so"} for answer in ("replace", "refund", "repair", "no")
    ],
    What.NETTED: lambda _case: [{"refund_minor": REFUND}],
    What.HELD: _amounts(SECURED),
    What.DEPOSITED: _amounts(SECURED),
    What.CAPTURED: _amounts(SECURED - 1, SECURED, SECURED + 1),
    What.PAID_UP: _amounts(3, 2),
    What.RESERVED: lambda case: [{"serial": _unused(case), "unit_cost_minor": 0}],
    What.SLOT_CHOSEN: lambda _case: [{"from_us": 0, "until_us": 0}],
    What.CHOSE: _choices,
    What.SWAPPED: _units("old_serial", "new_serial"),
    What.DELIVERED: _units("new_serial"),
    What.WRONG_UNIT: _units("new_serial"),
    What.CAME_BACK: _units("serial"),
    What.LOST: lambda case: [] if case.claimed_minor else [{"which": "new"}, {"which": "old"}],
    What.INSPECTED: lambda _case: [{"verdict": Verdict.CONFIRMED.value}, {"verdict": Verdict.MISUSE.value}],
    What.CLAIMED: lambda case: [] if case.claimed_minor else [{"supplier": "s", "amount_minor": VALUE}],
    What.RECOVERED: lambda case: [{"amount_minor": case.claimed_minor}],
}


def _unused(case: Case) -> str:
    return next(name for name in ("n1", "n2", "n3", "n4") if name not in {case.lost_serial, case.recalled_serial})


def reach(rules: Rules, *, taken: Callable[[Case, Step, Advanced], None]) -> dict[Key, tuple[Case, frozenset[Key]]]:
    """Every state that a case can reach, and the states that its steps lead to.

    Args:
        rules: What leads the cases.
        taken: Told of every step that is taken: the case before it, the step, what it did.
    """
    first = Case()
    found: dict[Key, Case] = {key_of(first): first}
    leads: dict[Key, frozenset[Key]] = {}
    waiting = deque([first])
    while waiting:
        case, after = waiting.popleft(), set[Key]()
        for step in steps_for(case, rules):
            done = advance(case, step, rules=rules)
            if done.set_aside:
                continue
            taken(case, step, done)
            key = key_of(done.case)
            after.add(key)
            if key not in found:
                found[key] = done.case
                waiting.append(done.case)
        leads[key_of(case)] = frozenset(after)
    return {key: (case, leads[key]) for key, case in found.items()}
