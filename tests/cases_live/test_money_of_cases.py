"""What cases move stands in the ledger to the cent, and what they owe goes back once, to where it came from."""

from typing import Any

from sqlalchemy import Engine

from houbei.case.stages import Stage
from houbei.facts.moments import DAY_US
from houbei.facts.steps import What
from houbei.runs.audit import audit
from houbei.runs.case_refunds import tell_refunds
from houbei.runs.case_timers import tick
from houbei.runs.cycle import run_until_idle
from houbei.store.database import writing
from houbei.store.promises import publish
from tests.cases_live.appliances import (
    AFTER,
    DELIVERED,
    DEPOSIT,
    HOLD,
    HOUR_US,
    REPORTED,
    WASHER,
    happens,
    promise,
    reports,
    settle,
    shop,
)
from tests.live.paying import pay_what_is_due
from tests.live.stores import rows_of
from tests.live.telling import tell_prices
from tests.oracle.agreement import as_terms
from tests.oracle.histories import price, term

PAID = 4999_00
SCOPE = """scope: {where: "sku = 'television'", clause: c-window}
faults:"""
SWAP = [
    (What.SLOT_CHOSEN, {"from_us": REPORTED + DAY_US, "until_us": REPORTED + DAY_US + 4 * HOUR_US}),
    (What.RESERVED, {"serial": "SN2", "unit_cost_minor": 2180_00}),
    (What.DISPATCHED, {}),
]


def standing(database: Engine) -> dict[str, int]:
    """The balance of every account, debits counted up; nothing where it is 0."""
    found: dict[str, int] = {}
    for debit, credit, amount in rows_of(database, "SELECT debit, credit, amount_minor FROM entries"):
        found[debit] = found.get(debit, 0) + amount
        found[credit] = found.get(credit, 0) - amount
    return {account: amount for account, amount in found.items() if amount}


def owed(database: Engine) -> list[tuple[Any, ...]]:
    return rows_of(database, "SELECT kind, payment, amount_minor FROM actions ORDER BY cover, sequence")


def tell_all(database: Engine, story: list[tuple[What, dict[str, Any]]], begins_us: int = REPORTED + 1) -> Stage:
    led = None
    for number, (what, told) in enumerate(story):
        led = happens(database, "R-2026-0001", what, begins_us + number, **told)
        assert not led.set_aside, what
    assert led is not None
    return led.now.case.stage


def test_a_swap_moves_no_money_and_its_cost_stands_apart() -> None:
    with shop() as database:
        settle(database, reports(database).led.now.case_id)
        assert standing(database) == {
            "stock": -PAID,
            "faulty_units": PAID,
            "replacement_guarantee": 2310_00,
            "cost_of_units": -2180_00,
            "payable_to_carriers": -130_00,
        }
        assert owed(database) == []
        assert audit(database, progress=lambda *_: None).agrees


def test_a_supplier_makes_good_what_it_cost() -> None:
    with shop() as database:
        settle(database, reports(database).led.now.case_id)
        tell_all(
            database,
            [
                (What.CLAIMED, {"supplier": "brand", "amount_minor": 2310_00}),
                (What.RECOVERED, {"amount_minor": 2310_00}),
            ],
            REPORTED + DAY_US,
        )
        assert standing(database).get("replacement_guarantee") is None
        assert standing(database)["received_from_suppliers"] == 2310_00


def test_a_deposit_goes_back_to_its_own_payment_whole() -> None:
    with shop(promise(DEPOSIT)) as database:
        reports(database)
        deposit = (What.DEPOSITED, {"amount_minor": 5000_01, "reference": "dep-7"})
        swapped = (What.SWAPPED, {"old_serial": "SN1", "new_serial": "SN2"})
        rest = [(What.RECEIVED, {"serial": "SN1"}), (What.INSPECTED, {"verdict": "confirmed"})]
        assert tell_all(database, [deposit, *SWAP, swapped, *rest]) is Stage.SETTLED
        assert owed(database) == [("refund", "dep-7", 5000_01)]


def test_of_a_deposit_no_more_is_kept_than_was_left_and_the_rest_goes_back() -> None:
    with shop(promise(DEPOSIT)) as database:
        reports(database)
        deposit = (What.DEPOSITED, {"amount_minor": 5000_00, "reference": "dep-7"})
        brought = (What.DELIVERED, {"new_serial": "SN2"})
        tell_all(database, [deposit, *SWAP, brought])
        above = happens(
            database, "R-2026-0001", What.CAPTURED, REPORTED + DAY_US, amount_minor=PAID + 1, reference="cap"
        )
        assert above.set_aside
        assert tell_all(
            database, [(What.CAPTURED, {"amount_minor": PAID, "reference": "cap"})], REPORTED + DAY_US + 1
        ) is (Stage.SETTLED)
        assert owed(database) == [("refund", "dep-7", 1_00)]
        assert "units_in_exchange" not in standing(database)


def test_a_hold_is_noted_and_let_go_and_no_money_moves() -> None:
    with shop(promise(HOLD)) as database:
        reports(database)
        held = (What.HELD, {"amount_minor": PAID, "reference": "hold-1"})
        swapped = (What.SWAPPED, {"old_serial": "SN1", "new_serial": "SN2"})
        assert tell_all(database, [held, *SWAP, swapped]) is Stage.OLD_ON_THE_WAY
        assert standing(database)["holds_at_provider"] == PAID
        tell_all(
            database, [(What.RECEIVED, {"serial": "SN1"}), (What.INSPECTED, {"verdict": "confirmed"})], REPORTED + 9
        )
        assert "holds_at_provider" not in standing(database)
        assert owed(database) == []


REFUNDED = [
    (What.RECEIVED, {"serial": "SN1"}),
    (What.INSPECTED, {"verdict": "confirmed"}),
    (What.OUT_OF_STOCK, {}),
    (What.CHOSE, {"choice": "refund"}),
]


def test_a_refund_is_owed_once_paid_once_and_told_back_to_the_case_once() -> None:
    with shop(promise(AFTER)) as database:
        reports(database)
        assert tell_all(database, REFUNDED) is Stage.REFUND_DUE
        assert owed(database) == [("refund", "O1", PAID)]
        assert tell_refunds(database, now_us=REPORTED + DAY_US) == 0
        assert pay_what_is_due(database) == 1
        assert [tell_refunds(database, now_us=REPORTED + DAY_US) for _ in range(2)] == [1, 0]
        ((stage, over),) = rows_of(database, "SELECT stage, over FROM cases")
        assert (stage, over) == ("refunded", 1)
        ((told,),) = rows_of(database, "SELECT told FROM steps WHERE what = 'refunded'")
        assert "houbei:refund:" in told
        assert audit(database, progress=lambda *_: None).agrees


def test_a_refund_is_less_by_what_price_protection_paid_for_the_unit() -> None:
    with shop(promise(AFTER)) as database:
        publish_price_term(database)
        tell_prices(database, price("4599.00", "2026-01-20T00:00:00+08:00", sku="washer"))
        run_until_idle(database, now_us=REPORTED - HOUR_US)
        assert standing(database) == {"price_guarantee": 400_00, "payable_to_buyers": -400_00}
        told = reports(database).led.step.told
        assert (told["value_minor"], told["refund_minor"]) == (PAID, 4599_00)
        assert tell_all(database, REFUNDED) is Stage.REFUND_DUE
        assert sorted(owed(database)) == [("refund", "O1", 400_00), ("refund", "O1", 4599_00)]
        assert "units_in_exchange" not in standing(database)
        assert standing(database)["price_guarantee"] == 400_00
        assert audit(database, progress=lambda *_: None).agrees


def publish_price_term(database: Engine, now_us: int = REPORTED - 2 * HOUR_US) -> None:
    """Publish a price term under which the washer is covered, too."""
    with writing(database) as connection:
        publish(connection, as_terms(term()), known_us=0)
    run_until_idle(database, now_us=now_us)


def test_a_refund_goes_back_to_whoever_paid_each_their_part() -> None:
    tenders = '[{"kind": "gift_card", "amount": "999.00"}, {"kind": "card", "amount": "4000.00", "ref": "pay-2"}]'
    with shop(promise(AFTER), lines=({**WASHER, "tenders": tenders},)) as database:
        reports(database)
        assert tell_all(database, REFUNDED) is Stage.REFUND_DUE
        assert sorted(owed(database)) == [("credit", "O1", 999_00), ("refund", "pay-2", 4000_00)]
        assert audit(database, progress=lambda *_: None).agrees


def test_the_difference_to_a_dearer_model_goes_back_to_its_own_payment_where_it_is_not_taken() -> None:
    with shop() as database:
        reports(database)
        story = [
            (What.OUT_OF_STOCK, {}),
            (What.CHOSE, {"choice": "other_model", "sku": "washer-2", "price_minor": 5299_00}),
            (What.PAID_UP, {"amount_minor": 300_00, "reference": "up-1"}),
            (What.WITHDREW, {}),
        ]
        assert tell_all(database, story) is Stage.WITHDRAWN
        assert owed(database) == [("refund", "up-1", 300_00)]


def test_a_cheaper_model_gives_the_difference_back_where_the_promise_pays_down() -> None:
    with shop() as database:
        reports(database)
        story = [
            (What.OUT_OF_STOCK, {}),
            (What.CHOSE, {"choice": "other_model", "sku": "washer-0", "price_minor": 4799_00}),
            *SWAP,
            (What.SWAPPED, {"old_serial": "SN1", "new_serial": "SN2"}),
        ]
        assert tell_all(database, story) is Stage.OLD_ON_THE_WAY
        assert owed(database) == [("refund", "O1", 200_00)]
        ((clause,),) = rows_of(database, "SELECT clause FROM entries WHERE code = 'owed'")
        assert clause == "c-model"


def test_a_unit_that_a_cheaper_model_replaced_is_worth_what_was_left_paid_for_it() -> None:
    with shop() as database:
        reports(database)
        cheaper = {"choice": "other_model", "sku": "washer-0", "price_minor": 4799_00}
        tell_all(database, [(What.OUT_OF_STOCK, {}), (What.CHOSE, cheaper), *SWAP])
        tell_all(database, [(What.SWAPPED, {"old_serial": "SN1", "new_serial": "SN2"})])
        tell_all(database, [(What.RECEIVED, {"serial": "SN1"}), (What.INSPECTED, {"verdict": "confirmed"})])
        again = reports(database, REPORTED + 20 * DAY_US, serial="SN2").led
        assert (again.now.case_id, again.now.case.value_minor) == ("R-2026-0002", 4799_00)
        story = [
            (What.OUT_OF_STOCK, {}),
            (What.CHOSE, {"choice": "refund"}),
            (What.COLLECTED, {"old_serial": "SN2"}),
            (What.RECEIVED, {"serial": "SN2"}),
            (What.INSPECTED, {"verdict": "confirmed"}),
        ]
        for place, (what, told) in enumerate(story):
            happens(database, "R-2026-0002", what, REPORTED + 21 * DAY_US + place, **told)
        assert owed(database) == [("refund", "O1", 200_00), ("refund", "O1", 4799_00)]
        assert audit(database, progress=lambda *_: None).agrees


def test_a_unit_that_a_dearer_model_replaced_is_worth_the_difference_more() -> None:
    with shop() as database:
        reports(database)
        dearer = {"choice": "other_model", "sku": "washer-2", "price_minor": 5299_00}
        paid_up = (What.PAID_UP, {"amount_minor": 300_00, "reference": "up-1"})
        tell_all(database, [(What.OUT_OF_STOCK, {}), (What.CHOSE, dearer), paid_up, *SWAP])
        tell_all(database, [(What.SWAPPED, {"old_serial": "SN1", "new_serial": "SN2"})])
        tell_all(database, [(What.RECEIVED, {"serial": "SN1"}), (What.INSPECTED, {"verdict": "confirmed"})])
        assert reports(database, REPORTED + 20 * DAY_US, serial="SN2").led.now.case.value_minor == 5299_00
        story = [
            (What.OUT_OF_STOCK, {}),
            (What.CHOSE, {"choice": "refund"}),
            (What.COLLECTED, {"old_serial": "SN2"}),
            (What.RECEIVED, {"serial": "SN2"}),
            (What.INSPECTED, {"verdict": "confirmed"}),
        ]
        for place, (what, told) in enumerate(story):
            happens(database, "R-2026-0002", what, REPORTED + 21 * DAY_US + place, **told)
        # The order's payment gives back all that it took; only what is beyond it becomes store credit.
        assert owed(database) == [("refund", "O1", PAID), ("credit", "O1", 300_00)]
        assert audit(database, progress=lambda *_: None).agrees


def test_a_difference_that_goes_back_in_its_own_case_is_not_refunded_twice() -> None:
    with shop(promise(AFTER)) as database:
        publish_price_term(database)
        tell_prices(database, price("4599.00", "2026-01-20T00:00:00+08:00", sku="washer"))
        run_until_idle(database, now_us=REPORTED - HOUR_US)
        reports(database)
        dearer = {"choice": "other_model", "sku": "washer-2", "price_minor": 4899_00}
        story = [
            (What.RECEIVED, {"serial": "SN1"}),
            (What.INSPECTED, {"verdict": "confirmed"}),
            (What.OUT_OF_STOCK, {}),
            (What.CHOSE, dearer),
            (What.PAID_UP, {"amount_minor": 300_00, "reference": "up-1"}),
            (What.OUT_OF_STOCK, {}),
            (What.CHOSE, {"choice": "refund"}),
        ]
        assert tell_all(database, story) is Stage.REFUND_DUE
        paid_back = [("refund", "O1", 400_00), ("refund", "O1", 4599_00), ("refund", "up-1", 300_00)]
        assert sorted(owed(database)) == paid_back


def test_a_deposit_goes_back_to_the_payment_that_counted() -> None:
    with shop(promise(DEPOSIT)) as database:
        reports(database)
        number, deposit = "R-2026-0001", {"amount_minor": PAID}
        assert not happens(database, number, What.DEPOSITED, REPORTED + 1, reference="first", **deposit).set_aside
        assert happens(database, number, What.DEPOSITED, REPORTED + 2, reference="another", **deposit).set_aside
        happens(database, number, What.WITHDREW, REPORTED + 3)
        assert owed(database) == [("refund", "first", PAID)]


def test_what_a_person_grants_beyond_every_promise_is_booked_on_a_cover_of_its_own() -> None:
    late, televisions = REPORTED + 10, promise(AFTER).replace("faults:", SCOPE)
    with shop(televisions) as database:
        assert reports(database, late).led.now.case.stage is Stage.NOT_COVERED
        assert rows_of(database, "SELECT * FROM covers") == []
        happens(database, "R-2026-0001", What.APPEALED, late + 1, reason="please")
        granted = happens(database, "R-2026-0001", What.DECIDED, late + 2, answer="replace", reason="goodwill")
        assert granted.now.case.stage is Stage.TO_SCHEDULE
        tell_all(database, [(What.RECEIVED, {"serial": "SN1"}), (What.INSPECTED, {"verdict": "confirmed"})], late + 3)
        assert standing(database) == {"faulty_units": PAID, "units_in_exchange": -PAID}
        assert rows_of(database, "SELECT state FROM covers") == [("granted",)]
        assert audit(database, progress=lambda *_: None).agrees


def test_an_inspector_who_is_silent_past_the_time_settles_it_for_the_buyer_and_the_deposit_goes_back() -> None:
    with shop(promise(DEPOSIT)) as database:
        reports(database)
        deposit = (What.DEPOSITED, {"amount_minor": PAID, "reference": "dep-7"})
        swapped = (What.SWAPPED, {"old_serial": "SN1", "new_serial": "SN2"})
        tell_all(database, [deposit, *SWAP, swapped, (What.RECEIVED, {"serial": "SN1"})])
        assert tick(database, now_us=REPORTED + 7 * DAY_US) == 0
        assert tick(database, now_us=REPORTED + 7 * DAY_US + 10) == 1
        assert rows_of(database, "SELECT stage FROM cases") == [("settled",)]
        assert owed(database) == [("refund", "dep-7", PAID)]


def test_what_price_protection_pays_while_the_case_is_open_is_taken_off_when_the_refund_becomes_owed() -> None:
    with shop(promise(AFTER), now_us=DELIVERED) as database:
        publish_price_term(database, DELIVERED + DAY_US)
        reports(database, DELIVERED + 10 * DAY_US)
        tell_prices(database, price("4599.00", "2026-01-20T00:00:00+08:00", sku="washer"))
        run_until_idle(database, now_us=REPORTED)
        assert tell_all(database, REFUNDED) is Stage.REFUND_DUE
        assert sorted(owed(database)) == [("refund", "O1", 400_00), ("refund", "O1", 4599_00)]
        told = rows_of(database, "SELECT what, told FROM steps ORDER BY seq DESC LIMIT 2")
        assert [what for what, _ in told] == ["chose", "netted"]
        assert told[1][1] == '{"refund_minor":459900}'
        assert audit(database, progress=lambda *_: None).agrees


def test_a_price_that_falls_after_the_refund_owes_nothing_more() -> None:
    begins = DELIVERED + 10 * DAY_US
    with shop(promise(AFTER), now_us=DELIVERED) as database:
        publish_price_term(database, DELIVERED + DAY_US)
        reports(database, begins)
        assert tell_all(database, REFUNDED, begins + 1) is Stage.REFUND_DUE
        tell_prices(database, price("4599.00", "2026-01-20T00:00:00+08:00", sku="washer"))
        run_until_idle(database, now_us=REPORTED)
        assert owed(database) == [("refund", "O1", PAID)]
        assert rows_of(database, "SELECT what, quantity FROM events") == [("returned", 1)]
        assert audit(database, progress=lambda *_: None).agrees


def test_of_a_line_of_several_units_only_the_one_that_went_back_is_no_longer_protected() -> None:
    begins = DELIVERED + 10 * DAY_US
    two = {**WASHER, "quantity": "2", "paid": "9998.00", "serials": '["SN1", "SN2"]'}
    with shop(promise(AFTER), lines=(two,), now_us=DELIVERED) as database:
        publish_price_term(database, DELIVERED + DAY_US)
        reports(database, begins)
        assert tell_all(database, REFUNDED, begins + 1) is Stage.REFUND_DUE
        tell_prices(database, price("4599.00", "2026-01-20T00:00:00+08:00", sku="washer"))
        run_until_idle(database, now_us=REPORTED)
        assert sorted(owed(database)) == [("refund", "O1", 400_00), ("refund", "O1", PAID)]
        assert audit(database, progress=lambda *_: None).agrees
