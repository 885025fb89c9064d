"""Examples of delivery promises: a line, what was shown and what happened to its parcels, and what that comes to.

As elsewhere, an example is about what it states: a condition on something that it leaves out counts as met, and a null is stated, unknown.
Without `nothing` time has passed: it is looked at a year after the last thing that happens in it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import pyarrow as pa

from houbei.deliveries import JudgedDeliveries, late_deliveries, reading_of_deliveries
from houbei.errors import InputError
from houbei.examples.rows import UNNAMED, Row, field_of, orders_table, refuse_rejected, stated_parts
from houbei.facts.closures import ClosuresTold, read_closures
from houbei.facts.dictionary import Dictionaries
from houbei.facts.moments import DAY_US, text_of_moment
from houbei.facts.orders import Lines, columns_wanted, read_lines
from houbei.facts.promises import DeliveryReading, PromisesGiven, read_promises
from houbei.facts.scans import ScansTold, read_scans
from houbei.facts.sightings import OF_LINES
from houbei.money import POINTS, minor_of, text_of
from houbei.owed.delivery import Verdict
from houbei.owed.lateness import FORMS
from houbei.terms.arrival_examples import facts_of_arrival
from houbei.terms.delivery import Form
from houbei.terms.model import Example, Terms
from houbei.terms.moments import parse_moment

_YEAR_US = 366 * DAY_US
_OF_PROMISE = ("shown", "promised_by", "slot_from", "slot_fee", "parcels", "asked_by")
_ABOUT = {"dispute": "disputed", "upheld": "upheld", "dismissed": "dismissed"}
"""Keys of what is told of another scan, and the words of such scans."""
_OWN = {what.name.lower(): fact for what, fact in OF_LINES.items()}
"""The scans that a moment of the line stands for."""
_WORDS = {"pay": Form.MONEY, "points": Form.POINTS, "held": Form.MONEY, "held_points": Form.POINTS}
"""The words of what is paid and held, and what each is in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that an example came to: `word` is pay, points, held or held_points; minor units, or points."""

    word: str
    amount: int
    at_us: int
    clause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What an example came to, in the order of time, and how the promise stands; `clause` is what that cites."""

    steps: tuple[Step, ...]
    verdict: str
    clause: str


def run_arrivals(example: Example, *, terms: Terms) -> Result:
    """Decide one example.

    Args:
        example: One of the document's.
        terms: The document, a delivery promise.

    Raises:
        InputError: a value in it cannot be read, or a condition does not fit its facts.
    """
    terms = replace(terms, scope=stated_parts(terms.scope, set(example.given)))
    facts, dictionaries = facts_of_arrival(example, terms=terms), Dictionaries()
    looked = [parse_moment(row["at"], zone=terms.zone, where="when, at") for row in example.when if "nothing" in row]
    as_of_us = min(looked) if looked else _last(example, facts, terms) + _YEAR_US
    orders, reading = reading_of_deliveries(terms, as_of_us=as_of_us)
    given: Row = {**UNNAMED, **{key: value for key, value in example.given.items() if key not in _OF_PROMISE}}
    table = orders_table(given, facts, terms)
    lines = read_lines(
        table.select(columns_wanted(table.column_names, orders)), first_row=1, reading=orders, dictionaries=dictionaries
    )
    refuse_rejected(lines.findings, "given")
    judged = _judge(terms, lines, _facts(example, facts, reading, dictionaries), dictionaries, as_of_us)
    if not len(judged):
        if len(judged.undecided):
            raise InputError(
                came="it is not known whether the promise is about the line",
                where="given",
                expected="the facts that the scope names",
                todo="Add them.",
            )
        return Result(steps=(), verdict=Verdict.NONE.name.lower(), clause=terms.scope_clause)
    verdict = Verdict(int(judged.late.verdict[0])).name.lower()
    return Result(steps=tuple(_steps(judged)), verdict=verdict, clause=judged.clauses[0])


def complaint(example: Example, *, terms: Terms) -> tuple[str, str] | None:
    """Run an example; give what it came to and what the document says, where these differ.

    Raises:
        InputError: as `run_arrivals`.
    """
    result, currency = run_arrivals(example, terms=terms), example.given["currency"]
    if _as_written(result, example, currency):
        return None
    return _said_of_came(result, currency, terms.zone), _said_of_written(example)


_Facts = tuple[PromisesGiven, ScansTold, ClosuresTold]


def _judge(terms: Terms, lines: Lines, facts: _Facts, dictionaries: Dictionaries, as_of_us: int) -> JudgedDeliveries:
    promises, scans, closures = facts
    judged = late_deliveries(terms, lines, promises, scans, closures, dictionaries=dictionaries, as_of_us=as_of_us)
    refuse_rejected(promises.findings, "when, shown")
    return judged


def _last(example: Example, facts: Mapping[str, int], terms: Terms) -> int:
    """The last moment that an example names."""
    keys = ("shown", "promised_by", "slot_from", "at", "from", "until", "known")
    told = [
        parse_moment(row[key], zone=terms.zone, where=f"when, {key}")
        for row in (example.given, *example.when)
        for key in keys
        if row.get(key) is not None
    ]
    return max([*facts.values(), *told])


def _facts(example: Example, facts: Mapping[str, int], reading: DeliveryReading, dictionaries: Dictionaries) -> _Facts:
    order, placed = UNNAMED["order_id"], text_of_moment(facts["placed"])
    first = {"shown": placed, **{key: example.given[key] for key in _OF_PROMISE if key in example.given}}
    parcels = example.given["parcels"]
    rows = [first] * ("promised_by" in first) + [{"parcels": parcels, **row} for row in example.when if "shown" in row]
    shown = [
        {"promise_id": f"{number:04}", "order_id": order, "shown_at": row["shown"], "currency": example.given["currency"], **row}
        for number, row in enumerate(rows)
    ]  # fmt: skip
    closed = [
        {"closure_id": f"{number:04}", "code": row["closure"], "from_at": row["from"], "until_at": row.get("until"),
         "known_at": row.get("known", row["from"]), "evidence": row.get("evidence"),
         "regions": f'["{row["region"]}"]' if "region" in row else None}
        for number, row in enumerate(row for row in example.when if "closure" in row)
    ]  # fmt: skip
    tables = (
        _table(shown, ("promise_id", "order_id", "shown_at", "promised_by", "slot_from", "slot_fee", "currency", "parcels", "asked_by")),
        _table([*_scans(example, order)], ("scan_id", "order_id", "at", "what", "parcel_id", "disputes")),
        _table(closed, ("closure_id", "code", "from_at", "until_at", "known_at", "evidence", "regions")),
    )  # fmt: skip
    promises = read_promises(tables[0], first_row=1, reading=reading, dictionaries=dictionaries)
    scans = read_scans(tables[1], first_row=1, reading=reading, dictionaries=dictionaries)
    closures = read_closures(tables[2], first_row=1, reading=reading, dictionaries=dictionaries)
    for findings, part in (
        (promises.findings, "when, shown"),
        (scans.findings, "when, scan"),
        (closures.findings, "when, closure"),
    ):
        refuse_rejected(findings, part)
    return promises, scans, closures


def _scans(example: Example, order: str) -> Iterator[Row]:
    """The scans of an example; a dispute is about the last scan of its word, and parcel, that stands above it."""
    last: dict[tuple[str, str | None], str] = {}
    for number, row in enumerate(example.when):
        about = next((key for key in _ABOUT if key in row), None)
        word, parcel = str(row.get("scan", row.get(about or ""))), row.get("parcel")
        scan_id = f"{number:04}"
        told: Row = {"scan_id": scan_id, "order_id": order, "at": row.get("at"), "parcel_id": parcel}
        if "scan" in row:
            last[word, parcel] = last[word, None] = scan_id
            yield {**told, "what": word}
        elif about is not None:
            own = f"{_OWN[word]}:{UNNAMED['line_id']}" if word in _OWN else None
            yield {**told, "what": _ABOUT[about], "disputes": last.get((word, parcel), own)}


def _table(rows: Sequence[Row], names: Sequence[str]) -> pa.Table:
    columns = [pa.array([field_of(row.get(name)) for row in rows], type=pa.string()) for name in names]
    return pa.table(dict(zip(names, columns, strict=True)))


def _steps(judged: JudgedDeliveries) -> Iterator[Step]:
    late = judged.late
    for place in range(len(late.step_at_us)):
        money, held = FORMS[late.step_form[place]] is Form.MONEY, bool(late.step_held[place])
        yield Step(
            word=("held" if money else "held_points") if held else ("pay" if money else "points"),
            amount=int(late.step_amount[place]),
            at_us=int(late.step_at_us[place]),
            clause=judged.step_clauses[place],
        )


def _as_written(result: Result, example: Example, currency: str) -> bool:
    """Whether this is what the document says: the verdict, amounts and cited clauses, those of one moment in any order."""
    said = [outcome for outcome in example.then if "verdict" in outcome]
    for outcome in said:
        if outcome["verdict"] != result.verdict or outcome.get("clause") not in {None, result.clause}:
            return False
    wanted = [*_written(example, currency)]
    if len(wanted) != len(result.steps):
        return False
    place = 0
    for _, steps in groupby(result.steps, key=lambda step: step.at_us):
        here = [*steps]
        if not _pair_off(wanted[place : place + len(here)], here):
            return False
        place += len(here)
    return True


def _pair_off(wanted: Sequence[tuple[str, int, str | None]], came: Sequence[Step]) -> bool:
    """Whether every step of one moment is wanted, each by another; those that cite a clause choose first."""
    left = [*came]
    for word, amount, clause in sorted(wanted, key=lambda outcome: outcome[2] is None):
        fits = [step for step in left if (step.word, step.amount) == (word, amount) and clause in {None, step.clause}]
        if not fits:
            return False
        left.remove(fits[0])
    return True


def _written(example: Example, currency: str) -> Iterator[tuple[str, int, str | None]]:
    """What the document says is paid or held: the word, the amount and the clause, None where it cites none."""
    for outcome in example.then:
        for word in outcome.keys() & _WORDS.keys():
            unit = POINTS if _WORDS[word] is Form.POINTS else currency
            yield word, minor_of(str(outcome[word]), unit, where="then"), outcome.get("clause")


def _said_of_came(result: Result, currency: str, zone: str) -> str:
    said = [f"{result.verdict} ({result.clause})"]
    for step in result.steps:
        unit = POINTS if _WORDS[step.word] is Form.POINTS else currency
        said.append(f"{step.word} {text_of(step.amount, unit)} ({step.clause}) at {text_of_moment(step.at_us, zone)}")
    return ", ".join(said)


def _said_of_written(example: Example) -> str:
    said = []
    for outcome in example.then:
        word = next(key for key in ("verdict", *_WORDS) if key in outcome)
        clause = f" ({outcome['clause']})" if "clause" in outcome else ""
        said.append(f"{outcome[word]}{clause}" if word == "verdict" else f"{word} {outcome[word]}{clause}")
    return ", ".join(said)
