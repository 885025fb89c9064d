"""The report on promised dates in a real browser: accessible, never wider than the page, no label on another."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from houbei.cli import run
from tests.browser.test_report_in_browser import ARGUMENTS, AXE, CLASHES, LOCALES
from tests.lead_times.made_history import FIRST_DAY, Law, date_of, made_rows, write_csv

REPORTS = ("shop", "bare")


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
    """The report of a shop with estimates and places, one of them with a long name; and of a history that has neither."""
    out = tmp_path_factory.mktemp("reports")
    rows = made_rows(51, Law(days=150, a_day=12, lost=0.02, week_spread=0.2, estimate_days=10))
    for row in rows:
        if row["destination"] == "far":
            row["destination"] = "the villages at the end of the valley beyond the second pass, by mule"
    bare = [{name: row[name] for name in ("order_id", "purchased", "delivered")} for row in rows]
    for name, some in zip(REPORTS, (rows, bare), strict=True):
        told = ["--history", str(write_csv(some, out / f"{name}.csv")), "--out", str(out / name)]
        assert run(["delivery", "evaluate", *told, "--from", date_of(FIRST_DAY + 80), "--chance", "80,90"]) == 0
    return {name: out / name / "report.html" for name in REPORTS}


def opened(browser: Browser, path: Path, *, lang: str, width: int, theme: str = "light") -> Page:
    context = browser.new_context(viewport={"width": width, "height": 900}, locale=LOCALES[lang], color_scheme=theme)
    page = context.new_page()
    page.goto(path.as_uri())
    return page


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("lang", LOCALES)
def test_the_report_breaks_no_rule_and_never_scrolls_sideways(
    browser: Browser, axe: str, reports: dict[str, Path], lang: str, theme: str, width: int
):
    page = opened(browser, reports["shop"], lang=lang, width=width, theme=theme)
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
@pytest.mark.parametrize("name", REPORTS)
def test_nothing_is_asked_of_the_network_and_the_policy_is_kept(browser: Browser, reports: dict[str, Path], name: str):
    page = browser.new_context().new_page()
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto(reports[name].as_uri())
    page.evaluate("document.fonts.ready")
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert said == []
