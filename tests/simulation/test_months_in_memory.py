"""Months of the sample shop on cases that are folded in memory: many seeds, seconds; each ending against a second account."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from houbei.case.deadlines import next_deadline
from houbei.case.moves import Move, Moved
from houbei.case.stages import ENDS
from houbei.ledger.swaps import ACCOUNTS_OF
from houbei.simulation.months import Months
from houbei.simulation.shop import promises
from tests.simulation.account import Account, differences
from tests.simulation.memory import MemoryDesk, NoTill, Thread

CASES, DAYS = 300, 60
SEEDS = [1, 2, 3, 4]
KEPT = [
    int(line.split("#")[0])
    for line in (Path(__file__).parent / "seeds.txt").read_text().splitlines()
    if line.strip() and not line.startswith("#")
]
PAYS_DOWN = {terms.term: terms.replacement is not None and terms.replacement.pay_down for terms in promises()}


@cache
def lived(seed: int, *, cases: int = CASES, days: int = DAYS):
    desk = MemoryDesk()
    truth = Months(desk, till=NoTill(), seed=seed, days=days, cases=cases).live(lambda *_: None)
    return desk, truth


@pytest.mark.parametrize("seed", sorted({*SEEDS, *KEPT}))
def test_everything_comes_to_rest_nobody_has_two_new_units_and_each_cent_is_where_the_words_put_it(seed: int):
    desk, truth = lived(seed)
    assert truth.doubled == 0
    for thread in desk.threads.values():
        at_rest = thread.state.over or thread.state.needs or next_deadline(thread.state, rules=thread.rules)
        assert at_rest, thread.state
    assert [
        found for thread in desk.threads.values() if thread.state.over for found in wrong(thread, thread.moved)
    ] == []


def wrong(thread: Thread, moved: Sequence[Moved]) -> list[str]:
    """Where movements of a case differ from what its words say."""
    rows = [{"what": step.what.value, "counted": not aside, **step.told} for step, aside in thread.steps]
    account = Account(pays_down=PAYS_DOWN[thread.term]).read(rows)
    ledger = Counter[str]()
    for one in moved:
        debit, credit = ACCOUNTS_OF[one.move]
        ledger[debit.value] += one.amount_minor
        ledger[credit.value] -= one.amount_minor
    return [f"{thread.case} ({thread.state.stage}): {found}" for found in differences(account.stands, ledger)]


def test_a_movement_that_is_left_out_made_twice_or_a_cent_off_is_seen_whatever_it_is():
    desk, _ = lived(SEEDS[0])
    tried = Counter[Move]()
    for thread in (thread for thread in desk.threads.values() if thread.state.over):
        for place, moved in enumerate(thread.moved):
            rest = [*thread.moved[:place], *thread.moved[place + 1 :]]
            off = replace(moved, amount_minor=moved.amount_minor + 1)
            for changed in (rest, [*thread.moved, moved], [*rest, off]):
                assert wrong(thread, changed), (thread.case, moved)
            tried[moved.move] += 1
    assert len(tried) > 15


def test_a_seed_decides_everything():
    one, _ = lived.__wrapped__(9, cases=40, days=20)
    other, _ = lived.__wrapped__(9, cases=40, days=20)
    assert [thread.steps for thread in one.threads.values()] == [thread.steps for thread in other.threads.values()]


def test_months_hold_every_ending_and_what_goes_wrong_on_the_way():
    found, told, aside = Counter(), Counter(), Counter()
    for seed in SEEDS:
        desk, _ = lived(seed)
        for thread in desk.threads.values():
            found[thread.state.stage] += 1
            told.update(step.what.value for step, _ in thread.steps)
            aside.update(step.what.value for step, out in thread.steps if out)
    assert found.keys() >= ENDS
    wanted = {"lost", "absent", "refused", "wrong_unit", "came_back", "captured", "written_off", "appealed", "reversed"}
    wanted |= {
        "hold_lapsed",
        "hold_renewed",
        "deposited",
        "not_secured",
        "chose",
        "paid_up",
        "supplier_refused",
        "recovered",
    }
    assert told.keys() >= wanted
    assert aside["inspected"]
    assert aside.total() > 20
