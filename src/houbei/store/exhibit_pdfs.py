"""PDF: looked through for what would act when it is opened; kept as it was sent, or refused.

A PDF is never shown within a page of ours, only handed out as a file. What is looked for is a net, not a proof: a hostile file can hide
what it does from any reader but the one it is aimed at. Names and streams: ISO 32000-2:2020, 7.3.5, 7.3.8, 7.5.7.
"""

import re
import zlib
from collections.abc import Iterator

from houbei.store.exhibit_shapes import Reason, UnfitError

INFLATED_BYTES_MAX = 64 << 20
"""How much packed objects may come to: a bomb of zeros is a thousand times its size."""
STREAMS_MAX = 100_000
"""The most streams that are looked at: at the largest size, one every 200 bytes."""
_TAIL_BYTES = 1024
"""Where readers look for the end of the file."""
_DICTIONARY_BYTES = 4096
_PIECE_BYTES = 1 << 16
_STREAM = re.compile(rb"(?<!end)stream\r?\n")


def _name(text: str) -> bytes:
    """Write the pattern of a name, each of whose characters may be spelled `#` and two digits."""
    return b"/" + b"".join(b"(?:%c|#(?i:%02x))" % (ord(letter), ord(letter)) for letter in text)


_ENCRYPTED = re.compile(_name("Encrypt"))
_ACTIVE = re.compile(b"|".join(_name(text) for text in ("JavaScript", "Launch", "EmbeddedFile", "RichMedia")))
_PACKED = re.compile(_name("ObjStm"))
_FILTERED = re.compile(_name("Filter"))


def check_pdf(content: bytes) -> None:
    """Look through a PDF.

    Args:
        content: The whole file.

    Raises:
        UnfitError: it is cut short or has something behind its end, is encrypted, or holds a script, a command or a file, also where
            objects are packed (`ObjStm`).

    Cost: some passes over the file, and unpacking its packed objects, of which no more than `INFLATED_BYTES_MAX` is looked at.
    """
    tail = content[-_TAIL_BYTES:]
    if b"startxref" not in tail or b"%%EOF" not in tail:
        raise UnfitError(Reason.BROKEN)
    if _ENCRYPTED.search(content):
        raise UnfitError(Reason.ENCRYPTED)
    _refuse_active(content)
    for objects in _packed(content):
        _refuse_active(objects)


def _refuse_active(content: bytes) -> None:
    if found := _ACTIVE.search(content):
        said = re.sub(rb"#([0-9A-Fa-f]{2})", lambda code: bytes((int(code[1], 16),)), found[0])
        raise UnfitError(Reason.ACTIVE, found=said.decode("ascii"))


def _packed(content: bytes) -> Iterator[bytes]:
    """Unpack the streams whose dictionary, just before them, says that they hold objects."""
    left = INFLATED_BYTES_MAX
    for number, stream in enumerate(_STREAM.finditer(content)):
        if number == STREAMS_MAX:
            raise UnfitError(Reason.BROKEN)
        begins = content.rfind(b"obj", max(0, stream.start() - _DICTIONARY_BYTES), stream.start())
        holds_objects = begins >= 0 and _PACKED.search(content, begins, stream.start())
        if holds_objects and _FILTERED.search(content, begins, stream.start()):
            objects = _inflated(content, stream.end(), left)
            left -= len(objects)
            yield objects


def _inflated(content: bytes, place: int, most: int) -> bytes:
    """Unpack one stream piece by piece, for its end is where its packing ends; of other ways of packing than Flate none is known here."""
    unpacking, objects = zlib.decompressobj(), bytearray()
    for start in range(place, len(content), _PIECE_BYTES):
        try:
            objects += unpacking.decompress(content[start : start + _PIECE_BYTES], most - len(objects) + 1)
        except zlib.error as error:
            raise UnfitError(Reason.BROKEN) from error
        if len(objects) > most:
            raise UnfitError(Reason.UNPACKS_TOO_LARGE)
        if unpacking.eof:
            return bytes(objects)
    raise UnfitError(Reason.BROKEN)
