"""Webhooks come twice, late, in the wrong order, forged, stale or never: they are hints, and change nothing that is wrong."""

import time
from datetime import UTC, datetime

import msgspec
import pytest
from standardwebhooks.webhooks import Webhook

from houbei.runs.hooks import take_event
from houbei.runs.reconcile import reconcile
from tests.reliability.shop import DAY_US, SECOND_US, Shop, line, needs, rows_of, settled_once, states
from tests.sandbox.provider import SECRET, Mailbox, until

LINES = [line(f"l{k}", order=f"o{k}") for k in range(6)]


def bring_letters(shop: Shop, mailbox: Mailbox, *, times: int = 1) -> list[bool]:
    """Hand what came to the store, as its own address for webhooks does."""
    letters = list(mailbox.letters) * times
    return [
        take_event(shop.database, secret=SECRET, headers=headers, body=body, now_us=shop.now_us)
        for headers, body in letters
    ]


def pay_with(shop: Shop, **faults: int) -> None:
    shop.sell(LINES)
    shop.stage.faults(**faults)
    shop.turn(DAY_US)
    shop.drop("p1", 900)
    shop.pay()


@pytest.mark.parametrize(
    "faults",
    [
        {"webhook_twice": 1000},
        {"webhook_reordered": 1000, "pending_then_failed": 500},
        {"webhook_forged": 1000},
        {"webhook_stale": 1000},
        {"webhook_late_ms": 50, "pending_then_failed": 500},
        {"webhook_twice": 500, "webhook_reordered": 500, "webhook_forged": 500, "webhook_stale": 500},
    ],
    ids="+".join,
)
def test_whatever_befalls_webhooks_the_books_say_what_the_provider_did(
    told_shop: Shop, mailbox: Mailbox, faults: dict[str, int]
):
    shop = told_shop
    pay_with(shop, **faults, lost_reply=300)
    shop.stage.settle()
    until(lambda: len(mailbox.letters) >= 6, within_s=15)
    bring_letters(shop, mailbox, times=2)
    shop.look()
    shop.stage.faults(lost_reply=0)
    shop.settle_all()
    settled_once(shop)
    assert {state for _, state in states(shop.database)} <= {"reconciled", "credited"}
    assert needs(shop.database) == []


def test_a_forged_or_stale_event_is_not_kept(told_shop: Shop, mailbox: Mailbox):
    pay_with(told_shop, webhook_forged=1000, webhook_stale=1000)
    until(lambda: len(mailbox.letters) >= 18)
    taken = bring_letters(told_shop, mailbox)
    assert sorted(taken) == [False] * 12 + [True] * 6


def test_an_event_that_comes_twice_is_looked_at_once(told_shop: Shop, mailbox: Mailbox):
    pay_with(told_shop)
    until(lambda: len(mailbox.letters) >= 6)
    assert all(bring_letters(told_shop, mailbox, times=3))
    told_shop.look()
    assert rows_of(told_shop.database, "SELECT COUNT(*), SUM(looked) FROM hooks") == [(6, 6)]
    entries = rows_of(told_shop.database, "SELECT COUNT(*) FROM entries")
    assert all(bring_letters(told_shop, mailbox))
    told_shop.look()
    assert rows_of(told_shop.database, "SELECT COUNT(*) FROM entries") == entries


def test_an_event_that_comes_before_our_own_answer_is_recorded_settles_it_once(told_shop: Shop, mailbox: Mailbox):
    """The reply is lost, the event is not: it is settled without another call for it, and the later look adds nothing."""
    pay_with(told_shop, lost_reply=1000)
    assert states(told_shop.database) == {("refund", "unknown"): 6}
    until(lambda: len(mailbox.letters) >= 6)
    bring_letters(told_shop, mailbox)
    told_shop.look()
    assert states(told_shop.database) == {("refund", "confirmed"): 6}
    told_shop.turn(DAY_US)
    assert told_shop.pay() == 0
    settled_once(told_shop)


def test_an_event_of_a_refund_that_nobody_knows_is_forgotten(told_shop: Shop):
    body = msgspec.json.encode({"id": "evt_1", "data": {"id": "re_000000000099"}})
    headers = signed(body)
    assert take_event(told_shop.database, secret=SECRET, headers=headers, body=body, now_us=told_shop.now_us)
    told_shop.look()
    assert rows_of(told_shop.database, "SELECT looked FROM hooks") == [(1,)]
    assert needs(told_shop.database) == []


def test_what_no_webhook_told_the_next_reconciliation_finds(told_shop: Shop):
    pay_with(told_shop, webhook_lost=1000, pending_then_failed=1000, settle_after_s=3600)
    assert states(told_shop.database) == {("refund", "instructed"): 6}
    told_shop.stage.settle()
    told_shop.reconcile()
    assert states(told_shop.database) == {("refund", "credited"): 6}
    settled_once(told_shop)


def test_a_refund_that_comes_back_after_it_was_reconciled_is_told_by_its_webhook(told_shop: Shop, mailbox: Mailbox):
    shop = told_shop
    pay_with(shop, succeeded_then_failed=1000, settle_after_s=3600)
    shop.reconcile()
    assert states(shop.database) == {("refund", "reconciled"): 6}
    shop.turn(2 * 3600 * SECOND_US)
    shop.stage.settle()
    until(lambda: len(mailbox.letters) >= 12)
    bring_letters(shop, mailbox)
    shop.look()
    assert states(shop.database) == {("refund", "credited"): 6}
    settled_once(shop)


def test_a_refund_that_comes_back_and_is_told_by_nobody_is_found_when_all_is_read_again(told_shop: Shop):
    shop = told_shop
    pay_with(shop, webhook_lost=1000, succeeded_then_failed=1000, settle_after_s=3600)
    shop.reconcile()
    shop.turn(2 * 3600 * SECOND_US)
    shop.stage.settle()
    reconcile(shop.database, shop.provider, now_us=shop.now_us, from_start=True)
    assert states(shop.database) == {("refund", "credited"): 6}
    settled_once(shop)


def signed(body: bytes) -> dict[str, str]:
    at = datetime.fromtimestamp(time.time(), UTC)  # noqa: TID251  signatures are of the machine's time
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(SECRET).sign("msg_1", at, body.decode()),
    }
