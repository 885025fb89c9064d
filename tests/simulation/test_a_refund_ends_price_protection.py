"""What a case refunds is the price of the unit, less what price protection paid; after that there is nothing left to protect."""

from contextlib import closing
from dataclasses import replace

import pytest

from houbei.facts.moments import DAY_US
from houbei.facts.steps import Person, Step, Teller, What
from houbei.runs.providers import provider_of
from houbei.simulation.chance import HOUR_US
from houbei.simulation.desk import Said, Sold
from houbei.simulation.live import StoreDesk, open_store
from houbei.simulation.months import BEGIN_US
from houbei.simulation.till import SandboxTill
from houbei.store.database import reading
from tests.reliability.sandboxes import sandbox_in

PAID, REDUCED = 499_900, 399_900
CLERK = Person(name="clerk A", role="clerk", named=True)
SOLD = Sold(
    line="L1",
    order="O1",
    buyer="B1",
    sku="fridge-a",
    category="fridge",
    serials=("S1",),
    paid_minor=PAID,
    placed_us=BEGIN_US - 3 * DAY_US,
    delivered_us=BEGIN_US - DAY_US,
)
SAID = Said(
    claim="c1",
    line="L1",
    unit=1,
    serial="S1",
    fault="no_cooling",
    channel="app",
    exhibits="photo,video",
    clerk=None,
    at_us=BEGIN_US,
)
REFUNDS = (
    (What.DECIDED, Teller.SHOP, {"answer": "refund", "reason": "so"}),
    (What.COLLECTED, Teller.COURIER, {"old_serial": "S1"}),
    (What.RECEIVED, Teller.WAREHOUSE, {"serial": "S1"}),
    (What.INSPECTED, Teller.INSPECTOR, {"verdict": "confirmed"}),
)


@pytest.fixture
def shop(tmp_path):
    """A shop that sold one refrigerator."""
    database = open_store(tmp_path / "store.db")
    with (
        sandbox_in(tmp_path) as address,
        closing(SandboxTill(address)) as till,
        closing(provider_of(f"sandbox={address}")) as payer,
    ):
        desk = StoreDesk(database, payer=payer, till=till)
        desk.open(now_us=0)
        till.capture([("O1", PAID)])
        desk.sell([SOLD], now_us=BEGIN_US)
        yield desk, database
    database.dispose()


def report(desk, *, at_us):
    return desk.report(replace(SAID, at_us=at_us), now_us=at_us)


def refund(desk, case, *, at_us):
    for place, (what, teller, told) in enumerate(REFUNDS):
        step = Step(
            source="test",
            step_id=str(place),
            case=case,
            what=what,
            teller=teller,
            at_us=at_us,
            known_us=at_us + place,
            person=CLERK,
            told=told,
        )
        desk.tell([step])
    desk.tick(at_us + HOUR_US)
    assert desk.look(case).state.stage == "refunded"


def reduce(desk, *, at_us):
    desk.reduce("fridge-a", REDUCED, until_us=at_us + 3 * DAY_US, now_us=at_us)
    desk.tick(at_us + HOUR_US)


def owed(database):
    with reading(database) as connection:
        return connection.exec_driver_sql("SELECT SUM(amount_minor) FROM entries WHERE code = 'owed'").scalar()


def test_what_price_protection_paid_before_is_taken_off_the_refund(shop):
    desk, database = shop
    reduce(desk, at_us=BEGIN_US)
    case = report(desk, at_us=BEGIN_US + DAY_US)
    refund(desk, case, at_us=BEGIN_US + DAY_US + HOUR_US)
    assert owed(database) == PAID


def test_what_price_protection_pays_while_the_case_is_open_is_taken_off_too(shop):
    desk, database = shop
    case = report(desk, at_us=BEGIN_US)
    reduce(desk, at_us=BEGIN_US + HOUR_US)
    refund(desk, case, at_us=BEGIN_US + 3 * HOUR_US)
    assert owed(database) == PAID


def test_a_price_that_falls_after_the_refund_owes_nothing_more(shop):
    desk, database = shop
    case = report(desk, at_us=BEGIN_US)
    refund(desk, case, at_us=BEGIN_US + HOUR_US)
    reduce(desk, at_us=BEGIN_US + 5 * DAY_US)
    assert owed(database) == PAID
