"""A step of a case taken in: kept once, folded, its money posted, what it needs put before a person, all in one transaction.

Whoever tells of a step may tell it again, from a phone without signal, from two processes, after a crash: its source and id make it one.
A step that cannot happen at the case's stage is kept, changes nothing, and a person looks at it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, Engine

from houbei.case.deadlines import Deadline, next_deadline
from houbei.case.fold import advance
from houbei.case.moves import Moved
from houbei.case.stages import New, Rules
from houbei.errors import InputError, InvariantError
from houbei.facts.steps import Step, What, check_step
from houbei.runs.case_money import Movement, post_moves
from houbei.runs.case_needs import put_needs
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

    `known` says that it was told before and did nothing now; `set_aside` that it cannot happen here and a person looks at it. `was` is how
    the case stood before, `now` how it stands; `moved` is the money that the step moved, `due` the next deadline.
    """

    step: Step
    was: Standing
    now: Standing
    moved: tuple[Moved, ...] = ()
    set_aside: bool = False
    known: bool = False
    due: Deadline | None = None

    @property
    def hands_over(self) -> bool:
        """Whether a new unit became the buyer's by it."""
        return self.was.case.new is not New.WITH_BUYER and self.now.case.new is New.WITH_BUYER


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
        return lead_on(connection, [(before, step)], now_us=now_us)[0]
    if not same_told(step, kept):
        raise InputError(
            came=f"the id {step.step_id}, told before with something else ({kept.what} of case {kept.case})",
            where=f"case {step.case}",
            expected="an id of its own for each step",
            todo="Give another id.",
        )
    return known_led(connection, kept, before)


def known_led(connection: Connection, kept: Step, standing: Standing) -> Led:
    """What a step did that was told before: nothing, now."""
    due = _due(standing, promises_by_seq(connection))
    return Led(step=kept, was=standing, now=standing, known=True, due=due)


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
    steps = append_steps(connection, [replace(step, known_us=now_us) for _, step in told])
    standing = {before.case_id: before for before, _ in told}
    led, movements = list[Led](), list[Movement]()
    for step in steps:
        was = standing[step.case]
        now, done = _advanced(was, step, promises)
        if done.moved:
            movements.append(Movement(standing=was, promise=_leading(now, step, promises), step=step, moved=done.moved))
        standing[step.case] = now
        led.append(done)
    covers = post_moves(connection, movements, now_us=now_us) if movements else {}
    standing = {
        case_id: replace(one, cover=covers.get(case_id, one.cover), due_us=_due_us(one, promises))
        for case_id, one in standing.items()
    }
    keep_cases(connection, list(standing.values()))
    _note_swaps(connection, led, promises)
    put_needs(connection, list(standing.values()), rules=lambda one: leads(one, promises), now_us=now_us)
    return [replace(one, now=standing[one.step.case], due=_due(standing[one.step.case], promises)) for one in led]


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
        What each did, in their order; nothing is written.
    """
    led, was = list[Led](), opened
    for step in steps:
        now, done = _advanced(was, step, promises)
        was = replace(now, due_us=_due_us(now, promises))
        led.append(replace(done, now=was))
    return led


def promises_by_seq(connection: Connection) -> dict[int, Promise]:
    """Give every published promise by its number."""
    return {promise.seq: promise for promise in published(connection)}


def term_told(promise: Promise) -> str:
    """Name a promise as `judged` steps do: the term and its version."""
    return f"{promise.terms.term}/{promise.terms.version}"


def promise_told(told: str, promises: dict[int, Promise]) -> Promise | None:
    """Give the promise that a `judged` step names; None where none is published under that name."""
    return next((promise for promise in promises.values() if term_told(promise) == told), None)


def _advanced(was: Standing, step: Step, promises: dict[int, Promise]) -> tuple[Standing, Led]:
    if step.what is What.JUDGED:
        promise = promise_told(str(step.told.get("term", "")), promises)
        was = replace(was, terms=None if promise is None else promise.seq)
    done = advance(was.case, step, rules=leads(was, promises))
    now = replace(was, case=done.case)
    return now, Led(step=step, was=was, now=now, moved=done.moved, set_aside=done.set_aside)


def _leading(one: Standing, step: Step, promises: dict[int, Promise]) -> Promise:
    """The promise that money is booked under."""
    if one.terms is None:
        said = f"{step.what} of case {one.case_id} moves money under no promise"
        raise InvariantError(said)
    return promises[one.terms]


def leads(one: Standing, promises: dict[int, Promise]) -> Rules:
    """Give what leads a case."""
    return leading(None if one.terms is None else promises[one.terms].terms, one.currency)


def _due(one: Standing, promises: dict[int, Promise]) -> Deadline | None:
    return next_deadline(one.case, rules=leads(one, promises))


def _due_us(one: Standing, promises: dict[int, Promise]) -> int | None:
    due = _due(one, promises)
    return None if due is None else due.at_us


def _note_swaps(connection: Connection, led: Sequence[Led], promises: dict[int, Promise]) -> None:
    """Note which unit replaced which, where a new one became the buyer's."""
    rows = []
    for one in led:
        if one.hands_over:
            old = str(one.step.told.get("old_serial", "")) or one.now.serial
            promise = _leading(one.now, one.step, promises).terms.term
            unit = (one.now.case_id, one.now.line, one.now.unit)
            rows.append(
                (one.step.source, one.step.step_id, *unit, old, one.now.case.new_serial, promise, one.step.at_us)
            )
    append_swaps(connection, rows)
