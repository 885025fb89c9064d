"""CSV and Parquet files as batches of raw columns, in the order of their rows."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from houbei.errors import InputError
from houbei.store.csv_files import read_csv, with_types

_MOMENT_MAX_US = 7_289_654_400_000_000
"""Statistics beyond the year 2200 come from rows that will be rejected; the rows themselves must be looked at."""
BATCH_ROWS = 1_000_000
"""How many rows are read at once: enough to amortise look-ups, little enough for two batches in memory."""


_TICKS_PER_MS = {"s": 1, "ms": 1, "us": 1_000, "ns": 1_000_000}
"""Parquet keeps whole seconds as milliseconds."""
_REPEATING_BYTES = 4
"""A text column that takes fewer bytes a row than this is stored by code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Rows of a file that are read together: `size` of them from the 1-based data row `first_row` on."""

    first_row: int
    size: int
    groups: tuple[int, ...]


class RowFile:
    """One input file, Parquet or CSV, read by batches.

    Args:
        path: The file. Anything but Parquet is taken for CSV.
        contract: The columns that have a meaning; in CSV the others become whole numbers, flags or text.

    Raises:
        InputError: the file is not there, is empty or cannot be read.
    """

    def __init__(self, path: Path, *, contract: Collection[str]) -> None:
        if not path.is_file():
            raise InputError(
                came="no such file",
                where=str(path),
                expected="a CSV or Parquet file",
                todo="Check the path.",
            )
        self.path = path
        self.broken: list[int] = []
        self._table: pa.Table = None
        self._leaves: dict[str, int] = {}
        self._file: pq.ParquetFile = None
        if _is_parquet(path):
            self._file = _open_parquet(path)
            schema = self._file.metadata.schema
            self._leaves = {schema.column(k).path: k for k in range(len(schema))}
        else:
            table, self.broken = read_csv(path)
            self._table = with_types(table, [name for name in table.column_names if name not in contract])

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return list(self._file.schema_arrow.names if self._file is not None else self._table.column_names)

    @property
    def rows(self) -> int:
        """How many data rows there are; a row of a CSV file with another number of fields is an empty one in `broken`."""
        return self._file.metadata.num_rows if self._file is not None else len(self._table)

    def batches(self) -> list[Batch]:
        """Cut the file into batches of about `BATCH_ROWS` rows, in order."""
        if self._file is None:
            return [Batch(first_row=1, size=len(self._table), groups=())]
        batches: list[Batch] = []
        first, size, groups = 1, 0, list[int]()
        for group in range(self._file.num_row_groups):
            groups.append(group)
            size += self._file.metadata.row_group(group).num_rows
            if size >= BATCH_ROWS:
                batches.append(Batch(first_row=first, size=size, groups=tuple(groups)))
                first, size, groups = first + size, 0, []
        if groups or not batches:
            batches.append(Batch(first_row=first, size=size, groups=tuple(groups)))
        return batches

    def read(self, batch: Batch, columns: list[str]) -> pa.Table:
        """Read some columns of a batch, each in one chunk; text that repeats comes dictionary-encoded."""
        if self._file is None:
            return self._table.select(columns)
        source = pq.ParquetFile(
            self.path,
            metadata=self._file.metadata,
            read_dictionary=self._repeating(columns, batch.groups),
            memory_map=True,
        )
        table = source.read_row_groups(list(batch.groups), columns=columns, use_threads=False)
        return table.select(columns).unify_dictionaries().combine_chunks()

    def _repeating(self, columns: list[str], groups: tuple[int, ...]) -> list[str]:
        """The text columns that the file itself keeps as codes: a few bytes a row."""
        schema = self._file.schema_arrow
        texts = [
            name
            for name in columns
            if pa.types.is_string(schema.field(name).type) or pa.types.is_large_string(schema.field(name).type)
        ]
        group = self._file.metadata.row_group(groups[0]) if groups else None
        sizes = [group.column(self._leaves[name]).total_uncompressed_size if group else 0 for name in texts]
        few = _REPEATING_BYTES * (group.num_rows if group else 0)
        return [name for name, size in zip(texts, sizes, strict=True) if size <= few]

    def never_null(self, column: str) -> bool:
        """Whether the file's own statistics say that a column has a value in every row."""
        if self._file is None:
            return False
        place = self._leaves[column]
        facts = [self._file.metadata.row_group(k).column(place) for k in range(self._file.num_row_groups)]
        return all(fact.statistics is not None and fact.statistics.null_count == 0 for fact in facts)

    def span(self, column: str) -> tuple[int, int] | None:
        """The first and last moment of a column in microseconds by the file's own statistics; None where it keeps none."""
        if self._file is None:
            return None
        kind = self._file.schema_arrow.field(column).type
        if not (pa.types.is_timestamp(kind) and kind.tz is not None):
            return None
        place = self._leaves[column]
        first, last = 2**62, 0
        for group in range(self._file.num_row_groups):
            facts = self._file.metadata.row_group(group).column(place)
            statistics = facts.statistics
            if statistics is None or (not statistics.has_min_max and statistics.null_count != facts.num_values):
                return None
            if statistics.has_min_max:
                if not isinstance(statistics.min_raw, int):
                    return None
                first = min(first, statistics.min_raw * 1_000 // _TICKS_PER_MS[kind.unit])
                last = max(last, statistics.max_raw * 1_000 // _TICKS_PER_MS[kind.unit])
        return (first, last) if first >= 0 and last < _MOMENT_MAX_US else None


def _open_parquet(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path, memory_map=True)
    except pa.ArrowInvalid as error:
        raise InputError(
            came=f"a Parquet file that cannot be read ({error})",
            where=str(path),
            expected="a whole Parquet file",
            todo="Export it again.",
        ) from error


def _is_parquet(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"PAR1"
