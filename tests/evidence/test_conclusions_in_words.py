"""Every conclusion is said in both languages, with the facts that decided it and nothing left open."""

import pytest
from hypothesis import given

from houbei.evidence.conclusions import Conclusion
from houbei.evidence.cover_facts import Closing
from houbei.evidence.wording import SENTENCES, conclude, moment_text
from tests.evidence.judged import judge, judge_history
from tests.oracle.histories import line, price, term
from tests.oracle.strategies import History, histories

DROP = price("4599.00", "11-06", seller="market")


def test_both_languages_have_every_sentence() -> None:
    assert SENTENCES["zh"].keys() == SENTENCES["en"].keys()
    conclusions = {name.partition(",")[0] for name in SENTENCES["en"]}
    assert conclusions | {"outside_window"} == {kind.name.lower() for kind in Conclusion} - {"no_line"}


@given(history=histories())
def test_every_trail_can_be_said(history: History) -> None:
    judged = judge_history(history)
    for line_id in judged.places:
        for language in ("zh", "en"):
            text = conclude(judged.trail(line_id), language)
            assert not set("{}") & set(text)
            assert "  " not in text


@pytest.mark.parametrize(
    ("fields", "opens", "text"),
    [
        ({"delivered_at": None}, {"at": "delivered"}, "opens with “delivered”, and that has not happened"),
        (
            {},
            {"at": "delivered", "plus": "P90D"},
            "opens at 2027-02-02 00:00, after all that is known, 2026-12-31 00:00",
        ),
        ({"seller": "self"}, {"at": "paid"}, "was not open to this buyer. Its seller is market, the line’s self."),
        ({"seller": None}, {"at": "paid"}, "was not open to this buyer. Its seller is market, the line’s none."),
        (
            {"seller": "market", "delivered_at": "2026-11-10"},
            {"at": "delivered", "plus": "P1D"},
            "CNY 4,599.00 took effect at 2026-11-06 00:00, before the protection opened at 2026-11-12 00:00.",
        ),
    ],
)
def test_the_sentence_names_the_fact(fields: dict[str, str | None], opens: dict[str, str], text: str) -> None:
    over = {**DROP, "until": "2026-11-08T00:00+08:00"}
    found = judge([line("4999.00", **fields)], [over], term(opens=opens), as_of="2026-12-31")
    assert text in conclude(found.trail(), "en")


@pytest.mark.parametrize(
    ("fields", "as_of", "closing"),
    [
        ({}, "2026-12-31", Closing.WINDOW),
        ({}, "2026-12-01", Closing.STILL_OPEN),
        ({"delivered_at": None}, "2026-12-31", Closing.STILL_OPEN),
        ({"returned_at": "2026-11-20"}, "2026-12-31", Closing.RETURNED),
        ({"cancelled_at": "2026-11-20"}, "2026-12-31", Closing.CANCELLED),
        ({"cancelled_at": "2026-11-01T12:00:00+08:00"}, "2026-12-31", Closing.NEVER_OPENED),
        ({"shipped_at": "2026-11-20"}, "2026-12-31", Closing.GAP),
    ],
)
def test_a_cover_says_what_closed_it(fields: dict[str, str | None], as_of: str, closing: Closing) -> None:
    gap = {"from": {"at": "shipped"}, "until": {"at": "installed"}}
    found = judge([line("4999.00", **fields)], [DROP], term(window={"gaps": [gap]}), as_of=as_of)
    assert [cover.closing for cover in found.trail().covers] == [closing]


def test_a_moment_is_told_as_finely_as_it_is_known() -> None:
    told = [moment_text(us, "Asia/Shanghai") for us in (0, 1_000_000, 1)]
    assert told == ["1970-01-01 08:00", "1970-01-01 08:00:01", "1970-01-01 08:00:00.000001"]
