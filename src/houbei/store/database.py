"""One database, opened, brought up to date and checked; transactions that write begin as such.

SQLite in WAL with `synchronous=FULL`: what is committed survives a power cut. A writing transaction is `BEGIN IMMEDIATE`: it waits for
its turn before it reads anything, so what it read is still true when it writes (a lock taken before the snapshot; without it, two
sweeps over the same covers pay twice or miss a drop).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, OperationalError

from houbei.errors import InputError, StoreError

BUSY_TIMEOUT_MS = 60_000
"""How long to wait for another process's transaction."""
_CACHE_KIB = 131_072
_WAL_PAGES = 16_384
"""How far the log grows before its pages are moved into the file (64 MiB): a page that batch after batch changes is moved once."""
_WRITES = "writes"
_OF_THE_STORE = {DatabaseError, OperationalError}
"""What the disk or a damaged page does; every other sort of error is of our own statement."""
_OWN_TABLES = (
    "touched (cover INTEGER PRIMARY KEY)",
    "all_touched (cover INTEGER PRIMARY KEY)",
    "fresh (line INTEGER PRIMARY KEY)",
    "taken (sku TEXT, series INTEGER, from_us INTEGER)",
    "wanted (sku TEXT, seller TEXT, region TEXT, channel TEXT, audience TEXT, from_us INTEGER, until_us INTEGER)",
    "asked (sku TEXT, key TEXT, PRIMARY KEY (sku, key)) WITHOUT ROWID",
)
"""What a connection notes for itself while it works: covers, lines, series and prices that are looked at. Nobody else sees it."""


def open_database(path: Path, *, create: bool = False) -> Engine:
    """Open a store and bring its tables up to date.

    Args:
        path: The file of the database; its folder must be there.
        create: Make a new one where there is none.

    Raises:
        InputError: there is no such file, or it is no database.
        StoreError: the database is newer than this program, or damaged.

    Cost: some milliseconds; a migration may take longer.
    """
    if not create and not path.is_file():
        raise InputError(
            came="no such database",
            where=str(path),
            expected="the store that houbei import made",
            todo="Import orders and prices first, or name the store with --store.",
        )
    engine = create_engine(f"sqlite:///{path}")
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    try:
        _migrate(engine)
    except (DatabaseError, UnicodeDecodeError) as error:
        engine.dispose()
        raise InputError(
            came=f"a file that is no database ({getattr(error, 'orig', error)})",
            where=str(path),
            expected="the store that houbei import made",
            todo="Name another file.",
        ) from error
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give a connection in a transaction that may write; it commits at the end, and changes nothing where the block fails.

    Raises:
        StoreError: the disk is full or the database cannot be written; nothing of the block was kept.
    """
    try:
        with engine.connect().execution_options(**{_WRITES: True}) as connection, connection.begin():
            yield connection
    except DatabaseError as error:
        if type(error) not in _OF_THE_STORE:
            raise
        raise StoreError(str(error.orig)) from error


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection that sees one state of the store throughout and writes nothing.

    Raises:
        StoreError: the database cannot be read.
    """
    try:
        with engine.connect() as connection, connection.begin():
            yield connection
    except DatabaseError as error:
        if type(error) not in _OF_THE_STORE:
            raise
        raise StoreError(str(error.orig)) from error


def check_storage(engine: Engine) -> None:
    """Let SQLite look over the whole file.

    Raises:
        StoreError: a page is damaged; nothing may be paid from these books.

    Cost: one pass over the file, and one look-up for each row in each index: a row that contradicts its index is damage, too.
    """
    try:
        with reading(engine) as connection:
            found = [row[0] for row in connection.exec_driver_sql("PRAGMA integrity_check")]
    except DatabaseError as error:
        found = [str(error.orig)]
    if found != ["ok"]:
        raise StoreError("the file is damaged: " + "; ".join(found[:3]))


def _prepare(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "temp_store=MEMORY",
        f"cache_size=-{_CACHE_KIB}",
        f"wal_autocheckpoint={_WAL_PAGES}",
    ):
        connection.execute(f"PRAGMA {pragma}")
    for table in _OWN_TABLES:
        connection.execute(f"CREATE TEMP TABLE {table}")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _migrate(engine: Engine) -> None:
    """Run the migrations that are missing, all of them in one transaction; takes no turn where none is.

    Raises:
        StoreError: the store was written by a newer Houbei.
    """
    settings = Config()
    settings.set_main_option("script_location", "houbei:store/migrations")
    settings.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(settings)
    with engine.connect() as connection, connection.begin():
        found = MigrationContext.configure(connection).get_current_revision()
    if found == scripts.get_current_head():
        return
    if found is not None and found not in {script.revision for script in scripts.walk_revisions()}:
        said = f"its tables are of revision {found}, which this version of Houbei does not know; use a newer one"
        raise StoreError(said)
    with writing(engine) as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")
