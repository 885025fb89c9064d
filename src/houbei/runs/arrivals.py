"""A batch of facts as the columns of a file, read and taken into the store: what imports and replays share."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sqlalchemy import Connection

from houbei.facts.closures import read_closures
from houbei.facts.dictionary import Dictionaries
from houbei.facts.orders import KNOWN as ORDER_COLUMNS
from houbei.facts.orders import Reading, columns_wanted, read_lines
from houbei.facts.prices import KNOWN as PRICE_COLUMNS
from houbei.facts.prices import price_columns_wanted, read_prices
from houbei.facts.promises import DeliveryReading, read_promises
from houbei.facts.raw import plain_text
from houbei.facts.rejected import Findings, Rejection
from houbei.facts.scans import read_scans
from houbei.facts.steps import Person
from houbei.store.delivery_rows import rows_of_closures, rows_of_promises, rows_of_scans
from houbei.store.intake import append_facts, number_series
from houbei.store.line_rows import rows_of_lines, rows_of_prices
from houbei.store.people import note_people

Row = tuple[Any, ...]
PAID_WITH = ("tenders", "funders")
"""Lists of who paid; a refund is split by them, so a line whose list cannot be read is rejected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """Who tells facts (ids are unique within a source), when we learnt of them, and the zone of moments that name none."""

    source: str
    zone: str
    known_us: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Arrived:
    """What became of a batch: its accepted rows and their data rows, those known before, and each data row's finding (0 accepted)."""

    rows: list[Row]
    places: NDArray[np.int64]
    known: tuple[Row, ...]
    codes: NDArray[np.uint8]

    @property
    def new(self) -> int:
        """How many rows were not known before."""
        return len(self.rows) - len(self.known)


def take_lines(
    connection: Connection, table: pa.Table, *, teller: Teller, first_row: int = 1, broken: Collection[int] = ()
) -> Arrived:
    """Take a batch of order lines in.

    Args:
        connection: In a writing transaction.
        table: Every column of the file, each in one chunk.
        teller: Who tells.
        first_row: The 1-based data row of the first entry.
        broken: Places of rows that had another number of fields than the header.

    Raises:
        InputError: a column is absent or of a type that cannot hold what the contract says.

    Cost: some µs a row.
    """
    reading = Reading(zone=teller.zone, named=frozenset(table.column_names) - ORDER_COLUMNS)
    wanted = columns_wanted(table.column_names, reading)
    dictionaries = Dictionaries()
    lines = read_lines(
        table.select(wanted), first_row=first_row, reading=reading, dictionaries=dictionaries, broken=broken
    )
    for name in PAID_WITH:
        if name in table.column_names:
            lines.findings.note(_unreadable(table.column(name)), Rejection.BAD_JSON)
    rows = rows_of_lines(table, lines, source=teller.source, known_us=teller.known_us)
    found = append_facts(connection, "lines", rows)
    places = first_row + np.flatnonzero(lines.live)
    return Arrived(rows=rows, places=places, known=tuple(found.known), codes=lines.findings.codes)


def take_prices(
    connection: Connection, table: pa.Table, *, teller: Teller, first_row: int = 1, broken: Collection[int] = ()
) -> Arrived:
    """Take a batch of price observations in; arguments, errors and cost as for `take_lines`."""
    reading = Reading(zone=teller.zone, named=frozenset(table.column_names) - PRICE_COLUMNS)
    wanted = price_columns_wanted(table.column_names, reading)
    dictionaries = Dictionaries()
    prices = read_prices(
        table.select(wanted), first_row=first_row, reading=reading, dictionaries=dictionaries, broken=broken
    )
    series, unnumbered = rows_of_prices(table, prices, source=teller.source, known_us=teller.known_us)
    numbers = number_series(connection, series)
    rows = [(*row[:3], number, *row[4:]) for row, number in zip(unnumbered, numbers, strict=True)]
    found = append_facts(connection, "prices", rows)
    places = first_row + np.flatnonzero(prices.live)
    return Arrived(rows=rows, places=places, known=tuple(found.known), codes=prices.findings.codes)


class TakeTold(Protocol):
    """How a batch of facts is taken in that nothing is added to later; arguments, errors and cost as for `take_lines`."""

    def __call__(
        self,
        connection: Connection,
        table: pa.Table,
        *,
        teller: Teller,
        first_row: int = 1,
        broken: Collection[int] = (),
    ) -> Arrived:
        """Take it in."""


def take_promises(
    connection: Connection, table: pa.Table, *, teller: Teller, first_row: int = 1, broken: Collection[int] = ()
) -> Arrived:
    """Take a batch of promises of arrival in; arguments, errors and cost as for `take_lines`."""
    reading, dictionaries = DeliveryReading(zone=teller.zone), Dictionaries()
    told = read_promises(table, first_row=first_row, reading=reading, dictionaries=dictionaries, broken=broken)
    line_ids = dictionaries["line_id"].values
    rows = rows_of_promises(told, line_ids=line_ids, source=teller.source, known_us=teller.known_us)
    return _append(connection, "promises_given", rows, told.findings, first_row=first_row)


def take_scans(
    connection: Connection, table: pa.Table, *, teller: Teller, first_row: int = 1, broken: Collection[int] = ()
) -> Arrived:
    """Take a batch of scans in; the people whom they name are kept apart. Arguments, errors and cost as for `take_lines`."""
    reading = DeliveryReading(zone=teller.zone)
    told = read_scans(table, first_row=first_row, reading=reading, dictionaries=Dictionaries(), broken=broken)
    names = sorted({told.persons.values[code] for code in np.unique(told.persons.codes).tolist() if code >= 0})
    note_people(connection, [Person(name=name, role="courier", named=True) for name in names])
    rows = rows_of_scans(told, source=teller.source, known_us=teller.known_us)
    return _append(connection, "scans", rows, told.findings, first_row=first_row)


def take_closures(
    connection: Connection, table: pa.Table, *, teller: Teller, first_row: int = 1, broken: Collection[int] = ()
) -> Arrived:
    """Take a batch of named events in; arguments, errors and cost as for `take_lines`."""
    reading = DeliveryReading(zone=teller.zone)
    told = read_closures(table, first_row=first_row, reading=reading, dictionaries=Dictionaries(), broken=broken)
    column = table.column("supersedes").combine_chunks() if "supersedes" in table.column_names else None
    corrects = [None] * len(table) if column is None else plain_text(column, where="closures.supersedes").to_pylist()
    rows = rows_of_closures(told, supersedes=corrects, source=teller.source, known_us=teller.known_us)
    return _append(connection, "closures", rows, told.findings, first_row=first_row)


def _append(connection: Connection, table: str, rows: Sequence[Row], findings: Findings, *, first_row: int) -> Arrived:
    found = append_facts(connection, table, rows)
    places = first_row + np.flatnonzero(findings.accepted)
    return Arrived(rows=list(rows), places=places, known=tuple(found.known), codes=findings.codes)


class _Part(msgspec.Struct):
    amount: str
    kind: str = ""
    name: str = ""
    ref: str | None = None


def _unreadable(column: pa.ChunkedArray) -> NDArray[np.bool_]:
    decoder, bad = msgspec.json.Decoder(list[_Part]), np.zeros(len(column), dtype=np.bool_)
    for row, text in enumerate(column.to_pylist()):
        try:
            parts = [] if text is None else decoder.decode(text)
            bad[row] = any(not (part.kind or part.name) for part in parts)
        except msgspec.MsgspecError:
            bad[row] = True
    return bad
