"""Promises of arrival put to facts: the lines they cover, what was shown, what was scanned; `owed.delivery` decides.

As `judging` does for claims, this makes facts ready and gives the answers back under the names that facts have. One delivery is a batch
of one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from houbei.columns import MISSING, Text, entries_at
from houbei.cover.windows import FOREVER
from houbei.engine import Engine, reading_of
from houbei.errors import InvariantError
from houbei.facts.arrow import TextColumn, nullable_texts, take_texts
from houbei.facts.closures import ClosuresTold, lies_in
from houbei.facts.deliveries import Together, group_lines, place_scans
from houbei.facts.dictionary import Dictionaries
from houbei.facts.orders import Lines, Reading
from houbei.facts.promises import DeliveryReading, PromisesGiven
from houbei.facts.rejected import Rejection
from houbei.facts.scans import ScansTold
from houbei.facts.sightings import Sightings, gather
from houbei.owed.arrivals import Scans
from houbei.owed.delivery import Deliveries, Late, Verdict, find_late
from houbei.owed.excused import Closures
from houbei.owed.made import make_promises
from houbei.owed.promised import Shown, find_promises
from houbei.terms.delivery import Arrival, Made
from houbei.terms.model import Terms

Whole = NDArray[np.int64]
Marks = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class JudgedDeliveries:
    """What deliveries are owed under one document, with the names of the facts that decided it.

    `together` are the deliveries that have a line in scope, and those lines; `undecided` the places of lines of which a fact is missing that the scope asks for. `late` is
    what they are owed and how each stands; its places are turned into names here. By delivery: `delivery_ids` and `order_ids`, `paid_minor` (of its lines in scope) in `money`,
    `shown_us`, `from_us` and `promised_us` of the promise that counts (`MISSING` where there is none), `promise` and `scan` and `closure` the rows of the facts (-1 where no row says it), their ids
    (null where there is none; the scan of a line's own moment is `delivered:LINE` and its like), `regions` (dictionary `region`), and `clauses`, what its verdict cites. By step: `step_clauses`, `step_parcel_ids` (null: the delivery as
    a whole, or a parcel without a name). `seen` is what was scanned of their parcels.
    """

    together: Together
    undecided: Whole
    late: Late
    delivery_ids: TextColumn
    order_ids: TextColumn
    paid_minor: Whole
    money: Text
    shown_us: Whole
    from_us: Whole
    promised_us: Whole
    promise: Whole
    scan: Whole
    closure: Whole
    promise_ids: TextColumn
    scan_ids: TextColumn
    closure_ids: TextColumn
    regions: Text
    clauses: tuple[str, ...]
    step_clauses: tuple[str, ...]
    step_parcel_ids: TextColumn
    seen: Sightings

    def __len__(self) -> int:
        return len(self.together)


def reading_of_deliveries(terms: Terms, *, as_of_us: int = FOREVER) -> tuple[Reading, DeliveryReading]:
    """Say what the readers of orders, and of promises, scans and closures must know for a delivery promise."""
    orders = reading_of(terms, as_of_us=as_of_us)[0]
    anchors = frozenset(terms.arrival.after) if terms.arrival is not None else frozenset[str]()
    return (
        Reading(zone=orders.zone, named=orders.named, anchors=anchors, keys=frozenset({"order_id"}), as_of_us=as_of_us),
        DeliveryReading(zone=terms.zone, as_of_us=as_of_us),
    )


def late_deliveries(  # noqa: PLR0913  the four files of facts, the document, and what time it is
    terms: Terms,
    lines: Lines,
    promises: PromisesGiven,
    scans: ScansTold,
    closures: ClosuresTold,
    *,
    dictionaries: Dictionaries,
    as_of_us: int,
    sold_under: Marks | None = None,
) -> JudgedDeliveries:
    """Judge deliveries under one document.

    Args:
        terms: A delivery promise.
        lines: Every line of the orders in question, read as `reading_of_deliveries` says.
        promises: What was shown to their buyers.
        scans: What was told of their parcels.
        closures: Named events.
        dictionaries: The codes that all use.
        as_of_us: What time it is.
        sold_under: Which lines were sold under this version; all of them if None.

    Returns:
        What each delivery with a line in scope is owed, and how it stands.

    Raises:
        InputError: an amount of the document has more digits than a currency.

    Cost: `owed.delivery.find_late`, and a few sorts of the facts.
    Clause: `scope.clause` for what is promised at all; the rest as `find_late`.
    """
    if terms.arrival is None:
        raise InvariantError(terms.term)
    from_us = int(lines.moments["placed"][lines.live].min(initial=as_of_us))
    engine = Engine(terms, dictionaries=dictionaries, from_us=from_us, as_of_us=as_of_us)
    binding = engine.bind(lines)
    under = np.ones(len(lines), dtype=np.bool_) if sold_under is None else sold_under
    by_order = terms.arrival.made is not Made.SHOWN
    together = group_lines(lines, promises, bound=binding.bound & under, by_order=by_order, dictionaries=dictionaries)
    facts = _Facts(terms.arrival, lines, promises, scans, closures, dictionaries)
    return facts.judge(engine, together, undecided=np.flatnonzero(binding.undecided & under))


def _paid(lines: Lines, together: Together) -> tuple[Whole, Text]:
    """What was paid for the lines of each delivery, and in what; a line in another currency than the first is not added."""
    currency = lines.texts["currency"]
    first = np.searchsorted(together.delivery, np.arange(len(together)))
    codes = currency.codes[together.line[first]] if len(together) else np.zeros(0, dtype=np.int32)
    same = currency.codes[together.line] == codes[together.delivery]
    total = np.zeros(len(together), dtype=np.int64)
    np.add.at(total, together.delivery[same], lines.paid_minor[together.line[same]])
    return total, Text(codes, currency.values)


def _refuse_other_money(promises: PromisesGiven, together: Together, money: Text) -> None:
    rows = np.flatnonzero((together.of_promise >= 0) & (promises.fee_minor > 0))
    other = np.zeros(len(promises), dtype=np.bool_)
    for row in rows.tolist():
        mine = money.values[money.codes[together.of_promise[row]]]
        other[row] = promises.currency.values[promises.currency.codes[row]] != mine
    promises.findings.note(other, Rejection.OTHER_CURRENCY)


def _shown(
    engine: Engine, arrival: Arrival, lines: Lines, promises: PromisesGiven, together: Together
) -> tuple[Shown, Whole]:
    """What was shown of each delivery, or what the document promises by itself; and the row of each, -1 where it is the document."""
    if arrival.made is Made.SHOWN:
        rows = np.flatnonzero((together.of_promise >= 0) & promises.live)
        columns = {name: getattr(promises, name)[rows] for name in ("shown_us", "from_us", "by_us", "fee_minor")}
        rest = {name: getattr(promises, name)[rows] for name in ("parcels", "by_buyer", "rank")}
        return Shown(delivery=together.of_promise[rows], **columns, **rest), rows
    since, placed = np.full(len(together), MISSING), np.full(len(together), FOREVER)
    np.minimum.at(placed, together.delivery, lines.moments["placed"][together.line])
    missing = np.zeros(len(together), dtype=np.bool_)
    for fact in arrival.after:
        moments = lines.moments.get(fact, np.full(len(lines), MISSING))[together.line]
        np.maximum.at(since, together.delivery, moments)
        missing[together.delivery[moments == MISSING]] = True
    since[missing] = MISSING
    by_us = make_promises(arrival, since, days=engine.days, rolling=engine.rolling)
    made = np.flatnonzero(by_us != MISSING)
    nothing = np.zeros(len(made), dtype=np.int64)
    return Shown(
        delivery=made,
        shown_us=placed[made],
        from_us=np.full(len(made), MISSING),
        by_us=by_us[made],
        fee_minor=nothing,
        parcels=nothing + 1,
        by_buyer=np.zeros(len(made), dtype=np.bool_),
        rank=nothing,
    ), np.full(len(made), -1)


def _ends(lines: Lines, together: Together) -> Whole:
    """When the last line of each delivery was cancelled, `MISSING` while one is not."""
    if "cancelled" not in lines.moments:
        return np.full(len(together), MISSING)
    moments = lines.moments["cancelled"][together.line]
    ends = np.full(len(together), MISSING)
    np.maximum.at(ends, together.delivery, moments)
    ends[together.delivery[moments == MISSING]] = MISSING
    return ends


def _regions(lines: Lines, promises: PromisesGiven, together: Together, row: Whole) -> Text:
    """Where each delivery goes: as the promise that counts says, else as its first line does."""
    first = np.searchsorted(together.delivery, np.arange(len(together)))
    codes = np.full(len(together), -1, dtype=np.int32)
    if "region" in lines.texts and len(together):
        codes = lines.texts["region"].codes[together.line[first]]
    if len(promises):
        said = np.where(row < 0, np.int32(-1), promises.regions.codes[np.maximum(row, 0)])
        codes = np.where(said >= 0, said, codes)
    return Text(codes, promises.regions.values)


def _closures(told: ClosuresTold, arrival: Arrival, regions: Text) -> Closures:
    rows = np.flatnonzero(told.live)
    codes = [excuse.code for excuse in arrival.excuses]
    place = np.array([codes.index(code) if code in codes else -1 for code in told.codes.values] + [-1], dtype=np.int64)
    marks = np.zeros((len(rows), len(regions.values) + 1), dtype=np.bool_)
    asked = np.unique(regions.codes[regions.codes >= 0]).tolist()
    for k, row in enumerate(rows.tolist()):
        where = told.regions[row]
        if where is None:
            marks[k] = True
            continue
        for code in asked:
            marks[k, code] = any(lies_in(regions.values[code], other) for other in where)
    return Closures(
        code=place[told.codes.codes[rows]],
        from_us=told.from_us[rows],
        until_us=told.until_us[rows],
        known_us=told.known_us[rows],
        regions=marks,
        evidence=np.array([told.evidence[row].as_py() is not None for row in rows.tolist()], dtype=np.bool_),
        rank=told.rank[rows],
    )


@dataclass(frozen=True, slots=True)
class _Facts:
    """The facts that an answer is found from, and turned back into: rows, their ids, and clauses."""

    arrival: Arrival
    lines: Lines
    promises: PromisesGiven
    scans: ScansTold
    closures: ClosuresTold
    dictionaries: Dictionaries

    def judge(self, engine: Engine, together: Together, *, undecided: Whole) -> JudgedDeliveries:
        """Judge deliveries that are found."""
        lines, promises, arrival = self.lines, self.promises, self.arrival
        paid_minor, money = _paid(lines, together)
        _refuse_other_money(promises, together, money)
        shown, row = _shown(engine, arrival, lines, promises, together)
        kept = find_promises(shown, deliveries=len(together))
        placed = place_scans(self.scans, together, promises, lines, dictionaries=self.dictionaries)
        seen = gather(self.scans, placed, together, lines, parcels=entries_at(shown.parcels, kept, 1))
        regions = _regions(lines, promises, together, entries_at(row, kept, -1))
        late = find_late(
            Deliveries(paid_minor=paid_minor, money=money, region=regions.codes.astype(np.int64), ends_us=_ends(lines, together)),
            shown,
            Scans(delivery=seen.delivery, parcel=seen.parcel, what=seen.what, at_us=seen.at_us, disputes=seen.disputes, rank=seen.rank),
            _closures(self.closures, arrival, regions),
            promises=arrival,
            as_of_us=engine.as_of_us,
        )  # fmt: skip
        return JudgedDeliveries(
            together=together,
            undecided=undecided,
            seen=seen,
            late=late,
            delivery_ids=_texts(together.ids, self.dictionaries["delivery_id"].values),
            order_ids=_texts(together.orders, self.dictionaries["order_id"].values),
            paid_minor=paid_minor,
            money=money,
            shown_us=entries_at(shown.shown_us, late.promise, MISSING),
            from_us=entries_at(shown.from_us, late.promise, MISSING),
            promised_us=entries_at(shown.by_us, late.promise, MISSING),
            regions=regions,
            **self._named(late, seen, row),
        )

    def _named(self, late: Late, seen: Sightings, row: Whole) -> dict[str, Any]:
        """The names of an answer, by field of `JudgedDeliveries`."""
        promise, scan = entries_at(row, late.promise, -1), entries_at(seen.row, late.scan, -1)
        closure = entries_at(np.flatnonzero(self.closures.live), late.closure, -1)
        told = self.scans.scan_ids
        told_ids = np.where(scan < 0, -1, told.codes[np.maximum(scan, 0)] if len(told.codes) else -1)
        names = [None if code < 0 else told.values[code] for code in told_ids.tolist()]
        for place in np.flatnonzero((late.scan >= 0) & (scan < 0)).tolist():
            names[place] = seen.name(int(late.scan[place]), self.scans, self.lines)
        return {
            "promise": promise,
            "scan": scan,
            "closure": closure,
            "promise_ids": take_texts(self.promises.ids, promise),
            "scan_ids": nullable_texts(names),
            "closure_ids": _texts(entries_at(self.closures.closure_ids.codes.astype(np.int64), closure, -1), self.closures.closure_ids.values),
            "clauses": self._clauses(late, promise, closure),
            "step_clauses": tuple(self.arrival.tiers[tier].clause for tier in late.step_tier.tolist()),
            "step_parcel_ids": _texts(entries_at(seen.parcel_codes, late.step_parcel, -1), self.dictionaries["parcel_id"].values),
        }  # fmt: skip

    def _clauses(self, late: Late, promise: Whole, closure: Whole) -> tuple[str, ...]:
        """What the verdict on each delivery cites."""
        arrival, verdict = self.arrival, late.verdict
        cited = [arrival.promise_clause, arrival.slot_clause, arrival.dispute_clause]
        cited += [tier.clause for tier in arrival.tiers[:1]] or cited[:1]
        by_buyer = np.append(self.promises.by_buyer, False)
        code = np.where(by_buyer[promise], 1, 0)
        code = np.where(verdict == Verdict.DISPUTED, 2, np.where(verdict == Verdict.LATE, 3, code))
        found = [cited[k] for k in code.tolist()]
        for place in np.flatnonzero((verdict == Verdict.EXCUSED) & (closure >= 0)).tolist():
            excuse = arrival.excuse(self.closures.codes.values[self.closures.codes.codes[closure[place]]])
            found[place] = arrival.promise_clause if excuse is None else excuse.clause
        return tuple(found)


def _texts(codes: Whole, values: Sequence[str]) -> TextColumn:
    return nullable_texts([None if code < 0 else values[code] for code in codes.tolist()])
