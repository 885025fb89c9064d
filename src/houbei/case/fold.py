"""The fold: steps in the order in which they were learnt make the case. The same steps give the same case, on any machine, at any time.

A step that cannot happen at the case's stage is set aside: it is kept as a fact, changes nothing, and a person looks at it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from houbei.case.edges import ANYWHERE, EDGES, Edge
from houbei.case.effects import apply
from houbei.case.guards import holds
from houbei.case.moves import Moved
from houbei.case.stages import Case, Need, Rules, Stage
from houbei.facts.steps import Step, What

_BY_STAGE: dict[tuple[Stage, What], tuple[Edge, ...]] = {
    (stage, what): tuple(e for e in EDGES if e.stage is stage and e.what is what)
    + tuple(e for e in ANYWHERE if e.what is what)
    for stage in Stage
    for what in What
}
_LASTING = frozenset({Need.RENEW, Need.CHASE, Need.RECALL, Need.LOOK})
"""Needs that do not belong to a stage: they stay when it ends."""
_ANSWERED = {
    Need.RENEW: frozenset({What.HOLD_RENEWED, What.HELD, What.DEPOSITED, What.CAPTURED}),
    Need.CHASE: frozenset({What.RECOVERED, What.SUPPLIER_REFUSED}),
    Need.RECALL: frozenset({What.CAME_BACK}),
    Need.LOOK: frozenset({What.TAKEN_UP}),
}
"""What answers a lasting need."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advanced:
    """What one step did: the case after it, the money it moved, and whether it was set aside because it cannot happen here."""

    case: Case
    moved: tuple[Moved, ...] = ()
    set_aside: bool = False


def advance(case: Case, step: Step, *, rules: Rules) -> Advanced:
    """Lead a case on by one step.

    Args:
        case: As it stands.
        step: What was learnt.
        rules: What of the terms leads it.

    Returns:
        The case after it. A step that is set aside leaves the case as it was, but for the person it needs.

    Cost: some microseconds.
    """
    for edge in _BY_STAGE[case.stage, step.what]:
        if holds(edge.when, case, step, rules):
            return _taken(edge, case, step, rules)
    needs = case.needs if step.what is What.TIMED_OUT else _with(case.needs, Need.LOOK)
    return Advanced(case=case.but(needs=needs, steps=case.steps + 1), set_aside=True)


def may_happen(case: Case, what: What) -> bool:
    """Say whether a kind of step can happen at all at a case's stage; whether this one does depends on what it tells."""
    return bool(_BY_STAGE[case.stage, what])


def fold(steps: Iterable[Step], *, rules: Rules, case: Case | None = None) -> tuple[Case, list[Advanced]]:
    """Fold steps into the case they make; and what each of them did.

    Args:
        steps: In the order in which they were learnt.
        rules: What of the terms leads it.
        case: Where it begins: a new case unless given.
    """
    standing, all_done = case or Case(), list[Advanced]()
    for step in steps:
        done = advance(standing, step, rules=rules)
        all_done.append(done)
        standing = done.case
    return standing, all_done


def _taken(edge: Edge, case: Case, step: Step, rules: Rules) -> Advanced:
    case, moved = apply(edge.does, case, step, rules)
    needs = tuple(need for need in case.needs if step.what not in _ANSWERED.get(need, frozenset()))
    stage, since_us = case.stage, case.since_us
    if edge.to is not None:
        needs = tuple(need for need in needs if need in _LASTING)
        stage, since_us = edge.to, step.known_us
    if edge.need is not None:
        needs = _with(needs, edge.need)
    case = case.but(stage=stage, since_us=since_us, needs=needs, steps=case.steps + 1)
    return Advanced(case=_tidied(case), moved=moved)


def _tidied(case: Case) -> Case:
    """Needs whose reason is gone with the step: nothing to renew, nobody to chase, nothing to call back."""
    if not case.needs:
        return case
    gone = set[Need]()
    if not case.secured_minor and case.secured.value != "lapsed":
        gone.add(Need.RENEW)
    if not case.claimed_minor:
        gone.add(Need.CHASE)
    if not case.recalled:
        gone.add(Need.RECALL)
    return case.but(needs=tuple(need for need in case.needs if need not in gone)) if gone & set(case.needs) else case


def _with(needs: tuple[Need, ...], need: Need) -> tuple[Need, ...]:
    return needs if need in needs else tuple(sorted((*needs, need)))
