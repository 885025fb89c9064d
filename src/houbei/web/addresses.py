"""Addresses of pages: what each asks for, written and read in one place, so that a switch of language keeps all of it."""

import datetime as dt
from collections.abc import Mapping
from urllib.parse import quote, urlencode

Query = Mapping[str, str | int | None]


def address(language: str, *parts: object, query: Query | None = None, anchor: str = "") -> str:
    """Write the address of a page: parts of its path, what it asks for (None is left out), a place on it."""
    path = "/".join(("", language, *(quote(str(part), safe="") for part in parts)))
    asked = urlencode({name: value for name, value in (query or {}).items() if value is not None})
    return (path if parts else f"{path}/") + (f"?{asked}" if asked else "") + (f"#{anchor}" if anchor else "")


def turned(path: str, query: str, language: str) -> str:
    """Give the same page in another language: the first part of the path is the language, everything else stays."""
    rest = path.lstrip("/").partition("/")[2]
    return f"/{language}/{quote(rest)}" + (f"?{query}" if query else "")


def read_day(text: str | None) -> dt.date | None:
    """Read a day of an address; None where it is none."""
    try:
        return None if text is None else dt.date.fromisoformat(text)
    except ValueError:
        return None
