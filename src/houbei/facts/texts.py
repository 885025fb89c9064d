"""Text to numbers without a float in between: decimal amounts, whole numbers, moments."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from houbei.facts.arrow import flags_of
from houbei.kernels import kernel

GOOD, MISSING_TEXT, BAD, LOCAL, OUT_OF_RANGE = 0, 1, 2, 3, 4
"""The state of one parsed text; `LOCAL` is a moment without a zone, `OUT_OF_RANGE` a number that cannot be meant."""

_YEAR_MIN, _YEAR_MAX = 1970, 2200
_SECOND_US = 1_000_000


def bytes_of(column: pa.Array) -> tuple[NDArray[Any], NDArray[np.uint8], NDArray[np.bool_]]:
    """Give a text array's offsets (one more than rows), bytes and which rows are present; no bytes are copied."""
    wide = pa.types.is_large_string(column.type)
    _, offset_bytes, data = column.buffers()
    kind = np.int64 if wide else np.int32
    if len(column) == 0 or offset_bytes is None:
        return np.zeros(len(column) + 1, dtype=kind), np.zeros(1, dtype=np.uint8), np.zeros(len(column), dtype=np.bool_)
    offsets = np.frombuffer(offset_bytes, dtype=kind)[column.offset : column.offset + len(column) + 1]
    raw = np.frombuffer(data, dtype=np.uint8) if data is not None and data.size else np.zeros(1, dtype=np.uint8)
    known = np.ones(len(column), dtype=np.bool_)
    if column.null_count:
        known = flags_of(column.is_valid())
    return offsets, raw, known


@kernel()
def _parse_decimals(offsets, data, known, exponents, limit, values, states):
    for row in range(len(known)):
        values[row] = 0
        if not known[row]:
            states[row] = 1
            continue
        total, digits, after, good = 0, 0, -1, True
        for i in range(offsets[row], offsets[row + 1]):
            byte = data[i]
            if 48 <= byte <= 57:
                total = total * 10 + (byte - 48)
                digits += 1
                if after >= 0:
                    after += 1
                if total > limit:
                    good = False
                    break
            elif byte == 46 and after < 0 and digits > 0:
                after = 0
            else:
                good = False
                break
        if not good or digits == 0 or after == 0 or after > exponents[row]:
            states[row] = 2
            continue
        after = max(after, 0)
        for _ in range(exponents[row] - after):
            total *= 10
        values[row] = total
        states[row] = 0 if total <= limit else 2


def parse_decimals(
    column: pa.Array, exponents: NDArray[np.int8], *, limit: int
) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Read decimal text as minor units: digits and at most one point, no more digits after it than `exponents` allows.

    Args:
        column: Text, one amount a row.
        exponents: Digits of the row's currency; 0 for whole numbers.
        limit: The largest amount taken.

    Returns:
        Minor units (0 where not good) and the state of each row: `GOOD`, `MISSING_TEXT` or `BAD`.

    Cost: one pass over the bytes.
    """
    offsets, data, known = bytes_of(column)
    values = np.zeros(len(column), dtype=np.int64)
    states = np.zeros(len(column), dtype=np.uint8)
    _parse_decimals(offsets, data, known, exponents, limit, values, states, rows=len(column))
    return values, states


def _number(data, start, digits):
    """Read `digits` digits at `start`, -1 where one of them is not a digit."""
    total = 0
    for i in range(start, start + digits):
        byte = data[i]
        if byte < 48 or byte > 57:
            return -1
        total = total * 10 + (byte - 48)
    return total


def _day_number(year, month, day):
    """Days since 1970-01-01 of a date of the Gregorian calendar, -1 for a date that does not exist.

    Source: counting years from March puts the leap day last (Richards, Explanatory Supplement to the Astronomical Almanac).
    """
    if year < 1970 or year > 2200 or month < 1 or month > 12 or day < 1:
        return -1
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    longest = 31 - (month - 1) % 7 % 2
    if month == 2:
        longest = 29 if leap else 28
    if day > longest:
        return -1
    shifted = year - 1 if month <= 2 else year
    past = month + 9 if month <= 2 else month - 3
    return 365 * shifted + shifted // 4 - shifted // 100 + shifted // 400 + (153 * past + 2) // 5 + (day - 1) - 719468


def _clock(data, start, end):
    """Read HH:MM[:SS[.f]] in [start, end): microseconds and where it ended; -1 where it cannot be read."""
    if end - start < 5 or data[start + 2] != 58:
        return -1, start
    hour = _number(data, start, 2)
    minute = _number(data, start + 3, 2)
    if hour < 0 or hour > 23 or minute < 0 or minute > 59:
        return -1, start
    total = (hour * 60 + minute) * 60_000_000
    i = start + 5
    if i < end and data[i] == 58:
        second = _number(data, i + 1, 2) if end - i >= 3 else -1
        if second < 0 or second > 59:
            return -1, i
        total += second * 1_000_000
        i += 3
        if i < end and data[i] == 46:
            i += 1
            unit, first = 100_000, i
            while i < end and 48 <= data[i] <= 57 and i - first < 9:
                total += (data[i] - 48) * unit
                unit //= 10
                i += 1
            if i == first:
                return -1, i
    return total, i


def _offset(data, start, end):
    """Read Z or ±HH[:MM] in [start, end): microseconds east of UTC; one that cannot be read is 10**15."""
    length = end - start
    if length == 1 and (data[start] == 90 or data[start] == 122):
        return 0
    if (data[start] != 43 and data[start] != 45) or length not in (3, 5, 6):
        return 10**15
    hours = _number(data, start + 1, 2)
    minutes = 0
    if length == 5:
        minutes = _number(data, start + 3, 2)
    if length == 6:
        minutes = _number(data, start + 4, 2) if data[start + 3] == 58 else -1
    if hours < 0 or hours > 23 or minutes < 0 or minutes > 59:
        return 10**15
    east = (hours * 60 + minutes) * 60_000_000
    return east if data[start] == 43 else -east


@kernel(_number, _day_number, _clock, _offset)
def _parse_moments(offsets, data, known, values, states):
    for row in range(len(known)):
        values[row] = 0
        if not known[row]:
            states[row] = 1
            continue
        states[row] = 2
        start, end = offsets[row], offsets[row + 1]
        if end - start < 10 or data[start + 4] != 45 or data[start + 7] != 45:
            continue
        days = _day_number(_number(data, start, 4), _number(data, start + 5, 2), _number(data, start + 8, 2))
        if days < 0:
            continue
        us = days * 86_400_000_000
        if end - start == 10:
            values[row] = us
            states[row] = 3
            continue
        if data[start + 10] != 84 and data[start + 10] != 116 and data[start + 10] != 32:
            continue
        clock, i = _clock(data, start + 11, end)
        if clock < 0:
            continue
        if i < end and data[i] == 32:
            i += 1
        if i == end:
            values[row] = us + clock
            states[row] = 3
            continue
        east = _offset(data, i, end)
        if east < 10**15 and us + clock - east >= 0:
            values[row] = us + clock - east
            states[row] = 0


def parse_moments(column: pa.Array) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Read ISO 8601 dates and times.

    Returns:
        Microseconds since the epoch, UTC where the text named a zone, else local (state `LOCAL`; a date alone is its
        midnight), and the state of each row.

    Cost: one pass over the bytes. Source: ISO 8601-1:2019; RFC 3339 lets a space stand for the T.
    """
    offsets, data, known = bytes_of(column)
    values = np.zeros(len(column), dtype=np.int64)
    states = np.zeros(len(column), dtype=np.uint8)
    _parse_moments(offsets, data, known, values, states, rows=len(column))
    return values, states
