"""Columns of facts: text by code, whole numbers, flags. A missing value is marked, never guessed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

NULL_CODE = -1
"""The code of a missing text."""
MISSING = np.iinfo(np.int64).min
"""A missing moment or amount in an int64 column that keeps no mask of its own."""


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """Texts, dictionary-encoded: `values[codes[i]]` is row i's text; code -1 is a missing one. Codes are int32."""

    codes: NDArray[np.int32]
    values: Sequence[str]

    def in_order(self, order: NDArray[np.int64]) -> "Text":
        """Give the same rows in another order."""
        return Text(self.codes.take(order), self.values)


@dataclass(frozen=True, slots=True, eq=False)
class Whole:
    """Whole numbers, int64; `known` is False where the value is missing, None when none is."""

    values: NDArray[np.int64]
    known: NDArray[np.bool_] | None = None

    def in_order(self, order: NDArray[np.int64]) -> "Whole":
        """Give the same rows in another order."""
        return Whole(self.values.take(order), None if self.known is None else self.known.take(order))


@dataclass(frozen=True, slots=True, eq=False)
class Flag:
    """True or false; `known` is False where the value is missing, None when none is."""

    values: NDArray[np.bool_]
    known: NDArray[np.bool_] | None = None

    def in_order(self, order: NDArray[np.int64]) -> "Flag":
        """Give the same rows in another order."""
        return Flag(self.values.take(order), None if self.known is None else self.known.take(order))


Column = Text | Whole | Flag


def entries_at(column: NDArray[np.int64], place: NDArray[np.int64], otherwise: int) -> NDArray[np.int64]:
    """Give what stands at each place of a column; `otherwise` where the place is -1."""
    if not len(column):
        return np.full(len(place), otherwise)
    return np.where(place < 0, otherwise, column[np.maximum(place, 0)])


def join_texts(pieces: Sequence[Text]) -> Text:
    """Put pieces of one text column one after the other; they share their `values`."""
    return replace(pieces[0], codes=np.concatenate([piece.codes for piece in pieces]))


def join_columns(pieces: Sequence[Column]) -> Column:
    """Put pieces of one column one after the other; they are of one kind."""
    texts = [piece for piece in pieces if isinstance(piece, Text)]
    if texts:
        return join_texts(texts)
    numbers = [piece for piece in pieces if not isinstance(piece, Text)]
    known = None
    if any(piece.known is not None for piece in numbers):
        known = np.concatenate([np.ones(len(p.values), np.bool_) if p.known is None else p.known for p in numbers])
    return type(numbers[0])(np.concatenate([piece.values for piece in numbers]), known)
