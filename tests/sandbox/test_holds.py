"""Holds at the sandbox: set aside once for a key, renewed, captured once and never above, let go, gone by themselves."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest

from houbei.sandbox.process import start_sandbox
from tests.sandbox.provider import Mailbox, Provider, new_name, until

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
WEEK = timedelta(days=7)
TICK = timedelta(microseconds=1)
ACTS = [("renew", None), ("capture", 40), ("release", None)]


def test_a_hold_is_made_and_can_be_looked_up_by_what_it_is_known_by(provider: Provider):
    provider.clock(NOON)
    payment, settlement = provider.payment(), new_name("settlement")
    made = provider.hold(payment, 300, metadata={"houbei_settlement": settlement})
    assert made.status_code == 201
    assert made.json() == {
        "id": made.json()["id"],
        "state": "authorised",
        "version": 1,
        "amount_minor": 300,
        "captured_minor": 0,
        "currency": "USD",
        "payment": payment,
        "metadata": {"houbei_settlement": settlement},
        "created_at": "2026-11-10T12:00:00Z",
        "updated_at": "2026-11-10T12:00:00Z",
        "expires_at": "2026-11-17T12:00:00Z",
        "failure_code": None,
    }
    assert provider.look_at_hold(made.json()["id"]) == made.json()
    assert provider.held(payment) == [made.json()]
    assert provider.web.get("/holds", params={"settlement": settlement}).json() == {"data": [made.json()], "next": None}


def test_pages_of_holds_follow_each_other_without_gap_or_repetition(provider: Provider):
    payment = provider.payment()
    made = [provider.hold(payment, minor).json()["id"] for minor in (1, 2, 3, 4, 5)]
    pages, after = [], None
    while not pages or after is not None:
        asked = {"payment": payment, "limit": 2} | ({} if after is None else {"after": after})
        page = provider.web.get("/holds", params=asked).json()
        pages.append([hold["id"] for hold in page["data"]])
        after = page["next"]
    assert pages == [made[:2], made[2:4], made[4:]]


def test_a_hold_is_gone_by_itself_when_its_time_is_over_and_nothing_can_be_done_with_it(provider: Provider):
    provider.clock(NOON)
    hold = provider.hold(provider.payment()).json()["id"]
    provider.clock(NOON + WEEK - TICK)
    assert provider.look_at_hold(hold)["state"] == "authorised"
    provider.clock(NOON + WEEK)
    gone = provider.look_at_hold(hold)
    assert (gone["state"], gone["updated_at"]) == ("expired", gone["expires_at"])
    assert {provider.act(hold, act, amount).json()["code"] for act, amount in ACTS} == {"hold_over"}


def test_a_hold_lasts_as_long_as_it_is_told(provider: Provider):
    provider.faults(hold_lifetime_s=60)
    provider.clock(NOON)
    hold = provider.hold(provider.payment()).json()["id"]
    provider.clock(NOON + timedelta(seconds=60))
    assert provider.look_at_hold(hold)["state"] == "expired"


def test_a_hold_that_is_renewed_lasts_anew_from_then(provider: Provider):
    provider.clock(NOON)
    hold = provider.hold(provider.payment()).json()["id"]
    for day in (6, 12):
        provider.clock(NOON + timedelta(days=day))
        renewed = provider.act(hold, "renew").json()
    assert (renewed["state"], renewed["version"], renewed["expires_at"]) == ("renewed", 3, "2026-11-29T12:00:00Z")
    provider.clock(NOON + timedelta(days=19) - TICK)
    assert provider.act(hold, "capture", 100).json()["captured_minor"] == 100


def test_a_part_is_captured_once_and_the_rest_is_let_go(provider: Provider):
    hold = provider.hold(provider.payment(), 100).json()["id"]
    taken = provider.act(hold, "capture", 40).json()
    assert (taken["state"], taken["amount_minor"], taken["captured_minor"]) == ("captured", 100, 40)
    assert provider.act(hold, "capture", 60).json()["code"] == "hold_over"
    assert provider.look_at_hold(hold) == taken


def test_what_was_captured_is_a_payment_and_can_be_refunded_to_the_cent(provider: Provider):
    hold = provider.hold(provider.payment(), 100).json()["id"]
    assert provider.refund(hold, 1).json()["code"] == "payment_unknown"
    provider.act(hold, "capture", 40)
    assert provider.refund(hold, 41).json()["code"] == "exceeds_captured"
    assert provider.refund(hold, 40).status_code == 201


@pytest.mark.parametrize(
    ("amount", "code"), [(0, "bad_amount"), (-1, "bad_amount"), (101, "exceeds_held"), (10**30, "exceeds_held")]
)
def test_nothing_above_the_hold_and_nothing_below_a_cent_is_captured(provider: Provider, amount: int, code: str):
    hold = provider.hold(provider.payment(), 100).json()["id"]
    reply = provider.act(hold, "capture", amount)
    assert (reply.status_code, reply.json()["code"]) == (422, code)
    assert provider.look_at_hold(hold)["state"] == "authorised"


def test_many_captures_at_once_take_one_part(provider: Provider):
    hold = provider.hold(provider.payment(), 100).json()["id"]
    provider.faults(slow=500, slow_ms=20)
    with ThreadPoolExecutor(12) as callers:
        replies = list(callers.map(lambda minor: provider.act(hold, "capture", minor), range(40, 64)))
    (done,) = [reply.json() for reply in replies if reply.status_code == 200]
    assert provider.look_at_hold(hold) == done


def test_a_hold_that_is_released_is_over(provider: Provider):
    hold = provider.hold(provider.payment()).json()["id"]
    assert provider.act(hold, "release").json()["state"] == "released"
    assert provider.act(hold, "capture", 1).json()["code"] == "hold_over"


def test_a_card_that_refuses_leaves_a_hold_that_was_refused_and_a_renewal_that_changes_nothing(provider: Provider):
    held = provider.hold(provider.payment()).json()
    provider.faults(card_refuses=1000)
    payment = provider.payment()
    refused = provider.hold(payment)
    assert (refused.status_code, refused.json()["state"], refused.json()["failure_code"]) == (
        201,
        "refused",
        "declined_by_bank",
    )
    assert provider.act(refused.json()["id"], "capture", 1).json()["code"] == "hold_over"
    assert provider.act(held["id"], "renew").json()["code"] == "card_refused"
    assert provider.look_at_hold(held["id"]) == held


# --- keys -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("act", "amount"), ACTS)
def test_an_act_that_comes_again_under_its_key_is_answered_as_it_was(provider: Provider, act: str, amount: int | None):
    hold, key = provider.hold(provider.payment()).json()["id"], new_name("key")
    first = provider.act(hold, act, amount, key=key)
    again = provider.act(hold, act, amount, key=key)
    assert (again.status_code, again.json(), again.headers["Idempotent-Replayed"]) == (200, first.json(), "true")
    assert provider.look_at_hold(hold)["version"] == 2


def test_a_key_belongs_to_one_act_on_one_hold(provider: Provider):
    payment, key = provider.payment(), new_name("key")
    first, second = (provider.hold(payment, key=one).json()["id"] for one in (key, new_name("key")))
    assert provider.act(first, "release", key=key).json()["code"] == "key_reused"
    assert provider.refund(payment, key=key).json()["code"] == "key_reused"
    release = new_name("key")
    provider.act(first, "release", key=release)
    assert provider.act(second, "release", key=release).json()["code"] == "key_reused"
    assert provider.look_at_hold(second)["state"] == "authorised"


def test_a_key_that_is_forgotten_makes_a_second_hold_but_no_second_capture(provider: Provider):
    payment, key, capture = provider.payment(), new_name("key"), new_name("key")
    provider.clock(NOON)
    hold = provider.hold(payment, key=key).json()["id"]
    provider.act(hold, "capture", 40, key=capture)
    provider.clock(NOON + timedelta(days=1))
    assert provider.hold(payment, key=key).json()["id"] != hold
    assert provider.act(hold, "capture", 40, key=capture).json()["code"] == "hold_over"
    assert len(provider.held(payment)) == 2


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"amount_minor": 0}, 422, "bad_amount"),
        ({"amount_minor": 10**15 + 1}, 422, "bad_amount"),
        ({"currency": "EUR"}, 422, "currency_mismatch"),
        ({"payment": "nobody's"}, 404, "payment_unknown"),
        ({"amount_minor": "300"}, 400, "unreadable"),
        ({"reason": "unknown field"}, 400, "unreadable"),
    ],
)
def test_what_cannot_be_held_is_refused_with_its_code(
    provider: Provider, asked: dict[str, object], status: int, code: str
):
    body = {"payment": provider.payment(1000), "amount_minor": 300, "currency": "USD"} | asked
    reply = provider.web.post("/holds", json=body, headers={"Idempotency-Key": new_name("key")})
    assert (reply.status_code, reply.json()["code"]) == (status, code)
    assert provider.held(str(body["payment"])) == []


def test_a_closed_account_takes_no_new_hold_and_one_without_a_key_is_refused(provider: Provider):
    assert provider.hold(provider.payment(closed=True)).json()["code"] == "payment_closed"
    body = {"payment": provider.payment(), "amount_minor": 300, "currency": "USD"}
    assert provider.web.post("/holds", json=body).json()["code"] == "key_missing"


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/holds/ho_999999999999", 404, "hold_unknown"),
        ("/holds/1", 404, "hold_unknown"),
        ("/holds?after=ho_999999999999", 400, "cursor_unknown"),
        ("/holds?limit=0", 400, "unreadable"),
    ],
)
def test_a_hold_that_is_not_there_is_said_in_the_shape_of_problems(
    provider: Provider, path: str, status: int, code: str
):
    reply = provider.web.get(path)
    assert (reply.status_code, reply.json()["code"]) == (status, code)


# --- faults -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("act", "amount"), ACTS)
def test_a_lost_reply_and_an_error_after_acting_hide_what_was_done(provider: Provider, act: str, amount: int | None):
    done = {"renew": "renewed", "capture": "captured", "release": "released"}[act]
    lost, broken = (provider.hold(provider.payment()).json()["id"] for _ in range(2))
    provider.faults(lost_reply=1000)
    with pytest.raises(httpx2.RemoteProtocolError):
        provider.act(lost, act, amount)
    provider.faults(error_after_acting=1000)
    assert provider.act(broken, act, amount).status_code == 500
    assert [provider.look_at_hold(hold)["state"] for hold in (lost, broken)] == [done, done]


def test_a_hold_whose_reply_is_lost_is_found_again_by_its_key(provider: Provider):
    payment, key = provider.payment(), new_name("key")
    provider.faults(lost_reply=1000)
    with pytest.raises(httpx2.RemoteProtocolError):
        provider.hold(payment, key=key)
    provider.faults()
    assert provider.held(payment) == [provider.hold(payment, key=key).json()]


@pytest.mark.parametrize(
    ("fault", "codes"),
    [
        ("error_before_acting", {"internal", "unavailable"}),
        ("conflict", {"key_in_use"}),
        ("throttle", {"throttled"}),
    ],
)
def test_what_goes_wrong_before_acting_does_nothing(provider: Provider, fault: str, codes: set[str]):
    payment = provider.payment()
    hold = provider.hold(payment).json()
    provider.faults(**{fault: 1000})
    assert {provider.hold(payment).json()["code"] for _ in range(20)} == codes
    assert {provider.act(hold["id"], "capture", 1).json()["code"] for _ in range(20)} == codes
    provider.faults()
    assert provider.held(payment) == [hold]


# --- what is told -----------------------------------------------------------------------------------------------------


def letters_about(mailbox: Mailbox, hold: str, letters: int) -> list[tuple[str, bool]]:
    return until(lambda: seen if len(seen := mailbox.about(hold)) >= letters else [])


def test_every_state_of_a_hold_is_told_and_can_be_verified(provider: Provider, mailbox: Mailbox):
    provider.clock(NOON)
    captured, released, expired = (provider.hold(provider.payment()).json()["id"] for _ in range(3))
    provider.act(captured, "renew")
    provider.act(captured, "capture", 1)
    provider.act(released, "release")
    provider.clock(NOON + WEEK)
    provider.faults(card_refuses=1000)
    refused = provider.hold(provider.payment()).json()["id"]
    told = {
        captured: ["authorised", "renewed", "captured"],
        released: ["authorised", "released"],
        expired: ["authorised", "expired"],
        refused: ["refused"],
    }
    for hold, states in told.items():
        assert sorted(letters_about(mailbox, hold, len(states))) == sorted((state, True) for state in states)


@pytest.mark.parametrize(("act", "claimed"), [("release", "captured"), ("capture", "released")])
def test_a_forgery_about_a_hold_is_refused_by_its_signature(
    provider: Provider, mailbox: Mailbox, act: str, claimed: str
):
    hold = provider.hold(provider.payment()).json()["id"]
    until(lambda: mailbox.about(hold))
    provider.faults(webhook_forged=1000)
    provider.act(hold, act, 1 if act == "capture" else None)
    assert letters_about(mailbox, hold, 3)[1] == (claimed, False)


# --- the process ------------------------------------------------------------------------------------------------------


def test_holds_outlive_the_process_and_the_books_themselves_refuse_more_than_is_held(tmp_path: Path):
    database = tmp_path / "sandbox.db"
    with start_sandbox(database=database) as sandbox, Provider(sandbox.address) as provider:
        payment = provider.payment()
        held = provider.hold(payment, 100).json()
        sandbox.kill()
    with sqlite3.connect(database) as books, pytest.raises(sqlite3.IntegrityError):
        books.execute("UPDATE holds SET captured_minor = 101")
    books.close()
    with start_sandbox(database=database) as sandbox, Provider(sandbox.address) as provider:
        assert provider.held(payment) == [held]
        assert provider.act(held["id"], "capture", 100).status_code == 200
