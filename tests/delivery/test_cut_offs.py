"""Cut-offs hold on weekdays, lunar days and dates; the first that fits counts, on the clock of the warehouse."""

from datetime import date
from typing import Any

import numpy as np
import pytest

from houbei.calendars.days import DAY_US, Days, day_number
from houbei.delivery.clock_times import clock_us_of, moments_on
from houbei.delivery.cut_offs import is_lunar_day
from houbei.errors import InputError
from houbei.facts.moments import text_of_moment
from tests.delivery.small import quoted, small


def lunar(names: list[str], *days: date) -> list[bool]:
    return is_lunar_day(np.array([day_number(day) for day in days]), names).tolist()


def test_the_eve_is_the_last_day_whether_the_month_has_29_or_30():
    """From 2025 to 2029 no year ends with a thirtieth."""
    eves = (date(2024, 2, 9), date(2025, 1, 28), date(2026, 2, 16), date(2027, 2, 5), date(2028, 1, 25))
    assert lunar(["eve"], *eves) == [True] * 5
    assert lunar(["12-30"], *eves) == [True, False, False, False, False]
    assert lunar(["12-29"], *eves) == [False, True, True, True, True]


def test_lunar_days_are_those_of_plain_months():
    """2025 had a sixth month from 25 June and a leap one from 25 July."""
    assert lunar(["6-1"], date(2025, 6, 25), date(2025, 7, 25)) == [True, False]
    assert lunar(["1-1", "1-15"], date(2026, 2, 17), date(2026, 2, 18), date(2026, 3, 3)) == [True, False, True]


def handled(before: dict[str, Any], at: str, **asked: Any) -> str:
    """The day on which an order is handled, with one cut-off before the ordinary one at 17:00."""

    def change(network: dict[str, Any]) -> None:
        network["origins"][0]["cut_offs"].insert(0, before)
        network["services"].append({**network["services"][0], "id": "t"})

    answer = quoted(small(change), at, service=asked.pop("service", "s"), **asked)
    told = answer["reasons"][0]
    return told["figures"].get("handled", told["figures"]["day"])


@pytest.mark.parametrize(
    ("before", "at", "day"),
    [
        ({"before": "11:00", "weekdays": ["mon"]}, "2026-03-09T11:00", "2026-03-10"),
        ({"before": "11:00", "weekdays": ["mon"]}, "2026-03-10T11:00", "2026-03-10"),
        ({"before": "11:00", "lunar_days": ["1-1"]}, "2026-02-17T11:00", "2026-02-18"),
        ({"before": "11:00", "lunar_days": ["1-1"]}, "2026-02-18T11:00", "2026-02-18"),
        ({"before": "11:00", "lunar_days": ["1-1"], "weekdays": ["mon"]}, "2026-02-17T11:00", "2026-02-17"),
        ({"before": "11:00", "regions": ["R-1"]}, "2026-03-09T11:00", "2026-03-10"),
        ({"before": "11:00", "regions": ["R"]}, "2026-03-09T11:00", "2026-03-10"),
        ({"before": "11:00", "services": ["t"]}, "2026-03-09T11:00", "2026-03-09"),
        (
            {"before": "00:00", "dates": [{"first_day": "2026-03-09", "last_day": "2026-03-11"}]},
            "2026-03-09T08:00",
            "2026-03-12",
        ),
        ({"before": "24:00", "weekdays": ["mon"]}, "2026-03-09T23:59:59.999999", "2026-03-09"),
    ],
)
def test_the_first_cut_off_that_fits_counts(before: dict[str, Any], at: str, day: str):
    assert handled(before, at) == day


def test_a_cut_off_for_a_part_does_not_hold_for_the_region_around_it():
    assert handled({"before": "11:00", "regions": ["R-1"]}, "2026-03-09T11:00", region="R") == "2026-03-09"


def moment(zone: str, day: date, clock: str) -> str:
    table = Days.over(zone, from_us=day_number(day) * DAY_US, to_us=day_number(day) * DAY_US)
    found = moments_on(np.array([day_number(day)]), np.array([clock_us_of(clock, where="a test")]), table=table)
    return text_of_moment(int(found[0]))


def test_a_time_that_clocks_skip_comes_as_much_later():
    assert moment("Europe/Berlin", date(2026, 3, 29), "02:30") == "2026-03-29T01:30:00Z"


def test_a_time_that_clocks_show_twice_is_the_first():
    assert moment("Europe/Berlin", date(2026, 10, 25), "02:30") == "2026-10-25T00:30:00Z"


def test_midnights_bound_their_day_where_clocks_change_over_them():
    assert moment("America/Santiago", date(2026, 9, 6), "00:00") == "2026-09-06T04:00:00Z"
    assert moment("America/Santiago", date(2026, 9, 5), "24:00") == "2026-09-06T04:00:00Z"
    assert moment("America/Santiago", date(2026, 9, 6), "00:30") == "2026-09-06T04:30:00Z"


@pytest.mark.parametrize("text", ["24:01", "7:00", "11.00", "11:60", "", "noon"])
def test_what_no_clock_shows_is_refused(text: str):
    with pytest.raises(InputError, match="a time of day"):
        clock_us_of(text, where="a test")
