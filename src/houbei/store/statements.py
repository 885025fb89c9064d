"""One statement put to the store: written once in the words of both dialects, compiled once for the one at hand.

SQLAlchemy reads the names of values out of the text and writes them as the driver wants them; that is done once a statement, because
a batch of one asks thirty of them and has milliseconds.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, CursorResult, Dialect, text

_FETCHED_ROWS = 4_000
_ASKED_MAX = 500
"""How many values one statement asks about."""


def ask(connection: Connection, statement: str, **values: Any) -> CursorResult[*tuple[Any, ...]]:
    """Run a statement with its values.

    Args:
        connection: In a transaction.
        statement: SQL; values are named like `:sku`.
        values: One for each name in it.

    Cost: 30 µs beside what the database does.
    """
    compiled, names = _compiled(statement, connection.dialect)
    return connection.exec_driver_sql(compiled, tuple(values[name] for name in names))


def ask_rows(connection: Connection, statement: str, **values: Any) -> list[tuple[Any, ...]]:
    """Run a statement that selects many rows and give them as plain tuples, arguments as for `ask`: no object is made of each."""
    found = ask(connection, statement, **values)
    rows = [tuple(row) for row in found.cursor.fetchall()]
    found.close()
    return rows


def ask_columns(connection: Connection, statement: str, **values: Any) -> dict[str, list[Any]]:
    """Run a statement that selects many rows and give its columns by name, arguments as for `ask`.

    Rows are turned into columns a few thousand at a time: no more of them stand in memory, and none grows old enough for the garbage
    collector to look at again and again.
    """
    found = ask(connection, statement, **values)
    columns: dict[str, list[Any]] = {name: [] for name in list(found.keys())}
    cursor = found.cursor
    while rows := cursor.fetchmany(_FETCHED_ROWS):
        for column, piece in zip(columns.values(), zip(*rows, strict=True), strict=True):
            column.extend(piece)
    found.close()
    return columns


def in_parts(values: Sequence[Any]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Give many values a few hundred at a time: the question marks of an `IN (…)`, and the values for them."""
    for first in range(0, len(values), _ASKED_MAX):
        some = tuple(values[first : first + _ASKED_MAX])
        yield ", ".join("?" * len(some)), some


@cache
def _compiled(statement: str, dialect: Dialect) -> tuple[str, tuple[str, ...]]:
    compiled = text(statement).compile(dialect=dialect)
    positions = getattr(compiled, "positiontup", None)
    return str(compiled), tuple(positions or ())
