"""A holder that goes wrong at one moment: a reply nobody hears, a hold that ends under a capture, a claim that was outlived."""

from collections.abc import Callable

import pytest

from houbei.case.stages import Need, Stage
from houbei.facts.steps import What
from houbei.payments.answers import Unanswered
from houbei.payments.sandbox import Sandbox
from tests.reliability.shop import DAY_US, HOUR_US, PAST_LEASE_US, Shop, rows_of
from tests.reliability.swaps import Swaps, agree
from tests.reliability.test_holds import keeps_both

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
    swaps.shop.turn(25 * HOUR_US)  # its key is forgotten: asked again it would be done again
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
