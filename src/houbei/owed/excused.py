"""What excuses a late arrival: a named event in the region, with evidence, that the promise fell into.

An event that was known before the promise was shown excuses nothing: the shop promised knowing of it. Nor does one that began when
the promise had already passed.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from houbei.columns import MISSING
from houbei.owed.arrivals import FAR_US
from houbei.terms.delivery import Effect, Excuse

Whole = NDArray[np.int64]
Marks = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Closures:
    """Named events, one entry each, in any order.

    `code` is a place among the excuses of the promise, -1 for one that it does not know. Moments are µs UTC, half open; `until_us` is `MISSING` while it
    lasts; `known_us` is when it was made known. `regions` marks, by closure and region code, where it was, the parts of a region among
    them; the last column is for deliveries without a region. `evidence` marks those with evidence. `rank` breaks ties.
    """

    code: Whole
    from_us: Whole
    until_us: Whole
    known_us: Whole
    regions: Marks
    evidence: Marks
    rank: Whole

    def __len__(self) -> int:
        return len(self.code)


def counting(closures: Closures, excuses: tuple[Excuse, ...]) -> dict[Effect, Whole]:
    """The places of the closures that have each effect, ordered by beginning and rank; those without evidence only where none is asked for."""
    found = {}
    order = np.lexsort((closures.rank, closures.from_us))
    for effect in Effect:
        codes = [place for place, excuse in enumerate(excuses) if excuse.effect is effect]
        bare = [place for place in codes if not excuses[place].evidence]
        counts = np.isin(closures.code, codes) & (closures.evidence | np.isin(closures.code, bare))
        found[effect] = order[counts[order]]
    return found


def extend(closures: Closures, places: Whole, *, region: Whole, shown_us: Whole, by_us: Whole) -> tuple[Whole, Whole]:
    """Let the clock of promises stand still while closures last.

    Args:
        closures: The events.
        places: Those that extend, ordered by beginning.
        region: The region code of each promise, -1 where it is not known.
        shown_us: When it was shown.
        by_us: The first moment that is late, by what was shown.

    Returns:
        The first moment that is late after all (`FAR_US` while an event lasts), and the first closure that moved it, -1 where none did.

    Cost: a pass over the promises for each closure.
    """
    by_us, stood_until, moved = by_us.copy(), shown_us.copy(), np.full(len(by_us), -1)
    for place in places.tolist():
        until_us = FAR_US if closures.until_us[place] == MISSING else int(closures.until_us[place])
        # Where two events overlap, the clock stands still once.
        from_us = np.maximum(int(closures.from_us[place]), stood_until)
        applies = _applies(closures, place, region, shown_us) & (from_us < by_us) & (from_us < until_us)
        later = by_us + (until_us - from_us) if until_us < FAR_US else np.full(len(by_us), FAR_US)
        by_us = np.where(applies & (by_us < FAR_US), later, by_us)
        stood_until = np.where(applies, until_us, stood_until)
        moved = np.where(applies & (moved < 0), place, moved)
    return by_us, moved


def waived_by(closures: Closures, places: Whole, *, region: Whole, shown_us: Whole, by_us: Whole) -> Whole:
    """Find the event that a promise fell into; arguments and cost as for `extend`.

    Returns:
        The place of the first such closure, -1 where there is none.
    """
    found = np.full(len(by_us), -1)
    for place in places.tolist():
        until_us = FAR_US if closures.until_us[place] == MISSING else int(closures.until_us[place])
        applies = (
            _applies(closures, place, region, shown_us) & (closures.from_us[place] < by_us) & (until_us > shown_us)
        )
        found = np.where(applies & (found < 0), place, found)
    return found


def _applies(closures: Closures, place: int, region: Whole, shown_us: Whole) -> Marks:
    """Which promises are in the region of a closure and were shown before it was known."""
    here: Marks = closures.regions[place][region] & (shown_us < closures.known_us[place])
    return here
