"""What was not yet paid is stopped, what was paid stays with the buyer as given, and given counts before anything is paid anew."""

from dataclasses import replace

import numpy as np
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from houbei.ledger.entries import Code
from houbei.runs.audit import audit
from houbei.store.database import writing
from tests.live.paying import lead_on, paid_by_line, pay_what_is_due
from tests.live.stores import balances, empty_store, entries, live, rows_of
from tests.live.telling import Tale, moment, tell_event, tell_orders, tell_prices, told_live
from tests.oracle.histories import line, price, term
from tests.oracle.strategies import History, histories

NOW = moment("11-20")
SEVERAL = settings(max_examples=settings().max_examples // 3, phases=(Phase.explicit, Phase.reuse, Phase.generate))


def codes(database: Engine) -> list[tuple[str, int]]:
    return [(code, amount) for _, code, amount in entries(database, "code", "amount_minor")]


def agrees(database: Engine) -> bool:
    return audit(database, progress=lambda *_: None).agrees


def test_a_late_return_stops_what_nobody_was_asked_to_pay() -> None:
    with empty_store(term()) as database:
        tell_orders(database, line("4999.00"))
        tell_prices(database, price("4599.00", "11-10"))
        live(database, NOW)
        tell_event(database, "returned", "11-09")
        live(database, NOW)
        assert codes(database) == [("owed", 400_00), ("stopped", 400_00)]
        assert rows_of(database, "SELECT state, due_us FROM actions") == [("stopped", None)]
        assert balances(database) == {}
        assert agrees(database)


def test_a_late_cancellation_leaves_what_was_paid_with_the_buyer() -> None:
    with empty_store(term()) as database:
        tell_orders(database, line("4999.00"))
        tell_prices(database, price("4599.00", "11-10"))
        live(database, NOW)
        pay_what_is_due(database)
        tell_event(database, "cancelled", "11-09")
        live(database, NOW)
        assert codes(database)[-1] == ("given", 400_00)
        fact, at_us = rows_of(database, "SELECT fact, at_us FROM entries WHERE code = 'given'")[0]
        assert (fact, at_us) == ("event:shop/L1:cancelled:11-09", NOW)
        assert balances(database) == {}
        assert balances(database, "given") == {"L1": 400_00}
        assert agrees(database)


def test_what_was_asked_and_not_answered_counts_as_paid() -> None:
    with empty_store(term()) as database:
        tell_orders(database, line("4999.00"))
        tell_prices(database, price("4599.00", "11-10"))
        live(database, NOW)
        lead_on(database, 1, 1, Code.INSTRUCTED, Code.UNKNOWN)
        tell_event(database, "returned", "11-09")
        live(database, NOW)
        assert balances(database, "given") == {"L1": 400_00}
        assert agrees(database)


def test_the_latest_unpaid_is_stopped_first_and_what_was_stopped_too_much_is_owed_anew() -> None:
    with empty_store(term()) as database:
        tell_orders(database, line("300.00", quantity="3"))
        tell_prices(database, price("90.00", "11-06"), price("60.00", "11-08"))
        live(database, NOW)
        pay_what_is_due(database, most=1)
        tell_event(database, "returned", "11-07", quantity=1)
        live(database, NOW)
        assert codes(database)[-2:] == [("stopped", 90_00), ("owed", 60_00)]
        assert balances(database) == {"L1": 90_00}
        assert agrees(database)


def test_a_return_that_is_withdrawn_takes_up_what_was_given_before_it_pays() -> None:
    with empty_store(term()) as database:
        tell_orders(database, line("4999.00"))
        tell_prices(database, price("4599.00", "11-10"))
        live(database, NOW)
        pay_what_is_due(database)
        tell_event(database, "returned", "11-09", event_id="R")
        live(database, NOW)
        tell_event(database, "withdrawn", "11-12", supersedes="R")
        tell_prices(database, price("4499.00", "11-14"), first_row=2)
        live(database, NOW)
        assert codes(database)[-2:] == [("taken_up", 400_00), ("owed", 100_00)]
        assert balances(database) == {"L1": 500_00}
        assert balances(database, "given") == {}
        assert agrees(database)


def test_a_later_smaller_drop_is_paid_from_what_was_given() -> None:
    """Two of three units come back after 30.00 was paid; the third's next drop of 15.00 has been paid already."""
    with empty_store(term()) as database:
        tell_orders(database, line("300.00", quantity="3"))
        tell_prices(database, price("90.00", "11-10"))
        live(database, NOW)
        pay_what_is_due(database)
        tell_event(database, "returned", "11-09", quantity=2)
        tell_prices(database, price("75.00", "11-12"), first_row=2)
        live(database, NOW)
        assert balances(database) == {"L1": 25_00}
        assert balances(database, "given") == {"L1": 5_00}
        assert paid_by_line(database) == {"L1": 30_00}
        assert agrees(database)


@SEVERAL
@given(history=histories(), seed=st.integers(0, 2**32))
def test_never_is_more_paid_than_owed_and_given_whatever_comes_when(history: History, seed: int) -> None:
    history, chance = told_live(replace(history, as_of=None)), np.random.default_rng(seed)
    if not (history.orders and history.prices):
        return
    tale = Tale(history, apart=True)
    facts = [tale.facts[k] for k in chance.permutation(len(tale.facts))]
    end_us = max(fact.at_us for fact in facts)
    with empty_store(history.terms) as database:
        for piece in range(4):
            with writing(database) as connection:
                tale.tell(connection, facts[piece::4])
            live(database, end_us + piece)
            assert_the_books_hold(database)
            pay_what_is_due(database, most=int(chance.integers(0, 6)))
            assert_the_books_hold(database)
        assert agrees(database)


def assert_the_books_hold(database: Engine) -> None:
    owed, given_, paid = balances(database), balances(database, "given"), paid_by_line(database)
    assert all(amount > 0 for amount in (*owed.values(), *given_.values()))
    assert all(paid.get(name, 0) - given_.get(name, 0) <= owed.get(name, 0) for name in paid)
    settled = rows_of(database, "SELECT SUM(amount_minor) FROM actions WHERE state <> 'stopped'")[0][0] or 0
    assert settled == sum(owed.values()) + sum(given_.values())
    assert rows_of(database, "SELECT COUNT(*) FROM entries GROUP BY cover HAVING COUNT(*) <> MAX(sequence)") == []
    assert rows_of(database, "SELECT COUNT(*) FROM entries WHERE debit = credit OR amount_minor <= 0") == [(0,)]
