"""The pages of cases without a browser: what needs a person comes first, every figure is the books', nobody is named against their will."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from litestar.testing import TestClient

from houbei.case.stages import Case, Need, Old, Rules, Secured, Stage, Verdict
from houbei.cli.case import command as case_command
from houbei.store.database import open_database, writing
from houbei.store.people import show_name
from houbei.web.app import create_app
from houbei.web.case_asks import asks_of, commands_of
from houbei.web.case_page import hidden
from tests.web.appliance_shop import NOW
from tests.web.case_shop import BUYER, FINDINGS, HAN, SHY, CaseShop, open_case_shop
from tests.web.reading_pages import client_of, entry_of, every_page
from tests.web.test_console_pages import asked, links, told

Get = Callable[[str], str]


# --- the list ---------------------------------------------------------------------------------------------------------


def test_cases_that_need_a_person_come_first_by_their_deadline_then_the_open_ones_then_the_ended(
    page: Get, shop: CaseShop
):
    numbers = re.findall(r'<span class="two mono">([^<]+)</span>', page("/en/cases"))
    names = {number: name for name, number in shop.cases.items()}
    assert [names[number] for number in numbers] == [
        "old unit due",
        "another unit",
        "silent",
        "misuse",
        "not covered",
        "to decide",
        "on the way",
        "refunded",
        "settled",
    ]


def test_the_parts_of_the_list_and_its_stages_share_the_cases_out_between_them(page: Get, shop: CaseShop):
    html = page("/en/cases")
    counts = dict(re.findall(r"(All|Needs you|Open|Ended) (\d+)<", html))
    assert counts == {"All": "9", "Needs you": "6", "Open": "1", "Ended": "2"}
    for show, word in (("needs", "Needs you"), ("open", "Open"), ("ended", "Ended")):
        of_part = page(f"/en/cases?show={show}")
        assert len(re.findall('<span class="two mono">', of_part)) == int(counts[word])
        stages = re.search(r'<nav class="stages.*?</nav>', of_part, re.DOTALL)
        assert stages is not None
        assert sum(int(n) for n in re.findall(r" (\d+)</a>", stages[0])) == int(counts[word])
    assert page("/en/cases?stage=on_the_way").count('<span class="two mono">') == 2
    ((count,),) = asked(shop.store, "SELECT COUNT(*) FROM cases")
    assert f"{count} cases in all" in told(html)


def test_a_filter_without_cases_says_so_and_leads_back(page: Get):
    html = page("/en/cases?show=ended&stage=to_decide")
    assert "No case is “Ended and To decide”." in told(html)
    assert "Clear the filter to see all 9." in told(html)
    assert "/en/cases" in links(html)


def test_a_store_without_cases_says_what_brings_one(tmp_path: Path):
    with TestClient(create_app(open_database(tmp_path / "houbei.db", create=True), clock=lambda: NOW)) as client:
        assert "Nobody has reported a fault yet." in client.get("/en/cases").text
        assert "还没有人报告故障。" in client.get("/zh/cases").text


# --- the decision -----------------------------------------------------------------------------------------------------


def test_the_decision_box_asks_one_thing_with_its_deadline_advice_consequences_and_commands(page: Get, shop: CaseShop):
    number = shop.cases["misuse"]
    html = page(f"/zh/cases/{number}")
    assert html.count('class="next"') == 1
    text = told(html)
    assert "需要你 最迟今天16:10 检测认为使用不当，是否改变责任？" in text
    assert f"赵明远认为：{FINDINGS}。" in text
    assert "建议 条款RP-5不管人为损坏，但要看损伤是不是故障的原因。" in text
    assert "到时没有人定，就按买家的意思办。" in text
    assert re.search(r"最多从担保中收取 ?¥4,899\.00", text)
    box = re.search(r'<section class="next".*?</section>', html, re.DOTALL)
    assert box is not None
    assert f"houbei case answer {number} --say replace --reason TEXT --as NAME --role ROLE" in told("<main" + box[0])


def test_a_case_that_needs_nobody_has_no_decision_box_and_says_whose_turn_it_is(page: Get, shop: CaseShop):
    html = page(f"/en/cases/{shop.cases['on the way']}")
    assert 'class="next"' not in html
    assert "Next The new unit is on its way By 20:00 today." in told(html)
    settled = page(f"/en/cases/{shop.cases['settled']}")
    assert "The new unit is with the buyer; nothing is left to do." in told(settled)
    assert 'class="future"' not in settled


def test_what_waits_beside_the_first_thing_is_told_too(page: Get, shop: CaseShop):
    text = told(page(f"/en/cases/{shop.cases['silent']}"))
    assert "was due 10:05 today The hold is about to lapse. Renew it?" in text
    assert "And also: The buyer has not answered. Give them a call?" in text


def test_every_command_that_a_page_shows_is_one_that_the_command_line_takes():
    values = {"TEXT": "t", "SERIAL": "S1", "AMOUNT": "1.00", "REFERENCE": "r", "NAME": "n", "ROLE": "r"}
    shown = {
        command
        for stage in Stage
        for needs in [(), *((need,) for need in Need)]
        for old in Old
        for secured in Secured
        for case in [Case(stage=stage, needs=needs, old=old, secured=secured, verdict=Verdict.MISUSE)]
        for one in asks_of(case, Rules())
        for command in commands_of(one.name, case, case_id="R-2026-0001", serial="S1")
    }
    assert len(shown) > 20
    assert isinstance(case_command, click.Group)
    for text in sorted(shown):
        program, group, name, *rest = [values.get(word, word) for word in text.split(" ")]
        assert (program, group) == ("houbei", "case")
        found = case_command.get_command(click.Context(case_command), name)
        assert found is not None, text
        with found.make_context(name, rest):
            pass


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("need", Need)
def test_whatever_a_stage_can_need_is_carried_out_by_some_command(stage: Stage, need: Need):
    silent = {Need.FIND: {Stage.SCHEDULED, Stage.ON_THE_WAY, Stage.COMING_BACK, Stage.OLD_ON_THE_WAY, Stage.REPAIRING}}
    if need is Need.PAY or stage not in silent.get(need, set(Stage)):
        return
    case = Case(stage=stage, needs=(need,), verdict=Verdict.MISUSE)
    for one in asks_of(case, Rules()):
        assert commands_of(one.name, case, case_id="R-2026-0001", serial="S1")


# --- the story and the people -----------------------------------------------------------------------------------------


def test_steps_by_people_name_them_and_automatic_steps_name_nobody(page: Get, shop: CaseShop):
    html = page(f"/en/cases/{shop.cases['misuse']}")
    swapped = entry_of(html, "Swapped at the door")
    assert f'<span class="who name">{HAN.name}</span>' in swapped
    assert "<li><time>18:32</time>" in swapped
    assert "Learnt 16 February, 20:15" in swapped
    for did in ("Checked against the promises", "Amount held", "Time ran out"):
        assert '<li class="auto">' in entry_of(html, did)
        assert 'class="who' not in entry_of(html, did)


def test_a_step_that_was_set_aside_is_shown_with_why(page: Get, shop: CaseShop):
    html = page(f"/en/cases/{shop.cases['another unit']}")
    other = told("<main" + entry_of(html, "New unit delivered"))
    assert "Set aside Its serial is not SJ-9007 , the one set aside, so it changed nothing." in other
    early = told("<main" + entry_of(html, "Inspected the old unit"))
    assert "Set aside The case stood at “On the way”, where this does not happen" in early
    assert html.count('<li class="aside">') == 2
    assert "A step was set aside: New unit delivered." in told(html)


def test_reported_by_app_and_by_phone_is_one_case(page: Get, shop: CaseShop):
    text = told(page(f"/en/cases/{shop.cases['to decide']}"))
    assert text.index("Reported a fault") < text.index("Reported it again; still one case")


def test_whoever_would_rather_not_be_named_is_named_nowhere(client: TestClient[Any], shop: CaseShop):
    text = every_page(client, shop)
    assert SHY.name not in text
    assert HAN.name in text
    swapped = entry_of(client.get(f"/en/cases/{shop.cases['settled']}").text, "Swapped at the door")
    assert '<span class="who">The courier</span>' in swapped


def test_a_name_that_is_taken_off_goes_from_every_page_and_comes_back_with_consent(tmp_path: Path):
    shop = open_case_shop(tmp_path, waits=True)
    with client_of(shop) as client:
        for named in (False, True):
            with writing(shop.store) as connection:
                assert show_name(connection, HAN.name, named=named)
            assert (HAN.name in every_page(client, shop)) is named


def test_credits_stand_in_the_order_of_what_people_first_did(page: Get, shop: CaseShop):
    html = page(f"/zh/cases/{shop.cases['misuse']}")
    assert re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)<small>([^<]+)</small>", html) == [
        ("客服", "周敏", "运营"),
        ("备机", "何秀琴", "沈阳仓"),
        ("上门", "韩立冬", "上门师傅"),
        ("检测", "赵明远", "高级技师"),
    ]
    assert '<dd class="you">等你</dd>' in html


def test_a_buyer_is_never_shown_in_full(client: TestClient[Any], shop: CaseShop):
    assert BUYER not in every_page(client, shop)
    assert "买家…9912" in client.get(f"/zh/cases/{shop.cases['misuse']}").text
    assert [hidden(text) for text in ("B1", "x", "lin@example.org")] == ["…1", "…", "….org"]
