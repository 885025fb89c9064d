"""A terms document as it is written, and what it comes to."""

from fractions import Fraction

import pytest

from houbei.terms.document import parse_terms
from houbei.terms.lengths import Length
from houbei.terms.model import Against, Anchor, Cap, OnChange, Roll, Scope, Stretch, Terms

SHORTEST = """
term: shortest
kind: price_protection
zone: Asia/Shanghai
window: {closes: {after: {at: delivered}, length: P30D}}
clauses: [{id: A-1, text: {en: The difference is returned.}}]
"""

WHOLE = """
term: appliance-price-30
version: 3
kind: price_protection            # a comment
title: {zh: 家电价保, en: Appliances}
jurisdiction: CN
zone: Asia/Shanghai
calendar: {id: cn, roll: next_workday}
effective: {sold_from: 2026-12-01T00:00:00+08:00, sold_until: 2027-01-01}
on_change: better_of_open_covers
scope: {where: "category IN ('fridge','washer') AND seller = 'self' AND NOT gift", clause: PP-1}
window:
  opens:  {at: paid, plus: PT1H}
  closes: {after: {latest_of: [delivered, installed]}, length: P30D}
  gaps: [{from: {at: shipped, plus: P7D}, until: {at: delivered}}]
  pauses: [{from: {at: repair_started}, until: {on: 2026-12-31T00:00Z}}]
  clause: PP-2
compare:
  against: at_claim
  at_open: ignored
  same: [seller, region]
  in_stock_required: true
  prices: {where: "kind NOT IN ('flash','presale')", seen_at_least: 2, clause: PP-4}
  suspicious: {below_percent_of_basis: 12.5, action: hold, clause: PP-5}
  claim: {within: P14D}
remedy:
  amount:
    {of: difference, times: 2.5, plus_percent: 2, floor: 5.00, min_payout: 1,
     caps: [{scope: buyer, amount: 4000, period: month}, {scope: order, percent_of_basis: 30}, {scope: line, amount: basis}]}
  pay: {form: store_credit, order: card_first, when: at_once, fallback: coupon}
  funders: follow_original_split
  clause: PP-2
allocation: {order_discounts: pro_rata_largest_remainder, on_threshold_lost: proportional, gifts: netted,
             discount_tenders: [voucher], unreturned_gifts_deducted: true}
clauses:
  - {id: PP-1, text: {zh: 范围, en: Scope}}
  - {id: PP-2, text: {zh: 退还差额}}
  - {id: PP-4, text: {en: Flash prices do not count}}
  - {id: PP-5, text: {zh: 核对, en: Checked}}
"""


def read(text: str) -> Terms:
    return parse_terms(text, where="terms.yaml")


def test_a_document_says_only_what_has_no_default():
    terms = read(SHORTEST)
    assert (terms.version, terms.jurisdiction, terms.on_change) == (1, None, OnChange.KEEP_AT_SALE)
    assert (terms.scope, terms.sold_from_us, terms.sold_until_us) == (None, None, None)
    assert terms.window.opens == Anchor(facts=("paid",))
    assert (terms.window.calendar_id, terms.window.roll) == (None, Roll.NONE)
    assert (terms.compare.against, terms.compare.at_open_counts, terms.compare.same) == (Against.WINDOW_MIN, True, ())
    assert (terms.compare.in_stock_required, terms.compare.seen_at_least) == (False, 1)
    assert (terms.compare.prices_where, terms.compare.suspicious_below) == (None, None)
    assert (terms.remedy.times, terms.remedy.plus_part, terms.remedy.caps) == (1, 0, ())
    assert (terms.remedy.floor, terms.remedy.min_payout) == (None, None)
    assert terms.remedy.pay == {
        "form": "original_tenders",
        "order": "pro_rata",
        "when": "on_dispatch",
        "fallback": "store_credit",
    }
    assert (terms.allocation.gifts, terms.allocation.discount_tenders) == ("ignored", ())
    assert terms.title == {"zh": "shortest", "en": "shortest"}
    assert terms.examples == ()


def test_a_decision_without_a_clause_of_its_own_cites_the_first():
    terms = read(SHORTEST)
    cited = {terms.scope_clause, terms.window.clause, terms.compare.prices_clause, terms.compare.suspicious_clause}
    assert cited | {terms.remedy.clause} == {"A-1"}


def test_everything_that_is_written_arrives():
    terms = read(WHOLE)
    assert (terms.term, terms.version, terms.jurisdiction) == ("appliance-price-30", 3, "CN")
    assert terms.sold_from_us == 1_796_054_400_000_000
    assert terms.sold_until_us == terms.sold_from_us + 31 * 86_400_000_000
    assert terms.on_change is OnChange.BETTER_OF_OPEN_COVERS
    assert terms.scope is not None
    assert [part.text for part in terms.scope.parts] == [
        "category IN ('fridge','washer')",
        "seller = 'self'",
        "NOT gift",
    ]
    assert terms.title == {"zh": "家电价保", "en": "Appliances"}
    assert [(clause.id, clause.zh, clause.en) for clause in terms.clauses] == [
        ("PP-1", "范围", "Scope"),
        ("PP-2", "退还差额", "退还差额"),
        ("PP-4", "Flash prices do not count", "Flash prices do not count"),
        ("PP-5", "核对", "Checked"),
    ]


def test_a_window_has_anchors_gaps_and_pauses():
    window = read(WHOLE).window
    assert window.opens == Anchor(facts=("paid",), plus=Length(exact_us=3_600_000_000))
    assert window.closes_after == Anchor(facts=("delivered", "installed"))
    assert (window.length, window.calendar_id, window.roll) == (Length(days=30), "cn", Roll.NEXT_WORKDAY)
    assert window.gaps == (
        Stretch(starts=Anchor(facts=("shipped",), plus=Length(days=7)), ends=Anchor(facts=("delivered",))),
    )
    assert window.pauses == (
        Stretch(starts=Anchor(facts=("repair_started",)), ends=Anchor(on_us=1_798_675_200_000_000)),
    )


def test_a_window_may_close_on_a_fixed_moment():
    window = read(SHORTEST.replace("{after: {at: delivered}, length: P30D}", "{on: 2026-12-24T23:59:59}")).window
    assert (window.closes_after, window.length) == (Anchor(on_us=1_798_127_999_000_000), None)


def test_ratios_are_exact_and_amounts_stay_text():
    terms = read(WHOLE)
    assert terms.compare.suspicious_below == Fraction(1, 8)
    assert (terms.remedy.times, terms.remedy.plus_part) == (Fraction(5, 2), Fraction(1, 50))
    assert (terms.remedy.floor, terms.remedy.min_payout) == ("5.00", "1")
    assert terms.compare.claim_within == Length(days=14)


def test_caps_come_narrowest_first():
    assert read(WHOLE).remedy.caps == (
        Cap(scope=Scope.LINE, of_basis=Fraction(1)),
        Cap(scope=Scope.ORDER, of_basis=Fraction(3, 10)),
        Cap(scope=Scope.BUYER, amount="4000", period="month"),
    )


def test_asking_within_14_days_of_the_change_can_be_expressed():
    """C20: whoever asks decides, and within 14 days of the price's taking effect."""
    compare = "compare: {against: at_claim, claim: {within: P14D}}\n"
    found = read(SHORTEST + compare).compare
    assert (found.against, found.claim_within) == (Against.AT_CLAIM, Length(days=14))


REWRITTEN = [
    ("comments and quotes", [("kind: price_protection ", "'kind': \"price_protection\" # of prices\n#")]),
    ("block and flow", [("title: {zh: 家电价保, en: Appliances}", "title:\n  en: Appliances\n  zh: 家电价保")]),
    (
        "order of keys",
        [
            ("term: appliance-price-30\nversion: 3\n", ""),
            ("\nclauses:", "\nversion: 3\nterm: appliance-price-30\nclauses:"),
        ],
    ),
    (
        "quoted numbers and truths",
        [("version: 3", "version: '3'"), ("in_stock_required: true", 'in_stock_required: "true"')],
    ),
    ("folded text", [("{en: Flash prices do not count}", "{en: Flash prices\n      do not count}")]),
]


@pytest.mark.parametrize(("what", "changes"), REWRITTEN, ids=[what for what, _ in REWRITTEN])
def test_the_identity_does_not_depend_on_how_it_is_written(what: str, changes: list[tuple[str, str]]):
    other = WHOLE
    for before, after in changes:
        assert before in other, what
        other = other.replace(before, after)
    assert read(other).sha256 == read(WHOLE).sha256


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("P30D", "P31D"),
        ("zh: 范围", "zh: 范 围"),
        ("[seller, region]", "[region, seller]"),
        ("floor: 5.00", "floor: 5.0"),
        ("version: 3", "version: 4"),
    ],
)
def test_the_identity_changes_with_every_word_of_it(before: str, after: str):
    assert read(WHOLE.replace(before, after)).sha256 != read(WHOLE).sha256


def test_the_identity_is_the_hash_of_canonical_json():
    """Worked out apart: keys in order, no spaces, UTF-8; `printf '%s' '{"clauses":…}' | sha256sum`."""
    assert read(SHORTEST).sha256 == "92691c219d6d89a6e3300deaaf497a77d90f18c8ba1797b16b2dbba9cd93939b"


def test_a_default_that_is_written_out_means_the_same_under_another_identity():
    written = read(SHORTEST + "version: 1\n")
    assert written.sha256 != read(SHORTEST).sha256
    assert written.remedy == read(SHORTEST).remedy
