"""Every row of the tables of `docs/clauses/calendars.md`, by the functions that promises are counted with."""

from datetime import date

import numpy as np
import pytest

from houbei.calendars.carriers import CarrierDays, Surcharge, open_days
from houbei.calendars.days import date_of, day_number
from houbei.calendars.documents import days_between, packaged_document
from houbei.calendars.holidays import Calendar, calendar_of, load
from houbei.calendars.lunar import lunar_of, name_lunar_day
from houbei.calendars.notices import Notice, merge_notice
from houbei.calendars.provisional import is_predicted
from houbei.calendars.workdays import works_on
from houbei.money import text_of
from houbei.store.calendar_files import find_carriers
from tests.calendars.made_calendars import Counting, working_days
from tests.clauses.calendar_tables import ADDS, CARRIES, IS, LUNAR, REACHES, RESTS_ON
from tests.clauses.pages import Row, block, rows_of

PAGE = "calendars.md"
FROM_YEAR, TO_YEAR = 2024, 2028


def days(*texts: str) -> np.ndarray:
    return np.array([day_number(date.fromisoformat(text)) for text in texts])


def dated(number: int) -> str:
    return date_of(int(number)).isoformat()


def noticed() -> Notice:
    """The sample notice of the page."""
    said = block(PAGE, "notice")
    off, worked = ([day for span in said[key] for day in days_between(*span.split(".."))] for key in ("off", "worked"))
    return Notice(year=int(said["year"]), papers=tuple(said["papers"]), off=tuple(off), worked=tuple(worked))


def calendar(name: str) -> Calendar:
    """The calendar that a cell names, alone or with the notice of the page."""
    if name == "cn + notice":
        return calendar_of(merge_notice(packaged_document("cn"), noticed()), FROM_YEAR, TO_YEAR)
    return load(name, from_year=FROM_YEAR, to_year=TO_YEAR)


def what(calendar: Calendar, day: np.ndarray) -> str:
    """What a day is, in the words of the page."""
    named = {"off by law": calendar.statutory, "off": calendar.breaks, "make-up workday": calendar.worked}
    for name, found in named.items():
        if np.isin(day, found).all():
            assert works_on(calendar, day).all() == (name == "make-up workday")
            return name
    if np.isin(day, calendar.doubtful).all():
        assert not works_on(calendar, day).any()
        return "doubtful"
    return "worked" if works_on(calendar, day).all() else "weekend"


def carried(row: Row, first: str, last: str) -> CarrierDays:
    """The days of the carrier of a row."""
    from_day, to_day = days(first, last).tolist()
    return open_days(
        find_carriers(row.cells["document"]),
        carrier=row.cells["carrier"],
        regions=[row.cells["region"]],
        from_day=from_day,
        to_day=to_day,
    )


def told(surcharge: Surcharge) -> str:
    """A surcharge in the words of the page."""
    if surcharge.at_least_minor is None or surcharge.at_most_minor is None:
        return f"something per {surcharge.per}"
    ends = dict.fromkeys(
        text_of(minor, surcharge.currency) for minor in (surcharge.at_least_minor, surcharge.at_most_minor)
    )
    return f"{' to '.join(ends)} {surcharge.currency} per {surcharge.per}"


@pytest.mark.parametrize("row", rows_of(*IS), ids=str)
def test_a_day_is_what_its_row_says(row: Row):
    assert what(calendar(row.cells["calendar"]), days(row.cells["day"])) == row.cells["is"]


@pytest.mark.parametrize("row", rows_of(*REACHES), ids=str)
def test_so_many_working_days_reach_the_day_of_the_row(row: Row):
    table = working_days(calendar(row.cells["calendar"]))
    assert dated(table.nth_after(days(row.cells["from"]), int(row.cells["working days"]))[0]) == row.cells["reaches"]


@pytest.mark.parametrize("row", rows_of(*RESTS_ON), ids=str)
def test_a_range_rests_on_what_its_row_says(row: Row):
    from_day, to_day = days(row.cells["from"], row.cells["to"]).tolist()
    found = is_predicted(calendar(row.cells["calendar"]), np.arange(from_day, to_day + 1))
    assert ("predicted" if found.any() else "announced") == row.cells["rests on"]


@pytest.mark.parametrize("row", rows_of(*CARRIES), ids=str)
def test_a_carrier_reaches_the_day_of_the_row(row: Row):
    found = carried(row, "2026-01-01", "2026-06-30")
    table = Counting(getattr(found, row.cells["does"])[0], found.first_day)
    assert dated(table.nth_after(days(row.cells["from"]), int(row.cells["days"]))[0]) == row.cells["reaches"]


@pytest.mark.parametrize("row", rows_of(*ADDS), ids=str)
def test_a_carrier_adds_what_its_row_says(row: Row):
    day = row.cells["day"]
    found = carried(row, day, day).surcharges_on(int(days(day)[0]), row.cells["region"])
    assert (", ".join(map(told, found)) or "nothing") == row.cells["adds"]


@pytest.mark.parametrize("row", rows_of(*LUNAR), ids=str)
def test_a_day_has_the_lunar_day_of_its_row(row: Row):
    day = days(row.cells["day"])
    found = lunar_of(day)
    month, of_month, leap, eve = (part[0] for part in (found.month, found.day, found.is_leap, found.is_eve))
    zh, en = (
        name_lunar_day(int(month), int(of_month), is_leap=bool(leap), is_eve=bool(eve), lang=lang)
        for lang in ("zh", "en")
    )
    assert (zh, en) == (row.cells["in Chinese"], row.cells["in English"])
