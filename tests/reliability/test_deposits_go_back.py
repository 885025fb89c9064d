"""A deposit is a payment of its own: what is not kept of it goes back by the outbox for refunds, to the cent and once."""

import pytest

from houbei.case.moves import Move
from houbei.case.stages import Rules, Secured, Stage
from houbei.facts.steps import What
from houbei.ledger.accounts import Account
from houbei.ledger.swaps import ACCOUNTS_OF, code_of
from houbei.runs.outbox import run_outbox
from houbei.store.books import append_actions, append_entries
from houbei.store.database import writing
from houbei.store.digests import next_batch
from tests.reliability.conftest import Opened
from tests.reliability.shop import DAY_US, PAST_LEASE_US, Shop, line, rows_of, states
from tests.reliability.swaps import Swaps, ToldCases, balances

DEPOSIT, PAYMENT = 10_000, "deposit-c1"


def owe(shop: Shop, minor: int, fact: str) -> None:
    """Post what a case owes as the books of cases do: an `owed` entry, and an action that pays it back to the deposit's own payment."""
    debit, credit = ACCOUNTS_OF[Move.DEPOSIT_OWED]
    with writing(shop.database) as connection:
        (cover,) = connection.exec_driver_sql("SELECT cover FROM covers").one()
        batch, money = next_batch(connection), (minor, "USD")
        why = ("S-1", fact, shop.now_us, None, shop.now_us, batch)
        append_entries(
            connection, [(cover, 1, code_of(Move.DEPOSIT_OWED), debit.value, credit.value, *money, *why)], batch=batch
        )
        append_actions(connection, [(cover, 1, "refund", "due", *money, PAYMENT, shop.now_us, 0, None)])


@pytest.mark.parametrize("kept", [0, 1, 4_321, DEPOSIT - 1])
@pytest.mark.parametrize("faults", [{}, {"lost_reply": 1000}, {"error_after_acting": 1000}], ids=str)
def test_a_deposit_larger_than_what_is_kept_of_it_is_given_back_to_the_cent(
    open_shop: Opened, kept: int, faults: dict[str, int]
):
    shop = open_shop()
    swaps = Swaps(shop=shop, cases=ToldCases(rules=Rules(secured_by=Secured.DEPOSIT)))
    shop.sell([line("a", order="o1")])
    shop.decide()
    swaps.opens("c1", value=DEPOSIT)
    shop.stage.capture({PAYMENT: DEPOSIT})
    swaps.say("c1", What.DEPOSITED, amount_minor=DEPOSIT, reference=PAYMENT)
    assert swaps.round() == 0
    swaps.say("c1", What.SLOT_CHOSEN, from_us=shop.now_us, until_us=shop.now_us + DAY_US)
    swaps.say("c1", What.RESERVED, serial="n1")
    swaps.say("c1", What.DISPATCHED)
    swaps.say("c1", What.DELIVERED, new_serial="n1")
    if kept:
        swaps.say("c1", What.CAPTURED, amount_minor=kept, reference=PAYMENT)
    else:
        swaps.say("c1", What.WRITTEN_OFF, reason="not worth it")
    moved = swaps.moved("c1")
    assert swaps.case("c1").stage is Stage.SETTLED
    assert (moved[Move.DEPOSIT_OWED], moved[Move.KEPT_FOR_UNIT]) == (DEPOSIT - kept, kept)
    assert balances(swaps, "c1")[Account.DEPOSITS_OF_BUYERS] == 0
    owe(shop, moved[Move.DEPOSIT_OWED], swaps.steps("c1")[-1].fact)
    shop.stage.faults(**faults)
    run_outbox(shop.database, shop.provider, now_us=shop.now_us, holder="one")
    shop.stage.faults(**dict.fromkeys(faults, 0))
    shop.turn(PAST_LEASE_US)
    shop.settle_all()
    assert states(shop.database) == {("refund", "reconciled"): 1}
    assert shop.stage.paid() == {(PAYMENT, DEPOSIT - kept, "succeeded"): 1}
    assert rows_of(shop.database, "SELECT SUM(amount_minor) FROM entries WHERE code = 'owed'") == [(DEPOSIT - kept,)]
    left = shop.stage.refund(PAYMENT, kept + 1, key="a cent too much")
    assert left["code"] == "exceeds_captured"
