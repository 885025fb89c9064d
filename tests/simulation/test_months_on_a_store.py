"""Months of the sample shop on the real store, paid through the sandbox: audited, held against a second account, killed and begun anew."""

import sqlite3
from collections import Counter, defaultdict
from contextlib import closing, contextmanager

import pytest

from houbei.runs.cases import lead_through, promises_by_seq
from houbei.simulation.compare import differences as compare
from houbei.simulation.crashes import plan_deaths
from houbei.simulation.live import open_store
from houbei.simulation.lives import FAULTS, Asked, live, live_twice
from houbei.store.cases import every_case, opened_cases
from houbei.store.database import reading, writing
from houbei.store.steps import steps_of
from tests.reliability.sandboxes import sandbox_in
from tests.simulation.account import Account, differences


def provider_in(folder):
    @contextmanager
    def provider(name):
        (folder / name).mkdir()
        with sandbox_in(folder / name, faults=FAULTS) as address:
            yield address

    return provider


def quiet(_stage, _done, _total):
    pass


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    folder = tmp_path_factory.mktemp("months")
    life = live(Asked(seed=5, days=40, cases=80), folder / "store.db", provider=provider_in(folder), progress=quiet)
    database = open_store(folder / "store.db")
    yield life, database
    database.dispose()


def test_the_books_agree_and_nobody_is_forgotten(lived):
    life, _ = lived
    assert life.summary.faults == ()
    assert life.summary.figures["audit"] == "agrees"
    assert life.summary.figures["two_units_at_one_buyer"] == 0
    assert life.summary.figures["cases"] >= 80
    assert sum(life.summary.figures["cases_by_ending"].values()) > 70


def test_the_ledger_of_every_case_is_what_its_words_say(lived):
    _, database = lived
    wrong, over = list[str](), 0
    with reading(database) as connection:
        ledgers = ledger_by_case(connection)
        promises = promises_by_seq(connection)
        opened = opened_cases(connection, [one.case_id for _, one in every_case(connection, after=0, most=1000)])
        for _, one in every_case(connection, after=0, most=1000):
            if one.case.over:
                over += 1
                led = lead_through(opened[one.case_id], steps_of(connection, one.case_id), promises)
                rows = [{"what": d.step.what.value, "counted": not d.set_aside, **d.step.told} for d in led]
                promised = None if one.terms is None else promises[one.terms].terms.replacement
                account = Account(pays_down=promised is not None and promised.pay_down).read(rows)
                wrong += [f"{one.case_id}: {found}" for found in differences(account.stands, ledgers[one.case_id])]
    assert wrong == []
    assert over > 70


def ledger_by_case(connection):
    """What each case moved, by the facts that its entries cite; what became of a settlement afterwards is no word of the case."""
    ledgers = defaultdict(Counter)
    query = (
        "SELECT s.case_id, e.debit, e.credit, e.amount_minor FROM entries e"
        " JOIN steps s ON e.fact = 'step:' || s.source || '/' || s.step_id WHERE e.settles IS NULL"
    )
    for case, debit, credit, amount in connection.exec_driver_sql(query):
        ledgers[case][debit] += amount
        ledgers[case][credit] -= amount
    return ledgers


def test_killed_again_and_again_the_same_months_come_to_the_same_steps_and_cents(tmp_path):
    life, differ = live_twice(
        Asked(seed=6, days=12, cases=16),
        tmp_path / "store.db",
        beside=tmp_path / "crashed.db",
        crashes=16,
        provider=provider_in(tmp_path),
        progress=quiet,
    )
    assert differ == ()
    assert life.summary.faults == ()
    assert life.died == 16


def test_deaths_are_planned_by_the_seed_in_both_ways():
    deaths = plan_deaths(1, calls=500, deaths=100)
    assert deaths == plan_deaths(1, calls=500, deaths=100)
    assert len(deaths) == 100
    assert {bool(death.write) for death in deaths.values()} == {True, False}


@pytest.mark.parametrize(
    "change",
    [
        "INSERT INTO needs (kind, ref, since_us, told) VALUES ('case', 'R-0', 0, '{}')",
        "UPDATE cases SET due_us = 1 WHERE id = 1",
        "UPDATE actions SET amount_minor = amount_minor + 1 WHERE cover = (SELECT MIN(cover) FROM actions)",
    ],
)
def test_two_lives_that_differ_are_told_apart(lived, tmp_path, change):
    _, database = lived
    with closing(sqlite3.connect(database.url.database)) as kept:
        kept.execute("VACUUM INTO ?", [str(tmp_path / "other.db")])
    other = open_store(tmp_path / "other.db")
    assert list(compare(database, other)) == []
    with writing(other) as connection:
        connection.exec_driver_sql(change)
    assert list(compare(database, other)) != []
    other.dispose()
