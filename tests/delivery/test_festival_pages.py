"""A festival plan shown: the same figures in the terminal and on the page, in both languages, red only where a person is needed."""

import re
from pathlib import Path
from string import Formatter

import pytest

from houbei.cli import run
from houbei.delivery.festival_checks import check_plan
from houbei.delivery.festival_days import days_of
from houbei.plans.cells import State, cells_of
from houbei.plans.page import Shown, render
from houbei.plans.words_en import WORDS as ENGLISH
from houbei.plans.words_zh import WORDS as CHINESE
from houbei.store.plan_files import load_plan
from tests.delivery.plans import BASE, small


def page(days: object = None, *, is_provisional: bool = False) -> str:
    days = days or days_of(load_plan("2026"))
    shown = Shown(
        days=days, findings=check_plan(days), is_provisional=is_provisional, command="houbei delivery plan 2026"
    )
    return render(shown)


def values_of(word: str | tuple[str, str]) -> set[str]:
    texts = word if isinstance(word, tuple) else (word,)
    return {name for text in texts for _, name, _, _ in Formatter().parse(text) if name} - {"n"}


def test_both_languages_say_the_same_with_the_same_values():
    assert ENGLISH.keys() == CHINESE.keys()
    assert [key for key in ENGLISH if values_of(ENGLISH[key]) != values_of(CHINESE[key])] == []


def test_the_page_opens_offline_and_is_the_same_each_time():
    text = page()
    assert text == page()
    assert not re.search(r'(?:src|href)="https?:|url\("?https?:|@import', text)
    assert text.count("<h1>") == 2
    assert 'style="' not in text


def test_red_marks_are_the_cells_that_call_a_person():
    days = days_of(load_plan("2026"))
    calls = sum(cell.calls for row in cells_of(days) for cell in row)
    red_days = sum(any(row[day].short for row in cells_of(days)) for day in range(days.days))
    assert calls == 6
    # Each drawing stands there for wide and for narrow pages, in two languages.
    assert page().count('class="hot-fill"') == 4 * (calls + red_days)


def test_a_plan_without_anything_amiss_has_no_red():
    assert 'class="hot-fill"' not in page(days_of(small()))


def test_a_forgotten_day_is_red():
    text = page(
        days_of(small(lambda plan: plan["days"].append({"on": ["1-1"], "what": "rests", "regions": ["R"], **BASE})))
    )
    assert text.count('class="hot-fill"') == 4


def test_a_provisional_plan_says_so():
    assert "not announced" in page(is_provisional=True)
    assert "not announced" not in page()


def test_cells_take_all_carriers_together():
    def change(plan: dict) -> None:
        plan["days"] += [
            {"on": ["1-1"], "what": "rests", "carriers": ["c"], "regions": ["R"], **BASE},
            {"on": ["1-2"], "what": "closed", "regions": ["R"], **BASE},
            {"on": ["1-3"], "what": "rests", "regions": ["R"], **BASE},
            {"on": ["eve"], "what": "works", "carriers": ["d"], "regions": ["R"], "until": "16:00", **BASE},
        ]
        plan["crews"] = [{"on": ["eve..1-3"], "crews": "1", "visits": "10", **BASE}]
        plan["expected"] = [{"on": ["eve"], "carriers": ["c"], "visits": "25", **BASE}]
        plan["expected"].append({"on": ["1-1"], "carriers": ["d"], "visits": "10", **BASE})

    eve, first, second, third = cells_of(days_of(small(change)))[0]
    assert (eve.state, eve.until, eve.cut_off, eve.crews, eve.needed, eve.short) == (State.ALL, "18:00", None, 2, 3, 2)
    assert (first.state, first.works, first.crews, first.needed) == (State.SOME, ("d",), 1, 1)
    assert (first.short, first.calls) == (0, False)
    assert (second.state, second.calls) == (State.CLOSED, False)
    assert (third.state, third.calls) == (State.FORGOTTEN, True)


def test_the_command_shows_a_year(capsys: pytest.CaptureFixture[str]):
    assert run(["delivery", "plan", "2026", "--lang", "zh"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert next(line for line in lines if line.startswith("广州 ")).split()[5:10] == ["!", "!", "!", "◐", "◐"]
    assert "除夕" in lines[5]
    assert lines[-1] == "  ! 上海，2月16日（周一，除夕）：不打烊示例有1组，需要4组。"


def test_the_command_shows_a_region_with_its_eve(capsys: pytest.CaptureFixture[str]):
    assert run(["delivery", "plan", "2026", "--lang", "en", "--region", "CN-GD-SZ"]) == 0
    eve = next(line for line in capsys.readouterr().out.splitlines() if "New Year's Eve" in line)
    assert eve.split()[:2] == ["16", "February"]
    assert "18:00  10:00" in eve
    assert "0.10 to 1.20 yuan a kg (standard)" in eve


def test_the_command_says_what_is_forgotten_with_its_exit_code(capsys: pytest.CaptureFixture[str]):
    assert run(["delivery", "plan", "2026", "--check", "--lang", "en"]) == 1
    assert "has 1 of the 4 crews that it needs." in capsys.readouterr().out
    assert run(["delivery", "plan", "2026", "--check", "--region", "CN-BJ"]) == 0


def test_a_year_that_is_not_announced_is_a_provisional_draft(capsys: pytest.CaptureFixture[str]):
    assert run(["delivery", "plan", "2027", "--lang", "en"]) == 0
    out = capsys.readouterr().out
    assert "This is a draft" in out
    assert "2027 are not announced" in out


def test_the_command_writes_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert run(["delivery", "plan", "2026", "--html", str(tmp_path / "plan.html")]) == 0
    assert capsys.readouterr().err == ""
    assert (tmp_path / "plan.html").read_text("utf-8").startswith("<!doctype html>")


def test_promises_into_days_of_rest_are_counted_from_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "given.csv").write_text(
        "promise_id,order_id,shown_at,promised_by,region,carrier\n"
        "P1,O1,2026-02-13T10:00+08:00,2026-02-17,CN-HE,through\n"
        "P2,O2,2026-02-13T10:00+08:00,2026-02-18T00:00+08:00,CN-HE,through\n"
        "P3,O3,2026-02-13T10:00+08:00,2026-02-18T00:00:01+08:00,CN-BJ,through\n"
        "P4,O4,2026-02-13T10:00+08:00,2026-02-17,CN-HE,\n"
        "P5,O5,never,2026-02-17,CN-HE,through\n",
        "utf-8",
    )
    arguments = ["delivery", "plan", "2026", "--promises", str(tmp_path / "given.csv"), "--lang", "en"]
    assert run([*arguments, "--region", "CN-HE"]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[-1] == (
        "  ! Hebei, Tue 17 February (New Year’s Day): Works through does not come, and 2 promises were given for then."
    )
    assert "1 rows" in err


def test_a_network_with_the_plan_in_it_is_quoted_from(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    laid = tmp_path / "network.yaml"
    assert run(["delivery", "plan", "2026", "--over", "sample-cn", "--network", str(laid)]) == 0
    capsys.readouterr()
    asked = ["--sku", "SAMPLE-KETTLE", "--to", "CN-HE", "--service", "standard", "--from", "north", "--lang", "en"]
    answers = []
    for network in ("sample-cn", str(laid)):
        assert run(["delivery", "quote", "--network", network, *asked, "--at", "2026-02-16T10:00:00"]) == 0
        answers.append(capsys.readouterr().out.split(";")[0])
    # The network alone has an order until 11:00 and moves it over the days of rest; the plan has it until 10:00, and moves nothing until the fourth day.
    assert answers == ["Arrives by Fri 20 Feb 2026", "Arrives by Sun 22 Feb 2026"]
    assert run(["delivery", "plan", "2026", "--over", "sample-cn"]) == 2


@pytest.mark.parametrize("arguments", [["nowhere.yaml"], ["2026", "--region", "CN-ZZ"], ["3000"]])
def test_what_is_not_there_is_unusable(arguments: list[str], capsys: pytest.CaptureFixture[str]):
    assert run(["delivery", "plan", *arguments]) == 2
    assert capsys.readouterr().err.startswith("houbei: ")
