"""A live store of its own for every test, and what its books say of each line; what it writes need not survive a power cut."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count as count_from
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Engine, event, text

from houbei.runs.cycle import run_cycle
from houbei.store.database import open_database, reading, writing
from houbei.store.promises import publish
from tests.oracle.agreement import as_terms

SOURCE = "shop"
Held = dict[tuple[str, str], tuple[int, int]]
"""Units and amount by line_id and price_id."""


_FOLDER = TemporaryDirectory()
_NUMBERS = count_from(1)
_FREE: list[Engine] = []
"""Stores that no test has now: migrations run once for each, every test gets the bytes that they left."""


@cache
def _migrated() -> bytes:
    path = Path(_FOLDER.name) / "migrated.db"
    open_database(path, create=True).dispose()
    return path.read_bytes()


@contextmanager
def empty_store(*documents: dict[str, Any]) -> Iterator[Engine]:
    """Give a new store in which some promises are published."""
    database = _FREE.pop() if _FREE else _opened(Path(_FOLDER.name) / f"{next(_NUMBERS)}.db")
    path = path_of(database)
    path.write_bytes(_migrated())
    try:
        with writing(database) as connection:
            for document in documents:
                publish(connection, as_terms(document), known_us=0)
        yield database
    finally:
        database.dispose()
        for journal in (path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
            journal.unlink(missing_ok=True)
        _FREE.append(database)


def _opened(path: Path) -> Engine:
    path.write_bytes(_migrated())
    database = open_database(path)
    database.dispose()
    event.listen(database, "connect", lambda raw, _: raw.execute("PRAGMA synchronous=OFF"))
    return database


def path_of(database: Engine) -> Path:
    """The file of a store."""
    assert database.url.database is not None
    return Path(database.url.database)


def rows_of(database: Engine, query: str, **bound: Any) -> list[tuple[Any, ...]]:
    """What a query gives."""
    with reading(database) as connection:
        return [tuple(row) for row in connection.execute(text(query), bound)]


def count(database: Engine, table: str) -> int:
    """How many rows a table has."""
    return int(rows_of(database, f"SELECT COUNT(*) FROM {table}")[0][0])  # noqa: S608  our own names


def live(database: Engine, now_us: int, **limits: int) -> None:
    """Look at everything there is to look at now."""
    while run_cycle(database, now_us=now_us, **limits).facts:
        pass


def balances(database: Engine, account: str = "price_guarantee") -> dict[str, int]:
    """The balance of an account by line_id, debits counted up; nothing where it is 0."""
    query = (
        "SELECT l.line_id, SUM(CASE WHEN e.debit = :account THEN e.amount_minor ELSE 0 END)"
        " - SUM(CASE WHEN e.credit = :account THEN e.amount_minor ELSE 0 END)"
        " FROM entries e JOIN covers c ON c.cover = e.cover JOIN lines l ON l.seq = c.line GROUP BY l.line_id"
    )
    return {line_id: amount for line_id, amount in rows_of(database, query, account=account) if amount}


def entries(database: Engine, *names: str) -> list[tuple[Any, ...]]:
    """The named columns of all entries, by line and sequence."""
    columns = ", ".join(f"e.{name}" for name in names)
    joined = "entries e JOIN covers c ON c.cover = e.cover JOIN lines l ON l.seq = c.line"
    return rows_of(database, f"SELECT l.line_id, {columns} FROM {joined} ORDER BY l.line_id, e.sequence")  # noqa: S608  our own names


def held(database: Engine) -> Held:
    """What waits for a person."""
    query = (
        "SELECT l.line_id, p.price_id, h.quantity, h.amount_minor FROM held h JOIN covers c ON c.cover = h.cover"
        " JOIN lines l ON l.seq = c.line JOIN prices p ON p.seq = h.price"
    )
    return {(line_id, price_id): (units, amount) for line_id, price_id, units, amount in rows_of(database, query)}


def tamper(database: Engine, *statements: str) -> None:
    """Change a store behind its back, as somebody with the file could: its guards against that are taken off first."""
    with sqlite3.connect(path_of(database)) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
        for statement in (*(f"DROP TRIGGER {name}" for name in names), *statements):
            connection.execute(statement)
    connection.close()
