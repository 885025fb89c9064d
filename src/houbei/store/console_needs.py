"""What the console asks of what waits for a person: settlements, held prices, lines that cannot be decided, and all else by its kind."""

from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection

from houbei.store.statements import ask

NEEDS_MAX = 200
"""How many matters that wait for a person are read; more are counted, not listed."""
_ELSEWHERE = "'case', 'parcel_at_risk', 'parcel_lost', 'late_disputed', 'tell_buyer', 'feed_silent'"
"""Kinds of which there may be hundreds: of cases and of deliveries, each read by itself."""
PARKED = "a.due_us IS NULL AND a.state IN ('instructed', 'unknown', 'refused', 'returned')"
"""Which settlements wait for a person (`a` is `actions`): nobody will look at them again by himself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One matter that waits for a person.

    `kind` is a kind of the table `needs`, or `parked`, `held`, `undecided`; `told` its facts; `since_us` when it began to wait.
    """

    kind: str
    ref: str
    since_us: int
    told: dict[str, Any]
    amount_minor: int | None = None
    currency: str | None = None


def read_needs(connection: Connection) -> list[Need]:
    """Read what waits for a person but cases and deliveries, the longest waiting first; a settlement that waits twice is given once.

    Cost: a pass over the actions and over the covers; `NEEDS_MAX` rows of each kind.
    """
    parked = _parked(connection)
    seen = {(need.told["cover"], need.told["sequence"]) for need in parked}
    others = [
        need
        for need in _told(connection)
        if need.kind != "parked" or (need.told.get("cover"), need.told.get("sequence")) not in seen
    ]
    found = [*parked, *others, *_held(connection), *_undecided(connection)]
    return sorted(found, key=lambda need: (need.since_us, need.kind, need.ref))


def _told(connection: Connection) -> list[Need]:
    rows = ask(
        connection,
        "SELECT kind, ref, since_us, told, amount_minor, currency FROM needs"
        f" WHERE kind NOT IN ({_ELSEWHERE}) ORDER BY since_us LIMIT :most",
        most=NEEDS_MAX,
    )
    decode = msgspec.json.Decoder(dict[str, Any]).decode
    return [Need(kind=r[0], ref=r[1], since_us=r[2], told=decode(r[3]), amount_minor=r[4], currency=r[5]) for r in rows]


def _parked(connection: Connection) -> list[Need]:
    rows = ask(
        connection,
        "SELECT a.cover, a.sequence, COALESCE(a.reason, ''), a.state, a.amount_minor, a.currency, a.payment, l.source, l.line_id,"
        " l.order_id, l.sku, o.clause, (SELECT MAX(e.at_us) FROM entries e WHERE e.cover = a.cover"
        " AND (e.sequence = a.sequence OR e.settles = a.sequence)) FROM actions a"
        " JOIN entries o ON o.cover = a.cover AND o.sequence = a.sequence"
        f" JOIN covers c ON c.cover = a.cover JOIN lines l ON l.seq = c.line WHERE {PARKED} LIMIT :most",
        most=NEEDS_MAX,
    )
    names = (
        "cover",
        "sequence",
        "reason",
        "state",
        "amount_minor",
        "currency",
        "payment",
        "source",
        "line_id",
        "order_id",
        "sku",
        "clause",
        "since_us",
    )
    found = [dict(zip(names, row, strict=True)) for row in rows]
    return [
        Need(
            kind="parked",
            ref=f"{one['cover']}/{one['sequence']}",
            since_us=one["since_us"],
            told=one,
            amount_minor=one["amount_minor"],
            currency=one["currency"],
        )
        for one in found
    ]


def _held(connection: Connection) -> list[Need]:
    """One matter for each price that looks like an error, not one for each cover it concerns."""
    rows = ask(
        connection,
        "SELECT h.price, h.at_us, h.covers, h.amount, s.sku, s.currency, p.price_minor, c.terms FROM"
        " (SELECT price, MIN(at_us) AS at_us, COUNT(*) AS covers, SUM(amount_minor) AS amount, MIN(cover) AS cover"
        "  FROM held GROUP BY price LIMIT :most) h JOIN covers c ON c.cover = h.cover"
        " JOIN prices p ON p.seq = h.price JOIN series s ON s.seq = p.series",
        most=NEEDS_MAX,
    )
    return [
        Need(
            kind="held",
            ref=str(row[0]),
            since_us=row[1],
            told={"price": row[0], "covers": row[2], "sku": row[4], "price_minor": row[6], "terms": row[7]},
            amount_minor=row[3],
            currency=row[5],
        )
        for row in rows
    ]


def _undecided(connection: Connection) -> list[Need]:
    """One matter for each promise that some lines cannot be put under, because a fact is missing."""
    rows = ask(
        connection,
        "SELECT c.terms, COUNT(*), MIN(l.placed_us) FROM covers c JOIN lines l ON l.seq = c.line"
        " WHERE c.state = 'undecided' GROUP BY c.terms",
    )
    return [
        Need(kind="undecided", ref=str(row[0]), since_us=row[2], told={"terms": row[0], "lines": row[1]})
        for row in rows
    ]


def undecided_lines(connection: Connection, *, terms: int, limit: int, offset: int) -> list[Any]:
    """Give lines that a promise cannot be decided for: cover, source, line_id, order_id, sku, placed_us; the oldest first."""
    rows = ask(
        connection,
        "SELECT c.cover, l.source, l.line_id, l.order_id, l.sku, l.placed_us FROM covers c JOIN lines l ON l.seq = c.line"
        " WHERE c.state = 'undecided' AND c.terms = :terms ORDER BY c.cover LIMIT :limit OFFSET :offset",
        terms=terms,
        limit=limit,
        offset=offset,
    )
    return list(rows.all())


def queued(connection: Connection) -> int:
    """Count the settlements that somebody is still to look at. Cost: as many rows of an index."""
    found = ask(connection, "SELECT COUNT(*) FROM actions WHERE due_us IS NOT NULL")
    return int(found.scalar_one())
