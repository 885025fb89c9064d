"""One fact about an arrival, as somebody tells it: read as a file's row is, taken in once, and its deliveries looked at right away."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from sqlalchemy import Connection, Engine

from houbei.errors import InputError
from houbei.facts.rejected import REASONS, Rejection
from houbei.facts.steps import Person
from houbei.runs.arrivals import Arrived, TakeTold, Teller, take_closures, take_promises, take_scans
from houbei.runs.deliveries import look_at_deliveries, note_told
from houbei.store.database import writing
from houbei.store.inbox import take_one_out
from houbei.store.known import Rows, settle_known_told
from houbei.store.marks import live_through
from houbei.store.people import note_people
from houbei.store.promises import published
from houbei.store.statements import ask
from houbei.store.touched import begin_touching

Value = str | int | bool | None
_TAKE: Mapping[str, TakeTold] = {
    "promises_given": take_promises,
    "scans": take_scans,
    "closures": take_closures,
}
_MOMENTS = frozenset({"shown_at", "slot_from", "promised_by", "at", "from_at", "until_at", "known_at"})

_SHOWN_MAX = 40
"""Of what is told, so much of each text is shown where it cannot be taken in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldFact:
    """One fact: the table it belongs to, and its columns as a file would have them; whole numbers of moments are µs UTC.

    `person` is who says so, by their own name.
    """

    table: str
    columns: Mapping[str, Value]
    person: Person | None = None
    source: str


@dataclass(slots=True)
class _Counts:
    known: int = 0
    changed: int = 0
    rejected: list[tuple[int, Rejection]] = field(default_factory=list)


def tell_fact(database: Engine, fact: ToldFact, *, zone: str, now_us: int) -> bool:
    """Take a fact in, and look at what it changes; nothing is paid here.

    Args:
        database: The store.
        fact: What is told.
        zone: The zone of moments that name none.
        now_us: What time it is.

    Returns:
        Whether it is new; the same fact told again changes nothing.

    Raises:
        InputError: it cannot be read, or its id was told before with something else.
        StoreError: the store cannot be written; nothing was kept.

    Cost: some milliseconds, and a look at the deliveries that it touches.
    """
    with writing(database) as connection:
        as_of_us = live_through(connection, now_us)
        new = _take(connection, fact, Teller(source=fact.source, zone=zone, known_us=as_of_us))
        if new:
            last = ask(connection, f"SELECT MAX(seq) FROM {fact.table}").scalar_one()  # noqa: S608  our own names
            take_one_out(connection, kind=fact.table, row=last, now_us=as_of_us)
            begin_touching(connection)
            note_told(connection, published(connection), [(fact.table, last, last)], as_of_us=as_of_us)
    look_at_deliveries(database, now_us=now_us)
    return new


def _take(connection: Connection, fact: ToldFact, teller: Teller) -> bool:
    columns = dict(fact.columns)
    if fact.person is not None:
        note_people(connection, [fact.person])
        columns["person"] = fact.person.name
    table = pa.table({name: _cell(name, value) for name, value in columns.items() if value not in {None, ""}})
    came = _TAKE[fact.table](connection, table, teller=teller)
    if came.codes[0]:
        raise _refused(Rejection(int(came.codes[0])), fact)
    if not came.known:
        return True
    counts = _Counts()
    settle_known_told(connection, fact.table, _rows(came), counts)
    if counts.rejected:
        raise _refused(counts.rejected[0][1], fact)
    return False


def _rows(came: Arrived) -> Rows:
    return Rows(rows=came.rows, places=np.ones(1, dtype=np.int64), known=came.known, begun=0)


def _cell(name: str, value: Any) -> pa.Array:
    if name in _MOMENTS and isinstance(value, int):
        return pa.array([value], pa.timestamp("us", tz="UTC"))
    return pa.array([value])


def _refused(rejection: Rejection, fact: ToldFact) -> InputError:
    came, _, expected = REASONS[rejection].partition("; expected ")
    told = ", ".join(f"{name} {value[:_SHOWN_MAX]}" for name, value in fact.columns.items() if isinstance(value, str))
    return InputError(
        came=came,
        where=told,
        expected=expected or "a fact that can be read, under an id of its own",
        todo="Correct what is told, or give another id.",
    )
