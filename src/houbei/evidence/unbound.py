"""Why the promise does not protect a line: the part of the scope that is false, or the fact that is missing."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from houbei.columns import NULL_CODE, Column, Text
from houbei.facts.dictionary import Dictionary
from houbei.facts.orders import Lines
from houbei.terms.model import Terms
from houbei.terms.truth import evaluate

Marks = NDArray[np.bool_]


def false_parts(terms: Terms, lines: Lines, which: Marks, words: Dictionary) -> NDArray[np.int32]:
    """For each marked line the code of the first part of the scope's condition that is false; -1 elsewhere."""
    said = np.full(len(lines), NULL_CODE, dtype=np.int32)
    for part in terms.scope.parts if terms.scope is not None and which.any() else ():
        false = evaluate(part, lines.others, rows=len(lines)) == 0
        said[which & false & (said == NULL_CODE)] = words.code_of(part.text)
    return said


def missing_facts(terms: Terms, lines: Lines, which: Marks, words: Dictionary) -> NDArray[np.int32]:
    """For each marked line the code of the first fact that is missing to decide it; -1 elsewhere.

    The facts that the scope's undecided parts name come first, part by part, then those that `compare.same` asks for.
    """
    said = np.full(len(lines), NULL_CODE, dtype=np.int32)
    for name, missing in _wanted(terms, lines) if which.any() else ():
        said[which & missing & (said == NULL_CODE)] = words.code_of(name)
    return said


def _wanted(terms: Terms, lines: Lines) -> Iterator[tuple[str, Marks]]:
    """Each fact that may be missing, and the lines for which it is and matters."""
    rows = len(lines)
    for part in terms.scope.parts if terms.scope is not None else ():
        unknown = evaluate(part, lines.others, rows=rows) == -1
        for name in sorted(part.columns):
            yield name, unknown & _missing(lines.others[name], rows)
    for name in terms.compare.same:
        column = lines.texts.get(name)
        yield name, np.ones(rows, dtype=np.bool_) if column is None else column.codes == NULL_CODE


def _missing(column: Column, rows: int) -> Marks:
    if isinstance(column, Text):
        return np.equal(column.codes, NULL_CODE)
    return np.zeros(rows, dtype=np.bool_) if column.known is None else ~column.known
