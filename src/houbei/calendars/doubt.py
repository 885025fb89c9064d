"""Doubtful days: those of a predicted year that a notice could still take off, although the prediction leaves them worked.

The rule: a notice may take off any day that a notice since 2008 took off at the same distance from the same festival. So
each festival of a predicted year has, around its day by law, a span as wide as the widest breaks that were announced for
it: for the Spring Festival from two days before New Year (2026) to eight after (2020). Days of the span that are not in the
predicted break are doubtful: dates that are promised are counted as if they rested, and no make-up workday is assumed, so
that a notice within the span can only bring a date forward.

Limitations: a notice may go beyond every earlier one; `docs/calendars.md` says how often that happened. Only China's
festivals are known: the years of other calendars have no doubtful days.
"""

from collections.abc import Iterable, Mapping
from datetime import date

import numpy as np
from numpy.typing import NDArray

from houbei.calendars.days import day_number
from houbei.calendars.documents import CalendarDocument, State, Year
from houbei.calendars.festivals import festivals_of

SPANS_FROM_YEAR = 2008
"""From when on notices count: the law before it had other festivals and weeks of seven days."""


def doubtful_days(document: CalendarDocument, years: Iterable[int]) -> NDArray[np.int64]:
    """Find the doubtful days of some years of a document, days since 1970-01-01, ascending; announced years have none.

    Args:
        document: Whose announced years say how wide a break can be, and whose predicted years are asked.
        years: Those that are asked; years that the document does not hold have none.

    Cost: linear in the years of the document.
    """
    if document.id != "cn":
        return np.zeros(0, dtype=np.int64)
    spans = widest_breaks(document.years)
    found: set[int] = set()
    for number in years:
        year = document.years.get(str(number))
        if year is None or year.state is not State.PREDICTED:
            continue
        off = {day_number(day) for day in year.off_days}
        for festival, day in festivals_of(number, year):
            before, after = spans.get(festival, (0, 0))
            found |= set(range(day - before, day + after + 1)) - off
    return np.array(sorted(found), dtype=np.int64)


def widest_breaks(years: Mapping[str, Year]) -> dict[str, tuple[int, int]]:
    """Say how many days before and after its day by law the announced breaks of each festival reached, at most.

    Args:
        years: The years of a document; those that are predicted, and those before 2008, do not count.
    """
    spans: dict[str, tuple[int, int]] = {}
    for number, year in years.items():
        if year.state is not State.ANNOUNCED or int(number) < SPANS_FROM_YEAR:
            continue
        breaks = [
            (day_number(date.fromisoformat(first)), day_number(date.fromisoformat(last))) for first, last in year.breaks
        ]
        taken: set[tuple[int, int]] = set()
        for festival, day in festivals_of(int(number), year):
            ends = next((ends for ends in breaks if ends[0] <= day <= ends[1]), None)
            # A break that holds two festivals, as when Mid-Autumn falls in National Day's, is the first one's.
            if ends is None or ends in taken:
                continue
            taken.add(ends)
            before, after = spans.get(festival, (0, 0))
            spans[festival] = max(before, day - ends[0]), max(after, ends[1] - day)
    return spans
