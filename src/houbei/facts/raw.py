"""Raw columns of any type to codes, amounts, numbers and flags; what cannot be read is marked, row by row."""

from collections.abc import Iterable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from houbei.columns import Column, Flag, Text, Whole
from houbei.errors import InputError
from houbei.facts.arrow import flags_of, numbers_of
from houbei.facts.dictionary import Dictionary
from houbei.facts.rejected import Findings, Rejection
from houbei.facts.texts import BAD, GOOD, MISSING_TEXT, OUT_OF_RANGE, parse_decimals
from houbei.money import EXPONENTS, MINOR_MAX

QUANTITY_MAX = 10**9
"""More units than this in one line are taken for a typing error."""
_DIGITS_MAX = max(EXPONENTS.values())
_TRUE = ("true", "1", "yes")
_FALSE = ("false", "0", "no")


def as_text(column: pa.Array, *, where: str) -> pa.Array:
    """Give a column as text (dictionary-encoded stays so); whole numbers are written out, other types are refused."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return column if _is_text(kind.value_type) else as_text(column.cast(kind.value_type), where=where)
    if _is_text(kind):
        return column
    if pa.types.is_integer(kind) or pa.types.is_null(kind) or pa.types.is_boolean(kind):
        return column.cast(pa.string())
    if kind in (pa.string_view(), pa.large_string()):
        return column.cast(pa.string())
    raise InputError(
        came=f"a column of type {kind}", where=where, expected="text", todo="Write the values as text or whole numbers."
    )


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def plain_text(column: pa.Array, *, where: str) -> pa.Array:
    """Give a column as plain text, no dictionary."""
    column = as_text(column, where=where)
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def is_missing(column: pa.Array) -> NDArray[np.bool_]:
    """Mark the rows that have no value."""
    if not column.null_count:
        return np.zeros(len(column), dtype=np.bool_)
    return flags_of(pc.is_null(column))


def encode(column: pa.Array, dictionary: Dictionary, *, where: str) -> Text:
    """Give a column's codes in `dictionary`."""
    return dictionary.encode(as_text(column, where=where))


def read_whole(column: pa.Array, *, where: str, limit: int) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Read whole numbers from 0 to `limit`: values (0 where not good) and the state of each row (see `texts`).

    A number that is negative or above the limit is `OUT_OF_RANGE`, text that is no whole number `BAD`.

    Raises:
        InputError: the column holds floating point numbers that are not whole.
    """
    kind = column.type
    if pa.types.is_floating(kind):
        whole = pc.round(column).cast(pa.int64(), safe=False)
        if not pc.all(pc.equal(whole.cast(kind), column)).as_py():
            raise InputError(
                came=f"a column of type {kind} with parts of a whole",
                where=where,
                expected="whole numbers",
                todo="Write the column as integers.",
            )
        column, kind = whole, pa.int64()
    if not pa.types.is_integer(kind):
        texts = plain_text(column, where=where)
        values, states = parse_decimals(texts, np.zeros(len(texts), dtype=np.int8), limit=limit)
        if (states == BAD).any():
            numeric = pc.match_substring_regex(texts, r"^[+-]?[0-9]+$")
            states[(states == BAD) & flags_of(numeric)] = OUT_OF_RANGE
        return values, states
    states = np.where(is_missing(column), np.uint8(MISSING_TEXT), np.uint8(GOOD))
    values = numbers_of(column.cast(pa.int64(), safe=False))
    wrong = (values < 0) | (values > limit)
    if wrong.any():
        states = np.where(wrong, np.uint8(OUT_OF_RANGE), states)
        values = np.where(wrong, 0, values)
    return values, states


def read_amount(
    column: pa.Array, exponents: NDArray[np.int8], *, where: str
) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Read amounts in major units (decimal text, whole numbers or exact decimals) as minor units, and each row's state.

    Raises:
        InputError: the column is floating point: such amounts have lost their cents already.
    """
    kind = column.type
    if pa.types.is_floating(kind):
        raise InputError(
            came=f"amounts of type {kind}",
            where=where,
            expected="decimal text, exact decimals or whole minor units",
            todo="Export the amounts as text, or as integers in a column that ends in _minor.",
        )
    texts = column.cast(pa.string()) if pa.types.is_decimal(kind) else plain_text(column, where=where)
    if pa.types.is_decimal(kind) and kind.scale > 0:
        texts = pc.replace_substring_regex(texts, r"\.?0+$", "")
        texts = pc.if_else(pc.equal(texts, ""), "0", texts)
    return parse_decimals(texts, exponents, limit=MINOR_MAX)


def read_either(
    raw: Mapping[str, pa.Array], name: str, exponents: NDArray[np.int8], findings: Findings, *, file: str
) -> NDArray[np.int64]:
    """Read an amount that may stand in major units (`name`), in minor units (`name_minor`) or in both, which must agree.

    Rows with neither, with one that cannot be read, or with two that differ are noted in `findings`.
    """
    readings = []
    if f"{name}_minor" in raw:
        minor, states = read_whole(raw[f"{name}_minor"], where=f"{file}.{name}_minor", limit=MINOR_MAX)
        findings.note(states == BAD, Rejection.BAD_NUMBER)
        findings.note(states == OUT_OF_RANGE, Rejection.BAD_MONEY)
        readings.append((minor, states))
    if name in raw:
        major, states = read_amount(raw[name], exponents, where=f"{file}.{name}")
        findings.note(states == BAD, Rejection.BAD_MONEY)
        readings.append((major, states))
    findings.note(np.logical_and.reduce([states == MISSING_TEXT for _, states in readings]), Rejection.MISSING_VALUE)
    values, states = readings[0]
    for other, other_states in readings[1:]:
        findings.note((states == GOOD) & (other_states == GOOD) & (values != other), Rejection.PAID_DISAGREES)
        values = np.where(states == GOOD, values, other)
    return values


def read_flag(column: pa.Array, *, where: str) -> tuple[NDArray[np.bool_], NDArray[np.uint8]]:
    """Read true or false (also 1, 0, yes, no, in any case): values (False where not good) and each row's state."""
    if pa.types.is_boolean(column.type):
        states = np.where(is_missing(column), np.uint8(MISSING_TEXT), np.uint8(GOOD))
        return flags_of(column), states
    text = encode(column, Dictionary(), where=where)
    kinds = _state_of_flags(text.values)
    states = np.append(kinds[:, 0], np.uint8(MISSING_TEXT))[text.codes]
    values = np.append(kinds[:, 1], np.uint8(0))[text.codes]
    return values.astype(np.bool_), states


def _state_of_flags(values: Iterable[str]) -> NDArray[np.uint8]:
    rows = [(GOOD if value.lower() in _TRUE + _FALSE else BAD, int(value.lower() in _TRUE)) for value in values]
    return np.array(rows, dtype=np.uint8).reshape(len(rows), 2)


def read_currencies(currency: Text) -> tuple[NDArray[np.int8], NDArray[np.bool_]]:
    """Give each row's digits after the point, and which rows name no currency of ISO 4217 (they get the most there are)."""
    known = np.array([EXPONENTS.get(code, -1) for code in currency.values] + [-1], dtype=np.int8)
    exponents = known[currency.codes]
    return np.where(exponents < 0, np.int8(_DIGITS_MAX), exponents), exponents < 0


def read_other(column: pa.Array, dictionary: Dictionary, *, where: str) -> Column:
    """Read a column beyond the contract: whole numbers, flags or text by its type, and else exactly as text."""
    kind = column.type
    if pa.types.is_dictionary(kind) and not _is_text(kind.value_type):
        column, kind = column.cast(kind.value_type), kind.value_type
    known = ~is_missing(column) if column.null_count else None
    if pa.types.is_boolean(kind):
        return Flag(flags_of(column), known)
    if pa.types.is_integer(kind):
        return Whole(numbers_of(column.cast(pa.int64())), known)
    return encode(column, dictionary, where=where)
