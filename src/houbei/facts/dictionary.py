"""Texts to codes, the same code for the same text in every file and batch."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from houbei.columns import NULL_CODE, Text
from houbei.facts.arrow import flags_of, numbers_of, text_array, whole_array
from houbei.facts.hashes import hash_texts
from houbei.facts.texts import bytes_of
from houbei.kernels import kernel

_UNSEEN = -2
"""What a text that is not known yet gets at first; `NULL_CODE` is for a missing one."""


@kernel()
def _fill(hashes, slots):
    """Put each hash's place into the first free slot from where it belongs; there are more slots than hashes, a power of two."""
    mask = len(slots) - 1
    for code in range(len(hashes)):
        slot = hashes[code] & mask
        while slots[slot] >= 0:
            slot = (slot + 1) & mask
        slots[slot] = (hashes[code] >> 31 << 32) | code


@kernel()
def _look_up(hashes, offsets, data, known, slots, own_offsets, own_data, codes):
    """Find each text among the known ones, byte by byte where the hash is equal; a slot holds half a hash above a code."""
    mask, unseen = len(slots) - 1, 0
    for row in range(len(known)):
        if not known[row]:
            codes[row] = -1
            continue
        slot, found = hashes[row] & mask, -2
        length = offsets[row + 1] - offsets[row]
        while slots[slot] >= 0:
            if slots[slot] >> 32 == hashes[row] >> 31:
                code = slots[slot] & 0xFFFFFFFF
                start = own_offsets[code]
                k = length if own_offsets[code + 1] - start == length else -1
                while k > 0 and own_data[start + k - 1] == data[offsets[row] + k - 1]:
                    k -= 1
                if k == 0:
                    found = code
                    break
            slot = (slot + 1) & mask
        codes[row] = found
        if found < 0:
            unseen += 1
    return unseen


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """The known texts by code, and a table of places to find them by hash."""

    texts: pa.Array
    slots: NDArray[np.int64]


def _known(texts: pa.Array) -> _Known:
    hashes = hash_texts(texts)
    slots = np.full(1 << (2 * len(texts) + 1).bit_length(), -1, dtype=np.int64)
    _fill(hashes, slots, rows=len(texts))
    return _Known(texts, slots)


_FEW_TEXTS = 64
"""Up to this many texts a Python dictionary finds them sooner than a pass over their bytes."""


class Dictionary:
    """Every text seen under one name (`sku`, `seller`, …) and its code, in the order of first sight.

    Cost: one look-up a row, or a distinct text where the column is dictionary-encoded. Safe between threads.
    """

    def __init__(self) -> None:
        self.values: list[str] = []
        self._seen: _Known | None = None
        self._few: dict[str, int] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self.values)

    def code_of(self, text: str) -> int:
        """Give the code of a text, a new one at first sight."""
        return int(self._codes_of_few([text])[0])

    def codes_of(self, texts: pa.Array) -> NDArray[np.int32]:
        """Give the codes of texts, `NULL_CODE` for a null."""
        if len(texts) <= _FEW_TEXTS:
            return self._codes_of_few(texts.to_pylist())
        hashes = hash_texts(texts)
        codes = np.empty(len(texts), dtype=np.int32)
        seen = self._seen
        if seen is None or self._look_up(seen, texts, hashes, codes):
            with self._lock:
                seen = self._seen or _known(text_array(self.values))
                self._look_up(seen, texts, hashes, codes)
                new = pc.unique(texts.take(whole_array(np.flatnonzero(codes == _UNSEEN))))
                if len(new):
                    self.values.extend(new.to_pylist())
                    seen = _known(pa.concat_arrays([seen.texts, new]))
                self._seen = seen
            self._look_up(seen, texts, hashes, codes)
        return codes

    def _codes_of_few(self, texts: Sequence[str | None]) -> NDArray[np.int32]:
        with self._lock:
            for code in range(len(self._few), len(self.values)):
                self._few[self.values[code]] = code
            for text in texts:
                if text is not None and text not in self._few:
                    self._few[text] = len(self.values)
                    self.values.append(text)
                    self._seen = None
            return np.array([NULL_CODE if text is None else self._few[text] for text in texts], dtype=np.int32)

    @staticmethod
    def _look_up(seen: _Known, texts: pa.Array, hashes: NDArray[np.int64], codes: NDArray[np.int32]) -> int:
        offsets, data, known = bytes_of(texts)
        own_offsets, own_data, _ = bytes_of(seen.texts)
        found: int = _look_up(
            *(hashes, offsets, data, known, seen.slots, own_offsets, own_data, codes), rows=len(texts)
        )
        return found

    def encode(self, column: pa.Array) -> Text:
        """Encode a text column; nulls get `NULL_CODE`.

        Args:
            column: Text, or dictionary-encoded text.
        """
        if not pa.types.is_dictionary(column.type):
            return Text(self.codes_of(column.cast(pa.string())), self.values)
        local = self.codes_of(column.dictionary.cast(pa.string()))
        if len(local) == 0:
            return Text(np.full(len(column), NULL_CODE, dtype=np.int32), self.values)
        codes = local.take(numbers_of(column.indices))
        if column.null_count:
            codes = np.where(flags_of(column.is_valid()), codes, np.int32(NULL_CODE))
        return Text(codes, self.values)


class Dictionaries:
    """One `Dictionary` a name, made when first asked for."""

    def __init__(self) -> None:
        self._by_name: dict[str, Dictionary] = {}
        self._lock = threading.Lock()

    def __getitem__(self, name: str) -> Dictionary:
        with self._lock:
            return self._by_name.setdefault(name, Dictionary())
