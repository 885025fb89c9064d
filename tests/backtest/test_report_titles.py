"""The titles of the report are chosen by what the data say, in both languages."""

import re
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

import houbei.backtest.report as package
from houbei.backtest.report import render
from houbei.backtest.report.words_en import WORDS as ENGLISH
from houbei.backtest.report.words_zh import WORDS as CHINESE
from tests.backtest.made_findings import findings


def headings(found: dict[str, Any]) -> str:
    return "\n".join(re.sub(r"<[^>]+>", "", text) for text in re.findall(r"<h2>(.*?)</h2>", render(found), re.DOTALL))


def with_money(**changed: object) -> dict[str, Any]:
    found = findings()
    found["currencies"][0] |= changed
    return found


def sweep(*points: tuple[int, int], spread: float = 0.01) -> list[dict[str, int]]:
    return [
        {
            "days": days,
            "owed_minor": owed,
            "lines_owed": owed,
            "low_minor": int(owed * (1 - spread)),
            "high_minor": int(owed * (1 + spread)),
        }
        for days, owed in points
    ]


@pytest.mark.parametrize(
    ("points", "english", "chinese"),
    [
        (
            sweep((7, 700), (30, 3000), (60, 6000), (90, 9000)),
            "Each extra month of promise costs about 3%",
            "每延长一个月",
        ),
        (sweep((7, 700), (14, 1400), (21, 2100)), "Each extra week of promise costs about 0.7%", "每延长一周"),
        (sweep((7, 9000), (90, 9300)), "hardly changes: 9.00% to 9.30% of sales", "成本几乎不变"),
        (sweep((7, 9000), (90, 9000)), "From 7 to 90 days the cost stays at 9.00% of sales", "成本始终是成交额的9.00%"),
        (
            sweep((7, 3000), (30, 4000), (90, 5000), spread=0.4),
            "No clear difference between 7 and 90 days",
            "没有明显差别",
        ),
        (
            sweep((7, 3000), (30, 7500), (60, 9000), (90, 10000)),
            "The cost comes early: 30 days cost three quarters",
            "四分之三",
        ),
        (
            sweep((7, 100), (30, 1000), (60, 4000), (90, 9000)),
            "Longer costs more and more: 90 days cost 9.0 times what 30",
            "9.0倍",
        ),
    ],
)
def test_the_sweep_says_how_the_cost_grows(points: list[dict[str, int]], english: str, chinese: str):
    titles = headings(with_money(sweep=points, revenue_minor=100_000, owed_minor=3000))
    assert english in titles
    assert chinese in titles


@pytest.mark.parametrize(
    ("owed", "english", "chinese"),
    [
        (
            (300, 100, 270),
            "One claim would have recovered a third; a daily bot nine tenths",
            "只要一次能拿回三分之一，机器人天天要能拿回九成",
        ),
        (
            (300, 0, 150),
            "One claim would have recovered nothing; a daily bot half",
            "只要一次什么也拿不回，机器人天天要能拿回一半",
        ),
        ((300, 0, 0), "Neither one claim nor a daily bot", "都什么也拿不回"),
        ((300, 300, 300), "However it is asked for, buyers get the same", "买家拿到的一样多"),
        (
            (300, 129, 300),
            "One claim would have recovered 43%; a daily bot all of it",
            "只要一次能拿回43%，机器人天天要能拿回全部",
        ),
        ((300, 200, None), "One claim would have recovered two thirds", "只要一次能拿回三分之二"),
    ],
)
def test_the_ways_of_asking_are_compared(owed: tuple[int, int, int | None], english: str, chinese: str):
    ways = [
        {"way": way, "owed_minor": minor, "lines_owed": minor}
        for way, minor in zip(("every_new_low", "one_claim", "daily_bot"), owed, strict=True)
        if minor is not None
    ]
    titles = headings(with_money(ways=ways))
    assert english in titles
    assert chinese in titles


@pytest.mark.parametrize(
    ("owed", "this", "english", "chinese"),
    [
        (
            (300, 200, 100),
            1,
            "Which price counts decides: from 1.00% to 3.00% of sales; these terms 2.00%",
            "这份是2.00%",
        ),
        (
            (300, 200, 100),
            0,
            "Of 3 terms these cost most; “c” would cost 1.00% of sales instead of 3.00%",
            "3份条款里这份最贵",
        ),
        (
            (300, 200, 100),
            2,
            "Of 3 terms these cost least; “a” would cost 3.00% of sales instead of 1.00%",
            "3份条款里这份最省",
        ),
        ((200, 200, 200), 0, "These terms cost the same: 2.00% of sales", "这几份条款花的一样多"),
        ((300, 200, 100), None, "Depending on the terms, from 1.00% to 3.00% of sales", "条款不同"),
    ],
)
def test_the_terms_are_ranked(owed: tuple[int, ...], this: int | None, english: str, chinese: str):
    variant = findings()["variants"][0]
    variants = [
        variant
        | {
            "label": {"zh": name, "en": name},
            "sha8": name,
            "owed_minor": minor,
            "revenue_minor": 10_000,
            "this": i == this,
        }
        for i, (name, minor) in enumerate(zip("abc", owed, strict=True))
    ]
    titles = headings(findings() | {"variants": variants})
    assert english in titles
    assert chinese in titles


@pytest.mark.parametrize(
    ("costs", "english", "chinese"),
    [
        ({"Tea": 300, "Ink": 200, "Oil": 100}, "Tea would cost most, Oil least", "Tea最贵，Oil最省"),
        ({"Tea": 300, "Ink": 300, "Oil": 100}, "Ink and Tea would cost most, Oil least", "Ink与Tea最贵，Oil最省"),
        (
            {"Tea": 300, "Ink": 300, "Oil": 300, "Nut": 9},
            "3 categories share the highest cost, 3.00%",
            "3个品类并列最贵",
        ),
        (
            {"Tea": 300, "Ink": 290},
            "No category stands out: all lie between 2.90% and 3.00%",
            "都在各自成交额的2.90%到3.00%之间",
        ),
        ({"Tea": 300, "Ink": 300}, "No category stands out: each costs 3.00% of its sales", "各品类一样"),
        ({"Tea": 300}, "There is one category, Tea", "只有一个品类：Tea"),
    ],
)
def test_the_categories_are_ranked(costs: dict[str, int], english: str, chinese: str):
    categories = [
        {"name": name, "revenue_minor": 10_000, "owed_minor": owed, "lines": 10, "lines_owed": 1}
        for name, owed in costs.items()
    ]
    titles = headings(with_money(categories=categories))
    assert english in titles
    assert chinese in titles


@pytest.mark.parametrize(
    ("lines", "english", "chinese"),
    [
        ((1, 9, 1), "Most refunds are between $1.00 and $2.00", "多数退差在US$1.00到US$2.00之间"),
        ((9, 1, 1), "Most refunds are under $1.00", "多数退差不到US$1.00"),
        ((1, 1, 9), "Most refunds are $2.00 or more", "多数退差在US$2.00以上"),
        ((0, 5, 0), "Every refund is between $1.00 and $2.00", "每笔退差都在US$1.00到US$2.00之间"),
        ((4, 4, 2), "Most refunds are under $2.00", "多数退差不到US$2.00"),
    ],
)
def test_the_sizes_say_where_most_refunds_lie(lines: tuple[int, ...], english: str, chinese: str):
    edges = ((0, 100), (100, 200), (200, None))
    sizes = [{"from_minor": low, "to_minor": high, "lines": n} for (low, high), n in zip(edges, lines, strict=True)]
    titles = headings(with_money(sizes=sizes))
    assert english in titles
    assert chinese in titles


@pytest.mark.parametrize(
    ("amounts", "english", "chinese"),
    [
        ([500], "All of it falls on one day, 1 March", "钱全落在3月1日这一天"),
        ([100, 500, 400], "One day, 2 March, carries half of it all", "3月2日这一天就占了一半"),
        (
            [500, 500, 1],
            "No single worst day: 2 days share the highest, $5.00",
            "没有单独最贵的一天：2天并列，各US$5.00",
        ),
        ([90, *[80] * 10, *[1] * 20], "Half of the money goes out on 6 of 31 days", "一半的钱集中在31天中的6天"),
        (
            [101, *[100] * 30],
            "No day stands out: the worst, 1 March, carries 3.26% of it all",
            "最贵的3月1日也只占3.26%",
        ),
    ],
)
def test_the_days_say_how_the_money_is_spread(amounts: list[int], english: str, chinese: str):
    days = [{"date": f"2017-03-{day:02d}", "owed_minor": owed} for day, owed in enumerate(amounts, start=1)]
    titles = headings(with_money(days=days) | {"from": "2017-03-01", "to": "2017-03-31"})
    assert english in titles
    assert chinese in titles


@pytest.mark.parametrize(
    ("drops", "window", "english", "chinese"),
    [
        (
            {1: 5, 30: 5, 31: 10},
            30,
            "30 days would catch half of the first drops within 31 days",
            "30天能挡住31天内首次降价的一半",
        ),
        ({1: 5, 90: 0}, 30, "Every first drop comes within 30 days", "首次降价都在30天之内"),
        ({31: 5, 90: 1}, 30, "No first drop comes within 30 days; the earliest is on day 31", "最早在第31天"),
        ({1: 5, 9: 6, 20: 1}, 30, "Half of the first drops come by day 9", "一半的首次降价到第9天就出现了"),
        ({1: 5, 9: 6, 90: 1}, None, "Half of the first drops come by day 9", "一半的首次降价到第9天就出现了"),
    ],
)
def test_the_first_drops_say_what_the_promise_catches(
    drops: dict[int, int], window: int | None, english: str, chinese: str
):
    first_drop = [{"day": day, "lines": lines} for day, lines in drops.items()]
    titles = headings(with_money(first_drop=first_drop) | {"window_days": window})
    assert english in titles
    assert chinese in titles


@pytest.mark.parametrize(
    ("lines_owed", "odds"),
    [
        (1, "Of every 1,000 order lines, 1 would have earned its buyer a refund."),
        (180, "Of every 100 order lines, 18 would have earned their buyer a refund."),
        (999, "Of every 1,000 order lines, 999 would have earned their buyer a refund."),
        (1000, "Every order line would have earned its buyer a refund."),
    ],
)
def test_the_odds_are_told_on_a_scale_that_fits(lines_owed: int, odds: str):
    assert odds in render(with_money(lines=1000, lines_owed=lines_owed))


@pytest.mark.parametrize(
    ("window", "english", "chinese"),
    [
        ({"window_days": 1, "window_text": "P1D"}, "a price guarantee of 1 day have", "有1天价保"),
        ({"window_days": None, "window_text": "PT720H"}, "a price guarantee of 720 hours have", "有720小时价保"),
        ({"window_days": None, "window_text": "P3M"}, "a price guarantee of 3 months have", "有3个月价保"),
        ({"window_days": None, "window_text": "until sold"}, "What would this price guarantee have", "有这份价保"),
        (
            {"from": "2017-02-18", "to": "2017-06-30"},
            "from 18 February to 30 June 2017?",
            "如果2017年2月18日至6月30日就有",
        ),
        (
            {"from": "2009-12-01", "to": "2011-12-09"},
            "from 1 December 2009 to 9 December 2011?",
            "如果2009年12月1日至2011年12月9日就有",
        ),
        ({"from": "2016-01-01", "to": "2017-12-31"}, "from 2016 to 2017?", "如果2016至2017年就有"),
        ({"from": "2017-02-18", "to": "2017-02-18"}, "on 18 February 2017?", "如果2017年2月18日就有"),
    ],
)
def test_the_question_names_the_promise_and_the_days(window: dict[str, Any], english: str, chinese: str):
    page = render(findings() | window)
    assert english in page
    assert chinese in page


@pytest.mark.parametrize(
    ("reasons", "english"),
    [
        ({"no_price": 9, "held": 1}, "Why nothing was owed: mostly because no price of the item was seen"),
        (
            {"no_price": 4, "held": 3, "capped": 3},
            "Why nothing was owed: most often because no price of the item was seen",
        ),
        ({"no_price": 4, "held": 4}, "Why nothing was owed"),
        ({"a_code_of_tomorrow": 4}, "Why nothing was owed"),
    ],
)
def test_the_commonest_reason_is_named_unless_there_is_a_tie(reasons: dict[str, int], english: str):
    found = findings() | {"not_owed": [{"reason": reason, "lines": lines} for reason, lines in reasons.items()]}
    assert english in headings(found).splitlines()


def fields(word: str | tuple[str, str]) -> set[str]:
    texts = [word] if isinstance(word, str) else word
    return {name for text in texts for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_have_the_same_sentences():
    assert ENGLISH.keys() == CHINESE.keys()


def test_chinese_leaves_out_no_figure_that_english_gives():
    counted = {"n", "lines", "count", "rows", "payouts", "first", "last", "year"}
    missing = {key: fields(ENGLISH[key]) - fields(CHINESE[key]) for key in ENGLISH}
    assert {key: names - counted for key, names in missing.items() if names - counted} == {}


def test_every_sentence_is_said_somewhere():
    folder = Path(package.__file__).parent
    source = "".join(path.read_text() for path in [*folder.glob("[!w]*.py"), *folder.glob("templates/*.html")])
    made_up = re.compile(r"^(part|number|reason|limit|way|same|head|fact|terms|in|ways)_")
    assert [key for key in ENGLISH if f'"{key}"' not in source and not made_up.match(key)] == []


@pytest.mark.parametrize("key", CHINESE)
def test_chinese_is_set_as_chinese(key: str):
    text = CHINESE[key]
    assert isinstance(text, str)
    assert re.search(r"[一-鿿] [A-Za-z0-9{]|[A-Za-z0-9}] [一-鿿]", text) is None
    assert re.search(r"[一-鿿}][,;:!?](?!\d)|[!！您]", text) is None
