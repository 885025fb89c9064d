"""Houbei's own way of asking the sandbox for holds: receipts, refusals and silence, and never above the hold."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from houbei.payments.answers import Refusal, Unanswered
from houbei.payments.holds import ABOVE_HOLD, HoldAct, HoldAsked, HoldReceipt, HoldStands
from houbei.payments.sandbox import Sandbox
from tests.sandbox.provider import Provider, new_name


@pytest.fixture
def asks(provider: Provider) -> Iterator[Sandbox]:
    asking = Sandbox(str(provider.web.base_url))
    yield asking
    asking.close()


def asked_of(provider: Provider, minor: int = 100) -> HoldAsked:
    return HoldAsked(
        key=new_name("houbei:hold:key"),
        payment=provider.payment(),
        amount_minor=minor,
        currency="USD",
        told=(("case", "c1"), ("number", "1")),
    )


def held(answer: object) -> HoldReceipt:
    assert isinstance(answer, HoldReceipt), answer
    return answer


def act_on(receipt: HoldReceipt) -> HoldAct:
    return HoldAct(key=new_name("act"), reference=receipt.reference, held_minor=receipt.amount_minor)


def test_a_hold_that_is_asked_for_is_found_read_and_listed_as_it_stands(provider: Provider, asks: Sandbox):
    asked = asked_of(provider)
    assert asks.find_hold(asked) is None
    made = held(asks.hold(asked))
    assert (made.stands, made.version, made.key, made.amount_minor) == (HoldStands.HELD, 1, asked.key, 100)
    assert dict(made.told)["case"] == "c1"
    assert made.expires_us - made.at_us == 7 * 86_400_000_000
    assert asks.find_hold(asked) == asks.read_hold(made.reference) == made
    listed = asks.list_holds_after(None)
    assert not isinstance(listed, Unanswered)
    assert made in listed[0]
    assert asks.list_holds_after(made.reference) == ([], made.reference)
    assert (asks.names_hold(made.reference), asks.names_hold("re_000000000001")) == (True, False)


@pytest.mark.parametrize(
    ("act", "stands", "taken"),
    [("renew", HoldStands.HELD, 0), ("release", HoldStands.RELEASED, 0), ("capture", HoldStands.CAPTURED, 40)],
)
def test_what_is_done_with_a_hold_is_answered_with_the_hold_as_it_stands_then(
    provider: Provider, asks: Sandbox, act: str, stands: HoldStands, taken: int
):
    made = held(asks.hold(asked_of(provider)))
    more = {"amount_minor": 40} if act == "capture" else {}
    done = held(getattr(asks, act)(act_on(made), **more))
    assert (done.stands, done.version, done.captured_minor) == (stands, 2, taken)


def test_more_than_is_held_is_refused_without_asking(provider: Provider, asks: Sandbox):
    made = held(asks.hold(asked_of(provider)))
    provider.faults(unavailable=True)
    answer = asks.capture(act_on(made), amount_minor=101)
    assert isinstance(answer, Refusal)
    assert answer.code == ABOVE_HOLD


def test_more_than_is_held_is_refused_by_the_provider_where_we_are_wrong_about_the_hold(
    provider: Provider, asks: Sandbox
):
    made = held(asks.hold(asked_of(provider)))
    answer = asks.capture(replace(act_on(made), held_minor=200), amount_minor=101)
    assert isinstance(answer, Refusal)
    assert answer.code == ABOVE_HOLD
    assert asks.read_hold(made.reference) == made


def test_a_card_that_refuses_is_a_receipt_of_nothing_held_and_a_refusal_to_renew(provider: Provider, asks: Sandbox):
    made = held(asks.hold(asked_of(provider)))
    provider.faults(card_refuses=1000)
    refused = held(asks.hold(asked_of(provider)))
    assert (refused.stands, refused.reason) == (HoldStands.REFUSED, "declined_by_bank")
    renewed = asks.renew(act_on(made))
    assert isinstance(renewed, Refusal)
    assert renewed.code == "card_refused"


@pytest.mark.parametrize(
    ("fault", "may_have_acted"),
    [({"lost_reply": 1000}, True), ({"error_after_acting": 1000}, True), ({"throttle": 1000}, False)],
    ids=str,
)
def test_silence_says_whether_the_provider_may_have_acted(
    provider: Provider, asks: Sandbox, fault: dict[str, int], *, may_have_acted: bool
):
    asked = asked_of(provider)
    provider.faults(**fault)
    answer = asks.hold(asked)
    assert isinstance(answer, Unanswered)
    assert answer.may_have_acted is may_have_acted
    provider.faults()
    assert (asks.find_hold(asked) is not None) is may_have_acted


def test_what_is_not_there_is_none(asks: Sandbox):
    assert asks.read_hold("ho_999999999999") is None
