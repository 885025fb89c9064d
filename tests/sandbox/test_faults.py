"""Each fault, struck for sure: what the caller sees, and what has happened all the same."""

import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from houbei.sandbox.faults import Faults, seeded
from tests.sandbox.provider import Provider, new_name, until

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)


def test_a_lost_reply_closes_the_connection_after_the_refund_was_made(provider: Provider):
    payment, key = provider.payment(), new_name("key")
    provider.faults(lost_reply=1000)
    with pytest.raises(httpx2.RemoteProtocolError):
        provider.refund(payment, key=key)
    (made,) = provider.made(payment)
    provider.faults()
    assert provider.refund(payment, key=key).json() == made


def test_an_error_after_acting_hides_a_refund_that_its_key_finds_again(provider: Provider):
    payment, key = provider.payment(), new_name("key")
    provider.faults(error_after_acting=1000)
    assert provider.refund(payment, key=key).status_code == 500
    (made,) = provider.made(payment)
    assert provider.refund(payment, key=key).json() == made


def test_a_replayed_500_is_all_that_its_key_ever_finds(provider: Provider):
    payment, key = provider.payment(), new_name("key")
    provider.faults(error_after_acting=1000, replay_500=True)
    assert provider.refund(payment, key=key).status_code == 500
    provider.faults()
    again = provider.refund(payment, key=key)
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (500, "true")
    assert len(provider.made(payment)) == 1


def test_an_error_before_acting_does_nothing_and_keeps_nothing(provider: Provider):
    payment, key = provider.payment(), new_name("key")
    provider.faults(error_before_acting=1000)
    assert {provider.refund(payment, key=key).status_code for _ in range(40)} == {500, 503}
    assert provider.made(payment) == []
    provider.faults()
    assert "Idempotent-Replayed" not in provider.refund(payment, key=key).headers


def test_a_conflict_is_claimed_although_nothing_runs(provider: Provider):
    payment = provider.payment()
    provider.faults(conflict=1000)
    reply = provider.refund(payment)
    assert (reply.status_code, reply.json()["code"]) == (409, "key_in_use")
    assert provider.made(payment) == []


def test_a_throttled_caller_is_told_when_to_come_again(provider: Provider):
    payment = provider.payment()
    provider.faults(throttle=1000)
    for reply in (
        provider.refund(payment),
        provider.web.get("/refunds"),
        provider.web.get("/statement?day=2026-11-10"),
    ):
        assert (reply.status_code, reply.json()["code"], reply.headers["Retry-After"]) == (429, "throttled", "1")
    provider.faults()
    assert provider.made(payment) == []


def test_a_slow_refund_is_made_late_and_keeps_its_key_in_use_until_then(provider: Provider):
    payment, key = provider.payment(), new_name("key")
    provider.faults(slow=1000, slow_ms=400)
    with ThreadPoolExecutor(2) as callers:
        asking = [callers.submit(provider.refund, payment, 100, key=key) for _ in range(2)]
        (refused,), (slow,) = wait(asking, return_when=FIRST_COMPLETED)
        assert refused.result().json()["code"] == "key_in_use"
        assert provider.web.get(f"/payments/{payment}").json()["refunded_minor"] == 0
        assert slow.result().status_code == 201
    assert provider.made(payment) == [slow.result().json()]


def test_a_slow_look_takes_as_long_as_was_asked(provider: Provider):
    provider.faults(slow=1000, slow_ms=150)
    began = time.monotonic()
    provider.web.get("/refunds?limit=1")
    assert 0.15 <= time.monotonic() - began < Faults().slow_ms / 1000


def test_an_unavailable_provider_takes_no_call_and_its_stage_still_does(provider: Provider):
    payment = provider.payment()
    provider.faults(unavailable=True)
    calls = [provider.refund(payment), provider.web.post("/payments", json={"payments": []})]
    calls += [provider.web.get(path) for path in ("/refunds", "/statement?day=2026-11-10", f"/payments/{payment}")]
    assert {(reply.status_code, reply.json()["code"]) for reply in calls} == {(503, "unavailable")}
    assert provider.web.get("/totals").status_code == 200
    provider.faults()
    assert provider.made(payment) == []


@pytest.mark.parametrize(
    ("fault", "states", "failure_code"),
    [
        ("pending_then_succeeded", ["pending", "succeeded"], None),
        ("pending_then_failed", ["pending", "failed"], "declined_by_bank"),
        ("succeeded_then_failed", ["succeeded", "failed"], "returned_by_bank"),
        ("failed_at_once", ["failed", "failed"], "declined_by_bank"),
    ],
)
def test_a_refund_goes_through_its_states_as_its_time_comes(
    provider: Provider, fault: str, states: list[str], failure_code: str | None
):
    provider.faults(**{fault: 1000}, settle_after_s=60)
    provider.clock(NOON)
    made = provider.refund(provider.payment()).json()
    provider.clock(NOON + timedelta(seconds=60, microseconds=-1))
    assert [made["state"], provider.look(made["id"])["state"]] == [states[0], states[0]]
    provider.clock(NOON + timedelta(seconds=60))
    settled = provider.look(made["id"])
    assert (settled["state"], settled["failure_code"]) == (states[1], failure_code)


def test_a_refund_may_be_pending_then_succeed_and_then_come_back(provider: Provider):
    provider.faults(pending_then_succeeded=1000, succeeded_then_failed=1000)
    refund = provider.refund(provider.payment()).json()["id"]
    seen = [provider.look(refund)["state"]]
    for _ in range(2):
        provider.web.post("/settle")
        seen.append(provider.look(refund)["state"])
    assert seen == ["pending", "succeeded", "failed"]


def test_a_clock_that_jumps_far_takes_a_refund_through_all_its_states(provider: Provider):
    provider.faults(pending_then_succeeded=1000, succeeded_then_failed=1000, settle_after_s=60)
    provider.clock(NOON)
    refund = provider.refund(provider.payment()).json()["id"]
    provider.clock(NOON + timedelta(days=1))
    returned = provider.look(refund)
    assert (returned["state"], returned["updated_at"]) == ("failed", "2026-11-10T12:02:00Z")


def test_a_pending_refund_settles_by_itself_on_the_systems_clock(provider: Provider):
    provider.faults(pending_then_succeeded=1000, settle_after_s=0)
    refund = provider.refund(provider.payment()).json()["id"]
    assert until(lambda: provider.look(refund)["state"] == "succeeded")


def test_a_key_lives_as_long_as_it_is_told(provider: Provider):
    payment, key = provider.payment(), new_name("key")
    provider.faults(key_lifetime_s=60)
    provider.clock(NOON)
    first = provider.refund(payment, key=key).json()["id"]
    provider.clock(NOON + timedelta(seconds=60))
    assert provider.refund(payment, key=key).json()["id"] != first


def test_a_chance_strikes_now_and_then_and_for_the_same_seed_at_the_same_times():
    seven, seven_again, eight = ([dice.strikes(300) for _ in range(1000)] for dice in map(seeded, (7, 7, 8), (0, 0, 0)))
    assert seven == seven_again != eight
    assert 250 < sum(seven) < 350


def test_no_chance_never_strikes_and_certainty_always_does():
    dice = seeded(7, 0)
    assert [dice.strikes(0) for _ in range(1000)] == [False] * 1000
    assert [dice.strikes(1000) for _ in range(1000)] == [True] * 1000


@pytest.mark.parametrize(
    "changes", [{"lost_replies": 1}, {"lost_reply": 1001}, {"lost_reply": -1}, {"lost_reply": "1"}, {"unavailable": 1}]
)
def test_a_fault_that_cannot_be_is_refused_and_changes_nothing(provider: Provider, changes: dict[str, object]):
    reply = provider.web.post("/faults", json={"conflict": 1, **changes})
    assert (reply.status_code, reply.json()["code"]) == (400, "unreadable")
    assert provider.web.get("/faults").json()["conflict"] == Faults().conflict
