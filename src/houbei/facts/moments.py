"""Moments from a column of any type: microseconds since the epoch, UTC."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from houbei.columns import MISSING
from houbei.errors import InputError
from houbei.facts.arrow import flags_of, numbers_of
from houbei.facts.texts import BAD, LOCAL, MISSING_TEXT, parse_moments

DAY_US = 86_400_000_000
_SLOT_US = 900_000_000
"""Offsets change on quarters of an hour: inside one, the offset is one."""
_FIRST_US = 0
_LAST_US = 7_289_654_400_000_000
"""2201-01-01T00:00Z: later moments are taken for typing errors."""
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  local clock readings, not moments


def read_moments(column: pa.Array, *, zone: str, where: str) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Read a column of moments.

    Args:
        column: Timestamps with or without a zone, dates, or ISO 8601 text.
        zone: The zone in which readings without one are taken; one that happens twice is the first.
        where: File and column, for the error.

    Returns:
        Microseconds, `MISSING` where the value is absent or bad; and which values are bad.

    Raises:
        InputError: the column's type cannot hold moments.
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        values, states = parse_moments(column)
        local = states == LOCAL
        if local.any():
            values[local] = to_utc(values[local], zone)
        missing = (states == MISSING_TEXT) | (states == BAD)
        bad = states == BAD
    elif pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        values, missing = _whole_us(column)
        if pa.types.is_date(kind) or kind.tz is None:
            values = np.where(missing, values, to_utc(np.where(missing, 0, values), zone))
        bad = np.zeros(len(values), dtype=np.bool_)
    elif pa.types.is_null(kind):
        return np.full(len(column), MISSING), np.zeros(len(column), dtype=np.bool_)
    else:
        raise InputError(
            came=f"a column of type {kind}",
            where=where,
            expected="timestamps, dates or ISO 8601 text",
            todo="Write the moments as text with a zone, like 2026-11-10T12:00:00+08:00.",
        )
    strange = ~missing & ((values < _FIRST_US) | (values >= _LAST_US))
    return np.where(missing | strange, MISSING, values), bad | strange


def _whole_us(column: pa.Array) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    zoned = pa.types.is_timestamp(column.type) and column.type.tz is not None
    exact = column.cast(pa.timestamp("us", tz=column.type.tz if zoned else None), safe=False).cast(pa.int64())
    missing = np.zeros(len(column), dtype=np.bool_)
    if column.null_count:
        missing = flags_of(pc.is_null(column))
    return numbers_of(exact), missing


def to_utc(local_us: NDArray[np.int64], zone: str) -> NDArray[np.int64]:
    """Turn local clock readings into moments; a reading that happens twice is the first, a skipped one moves on.

    Args:
        local_us: Microseconds of the local clock since 1970-01-01T00:00.
        zone: A name of the IANA time zone database.
    """
    slots, places = np.unique(local_us // _SLOT_US, return_inverse=True)
    where = ZoneInfo(zone)
    east = np.fromiter((_east_us(int(slot), where) for slot in slots), dtype=np.int64, count=len(slots))
    return local_us - east[places]


def _east_us(slot: int, zone: ZoneInfo) -> int:
    reading = (_EPOCH + timedelta(microseconds=max(0, min(slot * _SLOT_US, _LAST_US)))).replace(tzinfo=zone)
    offset = reading.utcoffset()
    return 0 if offset is None else offset // timedelta(microseconds=1)


def text_of_moment(us: int, zone: str = "UTC") -> str:
    """Write a moment in ISO 8601 in a zone, `Z` for UTC: `text_of_moment(0)` is `1970-01-01T00:00:00Z`."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)
    if zone == "UTC":
        return moment.replace(tzinfo=None).isoformat() + "Z"
    return moment.astimezone(ZoneInfo(zone)).isoformat()
