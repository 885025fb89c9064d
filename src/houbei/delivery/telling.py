"""What buyers are told about a promise under way, and when each is worth telling: never more than is known, and no more than once.

Of what is only possible a buyer hears late in the day of the promise, when the carrier has had its chance; of what is most likely at once.
Whoever was told that it will most likely be late is not told again when it is.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from houbei.delivery.watch_rules import WatchRules
from houbei.delivery.watching import Risk, Watched

Whole = NDArray[np.int64]
Marks = NDArray[np.bool_]


class Telling(StrEnum):
    """What a telling is about; its value stands in the store and in events, and never changes."""

    AT_RISK = "at_risk"
    LATE = "late"
    PAID = "paid"
    NEW_DATE = "new_date"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stands:
    """How deliveries stand, one entry each.

    `late` marks those that are late by the books, `warned` those whose buyer was told that this promise will most likely be broken.
    `promised_us` is the first late moment by what was shown, `by_us` after all extensions.
    """

    late: Marks
    warned: Marks
    promised_us: Whole
    by_us: Whole


def worth_telling(watched: Watched, stands: Stands, *, rules: WatchRules, now_us: int) -> dict[Telling, Marks]:
    """Find what is worth telling the buyers of some deliveries; payments are told of when they are made.

    Args:
        watched: How their promises stand.
        stands: What the books say of them, and what was told before.
        rules: How long before the last moment of telling a possible lateness is told.
        now_us: What time it is.

    Returns:
        By what there is to tell the deliveries that it is to be told of.
    """
    soon = now_us >= watched.tell_by_us - rules.tell_lead_us
    may, will = watched.risk == Risk.MAY_BE_LATE, watched.risk == Risk.WILL_BE_LATE
    moved = (stands.by_us > stands.promised_us) & (stands.by_us < np.iinfo(np.int64).max)
    return {
        Telling.NEW_DATE: moved & (now_us < stands.by_us) & ~stands.late,
        Telling.AT_RISK: (will | (may & soon)) & (now_us < stands.by_us) & ~stands.late,
        Telling.LATE: stands.late & ~stands.warned,
    }
