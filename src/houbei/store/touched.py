"""Which covers new facts may concern, and the facts of those covers, read back as the columns that the engine takes.

The covers that are looked at stand in a table of the connection's own (`touched`), their lines before they are bound in another
(`fresh`). What is selected here is never too little; what counts is decided by the engine alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from sqlalchemy import Connection

from houbei.facts.happened import Event, fold_events
from houbei.store.line_rows import LINE_TEXTS, decoded, lines_table, prices_table
from houbei.store.marks import read_mark, write_mark
from houbei.store.schema import SERIES_TEXTS
from houbei.store.statements import ask, ask_columns

_CLOSES_SERIES = ("seller", "region", "channel", "audience")
_OPEN = " AND ".join(f"(s.{name} IS NULL OR s.{name} = w.{name})" for name in _CLOSES_SERIES)
_OPEN_TO_ALL = " AND ".join(f"s.{name} IS NULL" for name in _CLOSES_SERIES)
_OWN = ("line_id", "order_id", "sku", "quantity", "paid_minor", "currency", "placed_us", *LINE_TEXTS, "more")
_LOOKED_AT = "looked_at_sku"
"""The mark of the SKU that was looked at last, while others wait."""
_UNGROUPED_MAX = 64
"""Up to this many lines, noting each is cheaper than grouping them."""
_HALF_DAYS_US = 3 * 43_200_000_000
"""The local day of a moment began at most this long before it, in every zone."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Found:
    """Lines and prices as the store holds them; the k-th row of `lines` is the line numbered `seqs[k]`.

    `changed_by` names the latest event of each line that has one, by place. `covers` and `closes_us` are those of the lines' covers (empty for lines that are not bound yet), `more` is what each line's row
    tells besides as it stands now, `prices_seqs` the numbers of the prices by row.
    """

    seqs: list[int]
    covers: list[int]
    closes_us: list[int]
    order_ids: list[str]
    more: list[Mapping[str, Any]]
    changed_by: dict[int, str]
    lines: pa.Table
    prices: pa.Table
    price_seqs: list[int]


def begin_touching(connection: Connection) -> None:
    """Look at nothing yet."""
    for table in ("touched", "fresh"):
        ask(connection, f"DELETE FROM {table}")


def touch_lines(connection: Connection, *, first: int, last: int) -> None:
    """Look at some lines, and at what they may be covered by."""
    ask(
        connection,
        "INSERT OR IGNORE INTO fresh SELECT seq FROM lines WHERE seq BETWEEN :first AND :last",
        first=first,
        last=last,
    )


def touch_events(connection: Connection, *, first: int, last: int) -> None:
    """Look at the lines of some events; one whose line is not known yet waits for it."""
    ask(
        connection,
        "INSERT OR IGNORE INTO fresh SELECT l.seq FROM events e"
        " JOIN lines l ON l.source = e.line_source AND l.line_id = e.line_id"
        " WHERE e.seq BETWEEN :first AND :last",
        first=first,
        last=last,
    )


def note_stale(connection: Connection, *, first: int, last: int, now_us: int) -> None:
    """Note the series of some prices as stale: their covers must be looked at. Prices after `now_us` do not count yet.

    Cost: 2 µs a price; many prices of one series are looked at together.
    """
    ask(
        connection,
        "INSERT INTO stale (sku, series, from_us) SELECT s.sku, p.series, MIN(p.at_us) FROM prices p"
        " JOIN series s ON s.seq = p.series WHERE p.seq BETWEEN :first AND :last AND p.at_us <= :now"
        " GROUP BY s.sku, p.series"
        " ON CONFLICT (sku, series) DO UPDATE SET from_us = excluded.from_us WHERE excluded.from_us < stale.from_us",
        first=first,
        last=last,
        now=now_us,
    )


def note_stale_of_fresh(connection: Connection) -> None:
    """Note the SKUs of the covers of the fresh lines as stale: where many lines are new, they are looked at SKU by SKU."""
    ask(
        connection,
        "INSERT INTO stale (sku, series, from_us) SELECT w.sku, 0, MIN(w.placed_us) FROM fresh f"
        " CROSS JOIN lines w CROSS JOIN covers c WHERE w.seq = f.line AND c.line = w.seq GROUP BY w.sku"
        " ON CONFLICT (sku, series) DO UPDATE SET from_us = excluded.from_us WHERE excluded.from_us < stale.from_us",
    )


def touch_stale(connection: Connection, *, series_max: int) -> int:
    """Look at the covers that were open after the prices of stale series took effect and whose lines may buy from them.

    Args:
        connection: Where `touched` is.
        series_max: How many series to take at most, in the order of their SKUs; all SKUs come round in turn.

    Returns:
        How many series were taken.

    Cost: one look at each cover of their SKUs that had not closed by then.
    """
    ask(connection, "DELETE FROM taken")
    after = read_mark(connection, _LOOKED_AT) or ""
    for side in (">", "<=") if after else (">",):
        ask(
            connection,
            f"INSERT INTO taken SELECT sku, series, from_us FROM stale WHERE sku {side} :after ORDER BY sku, series"
            " LIMIT :most - (SELECT COUNT(*) FROM taken)",
            after=after,
            most=series_max,
        )
    ask(
        connection,
        "INSERT OR IGNORE INTO touched SELECT c.cover FROM taken t CROSS JOIN covers c"
        " WHERE t.series = 0 AND c.sku = t.sku AND c.closes_us > t.from_us",
    )
    ask(
        connection,
        "INSERT OR IGNORE INTO touched SELECT c.cover FROM taken t CROSS JOIN series s CROSS JOIN covers c"
        f" WHERE s.seq = t.series AND {_OPEN_TO_ALL} AND c.sku = s.sku AND c.closes_us > t.from_us",
    )
    ask(
        connection,
        "INSERT OR IGNORE INTO touched SELECT c.cover FROM taken t CROSS JOIN series s CROSS JOIN covers c"
        f" CROSS JOIN lines w WHERE s.seq = t.series AND NOT ({_OPEN_TO_ALL}) AND c.sku = s.sku"
        f" AND c.closes_us > t.from_us AND w.seq = c.line AND {_OPEN} AND s.currency = w.currency",
    )
    ask(connection, "DELETE FROM stale WHERE (sku, series) IN (SELECT sku, series FROM taken)")
    taken, last = ask(connection, "SELECT COUNT(*), MAX(sku) FROM taken").one()
    more = ask(connection, "SELECT EXISTS (SELECT 1 FROM stale)").scalar()
    if (until := last if more else "") != after:
        write_mark(connection, _LOOKED_AT, until)
    return int(taken)


def any_fresh(connection: Connection) -> bool:
    """Whether there are fresh lines."""
    return bool(ask(connection, "SELECT EXISTS (SELECT 1 FROM fresh)").scalar())


def kept_versions(connection: Connection) -> dict[tuple[int, str], int]:
    """The version of each term, by its number, that fresh lines are bound to already: a sold line keeps it."""
    rows = ask(
        connection,
        "SELECT c.line, t.term, c.terms FROM fresh f CROSS JOIN covers c JOIN terms t ON t.seq = c.terms"
        " WHERE c.line = f.line",
    )
    return {(line, term): terms for line, term, terms in rows}


def touch_covers(connection: Connection, covers: Sequence[int]) -> None:
    """Look at some covers, by their numbers."""
    if covers:
        connection.exec_driver_sql(
            "INSERT OR IGNORE INTO touched SELECT cover FROM covers WHERE cover = ?", [(cover,) for cover in covers]
        )


def touched_terms(connection: Connection) -> list[int]:
    """The numbers of the promises whose covers are looked at."""
    found = ask(
        connection,
        "SELECT DISTINCT c.terms FROM touched t CROSS JOIN covers c WHERE c.cover = t.cover ORDER BY c.terms",
    )
    return [row[0] for row in found]


def touch_covers_of_fresh(connection: Connection) -> None:
    """Look at every cover of the fresh lines."""
    ask(
        connection,
        "INSERT OR IGNORE INTO touched SELECT c.cover FROM fresh f CROSS JOIN covers c WHERE c.line = f.line",
    )


def touch_all(connection: Connection, *, terms: int) -> None:
    """Look at every cover under some terms."""
    ask(connection, "INSERT OR IGNORE INTO touched SELECT cover FROM covers WHERE terms = :terms", terms=terms)


def touch_mates(connection: Connection, *, terms: int, keys: Sequence[str]) -> None:
    """Look at every cover under some terms whose line shares a purse with one that is looked at, along whole chains of purses.

    Args:
        connection: Where `touched` is.
        terms: The promise, by its number.
        keys: `order_id`, `buyer_id` or both.
    """
    before = -1
    while (touched := ask(connection, "SELECT COUNT(*) FROM touched").scalar_one()) > before:
        before = touched
        for key in keys:
            ask(
                connection,
                "INSERT OR IGNORE INTO touched SELECT c.cover FROM"
                f" (SELECT DISTINCT l.{key} AS mate FROM touched t CROSS JOIN covers c CROSS JOIN lines l"
                f"  WHERE c.cover = t.cover AND c.terms = :terms AND l.seq = c.line AND l.{key} IS NOT NULL) m"
                f" CROSS JOIN lines l CROSS JOIN covers c WHERE l.{key} = m.mate AND c.line = l.seq AND c.terms = :terms",
                terms=terms,
            )
        if len(keys) == 1:
            return


def touched_in_parts(connection: Connection, *, terms: int, covers_max: int) -> Iterator[None]:
    """Look at the covers of one promise part by part, each of whole SKUs; none where no cover is looked at.

    When the last part was given, all of them are looked at again.
    """
    of_terms = "FROM touched t CROSS JOIN covers c WHERE c.cover = t.cover AND c.terms = :terms"
    if not ask(connection, f"SELECT EXISTS (SELECT 1 {of_terms})", terms=terms).scalar():
        return
    if ask(connection, "SELECT COUNT(*) FROM touched").scalar_one() <= covers_max:
        yield
        return
    counts = ask(connection, f"SELECT c.sku, COUNT(*) {of_terms} GROUP BY c.sku ORDER BY c.sku", terms=terms).all()
    ask(connection, "DELETE FROM all_touched")
    ask(connection, "INSERT INTO all_touched SELECT cover FROM touched")
    first, size = 0, 0
    for place, (_, count) in enumerate(counts):
        size += count
        if size >= covers_max or place == len(counts) - 1:
            ask(connection, "DELETE FROM touched")
            ask(
                connection,
                "INSERT INTO touched SELECT a.cover FROM all_touched a CROSS JOIN covers c"
                " WHERE c.cover = a.cover AND c.terms = :terms AND c.sku BETWEEN :first AND :last",
                terms=terms,
                first=counts[first][0],
                last=counts[place][0],
            )
            yield
            first, size = place + 1, 0
    ask(connection, "INSERT OR IGNORE INTO touched SELECT cover FROM all_touched")


def read_fresh(connection: Connection, *, named: Sequence[str]) -> Found:
    """Read the fresh lines, without prices."""
    columns = ", ".join(f"w.{name}" for name in _OWN)
    by_name = ask_columns(
        connection,
        f"SELECT w.seq, {columns}, w.source FROM fresh f CROSS JOIN lines w WHERE w.seq = f.line ORDER BY w.sku, w.seq",
    )
    more, changed_by = _as_it_stands(
        connection, by_name, "SELECT l.source, l.line_id FROM fresh f CROSS JOIN lines l WHERE l.seq = f.line"
    )
    return Found(
        seqs=by_name["seq"],
        covers=[],
        closes_us=[],
        order_ids=by_name["order_id"],
        more=more,
        changed_by=changed_by,
        lines=lines_table(by_name, more, named),
        prices=pa.table({}),
        price_seqs=[],
    )


def read_touched(
    connection: Connection, *, terms: int, named: Sequence[str], named_of_prices: Sequence[str], whole_days: bool,
    every_series: bool = False,
) -> Found:  # fmt: skip
    """Read the lines of the covers that are looked at, and the prices that may concern them.

    Args:
        connection: Where `touched` is.
        terms: The promise, by its number.
        named: Columns of lines that must be there.
        named_of_prices: Columns of prices that must be there.
        whole_days: Whether every price of a local day is needed to know whether one of them counts.
        every_series: Read also the series that the lines cannot buy from.

    Returns:
        Lines in the order of their covers. Of each series the prices from the earliest of its lines on until the last of their
        covers closes, and those in force at first.

    Cost: a look-up a line and a series; memory for the touched lines and their prices, not for history.
    """
    columns = ", ".join(f"w.{name}" for name in _OWN)
    touched = (
        "FROM touched t CROSS JOIN covers c CROSS JOIN lines w"
        " WHERE c.cover = t.cover AND c.terms = :terms AND w.seq = c.line"
    )
    by_name = ask_columns(
        connection,
        f"SELECT w.seq, c.cover, c.closes_us, {columns}, w.source {touched} ORDER BY c.cover",
        terms=terms,
    )
    more, changed_by = _as_it_stands(connection, by_name, f"SELECT w.source, w.line_id {touched}", terms=terms)
    prices = _prices(connection, by_name, whole_days=whole_days, every_series=every_series)
    return Found(
        seqs=by_name["seq"],
        covers=by_name["cover"],
        closes_us=by_name["closes_us"],
        order_ids=by_name["order_id"],
        more=more,
        changed_by=changed_by,
        lines=lines_table(by_name, more, named),
        prices=prices_table(prices, named_of_prices),
        price_seqs=prices["seq"],
    )


def _prices(
    connection: Connection, lines: Mapping[str, Sequence[Any]], *, whole_days: bool, every_series: bool
) -> dict[str, list[Any]]:
    """The prices of the series that lines may buy from, as columns."""
    _want_prices_of(connection, lines)
    closed_by = ", ".join(f"s.{name}" for name in SERIES_TEXTS)
    return ask_columns(
        connection,
        "WITH opened AS (SELECT s.seq, MIN(w.from_us) AS from_us, MAX(w.until_us) AS until_us"
        " FROM wanted w CROSS JOIN series s WHERE s.sku = w.sku"
        f" {'' if every_series else f'AND {_OPEN}'} GROUP BY s.seq),"
        " reached AS (SELECT o.seq, COALESCE((SELECT MAX(p.at_us) FROM prices p WHERE p.series = o.seq"
        " AND p.at_us < o.from_us), o.from_us) - :slack AS from_us, o.until_us FROM opened o)"
        " SELECT p.seq, p.price_id, p.at_us, p.until_us, p.price_minor, p.more, s.sku, s.currency, s.min_quantity,"
        f" {closed_by} FROM reached r CROSS JOIN series s CROSS JOIN prices p"
        f" WHERE s.seq = r.seq AND p.series = r.seq AND p.at_us >= r.from_us"
        f" {'' if every_series else 'AND p.at_us < r.until_us'} ORDER BY p.at_us, p.row, p.seq",
        slack=_HALF_DAYS_US if whole_days else 0,
    )


def _want_prices_of(connection: Connection, lines: Mapping[str, Sequence[Any]]) -> None:
    """Note from when until when prices are wanted, for each SKU and what else closes the series that its lines may buy from.

    Whoever reads them takes the least and the greatest; grouping many lines beforehand only saves rows.
    """
    ask(connection, "DELETE FROM wanted")
    closed_by = ("sku", *_CLOSES_SERIES)
    if len(lines["sku"]) > _UNGROUPED_MAX:
        table = pa.table(
            {name: pa.array(lines[name], pa.string()) for name in closed_by}
            | {name: pa.array(lines[name], pa.int64()) for name in ("placed_us", "closes_us")}
        )
        wanted = table.group_by(closed_by, use_threads=False).aggregate([("placed_us", "min"), ("closes_us", "max")])
        columns = [wanted.column(name).to_pylist() for name in (*closed_by, "placed_us_min", "closes_us_max")]
    else:
        columns = [lines[name] for name in (*closed_by, "placed_us", "closes_us")]
    rows = list(zip(*columns, strict=True))
    if rows:
        connection.exec_driver_sql("INSERT INTO wanted VALUES (?, ?, ?, ?, ?, ?, ?)", rows)


def _as_it_stands(
    connection: Connection, by_name: Mapping[str, Sequence[Any]], lines: str, **bound: int
) -> tuple[list[Mapping[str, Any]], dict[int, str]]:
    """What the lines' rows tell besides, with everything that happened to them since; and what happened last, by place."""
    more = [decoded(one) for one in by_name["more"]]
    if not ask(connection, "SELECT EXISTS (SELECT 1 FROM events)").scalar():
        return more, {}
    rows = ask(
        connection,
        "SELECT e.line_source, e.line_id, e.source, e.event_id, e.what, e.at_us, e.quantity, e.supersedes"
        f" FROM ({lines}) l JOIN events e ON e.line_source = l.source AND e.line_id = l.line_id ORDER BY e.seq",
        **bound,
    )
    events: dict[tuple[str, str], list[Event]] = {}
    latest: dict[tuple[str, str], str] = {}
    for row in rows:
        event = Event(event_id=row[3], what=row[4], at_us=row[5], quantity=row[6], supersedes=row[7])
        events.setdefault((row[0], row[1]), []).append(event)
        latest[row[0], row[1]] = f"event:{row[2]}/{row[3]}"
    changed_by = {}
    for place, key in enumerate(zip(by_name["source"], by_name["line_id"], strict=True)):
        if key in events:
            changed_by[place] = latest[key]
            more[place] = fold_events(
                more[place],
                events[key],
                quantity=by_name["quantity"][place],
                placed_us=by_name["placed_us"][place],
            )
    return more, changed_by
