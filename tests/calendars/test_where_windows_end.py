"""Where a length of time ends: the day, the midnight, the rolling; cases C1 to C12 and C21."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from houbei.calendars.closing import closes_at, last_day
from houbei.calendars.days import Days
from houbei.calendars.rolling import rolling
from houbei.columns import MISSING
from houbei.errors import InputError
from houbei.terms.lengths import parse_length

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def us(text: str) -> int:
    return (datetime.fromisoformat(text) - EPOCH) // timedelta(microseconds=1)


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal() - date(1970, 1, 1).toordinal()


def dated(number: int) -> str:
    return date.fromordinal(int(number) + date(1970, 1, 1).toordinal()).isoformat()


def last(anchor: str, length: str) -> str:
    return dated(last_day(np.array([day(anchor)]), length=parse_length(length))[0])


def closing(anchor: str, length: str, zone: str, calendar: str | None = None, roll: str = "none") -> int:
    days = Days.over(zone, from_us=us(anchor), to_us=us(anchor))
    near = day(anchor[:10])
    table = rolling(calendar, roll=roll, from_day=near, to_day=near)
    return int(closes_at(np.array([us(anchor)]), length=parse_length(length), days=days, rolling=table)[0])


@pytest.mark.parametrize(
    ("case", "anchor", "length", "zone", "end"),
    [
        ("C1", "2026-11-10T12:00:00+08:00", "PT168H", "Asia/Shanghai", "2026-11-17T12:00:00+08:00"),
        ("C2", "2026-11-10T12:00:00+08:00", "P7D", "Asia/Shanghai", "2026-11-18T00:00:00+08:00"),
        ("C4", "2026-10-20T15:30:00+02:00", "P14D", "Europe/Berlin", "2026-11-04T00:00:00+01:00"),
        ("C4", "2026-10-20T15:30:00+02:00", "PT336H", "Europe/Berlin", "2026-11-03T14:30:00+01:00"),
        ("C6", "2028-01-30T09:00:00+08:00", "P30D", "Asia/Shanghai", "2028-03-01T00:00:00+08:00"),
        ("C6", "2027-01-30T09:00:00+08:00", "P30D", "Asia/Shanghai", "2027-03-02T00:00:00+08:00"),
        ("C12", "2026-06-01T16:30:00+00:00", "P30D", "Asia/Shanghai", "2026-07-03T00:00:00+08:00"),
        ("C21", "2026-03-02T11:00:00+00:00", "P30D", "Europe/London", "2026-04-02T00:00:00+01:00"),
        ("purchase day only", "2026-07-01T23:59:59+02:00", "P0D", "Europe/Berlin", "2026-07-02T00:00:00+02:00"),
        ("at delivery", "2026-05-04T15:00:00+08:00", "PT0H", "Asia/Shanghai", "2026-05-04T15:00:00+08:00"),
    ],
)
def test_a_window_closes_at_the_worked_moment(case: str, anchor: str, length: str, zone: str, end: str):
    assert closing(anchor, length, zone) == us(end), case


@pytest.mark.parametrize(
    ("anchor", "length", "expected"),
    [
        ("2028-02-29", "P1Y", "2029-02-28"),
        ("2027-01-31", "P1M", "2027-02-28"),
        ("2026-08-31", "P6M", "2027-02-28"),
        ("2028-01-31", "P1M", "2028-02-29"),
        ("2026-12-15", "P1M", "2027-01-15"),
        ("2026-01-31", "P1M1D", "2026-03-01"),
        ("2024-02-29", "P4Y", "2028-02-29"),
        ("2028-01-30", "P30D", "2028-02-29"),
        ("2027-01-30", "P30D", "2027-03-01"),
        ("2026-03-02", "P30D", "2026-04-01"),
        ("2026-11-30", "P3M", "2027-02-28"),
        ("2026-06-01", "P2W", "2026-06-15"),
    ],
)
def test_months_and_years_end_on_the_corresponding_day_or_the_last_of_the_month(
    anchor: str, length: str, expected: str
):
    """C7; Civil Code, article 202."""
    assert last(anchor, length) == expected


@pytest.mark.parametrize(
    ("case", "anchor", "length", "calendar", "roll", "expected"),
    [
        ("C10: a make-up Saturday is worked", "2026-01-29", "P30D", "cn", "next_workday", "2026-02-28"),
        ("a plain Saturday is not", "2026-02-05", "P30D", "cn", "next_workday", "2026-03-09"),
        ("a Saturday is no statutory holiday", "2026-02-05", "P30D", "cn", "statutory_day", "2026-03-07"),
        ("New Year's Eve to the day after the third", "2026-02-10", "P6D", "cn", "statutory_day", "2026-02-20"),
        ("the same to the first day after the break", "2026-02-10", "P6D", "cn", "official_break", "2026-02-24"),
        ("the same to the first day that is worked", "2026-02-10", "P6D", "cn", "next_workday", "2026-02-24"),
        ("the second of May, new in 2025", "2025-05-01", "P1D", "cn", "statutory_day", "2025-05-03"),
        ("not yet in 2024", "2024-05-01", "P1D", "cn", "statutory_day", "2024-05-02"),
        ("the eve was statutory in 2013", "2013-02-08", "P1D", "cn", "statutory_day", "2013-02-12"),
        ("and not in 2014", "2014-01-29", "P1D", "cn", "statutory_day", "2014-01-30"),
        ("the extended break of 2020", "2020-01-24", "P1D", "cn", "official_break", "2020-02-03"),
        ("C11: holiday on a Saturday, then Sunday", "2026-12-12", "P14D", "de", "next_workday", "2026-12-28"),
        ("a holiday of Bavaria", "2026-01-05", "P1D", "de-by", "statutory_day", "2026-01-07"),
        ("none in Berlin", "2026-01-05", "P1D", "de-be", "statutory_day", "2026-01-06"),
        ("the weekend of the Emirates is Saturday and Sunday", "2026-05-08", "P1D", "ae", "next_workday", "2026-05-11"),
        ("C21: nothing rolls", "2026-03-02", "P30D", "gb", "none", "2026-04-01"),
    ],
)
def test_a_last_day_rolls_as_its_rule_says(
    case: str, anchor: str, length: str, calendar: str, roll: str, expected: str
):
    end = closing(f"{anchor}T12:00+00:00", length, "UTC", calendar, roll)
    assert end == us(f"{expected}T00:00+00:00") + 86_400_000_000, case


def test_an_exact_length_never_rolls():
    assert closing("2026-02-14T12:00+08:00", "PT48H", "Asia/Shanghai", "cn", "next_workday") == us(
        "2026-02-16T12:00+08:00"
    )


@pytest.mark.parametrize("length", ["P30D", "PT720H", "P1M"])
def test_what_has_not_happened_does_not_close(length: str):
    days = Days.over("Asia/Shanghai", from_us=0, to_us=0)
    anchors = np.array([MISSING, us("2026-06-01T00:00Z"), MISSING])
    closes = closes_at(anchors, length=parse_length(length), days=days)
    assert (closes == MISSING).tolist() == [True, False, True]
    assert closes[1] == closing("2026-06-01T00:00Z", length, "Asia/Shanghai")


@pytest.mark.parametrize(
    ("length", "expected"),
    [("P7D", "2026-11-11T00:00+08:00"), ("PT168H", "2026-11-10T09:00+08:00"), ("P0D", "2026-11-04T00:00+08:00")],
)
def test_a_moment_after_an_anchor_is_the_midnight_that_ends_its_last_day_or_falls_on_the_second(
    length: str, expected: str
):
    """What `plus` of an anchor gives: reckoned as every length is."""
    days = Days.over("Asia/Shanghai", from_us=0, to_us=0)
    found = closes_at(np.array([us("2026-11-03T09:00+08:00"), MISSING]), length=parse_length(length), days=days)
    assert found.tolist() == [us(expected), MISSING]


@pytest.mark.parametrize(
    ("calendar", "roll"),
    [
        ("cn", "sometimes"),
        (None, "next_workday"),
        ("xx", "next_workday"),
        ("Germany", "next_workday"),
        ("de-zz", "statutory_day"),
    ],
)
def test_an_unknown_calendar_or_rule_is_an_error(calendar: str | None, roll: str):
    with pytest.raises(InputError):
        rolling(calendar, roll=roll, from_day=20_000, to_day=20_010)


def test_a_year_that_the_calendar_does_not_have_is_an_error():
    with pytest.raises(InputError, match="2007 to 2035"):
        rolling("cn", roll="next_workday", from_day=day("2006-05-01"), to_day=day("2006-06-01"))


@settings(deadline=None)
@given(
    start=st.integers(day("2009-01-01"), day("2034-01-01")),
    spread=st.lists(st.integers(-400, 400), min_size=1, max_size=30),
    calendar=st.sampled_from(["cn", "de", "us"]),
    roll=st.sampled_from(["statutory_day", "official_break", "next_workday"]),
)
def test_rolling_never_goes_back_and_never_changes_the_order(start: int, spread: list[int], calendar: str, roll: str):
    table = rolling(calendar, roll=roll, from_day=start, to_day=start + 60)
    assert table is not None
    numbers = np.sort(start + np.array(spread))
    rolled = table.rolled(numbers)
    assert (rolled >= numbers).all()
    assert (np.diff(rolled) >= 0).all()
    assert (table.rolled(rolled) == rolled).all()
