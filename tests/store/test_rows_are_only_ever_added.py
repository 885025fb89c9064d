"""The store keeps what it was given: the database refuses to change it, and digests tell where somebody did."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from time import monotonic

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import IntegrityError

from houbei.errors import InputError, StoreError
from houbei.runs.audit import audit
from houbei.store.case_tables import CASE_FACTS
from houbei.store.database import check_storage, open_database, reading, writing
from houbei.store.delivery_tables import DELIVERY_FACTS
from houbei.store.digests import append_digest, broken_batches
from houbei.store.exhibit_shapes import Kind
from houbei.store.exhibits import Exhibit
from houbei.store.intake import append_facts
from houbei.store.marks import read_mark, write_mark
from houbei.store.promises import publish
from houbei.store.schema import APPEND_ONLY, METADATA
from houbei.store.settlements import append_replies
from houbei.store.telling_tables import TELLING_FACTS
from tests.cases_live.appliances import WASHER, promise, publish_documents, reports, settle
from tests.live.stores import count, empty_store, live, path_of, tamper
from tests.live.telling import moment, tell_event, tell_orders, tell_prices
from tests.oracle.agreement import as_terms
from tests.oracle.histories import line, price, term

NOW = moment("11-20")


def fill(database: Engine) -> None:
    """Give every table that is only added to at least one row."""
    tell_orders(database, line("4999.00"), line("10.00", line_id="L2", sku="T"))
    tell_prices(database, price("4599.00", "11-10"))
    live(database, NOW)
    tell_event(database, "returned", "11-09")
    live(database, NOW)
    with writing(database) as connection:
        append_replies(connection, [("sandbox", "R", "settled", None, "O1", 1, "CNY", None, 1, 1)])


def fill_cases(database: Engine) -> None:
    """Give every table of cases that is only added to at least one row, beside what `fill` gave."""
    publish_documents(database, promise())
    photo = Exhibit(sha256="a" * 64, kind=Kind.PHOTO, bytes=1, width=1, height=1)
    tell_orders(database, {**WASHER, "line_id": "L9", "order_id": "O9"})
    live(database, NOW)
    settle(database, reports(database, line_id="L9", exhibits=(photo,)).led.now.case_id)


def fill_deliveries(database: Engine) -> None:
    """Give every table of promised arrivals and tellings that is only added to at least one row."""
    given = ("shop", "P1", "O1", "O1", None, 1, None, 2, None, None, 1, "shop", None, None, 0, "{}", 1)
    scan = ("carrier", "S1", "O1", None, None, "delivered", 1, "carrier", None, "c", None, None, None, 1)
    closure = ("shop", "C1", "snow", 1, None, 1, None, "bulletin", None, 1)
    telling = ("T1", "shop", "O1", "O1", "late", "P1", "晚了", "late", "{}", 1, None)
    with writing(database) as connection:
        append_facts(connection, "tellings", [telling])
        append_facts(connection, "told", [("T1", "channel", 1, None, None, None)])
        append_facts(connection, "promises_given", [given])
        append_facts(connection, "scans", [scan])
        append_facts(connection, "closures", [closure])


def broken(database: Engine) -> list[str]:
    with reading(database) as connection:
        return list(broken_batches(connection))


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("change", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_the_database_refuses_to_change_what_was_added(table: str, change: str) -> None:
    column = METADATA.tables[table].columns.keys()[-1]
    with empty_store(term()) as database:
        fill(database)
        fill_cases(database)
        fill_deliveries(database)
        assert count(database, table)
        with pytest.raises(IntegrityError, match="can only be added to"), writing(database) as connection:
            connection.execute(text(change.format(table, column, column)))


def test_a_migrated_database_is_what_the_schema_says() -> None:
    with empty_store() as database, database.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
        there = {row[0] for row in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))}
    assert there == {f"{table}_refuses_{verb}" for table in APPEND_ONLY for verb in ("update", "delete")}


def test_indexes_keys_and_partial_conditions_are_what_the_schema_says(tmp_path: Path) -> None:
    by_schema = create_engine(f"sqlite:///{tmp_path / 'schema.db'}")
    METADATA.create_all(by_schema)
    with empty_store() as database:
        for query in (
            "SELECT name, tbl_name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY 1",
            (
                'SELECT m.name, p.name, p.pk, p."notnull" FROM sqlite_master m JOIN pragma_table_info(m.name) p'
                " WHERE m.type = 'table' AND m.name NOT LIKE 'alembic%' AND m.name NOT LIKE 'sqlite%' ORDER BY 1, 2"
            ),
            (
                'SELECT m.name, i."unique", i.partial, group_concat(c.name) FROM sqlite_master m'
                " JOIN pragma_index_list(m.name) i JOIN pragma_index_info(i.name) c"
                " WHERE m.type = 'table' AND m.name NOT LIKE 'alembic%' GROUP BY m.name, i.name ORDER BY 1, 4"
            ),
        ):
            with by_schema.connect() as wanted, database.connect() as there:
                assert list(there.execute(text(query))) == list(wanted.execute(text(query)))
    by_schema.dispose()


@pytest.mark.parametrize("documents", [(), (term(),)])
def test_what_nobody_touched_is_whole(documents: tuple[object, ...]) -> None:
    with empty_store(*documents) as database:  # type: ignore[arg-type]
        assert broken(database) == []
        fill(database)
        assert broken(database) == []


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE lines SET paid_minor = 499901 WHERE line_id = 'L1'", "a row of lines is not as it was added"),
        ("UPDATE lines SET more = NULL WHERE line_id = 'L1'", "a row of lines is not as it was added"),
        ("DELETE FROM lines WHERE line_id = 'L2'", "had 2 rows of lines, 1 are there"),
        ("UPDATE prices SET at_us = at_us + 1", "a row of prices is not as it was added"),
        ("UPDATE series SET seller = 'x'", "a row of series is not as it was added"),
        ("DELETE FROM events", "had 1 rows of events, 0 are there"),
        ("UPDATE terms SET document = replace(document, 'P30D', 'P31D')", "a row of terms is not as it was added"),
        ("UPDATE replies SET amount_minor = 2", "a row of replies is not as it was added"),
        ("UPDATE entries SET amount_minor = 40001 WHERE sequence = 1", "a row of entries is not as it was added"),
        ("UPDATE entries SET fact = 'price:other' WHERE sequence = 2", "a row of entries is not as it was added"),
        ("DELETE FROM entries WHERE sequence = 2", "had 1 rows of entries, 0 are there"),
        ("UPDATE batches SET sha256 = '' WHERE what = 'lines'", "a row of lines is not as it was added"),
        ("UPDATE steps SET told = '{}' WHERE what = 'reported'", "a row of steps is not as it was added"),
        ("UPDATE steps SET person = NULL WHERE what = 'inspected'", "a row of steps is not as it was added"),
        ("DELETE FROM openings", "had 1 rows of openings, 0 are there"),
        ("UPDATE swaps SET new_serial = 'SN3'", "a row of swaps is not as it was added"),
        ("UPDATE exhibits SET case_id = 'R-2026-0009'", "a row of exhibits is not as it was added"),
        ("UPDATE promises_given SET by_us = 3", "a row of promises_given is not as it was added"),
        ("UPDATE scans SET at_us = 3", "a row of scans is not as it was added"),
        ("DELETE FROM closures", "had 1 rows of closures, 0 are there"),
        ("UPDATE tellings SET en = 'in time'", "a row of tellings is not as it was added"),
        ("DELETE FROM told", "had 1 rows of told, 0 are there"),
    ],
)
def test_digests_name_the_batch_that_somebody_changed(statement: str, found: str) -> None:
    with empty_store(term()) as database:
        fill(database)
        table = statement.split()[1].replace("FROM", statement.split()[2])
        if table in CASE_FACTS:
            fill_cases(database)
        if table in (*DELIVERY_FACTS, *TELLING_FACTS):
            fill_deliveries(database)
        tamper(database, statement)
        what = "lines" if table == "batches" else table
        with reading(database) as connection:
            batches = connection.execute(
                text("SELECT id FROM batches WHERE what = :what ORDER BY id"), {"what": what}
            ).scalars()
            first, last = (ids := list(batches))[0], ids[-1]
        said = broken(database)
        assert len([one for one in said if found in one]) == 1
        assert any(one.startswith((f"batch {first}", f"batch {last}")) for one in said)
        assert not audit(database, progress=lambda *_: None).agrees


def test_an_entry_that_was_slipped_in_is_found() -> None:
    with empty_store(term()) as database:
        fill(database)
        tamper(
            database,
            "CREATE TABLE other AS SELECT * FROM entries WHERE sequence = 1",
            "UPDATE other SET sequence = 3",
            "INSERT INTO entries SELECT * FROM other",
        )
        assert any("had 1 rows of entries, 2 are there" in one for one in broken(database))


def test_a_fact_that_stands_twice_in_a_batch_is_kept_once() -> None:
    fact = ("shop", "E", "shop", "L1", "delivered", 1, None, None, 0)
    with empty_store() as database:
        with writing(database) as connection:
            taken = append_facts(connection, "events", [fact, fact, ("shop", "F", *fact[2:])])
            again = append_facts(connection, "events", [fact])
        assert (taken.new, taken.known, again.new, again.known) == (2, [fact], 0, [fact])
        assert count(database, "events") == 2
        assert broken(database) == []


def test_a_batch_of_no_entries_breaks_no_chain() -> None:
    with empty_store(term()) as database:
        with writing(database) as connection:
            append_digest(connection, "lines", [], first=1, last=0)
        fill(database)
        assert broken(database) == []


@pytest.mark.parametrize("newest", [1, 2, 100])
def test_the_latest_batches_alone_can_be_checked(newest: int) -> None:
    with empty_store(term()) as database:
        fill(database)
        tamper(database, "UPDATE lines SET paid_minor = 1")
        with reading(database) as connection:
            assert bool(list(broken_batches(connection, newest=newest))) == (newest == 100)


def test_a_block_that_fails_keeps_nothing() -> None:
    with empty_store() as database:
        with pytest.raises(RuntimeError):
            write_and_fail(database)
        assert count(database, "terms") == count(database, "marks") == count(database, "batches") == 0


def write_and_fail(database: Engine) -> None:
    with writing(database) as connection:
        write_mark(connection, "half", "done")
        publish(connection, as_terms(term()), known_us=0)
        raise RuntimeError


def test_a_full_disk_is_told_and_keeps_nothing() -> None:
    with empty_store(term()) as database:
        with database.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")
        with pytest.raises(StoreError, match="full"):
            tell_orders(database, *(line("1.00", line_id=f"L{k}", category="x" * 2000) for k in range(100)))
        assert count(database, "lines") == 0
        database.dispose()
        tell_orders(database, line("1.00"))
        assert count(database, "lines") == 1
        assert broken(database) == []


HOLDS = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
connection.execute("INSERT INTO marks VALUES ('other', 'wrote')")
print("begun", flush=True)
time.sleep(0.4)
connection.execute("COMMIT")
"""


def test_a_second_process_waits_for_the_first_and_sees_what_it_wrote() -> None:
    with empty_store() as database:
        began = monotonic()
        with subprocess.Popen(
            [sys.executable, "-c", HOLDS, str(path_of(database))], stdout=subprocess.PIPE, text=True
        ) as other:
            assert other.stdout is not None
            assert other.stdout.readline() == "begun\n"
            with reading(database) as connection:
                assert read_mark(connection, "other") is None
            with writing(database) as connection:
                assert read_mark(connection, "other") == "wrote"
        assert monotonic() - began >= 0.4


def test_a_damaged_file_is_found() -> None:
    with empty_store(term()) as database:
        tell_orders(database, *(line("1.00", line_id=f"L{k}") for k in range(300)))
        database.dispose()
        path = path_of(database)
        content = bytearray(path.read_bytes())
        for place in range(len(content) // 2, len(content) // 2 + 3000):
            content[place] ^= 0x5A
        path.write_bytes(content)
        with pytest.raises(StoreError):
            check_storage(database)


@pytest.mark.parametrize("content", [None, b"order_id,line_id\n" * 100])
def test_what_is_no_store_is_refused(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "s.db").write_bytes(content)
    with pytest.raises(InputError):
        open_database(tmp_path / "s.db")


def test_what_is_committed_is_synced_to_the_disk(tmp_path: Path) -> None:
    database = open_database(tmp_path / "s.db", create=True)
    with reading(database) as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
    database.dispose()
    with closing(sqlite3.connect(tmp_path / "s.db")) as other:
        assert other.execute("SELECT version_num FROM alembic_version").fetchall() == [("0005",)]
