"""What every line of a batch came to, and the fact that decided it, as columns."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from houbei.columns import MISSING, NULL_CODE, Text
from houbei.engine import Decision
from houbei.evidence import inquiry as ask
from houbei.evidence.conclusions import Conclusion, clause_of
from houbei.evidence.inquiry import Found, Inquiry
from houbei.evidence.unbound import false_parts, missing_facts
from houbei.facts.orders import ATTRIBUTES, Lines
from houbei.owed.price import Outcome, Steps
from houbei.terms.model import Against, Terms

Whole = NDArray[np.int64]
Marks = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reasons:
    """One entry a line of a batch.

    `conclusion` is a `Conclusion`. `lessened` says why a line that is owed something is not owed more (`HELD`, `CAPPED`,
    `BELOW_MIN_PAYOUT`), else 0. `row` is the price row that decided (its index among the prices; -1 where none did) and `at` the
    moment at which it did, or would have; where a cover never opened, the moment it should have opened (`MISSING` where unknown).
    `said` names the rest of the fact: the part of a condition that is not true, the column that is missing, the attribute that
    closes a series to the buyer.

    `amounts` is one a step of the decision: what it pays after shared caps, or what it holds.
    """

    conclusion: NDArray[np.int8]
    lessened: NDArray[np.int8]
    row: Whole
    at: Whole
    said: Text
    amounts: Whole

    def counts(self) -> dict[str, int]:
        """How many lines came to each conclusion, by its name in lower case; lines alone, no rejected rows."""
        found = np.bincount(self.conclusion, minlength=len(Conclusion))
        return {
            kind.name.lower(): int(found[kind]) for kind in Conclusion if found[kind] and kind is not Conclusion.NO_LINE
        }

    def note(self, conclusion: Conclusion, found: Found) -> None:
        """Set the conclusion of the lines that a price decided."""
        self.conclusion[found.line] = conclusion
        self.row[found.line] = found.row
        self.at[found.line] = found.at


def reasons_of(inquiry: Inquiry, lines: Lines, decision: Decision, *, granted: Whole | None = None) -> Reasons:
    """Conclude on every line of a batch.

    Args:
        inquiry: What was asked, made ready once for all batches.
        lines: The batch; one line or millions.
        decision: What the engine decided on it.
        granted: What each of the decision's steps pays after caps that several lines share; None where no cap is shared. What it
            says of held steps is not looked at.

    Returns:
        Exactly one conclusion a row; `OWED` where and only where something is paid.

    Cost: the engine once more for each point that kept some line from being paid, over the lines that are not paid alone.
    """
    rows, steps = len(lines), decision.steps
    reasons = Reasons(
        conclusion=np.zeros(rows, dtype=np.int8),
        lessened=np.zeros(rows, dtype=np.int8),
        row=np.full(rows, -1, dtype=np.int64),
        at=np.full(rows, MISSING),
        said=Text(np.full(rows, NULL_CODE, dtype=np.int32), inquiry.words.values),
        amounts=steps.amount if granted is None else np.where(steps.held == 1, steps.amount, granted),
    )
    _note_unbound(inquiry, lines, decision, reasons)
    _note_steps(inquiry, decision.steps, reasons)
    _note_lessened(inquiry, lines, decision.steps, reasons)
    _note_spoiled(inquiry, lines, decision, reasons)
    _note_no_lower(inquiry, lines, decision, reasons)
    return reasons


def clauses_of(terms: Terms, reasons: Reasons) -> Text:
    """The clause that each line's conclusion rests on, by code; a row that is no line has the scope's.

    Args:
        terms: The promise.
        reasons: What the lines came to.

    Cost: a pass over the lines, and a look-up a different conclusion and missing fact.
    """
    ids, words = [clause.id for clause in terms.clauses], len(reasons.said.values) + 1
    said = np.where(reasons.conclusion == Conclusion.UNDECIDED, reasons.said.codes, NULL_CODE)
    case = reasons.conclusion.astype(np.int64) * words + said + 1
    clause = np.zeros(len(Conclusion) * words, dtype=np.int32)
    for present in np.flatnonzero(np.bincount(case, minlength=1)).tolist():
        conclusion, code = divmod(present, words)
        missing = reasons.said.values[code - 1] if code else ""
        clause[present] = ids.index(clause_of(terms, Conclusion(conclusion), missing=missing))
    return Text(clause[case], ids)


def _note_unbound(inquiry: Inquiry, lines: Lines, decision: Decision, reasons: Reasons) -> None:
    terms, binding = inquiry.engine.terms, decision.binding
    outside = lines.live & ~binding.bound & ~binding.undecided
    reasons.conclusion[outside] = Conclusion.NOT_IN_SCOPE
    reasons.conclusion[binding.undecided] = Conclusion.UNDECIDED
    false = false_parts(terms, lines, outside, inquiry.words)
    missing = missing_facts(terms, lines, binding.undecided, inquiry.words)
    reasons.said.codes[:] = np.where(outside, false, missing)


def _note_steps(inquiry: Inquiry, steps: Steps, reasons: Reasons) -> None:
    """Lines with steps: what shared caps left nothing of, what is held, what is paid; the last of these stands."""
    book, amounts, paying = inquiry.market.book, reasons.amounts, steps.held == 0
    reasons.note(Conclusion.CAPPED, ask.lowest_of(steps, paying & (amounts == 0), book))
    reasons.note(Conclusion.HELD, ask.lowest_of(steps, ~paying, book))
    reasons.note(Conclusion.OWED, ask.lowest_of(steps, paying & (amounts > 0), book))


def _note_lessened(inquiry: Inquiry, lines: Lines, steps: Steps, reasons: Reasons) -> None:
    """Of the lines that are owed something, those that would be owed more but for a hold, a cap or a least amount."""
    terms = inquiry.engine.terms
    owed = reasons.conclusion == Conclusion.OWED
    paid = np.zeros(len(lines), dtype=np.int64)
    np.add.at(paid, steps.line[steps.held == 0], reasons.amounts[steps.held == 0])
    if terms.remedy.min_payout is not None and owed.any():
        more = ask.total_of(ask.without_least(inquiry, lines, owed), len(lines)) > paid
        reasons.lessened[owed & more] = Conclusion.BELOW_MIN_PAYOUT
    more = ask.total_of(steps, len(lines)) > paid
    if ask.can_be_capped(terms) and owed.any():
        more |= ask.total_of(ask.without_caps(inquiry, lines, owed), len(lines)) > paid
    reasons.lessened[owed & more] = Conclusion.CAPPED
    held = np.zeros(len(lines), dtype=np.bool_)
    held[steps.line[steps.held == 1]] = True
    reasons.lessened[owed & held] = Conclusion.HELD


def _note_spoiled(inquiry: Inquiry, lines: Lines, decision: Decision, reasons: Reasons) -> None:
    """Lines that one change would have paid, the nearest first; each question is asked of those still without an answer."""
    terms, outcome = inquiry.engine.terms, decision.steps.outcome
    capped = np.isin(outcome, (Outcome.PAID_NO_MORE, Outcome.BELOW_MIN)) & ask.can_be_capped(terms)
    opened = outcome != Outcome.NEVER_OPEN
    claimed = np.full(len(lines), terms.compare.against is Against.AT_CLAIM)
    gave_back = ask.gave_back(lines)
    closed = np.full(len(lines), _closes_series(inquiry, lines))
    questions: tuple[tuple[Conclusion, Marks, ask.Question], ...] = (
        (Conclusion.CAPPED, capped, _if_uncapped),
        (Conclusion.BELOW_MIN_PAYOUT, outcome == Outcome.BELOW_MIN, _if_worth_paying),
        (Conclusion.CANCELLED_OR_RETURNED_BEFORE, gave_back, ask.if_kept),
        (Conclusion.NOT_AT_CLAIM, claimed, ask.if_unasked),
        (Conclusion.PRICE_NOT_ELIGIBLE, opened & (inquiry.every_price is not None), ask.if_every_price_counted),
        (Conclusion.NOT_OPEN_TO_BUYER, opened & closed, ask.if_every_series_were_open),
        (Conclusion.OUTSIDE_WINDOW, opened, ask.if_always_open),
    )
    for conclusion, some, question in questions:
        which = _left(decision, reasons) & some
        if which.any():
            found = question(inquiry, lines, which)
            reasons.note(conclusion, found)
            if conclusion is Conclusion.PRICE_NOT_ELIGIBLE:
                reasons.said.codes[found.line] = inquiry.refused_by.codes[found.row]
            if conclusion is Conclusion.NOT_OPEN_TO_BUYER:
                reasons.said.codes[found.line] = _closed_by(inquiry, lines, found)


def _note_no_lower(inquiry: Inquiry, lines: Lines, decision: Decision, reasons: Reasons) -> None:
    """The rest: lines without an open moment, without a price, or with none below what they paid."""
    _note_never_open(inquiry, lines, decision, reasons)
    left = _left(decision, reasons)
    if left.any():
        reasons.note(Conclusion.PAID_NO_MORE, ask.lowest_in_window(inquiry, lines, decision, left))
        left = _left(decision, reasons)
        for found in ask.in_other_currencies(inquiry, lines, decision, left) if left.any() else ():
            reasons.note(Conclusion.NOT_OPEN_TO_BUYER, found)
            reasons.said.codes[found.line] = inquiry.words.code_of("currency")
        reasons.conclusion[_left(decision, reasons)] = Conclusion.NO_PRICE


def _note_never_open(inquiry: Inquiry, lines: Lines, decision: Decision, reasons: Reasons) -> None:
    shut = _left(decision, reasons) & (decision.steps.outcome == Outcome.NEVER_OPEN)
    if not shut.any():
        return
    reasons.conclusion[shut] = Conclusion.NEVER_OPEN
    gave_back = shut & ask.gave_back(lines)
    if gave_back.any():
        reasons.conclusion[ask.opens_ever(inquiry, ask.kept(lines), gave_back)] = (
            Conclusion.CANCELLED_OR_RETURNED_BEFORE
        )
    if inquiry.engine.terms.compare.against is Against.AT_CLAIM:
        reasons.conclusion[ask.opens_ever(inquiry, lines, shut)] = Conclusion.NOT_AT_CLAIM
    _say_what_opens(inquiry, lines, decision, reasons)


def _say_what_opens(inquiry: Inquiry, lines: Lines, decision: Decision, reasons: Reasons) -> None:
    """Of covers that never opened: the fact that has not happened, else the moment at which they should have opened."""
    covers = decision.covers
    shut = np.flatnonzero(reasons.conclusion[covers.line] == Conclusion.NEVER_OPEN)
    line, nothing = covers.line[shut], np.full(len(covers), MISSING)
    for name in inquiry.engine.terms.window.opens.facts:
        moments = {"delivered": covers.delivered, "returned": covers.returned}.get(name)
        if moments is None:
            moments = lines.moments[name][covers.line] if name in lines.moments else nothing
        unsaid = (moments[shut] == MISSING) & (reasons.said.codes[line] == NULL_CODE)
        reasons.said.codes[line[unsaid]] = inquiry.words.code_of(name)
    starts = decision.openings.starts[shut, 0]
    np.maximum.at(reasons.at, line, starts)


def _left(decision: Decision, reasons: Reasons) -> Marks:
    """The protected lines that have no conclusion yet."""
    left: Marks = decision.binding.bound & (reasons.conclusion == Conclusion.NO_LINE)
    return left


def _if_uncapped(inquiry: Inquiry, lines: Lines, which: Marks) -> Found:
    steps = ask.without_caps(inquiry, lines, which)
    return ask.lowest_of(steps, steps.held == 0, inquiry.market.book)


def _if_worth_paying(inquiry: Inquiry, lines: Lines, which: Marks) -> Found:
    steps = ask.without_least(inquiry, lines, which)
    return ask.lowest_of(steps, steps.held == 0, inquiry.market.book)


def _closes_series(inquiry: Inquiry, lines: Lines) -> bool:
    """Whether any series is closed to anybody who pays in its currency."""
    book, terms = inquiry.market.book, inquiry.engine.terms
    by_attribute = any((codes != NULL_CODE).any() for codes in book.attributes.values())
    by_gift = terms.allocation.gifts == "strict" and (
        lines.gift_minor is not None or bool((book.gift_minor != 0).any())
    )
    return bool(terms.compare.same) or by_attribute or by_gift or bool((book.min_quantity > 1).any())


def _closed_by(inquiry: Inquiry, lines: Lines, found: Found) -> NDArray[np.int32]:
    """The first attribute that closes each found price's series to its line's buyer."""
    book, words, same = inquiry.market.book, inquiry.words, inquiry.engine.terms.compare.same
    series = np.searchsorted(book.of_series, found.price, side="right") - 1
    said = np.full(len(found.line), words.code_of("gift_value"), dtype=np.int32)
    said[book.min_quantity[series] > lines.quantity[found.line]] = words.code_of("min_quantity")
    for name in reversed(ATTRIBUTES):
        closed_to = book.attributes[name][series]
        own = lines.texts[name].codes[found.line] if name in lines.texts else np.full_like(closed_to, NULL_CODE)
        open_to_all = (closed_to == NULL_CODE) & (name not in same)
        said[~open_to_all & ((closed_to != own) | (closed_to == NULL_CODE))] = words.code_of(name)
    return said
