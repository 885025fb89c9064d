"""Lists inside a cell: deliveries and returns by units, and the tenders a line was paid with."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TypeVar

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from houbei.columns import MISSING
from houbei.errors import InputError
from houbei.facts.arrow import text_array
from houbei.facts.moments import read_moments
from houbei.facts.raw import plain_text
from houbei.money import minor_of

_Row = TypeVar("_Row")


class _Part(msgspec.Struct):
    quantity: int
    at: str


class _Tender(msgspec.Struct):
    kind: str
    amount: str


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """Units of lines that part ways: part k belongs to line `line[k]`, covers `quantity[k]` units and happened `at[k]`.

    Ordered by line, then moment, then the order in the cell.
    """

    line: NDArray[np.int64]
    quantity: NDArray[np.int64]
    at: NDArray[np.int64]

    def in_order(self, order: NDArray[np.int64]) -> "Parts":
        """Give the parts of the same lines in another order (see `Lines.in_order`)."""
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        line = place[self.line]
        ordered = np.argsort(line, kind="stable")
        return Parts(line[ordered], self.quantity[ordered], self.at[ordered])


def read_parts(column: pa.Array, *, zone: str, where: str) -> tuple[Parts, NDArray[np.bool_]]:
    """Read `[{"quantity": 1, "at": "…"}]` cells.

    Returns:
        The parts, and which rows cannot be read (not JSON, not that shape, a quantity below 1, a moment that is none).

    Cost: a JSON text a row that has one.
    """
    lists, bad = _decode(column, list[_Part], where=where)
    line = [row for row, parts in lists for _ in parts]
    quantity = [part.quantity for _, parts in lists for part in parts]
    texts = [part.at for _, parts in lists for part in parts]
    at, strange = read_moments(text_array(texts), zone=zone, where=where)
    lines = np.array(line, dtype=np.int64)
    counts = np.array([min(max(q, -1), 2**40) for q in quantity], dtype=np.int64)
    wrong = strange | (at == MISSING) | (counts < 1)
    bad[lines[wrong]] = True
    order = np.lexsort((np.arange(len(lines)), at, lines))
    order = order[~bad[lines[order]]]
    return Parts(lines[order], counts[order], at[order]), bad


def read_discounts(
    column: pa.Array, *, kinds: Collection[str], currency_of: Callable[[int], str], where: str
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Read `[{"kind": "voucher", "amount": "200.00"}]` cells: what tenders of `kinds` took off each line, minor units.

    Returns:
        One amount a row (0 where none), and which rows cannot be read.
    """
    lists, bad = _decode(column, list[_Tender], where=where)
    off = np.zeros(len(column), dtype=np.int64)
    for row, tenders in lists:
        try:
            off[row] = sum(minor_of(t.amount, currency_of(row), where=where) for t in tenders if t.kind in kinds)
        except InputError:
            bad[row] = True
    return off, bad


def _decode(
    column: pa.Array, shape: type[list[_Row]], *, where: str
) -> tuple[list[tuple[int, list[_Row]]], NDArray[np.bool_]]:
    decoder = msgspec.json.Decoder(shape)
    bad = np.zeros(len(column), dtype=np.bool_)
    lists: list[tuple[int, list[_Row]]] = []
    for row, text in enumerate(plain_text(column, where=where).to_pylist()):
        if text is None:
            continue
        try:
            lists.append((row, decoder.decode(text)))
        except msgspec.MsgspecError:
            bad[row] = True
    return lists, bad
