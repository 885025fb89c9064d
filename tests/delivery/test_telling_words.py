"""What buyers are told, word for word, in both languages; and nothing that is not known."""

from datetime import datetime
from string import Formatter
from typing import Any

import pytest

from houbei.delivery.risk_words import ACTS, RISKS, WHYS
from houbei.delivery.telling import Telling
from houbei.delivery.telling_words import CANNOT, DONE, LANGUAGES, SENTENCES, Paid, Sum, Told, say_telling, sums_of
from houbei.delivery.watching import Risk, Who, Why
from houbei.terms.delivery import Reaches

HOUR_US = 3_600_000_000
FIFTY = 50_00


def us(at: str) -> int:
    return int(datetime.fromisoformat(f"{at}+08:00").timestamp()) * 1_000_000


def say(kind: Telling, by: str, now: str, *, minor: int = FIFTY, points: int = 0, **more: Any) -> tuple[str, str]:
    told = Told(
        **{
            "kind": kind,
            "reaches": Reaches.DELIVERED,
            "by_us": us(by),
            "now_us": us(now),
            "zone": "Asia/Shanghai",
            **more,
        }
    )
    sums = (
        sums_of(minor, "CNY", points, language, paid=Paid.BACK, money=lambda amount, _: f"¥{amount // 100}.00")
        for language in LANGUAGES
    )
    zh, en = (say_telling(told, one, language) for one, language in zip(sums, LANGUAGES, strict=True))
    return zh, en


EVE, EVENING = "2026-02-17T00:00", "2026-02-16T18:00"


@pytest.mark.parametrize(
    ("told", "zh", "en"),
    [
        (
            say(Telling.AT_RISK, EVE, EVENING, latest_us=us("2026-02-17T09:30")),
            "今晚可能送不到，最迟明早09:30。迟到赔你¥50.00，不用申请。",
            "It may not arrive tonight. Latest 09:30 tomorrow. If late we pay you ¥50.00, unasked.",
        ),
        (
            say(Telling.AT_RISK, EVE, EVENING, latest_us=us("2026-02-19T00:00"), likely=True),
            "今晚多半送不到了，最迟2月18日。迟到赔你¥50.00，不用申请。",
            "It most likely will not arrive tonight. Latest 18 February. If late we pay you ¥50.00, unasked.",
        ),
        (
            say(Telling.AT_RISK, "2026-02-16T15:00", "2026-02-16T11:00", points=1000, reaches=Reaches.INSTALLED),
            "今天15:00前可能装不好。迟到赔你¥50.00和1,000积分，不用申请。",
            "It may not be installed by 15:00 today. If late we pay you ¥50.00 and 1,000 points, unasked.",
        ),
        (
            # Told a day ahead it may be heard on either day: the day has its date.
            say(Telling.AT_RISK, "2026-02-18T00:00", EVENING, likely=True, reaches=Reaches.HANDED_OVER),
            "2月17日多半发不出了。迟到赔你¥50.00，不用申请。",
            "It most likely will not be sent by 17 February. If late we pay you ¥50.00, unasked.",
        ),
        (
            say(Telling.AT_RISK, "2026-02-20T15:00", EVENING, over_us=16 * HOUR_US),
            "2月20日 15:00前可能送不到。晚了超过16小时就赔你¥50.00，不用申请。",
            "It may not arrive by 15:00 on 20 February. If it is more than 16 hours late we pay you ¥50.00, unasked.",
        ),
        (
            say(Telling.AT_RISK, EVE, EVENING, over_us=HOUR_US // 2),
            "今晚可能送不到。晚了超过30分钟就赔你¥50.00，不用申请。",
            "It may not arrive tonight. If it is more than 30 minutes late we pay you ¥50.00, unasked.",
        ),
        (say(Telling.AT_RISK, EVE, EVENING, minor=0), "今晚可能送不到。", "It may not arrive tonight."),
        (
            say(Telling.LATE, EVE, "2026-02-17T08:00"),
            "没能在2月16日送到。赔你¥50.00，不用申请，付好了再告诉你。",
            "It did not arrive by 16 February. We pay you ¥50.00, unasked, and tell you once it is paid.",
        ),
        (
            say(Telling.LATE, "2026-02-16T15:00", "2026-02-16T15:00", unseen=True, minor=0),
            "我们没有看到它在2月16日 15:00送到。",
            "We have not seen it arrive by 15:00 on 16 February.",
        ),
        (
            say(Telling.PAID, EVE, "2026-02-17T08:00", points=1000),
            "这次没能按时送到，¥50.00已原路退回，1,000积分已记入你的账户。你什么都不用做。",
            "It did not arrive on time, so ¥50.00 went back the way you paid, and 1,000 points went to your account. There is nothing you need to do.",
        ),
        (
            say(
                Telling.NEW_DATE,
                EVE,
                EVENING,
                latest_us=us("2026-02-19T00:00"),
                because=("冰雪封路", "roads closed by snow or ice"),
            ),
            "原定2月16日送到，改到2月18日，因为冰雪封路。",
            "It was to arrive by 16 February; it is now by 18 February, because of this: roads closed by snow or ice.",
        ),
    ],
)
def test_a_buyer_reads(told: tuple[str, str], zh: str, en: str) -> None:
    assert told == (zh, en)


def test_what_became_store_credit_is_not_said_to_have_gone_back() -> None:
    told = Told(kind=Telling.PAID, reaches=Reaches.DELIVERED, by_us=0, now_us=0, zone="UTC")
    assert (
        say_telling(told, [Sum(text="¥50.00", paid=Paid.CREDIT)], "zh")
        == "这次没能按时送到，¥50.00已记入店铺余额。你什么都不用做。"
    )


def test_both_languages_have_every_sentence_with_the_same_facts() -> None:
    zh, en = (SENTENCES[language] for language in LANGUAGES)
    assert zh.keys() == en.keys()
    for table in (CANNOT, DONE):
        assert [set(table[language]) for language in LANGUAGES] == [set(Reaches), set(Reaches)]
    for words, names in ((WHYS, Why), (RISKS, Risk), (ACTS, Who)):
        assert set(words) == {one.name.lower() for one in names}
        for pair in words.values():
            first, second = ({field for _, field, _, _ in Formatter().parse(text) if field} for text in pair)
            assert first == second
