"""A step of a case taken in: kept once, folded, its money posted, what it needs put before a person, all in one transaction.

Whoever tells of a step may tell it again, from a phone without signal, from two processes, after a crash: its source and id make it one.
A step that cannot happen at the case's stage is kept, changes nothing, and a person looks at it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, Engine

from houbei.case.deadlines import Deadline, next_deadline
from houbei.case.fold import Advanced, advance
from houbei.case.moves import Moved
from houbei.case.stages import Case, New, Rules
from houbei.errors import InputError, InvariantError
from houbei.facts.steps import Step, What, check_step
from houbei.runs.case_holds import plan_holds
from houbei.runs.case_money import Movement, post_moves
from houbei.runs.case_needs import put_needs
from houbei.runs.netting import end_protection, net_before
from houbei.runs.signals import look_step, score_case
from houbei.store.case_rules import leading
from houbei.store.cases import Standing, find_case, keep_cases
from houbei.store.database import writing
from houbei.store.exhibits import Exhibit
from houbei.store.marks import live_through
from houbei.store.promises import Promise, published
from houbei.store.steps import append_exhibits, append_steps, find_step, same_told
from houbei.store.swaps import append_swaps


@dataclass(frozen=True, slots=True, kw_only=True)
class Led:
    """What a step did to its case.

    `known` says that it was told before and did nothing now; `set_aside` that it cannot happen here and a person looks at it. `was` is the case
    before it and `became` the case after it; `now` how the case stands since all that was told together, `due` its next deadline. `moved`
    is the money that the step moved.
    """

    step: Step
    was: Case
    became: Case
    now: Standing
    moved: tuple[Moved, ...] = ()
    set_aside: bool = False
    known: bool = False
    due: Deadline | None = None

    @property
    def hands_over(self) -> bool:
        """Whether a new unit became the buyer's by it."""
        return _hands_over(self.was, self.became)


def tell(database: Engine, step: Step, *, now_us: int, exhibits: Sequence[Exhibit] = ()) -> Led:
    """Take a step in.

    Args:
        database: The store.
        step: What is told; when we learnt of it is noted here.
        now_us: What time it is.
        exhibits: Files that came with it, kept already.

    Raises:
        InputError: nobody may tell such a step, there is no such case, or the step's id was told before with something else.
        StoreError: the store cannot be written; nothing was kept.

    Cost: some milliseconds, most of them the commit.
    """
    check_step(step, where=f"case {step.case}")
    with writing(database) as connection:
        return tell_in(connection, step, now_us=live_through(connection, now_us), exhibits=exhibits)


def tell_in(connection: Connection, step: Step, *, now_us: int, exhibits: Sequence[Exhibit] = ()) -> Led:
    """Take a step in that was checked, in a writing transaction; arguments and errors as for `tell`."""
    before = find_case(connection, step.case)
    if before is None:
        raise InputError(
            came=f"no case {step.case}",
            where=f"step {step.step_id}",
            expected="the number of a case, like R-2026-0219",
            todo="Look at the list that houbei case list prints.",
        )
    kept = find_step(connection, source=step.source, step_id=step.step_id)
    if kept is None:
        append_exhibits(connection, step, exhibits)
        led = lead_on(connection, told_with_net(connection, [(before, step)], now_us=now_us), now_us=now_us)[-1]
        return _look_at_old_unit(connection, led, now_us=now_us) if step.what in _OLD_UNIT else led
    if not same_told(step, kept):
        raise InputError(
            came=f"the id {step.step_id}, told before with something else ({kept.what} of case {kept.case})",
            where=f"case {step.case}",
            expected="an id of its own for each step",
            todo="Give another id.",
        )
    return known_led(connection, kept, before)


_OLD_UNIT = frozenset({What.RECEIVED, What.INSPECTED})
"""Steps that tell of the old unit what only whoever has it can tell."""


def _look_at_old_unit(connection: Connection, led: Led, *, now_us: int) -> Led:
    """Once the old unit is in, and once it is inspected, ask a person to look where the facts are worth it; the case goes on meanwhile.

    The same score is asked about once: whoever looked has seen its facts.
    """
    scored = score_case(connection, led.now, now_us=now_us)
    look = None if led.set_aside else look_step(led.step.case, scored, now_us=now_us)
    if look is None or find_step(connection, source=look.source, step_id=look.step_id) is not None:
        return led
    (asked,) = lead_on(connection, [(led.now, look)], now_us=now_us)
    return replace(led, now=asked.now, due=asked.due)


def known_led(connection: Connection, kept: Step, standing: Standing) -> Led:
    """What a step did that was told before: nothing, now."""
    due = _due(standing, promises_by_seq(connection))
    return Led(step=kept, was=standing.case, became=standing.case, now=standing, known=True, due=due)


def told_with_net(
    connection: Connection, told: Sequence[tuple[Standing, Step]], *, now_us: int
) -> list[tuple[Standing, Step]]:
    """Put before each step that may make a refund owed the one that takes off what price protection paid since.

    Args:
        connection: In a writing transaction.
        told: Steps with their cases as they stand; one a case.
        now_us: When they are learnt.
    """
    promises, found = promises_by_seq(connection), list[tuple[Standing, Step]]()
    for before, step in told:
        net = net_before(connection, before, step, promises, now_us=now_us)
        found += [(before, step)] if net is None else [(before, net), (before, step)]
    return found


def lead_on(connection: Connection, told: Sequence[tuple[Standing, Step]], *, now_us: int) -> list[Led]:
    """Lead cases on by steps that are not known yet.

    Args:
        connection: In a writing transaction.
        told: Each step with its case as it stands; of several of one case, how it stood before the first.
        now_us: When they are learnt.

    Returns:
        What each did, in their order.

    Cost: some 50 µs a step of many.
    """
    promises = promises_by_seq(connection)
    steps = append_steps(
        connection, [step if step.known_us == now_us else replace(step, known_us=now_us) for _, step in told]
    )
    before = {one.case_id: one for one, _ in told}
    folded = {case_id: _Folding(one, one.case, one.terms) for case_id, one in before.items()}
    done = [_fold_on(folded[step.case], step, promises) for step in steps]
    moving = [(step, one) for step, (_, one) in zip(steps, done, strict=True) if one.moved]
    moved = [(before[step.case], step, one.moved) for step, one in moving]
    covers = _post(connection, moved, folded, promises, now_us)
    end_protection(connection, moved, now_us=now_us)
    dues, standing = dict[str, Deadline | None](), dict[str, Standing]()
    for case_id, one in folded.items():
        due = next_deadline(one.case, rules=one.rules(promises))
        dues[case_id] = due
        standing[case_id] = one.standing(covers.get(case_id), None if due is None else due.at_us)
    keep_cases(connection, list(standing.values()))
    put_needs(connection, list(standing.values()), now_us=now_us)
    plan_holds(connection, {name: one.case for name, one in before.items()}, standing, promises, now_us=now_us)
    led = [
        Led(
            step=step,
            was=was,
            became=one.case,
            now=standing[step.case],
            moved=one.moved,
            set_aside=one.set_aside,
            due=dues[step.case],
        )
        for step, (was, one) in zip(steps, done, strict=True)
    ]
    _note_swaps(connection, led, promises)
    return led


def due_of(connection: Connection, one: Standing) -> Deadline | None:
    """Give the next deadline of a case; None where it has none."""
    return _due(one, promises_by_seq(connection))


def lead_through(opened: Standing, steps: Sequence[Step], promises: dict[int, Promise]) -> list[Led]:
    """Fold the steps of a case again, as they are kept.

    Args:
        opened: The case as it was opened.
        steps: In the order in which they were learnt.
        promises: Every published promise by its number.

    Returns:
        What each step did, in their order; `now` is how the case stands, but for its cover. Nothing is written.
    """
    folding = _Folding(opened, opened.case, opened.terms)
    done = [_fold_on(folding, step, promises) for step in steps]
    due = next_deadline(folding.case, rules=folding.rules(promises))
    now = folding.standing(None, None if due is None else due.at_us)
    return [
        Led(step=step, was=was, became=one.case, now=now, moved=one.moved, set_aside=one.set_aside, due=due)
        for step, (was, one) in zip(steps, done, strict=True)
    ]


def promises_by_seq(connection: Connection) -> dict[int, Promise]:
    """Give every published promise by its number."""
    return {promise.seq: promise for promise in published(connection)}


def term_told(promise: Promise) -> str:
    """Name a promise as `judged` steps do: the term and its version."""
    return f"{promise.terms.term}/{promise.terms.version}"


def promise_told(told: str, promises: dict[int, Promise]) -> Promise | None:
    """Give the promise that a `judged` step names; None where none is published under that name."""
    return next((promise for promise in promises.values() if term_told(promise) == told), None)


@dataclass(slots=True)
class _Folding:
    """A case while steps are folded: the row it began as, the case it has become, and the promise that leads it."""

    began: Standing
    case: Case
    terms: int | None

    def rules(self, promises: dict[int, Promise]) -> Rules:
        return leading(None if self.terms is None else promises[self.terms].terms, self.began.currency)

    def standing(self, cover: int | None, due_us: int | None) -> Standing:
        began = self.began
        return Standing(
            case_id=began.case_id,
            line=began.line,
            unit=began.unit,
            serial=began.serial,
            terms=self.terms,
            cover=began.cover if cover is None else cover,
            currency=began.currency,
            case=self.case,
            due_us=due_us,
            opened_us=began.opened_us,
        )


def _fold_on(one: _Folding, step: Step, promises: dict[int, Promise]) -> tuple[Case, Advanced]:
    """Fold one step; the case before it, and what it did."""
    if step.what is What.JUDGED:
        promise = promise_told(str(step.told.get("term", "")), promises)
        one.terms = None if promise is None else promise.seq
    was = one.case
    done = advance(was, step, rules=one.rules(promises))
    one.case = done.case
    return was, done


def _post(
    connection: Connection,
    moving: Sequence[tuple[Standing, Step, tuple[Moved, ...]]],
    folded: dict[str, _Folding],
    promises: dict[int, Promise],
    now_us: int,
) -> dict[str, int]:
    """Post what steps moved, under the promise that leads each case; the cover of each."""
    movements = []
    for standing, step, moved in moving:
        terms = folded[standing.case_id].terms
        if terms is None:
            said = f"{step.what} of case {standing.case_id} moves money under no promise"
            raise InvariantError(said)
        movements.append(Movement(standing=standing, promise=promises[terms], step=step, moved=moved))
    return post_moves(connection, movements, now_us=now_us) if movements else {}


def _hands_over(was: Case, became: Case) -> bool:
    return was.new is not New.WITH_BUYER and became.new is New.WITH_BUYER


def leads(one: Standing, promises: dict[int, Promise]) -> Rules:
    """Give what leads a case."""
    return leading(None if one.terms is None else promises[one.terms].terms, one.currency)


def _due(one: Standing, promises: dict[int, Promise]) -> Deadline | None:
    return next_deadline(one.case, rules=leads(one, promises))


def _note_swaps(connection: Connection, led: Sequence[Led], promises: dict[int, Promise]) -> None:
    """Note which unit replaced which, where a new one became the buyer's."""
    rows = []
    for one in led:
        if one.hands_over and one.now.terms is not None:
            old = str(one.step.told.get("old_serial", "")) or one.now.serial
            promise = promises[one.now.terms].terms.term
            unit = (one.now.case_id, one.now.line, one.now.unit)
            rows.append((one.step.source, one.step.step_id, *unit, old, one.became.new_serial, promise, one.step.at_us))
    append_swaps(connection, rows)
