"""Steps that people tell at a desk or on a phone: with an id of their own, or one that is made of what they say.

Whoever says the same of the same case again right away has said it once; a phone that queues gives ids of its own.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, Engine

from houbei.calendars.days import DAY_US
from houbei.facts.steps import Person, Step, Teller, Told, What, check_step
from houbei.runs.cases import Led, known_led, tell_in
from houbei.store.cases import find_case
from houbei.store.database import writing
from houbei.store.exhibits import Exhibit
from houbei.store.marks import live_through
from houbei.store.steps import find_step, steps_of

BY_HAND = "desk"
"""The source of steps that somebody types."""
_ENCODER = msgspec.json.Encoder(order="deterministic")
_ID_LENGTH = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What somebody says of a case; `at_us` is None for now, `step_id` None for one that is made of the rest.

    `made_of` is what the id is made of, where that is not all that is told.
    """

    case: str
    what: What
    teller: Teller
    told: Mapping[str, Told]
    person: Person | None = None
    at_us: int | None = None
    step_id: str | None = None
    source: str = BY_HAND
    made_of: tuple[Told, ...] | None = None


def content_id(parts: Sequence[object], *, at_us: int | None, now_us: int) -> str:
    """Make an id of what is said: said again within the same day (UTC) it is the same, unless its moment is named and differs."""
    when = ("day", now_us // DAY_US) if at_us is None else ("at", at_us)
    return hashlib.sha256(_ENCODER.encode([*parts, *when])).hexdigest()[:_ID_LENGTH]


def tell_said(database: Engine, said: Said, *, now_us: int, exhibits: Sequence[Exhibit] = ()) -> Led:
    """Take in what somebody says.

    Args:
        database: The store.
        said: What they say.
        now_us: What time it is.
        exhibits: Files that came with it, kept already.

    Raises:
        InputError: nobody may tell such a step, there is no such case, or the id was told before with something else.
        StoreError: the store cannot be written; nothing was kept.

    Cost: as `runs.cases.tell`, and reading the case's steps.
    """
    with writing(database) as connection:
        lived_us = live_through(connection, now_us)
        step_id, again = (said.step_id, None) if said.step_id else _made_id(connection, said, now_us)
        standing = find_case(connection, said.case)
        if again is not None and standing is not None:
            return known_led(connection, again, standing)
        kept = find_step(connection, source=said.source, step_id=step_id)
        step = Step(
            source=said.source,
            step_id=step_id,
            case=said.case,
            what=said.what,
            teller=said.teller,
            at_us=_happened(said, kept, now_us),
            known_us=lived_us,
            person=said.person,
            told=said.told,
        )
        check_step(step, where=f"case {said.case}")
        return tell_in(connection, step, now_us=lived_us, exhibits=exhibits)


def _made_id(connection: Connection, said: Said, now_us: int) -> tuple[str, Step | None]:
    """An id for what is said, and the step that it repeats.

    What is said again right away is said once. Where something else happened in between, a buyer may be absent a second time, and a unit
    leave that could not before: that is another step.
    """
    made_of = dict(said.told) if said.made_of is None else said.made_of
    who = None if said.person is None else said.person.name
    parts = (said.case, said.what.value, said.teller.value, who, made_of)
    by_people = [step for step in steps_of(connection, said.case) if step.teller is not Teller.HOUBEI]
    there = {step.step_id: step for step in by_people if step.source == said.source}
    times = 0
    while (step_id := content_id((*parts, times), at_us=said.at_us, now_us=now_us)) in there:
        if there[step_id] is by_people[-1]:
            return step_id, there[step_id]
        times += 1
    return step_id, None


def _happened(said: Said, kept: Step | None, now_us: int) -> int:
    """When it happened: as named, else when it was first told, else now."""
    if said.at_us is not None:
        return said.at_us
    return now_us if kept is None else kept.at_us
