"""Calendars on disk: documents that stand in place of a packaged calendar, notices and iCalendar files, carriers' calendars.

Wherever a calendar is named by its id it may also be named by the path of a document.
"""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path

from houbei.calendars.carrier_documents import CarriersDocument, carriers_of
from houbei.calendars.carriers import FindCalendar
from houbei.calendars.documents import (
    PACKAGED,
    CalendarDocument,
    document_text,
    packaged_document,
    parse_document,
)
from houbei.calendars.holidays import Calendar, calendar_of, computed_document, load
from houbei.calendars.ics import read_ics
from houbei.calendars.notices import Notice, parse_notice
from houbei.errors import InputError
from houbei.store.written_files import write_bytes
from houbei.terms.yaml_tree import read_yaml

_CARRIERS = files("houbei.calendars").joinpath("shipped_carriers")


def find_calendar(name: str, *, from_year: int, to_year: int) -> Calendar:
    """Give some years of a calendar that is named by its id or by the path of a document; asked as `holidays.load` is.

    Raises:
        InputError: there is no such calendar or file, or it does not have these years.
    """
    if _is_path(name):
        return calendar_of(parse_document(_text_of(Path(name)), where=name), from_year, to_year)
    return load(name, from_year=from_year, to_year=to_year)


def calendars_with(paths: Sequence[str]) -> FindCalendar:
    """Give what finds calendars where documents stand in place of the calendars whose ids they have.

    Networks and carriers lean on calendars by their ids; with this, a notice that was merged into a document reaches them.

    Args:
        paths: The documents.

    Returns:
        What is asked as `holidays.load` is; an id that no document has is loaded. Years that were asked before are kept.

    Raises:
        InputError: a file cannot be read, or two documents have one id.
    """
    documents: dict[str, CalendarDocument] = {}
    for path in paths:
        document = parse_document(_text_of(Path(path)), where=path)
        if document.id in documents:
            raise InputError(
                came=f"a second document of the calendar “{document.id}”",
                where=path,
                expected="one document for each calendar",
                todo="Leave out the older one.",
            )
        documents[document.id] = document

    @cache
    def find(calendar_id: str, *, from_year: int, to_year: int) -> Calendar:
        if calendar_id in documents:
            return calendar_of(documents[calendar_id], from_year, to_year)
        return load(calendar_id, from_year=from_year, to_year=to_year)

    return find


def find_document(name: str, *, years: Sequence[int]) -> CalendarDocument:
    """Give a calendar as a document: one on disk, one that ships, or some years of one that is computed.

    Args:
        name: A path or an id.
        years: The years of a computed one; documents hold their own.

    Raises:
        InputError: there is no such calendar or file, or it cannot be read.
    """
    if _is_path(name):
        return parse_document(_text_of(Path(name)), where=name)
    return packaged_document(name) if name in PACKAGED else computed_document(name, years=years)


def write_document(document: CalendarDocument, path: Path) -> None:
    """Write a calendar document.

    Raises:
        InputError: it cannot be written there.
    """
    write_bytes(document_text(document).encode(), path)


def read_notices(path: Path, *, zone: str, years: Sequence[int] | None) -> list[Notice]:
    """Read the notices of a file: JSON in the shape of holiday-cn, or iCalendar.

    Args:
        path: It ends in .json or .ics.
        zone: Whose midnights the moments of an iCalendar file must be.
        years: Which years to take of an iCalendar file; without them, those that it speaks of.

    Raises:
        InputError: it is neither, or cannot be read.
    """
    if path.suffix.lower() not in {".json", ".ics"}:
        raise InputError(
            came=f"a file that ends in “{path.suffix}”",
            where=str(path),
            expected="a notice (.json) or an iCalendar file (.ics)",
            todo="Name it by what it is.",
        )
    found = _bytes_of(path)
    if path.suffix.lower() == ".json":
        return [parse_notice(found, where=path.name)]
    return read_ics(found, where=path.name, zone=zone, years=years)


def find_carriers(name: str) -> CarriersDocument:
    """Give carriers' calendars: a file, or by its name one that ships with the product (`sample-resting`).

    Raises:
        InputError: there is no such file or document, or it cannot be read.
    """
    path = Path(name)
    if path.is_file():
        text = _text_of(path)
    elif name in shipped_carriers():
        text = _CARRIERS.joinpath(f"{name}.yaml").read_text("utf-8")
    else:
        raise InputError(
            came="no such file",
            where=name,
            expected=f"carriers' calendars, or one of {', '.join(shipped_carriers())}",
            todo="Check the path.",
        )
    return carriers_of(read_yaml(text, where=name).root, where=name)


def shipped_carriers() -> list[str]:
    """Name the carriers' calendars that ship with the product, as examples of their shape."""
    return sorted(entry.name.removesuffix(".yaml") for entry in _CARRIERS.iterdir() if entry.name.endswith(".yaml"))


def _is_path(name: str) -> bool:
    """Whether a calendar is named by a path: an id has neither a dot nor a slash."""
    return "." in name or "/" in name or "\\" in name


def _text_of(path: Path) -> str:
    try:
        return _bytes_of(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            came="bytes that are not UTF-8", where=str(path), expected="a file in UTF-8", todo="Save it as UTF-8."
        ) from error


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            came=str(error.strerror), where=str(path), expected="a file that can be read", todo="Check the path."
        ) from error
