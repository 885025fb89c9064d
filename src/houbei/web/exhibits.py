"""Photos, videos and documents of cases, handed out by their hash: as what was kept, never as what somebody says they are."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from litestar import Response
from litestar.exceptions import NotFoundException
from litestar.response import Stream
from sqlalchemy import Engine

from houbei.store.console_case_lists import is_exhibit
from houbei.store.database import reading
from houbei.store.exhibits import Opened, open_exhibit

PIECE_BYTES = 1 << 20
_POLICY = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'none'; frame-ancestors 'none'; sandbox"
"""What a file may do that is opened on its own: be seen, and nothing more."""


def hand_out(database: Engine, folder: Path, sha256: str) -> Response[Any]:
    """Hand out a file that belongs to a case.

    Args:
        database: The store: a file that no case names is not handed out.
        folder: Where files lie.
        sha256: Its hash.

    Raises:
        NotFoundException: no case has such a file.
        StoreError: its bytes are no longer those that were kept.

    Cost: one read of the file before the first byte goes out.
    """
    with reading(database) as connection:
        known = is_exhibit(connection, sha256)
    opened = open_exhibit(folder, sha256) if known else None
    if opened is None:
        raise NotFoundException
    ending = opened.media_type.rpartition("/")[2]
    way = "inline" if opened.inline else "attachment"
    return Stream(
        _pieces(opened),
        media_type=opened.media_type,
        headers={
            "Content-Length": str(opened.bytes),
            "Content-Disposition": f'{way}; filename="{sha256[:12]}.{ending}"',
            "Cache-Control": "private, no-store",
            "Content-Security-Policy": _POLICY,
        },
    )


def _pieces(opened: Opened) -> Iterator[bytes]:
    with opened.content as content:
        while piece := content.read(PIECE_BYTES):
            yield piece
