"""`houbei calendar`: look at a calendar, take notices into a version of one, hand it on, look at a carrier's days."""

import re
from pathlib import Path

import click
import numpy as np

from houbei.calendars.carriers import open_days
from houbei.calendars.days import first_day_of
from houbei.calendars.documents import CalendarDocument, State
from houbei.calendars.festivals import names_of
from houbei.calendars.ics import write_ics
from houbei.calendars.notices import Notice, merge_notice, notices_of
from houbei.cli.calendar_pages import carrier_page, year_page
from houbei.cli.calendars_option import calendars_option
from houbei.cli.language_option import language_option, spoken
from houbei.errors import InputError
from houbei.runs.clock import now_us
from houbei.store.calendar_files import (
    calendars_with,
    find_calendar,
    find_carriers,
    find_document,
    read_notices,
    write_document,
)
from houbei.store.written_files import write_bytes

_YEARS = re.compile(r"([0-9]{4})(?:\.\.([0-9]{4}))?")


@click.group()
def command() -> None:
    """Look at a calendar, take notices into one, hand it on.

    CALENDAR is an id, such as cn, de or de-by, or the path of a document that stands in its place.
    """


@command.command()
@click.argument("calendar")
@click.argument("year", type=int)
@language_option
def show(*, calendar: str, year: int, language: str | None) -> None:
    """Show a YEAR of a CALENDAR, month by month: days off, make-up workdays, lunar days, and how far it can be relied on."""
    found = find_calendar(calendar, from_year=year, to_year=year)
    click.echo(year_page(found, year, papers=_papers(calendar, year), language=spoken(language)))


@command.command(name="import")
@click.argument("paths", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option("--into", required=True, metavar="CALENDAR", help="The calendar as it is known so far.")
@click.option(
    "--out", required=True, metavar="DOCUMENT", type=click.Path(path_type=Path), help="Where its new version goes."
)
@click.option(
    "--zone", default="Asia/Shanghai", show_default=True, help="Whose midnights the moments of .ics files are."
)
@click.option("--years", metavar="A[..B]", help="Which years to take of .ics files. Default: those they speak of.")
@language_option
def import_(
    *, paths: tuple[Path, ...], into: str, out: Path, zone: str, years: str | None, language: str | None
) -> None:
    """Take notices into a new version of a calendar: FILEs in the shape of holiday-cn (.json), or iCalendar (.ics)."""
    asked = None if years is None else _years_of(years)
    notices = [notice for path in paths for notice in read_notices(path, zone=zone, years=asked)]
    document = known = find_document(into, years=[notice.year for notice in notices] or asked or [])
    for notice in notices:
        merged = merge_notice(document, notice)
        click.echo(_said_of(notice, document, merged, language=spoken(language)))
        document = merged
    write_document(document, out)
    click.echo(_said_of_versions(known, document, out, language=spoken(language)))


@command.command()
@click.argument("calendar")
@click.argument("years", metavar="YEAR[..YEAR]")
@click.option("--ics", required=True, type=click.Path(path_type=Path), help="The iCalendar file to write.")
def export(*, calendar: str, years: str, ics: Path) -> None:
    """Write YEARs of a CALENDAR as an iCalendar file: days off and make-up workdays; predicted years are tentative."""
    asked = _years_of(years)
    document = find_document(calendar, years=asked)
    notices = notices_of(document, asked)
    missing = sorted(set(asked) - {notice.year for notice in notices})
    if missing:
        raise InputError(
            came=f"the year {missing[0]}",
            where=f"calendar {document.id}",
            expected=f"years within {min(document.years)} to {max(document.years)}",
            todo="Ask for a year that it holds.",
        )
    text = write_ics(
        notices,
        calendar_id=document.id,
        version=document.version,
        names=names_of(document),
        stamped_us=now_us(),
    )
    write_bytes(text, ics)
    click.echo(f"{ics}: {document.id} {document.version}, {years}, {text.count(b'BEGIN:VEVENT')} events")


@command.command()
@click.argument("document")
@click.argument("carrier")
@click.argument("year", type=click.IntRange(1970, 2200))
@click.option(
    "--region", "regions", multiple=True, required=True, help="A region that the document names; may be repeated."
)
@calendars_option
@language_option
def carrier(
    *,
    document: str,
    carrier: str,
    year: int,
    regions: tuple[str, ...],
    calendars: tuple[str, ...],
    language: str | None,
) -> None:
    """Show on which days of a YEAR a CARRIER of a DOCUMENT does not pick up, move or deliver, and what it adds."""
    first, last = first_day_of(year), first_day_of(year + 1) - 1
    days = open_days(
        find_carriers(document),
        carrier=carrier,
        regions=regions,
        from_day=first,
        to_day=last,
        find_calendar=calendars_with(calendars),
    )
    click.echo(carrier_page(days, np.arange(first, last + 1), language=spoken(language)))


def _years_of(text: str) -> list[int]:
    match = _YEARS.fullmatch(text)
    first, last = (0, -1) if match is None else (int(match[1]), int(match[2] or match[1]))
    if last < first:
        raise InputError(
            came=f"the years “{text}”", where="the call", expected="2027 or 2027..2029", todo="Correct them."
        )
    return list(range(first, last + 1))


def _papers(calendar: str, year: int) -> tuple[str, ...]:
    held = find_document(calendar, years=[year]).years.get(str(year))
    return () if held is None else held.notices


def _said_of(notice: Notice, before: CalendarDocument, after: CalendarDocument, *, language: str) -> str:
    zh = language == "zh"
    if not notice.says_anything:
        return (
            f"{notice.year}：尚未公布，没有可导入的日期" if zh else f"{notice.year}: not announced yet, nothing to take"
        )
    off, worked = len(notice.off), len(notice.worked)
    if after is before:
        return f"{notice.year}：与已有内容相同" if zh else f"{notice.year}: nothing new"
    if notice.state is State.PREDICTED:
        return (
            f"{notice.year}：预测，休{off}天，补班{worked}天"
            if zh
            else f"{notice.year}: predicted, {off} days off, {worked} make-up workdays"
        )
    return (
        f"{notice.year}：已公布，休{off}天，补班{worked}天"
        if zh
        else f"{notice.year}: announced, {off} days off, {worked} make-up workdays"
    )


def _said_of_versions(known: CalendarDocument, document: CalendarDocument, out: Path, *, language: str) -> str:
    version = f"{document.id} {document.version} {document.sha256[:8]}"
    if document is known:
        return f"{out}：{version}，没有变化" if language == "zh" else f"{out}: {version}, unchanged"
    before = f"{known.version} {known.sha256[:8]}"
    return f"{out}：{version}，取代 {before}" if language == "zh" else f"{out}: {version}, replaces {before}"
