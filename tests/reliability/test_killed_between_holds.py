"""Whoever dies before or after any call about a hold, or before any commit, leaves what the next one finishes to the same end.

By default every fourth point is tried, by `HYPOTHESIS_PROFILE=thorough` all of them.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event

from houbei.facts.steps import What
from houbei.payments.sandbox import Sandbox
from tests.reliability.sandboxes import sandbox_in
from tests.reliability.shop import DAY_US, PAST_LEASE_US, Shop
from tests.reliability.swaps import Swaps, agree
from tests.reliability.test_holds import sends

STRIDE = 1 if os.environ.get("HYPOTHESIS_PROFILE", "default") in {"thorough", "search"} else 4
CALLS = ("hold", "renew", "capture", "release", "find_hold", "read_hold", "list_holds_after")


class DiedError(BaseException):
    """The process is gone: nothing of ours may catch it."""


class Mortal:
    """Whoever dies at one point of all; `points` names those that were passed."""

    def __init__(self, dies_at: int) -> None:
        self.points: list[str] = []
        self.dies_at = dies_at

    def passes(self, name: str) -> None:
        self.points.append(name)
        if len(self.points) == self.dies_at:
            raise DiedError


def mortal_provider(address: str, mortal: Mortal) -> Sandbox:
    provider: Any = Sandbox(address)
    for name in CALLS:
        setattr(provider, name, _with_points(getattr(provider, name), name, mortal))
    return provider


def _with_points(call: Any, name: str, mortal: Mortal) -> Any:
    def called(*args: Any, **told: Any) -> Any:
        mortal.passes(f"before {name}")
        answer = call(*args, **told)
        mortal.passes(f"after {name}")
        return answer

    return called


@contextmanager
def mortal_commits(swaps: Swaps, mortal: Mortal) -> Iterator[None]:
    def before_commit(_connection: Any) -> None:
        mortal.passes("before COMMIT")

    event.listen(swaps.shop.database, "commit", before_commit)
    try:
        yield
    finally:
        event.remove(swaps.shop.database, "commit", before_commit)


def live_on(swaps: Swaps, mortal: Mortal) -> None:
    """Do all that is due and reconcile; whoever dies is followed by another, once the claim has run out."""
    for holder in ("first", "second"):
        try:
            with mortal_commits(swaps, mortal):
                while swaps.round(holder=holder):
                    pass
                swaps.reconcile()
                while swaps.round(holder=holder):
                    pass
        except DiedError:
            swaps.shop.turn(PAST_LEASE_US)
        else:
            return


def tell(swaps: Swaps, mortal: Mortal) -> None:
    """One case is confirmed, of one a part is taken, one hold lapses while nobody runs, one card refuses."""
    for name in ("confirmed", "taken", "lapsed"):
        swaps.opens(name)
    live_on(swaps, mortal)
    swaps.shop.stage.faults(card_refuses=1000)
    swaps.opens("refused")
    live_on(swaps, mortal)
    swaps.shop.stage.faults(card_refuses=0)
    sends(swaps, "confirmed")
    sends(swaps, "taken")
    swaps.say("taken", What.DELIVERED, new_serial="n1")
    swaps.shop.turn(6 * DAY_US)
    live_on(swaps, mortal)
    swaps.say("confirmed", What.SWAPPED, old_serial="o1", new_serial="n1")
    swaps.say("confirmed", What.RECEIVED, serial="o1")
    swaps.say("confirmed", What.INSPECTED, verdict="confirmed")
    assert swaps.capture("taken", 700) is None
    live_on(swaps, mortal)
    swaps.shop.turn(8 * DAY_US)
    live_on(swaps, mortal)
    swaps.say("lapsed", What.WITHDREW)
    live_on(swaps, mortal)


def outcome(folder: Path, dies_at: int) -> tuple[Any, list[str]]:
    """What the story comes to, and the points that were passed."""
    with sandbox_in(folder) as address:
        shop, mortal = Shop.opened(folder / "houbei.db", address), Mortal(dies_at)
        shop.provider.close()
        shop.provider = mortal_provider(address, mortal)
        swaps = Swaps(shop=shop)
        tell(swaps, mortal)
        agree(swaps)
        holds = [
            (
                hold["metadata"]["case"],
                hold["metadata"]["number"],
                hold["state"],
                hold["version"],
                hold["captured_minor"],
            )
            for hold in swaps.at_provider()
        ]
        told = {name: swaps.told(name) for name in ("confirmed", "taken", "lapsed", "refused")}
        needs = swaps.needs()
        shop.close()
        return (sorted(holds), told, needs), mortal.points


def test_whoever_dies_between_two_steps_of_a_hold_leaves_what_ends_the_same(tmp_path: Path):
    whole = tmp_path / "undisturbed"
    whole.mkdir()
    undisturbed, points = outcome(whole, 0)
    assert undisturbed[1] == {
        "confirmed": ["held", "hold_renewed"],
        "taken": ["held", "hold_renewed", "captured"],
        "lapsed": ["held", "hold_renewed", "hold_lapsed", "held"],
        "refused": ["not_secured"],
    }
    assert {f"{when} {call}" for when in ("before", "after") for call in CALLS} <= set(points)
    for number in range(1, len(points) + 1, STRIDE):
        folder = tmp_path / str(number)
        folder.mkdir()
        found, _ = outcome(folder, number)
        assert found == undisturbed, f"died at {number}, {points[number - 1]!r}"
