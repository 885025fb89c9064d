"""A shop's own files into the live store: in pieces that are each kept whole, so that an import that was cut off goes on where it was.

A file is told apart by its bytes. Lines that are known already are compared: what happened to them since becomes events, anything else
that differs is rejected. Nothing is paid here: facts go into the inbox.
"""

import hashlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from sqlalchemy import Connection, Engine

from houbei.errors import InputError
from houbei.facts.closures import KNOWN as CLOSURE_COLUMNS
from houbei.facts.orders import KNOWN as ORDER_COLUMNS
from houbei.facts.orders import Reading, columns_wanted
from houbei.facts.prices import KNOWN as PRICE_COLUMNS
from houbei.facts.prices import price_columns_wanted
from houbei.facts.promises import KNOWN as PROMISE_COLUMNS
from houbei.facts.rejected import Rejection
from houbei.facts.scans import KNOWN as SCAN_COLUMNS
from houbei.runs.arrivals import (
    Arrived,
    TakeTold,
    Teller,
    take_closures,
    take_lines,
    take_prices,
    take_promises,
    take_scans,
)
from houbei.store.database import reading, writing
from houbei.store.files import RowFile
from houbei.store.known import Rows, Told, settle_known_lines, settle_known_prices, settle_known_told
from houbei.store.marks import read_mark, write_mark

PIECE_ROWS = 50_000
"""How many rows are taken in by one transaction."""
Progress = Callable[[str, int, int], None]


@dataclass(slots=True, kw_only=True)
class Taken:
    """What became of a file: rows in = new + known + changed + rejected.

    `changed` are known rows that told of something new; `paid_minor` is by currency, over new rows.
    """

    file: str
    rows: int
    new: int = 0
    known: int = 0
    changed: int = 0
    resumed_at: int = 0
    paid_minor: dict[str, int] = field(default_factory=dict)
    rejected: list[tuple[int, Rejection]] = field(default_factory=list)

    def summary(self) -> dict[str, Any]:
        """What goes into the reconciliation report."""
        by_code: dict[str, int] = {}
        for _, rejection in self.rejected:
            by_code[rejection.name.lower()] = by_code.get(rejection.name.lower(), 0) + 1
        return {
            "rows": self.rows,
            "new": self.new,
            "known": self.known,
            "changed": self.changed,
            "rejected": len(self.rejected),
            "rejected_by_code": dict(sorted(by_code.items())),
            **({"paid_minor": dict(sorted(self.paid_minor.items()))} if self.paid_minor else {}),
        }


def import_orders(database: Engine, path: Path, *, source: str, zone: str, now_us: int, progress: Progress) -> Taken:
    """Take a file of order lines in.

    Args:
        database: The store.
        path: CSV or Parquet, in the columns of the contract.
        source: Who tells: a line is known by its source and line_id.
        zone: The zone of moments that name none.
        now_us: When we learnt of it.
        progress: Told of rows done.

    Raises:
        InputError: the file is unusable. Pieces taken in before that stay.

    Cost: some µs a row, and a pass over the bytes.
    """
    file, teller = RowFile(path, contract=_ORDERS.columns), Teller(source=source, zone=zone, known_us=now_us)
    columns_wanted(file.columns, Reading(zone=zone, named=frozenset(file.columns) - ORDER_COLUMNS))

    def take(connection: Connection, piece: Piece, taken: Taken, begun: int) -> None:
        came = take_lines(connection, piece.table, teller=teller, first_row=piece.first_row, broken=piece.broken)
        _count(taken, piece, came)
        _add_paid(taken, came)
        known = Rows(rows=came.rows, places=came.places, known=came.known, begun=begun)
        settle_known_lines(connection, known, taken, Told(now_us=now_us, zone=zone))

    return _import(database, file, _ORDERS, source=source, take=take, progress=progress)


def import_prices(database: Engine, path: Path, *, source: str, zone: str, now_us: int, progress: Progress) -> Taken:
    """Take a file of price observations in; arguments, errors and cost as for `import_orders`.

    Prices without a price_id are known by their row in this very file, so that the next day's export does not collide with it.
    """
    file, teller = RowFile(path, contract=_PRICES.columns), Teller(source=source, zone=zone, known_us=now_us)
    if "price_id" not in file.columns:
        teller = replace(teller, source=f"{source}@{fingerprint_of(path)[:12]}")
    price_columns_wanted(file.columns, Reading(zone=zone, named=frozenset(file.columns) - PRICE_COLUMNS))

    def take(connection: Connection, piece: Piece, taken: Taken, begun: int) -> None:
        came = take_prices(connection, piece.table, teller=teller, first_row=piece.first_row, broken=piece.broken)
        _count(taken, piece, came)
        known = Rows(rows=came.rows, places=came.places, known=came.known, begun=begun)
        settle_known_prices(connection, known, taken)

    return _import(database, file, _PRICES, source=source, take=take, progress=progress)


def import_promises(database: Engine, path: Path, *, source: str, zone: str, now_us: int, progress: Progress) -> Taken:
    """Take a file of promises of arrival in, as they were shown to buyers; arguments, errors and cost as for `import_orders`."""
    teller = Teller(source=source, zone=zone, known_us=now_us)
    return _import_told(database, path, _PROMISES, take_promises, teller=teller, progress=progress)


def import_scans(database: Engine, path: Path, *, source: str, zone: str, now_us: int, progress: Progress) -> Taken:
    """Take a file of what was told of parcels in; arguments, errors and cost as for `import_orders`."""
    teller = Teller(source=source, zone=zone, known_us=now_us)
    return _import_told(database, path, _SCANS, take_scans, teller=teller, progress=progress)


def import_closures(database: Engine, path: Path, *, source: str, zone: str, now_us: int, progress: Progress) -> Taken:
    """Take a file of named events in; arguments, errors and cost as for `import_orders`."""
    teller = Teller(source=source, zone=zone, known_us=now_us)
    return _import_told(database, path, _CLOSURES, take_closures, teller=teller, progress=progress)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sort:
    """A sort of file: its name in reports, the table that its rows come to, and the columns of the contract."""

    name: str
    table: str
    columns: Collection[str]


_ORDERS = _Sort(name="orders", table="lines", columns=ORDER_COLUMNS)
_PRICES = _Sort(name="prices", table="prices", columns=PRICE_COLUMNS)
_PROMISES = _Sort(name="promises", table="promises_given", columns=PROMISE_COLUMNS)
_SCANS = _Sort(name="scans", table="scans", columns=SCAN_COLUMNS)
_CLOSURES = _Sort(name="closures", table="closures", columns=CLOSURE_COLUMNS)


def _import_told(
    database: Engine, path: Path, sort: _Sort, take_told: TakeTold, *, teller: Teller, progress: Progress
) -> Taken:
    """Take a file of facts in that nothing is added to later: a known one is the same, or it is rejected."""
    file = RowFile(path, contract=sort.columns)

    def take(connection: Connection, piece: Piece, taken: Taken, begun: int) -> None:
        came = take_told(connection, piece.table, teller=teller, first_row=piece.first_row, broken=piece.broken)
        _count(taken, piece, came)
        known = Rows(rows=came.rows, places=came.places, known=came.known, begun=begun)
        settle_known_told(connection, sort.table, known, taken)

    return _import(database, file, sort, source=teller.source, take=take, progress=progress)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Piece:
    """Some rows of a file: the 1-based data row they begin with, and the places of those whose fields do not fit the header."""

    table: pa.Table
    first_row: int
    broken: list[int]

    @property
    def last_row(self) -> int:
        """The data row it ends with."""
        return self.first_row + len(self.table) - 1


Take = Callable[[Connection, Piece, Taken, int], None]


def _import(database: Engine, file: RowFile, sort: _Sort, *, source: str, take: Take, progress: Progress) -> Taken:
    """Take a file in piece by piece; each piece and the note of how far it got are kept together."""
    mark = f"import:{sort.name}:{source}:{fingerprint_of(file.path)}"
    taken = Taken(file=sort.name, rows=file.rows)
    with reading(database) as connection:
        _check_kinds(connection, file, sort)
        noted = read_mark(connection, mark)
    if noted is not None:
        done = msgspec.json.decode(noted)
        taken.resumed_at, taken.new, taken.known, taken.changed = (
            done["rows"],
            done["new"],
            done["known"],
            done["changed"],
        )
        taken.paid_minor = done["paid_minor"]
        taken.rejected = [(row, Rejection(code)) for row, code in done["rejected"]]
    begun = None if noted is None else done["begun"]
    for piece in _pieces(file):
        if piece.last_row <= taken.resumed_at:
            continue
        with writing(database) as connection:
            if begun is None:
                begun = _begin(connection, file, sort)
            take(connection, piece, taken, begun)
            write_mark(connection, mark, _noted(taken, piece.last_row, begun))
        progress(sort.name, piece.last_row, file.rows)
    return taken


def _noted(taken: Taken, rows: int, begun: int) -> str:
    done = {
        "rows": rows,
        "begun": begun,
        "new": taken.new,
        "known": taken.known,
        "changed": taken.changed,
        "paid_minor": taken.paid_minor,
        "rejected": [(row, int(code)) for row, code in taken.rejected],
    }
    return msgspec.json.encode(done).decode()


def _pieces(file: RowFile) -> Iterator[Piece]:
    """The file's rows in pieces."""
    broken = set(file.broken)
    for batch in file.batches():
        table = file.read(batch, file.columns)
        for start in range(0, len(table), PIECE_ROWS):
            first = batch.first_row + start
            rows = table.slice(start, PIECE_ROWS).combine_chunks()
            odd = [k for k in range(len(rows)) if first - 1 + k in broken] if broken else []
            yield Piece(table=rows, first_row=first, broken=odd)


def fingerprint_of(path: Path) -> str:
    """The sha256 of a file's bytes."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _begin(connection: Connection, file: RowFile, sort: _Sort) -> int:
    """Note the kinds of the file's own columns; give the number of the last row that was there before it."""
    for column, kind in _kinds(file, sort).items():
        write_mark(connection, f"column:{sort.name}:{column}", kind)
    last = connection.exec_driver_sql(f"SELECT COALESCE(MAX(seq), 0) FROM {sort.table}").scalar_one()  # noqa: S608  our own names
    return int(last)


def _check_kinds(connection: Connection, file: RowFile, sort: _Sort) -> None:
    for column, kind in _kinds(file, sort).items():
        before = read_mark(connection, f"column:{sort.name}:{column}")
        if before not in {None, kind}:
            raise InputError(
                came=f"the column {column} as {kind}",
                where=str(file.path),
                expected=f"{before}, as it was when it was first imported",
                todo="Export the column as it was, or give it another name.",
            )


def _kinds(file: RowFile, sort: _Sort) -> dict[str, str]:
    batches = file.batches()
    own = [column for column in file.columns if column not in sort.columns]
    if not own or not batches:
        return {}
    table = file.read(batches[0], own)
    told = [column for column in own if table.column(column).null_count < len(table)]
    return {column: kind for column in told if (kind := _kind_of(table.schema.field(column).type)) is not None}


def _kind_of(kind: pa.DataType) -> str | None:
    if pa.types.is_null(kind):
        return None
    if pa.types.is_boolean(kind):
        return "true or false"
    return "whole numbers" if pa.types.is_integer(kind) else "text"


def _count(taken: Taken, piece: Piece, came: Arrived) -> None:
    taken.new += came.new
    bad = np.flatnonzero(came.codes).tolist()
    taken.rejected += [(piece.first_row + place, Rejection(int(came.codes[place]))) for place in bad]


def _add_paid(taken: Taken, came: Arrived) -> None:
    repeated = {id(row) for row in came.known}
    for row in came.rows:
        if id(row) not in repeated:
            taken.paid_minor[row[6]] = taken.paid_minor.get(row[6], 0) + row[5]
