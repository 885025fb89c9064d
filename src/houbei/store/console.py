"""What the console asks of the books: what happened day by day, balances and entries.

Each statement is named for what it asks and gives a bounded number of rows. Days are given as half-open stretches of moments, so the
zone stays with whoever asks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from houbei.store.console_needs import PARKED
from houbei.store.statements import ask

Stretch = tuple[int, int]
"""From and until, µs UTC, half open: a local day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What moved on one day, in one currency: the place of the day, the code, entries, covers and the amount in minor units."""

    day: int
    code: str
    currency: str
    entries: int
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of the ledger with the line it concerns; moments µs UTC. `receipt` is the provider's reference, where one is cited."""

    cover: int
    sequence: int
    code: str
    debit: str
    credit: str
    amount_minor: int
    currency: str
    clause: str
    fact: str
    at_us: int
    posted_us: int
    settles: int | None
    source: str
    line_id: str
    order_id: str
    sku: str

    @property
    def receipt(self) -> str | None:
        """The provider's reference that the entry cites."""
        kind, _, rest = self.fact.partition(":")
        parts = rest.split("/")
        return parts[1] if kind in {"reply", "person"} and len(parts) > 1 else None

    @property
    def person(self) -> str | None:
        """Who decided, where a person did."""
        kind, _, rest = self.fact.partition(":")
        return rest.partition("/")[0] if kind == "person" else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """How far a settlement has come; `parked` is why it waits for a person, None where it does not."""

    sequence: int
    state: str
    parked: str | None
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which entries are asked for; None asks for all. `terms` are the numbers of the promises whose covers they stand on."""

    account: str | None = None
    code: str | None = None
    stretch: Stretch | None = None
    terms: Sequence[int] | None = None

    @property
    def matches(self) -> str:
        """The condition that an entry (`e`) meets."""
        return _MATCHES + ("" if self.terms is None else f" AND {of_terms(self.terms)}")

    def bound(self) -> dict[str, Any]:
        """Give the values that `_MATCHES` binds."""
        from_us, until_us = self.stretch or (None, None)
        return {"account": self.account, "code": self.code, "begin": from_us, "until": until_us}


_MATCHES = (
    "(:account IS NULL OR e.debit = :account OR e.credit = :account) AND (:code IS NULL OR e.code = :code)"
    " AND (:begin IS NULL OR (e.at_us >= :begin AND e.at_us < :until))"
)


def first_sight(connection: Connection) -> tuple[bool, bool]:
    """Say whether there is any line, and any published promise. Cost: two look-ups."""
    row = ask(connection, "SELECT EXISTS (SELECT 1 FROM lines), EXISTS (SELECT 1 FROM terms)").one()
    return bool(row[0]), bool(row[1])


def of_terms(terms: Sequence[int]) -> str:
    """Say that an entry (`e`) stands on a cover of one of some promises, by their numbers."""
    numbers = ", ".join(str(int(seq)) for seq in terms) or "NULL"
    return f"e.cover IN (SELECT cover FROM covers WHERE terms IN ({numbers}))"


def moved_by_day(connection: Connection, days: Sequence[Stretch], *, terms: Sequence[int] | None = None) -> list[Moved]:
    """Add up the entries of each day by code and currency.

    Args:
        connection: A state of the store.
        days: Stretches of moments that follow one another, at most a few months of them.
        terms: The numbers of the promises whose covers count; None for all.

    Cost: a pass over the entries; over those of the days alone where entries are indexed by `at_us`.
    """
    rows = ask(
        connection,
        f"SELECT {_place(days)} AS day, e.code, e.currency, COUNT(*), SUM(e.amount_minor) FROM entries e"
        f" WHERE e.at_us >= :begin AND e.at_us < :until{'' if terms is None else f' AND {of_terms(terms)}'}"
        " GROUP BY day, e.code, e.currency",
        begin=days[0][0],
        until=days[-1][1],
    )
    return [Moved(day=r[0], code=r[1], currency=r[2], entries=r[3], amount_minor=r[4]) for r in rows]


def drops_by_day(connection: Connection, days: Sequence[Stretch]) -> list[int]:
    """Count for each day the price events that something became owed for on it. Cost: as `moved_by_day`."""
    rows = ask(
        connection,
        f"SELECT day, COUNT(*) FROM (SELECT DISTINCT {_place(days)} AS day, e.fact FROM entries e"
        " WHERE e.at_us >= :begin AND e.at_us < :until AND e.code = 'owed' AND e.fact LIKE 'price:%') GROUP BY day",
        begin=days[0][0],
        until=days[-1][1],
    )
    found = {row[0]: int(row[1]) for row in rows}
    return [found.get(day, 0) for day in range(len(days))]


def buyers_of(connection: Connection, stretch: Stretch, *, code: str, terms: Sequence[int]) -> int:
    """Count the buyers whose covers under some promises have an entry with a code in a stretch; a line that names no buyer counts as its order's."""
    found = ask(
        connection,
        "SELECT COUNT(DISTINCT COALESCE(l.buyer_id, l.order_id)) FROM entries e JOIN covers c ON c.cover = e.cover"
        f" JOIN lines l ON l.seq = c.line WHERE e.code = :code AND e.at_us >= :begin AND e.at_us < :until AND {of_terms(terms)}",
        code=code,
        begin=stretch[0],
        until=stretch[1],
    )
    return int(found.scalar_one())


def latest_drop(connection: Connection) -> int | None:
    """Give the moment of the latest entry that a price event made something owed by. Cost: a pass over the entries."""
    found: int | None = ask(
        connection, "SELECT MAX(at_us) FROM entries WHERE code = 'owed' AND fact LIKE 'price:%'"
    ).scalar()
    return found


def _place(days: Sequence[Stretch]) -> str:
    """The place of the day that an entry's moment lies in, as an expression: halves, not a chain of thirty questions."""

    def half(first: int, last: int) -> str:
        if first == last:
            return str(first)
        middle = (first + last + 1) // 2
        return (
            f"CASE WHEN e.at_us < {int(days[middle][0])} THEN {half(first, middle - 1)} ELSE {half(middle, last)} END"
        )

    return half(0, len(days) - 1)


# --- the ledger -------------------------------------------------------------------------------------------------------


def said_by_provider(connection: Connection, days: Sequence[Stretch]) -> list[tuple[int, str, int]]:
    """Add up what the provider says it paid out, by day and currency: (place of the day, currency, minor units).

    That is its own receipts, and the refunds that it shows and no entry explains. Cost: a pass over the replies.
    """
    rows = ask(
        connection,
        f"SELECT {_place(days)} AS day, e.currency, SUM(e.amount_minor) FROM"
        " (SELECT at_us, currency, amount_minor FROM replies WHERE state = 'succeeded'"
        "  UNION ALL SELECT since_us, currency, amount_minor FROM needs WHERE kind = 'outside_refund'"
        "   AND NOT EXISTS (SELECT 1 FROM replies r WHERE r.provider || '/' || r.reference = needs.ref)) e"
        " WHERE e.at_us >= :begin AND e.at_us < :until GROUP BY day, e.currency",
        begin=days[0][0],
        until=days[-1][1],
    )
    return [(row[0], row[1], row[2]) for row in rows]


def balances(connection: Connection) -> list[tuple[str, str, int, int]]:
    """Give the sums of every account: (account, currency, debited, credited) in minor units. Cost: a pass over the entries."""
    rows = ask(
        connection,
        "SELECT account, currency, SUM(debit), SUM(credit) FROM ("
        "SELECT debit AS account, currency, SUM(amount_minor) AS debit, 0 AS credit FROM entries GROUP BY 1, 2"
        " UNION ALL SELECT credit, currency, 0, SUM(amount_minor) FROM entries GROUP BY 1, 2) GROUP BY 1, 2 ORDER BY 1, 2",
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def count_entries(connection: Connection, asked: Asked) -> list[tuple[str, int, int]]:
    """Count and add up the entries that are asked for: (currency, entries, minor units). Cost: a pass over the entries."""
    rows = ask(
        connection,
        f"SELECT e.currency, COUNT(*), SUM(e.amount_minor) FROM entries e WHERE {asked.matches} GROUP BY 1 ORDER BY 1",
        **(asked.bound()),
    )
    return [(row[0], row[1], row[2]) for row in rows]


_ENTRY = (
    "SELECT e.cover, e.sequence, e.code, e.debit, e.credit, e.amount_minor, e.currency, e.clause, e.fact, e.at_us,"
    " e.posted_us, e.settles, l.source, l.line_id, l.order_id, l.sku"
    " FROM entries e JOIN covers c ON c.cover = e.cover JOIN lines l ON l.seq = c.line"
)
_NAMES = (
    "cover",
    "sequence",
    "code",
    "debit",
    "credit",
    "amount_minor",
    "currency",
    "clause",
    "fact",
    "at_us",
    "posted_us",
    "settles",
    "source",
    "line_id",
    "order_id",
    "sku",
)


def latest_entries(connection: Connection, asked: Asked, *, limit: int, offset: int) -> list[Entry]:
    """Give a page of the entries that are asked for, the latest posted first. Cost: from the end of the books to the page's end."""
    rows = ask(
        connection,
        f"{_ENTRY} WHERE (e.cover, e.sequence) IN (SELECT e.cover, e.sequence FROM entries e WHERE {asked.matches}"
        " ORDER BY e.batch DESC, e.cover DESC, e.sequence DESC LIMIT :limit OFFSET :offset)"
        " ORDER BY e.batch DESC, e.cover DESC, e.sequence DESC",
        **(asked.bound() | {"limit": limit, "offset": offset}),
    )
    return [Entry(**dict(zip(_NAMES, row, strict=True))) for row in rows]


def entries_of_cover(connection: Connection, cover: int) -> list[Entry]:
    """Give every entry of a cover in its sequence. Cost: one look-up."""
    rows = ask(connection, f"{_ENTRY} WHERE e.cover = :cover ORDER BY e.sequence", cover=cover)
    return [Entry(**dict(zip(_NAMES, row, strict=True))) for row in rows]


def settlements_of(connection: Connection, cover: int) -> list[Settled]:
    """Give the settlements of a cover in their sequence. Cost: one look-up."""
    rows = ask(
        connection,
        f"SELECT a.sequence, a.state, CASE WHEN {PARKED} THEN COALESCE(a.reason, '') END, a.amount_minor FROM actions a"
        " WHERE a.cover = :cover ORDER BY a.sequence",
        cover=cover,
    )
    return [Settled(sequence=row[0], state=row[1], parked=row[2], amount_minor=row[3]) for row in rows]
