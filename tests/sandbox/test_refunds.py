"""What the sandbox does on a good day: refunds once for a key, never more than was captured, and looked up again."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from tests.sandbox.provider import Provider, new_name

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)


def test_a_refund_is_made_and_can_be_looked_up_by_what_it_is_known_by(provider: Provider):
    payment, settlement = provider.payment(), new_name("settlement")
    made = provider.refund(payment, 300, metadata={"houbei_settlement": settlement})
    assert made.status_code == 201
    assert made.json() == {
        "id": made.json()["id"],
        "state": "succeeded",
        "amount_minor": 300,
        "currency": "USD",
        "payment": payment,
        "metadata": {"houbei_settlement": settlement},
        "created_at": made.json()["updated_at"],
        "updated_at": made.json()["updated_at"],
        "failure_code": None,
    }
    assert provider.look(made.json()["id"]) == made.json()
    assert provider.made(payment) == [made.json()]
    assert provider.web.get("/refunds", params={"settlement": settlement}).json() == {
        "data": [made.json()],
        "next": None,
    }


def test_pages_of_refunds_follow_each_other_without_gap_or_repetition(provider: Provider):
    payment = provider.payment()
    made = [provider.refund(payment, minor).json()["id"] for minor in (1, 2, 3, 4, 5)]
    pages, after = [], None
    while not pages or after is not None:
        asked = {"payment": payment, "limit": 2} | ({} if after is None else {"after": after})
        page = provider.web.get("/refunds", params=asked).json()
        pages.append([refund["id"] for refund in page["data"]])
        after = page["next"]
    assert pages == [made[:2], made[2:4], made[4:]]


def test_a_key_that_comes_again_is_answered_with_the_refund_it_made(provider: Provider):
    payment, key = provider.payment(), new_name("key")
    first = provider.refund(payment, 300, key=key, metadata={"a": "1", "b": "2"})
    again = provider.refund(payment, 300, key=key, metadata={"b": "2", "a": "1"})
    assert (again.status_code, again.json(), again.headers["Idempotent-Replayed"]) == (201, first.json(), "true")
    assert "Idempotent-Replayed" not in first.headers
    assert len(provider.made(payment)) == 1


@pytest.mark.parametrize("other", [{"amount_minor": 301}, {"metadata": {"a": "1"}}])
def test_a_key_that_comes_again_with_other_parameters_is_refused(provider: Provider, other: dict[str, object]):
    payment, key = provider.payment(), new_name("key")
    provider.refund(payment, 300, key=key)
    reply = provider.refund(payment, **{"amount_minor": 300, **other}, key=key)
    assert (reply.status_code, reply.json()["code"]) == (409, "key_reused")
    assert len(provider.made(payment)) == 1


def test_a_refusal_is_kept_beside_its_key_even_when_its_reason_is_gone(provider: Provider):
    payment, key = provider.payment(100), new_name("key")
    provider.faults(pending_then_failed=1000)
    provider.refund(payment, 100)
    assert provider.refund(payment, 50, key=key).json()["code"] == "exceeds_captured"
    provider.web.post("/settle")
    reply = provider.refund(payment, 50, key=key)
    assert (reply.status_code, reply.headers["Idempotent-Replayed"]) == (422, "true")


def test_two_keys_with_the_same_amount_make_two_refunds(provider: Provider):
    payment = provider.payment()
    assert provider.refund(payment, 100).json()["id"] != provider.refund(payment, 100).json()["id"]
    assert len(provider.made(payment)) == 2


def test_a_key_is_forgotten_after_a_day_and_then_makes_a_second_refund(provider: Provider):
    payment, key = provider.payment(), new_name("key")
    provider.clock(NOON)
    first = provider.refund(payment, key=key).json()["id"]
    provider.clock(NOON + timedelta(days=1, microseconds=-1))
    assert provider.refund(payment, key=key).json()["id"] == first
    provider.clock(NOON + timedelta(days=1))
    assert provider.refund(payment, key=key).json()["id"] != first
    assert len(provider.made(payment)) == 2


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"amount_minor": 0}, 422, "bad_amount"),
        ({"amount_minor": -1}, 422, "bad_amount"),
        ({"amount_minor": 10**15 + 1}, 422, "bad_amount"),
        ({"amount_minor": 10**30}, 422, "bad_amount"),
        ({"amount_minor": 1001}, 422, "exceeds_captured"),
        ({"currency": "EUR"}, 422, "currency_mismatch"),
        ({"payment": "nobody's"}, 404, "payment_unknown"),
        ({"amount_minor": "300"}, 400, "unreadable"),
        ({"amount_minor": 300.0}, 400, "unreadable"),
        ({"amount_minor": True}, 400, "unreadable"),
        ({"metadata": {"a": 1}}, 400, "unreadable"),
        ({"reason": "unknown field"}, 400, "unreadable"),
    ],
)
def test_what_cannot_be_refunded_is_refused_with_its_code(
    provider: Provider, asked: dict[str, object], status: int, code: str
):
    body = {"payment": provider.payment(1000), "amount_minor": 300, "currency": "USD"} | asked
    reply = provider.web.post("/refunds", json=body, headers={"Idempotency-Key": new_name("key")})
    assert (reply.status_code, reply.json()["code"]) == (status, code)
    assert provider.made(str(body["payment"])) == []


def test_a_refusal_has_the_one_shape_of_problems(provider: Provider):
    reply = provider.refund(provider.payment(1000), 1001)
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json() == {
        "type": "about:blank",
        "title": "More would be refunded than was captured",
        "status": 422,
        "detail": "Of the payment 1000 minor units are left to refund.",
        "code": "exceeds_captured",
    }


@pytest.mark.parametrize("key", [None, "", "k" * 256])
def test_a_refund_without_a_usable_key_is_refused(provider: Provider, key: str | None):
    body = {"payment": provider.payment(), "amount_minor": 300, "currency": "USD"}
    reply = provider.web.post("/refunds", json=body, headers={} if key is None else {"Idempotency-Key": key})
    assert (reply.status_code, reply.json()["code"]) == (400, "key_missing")


def test_a_closed_account_takes_no_refund_and_keeps_those_it_has(provider: Provider):
    payment = provider.payment(1000)
    provider.refund(payment, 300)
    assert provider.web.post(f"/payments/{payment}/close").json()["closed"] is True
    assert provider.refund(payment, 300).json()["code"] == "payment_closed"
    assert provider.refund(provider.payment(closed=True)).json()["code"] == "payment_closed"
    assert provider.web.get(f"/payments/{payment}").json()["refunded_minor"] == 300


def test_what_failed_may_be_refunded_again(provider: Provider):
    payment = provider.payment(1000)
    provider.faults(pending_then_failed=1000)
    provider.refund(payment, 1000)
    assert provider.refund(payment, 1).json()["code"] == "exceeds_captured"
    provider.web.post("/settle")
    assert provider.refund(payment, 1000).status_code == 201


def test_many_at_once_never_refund_more_than_was_captured(provider: Provider):
    payment = provider.payment(1000)
    provider.faults(slow=500, slow_ms=20)
    with ThreadPoolExecutor(12) as callers:
        replies = list(callers.map(lambda _: provider.refund(payment, 300), range(24)))
    assert sorted(reply.status_code for reply in replies) == [201] * 3 + [422] * 21
    assert provider.web.get(f"/payments/{payment}").json()["refunded_minor"] == 900


@pytest.mark.parametrize("slow", [0, 500, 1000])
def test_of_many_at_once_with_one_key_exactly_one_acts(provider: Provider, slow: int):
    payment, key = provider.payment(1000), new_name("key")
    provider.faults(slow=slow, slow_ms=50)
    with ThreadPoolExecutor(12) as callers:
        replies = list(callers.map(lambda _: provider.refund(payment, 300, key=key), range(24)))
    (made,) = provider.made(payment)
    acted = [reply for reply in replies if reply.status_code == 201 and "Idempotent-Replayed" not in reply.headers]
    others = [reply.json().get("code", reply.json().get("id")) for reply in replies if reply not in acted]
    assert [reply.json()["id"] for reply in acted] == [made["id"]]
    assert set(others) <= {"key_in_use", made["id"]}


def test_payments_are_registered_by_the_thousand_and_may_be_told_again(provider: Provider):
    given = [{"payment": new_name("bulk"), "captured_minor": 100, "currency": "JPY"} for _ in range(5000)]
    assert provider.web.post("/payments", json={"payments": given}).json() == {"registered": 5000}
    assert provider.web.post("/payments", json={"payments": given}).json() == {"registered": 5000}
    last = given[-1]["payment"]
    assert provider.web.get(f"/payments/{last}").json() == {
        "payment": last,
        "captured_minor": 100,
        "refunded_minor": 0,
        "currency": "JPY",
        "closed": False,
    }


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"captured_minor": 101}, "payment_differs"),
        ({"currency": "USD"}, "payment_differs"),
        ({"currency": "RMB"}, "bad_currency"),
        ({"captured_minor": 0}, "bad_amount"),
    ],
)
def test_a_call_that_registers_nonsense_registers_nothing(provider: Provider, other: dict[str, object], code: str):
    new, known = new_name("order"), provider.payment(100, "JPY")
    given = [
        {"payment": new, "captured_minor": 100, "currency": "JPY"},
        {"payment": known, "captured_minor": 100, "currency": "JPY"} | other,
    ]
    assert provider.web.post("/payments", json={"payments": given}).json()["code"] == code
    assert provider.web.get(f"/payments/{new}").json()["code"] == "payment_unknown"


def test_a_statement_adds_up_what_succeeded_on_a_day_in_utc_and_has_not_come_back(provider: Provider):
    day = datetime(2031, 3, 1, tzinfo=UTC)
    payments = {currency: provider.payment(1000, currency) for currency in ("USD", "JPY")}
    for moment in (timedelta(microseconds=-1), timedelta(), timedelta(days=1, microseconds=-1), timedelta(days=1)):
        provider.clock(day + moment)
        for currency, payment in payments.items():
            provider.refund(payment, 100, currency=currency)
    provider.faults(succeeded_then_failed=1000)
    provider.clock(day)
    provider.refund(payments["USD"], 500)
    provider.web.post("/settle")
    assert provider.web.get("/statement", params={"day": "2031-03-01"}).json() == {
        "day": "2031-03-01",
        "succeeded": {"JPY": {"count": 2, "amount_minor": 200}, "USD": {"count": 2, "amount_minor": 200}},
    }


def test_totals_count_every_refund_in_the_state_it_is_in(provider: Provider):
    payment = provider.payment(1000, "KWD")
    provider.refund(payment, 100, currency="KWD")
    provider.faults(pending_then_failed=1000)
    provider.refund(payment, 20, currency="KWD")
    provider.web.post("/settle")
    provider.refund(payment, 3, currency="KWD")
    totals = provider.web.get("/totals").json()
    assert {state: sums["KWD"] for state, sums in totals.items()} == {
        "captured": {"count": 1, "amount_minor": 1000},
        "succeeded": {"count": 1, "amount_minor": 100},
        "failed": {"count": 1, "amount_minor": 20},
        "pending": {"count": 1, "amount_minor": 3},
    }


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/refunds/re_999999999999", 404, "refund_unknown"),
        ("/refunds/1", 404, "refund_unknown"),
        ("/refunds?after=re_999999999999", 400, "cursor_unknown"),
        ("/refunds?limit=0", 400, "unreadable"),
        ("/statement?day=yesterday", 400, "unreadable"),
        ("/payments/nobody's", 404, "payment_unknown"),
        ("/nothing", 404, "route_unknown"),
    ],
)
def test_what_is_not_there_is_said_in_the_shape_of_problems(provider: Provider, path: str, status: int, code: str):
    reply = provider.web.get(path)
    assert (reply.status_code, reply.json()["code"]) == (status, code)
