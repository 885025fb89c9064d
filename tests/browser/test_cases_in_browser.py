"""The pages of cases in a real browser: accessible, never wider than the window, red only where a person is needed."""

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
from tests.web.case_shop import HAN, CaseShop, open_case_shop

__all__ = ["axe", "browser"]
LISTS = ("", "cases", "cases?show=needs", "cases?show=ended&stage=to_decide", "ledger", "lines/shop/R4-1")
ENTRIES = ("ledger/entries?of=cases", "ledger/entries?code=unit_sent")


@dataclass(frozen=True)
class Site:
    address: str
    quiet: str
    shop: CaseShop


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    shops = [open_case_shop(tmp_path_factory.mktemp(name), waits=name == "waits") for name in ("waits", "quiet")]
    running = []
    for shop in shops:
        app = create_app(shop.store, shop=SHOP, clock=lambda: NOW, exhibits=shop.exhibits)
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


def paths_of(site: Site) -> list[str]:
    cases = [f"cases/{number}" for number in site.shop.cases.values()]
    return [*LISTS, *ENTRIES, *cases, f"{cases[0]}/entries", f"{cases[0]}/entries?account=replacement_guarantee"]


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("lang", LOCALES)
def test_every_page_of_cases_breaks_no_rule_and_never_scrolls_sideways(
    browser: Browser, axe: str, site: Site, lang: str, theme: str, width: int
):
    watched, faults = Watched(browser, lang=lang, width=width, color_scheme=theme), []
    for path in paths_of(site):
        address = f"{site.address}/{lang[:2]}/{path}"
        watched.page.goto(address)
        watched.page.evaluate("document.fonts.ready")
        faults += [(path, *found) for found in watched.findings(axe)]
        boxes = "[...document.querySelectorAll('.t, .card, .next, .trail, .command')].filter((box) => box.scrollWidth > box.clientWidth)"
        cut = watched.page.evaluate(f"{boxes}.map((box) => box.outerHTML.slice(0, 60))")
        faults += [(path, "cut off", html) for html in cut if width > 320 or 'class="t"' not in html]
        if watched.too_wide(width):
            faults.append((path, "too wide"))
        if watched.page.locator("h1").count() != 1:
            faults.append((path, "headings"))
    assert faults == []
    assert watched.said == []
    watched.context.close()


@pytest.mark.browser
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_only_cases_that_need_a_person_are_red(browser: Browser, site: Site, theme: str):
    watched = Watched(browser, color_scheme=theme)
    watched.page.goto(f"{site.quiet}/en/cases")
    numbers = [one.inner_text() for one in watched.page.locator("td .mono").all()]
    assert len(numbers) == 3
    for path in ("", "cases", "ledger", *(f"cases/{number}" for number in numbers)):
        watched.page.goto(f"{site.quiet}/zh/{path}")
        assert watched.page.evaluate(RED) == []
        assert not watched.page.title().startswith("(")
    watched.page.goto(f"{site.address}/zh/cases/{site.shop.cases['misuse']}")
    assert watched.page.evaluate(RED) != []
    assert watched.page.title().startswith("(11) ")
    watched.context.close()


@pytest.mark.browser
def test_a_clerk_comes_from_the_home_page_to_the_decision_to_the_money_without_a_script(browser: Browser, site: Site):
    watched = Watched(browser, lang="zh-Hans", java_script_enabled=False)
    page = watched.page
    page.goto(f"{site.address}/zh/")
    page.locator("li", has_text="检测认为使用不当").get_by_role("link", name="看案件").click()
    assert page.url.endswith(f"/zh/cases/{site.shop.cases['misuse']}")
    assert page.locator(".next h2").inner_text() == "检测认为使用不当，是否改变责任？"
    assert page.locator(".command").first.inner_text().startswith("houbei case answer ")
    page.locator("dl.kv a").first.click()
    assert page.locator("tbody tr").count() == 1
    assert "2,180.00" in page.locator("tbody").inner_text()
    page.go_back()
    page.get_by_role("link", name="English").click()
    assert page.locator(".next h2").inner_text() == "Inspection says misuse. Does that change anything?"
    watched.context.close()


@pytest.mark.browser
def test_names_stand_in_serif_and_what_happened_by_itself_has_a_hollow_dot(browser: Browser, site: Site):
    watched = Watched(browser)
    watched.page.goto(f"{site.address}/en/cases/{site.shop.cases['misuse']}")
    name = watched.page.locator(".tl .name", has_text=HAN.name).first
    assert "HB Serif" in name.evaluate("(one) => getComputedStyle(one).fontFamily")
    surface = watched.page.locator(".card.tl").evaluate("(one) => getComputedStyle(one).backgroundColor")
    for entry in watched.page.locator(".tl li.auto").all():
        assert entry.locator(".dot").evaluate("(one) => getComputedStyle(one).backgroundColor") == surface
        assert entry.locator(".who").count() == 0
    filled = watched.page.locator(".tl li:not([class]) .dot").first
    assert filled.evaluate("(one) => getComputedStyle(one).backgroundColor") != surface
    watched.context.close()


@pytest.mark.browser
def test_a_photo_opens_in_the_browser_and_a_document_is_saved(browser: Browser, site: Site):
    watched = Watched(browser)
    watched.page.goto(f"{site.address}/en/cases/{site.shop.cases['settled']}")
    with watched.page.expect_download() as saved:
        watched.page.get_by_role("link", name="Document 1").click()
    assert saved.value.suggested_filename.endswith(".pdf")
    watched.page.get_by_role("link", name="Photo 1").click()
    assert watched.page.evaluate("document.contentType") == "image/jpeg"
    assert watched.page.evaluate("document.images[0].naturalWidth") == 640
    watched.context.close()


@pytest.mark.browser
def test_the_keyboard_reaches_everything_on_a_case_with_its_focus_seen(browser: Browser, site: Site):
    watched = Watched(browser)
    watched.page.goto(f"{site.address}/en/cases/{site.shop.cases['misuse']}")
    count = watched.page.locator("a[href]").count()
    seen = set()
    for _ in range(count):
        watched.page.keyboard.press("Tab")
        assert watched.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
        seen.add(watched.page.evaluate("document.activeElement.getAttribute('href')"))
    links = {one.get_attribute("href") for one in watched.page.locator("a[href]").all()}
    assert seen == links
    watched.context.close()
