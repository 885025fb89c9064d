"""Columns of facts: text by code, whole numbers, flags. A missing value is marked, never guessed."""

from collections.abc import Sequence
from dataclasses import dataclass

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
