"""Terms documents on disk, and those that ship with the product: promises of shops, and what laws ask for.

The two lie in folders of their own, because a promise of a shop is there to be copied and changed, and a law is not.
"""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from houbei.errors import InputError, TermsError
from houbei.terms.document import parse_terms
from houbei.terms.model import Terms

_FOLDERS = ("shipped", "statute")
_UNION = "EU"
_MEMBERS = frozenset(
    [
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GR",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
    ]
)
"""The members of the European Union. Source: known, as of 2026-11."""


def load_terms(name: str) -> Terms:
    """Load one document: a file, or by its name one that ships with the product (`jd-appliances`).

    Raises:
        InputError: there is no such file or document.
        TermsError: it cannot be read or published.
    """
    path = Path(name)
    if path.is_file():
        return parse_terms(_text_of(path), where=str(path))
    for folder in _FOLDERS:
        if name in _names_in(folder):
            return parse_terms((files("houbei.terms") / folder / f"{name}.yaml").read_text("utf-8"), where=name)
    raise InputError(
        came="no such file",
        where=name,
        expected=f"a terms document, or one of {', '.join(shipped_terms())}",
        todo="Check the path.",
    )


def shipped_terms() -> list[str]:
    """Name the promises of shops that ship with the product."""
    return _names_in("shipped")


def statutes(jurisdiction: str) -> list[Terms]:
    """Load what the law of a place asks for: the documents that ship for it, and of a member those of the European Union.

    Args:
        jurisdiction: As a document names it; of a subdivision its country counts.
    """
    country = jurisdiction.partition("-")[0]
    places = {country, _UNION} if country in _MEMBERS else {country}
    return [terms for terms in map(load_terms, _names_in("statute")) if terms.jurisdiction in places]


def with_law(documents: Sequence[Terms]) -> list[Terms]:
    """Put beside promises of replacement and return what the law of their places asks for: it answers where they do not.

    Args:
        documents: What a shop promises; each stands once in the answer, the law after them.
    """
    places = dict.fromkeys(terms.jurisdiction for terms in documents if terms.replacement is not None)
    law = [terms for place in places if place is not None for terms in statutes(place)]
    return list({terms.sha256: terms for terms in (*documents, *law)}.values())


def _names_in(folder: str) -> list[str]:
    found = (files("houbei.terms") / folder).iterdir()
    return sorted(entry.name.removesuffix(".yaml") for entry in found if entry.name.endswith(".yaml"))


def terms_paths(name: str) -> list[str]:
    """Name the documents of a folder, or the one that is meant.

    Raises:
        InputError: the folder holds none.
    """
    path = Path(name)
    if not path.is_dir():
        return [name]
    found = sorted(str(file) for file in path.rglob("*") if file.suffix in {".yaml", ".yml"})
    if not found:
        raise InputError(
            came="a folder without terms documents", where=name, expected="files that end in .yaml", todo="Add one."
        )
    return found


def _text_of(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TermsError(
            came="bytes that are not UTF-8", where=str(path), expected="a YAML file in UTF-8", todo="Save it as UTF-8."
        ) from error
