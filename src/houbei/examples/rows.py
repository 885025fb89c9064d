"""An example's line and what is told of it, as rows that the readers of files take."""

from collections.abc import Collection, Mapping

import numpy as np
import pyarrow as pa

from houbei.errors import InputError
from houbei.facts.orders import KNOWN as ORDER_COLUMNS
from houbei.facts.rejected import REASONS, Findings, Rejection
from houbei.store.csv_files import with_types
from houbei.terms.conditions import Condition
from houbei.terms.examples import anchors_of
from houbei.terms.expressions import And
from houbei.terms.model import Terms

UNNAMED = {"order_id": "order", "line_id": "line", "sku": "sku", "buyer_id": "buyer"}
"""What an example need not name: it is about one buyer's one line."""

Field = str | int | bool | None
Row = Mapping[str, Field]


def stated_parts(condition: Condition | None, stated: Collection[str]) -> Condition | None:
    """The parts of a condition that name nothing but stated columns; None when that is none of it."""
    parts = () if condition is None else tuple(part for part in condition.parts if part.columns <= set(stated))
    if condition is None or parts == condition.parts or not parts:
        return condition if parts else None
    return Condition(
        text=" AND ".join(part.text for part in parts),
        where=condition.where,
        columns=frozenset().union(*(part.columns for part in parts)),
        expression=And(parts=tuple(part.expression for part in parts)),
        conjuncts=parts if len(parts) > 1 else (),
    )


def orders_table(given: Row, facts: Mapping[str, int], terms: Terms) -> pa.Table:
    """One line as a file of orders holds it, with when everything about it happened."""
    moments = {f"{fact}_at": facts.get(fact) for fact in sorted(facts.keys() | anchors_of(terms.window))}
    columns = {name: pa.array([field_of(value)], type=pa.string()) for name, value in given.items()}
    columns |= {name: pa.array([us], type=pa.timestamp("us", tz="UTC")) for name, us in moments.items()}
    return with_types(pa.table(columns), sorted(given.keys() - ORDER_COLUMNS - moments.keys()))


def field_of(value: Field) -> str | None:
    """A value as a field of a CSV file holds it."""
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def refuse_rejected(findings: Findings, part: str) -> None:
    """Refuse an example of which a row cannot be read.

    Raises:
        InputError: the first such row, with its reason.
    """
    bad = np.flatnonzero(findings.codes)
    if len(bad):
        reason, _, expected = REASONS[Rejection(int(findings.codes[bad[0]]))].partition("; expected ")
        where = part if part == "given" else f"{part} {bad[0] + 1}"
        raise InputError(
            came=reason, where=where, expected=expected or "a row as a file would hold it", todo="Correct it."
        )
