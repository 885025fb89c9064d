"""What cannot be published, and what the author is told."""

import pytest
import yaml

from houbei.errors import TermsError
from houbei.terms import yaml_tree
from houbei.terms.document import parse_terms

GOOD = """\
term: plain
version: 2
kind: price_protection
zone: Asia/Shanghai
calendar: {id: cn, roll: none}
effective: {sold_from: 2026-12-01, sold_until: 2027-01-01}
scope: {where: "seller = 'self'", clause: A-1}
window:
  opens: {at: paid}
  closes: {after: {at: delivered}, length: P30D}
compare:
  same: [seller]
  prices: {where: "kind = 'list'", seen_at_least: 1}
  suspicious: {below_percent_of_basis: 30}
remedy:
  amount: {times: 1, caps: [{scope: line, amount: basis}]}
clauses:
  - {id: A-1, text: {zh: 一, en: One}}
  - {id: A-2, text: {zh: 二, en: Two}}
examples:
  - name: one drop
    given: {paid: 10.00, seller: self, delivered: 2026-12-05T10:00+08:00, quantity: 2}
    when: [{price: 4.00, at: 2026-12-08T00:00+08:00, seller: self}]
    then: [{pay: 2.00, clause: A-1}]
"""


@pytest.fixture(params=["CBaseLoader", "BaseLoader"])
def either_parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """libyaml's parser, which most wheels carry, and the one in Python that stands in for it."""
    monkeypatch.setattr(yaml_tree, "_LOADER", getattr(yaml, request.param))


def refusal(text: str) -> TermsError:
    with pytest.raises(TermsError) as refused:
        parse_terms(text, where="terms.yaml")
    return refused.value


def test_the_document_that_the_others_are_made_from_is_good():
    assert parse_terms(GOOD, where="terms.yaml").version == 2


@pytest.mark.parametrize(
    ("before", "after", "where", "told"),
    [
        ("window:", "windows:", "terms.yaml, line 8, windows", "Did you mean window?"),
        ("same: [seller]", "sames: [seller]", "terms.yaml, line 12, compare.sames", "Did you mean same?"),
        (
            "seen_at_least: 1",
            "seen_at_lest: 1",
            "terms.yaml, line 13, compare.prices.seen_at_lest",
            "Did you mean seen_at_least?",
        ),
        ("term: plain", "term: plain\nxyz: 1", "terms.yaml, line 2, xyz", "Remove it"),
        ("term: plain\n", "", "terms.yaml", "Add term"),
        ("kind: price_protection", "kind: price_protectoin", "line 3, kind", "Did you mean price_protection?"),
        ("kind: price_protection", "kind: replacment", "line 3, kind", "Did you mean replacement?"),
        (
            "kind: price_protection",
            "kind: lottery",
            "line 3, kind",
            "expected one of price_protection, replacement",
        ),
        ("kind: price_protection", "kind: replacement", "line 11, compare", "the key “compare”"),
        ("version: 2", "version: two", "line 2, version", "a whole number"),
        ("version: 2", "version: 2.0", "line 2, version", "a whole number"),
        ("version: 2", "version: 0", "line 2, version", "at least 1"),
        ("version: 2", "version: 02", "line 2, version", "a whole number"),
        ("version: 2", "version:", "line 2, version", "nothing"),
        ("zone: Asia/Shanghai", "zone: Asia/Peking", "line 4, zone", "IANA"),
        ("{id: cn, roll: none}", "{id: cn, roll: always}", "line 5, calendar.roll", "one of none, statutory_day"),
        ("{id: cn, roll: none}", "{id: zz, roll: next_workday}", "line 5, calendar.id", "ISO 3166"),
        ("{id: cn, roll: none}", "{roll: next_workday}", "line 5, calendar", "Add id"),
        ("sold_from: 2026-12-01", "sold_from: next week", "line 6, effective.sold_from", "a moment such as"),
        ("sold_from: 2026-12-01", "sold_from: 2026-02-30", "line 6, effective.sold_from", "a moment of the years"),
        ("sold_from: 2026-12-01", "sold_from: 2027-01-01", "line 6, effective.sold_until", "after sold_from"),
        ("seller = 'self'", "seller LIKE 'self'", "line 7, scope.where", "Put an operator"),
        ("seller = 'self'", "paid > 5", "line 7, scope.where", "Money and time"),
        ("kind = 'list'", "kind / 2 = 1", "line 13, compare.prices.where", "no division"),
        ("clause: A-1}\nwindow", "clause: B-1}\nwindow", "line 7, scope.clause", "one of A-1, A-2"),
        ("id: A-2", "id: A-1", "line 17, clauses", "another id"),
        ("{at: paid}", "{at: paid_at}", "line 9, window.opens", "Write paid."),
        ("{at: paid}", "{at: paid, on: 2026-12-01}", "line 9, window.opens", "exactly one"),
        ("{at: paid}", "{}", "line 9, window.opens", "exactly one"),
        ("{at: paid}", "{latest_of: []}", "line 9, window.opens.latest_of", "at least 1"),
        (", length: P30D", "", "line 10, window.closes", "Add length"),
        (", length: P30D", ", on: 2026-12-24, length: P30D", "line 10, window.closes", "exactly one"),
        ("P30D", "P1DT2H", "line 10, window.closes.length", "Choose one"),
        ("P30D", "30 days", "line 10, window.closes.length", "a length as ISO 8601"),
        ("same: [seller]", "same: [seler]", "line 12, compare.same[1]", "Did you mean seller?"),
        ("same: [seller]", "same: [seller, seller]", "line 12, compare.same", "each once"),
        ("same: [seller]", "same: seller", "line 12, compare.same", "a list"),
        ("below_percent_of_basis: 30", "below_percent_of_basis: 30 %", "line 14", "decimal text"),
        ("below_percent_of_basis: 30", "action: hold", "line 14, compare.suspicious", "Add below_percent_of_basis"),
        ("times: 1", "times: -1", "remedy.amount.times", "decimal text"),
        ("times: 1", "times: 1e3", "remedy.amount.times", "decimal text"),
        ("times: 1", "times: 0.0", "remedy.amount.times", "more than nothing"),
        ("amount: basis", "amount: '1,000.00'", "remedy.amount.caps[1].amount", "decimal text"),
        ("amount: basis", "amount: 5, percent_of_basis: 5", "remedy.amount.caps[1]", "exactly one"),
        ("amount: basis", "amount: 5, period: month", "remedy.amount.caps[1].period", "scope buyer"),
        ("{zh: 一, en: One}", "{}", "clauses[1].text", "a text in zh, en or both"),
        ("{zh: 一, en: One}", "{fr: Un}", "clauses[1].text.fr", "one of zh, en"),
        ("paid: 10.00", "paid: ten", "examples[1].given.paid", "decimal text"),
        ("quantity: 2", "quantity: 2, returned_quantity: 3", "examples[1] “one drop”", "at most the quantity"),
        ("delivered: 2026-12-05T10:00+08:00", "delivered_at: 2026-12-05", "examples[1] “one drop”", "Write delivered."),
        (
            "delivered: 2026-12-05T10:00+08:00",
            "delivered: 2026-13-05",
            "examples[1] “one drop”, delivered",
            "a moment of",
        ),
        ("price: 4.00", "price: 4.00, price_minor: 400", "examples[1] “one drop”", "Write price."),
        ("at: 2026-12-08T00:00+08:00", "at: 2026-12-08T24:01", "examples[1] “one drop”, at", "a moment of"),
        ("clause: A-1}]", "clause: A-3}]", "examples[1] “one drop”", "one of A-1, A-2"),
        ("{pay: 2.00, clause: A-1}", "{pay: 2.00, hold: 1.00}", "examples[1].then[1]", "exactly one"),
        ("{pay: 2.00, clause: A-1}", "{pay: 2.00, because: of it}", "examples[1] “one drop”", "Remove because"),
        ("{pay: 2.00, clause: A-1}", "{pay: 0.00}, {pay: 1.00}", "examples[1] “one drop”", "Leave it out"),
        ("then: [{pay: 2.00, clause: A-1}]", "then: []", "examples[1].then", "at least 1"),
    ],
)
def test_a_fault_is_named_with_its_line_and_what_to_do(before: str, after: str, where: str, told: str):
    assert before in GOOD
    error = refusal(GOOD.replace(before, after, 1))
    assert where in error.where
    assert told in str(error)


@pytest.mark.usefixtures("either_parser")
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no mapping"),
        ("- a\n- b\n", "no mapping"),
        ("just words", "no mapping"),
        (GOOD + "term: again\n", "the key “term” a second time"),
        (GOOD.replace("{zh: 一, en: One}", "{zh: 一, zh: 二}"), "the key “zh” a second time"),
        (GOOD.replace("same: [seller]", "same: &s [seller]"), "anchor"),
        (GOOD.replace("{at: paid}", "&a {at: paid}").replace("{at: delivered}", "*a"), "anchor"),
        (GOOD.replace("same: [seller]", "same: !!python/object:os.system [seller]"), "tag"),
        (GOOD.replace("version: 2", "version: !!int 2"), "tag"),
        (GOOD.replace("{at: paid}", "{<<: {at: paid}}"), "the key “<<”"),
        (GOOD + "---\nterm: other\n", "second document"),
        ("term: [unclosed\n", "expected"),
        ("term: \ta\n  bad: indent\n: x", "line"),
        ("? [a, b]\n: c\n", "a key that is a mapping or a list"),
        ("term: " + "[" * 200 + "]" * 200, "deeper nesting"),
        ("term: " + "[" * 100_000, "deeper nesting"),
        ("# " + "x" * 262_144, "262146 bytes"),
        ('term: "\\ud800"', "character"),
        ("term: '\ud800'", "character"),
        ("term: 'a\x07b'", "a character that YAML does not allow"),
    ],
    ids=lambda text: text[:24].replace("\n", " ") if len(text) < 400 else "GOOD with a fault",
)
def test_yaml_that_is_hard_to_read_twice_the_same_way_is_refused(text: str, told: str):
    assert told in str(refusal(text))


def test_a_text_that_only_looks_like_null_stays_a_text():
    terms = parse_terms(
        GOOD.replace("seller: self, del", 'seller: "null", region: null, channel: , del'), where="terms.yaml"
    )
    given = terms.examples[0].given
    assert (given["seller"], given["region"], given["channel"]) == ("null", None, None)
