"""A step is kept once, by its source and id; who told it is a key; what cannot happen is kept and put before a person."""

from dataclasses import replace

import pytest

from houbei.case.stages import Need, Stage
from houbei.errors import InputError
from houbei.facts.steps import Person, What
from houbei.runs.cases import tell
from houbei.store.database import reading
from houbei.store.people import key_of
from houbei.store.steps import steps_of
from tests.cases_live.appliances import HOUR_US, REPORTED, happens, reports, shop, step_of
from tests.live.stores import count, rows_of

SLOT = {"from_us": REPORTED + 24 * HOUR_US, "until_us": REPORTED + 28 * HOUR_US}


def test_the_same_step_again_changes_nothing() -> None:
    with shop() as database:
        number = reports(database).led.now.case_id
        step = step_of(number, What.SLOT_CHOSEN, REPORTED, **SLOT)
        first, again = (tell(database, step, now_us=REPORTED + k) for k in (0, 1))
        assert (first.known, again.known) == (False, True)
        assert again.now == first.now
        assert count(database, "steps") == 3


def test_an_id_that_was_told_with_something_else_is_refused() -> None:
    with shop() as database:
        number = reports(database).led.now.case_id
        step = step_of(number, What.SLOT_CHOSEN, REPORTED, **SLOT)
        tell(database, step, now_us=REPORTED)
        for other in (
            replace(step, told={**step.told, "until_us": REPORTED + 9 * HOUR_US}),
            replace(step, at_us=REPORTED + 1),
            step_of(number, What.CALLED, REPORTED, step_id=step.step_id, outcome="x"),
        ):
            with pytest.raises(InputError, match="told before with something else"):
                tell(database, other, now_us=REPORTED)
        assert count(database, "steps") == 3


def test_the_same_id_of_another_source_is_another_step() -> None:
    with shop() as database:
        number = reports(database).led.now.case_id
        step = step_of(number, What.SLOT_CHOSEN, REPORTED, **SLOT)
        tell(database, step, now_us=REPORTED)
        assert not tell(database, replace(step, source="phone"), now_us=REPORTED).known


def test_a_step_of_no_case_is_refused() -> None:
    with shop() as database, pytest.raises(InputError, match="no case R-2026-0007"):
        happens(database, "R-2026-0007", What.OUT_OF_STOCK, REPORTED)


def test_what_cannot_happen_is_kept_changes_nothing_and_somebody_looks_until_they_have() -> None:
    with shop() as database:
        number = reports(database).led.now.case_id
        aside = happens(database, number, What.DISPATCHED, REPORTED + 1)
        assert (aside.set_aside, aside.moved, aside.now.case.stage) == (True, (), Stage.TO_SCHEDULE)
        assert aside.now.case.needs == (Need.LOOK,)
        assert rows_of(database, "SELECT kind, ref FROM needs") == [("case", number)]
        happens(database, number, What.TAKEN_UP, REPORTED + 2)
        assert rows_of(database, "SELECT kind, ref FROM needs") == []
        assert count(database, "steps") == 4


def test_who_did_it_stands_in_facts_and_states_as_a_key_alone() -> None:
    with shop() as database:
        number = reports(database, fault="dent").led.now.case_id
        happens(database, number, What.SHOWN, REPORTED + 1, exhibits="")
        person = Person(name="Somebody Of Renown", role="clerk", named=True)
        happens(database, number, What.DECIDED, REPORTED + 2, by=person, answer="replace", reason="looked")
        with reading(database) as connection:
            kept = steps_of(connection, number)[-1]
        assert kept.person == replace(person, name=key_of(person.name))
        for table in ("steps", "cases", "entries", "needs"):
            assert "Renown" not in str(rows_of(database, f"SELECT * FROM {table}"))  # noqa: S608  our own names
        assert rows_of(database, "SELECT name, named FROM people") == [("Somebody Of Renown", 1)]


def test_steps_are_folded_in_the_order_in_which_they_were_learnt() -> None:
    with shop() as database:
        number = reports(database).led.now.case_id
        late = step_of(number, What.SLOT_CHOSEN, REPORTED + 5 * HOUR_US, **SLOT)
        early = step_of(number, What.OUT_OF_STOCK, REPORTED + HOUR_US)
        tell(database, late, now_us=REPORTED + 6 * HOUR_US)
        tell(database, early, now_us=REPORTED + 7 * HOUR_US)
        with reading(database) as connection:
            known = [step.what for step in steps_of(connection, number)]
        assert known == [What.REPORTED, What.JUDGED, What.SLOT_CHOSEN, What.OUT_OF_STOCK]
