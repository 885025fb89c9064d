"""Each ending of a case with a hold, on good days and bad: books balanced, the provider agrees, nothing stays held."""

import pytest

from houbei.case.stages import Secured
from houbei.facts.steps import What
from tests.reliability.conftest import Opened
from tests.reliability.endings import ENDINGS, Line
from tests.reliability.shop import DAY_US, Shop
from tests.reliability.swaps import VALUE, Swaps, agree

BAD_DAYS = {
    "lost_reply": 150,
    "error_after_acting": 150,
    "error_before_acting": 100,
    "conflict": 100,
    "throttle": 100,
}


def carry(swaps: Swaps, case_id: str, line: Line) -> None:
    """Let one line of an ending happen, and the outbox run until it has its answers."""
    what, told = line
    if what == "wait":
        swaps.live(told * DAY_US)
    elif what == "take":
        assert swaps.capture(case_id, told) is None
    else:
        swaps.say(case_id, What(what), **told)
    swaps.settle_all()


def ends_as(swaps: Swaps, case_id: str, name: str) -> None:
    """What must hold at the end of an ending."""
    ending, case = ENDINGS[name], swaps.case(case_id)
    assert case.stage is ending.stage
    assert case.over, case
    assert case.secured is Secured.NOTHING
    assert sum(hold["captured_minor"] for hold in of_case(swaps, case_id)) == ending.taken_minor
    assert {hold["state"] for hold in of_case(swaps, case_id)} <= {"captured", "released", "expired"}
    assert not any(done.set_aside for done in swaps.done(case_id)), swaps.steps(case_id)


def of_case(swaps: Swaps, case_id: str) -> list:
    return [hold for hold in swaps.at_provider() if hold["metadata"]["case"] == case_id]


@pytest.mark.parametrize("name", ENDINGS)
def test_each_ending_leaves_the_books_balanced_and_nothing_held(shop: Shop, name: str):
    swaps = Swaps(shop=shop)
    swaps.opens("c1")
    swaps.carry_out()
    assert swaps.case("c1").secured_minor == VALUE
    for line in ENDINGS[name].lines:
        carry(swaps, "c1", line)
        agree(swaps)
    ends_as(swaps, "c1", name)
    assert swaps.needs() == []
    swaps.live(30 * DAY_US, every_us=DAY_US)
    agree(swaps)


@pytest.mark.parametrize("seed", range(3))
def test_all_endings_through_bad_days_leave_the_same(open_shop: Opened, seed: int):
    """One after the other, so that the days one case waits are not days of another; those that ended stay under watch."""
    swaps = Swaps(shop=open_shop(seed=seed, faults=BAD_DAYS))
    cases = {f"c{k:02d}": name for k, name in enumerate(ENDINGS)}
    for case_id, name in cases.items():
        swaps.opens(case_id)
        swaps.settle_all()
        for line in ENDINGS[name].lines:
            carry(swaps, case_id, line)
    swaps.shop.stage.faults(**dict.fromkeys(BAD_DAYS, 0))
    swaps.settle_all()
    agree(swaps)
    for case_id, name in cases.items():
        ends_as(swaps, case_id, name)
