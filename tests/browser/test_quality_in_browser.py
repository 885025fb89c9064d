"""The reports on quality and on claims in a real browser: accessible, never wider than the page, no label on another."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from houbei.cli import run
from houbei.quality.run import QualityQuestion, run_quality
from tests.browser.test_report_in_browser import ARGUMENTS, AXE, CLASHES, LOCALES
from tests.quality.histories import claim, files, line
from tests.quality.test_quality_report import page_of

REPORTS = ("quality", "claims", "few", "long")


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
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The sample's report, its backtest, the report of a handful of units, and one with long names and enormous amounts."""
    out = tmp_path_factory.mktemp("reports")
    told = ["--terms", "jd-appliances-180"]
    assert run(["quality", "--sample", *told, "--out", str(out / "quality")]) == 0
    sample = ["--orders", str(out / "quality" / "orders.csv"), "--claims", str(out / "quality" / "claims.csv")]
    assert run(["backtest", *told, *sample, "--window", "30..240", "--out", str(out / "claims")]) == 0
    few = [line(f"L{k}", batch=f"B{k % 2}", supplier=f"S{k % 2}") for k in range(41)]
    write(out / "few", few, [claim(f"C{k}", f"L{k}", 5 + k) for k in range(3)])
    write(out / "long", *_long())
    return {name: out / name / "report.html" for name in REPORTS}


def _long() -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    names = [f"a refrigerator of the larger sort for families in the north, model {k}" for k in range(20)]
    lines = [
        line(f"L{k}", sku=names[k % 20], batch=f"{names[k % 20]} made in week {k % 3}", supplier=names[k % 20])
        | {
            "paid_minor": 98_765_432_100,
            "unit_cost": "765432109.87",
            "placed_at": "2025-06-01",
            "delivered_at": "2025-06-04",
        }
        for k in range(1200)
    ]
    done = {"outcome": "confirmed", "settled_at": "2026-01-30T12:00+08:00", "service_cost": "1234567.89"}
    return lines, [claim(f"C{k}", f"L{k * 7}", 1 + k % 28, **done) for k in range(120)]


def write(folder: Path, lines: list[dict[str, object]], claims: list[dict[str, object]]) -> None:
    folder.mkdir()
    orders, told = files(folder, lines, claims)
    question = QualityQuestion(orders=orders, claims=told, out=folder, zone="Asia/Shanghai")
    page = page_of(run_quality(question).summary, promised=False)
    (folder / "report.html").write_text(page, encoding="utf-8")


def opened(browser: Browser, path: Path, *, lang: str, width: int, theme: str = "light") -> Page:
    context = browser.new_context(viewport={"width": width, "height": 900}, locale=LOCALES[lang], color_scheme=theme)
    page = context.new_page()
    page.goto(path.as_uri())
    return page


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("lang", LOCALES)
@pytest.mark.parametrize("name", REPORTS[:2])
def test_the_report_breaks_no_rule_and_never_scrolls_sideways(  # noqa: PLR0913, PLR0917  the cases are the product of all
    browser: Browser, axe: str, reports: dict[str, Path], name: str, lang: str, theme: str, width: int
):
    page = opened(browser, reports[name], lang=lang, width=width, theme=theme)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.evaluate("for (const table of document.querySelectorAll('details')) table.open = true")
    page.evaluate(axe)
    violations = page.evaluate("axe.run().then((found) => found.violations)")
    assert [(found["id"], found["nodes"][0]["html"]) for found in violations] == []
    assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 800, 1280])
@pytest.mark.parametrize("lang", LOCALES)
@pytest.mark.parametrize("name", REPORTS)
def test_no_label_lies_on_another_or_leaves_its_drawing(
    browser: Browser, reports: dict[str, Path], name: str, lang: str, width: int
):
    page = opened(browser, reports[name], lang=lang, width=width)
    assert page.evaluate(CLASHES) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.browser
@pytest.mark.parametrize("name", REPORTS[:2])
def test_nothing_is_asked_of_the_network_and_the_policy_is_kept(browser: Browser, reports: dict[str, Path], name: str):
    page = browser.new_context().new_page()
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto(reports[name].as_uri())
    page.evaluate("document.fonts.ready")
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert said == []


@pytest.mark.browser
def test_the_report_prints_without_its_tables_and_in_one_language(browser: Browser, reports: dict[str, Path]):
    page = opened(browser, reports["quality"], lang="zh-Hans", width=1280)
    page.emulate_media(media="print")
    assert page.locator("svg.plot:visible").count() == 7
    assert page.locator("details:visible").count() == 0
    assert page.locator("h1:visible").count() == 1
