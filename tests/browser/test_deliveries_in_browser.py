"""The pages of promised arrivals in a real browser: accessible, never wider than the window, red only where a person is needed."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import uvicorn
from playwright.sync_api import Browser

from houbei.web.app import create_app
from tests.browser.test_console_in_browser import RED, Watched, axe, browser
from tests.browser.test_report_in_browser import LOCALES
from tests.web.appliance_shop import NOW, SHOP
from tests.web.delivery_shop import HAN, DeliveryShop, open_delivery_shop

__all__ = ["axe", "browser"]
LISTS = (
    *("", "deliveries?page=2", "deliveries?show=pressing", "deliveries?verdict=none&region=CN-31"),
    *("deliveries?day=2026-02-16&days=3&carrier=Sample%20express", "deliveries/at-risk", "lines/shop/halves-1"),
    *("ledger", "ledger/entries?of=deliveries"),
)
SHOWN = ("kept", "snow", "moved", "halves", "not there", "disputed", "upheld", "tonight")


@dataclass(frozen=True)
class Site:
    address: str
    quiet: str
    shop: DeliveryShop

    def path(self, name: str) -> str:
        return f"deliveries/{self.shop.number('first half' if name == 'halves' else name)}"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    shops = [open_delivery_shop(tmp_path_factory.mktemp(name), waits=name == "waits") for name in ("waits", "quiet")]
    running = []
    for shop in shops:
        app = create_app(shop.store, shop=SHOP, clock=lambda: NOW)
        server = uvicorn.Server(uvicorn.Config(app, port=0, ws="none", log_level="critical", access_log=False))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        running.append((server, thread, server.servers[0].sockets[0].getsockname()[1]))
    addresses = [f"http://127.0.0.1:{port}" for _, _, port in running]
    yield Site(address=addresses[0], quiet=addresses[1], shop=shops[0])
    for server, thread, _ in running:
        server.should_exit = True
        thread.join()


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("lang", LOCALES)
def test_every_page_of_deliveries_breaks_no_rule_and_never_scrolls_sideways(
    browser: Browser, axe: str, site: Site, lang: str, theme: str, width: int
):
    watched, faults = Watched(browser, lang=lang, width=width, color_scheme=theme), []
    pages = [f"{site.address}/{lang[:2]}/{path}" for path in (*LISTS, *map(site.path, SHOWN))]
    pages += [f"{site.quiet}/{lang[:2]}/{path}" for path in ("", "deliveries", "deliveries/at-risk")]
    for address in pages:
        watched.page.goto(address)
        watched.page.evaluate("document.fonts.ready")
        faults += [(address, *found) for found in watched.findings(axe)]
        boxes = "[...document.querySelectorAll('.t, .card, .next, .trail, .command, .narrow, .rail')].filter((box) => box.scrollWidth > box.clientWidth)"
        cut = watched.page.evaluate(f"{boxes}.map((box) => box.outerHTML.slice(0, 60))")
        faults += [(address, "cut off", html) for html in cut if width > 320 or 'class="t"' not in html]
        if watched.too_wide(width):
            faults.append((address, "too wide"))
        if watched.page.locator("h1").count() != 1:
            faults.append((address, "headings"))
    assert faults == []
    assert watched.said == []
    hosts = {url.split("/")[2] for url in watched.asked}
    assert hosts == {address.split("/")[2] for address in pages}
    watched.context.close()


@pytest.mark.browser
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_only_deliveries_that_need_a_person_are_red(browser: Browser, site: Site, theme: str):
    watched = Watched(browser, color_scheme=theme)
    for path in ("", "deliveries", "deliveries/at-risk", "ledger", "deliveries/1", "deliveries/57", "deliveries/58"):
        watched.page.goto(f"{site.quiet}/zh/{path}")
        assert watched.page.evaluate(RED) == []
        assert not watched.page.title().startswith("(")
    for path in (site.path("kept"), site.path("late"), site.path("moved")):
        watched.page.goto(f"{site.address}/zh/{path}")
        watched.page.evaluate("document.querySelector('.rail').remove()")
        assert watched.page.evaluate(RED) == []
    for path in ("deliveries", "deliveries/at-risk", site.path("disputed")):
        watched.page.goto(f"{site.address}/zh/{path}")
        assert watched.page.locator(".st.wait, .next").count() > 0
        assert watched.page.title().startswith("(6) ")
    watched.context.close()


@pytest.mark.browser
def test_a_clerk_narrows_the_list_and_comes_from_the_home_page_to_the_evidence_without_a_script(
    browser: Browser, site: Site
):
    watched = Watched(browser, lang="zh-Hans", java_script_enabled=False)
    page = watched.page
    page.goto(f"{site.address}/zh/")
    page.locator("li", has_text="是不是扫描说的时间送到的").get_by_role("link", name="看这一单").click()
    assert page.url.endswith(f"/zh/{site.path('disputed')}")
    assert page.locator(".command").first.inner_text().replace("\n", " ").startswith("houbei delivery uphold ")
    page.goto(f"{site.address}/zh/deliveries")
    page.locator("select[name=verdict]").select_option("late")
    page.locator("input[name=day]").fill("2026-02-15")
    page.get_by_role("button", name="筛选").click()
    assert "verdict=late" in page.url
    assert "day=2026-02-15" in page.url
    assert sorted(one.inner_text() for one in page.locator("td .mono").all()) == ["first half", "late"]
    page.get_by_role("link", name="English").click()
    assert page.locator("select[name=verdict]").input_value() == "late"
    page.locator("td a.strong", has_text="79.00").click()
    assert "¥79.00 and 1,000 points owed" in page.locator(".trail .big").inner_text()
    page.go_back()
    assert "verdict=late" in page.url
    watched.context.close()


@pytest.mark.browser
def test_names_stand_in_serif_and_what_happened_by_itself_has_a_hollow_dot(browser: Browser, site: Site):
    watched = Watched(browser)
    watched.page.goto(f"{site.address}/en/{site.path('kept')}")
    name = watched.page.locator(".tl .name", has_text=HAN.name).first
    assert "HB Serif" in name.evaluate("(one) => getComputedStyle(one).fontFamily")
    surface = watched.page.locator(".card.tl").evaluate("(one) => getComputedStyle(one).backgroundColor")
    assert watched.page.locator(".tl li.auto").count() > 1
    for entry in watched.page.locator(".tl li.auto").all():
        assert entry.locator(".dot").evaluate("(one) => getComputedStyle(one).backgroundColor") == surface
        assert entry.locator(".name").count() == 0
    watched.context.close()


@pytest.mark.browser
def test_the_keyboard_reaches_every_field_and_link_of_the_list_with_its_focus_seen(browser: Browser, site: Site):
    watched = Watched(browser)
    watched.page.goto(f"{site.address}/en/deliveries?show=pressing")
    fields = "a[href], select, input:not([type=hidden]), button"
    wanted = watched.page.locator(fields).count()
    reached = set()
    # A field of a date has places of its own for day, month and year, and the browser rings the part that is in turn.
    for _ in range(wanted + 4):
        watched.page.keyboard.press("Tab")
        found = watched.page.evaluate(
            f"[[...document.querySelectorAll('{fields}')].indexOf(document.activeElement), document.activeElement.type,"
            " getComputedStyle(document.activeElement).outlineStyle]"
        )
        assert found[0] < 0 or found[2] != "none" or found[1] == "date", found
        reached.add(found[0])
    assert reached - {-1} == set(range(wanted))
    watched.context.close()
