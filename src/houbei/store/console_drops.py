"""What the console asks about price events: which of them something became owed for, and the covers that one of them concerns.

Facts in the ledger name a price by its `price_id` alone; where several sources tell prices, the one of the cover's own SKU is meant.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from houbei.store.console import Stretch
from houbei.store.console_needs import PARKED
from houbei.store.statements import ask

FILTERS = {"needs": (4,), "moving": (3, 2), "paid": (1,), "nothing": (0,)}
"""The states of a cover that each filter lets through, by rank (see `concern`)."""
_SOURCES = (
    "RECURSIVE told(source) AS (SELECT MIN(source) FROM prices"
    " UNION ALL SELECT (SELECT MIN(p.source) FROM prices p WHERE p.source > told.source) FROM told WHERE told.source IS NOT NULL)"
)
"""Every source of prices, by as many look-ups in the index as there are sources."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """A price event: the price, since when, what the series' price was before and until when it is in force; None where unknown."""

    seq: int
    source: str
    price_id: str
    sku: str
    currency: str
    price_minor: int
    at_us: int
    until_us: int | None
    known_us: int
    series: int
    before_minor: int | None
    kind: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DropLine:
    """A price event in a list: how many covers are owed something for it, and how much in all, minor units."""

    seq: int
    sku: str
    currency: str
    price_minor: int
    at_us: int
    covers: int
    owed_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Concerned:
    """A cover that a price event concerns.

    `rank` says how far it has come: 4 waits for a person, 3 asked of the provider, 2 not asked yet, 1 paid, 0 nothing is owed for it.
    `owed_minor` is what the event added, `held_minor` what is held because of it, `before_minor` what was owed before.
    """

    cover: int
    line: int
    source: str
    line_id: str
    order_id: str
    quantity: int
    paid_minor: int
    placed_us: int
    rank: int
    owed_minor: int
    held_minor: int
    before_minor: int
    state: str | None
    reason: str | None


def drops_in(connection: Connection, stretch: Stretch, *, limit: int, offset: int) -> list[DropLine]:
    """Give a page of the price events of a stretch that something became owed for, the latest first.

    Cost: a pass over the entries, over those of the stretch where entries are indexed by `at_us`; look-ups for the page.
    """
    rows = ask(
        connection,
        f"WITH {_SOURCES}, found AS (SELECT e.fact, MAX(e.at_us) AS at_us, COUNT(DISTINCT e.cover) AS covers,"
        " SUM(e.amount_minor) AS owed, MIN(e.cover) AS cover FROM entries e WHERE e.code = 'owed'"
        " AND e.at_us >= :from AND e.at_us < :until AND e.fact LIKE 'price:%'"
        " GROUP BY e.fact ORDER BY 2 DESC, e.fact LIMIT :limit OFFSET :offset)"
        " SELECT p.seq, s.sku, s.currency, p.price_minor, p.at_us, f.covers, f.owed FROM found f"
        " JOIN covers c ON c.cover = f.cover JOIN told t ON t.source IS NOT NULL"
        " JOIN prices p ON p.source = t.source AND p.price_id = substr(f.fact, 7)"
        " JOIN series s ON s.seq = p.series AND s.sku = c.sku ORDER BY f.at_us DESC, f.fact",
        **{"from": stretch[0], "until": stretch[1], "limit": limit, "offset": offset},
    )
    names = ("seq", "sku", "currency", "price_minor", "at_us", "covers", "owed_minor")
    return [DropLine(**dict(zip(names, row, strict=True))) for row in rows]


def sum_drops(connection: Connection, stretch: Stretch) -> list[tuple[str, int, int]]:
    """Count and add up what `drops_in` lists: (currency, price events, minor units)."""
    rows = ask(
        connection,
        "SELECT e.currency, COUNT(DISTINCT e.fact), SUM(e.amount_minor) FROM entries e WHERE e.code = 'owed'"
        " AND e.at_us >= :from AND e.at_us < :until AND e.fact LIKE 'price:%' GROUP BY e.currency ORDER BY 1",
        **{"from": stretch[0], "until": stretch[1]},
    )
    return [(row[0], row[1], row[2]) for row in rows]


def read_drop(connection: Connection, seq: int) -> Drop | None:
    """Read a price event by its number; None where there is none. Cost: three look-ups."""
    row = ask(
        connection,
        "SELECT p.seq, p.source, p.price_id, s.sku, s.currency, p.price_minor, p.at_us, p.until_us, p.known_us, p.series,"
        " (SELECT b.price_minor FROM prices b WHERE b.series = p.series AND b.at_us < p.at_us"
        "  ORDER BY b.at_us DESC, b.row DESC LIMIT 1), s.kind"
        " FROM prices p JOIN series s ON s.seq = p.series WHERE p.seq = :seq",
        seq=seq,
    ).one_or_none()
    names = ("seq", "source", "price_id", "sku", "currency", "price_minor", "at_us", "until_us", "known_us", "series")
    return None if row is None else Drop(**dict(zip((*names, "before_minor", "kind"), row, strict=True)))


def drop_of_fact(connection: Connection, fact: str, *, sku: str) -> int | None:
    """Give the number of the price that an entry's fact names; None where it names none."""
    if not fact.startswith("price:"):
        return None
    found: int | None = ask(
        connection,
        f"WITH {_SOURCES} SELECT p.seq FROM told t JOIN prices p ON p.source = t.source AND p.price_id = :id"
        " JOIN series s ON s.seq = p.series AND s.sku = :sku LIMIT 1",
        id=fact.removeprefix("price:"),
        sku=sku,
    ).scalar()
    return found


_OPEN = " AND ".join(
    f"(s.{name} IS NULL OR s.{name} = l.{name})" for name in ("seller", "region", "channel", "audience")
)

_OF_PRICES = "SELECT seq FROM terms WHERE json_extract(document, '$.kind') = 'price_protection'"


def concern(connection: Connection, drop: Drop) -> None:
    """Put the covers that a price event concerns into `concerned`, a table of the connection's own.

    Those are the covers of lines that were placed by then, had not closed, and could buy from its series; and every cover that is owed
    something for it.

    Cost: a look at each cover of its SKU that had not closed.
    """
    ask(
        connection,
        "CREATE TEMP TABLE IF NOT EXISTS concerned (cover INTEGER PRIMARY KEY, line INTEGER, rank INTEGER,"
        " owed INTEGER, held INTEGER, first INTEGER, state TEXT, reason TEXT)",
    )
    ask(connection, "DELETE FROM concerned")
    ask(
        connection,
        "WITH mine AS (SELECT c.cover, c.line, (SELECT MIN(e.sequence) FROM entries e WHERE e.cover = c.cover"
        "  AND e.code = 'owed' AND e.fact = :fact) AS first, (SELECT SUM(h.amount_minor) FROM held h"
        "  WHERE h.cover = c.cover AND h.price = :price) AS held, l.placed_us FROM series s"
        "  JOIN covers c ON c.sku = s.sku AND c.closes_us > :at JOIN lines l ON l.seq = c.line"
        f"  WHERE s.seq = :series AND c.state = 'bound' AND l.currency = s.currency AND {_OPEN}"
        f"  AND c.terms IN ({_OF_PRICES})),"
        " settled AS (SELECT m.cover, SUM(CASE WHEN a.state = 'stopped' THEN 0 ELSE a.amount_minor END) AS owed,"
        f"  MAX(CASE WHEN {PARKED} THEN 4 WHEN a.state = 'stopped' THEN 0"
        "   WHEN a.state IN ('confirmed', 'reconciled', 'credited') THEN 1"
        "   WHEN a.state = 'due' THEN 2 ELSE 3 END) AS rank,"
        f"  MAX(a.state) AS state, MAX(CASE WHEN {PARKED} THEN COALESCE(a.reason, '') END) AS reason"
        "  FROM mine m JOIN entries e ON e.cover = m.cover AND e.code = 'owed' AND e.fact = :fact"
        "  JOIN actions a ON a.cover = e.cover AND a.sequence = e.sequence WHERE m.first IS NOT NULL GROUP BY m.cover)"
        " INSERT INTO concerned SELECT m.cover, m.line, CASE WHEN m.held IS NOT NULL THEN 4 ELSE COALESCE(t.rank, 0) END,"
        " COALESCE(t.owed, 0), COALESCE(m.held, 0), m.first, t.state, CASE WHEN m.held IS NOT NULL THEN 'held' ELSE t.reason END"
        " FROM mine m LEFT JOIN settled t ON t.cover = m.cover"
        " WHERE m.placed_us <= :at OR m.first IS NOT NULL OR m.held IS NOT NULL",
        fact=f"price:{drop.price_id}",
        price=drop.seq,
        at=drop.at_us,
        series=drop.series,
    )


def count_concerned(connection: Connection) -> list[tuple[int, int, int, int]]:
    """Count the covers that `concern` found, by rank: (rank, covers, owed, held) in minor units."""
    rows = ask(connection, "SELECT rank, COUNT(*), SUM(owed), SUM(held) FROM concerned GROUP BY rank")
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def concerned_page(
    connection: Connection, drop: Drop, *, ranks: Sequence[int], limit: int, offset: int
) -> list[Concerned]:
    """Give a page of the covers that `concern` found: what waits for a person first, then by what is owed, then by the line's number.

    Args:
        connection: Where `concern` was asked.
        drop: The price event.
        ranks: The ranks wanted; empty asks for all.
        limit: How many at most.
        offset: How many to pass over.
    """
    wanted = ", ".join(str(int(rank)) for rank in ranks) or "0, 1, 2, 3, 4"
    rows = ask(
        connection,
        "SELECT t.cover, t.line, l.source, l.line_id, l.order_id, l.quantity, l.paid_minor, l.placed_us, t.rank, t.owed, t.held,"
        " COALESCE((SELECT SUM(CASE WHEN e.debit = 'price_guarantee' THEN e.amount_minor"
        "  WHEN e.credit = 'price_guarantee' THEN -e.amount_minor ELSE 0 END) FROM entries e WHERE e.cover = t.cover"
        "  AND (e.sequence < t.first OR (t.first IS NULL AND e.at_us <= :at))), 0), t.state, t.reason"
        f" FROM concerned t JOIN lines l ON l.seq = t.line WHERE t.rank IN ({wanted})"
        " ORDER BY t.rank = 4 DESC, t.rank IN (3, 2) DESC, t.rank DESC, l.seq LIMIT :limit OFFSET :offset",
        limit=limit,
        offset=offset,
        at=drop.at_us,
    )
    names = (
        "cover",
        "line",
        "source",
        "line_id",
        "order_id",
        "quantity",
        "paid_minor",
        "placed_us",
        "rank",
        "owed_minor",
        "held_minor",
        "before_minor",
        "state",
        "reason",
    )
    return [Concerned(**dict(zip(names, row, strict=True))) for row in rows]


def find_line(connection: Connection, *, source: str, line_id: str) -> Any | None:
    """Give a line's row by its ids: seq, order_id, sku, quantity, paid_minor, currency, placed_us, known_us; None where unknown."""
    return ask(
        connection,
        "SELECT seq, order_id, sku, quantity, paid_minor, currency, placed_us, known_us FROM lines"
        " WHERE source = :source AND line_id = :line_id",
        source=source,
        line_id=line_id,
    ).one_or_none()


def covers_of_line(connection: Connection, line: int) -> list[int]:
    """Give the numbers of a line's covers, in the order in which their promises were published."""
    rows = ask(connection, "SELECT cover FROM covers WHERE line = :line ORDER BY terms", line=line)
    return [row[0] for row in rows]
