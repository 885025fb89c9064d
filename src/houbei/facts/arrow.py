"""Between Arrow and NumPy without `pyarrow.array` and `to_numpy`: they import pandas where it is installed (0.3 s)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

TextColumn = pa.Array
"""Texts as Arrow keeps them, some of them null: for rooms that pass them on and look into them no further."""


def whole_array(values: NDArray[np.int64]) -> pa.Array:
    """Give whole numbers as an Arrow array; nothing is copied."""
    return pa.Array.from_buffers(
        pa.int64(), len(values), [None, pa.py_buffer(np.ascontiguousarray(values, dtype=np.int64))]
    )


def text_array(values: Sequence[str]) -> pa.Array:
    """Give texts as an Arrow array."""
    encoded = [value.encode() for value in values]
    offsets = np.zeros(len(encoded) + 1, dtype=np.int32)
    np.cumsum([len(text) for text in encoded], out=offsets[1:])
    return pa.Array.from_buffers(
        pa.string(), len(encoded), [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(encoded))]
    )


def nullable_texts(values: Sequence[str | None]) -> pa.Array:
    """Give texts as an Arrow array, null where there is none."""
    texts = text_array(["" if value is None else value for value in values])
    known = np.packbits(np.array([value is not None for value in values], dtype=np.bool_), bitorder="little")
    offsets, data = texts.buffers()[1:]
    return pa.Array.from_buffers(pa.string(), len(texts), [pa.py_buffer(known.tobytes()), offsets, data])


def take_texts(column: pa.Array, places: NDArray[np.int64]) -> pa.Array:
    """Give the texts at some places of a column, null where the place is below 0."""
    known = pa.py_buffer(np.packbits(places >= 0, bitorder="little").tobytes())
    data = pa.py_buffer(np.ascontiguousarray(places, dtype=np.int64))
    return column.take(pa.Array.from_buffers(pa.int64(), len(places), [known, data])).cast(pa.string())


def numbers_of(column: pa.Array) -> NDArray[Any]:
    """Give an integer column as NumPy sees it, 0 where it is null; nothing is copied where nothing is null."""
    kind = np.dtype(str(column.type))
    values = np.frombuffer(column.buffers()[1] or b"", dtype=kind)[column.offset : column.offset + len(column)]
    return np.where(flags_of(column.is_valid()), values, kind.type(0)) if column.null_count else values


def flags_of(column: pa.Array) -> NDArray[np.bool_]:
    """Give a boolean column as NumPy booleans, False where it is null."""
    bits = np.frombuffer(column.buffers()[1] or b"", dtype=np.uint8)
    flags = np.unpackbits(bits, count=column.offset + len(column), bitorder="little")[column.offset :].view(np.bool_)
    return flags & flags_of(column.is_valid()) if column.null_count else flags


def ranks_of(pieces: Sequence[pa.Array]) -> NDArray[np.int64]:
    """Give each text's place among all texts of the pieces in the order of their bytes; equal texts share one."""
    texts = pa.concat_arrays(pieces)
    ranks = numbers_of(pc.rank(texts, tiebreaker="dense")) if len(texts) else np.zeros(0, dtype=np.int64)
    return ranks.astype(np.int64)
