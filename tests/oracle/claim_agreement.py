"""Runs a history of claims through the engine, and puts its answers in the oracle's shape."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from houbei.facts.claims import KNOWN as CLAIM_COLUMNS
from houbei.facts.claims import REMEDIES, Claims, read_claims, reject_unplaced
from houbei.facts.dictionary import Dictionaries
from houbei.facts.orders import KNOWN as ORDER_COLUMNS
from houbei.facts.orders import Lines, columns_wanted, read_lines
from houbei.judging import judge_claims, reading_of_promises
from houbei.owed.choice import Outcome
from houbei.owed.replacement import Before, Judged
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


def judged_of(
    promises: Sequence[Terms], orders: Rows, claims: Rows, *, as_of: datetime, before: Before | None = None
) -> tuple[Judged, Claims, Lines, NDArray[np.int64]]:
    """Judge rows with the engine; none of them is rejected. The last is the line of each claim."""
    dictionaries = Dictionaries()
    as_of_us = (as_of - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    table = table_of(orders, ORDER_COLUMNS)
    reading, of_claims = reading_of_promises(promises, present=table.column_names, as_of_us=as_of_us)
    lines = read_lines(
        table.select(columns_wanted(table.column_names, reading)),
        first_row=1,
        reading=reading,
        dictionaries=dictionaries,
    )
    read_in = read_claims(table_of(claims, CLAIM_COLUMNS), first_row=1, reading=of_claims, dictionaries=dictionaries)
    judged, line = judge_claims(read_in, lines, promises, dictionaries=dictionaries, as_of_us=as_of_us, before=before)
    reject_unplaced(read_in, line, lines)
    assert not lines.findings.codes.any()
    assert not read_in.findings.codes.any()
    return judged, read_in, lines, line


def by_engine(history: ClaimHistory) -> dict[str, Said]:
    """What the engine says of every claim, by its claim_id."""
    promises = [as_terms(document) for document in history.documents]
    judged, claims, _, _ = judged_of(promises, history.orders, history.claims, as_of=history.as_of)
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
