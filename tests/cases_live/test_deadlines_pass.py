"""Deadlines are told once, by nobody but the clock; a buyer who does nothing is called, not forgotten."""

from houbei.case.stages import Need, Stage
from houbei.facts.moments import DAY_US
from houbei.facts.steps import What
from houbei.runs.case_timers import tick
from houbei.runs.loop import run_round
from houbei.store.cases import asks_of_person, find_case
from houbei.store.database import reading
from tests.cases_live.appliances import HOLD, HOUR_US, PROMISE, REPORTED, happens, promise, reports, shop
from tests.live.stores import count, rows_of

CHOOSE_US = 3 * DAY_US


def needs(database) -> list[tuple[str, str]]:
    return [
        (row[0], row[1]) for row in rows_of(database, "SELECT ref, told FROM needs WHERE kind = 'case' ORDER BY ref")
    ]


def standing(database):
    with reading(database) as connection:
        found = find_case(connection, "R-2026-0001")
    assert found is not None
    return found


def test_nothing_is_told_before_its_moment_and_it_is_told_at_it() -> None:
    with shop() as database:
        reports(database)
        assert rows_of(database, "SELECT due_us FROM cases") == [(REPORTED + CHOOSE_US,)]
        assert [tick(database, now_us=REPORTED + CHOOSE_US + k) for k in (-1, 0, 0, 1)] == [0, 1, 0, 0]
        assert standing(database).case.needs == (Need.CALL,)
        assert rows_of(database, "SELECT at_us, known_us FROM steps WHERE what = 'timed_out'") == [
            (REPORTED + CHOOSE_US, REPORTED + CHOOSE_US)
        ]


def test_a_buyer_who_does_nothing_is_on_somebodys_list_until_called_and_then_has_time_again() -> None:
    with shop() as database:
        reports(database)
        late = REPORTED + 10 * DAY_US
        tick(database, now_us=late)
        assert needs(database)[0][0] == "R-2026-0001"
        assert '"call"' in needs(database)[0][1]
        assert tick(database, now_us=late + 100 * DAY_US) == 0
        called = happens(database, "R-2026-0001", What.CALLED, late + 101 * DAY_US, outcome="will choose tomorrow")
        assert needs(database) == []
        assert called.due is not None
        assert called.due.at_us == late + 101 * DAY_US + CHOOSE_US


def test_a_decision_is_on_somebodys_list_from_its_first_moment_and_silence_decides_for_the_buyer() -> None:
    with shop() as database:
        reports(database, fault=None)
        assert asks_of_person(standing(database).case) == (Need.DECIDE,)
        assert '"decide"' in needs(database)[0][1]
        tick(database, now_us=REPORTED + 2 * DAY_US)
        assert standing(database).case.stage is Stage.TO_SCHEDULE
        assert needs(database) == []


def test_where_silence_does_not_decide_a_person_stays_asked() -> None:
    waits = PROMISE.replace("SECURITY", "advance").replace("on_silence: accept", "on_silence: person")
    with shop(waits) as database:
        reports(database, fault=None)
        tick(database, now_us=REPORTED + 30 * DAY_US)
        assert standing(database).case.stage is Stage.TO_DECIDE
        assert '"decide"' in needs(database)[0][1]
        assert rows_of(database, "SELECT due_us FROM cases") == [(None,)]


def test_a_hold_is_renewed_before_it_lapses_though_another_deadline_is_nearer() -> None:
    with shop(promise(HOLD)) as database:
        reports(database)
        held = happens(database, "R-2026-0001", What.HELD, REPORTED, amount_minor=4999_00, reference="h")
        tick(database, now_us=REPORTED + 3 * DAY_US)
        assert standing(database).case.needs == (Need.CALL,)
        assert rows_of(database, "SELECT due_us FROM cases") == [(REPORTED + 6 * DAY_US,)]
        tick(database, now_us=REPORTED + 6 * DAY_US)
        assert set(standing(database).case.needs) == {Need.CALL, Need.RENEW}
        happens(database, "R-2026-0001", What.HOLD_RENEWED, REPORTED + 6 * DAY_US + 1, reference="h2")
        assert standing(database).case.needs == (Need.CALL,)
        assert held.now.case.secured_us < standing(database).case.secured_us


def test_one_deadline_after_another_is_told_where_nobody_looked_for_long() -> None:
    with shop() as database:
        reports(database)
        happens(database, "R-2026-0001", What.OUT_OF_STOCK, REPORTED + HOUR_US)
        assert tick(database, now_us=REPORTED + 100 * DAY_US) == 1
        assert standing(database).case.stage is Stage.CHOOSING
        assert tick(database, now_us=REPORTED + 104 * DAY_US) == 1
        assert standing(database).case.needs == (Need.CALL,)


def test_many_cases_are_taken_in_batches_and_none_is_left() -> None:
    lines = tuple(
        {
            "order_id": f"O{k}",
            "line_id": f"L{k}",
            "sku": "washer",
            "quantity": "1",
            "paid": "10.00",
            "currency": "CNY",
            "seller": "self",
            "placed_at": "2026-01-03T10:00:00+08:00",
            "paid_at": "2026-01-03T10:00:00+08:00",
            "delivered_at": "2026-01-05T10:00:00+08:00",
            "serials": f'["S{k}"]',
        }
        for k in range(7)
    )
    with shop(lines=lines) as database:
        for k in range(7):
            reports(database, line_id=f"L{k}", serial=f"S{k}")
        assert tick(database, now_us=REPORTED + CHOOSE_US, cases_max=3) == 7
        assert count(database, "needs") == 7


def test_a_clock_that_goes_back_makes_no_deadline_pass_twice() -> None:
    with shop() as database:
        reports(database)
        tick(database, now_us=REPORTED + CHOOSE_US)
        happens(database, "R-2026-0001", What.CALLED, REPORTED, outcome="x")
        assert tick(database, now_us=REPORTED + CHOOSE_US) == 0
        assert rows_of(database, "SELECT due_us FROM cases") == [(REPORTED + 2 * CHOOSE_US,)]


def test_a_round_of_the_live_loop_tells_of_deadlines() -> None:
    with shop() as database:
        reports(database)
        assert run_round(database, None, now_us=REPORTED + CHOOSE_US, holder="tests") == 1
        assert run_round(database, None, now_us=REPORTED + CHOOSE_US, holder="tests") == 0
