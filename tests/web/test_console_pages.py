"""The console's pages without a browser: their figures are the store's, their links keep what was chosen, trouble is told."""

import re
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient
from sqlalchemy import Engine

from houbei.evidence.amounts import amount_text
from houbei.store.database import open_database, writing
from houbei.store.intake import put_before
from houbei.web.app import create_app
from houbei.web.console import HEADERS
from tests.web.appliance_shop import (
    FRIDGE,
    MORNINGS,
    NOW,
    OUTSIDE,
    REFUSED,
    SHOP,
    TELEVISION,
    moment,
    open_shop,
    price_of,
)

Get = Callable[[str], str]
HOUR_US = 3_600_000_000
MIDNIGHT = moment("2026-02-18T00:00+08:00")
PAID = ("confirmed", "reconciled")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return open_shop(tmp_path_factory.mktemp("waits"), waits=True)


@pytest.fixture(scope="module")
def client(store: Engine) -> Iterator[TestClient[Any]]:
    with TestClient(create_app(store, shop=SHOP, clock=lambda: NOW), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def page(client: TestClient[Any]) -> Get:
    def get(address: str) -> str:
        answer = client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)
        return answer.text

    return get


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient[Any]]:
    shop = open_shop(tmp_path_factory.mktemp("quiet"), waits=False)
    with TestClient(create_app(shop, shop=SHOP, clock=lambda: NOW)) as client:
        yield client


def told(html: str) -> str:
    """What a reader sees of a page's main part: text alone, spaces as one."""
    main = html.partition("<main")[2]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", "<main" + main))).strip()


def asked(store: Engine, sql: str, *values: object) -> Any:
    with store.connect() as connection:
        return connection.exec_driver_sql(sql, tuple(values)).all()


def settled(store: Engine, *states: str) -> Any:
    """The settlements of the fridge's fall by 300.00 that are in some states: state and minor units."""
    found = asked(
        store,
        "SELECT a.state, a.amount_minor FROM entries e JOIN actions a ON a.cover = e.cover AND a.sequence = e.sequence"
        " WHERE e.code = 'owed' AND e.fact = 'price:pe_0004'",
    )
    return [one for one in found if one[0] in states]


def links(html: str) -> list[str]:
    return [unescape(href) for href in re.findall(r'href="([^"]+)"', html)]


# --- home -------------------------------------------------------------------------------------------------------------


def test_the_home_page_says_how_many_things_wait_and_lists_them_the_longest_waiting_first(page: Get):
    html = page("/en/")
    assert "Five things need you. All else is well." in told(html)
    assert "<title>(5) " in html
    assert "seal-needs.svg" in html
    waiting = re.findall(r"<li><div><h3>(.*?)</h3><p>(.*?)</p></div><span[^>]*>(.*?)</span>", html)
    titles = [re.sub(r"<[^>]+>", "", unescape(title)) for title, _, _ in waiting]
    assert titles == [
        "A refund of ¥100.00 was refused",
        "1 line cannot be decided",
        f"A price of ¥1.00 for {TELEVISION} looks like an error",
        "A refund of ¥200.00 was refused",
        "A refund was made outside Houbei",
    ]
    assert all("lause" in body and since.startswith("since ") for _, body, since in waiting)


def test_a_quiet_home_page_says_so_and_its_seal_is_an_outline(quiet: TestClient[Any]):
    html = quiet.get("/zh/").text
    assert "一切照常。今天没有什么需要你。" in told(html)
    assert "<title>榆下家电 · 后背</title>" in html
    assert "seal.svg" in html
    assert "data-needs" not in html
    assert "账本与支付渠道 分毫不差 。" in told(html)


def test_the_figures_of_the_home_page_are_the_ledgers(page: Get, store: Engine):
    ((buyers, paid),) = asked(
        store,
        "SELECT COUNT(DISTINCT l.buyer_id), SUM(e.amount_minor) FROM entries e JOIN covers c ON c.cover = e.cover"
        " JOIN lines l ON l.seq = c.line WHERE e.code = 'confirmed' AND e.at_us >= ?",
        MIDNIGHT,
    )
    ((owed,),) = asked(store, "SELECT SUM(amount_minor) FROM entries WHERE code = 'owed'")
    text = told(page("/en/"))
    assert f"Today 1 price fell and {buyers} buyers got back ¥{amount_text(paid, 'CNY')} without" in text
    assert f"Owed to buyers ¥{10100:,}.00 ¥{amount_text(owed, 'CNY')}" in text
    assert "except one refund of ¥120.00 ." in text


def test_every_figure_of_the_home_page_opens_a_page_that_is_there(page: Get):
    for address in ("/en/", "/en/ledger", "/zh/drops"):
        opened = [href for href in links(page(address)) if href.startswith(("/en/", "/zh/"))]
        assert len(opened) > 5
        for href in set(opened):
            page(href.partition("#")[0])


# --- price drops ------------------------------------------------------------------------------------------------------


def test_the_totals_of_a_price_event_are_those_of_all_rows_shown_or_not(page: Get, store: Engine):
    seq = price_of(store, FRIDGE, 399_900)
    ((covers, owed),) = asked(
        store,
        "SELECT COUNT(DISTINCT cover), SUM(amount_minor) FROM entries WHERE code = 'owed' AND fact = 'price:pe_0004'",
    )
    html = page(f"/en/drops/{seq}")
    amount = amount_text(owed, "CNY")
    assert f"{covers} are owed ¥{amount} in all." in told(html)
    paid = amount_text(sum(minor for _, minor in settled(store, *PAID)), "CNY")
    assert f"47 covers in all {amount} {paid} paid" in told(html)
    assert html.count('<td class="ids">') == 30
    rows = html + page(f"/en/drops/{seq}?page=2")
    cells = re.findall(r'<a class="ev strong"[^>]*>([\d,.]+)</a>', rows)
    assert sum(int(cell.replace(",", "").replace(".", "")) for cell in cells) == owed


def test_the_filters_share_the_rows_out_between_them(page: Get, store: Engine):
    seq = price_of(store, FRIDGE, 399_900)
    html = page(f"/en/drops/{seq}")
    counts = dict(re.findall(r"(All|Needs you|Under way|Paid|Not owed) (\d+)</", html))
    paid, moving = len(settled(store, *PAID)), len(settled(store, "due", "instructed", "unknown"))
    assert {name: int(count) for name, count in counts.items()} == {
        "All": 47,
        "Needs you": 1,
        "Under way": moving,
        "Paid": paid,
        "Not owed": 2,
    }
    for show, count in (("needs", 1), ("moving", moving), ("nothing", 2)):
        assert page(f"/en/drops/{seq}?show={show}").count('<td class="ids">') == count


def test_what_is_not_owed_says_why_and_under_which_clause(page: Get, store: Engine):
    text = told(page(f"/en/drops/{price_of(store, FRIDGE, 399_900)}?show=nothing"))
    assert "Not owed paid no more than the new price (JD-3)" in text
    assert "Not owed cancelled or returned (JD-2)" in text


def test_a_drop_that_was_owed_before_says_that_as_low_a_price_was_refunded(page: Get, store: Engine):
    text = told(page(f"/zh/drops/{price_of(store, FRIDGE, 429_900)}"))
    assert "实付不高于新价（JD-3）" in text


def test_paid_stands_only_beside_a_refund_with_a_receipt(page: Get, store: Engine):
    seq = price_of(store, FRIDGE, 399_900)
    receipted = {
        order
        for (order,) in asked(
            store,
            "SELECT l.order_id FROM entries e JOIN covers c ON c.cover = e.cover JOIN lines l ON l.seq = c.line"
            " JOIN entries o ON o.cover = e.cover AND o.sequence = e.settles"
            " WHERE e.code = 'confirmed' AND e.fact LIKE 'reply:%' AND o.fact = 'price:pe_0004'",
        )
    }
    shown = set()
    for number in (1, 2):
        html = page(f"/en/drops/{seq}?show=paid&page={number}")
        shown |= set(re.findall(r'<td class="ids"><a[^>]*>([^<]+)</a>', html))
    assert shown == receipted


def test_a_held_price_waits_for_a_person_and_nothing_is_owed_for_it(page: Get, store: Engine):
    text = told(page(f"/en/drops/{price_of(store, TELEVISION, 100)}"))
    assert "nothing is owed for it. ¥5,998.00 is held until a person has looked." in text
    assert "Needs you The price looks like an error." in text
    assert "¥5,998.00 held" in text


# --- the evidence -----------------------------------------------------------------------------------------------------


def test_the_evidence_of_a_line_gives_its_parts_in_their_order_and_its_sum_adds_up(page: Get):
    html = page(f"/en/lines/shop/{REFUSED}-1")
    assert re.findall(r"<h2>(.*?)</h2>", html) == ["Conclusion", "Clause", "Facts", "Sum", "Ledger"]
    text = told(html)
    assert "If the price of the same item falls in that time, we return the difference from what you paid" in text
    figures = re.findall(r"<td>(−? ?[\d,.]+)</td></tr>", html)
    numbers = [int(re.sub(r"[^\d]", "", figure)) * (-1 if "−" in figure else 1) for figure in figures]
    assert numbers == [429900, -419900, 10000, 429900, -399900, -10000, 20000]
    assert "¥300.00 owed" in text


def test_the_ledger_in_the_evidence_has_every_entry_with_its_receipt(page: Get, store: Engine):
    ((cover, line, receipt),) = asked(
        store,
        "SELECT e.cover, l.line_id, e.fact FROM entries e JOIN covers c ON c.cover = e.cover"
        " JOIN lines l ON l.seq = c.line WHERE e.code = 'confirmed' ORDER BY e.cover LIMIT 1",
    )
    html = page(f"/en/lines/shop/{line}")
    ((entries,),) = asked(store, "SELECT COUNT(*) FROM entries WHERE cover = ?", cover)
    assert len(re.findall(r"Entry \d+-\d+", html)) == entries
    assert receipt.split("/")[1] in html


def test_what_a_person_must_decide_says_how(page: Get):
    html = page(f"/en/lines/shop/{REFUSED}-1")
    assert len(re.findall(r"houbei settle \d+/\d+ --credit --by NAME", html)) == 2
    assert "houbei settle" not in page("/en/lines/shop/20260120-1152-1")


def test_lines_that_cannot_be_decided_name_the_fact_that_is_missing(page: Get):
    text = told(page("/en/undecided/1"))
    assert "20260212-9002-1" in text
    assert "category is not known (JD-1)" in text


# --- the ledger -------------------------------------------------------------------------------------------------------


def test_the_ledger_names_the_one_refund_that_no_entry_explains(page: Get, store: Engine):
    html = page("/en/ledger")
    assert 'to the cent, <span class="need">except one refund of' in html
    assert OUTSIDE in html
    ((paid,),) = asked(store, "SELECT SUM(amount_minor) FROM entries WHERE code = 'confirmed' AND at_us >= ?", MIDNIGHT)
    ours, theirs = amount_text(paid, "CNY"), amount_text(paid + 12_000, "CNY")
    assert f"18 February, so far ¥{ours} ¥{theirs} 120.00 needs you" in told(html)
    assert html.count('<tr class="needs">') == 1


def test_debits_are_credits_and_balances_are_the_stores(page: Get, store: Engine):
    ((count, moved),) = asked(store, "SELECT COUNT(*), SUM(amount_minor) FROM entries")
    text = told(page("/en/ledger"))
    both = amount_text(moved, "CNY")
    assert f"{count:,} entries in all ¥{both} ¥{both}" in text
    ((doubt,),) = asked(
        store,
        "SELECT SUM(CASE WHEN credit = 'in_doubt' THEN amount_minor ELSE -amount_minor END) FROM entries"
        " WHERE 'in_doubt' IN (debit, credit)",
    )
    assert f"In doubt liability ¥{amount_text(doubt, 'CNY')}" in text


def test_a_list_of_entries_counts_what_it_filters(page: Get, store: Engine):
    ((count,),) = asked(store, "SELECT COUNT(*) FROM entries WHERE code = 'confirmed'")
    html = page("/en/ledger/entries?code=confirmed")
    assert f"{count} entries" in told(html)
    assert len(re.findall(r'<td class="entry">', html)) == 50
    assert "page=2" in html


# --- languages and trouble --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rest", ["", "drops?day=2026-02-18&days=30", "ledger/entries?code=owed&page=2"])
def test_the_switch_of_language_keeps_the_page_and_what_was_chosen(page: Get, rest: str):
    assert f"/zh/{rest}" in links(page(f"/en/{rest}"))
    assert f"/en/{rest}" in links(page(f"/zh/{rest}"))
    assert '<html lang="zh-Hans">' in page(f"/zh/{rest}")


def test_the_front_door_remembers_the_language_or_asks_the_browser(client: TestClient[Any]):
    client.cookies.clear()
    for accepted, home in (("zh-CN,zh;q=0.9", "/zh/"), ("de", "/en/")):
        answer = client.get("/", headers={"Accept-Language": accepted}, follow_redirects=False)
        assert answer.headers["location"] == home
    client.get("/zh/")
    assert client.get("/", follow_redirects=False).headers["location"] == "/zh/"
    client.cookies.clear()


@pytest.mark.parametrize(
    "address",
    [
        "/de/",
        "/zh/nothing",
        "/zh/drops/999",
        "/zh/drops/word",
        "/zh/lines/shop/none",
        "/zh/undecided/7",
        "/favicon.ico",
    ],
)
def test_an_address_with_nothing_at_it_says_so(client: TestClient[Any], address: str):
    client.cookies.clear()
    answer = client.get(address)
    assert answer.status_code == 404
    assert ("没有这个页面" if address.startswith("/zh/") else "There is no such page") in answer.text


@pytest.mark.parametrize("query", ["day=yesterday", "day=2026-02-30", "page=-3", "page=999", "days=0", "days=99999"])
def test_an_address_that_asks_for_too_much_gets_the_nearest(page: Get, query: str):
    for path in ("drops", "ledger/entries"):
        assert page(f"/en/{path}?{query}")


def test_everything_comes_with_the_policy(client: TestClient[Any]):
    for address in ("/en/", "/zh/nothing", "/static/houbei.css", "/static/seal.svg"):
        answer = client.get(address)
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
        assert "<script" not in answer.text
        assert " style=" not in answer.text
    assert client.get("/static/..%2Fapp.py").status_code == 404


def test_a_store_that_cannot_be_read_gets_a_page_with_a_reference_and_no_trace(tmp_path: Path):
    store = open_database(tmp_path / "houbei.db", create=True)
    with store.begin() as connection:
        connection.exec_driver_sql("DROP TABLE needs")
    with TestClient(create_app(store, clock=lambda: NOW), raise_server_exceptions=False) as client:
        answer = client.get("/en/")
    assert answer.status_code == 503
    assert "The store cannot be read." in answer.text
    assert re.search(r"Reference [0-9A-F]{4}-[0-9A-F]{2}\.", answer.text)
    assert "Traceback" not in answer.text
    assert "SELECT" not in answer.text


def test_our_own_fault_says_sorry_with_a_reference(store: Engine, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("houbei.web.app.home_values", lambda _frame: 1 // 0)
    with TestClient(create_app(store, clock=lambda: NOW), raise_server_exceptions=False) as client:
        answer = client.get("/zh/")
    assert answer.status_code == 500
    assert "抱歉，后背出了问题。" in answer.text
    assert re.search(r"编号 [0-9A-F]{4}-[0-9A-F]{2}。", answer.text)
    assert "ZeroDivisionError" not in answer.text


def test_an_empty_store_says_what_to_do_next(tmp_path: Path):
    with TestClient(create_app(open_database(tmp_path / "houbei.db", create=True), clock=lambda: NOW)) as client:
        assert "No orders yet." in client.get("/en/").text
        assert "账本还是空的" in client.get("/zh/ledger").text
        assert client.get("/en/drops").status_code == 200


def test_facts_that_wait_make_figures_old_and_an_idle_night_does_not(tmp_path: Path):
    store, lived = open_shop(tmp_path, waits=False), moment(MORNINGS[-2])
    for waits, hours, told_so in ((False, 12, False), (True, 1, False), (True, 12, True)):
        if waits:
            with writing(store) as connection:
                put_before(connection, "lines", first=1, last=1)
        with TestClient(create_app(store, clock=lambda us=lived + hours * HOUR_US: us)) as client:
            assert ("之后没有人看过新的事实" in client.get("/zh/").text) is told_so


def test_a_day_that_is_long_over_is_named_by_its_date_and_year(store: Engine):
    year_us = 366 * 24 * HOUR_US
    with TestClient(create_app(store, clock=lambda: NOW + year_us)) as client:
        text = told(client.get("/en/").text)
    assert "Wednesday 18 February 2026. Looked at 10:24" in text
    assert "On 18 February 1 price fell" in text
