"""The disk is full, the log is torn, a byte has flipped: nothing is half kept, and nothing is paid from books that are damaged."""

import sqlite3
from collections import Counter
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Engine, event

from houbei.errors import StoreError
from houbei.facts.moments import text_of_moment
from houbei.runs.imports import import_orders
from houbei.runs.loop import start
from houbei.store.database import check_storage, open_database, writing
from houbei.store.schema import METADATA
from tests.reliability.shop import (
    DAY_US,
    HOUR_US,
    Shop,
    audited,
    books_of,
    line,
    new_store,
    price,
    rows_of,
    settled_once,
    tell,
    write_csv,
)


def test_a_return_that_a_text_file_tells_is_kept_as_its_digest_says(tmp_path: Path):
    database = new_store(tmp_path / "houbei.db")
    sold = line("a", order="o1", quantity=3, paid=3000)
    returned = {**sold, "returned_at": "2026-11-02T09:00:00Z", "returned_quantity": "2"}
    for name, row in (("sold", sold), ("returned", returned)):
        file = write_csv(tmp_path / f"{name}.csv", [row])
        import_orders(database, file, source="shop", zone="UTC", now_us=0, progress=lambda *_: None)
    assert audited(database).differences == ()
    database.dispose()


# --- the disk is full -------------------------------------------------------------------------------------------------


class Disk:
    """How many pages the store's file may have: as a disk that is full, and has room again."""

    def __init__(self, database: Engine) -> None:
        self.most = 0
        event.listen(database, "checkout", self._limit)

    def _limit(self, connection: Any, *_: Any) -> None:
        connection.execute(f"PRAGMA max_page_count={self.most or 2**31}")


def test_a_disk_that_is_full_keeps_nothing_half_and_goes_on_when_there_is_room(shop: Shop):
    disk, failed = Disk(shop.database), Counter[str]()
    for extra in range(0, 24, 2):
        sku = f"sku-{extra}"
        sold = [line(f"{sku}-{k}", order=f"{sku}-{k}", sku=sku) for k in range(50)]
        shop.turn(HOUR_US)
        shop.sell([{**one, "placed_at": text_of_moment(shop.now_us)} for one in sold])
        shop.decide()
        shop.turn(HOUR_US)
        drop = price(f"{sku}-drop", 900, at_us=shop.now_us, sku=sku)
        ((pages,),) = rows_of(shop.database, "PRAGMA page_count")
        disk.most = pages + extra
        for name, work in (
            ("tell", lambda: tell(shop.database, prices=[drop], now_us=shop.now_us)),  # noqa: B023  called at once
            ("decide", shop.decide),
            ("pay", shop.pay),
            ("reconcile", shop.reconcile),
        ):
            before = contents(shop.database)
            try:
                work()
            except StoreError:
                failed[name] += 1
                after = contents(shop.database)
                assert after == before or name == "pay"  # its claims are kept before anybody is asked
        check_storage(shop.database)
        assert audited(shop.database).differences == ()
        disk.most = 0
        tell(shop.database, prices=[drop], now_us=shop.now_us)
        shop.settle_all()
        settled_once(shop)
        assert len(shop.stage.refunds()) == 50 * (extra // 2 + 1)
    assert failed.keys() >= {"decide", "pay"}


def contents(database: Engine) -> list[Any]:
    return [rows_of(database, f"SELECT * FROM {table}") for table in sorted(METADATA.tables)]  # noqa: S608  our own names


# --- the log is torn --------------------------------------------------------------------------------------------------


def test_a_torn_log_loses_no_more_than_its_end_and_nothing_is_paid_twice(shop: Shop, tmp_path: Path):
    """The store's files as they were when the power went, the log cut off or damaged at any place."""
    shop.sell([line(f"l{k}", order=f"o{k}") for k in range(6)])
    shop.turn(DAY_US)
    first_us = shop.now_us
    shop.drop("p1", 900)
    shop.pay()
    shop.turn(DAY_US)
    shop.drop("p2", 850)
    shop.pay()
    shop.reconcile()
    facts = [price("p1", 900, at_us=first_us), price("p2", 850, at_us=shop.now_us)]
    held = shop.database.connect()  # whoever closes the last connection would empty the log
    path = Path(str(shop.database.url.database))
    main, log = path.read_bytes(), path.with_name(path.name + "-wal").read_bytes()
    held.close()
    whole, paid = shop.database, shop.stage.paid()
    dice, seen = np.random.default_rng(7), set[int]()
    for number in range(40):
        at = int(dice.integers(32, len(log)))
        torn = log[:at] if number % 2 else log[:at] + bytes([log[at] ^ 0xFF]) + log[at + 1 :]
        damaged = tmp_path / f"torn-{number}.db"
        damaged.write_bytes(main)
        damaged.with_name(damaged.name + "-wal").write_bytes(torn)
        if not rows_in(damaged):
            continue  # the log held the tables themselves: there is no store yet
        shop.database = open_database(damaged)
        entries = rows_of(shop.database, "SELECT COUNT(*) FROM entries")[0][0]
        seen.add(entries)
        start(shop.database, shop.provider, now_us=shop.now_us)
        shop.decide()
        assert audited(shop.database).differences == ()
        if rows_of(shop.database, "SELECT COUNT(*) FROM lines") == [(6,)]:
            tell(shop.database, prices=facts, now_us=shop.now_us)
            shop.settle_all()
            assert shop.stage.paid() == paid
            settled_once(shop)
        shop.database.dispose()
    shop.database = whole
    assert len(seen) > 3


def rows_in(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(
            connection.execute("SELECT COUNT(*) FROM sqlite_schema WHERE name = 'alembic_version'").fetchone()[0]
        )


# --- a byte has flipped -----------------------------------------------------------------------------------------------


def test_nothing_is_paid_from_books_in_which_a_byte_has_flipped(shop: Shop, tmp_path: Path):
    """Start refuses; where it does not, the books say what they said, or the audit says where they do not."""
    shop.sell([line(f"l{k}", order=f"o{k}") for k in range(6)])
    shop.turn(DAY_US)
    shop.drop("p1", 900)
    shop.pay()
    shop.reconcile()
    books = books_of(shop.database)
    shop.database.dispose()
    path = Path(str(shop.database.url.database))
    whole = path.read_bytes()
    dice, refused, missed = np.random.default_rng(11), 0, []
    for number in range(120):
        at = int(dice.integers(100, len(whole)))
        while not whole[at]:  # most of a young file is empty
            at = int(dice.integers(100, len(whole)))
        damaged = tmp_path / f"flipped-{number}.db"
        damaged.write_bytes(whole[:at] + bytes([whole[at] ^ (1 << int(dice.integers(8)))]) + whole[at + 1 :])
        with ExitStack() as stack:
            try:
                database = open_database(damaged)
                stack.callback(database.dispose)
                start(database, None, now_us=shop.now_us)
                whole_still = books_of(database) == books or audited(database).differences
            except Exception:  # noqa: BLE001  whatever ends it: it pays nothing
                refused += 1
            else:
                missed += [] if whole_still else [at]
    assert missed == []
    assert refused > 20


def test_an_amount_that_changed_beside_the_books_is_not_paid(shop: Shop):
    """What is paid is what the entry says, which has a digest; the note of what is to be done has none."""
    shop.sell([line("a", order="o1")])
    shop.turn(DAY_US)
    shop.drop("p1", 900)
    with writing(shop.database) as connection:
        connection.exec_driver_sql("UPDATE actions SET amount_minor = 612")
    shop.pay()
    assert shop.stage.paid() == {("o1", 100, "succeeded"): 1}
    assert audited(shop.database).differences == ("settlement 1/1 is of 612, its entry of 100",)
