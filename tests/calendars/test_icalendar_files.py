"""iCalendar files in and out: what their events come to, and what is refused."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from houbei.calendars.documents import State
from houbei.calendars.festivals import names_of
from houbei.calendars.ics import read_ics, write_ics
from houbei.calendars.notices import Notice, notices_of
from houbei.errors import InputError
from tests.calendars.made_calendars import china, dates

STAMPED_US = 1_795_000_000_000_000


def file_of(*events: str, head: str = "") -> bytes:
    body = "".join(f"BEGIN:VEVENT\nUID:e{number}\n{event.strip()}\nEND:VEVENT\n" for number, event in enumerate(events))
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//made//EN\n{head}{body}END:VCALENDAR\n".replace(
        "\n", "\r\n"
    ).encode()


def read(*events: str, head: str = "", zone: str = "Asia/Shanghai", years: list[int] | None = None) -> list[Notice]:
    return read_ics(file_of(*events, head=head), where="made.ics", zone=zone, years=years)


def off_days(*events: str, years: list[int] | None = None, zone: str = "Asia/Shanghai") -> list[str]:
    return [day.isoformat() for notice in read(*events, years=years, zone=zone) for day in notice.off]


def written(notices: list[Notice]) -> bytes:
    return write_ics(notices, calendar_id="cn", version="2026.1", names=names_of(china()), stamped_us=STAMPED_US)


def test_days_off_and_make_up_workdays_are_told_apart():
    (notice,) = read(
        "SUMMARY:春节假期\nDTSTART;VALUE=DATE:20260215\nDTEND;VALUE=DATE:20260218",
        "SUMMARY:上班(补春节假期)\nDTSTART;VALUE=DATE:20260214",
        "SUMMARY:国庆节（班）\nDTSTART;VALUE=DATE:20260920",
        "SUMMARY:元旦补班\nDTSTART;VALUE=DATE:20260104",
        "SUMMARY:Make-up workday\nDTSTART;VALUE=DATE:20260228",
        "SUMMARY:Spring Festival\nX-APPLE-SPECIAL-DAY:ALTERNATE-WORKDAY\nDTSTART;VALUE=DATE:20260509",
        "SUMMARY:上班\nCATEGORIES:Day-Off\nDTSTART;VALUE=DATE:20261001",
        "SUMMARY:a name\nCATEGORIES:x,WORKDAY\nDTSTART;VALUE=DATE:20261010",
    )
    assert notice == Notice(
        year=2026,
        papers=("made.ics",),
        off=dates("2026-02-15", "2026-02-16", "2026-02-17", "2026-10-01"),
        worked=dates("2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"),
    )


def test_a_folded_line_is_one_line():
    folded = file_of("SUMMARY:上班\nDTSTART;VALUE=DATE:20260214").replace(
        "SUMMARY:上班".encode(), b"SUMMARY:" + "上班".encode()[:4] + b"\r\n " + "上班".encode()[4:]
    )
    assert read_ics(folded, where="made.ics", zone="UTC")[0].worked == dates("2026-02-14")


@pytest.mark.parametrize(
    ("event", "zone", "expected"),
    [
        ("DTSTART;VALUE=DATE:20260215", "UTC", ["2026-02-15"]),
        ("DTSTART;VALUE=DATE:20260215\nDURATION:P2D", "UTC", ["2026-02-15", "2026-02-16"]),
        ("DTSTART:20260214T160000Z\nDTEND:20260216T160000Z", "Asia/Shanghai", ["2026-02-15", "2026-02-16"]),
        (
            "DTSTART;TZID=Asia/Shanghai:20260215T000000\nDTEND;TZID=Asia/Shanghai:20260216T000000",
            "Asia/Shanghai",
            ["2026-02-15"],
        ),
        ("DTSTART:20260215T000000\nDURATION:P1D", "Europe/Berlin", ["2026-02-15"]),
        (
            "DTSTART;TZID=Europe/Berlin:20261025T000000\nDTEND;TZID=Europe/Berlin:20261026T000000",
            "Europe/Berlin",
            ["2026-10-25"],
        ),
    ],
)
def test_an_event_is_whole_days_of_the_calendar_s_zone(event: str, zone: str, expected: list[str]):
    assert off_days(event, zone=zone) == expected


@pytest.mark.parametrize(
    ("event", "years", "expected"),
    [
        ("DTSTART;VALUE=DATE:20261003\nRRULE:FREQ=YEARLY;COUNT=3", None, ["2026-10-03", "2027-10-03", "2028-10-03"]),
        ("DTSTART;VALUE=DATE:20261003\nRRULE:FREQ=YEARLY;UNTIL=20271003", None, ["2026-10-03", "2027-10-03"]),
        ("DTSTART;VALUE=DATE:20261003\nRRULE:FREQ=YEARLY;UNTIL=20271002", None, ["2026-10-03"]),
        (
            "DTSTART;VALUE=DATE:20261003\nRRULE:FREQ=YEARLY;INTERVAL=2;BYMONTH=10;BYMONTHDAY=3",
            [2027, 2028],
            ["2028-10-03"],
        ),
        ("DTSTART;VALUE=DATE:20201003\nRRULE:FREQ=YEARLY", [2027], ["2027-10-03"]),
        ("DTSTART;VALUE=DATE:20201003\nRRULE:FREQ=YEARLY;UNTIL=99991231", [2027], ["2027-10-03"]),
        ("DTSTART;VALUE=DATE:20201003\nRRULE:FREQ=YEARLY;COUNT=2", [2027], []),
        ("DTSTART;VALUE=DATE:20240229\nRRULE:FREQ=YEARLY;COUNT=2", None, ["2024-02-29", "2028-02-29"]),
        (
            "DTSTART;VALUE=DATE:20251231\nDURATION:P2D\nRRULE:FREQ=YEARLY",
            [2027],
            ["2026-12-31", "2027-01-01", "2027-12-31"],
        ),
        (
            "DTSTART;VALUE=DATE:20261003\nRRULE:FREQ=YEARLY;COUNT=3\nEXDATE;VALUE=DATE:20271003\nRDATE;VALUE=DATE:20270104",
            None,
            ["2026-10-03", "2027-01-04", "2028-10-03"],
        ),
        (
            "DTSTART:20261002T160000Z\nDTEND:20261003T160000Z\nRRULE:FREQ=YEARLY;UNTIL=20271002T160000Z",
            None,
            ["2026-10-03", "2027-10-03"],
        ),
    ],
)
def test_a_yearly_event_is_written_out(event: str, years: list[int] | None, expected: list[str]):
    assert off_days(event, years=years) == expected


def test_a_day_at_the_turn_belongs_to_the_next_year_where_that_one_is_spoken_of():
    turn = "DTSTART;VALUE=DATE:20271230\nDTEND;VALUE=DATE:20280102"
    early = "SUMMARY:上班\nDTSTART;VALUE=DATE:20271229"
    (notice,) = read(turn, early, "DTSTART;VALUE=DATE:20280126")
    assert (notice.year, notice.worked) == (2028, dates("2027-12-29"))
    assert notice.off == dates("2027-12-30", "2027-12-31", "2028-01-01", "2028-01-26")
    assert [(one.year, one.off) for one in read("DTSTART;VALUE=DATE:20271231")] == [(2027, dates("2027-12-31"))]


def test_only_the_years_that_are_asked_are_taken():
    days = ["DTSTART;VALUE=DATE:20260215", "DTSTART;VALUE=DATE:20270206"]
    assert [notice.year for notice in read(*days)] == [2026, 2027]
    assert [notice.year for notice in read(*days, years=[2027, 2028])] == [2027]


def test_a_tentative_event_makes_its_year_predicted_and_a_cancelled_one_is_none():
    (sure, unsure) = read(
        "DTSTART;VALUE=DATE:20260215",
        "DTSTART;VALUE=DATE:20270206\nSTATUS:TENTATIVE",
        "DTSTART;VALUE=DATE:20260501\nSTATUS:CANCELLED",
    )
    assert (sure.state, unsure.state) == (State.ANNOUNCED, State.PREDICTED)
    assert sure.off == dates("2026-02-15")


def test_a_file_that_names_its_source_has_it_as_its_paper():
    (notice,) = read("DTSTART;VALUE=DATE:20260215", head="SOURCE;VALUE=URI:https://example.org/cal.ics\n")
    assert notice.papers == ("https://example.org/cal.ics",)


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ("SUMMARY:no day", "no DTSTART"),
        ("DTSTART:2026021", "DTSTART"),
        ("DTSTART;VALUE=DATE:20260230", "DTSTART"),
        ("DTSTART;VALUE=DATE:20260215\nDTEND;VALUE=DATE:20260215", "an end on 2026-02-15, not after 2026-02-15"),
        ("DTSTART;VALUE=DATE:20260215\nDTEND;VALUE=DATE:20260214", "not after"),
        ("DTSTART;VALUE=DATE:20260215\nDURATION:PT36H", "a duration of 1 day, 12:00:00"),
        ("DTSTART;VALUE=DATE:20260215\nDURATION:-P1D", "a duration of -1 day"),
        ("DTSTART;VALUE=DATE:20260215\nDURATION:P9999999D", "a duration of 9999999 days"),
        ("DTSTART;VALUE=DATE:20260215\nDTEND;VALUE=DATE:20991231", "days in a row"),
        ("DTSTART;VALUE=DATE:00010101", "the day 0001-01-01"),
        ("DTSTART:99991231T000000Z\nDURATION:P1D", "the day 9999-12-31"),
        ("DTSTART;VALUE=DATE:20260215\nRRULE:FREQ=YEARLY;UNTIL=99991231", "which never ends"),
        ("DTSTART;VALUE=DATE:20260215\nRRULE:FREQ=YEARLY;COUNT=9999", "which never ends"),
        ("DTSTART;VALUE=DATE:20260215\nDTSTART;VALUE=DATE:20260216", "DTSTART twice"),
        ("DTSTART;VALUE=DATE:20260215\nDURATION:P1D\nDURATION:P2D", "DURATION twice"),
        ("DTSTART;VALUE=DATE:20260215\nRDATE;VALUE=PERIOD:20260301T000000Z/P1D", "which is no day"),
        ("DTSTART:20260215T000000", "a moment without an end"),
        ("DTSTART:20260215T000000Z\nDTEND:20260216T000000Z", "which is 2026-02-15T08:00:00 in Asia/Shanghai"),
        ("DTSTART;TZID=Asia/Nowhere:20260215T000000\nDURATION:P1D", "the zone “Asia/Nowhere”"),
        ("DTSTART;VALUE=DATE:20260215\nRECURRENCE-ID;VALUE=DATE:20260215", "RECURRENCE-ID"),
        ("DTSTART;VALUE=DATE:20260215\nRRULE:FREQ=YEARLY", "which never ends"),
        ("DTSTART;VALUE=DATE:20260215\nRRULE:FREQ=WEEKLY;COUNT=3", "RRULE FREQ=WEEKLY"),
        ("DTSTART;VALUE=DATE:20261126\nRRULE:FREQ=YEARLY;BYDAY=4TH;BYMONTH=11;COUNT=2", "BYDAY"),
        ("DTSTART;VALUE=DATE:20261126\nRRULE:FREQ=YEARLY;BYMONTH=10;COUNT=2", "BYMONTH=10"),
        ("DTSTART;VALUE=DATE:20261126\nRRULE:FREQ=YEARLY;COUNT=2;UNTIL=20301126", "UNTIL"),
        ("SUMMARY:春节调休\nDTSTART;VALUE=DATE:20260214", "the summary “春节调休”"),
    ],
)
def test_a_bad_event_is_refused_and_named(event: str, said: str):
    with pytest.raises(InputError) as refused:
        read("DTSTART;VALUE=DATE:20260101", event)
    assert said in str(refused.value)
    assert str(refused.value).startswith("made.ics, event e1: ")


def test_a_day_that_is_both_off_and_worked_is_refused():
    with pytest.raises(InputError, match="2026-02-14 as a day off and as a make-up workday"):
        read("DTSTART;VALUE=DATE:20260214", "SUMMARY:上班\nDTSTART;VALUE=DATE:20260214")


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"hello",
        b"\xff\xfe\x00",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR\r\n",
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n",
        b"BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20260215\r\nEND:VEVENT\r\n",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=D,ATE:20260215\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;TZID=Asia:20260215T000000\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        b"BEGIN:VCALENDAR\r\nBEGIN:VTIMEZONE\r\nTZID:a\r\nTZID:b\r\nEND:VTIMEZONE\r\nEND:VCALENDAR\r\n",
    ],
)
def test_what_is_no_calendar_is_refused(text: bytes):
    with pytest.raises(InputError, match=r"made\.ics"):
        read_ics(text, where="made.ics", zone="UTC")


def test_an_unknown_zone_is_refused():
    with pytest.raises(InputError, match="Mars"):
        read("DTSTART;VALUE=DATE:20260215", zone="Mars/Olympus")


def test_every_year_of_china_is_read_back_as_it_was_written():
    known = notices_of(china(), range(2007, 2036))
    back = read_ics(written(known), where="made.ics", zone="Asia/Shanghai")
    assert [(one.year, one.off, one.worked, one.state) for one in back] == [
        (one.year, one.off, one.worked, one.state) for one in known
    ]


@pytest.mark.parametrize("year", [2008, 2019, 2023, 2026, 2029])
def test_a_year_alone_keeps_its_days_of_december(year: int):
    (known,) = notices_of(china(), [year])
    (back,) = read_ics(written([known]), where="made.ics", zone="UTC")
    assert (back.year, back.off, back.worked) == (year, known.off, known.worked)


def test_what_is_written_names_festivals_folds_lines_and_is_the_same_each_time():
    text = written(notices_of(china(), [2026, 2027]))
    assert text == written(notices_of(china(), [2026, 2027]))
    assert "SUMMARY:春节（休） Spring Festival (off)".encode() in text
    assert "SUMMARY:国庆节（班） National Day (make-up workday)".encode() in text
    assert b"DTSTAMP:20261118T110640Z" in text
    assert max(len(line) for line in text.split(b"\r\n")) <= 75
    events = text.split(b"BEGIN:VEVENT")[1:]
    assert {b"STATUS:TENTATIVE" in event for event in events if b"DTSTART;VALUE=DATE:2027" in event} == {True}
    uids = [line for line in text.split(b"\r\n") if line.startswith(b"UID:")]
    assert len(set(uids)) == len(uids) == len(events)


@given(
    st.sets(st.dates(date(2026, 1, 1), date(2026, 12, 28)), min_size=1),
    st.sets(st.dates(date(2026, 1, 1), date(2026, 12, 28))),
)
def test_any_days_are_read_back_as_they_were_written(off: set[date], worked: set[date]):
    known = Notice(year=2026, papers=("made.ics",), off=tuple(sorted(off)), worked=tuple(sorted(worked - off)))
    assert read_ics(written([known]), where="made.ics", zone="UTC") == [known]


WHOLE = file_of(
    "SUMMARY:春节假期\nDTSTART;VALUE=DATE:20260215\nDTEND;VALUE=DATE:20260218\nRRULE:FREQ=YEARLY;COUNT=3",
    "DTSTART;TZID=Asia/Shanghai:20260301T000000\nDURATION:P1D\nSTATUS:TENTATIVE",
)


@settings(max_examples=300)
@given(
    st.integers(0, len(WHOLE)),
    st.integers(0, 20),
    st.one_of(
        st.binary(max_size=3), st.sampled_from([b":", b";COUNT=0", b"9999", b"\r\n ", b"DURATION:-P1D\r\n", b"D,A"])
    ),
)
def test_a_file_that_was_damaged_is_read_or_refused_and_nothing_else(place: int, cut: int, put: bytes):
    damaged = WHOLE[:place] + put + WHOLE[place + cut :]
    try:
        found = read_ics(damaged, where="made.ics", zone="Asia/Shanghai")
    except InputError as refused:
        assert refused.where.startswith("made.ics")  # noqa: PT017  both ends are right, and only one is an error
    else:
        assert all(not set(notice.off) & set(notice.worked) for notice in found)
