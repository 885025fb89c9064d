"""What other pages say of promised arrivals: home, ledger, the page of a line; and the words for matters of holds."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from litestar.testing import TestClient

from houbei.store.database import open_database, writing
from houbei.store.needs import need_person
from houbei.web.app import create_app
from houbei.web.speech import ENGLISH
from tests.web.appliance_shop import NOW, SHOP, moment
from tests.web.delivery_shop import OTHER, DeliveryShop
from tests.web.test_console_pages import asked, links, told
from tests.web.test_delivery_pages import balance, client, names, page, quiet, shop

__all__ = ["client", "page", "quiet", "shop"]
Get = Callable[[str], str]


def test_what_waits_of_deliveries_joins_the_home_page_by_its_deadline(page: Get, shop: DeliveryShop):
    html = page("/en/")
    ((needs,),) = asked(shop.store, "SELECT COUNT(*) FROM needs")
    assert needs == 6
    assert "Six things need you." in told(html)
    titles = re.findall(r"<li><div><h3>(.*?)</h3>", html)
    assert titles[3:] == [
        "Hand it over, or it will not arrive in time",
        "It may not arrive in time: ask the carrier",
        "A parcel seems lost. Where is it?",
    ]
    assert set(titles[:3]) == {
        f"No scans from {OTHER} since 20:30 yesterday",
        "Did it arrive when the scan says?",
        "Tell the buyer now",
    }


def test_the_quiet_sentence_counts_the_arrivals_that_were_promised_for_yesterday_and_kept(
    page: Get, shop: DeliveryShop
):
    until = moment("2026-02-18T00:00+08:00")
    rows = asked(
        shop.store,
        "SELECT verdict FROM deliveries WHERE promised_us > ? AND promised_us <= ?",
        until - 86_400_000_000,
        until,
    )
    kept = sum(verdict == "kept" for (verdict,) in rows)
    assert f"Yesterday {kept} of {len(rows)} promised arrivals were kept." in told(page("/en/"))
    assert f"昨天该送到的 {len(rows)}单 ， {kept}单 按时送到。" in told(page("/zh/"))
    assert names(page("/en/deliveries?verdict=kept&day=2026-02-17")) == ["kept"]


def test_every_figure_of_the_pages_opens_a_page_that_is_there(page: Get, shop: DeliveryShop):
    for address in ("/en/", "/zh/deliveries", "/en/deliveries/at-risk", f"/en/deliveries/{shop.number('late')}"):
        opened = {href for href in links(page(address)) if href.startswith(("/en/", "/zh/"))}
        assert len(opened) > 5
        for href in opened:
            page(href.partition("#")[0])


def test_a_shop_that_needs_nobody_has_a_quiet_page(quiet: TestClient[Any]):
    html = quiet.get("/zh/").text
    assert "一切照常。今天没有什么需要你。" in told(html)
    assert "data-needs" not in html
    for path in ("deliveries", "deliveries/at-risk"):
        assert 'class="st wait"' not in quiet.get(f"/zh/{path}").text


def test_the_ledger_tells_late_arrivals_from_other_promises_and_points_from_money(page: Get, shop: DeliveryShop):
    ((count,),) = asked(shop.store, "SELECT COUNT(*) FROM entries WHERE currency = 'points'")
    html = page("/en/ledger/entries?of=deliveries&code=owed")
    assert "promised arrivals, owed" in told(html)
    assert "1,000 points" in html
    assert "points 1,000" not in html
    assert f"{balance(shop, 'points'):,} points" in told(page("/en/ledger"))
    assert "3,000积分" in told(page("/zh/ledger"))
    assert count == 6
    for of in ("prices", "cases"):
        assert "No entry matches." in told(page(f"/en/ledger/entries?of={of}"))


def test_the_page_of_a_line_leads_to_the_deliveries_of_its_order(page: Get, shop: DeliveryShop):
    html = page("/en/lines/shop/halves-1")
    for name in ("first half", "second half"):
        assert f"/en/deliveries/{shop.number(name)}" in links(html)
    assert "Promised arrivals of this order" in told(html)


def test_matters_of_holds_are_told_in_words_with_the_case_to_go_to(tmp_path: Path):
    database = open_database(tmp_path / "houbei.db", create=True)
    told_of = (
        ("outside_hold", '{"provider":"p","reference":"hold_1","payment":"O-1","at_us":1}'),
        ("parked_hold", '{"case":"R-2026-0001","number":1,"reference":"hold_2","reason":"key_expired"}'),
        ("unexplained_capture", '{"case":"R-2026-0002","reference":"hold_3","stage":"settled"}'),
    )
    with writing(database) as connection:
        for kind, said in told_of:
            need_person(connection, kind=kind, ref=kind, since_us=NOW, told=said, money=(480_000, "CNY"))
    with TestClient(create_app(database, shop=SHOP, clock=lambda: NOW)) as client:
        text, zh = told(client.get("/en/").text), told(client.get("/zh/").text)
        assert "The provider holds ¥4,800.00 under hold_1 . It stands for no case here." in text
        assert "A hold of ¥4,800.00 waits for you" in text
        assert f"Case R-2026-0002 no longer allowed it (stage: {ENGLISH['stage_settled']})." in text
        assert {"/en/cases/R-2026-0001", "/en/cases/R-2026-0002", "/en/ledger"} <= set(links(client.get("/en/").text))
        assert "有一件事在等你" not in zh
        assert "Something waits" not in text
