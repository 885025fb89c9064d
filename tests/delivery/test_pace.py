"""How many parcels have usually arrived by a moment, and when a parcel must be handed over at the latest, on a table done by hand."""

from datetime import datetime

import numpy as np
import pytest

from houbei.calendars.days import Days
from houbei.columns import MISSING
from houbei.delivery.feeds import DAYS_BACK, SILENT_MIN_US, find_silent
from houbei.delivery.pace import Pace, arrived_ppm, chance_permille, last_hand_over_us
from houbei.delivery.telling_times import next_telling_us, tell_by_us
from houbei.delivery.watch_rules import DAY_US, USUAL

ZONE = "Asia/Shanghai"


def us(at: str) -> int:
    return int(datetime.fromisoformat(f"2026-02-{at}+08:00").timestamp()) * 1_000_000


DAYS = Days.over(ZONE, from_us=us("01T00:00"), to_us=us("28T00:00"))
FIRST = int(DAYS.day_of(np.array([us("01T00:00")]))[0])
# On the 12th and from the 16th to the 18th nothing moves.
COUNTED = np.array([[day not in {12, 16, 17, 18} for day in range(1, 29)]])


def pace(*, from_hand_over: bool = False) -> Pace:
    within = np.array([[100, 500, 800, 1000]])
    return Pace(within_permille=within, from_hand_over=from_hand_over, counted=COUNTED, first_day=FIRST, days=DAYS)


def arrived(begun: str, at: str) -> int:
    one = np.zeros(1, dtype=np.int64)
    found = arrived_ppm(pace(), group=one, calendar=one, begun_us=one + us(begun), at_us=one + us(at), rules=USUAL)
    return int(found[0])


@pytest.mark.parametrize(
    ("begun", "at", "ppm"),
    [
        ("10T15:00", "09T23:00", 0),
        ("10T15:00", "10T08:00", 0),
        ("10T15:00", "10T15:00", 50_000),  # half of the day's stretch from 8 to 22
        ("10T15:00", "10T22:00", 100_000),
        ("10T15:00", "11T00:00", 100_000),
        ("10T15:00", "11T15:00", 300_000),
        ("10T15:00", "12T00:00", 500_000),
        ("10T15:00", "12T21:00", 500_000),  # a day of rest brings nothing
        ("10T15:00", "13T15:00", 650_000),
        ("10T15:00", "14T22:00", 1_000_000),
        ("10T15:00", "20T00:00", 1_000_000),
        ("12T09:00", "12T15:00", 50_000),  # the day of the start is day 0, whether it is one of rest or not
        ("12T09:00", "13T00:00", 100_000),
        ("12T09:00", "13T22:00", 500_000),
    ],
)
def test_parcels_arrive_by_day_on_days_that_count(begun: str, at: str, ppm: int) -> None:
    assert arrived(begun, at) == ppm


@pytest.mark.parametrize(
    ("now", "by", "chance"),
    [
        (0, 900_000, 900),
        (500_000, 900_000, 800),
        (900_000, 900_000, 0),
        (900_000, 500_000, 0),
        (1_000_000, 1_000_000, 0),
    ],
)
def test_the_chance_is_that_of_what_is_still_to_come(now: int, by: int, chance: int) -> None:
    assert chance_permille(np.array([now]), np.array([by])).tolist() == [chance]


@pytest.mark.parametrize(
    ("by", "last"),
    [
        ("12T00:00", "11T00:00"),  # handed over on the 10th, half have arrived by the end of the 11th
        ("11T21:59", "10T00:00"),  # the 11th is not over when it passes: only whole days help
        ("11T22:00", "11T00:00"),
        ("13T00:00", "11T00:00"),  # nothing moves on the 12th
        ("19T00:00", "15T00:00"),
        ("20T00:00", "19T00:00"),  # handed over on the 18th, a day of rest, it moves on the 19th
    ],
)
def test_the_last_hand_over_leaves_as_good_a_chance_as_not(by: str, last: str) -> None:
    one = np.zeros(1, dtype=np.int64)
    found = last_hand_over_us(pace(from_hand_over=True), group=one, calendar=one, by_us=one + us(by), rules=USUAL)
    assert found.tolist() == [us(last)]


@pytest.mark.parametrize(
    ("by", "tell"),
    [
        ("17T00:00", "16T21:00"),
        ("16T23:00", "16T21:00"),
        ("16T22:59", "16T20:59"),
        ("16T15:00", "16T13:00"),
        ("16T10:00", "16T08:00"),
        ("16T09:59", "15T21:00"),
    ],
)
def test_a_buyer_hears_by_day_and_two_hours_before(by: str, tell: str) -> None:
    assert tell_by_us(np.array([us(by)]), DAYS, rules=USUAL).tolist() == [us(tell)]


@pytest.mark.parametrize(
    ("now", "before", "told"),
    [
        ("16T07:59", None, "16T08:00"),
        ("16T08:00", None, "16T08:00"),
        ("16T20:59", None, "16T20:59"),
        ("16T21:00", None, "17T08:00"),
        ("16T21:00", "17T08:01", "17T08:00"),
        ("16T21:00", "17T08:00", "16T21:00"),  # in the morning it would be too late
    ],
)
def test_a_telling_waits_for_the_morning_where_it_can(now: str, before: str | None, told: str) -> None:
    until = None if before is None else us(before)
    assert next_telling_us(us(now), DAYS, before_us=until, rules=USUAL) == us(told)


@pytest.mark.parametrize(
    ("counts", "silent_us", "is_silent"),
    [
        ([8] * DAYS_BACK, SILENT_MIN_US, True),
        ([8] * DAYS_BACK, SILENT_MIN_US - 1, False),
        ([7] + [8] * 6, SILENT_MIN_US, False),  # fewer than eight a day on average
        ([0] + [20] * 6, SILENT_MIN_US, True),
        ([0, 0] + [20] * 5, SILENT_MIN_US, False),  # two such days of seven were silent before
        ([0] * DAYS_BACK, 30 * DAY_US, False),
    ],
)
def test_a_feed_is_silent_when_it_spoke_at_these_hours_before(
    counts: list[int], silent_us: int, *, is_silent: bool
) -> None:
    last = us("20T12:00")
    found = find_silent(np.array([last, MISSING]), np.array([counts, counts]), now_us=last + silent_us)
    assert found.tolist() == [last if is_silent else MISSING, MISSING]
