"""A backtest of a delivery promise: each payout by hand, the sums, what is rejected, and what is refused as a question."""

import csv
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from houbei.backtest.arrivals_report.words_en import WORDS as ENGLISH
from houbei.backtest.arrivals_report.words_zh import WORDS as CHINESE
from houbei.backtest.arrivals_run import OVER, STANDS
from houbei.cli import run

TERMS = """
term: sample-slot
kind: delivery_promise
zone: Asia/Shanghai
title: {zh: 样例, en: Sample}
scope: {where: "size = 'large'"}
breach:
  - {pay: [{slot_fee: true}, {points: 1000}], clause: S-2}
  - {over: PT24H, pay: [{slot_fee: true}, {amount: 20.00}, {points: 1000}], clause: S-3}
excused: [{code: snow, text: {en: Snow}, clause: S-4}]
dispute: {clause: S-5}
clauses:
  - {id: S-1, text: {zh: 按时送达。, en: In time.}}
  - {id: S-2, text: {zh: 晚了。, en: Late.}}
  - {id: S-3, text: {zh: 很晚。, en: Very late.}}
  - {id: S-4, text: {zh: 大雪。, en: Snow.}}
  - {id: S-5, text: {zh: 异议。, en: Disputed.}}
"""
AT = "2026-03-{}+08:00"


def order(name: str, **cells: str) -> dict[str, str]:
    row = {"order_id": name, "line_id": f"{name}-1", "sku": "S", "quantity": "1", "paid": "500.00", "currency": "CNY"}
    return {**row, "placed_at": "2026-02-27T10:00+08:00", "size": "large", "region": "CN-11", **cells}


def promise(name: str, **cells: str) -> dict[str, str]:
    row = {"promise_id": f"P-{name}", "order_id": name, "shown_at": "2026-02-27T10:00+08:00"}
    return {**row, "promised_by": "2026-03-01", "slot_fee": "39.00", "currency": "CNY", **cells}


def scan(name: str, at: str, what: str = "delivered", **cells: str) -> dict[str, str]:
    return {"scan_id": f"S-{name}-{what}", "order_id": name, "at": AT.format(at), "what": what, **cells}


ORDERS = [
    *(order(name) for name in ("intime", "late", "very", "snowed", "doubt", "gone", "bare", "next")),
    order("small", size="small"),
    order("unsized", size=""),
]
PROMISES = [
    *(promise(name) for name in ("intime", "late", "very", "doubt", "gone")),
    promise("snowed", region="CN-21"),
    promise("next", promised_by="2026-04-20"),
    promise("small"),
    promise("nowhere"),
    promise("late", promise_id="P-passed", promised_by="2026-02-20"),
]
SCANS = [
    scan("intime", "01T23:59:59.999999"),
    scan("late", "02T00:00:00"),
    scan("very", "03T00:00:00.000001"),
    scan("snowed", "05T10:00"),
    scan("doubt", "01T15:00"),
    scan("doubt", "03T09:00", "disputed", disputes="S-doubt-delivered"),
    scan("late", "02T10:00", "moved", disputes="", told_by="nobody"),
    scan("gone", "10T10:00", "lost"),
]
CLOSURES = [
    {"closure_id": "C", "code": "snow", "from_at": "2026-03-01", "until_at": "2026-03-06", "known_at": "2026-03-01",
     "regions": '["CN-21"]', "evidence": "a notice"},
]  # fmt: skip


def write(path: Path, rows: list[dict[str, str]]) -> str:
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return str(path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "terms.yaml").write_text(TERMS, encoding="utf-8")
    for name, rows in (("orders", ORDERS), ("promises", PROMISES), ("scans", SCANS), ("closures", CLOSURES)):
        write(tmp_path / f"{name}.csv", rows)
    return tmp_path


def backtest(folder: Path, *more: str) -> dict[str, Any]:
    words = ["--terms", str(folder / "terms.yaml"), "--out", str(folder / "out"), "--as-of", "2026-03-20"]
    for name in ("orders", "promises", "scans", "closures"):
        words += [f"--{name}", str(folder / f"{name}.csv")]
    assert run(["backtest", *words, *more]) == 0
    return json.loads((folder / "out" / "summary.json").read_text("utf-8"))


def steps(folder: Path, name: str) -> set[tuple[Any, ...]]:
    rows = pq.read_table(folder / "out" / f"{name}.parquet").to_pylist()
    keys = ("delivery_id", "amount_minor", "currency", "tier", "clause_id", "promise_id", "scan_id")
    found = {tuple(row[key] for key in keys) for row in rows}
    assert len(found) == len(rows)
    return found


def test_every_step_has_its_amount_its_clause_and_the_facts_that_decided_it(folder: Path):
    backtest(folder)
    once = {(3900, "CNY", 1, "S-2"), (1000, "points", 1, "S-2")}
    more = {*once, (2000, "CNY", 2, "S-3")}
    assert steps(folder, "payouts") == {
        *(("late", *step, "P-late", "S-late-delivered") for step in once),
        *(("very", *step, "P-very", "S-very-delivered") for step in more),
        *(("gone", *step, "P-gone", None) for step in more),
    }
    assert steps(folder, "held") == {("doubt", *step, "P-doubt", "S-doubt-delivered") for step in more}
    at = {row["at"] for row in pq.read_table(folder / "out" / "payouts.parquet").to_pylist()}
    assert at == {datetime(2026, 3, 1, 16, tzinfo=UTC), datetime(2026, 3, 2, 16, 0, 0, 1, tzinfo=UTC)}


def test_the_summary_adds_up(folder: Path):
    summary = backtest(folder)
    assert {word: summary[word] for word in STANDS} == {
        "none": 1, "open": 1, "kept": 1, "late": 3, "excused": 1, "disputed": 1, "ended": 0,
    }  # fmt: skip
    assert sum(summary[word] for word in STANDS) == summary["deliveries"] == 8
    assert (summary["lines"], summary["lines_promised"], summary["undecided"]) == (10, 8, 1)
    assert summary["owed"] == [
        {"currency": "CNY", "owed_minor": 3 * 3900 + 2 * 2000, "held_minor": 5900, "deliveries_owed": 3, "sales_minor": 400000},
        {"currency": "points", "owed_minor": 3000, "held_minor": 1000, "deliveries_owed": 3, "sales_minor": 0},
    ]  # fmt: skip
    assert [(row["tier"], row["reached"]) for row in summary["tiers"]] == [(1, 3), (2, 2)]
    assert summary["kept_permille"] == 1000 // sum(summary[word] for word in OVER)
    assert [(month["month"], month["over"], month["kept"]) for month in summary["months"]] == [("2026-03", 6, 1)]


def test_rejected_rows_are_named_with_their_reason(folder: Path):
    backtest(folder)
    rows = (folder / "out" / "rejected.csv").read_text("utf-8").splitlines()
    assert [row.split(",")[:3] for row in rows[1:]] == [
        ["promises", "9", "unknown_order"],
        ["promises", "10", "passed_when_shown"],
        ["scans", "7", "bad_word"],
    ]


@pytest.mark.parametrize(
    ("file", "row", "reason"),
    [
        ("scans", scan("nowhere", "02T10:00"), "unknown_order"),
        ("scans", {**scan("", "02T10:00"), "delivery_id": "nowhere"}, "unknown_delivery"),
        ("scans", scan("late", "02T10:00", "disputed", disputes="S-very-delivered"), "unknown_scan"),
        ("scans", scan("late", "02T10:00", "disputed", disputes="S-unheard"), "unknown_scan"),
        ("promises", promise("late", promise_id="P-2", lines='["very-1"]'), "unknown_order"),
        ("promises", promise("late", promise_id="P-2", currency="EUR"), "other_currency"),
        ("promises", promise("late"), "duplicate_promise"),
        ("closures", CLOSURES[0], "duplicate_closure"),
    ],
)
def test_a_row_that_fits_nothing_is_rejected_with_its_reason(folder: Path, file: str, row: dict[str, str], reason: str):
    rows = {"scans": SCANS, "promises": PROMISES, "closures": CLOSURES}[file]
    before = backtest(folder)
    write(folder / f"{file}.csv", [*rows, row])
    after = backtest(folder)
    last = (folder / "out" / "rejected.csv").read_text("utf-8").splitlines()
    assert f"{file},{len(rows) + 1},{reason}" in {",".join(line.split(",")[:3]) for line in last}
    same = ("owed", "tiers", "months", *STANDS)
    assert {key: after[key] for key in same} == {key: before[key] for key in same}


def test_what_is_later_than_as_of_does_not_exist(folder: Path):
    words = [*_files(folder, "promises", "scans"), "--as-of", "2026-03-01T20:00+08:00"]
    assert run(["backtest", *words]) == 0
    summary = json.loads((folder / "out" / "summary.json").read_text("utf-8"))
    assert (summary["kept"], summary["open"], summary["late"], summary["owed"][0]["owed_minor"]) == (1, 6, 0, 0)


def _files(folder: Path, *names: str) -> list[str]:
    words = ["--terms", str(folder / "terms.yaml"), "--out", str(folder / "out")]
    for name in ("orders", *names):
        words += [f"--{name}", str(folder / f"{name}.csv")]
    return words


def test_the_report_speaks_both_languages_and_says_the_same_again(folder: Path):
    backtest(folder)
    page = (folder / "out" / "report.html").read_text("utf-8")
    assert "16.7% of 6 promises kept; ¥157.00 and 3,000 points owed for late ones." in page
    assert "6份承诺守住16.7%；晚到应赔¥157.00和3,000积分。" in page
    assert "--scans" in page
    backtest(folder)
    assert (folder / "out" / "report.html").read_text("utf-8") == page


def test_both_languages_have_the_same_words_with_the_same_places():
    assert ENGLISH.keys() == CHINESE.keys()
    for key, word in ENGLISH.items():
        english = set(re.findall(r"{(\w+)}", "".join(word)))
        chinese = set(re.findall(r"{(\w+)}", "".join(CHINESE[key])))
        assert english - {"n"} <= chinese | {"late", "deliveries"}
        assert chinese <= english | {"n"}


def test_a_document_that_makes_its_promise_needs_no_file_of_promises(folder: Path):
    made = TERMS.replace("breach:", "promise: {within: PT72H, reaches: handed_over}\nbreach:").replace(
        "{slot_fee: true}", "{amount: 1.00}"
    )
    (folder / "terms.yaml").write_text(made, encoding="utf-8")
    assert run(["backtest", *_files(folder, "scans"), "--as-of", "2026-03-20"]) == 0
    summary = json.loads((folder / "out" / "summary.json").read_text("utf-8"))
    assert (summary["none"], summary["kept"] + summary["late"] + summary["disputed"]) == (0, 8)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("scans",), "no --promises"),
        (("promises", "--prices"), "beside a delivery promise"),
        (("promises", "--decisions"), "beside a delivery promise"),
        (("promises", "--terms"), "several --terms"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_one_line(
    folder: Path, words: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
):
    given = _files(folder, *(word for word in words if not word.startswith("--")))
    more = {"--prices": str(folder / "orders.csv"), "--terms": str(folder / "terms.yaml")}
    for word in words:
        given += [word, more[word]] if word in more else [word] if word == "--decisions" else []
    assert run(["backtest", *given]) == 2
    assert told in capsys.readouterr().err


def test_a_price_promise_with_promises_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]):
    words = ["--terms", "jd-digital", *_files(folder, "promises")[2:]]
    assert run(["backtest", *words]) == 2
    assert "Give --prices or --claims instead" in capsys.readouterr().err


def test_a_folder_that_cannot_be_made_is_named(folder: Path, capsys: pytest.CaptureFixture[str]):
    out = folder / "orders.csv"
    assert run(["backtest", *_files(folder, "promises"), "--out", str(out)]) == 2
    assert f"{out}: File exists; expected a folder for the answer" in capsys.readouterr().err
