"""Steps of cases in the store: facts, added once by their source and id, read in the order in which they were learnt."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec
from sqlalchemy import Connection, Row

from houbei.facts.steps import Person, Step, Teller, Told, What
from houbei.store.exhibits import Exhibit
from houbei.store.intake import append_facts
from houbei.store.people import by_key, note_people
from houbei.store.statements import ask, in_parts

OURS = "houbei"
"""The source of steps that a rule or a clock tells."""
_COLUMNS = "source, step_id, case_id, what, teller, at_us, known_us, person, role, named, told"
_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(dict[str, Told])


def append_steps(connection: Connection, steps: Sequence[Step]) -> list[Step]:
    """Take steps in.

    Args:
        connection: In a writing transaction.
        steps: With the people's own names. None of them is known yet, nor stands twice among them.

    Returns:
        The steps as they are kept: people by their keys.

    Cost: 10 µs a step.
    """
    people = {(step.person.name, step.person.named): step.person for step in steps if step.person is not None}
    note_people(connection, people.values())
    kept = [step if step.person is None else _keyed(step, step.person) for step in steps]
    append_facts(connection, "steps", [_row(step) for step in kept])
    return kept


def append_exhibits(connection: Connection, step: Step, exhibits: Sequence[Exhibit]) -> None:
    """Note the files that came with a step; each once, however often it was sent."""
    rows = [
        (step.source, step.step_id, one.sha256, step.case, one.kind.value, one.bytes, one.width, one.height)
        for one in exhibits
    ]
    append_facts(connection, "exhibits", rows)


def find_step(connection: Connection, *, source: str, step_id: str) -> Step | None:
    """Give a step by what it is known by; None where it was never told."""
    row = ask(
        connection,
        f"SELECT {_COLUMNS} FROM steps WHERE source = :source AND step_id = :step_id",
        source=source,
        step_id=step_id,
    ).one_or_none()
    return None if row is None else _step(row)


def steps_of(connection: Connection, case_id: str) -> list[Step]:
    """Give the steps of a case in the order in which they were learnt."""
    rows = ask(connection, f"SELECT {_COLUMNS} FROM steps WHERE case_id = :case_id ORDER BY seq", case_id=case_id)
    return [_step(row) for row in rows]


def steps_of_cases(connection: Connection, case_ids: Sequence[str]) -> dict[str, list[Step]]:
    """Give the steps of many cases, each in the order in which they were learnt. Cost: a look-up a case, a statement for many."""
    found: dict[str, list[Step]] = {case_id: [] for case_id in case_ids}
    for places, some in in_parts(case_ids):
        rows = connection.exec_driver_sql(
            f"SELECT {_COLUMNS} FROM steps WHERE case_id IN ({places}) ORDER BY seq", some
        )
        for row in rows:
            found[row.case_id].append(_step(row))
    return found


def same_told(told: Step, kept: Step) -> bool:
    """Whether a step that is told again says what it said before; when we learnt of it does not matter."""
    now = told if told.person is None else _keyed(told, told.person)
    return (now.case, now.what, now.teller, now.at_us, now.told) == (
        kept.case,
        kept.what,
        kept.teller,
        kept.at_us,
        kept.told,
    ) and (now.person and now.person.name) == (kept.person and kept.person.name)


def _keyed(step: Step, person: Person) -> Step:
    return replace(step, person=by_key(person))


def _row(step: Step) -> tuple[Any, ...]:
    by = step.person
    who = (None, None, None) if by is None else (by.name, by.role, int(by.named))
    told = _ENCODER.encode(dict(step.told)).decode()
    ids = (step.source, step.step_id, step.case)
    return (*ids, step.what.value, step.teller.value, step.at_us, step.known_us, *who, told)


def _step(row: Row[Any]) -> Step:
    person = None if row.person is None else Person(name=row.person, role=row.role, named=bool(row.named))
    return Step(
        source=row.source,
        step_id=row.step_id,
        case=row.case_id,
        what=What(row.what),
        teller=Teller(row.teller),
        at_us=row.at_us,
        known_us=row.known_us,
        person=person,
        told=_DECODER.decode(row.told),
    )
