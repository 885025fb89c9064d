"""Moments as a document writes them: ISO 8601, read in the document's zone when they name none."""

import re
from datetime import UTC, datetime, timedelta

from houbei.calendars.days import YEAR_MAX, YEAR_MIN, check_zone
from houbei.errors import TermsError

_MOMENT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)(Z|[+-][0-9]{2}:[0-9]{2})?)?"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parse_moment(text: str, *, zone: str, where: str) -> int:
    """Read one moment as microseconds since the epoch, UTC.

    Args:
        text: `2026-12-05T10:00+08:00`, seconds and up to six digits after them optional, `Z` for UTC; without a zone,
            or a date alone (its midnight), it is read in `zone`: a local time that happens twice is the first, one that
            is skipped moves on by what was skipped.
        zone: A name of the IANA time zone database.
        where: The document and field it stands in, for messages.

    Raises:
        TermsError: It is no moment of the years 1970 to 2200.
    """
    if _MOMENT.fullmatch(text):
        try:
            read = datetime.fromisoformat(text)
            moment = read if read.tzinfo else read.replace(tzinfo=check_zone(zone, where=where))
            us = (moment.astimezone(UTC) - _EPOCH) // timedelta(microseconds=1)
        except (ValueError, OverflowError):
            us = -1
        if us >= 0 and moment.year <= YEAR_MAX:
            return us
    raise TermsError(
        came=f"“{text[:40]}”",
        where=where,
        expected=f"a moment of the years {YEAR_MIN} to {YEAR_MAX}",
        todo="Write it like 2026-12-05T10:00+08:00.",
    )
