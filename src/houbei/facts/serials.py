"""The serial numbers that a line was delivered with: an optional column of orders, a JSON list of texts a cell."""

from dataclasses import dataclass

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from houbei.facts.arrow import text_array
from houbei.facts.dictionary import Dictionary
from houbei.facts.raw import plain_text


@dataclass(frozen=True, slots=True, eq=False)
class Serials:
    """Serial numbers of units: entry k says that unit `unit[k]` (from 1) of line `line[k]` has the serial of code `code[k]`.

    Ordered by line, then unit. Codes are those of the dictionary `serial`.
    """

    line: NDArray[np.int64]
    unit: NDArray[np.int64]
    code: NDArray[np.int32]

    def in_order(self, order: NDArray[np.int64]) -> "Serials":
        """Give the serials of the same lines in another order (see `Lines.in_order`)."""
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        line = place[self.line]
        ordered = np.lexsort((self.unit, line))
        return Serials(line[ordered], self.unit[ordered], self.code[ordered])


def read_serials(
    column: pa.Array, *, quantity: NDArray[np.int64], dictionary: Dictionary, where: str
) -> tuple[Serials, NDArray[np.bool_]]:
    """Read cells such as `["SN1", "SN2"]`: the first is the serial of unit 1.

    Args:
        column: JSON text; an empty cell says nothing.
        quantity: How many units each line has.
        dictionary: The codes of serials.
        where: File and column, for the error.

    Returns:
        The serials, and which rows cannot be read: no list of texts, an empty text, one twice, or more of them than units.

    Cost: a JSON text a row that has one.
    """
    decoder = msgspec.json.Decoder(list[str])
    bad = np.zeros(len(column), dtype=np.bool_)
    lines: list[int] = []
    units: list[int] = []
    texts: list[str] = []
    for row, cell in enumerate(plain_text(column, where=where).to_pylist()):
        if cell is None:
            continue
        try:
            found = decoder.decode(cell)
        except msgspec.MsgspecError:
            found = [""]
        if "" in found or len(set(found)) < len(found) or len(found) > quantity[row]:
            bad[row] = True
            continue
        lines += [row] * len(found)
        units += range(1, len(found) + 1)
        texts += found
    codes = dictionary.codes_of(text_array(texts))
    return Serials(np.array(lines, dtype=np.int64), np.array(units, dtype=np.int64), codes), bad
