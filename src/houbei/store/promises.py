"""Published promises: a document is published once, under its term and version, and never changes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from houbei.errors import InputError
from houbei.store.digests import append_digest
from houbei.store.intake import put_before
from houbei.store.statements import ask
from houbei.terms.document import parse_terms
from houbei.terms.model import Kind, OnChange, Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A published document and its number in the store."""

    seq: int
    terms: Terms


def publish(connection: Connection, terms: Terms, *, known_us: int) -> Promise:
    """Publish a document; one that is published already is given as it is.

    Lines that are known already are looked at again: whichever comes first, a line is bound to the version in force when it was sold,
    and one that is bound keeps its version.

    Raises:
        InputError: another document has this term and version, or it asks for what the live store does not do.
    """
    if terms.on_change is OnChange.BETTER_OF_OPEN_COVERS:
        raise InputError(
            came="on_change: better_of_open_covers",
            where=f"terms {terms.term}",
            expected="keep_at_sale: the live store keeps every unit at the version it was sold under",
            todo="Publish it with keep_at_sale; it then holds for what is sold from now on.",
        )
    for promise in published(connection):
        same = (promise.terms.term, promise.terms.version) == (terms.term, terms.version)
        if promise.terms.sha256 == terms.sha256:
            return promise
        if same:
            raise InputError(
                came=f"version {terms.version} of {terms.term}, which differs from the one published",
                where="terms",
                expected="what is published stays as it is: sold units keep it",
                todo="Give the changed document the next version.",
            )
    document = json.dumps(terms.document, ensure_ascii=False)
    row = (terms.sha256, terms.term, terms.version, document, known_us)
    connection.exec_driver_sql(
        "INSERT INTO terms (sha256, term, version, document, known_us) VALUES (?, ?, ?, ?, ?)", row
    )
    promise = published(connection)[-1]
    append_digest(connection, "terms", [row], first=promise.seq, last=promise.seq)
    last = ask(connection, "SELECT COALESCE(MAX(seq), 0) FROM lines").scalar_one()
    if last:
        put_before(connection, "lines", first=1, last=last)
    return promise


def published(connection: Connection) -> list[Promise]:
    """Give every published promise, in the order of publishing."""
    rows = ask(connection, "SELECT seq, document FROM terms ORDER BY seq")
    return [Promise(seq=seq, terms=_parsed(document)) for seq, document in rows]


def of_prices(promises: Sequence[Promise]) -> list[Promise]:
    """Those that are about prices: a replacement or a return has covers as they have, and waits for a claim."""
    return [promise for promise in promises if promise.terms.kind is Kind.PRICE_PROTECTION]


def of_arrivals(promises: Sequence[Promise]) -> list[Promise]:
    """Those that are about arrivals."""
    return [promise for promise in promises if promise.terms.arrival is not None]


_PARSED: dict[str, Terms] = {}
"""Documents that were parsed before in this process: they never change, and parsing takes milliseconds."""


def _parsed(document: str) -> Terms:
    if document not in _PARSED:
        _PARSED[document] = parse_terms(document, where="a published document")
    return _PARSED[document]


def versions_of(promises: Sequence[Promise]) -> list[list[Promise]]:
    """Group promises by their term."""
    by_term: dict[str, list[Promise]] = {}
    for promise in promises:
        by_term.setdefault(promise.terms.term, []).append(promise)
    return [by_term[term] for term in sorted(by_term)]
