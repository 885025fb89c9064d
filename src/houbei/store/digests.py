"""A chain of digests over everything that is only added to: what was changed or taken out afterwards shows.

Every batch of rows has the sha256 of the digest before it and of its own rows, as JSON in the order in which they were added.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from houbei.store.schema import ENTRIES, METADATA
from houbei.store.statements import ask

_ENCODER = msgspec.json.Encoder()
Rows = Sequence[Sequence[Any]]


def columns_of(table: str) -> list[str]:
    """Name a table's columns without the number that a row gets on arrival: what a digest is taken of."""
    return [column.name for column in METADATA.tables[table].columns if column.name != "seq"]


def append_digest(connection: Connection, table: str, rows: Rows, *, first: int, last: int) -> None:
    """Take the digest of rows that were just added.

    Args:
        connection: In the transaction that added them.
        table: Their table.
        rows: Their values, in the order of `columns_of`.
        first: The number of the first of them; for entries, of their batch.
        last: The number of the last.

    Cost: about a microsecond a row.
    """
    before = ask(connection, "SELECT sha256 FROM batches ORDER BY id DESC LIMIT 1").scalar()
    ask(
        connection,
        "INSERT INTO batches (what, first, last, rows, sha256) VALUES (:what, :first, :last, :rows, :sha256)",
        what=table,
        first=first,
        last=last,
        rows=len(rows),
        sha256=_digest(before or "", rows),
    )


def next_batch(connection: Connection) -> int:
    """Give the number that the next batch will have."""
    return int(ask(connection, "SELECT COALESCE(MAX(id), 0) + 1 FROM batches").scalar_one())


def broken_batches(connection: Connection, *, newest: int | None = None) -> Iterator[str]:
    """Take every digest again and name the batches that differ, in one sentence each.

    Args:
        connection: A state of the store.
        newest: Look at this many of the latest batches alone; None for all.

    Cost: one pass over the rows; memory for one batch.
    """
    batches = ask(connection, "SELECT id, what, first, last, rows, sha256 FROM batches ORDER BY id").all()
    start = 0 if newest is None else max(0, len(batches) - newest)
    before = batches[start - 1].sha256 if start else ""
    for batch in batches[start:]:
        rows = _rows_of(connection, batch.what, batch.first, batch.last) if batch.what in METADATA.tables else ()
        if len(rows) != batch.rows:
            yield f"batch {batch.id} had {batch.rows} rows of {batch.what}, {len(rows)} are there"
        elif _digest(before, rows) != batch.sha256:
            yield f"batch {batch.id}: a row of {batch.what} is not as it was added"
        before = batch.sha256


def _rows_of(connection: Connection, table: str, first: int, last: int) -> Rows:
    names = ", ".join(f'"{name}"' for name in columns_of(table))
    if table == ENTRIES.name:
        where = "batch BETWEEN :first AND :last ORDER BY batch, cover, sequence"
    else:
        where = "seq BETWEEN :first AND :last ORDER BY seq"
    found = ask(connection, f"SELECT {names} FROM {table} WHERE {where}", first=first, last=last)
    return [tuple(row) for row in found]


def _digest(before: str, rows: Rows) -> str:
    digest = hashlib.sha256(before.encode())
    digest.update(_ENCODER.encode(rows))
    return digest.hexdigest()
