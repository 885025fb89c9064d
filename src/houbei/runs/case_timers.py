"""Deadlines of cases: when one has passed, that is a step like any other, told by nobody but the clock.

Moments that come stand in `cases.due_us`; a tick takes a bounded number of cases at a time, each batch in a transaction of its own, so
that others get their turn and a crash loses nothing but the batch.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine

from houbei.case.deadlines import next_deadline
from houbei.errors import InvariantError
from houbei.facts.moments import DAY_US
from houbei.facts.steps import Step, Teller, What
from houbei.runs.cases import lead_on, leads, promises_by_seq, told_with_net
from houbei.runs.signals import PERIOD_DAYS
from houbei.store.buyers import are_spreads_fresh, keep_spreads
from houbei.store.cases import Standing, any_due, due_cases
from houbei.store.database import reading, writing
from houbei.store.marks import live_through
from houbei.store.promises import Promise
from houbei.store.steps import OURS

CASES_MAX = 5_000
"""How many cases one transaction takes on: others wait for their turn no longer than that takes."""


def tick(database: Engine, *, now_us: int, cases_max: int = CASES_MAX) -> int:
    """Tell of every deadline that has passed.

    Args:
        database: The store.
        now_us: What time it is.
        cases_max: How many cases one transaction takes on.

    Returns:
        How many deadlines had passed.

    Raises:
        StoreError: the store cannot be written; what was committed before is kept.
        InvariantError: nothing follows from a deadline; the batch that it is in is not kept.

    Cost: a look-up where none has passed; else some 50 µs a case. Once a day a pass over the cases of a year. See docs/performance.md.
    """
    _count_reports(database, now_us)
    passed = 0
    while True:
        with reading(database) as connection:
            if not any_due(connection, now_us=now_us):
                return passed
        with writing(database) as connection, collector_resting():
            at_us = live_through(connection, now_us)
            promises = promises_by_seq(connection)
            told = [(one, _passed(one, promises, at_us)) for one in due_cases(connection, now_us=at_us, most=cases_max)]
            for led in lead_on(connection, told_with_net(connection, told, now_us=at_us), now_us=at_us):
                if led.set_aside:
                    said = f"nothing follows from the deadline {led.step.told['stage']} of case {led.step.case}"
                    raise InvariantError(said)
        passed += len(told)


def _count_reports(database: Engine, now_us: int) -> None:
    """Once a day, count how often units and buyers are reported: what a report is compared with."""
    with reading(database) as connection:
        if are_spreads_fresh(connection, now_us=now_us):
            return
    with writing(database) as connection:
        keep_spreads(connection, now_us=now_us, since_us=now_us - PERIOD_DAYS * DAY_US)


@contextmanager
def collector_resting() -> Iterator[None]:
    """Let the garbage collector rest while a batch is worked on: it would look again and again at rows that are all let go at its end."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _passed(one: Standing, promises: dict[int, Promise], now_us: int) -> Step:
    """The step that the first deadline of a case has passed: the same however many processes find it."""
    due = next_deadline(one.case, rules=leads(one, promises))
    if due is None:
        said = f"case {one.case_id} is due and has no deadline"
        raise InvariantError(said)
    return Step(
        source=OURS,
        step_id=f"timed_out:{one.case_id}:{due.kind}:{due.at_us}:{one.case.steps}",
        case=one.case_id,
        what=What.TIMED_OUT,
        teller=Teller.HOUBEI,
        at_us=due.at_us,
        known_us=now_us,
        told={"stage": due.kind},
    )
