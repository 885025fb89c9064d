"""A clock that is set forward or back by a day: nothing is lost, nothing is paid before its time, and a person is told."""

import pytest

from houbei.runs import loop
from houbei.runs.loop import Steady, run_forever
from tests.reliability.shop import (
    DAY_US,
    HOUR_US,
    SECOND_US,
    START_US,
    Shop,
    line,
    needs,
    price,
    rows_of,
    settled_once,
    tell,
)


class Machine:
    """A machine's clock, and time that passes by itself."""

    def __init__(self) -> None:
        self.off_us = 0
        self.passed_us = 0

    def clock(self) -> int:
        return START_US + self.passed_us + self.off_us

    def passed_ns(self) -> int:
        return self.passed_us * 1000


@pytest.mark.parametrize("off_us", [DAY_US, -DAY_US, 2 * HOUR_US, -2 * HOUR_US])
def test_a_clock_that_jumps_is_lived_by_the_time_that_passed(off_us: int):
    machine = Machine()
    steady = Steady(clock=machine.clock, passed_ns=machine.passed_ns)
    assert steady.read() == (START_US, 0)
    machine.passed_us, machine.off_us = 10 * SECOND_US, off_us
    assert steady.read() == (START_US + 10 * SECOND_US, off_us)
    machine.passed_us += HOUR_US
    assert steady.read() == (START_US + 10 * SECOND_US + HOUR_US, off_us)
    machine.off_us = 0
    assert steady.read() == (START_US + 10 * SECOND_US + HOUR_US, 0)


def test_a_clock_that_is_corrected_a_little_is_believed():
    machine = Machine()
    steady = Steady(clock=machine.clock, passed_ns=machine.passed_ns)
    steady.read()
    for _ in range(5):
        machine.off_us += HOUR_US // 2
        assert steady.read() == (machine.clock(), 0)


@pytest.mark.parametrize("off_us", [DAY_US, -DAY_US])
def test_a_loop_whose_clock_jumps_pays_what_is_due_and_nothing_early(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, off_us: int
):
    """A price that holds in six hours is told; the clock jumps over it, or back before the sale."""
    machine, rounds, seen = Machine(), iter(range(100)), []
    monkeypatch.setattr(loop, "IDLE_S", 0)
    monkeypatch.setattr(loop, "Steady", lambda *, clock: Steady(clock=clock, passed_ns=machine.passed_ns))
    shop.sell([line("a", order="o1")])
    soon = START_US + 6 * HOUR_US
    tell(shop.database, prices=[price("now", 900, at_us=START_US), price("soon", 850, at_us=soon)])

    def stopped() -> bool:
        number = next(rounds)
        machine.passed_us += HOUR_US
        machine.off_us = off_us if 2 <= number < 10 else 0
        shop.stage.turn(START_US + machine.passed_us)
        paid = rows_of(
            shop.database, "SELECT SUM(amount_minor) FROM actions WHERE state IN ('confirmed', 'reconciled')"
        )
        seen.append((machine.passed_us, paid[0][0] or 0, needs(shop.database)))
        return number == 14

    run_forever(shop.database, shop.provider, clock=machine.clock, holder="one", stopped=stopped, say=pytest.fail)
    assert all(paid == 100 for passed, paid, _ in seen if HOUR_US < passed <= 6 * HOUR_US)
    assert all(paid == 150 for passed, paid, _ in seen if passed > 7 * HOUR_US)
    assert [told for _, _, told in seen if told] == [["clock"]] * 8
    assert needs(shop.database) == []
    shop.now_us = START_US + machine.passed_us
    settled_once(shop)
