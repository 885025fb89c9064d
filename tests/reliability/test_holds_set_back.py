"""A store that is set back to an older copy finds its holds at the provider: none is made twice, none forgotten, none mistaken."""

import shutil
from pathlib import Path

import pytest

from houbei.case.stages import Secured
from houbei.ids import hold_key
from houbei.store.database import open_database
from tests.reliability.shop import DAY_US, Shop
from tests.reliability.swaps import VALUE, Swaps, agree
from tests.reliability.test_holds import keeps_both


@pytest.fixture
def swaps(shop: Shop) -> Swaps:
    return Swaps(shop=shop)


def copied(shop: Shop, to: Path) -> None:
    shop.database.dispose()
    shutil.copyfile(str(shop.database.url.database), to)


def set_back(shop: Shop, copy: Path) -> None:
    shop.database.dispose()
    path = Path(str(shop.database.url.database))
    for name in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        name.unlink(missing_ok=True)
    shutil.copyfile(copy, path)
    shop.database = open_database(path)


@pytest.mark.parametrize("reconciles", [True, False])
def test_a_store_set_back_to_before_the_hold_makes_no_second_one(swaps: Swaps, tmp_path: Path, *, reconciles: bool):
    """Two days later: the provider has forgotten the key, so only looking helps."""
    swaps.opens("c1")
    copied(swaps.shop, tmp_path / "copy.db")
    swaps.carry_out()
    swaps.shop.turn(2 * DAY_US)
    set_back(swaps.shop, tmp_path / "copy.db")
    if reconciles:
        swaps.reconcile()
        assert swaps.told("c1") == ["held"]
    swaps.carry_out()
    assert swaps.told("c1") == ["held"]
    assert len(swaps.at_provider()) == 1
    agree(swaps)


def test_a_store_set_back_to_before_its_case_was_told_learns_of_the_hold_when_it_is_told_again(
    swaps: Swaps, tmp_path: Path
):
    copied(swaps.shop, tmp_path / "copy.db")
    swaps.opens("c1")
    swaps.carry_out()
    swaps.shop.turn(2 * DAY_US)
    set_back(swaps.shop, tmp_path / "copy.db")
    assert swaps.reconcile().outside == 1
    assert swaps.needs() == ["outside_hold"]
    swaps.opens("c1")
    swaps.settle_all()
    assert swaps.told("c1") == ["held"]
    assert swaps.needs() == []
    assert len(swaps.at_provider()) == 1
    agree(swaps)


def test_a_store_set_back_to_before_the_end_lets_nothing_stay_held_and_takes_nothing_again(
    swaps: Swaps, tmp_path: Path
):
    keeps_both(swaps)
    copied(swaps.shop, tmp_path / "copy.db")
    swaps.capture("c1", 7_000)
    swaps.carry_out()
    swaps.shop.turn(DAY_US)
    set_back(swaps.shop, tmp_path / "copy.db")
    swaps.reconcile()
    assert swaps.told("c1") == ["held", "captured"]
    assert swaps.capture("c1", 7_000) == "no_hold"
    swaps.settle_all()
    agree(swaps)


def test_a_hold_of_another_case_under_the_same_number_is_not_taken_for_this_ones(swaps: Swaps):
    """Numbers of cases are given anew after a restore; the key is of the unit and its report, and tells them apart."""
    swaps.opens("c1")
    other = hold_key(thread="shop/another unit/1", number=1)
    body = {
        "payment": "order-c1",
        "amount_minor": 500,
        "currency": "USD",
        "metadata": {"houbei_settlement": other, "case": "c1", "number": "1"},
    }
    swaps.shop.stage.web.post("/holds", json=body, headers={"Idempotency-Key": "k"})
    assert swaps.reconcile().outside == 1
    swaps.carry_out()
    assert swaps.case("c1").secured_minor == VALUE
    assert swaps.needs() == ["outside_hold"]


def test_a_hold_of_another_amount_under_our_key_waits_for_a_person(swaps: Swaps):
    swaps.opens("c1")
    body = {
        "payment": "order-c1",
        "amount_minor": 500,
        "currency": "USD",
        "metadata": {"houbei_settlement": hold_key(thread="shop/c1/1", number=1), "case": "c1", "number": "1"},
    }
    swaps.shop.stage.web.post("/holds", json=body, headers={"Idempotency-Key": "k"})
    swaps.carry_out()
    assert swaps.needs() == ["parked_hold"]
    assert len(swaps.at_provider()) == 1
    assert swaps.case("c1").secured is Secured.NOTHING
