"""A buyer's report taken in: the unit is found, its open case is added to or a new one opened and judged, all in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine

from houbei.case.signals import Outcome
from houbei.case.stages import Stage
from houbei.errors import InputError
from houbei.facts.steps import Person, Step, Teller, Told, What, check_step
from houbei.runs.cases import Led, lead_on, promises_by_seq, tell_in
from houbei.runs.judging import Answer, Claim, answering, judge_live
from houbei.runs.lineage_of import Past, forest_around, past_of
from houbei.runs.signals import Asked, look_text, score_report
from houbei.store.cases import Standing, cases_of_line, find_units, is_open, open_case
from houbei.store.database import writing
from houbei.store.exhibit_shapes import Kind
from houbei.store.exhibits import Exhibit
from houbei.store.marks import live_through
from houbei.store.promises import Promise
from houbei.store.statements import ask
from houbei.store.steps import append_exhibits, find_step

_SHOWS = {Kind.PHOTO: "photo", Kind.VIDEO: "video", Kind.PDF: "report"}
"""What a kind of file is called where a promise asks for evidence."""
OURS = "houbei"
"""The source of steps that a rule or a clock tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a buyer says of a unit, and how it reached us.

    The unit is named by its line, its order or its serial, and where a line has several by its place (from 1) or its serial. `fault` is a
    code of the promise, `wants` a remedy, `kind` `fault` or `return`, `exhibits` are the files that were sent along, kept already. `made_id` says
    that the id is made of what is said: then it is the same report whatever its moment.
    """

    source: str
    step_id: str
    at_us: int
    channel: str
    teller: Teller = Teller.BUYER
    person: Person | None = None
    line_id: str | None = None
    order_id: str | None = None
    serial: str | None = None
    unit: int | None = None
    words: str | None = None
    fault: str | None = None
    intact: bool | None = None
    kind: str = "fault"
    wants: str | None = None
    exhibits: tuple[Exhibit, ...] = ()
    made_id: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """What became of a report: the step, whether it opened a case, and what the promises said where it did."""

    led: Led
    opened: bool
    answer: Answer | None = None


def report(database: Engine, told: Report, *, now_us: int) -> Reported:
    """Take a report in.

    Args:
        database: The store.
        told: The report.
        now_us: What time it is.

    Raises:
        InputError: no unit, or more than one, is meant; or no promise is published that could answer.
        StoreError: the store cannot be written; nothing was kept.

    Cost: some milliseconds for each promise that may answer.
    """
    with writing(database) as connection:
        now_us = live_through(connection, now_us)
        kept = find_step(connection, source=told.source, step_id=told.step_id)
        if kept is not None and told.made_id:
            told = replace(told, at_us=kept.at_us)
        if kept is not None:
            return Reported(led=tell_in(connection, _step(told, kept.case, now_us), now_us=now_us), opened=False)
        line, unit = find_unit(connection, told)
        there = next((one for one in cases_of_line(connection, line) if one.unit == unit and is_open(one)), None)
        if there is not None:
            return Reported(led=_add(connection, there, told, now_us=now_us), opened=False)
        return _open(connection, line, unit, told, now_us=now_us)


def find_unit(connection: Connection, told: Report) -> tuple[int, int]:
    """Find the line, by its number, and the piece of it that a report is about.

    Raises:
        InputError: it names none that we know, or does not say which of several.
    """
    by_serial = _unit_of_serial(connection, told.serial)
    line = _line_of(connection, told, by_serial)
    quantity = ask(connection, "SELECT quantity FROM lines WHERE seq = :line", line=line).scalar_one()
    if by_serial is not None and by_serial[0] == line:
        return by_serial
    unit = 1 if quantity == 1 else told.unit
    if unit is None or not 1 <= unit <= quantity:
        raise InputError(
            came="no unit" if unit is None else f"unit {unit}",
            where="the report",
            expected=f"a serial that was delivered, or which of {quantity} units it is: 1 to {quantity}",
            todo="Read the serial off the unit, or name its place.",
        )
    return line, unit


def _unit_of_serial(connection: Connection, serial: str | None) -> tuple[int, int] | None:
    """The unit that a serial belongs to: as it was delivered, or as it was swapped in since."""
    if not serial:
        return None
    chain = forest_around(connection, [serial]).chain_of(serial)
    first = chain[0].serial if chain else serial
    found = find_units(connection, first)
    if found:
        return found[-1]
    row = ask(
        connection,
        "SELECT line, unit FROM swaps WHERE new_serial = :serial OR old_serial = :serial ORDER BY seq DESC LIMIT 1",
        serial=serial,
    ).one_or_none()
    return None if row is None else (row.line, row.unit)


def _line_of(connection: Connection, told: Report, by_serial: tuple[int, int] | None) -> int:
    if told.line_id is not None:
        found = (
            ask(connection, "SELECT seq FROM lines WHERE line_id = :line ORDER BY seq", line=told.line_id)
            .scalars()
            .all()
        )
    elif told.order_id is not None:
        found = (
            ask(connection, "SELECT seq FROM lines WHERE order_id = :order ORDER BY seq", order=told.order_id)
            .scalars()
            .all()
        )
        if by_serial is not None and by_serial[0] in found:
            found = [by_serial[0]]
    else:
        found = [] if by_serial is None else [by_serial[0]]
    if len(found) != 1:
        named = told.line_id or told.order_id or told.serial or "nothing"
        lines = [str(ask(connection, "SELECT line_id FROM lines WHERE seq = :s", s=seq).scalar_one()) for seq in found]
        raise InputError(
            came=f"{named}, which is {len(found)} lines" if found else f"{named}, which no line is known by",
            where="the report",
            expected=f"one of the lines {', '.join(lines[:10])}"
            if found
            else "an order, a line or a serial that was sold",
            todo="Name the line with --line." if found else "Check the number, or import the orders first.",
        )
    return int(found[0])


def _add(connection: Connection, there: Standing, told: Report, *, now_us: int) -> Led:
    """Add a report to the open case of its unit; what was sent along counts as shown."""
    step = _step(told, there.case_id, now_us)
    check_step(step, where=f"case {there.case_id}")
    append_exhibits(connection, step, told.exhibits)
    steps = [step]
    if told.exhibits and there.case.stage is Stage.EVIDENCE_WANTED:
        shown = {"exhibits": str(step.told["exhibits"])}
        steps.append(replace(step, step_id=f"{step.step_id}:shown", what=What.SHOWN, told=shown))
    return lead_on(connection, [(there, one) for one in steps], now_us=now_us)[-1]


def _open(connection: Connection, line: int, unit: int, told: Report, *, now_us: int) -> Reported:
    promises = answering(list(promises_by_seq(connection).values()))
    past = past_of(connection, line, unit)
    claim = Claim(
        line=line,
        unit=unit,
        reported_us=min(told.at_us, now_us),
        serial=_as_delivered(connection, told.serial, past.first_serial),
        fault=told.fault,
        channel=told.channel,
        intact=told.intact,
        kind=told.kind,
        wants=told.wants,
        shown=frozenset(_SHOWS[one.kind] for one in told.exhibits),
    )
    answer = judge_live(connection, claim, promises, past=past, as_of_us=now_us)
    looked = _looked_at(connection, claim, answer, told.serial, past=past, now_us=now_us)
    year = _year(promises, now_us)
    opened = open_case(
        connection, line=line, unit=unit, serial=told.serial or past.first_serial, year=year, known_us=now_us
    )
    step = _step(told, opened.case_id, now_us)
    check_step(step, where="the report")
    judged = Step(
        source=OURS,
        step_id=f"judged:{opened.case_id}",
        case=opened.case_id,
        what=What.JUDGED,
        teller=Teller.HOUBEI,
        at_us=now_us,
        known_us=now_us,
        told=looked,
    )
    check_step(judged, where=f"case {opened.case_id}")
    append_exhibits(connection, step, told.exhibits)
    led = lead_on(connection, [(opened, step), (opened, judged)], now_us=now_us)
    return Reported(led=led[-1], opened=True, answer=answer)


def _looked_at(
    connection: Connection, claim: Claim, answer: Answer, serial: str | None, *, past: Past, now_us: int
) -> dict[str, Told]:
    """What the promises say, and where the facts are worth a look, that a person decides: the score itself decides nothing."""
    told = dict(answer.told)
    if told["answer"] == "no":
        return told
    left = (answer.window_us, answer.left_us)
    asked = Asked(line=claim.line, unit=claim.unit, serial=serial, past=past)
    scored = score_report(connection, asked, left=left, now_us=now_us)
    if scored.outcome is Outcome.LOOK:
        told |= {"by_person": True, "look": look_text(scored)}
    return told


def _as_delivered(connection: Connection, serial: str | None, first: str) -> str | None:
    """The serial that a unit was delivered under, where the reported one replaced it."""
    if not serial or not first:
        return serial or None
    chain = forest_around(connection, [serial]).chain_of(serial)
    return first if chain and chain[0].serial == first else serial


def _year(promises: Sequence[Promise], now_us: int) -> int:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=now_us)
    return moment.astimezone(ZoneInfo(promises[0].terms.zone)).year


def _step(told: Report, case_id: str, now_us: int) -> Step:
    named: dict[str, Told | None] = {
        "words": told.words,
        "fault": told.fault,
        "serial": told.serial,
        "intact": told.intact,
        "kind": None if told.kind == "fault" else told.kind,
        "wants": told.wants,
        "exhibits": ",".join(one.sha256 for one in told.exhibits) or None,
    }
    return Step(
        source=told.source,
        step_id=told.step_id,
        case=case_id,
        what=What.REPORTED,
        teller=told.teller,
        at_us=told.at_us,
        known_us=now_us,
        person=told.person,
        told={"channel": told.channel, **{name: value for name, value in named.items() if value is not None}},
    )
