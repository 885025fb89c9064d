"""What a page shows of a delivery: what was promised and when, who said what of its parcels, what excuses it, what it is owed, whom to thank.

Everything but how it stands is read from facts and books, so a page never says more than they do. Names are looked up last: whoever
asked not to be named has none anywhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection

from houbei.store.console import Entry, Settled, settlements_of
from houbei.store.console_delivery_lists import Kept, find_delivery
from houbei.store.console_delivery_money import entries_of_delivery
from houbei.store.console_delivery_needs import needs_of_delivery
from houbei.store.console_needs import Need
from houbei.store.line_rows import decoded
from houbei.store.people import Known, people_by_key
from houbei.store.promises import Promise, published
from houbei.store.statements import ask


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A promise as it was shown to the buyer; moments µs UTC, `fee_minor` what was paid for the slot.

    `rests_on` is what it came with: `chance_permille`, the versions of calendar, network and model, `reasons`.
    """

    seq: int
    source: str
    promise_id: str
    shown_us: int
    from_us: int | None
    by_us: int
    fee_minor: int | None
    currency: str | None
    parcels: int
    asked_by: str
    provisional: bool
    rests_on: Mapping[str, Any]
    known_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """A scan; `person` is the name to show, '' where there is none to show, and `by_person` says that one told of it."""

    seq: int
    source: str
    scan_id: str
    parcel_id: str | None
    what: str
    at_us: int
    told_by: str
    person: str
    by_person: bool
    carrier: str | None
    region: str | None
    disputes: str | None
    evidence: str | None
    known_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """A named event: from when until when, where, and the reference of its evidence."""

    seq: int
    closure_id: str
    code: str
    from_us: int
    until_us: int | None
    known_at_us: int
    regions: Sequence[str]
    evidence: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What the buyer is told: its texts, when that was decided, and when they were told (None: not yet); by `person`, '' where by nobody who is named."""

    kind: str
    zh: str
    en: str
    decided_us: int
    told_us: int | None
    by_person: bool
    person: str
    role: str
    dropped: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """A person who agreed to be named: their name, and the parts in which they did something."""

    name: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryView:
    """A delivery as a page shows it.

    `facts` are those of its first line, `lines` says how many lines are under the promise. `shown` and `scans` stand in the order of
    time, `entries` and `settlements` are its own, `needs` what waits for a person.
    """

    it: Kept
    facts: Mapping[str, Any]
    promise: Promise
    shown: Sequence[Given]
    scans: Sequence[Scanned]
    closure: Closed | None
    tellings: Sequence[Telling]
    entries: Sequence[Entry]
    settlements: Sequence[Settled]
    needs: Sequence[Need]
    credits: Sequence[Credit]

    @property
    def deciding(self) -> Given | None:
        """The promise that has to be kept; None where none was shown, or the terms make it."""
        return next((one for one in self.shown if one.seq == self.it.promise), None)

    @property
    def arrival(self) -> Scanned | None:
        """The scan by which it arrived."""
        return next((one for one in self.scans if one.seq == self.it.scan), None)


def read_delivery(connection: Connection, number: int) -> DeliveryView | None:
    """Read a delivery for a page.

    Args:
        connection: A state of the store.
        number: Its number in the store.

    Returns:
        The delivery, None where there is none of that number.

    Cost: a few look-ups in indexes.
    """
    kept = find_delivery(connection, number)
    if kept is None:
        return None
    rows, tellings = _scan_rows(connection, kept), _telling_rows(connection, kept)
    people = people_by_key(connection, {row.person for row in (*rows, *tellings) if row.person is not None})
    entries = entries_of_delivery(connection, kept.delivery, cover=kept.cover)
    mine = {entry.sequence for entry in entries}
    return DeliveryView(
        it=kept,
        facts=_facts(connection, kept.line),
        promise=next(one for one in published(connection) if one.seq == kept.terms),
        shown=_shown(connection, kept),
        scans=[_scanned(row, people) for row in rows],
        closure=None if kept.closure is None else _closure(connection, kept.closure),
        tellings=[_telling(row, people) for row in tellings],
        entries=entries,
        settlements=[one for one in settlements_of(connection, kept.cover) if one.sequence in mine],
        needs=needs_of_delivery(connection, number),
        credits=_credits(rows, tellings, people),
    )


def _facts(connection: Connection, line: int) -> dict[str, Any]:
    row = ask(
        connection,
        "SELECT source, line_id, order_id, sku, quantity, paid_minor, currency, placed_us, buyer_id, region, category, more"
        " FROM lines WHERE seq = :line",
        line=line,
    ).one()
    facts = dict(row._mapping)  # noqa: SLF001  SQLAlchemy's own way to a row's columns
    return {**decoded(facts.pop("more")), **facts}


def _shown(connection: Connection, kept: Kept) -> list[Given]:
    rows = ask(
        connection,
        "SELECT seq, source, promise_id, shown_us, from_us, by_us, fee_minor, currency, parcels, asked_by, provisional, more,"
        " known_us FROM promises_given WHERE delivery_id = :delivery AND order_id = :order ORDER BY shown_us, seq",
        delivery=kept.delivery_id,
        order=kept.order_id,
    )
    return [
        Given(
            seq=row.seq,
            source=row.source,
            promise_id=row.promise_id,
            shown_us=row.shown_us,
            from_us=row.from_us,
            by_us=row.by_us,
            fee_minor=row.fee_minor,
            currency=row.currency,
            parcels=row.parcels,
            asked_by=row.asked_by,
            provisional=bool(row.provisional),
            rests_on=decoded(row.more),
            known_us=row.known_us,
        )
        for row in rows
    ]


def _scan_rows(connection: Connection, kept: Kept) -> list[Any]:
    """Scans name a delivery, or an order that has no other."""
    rows = ask(
        connection,
        "SELECT seq, source, scan_id, parcel_id, what, at_us, told_by, person, carrier, region, disputes, evidence, known_us"
        " FROM scans WHERE delivery_id = :delivery OR (delivery_id IS NULL AND order_id = :order) ORDER BY at_us, seq",
        delivery=kept.delivery_id,
        order=kept.order_id,
    )
    return list(rows.all())


def _scanned(row: Any, people: Mapping[str, Known]) -> Scanned:
    known = None if row.person is None else people.get(row.person)
    return Scanned(
        seq=row.seq,
        source=row.source,
        scan_id=row.scan_id,
        parcel_id=row.parcel_id,
        what=row.what,
        at_us=row.at_us,
        told_by=row.told_by,
        person="" if known is None else known.shown,
        by_person=row.person is not None,
        carrier=row.carrier,
        region=row.region,
        disputes=row.disputes,
        evidence=row.evidence,
        known_us=row.known_us,
    )


def _closure(connection: Connection, seq: int) -> Closed:
    row = ask(
        connection,
        "SELECT seq, closure_id, code, from_us, until_us, known_at_us, regions, evidence FROM closures WHERE seq = :seq",
        seq=seq,
    ).one()
    return Closed(
        seq=row.seq,
        closure_id=row.closure_id,
        code=row.code,
        from_us=row.from_us,
        until_us=row.until_us,
        known_at_us=row.known_at_us,
        regions=[] if row.regions is None else msgspec.json.decode(row.regions, type=list[str]),
        evidence=row.evidence,
    )


def _telling_rows(connection: Connection, kept: Kept) -> list[Any]:
    rows = ask(
        connection,
        "SELECT t.kind, t.zh, t.en, t.decided_us, o.at_us AS told_us, o.person, o.role, w.state FROM tellings t"
        " LEFT JOIN told o ON o.telling = t.telling LEFT JOIN telling_work w ON w.seq = t.seq"
        " WHERE t.delivery_id = :delivery AND t.source = :source ORDER BY t.seq",
        delivery=kept.delivery_id,
        source=kept.source,
    )
    return list(rows.all())


def _telling(row: Any, people: Mapping[str, Known]) -> Telling:
    known = None if row.person is None else people.get(row.person)
    return Telling(
        kind=row.kind,
        zh=row.zh,
        en=row.en,
        decided_us=row.decided_us,
        told_us=row.told_us,
        by_person=row.person is not None,
        person="" if known is None else known.shown,
        role=row.role or "",
        dropped=row.state == "dropped",
    )


def _credits(rows: Sequence[Any], tellings: Sequence[Any], people: Mapping[str, Known]) -> list[Credit]:
    """Those who told of a scan, or told the buyer, and agree to be named, in the order in which they first did."""
    did = [(row.at_us, row.person, row.told_by) for row in rows]
    did += [(row.told_us, row.person, "shop") for row in tellings if row.told_us is not None]
    parts: dict[str, dict[str, None]] = {}
    for _, person, part in sorted(did, key=lambda one: one[0]):
        if person in people and people[person].named:
            parts.setdefault(person, {})[part] = None
    return [Credit(name=people[key].name, parts=tuple(told)) for key, told in parts.items()]
