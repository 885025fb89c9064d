"""What late deliveries are owed is paid once, by the provider and in points, whatever the clock, other processes and old copies do."""

from pathlib import Path

import numpy as np
import pytest

from houbei.payments.sandbox import Sandbox
from houbei.runs import loop
from houbei.runs.loop import Steady, run_forever, run_round
from houbei.store.database import open_database, writing
from houbei.store.promises import publish
from houbei.terms.document import parse_terms
from tests.live.stores import tamper
from tests.reliability.late import (
    BY_US,
    FEE,
    PROMISE,
    late_balances,
    live_with,
    promised,
    publish_on_time,
    scanned,
    settle_late,
    tell_arrivals,
)
from tests.reliability.sandboxes import MAKER
from tests.reliability.shop import (
    DAY_US,
    HOUR_US,
    START_US,
    Row,
    Shop,
    audited,
    line,
    needs,
    price,
    rows_of,
    settled_once,
    tell,
)
from tests.reliability.test_a_store_set_back import copied, set_back
from tests.reliability.test_clocks_that_jump import Machine

NOW_US = BY_US + HOUR_US


def open_late(shop: Shop, *, orders: int = 1) -> None:
    """Sell some orders, each under a promise."""
    publish_on_time(shop.database)
    lines = [line(f"l{k}", order=f"o{k}") for k in range(orders)]
    tell(shop.database, lines=lines, now_us=shop.now_us)
    shop.stage.capture({f"o{k}": 1000 + FEE for k in range(orders)})
    tell_arrivals(shop.database, promises=[promised(f"p{k}", order=f"o{k}") for k in range(orders)])


def test_the_fee_goes_back_to_the_card_and_the_points_to_the_buyer(shop: Shop):
    open_late(shop)
    live_with(shop)
    assert shop.stage.paid() == {}
    shop.turn(BY_US - shop.now_us)
    live_with(shop)
    assert shop.stage.paid() == {("o0", FEE, "succeeded"): 1}
    shop.reconcile()
    assert late_balances(shop.database) == {
        ("delivery_guarantee", "USD"): FEE,
        ("settled", "USD"): -FEE,
        ("delivery_guarantee", "points"): 1000,
        ("points_of_buyers", "points"): -1000,
    }
    settle_late(shop)
    assert shop.stage.paid() == {("o0", FEE, "succeeded"): 1, ("o0", 500 - FEE, "succeeded"): 1}
    settled_once(shop)


def test_a_price_that_falls_and_a_late_arrival_are_both_paid(shop: Shop):
    """Case E14: two covers, neither of which knows of the other."""
    open_late(shop)
    shop.turn(DAY_US)
    tell(shop.database, prices=[price("p1", 900, at_us=shop.now_us)], now_us=shop.now_us)
    settle_late(shop)
    assert shop.stage.paid() == {
        ("o0", 100, "succeeded"): 1,
        ("o0", FEE, "succeeded"): 1,
        ("o0", 500 - FEE, "succeeded"): 1,
    }
    settled_once(shop)


def test_what_was_paid_before_it_is_known_to_be_in_time_stays_with_the_buyer(shop: Shop):
    open_late(shop)
    shop.turn(NOW_US - shop.now_us)
    live_with(shop)
    tell_arrivals(shop.database, scans=[scanned("s0", order="o0", at_us=BY_US - 1)])
    settle_late(shop)
    codes = rows_of(shop.database, "SELECT code, amount_minor, currency, fact FROM entries WHERE code = 'given'")
    assert codes == [("given", FEE, "USD", "scan:shop/s0"), ("given", 1000, "points", "scan:shop/s0")]
    assert shop.stage.paid() == {("o0", FEE, "succeeded"): 1}
    settled_once(shop)


def test_a_store_set_back_to_before_it_paid_pays_nothing_twice(shop: Shop, tmp_path: Path):
    open_late(shop, orders=3)
    live_with(shop)
    copied(shop, tmp_path / "copy.db")
    shop.turn(NOW_US - shop.now_us)
    live_with(shop)
    shop.turn(HOUR_US)
    set_back(shop, tmp_path / "copy.db")
    settle_late(shop)
    assert shop.stage.paid() == {
        **{(f"o{k}", FEE, "succeeded"): 1 for k in range(3)},
        **{(f"o{k}", 500 - FEE, "succeeded"): 1 for k in range(3)},
    }
    assert set(needs(shop.database)) <= {"tell_buyer"}
    settled_once(shop)


@pytest.mark.parametrize("off_us", [3 * DAY_US, -DAY_US])
def test_a_clock_that_jumps_pays_nothing_early(shop: Shop, monkeypatch: pytest.MonkeyPatch, off_us: int):
    machine, rounds, seen = Machine(), iter(range(100)), []
    monkeypatch.setattr(loop, "IDLE_S", 0)
    monkeypatch.setattr(loop, "Steady", lambda *, clock: Steady(clock=clock, passed_ns=machine.passed_ns))
    publish_on_time(shop.database)
    tell(shop.database, lines=[line("l0", order="o0")])
    shop.stage.capture({"o0": 1000 + FEE})
    soon = START_US + 6 * HOUR_US
    tell_arrivals(shop.database, promises=[promised("p0", order="o0", by_us=soon)])

    def stopped() -> bool:
        number = next(rounds)
        machine.passed_us += HOUR_US
        machine.off_us = off_us if 2 <= number < 5 else 0
        shop.stage.turn(START_US + machine.passed_us)
        owed = rows_of(shop.database, "SELECT SUM(amount_minor) FROM actions WHERE currency = 'USD'")
        seen.append((machine.passed_us, owed[0][0] or 0))
        return number == 9

    run_forever(shop.database, shop.provider, clock=machine.clock, holder="one", stopped=stopped, say=pytest.fail)
    assert all(owed == 0 for passed, owed in seen if passed <= 6 * HOUR_US)
    assert all(owed == FEE for passed, owed in seen if passed > 7 * HOUR_US)
    assert rows_of(shop.database, "SELECT at_us FROM entries WHERE code = 'owed'") == [(soon,), (soon,)]


ORDERS = 24
WRITERS = 3
FACTS: list[tuple[str, Row]] = [
    *(("lines", line(f"l{k}", order=f"o{k}")) for k in range(ORDERS)),
    *(("promises", promised(f"p{k}", order=f"o{k}")) for k in range(ORDERS)),
    *(("scans", scanned(f"s{k}", order=f"o{k}", at_us=BY_US - 1 + k % 2)) for k in range(ORDERS)),
]


def writes(path: Path, address: str, seed: int) -> None:
    """Tell all of the facts in an order of one's own, and do what there is to do between them."""
    dice = np.random.default_rng(seed)
    database, provider = open_database(path), Sandbox(address)
    for place in dice.permutation(len(FACTS)).tolist():
        kind, row = FACTS[place]
        if kind == "lines":
            tell(database, lines=[row], now_us=NOW_US)
        else:
            tell_arrivals(database, **{kind: [row]}, now_us=NOW_US)
        if dice.random() < 0.3:
            run_round(database, provider, now_us=NOW_US, holder=f"writer {seed}")
    database.dispose()
    provider.close()


def test_writers_that_tell_look_and_pay_at_once_leave_what_the_facts_say(shop: Shop):
    publish_on_time(shop.database)
    shop.stage.capture({f"o{k}": 1000 + FEE for k in range(ORDERS)})
    shop.turn(NOW_US - shop.now_us)
    address, path = str(shop.stage.web.base_url), Path(str(shop.database.url.database))
    writers = [MAKER.Process(target=writes, args=(path, address, seed)) for seed in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(120)
    assert [writer.exitcode for writer in writers] == [0] * WRITERS
    live_with(shop)
    late = {f"o{k}" for k in range(ORDERS) if k % 2}
    stands = rows_of(shop.database, "SELECT order_id, verdict FROM deliveries")
    assert dict(stands) == {f"o{k}": "late" if k % 2 else "kept" for k in range(ORDERS)}
    owed = rows_of(
        shop.database,
        "SELECT l.order_id, e.currency, SUM(CASE WHEN e.debit = 'delivery_guarantee' THEN e.amount_minor ELSE 0 END)"
        " - SUM(CASE WHEN e.credit = 'delivery_guarantee' THEN e.amount_minor ELSE 0 END) AS owed FROM entries e"
        " JOIN covers c ON c.cover = e.cover JOIN lines l ON l.seq = c.line GROUP BY 1, 2 HAVING owed <> 0",
    )
    assert set(owed) == {(order, unit, amount) for order in late for unit, amount in (("USD", FEE), ("points", 1000))}
    settle_late(shop)
    settled_once(shop)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE entries SET amount_minor = 391 WHERE sequence = 1", "the facts say 390 is owed in money"),
        ("UPDATE entries SET amount_minor = 999 WHERE currency = 'points'", "the facts say 1000 is owed in points"),
        ("UPDATE deliveries SET verdict = 'kept'", "verdict is kept, its facts say late"),
        ("UPDATE deliveries SET by_us = by_us + 1", "by_us is"),
        ("DELETE FROM deliveries", "is promised under shop-on-time, and not kept"),
        ("INSERT INTO needs VALUES ('late_disputed', '1', 1, '{}', 1, 'USD')", "is on somebody's list"),
        ("INSERT INTO needs VALUES ('late_disputed', '9', 1, '{}', 1, 'USD')", "delivery 9, which is not there"),
        ("UPDATE promises_given SET by_us = by_us + 1", "a row of promises_given is not as it was added"),
    ],
)
def test_an_audit_finds_what_somebody_planted(shop: Shop, statement: str, said: str):
    open_late(shop)
    shop.turn(NOW_US - shop.now_us)
    live_with(shop)
    assert audited(shop.database).differences == ()
    shop.database.dispose()
    tamper(shop.database, statement)
    assert any(said in difference for difference in audited(shop.database).differences)


def test_what_a_second_document_gives_beyond_what_was_captured_becomes_store_credit(shop: Shop):
    publish_on_time(shop.database)
    with writing(shop.database) as connection:
        again = parse_terms(PROMISE.replace("term: shop-on-time", "term: shop-again"), where="the second promise")
        publish(connection, again, known_us=START_US)
    tell(shop.database, lines=[line("l0", order="o0", paid=100)], now_us=shop.now_us)
    shop.stage.capture({"o0": 100 + FEE})
    tell_arrivals(shop.database, promises=[promised("p0", order="o0")])
    shop.turn(BY_US - shop.now_us)
    live_with(shop)
    live_with(shop)
    assert shop.stage.paid() == {("o0", FEE, "succeeded"): 1}
    credited = "SELECT amount_minor, currency FROM actions WHERE state = 'credited' ORDER BY currency, amount_minor"
    assert rows_of(shop.database, credited) == [(FEE, "USD"), (1000, "points"), (1000, "points")]
    assert audited(shop.database).differences == ()
