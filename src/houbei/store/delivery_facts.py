"""The facts of some orders' deliveries read back as the columns that files have: lines as they stand, promises given, scans, closures."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from sqlalchemy import Connection, CursorResult

from houbei.store.delivery_rows import closures_table, promises_table, scans_table
from houbei.store.statements import ask, ask_columns, in_parts
from houbei.store.touched import Found, read_fresh

Columns = dict[str, list[Any]]
_PROMISES = (
    "seq, source, promise_id, delivery_id, order_id, lines, shown_us, from_us, by_us, fee_minor, currency, parcels, asked_by,"
    " region, carrier, provisional, more"
)
_SCANS = (
    "seq, source, scan_id, order_id, delivery_id, parcel_id, what, at_us, told_by, person, carrier, region, disputes,"
    " evidence"
)
_CLOSURES = "seq, source, closure_id, code, from_us, until_us, known_at_us, regions, evidence, supersedes"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Told:
    """What is told of the deliveries of some orders.

    `lines` are the orders' lines as they stand, `promises`, `scans` and `closures` tables with the columns of files; the store's own columns of
    the same rows, by name, stand in `given`, `scanned` and `closed`.
    """

    lines: Found
    promises: pa.Table
    scans: pa.Table
    closures: pa.Table
    given: Columns
    scanned: Columns
    closed: Columns


def read_told(connection: Connection, order_ids: Sequence[str], *, named: Sequence[str]) -> Told:
    """Read everything that was told of the deliveries of some orders.

    Args:
        connection: Its own temporary tables are used.
        order_ids: The orders.
        named: Columns of lines that must be there.

    Returns:
        The facts, each once, in the order in which they were learnt; of closures those that were not over when the first of
        the promises was shown, or the first line placed.

    Cost: a few look-ups an order, a statement for many of them; and the closures.
    """
    ask(connection, "DELETE FROM fresh")
    given, scanned = _nothing(_PROMISES), _nothing(_SCANS)
    for places, some in in_parts(order_ids):
        connection.exec_driver_sql(
            f"INSERT OR IGNORE INTO fresh SELECT seq FROM lines WHERE order_id IN ({places})", some
        )
        rows = connection.exec_driver_sql(f"SELECT {_PROMISES} FROM promises_given WHERE order_id IN ({places})", some)
        _extend(given, rows)
    delivery_ids = sorted({*order_ids, *given["delivery_id"]})
    for name, ids in (("order_id", order_ids), ("delivery_id", delivery_ids)):
        for places, some in in_parts(ids):
            _extend(scanned, connection.exec_driver_sql(f"SELECT {_SCANS} FROM scans WHERE {name} IN ({places})", some))
    given, scanned = _each_once(given), _each_once(scanned)
    closed = ask_columns(
        connection,
        f"SELECT {_CLOSURES} FROM closures WHERE until_us IS NULL OR until_us > :shown OR supersedes IS NOT NULL"
        " ORDER BY seq",
        shown=min([*given["shown_us"], _first_placed(connection)]),
    )
    return Told(
        lines=read_fresh(connection, named=named),
        promises=promises_table(given),
        scans=scans_table(scanned),
        closures=closures_table(closed),
        given=given,
        scanned=scanned,
        closed=closed,
    )


def _first_placed(connection: Connection) -> int:
    """When the first of the fresh lines was placed: a promise that a document makes is shown then."""
    first = "SELECT COALESCE(MIN(l.placed_us), 0) FROM fresh f CROSS JOIN lines l WHERE l.seq = f.line"
    return int(ask(connection, first).scalar_one())


def closure_named(connection: Connection, closure_id: str) -> dict[str, Any] | None:
    """Give what a closure says, by its id, as a file's columns; None where there is none. What corrects it says the same and more."""
    row = ask(
        connection,
        "SELECT code, from_us, known_at_us, regions, evidence FROM closures"
        " WHERE closure_id = :closure ORDER BY seq LIMIT 1",
        closure=closure_id,
    ).one_or_none()
    return None if row is None else dict(zip(("code", "from_at", "known_at", "regions", "evidence"), row, strict=True))


def _nothing(names: str) -> Columns:
    return {name.strip(): [] for name in names.split(",")}


def _extend(columns: Columns, rows: CursorResult[Any]) -> None:
    for row in rows:
        for column, value in zip(columns.values(), row, strict=True):
            column.append(value)


def _each_once(columns: Columns) -> Columns:
    """The rows in the order of their numbers, each once: a scan may be found by its order and by its delivery."""
    first = {seq: place for place, seq in reversed(list(enumerate(columns["seq"])))}
    places = [first[seq] for seq in sorted(first)]
    return {name: [values[place] for place in places] for name, values in columns.items()}
