"""One statement put to the store: written once in the words of both dialects, compiled once for the one at hand.

SQLAlchemy reads the names of values out of the text and writes them as the driver wants them; that is done once a statement, because
a batch of one asks thirty of them and has milliseconds.
"""

from functools import cache
from typing import Any

from sqlalchemy import Connection, CursorResult, Dialect, text


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


@cache
def _compiled(statement: str, dialect: Dialect) -> tuple[str, tuple[str, ...]]:
    compiled = text(statement).compile(dialect=dialect)
    positions = getattr(compiled, "positiontup", None)
    return str(compiled), tuple(positions or ())
