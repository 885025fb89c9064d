"""`houbei delivery train | evaluate | promise` from files to files: the same bytes each time, models that say what they are."""

import json
import re
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from houbei.cli import run
from houbei.delivery.lead_times import read_lead_times
from houbei.lead_times.document import version_of
from houbei.lead_times.report import render
from houbei.lead_times.report.words_en import WORDS as ENGLISH
from houbei.lead_times.report.words_zh import WORDS as CHINESE
from tests.lead_times.made_history import FIRST_DAY, Law, date_of, day_of, made_rows, write_csv, write_parquet

LAW = Law(days=180, a_day=12, lost=0.02, week_spread=0.15, estimate_days=10)
FROM = date_of(FIRST_DAY + 110)
NOW = date_of(FIRST_DAY + 150)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    rows = made_rows(41, LAW)
    write_csv(rows, folder / "history.csv")
    write_parquet(rows, folder / "history.parquet")
    told = ["--history", str(folder / "history.csv"), "--out"]
    assert run(["delivery", "train", *told, str(folder / "model"), "--as-of", NOW]) == 0
    assert run(["delivery", "evaluate", *told, str(folder / "found"), "--from", FROM, "--chance", "80,90,95"]) == 0
    assert run(["delivery", "promise", *told, str(folder / "promised"), "--as-of", NOW]) == 0
    return folder


def summary_in(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "summary.json").read_text("utf-8"))


def test_the_same_history_gives_the_same_bytes_from_csv_and_from_parquet(shop: Path, tmp_path: Path):
    for name in ("history.csv", "history.parquet"):
        told = ["--history", str(shop / name), "--out", str(tmp_path / name)]
        assert run(["delivery", "evaluate", *told, "--from", FROM, "--chance", "80,90,95"]) == 0
        assert run(["delivery", "promise", *told, "--as-of", NOW]) == 0
    assert (tmp_path / "history.csv" / "summary.json").read_bytes() == (shop / "found" / "summary.json").read_bytes()
    assert (tmp_path / "history.csv" / "promises.csv").read_bytes() == (shop / "promised" / "promises.csv").read_bytes()
    one, other = summary_in(tmp_path / "history.csv"), summary_in(tmp_path / "history.parquet")
    for summary in (one, other):
        del summary["history"]["file"], summary["history"]["fingerprint"]
    assert one == other


def test_a_model_says_which_version_it_is_and_a_network_reads_it(shop: Path):
    document = json.loads((shop / "model" / "model.json").read_text("utf-8"))
    assert document["version"] == version_of(document)
    table = read_lead_times(document, where="model.json")
    assert table.version == document["version"]
    assert [dict(group.key) for group in table.groups] == [{}, {"region": "far"}, {"region": "near"}]
    rows = {tuple(group.key.values()): row for group, row in zip(table.groups, table.within_permille, strict=True)}
    assert rows["near",][6] > rows[()][6] > rows["far",][6]
    assert (shop / "model" / "model.json").stat().st_size < 200_000


def test_a_model_that_was_trained_promises_as_the_history_does(shop: Path, tmp_path: Path):
    told = ["--history", str(shop / "history.csv"), "--out", str(tmp_path), "--as-of", NOW]
    assert run(["delivery", "promise", *told, "--model", str(shop / "model" / "model.json")]) == 0
    assert (tmp_path / "promises.csv").read_bytes() == (shop / "promised" / "promises.csv").read_bytes()


def test_a_model_that_was_changed_is_refused(shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    document = json.loads((shop / "model" / "model.json").read_text("utf-8"))
    document["clock"]["paces"][0] = 2.0
    (tmp_path / "model.json").write_text(json.dumps(document), "utf-8")
    told = ["--history", str(shop / "history.csv"), "--out", str(tmp_path), "--model", str(tmp_path / "model.json")]
    assert run(["delivery", "promise", *told]) == 2
    assert "does not say what its version says" in capsys.readouterr().err


def test_open_orders_are_promised_a_date_that_is_still_to_come(shop: Path):
    rows = pq.read_table(shop / "promised" / "promises.parquet").to_pylist()
    history = {row["order_id"]: row for row in made_rows(41, LAW)}
    still_open = {
        name
        for name, row in history.items()
        if day_of(row["purchased"]) < day_of(NOW)
        and (row["delivered"] is None or day_of(row["delivered"]) >= day_of(NOW))
    }
    assert {row["order_id"] for row in rows} == still_open
    promised = [row for row in rows if row["promised_date"] is not None]
    assert len(promised) > 30
    assert all(str(row["promised_date"]) >= NOW for row in promised)
    assert all(row["days"] == (row["promised_date"] - row["purchased_date"]).days for row in promised)
    assert 850 <= sum(row["chance_permille"] for row in promised) / len(promised) <= 950
    kept = [
        history[row["order_id"]]["delivered"] is not None
        and history[row["order_id"]]["delivered"][:10] <= str(row["promised_date"])
        for row in promised
    ]
    assert sum(kept) / len(kept) > 0.7  # 67 orders of three or four weeks, late together
    assert {row["group"] for row in rows} <= {"destination=near", "destination=far"}


def test_one_order_is_promised_what_it_is_among_others(shop: Path, tmp_path: Path):
    rows = [row for row in made_rows(41, LAW) if day_of(NOW) <= day_of(row["purchased"]) < day_of(NOW) + 2]
    wanted = [{name: row[name] for name in ("order_id", "purchased", "estimated", "destination")} for row in rows]
    found = {}
    for name, some in (("all", wanted), ("one", wanted[5:6])):
        orders = write_csv(some, tmp_path / f"{name}.csv")
        told = ["--history", str(shop / "history.csv"), "--out", str(tmp_path / name), "--orders", str(orders)]
        assert run(["delivery", "promise", *told, "--model", str(shop / "model" / "model.json"), "--as-of", NOW]) == 0
        table = pq.read_table(tmp_path / name / "promises.parquet").to_pylist()
        found[name] = {row["order_id"]: row for row in table}
    assert found["one"] == {wanted[5]["order_id"]: found["all"][wanted[5]["order_id"]]}


def test_a_higher_share_is_never_promised_earlier(shop: Path, tmp_path: Path):
    days = []
    for share in ("80", "90", "97.5"):
        out = tmp_path / share
        told = ["--history", str(shop / "history.csv"), "--out", str(out), "--as-of", NOW, "--chance", share]
        assert run(["delivery", "promise", *told, "--model", str(shop / "model" / "model.json")]) == 0
        days.append([row["days"] or 999 for row in pq.read_table(out / "promises.parquet").to_pylist()])
    assert all(low <= middle <= high for low, middle, high in zip(*days, strict=True))
    assert days[0] != days[2]


@pytest.mark.parametrize(
    ("told", "says"),
    [
        (["evaluate", "--from", "2030-01-01"], "no order bought from then on"),
        (["evaluate", "--from", "2022-01-08"], "enough history before it"),
        (["evaluate", "--from", FROM, "--chance", "20"], "per cent between 50 and 99.5"),
        (["train", "--as-of", "2022-01-09"], "at least 30"),
        (["promise", "--columns", "purchased"], "meaning=column"),
        (["promise", "--zone", "Mars/Olympus"], "IANA"),
        (["promise", "--calendar", "zz"], "no such calendar|calendar"),
        (["promise", "--chance", "90.3"], "in steps of 0.5%"),
    ],
)
def test_what_cannot_be_used_is_refused(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], told: list[str], says: str
):
    assert run(["delivery", *told, "--history", str(shop / "history.csv"), "--out", str(tmp_path)]) == 2
    assert re.search(says, capsys.readouterr().err)


def test_the_report_opens_with_the_finding_in_both_languages(shop: Path):
    page, summary = (shop / "found" / "report.html").read_text("utf-8"), summary_in(shop / "found")
    heads = re.findall(r"<h1>(.*?)</h1>", page)
    assert heads[0].startswith("Asked to keep 90.0%, it kept ")
    assert heads[1].startswith("要求兑现90.0%，实际兑现")
    shorter = [row["shorter_percent"] for row in summary["frontier"]["rows"]]
    assert ("At every share kept, promises are shorter" in page) == all(one > 0 for one in shorter)
    assert summary["history"]["fingerprint"] in page
    assert not re.search(r'(?:src|href)="https?:', page)


def test_each_drawing_has_at_most_one_red_mark(shop: Path):
    drawings = re.findall(
        r"<svg class=\"plot\".*?</svg>", (shop / "found" / "report.html").read_text("utf-8"), re.DOTALL
    )
    assert len(drawings) == 2 * 2 * 4
    assert max(drawing.count('class="hot-fill"') for drawing in drawings) == 1


def test_other_findings_have_other_titles(shop: Path):
    summary = summary_in(shop / "found")
    worse = json.loads(json.dumps(summary))
    worse["frontier"]["mean_shorter_percent"] = -2.0
    for row in worse["frontier"]["rows"]:
        row["shorter_percent"] = -2.0
    worse["near"] |= {"mean_points_away": 7.0, "most_points_below": 9.0}
    worse["clumps"]["ours"]["times_variance"] = 1.0
    page = render(worse, command="houbei delivery evaluate")
    assert "Promises are longer than the shop’s own at the same share kept, by 2.0% on average" in page
    assert "A promise of 90.0% is 7.0 points away on average, at most 9.0 below" in page
    assert "Lateness hardly clumps" in page


def test_a_history_without_estimates_and_places_has_a_report_too(tmp_path: Path):
    rows = [
        {name: row[name] for name in ("order_id", "purchased", "delivered")} for row in made_rows(42, Law(days=120))
    ]
    told = ["--history", str(write_csv(rows, tmp_path / "bare.csv")), "--out", str(tmp_path)]
    assert run(["delivery", "evaluate", *told, "--from", date_of(FIRST_DAY + 90), "--chance", "90"]) == 0
    page, summary = (tmp_path / "report.html").read_text("utf-8"), summary_in(tmp_path)
    assert str(ENGLISH["d_no_estimate"]) in page
    assert "shop" not in summary["all"]
    assert "frontier" not in summary


def test_dates_that_were_written_afterwards_are_told_of(tmp_path: Path):
    rows = made_rows(43, Law(days=120, estimate_days=9))
    for row in rows[::2]:
        row["estimated"] = row["delivered"]
    told = ["--history", str(write_csv(rows, tmp_path / "rewritten.csv")), "--out", str(tmp_path)]
    assert run(["delivery", "evaluate", *told, "--from", date_of(FIRST_DAY + 100), "--chance", "90"]) == 0
    assert summary_in(tmp_path)["rewritten"] is True
    assert str(CHINESE["d_limit_rewritten"]) in (tmp_path / "report.html").read_text("utf-8")


def test_both_languages_have_the_same_words_with_the_same_values():
    assert ENGLISH.keys() == CHINESE.keys()
    for key, word in ENGLISH.items():
        spoken = [word if isinstance(word, str) else word[1], CHINESE[key]]
        english, chinese = (set(re.findall(r"\{(\w+)\}", str(text))) for text in spoken)
        assert english == chinese, key
