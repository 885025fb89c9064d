"""A store that an older version made is brought up to date, keeps what it has, and is then like one made today."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine

from houbei.runs.audit import audit
from houbei.store.database import open_database, writing
from houbei.store.promises import publish
from tests.cases_live.appliances import LAW, REPORTED, WASHER, promise, publish_documents, reports, settle
from tests.live.stores import live, rows_of
from tests.live.telling import moment, tell_orders, tell_prices
from tests.oracle.agreement import as_terms
from tests.oracle.histories import line, price, term

NOW = moment("11-20")
SHAPES = (
    "SELECT name, tbl_name FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY 1",
    (
        'SELECT m.name, p.cid, p.name, p.type, p.pk, p."notnull", p.dflt_value FROM sqlite_master m'
        " JOIN pragma_table_info(m.name) p WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' ORDER BY 1, 2"
    ),
)


def migrate(path: Path, revision: str) -> Engine:
    """Make a store as the version with this revision made it."""
    engine = create_engine(f"sqlite:///{path}")
    settings = Config()
    settings.set_main_option("script_location", "houbei:store/migrations")
    settings.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, revision)
    return engine


def test_a_store_of_the_first_version_with_its_books_takes_cases_and_the_audit_agrees(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    migrate(path, "0001").dispose()
    with_prices(path)
    old = rows_before(path)
    database = open_database(path)
    for query in SHAPES:
        assert rows_of(database, query) == rows_of(open_database(tmp_path / "new.db", create=True), query)
    assert rows_before(path) == old
    publish_documents(database, promise(), LAW)
    tell_orders(database, {**WASHER, "line_id": "L9", "order_id": "O9"})
    live(database, REPORTED)
    settle(database, reports(database, line_id="L9").led.now.case_id)
    assert audit(database, progress=lambda *_: None).agrees


def rows_before(path: Path) -> list[tuple[object, ...]]:
    database = open_database(path)
    found = rows_of(database, "SELECT cover, sequence, code, amount_minor, fact FROM entries ORDER BY 1, 2")
    database.dispose()
    return found


def with_prices(path: Path) -> None:
    """Give an old store a promise of prices, lines and drops; what writes them touches no table that came later."""
    database = open_database(path)
    with writing(database) as connection:
        publish(connection, as_terms(term()), known_us=0)
    tell_orders(database, line("4999.00"))
    tell_prices(database, price("4599.00", "11-10"))
    live(database, NOW)
    database.dispose()
