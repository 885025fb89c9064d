"""Exhibits, the files that people send in with a case: checked by content, cleaned of positions, kept by their hash.

A file lies at `<folder>/<first two hex digits>/<sha256>`, readable by the owner alone, and is never changed. Who sent it and to which
case it belongs are facts elsewhere; the same file sent twice, or to two cases, is one file here.
"""

import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import file_digest
from io import BufferedRandom, BufferedReader, BytesIO
from pathlib import Path
from typing import BinaryIO

from houbei.errors import StoreError
from houbei.store.exhibit_mp4 import blank_mp4
from houbei.store.exhibit_pdfs import check_pdf
from houbei.store.exhibit_photos import redraw
from houbei.store.exhibit_shapes import HEAD_BYTES, LIMITS, Kind, Reason, Refusal, Shape, UnfitError, shape_of
from houbei.store.exhibit_webm import blank_webm

_PIECE_BYTES = 1 << 20
_UNFINISHED = ".part-"
_SHA256 = re.compile("[0-9a-f]{64}")
_FOLDER_MODE = 0o700


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """A file as it is kept: its sha256, what it shows, its size in bytes, and width and height in pixels where they are known."""

    sha256: str
    kind: Kind
    bytes: int
    width: int | None
    height: int | None

    def row(self) -> Mapping[str, str | int | None]:
        """Give the values of its row in the database, by column."""
        return {
            "sha256": self.sha256,
            "kind": self.kind.value,
            "bytes": self.bytes,
            "width": self.width,
            "height": self.height,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A file opened for reading, its bytes compared with its hash.

    `media_type` is what its content says; `inline` is whether a page may show it (a PDF is handed out as an attachment). Whoever sends
    it out adds `X-Content-Type-Options: nosniff`, so that a browser takes it for nothing else. `content` must be closed.
    """

    content: BinaryIO
    media_type: str
    bytes: int
    inline: bool


def exhibits_of(store: Path) -> Path:
    """Name the folder of a store's exhibits: beside its file, `houbei.db.exhibits`."""
    return store.with_name(f"{store.name}.exhibits")


def keep(folder: Path, content: bytes | BinaryIO) -> Exhibit | Refusal:
    """Check a file, clean it and keep it. The same content sent again gives the same exhibit.

    Args:
        folder: Where exhibits lie; made where there is none.
        content: The file, whole or to be read from where it stands.

    Returns:
        What was kept; or why nothing was.

    Raises:
        StoreError: the disk is full or cannot be written; nothing of the file was kept.
        OSError: from `content` alone, where reading it fails.

    Cost: two writes of the file and two reads. A photo is decoded in memory (see `redraw`), a PDF is read whole, of a video a few
    megabytes are held at a time. No more than a megabyte above the limit of its kind is taken from `content`.
    """
    told = BytesIO(content) if isinstance(content, bytes) else content
    try:
        head = _read_up_to(told, HEAD_BYTES)
        shape = shape_of(head)
        with _unfinished_file(folder) as (file, path):
            size = _copy(told, head, file, limit=LIMITS[shape.kind])
            with _of_the_disk():
                width, height = _clean(file, size, shape)
                sha256, size = _put_in_place(folder, file, path)
    except UnfitError as unfit:
        return unfit.refusal()
    return Exhibit(sha256=sha256, kind=shape.kind, bytes=size, width=width, height=height)


def open_exhibit(folder: Path, sha256: str) -> Opened | None:
    """Open an exhibit for reading.

    Args:
        folder: Where exhibits lie.
        sha256: Its hash, 64 hexadecimal digits in lower case; anything else names no exhibit.

    Returns:
        The exhibit at its first byte; None where there is none of that hash.

    Raises:
        StoreError: it cannot be read, or its bytes are no longer those that were kept.

    Cost: one read of the whole file.
    """
    if not _SHA256.fullmatch(sha256):
        return None
    with _of_the_disk():
        try:
            file = (folder / sha256[:2] / sha256).open("rb")
        except FileNotFoundError:
            return None
        try:
            return _checked(file, sha256)
        except BaseException:
            file.close()
            raise


def clear_unfinished(folder: Path, *, before_us: int) -> int:
    """Remove what a crash left of files that were being sent in.

    Args:
        folder: Where exhibits lie.
        before_us: Only what was last written to before this moment; a file that is being sent in now is later.

    Returns:
        How many were removed.

    Raises:
        StoreError: the folder cannot be read or written.
    """
    removed = 0
    with _of_the_disk():
        for path in sorted(folder.glob(f"{_UNFINISHED}*")):
            if path.stat().st_mtime_ns // 1_000 < before_us:
                path.unlink()
                removed += 1
    return removed


def _checked(file: BufferedReader, sha256: str) -> Opened:
    if file_digest(file, "sha256").hexdigest() != sha256:
        said = f"the exhibit {sha256} is damaged: its bytes are no longer those that were kept"
        raise StoreError(said)
    size = file.tell()
    file.seek(0)
    shape = shape_of(file.read(HEAD_BYTES))
    file.seek(0)
    return Opened(content=file, media_type=shape.value, bytes=size, inline=shape.kind is not Kind.PDF)


def _clean(file: BinaryIO, size: int, shape: Shape) -> tuple[int | None, int | None]:
    """Check a file by its shape and take out what must not be kept; give its width and height where they are known."""
    match shape:
        case Shape.JPEG | Shape.PNG | Shape.WEBP:
            file.seek(0)
            photo, width, height = redraw(file.read(), shape)
            file.seek(0)
            file.truncate()
            file.write(photo)
            return width, height
        case Shape.MP4 | Shape.MOV:
            return blank_mp4(file, size)
        case Shape.WEBM:
            return blank_webm(file, size)
        case Shape.PDF:
            file.seek(0)
            check_pdf(file.read())
            return None, None


def _copy(told: BinaryIO, head: bytes, file: BinaryIO, *, limit: int) -> int:
    size, piece = 0, head
    while piece:
        size += len(piece)
        if size > limit:
            raise UnfitError(Reason.TOO_LARGE, limit_mib=limit >> 20)
        with _of_the_disk():
            file.write(piece)
        piece = told.read(_PIECE_BYTES)
    return size


def _read_up_to(told: BinaryIO, size: int) -> bytes:
    """Read from a stream that may give less at a time than it is asked for, as a network does."""
    head = b""
    while len(head) < size and (piece := told.read(size - len(head))):
        head += piece
    return head


@contextmanager
def _unfinished_file(folder: Path) -> Iterator[tuple[BufferedRandom, Path]]:
    """Give a file in the folder for the time of the block; it is gone afterwards, unless it was moved elsewhere."""
    with _of_the_disk():
        folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        number, name = tempfile.mkstemp(dir=folder, prefix=_UNFINISHED)
    file, path = os.fdopen(number, "w+b"), Path(name)
    try:
        yield file, path
    finally:
        # What had to reach the disk has reached it: where it could not, the error of that is the one to tell.
        with suppress(OSError):
            file.close()
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _put_in_place(folder: Path, file: BufferedRandom, path: Path) -> tuple[str, int]:
    """Move a finished file to where its hash says, in one step, once it is on the disk; a damaged one of that hash is mended by it."""
    file.seek(0)
    sha256 = file_digest(file, "sha256").hexdigest()
    size = file.tell()
    file.flush()
    os.fsync(file.fileno())
    shelf = folder / sha256[:2]
    shelf.mkdir(mode=_FOLDER_MODE, exist_ok=True)
    path.replace(shelf / sha256)
    for changed in (shelf, folder):
        number = os.open(changed, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
    return sha256, size


@contextmanager
def _of_the_disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(str(error)) from error
