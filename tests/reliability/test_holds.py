"""What a case wants of the amount on a card is done once, and what the provider did is told to the case: on good days."""

from typing import Any

import pytest

from houbei.case.stages import Need, Secured, Stage
from houbei.facts.steps import What
from tests.reliability.shop import DAY_US, Shop
from tests.reliability.swaps import VALUE, Swaps, ToldCases, agree


@pytest.fixture
def swaps(shop: Shop) -> Swaps:
    return Swaps(shop=shop)


def sends(swaps: Swaps, case_id: str = "c1") -> None:
    """A unit is set aside and leaves."""
    swaps.say(case_id, What.SLOT_CHOSEN, from_us=swaps.shop.now_us, until_us=swaps.shop.now_us + DAY_US)
    swaps.say(case_id, What.RESERVED, serial="n1", unit_cost_minor=600)
    swaps.say(case_id, What.DISPATCHED)


def test_a_case_that_is_securing_has_the_value_held_and_goes_on(swaps: Swaps):
    swaps.opens("c1")
    assert swaps.case("c1").stage is Stage.SECURING
    swaps.carry_out()
    (held,) = swaps.at_provider()
    assert (held["state"], held["amount_minor"], held["payment"]) == ("authorised", VALUE, "order-c1")
    assert swaps.told("c1") == ["held"]
    assert swaps.case("c1").stage is Stage.TO_SCHEDULE
    agree(swaps)


def test_at_most_the_limit_is_held(shop: Shop):
    swaps = Swaps(shop=shop, cases=ToldCases(limit_minor=4_000))
    swaps.opens("c1")
    swaps.carry_out()
    assert swaps.at_provider()[0]["amount_minor"] == 4_000
    assert swaps.case("c1").secured_minor == 4_000


def test_a_card_that_refuses_lets_the_old_unit_go_first_and_is_not_asked_again(swaps: Swaps):
    swaps.shop.stage.faults(card_refuses=1000)
    swaps.opens("c1")
    swaps.carry_out()
    swaps.reconcile()
    swaps.carry_out()
    assert swaps.told("c1") == ["not_secured"]
    case = swaps.case("c1")
    assert (case.stage, case.advance) == (Stage.TO_SCHEDULE, False)
    assert [hold["state"] for hold in swaps.at_provider()] == ["refused"]
    agree(swaps)


def test_a_closed_account_lets_the_old_unit_go_first(swaps: Swaps):
    swaps.opens("c1")
    swaps.shop.stage.close_payment("order-c1")
    swaps.carry_out()
    assert swaps.steps("c1")[-1].told == {"reason": "payment_closed"}
    assert swaps.needs() == []
    agree(swaps)


def test_a_hold_is_renewed_before_a_person_is_asked_and_before_it_lapses(swaps: Swaps):
    swaps.opens("c1")
    swaps.carry_out()
    sends(swaps)
    swaps.live(40 * DAY_US)
    (held,) = swaps.at_provider()
    assert held["state"] == "renewed"
    renewed = swaps.told("c1").count("hold_renewed")
    assert renewed == 8
    assert swaps.told("c1") == ["held"] + ["hold_renewed"] * renewed
    assert Need.RENEW not in swaps.case("c1").needs
    agree(swaps)


@pytest.mark.parametrize("lasts_s", [3600, 86_400, 3 * 86_400])
def test_a_hold_that_lasts_shorter_than_the_promise_says_is_renewed_in_time_all_the_same(swaps: Swaps, lasts_s: int):
    swaps.shop.stage.faults(hold_lifetime_s=lasts_s)
    swaps.opens("c1")
    swaps.carry_out()
    swaps.live(4 * DAY_US, every_us=DAY_US // 96)
    assert set(swaps.told("c1")) == {"held", "hold_renewed"}
    agree(swaps)


def test_a_renewal_that_the_card_refuses_is_tried_again_and_a_person_is_asked(swaps: Swaps):
    swaps.opens("c1")
    swaps.carry_out()
    sends(swaps)
    swaps.shop.stage.faults(card_refuses=1000)
    swaps.live(6 * DAY_US)
    assert Need.RENEW in swaps.case("c1").needs
    swaps.shop.stage.faults(card_refuses=0)
    swaps.live(DAY_US // 2)
    assert swaps.told("c1") == ["held", "hold_renewed"]
    assert Need.RENEW not in swaps.case("c1").needs
    agree(swaps)


def test_a_hold_that_lapsed_while_nobody_ran_is_told_and_another_one_is_made(swaps: Swaps):
    swaps.opens("c1")
    swaps.carry_out()
    sends(swaps)
    swaps.shop.turn(8 * DAY_US)
    swaps.carry_out()
    assert swaps.told("c1") == ["held", "hold_lapsed", "held"]
    assert [hold["state"] for hold in swaps.at_provider()] == ["expired", "authorised"]
    agree(swaps)


def test_a_hold_that_lapsed_and_cannot_be_made_again_waits_for_a_person(swaps: Swaps):
    swaps.opens("c1")
    swaps.carry_out()
    sends(swaps)
    swaps.shop.turn(8 * DAY_US)
    swaps.shop.stage.faults(card_refuses=1000)
    swaps.carry_out()
    swaps.reconcile()
    swaps.carry_out()
    case = swaps.case("c1")
    assert (case.secured, Need.RENEW in case.needs) == (Secured.LAPSED, True)
    assert [hold["state"] for hold in swaps.at_provider()] == ["expired", "refused"]
    agree(swaps)


def test_a_hold_that_somebody_released_at_the_provider_is_found_by_reconciliation(swaps: Swaps):
    swaps.opens("c1")
    swaps.carry_out()
    (held,) = swaps.at_provider()
    swaps.shop.stage.web.post(f"/holds/{held['id']}/release", headers={"Idempotency-Key": "by hand"})
    assert swaps.round() == 0
    swaps.reconcile()
    swaps.carry_out()
    assert swaps.told("c1") == ["held", "hold_lapsed", "held"]
    agree(swaps)


def test_a_hold_of_the_shops_own_checkout_is_none_of_our_business(swaps: Swaps):
    swaps.opens("c1")
    body = {"payment": "order-c1", "amount_minor": 50, "currency": "USD"}
    swaps.shop.stage.web.post("/holds", json=body, headers={"Idempotency-Key": "checkout"})
    swaps.carry_out()
    found = swaps.reconcile()
    assert (found.listed, found.outside) == (2, 0)
    assert swaps.needs() == []


# --- a part is taken --------------------------------------------------------------------------------------------------


def keeps_both(swaps: Swaps, case_id: str = "c1") -> None:
    """The new unit is with the buyer, and so is the old one."""
    swaps.opens(case_id)
    swaps.carry_out()
    sends(swaps, case_id)
    swaps.say(case_id, What.DELIVERED, new_serial="n1")


def test_what_a_person_asks_for_is_taken_and_the_case_is_told_by_the_receipt(swaps: Swaps):
    keeps_both(swaps)
    assert swaps.capture("c1", 7_000) is None
    assert swaps.case("c1").stage is Stage.OLD_OWED
    swaps.carry_out()
    assert swaps.told("c1") == ["held", "captured"]
    (held,) = swaps.at_provider()
    captured = swaps.steps("c1")[-1]
    told = {"amount_minor": 7_000, "reference": held["id"], "note": "the old unit stays away"}
    assert captured.told == told
    assert (held["state"], held["captured_minor"]) == ("captured", 7_000)
    assert swaps.case("c1").stage is Stage.SETTLED
    agree(swaps)


@pytest.mark.parametrize(
    ("minor", "why"), [(VALUE + 1, "above_hold"), (0, "not_now"), (-5, "not_now"), (VALUE * 100, "above_hold")]
)
def test_more_than_is_held_is_never_asked_for(swaps: Swaps, minor: int, why: str):
    keeps_both(swaps)
    assert swaps.capture("c1", minor) == why
    swaps.carry_out()
    assert swaps.at_provider()[0]["state"] == "authorised"


def test_nothing_is_taken_of_a_case_that_does_not_allow_it(swaps: Swaps):
    swaps.opens("c1")
    assert swaps.capture("c1", 100) == "no_hold"
    swaps.carry_out()
    assert swaps.capture("c1", 100) == "not_now"


def test_a_wish_to_take_something_is_void_once_the_old_unit_is_in(swaps: Swaps):
    keeps_both(swaps)
    swaps.capture("c1", 7_000)
    swaps.say("c1", What.RECEIVED, serial="o1")
    swaps.carry_out()
    assert swaps.told("c1") == ["held"]
    assert swaps.at_provider()[0]["captured_minor"] == 0
    agree(swaps)


def test_two_wishes_to_take_something_take_the_last_one_alone(swaps: Swaps):
    keeps_both(swaps)
    swaps.capture("c1", 7_000)
    swaps.capture("c1", 3_000)
    swaps.carry_out()
    assert swaps.at_provider()[0]["captured_minor"] == 3_000
    assert swaps.capture("c1", 100) == "no_hold"
    agree(swaps)


def test_what_was_taken_goes_back_to_its_own_payment_when_a_review_finds_for_the_buyer(swaps: Swaps):
    keeps_both(swaps)
    swaps.capture("c1", 7_000)
    swaps.carry_out()
    payment: Any = swaps.steps("c1")[-1].told["reference"]
    assert swaps.shop.stage.refund(payment, 7_001, key="too much")["code"] == "exceeds_captured"
    assert swaps.shop.stage.refund(payment, 7_000, key="to the cent")["state"] == "succeeded"
