"""One report put to every published promise of replacement and return: the live side of `houbei.judging`, a batch of one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from sqlalchemy import Connection

from houbei.case.stages import Remedy
from houbei.columns import MISSING
from houbei.cover.windows import FOREVER
from houbei.engine import Engine, reading_of
from houbei.errors import InputError
from houbei.facts.claims import REMEDIES, ClaimReading, read_claims
from houbei.facts.dictionary import Dictionaries
from houbei.facts.orders import Lines, columns_wanted, read_lines
from houbei.facts.steps import Told
from houbei.judging import judge_claims, reading_of_promises
from houbei.owed.choice import Outcome
from houbei.owed.missing import facts_missing
from houbei.owed.replacement import Before
from houbei.owed.tracks import Reason
from houbei.runs.cases import term_told
from houbei.runs.lineage_of import Past
from houbei.runs.netting import worth_of
from houbei.store.promises import Promise
from houbei.store.touched import begin_touching, read_fresh, touch_lines
from houbei.terms.replacement import AfterSwap, Decided, Gives, Replacement

_MOMENT = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What is judged: one unit of one line, reported at a moment (µs UTC).

    `serial` is None where none was told, `fault` and `wants` likewise; `kind` is `fault` or `return`; `shown` are the kinds of what was
    sent along.
    """

    line: int
    unit: int
    reported_us: int
    serial: str | None = None
    fault: str | None = None
    channel: str | None = None
    intact: bool | None = None
    kind: str = "fault"
    wants: str | None = None
    shown: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the promises say: what a `judged` step tells, the promise that answers, and why each other one does not.

    `window_us` is how long its window lasts in all and `left_us` how much of it was left at the report; None where it is not open.
    """

    told: Mapping[str, Told]
    promise: Promise
    reasons: tuple[tuple[Promise, Reason], ...]
    window_us: int | None
    left_us: int | None


def answering(promises: Sequence[Promise]) -> list[Promise]:
    """The promises that may answer a report, the shop's own before the law's, each in the order of publishing."""
    found = [promise for promise in promises if promise.terms.replacement is not None]
    return sorted(found, key=lambda promise: (promise.terms.statute, promise.seq))


def judge_live(
    connection: Connection, claim: Claim, promises: Sequence[Promise], *, past: Past, as_of_us: int
) -> Answer:
    """Judge one report.

    Args:
        connection: Where `touched` is; what was looked at there is forgotten.
        claim: The report.
        promises: What `answering` gave.
        past: What happened to the unit before.
        as_of_us: Later facts do not exist.

    Raises:
        InputError: no promise of replacement or return is published.

    Cost: some milliseconds for each promise.
    """
    if not promises:
        raise InputError(
            came="a report, and no promise that could answer it",
            where="the store",
            expected="a published promise of replacement or return, the shop's or the law's",
            todo="Publish one: houbei import --terms FILE.",
        )
    terms = [promise.terms for promise in promises]
    dictionaries = Dictionaries()
    lines, line_id, claim_reading = _read_line(connection, claim.line, promises, dictionaries, as_of_us)
    claims = read_claims(_claims_table(claim, line_id), first_row=1, reading=claim_reading, dictionaries=dictionaries)
    before = Before(
        swapped_us=np.array([MISSING if past.swapped_us is None else past.swapped_us], dtype=np.int64),
        uses_used=np.array([[past.uses_used.get(one.term, 0) for one in terms]], dtype=np.int64),
    )
    judged, _ = judge_claims(claims, lines, terms, dictionaries=dictionaries, as_of_us=as_of_us, before=before)
    place = int(judged.promise[0])
    reasons, outcome = [Reason(int(code)) for code in judged.reasons[0]], Outcome(int(judged.outcome[0]))
    promise = promises[place]
    window = _window(promise, lines, claim, dictionaries, as_of_us)
    if past.swapped_us is not None and _restarts(promise):
        window = None
    worth = worth_of(connection, line=claim.line, unit=claim.unit, promise=promise)
    told: dict[str, Told] = {
        **({"answer": "no"} if past.gone else _answer(promise, claim, outcome, int(judged.remedy[0]))),
        "value_minor": worth.value_minor,
        "refund_minor": worth.refund_minor,
        "clause": judged.clause.values[int(judged.clause.codes[0])],
        "term": term_told(promise),
        "statute": promise.terms.statute,
    }
    if window is not None:
        told["day"] = window.day
    lacking = facts_missing(promise.terms, reasons[place], claims, lines, place=0, line=0)
    if lacking:
        told["missing"] = ",".join(lacking)
    return Answer(
        told=told,
        promise=promise,
        reasons=tuple(zip(promises, reasons, strict=True)),
        window_us=None if window is None else window.closes_us - window.anchor_us,
        left_us=None if window is None else window.closes_us - claim.reported_us,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """When the window of a unit began to run and when it closes, µs UTC, and on which day of it the report fell; the first is day 0."""

    anchor_us: int
    closes_us: int
    day: int


def _restarts(promise: Promise) -> bool:
    promises = promise.terms.replacement
    return promises is not None and promises.after_swap is AfterSwap.RESTART


def _read_line(
    connection: Connection, line: int, promises: Sequence[Promise], dictionaries: Dictionaries, as_of_us: int
) -> tuple[Lines, str, ClaimReading]:
    """The line as the promises read it, its id, and how claims are read beside it."""
    begin_touching(connection)
    touch_lines(connection, first=line, last=line)
    own = [promise.terms for promise in promises if not promise.terms.statute]
    readings = [reading_of(terms)[0] for terms in own]
    named = {name for reading in readings for name in reading.named} - {"gift"}
    named |= {f"{name}_at" for reading in readings for name in reading.anchors}
    found = read_fresh(connection, named=sorted(named))
    begin_touching(connection)
    reading, claim_reading = reading_of_promises(
        [promise.terms for promise in promises], present=found.lines.column_names, as_of_us=as_of_us
    )
    wanted = columns_wanted(found.lines.column_names, reading)
    lines = read_lines(found.lines.select(wanted), first_row=1, reading=reading, dictionaries=dictionaries)
    return lines, found.lines.column("line_id")[0].as_py(), claim_reading


def _claims_table(claim: Claim, line_id: str) -> pa.Table:
    """The report as the one row of a claims history."""
    cells = {
        "claim_id": (line_id, pa.string()),
        "line_id": (line_id, pa.string()),
        "reported_at": (claim.reported_us, _MOMENT),
        "unit": (claim.unit, pa.int64()),
        "serial": (claim.serial, pa.string()),
        "fault": (claim.fault, pa.string()),
        "channel": (claim.channel, pa.string()),
        "intact": (claim.intact, pa.bool_()),
        "kind": (claim.kind, pa.string()),
        "wants": (claim.wants, pa.string()),
    }
    return pa.table({name: pa.array([value], kind) for name, (value, kind) in cells.items() if value is not None})


def _answer(promise: Promise, claim: Claim, outcome: Outcome, remedy: int) -> dict[str, Told]:
    promises = promise.terms.replacement
    if outcome is Outcome.REFUSED or promises is None:
        return {"answer": "no"}
    fault = claim.fault or ""
    given = REMEDIES[remedy] if remedy >= 0 else _first(promises, claim)
    lacking = [kind for kind in promises.evidence_of(fault) if kind not in claim.shown]
    by_person = outcome is Outcome.REFERRED or (claim.kind == "fault" and promises.decided_of(fault) is Decided.PERSON)
    told: dict[str, Told] = {"answer": Remedy(given).value, "by_person": by_person}
    if lacking and claim.kind == "fault":
        told["wants"] = ",".join(lacking)
    return told


def _first(promises: Replacement, claim: Claim) -> str:
    """What a promise that may answer would give: what the buyer wants where it gives that, else its first remedy."""
    if claim.wants is not None and Gives(claim.wants) in promises.gives:
        return claim.wants
    return promises.gives[0].value


def _window(promise: Promise, lines: Lines, claim: Claim, dictionaries: Dictionaries, as_of_us: int) -> Window | None:
    """The window of the unit; None where it has not begun, does not close, or the line is out of scope."""
    from_us = int(lines.moments["placed"].min(initial=as_of_us))
    engine = Engine(promise.terms, dictionaries=dictionaries, from_us=from_us, as_of_us=as_of_us)
    covers, openings = engine.open(lines, binding=engine.bind(lines))
    place = int(np.searchsorted(np.cumsum(covers.units), max(claim.unit, 1)))
    if place >= len(covers) or openings.anchor[place] == MISSING or openings.closes[place] >= FOREVER:
        return None
    anchor, closes = openings.anchor[place], openings.closes[place]
    first, reported = engine.days.day_of(np.array([anchor, claim.reported_us]))
    return Window(anchor_us=int(anchor), closes_us=int(closes), day=max(int(reported - first), 0))
