"""Pages of a list: the rows behind one that was seen last, in the order in which they were made."""

import sqlite3
from collections.abc import Mapping


def rows_after(
    connection: sqlite3.Connection, table: str, asked: Mapping[str, str | None], *, after: int, most: int
) -> list[sqlite3.Row]:
    """Select rows of a table behind a number, in the order of their numbers, that have what is asked of their columns; None asks nothing."""
    conditions = {f"{column} = ?": value for column, value in asked.items() if value is not None}
    where = " AND ".join(("number > ?", *conditions))
    query = f"SELECT * FROM {table} WHERE {where} ORDER BY number LIMIT ?"  # noqa: S608  our own names of tables and columns
    return connection.execute(query, (after, *conditions.values(), most)).fetchall()
