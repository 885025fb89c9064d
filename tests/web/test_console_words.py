"""The words of the console: both languages say everything, in the same keys, with the same values; and nothing that nobody says."""

import re
from pathlib import Path
from string import Formatter

import pytest

from houbei.evidence.conclusions import Conclusion
from houbei.ledger.accounts import Account, Nature
from houbei.ledger.entries import Code
from houbei.web import words_en, words_zh

WEB = Path(words_en.__file__).parent
TEXT = "\n".join(
    path.read_text(encoding="utf-8")
    for path in sorted(WEB.rglob("*"))
    if path.suffix in {".py", ".html"} and not path.name.startswith("words_")
)
MADE = ("number_", "weekday_", "account_", "nature_", "code_", "codes_", "why_", "need_", "parked_", "fact_at_", "nav_")
"""Beginnings of keys that are put together from data."""
MADE += ("zone_", "filter_", "empty_", "unpromised_", "lost_", "fault_", "storage_", "big_")


SPACED = ("weekday_", "big_", "source_clause", "fault_body", "storage_body")
"""Chinese that has spaces on purpose: between parts of a heading, before a reference."""


def words_of(word: str | tuple[str, str]) -> tuple[str, ...]:
    return word if isinstance(word, tuple) else (word,)


def fields(word: str | tuple[str, str]) -> set[str]:
    return {name for one in words_of(word) for _, name, _, _ in Formatter().parse(one) if name}


def test_both_languages_have_the_same_keys():
    assert words_en.WORDS.keys() == words_zh.WORDS.keys()


@pytest.mark.parametrize("key", words_en.WORDS)
def test_a_sentence_needs_the_same_values_in_both_languages(key: str):
    needed, other = fields(words_en.WORDS[key]) - {"n", "number"}, fields(words_zh.WORDS[key]) - {"n", "number"}
    assert other <= needed or needed <= other


def test_every_key_that_a_page_names_has_words():
    named = set(re.findall(r"say\(\s*\"(\w+)\"(?! ~)", TEXT))
    assert named - words_en.WORDS.keys() == set()


def test_no_words_are_kept_that_no_page_says():
    unsaid = [key for key in words_en.WORDS if not key.startswith(MADE) and f'"{key}"' not in TEXT]
    assert unsaid == []


def test_everything_that_the_books_can_hold_has_a_name():
    keys = {f"account_{name}" for name in Account} | {f"nature_{name}" for name in Nature}
    keys |= {f"{kind}_{code}" for kind in ("code", "codes") for code in Code}
    decided = {Conclusion.NO_LINE, Conclusion.PAID_NO_MORE, Conclusion.OWED}
    keys |= {f"why_{name.name.lower()}" for name in Conclusion if name not in decided}
    assert keys - words_en.WORDS.keys() == set()


@pytest.mark.parametrize("key", words_zh.WORDS)
def test_chinese_has_no_typed_spaces_beside_characters_and_no_exclamation(key: str):
    for word in words_of(words_zh.WORDS[key]):
        spaced = re.search(r"[一-鿿] [A-Za-z0-9{]|[A-Za-z0-9}] [一-鿿]", word)
        assert not spaced or key.startswith(SPACED)
        assert "！" not in word
        assert "您" not in word


@pytest.mark.parametrize("key", words_en.WORDS)
def test_english_keeps_to_the_house_words(key: str):
    for word in words_of(words_en.WORDS[key]):
        assert "!" not in word
        assert not re.search(r"\b(please|valid|invalid|success)\b", word, re.IGNORECASE)
