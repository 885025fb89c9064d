"""`houbei explain` from end to end: a backtest of small files, then why of one line, and what it refuses."""

import csv
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pcsv
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings

from houbei.backtest.run import Question, run_backtest
from houbei.cli import run
from houbei.cli.asked_again import read_asked
from houbei.cli.backtest import write_question
from houbei.cli.explain import NoLine, explain_line
from houbei.evidence.conclusions import Conclusion
from houbei.evidence.trail import Trail
from houbei.terms.moments import parse_moment
from tests.oracle.agreement import as_terms, write_rows
from tests.oracle.histories import line, price, term
from tests.oracle.strategies import History, histories

TWO_DROPS = [price("4799.00", "11-06", price_id="spring"), price("4599.00", "11-09")]
CAPPED = term(amount={"caps": [{"scope": "order", "amount": "500.00"}, {"scope": "buyer", "amount": "900.00"}]})
Rows = list[dict[str, str | None]]
Explain = Callable[..., tuple[int, str, str]]


def backtest(folder: Path, history: History, *, out: str = "out", parquet: bool = False) -> Path:
    """Run a backtest of a history as the command does, without its report."""
    write_rows(folder / "orders.csv", history.orders)
    write_rows(folder / "prices.csv", history.prices)
    suffix = "parquet" if parquet else "csv"
    for name in ("orders", "prices") if parquet else ():
        texts = pcsv.ConvertOptions(strings_can_be_null=True, column_types=text_columns(folder / f"{name}.csv"))
        table = pcsv.read_csv(folder / f"{name}.csv", convert_options=texts)
        pq.write_table(table, folder / f"{name}.parquet", row_group_size=2)
    terms = as_terms(history.terms)
    question = Question(
        terms=terms,
        orders=folder / f"orders.{suffix}",
        prices=folder / f"prices.{suffix}",
        out=folder / out,
        as_of_us=None if history.as_of is None else parse_moment(history.as_of, zone=terms.zone, where="as_of"),
        ways=False,
        threads=1,
    )
    write_question(run_backtest(question, lambda _stage, _done, _total: None))
    return folder / out


def text_columns(path: Path) -> dict[str, pa.DataType]:
    """Name every column of a CSV file as text."""
    with path.open(encoding="utf-8", newline="") as file:
        return dict.fromkeys(next(csv.reader(file)), pa.string())


def asked_about(orders: Rows, prices: Rows, terms: dict[str, Any] | None = None) -> History:
    """Make a history as of the end of the year."""
    return History(orders=orders, prices=prices, terms=terms or term(), as_of="2026-12-31")


@pytest.fixture
def explain(capsys: pytest.CaptureFixture[str]) -> Explain:
    """Run `houbei explain` and give its exit code, output and errors."""

    def explained(*arguments: object) -> tuple[int, str, str]:
        code = run(["explain", *map(str, arguments)])
        heard = capsys.readouterr()
        return code, heard.out, heard.err

    return explained


@pytest.mark.parametrize("parquet", [False, True])
def test_the_trail_goes_from_the_conclusion_to_the_sum(tmp_path: Path, explain: Explain, *, parquet: bool) -> None:
    rows = [line("1.00", line_id="L0", sku="T"), line("9998.00", quantity="2"), line("5.00", line_id="L2")]
    noise = [price("1.00", "11-05", sku="T"), price("3.00", "11-05", sku="V")]
    out = backtest(tmp_path, asked_about(rows, [*noise, *TWO_DROPS]), parquet=parquet)
    code, heard, _ = explain("L1", "--out", out, "--lang", "en")
    assert code == 0
    assert (
        heard
        == """\
L1: price-30 (price-30, version 1), times in Asia/Shanghai

Conclusion
  CNY 800.00 is owed.

Clause
  PP-2: The difference is paid back

Facts
  order line, row 2: 2 of S, paid CNY 9,998.00
  placed 2026-11-01 12:00, paid 2026-11-01 12:00, delivered 2026-11-03 12:00
  seller self
  2 at 4,999.00 each: open from 2026-11-01 12:00 until 2026-12-04 00:00; then the time was over
  price, row 3 (spring): CNY 4,799.00 from 2026-11-06 00:00; kind list
  price, row 4 (row:4): CNY 4,599.00 from 2026-11-09 00:00; kind list

Sum
  2026-11-06 00:00  2 × (4,999.00 − 4,799.00) = 400.00
  2026-11-09 00:00  2 × (4,999.00 − 4,599.00 − 200.00) = 400.00
"""
    )


@pytest.mark.parametrize(
    ("spoken", "word"), [("zh_CN.UTF-8", "结论"), ("en_GB.UTF-8", "Conclusion"), ("", "Conclusion")]
)
def test_the_language_is_that_of_the_terminal(
    tmp_path: Path, explain: Explain, monkeypatch: pytest.MonkeyPatch, spoken: str, word: str
) -> None:
    monkeypatch.setenv("LANG", spoken)
    out = backtest(tmp_path, asked_about([line("4999.00")], TWO_DROPS))
    assert word in explain("L1", "--out", out)[1]
    assert "结论" in explain("L1", "--out", out, "--lang", "zh")[1]


def test_nothing_owed_comes_with_the_reason(tmp_path: Path, explain: Explain) -> None:
    out = backtest(tmp_path, asked_about([line("4999.00")], [price("4599.00", "12-04")]))
    _, heard, _ = explain("L1", "--out", out, "--lang", "zh")
    assert "不付：价格CNY 4,599.00于2026-12-04 00:00才出现，保障已于2026-12-04 00:00结束。" in heard


def test_other_lines_of_the_order_and_of_the_buyer_share_the_caps(tmp_path: Path) -> None:
    """L4 is bound to L1 through the buyer of L2 alone."""
    rows = [
        line("4999.00", buyer_id="B1"),
        line("4999.00", line_id="L2", buyer_id="B2"),
        line("4999.00", line_id="L3", order_id="O3", buyer_id="B2"),
        line("4999.00", line_id="L4", order_id="O4", buyer_id="B2"),
        line("4999.00", line_id="L5", order_id="O5", buyer_id=None),
    ]
    out = backtest(tmp_path, asked_about(rows, TWO_DROPS, CAPPED))
    asked = read_asked(out)
    trails = [explain_line(asked, f"L{number}") for number in range(1, 6)]
    assert [trail.owed_minor for trail in trails if isinstance(trail, Trail)] == [
        300_00,
        200_00,
        400_00,
        300_00,
        400_00,
    ]


def test_a_rejected_row_is_explained_by_its_reason(tmp_path: Path, explain: Explain) -> None:
    out = backtest(tmp_path, asked_about([line("4999.00"), line("4,999.00", line_id="L2")], TWO_DROPS))
    code, heard, _ = explain("L2", "--out", out, "--lang", "en")
    assert code == 0
    assert heard.startswith("L2: row 2 was rejected, so nothing was decided about it. bad_money: ")


def test_a_line_placed_later_does_not_exist_yet(tmp_path: Path, explain: Explain) -> None:
    later = line("4999.00", line_id="L2", placed_at="2027-01-01", delivered_at=None)
    out = backtest(tmp_path, asked_about([line("4999.00"), later], TWO_DROPS))
    assert "it was placed after 2026-12-31T00:00:00+08:00" in explain("L2", "--out", out, "--lang", "en")[1]


def test_of_two_rows_with_one_id_the_one_that_was_kept_is_explained(tmp_path: Path) -> None:
    rows = [line("x"), line("4999.00"), line("1.00")]
    trail = explain_line(read_asked(backtest(tmp_path, asked_about(rows, TWO_DROPS))), "L1")
    assert isinstance(trail, Trail)
    assert (trail.line.row, trail.owed_minor) == (2, 400_00)


def test_several_terms_answer_one_after_the_other(tmp_path: Path, explain: Explain) -> None:
    doubled = asked_about([line("4999.00")], TWO_DROPS, term(amount={"times": "2"}))
    backtest(tmp_path, asked_about([line("4999.00")], TWO_DROPS), out="both/a")
    backtest(tmp_path, doubled, out="both/b")
    _, heard, _ = explain("L1", "--out", tmp_path / "both", "--lang", "en")
    assert re.findall(r"CNY \S+ is owed", heard) == ["CNY 400.00 is owed", "CNY 800.00 is owed"]


def test_an_answer_that_the_facts_contradict_is_an_error(tmp_path: Path, explain: Explain) -> None:
    out = backtest(tmp_path, asked_about([line("4999.00")], TWO_DROPS))
    table = pq.read_table(out / "payouts.parquet")
    planted = table.set_column(table.column_names.index("owed_minor"), "owed_minor", pa.array([200_00, 199_99]))
    pq.write_table(planted, out / "payouts.parquet")
    code, _, error = explain("L1", "--out", out)
    assert code == 1
    assert "payouts.parquet" in error
    assert "19999" in error
    assert "20000" in error


@settings(max_examples=25)
@given(history=histories())
def test_every_line_of_every_history_is_explained_as_it_was_answered(history: History) -> None:
    with tempfile.TemporaryDirectory() as name:
        asked = read_asked(backtest(Path(name), history))
        for line_id in {row["line_id"] for row in history.orders} - {None}:
            found = explain_line(asked, line_id)
            assert isinstance(found, NoLine) or found.conclusion is not Conclusion.NO_LINE


# --- Wrong uses -------------------------------------------------------------------------------------------------------


def test_an_unknown_line_is_refused_with_the_nearest_one(tmp_path: Path, explain: Explain) -> None:
    out = backtest(tmp_path, asked_about([line("4999.00", line_id="2026-0001")], TWO_DROPS))
    code, heard, error = explain("2026-001", "--out", out)
    assert (code, heard) == (2, "")
    assert "Did you mean 2026-0001?" in error


def test_a_folder_without_an_answer_is_refused(tmp_path: Path, explain: Explain) -> None:
    code, _, error = explain("L1", "--out", tmp_path / "nowhere")
    assert code == 2
    assert "no answer of a backtest" in error


@pytest.mark.parametrize("file", ["orders.csv", "prices.csv"])
def test_inputs_that_moved_or_changed_are_refused(tmp_path: Path, explain: Explain, file: str) -> None:
    out = backtest(tmp_path, asked_about([line("4999.00")], TWO_DROPS))
    with (tmp_path / file).open("a", encoding="utf-8") as opened:
        opened.write("\n")
    code, _, error = explain("L1", "--out", out)
    assert code == 2
    assert "differ from those that were answered" in error
    (tmp_path / file).unlink()
    code, _, error = explain("L1", "--out", out)
    assert code == 2
    assert "no such file any more" in error


@pytest.mark.parametrize("missing", ["summary.json", "payouts.parquet", "held.parquet", "rejected.csv"])
def test_an_answer_that_lacks_a_file_is_refused(tmp_path: Path, explain: Explain, missing: str) -> None:
    out = backtest(tmp_path, asked_about([line("4999.00")], TWO_DROPS))
    (out / missing).unlink()
    code, _, error = explain("L1", "--out", out)
    assert code == 2
    assert missing in error
