"""The days on which a length of time may not end, for the one autumn in which histories need them.

State Council notice of November 2025 on 2026: Mid-Autumn 25 to 27 September; National Day 1 to 7 October, with Sunday
20 September and Saturday 10 October worked. Statutory days: Mid-Autumn itself and 1 to 3 October (Order 795).
"""

from datetime import date, timedelta

STATUTORY = frozenset(date(2026, *day) for day in ((9, 25), (10, 1), (10, 2), (10, 3)))
BREAKS = frozenset(date(2026, *day) for day in ((9, 25), (9, 26), (9, 27), *((10, day) for day in range(1, 8))))
WORKED = frozenset({date(2026, 9, 20), date(2026, 10, 10)})
SATURDAY = 5


def rolled(day: date, *, roll: str) -> date:
    """Move a last day on to the first day on which, by the rule, a length may end."""
    while may_not_end(day, roll=roll):
        day += timedelta(days=1)
    return day


def may_not_end(day: date, *, roll: str) -> bool:
    """Tell whether a rule forbids a length to end on a day.

    `statutory_day` forbids the days off by law, `official_break` every day of a break, `next_workday` weekends too,
    unless they are worked.
    """
    rests = day in BREAKS or (day.weekday() >= SATURDAY and day not in WORKED)
    return {"none": False, "statutory_day": day in STATUTORY, "official_break": day in BREAKS, "next_workday": rests}[
        roll
    ]
