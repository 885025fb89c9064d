"""`houbei quality` from files to a report: complete in both languages, honest about its counts, the same each time."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from houbei.cli import run
from houbei.cli.quality import SAMPLE, SAMPLE_SEED
from houbei.demo.appliances import made_shop
from houbei.quality.report import render
from houbei.quality.report.words_en import WORDS as ENGLISH
from houbei.quality.report.words_zh import WORDS as CHINESE
from houbei.quality.run import QualityQuestion, run_quality
from houbei.store.terms_files import load_terms
from tests.quality.histories import claim, files, line, swap


def found(
    folder: Path, lines: list[dict[str, Any]], claims: list[dict[str, Any]], *, promised: bool = True
) -> dict[str, Any]:
    orders, told = files(folder, lines, claims)
    terms = swap() if promised else None
    question = QualityQuestion(orders=orders, claims=told, out=folder / "out", terms=terms, zone="Asia/Shanghai")
    return run_quality(question).summary


def page_of(summary: dict[str, Any], *, promised: bool = True) -> str:
    return render(
        summary, terms=swap() if promised else None, files=("orders.csv", "claims.csv"), command="houbei quality"
    )


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("sample")
    assert run(["quality", "--sample", "--terms", "jd-appliances-180", "--out", str(out)]) == 0
    return out


@cache
def summary_in(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "summary.json").read_text("utf-8"))


def test_the_sample_is_found_to_be_what_it_was_made_to_be(sample: Path):
    """The shop is invented, so the truth is known: the bad batch, its three times, and the faults that were reported in time."""
    shop, summary = made_shop(np.random.default_rng(SAMPLE_SEED), SAMPLE), summary_in(sample)
    warned = [row for row in summary["batches"] if row["state"] == "warned"]
    bad = SAMPLE.bad
    assert bad is not None
    assert [row["batch"] for row in warned] == [f"{bad // SAMPLE.batches + 1:02d}-{bad % SAMPLE.batches + 1}"]
    assert warned[0]["times_low"] <= SAMPLE.bad_times <= warned[0]["times_high"]
    reported = shop.fault_us <= shop.end_us
    assert summary["claims"] == reported.sum()
    assert summary["units"] == summary["watched_units"] == len(shop) - summary["undelivered_units"]
    assert summary["claims"] == summary["faults"] + summary["refuted"] + summary["outside"] + summary["again"]


def test_every_rate_comes_with_its_counts_and_its_ends(sample: Path):
    summary = summary_in(sample)
    for rows in summary["groups"].values():
        assert sum(row["units"] for row in rows) == summary["watched_units"]
        assert sum(row["faults"] for row in rows) == summary["faults"]
        assert sum(row["expected"] for row in rows) == pytest.approx(summary["faults"], abs=0.5)
        for row in rows:
            assert row["per_year_low"] <= row["per_year"] <= row["per_year_high"]
            assert row["share_low"] <= row["faults"] / row["units"] <= row["share_high"]
    for row in summary["ages"]["weeks"]:
        assert row["low"] <= row["failed"] <= row["high"]


def test_the_costs_of_skus_add_up_to_the_whole(sample: Path):
    block, reserve = summary_in(sample)["costs"][0], summary_in(sample)["reserve"][0]
    for key in ("settled", "open", "goods_minor", "service_minor", "back_minor", "net_minor", "units", "paid_minor"):
        assert sum(row[key] for row in block["skus"]) == block[key]
    assert block["net_minor"] == block["goods_minor"] + block["service_minor"] - block["back_minor"]
    assert reserve["expected_minor"] == pytest.approx(reserve["to_come_minor"] + reserve["open_minor"], abs=1)
    assert reserve["open_claims"] == block["open"]
    assert reserve["low_minor"] < reserve["expected_minor"] < reserve["high_minor"]


def test_the_same_files_and_seed_give_the_same_bytes(sample: Path, tmp_path: Path):
    again = ["quality", "--orders", str(sample / "orders.csv"), "--claims", str(sample / "claims.csv")]
    for folder in ("one", "two"):
        assert run([*again, "--terms", "jd-appliances-180", "--out", str(tmp_path / folder)]) == 0
    for name in ("summary.json", "report.html"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    assert (tmp_path / "one" / "summary.json").read_bytes() == (sample / "summary.json").read_bytes()


def test_the_report_opens_with_the_finding_in_both_languages(sample: Path):
    page, summary = (sample / "report.html").read_text("utf-8"), summary_in(sample)
    heads = re.findall(r"<h1>(.*?)</h1>", page)
    assert heads[0].startswith(f"Of {summary['watched_units']:,} delivered units, {summary['faults']} failed (")
    assert f"Batch {summary['batches'][0]['batch']} of" in heads[0]
    assert heads[1].startswith(f"已送达的{summary['watched_units']:,}件里，坏了{summary['faults']}件（")
    assert not re.search(r"[一-鿿] [0-9A-Za-z]|[0-9A-Za-z%] [一-鿿]", re.sub(r"<[^>]+>", "\n", heads[1]))


def test_each_drawing_has_at_most_one_red_mark(sample: Path):
    page = (sample / "report.html").read_text("utf-8")
    drawings = re.findall(r"<svg class=\"plot\".*?</svg>", page, flags=re.DOTALL)
    assert len(drawings) == 2 * 2 * 7
    assert max(drawing.count('class="hot-fill"') for drawing in drawings) == 1


def test_another_history_finds_other_titles(tmp_path: Path):
    """Two batches of 40 and few faults: nothing stands out, and nothing is said to."""
    lines = [line(f"L{k}", batch=f"B{k % 2}", supplier=f"S{k % 2}", sku="fridge") for k in range(80)]
    claims = [
        claim(f"C{k}", f"L{k}", 5 + k, outcome="confirmed", settled_at="2026-02-20T00:00+08:00") for k in range(6)
    ]
    summary = found(tmp_path, lines, claims)
    page = page_of(summary)
    assert "None of 2 batches stands out beside its sisters" in page
    assert "No supplier clearly delivers more faults than the others" in page
    assert "All units are of one SKU, fridge" in page
    assert "2批" in page


def test_three_faults_in_41_units_lie_between_1_5_and_19_9_percent(tmp_path: Path):
    summary = found(tmp_path, [line(f"L{k}") for k in range(41)], [claim(f"C{k}", f"L{k}", 9) for k in range(3)])
    everyone = summary["all"]
    assert (round(everyone["share_low"], 3), round(everyone["share_high"], 3)) == (0.015, 0.199)
    assert "95% interval 1.54% to 19.9%" in page_of(summary)


def test_what_cannot_be_said_is_said(tmp_path: Path):
    bare = [{k: v for k, v in line(f"L{n}").items() if k not in {"batch", "supplier", "unit_cost"}} for n in range(20)]
    summary = found(tmp_path, bare, [claim("C", "L1", 9)], promised=False)
    page = page_of(summary, promised=False)
    assert summary["reserve"][0] == {"currency": "CNY", "expected_minor": None, "because": "no_terms"}
    for key in ("q_no_batches", "q_limit_no_terms", "q_limit_no_cost", "q_limit_undecided"):
        assert str(ENGLISH[key]) in page
        assert str(CHINESE[key]) in page


@pytest.mark.parametrize("lines", [[line("L")], [line("L", delivered_at="")]])
def test_a_history_without_a_fault_or_a_delivery_has_a_report_too(tmp_path: Path, lines: list[dict[str, Any]]):
    summary = found(tmp_path, lines, [])
    page = page_of(summary)
    watched = summary["watched_units"]
    assert ("none has failed; up to 97.5% of them might" in page) == (watched == 1)
    assert ("no unit was delivered" in page) == (watched == 0)


def test_amounts_of_two_currencies_are_shown_apart(tmp_path: Path):
    lines = [line("A"), line("B", currency="JPY", paid_minor=30_000, unit_cost="20000")]
    done = {"outcome": "confirmed", "settled_at": "2026-01-25T12:00+08:00"}
    summary = found(tmp_path, lines, [claim("C", "A", 9, **done), claim("D", "B", 9, **done)])
    assert [(block["currency"], block["net_minor"]) for block in summary["costs"]] == [("CNY", 200_00), ("JPY", 20_000)]
    assert [block["because"] for block in summary["reserve"]] == ["few_settled", "few_settled"]


def test_terms_about_prices_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    orders, claims = files(tmp_path, [line("L")], [])
    assert load_terms("jd-appliances").kind == "price_protection"
    assert run(["quality", "--orders", str(orders), "--claims", str(claims), "--terms", "jd-appliances"]) == 2
    assert "expected terms of the kind replacement" in capsys.readouterr().err


def test_both_languages_have_the_same_words_with_the_same_values():
    assert ENGLISH.keys() == CHINESE.keys()
    for key, word in ENGLISH.items():
        spoken = [word if isinstance(word, str) else word[1], CHINESE[key]]
        english, chinese = (set(re.findall(r"\{(\w+)\}", str(text))) for text in spoken)
        assert english == chinese, key
