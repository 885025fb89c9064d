"""Runs a history of claims through the engine, and puts its answers in the oracle's shape."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from houbei.facts.claims import KNOWN as CLAIM_COLUMNS
from houbei.facts.claims import REMEDIES, Claims, read_claims, reject_unplaced
from houbei.facts.dictionary import Dictionaries
from houbei.facts.orders import KNOWN as ORDER_COLUMNS
from houbei.facts.orders import Lines, columns_wanted, read_lines
from houbei.judging import judge_claims, reading_of_promises
from houbei.owed.choice import Outcome
from houbei.owed.replacement import Judged
from houbei.owed.tracks import Reason
from houbei.store.csv_files import with_types
from houbei.terms.document import parse_terms
from houbei.terms.model import Terms
from tests.oracle.claim_strategies import ClaimHistory
from tests.oracle.claims import Row, Said

Rows = Sequence[Row]


def table_of(rows: Rows, known: frozenset[str]) -> pa.Table:
    """The rows as a file of texts would hold them."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {name: pa.array([row.get(name) for row in rows], type=pa.string()) for name in names}
    moments = {name for name in names if name.endswith("_at")}
    return with_types(pa.table(columns), sorted(set(names) - known - moments))


def as_terms(document: Mapping[str, object]) -> Terms:
    """Read a document that the oracle reads as it is."""
    return parse_terms(json.dumps(document, ensure_ascii=False), where="drawn")


def put(history: ClaimHistory) -> tuple[Judged, Claims, Lines, list[Terms]]:
    """Judge a history with the engine; no row of it is rejected."""
    promises, dictionaries = [as_terms(document) for document in history.documents], Dictionaries()
    as_of_us = (history.as_of - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    orders = table_of(history.orders, ORDER_COLUMNS)
    reading, of_claims = reading_of_promises(promises, present=orders.column_names, as_of_us=as_of_us)
    lines = read_lines(
        orders.select(columns_wanted(orders.column_names, reading)),
        first_row=1,
        reading=reading,
        dictionaries=dictionaries,
    )
    claims = read_claims(
        table_of(history.claims, CLAIM_COLUMNS), first_row=1, reading=of_claims, dictionaries=dictionaries
    )
    judged, line = judge_claims(claims, lines, promises, dictionaries=dictionaries, as_of_us=as_of_us)
    reject_unplaced(claims, line, lines)
    assert not lines.findings.codes.any()
    assert not claims.findings.codes.any()
    return judged, claims, lines, promises


def by_engine(history: ClaimHistory) -> dict[str, Said]:
    """What the engine says of every claim, by its claim_id."""
    judged, claims, _, promises = put(history)
    keys = [(terms.term, terms.version) for terms in promises]
    ids = claims.ids.to_pylist()
    return {
        ids[place]: Said(
            outcome=Outcome(int(judged.outcome[place])).name.lower(),
            term=keys[judged.promise[place]],
            remedy=None if judged.remedy[place] < 0 else REMEDIES[judged.remedy[place]],
            clause=judged.clause.values[judged.clause.codes[place]],
            reasons=tuple(Reason(int(code)).name.lower() for code in judged.reasons[place]),
            offers=tuple(None if track < 0 else keys[track] for track in judged.offers[place].tolist()),
            case=ids[judged.case[place]],
        )
        for place in range(len(claims))
        if judged.outcome[place] != Outcome.NOT_JUDGED
    }
