"""Everybody who is timed works out what a plain reading of the promise says, to the cent and to the row."""

import subprocess
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from benchmarks.contestants import KNOWS_DIRT, RIVALS, Contestant
from benchmarks.history import MOMENT, Shape, write_history
from benchmarks.measure import ROOT
from benchmarks.reference import Payout, pay_history

SHAPES = {
    "sparse": Shape(lines=2_000, prices=200, skus=20),
    "dense": Shape(lines=2_000, prices=2_000, skus=20),
    "dirty": Shape(lines=3_000, prices=1_000, skus=20, dirty=True, seed=3),
}
COLUMNS = ("line_id", "at", "price_id", "price_minor", "quantity", "owed_minor")


PAIRS = [
    (shape, engine)
    for shape in SHAPES
    for engine in ("houbei", *RIVALS)
    if not SHAPES[shape].dirty or engine in KNOWS_DIRT
]


def run(engine: str, job: str, *, folder: Path, dirty: bool = False) -> tuple[dict[str, int], Path]:
    who = Contestant(engine=engine, job=job)
    out = folder / who.name
    files = {"orders": folder / "orders.parquet", "prices": folder / "prices.parquet"}
    subprocess.run(who.command(**files, out=out, dirty=dirty), check=True, capture_output=True, cwd=ROOT)
    return who.answer(out), out


def read_payouts(file: Path) -> list[Payout]:
    table = pq.read_table(file, columns=list(COLUMNS))
    at = table.column("at").cast(MOMENT).cast("int64")
    return sorted(zip(*table.set_column(1, "at", at).to_pydict().values(), strict=True))


def read_plainly(folder: Path, *, days: int = 30) -> list[Payout]:
    orders, prices = (pq.read_table(folder / f"{name}.parquet") for name in ("orders", "prices"))
    return pay_history(orders, prices, days=days)


@pytest.fixture(scope="module")
def histories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("histories")
    for name, shape in SHAPES.items():
        write_history(folder / name, shape=shape)
    return folder


@pytest.mark.parametrize(("shape", "engine"), PAIRS)
def test_an_engine_lists_the_payouts_of_the_plain_reading(shape: str, engine: str, histories: Path):
    answer, out = run(engine, "payouts", folder=histories / shape, dirty=SHAPES[shape].dirty)
    expected = read_plainly(histories / shape)
    assert read_payouts(out / "payouts.parquet") == expected
    assert answer["owed_minor"] == sum(payout[-1] for payout in expected) > 0


@pytest.mark.parametrize(("shape", "engine"), [pair for pair in PAIRS if pair[1] in RIVALS])
def test_a_rival_adds_up_what_it_would_have_listed(shape: str, engine: str, histories: Path):
    answer, _ = run(engine, "totals", folder=histories / shape, dirty=SHAPES[shape].dirty)
    payouts = read_plainly(histories / shape)
    assert answer["owed_minor"] == sum(payout[-1] for payout in payouts)
    assert answer["lines_owed"] == len({payout[0] for payout in payouts})


@pytest.mark.parametrize("engine", ["houbei", *RIVALS])
def test_an_engine_sweeps_windows_as_if_each_were_asked_alone(engine: str, histories: Path):
    answer, _ = run(engine, "sweep", folder=histories / "sparse")
    for days in (7, 8, 30, 90):
        payouts = read_plainly(histories / "sparse", days=days)
        assert answer[f"{days} days owed_minor"] == sum(payout[-1] for payout in payouts)
        assert answer[f"{days} days lines_owed"] == len({payout[0] for payout in payouts})


@pytest.mark.parametrize("dress", [{"csv": True}, {"text_amounts": True}, {"csv": True, "text_amounts": True}])
def test_houbei_reads_the_same_history_in_every_dress(dress: dict[str, bool], tmp_path: Path):
    plain = Shape(lines=500, prices=200, skus=10)
    dressed = Shape(lines=500, prices=200, skus=10, **dress)
    expected = pay_history(*(pq.read_table(file) for file in write_history(tmp_path / "plain", shape=plain)))
    orders, prices = write_history(tmp_path / "dressed", shape=dressed)
    who = Contestant(engine="houbei", job="payouts")
    command = who.command(orders=orders, prices=prices, out=tmp_path / "out", dirty=False)
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    assert read_payouts(tmp_path / "out" / "payouts.parquet") == expected


def test_a_history_is_the_same_for_the_same_seed_and_another_for_another(tmp_path: Path):
    seeds = {"first": 1, "again": 1, "other": 2}
    tables = {
        name: [
            pq.read_table(file)
            for file in write_history(tmp_path / name, shape=Shape(lines=99, prices=40, skus=4, seed=seed))
        ]
        for name, seed in seeds.items()
    }
    assert tables["first"] == tables["again"]
    assert tables["first"] != tables["other"]
