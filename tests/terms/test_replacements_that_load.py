"""Documents of the kinds replacement and return: what they come to as values, and what is refused."""

import pytest

from houbei.errors import TermsError
from houbei.terms.document import parse_terms
from houbei.terms.lengths import Length
from houbei.terms.model import Kind
from houbei.terms.replacement import AfterSwap, Decided, Gives, OnSilence, Replacement, Security, Way

SKETCH = """\
term: appliances-180
kind: replacement
zone: Asia/Shanghai
window: {opens: {at: delivered}, closes: {after: {at: delivered}, length: P180D}}
faults:
  - {code: no_cooling, text: {zh: 不制冷, en: Does not cool}}
  - {code: other, text: {zh: 其他, en: Other}, evidence: [], clause: R-2}
excluded: [{code: misuse, text: {zh: 使用不当, en: Misuse}, clause: R-2}]
evidence: [photo]
inspection: {by: brand, sla: P7D, on_silence: accept}
fulfilment: advance
unavailable: [refund, {other_model: {pay_up: true, pay_down: false}}]
after_swap: restart
uses: 1
clauses:
  - {id: R-1, text: {zh: 一, en: One}}
  - {id: R-2, text: {zh: 二, en: Two}}
"""
RETURN = """\
term: back-7
kind: return
zone: Asia/Shanghai
window: {closes: {after: {at: delivered}, length: P7D}}
clauses: [{id: B-1, text: {zh: 一, en: One}}]
"""


def promises(text: str) -> Replacement:
    found = parse_terms(text, where="terms.yaml").replacement
    assert found is not None
    return found


def test_a_document_in_the_shape_of_the_design_loads():
    found = promises(SKETCH)
    assert [fault.code for fault in found.faults] == ["no_cooling", "other"]
    assert (found.inspection_by, found.inspection_sla, found.on_silence) == ("brand", Length(days=7), OnSilence.ACCEPT)
    assert (found.way, found.security, found.security_limit) == (Way.ADVANCE, Security.NONE, None)
    assert (found.unavailable, found.pay_up, found.pay_down) == (("refund", "other_model"), True, False)
    assert (found.after_swap, found.uses, found.gives) == (AfterSwap.RESTART, 1, (Gives.REPLACE,))
    assert parse_terms(SKETCH, where="terms.yaml").kind is Kind.REPLACEMENT
    assert not parse_terms(SKETCH, where="terms.yaml").statute


def test_a_fault_is_shown_as_the_document_says_unless_it_says_otherwise():
    found = promises(SKETCH)
    assert (found.evidence_of("no_cooling"), found.decided_of("no_cooling")) == (("photo",), Decided.PERSON)
    assert (found.evidence_of("other"), found.decided_of("other")) == ((), Decided.AUTOMATIC)
    assert (found.evidence_of("misuse"), found.evidence_of("unheard_of")) == ((), ("photo",))
    cited = [fault.clause for fault in (*found.faults, *found.excluded)]
    assert cited == ["R-1", "R-2", "R-2"]


def test_a_return_gives_the_money_for_what_is_intact():
    found = promises(RETURN)
    assert (found.gives, found.intact, found.faults) == ((Gives.REFUND,), True, ())
    assert not promises(SKETCH).intact


def test_exchange_is_another_word_for_replace():
    assert promises(RETURN + "remedy: {gives: [exchange, refund]}\n").gives == (Gives.REPLACE, Gives.REFUND)


def test_the_new_unit_first_against_a_hold_on_a_card():
    said = "fulfilment: {security: card_hold, limit: 5000.00, hold_lasts: P5D}"
    found = promises(SKETCH.replace("fulfilment: advance", said))
    assert (found.way, found.security, found.security_limit) == (Way.ADVANCE, Security.CARD_HOLD, "5000.00")
    assert found.hold_lasts == Length(days=5)


@pytest.mark.parametrize(
    ("before", "after", "where", "told"),
    [
        ("after_swap: restart", "after_swop: restart", "line 13, after_swop", "Did you mean after_swap?"),
        ("after_swap: restart", "after_swap: renew", "line 13, after_swap", "one of restart, inherit, end"),
        ("uses: 1", "uses: 0", "line 14, uses", "at least 1"),
        ("fulfilment: advance", "fulfilment: later", "line 11, fulfilment", "advance or after_return"),
        (
            "fulfilment: advance",
            "fulfilment: {way: after_return, security: deposit}",
            "line 11, fulfilment.security",
            "make the way advance",
        ),
        ("[refund, {other", "[refund, refund, {other", "line 12, unavailable", "at most 2"),
        (
            "[refund, {other_model: {pay_up: true, pay_down: false}}]",
            "[refund, refund]",
            "unavailable[2]",
            "each choice once",
        ),
        ("pay_up: true", "pay_upp: true", "unavailable[2].other_model.pay_upp", "Did you mean pay_up?"),
        ("code: misuse", "code: no_cooling", "line 8, excluded", "each code once"),
        ("evidence: [photo]\n", "evidence: [picture]\n", "line 9, evidence[1]", "one of photo, video, report"),
        ("sla: P7D", "sla: soon", "line 10, inspection.sla", "a length as ISO 8601"),
        ("by: brand", "by: nobody", "line 10, inspection.by", "one of shop, brand, insurer"),
        ("clause: R-2}]", "clause: R-9}]", "line 8, excluded[1].clause", "one of R-1, R-2"),
        ("after: {at: delivered}, length: P180D", "on: 2026-12-24", "line 13, after_swap", "closes on a fixed moment"),
        ("term: appliances-180", "remedy: {gives: [exchange, replace]}\nterm: a", "remedy.gives", "another word"),
        ("uses: 1", "uses_clause: R-9", "line 14, uses_clause", "one of R-1, R-2"),
        ("kind: replacement", "kind: return", "line 5, faults", "a return needs no reason"),
    ],
)
def test_what_cannot_be_is_named_with_its_line_and_what_to_do(before: str, after: str, where: str, told: str):
    assert before in SKETCH
    with pytest.raises(TermsError) as refused:
        parse_terms(SKETCH.replace(before, after, 1), where="terms.yaml")
    assert where in refused.value.where
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("example", "told"),
    [
        ("when: [{at: 2026-12-08}], then: []", "at least 1"),
        ("when: [{at: 2026-12-08}], then: [{answer: replace}, {answer: refuse}]", "one answer a report"),
        ("when: [{at: 2026-12-08}], then: [{answer: mend}]", "one of replace, refund, repair"),
        ("when: [{at: 2026-12-08}], then: [{answer: replace, because: so}]", "Remove because"),
        ("when: [{at: 2026-12-08}], then: [{answer: replace, clause: R-3}]", "one of R-1, R-2"),
        ("when: [{at: 2026-12-08, settled: 2026-13-01}], then: [{answer: replace}]", "a moment"),
        ("when: [{at: 2026-12-08, reported_at: 2026-12-01}], then: [{answer: replace}]", "Write reported"),
    ],
)
def test_an_example_that_cannot_be_is_refused(example: str, told: str):
    given = "given: {paid: 10.00, delivered: 2026-12-05}"
    with pytest.raises(TermsError) as refused:
        parse_terms(f"{SKETCH}examples:\n  - {{name: tried, {given}, {example}}}\n", where="terms.yaml")
    assert told in str(refused.value)
