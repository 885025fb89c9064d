"""Figures of the report are exact text: rounded once, by rules that a reader can check."""

from fractions import Fraction

import pytest

from houbei.backtest.report.amounts import (
    Denomination,
    Scale,
    decimal_text,
    per_cent,
    scaled_text,
    significant,
    trimmed_text,
    whole_per_cent,
)
from houbei.backtest.report.tongue import tongues

ENGLISH, CHINESE = tongues(frozenset({"CNY", "USD"}), with_years=False)
USD, CNY, JPY, KWD = (Denomination(code, digits) for code, digits in (("USD", 2), ("CNY", 2), ("JPY", 0), ("KWD", 3)))


@pytest.mark.parametrize(
    ("amount", "digits", "text"),
    [
        (Fraction(12345, 10), 2, "1,234.50"),
        (Fraction(1, 200), 2, "0.01"),
        (Fraction(49, 10000), 2, "0.00"),
        (Fraction(-5), 0, "−5"),
        (Fraction(10**18 + 1, 100), 2, "10,000,000,000,000,000.01"),
        (Fraction(1999, 1000), 2, "2.00"),
    ],
)
def test_decimals_are_rounded_half_up_once(amount: Fraction, digits: int, text: str):
    assert decimal_text(amount, digits) == text


@pytest.mark.parametrize(("amount", "text"), [(Fraction(3, 2), "1.5"), (Fraction(2), "2"), (Fraction(100), "100")])
def test_idle_zeros_are_trimmed_but_no_others(amount: Fraction, text: str):
    assert trimmed_text(amount, 4) == text


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (0, 9, "0%"),
        (9, 9, "100%"),
        (1, 100_000, "<0.01%"),
        (119, 10_000, "1.19%"),
        (1, 3, "33.3%"),
        (99_999, 100_000, ">99.9%"),
        (20, 9, "222.2%"),
    ],
)
def test_a_percentage_is_never_rounded_to_nothing_or_to_all(part: int, whole: int, text: str):
    assert per_cent(part, whole) == text


@pytest.mark.parametrize(("part", "text"), [(0, "0%"), (1, "<1%"), (500, "50%"), (999, ">99%"), (1000, "100%")])
def test_a_whole_percentage_keeps_the_same_promise(part: int, text: str):
    assert whole_per_cent(part, 1000) == text


@pytest.mark.parametrize(
    ("amount", "text"), [(999, None), (1000, "1.00k"), (41_250, "41.3k"), (999_700, "1.00m"), (2_410_000, "2.41m")]
)
def test_large_amounts_keep_three_figures(amount: int, text: str | None):
    scales = (Scale(10**6, "m"), Scale(10**3, "k"))
    assert scaled_text(Fraction(amount), scales) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [(Fraction(113, 100), "1.1"), (Fraction(372, 10000), "0.037"), (Fraction(246, 10), "25"), (Fraction(1), "1")],
)
def test_a_growth_is_told_in_two_figures(amount: Fraction, text: str):
    assert significant(amount) == text


def test_money_is_written_as_each_language_does():
    assert ENGLISH.money(123456, USD) == "$1,234.56"
    assert CHINESE.money(123456, USD) == "US$1,234.56"
    assert ENGLISH.money(123456, CNY) == CHINESE.money(123456, CNY) == "¥1,234.56"
    assert ENGLISH.money(123456, JPY) == "¥123,456"
    assert ENGLISH.money(1234, KWD) == "KWD\N{NO-BREAK SPACE}1.234"


def test_beside_yen_yuan_keep_their_own_sign():
    beside_yen, _ = tongues(frozenset({"CNY", "JPY"}), with_years=False)
    assert beside_yen.money(100, CNY) == "CN¥1.00"
    assert beside_yen.money(100, JPY) == "¥100"


def test_a_drawing_shortens_only_what_is_long():
    assert ENGLISH.short(5_111_848, USD) == "$51,118"
    assert ENGLISH.short(241_000_000, USD) == "$2.41m"
    assert CHINESE.short(241_000_000, CNY) == "¥241万"


def test_dates_carry_years_only_where_asked():
    with_years, _ = tongues(frozenset(), with_years=True)
    assert ENGLISH.date("2017-02-18") == "18 February"
    assert with_years.date("2017-02-18") == "18 February 2017"
    assert CHINESE.date("2017-02-18") == "2月18日"
    assert CHINESE.full_date("2017-02-18") == "2017年2月18日"


def test_a_moment_is_told_by_the_clock_of_the_shop():
    assert ENGLISH.moment("2018-01-01T02:30:00Z", "America/New_York") == "31 December 2017, 21:30"
    assert CHINESE.moment("2018-01-01T02:30:00Z", "Asia/Shanghai") == "2018年1月1日 10:30"


@pytest.mark.parametrize(
    ("part", "english", "chinese"),
    [
        (333, "a third", "三分之一"),
        (900, "nine tenths", "九成"),
        (510, "half", "一半"),
        (440, "44%", "44%"),
        (999, ">99%", ">99%"),
        (1000, "all of it", "全部"),
    ],
)
def test_a_share_near_a_simple_part_takes_its_word(part: int, english: str, chinese: str):
    assert (ENGLISH.part(part, 1000), CHINESE.part(part, 1000)) == (english, chinese)
