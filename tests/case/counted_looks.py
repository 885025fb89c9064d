"""What looks cost the honest: counted on a history in which it is known how each claim ended. Counts alone; intervals are quality's."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from houbei.case.observed import Observed
from houbei.case.scorecard import Scorecard, Signal
from houbei.case.signals import Outcome, score


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A claim whose end is known: its facts as they were at the moment of scoring, and whether all of it was in order."""

    observed: Observed
    in_order: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """How many claims a threshold would have put before a person.

    `in_order` claims, and how many of them were looked at for nothing; `not_in_order` claims, and how many were looked at;
    `in_vain_by` says which signals counted in how many of the looks for nothing, the most frequent first.
    """

    in_order: int
    looked_in_vain: int
    not_in_order: int
    looked_rightly: int
    in_vain_by: tuple[tuple[Signal, int], ...]


def count_looks(history: Iterable[Ended], *, scorecard: Scorecard, look_at: int | None = None) -> Looks:
    """Count how many claims that were in order a person would have been asked to look at.

    Args:
        history: Claims and how they ended, each scored alone and without what was cleared before.
        scorecard: The points.
        look_at: A threshold to try, None for the scorecard's.

    Cost: a score for each claim.
    """
    claims: Counter[tuple[bool, bool]] = Counter()
    signals: Counter[Signal] = Counter()
    for ended in history:
        found = score(ended.observed, scorecard=scorecard, look_at=look_at)
        looked = found.outcome is Outcome.LOOK
        claims[ended.in_order, looked] += 1
        if looked and ended.in_order:
            signals.update(part.signal for part in found.parts if part.counted > 0)
    return Looks(
        in_order=claims[True, True] + claims[True, False],
        looked_in_vain=claims[True, True],
        not_in_order=claims[False, True] + claims[False, False],
        looked_rightly=claims[False, True],
        in_vain_by=_most_frequent(signals),
    )


def _most_frequent(counts: Mapping[Signal, int]) -> tuple[tuple[Signal, int], ...]:
    return tuple(sorted(counts.items(), key=lambda one: (-one[1], one[0])))
