"""`houbei simulate` as somebody calls it: the figures on the last line, a file of them, a store to look at; a store is never overwritten."""

import json
from dataclasses import replace

import pytest

from houbei.cli import run
from houbei.runs.audit import audit
from houbei.store.database import open_database, reading


@pytest.fixture(scope="module")
def simulated(tmp_path_factory):
    folder = tmp_path_factory.mktemp("simulated")
    call = ["simulate", "--seed", "11", "--days", "10", "--cases", "12"]
    return folder, run([*call, "--store", str(folder / "store.db"), "--out", str(folder / "out")])


def test_months_that_come_to_rest_and_agree_exit_0_and_leave_their_figures_and_a_store(simulated):
    folder, code = simulated
    assert code == 0
    figures = json.loads((folder / "out" / "summary.json").read_text(encoding="utf-8"))
    assert figures["seed"] == 11
    assert figures["faults"] == 0
    assert figures["audit"] == "agrees"
    with reading(open_database(folder / "store.db")) as connection:
        assert connection.exec_driver_sql("SELECT COUNT(*) FROM cases").scalar() == figures["cases"] >= 12
        assert connection.exec_driver_sql("SELECT COUNT(*) FROM steps").scalar() == figures["steps"]


def test_a_store_that_is_there_already_is_not_touched(simulated, capsys):
    folder, _ = simulated
    before = (folder / "store.db").read_bytes()
    assert run(["simulate", "--seed", "1", "--cases", "1", "--store", str(folder / "store.db")]) == 2
    assert "a new file" in capsys.readouterr().err
    assert (folder / "store.db").read_bytes() == before


def test_what_is_wrong_is_said_the_seed_is_named_the_last_line_is_json_and_the_exit_code_1(monkeypatch, capsys):
    def differing(database, *, progress):
        return replace(audit(database, progress=progress), differences=("a cent is missing",))

    monkeypatch.setattr("houbei.simulation.lives.audit", differing)
    assert run(["simulate", "--seed", "12", "--days", "2", "--cases", "1"]) == 1
    out, err = capsys.readouterr()
    assert json.loads(out.splitlines()[-1])["faults"] == 1
    assert "a cent is missing" in err
    assert "Seed 12 fails." in err
