"""The report in a real browser: accessible, never wider than the page, no label on another, one language at a time."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from houbei.backtest.report import render
from tests.backtest.made_findings import currency, findings

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LOCALES = {"en": "en-US", "zh-Hans": "zh-CN"}

CLASHES = """
() => [...document.querySelectorAll('svg.plot')].flatMap((svg) => {
  const frame = svg.getBoundingClientRect();
  if (!frame.width) return [];
  const texts = [...svg.querySelectorAll('text')].map((text) => [text.textContent, text.getBoundingClientRect()]);
  const outside = texts.filter(([, box]) => box.left < frame.left - 1 || box.right > frame.right + 1
    || box.top < frame.top - 1 || box.bottom > frame.bottom + 1);
  const meet = (one, other) => Math.min(one.right, other.right) - Math.max(one.left, other.left) > 0.5
    && Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 3 * frame.width / svg.viewBox.baseVal.width;
  const clashes = texts.flatMap(([one, box], i) => texts.slice(i + 1).filter(([, other]) => meet(box, other))
    .map(([other]) => `${svg.querySelector('title').id}: ${one} on ${other}`));
  return [...outside.map(([text]) => `${svg.querySelector('title').id}: ${text} outside`), ...clashes];
})
"""


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
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(render(findings()), encoding="utf-8")
    return path


def opened(browser: Browser, path: Path, *, lang: str = "en", width: int = 1280, **more: Any) -> Page:
    context = browser.new_context(viewport={"width": width, "height": 900}, locale=LOCALES[lang], **more)
    page = context.new_page()
    page.goto(path.as_uri())
    return page


def crowded() -> dict[str, Any]:
    """Long names, enormous amounts, a promise at the very beginning of its sweep, six years, ties."""
    found = findings()
    money = currency(code="JPY", exponent=0, span=2200, seed=4, bend=1.6)
    for one in money["categories"]:
        one["name"] += " and everything that the larger shops of the north keep beside it"
        one["owed_minor"] *= 1_234_567
        one["revenue_minor"] *= 1_234_567
    money["owed_minor"] *= 1_234_567
    for day in money["days"]:
        day["owed_minor"] *= 1_234_567
    money["sizes"] = [
        {"from_minor": i * 123_456_789, "to_minor": (i + 1) * 123_456_789, "lines": 4 + i} for i in range(12)
    ]
    found["currencies"] = [money, currency(code="KWD", exponent=3, seed=13)]
    return found | {"window_days": 7, "to": "2022-12-31"}


def sparse() -> dict[str, Any]:
    """Cents, one day, one category, two lengths, a promise at the very end of its sweep."""
    found = findings()
    day = {"date": "2017-02-18", "owed_minor": 3}
    found["currencies"][0] |= {
        "revenue_minor": 1200,
        "owed_minor": 3,
        "days": [day],
        "worst_days": [day],
        "sweep": [{"days": days, "owed_minor": days // 10, "lines_owed": 1} for days in (7, 30)],
        "categories": [{"name": "A", "revenue_minor": 1200, "owed_minor": 3, "lines": 9, "lines_owed": 2}],
        "sizes": [{"from_minor": 0, "to_minor": 5, "lines": 2}],
        "first_drop": [{"day": 0, "lines": 2}],
    }
    return found | {"from": "2017-02-18", "to": "2017-02-18"}


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("lang", LOCALES)
def test_the_report_breaks_no_rule_and_never_scrolls_sideways(
    browser: Browser, axe: str, report: Path, lang: str, theme: str, width: int
):
    page = opened(browser, report, lang=lang, width=width, color_scheme=theme)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate("document.documentElement.lang") == lang
    page.evaluate("for (const table of document.querySelectorAll('details')) table.open = true")
    page.evaluate(axe)
    violations = page.evaluate("axe.run().then((found) => found.violations)")
    assert [(found["id"], found["nodes"][0]["html"]) for found in violations] == []
    assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 800, 1280, 1920])
@pytest.mark.parametrize("lang", LOCALES)
@pytest.mark.parametrize("made", [findings, crowded, sparse])
def test_no_label_lies_on_another_or_leaves_its_drawing(
    browser: Browser, tmp_path: Path, made: Any, lang: str, width: int
):
    path = tmp_path / "report.html"
    path.write_text(render(made()), encoding="utf-8")
    page = opened(browser, path, lang=lang, width=width)
    assert page.evaluate(CLASHES) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.browser
def test_the_smallest_text_of_a_drawing_is_twelve_pixels_on_a_wide_page(browser: Browser, report: Path):
    page = opened(browser, report)
    sizes = page.evaluate("""() => [...document.querySelectorAll('svg.plot')].filter((svg) => svg.getBoundingClientRect().width)
      .map((svg) => 12 * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width)""")
    assert len(sizes) == 7
    assert min(sizes) >= 12


@pytest.mark.browser
@pytest.mark.parametrize("scripted", [True, False])
def test_the_other_language_is_one_choice_away_with_or_without_scripts(browser: Browser, report: Path, scripted: bool):  # noqa: FBT001
    page = opened(browser, report, java_script_enabled=scripted)
    assert page.locator("h1:visible").count() == 1
    assert page.locator("h1:visible").inner_text().startswith("$51,118, or 1.12% of sales.")
    page.get_by_text("中文", exact=True).click()
    assert page.locator("h1:visible").count() == 1
    assert "占成交额的1.12%" in page.locator("h1:visible").inner_text()
    if scripted:
        assert page.evaluate("document.documentElement.lang") == "zh-Hans"
        assert page.title().startswith("如果2017年")
        page.reload()
        assert "占成交额的1.12%" in page.locator("h1:visible").inner_text()


@pytest.mark.browser
def test_the_keyboard_reaches_the_switch_the_facts_and_the_tables(browser: Browser, report: Path):
    page = opened(browser, report)
    seen = []
    for _ in range(8):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate(
                "document.activeElement.id || document.activeElement.className || document.activeElement.tagName"
            )
        )
    assert seen == ["skip", "speak-en", "A", "evidence", "evidence", "evidence", "evidence", "SUMMARY"]


@pytest.mark.browser
def test_nothing_is_asked_of_the_network_and_the_policy_is_kept(browser: Browser, report: Path):
    page = browser.new_context().new_page()
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(report.as_uri())
    page.evaluate("document.fonts.ready")
    assert page.evaluate("[...document.fonts].filter((font) => font.status === 'loaded').length") == 2
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert said == []


@pytest.mark.browser
@pytest.mark.parametrize("lang", LOCALES)
def test_the_report_prints_on_a4(browser: Browser, report: Path, lang: str):
    page = opened(browser, report, lang=lang, color_scheme="dark")
    paper = page.pdf(prefer_css_page_size=True)
    boxes = {tuple(float(side) for side in box.split()) for box in re.findall(rb"/MediaBox \[([\d. ]+)\]", paper)}
    assert [(round(wide), round(high)) for _, _, wide, high in boxes] == [(595, 842)]
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.locator("svg.plot:visible").count() == 7
