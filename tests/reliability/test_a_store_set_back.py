"""A store that is set back to an older copy: what was paid since is read from the provider, and nothing of it is paid again."""

import shutil
from pathlib import Path

from houbei.runs.loop import start
from houbei.store.database import open_database
from tests.reliability.shop import (
    DAY_US,
    HOUR_US,
    PAST_LEASE_US,
    Shop,
    line,
    needs,
    price,
    settled_once,
    tell,
)

LINES = [line(f"l{k}", order=f"o{k // 2}", sku=("tea", "pot")[k % 2]) for k in range(12)]


def copied(shop: Shop, to: Path) -> None:
    """Copy the store's file, as a backup does."""
    shop.database.dispose()
    path = Path(str(shop.database.url.database))
    shutil.copyfile(path, to)
    shop.database = open_database(path)


def set_back(shop: Shop, to: Path) -> None:
    """Put an older copy in the store's place, and start."""
    shop.database.dispose()
    path = Path(str(shop.database.url.database))
    for name in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        name.unlink(missing_ok=True)
    shutil.copyfile(to, path)
    shop.database = open_database(path)
    start(shop.database, shop.provider, now_us=shop.now_us)


def test_a_store_set_back_to_before_it_paid_pays_nothing_twice(shop: Shop, tmp_path: Path):
    shop.sell(LINES)
    shop.turn(DAY_US)
    shop.drop("p1", 900)
    copied(shop, tmp_path / "copy.db")
    shop.pay()
    shop.turn(PAST_LEASE_US)
    set_back(shop, tmp_path / "copy.db")
    shop.settle_all()
    assert shop.stage.paid() == {(f"o{k}", 100, "succeeded"): 1 for k in range(6)}
    settled_once(shop)


def test_a_store_set_back_to_before_it_knew_pays_nothing_twice_when_it_is_told_again(shop: Shop, tmp_path: Path):
    shop.sell([line("a", order="o1")])
    copied(shop, tmp_path / "copy.db")
    shop.turn(DAY_US)
    shop.drop("p1", 900)
    shop.pay()
    first_us = shop.now_us
    shop.turn(DAY_US)
    set_back(shop, tmp_path / "copy.db")
    tell(shop.database, prices=[price("p1", 900, at_us=first_us)], now_us=shop.now_us)
    shop.settle_all()
    assert shop.stage.paid() == {("o1", 100, "succeeded"): 1}
    assert needs(shop.database) == []
    settled_once(shop)


def test_a_store_set_back_looks_for_what_is_pending_and_never_asks_anew(shop: Shop, tmp_path: Path):
    """The key of a refund that the bank takes days over is forgotten meanwhile: asked with again, it would be another refund."""
    shop.sell([line("a", order="o1")])
    copied(shop, tmp_path / "copy.db")
    shop.turn(DAY_US)
    shop.drop("p1", 900)
    shop.stage.faults(pending_then_succeeded=1000, settle_after_s=40 * 86_400)
    shop.pay()
    first_us = shop.now_us
    shop.turn(DAY_US)
    set_back(shop, tmp_path / "copy.db")
    tell(shop.database, prices=[price("p1", 900, at_us=first_us)], now_us=shop.now_us)
    for _ in range(6):
        shop.decide()
        shop.pay()
        shop.turn(12 * HOUR_US)
    assert len(shop.stage.refunds()) == 1
    shop.stage.settle()
    shop.settle_all()
    assert shop.stage.paid() == {("o1", 100, "succeeded"): 1}
    settled_once(shop)


def test_a_store_set_back_pays_the_second_of_two_refunds_no_second_time(shop: Shop, tmp_path: Path):
    """The second refund's entry came after the steps of the first; told again, it may come before or between them."""
    shop.sell([line("a", order="o1")])
    shop.turn(DAY_US)
    shop.drop("p1", 900)
    copied(shop, tmp_path / "copy.db")
    shop.pay()
    shop.turn(DAY_US)
    shop.drop("p2", 850)
    shop.pay()
    second_us = shop.now_us
    shop.turn(DAY_US)
    set_back(shop, tmp_path / "copy.db")
    tell(shop.database, prices=[price("p2", 850, at_us=second_us)], now_us=shop.now_us)
    shop.settle_all()
    assert shop.stage.paid() == {("o1", 100, "succeeded"): 1, ("o1", 50, "succeeded"): 1}
    assert needs(shop.database) == []
    settled_once(shop)
