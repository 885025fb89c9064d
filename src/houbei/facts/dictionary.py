"""Texts to codes, the same code for the same text in every file and batch."""

import threading
from collections.abc import Iterable

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from houbei.columns import NULL_CODE, Text


class Dictionary:
    """Every text seen under one name (`sku`, `seller`, …) and its code, in the order of first sight.

    Cost: one look-up a distinct text of a batch, none a row. Safe between threads.
    """

    def __init__(self) -> None:
        self.values: list[str] = []
        self._codes: dict[str, int] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self.values)

    def code_of(self, text: str) -> int:
        """Give the code of a text, a new one at first sight."""
        code = self._codes.get(text)
        if code is None:
            with self._lock:
                code = self._codes.setdefault(text, len(self.values))
                if code == len(self.values):
                    self.values.append(text)
        return code

    def codes_of(self, texts: Iterable[str]) -> NDArray[np.int32]:
        """Give the codes of texts, in order."""
        return np.fromiter((self.code_of(text) for text in texts), dtype=np.int32)

    def encode(self, column: pa.Array) -> Text:
        """Encode a text column; nulls get `NULL_CODE`.

        Args:
            column: Text, or dictionary-encoded text.
        """
        if not pa.types.is_dictionary(column.type):
            column = column.dictionary_encode()
        local = column.indices
        codes = self.codes_of(column.dictionary.to_pylist())
        if local.null_count:
            local = local.fill_null(len(codes))
            codes = np.append(codes, np.int32(NULL_CODE))
        places = local.to_numpy(zero_copy_only=False)
        if len(codes) == 0:
            return Text(np.full(len(places), NULL_CODE, dtype=np.int32), self.values)
        return Text(codes[places], self.values)


class Dictionaries:
    """One `Dictionary` a name, made when first asked for."""

    def __init__(self) -> None:
        self._by_name: dict[str, Dictionary] = {}
        self._lock = threading.Lock()

    def __getitem__(self, name: str) -> Dictionary:
        with self._lock:
            return self._by_name.setdefault(name, Dictionary())
