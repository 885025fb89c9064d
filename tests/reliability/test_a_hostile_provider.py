"""Whatever the provider does wrong, alone and all together: when it ends everything is settled, and each refund was made once."""

from collections.abc import Callable

import pytest

from houbei.payments.answers import Unanswered
from houbei.payments.sandbox import Sandbox
from houbei.runs.outbox import run_outbox
from houbei.runs.reconcile import reconcile
from tests.reliability.conftest import Opened
from tests.reliability.shop import (
    DAY_US,
    HOUR_US,
    PAST_LEASE_US,
    SECOND_US,
    Shop,
    line,
    needs,
    rows_of,
    settled_once,
    states,
)

ALONE = {
    "lost_reply": {"lost_reply": 500},
    "error_after_acting": {"error_after_acting": 500},
    "replay_500": {"error_after_acting": 500, "replay_500": True},
    "error_before_acting": {"error_before_acting": 500},
    "conflict": {"conflict": 500},
    "throttle": {"throttle": 500},
    "slow": {"slow": 300, "slow_ms": 20},
    "pending_then_succeeded": {"pending_then_succeeded": 500},
    "pending_then_failed": {"pending_then_failed": 500},
    "succeeded_then_failed": {"succeeded_then_failed": 500},
    "failed_at_once": {"failed_at_once": 500},
}
TOGETHER = {
    "lost_reply": 150,
    "error_after_acting": 100,
    "error_before_acting": 100,
    "conflict": 100,
    "throttle": 100,
    "slow": 50,
    "slow_ms": 10,
    "pending_then_succeeded": 200,
    "pending_then_failed": 100,
    "succeeded_then_failed": 100,
    "failed_at_once": 50,
}
LINES = [line(f"l{k}", order=f"o{k // 2}", sku=("tea", "pot")[k % 2]) for k in range(12)]
MINUTE_US = 60 * SECOND_US


def live_through_bad_days(shop: Shop, faults: dict[str, int]) -> None:
    """Sell, lower prices twice and pay, while things go wrong; then nothing goes wrong any more."""
    shop.sell(LINES)
    shop.stage.faults(**faults)
    for day, minor in enumerate((900, 850)):
        shop.turn(DAY_US)
        for sku in ("tea", "pot"):
            shop.drop(f"{sku}{day}", minor, sku=sku)
        for _ in range(40):
            shop.pay()
            shop.turn(30 * MINUTE_US)
        shop.reconcile()
    shop.stage.faults(**{name: 0 if name != "replay_500" else False for name in faults if name != "slow_ms"})
    shop.stage.settle()
    shop.settle_all()
    reconcile(shop.database, shop.provider, now_us=shop.now_us, from_start=True)
    shop.settle_all()


def everybody_got_what_is_owed(shop: Shop) -> None:
    settled_once(shop)
    assert {state for _, state in states(shop.database)} <= {"reconciled", "credited"}
    ((owed,),) = rows_of(shop.database, "SELECT SUM(amount_minor) FROM actions")
    assert owed == 12 * 150
    assert needs(shop.database) == []


@pytest.mark.parametrize("fault", ALONE)
def test_after_one_sort_of_fault_everything_is_settled_once(open_shop: Opened, fault: str):
    shop = open_shop(seed=len(fault))
    live_through_bad_days(shop, ALONE[fault])
    everybody_got_what_is_owed(shop)


@pytest.mark.parametrize("seed", range(6))
def test_after_all_faults_together_everything_is_settled_once(open_shop: Opened, seed: int):
    shop = open_shop(seed=seed)
    live_through_bad_days(shop, TOGETHER)
    everybody_got_what_is_owed(shop)
    assert len(shop.stage.refunds()) <= 24


@pytest.mark.parametrize(
    ("fault", "codes"), [("pending_then_failed", "refused"), ("succeeded_then_failed", "returned")]
)
def test_a_refund_that_fails_after_all_becomes_store_credit(shop: Shop, fault: str, codes: str):
    shop.sell([line("a", order="o1")])
    shop.stage.faults(**{fault: 1000})
    shop.turn(DAY_US)
    shop.drop("p1", 900)
    shop.pay()
    shop.reconcile()
    shop.stage.settle()
    reconcile(shop.database, shop.provider, now_us=shop.now_us, from_start=True)
    assert states(shop.database) == {("refund", "credited"): 1}
    told = [row[0] for row in rows_of(shop.database, "SELECT code FROM entries ORDER BY sequence")]
    assert told[-2:] == [codes, "credited"]
    settled_once(shop)


# --- the key is too old ----------------------------------------------------------------------------------------------


class Deaf(Sandbox):
    """A provider whose answers nobody hears; `acts` says whether it acts, and `asked` counts how often it was asked to."""

    acts = True
    asked = 0

    def refund(self, asked):
        self.asked += 1
        if self.acts:
            super().refund(asked)
        return Unanswered(reason="deaf")


@pytest.mark.parametrize("acts", [True, False])
def test_a_key_that_is_forgotten_is_never_asked_with_again(shop: Shop, acts: bool):  # noqa: FBT001  pytest gives it by name
    shop.sell([line("a", order="o1")])
    shop.turn(DAY_US)
    shop.drop("p1", 900)
    deaf = Deaf(str(shop.stage.web.base_url))
    deaf.acts = acts
    shop.provider, hears = deaf, shop.provider
    shop.pay()
    shop.turn(25 * HOUR_US)
    shop.pay()
    assert deaf.asked == 1
    if acts:
        assert states(shop.database) == {("refund", "confirmed"): 1}
    else:
        assert states(shop.database) == {("refund", "unknown"): 1}
        assert needs(shop.database) == ["parked"]
        shop.turn(10 * DAY_US)
        assert shop.pay() == 0
        assert deaf.asked == 1
    assert len(shop.stage.refunds()) == int(acts)
    shop.provider = hears
    deaf.close()
    settled_once(shop) if acts else None


def test_a_provider_that_sends_us_away_for_days_has_heard_nothing_and_is_asked_again(shop: Shop):
    """A 429 says that nothing was done: no key grows old by it, and nobody needs to look."""
    shop.sell([line("a", order="o1")])
    shop.turn(DAY_US)
    shop.drop("p1", 900)
    shop.stage.faults(throttle=1000)
    for _ in range(30):
        shop.pay()
        shop.turn(2 * HOUR_US)
    assert states(shop.database) == {("refund", "instructed"): 1}
    assert needs(shop.database) == []
    shop.stage.faults(throttle=0)
    shop.settle_all()
    assert [refund["amount_minor"] for refund in shop.stage.refunds()] == [100]
    settled_once(shop)


def test_being_sent_away_later_does_not_make_a_key_younger_that_may_have_been_heard(shop: Shop):
    shop.sell([line("a", order="o1")])
    shop.turn(DAY_US)
    shop.drop("p1", 900)
    deaf = Deaf(str(shop.stage.web.base_url))
    deaf.acts = False
    shop.provider, hears = deaf, shop.provider
    shop.pay()
    shop.provider = hears
    shop.stage.faults(throttle=1000)
    for _ in range(15):
        shop.turn(2 * HOUR_US)
        shop.pay()
    shop.stage.faults(throttle=0)
    shop.turn(2 * HOUR_US)
    shop.pay()
    deaf.close()
    assert needs(shop.database) == ["parked"]
    assert shop.stage.refunds() == []


# --- others pay, too --------------------------------------------------------------------------------------------------


def test_a_refund_made_by_hand_at_the_provider_waits_for_a_person(shop: Shop):
    shop.sell([line("a", order="o1")])
    by_hand = shop.stage.refund("o1", 300, key="by hand")
    shop.reconcile()
    shop.reconcile()
    assert needs(shop.database) == ["outside_refund"]
    assert rows_of(shop.database, "SELECT ref, amount_minor FROM needs") == [(f"sandbox/{by_hand['id']}", 300)]


def test_what_a_hand_left_of_a_payment_is_not_overdrawn(shop: Shop):
    shop.sell([line("a", order="o1")])
    shop.stage.refund("o1", 950, key="by hand")
    shop.turn(DAY_US)
    shop.drop("p1", 900)
    shop.pay()
    assert states(shop.database) == {("refund", "credited"): 1}
    assert shop.stage.paid() == {("o1", 950, "succeeded"): 1}


def test_two_refunds_that_are_too_much_together_are_not_both_made(shop: Shop):
    shop.sell([line("a", order="o1", paid=1000)])
    shop.stage.refund("o1", 850, key="another shop of the same payment")
    shop.turn(DAY_US)
    shop.drop("p1", 900)
    shop.drop("p2", 800)
    shop.pay(threads=8)
    shop.settle_all()
    paid = shop.stage.paid()
    assert paid == {("o1", 850, "succeeded"): 1, ("o1", 100, "succeeded"): 1}
    assert states(shop.database) == {("refund", "reconciled"): 1, ("refund", "credited"): 1}


def test_equal_refunds_of_one_payment_are_both_made(shop: Shop):
    shop.sell([line("a", order="o1"), line("b", order="o1")])
    shop.turn(DAY_US)
    shop.drop("p1", 900)
    shop.drop("p2", 800)
    shop.pay()
    shop.settle_all()
    assert shop.stage.paid() == {("o1", 100, "succeeded"): 4}
    settled_once(shop)


def test_a_payment_that_is_closed_becomes_store_credit(shop: Shop):
    shop.sell([line("a", order="o1")])
    shop.stage.close_payment("o1")
    shop.turn(DAY_US)
    shop.drop("p1", 900)
    shop.pay()
    assert states(shop.database) == {("refund", "credited"): 1}
    settled_once(shop)


# --- the provider is down ---------------------------------------------------------------------------------------------


def test_while_the_provider_is_down_one_refund_at_a_time_is_tried_and_none_is_given_up(shop: Shop):
    shop.sell(LINES)
    shop.turn(DAY_US)
    shop.drop("p1", 900)
    shop.drop("q1", 900, sku="pot")
    shop.stage.faults(unavailable=True)
    assert shop.pay() == 12
    tries = []
    for _ in range(30):
        shop.turn(10 * MINUTE_US)
        tries.append(shop.pay())
    assert set(tries) <= {0, 1}
    assert sum(tries) > 3
    assert needs(shop.database) == []
    shop.stage.faults(unavailable=False)
    shop.settle_all()
    everybody = rows_of(shop.database, "SELECT COUNT(*) FROM actions WHERE state = 'reconciled'")
    assert everybody == [(12,)]
    settled_once(shop)


# --- a claim that is outlived ----------------------------------------------------------------------------------------


class Late(Sandbox):
    """A provider whose answer comes when the claim has run out and somebody else has looked; `loses` says whether it comes at all."""

    loses = False
    meanwhile: Callable[[], object]

    def refund(self, asked):
        answer = super().refund(asked)
        self.meanwhile()
        return Unanswered(reason="lost") if self.loses else answer


@pytest.mark.parametrize("loses", [False, True])
def test_whoever_comes_back_after_the_claim_ran_out_changes_nothing_more(shop: Shop, *, loses: bool):
    shop.sell([line("a", order="o1")])
    shop.turn(DAY_US)
    shop.drop("p1", 900)
    late = Late(str(shop.stage.web.base_url))
    late.loses = loses
    late.meanwhile = lambda: run_outbox(
        shop.database, shop.provider, now_us=shop.now_us + PAST_LEASE_US, holder="two", threads=1
    )
    run_outbox(shop.database, late, now_us=shop.now_us, holder="one", threads=1)
    late.close()
    codes = [row[0] for row in rows_of(shop.database, "SELECT code FROM entries ORDER BY sequence")]
    assert codes == ["owed", "instructed", "confirmed"]
    shop.turn(PAST_LEASE_US)
    shop.settle_all()
    assert shop.stage.paid() == {("o1", 100, "succeeded"): 1}
    settled_once(shop)
