"""A backtest on claims: each answer and each cent by hand, the sweep, what is rejected, and what is refused as a question."""

import json
import re
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from houbei.backtest.claims_report import render
from houbei.backtest.claims_report.words_en import WORDS as ENGLISH
from houbei.backtest.claims_report.words_zh import WORDS as CHINESE
from houbei.backtest.claims_run import ClaimsAnswer, ClaimsQuestion, run_claims_backtest
from houbei.cli import run
from houbei.owed.tracks import Reason
from tests.quality.histories import DAY, claim, files, line, swap

LINES = [
    line("A"),
    line("B"),
    line("C"),
    line("D", unit_cost=""),
    line("E", paid_minor=100_01, quantity=3, sku="kettle"),
    line("old", placed_at="2025-01-01T12:00+08:00", delivered_at="2025-01-02T12:00+08:00"),
]
CLAIMS = [
    claim("met", "A", 12, outcome="confirmed", service_cost="30.00", recovered="120.00", settled_at=DAY.format(20)),
    claim("again", "A", 14),
    claim("well", "B", 12, outcome="no_fault_found", service_cost="8.00", settled_at=DAY.format(15)),
    claim("open", "C", 25),
    claim("unpriced", "D", 20, outcome="confirmed", salvage="1.00", settled_at=DAY.format(22)),
    claim("of-three", "E", 9, unit=1, outcome="confirmed", settled_at=DAY.format(10)),
    claim("late", "old", 12, service_cost="99.00"),
    claim("strange", "nowhere", 12),
    claim("fourth", "E", 12, unit=4),
]


def asked(folder: Path, *, window: tuple[int, int] | None = None, **terms: Any) -> ClaimsAnswer:
    orders, claims = files(folder, LINES, CLAIMS)
    question = ClaimsQuestion(
        promises=(swap(**terms),), orders=orders, claims=claims, out=folder / "out", window=window
    )
    return run_claims_backtest(question, lambda *_: None)


def answers_of(folder: Path) -> dict[str, tuple[Any, ...]]:
    rows = pq.read_table(folder / "out" / "answers.parquet").to_pylist()
    return {row["claim_id"]: (row["remedy"], row["reason"], row["cost_minor"]) for row in rows}


def test_every_claim_has_its_answer_its_reason_and_its_cost(tmp_path: Path):
    asked(tmp_path)
    assert answers_of(tmp_path) == {
        "met": ("replace", "answers", 200_00 + 30_00 - 120_00),
        "again": (None, "same_case", 0),
        "well": (None, "no_fault_found", 8_00),
        "open": ("replace", "answers", 200_00),
        "unpriced": ("replace", "answers", 300_00 - 1_00),
        "of-three": ("replace", "answers", 200_00),
        "late": (None, "over", 0),
    }


def test_a_refund_gives_back_what_was_paid_for_the_unit_to_the_cent(tmp_path: Path):
    asked(tmp_path, gives="refund")
    found = answers_of(tmp_path)
    assert found["of-three"] == ("refund", "answers", 33_34)
    assert found["open"] == ("refund", "answers", 300_00)


def test_a_repair_costs_its_service(tmp_path: Path):
    asked(tmp_path, gives="repair")
    assert answers_of(tmp_path)["met"] == ("repair", "answers", 30_00 - 120_00)


def test_the_summary_adds_up(tmp_path: Path):
    summary = asked(tmp_path).summary
    assert json.loads((tmp_path / "out" / "summary.json").read_text("utf-8")) == summary
    counts = [summary[key] for key in ("replaced", "refunded", "repaired", "refused", "referred", "same_case")]
    assert counts == [4, 0, 0, 2, 0, 1]
    assert sum(counts) == summary["claims"] == 7
    assert summary["refused_by_reason"] == {"no_fault_found": 1, "over": 1}
    assert summary["cost_minor"] == {"CNY": sum(cost for _, _, cost in answers_of(tmp_path).values())}
    assert summary["promises"][0]["replaced"] == 4
    assert (summary["units"], summary["unit_cost_unknown"]) == (8, 1)
    assert summary["rejected_by_code"] == {"orders": {}, "claims": {"no_such_unit": 1, "unknown_line": 1}}


def test_rejected_rows_are_named_with_their_reason(tmp_path: Path):
    asked(tmp_path)
    rows = (tmp_path / "out" / "rejected.csv").read_text("utf-8").splitlines()
    assert [row.rsplit(",", 1)[0] for row in rows[1:]] == ["claims,8,unknown_line", "claims,9,no_such_unit"]


def test_bad_money_and_a_line_told_twice_are_rejected(tmp_path: Path):
    lines = [line("A"), line("A"), line("B", unit_cost="12.345")]
    orders, claims = files(tmp_path, lines, [claim("C", "A", 12, service_cost="-3")])
    question = ClaimsQuestion(promises=(swap(),), orders=orders, claims=claims, out=tmp_path / "out")
    summary = run_claims_backtest(question, lambda *_: None).summary
    assert summary["rejected_by_code"] == {
        "orders": {"bad_money": 1, "duplicate_line": 1},
        "claims": {"bad_money": 1},
    }


def test_the_sweep_is_what_each_length_alone_would_give(tmp_path: Path):
    summary = asked(tmp_path, window=(5, 200)).summary
    by_days = {row["days"]: row for row in summary["sweep"]}
    assert by_days[180]["cost_minor"] == summary["cost_minor"]["CNY"]
    assert [by_days[days]["given"] for days in (5, 7, 10, 23, 200)] == [0, 1, 2, 4, 4]
    assert all(row["low_minor"] <= row["cost_minor"] <= row["high_minor"] for row in summary["sweep"])


def test_promises_stand_side_by_side_and_the_one_that_answers_is_named(tmp_path: Path):
    orders, claims = files(tmp_path, LINES, CLAIMS)
    arguments = ["--orders", str(orders), "--claims", str(claims), "--out", str(tmp_path / "out")]
    (tmp_path / "swap.yaml").write_text(json.dumps(dict(swap().document)), encoding="utf-8")
    longer = dict(swap().document) | {
        "term": "repair-500",
        "statute": True,
        "remedy": {"gives": ["repair"], "clause": "R-1"},
    }
    longer["window"] = dict(longer["window"]) | {"closes": {"after": {"at": "delivered"}, "length": "P500D"}}
    (tmp_path / "law.yaml").write_text(json.dumps(longer), encoding="utf-8")
    both = ["--terms", str(tmp_path / "swap.yaml"), "--terms", str(tmp_path / "law.yaml")]
    assert run(["backtest", *both, *arguments]) == 0
    rows = {row["claim_id"]: row for row in pq.read_table(tmp_path / "out" / "answers.parquet").to_pylist()}
    assert (rows["late"]["promise"], rows["late"]["remedy"]) == ("repair-500@1", "repair")
    assert (rows["met"]["promise"], rows["met"]["remedy"]) == ("swap-180@1", "replace")
    assert (tmp_path / "out" / "report.html").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--terms", "jd-appliances", "--claims", "claims.csv"], "terms about prices (jd-appliances)"),
        (["--terms", "jd-appliances-180", "--prices", "claims.csv"], "Give --claims"),
        (["--terms", "jd-appliances-180"], "neither --prices nor --claims"),
        (
            ["--terms", "jd-appliances-180", "--prices", "claims.csv", "--claims", "claims.csv"],
            "both --prices and --claims",
        ),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
):
    orders, _ = files(tmp_path, LINES, CLAIMS)
    placed = [str(tmp_path / word) if word.endswith(".csv") else word for word in arguments]
    assert run(["backtest", "--orders", str(orders), *placed]) == 2
    assert says in capsys.readouterr().err


def test_both_languages_have_the_same_words_with_the_same_values():
    assert ENGLISH.keys() == CHINESE.keys()
    for key, word in ENGLISH.items():
        spoken = [word if isinstance(word, str) else word[1], CHINESE[key]]
        english, chinese = (set(re.findall(r"\{(\w+)\}", str(text))) for text in spoken)
        assert english == chinese, key


def test_every_reason_has_words():
    assert {f"c_word_{reason.name.lower()}" for reason in Reason if 0 < reason < Reason.SCOPE_UNKNOWN} <= ENGLISH.keys()


def test_the_report_says_what_the_summary_holds_and_the_same_answer_gives_the_same_bytes(tmp_path: Path):
    answer = asked(tmp_path, window=(5, 200))
    page = render(answer, command="houbei backtest --terms swap.yaml")
    assert page == render(answer, command="houbei backtest --terms swap.yaml")
    assert "Of 7 claims 4 would have been met." in page
    assert "7起报障里，会满足4起。" in page
    assert answer.summary["input_fingerprint"] in page
