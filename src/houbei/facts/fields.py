"""The columns of a file that it may or may not have, read by name; what cannot be read is noted for its row."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from houbei.columns import MISSING, Flag, Text
from houbei.errors import InputError
from houbei.facts.arrow import ranks_of
from houbei.facts.dictionary import Dictionary
from houbei.facts.moments import read_moments
from houbei.facts.raw import QUANTITY_MAX, encode, is_missing, plain_text, read_flag, read_whole
from houbei.facts.rejected import Findings, Rejection
from houbei.facts.texts import BAD, GOOD, OUT_OF_RANGE


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fields:
    """A batch of rows of the file `file`: its columns by name, each in one piece, and what was found wrong with its rows.

    Moments without a zone are read in `zone`.
    """

    file: str
    zone: str
    columns: Mapping[str, pa.Array]
    findings: Findings

    @classmethod
    def of(
        cls, table: pa.Table, *, file: str, zone: str, required: Collection[str], broken: Collection[int]
    ) -> "Fields":
        """Take the columns of a table; rows without a required value, and the `broken` ones, are noted.

        Raises:
            InputError: a required column is absent.
        """
        missing = [name for name in required if name not in table.column_names]
        if missing:
            raise InputError(
                came=f"no column {', '.join(missing)}",
                where=file,
                expected=f"the columns {', '.join(required)}",
                todo="Add or rename the columns.",
            )
        columns = {name: table.column(name).combine_chunks() for name in table.column_names}
        fields = cls(file=file, zone=zone, columns=columns, findings=Findings.of(len(table), broken))
        for name in required:
            fields.findings.note(is_missing(columns[name]), Rejection.MISSING_VALUE)
        return fields

    def __len__(self) -> int:
        return len(self.findings.codes)

    def ids(self, name: str) -> tuple[pa.Array, NDArray[np.int64]]:
        """Give a required column of ids as text, and the place of each among them in the order of their bytes."""
        ids = plain_text(self.columns[name], where=self._where(name))
        return ids, ranks_of([ids])

    def plain(self, name: str) -> pa.Array:
        """Give a column as plain text, null throughout where the file does not have it."""
        if name not in self.columns:
            return pa.nulls(len(self), pa.string())
        return plain_text(self.columns[name], where=self._where(name)).cast(pa.string())

    def text(self, name: str, dictionary: Dictionary) -> Text:
        """Give a column's codes in a dictionary, -1 throughout where the file does not have it."""
        if name not in self.columns:
            return Text(np.full(len(self), -1, dtype=np.int32), dictionary.values)
        return encode(self.columns[name], dictionary, where=self._where(name))

    def moments(self, name: str) -> NDArray[np.int64]:
        """Read moments as µs UTC, `MISSING` where there is none."""
        if name not in self.columns:
            return np.full(len(self), MISSING)
        values, bad = read_moments(self.columns[name], zone=self.zone, where=self._where(name))
        self.findings.note(bad, Rejection.BAD_TIME)
        return values

    def words(self, name: str, words: tuple[str, ...], *, absent: int = -1) -> NDArray[np.int8]:
        """Read a column that may hold one of some words: each row's place among them, `absent` where it is empty."""
        if name not in self.columns:
            return np.full(len(self), absent, dtype=np.int8)
        text = encode(self.columns[name], Dictionary(), where=self._where(name))
        places = np.array([words.index(v) if v in words else -1 for v in text.values] + [absent], dtype=np.int8)
        codes = places[text.codes]
        self.findings.note((codes < 0) & (text.codes >= 0), Rejection.BAD_WORD)
        return codes

    def flag(self, name: str) -> Flag:
        """Read true or false; not known throughout where the file does not have the column."""
        if name not in self.columns:
            return Flag(np.zeros(len(self), dtype=np.bool_), np.zeros(len(self), dtype=np.bool_))
        values, states = read_flag(self.columns[name], where=self._where(name))
        self.findings.note(states == BAD, Rejection.BAD_FLAG)
        return Flag(values, states == GOOD)

    def count(self, name: str, *, absent: int, limit: int = QUANTITY_MAX) -> NDArray[np.int64]:
        """Read a whole number from 1 to `limit`, `absent` where there is none."""
        if name not in self.columns:
            return np.full(len(self), absent, dtype=np.int64)
        values, states = read_whole(self.columns[name], where=self._where(name), limit=limit)
        self.findings.note(states == BAD, Rejection.BAD_NUMBER)
        self.findings.note((states == OUT_OF_RANGE) | ((states == GOOD) & (values < 1)), Rejection.BAD_QUANTITY)
        return np.where(states == GOOD, values, absent)

    def _where(self, name: str) -> str:
        return f"{self.file}.{name}"


def mark_repeated(rank: NDArray[np.int64], live: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark the live rows whose id stands in an earlier live row."""
    rows = np.flatnonzero(live)
    _, first = np.unique(rank[rows], return_index=True)
    repeated = np.zeros(len(rank), dtype=np.bool_)
    repeated[np.delete(rows, first)] = True
    return repeated
