"""A model check: every state a case can reach under several rules, and what must hold in each of them and on each way between them."""

from collections import Counter

import pytest

from houbei.case.deadlines import deadlines_of
from houbei.case.fold import Advanced
from houbei.case.moves import Move
from houbei.case.stages import ENDS, Case, New, Old, Rules, Secured, Stage
from houbei.facts.steps import Step
from houbei.ledger.accounts import Account
from houbei.ledger.swaps import ACCOUNTS_OF
from tests.case.states import Key, key_of, reach

RULES = {
    "the new unit first, trusted": Rules(supplier_us=1),
    "the new unit first, on a hold or a deposit": Rules(secured_by=Secured.HOLD),
    "the old unit first; a cheaper model gives the difference back": Rules(advance=False, pay_down=True),
    "trusted up to less than the unit's value; silence asks a person": Rules(trust_minor=9, silence_accepts=False),
}
OPEN = (
    Account.UNITS_IN_EXCHANGE,
    Account.HOLDS_AT_PROVIDER,
    Account.HOLDS_OF_BUYERS,
    Account.DEPOSITS_OF_BUYERS,
    Account.RECEIVABLE_FROM_SUPPLIERS,
)
"""Accounts that stand for something that is still to come."""
Balances = Counter[Account]


class Books:
    """What the moves of every way into every state come to; two ways into one state must come to the same."""

    def __init__(self) -> None:
        self.at: dict[Key, Balances] = {key_of(Case()): Counter()}
        self.wrong: list[str] = []
        self.steps = 0

    def take(self, case: Case, step: Step, done: Advanced) -> None:
        self.steps += 1
        balances = Counter(self.at[key_of(case)])
        for moved in done.moved:
            debit, credit = ACCOUNTS_OF[moved.move]
            if moved.amount_minor <= 0:
                self.wrong.append(f"{moved} of {step.what} at {case.stage}")
            balances[debit] += moved.amount_minor
            balances[credit] -= moved.amount_minor
        still = Counter({account: balances[account] for account in OPEN if balances[account]})
        known = self.at.setdefault(key_of(done.case), still)
        if known != still:
            self.wrong.append(
                f"{step.what} at {case.stage} leads to {done.case.stage} with {still}, another way with {known}"
            )
        taken = sum(m.amount_minor for m in done.moved if m.move.value.startswith(("captured", "kept")))
        if taken > case.secured_minor:
            self.wrong.append(f"{taken} taken of {case.secured_minor} at {case.stage}")
        sent = any(moved.move is Move.UNIT_SENT for moved in done.moved)
        if sent and (case.new is New.WITH_BUYER or case.recalled):
            self.wrong.append(f"a second unit leaves at {case.stage}")
        if case.new is New.WITH_BUYER and done.case.new is New.WITH_BUYER and done.case.new_serial != case.new_serial:
            self.wrong.append(f"a second unit is handed over by {step.what} at {case.stage}")


def expected(case: Case) -> Balances:
    """What must stand open, read off where the units and the securities are."""
    out = (case.new in {New.ON_THE_WAY, New.WITH_BUYER}) + case.recalled
    back = case.old in {Old.WITH_SHOP, Old.LOST, Old.LET_GO}
    money_instead = case.stage in {Stage.REFUND_DUE, Stage.REFUNDED} and case.new is not New.WITH_BUYER
    hold = case.secured_minor if case.secured is Secured.HOLD else 0
    amounts = {
        Account.UNITS_IN_EXCHANGE: (out - back + money_instead) * case.value_minor,
        Account.HOLDS_AT_PROVIDER: hold,
        Account.HOLDS_OF_BUYERS: -hold,
        Account.DEPOSITS_OF_BUYERS: -case.secured_minor if case.secured is Secured.DEPOSIT else 0,
        Account.RECEIVABLE_FROM_SUPPLIERS: case.claimed_minor,
    }
    return Counter({account: amount for account, amount in amounts.items() if amount})


@pytest.mark.parametrize("rules", RULES.values(), ids=RULES)
def test_no_state_is_stuck_forgotten_or_out_of_balance_and_no_buyer_has_two_new_units(rules: Rules):
    books = Books()
    found = reach(rules, taken=books.take)
    assert books.wrong == []
    for key, (case, _) in found.items():
        assert books.at[key] == expected(case), case
        if case.over:
            assert not books.at[key], case
            assert next(deadlines_of(case, rules=rules), None) is None, case
        else:
            assert case.needs or next(deadlines_of(case, rules=rules), None) is not None, case
    assert _stuck(found) == []
    assert {case.stage for case, _ in found.values()} >= ENDS
    assert len(found) > 1000


def _stuck(found: dict[Key, tuple[Case, frozenset[Key]]]) -> list[Case]:
    """States from which no way leads to an end with nothing open."""
    into: dict[Key, list[Key]] = {}
    for key, (_, leads) in found.items():
        for other in leads:
            into.setdefault(other, []).append(key)
    good = {key for key, (case, _) in found.items() if case.over}
    waiting = list(good)
    while waiting:
        for before in into.get(waiting.pop(), ()):
            if before not in good:
                good.add(before)
                waiting.append(before)
    return [case for key, (case, _) in found.items() if key not in good]
