"""Cases with holds that go any way, under each fault alone and all together: never two for a case, never taken twice or above."""

from typing import Any

import numpy as np
import pytest

from houbei.facts.steps import What
from houbei.payments.sandbox import Sandbox
from houbei.runs.hold_wants import CAPTURES
from tests.case.states import steps_for
from tests.reliability.conftest import Opened
from tests.reliability.endings import ENDINGS, Line
from tests.reliability.shop import DAY_US, PAST_LEASE_US, Shop
from tests.reliability.swaps import VALUE, Swaps, agree, alive_by_case, every_hold

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
