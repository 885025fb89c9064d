"""CSV as shops export it: comma, semicolon or tab, quotes, byte order marks, UTF-8 or GBK, rows that went wrong."""

import codecs
import csv
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv

from houbei.errors import InputError

_SEPARATORS = (",", ";", "\t")
_ENCODINGS = ("utf-8", "gb18030")
"""Tried in this order; GB 18030 reads GBK and GB 2312 as well."""
_FIRST_DATA_ROW = 2
"""The parser counts rows from 1, the header first."""
_BLOCK_BYTES = 8 * 2**20


def read_csv(path: Path) -> tuple[pa.Table, list[int]]:
    """Read a CSV file as text, empty fields as nulls.

    Returns:
        The table, and the 0-based places of rows with another number of fields than the header: they stand in the table as
        rows of nulls, so that every other row keeps its number.

    Raises:
        InputError: the file is empty, in an unknown encoding, its header repeats a name, or its quotes never close.
    """
    encoding = _encoding_of(path)
    header = _header_of(path, encoding)
    separator = max(_SEPARATORS, key=header.count)
    names = next(csv.reader([header], delimiter=separator))
    names = [name.strip() for name in names]
    _check_names(names, path)
    broken: list[int] = []
    table = _parse(path, encoding, separator, names, broken, parallel=True)
    if broken:
        broken.clear()
        table = _parse(path, encoding, separator, names, broken, parallel=False)
        table = _with_empty_rows(table, broken)
    return table, broken


def with_types(table: pa.Table, names: list[str]) -> pa.Table:
    """Give the named text columns a type: integer or boolean where every value is one, else they stay text."""
    for name in names:
        column = table.column(name)
        place = table.column_names.index(name)
        for pattern, kind in ((r"^[+-]?[0-9]{1,18}$", pa.int64()), (r"(?i)^(true|false)$", pa.bool_())):
            fits = pc.match_substring_regex(column, pattern)
            if column.null_count < len(column) and pc.all(fits).as_py():
                text = pc.utf8_lower(column) if kind == pa.bool_() else pc.replace_substring_regex(column, r"^\+", "")
                table = table.set_column(place, name, text.cast(kind))
                break
    return table


def _encoding_of(path: Path) -> str:
    for encoding in _ENCODINGS:
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with path.open("rb") as file:
                while block := file.read(_BLOCK_BYTES):
                    decoder.decode(block)
                decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise InputError(
        came="bytes that are neither UTF-8 nor GBK",
        where=str(path),
        expected="a CSV file in UTF-8 (with or without byte order mark) or GBK",
        todo="Export it as UTF-8.",
    )


def _header_of(path: Path, encoding: str) -> str:
    with path.open(encoding="utf-8-sig" if encoding == "utf-8" else encoding, newline="") as file:
        header = file.readline().rstrip("\r\n")
    if not header.strip():
        raise InputError(
            came="no header", where=str(path), expected="a first row with the names of the columns", todo="Add it."
        )
    return header


def _check_names(names: list[str], path: Path) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(
            came=f"the column {twice[0]!r} more than once",
            where=str(path),
            expected="every column name once",
            todo="Rename or drop one of them.",
        )


def _parse(
    path: Path, encoding: str, separator: str, names: list[str], broken: list[int], *, parallel: bool
) -> pa.Table:
    def skip(row: pcsv.InvalidRow) -> str:
        broken.append(-1 if row.number is None else row.number - _FIRST_DATA_ROW)
        return "skip"

    try:
        return pcsv.read_csv(
            path,
            read_options=pcsv.ReadOptions(
                encoding=encoding, use_threads=parallel, column_names=names, skip_rows=1, block_size=_BLOCK_BYTES
            ),
            parse_options=pcsv.ParseOptions(
                delimiter=separator, newlines_in_values=True, invalid_row_handler=skip, ignore_empty_lines=True
            ),
            convert_options=pcsv.ConvertOptions(
                column_types={name: pa.string() for name in names},
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
                null_values=[""],
            ),
        )
    except pa.ArrowInvalid as error:
        raise InputError(
            came=f"text that is no CSV ({error})",
            where=str(path),
            expected="rows of fields, quotes closed",
            todo="Look for a quote that never closes, and export the file again.",
        ) from error


def _with_empty_rows(table: pa.Table, broken: list[int]) -> pa.Table:
    places: list[int | None] = []
    wrong, row = set(broken), 0
    for place in range(len(table) + len(broken)):
        if place in wrong:
            places.append(None)
        else:
            places.append(row)
            row += 1
    return table.take(pa.array(places, type=pa.int64()))
