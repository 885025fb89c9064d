"""What clerks and buyers read: complete in both languages, every figure in it, and no blame in any word."""

import re
from collections.abc import Iterator
from dataclasses import fields, replace

import pytest

from houbei.case.conflict_words import CONFLICTS, say_conflict
from houbei.case.lineage import Standing
from houbei.case.observed import Count, Observed
from houbei.case.scorecard import Signal, shipped_scorecard
from houbei.case.signal_words import ASIDES, CONCLUSIONS, SENTENCES, explain
from houbei.case.signals import Aside, Outcome, score
from houbei.case.units import Conflict, Contradiction, Ending, Left, Sale, Swap

BLAME = re.compile(
    r"欺诈|诈|骗|恶意|可疑|嫌疑|怀疑|异常|黑名单|风险|造假|假冒|调包|套利|薅|滥用|警告|拒绝|处罚|责任|偷|盗"
    r"|fraud|abus|suspect|suspicio|risk|malicious|cheat|liar|lying|fake|blacklist|scam|theft|stolen|steal|swindl|guilt|blame"
    r"|violat|penal|punish|refus|reject|dishonest",
    re.IGNORECASE,
)


def texts(language: str) -> Iterator[str]:
    yield from SENTENCES[language].values()
    yield from ASIDES[language].values()
    yield from CONCLUSIONS[language].values()
    yield from CONFLICTS[language].values()


def names(text: str) -> set[str]:
    return set(re.findall(r"{(\w+)}", text))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_everything_is_said_in_both_languages(language: str):
    assert set(SENTENCES[language]) == set(Signal)
    assert set(ASIDES[language]) == set(Aside)
    assert set(CONCLUSIONS[language]) == set(Outcome)
    assert set(CONFLICTS[language]) == set(Conflict)
    assert all(texts(language))


def test_both_languages_name_the_same_figures():
    for signal in Signal:
        assert names(SENTENCES["zh"][signal]) == names(SENTENCES["en"][signal]), signal
    for outcome in Outcome:
        assert names(CONCLUSIONS["zh"][outcome]) == names(CONCLUSIONS["en"][outcome])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_word_blames_anybody(language: str):
    assert [text for text in texts(language) if BLAME.search(text)] == []


def test_the_words_are_those_of_the_house():
    for text in texts("zh"):
        assert not re.search(r"[\u4e00-\u9fff] +[0-9A-Za-z{]|[0-9A-Za-z}] +[\u4e00-\u9fff]", text), text
        assert not re.search("您|亲|！|请问|用户", text), text
        assert re.search(r"[\u4e00-\u9fff]", text)
    for text in texts("en"):
        assert not re.search(r"[Pp]lease|!|[\u4e00-\u9fff]|\bvalid|sorry", text), text


def test_facts_are_named_without_blame_too():
    assert [field.name for field in fields(Observed) if BLAME.search(field.name)] == []


EVERYTHING = Observed(
    case_id="R1",
    buyer="b-7",
    address="h1",
    serial="SJW10-7K2041",
    standing=Standing.UNKNOWN,
    unit_reports=3,
    unit_confirmed=1,
    of_buyer=Count(units=12, reported=5, confirmed=2),
    at_address=Count(units=14, reported=6, confirmed=2),
    of_shop=Count(units=100_000, reported=2_000, confirmed=1_500),
    units_by_reports=(9, 99_999, 1),
    buyers_by_reports=(90_000, 1_990, 5, 5),
    addresses_by_reports=(9, 99_999, 1),
    window_us=180 * 86_400_000_000,
    left_us=30 * 3_600_000_000,
    inspected_serial_fits=False,
    parts_checked=4,
    parts_other=1,
    photo_taken=False,
    box_g=1_250,
    box_expected_g=72_400,
    batch_warned=True,
)


def test_every_sentence_has_its_figures():
    for standing in (Standing.UNKNOWN, Standing.ELSEWHERE, Standing.LEFT, Standing.REPLACED, Standing.ONE_OFF):
        found = score(
            replace(EVERYTHING, standing=standing),
            scorecard=shipped_scorecard(),
        )
        assert len(found.parts) == len(Signal) - 4
        for language in ("zh", "en"):
            for text, _ in explain(found, language).facts:
                assert "{" not in text
                assert "?" not in text


def test_a_look_is_told_as_conclusion_facts_and_sum():
    facts = Observed(case_id="R1", buyer="b-7", parts_other=1, parts_checked=4, photo_taken=False, batch_warned=True)
    told = explain(score(facts, scorecard=shipped_scorecard(), look_at=15), "zh")
    assert told.conclusion == "请人看一下：合计15分，到15分就请人看。分数不作决定，看的人作决定。"
    assert told.facts == (
        ("检测核对了4个带编号的部件，其中1个和记录不一样。可能是以前修过，也可能是出厂记录有误。", 30),
        ("上门时没有留下照片，所以有些事核对不了。拍照是我们的事，不是买家的事。", 5),
        ("这一批机器的故障比别的批次多，已经提醒过。买家说的，多半就是这个。", -20),
    )
    assert told.sum == "30 + 5 − 20 = 15"


def test_a_sum_below_nothing_and_a_sum_of_nothing_are_written_out():
    bad_batch = score(Observed(case_id="R1", buyer="b-7", batch_warned=True), scorecard=shipped_scorecard())
    assert explain(bad_batch, "en").sum == "−20 = −20"
    assert explain(bad_batch, "en").conclusion == "Go on as usual: −20 points, fewer than 40."
    nothing = score(Observed(case_id="R1", buyer="b-7"), scorecard=shipped_scorecard())
    assert explain(nothing, "en").sum == "0 = 0"


def test_a_contradiction_names_both_facts():
    sale = Sale(serial="B", line_id="L2", unit=1, at_us=0)
    swap = Swap(old="A", new="B", at_us=5, case_id="R1", source="courier", step_id="7", promise="swap-180")
    found = Contradiction(conflict=Conflict.SOLD_ALREADY, aside=swap, stands=sale)
    zh, en = say_conflict(found, "zh"), say_conflict(found, "en")
    assert zh == "换出的新机已经卖给一笔订单。先记为准：订单L2第1件：B。暂不采用：换新R1（courier 7）：A → B。"
    assert en == (
        "The replacement had been sold to an order. The first stands: order line L2, piece 1: B."
        " Set aside: swap R1 (courier 7): A → B."
    )


def test_a_fact_that_contradicts_itself_is_named_once():
    left = Left(serial="A", at_us=0, ending=Ending.WRITTEN_OFF)
    alone = Swap(old="A", new="A", at_us=5, case_id="R1", source="courier", step_id="7", promise="swap-180")
    assert say_conflict(Contradiction(conflict=Conflict.CYCLE, aside=alone, stands=alone), "en").count("A → A") == 1
    assert "报废" in say_conflict(Contradiction(conflict=Conflict.WRITTEN_OFF, aside=alone, stands=left), "zh")
