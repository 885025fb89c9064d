"""Lengths of time and moments, as a document writes them."""

from datetime import UTC, datetime, timedelta

import pytest

from houbei.errors import TermsError
from houbei.terms.lengths import Length, parse_length
from houbei.terms.moments import parse_moment

HOUR_US = 3_600_000_000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("P30D", Length(days=30)),
        ("P0D", Length()),
        ("P2W", Length(days=14)),
        ("P1M", Length(months=1)),
        ("P6M", Length(months=6)),
        ("P1Y", Length(years=1)),
        ("P1Y6M10D", Length(years=1, months=6, days=10)),
        ("PT720H", Length(exact_us=720 * HOUR_US)),
        ("PT0H", Length(exact_us=0)),
        ("PT1H30M", Length(exact_us=HOUR_US * 3 // 2)),
        ("PT1M", Length(exact_us=60_000_000)),
        ("PT1S", Length(exact_us=1_000_000)),
        ("P100Y", Length(years=100)),
    ],
)
def test_a_length_runs_by_the_calendar_or_to_the_second(text: str, expected: Length):
    assert parse_length(text) == expected


@pytest.mark.parametrize("text", ["P1DT12H", "P1MT1M", "P2WT1H"])
def test_a_length_that_mixes_calendar_and_clock_is_refused(text: str):
    with pytest.raises(TermsError, match="Choose one"):
        parse_length(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "P",
        "PT",
        "30",
        "30D",
        "P-3D",
        "P1.5D",
        "PT0.5H",
        "P1D1M",
        "P1W1D",
        "p30d",
        "P30D ",
        "P１D",
        "P101Y",
        "P1201M",
        "P999999D",
    ],
)
def test_what_is_no_length_is_refused(text: str):
    with pytest.raises(TermsError):
        parse_length(text, where="terms.yaml, window.closes.length")


@pytest.mark.parametrize(
    ("text", "zone", "utc"),
    [
        ("2026-12-05T10:00+08:00", "UTC", "2026-12-05T02:00:00+00:00"),
        ("2026-12-05T10:00:30.5Z", "Asia/Shanghai", "2026-12-05T10:00:30.500000+00:00"),
        ("2026-12-05T10:00", "Asia/Shanghai", "2026-12-05T02:00:00+00:00"),
        ("2026-12-05 10:00:01", "Europe/Berlin", "2026-12-05T09:00:01+00:00"),
        ("2026-12-05", "Asia/Shanghai", "2026-12-04T16:00:00+00:00"),
        ("2026-10-25T02:30", "Europe/Berlin", "2026-10-25T00:30:00+00:00"),
        ("2026-03-29T02:30", "Europe/Berlin", "2026-03-29T01:30:00+00:00"),
        ("1970-01-01T00:00:00.000001Z", "UTC", "1970-01-01T00:00:00.000001+00:00"),
    ],
    ids=["offset", "utc", "local", "space", "a date", "twice: the first", "skipped: moves on", "microsecond"],
)
def test_a_moment_is_read_in_its_own_zone_or_the_documents(text: str, zone: str, utc: str):
    read = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=parse_moment(text, zone=zone, where="when"))
    assert read == datetime.fromisoformat(utc)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2026-02-30",
        "2026-12-05T25:00Z",
        "2026-12-05T10Z",
        "20261205",
        "2026-W49-6",
        "1969-12-31T23:59Z",
        "2201-01-01T12:00Z",
        "2026-12-05T10:00+8:00",
        "2026-12-05T10:00 Europe/Berlin",
        "5 December 2026",
        "2026-12-05T10:00:00.0000001Z",
    ],
)
def test_what_is_no_moment_of_our_years_is_refused(text: str):
    with pytest.raises(TermsError, match="1970 to 2200"):
        parse_moment(text, zone="UTC", where="terms.yaml, effective.sold_from")
