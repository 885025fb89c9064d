"""The live store's own cases, through the live loop, with a provider that holds."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from houbei.case.stages import Case, Stage
from houbei.facts.steps import What
from houbei.payments.sandbox import Sandbox
from houbei.runs.hold_settling import ask_capture
from houbei.runs.loop import run_round, start
from houbei.runs.secured_cases import StoredCases
from houbei.store.cases import find_case
from houbei.store.database import reading, writing
from tests.cases_live.appliances import DAY_US, HOLD, HOUR_US, LAW, REPORTED, happens, promise, reports, shop
from tests.live.stores import rows_of
from tests.reliability.sandboxes import sandbox_in
from tests.reliability.shop import Stage as Provider
from tests.reliability.swaps import every_hold

CASE, PRICE = "R-2026-0001", 4999_00


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[Provider]:
    with sandbox_in(tmp_path) as address:
        stage = Provider(address)
        paid = [{"payment": "O1", "captured_minor": PRICE, "currency": "CNY"}]
        assert stage.web.post("/payments", json={"payments": paid}).status_code == 200
        yield stage
        stage.close()


class Live:
    """A store, its provider, and rounds of the live loop at given moments."""

    def __init__(self, database: Engine, stage: Provider) -> None:
        self.database, self.stage = database, stage
        self.asks = Sandbox(str(stage.web.base_url))

    def at(self, now_us: int) -> None:
        """A process is started, as `houbei run` does, and goes on until nothing is left to do now."""
        self.stage.turn(now_us)
        start(self.database, self.asks, now_us=now_us)
        while run_round(self.database, self.asks, now_us=now_us, holder="one"):
            pass

    def case(self) -> Case:
        with reading(self.database) as connection:
            found = find_case(connection, CASE)
        assert found is not None
        return found.case

    def told(self) -> list[str]:
        rows = rows_of(self.database, "SELECT what FROM steps WHERE teller = 'payment' ORDER BY seq")
        return [row[0] for row in rows]

    def held(self) -> int:
        """What the books say is held."""
        query = (
            "SELECT SUM(CASE WHEN debit = 'holds_at_provider' THEN amount_minor ELSE 0 END)"
            " - SUM(CASE WHEN credit = 'holds_at_provider' THEN amount_minor ELSE 0 END) FROM entries"
        )
        return int(rows_of(self.database, query)[0][0] or 0)


@pytest.fixture
def live(provider: Provider) -> Iterator[Live]:
    with shop(promise(HOLD), LAW) as database:
        found = Live(database, provider)
        yield found
        found.asks.close()


def delivers(live: Live, now_us: int) -> None:
    happens(live.database, CASE, What.SLOT_CHOSEN, now_us, from_us=now_us + DAY_US, until_us=now_us + 2 * DAY_US)
    happens(live.database, CASE, What.RESERVED, now_us, serial="SN2", unit_cost_minor=2180_00)
    happens(live.database, CASE, What.DISPATCHED, now_us)
    happens(live.database, CASE, What.DELIVERED, now_us + HOUR_US, new_serial="SN2")


def test_a_reported_fault_has_the_price_held_the_books_say_so_and_the_end_lets_it_go(live: Live):
    reports(live.database, REPORTED)
    live.at(REPORTED)
    (held,) = every_hold(live.stage.web)
    assert (held["amount_minor"], held["payment"], held["currency"]) == (PRICE, "O1", "CNY")
    assert (live.told(), live.held(), live.case().stage) == (["held"], PRICE, Stage.TO_SCHEDULE)
    now_us = REPORTED + HOUR_US
    delivers(live, now_us)
    happens(live.database, CASE, What.RECEIVED, now_us + DAY_US, serial="SN1")
    happens(live.database, CASE, What.INSPECTED, now_us + DAY_US, verdict="confirmed")
    live.at(now_us + DAY_US)
    assert [hold["state"] for hold in every_hold(live.stage.web)] == ["released"]
    assert (live.case().stage, live.held()) == (Stage.SETTLED, 0)


def test_what_a_case_wants_of_a_hold_is_noted_with_the_step_that_changes_it(live: Live):
    """No start, no reconciliation: a round after the step does it."""
    reports(live.database, REPORTED)
    live.stage.turn(REPORTED)
    assert run_round(live.database, live.asks, now_us=REPORTED, holder="one")
    assert live.told() == ["held"]
    happens(live.database, CASE, What.WITHDREW, REPORTED)
    assert run_round(live.database, live.asks, now_us=REPORTED, holder="one")
    assert [hold["state"] for hold in every_hold(live.stage.web)] == ["released"]


def test_no_more_is_held_than_the_promise_says(provider: Provider):
    with shop(promise("{way: advance, security: card_hold, limit: '3000.00'}"), LAW) as database:
        found = Live(database, provider)
        reports(database, REPORTED)
        found.at(REPORTED)
        assert (every_hold(provider.web)[0]["amount_minor"], found.held()) == (3000_00, 3000_00)
        found.asks.close()


def test_a_hold_is_renewed_for_weeks_and_taken_when_the_old_unit_stays_away(live: Live):
    reports(live.database, REPORTED)
    live.at(REPORTED)
    delivers(live, REPORTED + HOUR_US)
    for day in range(1, 30):
        live.at(REPORTED + day * DAY_US)
    assert set(live.told()) == {"held", "hold_renewed"}
    now_us = REPORTED + 30 * DAY_US
    with writing(live.database) as connection:
        secured = StoredCases().find(connection, CASE)
        assert secured is not None
        assert ask_capture(connection, secured, amount_minor=PRICE + 1, note="", now_us=now_us) == "above_hold"
        assert ask_capture(connection, secured, amount_minor=1000_00, note="never came", now_us=now_us) is None
    live.at(now_us)
    (held,) = every_hold(live.stage.web)
    assert (held["state"], held["captured_minor"]) == ("captured", 1000_00)
    assert (live.case().stage, live.case().captured_minor, live.held()) == (Stage.SETTLED, 1000_00, 0)
    taken = rows_of(live.database, "SELECT amount_minor FROM entries WHERE code = 'captured_for_unit'")
    assert taken == [(1000_00,)]


def test_a_hold_that_lapsed_while_nothing_ran_is_found_at_the_next_start(live: Live):
    reports(live.database, REPORTED)
    live.at(REPORTED)
    delivers(live, REPORTED + HOUR_US)
    live.at(REPORTED + 9 * DAY_US)
    assert live.told() == ["held", "hold_lapsed", "held"]
    assert [hold["state"] for hold in every_hold(live.stage.web)] == ["expired", "authorised"]
    assert live.held() == PRICE
