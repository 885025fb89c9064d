"""What a page shows of a case: deeds in order, clauses, money, and whom to thank; a name goes from everywhere at once."""

from houbei.case.stages import Need
from houbei.facts.moments import DAY_US
from houbei.facts.steps import Person, What
from houbei.runs.cases import tell
from houbei.store.console_cases import CaseView, read_case
from houbei.store.database import reading, writing
from houbei.store.people import show_name
from tests.cases_live.appliances import REPORTED, happens, reports, settle, shop, step_of

DONE = REPORTED + 30 * DAY_US


def view(database, now_us: int = DONE) -> CaseView:
    with reading(database) as connection:
        found = read_case(connection, "R-2026-0001", now_us=now_us)
    assert found is not None
    return found


def test_a_case_that_is_settled_tells_everything_in_order() -> None:
    with shop() as database:
        settle(database, reports(database).led.now.case_id)
        found = view(database)
        assert [deed.what for deed in found.deeds] == [
            What.REPORTED,
            What.JUDGED,
            What.SLOT_CHOSEN,
            What.RESERVED,
            What.DISPATCHED,
            What.SWAPPED,
            What.RECEIVED,
            What.INSPECTED,
        ]
        assert [deed.automatic for deed in found.deeds] == [False, True, *[False] * 6]
        assert (found.day, found.of_days) == (85, 180)
        assert [clause.id for clause in found.clauses] == ["c-swap"]
        assert [(line.code, line.amount_minor) for line in found.money] == [
            ("unit_sent", 4999_00),
            ("unit_cost", 2180_00),
            ("service_cost", 130_00),
            ("old_taken_back", 4999_00),
        ]
        assert found.net_minor == 2310_00
        assert (found.needs, found.due) == ((), None)


def test_credits_are_complete_and_in_the_order_of_first_deeds() -> None:
    with shop() as database:
        settle(database, reports(database).led.now.case_id)
        assert [(one.name, one.roles) for one in view(database).credits] == [
            ("Storekeeper One", ("storekeeper",)),
            ("Courier One", ("courier",)),
            ("Inspector One", ("inspector",)),
        ]


def test_whoever_does_not_agree_is_in_no_credits_and_shown_by_their_part() -> None:
    with shop() as database:
        number = reports(database).led.now.case_id
        shy = Person(name="Courier Two", role="courier", named=False)
        happens(database, number, What.ABSENT, REPORTED + 1, by=shy)
        assert view(database).credits == ()
        assert [(deed.person, deed.role) for deed in view(database).deeds][-1] == ("", "courier")


def test_a_name_that_is_taken_back_later_is_gone_from_every_case_and_later_steps_do_not_bring_it_back() -> None:
    with shop() as database:
        settle(database, reports(database).led.now.case_id)
        with writing(database) as connection:
            assert show_name(connection, "Courier One", named=False)
            assert not show_name(connection, "Nobody At All", named=False)
        assert "Courier One" not in str(view(database))
        happens(database, "R-2026-0001", What.ABSENT, DONE)
        assert "Courier One" not in str(view(database))
        with writing(database) as connection:
            show_name(connection, "Courier One", named=True)
        assert [one.name for one in view(database).credits] == ["Storekeeper One", "Courier One", "Inspector One"]


def test_a_phone_that_was_offline_is_credited_by_when_it_happened() -> None:
    with shop() as database:
        number = reports(database).led.now.case_id
        happens(database, number, What.CALLED, REPORTED + 9, outcome="x")
        other = Person(name="Clerk Two", role="clerk", named=True)
        tell(database, step_of(number, What.TAKEN_UP, REPORTED + 5, by=other), now_us=REPORTED + 20)
        assert [one.name for one in view(database).credits] == ["Clerk Two", "Clerk One"]


def test_who_told_what_changed_nothing_is_not_in_the_credits() -> None:
    with shop() as database:
        number = reports(database).led.now.case_id
        assert happens(database, number, What.ABSENT, REPORTED + 5).set_aside
        assert view(database).credits == ()


def test_what_was_set_aside_says_so_and_what_waits_for_a_person_is_told() -> None:
    with shop() as database:
        number = reports(database, fault=None).led.now.case_id
        happens(database, number, What.DISPATCHED, REPORTED + 1)
        found = view(database, REPORTED + 2)
        assert [deed.set_aside for deed in found.deeds] == [False, False, True]
        assert found.needs == (Need.DECIDE, Need.LOOK)
        assert found.due is not None
        assert found.due.at_us == REPORTED + 2 * DAY_US


def test_a_case_of_no_number_is_none() -> None:
    with shop() as database, reading(database) as connection:
        assert read_case(connection, "R-2026-0001", now_us=DONE) is None
