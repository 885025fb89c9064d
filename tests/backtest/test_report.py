"""The report of a backtest as a file: complete in both languages, closed to the network, honest about its figures."""

import base64
import hashlib
import re
from collections import Counter
from html.parser import HTMLParser
from typing import Any

import pytest

from houbei.backtest.report import render
from houbei.errors import InvariantError
from tests.backtest.made_findings import currency, findings

VOID = {"meta", "link", "input", "line", "rect", "circle", "path", "br"}
LANGUAGES = ("en", "zh-Hans")


class Reading(HTMLParser):
    """A strict reading of the file: every tag closed in turn, texts by the language of their article."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.article = ""
        self.texts: dict[str, list[tuple[str, str]]] = {"": [], **{lang: [] for lang in LANGUAGES}}
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag == "article":
            self.article = dict(attrs)["lang"] or ""
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        assert self.open.pop() == tag
        if tag == "article":
            self.article = ""

    def handle_data(self, data: str) -> None:
        if data.strip() and self.open:
            self.texts[self.article].append((self.open[-1], data))

    def text(self, lang: str, *inside: str) -> str:
        return "".join(data for tag, data in self.texts[lang] if not inside or tag in inside)


def attributes(reading: Reading, name: str) -> list[str]:
    return [value for _, attribute, value in reading.attributes if attribute == name]


@pytest.fixture(scope="module")
def page() -> str:
    return render(findings())


@pytest.fixture(scope="module")
def reading(page: str) -> Reading:
    return Reading(page)


def without_currencies() -> dict[str, Any]:
    return findings() | {"currencies": [], "variants": [], "not_owed": [], "limits": [], "from": None, "to": None}


def test_every_tag_is_closed_in_turn(reading: Reading):
    assert reading.open == []


def test_the_same_findings_give_the_same_bytes(page: str):
    assert render(findings()) == page


def test_the_answer_states_the_cost_its_share_and_the_odds(reading: Reading):
    assert "$51,118, or 1.12% of sales. Of every 100 order lines, 18 would have earned" in reading.text("en")
    assert "US$51,118，占成交额的1.12%。每100行订单里，有18行的买家会拿到退差。" in reading.text("zh-Hans")


def test_each_language_asks_the_question_once_and_answers_it_once(reading: Reading):
    assert reading.tags["h1"] == reading.tags["article"] == 2
    assert "What would a price guarantee of 30 days have cost you in 2017?" in reading.text("en")
    assert "如果2017年就有30天价保，要花多少钱？" in reading.text("zh-Hans")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_language_shows_every_figure(reading: Reading, lang: str):
    text, money = reading.text(lang), currency()
    wanted = ["256,914", "1,427,303", "326,280", "$0.36", "$1.29", "1.04%", "1.20%", "45.8%", "90.0%", "33.3%"]
    wanted += [f"{money['owed_minor'] // 100:,}.{money['owed_minor'] % 100:02d}"]
    wanted += [f"{day['owed_minor'] // 100:,}.{day['owed_minor'] % 100:02d}" for day in money["worst_days"]]
    wanted += [f"{one['owed_minor'] // 100:,}.{one['owed_minor'] % 100:02d}" for one in money["categories"]]
    wanted += ["861,300", "1,168,336", "63,102", "quantity_not_positive", "860", "1,845.12", "118,204"]
    assert [figure for figure in wanted if figure not in text] == []


def test_an_amount_that_no_float_can_hold_is_written_to_the_cent():
    found = findings()
    found["currencies"][0]["categories"][0]["revenue_minor"] = 9_007_199_254_740_993
    assert "$90,071,992,547,409.93" in render(found)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_drawing_is_named_described_and_given_as_a_table_too(page: str, lang: str):
    article = re.split(r"<article ", page)[1 + LANGUAGES.index(lang)]
    figures = re.findall(r"<figure.*?</figure>", article, re.DOTALL)
    assert len(figures) == 7
    for figure in figures:
        assert (
            len(
                re.findall(
                    r'<svg class="plot" role="img"[^>]*><title [^>]+>[^<]+</title><desc [^>]+>[^<]+</desc>', figure
                )
            )
            == 2
        )
        assert figure.count("<details>") == figure.count("<table>") == 1


def test_every_drawing_has_exactly_one_red_mark(page: str):
    drawings = re.findall(r'<svg class="plot".*?</svg>', page, re.DOTALL)
    assert len(drawings) == 28
    marks = [
        len(re.findall(r'class="hot-fill"', drawing)) or len(re.findall('class="hot-line"', drawing))
        for drawing in drawings
    ]
    assert marks == [1] * 28


def test_ids_are_unique_and_every_reference_finds_its_own(reading: Reading):
    ids = attributes(reading, "id")
    links = [link[1:] for link in attributes(reading, "href") if link.startswith("#")]
    named = [name for value in attributes(reading, "aria-labelledby") for name in value.split()]
    assert len(ids) == len(set(ids))
    assert set(links) | set(named) <= set(ids)
    assert len(links) == 1 + 2 * 5


def test_every_table_names_its_columns_its_rows_and_itself(reading: Reading):
    assert reading.tags["caption"] == reading.tags["table"]
    assert Counter(attributes(reading, "scope"))["row"] >= reading.tags["tbody"]
    assert len(attributes(reading, "scope")) == reading.tags["th"]


def test_nothing_is_styled_or_scripted_inside_a_tag(reading: Reading):
    names = {name for _, name, _ in reading.attributes}
    assert "style" not in names
    assert [name for name in names if name.startswith("on")] == []


def test_nothing_is_fetched_from_anywhere(page: str, reading: Reading):
    assert re.findall(r"https?://|//[a-z]+\.|@import", re.sub(r"base64,[A-Za-z0-9+/=]+", "", page)) == []
    assert [link for link in attributes(reading, "href") if not link.startswith(("#", "data:"))] == []
    assert attributes(reading, "src") == []
    assert page.count("data:font/woff2;base64,") == 2


def test_the_policy_allows_this_style_and_this_script_alone(page: str, reading: Reading):
    policy = next(value for value in attributes(reading, "content") if value.startswith("default-src 'none'"))
    for tag in ("style", "script"):
        found = re.search(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        assert found is not None
        digest = base64.b64encode(hashlib.sha256(found[1].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
        assert reading.tags[tag] == 1


def test_a_name_from_the_data_stays_text():
    found = findings()
    found["currencies"][0]["categories"][0]["name"] = '"><script>alert(1)</script>'
    found["command"] = "houbei backtest --terms '<b>.yaml'"
    reading = Reading(render(found))
    assert reading.tags["script"] == 1
    assert reading.tags["b"] == 0
    assert '"><script>alert(1)</script>' in reading.text("en", "th")


def test_a_command_can_be_pasted_back(reading: Reading):
    command = reading.text("en", "pre")
    assert command.count("\n") == 4
    assert command.replace(" \\\n  ", " ") == findings()["command"]


def test_a_quoted_option_is_not_broken():
    found = findings() | {"command": "houbei backtest --terms 'a --b.yaml' --orders o.csv"}
    assert "--terms 'a --b.yaml' \\\n  --orders o.csv" in Reading(render(found)).text("en", "pre")


def test_the_promise_is_quoted_and_its_machine_side_shown(reading: Reading):
    assert "the difference goes back the way it came, unasked." in reading.text("en")
    assert "差价原路退回，无需申请。" in reading.text("zh-Hans")
    assert findings()["terms"]["sha256"] in reading.text("en", "code")
    assert "kind NOT IN ('flash', 'presale')" in reading.text("zh-Hans", "code")


def test_a_text_missing_in_one_language_is_given_in_the_other_and_says_so():
    found = findings()
    found["terms"]["clauses"][0]["zh"] = None
    page = render(found)
    assert page.count('<p lang="en">If the same item') == 2


def test_reasons_add_up_to_the_last_row(page: str):
    total = f"{sum(one['lines'] for one in findings()['not_owed']):,}"
    assert re.search(rf'<tfoot><tr><th scope="row">Together</th><td class="n">{total}</td>', page)


def test_limits_are_told_in_the_order_given_once_each():
    found = findings() | {"limits": ["synthetic", "behaviour", "synthetic", "a_code_of_tomorrow"]}
    text = Reading(render(found)).text("en", "li")
    assert text.index("made by a generator") < text.index("would buy earlier") < text.index("a_code_of_tomorrow")
    assert text.count("made by a generator") == 1


def test_each_currency_has_its_own_part_and_none_is_added_to_another():
    found = findings()
    euros = currency(code="EUR", seed=9) | {"revenue_minor": 1_000_000, "owed_minor": 20_000, "worst_days": []}
    found["currencies"] = [euros, *found["currencies"]]
    reading = Reading(render(found))
    text = reading.text("en")
    assert text.index("$51,118, or 1.12% of sales.") < text.index("in euros: €200.00, or 2.00% of those sales.")
    assert reading.text("en", "h2").index("USD · US dollars") < reading.text("en", "h2").index("EUR · euros")
    assert "另外，欧元部分是€200.00" in reading.text("zh-Hans")
    assert "51,318" not in text


def test_the_headline_goes_by_major_units_whatever_the_digits():
    found = findings()
    yen = currency(code="JPY", exponent=0) | {"revenue_minor": 4_559_731}
    found["currencies"] = [found["currencies"][0], yen]
    assert Reading(render(found)).text("en", "h1").startswith("$") is False
    yen["revenue_minor"] = 4_559_729
    assert "$51,118" in Reading(render(found)).text("en", "h1", "span")


def test_without_any_line_the_report_still_says_what_it_can():
    reading = Reading(render(without_currencies()))
    assert "No answer: no order line could be used." in reading.text("en", "h1")
    assert reading.tags["svg"] == 1
    assert "What would a price guarantee of 30 days have cost you?" in reading.text("en")


def test_when_nothing_is_owed_nothing_is_drawn():
    found = findings()
    money = found["currencies"][0]
    money |= {"owed_minor": 0, "lines_owed": 0, "payouts": 0, "median_minor": None, "p90_minor": None, "held_minor": 0}
    money |= {
        "interval": None,
        "ways": [],
        "categories": [],
        "sizes": [],
        "days": [],
        "worst_days": [],
        "first_drop": [],
    }
    money["sweep"] = [{"days": days, "owed_minor": 0, "lines_owed": 0} for days in (7, 30)]
    found["variants"] = []
    reading = Reading(render(found))
    assert "Nothing. No order line would have earned its buyer a refund." in reading.text("en", "h1")
    assert "Nothing would be owed at any length from 7 to 30 days." in reading.text("en", "p")
    assert reading.tags["figure"] == 0


def test_without_a_sweep_the_report_says_how_to_ask_for_one():
    found = findings()
    found["currencies"][0]["sweep"] = []
    text = Reading(render(found)).text("en", "p")
    assert "Add --window 7..90 to the command" in text


def test_years_are_written_only_when_the_history_spans_several(page: str):
    assert ">3 July<" in page
    found = findings()
    found["currencies"] = [currency(span=400)]
    assert re.search(r">\d+ [A-Z][a-z]+ 2017<", render(found))


@pytest.mark.parametrize(
    ("changed", "path"),
    [({"zone": None}, "zone"), ({"currencies": [{"currency": "USD"}]}, "currencies"), ({"as_of": 3}, "as_of")],
)
def test_findings_that_do_not_fit_are_refused_by_name(changed: dict[str, Any], path: str):
    with pytest.raises(InvariantError, match=path):
        render(findings() | changed)
