"""`houbei calendar`: what is shown, taken in and handed on, and what users get wrong."""

import json
from pathlib import Path

import pytest

from houbei.calendars.documents import packaged_document, parse_document
from houbei.cli import run
from tests.calendars.made_calendars import document_text_of, notice_text, spring_2027


def said(capsys: pytest.CaptureFixture[str], *arguments: str | Path, code: int = 0) -> str:
    assert run(["calendar", *map(str, arguments)]) == code
    captured = capsys.readouterr()
    return captured.out if code == 0 else captured.err


def week_of(page: str, month: str, marked: str) -> list[str]:
    """The two lines of the week of a month in which something stands."""
    lines = page.split(f"\n{month}\n")[1].splitlines()
    place = next(number for number, line in enumerate(lines) if marked in line)
    return [" ".join(line.split()) for line in lines[place : place + 2]]


def test_a_year_is_shown_with_breaks_make_up_days_and_lunar_days(capsys: pytest.CaptureFixture[str]):
    page = said(capsys, "show", "cn", "2026", "--lang", "zh")
    assert page.startswith(f"cn 2026.1 {packaged_document('cn').sha256[:8]} · 2026 · 已公布\nhttps://www.gov.cn/")
    assert week_of(page, "2026年2月", "14班") == ["9 10 11 12 13 14班 15休", "廿二 廿三 廿四 廿五 廿六 廿七 廿八"]
    assert week_of(page, "2026年2月", "16假") == [
        "16假 17假 18假 19假 20休 21休 22休",
        "除夕 正月 初二 初三 初四 初五 初六",
    ]
    assert page.count("\n2026年") == 12


def test_a_predicted_year_shows_its_doubtful_days(capsys: pytest.CaptureFixture[str]):
    page = said(capsys, "show", "cn", "2027", "--lang", "en")
    assert "2027 · predicted, not announced\n\n2027-01\n" in page
    assert week_of(page, "2027-02", "off*") == ["1 2 3 4off? 5off* 6off* 7off*", "12/25 12/26 12/27 12/28 Eve 1/1 1/2"]
    assert "14off?" in page
    # The notice for 2027 may still speak of the last days of 2026.
    page = said(capsys, "show", "cn", "2026", "--lang", "en").rpartition("\n\n")[0]
    assert [week for week in page.splitlines() if "off?" in week] == [page.splitlines()[-2]]
    assert page.splitlines()[-2].split()[-2:] == ["30off?", "31off?"]


def test_the_columns_of_a_week_stand_under_each_other(capsys: pytest.CaptureFixture[str]):
    page = said(capsys, "show", "cn", "2026", "--lang", "en")
    head, *weeks = page.split("\n2026-02\n")[1].splitlines()
    week = next(line for line in weeks if "14work" in line)
    assert week.index("14work") == head.index("Sat") - 1


def test_another_country_is_shown_without_lunar_days(capsys: pytest.CaptureFixture[str]):
    page = said(capsys, "show", "de", "2026", "--lang", "en")
    assert week_of(page, "2026-10", "3off*") == ["1 2 3off* 4", "5 6 7 8 9 10 11"]


def test_a_notice_is_taken_into_a_document_that_stands_in_place_of_the_packaged_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    notice, nothing, out = tmp_path / "2027.json", tmp_path / "2028.json", tmp_path / "cn.json"
    notice.write_text(spring_2027(), encoding="utf-8")
    nothing.write_text(notice_text(2028, off=[], papers=[]), encoding="utf-8")
    told = said(capsys, "import", notice, nothing, "--into", "cn", "--out", out, "--lang", "en")
    before, after = packaged_document("cn"), parse_document(out.read_text(encoding="utf-8"), where="cn.json")
    assert told.splitlines() == [
        "2027: announced, 29 days off, 2 make-up workdays",
        "2028: not announced yet, nothing to take",
        f"{out}: cn 2027.1 {after.sha256[:8]}, replaces 2026.1 {before.sha256[:8]}",
    ]
    assert after.announced == (*before.announced, 2027)
    assert "2027 · 已公布\nhttps://example.org/notice\n" in said(capsys, "show", out, "2027", "--lang", "zh")
    again = said(capsys, "import", notice, "--into", out, "--out", out, "--lang", "zh")
    assert again.splitlines() == ["2027：与已有内容相同", f"{out}：cn 2027.1 {after.sha256[:8]}，没有变化"]


def test_what_is_handed_on_can_be_taken_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    ics, made, out = tmp_path / "out.ics", tmp_path / "made.json", tmp_path / "next.json"
    told = said(capsys, "export", "cn", "2026..2027", "--ics", ics)
    assert told.startswith(f"{ics}: cn 2026.1, 2026..2027, ")
    assert ics.read_bytes().startswith(b"BEGIN:VCALENDAR\r\n")
    made.write_text(document_text_of(), encoding="utf-8")
    told = said(capsys, "import", ics, "--into", made, "--out", out, "--years", "2026", "--lang", "en")
    assert told.splitlines()[0] == "2026: announced, 33 days off, 6 make-up workdays"
    taken = json.loads(out.read_text(encoding="utf-8"))["years"]["2026"]
    known = packaged_document("cn").years["2026"]
    assert taken["breaks"] == [list(ends) for ends in known.breaks]
    assert (taken["worked"], taken["notices"]) == (list(known.worked), ["out.ics"])


def test_a_file_can_be_taken_into_a_calendar_that_is_computed(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    ics, out = tmp_path / "de.ics", tmp_path / "de.json"
    said(capsys, "export", "de", "2027", "--ics", ics)
    ics.write_bytes(ics.read_bytes().replace(b"STATUS:TENTATIVE", b"STATUS:CONFIRMED"))
    said(capsys, "import", ics, "--into", "de", "--out", out, "--zone", "Europe/Berlin")
    assert parse_document(out.read_text(encoding="utf-8"), where="de.json").announced == (2027,)


def test_the_days_of_a_carrier_are_shown(capsys: pytest.CaptureFixture[str]):
    page = said(capsys, "carrier", "sample-resting", "sample-resting", "2026", "--region", "island", "--lang", "en")
    assert "  2026-02-10 … 2026-02-28  nothing; adds 3.00 CNY per parcel\n" in page
    page = said(capsys, "carrier", "works-through-2026", "sf", "2026", "--region", "a", "--lang", "zh")
    assert page.splitlines()[-1] == "  2026-02-16 … 2026-02-23  附加费 金额未公布/件"


def test_a_carrier_s_days_follow_the_calendar_that_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    notice, out = tmp_path / "2027.json", tmp_path / "cn.json"
    notice.write_text(spring_2027(), encoding="utf-8")
    said(capsys, "import", notice, "--into", "cn", "--out", out)
    ask = ("carrier", "sample-resting", "sample-resting", "2027", "--region", "a", "--lang", "en")
    assert "  2027-02-04 … 2027-02-14  nothing; provisional\n" in said(capsys, *ask)
    page = said(capsys, *ask, "--calendar", out)
    assert "  2027-02-05 … 2027-02-13  nothing\n" in page
    assert "provisional" not in page.split("2027-12")[0]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["show", "cn", "2036"], "years within 2007 to 2035"),
        (["show", "zz", "2026"], "the calendar “zz”"),
        (["show", "nowhere.json", "2026"], "nowhere.json: No such file"),
        (["export", "cn", "2040", "--ics", "x.ics"], "the year 2040"),
        (["export", "cn", "2027..2026", "--ics", "x.ics"], "2027 or 2027..2029"),
        (["import", "nowhere.ics", "--into", "cn", "--out", "x.json"], "nowhere.ics: No such file"),
        (["import", "notice.txt", "--into", "cn", "--out", "x.json"], "a file that ends in “.txt”"),
        (["export", "cn", "2026", "--ics", "nowhere/x.ics"], "nowhere/x.ics: No such file"),
        (["carrier", "nowhere", "jd", "2026", "--region", "a"], "one of sample-resting, works-through-2026"),
        (
            ["carrier", "sample-resting", "sample-resting", "0", "--region", "city"],
            "0 is not in the range 1970<=x<=2200",
        ),
    ],
)
def test_a_call_that_cannot_be_used_says_what_and_where(
    arguments: list[str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(tmp_path)
    assert told in said(capsys, *arguments, code=2)
    assert list(tmp_path.iterdir()) == []


def test_a_promise_is_provisional_until_a_document_announces_its_year(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """E5, over a carrier that rests: three days from 2 February 2027, of which the 4th is doubtful."""
    notice, out = tmp_path / "2027.json", tmp_path / "cn.json"
    notice.write_text(spring_2027(), encoding="utf-8")
    said(capsys, "import", notice, "--into", "cn", "--out", out)
    ask = ["delivery", "quote", "--network", "sample-cn", "--sku", "SAMPLE-KETTLE", "--to", "CN-SC-CD", "--json"]
    ask += ["--carrier", "resting", "--at", "2027-02-02T09:00+08:00"]
    found = []
    for more in ([], ["--calendar", str(out)]):
        assert run([*ask, *more]) == 0
        found.append(json.loads(capsys.readouterr().out))
    before, after = found
    assert (before["is_provisional"], after["is_provisional"]) == (True, False)
    assert (before["calendar"]["version"], after["calendar"]["version"]) == ("2026.1", "2027.1")
    assert (before["date"], after["date"]) == ("2027-02-16", "2027-02-15")
