"""Two lives of one seed compared: every step, every case, every entry, every refund; what differs is said in a sentence."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Engine

from houbei.runs.providers import Payer
from houbei.store.database import reading

_SAID = 20
"""So many differences of a sort are said; the rest are counted."""
_QUERIES = {
    "step": "SELECT case_id, ROW_NUMBER() OVER (PARTITION BY case_id ORDER BY seq), source, step_id, what, teller, at_us, known_us,"
    " person, told FROM steps",
    "case": "SELECT case_id, stage, state, due_us, over FROM cases",
    "entry": "SELECT l.line_id, t.term, e.code, e.debit, e.credit, e.amount_minor, e.currency, e.clause,"
    " CASE WHEN e.settles IS NULL THEN e.fact END FROM entries e JOIN covers c ON c.cover = e.cover JOIN lines l ON l.seq = c.line"
    " JOIN terms t ON t.seq = c.terms WHERE e.code <> 'unknown'",
    "settlement": "SELECT kind, state, amount_minor, currency, payment FROM actions",
    "need": "SELECT kind, ref FROM needs",
}
"""What is compared. How often a provider had to be asked is left out (`unknown`, and what was in doubt counts as in transit): it says how
far we knew, not what became of the money."""


def differences(one: Engine, other: Engine) -> Iterator[str]:
    """Say where two stores differ, in what they know and in what they did."""
    for name, query in _QUERIES.items():
        first, second = _rows(one, query), _rows(other, query)
        for sign, rows in (("only without crashes", first - second), ("only with crashes", second - first)):
            if rows:
                said = "; ".join(str(row) for row in sorted(rows, key=str)[:_SAID])
                yield f"{rows.total()} of the rows {name} are {sign}: {said}"


def refunds_of(payer: Payer) -> Counter[tuple[str, int]]:
    """Give what a provider paid, by settlement; each once, if all is well.

    Cost: a call for each page.
    """
    found, cursor = Counter[tuple[str, int]](), None
    while True:
        page = payer.list_after(cursor)
        if not isinstance(page, tuple):
            continue
        receipts, after = page
        if not receipts:
            return found
        found.update((str(receipt.settlement), receipt.amount_minor) for receipt in receipts)
        cursor = after


def _rows(database: Engine, query: str) -> Counter[tuple[Any, ...]]:
    with reading(database) as connection:
        rows = connection.exec_driver_sql(query)
        return Counter(tuple("in_transit" if value == "in_doubt" else value for value in row) for row in rows)
