"""A New Year on a real store, with a provider that loses replies: the books are what was really so, to the cent, and the audit agrees."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from houbei.cli import run
from houbei.cli.simulate_festival import Festival, asked_of
from houbei.sandbox.process import start_sandbox
from houbei.simulation.festival.life import live_through
from houbei.simulation.festival.live import live_on_store
from houbei.simulation.lives import FAULTS

pytestmark = pytest.mark.slow


def test_the_books_are_what_was_really_so_and_a_cent_is_seen(tmp_path: Path):
    asked = asked_of(Festival(seed=1, orders=120, chance_permille=950, out=None, store=None))
    lived = live_through(asked, lambda *_: None)
    late = next(order for order, one in sorted(lived.truth.items()) if one.ended == "late")
    changed = replace(lived.truth[late], money=lived.truth[late].money + 1)
    with start_sandbox(database=tmp_path / "sandbox.db", seed=1, faults=FAULTS) as running:
        stored = live_on_store(
            replace(lived, truth={**lived.truth, late: changed}),
            tmp_path / "store.db",
            address=running.address,
            progress=lambda *_: None,
        )
    assert [fault.split()[:2] for fault in stored.faults] == [["order", late]]
    figures = stored.figures
    assert figures["audit"] == "agrees"
    assert figures["owed_minor"] == sum(one.money for one in lived.truth.values())
    assert figures["paid_minor"] == figures["owed_minor"] + figures["given_minor"]
    assert figures["told"]["paid"] > 0


def test_the_command_keeps_the_store_and_says_what_it_came_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    store, out = tmp_path / "kept.db", tmp_path / "out"
    arguments = ["simulate", "--festival", "--orders", "30", "--seed", "2", "--store", str(store), "--out", str(out)]
    assert run(arguments) == 0
    shown = json.loads(capsys.readouterr().out.splitlines()[-1])
    written = json.loads((out / "summary.json").read_text("utf-8"))
    assert shown.items() <= written.items()
    assert (shown["orders"], shown["faults"], shown["store"]["audit"]) == (30, 0, "agrees")
    assert run(["audit", "--store", str(store)]) == 0
    assert run(arguments) == 2
