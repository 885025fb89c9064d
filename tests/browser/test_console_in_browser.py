"""The console in a real browser: accessible on every page, never wider than its window, asking nobody else for anything."""

import re
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from houbei.store.database import open_database
from houbei.web.app import create_app
from tests.browser.test_report_in_browser import ARGUMENTS, AXE, LOCALES
from tests.web.appliance_shop import FRIDGE, NOW, REFUSED, SHOP, TELEVISION, open_shop, price_of

HOUR_US = 3_600_000_000
PAGES = {
    "home": "",
    "drops": "drops",
    "drops of days": "drops?day=2026-02-18&days=30",
    "no drops": "drops?day=2026-02-01",
    "drop": "drops/{fridge}",
    "drop, needs": "drops/{fridge}?show=needs",
    "drop, second page": "drops/{fridge}?page=2",
    "drop, held": "drops/{television}",
    "drop, nobody": "drops/{first}",
    "line": f"lines/shop/{REFUSED}-1",
    "undecided": "undecided/1",
    "ledger": "ledger",
    "ledger, earlier": "ledger?until=2026-02-10",
    "entries": "ledger/entries?account=price_guarantee&day=2026-02-18&days=7",
    "no entries": "ledger/entries?code=given",
    "no cases": "cases",
    "lost": "nothing/here",
}
RED = """
() => {
  const accents = ['--accent', '--accent-solid'].map((name) => {
    const probe = document.createElement('i'); probe.className = 'probe'; document.body.append(probe);
    probe.style.color = `var(${name})`; const shown = getComputedStyle(probe).color; probe.remove(); return shown;
  });
  return [...document.querySelectorAll('body, body *')].filter((one) => {
    const style = getComputedStyle(one), before = getComputedStyle(one, '::before');
    return [style.color, style.backgroundColor, style.borderTopColor, style.borderLeftColor, before.backgroundColor, style.fill]
      .some((shown) => accents.includes(shown));
  }).map((one) => one.outerHTML.slice(0, 80));
}
"""


@dataclass(frozen=True)
class Site:
    waits: str
    quiet: str
    empty: str
    stale: str
    broken: str
    fridge: int
    television: int
    first: int
    quiet_fridge: int


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    assert chromium, "no chromium: apt-get install chromium fonts-noto-cjk, or `make browser`"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def axe() -> str:
    assert AXE.exists(), "no axe-core: run `npm ci`, or `make browser`"
    return AXE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    waits = open_shop(tmp_path_factory.mktemp("waits"), waits=True)
    quiet = open_shop(tmp_path_factory.mktemp("quiet"), waits=False)
    empty = open_database(tmp_path_factory.mktemp("empty") / "houbei.db", create=True)
    broken = open_database(tmp_path_factory.mktemp("broken") / "houbei.db", create=True)
    with broken.begin() as connection:
        connection.exec_driver_sql("DROP TABLE needs")
    clocks = {"waits": NOW, "quiet": NOW, "empty": NOW, "stale": NOW + 9 * HOUR_US, "broken": NOW}
    stores = {"waits": waits, "quiet": quiet, "empty": empty, "stale": quiet, "broken": broken}
    servers, addresses = [], {}
    for name, store in stores.items():
        app = create_app(store, shop=SHOP, clock=lambda us=clocks[name]: us)
        server = uvicorn.Server(uvicorn.Config(app, port=0, ws="none", log_level="critical", access_log=False))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        servers.append((server, thread))
        while not server.started:
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        addresses[name] = f"http://127.0.0.1:{port}"
    yield Site(
        **addresses,
        fridge=price_of(waits, FRIDGE, 399_900),
        television=price_of(waits, TELEVISION, 100),
        first=price_of(waits, FRIDGE, 429_900),
        quiet_fridge=price_of(quiet, FRIDGE, 399_900),
    )
    for server, thread in servers:
        server.should_exit = True
        thread.join()


class Watched:
    """A page that is watched: what it says in the console, and whom it asks."""

    def __init__(self, browser: Browser, *, lang: str = "en", width: int = 1280, **more: Any) -> None:
        self.context = browser.new_context(viewport={"width": width, "height": 900}, locale=LOCALES[lang], **more)
        self.page: Page = self.context.new_page()
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))

    def findings(self, axe: str) -> list[tuple[str, str]]:
        self.page.evaluate(axe)
        found = self.page.evaluate("axe.run().then((found) => found.violations)")
        return [(one["id"], one["nodes"][0]["html"]) for one in found]

    def too_wide(self, width: int) -> bool:
        return self.page.evaluate("document.documentElement.scrollWidth") > width


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("lang", LOCALES)
def test_every_page_breaks_no_rule_and_never_scrolls_sideways(
    browser: Browser, axe: str, site: Site, lang: str, theme: str, width: int
):
    watched = Watched(browser, lang=lang, width=width, color_scheme=theme)
    first = lang[:2]
    addresses = [f"{site.waits}/{first}/{path.format(**vars(site))}" for path in PAGES.values()]
    addresses += [f"{other}/{first}/" for other in (site.quiet, site.empty, site.stale, site.broken)]
    faults = []
    for address in addresses:
        watched.page.goto(address)
        watched.page.evaluate("document.fonts.ready")
        if watched.page.evaluate("document.documentElement.lang") != lang:
            faults.append((address, "another language"))
        faults += [(address, *found) for found in watched.findings(axe)]
        if watched.too_wide(width):
            faults.append((address, "too wide"))
        if watched.page.locator("h1").count() != 1:
            faults.append((address, "headings"))
    assert faults == []
    hosts = {url.split("/")[2] for url in watched.asked}
    assert hosts == {address.split("/")[2] for address in addresses}
    assert [said for said in watched.said if "status of 404" not in said and "status of 503" not in said] == []
    watched.context.close()


@pytest.mark.browser
@pytest.mark.parametrize("lang", LOCALES)
def test_no_table_is_cut_off_beside_its_evidence_or_on_a_phone(browser: Browser, site: Site, lang: str):
    watched, cut = Watched(browser, lang=lang), []
    for width in (360, 390, 699, 980, 981, 1040, 1100, 1200, 1280, 1920):
        watched.page.set_viewport_size({"width": width, "height": 900})
        for path in (f"drops/{site.fridge}", f"drops/{site.fridge}?show=nothing", "ledger", "drops", ""):
            watched.page.goto(f"{site.waits}/{lang[:2]}/{path}")
            boxes = "[...document.querySelectorAll('.t')].map((box) => box.scrollWidth - box.clientWidth)"
            cut += [(width, path, by) for by in watched.page.evaluate(boxes) if by > 0]
            assert not watched.too_wide(width)
    assert not cut, cut
    watched.context.close()


@pytest.mark.browser
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_with_nothing_waiting_nothing_is_red(browser: Browser, site: Site, theme: str):
    watched = Watched(browser, color_scheme=theme)
    for path in ("en/", "zh/drops", f"en/drops/{site.quiet_fridge}", "zh/ledger", "en/lines/shop/20260120-1152-1"):
        watched.page.goto(f"{site.quiet}/{path}")
        assert watched.page.evaluate(RED) == []
        assert not watched.page.title().startswith("(")
    watched.page.goto(f"{site.waits}/en/")
    assert watched.page.evaluate(RED) != []
    assert watched.page.title().startswith("(5) ")
    watched.context.close()


@pytest.mark.browser
def test_the_keyboard_reaches_everything_in_the_order_in_which_it_is_read(browser: Browser, site: Site):
    watched = Watched(browser)
    watched.page.goto(f"{site.waits}/en/")
    seen = []
    for _ in range(16):
        watched.page.keyboard.press("Tab")
        seen.append(watched.page.evaluate("document.activeElement.textContent.trim().split('\\n')[0]"))
        assert watched.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    assert seen[0] == "Skip to main content"
    rail = ["背Houbei", "Home", "Price drops4 need you", "Replacements", "Deliveries", "Ledger1 needs you"]
    assert seen[1:7] == rail
    assert seen[7] == "中文"
    assert seen[8:12] == ["1 price", "41 buyers", "¥9,200.00", "¥120.00"]
    assert [text.split(":")[0] for text in seen[12:16]] == [
        "See the evidence",
        "See the lines",
        "Look at the price",
        "See the evidence",
    ]
    watched.context.close()


@pytest.mark.browser
def test_two_clicks_lead_from_the_home_page_to_the_evidence_and_back_again(browser: Browser, site: Site):
    watched = Watched(browser, java_script_enabled=False)
    page = watched.page
    page.goto(f"{site.waits}/en/drops/{site.fridge}?show=paid")
    page.locator("table a.ev").nth(3).click()
    trail = page.locator("aside.trail")
    order = page.locator("tr.open td").first.inner_text()
    assert order in trail.inner_text()
    assert [one.inner_text() for one in trail.locator("h2").all()] == ["Conclusion", "Clause", "Facts", "Sum", "Ledger"]
    assert "re_" in trail.inner_text()
    page.get_by_role("link", name="中文").click()
    assert page.locator("tr.open td").first.inner_text() == order
    assert page.get_by_role("link", name=re.compile("^已退")).get_attribute("aria-current") == "true"
    page.go_back()
    assert page.url.endswith("#evidence")
    watched.context.close()


@pytest.mark.browser
def test_the_browser_keeps_the_policy_and_loads_both_fonts(browser: Browser, site: Site):
    watched = Watched(browser)
    answer = watched.page.goto(f"{site.waits}/en/")
    assert answer is not None
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")
    watched.page.evaluate("document.fonts.ready")
    assert watched.page.evaluate("[...document.fonts].filter((font) => font.status === 'loaded').length") == 2
    assert watched.page.locator("[style], style, script").count() == 0
    assert watched.said == []
    watched.context.close()


@pytest.mark.browser
def test_states_are_told_by_shape_and_word_in_forced_colours(browser: Browser, site: Site):
    watched = Watched(browser, forced_colors="active")
    watched.page.goto(f"{site.waits}/en/drops/{site.fridge}")
    words = {one.inner_text() for one in watched.page.locator("td .st").all()}
    assert words == {"Needs you", "With the provider", "Not sent yet", "Paid"}
    assert watched.page.locator(".st").first.is_visible()
    watched.context.close()
