"""Cases in the store: which unit each is about, and how it stands."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import msgspec
from sqlalchemy import Connection

from houbei.case.stages import ENDS, Case, Need, Stage
from houbei.store.digests import append_digest
from houbei.store.statements import ask, ask_rows, in_parts

_COLUMNS = "case_id, line, unit, serial, terms, cover, currency, state, due_us, opened_us"
TO_DECIDE = frozenset({Stage.TO_DECIDE, Stage.TO_REVERSE, Stage.TO_REVIEW})
"""Stages that a person's decision ends."""
_FIRST = Case()
_FIRST_BY_NAME = {field.name: getattr(_FIRST, field.name) for field in fields(Case)}
_DECODE = msgspec.json.Decoder(Case).decode
_ENCODER = msgspec.json.Encoder()
_ENDED = ", ".join(f"'{stage}'" for stage in sorted(ENDS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A case as it stands.

    `line` is the number of its line, `unit` the piece of it (from 1), `serial` what it was reported under, `terms` the number of the promise
    that leads it (None before it is judged), `cover` where its money is booked (None while none moved), `due_us` its next deadline.
    """

    case_id: str
    line: int
    unit: int
    serial: str
    terms: int | None
    cover: int | None
    currency: str
    case: Case
    due_us: int | None
    opened_us: int


def state_of(case: Case) -> str:
    """Write a case as JSON: what differs from one that was just opened, so that a field that comes later reads as it begins."""
    told = {name: value for name, value in vars(case).items() if value != _FIRST_BY_NAME[name]}
    return _ENCODER.encode(told).decode()


def case_of(state: str) -> Case:
    """Read a case back; fields that this version does not know are passed over."""
    return _DECODE(state)


def open_case(connection: Connection, *, line: int, unit: int, serial: str, year: int, known_us: int) -> Standing:
    """Open a case, under the next number of its year.

    Args:
        connection: In a writing transaction.
        line: The number of the line.
        unit: Which piece of it, from 1.
        serial: What it was reported under, '' where nothing was told.
        year: Of the shop's calendar.
        known_us: When.
    """
    last = ask(connection, "SELECT COALESCE(MAX(place), 0) FROM openings WHERE year = :year", year=year).scalar_one()
    case_id = f"R-{year}-{last + 1:04d}"
    row = (case_id, year, last + 1, line, unit, serial, known_us)
    connection.exec_driver_sql(
        "INSERT INTO openings (case_id, year, place, line, unit, serial, known_us) VALUES (?, ?, ?, ?, ?, ?, ?)", row
    )
    seq = ask(connection, "SELECT MAX(seq) FROM openings").scalar_one()
    append_digest(connection, "openings", [row], first=seq, last=seq)
    currency = ask(connection, "SELECT currency FROM lines WHERE seq = :line", line=line).scalar_one()
    connection.exec_driver_sql(
        "INSERT INTO cases (case_id, line, unit, serial, currency, stage, state, over, opened_us)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?)",
        (case_id, line, unit, serial, currency, _FIRST.stage.value, state_of(_FIRST), known_us),
    )
    return _opened(case_id, line, unit, serial, currency, known_us)


def _opened(case_id: str, line: int, unit: int, serial: str, currency: str, known_us: int) -> Standing:
    return Standing(
        case_id=case_id,
        line=line,
        unit=unit,
        serial=serial,
        terms=None,
        cover=None,
        currency=currency,
        case=_FIRST,
        due_us=None,
        opened_us=known_us,
    )


def opened_cases(connection: Connection, case_ids: Sequence[str]) -> dict[str, Standing]:
    """Give cases as they were opened, by their numbers; none for a number that was never opened."""
    found: dict[str, Standing] = {}
    for places, some in in_parts(case_ids):
        rows = connection.exec_driver_sql(
            "SELECT o.case_id, o.line, o.unit, o.serial, l.currency, o.known_us FROM openings o JOIN lines l ON l.seq = o.line"
            f" WHERE o.case_id IN ({places})",
            some,
        )
        found |= {row[0]: _opened(*row) for row in rows}
    return found


def find_case(connection: Connection, case_id: str) -> Standing | None:
    """Give a case by its number; None where there is none."""
    row = ask(connection, f"SELECT {_COLUMNS} FROM cases WHERE case_id = :case_id", case_id=case_id).one_or_none()
    return None if row is None else _standing(row)


def cases_of_line(connection: Connection, line: int) -> list[Standing]:
    """Give every case of a line, in the order of opening."""
    rows = ask(connection, f"SELECT {_COLUMNS} FROM cases WHERE line = :line ORDER BY id", line=line)
    return [_standing(row) for row in rows]


def worklist(connection: Connection, *, stage: str | None, most: int) -> list[Standing]:
    """Give cases that are not over: those that wait for a person first, then by their deadlines, ties by number.

    Args:
        connection: A state of the store.
        stage: Cases at this stage alone; None for all.
        most: How many.

    Cost: a pass over the cases that are not over.
    """
    columns = ", ".join(f"c.{name}" for name in _COLUMNS.split(", "))
    rows = ask(
        connection,
        f"SELECT {columns} FROM cases c LEFT JOIN needs n ON n.kind = 'case' AND n.ref = c.case_id"
        " WHERE c.over = 0 AND (:stage IS NULL OR c.stage = :stage)"
        " ORDER BY n.ref IS NULL, COALESCE(c.due_us, n.since_us), c.id LIMIT :most",
        stage=stage,
        most=most,
    )
    return [_standing(row) for row in rows]


def due_cases(connection: Connection, *, now_us: int, most: int) -> list[Standing]:
    """Give cases whose deadline has come, the earliest first."""
    rows = ask_rows(
        connection,
        f"SELECT {_COLUMNS} FROM cases WHERE due_us <= :now ORDER BY due_us, id LIMIT :most",
        now=now_us,
        most=most,
    )
    return [_standing(row) for row in rows]


def any_due(connection: Connection, *, now_us: int) -> bool:
    """Whether the deadline of any case has come. Cost: one look-up."""
    return bool(ask(connection, "SELECT EXISTS (SELECT 1 FROM cases WHERE due_us <= :now)", now=now_us).scalar())


def refunds_due(connection: Connection, *, after: str, most: int) -> list[Standing]:
    """Give cases that wait for the provider to pay back what they owe, in the order of their numbers."""
    rows = ask(
        connection,
        f"SELECT {_COLUMNS} FROM cases WHERE stage = 'refund_due' AND id > COALESCE((SELECT id FROM cases WHERE case_id = :after), 0)"
        " ORDER BY id LIMIT :most",
        after=after,
        most=most,
    )
    return [_standing(row) for row in rows]


def to_secure(connection: Connection, *, after: str, most: int) -> list[Standing]:
    """Give cases that wait for something to secure the new unit, or are secured by a hold or one that lapsed, by their numbers.

    Cost: a pass over the cases that are not over.
    """
    rows = ask(
        connection,
        f"SELECT {_COLUMNS} FROM cases WHERE over = 0 AND case_id > :after AND (stage = 'securing'"
        ' OR state LIKE \'%"secured":"hold"%\' OR state LIKE \'%"secured":"lapsed"%\') ORDER BY case_id LIMIT :most',
        after=after,
        most=most,
    )
    return [_standing(row) for row in rows]


def every_case(connection: Connection, *, after: int, most: int) -> list[tuple[int, Standing]]:
    """Give cases by their place in the store, from after one on."""
    rows = ask(
        connection,
        f"SELECT id, {_COLUMNS} FROM cases WHERE id > :after ORDER BY id LIMIT :most",
        after=after,
        most=most,
    )
    return [(row[0], _standing(row[1:])) for row in rows]


def keep_cases(connection: Connection, standing: Sequence[Standing]) -> None:
    """Keep how cases stand. Cost: 10 µs a case."""
    rows = [
        (
            one.terms,
            one.cover,
            one.case.stage.value,
            state_of(one.case),
            one.due_us,
            int(one.case.over),
            one.case_id,
        )
        for one in standing
    ]
    if rows:
        connection.exec_driver_sql(
            "UPDATE cases SET terms = ?, cover = ?, stage = ?, state = ?, due_us = ?, over = ? WHERE case_id = ?", rows
        )


def find_units(connection: Connection, serial: str) -> list[tuple[int, int]]:
    """Give the lines, and the pieces of them, that were delivered under a serial."""
    rows = ask(connection, "SELECT line, unit FROM serials WHERE serial = :serial ORDER BY line", serial=serial)
    return [(row.line, row.unit) for row in rows]


def note_serials(connection: Connection, line: int, serials: Sequence[str]) -> None:
    """Note the serials that a line was delivered with, in the order of its pieces."""
    connection.exec_driver_sql(
        "INSERT INTO serials (serial, line, unit) VALUES (?, ?, ?) ON CONFLICT (serial, line) DO NOTHING",
        [(serial, line, unit) for unit, serial in enumerate(serials, start=1)],
    )


def asks_of_person(case: Case) -> tuple[Need, ...]:
    """Give what only a person can do now; a decision is theirs from the first moment on, not only when it is late."""
    if case.stage in TO_DECIDE and Need.DECIDE not in case.needs:
        return (Need.DECIDE, *case.needs)
    return case.needs


def is_open(one: Standing) -> bool:
    """Whether a report of the same unit is the same case."""
    return one.case.stage not in ENDS


def _standing(row: Sequence[Any]) -> Standing:
    case_id, line, unit, serial, terms, cover, currency, state, due_us, opened_us = row
    return Standing(
        case_id=case_id,
        line=line,
        unit=unit,
        serial=serial,
        terms=terms,
        cover=cover,
        currency=currency,
        case=case_of(state),
        due_us=due_us,
        opened_us=opened_us,
    )
