"""When buyers are told: by day, and before the promise passes."""

import numpy as np
from numpy.typing import NDArray

from houbei.calendars.days import Days
from houbei.delivery.watch_rules import WatchRules

Whole = NDArray[np.int64]


def tell_by_us(by_us: Whole, days: Days, *, rules: WatchRules) -> Whole:
    """Find the last moment at which a buyer can hear of a risk, by day and well before the promise passes.

    Args:
        by_us: The first moment that is late.
        days: The local days of the shop. On a day on which clocks change, times of day are hours since its midnight.
        rules: Between which times of day buyers are told, and how long before.

    Returns:
        For a promise of a day, whose end is midnight, the evening of that day; for one of a morning the evening before.
    """
    last_us = by_us - rules.tell_ahead_us
    midnight_us = days.midnight(days.day_of(last_us))
    early = last_us < midnight_us + rules.tell_opens_us
    evening_us = days.midnight(days.day_of(last_us) - early) + rules.tell_closes_us
    return np.minimum(np.where(early, evening_us, last_us), evening_us)


def next_telling_us(now_us: int, days: Days, *, before_us: int | None, rules: WatchRules) -> int:
    """Find the next moment at which a buyer may be told: now by day, else in the morning.

    Args:
        now_us: What time it is.
        days: The local days of the shop.
        before_us: What they should hear before; where that comes before the morning, they hear now. None: it can wait.
        rules: Between which times of day buyers are told.
    """
    day = days.day_of(np.array([now_us]))
    midnight_us, next_us = (int(days.midnight(day + more)[0]) for more in (0, 1))
    if now_us < midnight_us + rules.tell_opens_us:
        morning_us = midnight_us + rules.tell_opens_us
    elif now_us < midnight_us + rules.tell_closes_us:
        return now_us
    else:
        morning_us = next_us + rules.tell_opens_us
    return now_us if before_us is not None and before_us <= morning_us else morning_us
