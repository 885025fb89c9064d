"""What promises would have answered to a claims history, and what that would have cost, claim by claim."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from houbei.backtest.claims_history import History
from houbei.columns import MISSING
from houbei.facts.claims import OUTCOMES, REMEDIES
from houbei.facts.orders import Lines
from houbei.judging import judge_claims
from houbei.owed.choice import Outcome
from houbei.owed.replacement import Judged, value_of_units
from houbei.owed.tracks import Reason
from houbei.terms.model import Terms

Whole = NDArray[np.int64]

REPLACE, REFUND = REMEDIES.index("replace"), REMEDIES.index("refund")
CONFIRMED = OUTCOMES.index("confirmed")
SAME_CASE = "same_case"
"""The reason of a claim that repeats one of the same unit while that was open."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answers:
    """What each live claim comes to, one entry a claim that counts (`place` in the history), amounts in minor units.

    `given` is the remedy (a place in `REMEDIES`), -1 for none; `promise` which of the promises answered or came nearest. `reason`
    says why nothing is given: a `Reason`, the word of an inspection that found otherwise, or `SAME_CASE`; else `answers`.
    """

    place: Whole
    line: Whole
    given: NDArray[np.int8]
    referred: NDArray[np.bool_]
    promise: Whole
    clause: list[str | None]
    reason: list[str]
    goods_minor: Whole
    service_minor: Whole
    back_minor: Whole

    @property
    def cost_minor(self) -> Whole:
        """What each claim costs: the unit or the money given, and the service, less what comes back."""
        return self.goods_minor + self.service_minor - self.back_minor

    @property
    def repeats(self) -> NDArray[np.bool_]:
        """Which claims repeat one that was open."""
        return np.array([reason == SAME_CASE for reason in self.reason], dtype=np.bool_)

    @property
    def refused(self) -> NDArray[np.bool_]:
        """Which claims come to nothing for a reason."""
        return (self.given < 0) & ~self.referred & ~self.repeats


def answer_claims(history: History, lines: Lines, line: Whole, promises: Sequence[Terms]) -> Answers:
    """Put the claims of a history to promises that run side by side.

    Args:
        history: What was read.
        lines: The lines that the claims are of (`History.claimed_lines`).
        line: The place of each claim's line among them.
        promises: Bound to every line, whatever their dates.

    A claim that is answered and whose inspection found no fault, misuse or another unit is given nothing but what the inspection cost.
    What a claim that is refused at once cost in history is not counted: it would not have come to it.
    """
    claims = history.claims
    judged, _ = judge_claims(claims, lines, promises, dictionaries=history.dictionaries, as_of_us=history.as_of_us)
    place = history.live_claims
    answered = judged.outcome[place] == Outcome.ANSWERS
    head = judged.case[place] == place
    found = claims.outcome[place]
    otherwise = answered & (found >= 0) & (found != CONFIRMED)
    given = np.where(answered & head & ~otherwise, judged.remedy[place], np.int8(-1)).astype(np.int8)
    goods = _goods(history, lines, line[place], given, judged.unit[place])
    return Answers(
        place=place,
        line=history.line[place],
        given=given,
        referred=(judged.outcome[place] == Outcome.REFERRED) & head,
        promise=judged.promise[place],
        clause=[judged.clause.values[code] if code >= 0 else None for code in judged.clause.codes[place].tolist()],
        reason=_reasons(judged, place, otherwise=otherwise, found=found),
        goods_minor=goods,
        service_minor=np.where(answered, history.amounts["service_cost"][place], 0),
        back_minor=np.where(answered, history.amounts["recovered"][place] + history.amounts["salvage"][place], 0),
    )


def _reasons(judged: Judged, place: Whole, *, otherwise: NDArray[np.bool_], found: NDArray[np.int8]) -> list[str]:
    codes = judged.reasons[place, np.maximum(judged.promise[place], 0)]
    words = [Reason(int(code)).name.lower() for code in codes]
    for k in np.flatnonzero(otherwise).tolist():
        words[k] = OUTCOMES[found[k]]
    for k in np.flatnonzero(judged.case[place] != place).tolist():
        words[k] = SAME_CASE
    return words


def _goods(history: History, lines: Lines, line: Whole, given: NDArray[np.int8], unit: Whole) -> Whole:
    """What the unit or the money given is worth; a unit whose cost is not known counts at what was paid for it, which is more."""
    paid = value_of_units(line, unit, paid_minor=lines.paid_minor, quantity=lines.quantity)
    cost = history.unit_minor[history.line[history.live_claims]]
    replaced = np.where(cost == MISSING, paid, cost)
    return np.where(given == REPLACE, replaced, np.where(given == REFUND, paid, 0))
