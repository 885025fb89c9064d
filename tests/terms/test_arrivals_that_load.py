"""Delivery promises that are read, and those that are refused with what to do."""

from fractions import Fraction

import pytest

from houbei.errors import TermsError
from houbei.examples.check import check_examples
from houbei.terms.delivery import CutOff, Effect, Form, Made, Of, Pay, Per, Reaches, Tier
from houbei.terms.document import parse_terms
from houbei.terms.model import Kind

GOOD = """
term: sample-arrival
kind: delivery_promise
zone: Asia/Shanghai
promise: {made: shown, reaches: delivered, clause: A-1, slot_clause: A-2}
per: parcel
breach:
  - {pay: [{slot_fee: true}, {points: 1000}], clause: A-3}
  - {over: PT16H, pay: 5.00, clause: A-3}
  - {over: PT72H, pay: [{percent: 30, of: lines, floor: 5.00, cap: 500.00, as: points}], clause: A-3}
excused:
  - {code: snow, text: {en: Snow}, effect: extends, clause: A-4}
remedy: {pay: {form: original_tenders}, points: {per_major: 100}, clause: A-3}
clauses:
  - {id: A-1, text: {en: One}}
  - {id: A-2, text: {en: Two}}
  - {id: A-3, text: {en: Three}}
  - {id: A-4, text: {en: Four}}
examples:
  - name: late
    given: {paid: 100.00, shown: 2026-11-01T10:00+08:00, promised_by: 2026-11-03, slot_fee: 9.00}
    when: [{scan: delivered, at: 2026-11-04T00:00+08:00}]
    then: [{pay: 9.00, clause: A-3}, {points: 1000}]
"""
HOUR_US = 3_600_000_000


def refusal(text: str) -> TermsError:
    with pytest.raises(TermsError) as caught:
        parse_terms(text, where="sample.yaml")
    return caught.value


def test_a_document_is_read_as_it_is_written():
    terms = parse_terms(GOOD, where="sample.yaml")
    arrival = terms.arrival
    assert terms.kind is Kind.DELIVERY_PROMISE
    assert terms.replacement is None
    assert arrival is not None
    assert (arrival.made, arrival.reaches, arrival.per) == (Made.SHOWN, Reaches.DELIVERED, Per.PARCEL)
    assert (arrival.promise_clause, arrival.slot_clause, arrival.dispute_clause) == ("A-1", "A-2", "A-1")
    share = Pay(of=Of.LINES, form=Form.POINTS, part=Fraction(3, 10), floor="5.00", cap="500.00")
    assert arrival.tiers == (
        Tier(
            over_us=0,
            pays=(Pay(of=Of.SLOT_FEE), Pay(of=Of.FIXED, form=Form.POINTS, amount="1000")),
            clause="A-3",
        ),
        Tier(over_us=16 * HOUR_US, pays=(Pay(of=Of.FIXED, amount="5.00"),), clause="A-3"),
        Tier(over_us=72 * HOUR_US, pays=(share,), clause="A-3"),
    )
    (snow,) = arrival.excuses
    assert (snow.code, snow.zh, snow.effect, snow.evidence, snow.clause) == (
        "snow",
        "Snow",
        Effect.EXTENDS,
        True,
        "A-4",
    )
    assert arrival.points_per_major == 100
    assert check_examples(terms, where="sample.yaml") == []


def test_a_length_or_cut_offs_say_how_the_promise_is_made():
    within = parse_terms(GOOD.replace("made: shown", "within: PT48H, after: [paid]"), where="w").arrival
    assert within is not None
    assert within.within is not None
    assert (within.made, within.within.exact_us, within.after) == (Made.WITHIN, 48 * HOUR_US, ("paid",))
    rows = "cut_offs: [{before: '11:00', arrives: {days: 0}}, {before: '23:00:30', arrives: {days: 1, by: '15:00'}}]"
    by_clock = parse_terms(GOOD.replace("made: shown", rows), where="c").arrival
    assert by_clock is not None
    assert by_clock.cut_offs == (
        CutOff(before_us=11 * HOUR_US, days=0, by_us=24 * HOUR_US),
        CutOff(before_us=23 * HOUR_US + 30_000_000, days=1, by_us=15 * HOUR_US),
    )


@pytest.mark.parametrize(
    ("before", "after", "where", "told"),
    [
        ("over: PT72H", "over: PT16H", "line 10, breach[3].over", "lengths that ascend"),
        ("over: PT16H", "over: P1D", "breach[2].over", "a day is PT24H"),
        ("{per_major: 100}", "{per_major: 0}", "remedy.points.per_major", "at least 1"),
        (", points: {per_major: 100}", "", "breach[3].pay[1]", "per_major"),
        ("clause: A-3}\n  - {over: PT16H", "clause: A-9}\n  - {over: PT16H", "breach[1].clause", "one of A-1"),
        ("slot_clause: A-2", "slot_clause: A-9", "promise.slot_clause", "one of A-1"),
        ("made: shown", "made: within", "promise", "within for made: within"),
        ("made: shown", "made: shown, within: PT48H", "promise", "neither for made: shown"),
        ("made: shown", "within: PT48H, after: [paid_at]", "promise.after", "Write paid"),
        (
            "made: shown",
            "cut_offs: [{before: '23:00', arrives: {days: 1}}, {before: '11:00', arrives: {days: 0}}]",
            "promise.cut_offs[2].before",
            "ascend",
        ),
        (
            "made: shown",
            "cut_offs: [{before: '23:00', arrives: {days: 0, by: '15:00'}}]",
            "promise.cut_offs[1].arrives",
            "after the cut-off",
        ),
        ("{slot_fee: true}", "{slot_fee: false}", "breach[1].pay[1]", "slot_fee: true"),
        ("{slot_fee: true}", "{slot_fee: true, cap: 1.00}", "breach[1].pay[1]", "percent alone"),
        ("{points: 1000}", "{points: 1000, as: points}", "breach[1].pay[2]", "Remove as"),
        ("{points: 1000}", "{amount: 1.00, as: points}", "breach[1].pay[2]", "Remove as"),
        ("{points: 1000}", "{points: 1000, amount: 1.00}", "breach[1].pay[2]", "exactly one"),
        ("floor: 5.00", "floor: 600.00", "breach[3].pay[1]", "at most the cap"),
        ("percent: 30", "percent: 0", "breach[3].pay[1]", "more than nothing"),
        ("percent: 30", "percent: 30.00001", "breach[3].pay[1]", "fewer digits"),
        ("  - {code: snow", "  - {code: snow, text: {en: Ice}}\n  - {code: snow", "excused", "each code once"),
        ("per: parcel", "per: parcle", "per", "Did you mean parcel"),
        ("{scan: delivered, at", "{scan: delivered, promised_by: 2026-11-05, at", "examples[1]", "Remove promised_by"),
        ("{scan: delivered, at: 2026-11-04T00:00+08:00}", "{scan: delivered}", "examples[1].when[1]", "no at"),
        ("then: [", "then: [{verdict: late}, {verdict: kept}, ", "examples[1]", "at most one"),
        ("{pay: 9.00, clause: A-3}", "{pay: 9.00, because: of it}", "examples[1]", "Remove because"),
        ("{pay: 9.00, clause: A-3}", "{pay: 9.00, clause: A-9}", "examples[1]", "one of A-1"),
    ],
)
def test_a_fault_is_named_with_its_place_and_what_to_do(before: str, after: str, where: str, told: str):
    assert before in GOOD
    error = refusal(GOOD.replace(before, after, 1))
    assert where in error.where
    assert told in str(error)


def test_an_example_that_comes_out_otherwise_says_what_came():
    terms = parse_terms(GOOD.replace("{pay: 9.00, clause: A-3}", "{pay: 8.00, clause: A-3}"), where="sample.yaml")
    (error,) = check_examples(terms, where="sample.yaml")
    assert "late (A-3), pay 9.00 (A-3) at 2026-11-04T00:00:00+08:00, points 1000 (A-3)" in error.came
    assert error.expected == "pay 8.00 (A-3), points 1000"


def test_the_wait_for_scans_is_exact_and_nothing_by_default():
    assert parse_terms(GOOD, where="sample.yaml").arrival.wait_for_scans_us == 0
    waits = GOOD.replace("points: {per_major: 100}", "points: {per_major: 100}, wait_for_scans: PT2H")
    assert parse_terms(waits, where="sample.yaml").arrival.wait_for_scans_us == 2 * HOUR_US
    assert "exact length" in refusal(waits.replace("PT2H", "P1D")).expected
