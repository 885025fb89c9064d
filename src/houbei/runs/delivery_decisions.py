"""Facts of the store put to the rule of arrivals: what the deliveries of some orders are owed now. Live, audit and console all ask here."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from houbei.columns import MISSING
from houbei.deliveries import JudgedDeliveries, late_deliveries, reading_of_deliveries
from houbei.errors import InvariantError
from houbei.facts.closures import read_closures
from houbei.facts.deliveries import reject_unplaced
from houbei.facts.dictionary import Dictionaries
from houbei.facts.moments import read_moments
from houbei.facts.orders import Lines, columns_wanted, read_lines
from houbei.facts.promises import read_promises
from houbei.facts.rejected import Findings, Rejection
from houbei.facts.scans import read_scans
from houbei.owed.arrivals import FAR_US
from houbei.owed.delivery import Verdict
from houbei.owed.lateness import FORMS
from houbei.store.deliveries import Delivery, deliveries_of_orders
from houbei.store.delivery_facts import Columns, Told, read_told
from houbei.store.promises import Promise
from houbei.store.statements import ask
from houbei.terms.delivery import Form
from houbei.terms.model import Terms

Whole = NDArray[np.int64]
_PER_MILLE = 1000
_DECODER = msgspec.json.Decoder(dict[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """How one delivery stands, by what the facts say.

    Amounts are minor units of its currency, and points. `scan_id` is the name of the scan of its arrival, '' where there is none; `clause` is
    what the verdict cites.
    """

    delivery: Delivery
    region: str | None
    carrier: str | None
    promise: int | None
    shown_us: int | None
    from_us: int | None
    promised_us: int | None
    by_us: int | None
    arrived_us: int | None
    verdict: Verdict
    closure: int | None
    scan: int | None
    provisional: int
    chance_permille: int | None
    next_us: int | None
    scan_id: str
    clause: str
    currency: str
    owed_minor: int
    owed_points: int
    held_minor: int
    held_points: int

    def values(self) -> tuple[Any, ...]:
        """The values of `store.deliveries.STANDS`."""
        promised = (self.promise, self.shown_us, self.from_us, self.promised_us, self.by_us)
        decided = (self.arrived_us, self.verdict.name.lower(), self.closure, self.scan)
        return (self.region, self.carrier, *promised, *decided, self.provisional, self.chance_permille)


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstLine:
    """The line on whose cover a delivery is booked: `more` is what its row tells besides, `changed_by` its latest event, None where it has none."""

    order_id: str
    line_id: str
    paid_minor: int
    currency: str
    more: Mapping[str, Any]
    changed_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DecidedDeliveries:
    """What deliveries of some orders are owed under one promise.

    `kept` are their rows, `places` where each stands in `judged` (-1: nothing in it is in scope any more), `row_of_step` for each step the
    place of its delivery among `kept` (-1: there is no row for it), `firsts` their first lines by number, `later_us` by order the next moment
    at which something will have happened that the document reckons from, `unplaced` by fact why it cannot be placed (None: it can).
    """

    promise: Promise
    told: Told
    lines: Lines
    judged: JudgedDeliveries
    kept: list[Delivery]
    places: Whole
    row_of_step: Whole
    firsts: Mapping[int, FirstLine]
    later_us: Mapping[str, int]
    unplaced: Mapping[str, Rejection | None]
    as_of_us: int

    def currency_of(self, delivery: Delivery) -> str:
        """The currency of the first line of a delivery."""
        return self.firsts[delivery.line].currency

    def sums(self, form: Form, *, held: bool) -> Whole:
        """By kept delivery what it is owed in one form, or what of that is held."""
        late, row = self.judged.late, self.row_of_step
        mine = (row >= 0) & (late.step_form == FORMS.index(form)) & (late.step_held == held)
        total = np.zeros(len(self.kept), dtype=np.int64)
        np.add.at(total, row[mine], late.step_amount[mine])
        return total

    def stands(self) -> Iterator[Stand]:
        """How each delivery stands."""
        sums = [self.sums(form, held=held).tolist() for held in (False, True) for form in (Form.MONEY, Form.POINTS)]
        for one, place, *amounts in zip(self.kept, self.places.tolist(), *sums, strict=True):
            yield self._stand(one, place, *amounts)

    def _stand(self, one: Delivery, place: int, *amounts: int) -> Stand:
        owed_minor, owed_points, held_minor, held_points = amounts
        judged, late, given = self.judged, self.judged.late, self.told.given
        promise, scan, closure = (
            int(column[place]) if place >= 0 else -1 for column in (judged.promise, judged.scan, judged.closure)
        )
        more = _DECODER.decode(given["more"][promise]) if promise >= 0 else {}
        region = judged.regions.codes[place] if place >= 0 else -1
        moments = [
            _moment(column[place]) if place >= 0 else None
            for column in (
                judged.shown_us,
                judged.from_us,
                judged.promised_us,
                late.by_us,
                late.arrived_us,
                late.next_us,
            )
        ]
        shown_us, from_us, promised_us, by_us, arrived_us, next_us = moments
        return Stand(
            delivery=one,
            region=None if region < 0 else judged.regions.values[region],
            carrier=given["carrier"][promise] if promise >= 0 else None,
            promise=given["seq"][promise] if promise >= 0 else None,
            shown_us=shown_us,
            from_us=from_us,
            promised_us=promised_us,
            by_us=by_us if promised_us is not None else None,
            arrived_us=arrived_us,
            verdict=Verdict(int(late.verdict[place])) if place >= 0 else Verdict.NONE,
            closure=self.told.closed["seq"][closure] if closure >= 0 else None,
            scan=self.told.scanned["seq"][scan] if scan >= 0 else None,
            provisional=given["provisional"][promise] if promise >= 0 else 0,
            chance_permille=_chance(more),
            next_us=min((us for us in (next_us, self.later_us.get(one.order_id)) if us is not None), default=None),
            scan_id=(judged.scan_ids[place].as_py() or "") if place >= 0 else "",
            clause=judged.clauses[place] if place >= 0 else "",
            currency=self.currency_of(one),
            owed_minor=owed_minor,
            owed_points=owed_points,
            held_minor=held_minor,
            held_points=held_points,
        )


def decide_deliveries(
    connection: Connection, promise: Promise, order_ids: Sequence[str], *, as_of_us: int
) -> DecidedDeliveries | None:
    """Decide the deliveries of some orders under one promise, as of a moment.

    Args:
        connection: A state of the store; its own temporary tables are used.
        promise: A promise of arrival.
        order_ids: Orders, and all whose lines arrive together with theirs.
        as_of_us: Later facts do not exist.

    Returns:
        What they are owed; None where none of them is under this promise.

    Raises:
        InvariantError: a fact that was accepted cannot be read.

    Cost: as `store.delivery_facts.read_told`, and some milliseconds and 0.1 ms a delivery.
    """
    kept = [one for one in deliveries_of_orders(connection, order_ids) if one.terms == promise.seq]
    if not kept:
        return None
    terms, dictionaries = promise.terms, Dictionaries()
    of_lines, of_facts = reading_of_deliveries(terms, as_of_us=as_of_us)
    named = [*sorted(of_lines.named - {"gift"}), *(f"{name}_at" for name in sorted(of_lines.anchors))]
    told = read_told(connection, order_ids, named=named)
    wanted = columns_wanted(told.lines.lines.column_names, of_lines)
    lines = read_lines(told.lines.lines.select(wanted), first_row=1, reading=of_lines, dictionaries=dictionaries)
    promises = read_promises(told.promises, first_row=1, reading=of_facts, dictionaries=dictionaries)
    scans = read_scans(told.scans, first_row=1, reading=of_facts, dictionaries=dictionaries)
    closures = read_closures(told.closures, first_row=1, reading=of_facts, dictionaries=dictionaries)
    for found in (lines.findings, promises.findings, scans.findings, closures.findings):
        _check_read(found)
    judged = late_deliveries(
        terms,
        lines,
        promises,
        scans,
        closures,
        dictionaries=dictionaries,
        as_of_us=as_of_us,
        sold_under=_sold_under(connection, told.lines.seqs, terms.term),
    )
    reject_unplaced(promises, scans, lines, dictionaries=dictionaries)
    names = {name: place for place, name in enumerate(judged.delivery_ids.to_pylist())}
    places = np.array([names.get(one.delivery_id, -1) for one in kept], dtype=np.int64)
    return DecidedDeliveries(
        promise=promise,
        told=told,
        lines=lines,
        judged=judged,
        kept=kept,
        places=places,
        row_of_step=_row_of_step(judged, places),
        firsts=_firsts(told, kept),
        later_us=_later(told, terms, as_of_us=as_of_us),
        unplaced={**_placed("promise", told.given, promises.findings), **_placed("scan", told.scanned, scans.findings)},
        as_of_us=as_of_us,
    )


def _placed(sort: str, columns: Columns, findings: Findings) -> dict[str, Rejection | None]:
    """Why each fact cannot be placed, by its name; None where it can."""
    ids = zip(columns["source"], columns[f"{sort}_id"], findings.codes.tolist(), strict=True)
    return {f"{sort}:{source}/{own}": Rejection(code) if code else None for source, own, code in ids}


def _row_of_step(judged: JudgedDeliveries, places: Whole) -> Whole:
    where = np.full(len(judged) + 1, -1)
    known = np.flatnonzero(places >= 0)
    where[places[known]] = known
    return where[judged.late.step_delivery]


def _firsts(told: Told, kept: Sequence[Delivery]) -> dict[int, FirstLine]:
    place_of = {seq: place for place, seq in enumerate(told.lines.seqs)}
    numbers = sorted({one.line for one in kept})
    rows = told.lines.lines.select(["order_id", "line_id", "paid_minor", "currency"])
    rows = rows.take([place_of[number] for number in numbers]).to_pylist()
    return {
        number: FirstLine(
            **row, more=told.lines.more[place_of[number]], changed_by=told.lines.changed_by.get(place_of[number])
        )
        for number, row in zip(numbers, rows, strict=True)
    }


def _later(told: Told, terms: Terms, *, as_of_us: int) -> dict[str, int]:
    """By order the next moment at which a fact that the document reckons from will have happened, where one is told beforehand."""
    table, later = told.lines.lines, dict[str, int]()
    for fact in () if terms.arrival is None else terms.arrival.after:
        if (name := f"{fact}_at") not in table.column_names:
            continue
        moments, _ = read_moments(table.column(name).combine_chunks(), zone=terms.zone, where=f"orders.{name}")
        for order_id, us in zip(told.lines.order_ids, moments.tolist(), strict=True):
            if us > as_of_us:
                later[order_id] = min(us, later.get(order_id, us))
    return later


def _sold_under(connection: Connection, lines: Sequence[int], term: str) -> NDArray[np.bool_]:
    """Which of some fresh lines were sold under any version of a term: what arrives together is under that of its first line."""
    bound = {
        row[0]
        for row in ask(
            connection,
            "SELECT c.line FROM fresh f CROSS JOIN covers c JOIN terms t ON t.seq = c.terms"
            " WHERE c.line = f.line AND t.term = :term",
            term=term,
        )
    }
    return np.array([line in bound for line in lines], dtype=np.bool_)


def _check_read(findings: Findings) -> None:
    """A fact was read when it was taken in; it is read again."""
    if findings.codes.any():
        place = int(np.flatnonzero(findings.codes)[0])
        said = f"row {place + 1} of what is told of a delivery was accepted and cannot be read: {Rejection(int(findings.codes[place])).name.lower()}"
        raise InvariantError(said)


def _moment(us: Any) -> int | None:
    return None if us in (MISSING, FAR_US) else int(us)


def _chance(more: dict[str, Any]) -> int | None:
    chance = more.get("chance_permille")
    if not isinstance(chance, int) or isinstance(chance, bool):
        return None
    return chance if 0 <= chance <= _PER_MILLE else None
