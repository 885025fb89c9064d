"""Whatever goes wrong with holds, alone and all together: never two for a case, never taken twice or above, nothing forgotten."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from houbei.case.stages import Need, Secured, Stage
from houbei.facts.steps import What
from houbei.ids import hold_key
from houbei.payments.answers import Unanswered
from houbei.payments.sandbox import Sandbox
from houbei.runs.hold_wants import CAPTURES
from houbei.store.database import open_database
from tests.case.states import steps_for
from tests.reliability.conftest import Opened
from tests.reliability.endings import ENDINGS, Line
from tests.reliability.shop import DAY_US, HOUR_US, PAST_LEASE_US, Shop, rows_of
from tests.reliability.swaps import VALUE, Swaps, agree, alive_by_case, every_hold
from tests.reliability.test_holds import keeps_both

ALONE = {
    "lost_reply": {"lost_reply": 500},
    "error_after_acting": {"error_after_acting": 500},
    "replay_500": {"error_after_acting": 500, "replay_500": True},
    "error_before_acting": {"error_before_acting": 500},
    "conflict": {"conflict": 500},
    "throttle": {"throttle": 500},
    "slow": {"slow": 300, "slow_ms": 20},
    "card_refuses": {"card_refuses": 300},
    "short holds": {"hold_lifetime_s": 2 * 86_400},
    "keys forgotten": {"key_lifetime_s": 60, "lost_reply": 300},
}
TOGETHER = {
    "lost_reply": 150,
    "error_after_acting": 150,
    "error_before_acting": 100,
    "conflict": 100,
    "throttle": 50,
    "slow": 20,
    "slow_ms": 10,
    "card_refuses": 100,
    "hold_lifetime_s": 3 * 86_400,
    "key_lifetime_s": 3600,
}
GOOD = {name: 0 for name in TOGETHER if name not in {"slow_ms", "hold_lifetime_s", "key_lifetime_s"}} | {
    "replay_500": False
}
NOT_OURS_TO_TELL = {
    What.HELD,
    What.HOLD_RENEWED,
    What.HOLD_LAPSED,
    What.CAPTURED,
    What.NOT_SECURED,
    What.TIMED_OUT,
}
"""What the provider's side and the clock tell in a walk."""


class Watched(Sandbox):
    """A sandbox at which somebody looks after each hold that is made."""

    def __init__(self, address: str, stage: Any) -> None:
        super().__init__(address)
        self.web = stage.web
        self.most = 0

    def hold(self, asked):
        answer = super().hold(asked)
        self.most = max([self.most, *alive_by_case(every_hold(self.web)).values()])
        return answer


def watched(shop: Shop) -> Watched:
    shop.provider.close()
    shop.provider = Watched(str(shop.stage.web.base_url), shop.stage)
    return shop.provider


# --- a walk -----------------------------------------------------------------------------------------------------------


def walk(swaps: Swaps, dice: np.random.Generator, *, cases: int, moments: int) -> None:
    """Cases go towards an end, and astray on the way, while two processes take turns and days pass."""
    names = [f"w{k}" for k in range(cases)]
    ahead = {name: list(ENDINGS[str(dice.choice(list(ENDINGS)))].lines) for name in names}
    for name in names:
        swaps.opens(name)
    for _ in range(moments):
        name = names[dice.integers(cases)]
        roll = dice.random()
        if roll < 0.5:
            go_on(swaps, name, ahead[name], dice)
        elif roll < 0.9:
            swaps.round(holder=("one", "two")[dice.integers(2)])
        elif roll < 0.95:
            swaps.reconcile()
        swaps.shop.turn(int(dice.integers(1, DAY_US // 6)))
        if dice.random() < 0.2:
            swaps.time_out()


def go_on(swaps: Swaps, name: str, ahead: list[Line], dice: np.random.Generator) -> None:
    """Take the next line of a case's way, or any step that the table knows where it stands."""
    case = swaps.case(name)
    if case.stage in CAPTURES and dice.random() < 0.3:
        swaps.capture(name, int(dice.integers(1, VALUE + 3)))
        return
    if ahead and dice.random() < 0.85:
        what, told = ahead.pop(0)
        if what == "take":
            swaps.capture(name, told)
        elif what != "wait":
            swaps.say(name, What(what), **told)
        return
    able = [step for step in steps_for(case, swaps.cases.rules) if step.what not in NOT_OURS_TO_TELL]
    if able:
        step = able[dice.integers(len(able))]
        swaps.say(name, step.what, **step.told, by=step.person, teller=step.teller)


def end_well(swaps: Swaps) -> None:
    """Nothing goes wrong any more: what is to be done is done."""
    swaps.shop.stage.faults(**GOOD)
    swaps.shop.turn(PAST_LEASE_US)
    swaps.settle_all()
    agree(swaps)


@pytest.mark.parametrize("fault", ALONE)
def test_cases_that_go_any_way_under_one_fault_agree_with_the_provider_in_the_end(open_shop: Opened, fault: str):
    shop = open_shop(seed=len(fault), faults=ALONE[fault])
    swaps, provider = Swaps(shop=shop), watched(shop)
    walk(swaps, np.random.default_rng(len(fault)), cases=6, moments=150)
    end_well(swaps)
    assert provider.most == 1


@pytest.mark.parametrize("seed", range(8))
def test_cases_that_go_any_way_under_all_faults_agree_with_the_provider_in_the_end(open_shop: Opened, seed: int):
    shop = open_shop(seed=seed, faults=TOGETHER)
    swaps, provider = Swaps(shop=shop), watched(shop)
    walk(swaps, np.random.default_rng(seed), cases=8, moments=250)
    end_well(swaps)
    assert provider.most == 1


# --- a reply is lost --------------------------------------------------------------------------------------------------


class Deaf(Sandbox):
    """A provider whose answers to what acts nobody hears; `asked` counts them, `acts` says whether it acts."""

    acts = True
    asked = 0

    def act(self, path, **told):
        self.asked += 1
        if self.acts:
            super().act(path, **told)
        return Unanswered(reason="deaf")


@pytest.fixture
def swaps(shop: Shop) -> Swaps:
    return Swaps(shop=shop)


def deaf(swaps: Swaps, *, acts: bool = True) -> Deaf:
    provider = Deaf(str(swaps.shop.stage.web.base_url))
    provider.acts = acts
    return provider


@pytest.mark.parametrize("acts", [True, False])
def test_a_hold_whose_key_is_forgotten_is_found_or_asked_for_anew_under_another(swaps: Swaps, *, acts: bool):
    swaps.opens("c1")
    provider = deaf(swaps, acts=acts)
    swaps.round(provider=provider)
    swaps.shop.turn(25 * HOUR_US)
    swaps.carry_out()
    provider.close()
    (held,) = swaps.at_provider()
    assert held["metadata"]["number"] == ("1" if acts else "2")
    assert swaps.told("c1") == ["held"]
    agree(swaps)


@pytest.mark.parametrize(("what", "state"), [("capture", "captured"), ("release", "released"), ("renew", "renewed")])
def test_an_act_on_a_hold_that_nobody_heard_of_is_looked_for_and_not_done_again(swaps: Swaps, what: str, state: str):
    keeps_both(swaps)
    if what == "capture":
        swaps.capture("c1", 400)
    elif what == "release":
        swaps.say("c1", What.WRITTEN_OFF, reason="not worth it")
    else:
        swaps.shop.turn(5 * DAY_US + HOUR_US)
    provider = deaf(swaps)
    swaps.round(provider=provider)
    swaps.shop.turn(2 * PAST_LEASE_US)
    swaps.carry_out()
    assert provider.asked == 1
    provider.close()
    (held,) = swaps.at_provider()
    assert (held["state"], held["version"]) == (state, 2)
    agree(swaps)


def test_a_hold_that_was_made_in_silence_for_a_case_that_ended_is_let_go(swaps: Swaps):
    swaps.opens("c1")
    provider = deaf(swaps)
    swaps.round(provider=provider)
    swaps.say("c1", What.WITHDREW)
    swaps.settle_all()
    provider.close()
    assert swaps.told("c1") == []
    assert [hold["state"] for hold in swaps.at_provider()] == ["released"]
    agree(swaps)


def test_a_hold_that_was_never_made_for_a_case_that_ended_is_given_up(swaps: Swaps):
    swaps.opens("c1")
    provider = deaf(swaps, acts=False)
    swaps.round(provider=provider)
    swaps.say("c1", What.WITHDREW)
    swaps.settle_all()
    provider.close()
    assert swaps.states("c1") == ["dropped"]
    assert swaps.at_provider() == []


def test_a_hold_that_is_made_after_the_case_gave_up_waiting_is_let_go(swaps: Swaps):
    """Two days without an answer, and the old unit goes first; then the hold turns out to have been made."""
    swaps.opens("c1")
    provider = deaf(swaps)
    swaps.round(provider=provider)
    swaps.shop.turn(3 * DAY_US)
    swaps.time_out()
    assert swaps.case("c1").stage is Stage.TO_SCHEDULE
    swaps.settle_all()
    provider.close()
    assert swaps.told("c1") == []
    assert [hold["state"] for hold in swaps.at_provider()] == ["released"]
    agree(swaps)


# --- the hold ends while something is asked of it ---------------------------------------------------------------------


class Meanwhile(Sandbox):
    """A provider to which something happens just before or just after a capture, or after a hold was made."""

    before: Callable[[], object] | None = None
    after: Callable[[], object] | None = None
    after_hold: Callable[[], object] | None = None
    hears = True

    def hold(self, asked):
        answer = super().hold(asked)
        if self.after_hold:
            self.after_hold()
        return answer

    def capture(self, act, *, amount_minor):
        if self.before:
            self.before()
        answer = super().capture(act, amount_minor=amount_minor)
        if self.after:
            self.after()
        return answer if self.hears else Unanswered(reason="lost")


def meanwhile(swaps: Swaps) -> Meanwhile:
    return Meanwhile(str(swaps.shop.stage.web.base_url))


def test_a_hold_that_lapses_while_a_part_is_taken_is_told_as_lapsed_and_nothing_is_taken(swaps: Swaps):
    keeps_both(swaps)
    swaps.capture("c1", 7_000)
    provider = meanwhile(swaps)
    provider.before = lambda: swaps.shop.turn(8 * DAY_US)
    swaps.round(provider=provider)
    provider.close()
    assert swaps.told("c1") == ["held", "hold_lapsed"]
    assert Need.RENEW in swaps.case("c1").needs
    swaps.settle_all()
    assert swaps.told("c1") == ["held", "hold_lapsed", "held"]
    assert [hold["captured_minor"] for hold in swaps.at_provider()] == [0, 0]
    agree(swaps)


@pytest.mark.parametrize("hears", [True, False])
def test_a_part_that_was_taken_while_the_old_unit_came_in_waits_for_a_person(swaps: Swaps, *, hears: bool):
    """The case no longer explains the amount: it is told, set aside, put before a person, and no second hold is made."""
    keeps_both(swaps)
    swaps.capture("c1", 7_000)
    provider = meanwhile(swaps)
    provider.after, provider.hears = lambda: swaps.say("c1", What.RECEIVED, serial="o1"), hears
    swaps.round(provider=provider)
    provider.close()
    swaps.settle_all()
    assert swaps.told("c1") == ["held", "captured", "hold_lapsed"]
    assert rows_of(swaps.shop.database, "SELECT kind, amount_minor FROM needs") == [("unexplained_capture", 7_000)]
    assert Need.LOOK in swaps.case("c1").needs
    assert [hold["captured_minor"] for hold in swaps.at_provider()] == [7_000]
    agree(swaps)


def test_a_wish_that_may_have_been_heard_is_looked_for_before_the_hold_is_let_go(swaps: Swaps):
    keeps_both(swaps)
    swaps.capture("c1", 7_000)
    provider = deaf(swaps, acts=False)
    swaps.round(provider=provider)
    provider.close()
    swaps.say("c1", What.WRITTEN_OFF, reason="not worth it")
    swaps.settle_all()
    assert [(hold["state"], hold["captured_minor"]) for hold in swaps.at_provider()] == [("released", 0)]
    agree(swaps)


# --- two workers ------------------------------------------------------------------------------------------------------


def test_a_claim_that_was_outlived_makes_no_second_hold_and_tells_no_second_step(swaps: Swaps):
    swaps.opens("c1")
    provider = meanwhile(swaps)

    def another() -> None:
        swaps.shop.turn(PAST_LEASE_US)
        swaps.round(holder="two")

    provider.after_hold = another
    swaps.round(provider=provider)
    provider.close()
    swaps.settle_all()
    assert swaps.told("c1") == ["held"]
    assert len(swaps.at_provider()) == 1
    agree(swaps)


def test_a_claim_that_was_outlived_takes_no_second_part(swaps: Swaps):
    keeps_both(swaps)
    swaps.capture("c1", 7_000)
    provider = meanwhile(swaps)

    def another() -> None:
        provider.before = None
        swaps.shop.turn(PAST_LEASE_US)
        swaps.round(holder="two")

    provider.before = another
    swaps.round(provider=provider)
    provider.close()
    swaps.settle_all()
    assert swaps.told("c1") == ["held", "captured"]
    assert [hold["captured_minor"] for hold in swaps.at_provider()] == [7_000]
    agree(swaps)


# --- an older copy ----------------------------------------------------------------------------------------------------


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
