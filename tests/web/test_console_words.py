"""The words of the console: both languages say everything, in the same keys, with the same values; and nothing that nobody says."""

import re
from pathlib import Path
from string import Formatter

import pytest

from houbei.case.moves import Move
from houbei.case.stages import Case, Need, Remedy, Rules, Stage, Verdict
from houbei.delivery.watching import Risk, Who, Why
from houbei.evidence.conclusions import Conclusion
from houbei.facts.scans import TELLERS, WHATS
from houbei.facts.steps import SHAPES, Teller, What
from houbei.ledger.accounts import Account, Nature
from houbei.ledger.entries import Code
from houbei.ledger.swaps import ACCOUNTS_OF, code_of
from houbei.store.console_delivery_lists import OF_DELIVERY, PARTS
from houbei.web import speech
from houbei.web.case_asks import Asked, asks_of
from houbei.web.case_told import KINDS, SILENT, SPECIAL
from houbei.web.cases import FILTERS
from houbei.web.deliveries import VERDICTS
from houbei.web.delivery_asks import ASKED
from houbei.web.frame import OF
from houbei.web.ledger import CODES
from houbei.web.speech import CHINESE, ENGLISH

WEB = Path(speech.__file__).parent
TEXT = "\n".join(
    path.read_text(encoding="utf-8")
    for path in sorted(WEB.rglob("*"))
    if path.suffix in {".py", ".html"} and not path.name.startswith("words_")
)
MADE = ("number_", "weekday_", "account_", "nature_", "code_", "codes_", "why_", "need_", "parked_", "fact_at_", "nav_")
"""Beginnings of keys that are put together from data."""
MADE += ("step_", "told_", "timed_out_", "ask_", "advice_", "outcome_", "turn_", "stage_", "teller_", "role_", "money_")
MADE += ("verdict_", "answer_", "choice_", "channel_", "evidence_", "cases_", "case_exhibit_", "length_", "entries_of_")
MADE += ("scan_", "stands_", "risk_", "told_by_", "delivery_conclusion_", "deliveries_", "narrow_")
MADE += ("zone_", "filter_", "empty_", "unpromised_", "lost_", "fault_", "storage_", "big_")


SPACED = ("weekday_", "big_", "source_clause", "fault_body", "storage_body")
"""Chinese that has spaces on purpose: between parts of a heading, before a reference."""


def words_of(word: str | tuple[str, str]) -> tuple[str, ...]:
    return word if isinstance(word, tuple) else (word,)


def fields(word: str | tuple[str, str]) -> set[str]:
    return {name for one in words_of(word) for _, name, _, _ in Formatter().parse(one) if name}


def test_both_languages_have_the_same_keys():
    assert ENGLISH.keys() == CHINESE.keys()


@pytest.mark.parametrize("key", ENGLISH)
def test_a_sentence_needs_the_same_values_in_both_languages(key: str):
    needed, other = fields(ENGLISH[key]) - {"n", "number"}, fields(CHINESE[key]) - {"n", "number"}
    assert other <= needed or needed <= other


def test_every_key_that_a_page_names_has_words():
    named = set(re.findall(r"say\(\s*\"(\w+)\"(?! ~)", TEXT))
    assert named - ENGLISH.keys() == set()


def test_no_words_are_kept_that_no_page_says():
    unsaid = [key for key in ENGLISH if not key.startswith(MADE) and f'"{key}"' not in TEXT]
    assert unsaid == []


def test_no_two_files_of_words_have_the_same_key():
    modules = (speech.words_en, speech.words_en_cases, speech.words_en_steps, speech.words_en_deliveries)
    files = [module.WORDS for module in modules]
    assert sum(map(len, files)) == len(ENGLISH)


def test_everything_that_the_books_can_hold_has_a_name():
    keys = {f"account_{name}" for name in Account} | {f"nature_{name}" for name in Nature}
    assert {*Code, *map(code_of, Move)} == CODES
    keys |= {f"{kind}_{code}" for kind in ("code", "codes") for code in CODES}
    keys |= {f"entries_of_{sort}" for sort in OF}
    cost = Account.REPLACEMENT_GUARANTEE
    keys |= {f"money_{move}" for move, sides in ACCOUNTS_OF.items() if cost in sides and code_of(move) != Code.OWED}
    decided = {Conclusion.NO_LINE, Conclusion.PAID_NO_MORE, Conclusion.OWED}
    keys |= {f"why_{name.name.lower()}" for name in Conclusion if name not in decided}
    assert keys - ENGLISH.keys() == set()


def test_everything_that_can_happen_in_a_case_has_words():
    keys = {f"step_{what}" for what in What} | {f"teller_{teller}" for teller in Teller if teller is not Teller.HOUBEI}
    keys |= {f"{kind}_{stage}" for kind in ("stage", "turn") for stage in Stage}
    keys |= {f"verdict_{verdict}" for verdict in Verdict} | {f"case_exhibit_{kind}" for kind in KINDS}
    keys |= {f"answer_{remedy}" for remedy in Remedy if remedy is not Remedy.NONE} | {"answer_no"}
    keys |= {f"ask_reverse_{verdict}" for verdict in Verdict if verdict is not Verdict.CONFIRMED}
    keys |= {f"cases_{name}" for name in FILTERS} | {f"cases_word_{name}" for name in FILTERS}
    told = {name for shape in SHAPES.values() for name in (*shape.must, *shape.may)}
    keys |= {f"told_{name}" for name in told - SILENT - SPECIAL.keys()}
    assert keys - ENGLISH.keys() == set()


def test_everything_that_can_be_said_of_a_delivery_has_words():
    keys = {f"scan_{what}" for what in WHATS} | {f"told_by_{teller}" for teller in TELLERS}
    keys |= {f"stands_{verdict}" for verdict in VERDICTS} | {f"delivery_conclusion_{verdict}" for verdict in VERDICTS}
    keys |= {f"deliveries_{part}" for part in PARTS}
    at_risk = {Risk.MAY_BE_LATE, Risk.WILL_BE_LATE}
    keys |= {f"risk_{risk.name.lower()}" for risk in at_risk} | {f"risk_why_{why.name.lower()}" for why in Why}
    keys |= {f"{kind}_{who.name.lower()}" for kind in ("risk_acts", "ask_at_risk", "advice_at_risk") for who in Who}
    keys |= {f"{kind}_{name}" for kind in ("ask", "advice") for name in ASKED}
    assert set(ASKED) == set(OF_DELIVERY)
    assert keys - ENGLISH.keys() == set()


def test_whatever_a_case_asks_has_a_question_and_advice():
    asked = [
        one
        for stage in Stage
        for needs in [(), *((need,) for need in Need)]
        for one in asks_of(Case(stage=stage, needs=needs), Rules())
    ]
    assert {type(one) for one in asked} == {Asked}
    names = {one.name for one in asked}
    assert len(names) > len(Need)
    keys = {f"ask_{name}" for name in names - {"reverse"}} | {f"advice_{name}" for name in names - {"reverse"}}
    assert keys - ENGLISH.keys() == set()


@pytest.mark.parametrize("key", CHINESE)
def test_chinese_has_no_typed_spaces_beside_characters_and_no_exclamation(key: str):
    for word in words_of(CHINESE[key]):
        spaced = re.search(r"[一-鿿] [A-Za-z0-9{]|[A-Za-z0-9}] [一-鿿]", word)
        assert not spaced or key.startswith(SPACED)
        assert "！" not in word
        assert "您" not in word


@pytest.mark.parametrize("key", ENGLISH)
def test_english_keeps_to_the_house_words(key: str):
    for word in words_of(ENGLISH[key]):
        assert "!" not in word
        assert not re.search(r"\b(please|valid|invalid|success)\b", word, re.IGNORECASE)
