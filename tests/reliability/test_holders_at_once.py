"""Three processes carry out the same holds at once, and the provider tells of them besides: each is made, told and taken once."""

from pathlib import Path
from typing import Any

import pytest

from houbei.facts.steps import What
from houbei.payments.sandbox import Sandbox
from houbei.runs.holds import reconcile_holds, run_holds
from houbei.runs.hooks import look_at_events, take_event
from houbei.store.database import open_database
from tests.reliability.conftest import Opened
from tests.reliability.sandboxes import MAKER
from tests.reliability.shop import DAY_US, PAST_LEASE_US, Shop
from tests.reliability.swaps import Swaps, ToldCases, agree, alive_by_case
from tests.reliability.test_holds import keeps_both
from tests.sandbox.provider import SECRET, Mailbox, until

WORKERS, CASES = 3, 12
FAULTS = {"lost_reply": 150, "error_after_acting": 100, "conflict": 100, "slow": 200, "slow_ms": 15}


def works(path: Path, address: str, now_us: int, name: int) -> None:
    """Carry out and reconcile, again and again; claims seem to run out at once, so that the others' are looked at meanwhile."""
    database, provider = open_database(path), Sandbox(address)
    for turn in range(12):
        later_us = now_us + turn * PAST_LEASE_US
        run_holds(database, provider, ToldCases(), now_us=later_us, holder=f"{name}/{turn}", most=5)
        if turn % 4 == name:
            reconcile_holds(database, provider, ToldCases(), now_us=later_us)
    database.dispose()
    provider.close()


def work_at_once(swaps: Swaps) -> None:
    path, address = Path(str(swaps.shop.database.url.database)), str(swaps.shop.stage.web.base_url)
    workers = [MAKER.Process(target=works, args=(path, address, swaps.shop.now_us, name)) for name in range(WORKERS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert [worker.exitcode for worker in workers] == [0] * WORKERS
    swaps.shop.turn(20 * PAST_LEASE_US)


def test_three_processes_make_each_hold_once_and_take_of_each_once(open_shop: Opened):
    swaps = Swaps(shop=open_shop(faults=FAULTS))
    names = [f"c{k}" for k in range(CASES)]
    for name in names:
        swaps.opens(name)
    work_at_once(swaps)
    swaps.settle_all()
    assert [swaps.told(name) for name in names] == [["held"]] * CASES
    assert alive_by_case(swaps.at_provider()) == dict.fromkeys(names, 1)
    for name in names:
        swaps.say(name, What.SLOT_CHOSEN, from_us=swaps.shop.now_us, until_us=swaps.shop.now_us + DAY_US)
        swaps.say(name, What.RESERVED, serial="n1")
        swaps.say(name, What.DISPATCHED)
        swaps.say(name, What.DELIVERED, new_serial="n1")
        assert swaps.capture(name, 1_234) is None
    work_at_once(swaps)
    swaps.shop.stage.faults(**dict.fromkeys(("lost_reply", "error_after_acting", "conflict", "slow"), 0))
    swaps.settle_all()
    assert [swaps.told(name) for name in names] == [["held", "captured"]] * CASES
    assert [hold["captured_minor"] for hold in swaps.at_provider()] == [1_234] * CASES
    agree(swaps)


# --- the provider tells -----------------------------------------------------------------------------------------------


def bring_letters(shop: Shop, mailbox: Mailbox) -> list[bool]:
    """Hand what came to the store, twice, as its own address for webhooks does."""
    return [
        take_event(shop.database, secret=SECRET, headers=headers, body=body, now_us=shop.now_us)
        for headers, body in list(mailbox.letters) * 2
    ]


def test_an_event_of_a_hold_whose_reply_was_lost_tells_the_case_once(told_shop: Shop, mailbox: Mailbox):
    swaps = Swaps(shop=told_shop)
    swaps.opens("c1")
    told_shop.stage.faults(lost_reply=1000)
    swaps.round()
    assert swaps.told("c1") == []
    until(lambda: mailbox.letters)
    bring_letters(told_shop, mailbox)
    swaps.look()
    swaps.look()
    assert swaps.told("c1") == ["held"]
    told_shop.stage.faults(lost_reply=0)
    swaps.settle_all()
    assert swaps.told("c1") == ["held"]
    agree(swaps)


@pytest.mark.parametrize(
    "faults",
    [
        {"webhook_lost": 1000},
        {"webhook_twice": 1000},
        {"webhook_reordered": 1000},
        {"webhook_forged": 1000, "webhook_stale": 1000},
    ],
    ids="+".join,
)
def test_whatever_befalls_the_events_of_a_hold_its_case_is_told_what_the_provider_did(
    told_shop: Shop, mailbox: Mailbox, faults: dict[str, int]
):
    swaps = Swaps(shop=told_shop)
    told_shop.stage.faults(**faults)
    keeps_both(swaps)
    told_shop.turn(5 * DAY_US + DAY_US // 2)
    swaps.carry_out()
    told_shop.turn(8 * DAY_US)
    lost = "webhook_lost" in faults
    until(lambda: lost or any(b"expired" in body for _, body in mailbox.letters), within_s=15)
    bring_letters(told_shop, mailbox)
    swaps.look()
    swaps.settle_all()
    assert swaps.told("c1") == ["held", "hold_renewed", "hold_lapsed", "held"]
    agree(swaps)


def test_events_of_holds_are_passed_over_where_no_cases_are_kept(told_shop: Shop, mailbox: Mailbox):
    swaps: Any = Swaps(shop=told_shop)
    swaps.opens("c1")
    swaps.carry_out()
    until(lambda: mailbox.letters)
    bring_letters(told_shop, mailbox)
    assert look_at_events(told_shop.database, told_shop.provider, now_us=told_shop.now_us) == 1
    assert look_at_events(told_shop.database, told_shop.provider, now_us=told_shop.now_us) == 0
