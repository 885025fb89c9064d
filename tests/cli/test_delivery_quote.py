"""`houbei delivery quote` and `check`: what is said, and the exit code."""

import json
from pathlib import Path

import msgspec
import pytest

from houbei.calendars.documents import document_text, packaged_document
from houbei.cli import run
from tests.delivery.small import changed

QUOTE = ("delivery", "quote", "--network", "sample-cn", "--at", "2026-02-13T10:00")


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    assert run([*QUOTE, *arguments]) == 0
    return capsys.readouterr().out.splitlines()


def test_a_promise_and_its_reasons_are_said(capsys: pytest.CaptureFixture[str]):
    lines = said(
        capsys, "--sku", "SAMPLE-KETTLE", "--to", "CN-BJ", "--from", "north", "--service", "economy", "--lang", "en"
    )
    assert lines[:2] == [
        "Arrives by Wed 25 Feb 2026; kept at least 96.0 % of the time.",
        "  north → economy (resting)",
    ]
    assert "  The carrier does not move parcels from Sun 15 Feb 2026 to Mon 23 Feb 2026." in lines
    assert "cn 20" in lines[-1]


def test_the_language_is_what_the_system_says(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert said(capsys, "--weight-class", "small", "--to", "CN-HE")[0].startswith("2026年2月15日（周日）送到")


def test_json_holds_everything(capsys: pytest.CaptureFixture[str]):
    text = "\n".join(
        said(capsys, "--sku", "SAMPLE-FRIDGE", "--to", "CN-SH", "--slot", "--install", "--parcels", "2", "--json")
    )
    answer = json.loads(text)
    assert (answer["date"], answer["slot"], answer["service"], answer["fee"]) == (
        "2026-02-24",
        "morning",
        "booked",
        "39.00",
    )
    assert answer["chance_permille"] >= answer["chance_wanted_permille"] == 950
    assert {"installation", "slowest", "slot"} <= {reason["code"] for reason in answer["reasons"]}


def test_a_percentage_may_have_one_digit_after_the_point(capsys: pytest.CaptureFixture[str]):
    ask = ("--weight-class", "small", "--to", "CN-HE", "--service", "standard", "--from", "north", "--json", "--chance")
    days = [json.loads("\n".join(said(capsys, *ask, chance)))["date"] for chance in ("62", "62.1", "99.6")]
    # On the fourth day, the first of the lunar year, nobody delivers there; they do again on the fourth day of it.
    assert days == ["2026-02-14", "2026-02-15", "2026-02-20"]


def test_a_refusal_is_an_answer(capsys: pytest.CaptureFixture[str]):
    (line,) = said(capsys, "--sku", "SAMPLE-FRIDGE", "--to", "CN-XJ", "--service", "same-day", "--lang", "en")
    assert line.startswith("Nothing can be promised")


def test_a_model_takes_the_place_of_the_lead_times(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    path = tmp_path / "model.json"
    group = {"key": {}, "count": 40, "within_permille": [0, 0, 0, 0, 0, 960]}
    told = {"kind": "lead_times", "version": "m", "counts": "calendar", "starts": "order", "days_max": 5, "keys": []}
    path.write_text(json.dumps({**told, "groups": [group]}), "utf-8")
    lines = said(
        capsys,
        "--weight-class",
        "small",
        "--to",
        "CN-BJ",
        "--service",
        "standard",
        "--model",
        str(path),
        "--lang",
        "en",
    )
    assert lines[0].startswith("Arrives by Wed 18 Feb 2026")
    assert any("measured on 40 parcels" in line for line in lines)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--to", "CN-BJ"), "neither --sku nor --weight-class"),
        (("--to", "CN-BJ", "--sku", "A", "--weight-class", "small"), "both --sku and --weight-class"),
        (("--to", "CN-BJ", "--sku", "A", "--chance", "0"), "--chance 0"),
        (("--to", "CN-BJ", "--sku", "A", "--chance", "100.1"), "--chance 100.1"),
        (("--to", "CN-BJ", "--sku", "A", "--chance", "95%"), "--chance 95%"),
        (("--to", "CN-BJ", "--sku", "A", "--at", "tomorrow"), "“tomorrow”"),
        (("--to", "CN-BJ", "--sku", "A", "--at", "2037-01-01"), "years"),
        (("--to", "CN-BJ", "--sku", "A", "--model", "nowhere.json"), "nowhere.json"),
        (("--to", "CN-BJ", "--sku", "A", "--network", "nowhere.yaml"), "sample-cn"),
    ],
)
def test_a_call_that_cannot_be_used(arguments: tuple[str, ...], why: str, capsys: pytest.CaptureFixture[str]):
    assert run([*QUOTE, *arguments]) == 2
    assert why in capsys.readouterr().err


def test_networks_are_checked(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    bad = tmp_path / "bad.yaml"
    bad.write_text(changed(lambda network: network.update(calendar="cn", colour="red")), "utf-8")
    assert run(["delivery", "check", "sample-cn"]) == 0
    assert capsys.readouterr().out.startswith("ok: sample-cn: sample-cn version 1, ")
    assert run(["delivery", "check", "sample-cn", str(bad)]) == 1
    told = capsys.readouterr()
    assert "colour" in told.err
    assert told.out.startswith("ok: sample-cn")
    assert run(["delivery", "check", str(tmp_path / "nowhere.yaml")]) == 2


def test_a_network_that_leans_on_a_calendar_that_there_is_not_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
):
    bad, own = tmp_path / "bad.yaml", tmp_path / "own.json"
    bad.write_text(changed(lambda network: network.update(calendar="ours")), "utf-8")
    assert run(["delivery", "check", str(bad)]) == 1
    assert "bad.yaml: calendar: the calendar “ours”" in capsys.readouterr().err
    own.write_text(document_text(msgspec.structs.replace(packaged_document("cn"), id="ours")), "utf-8")
    assert run(["delivery", "check", str(bad), "--calendar", str(own)]) == 0


def test_the_file_is_named_whatever_is_wrong_in_it(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    bad = tmp_path / "bad.yaml"
    bad.write_text(changed(lambda network: network["origins"][0]["cut_offs"][0].update(before="25:99")), "utf-8")
    assert run(["delivery", "check", "sample-cn", str(bad)]) == 1
    assert f"{bad}: a cut-off: the time “25:99”" in capsys.readouterr().err


def test_names_that_the_network_does_not_have_are_told(capsys: pytest.CaptureFixture[str]):
    asked = ("--sku", "A-LAMP", "--to", "CN-ZZ", "--from", "north", "--service", "teleport", "--lang", "en")
    refusal, *names = said(capsys, *asked)
    assert (refusal[:26], names) == ("Nothing can be promised: t", ["  “CN-ZZ”", "  “teleport”", "  “A-LAMP”"])
    assert json.loads("\n".join(said(capsys, *asked, "--json")))["unknown"] == ["CN-ZZ", "teleport", "A-LAMP"]
