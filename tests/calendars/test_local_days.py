"""Which local day a moment falls on and when a day begins, against the time zone database row by row."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from houbei.calendars.days import DAY_US, Days, check_zone
from houbei.errors import InputError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HOUR_US = 3_600_000_000
ZONES = [
    "Asia/Shanghai",
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",  # clocks went forward at midnight
    "America/Havana",  # and back over midnight
    "America/St_Johns",  # and back one minute after it
    "Pacific/Apia",  # and one date was left out
    "Pacific/Kiritimati",
    "Asia/Kathmandu",
    "Africa/Cairo",
    "UTC",
]


def us(text: str) -> int:
    return (datetime.fromisoformat(text) - EPOCH) // timedelta(microseconds=1)


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal() - date(1970, 1, 1).toordinal()


def shown(moment: int) -> str:
    return (EPOCH + timedelta(microseconds=int(moment))).isoformat()


def clock_shows(moment: int, zone: str) -> datetime:
    return (EPOCH + timedelta(microseconds=moment)).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def days_near(zone: str, *moments: int) -> Days:
    return Days.over(zone, from_us=min(moments), to_us=max(moments))


@pytest.mark.parametrize(
    ("zone", "on", "begins"),
    [
        ("Asia/Shanghai", "2026-06-02", "2026-06-01T16:00:00+00:00"),
        ("Europe/Berlin", "2026-10-25", "2026-10-24T22:00:00+00:00"),
        ("Europe/Berlin", "2026-10-26", "2026-10-25T23:00:00+00:00"),
        ("America/Havana", "2026-11-01", "2026-11-01T04:00:00+00:00"),
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00+00:00"),
        ("America/St_Johns", "2010-11-07", "2010-11-07T02:30:00+00:00"),
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00+00:00"),
        ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00+00:00"),
        ("America/Toronto", "1970-01-01", "1970-01-01T05:00:00+00:00"),
    ],
)
def test_a_day_begins_at_its_first_local_midnight(zone: str, on: str, begins: str):
    """One that happens twice is the first; one that does not is the first moment after the clocks went forward."""
    days = days_near(zone, us("2015-01-01T00:00Z"))
    assert shown(days.midnight(np.array([day(on)]))[0]) == begins


def test_a_moment_late_in_the_evening_utc_is_the_next_day_in_shanghai():
    """C12."""
    days = days_near("Asia/Shanghai", us("2026-06-01T16:30Z"))
    assert days.day_of(np.array([us("2026-06-01T16:30Z"), us("2026-06-01T15:59:59.999999Z")])).tolist() == [
        day("2026-06-02"),
        day("2026-06-01"),
    ]


MOMENTS = st.integers(0, 230 * 365 * DAY_US)
NEAR_CHANGES = st.builds(
    lambda start, hours, off: us(start) + hours * HOUR_US // 2 + off,
    st.sampled_from(
        [
            *("2026-03-29T00:00Z", "2026-10-25T00:00Z", "2018-11-04T00:00Z", "2018-02-18T00:00Z", "2011-12-30T00:00Z"),
            *("2010-11-07T00:00Z", "2010-03-14T00:00Z", "2026-11-01T00:00Z", "2026-03-08T00:00Z", "1970-01-01T12:00Z"),
        ]
    ),
    st.integers(-24, 96),
    st.sampled_from([-1, 0, 1]),
).map(lambda moment: max(moment, 0))


@settings(deadline=None)  # two centuries of a zone are a quarter of a second, once
@given(zone=st.sampled_from(ZONES), moments=st.lists(MOMENTS | NEAR_CHANGES, min_size=1, max_size=20))
def test_every_moment_lies_on_the_day_that_the_clock_shows(zone: str, moments: list[int]):
    """Where clocks go back over a midnight, the minutes that are shown again already belong to the new day."""
    found = days_near(zone, *moments).day_of(np.array(moments))
    for moment, number in zip(moments, found.tolist(), strict=True):
        shows = (clock_shows(moment, zone).date() - date(1970, 1, 1)).days
        an_hour_before = (clock_shows(max(moment - HOUR_US, 0), zone).date() - date(1970, 1, 1)).days
        assert number == max(shows, an_hour_before)


@settings(deadline=None)  # two centuries of a zone are a quarter of a second, once
@given(zone=st.sampled_from(ZONES), numbers=st.lists(st.integers(0, 84_000), min_size=1, max_size=20))
def test_a_day_begins_with_the_first_moment_at_which_the_clock_has_reached_it(zone: str, numbers: list[int]):
    begins = Days.over(zone, from_us=0, to_us=DAY_US).midnight(np.array(numbers)).tolist()
    for number, moment in zip(numbers, begins, strict=True):
        reading = EPOCH.replace(tzinfo=None) + timedelta(days=number)
        assert clock_shows(moment, zone) >= reading
        assert clock_shows(moment - 1, zone) < reading


@settings(deadline=None)  # two centuries of a zone are a quarter of a second, once
@given(zone=st.sampled_from(ZONES), moments=st.lists(MOMENTS | NEAR_CHANGES, min_size=1, max_size=20))
def test_every_moment_lies_between_the_midnights_of_its_day(zone: str, moments: list[int]):
    days = days_near(zone, *moments)
    numbers = days.day_of(np.array(moments))
    assert (days.midnight(numbers) <= moments).all()
    assert (days.midnight(numbers + 1) > moments).all()


def test_moments_outside_the_table_are_answered_all_the_same():
    days = days_near("Europe/Berlin", us("2026-06-01T00:00Z"))
    far = np.array([us("1975-01-01T00:00Z"), us("2199-12-31T23:30Z")])
    assert days.day_of(far).tolist() == [day("1975-01-01"), day("2200-01-01")]
    assert [shown(moment) for moment in days.midnight(np.array([day("2200-07-01")]))] == ["2200-06-30T22:00:00+00:00"]


def test_more_moments_than_one_block_are_answered_in_order():
    moments = us("2026-01-01T00:00Z") + np.arange(200_000) * HOUR_US // 10
    days = days_near("Asia/Shanghai", int(moments[0]), int(moments[-1]))
    assert (days.day_of(moments) == (moments + 8 * HOUR_US) // DAY_US).all()


@pytest.mark.parametrize("moment", [-1, us("2201-01-01T00:00Z"), 2**62, np.iinfo(np.int64).min])
def test_a_moment_outside_1970_to_2200_is_an_error(moment: int):
    with pytest.raises(InputError, match="1970 to 2200"):
        days_near("UTC", 0).day_of(np.array([moment]))


@pytest.mark.parametrize("number", [-1, 84_371])
def test_a_day_outside_1970_to_2200_is_an_error(number: int):
    with pytest.raises(InputError, match="1970 to 2200"):
        days_near("Asia/Shanghai", us("2026-01-01T00:00Z")).midnight(np.array([number]))


def test_no_moments_have_no_days():
    days = days_near("UTC", 0)
    assert days.day_of(np.array([], dtype=np.int64)).size == 0
    assert days.midnight(np.array([], dtype=np.int64)).size == 0


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc/passwd", "", "Asia", "shanghai"])
def test_an_unknown_zone_is_an_error_that_names_it(zone: str):
    with pytest.raises(InputError, match="zone"):
        check_zone(zone, where="terms.yaml, zone")


def test_the_table_can_be_read_without_the_class():
    days = days_near("Europe/Berlin", us("2026-06-01T00:00Z"))
    assert days.midnights.dtype == np.int64
    assert shown(days.midnights[day("2026-06-01") - days.first_day]) == "2026-05-31T22:00:00+00:00"
