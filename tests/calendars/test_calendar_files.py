"""Calendars on disk: a document stands wherever an id does."""

from pathlib import Path

import pytest

from houbei.calendars.days import first_day_of
from houbei.calendars.holidays import load
from houbei.calendars.notices import merge_notice, parse_notice
from houbei.errors import InputError
from houbei.lead_times.delivery_clock import holidays_of
from houbei.store.calendar_files import calendars_with, find_calendar, find_document, write_document
from tests.calendars.made_calendars import china, document_text_of, made_document, spring_2027


@pytest.fixture
def document(tmp_path: Path) -> str:
    path = tmp_path / "made.json"
    path.write_text(document_text_of(), encoding="utf-8")
    return str(path)


def test_a_calendar_is_found_by_its_id_or_by_a_path(document: str):
    assert find_calendar("cn", from_year=2026, to_year=2026) is load("cn", from_year=2026, to_year=2026)
    assert find_calendar(document, from_year=2026, to_year=2027).id == "shop"
    assert find_document(document, years=[]) == made_document()


def test_lead_times_rest_on_the_holidays_of_a_document(document: str):
    ends = {"first_day": first_day_of(2026), "last_day": first_day_of(2028) - 1}
    assert holidays_of(document, **ends).tolist() == [20_501, 20_855]
    assert set(holidays_of("cn", **ends)) > set(holidays_of(document, **ends))


def test_a_document_is_found_again_as_it_was_written(tmp_path: Path):
    path = tmp_path / "again.json"
    write_document(made_document(), path)
    assert find_document(str(path), years=[]) == made_document()


def test_what_cannot_be_read_or_written_is_said(tmp_path: Path):
    spoilt = tmp_path / "spoilt.json"
    spoilt.write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="bytes that are not UTF-8"):
        find_document(str(spoilt), years=[])
    with pytest.raises(InputError, match="No such file"):
        write_document(made_document(), tmp_path / "nowhere" / "made.json")


def test_years_that_a_document_does_not_hold_are_refused(document: str):
    with pytest.raises(InputError, match="2026 to 2027"):
        find_calendar(document, from_year=2025, to_year=2026)


def test_a_document_stands_in_place_of_the_calendar_whose_id_it_has(tmp_path: Path):
    merged = merge_notice(china(), parse_notice(spring_2027(), where="notice.json"))
    path = tmp_path / "next.json"
    write_document(merged, path)
    find = calendars_with([str(path)])
    assert find("cn", from_year=2027, to_year=2027).sha256 == merged.sha256
    assert find("cn", from_year=2027, to_year=2027) is find("cn", from_year=2027, to_year=2027)
    assert find("de", from_year=2027, to_year=2027) is load("de", from_year=2027, to_year=2027)
    with pytest.raises(InputError, match="a second document of the calendar “cn”"):
        calendars_with([str(path), str(path)])
