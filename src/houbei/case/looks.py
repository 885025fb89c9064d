"""A person's look: asked for, decided, appealed, answered by somebody else. Without a person nothing is held against a buyer.

A look decides on one thing alone: whether the case goes on as usual, or the old unit is inspected before the new one leaves. Whether
a claim is refused, the terms say, by a clause. A look that nobody takes up in time goes on as usual.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from houbei.case.signals import Cleared, Outcome, Score


class Verdict(StrEnum):
    """What a person says after looking."""

    GO_ON = "go_on"
    """The case goes on as usual; what was looked at is not raised again."""
    INSPECT_FIRST = "inspect_first"
    """The old unit is inspected before the new one leaves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Who decided what, when (µs UTC), and why, in their own words; `by` is the person's id in the shop."""

    by: str
    at_us: int
    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Appeal:
    """What the buyer said against a decision, when, until when they are answered (µs UTC), by whom, and the answer."""

    words: str
    at_us: int
    answer_by_us: int
    named: str | None = None
    answer: Decision | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A score that is put before a person, asked for at a moment and due by another (µs UTC)."""

    score: Score
    asked_us: int
    look_by_us: int
    decision: Decision | None = None
    appeal: Appeal | None = None


class Unfit(StrEnum):
    """Why a step of a look cannot be taken; the look stays as it was."""

    NO_REASON = "no_reason"
    DECIDED = "decided"
    TOO_LATE = "too_late"
    NOTHING_TO_APPEAL = "nothing_to_appeal"
    APPEALED = "appealed"
    NO_APPEAL = "no_appeal"
    SAME_PERSON = "same_person"
    NOT_NAMED = "not_named"


UNFIT = {
    "zh": {
        Unfit.NO_REASON: "写下理由，买家会看到。",
        Unfit.DECIDED: "已经有人决定了。",
        Unfit.TOO_LATE: "已过答复时间，已照常办理。",
        Unfit.NOTHING_TO_APPEAL: "没有可以申诉的决定：这件事照常办理。",
        Unfit.APPEALED: "已经申诉过，正在等或已有答复。",
        Unfit.NO_APPEAL: "买家没有申诉。",
        Unfit.SAME_PERSON: "申诉要由另一个人看，不能是原来决定的人。",
        Unfit.NOT_NAMED: "这件申诉交给了别人。",
    },
    "en": {
        Unfit.NO_REASON: "Write down why; the buyer will read it.",
        Unfit.DECIDED: "Somebody has decided already.",
        Unfit.TOO_LATE: "The time to answer is over; it went on as usual.",
        Unfit.NOTHING_TO_APPEAL: "There is no decision to appeal: it goes on as usual.",
        Unfit.APPEALED: "It was appealed already, and is waiting or answered.",
        Unfit.NO_APPEAL: "The buyer has not appealed.",
        Unfit.SAME_PERSON: "An appeal is looked at by somebody else than whoever decided.",
        Unfit.NOT_NAMED: "This appeal was given to somebody else.",
    },
}
"""The reasons in each language."""


def ask_to_look(score: Score, *, asked_us: int, look_by_us: int) -> Look | None:
    """Put a score before a person; None where it leads to nothing."""
    if score.outcome is Outcome.NOTHING:
        return None
    return Look(score=score, asked_us=asked_us, look_by_us=look_by_us)


def decide(look: Look, decision: Decision) -> Look | Unfit:
    """Close a look with a person's decision."""
    if look.decision is not None:
        return Unfit.DECIDED
    if decision.at_us >= look.look_by_us:
        return Unfit.TOO_LATE
    return _reasoned(decision) or replace(look, decision=decision)


def appeal(look: Look, *, words: str, at_us: int, answer_by_us: int) -> Look | Unfit:
    """Take up what the buyer says against a decision."""
    if look.appeal is not None:
        return Unfit.APPEALED
    if look.decision is None or look.decision.verdict is Verdict.GO_ON:
        return Unfit.NOTHING_TO_APPEAL
    return replace(look, appeal=Appeal(words=words, at_us=at_us, answer_by_us=answer_by_us))


def name_for_appeal(look: Look, person: str) -> Look | Unfit:
    """Name who answers an appeal: anybody but whoever decided; may be named anew until it is answered."""
    if look.appeal is None or look.decision is None:
        return Unfit.NO_APPEAL
    if look.appeal.answer is not None:
        return Unfit.DECIDED
    if person == look.decision.by:
        return Unfit.SAME_PERSON
    return replace(look, appeal=replace(look.appeal, named=person))


def answer_appeal(look: Look, answer: Decision) -> Look | Unfit:
    """Close an appeal with the named person's answer."""
    if look.appeal is None:
        return Unfit.NO_APPEAL
    if look.appeal.answer is not None:
        return Unfit.DECIDED
    if answer.by != look.appeal.named:
        return Unfit.NOT_NAMED
    if answer.at_us >= look.appeal.answer_by_us:
        return Unfit.TOO_LATE
    return _reasoned(answer) or replace(look, appeal=replace(look.appeal, answer=answer))


def verdict_at(look: Look, as_of_us: int) -> Verdict | None:
    """What holds at a moment: the answer to an appeal, else the decision; None while a first look is waited for.

    Nobody's silence counts against a buyer: a look or an appeal that is not answered in time goes on as usual.
    """
    if look.decision is None:
        return Verdict.GO_ON if as_of_us >= look.look_by_us else None
    if look.appeal is None:
        return look.decision.verdict
    if look.appeal.answer is not None:
        return look.appeal.answer.verdict
    return Verdict.GO_ON if as_of_us >= look.appeal.answer_by_us else look.decision.verdict


def cleared_by(look: Look) -> tuple[Cleared, ...]:
    """What need not be raised again: every signal of a look that a person let go on; nothing where only time passed."""
    last = look.decision if look.appeal is None else look.appeal.answer
    if last is None or last.verdict is not Verdict.GO_ON:
        return ()
    return tuple(
        Cleared(signal=part.signal, subject=part.subject, measure=part.measure)
        for part in look.score.parts
        if part.points > 0
    )


def _reasoned(decision: Decision) -> Unfit | None:
    return None if decision.reason.strip() else Unfit.NO_REASON
