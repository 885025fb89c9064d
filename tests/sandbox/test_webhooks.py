"""What the sandbox tells: signed news of every state, and all that can befall it on the way."""

import time
from datetime import UTC, datetime

import msgspec
import pytest
from standardwebhooks.webhooks import Webhook

from tests.sandbox.provider import SECRET, Mailbox, Provider, until, verifies


def told(mailbox: Mailbox, refund: str, letters: int) -> list[tuple[str, bool]]:
    return until(lambda: seen if len(seen := mailbox.about(refund)) >= letters else [])


def test_every_state_of_a_refund_is_told_and_can_be_verified(provider: Provider, mailbox: Mailbox):
    provider.faults(pending_then_failed=1000)
    refund = provider.refund(provider.payment()).json()["id"]
    told(mailbox, refund, 1)
    provider.web.post("/settle")
    assert told(mailbox, refund, 2) == [("pending", True), ("failed", True)]


def test_news_has_the_shape_of_an_event_and_an_id_of_its_own(provider: Provider, mailbox: Mailbox):
    refund = provider.refund(provider.payment()).json()["id"]
    told(mailbox, refund, 1)
    headers, body = mailbox.letters[-1]
    event = f"evt_{refund.removeprefix('re_')}_1"
    assert headers["webhook-id"] == event
    assert Webhook(SECRET).verify(body, headers) == {
        "type": "refund.updated",
        "id": event,
        "data": {"id": refund, "state": "succeeded"},
    }


def test_news_that_is_refused_is_sent_three_times_more(provider: Provider, mailbox: Mailbox):
    mailbox.refuse_next = 3
    refund = provider.refund(provider.payment()).json()["id"]
    assert told(mailbox, refund, 1) == [("succeeded", True)]
    assert mailbox.refuse_next == 0


@pytest.mark.parametrize("babble", [b"", b"\r\n\r\n", b"hello\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"x" * 100_000])
def test_news_that_is_answered_with_nonsense_is_sent_again(provider: Provider, mailbox: Mailbox, babble: bytes):
    mailbox.babble = babble
    refund = provider.refund(provider.payment()).json()["id"]
    assert told(mailbox, refund, 1) == [("succeeded", True)]
    assert mailbox.babble is None


def test_lost_news_never_comes(provider: Provider, mailbox: Mailbox):
    provider.faults(webhook_lost=1000)
    lost = provider.refund(provider.payment()).json()["id"]
    provider.faults()
    later = [provider.refund(provider.payment()).json()["id"] for _ in range(5)]
    for refund in later:
        told(mailbox, refund, 1)
    assert mailbox.about(lost) == []


def test_news_may_come_twice_under_one_id(provider: Provider, mailbox: Mailbox):
    provider.faults(webhook_twice=1000)
    refund = provider.refund(provider.payment()).json()["id"]
    assert told(mailbox, refund, 2) == [("succeeded", True)] * 2
    (first, _), (second, _) = mailbox.letters[-2:]
    assert first["webhook-id"] == second["webhook-id"]


def test_late_news_comes_after_the_time_it_was_told(provider: Provider, mailbox: Mailbox):
    provider.faults(webhook_late_ms=200)
    began = time.monotonic()
    refund = provider.refund(provider.payment()).json()["id"]
    told(mailbox, refund, 1)
    assert time.monotonic() - began >= 0.2


def test_reordered_news_of_a_refund_tells_the_last_state_first(provider: Provider, mailbox: Mailbox):
    provider.faults(webhook_reordered=1000, pending_then_succeeded=1000)
    refund = provider.refund(provider.payment()).json()["id"]
    provider.web.post("/settle")
    assert told(mailbox, refund, 2) == [("succeeded", True), ("pending", True)]


def test_reordered_news_of_a_settled_refund_comes_after_that_of_the_next(provider: Provider, mailbox: Mailbox):
    provider.faults(webhook_reordered=1000)
    first, second = (provider.refund(provider.payment()).json()["id"] for _ in range(2))
    told(mailbox, first, 1)
    refunds = [msgspec.json.decode(body)["data"]["id"] for _, body in mailbox.letters[-2:]]
    assert refunds == [second, first]


def test_a_forgery_says_something_else_and_is_refused_by_its_signature(provider: Provider, mailbox: Mailbox):
    provider.faults(webhook_forged=1000)
    for _ in range(12):  # both kinds of forger
        refund = provider.refund(provider.payment()).json()["id"]
        assert told(mailbox, refund, 2) == [("failed", False), ("succeeded", True)]


def test_stale_news_was_rightly_signed_too_long_ago(provider: Provider, mailbox: Mailbox):
    provider.faults(webhook_stale=1000)
    refund = provider.refund(provider.payment()).json()["id"]
    assert sorted(told(mailbox, refund, 2)) == [("succeeded", False), ("succeeded", True)]
    stale, body = next(letter for letter in mailbox.letters[-2:] if not verifies(*letter))
    signed_at = datetime.fromtimestamp(int(stale["webhook-timestamp"]), UTC)
    assert Webhook(SECRET).sign(stale["webhook-id"], signed_at, body.decode()) == stale["webhook-signature"]
