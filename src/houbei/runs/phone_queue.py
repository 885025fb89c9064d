"""A phone's queue of steps, told late, twice, in pieces: each is taken in by itself, and one that cannot be read stops none of the others."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Engine

from houbei.errors import InputError
from houbei.facts.steps import Person, Step, Teller, Told, What
from houbei.runs.cases import Led, tell
from houbei.terms.moments import parse_moment


class _Someone(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    role: str
    named: bool = True


class _Line(msgspec.Struct, forbid_unknown_fields=True, rename={"step_id": "id"}):
    """One line of the file: `at` is a moment with a zone, `by` whoever did it."""

    step_id: str
    case: str
    what: What
    teller: Teller
    at: str
    by: _Someone | None = None
    told: dict[str, Told] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What became of one line: what it did to its case, or why it was not taken in."""

    line: int
    led: Led | None = None
    trouble: InputError | None = None


def send(database: Engine, lines: Iterable[bytes], *, source: str, zone: str, now_us: int) -> Iterator[Sent]:
    """Take a queue of steps in, line by line.

    Args:
        database: The store.
        lines: JSON objects, one a line: id, case, what, teller, at, by {name, role, named}, told. Empty lines are passed over.
        source: Whose queue it is; ids are unique within it.
        zone: Of moments that name none.
        now_us: What time it is.

    Yields:
        What became of each line, in their order; a step that was told before changes nothing.

    Raises:
        StoreError: the store cannot be written; send the same queue again.

    Cost: a transaction a line.
    """
    decoder = msgspec.json.Decoder(_Line)
    for number, text in enumerate(lines, start=1):
        if not text.strip():
            continue
        try:
            step = _step(decoder, text, source=source, zone=zone, where=f"line {number}")
            yield Sent(line=number, led=tell(database, step, now_us=now_us))
        except InputError as trouble:
            yield Sent(line=number, trouble=trouble)


def _step(decoder: "msgspec.json.Decoder[Any]", text: bytes, *, source: str, zone: str, where: str) -> Step:
    try:
        line: _Line = decoder.decode(text)
    except msgspec.MsgspecError as error:
        raise InputError(
            came=str(error),
            where=where,
            expected="a JSON object with id, case, what, teller, at, and if need be by and told",
            todo="Correct the line and send the file again.",
        ) from error
    return Step(
        source=source,
        step_id=line.step_id,
        case=line.case,
        what=line.what,
        teller=line.teller,
        at_us=parse_moment(line.at, zone=zone, where=where),
        known_us=0,
        person=None if line.by is None else Person(name=line.by.name, role=line.by.role, named=line.by.named),
        told=line.told,
    )
