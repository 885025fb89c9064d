"""What the pages of cases rest on: clauses as they are bound, money as it is booked, files as they were kept; and cases on other pages."""

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient
from sqlalchemy import Connection

from houbei.case.lineage import Standing
from houbei.case.observed import Observed
from houbei.case.scorecard import shipped_scorecard
from houbei.case.signal_words import explain
from houbei.case.signals import score
from houbei.case.stages import Need
from houbei.facts.steps import What
from houbei.runs.signals import look_text
from houbei.store.console_cases import CaseView, read_case
from houbei.store.database import writing
from houbei.store.exhibits import keep
from houbei.store.promises import publish
from houbei.terms.document import parse_terms
from houbei.web.speech import CHINESE, ENGLISH
from tests.store.exhibit_files import photo
from tests.web.appliance_shop import NOW, moment
from tests.web.case_shop import CaseShop, open_case_shop
from tests.web.reading_pages import client_of, entry_of, minor
from tests.web.test_console_pages import asked, links, told

Get = Callable[[str], str]


# --- clauses and days -------------------------------------------------------------------------------------------------


def test_clauses_are_quoted_from_the_version_that_the_case_is_bound_to(tmp_path: Path):
    shop = open_case_shop(tmp_path, waits=False)
    ((document,),) = asked(shop.store, "SELECT document FROM terms WHERE term = 'jd-appliances-180'")
    bound = re.search(r'"id": "RP-2", "text": {"zh": "([^"]+)"', document)
    assert bound is not None
    changed = document.replace('"version": 1', '"version": 2').replace(bound[1], "新的第二版条款。")
    with writing(shop.store) as connection:
        publish(connection, parse_terms(changed, where="a test"), known_us=NOW)
    with client_of(shop) as client:
        html = client.get(f"/zh/cases/{shop.cases['settled']}").text
    assert f'<p class="clause">{bound[1]}</p>' in html
    assert "180天只换不修 第1版 条款RP-2" in html
    assert "新的第二版条款。" not in html


def test_the_day_of_the_promise_is_counted_from_delivery_and_opens_its_clause(page: Get, shop: CaseShop):
    html = page(f"/en/cases/{shop.cases['to decide']}")
    assert '<a class="ev" href="#clause-RP-2">day 105 of 180</a>' in html
    assert 'id="clause-RP-2"' in html
    assert "reported on day 95 of 180" in told(page(f"/en/cases/{shop.cases['settled']}"))


# --- money and units --------------------------------------------------------------------------------------------------


def test_the_money_of_a_case_adds_up_and_each_figure_opens_the_entries_it_is_made_of(page: Get, shop: CaseShop):
    for name, net in (("settled", 0), ("misuse", 231_000), ("old unit due", 227_000), ("refunded", 8_000)):
        html = page(f"/en/cases/{shop.cases[name]}")
        money = re.search(r"<h2>Money</h2>\n<dl class=\"kv\">(.*?)</dl>", html, re.DOTALL)
        assert money is not None
        found = re.findall(r'href="([^"]+)">([^<]+)</a>', money[1])
        *parts, (_, total) = found
        assert minor(total) == sum(minor(figure) for _, figure in parts) == net
        for href, figure in parts:
            opened = page(href.replace("&amp;", "&"))
            amounts = re.findall(r'<td class="num">(¥[\d,.]+)</td>|<td class="num"><span class="m">(¥[\d,.]+)', opened)
            assert sum(minor("".join(one)) for one in amounts[:-1]) == abs(minor(figure))


def test_a_refund_shows_as_paid_only_with_the_providers_receipt(page: Get, shop: CaseShop):
    html = page(f"/en/cases/{shop.cases['refunded']}")
    refunded = told("<main" + entry_of(html, "Refund paid"))
    (receipt,) = re.findall(r"Receipt (re_\d{4})", refunded)
    paid = asked(shop.store, "SELECT DISTINCT amount_minor FROM replies WHERE reference = ?", receipt)
    assert paid == [(489_900,)]
    assert re.search(r"Paid to the buyer 4,899\.00", told(html))


def test_units_stand_in_their_chain_from_the_one_that_was_sold(page: Get, shop: CaseShop):
    for name, chain in (
        ("settled", ["SJ-0001 as sold, taken back", "SJ-9001 with the buyer"]),
        ("on the way", ["SJ-0002 as sold, with the buyer", "SJ-9002 on the way"]),
        ("refunded", ["SJ-0003 as sold, taken back"]),
    ):
        html = page(f"/en/cases/{shop.cases[name]}")
        units = re.search(r'<ol class="units">.*?</ol>', html, re.DOTALL)
        assert units is not None
        rows = re.findall(r"<li>.*?</li>", units[0])
        assert [told("<main" + row).removeprefix("<main ").strip() for row in rows] == chain


# --- a look -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_is_worth_a_look_is_told_as_facts_and_a_sum(
    page: Get, shop: CaseShop, monkeypatch: pytest.MonkeyPatch, language: str
):
    seen = Observed(case_id="R-1", buyer="b", serial="SJ-0002", standing=Standing.ELSEWHERE, photo_taken=False)
    found = score(seen, scorecard=shipped_scorecard())

    def read_looked(connection: Connection, number: str, *, now_us: int) -> CaseView | None:
        view = read_case(connection, number, now_us=now_us)
        assert view is not None
        look = look_text(found)
        told_so = [replace(d, told={**d.told, "look": look}) if d.what is What.JUDGED else d for d in view.deeds]
        case = replace(view.case, needs=(Need.LOOK,))
        return replace(view, deeds=tuple(told_so), case=case)

    monkeypatch.setattr("houbei.web.case_page.read_case", read_looked)
    text = told(page(f"/{language}/cases/{shop.cases['on the way']}"))
    explained = explain(found, language)
    assert explained.conclusion in text
    assert explained.sum in text
    assert len(explained.facts) == 2
    assert all(sentence in text for sentence, _ in explained.facts)
    assert str(ENGLISH["because_look"] if language == "en" else CHINESE["because_look"]) in text


# --- exhibits ---------------------------------------------------------------------------------------------------------


def test_files_are_handed_out_by_their_hash_as_what_was_kept(client: TestClient[Any], page: Get, shop: CaseShop):
    kinds = {}
    for name in ("settled", "misuse"):
        for href, word in re.findall(
            r'href="(/exhibits/[0-9a-f]{64})">([^<]+)<', page(f"/en/cases/{shop.cases[name]}")
        ):
            answer = client.get(href)
            assert answer.status_code == 200
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["content-security-policy"].startswith("default-src 'none'")
            assert answer.headers["cache-control"] == "private, no-store"
            assert len(answer.content) == int(answer.headers["content-length"])
            shown = answer.headers["content-disposition"].partition(";")[0]
            kinds[word.split()[0]] = (answer.headers["content-type"], shown)
    assert kinds == {
        "Photo": ("image/jpeg", "inline"),
        "Video": ("video/mp4", "inline"),
        "Document": ("application/pdf", "attachment"),
    }


def test_a_file_that_no_case_names_is_not_handed_out(client: TestClient[Any], shop: CaseShop):
    kept = keep(shop.exhibits, photo("JPEG", (20, 20)))
    for name in (getattr(kept, "sha256", ""), "0" * 64, "..%2Fhoubei.db", "x"):
        assert client.get(f"/exhibits/{name}").status_code == 404


def test_a_file_that_was_changed_on_the_disk_is_not_handed_out(tmp_path: Path):
    shop = open_case_shop(tmp_path, waits=False)
    with client_of(shop) as client:
        (href,) = re.findall(
            r'href="(/exhibits/[0-9a-f]{64})">Video', client.get(f"/en/cases/{shop.cases['refunded']}").text
        )
        sha256 = href.rpartition("/")[2]
        path = shop.exhibits / sha256[:2] / sha256
        path.chmod(0o600)
        path.write_bytes(path.read_bytes() + b"!")
        answer = client.get(href)
    assert answer.status_code == 503
    assert "Reference" in answer.text


# --- other pages ------------------------------------------------------------------------------------------------------


def test_the_home_page_counts_cases_and_lists_them_among_the_rest_by_what_presses_most(page: Get, shop: CaseShop):
    html = page("/en/")
    assert "Eleven things need you." in told(html)
    assert "<title>(11) " in html
    assert '<span>Replacements</span><span class="needs">6' in html
    assert "7 replacements are under way, 3 past their time." in told(html)
    buttons = re.findall(r'<a class="btn" href="([^"]+)">([^<]+)<', html)
    cases = [href for href, word in buttons if word == "Open the case"]
    waiting = [
        shop.cases[name] for name in ("old unit due", "another unit", "silent", "misuse", "not covered", "to decide")
    ]
    assert cases == [f"/en/cases/{number}" for number in waiting]
    rows = re.findall(r'<span class="due sm">(.*?)</span><a', html)
    assert len(rows) == 11
    assert "by 16:10 today" in rows
    assert "clause RP-5" in told(html)


def test_what_prices_cost_is_told_apart_from_what_cases_do(page: Get, shop: CaseShop):
    sums = asked(
        shop.store,
        "SELECT e.code, SUM(e.amount_minor) FROM entries e JOIN covers c ON c.cover = e.cover JOIN terms t ON t.seq = c.terms"
        " WHERE t.term = 'jd-appliances' AND e.code IN ('owed', 'confirmed') GROUP BY e.code",
    )
    text = told(page("/en/"))
    for _, amount in sums:
        assert f"¥{amount // 100:,}.00" in text
    whole = page("/en/ledger/entries?code=confirmed&day=2026-02-17")
    of_prices = page("/en/ledger/entries?code=confirmed&day=2026-02-17&of=prices")
    of_cases = page("/en/ledger/entries?code=confirmed&day=2026-02-17&of=cases")
    counts = [int(re.findall(r"(\d+) entr", told(html))[0]) for html in (whole, of_prices, of_cases)]
    assert counts[0] == counts[1] + counts[2]
    assert counts[2] == 1


def test_what_was_done_quietly_has_the_cases_and_the_swaps(page: Get, shop: CaseShop):
    opened = asked(shop.store, "SELECT COUNT(*) FROM openings")[0][0]
    swaps = asked(shop.store, "SELECT COUNT(*) FROM swaps")[0][0]
    text = told(page("/en/"))
    assert f"Replacements opened 1 {opened} " in text
    assert f"New units handed over 0 {swaps}" in text


def test_the_evidence_of_a_line_and_the_entries_of_the_books_lead_to_its_case(page: Get, shop: CaseShop):
    number = shop.cases["misuse"]
    assert f"/en/cases/{number}" in links(page("/en/lines/shop/R4-1"))
    assert "Promises beside price protection:" in told(page("/en/lines/shop/R4-1"))
    assert f"/en/cases/{number}" in links(page("/en/ledger/entries?code=old_taken_back"))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_account_that_moved_stands_in_the_ledger_with_its_words(page: Get, shop: CaseShop, language: str):
    accounts = {row[0] for row in asked(shop.store, "SELECT debit FROM entries UNION SELECT credit FROM entries")}
    html = page(f"/{language}/ledger")
    assert {name for name in accounts if f"account={name}" not in html} == set()
    assert "−¥" in told(html)
    assert "¥−" not in told(html)


def test_the_switch_of_language_keeps_the_case_and_the_filter(page: Get, shop: CaseShop):
    for rest in (f"cases/{shop.cases['misuse']}", "cases?show=needs&stage=to_decide"):
        assert f"/zh/{rest}" in links(page(f"/en/{rest}"))


@pytest.mark.parametrize("rest", ["R-2026-9999", "R-2026-9999/entries", "r-2026-0001", "R-2026-0001/nothing"])
def test_a_case_that_is_not_there_is_not_found(client: TestClient[Any], rest: str):
    assert client.get(f"/en/cases/{rest}").status_code == 404


def test_a_list_asks_for_pages_that_follow_one_another(page: Get):
    for query in ("page=0", "page=99", "show=nothing", "stage=nothing"):
        assert page(f"/en/cases?{query}").count('<span class="two mono">') == 9


def test_deadlines_never_stand_behind_a_later_one(page: Get):
    html = page("/zh/cases?show=needs")
    times = [
        time.replace("昨天", "2026-02-17T").replace("今天", "2026-02-18T")
        for time in re.findall(r"(?:前|迟)?([昨今]天[\d:]{5})", html)
    ]
    moments = [moment(f"{time}+08:00") for time in dict.fromkeys(times)]
    assert all(one <= other for one, other in pairwise(moments))
    assert len(moments) >= 4
