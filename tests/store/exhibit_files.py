"""Files as people send them in, made byte by byte: photos that know where they were taken, videos, PDFs."""

import struct
import zlib
from io import BytesIO

from PIL import Image

PLACE = b"+41.7968+123.4290+050.000/"
"""A position as ISO 6709 writes it: 27 places of a map in a file that nobody wanted to tell."""
PICTURES, SOUND, WAY = b"one picture" * 20, b"one sound" * 10, b"step by step " + PLACE


def photo(kind: str = "JPEG", size: tuple[int, int] = (64, 48), mode: str = "RGB", **how: object) -> bytes:
    """Make a photo whose left half is dark and whose right half is light."""
    image = Image.new(mode, size)
    image.paste(
        Image.new(mode, (size[0] // 2, size[1]), "white" if mode != "RGBA" else (255, 0, 0, 0)), (size[0] // 2, 0)
    )
    drawn = BytesIO()
    image.save(drawn, kind, **how)
    return drawn.getvalue()


def exif_with_place(orientation: int = 1) -> Image.Exif:
    """Give what a phone writes: who made it, which way is up, and where it stood."""
    exif = Image.Exif()
    exif[0x010F] = "Made-up Phones"
    exif[0x0112] = orientation
    exif.get_ifd(0x8825).update({1: "N", 2: (41.0, 47.0, 48.5), 3: "E", 4: (123.0, 25.0, 44.4), 29: "2026:02:16"})
    return exif


def box(name: bytes, *content: bytes, wide: bool = False) -> bytes:
    """Make one box of an MP4."""
    inside = b"".join(content)
    if wide:
        return struct.pack(">I4sQ", 1, name, len(inside) + 16) + inside
    return struct.pack(">I4s", len(inside) + 8, name) + inside


def track(handler: bytes, chunk: int, size: int, *, turned: bool = False, wide: bool = False) -> bytes:
    """Make a track of one chunk that holds one sample."""
    matrix = (
        (0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30) if turned else (1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
    )
    shown_as = struct.pack(">9i", *matrix) + struct.pack(">II", 640 << 16, 360 << 16)
    offsets = box(b"co64", struct.pack(">IIQ", 0, 1, chunk)) if wide else box(b"stco", struct.pack(">III", 0, 1, chunk))
    table = box(
        b"stbl",
        box(b"stsd", bytes(8)),
        box(b"stts", struct.pack(">IIII", 0, 1, 1, 1)),
        box(b"stsc", struct.pack(">IIIII", 0, 1, 1, 1, 1)),
        box(b"stsz", struct.pack(">IIII", 0, 0, 1, size)),
        offsets,
    )
    data = box(b"dinf", box(b"dref", struct.pack(">II", 0, 1), box(b"url ", b"\0\0\0\1")))
    media = box(
        b"mdia", box(b"mdhd", bytes(24)), box(b"hdlr", bytes(8) + handler + bytes(13)), box(b"minf", data, table)
    )
    return box(b"trak", box(b"tkhd", bytes(40) + shown_as), media)


def film(*, brand: bytes = b"isom", more: bytes = b"", of_film: bytes = b"", at_end: bytes = b"", **how: bool) -> bytes:
    """Make an MP4 of one picture, one sound and one step of a way, in this order in `mdat`.

    Args:
        brand: Its major brand.
        more: Boxes between `ftyp` and the data.
        of_film: Boxes within `moov`.
        at_end: Boxes behind all.
        how: `turned` and `wide` of `track`.
    """
    start = box(b"ftyp", brand, bytes(4), brand) + more
    first = len(start) + 8
    second, third = first + len(PICTURES), first + len(PICTURES) + len(SOUND)
    tracks = (
        track(b"vide", first, len(PICTURES), **how)
        + track(b"soun", second, len(SOUND))
        + track(b"meta", third, len(WAY))
    )
    return start + box(b"mdat", PICTURES, SOUND, WAY) + box(b"moov", box(b"mvhd", bytes(100)), tracks, of_film) + at_end


def element(name: int, *content: bytes, unknown: bool = False) -> bytes:
    """Make one element of a WebM, its size in eight bytes."""
    inside = b"".join(content)
    size = b"\x01" + b"\xff" * 7 if unknown else (1 << 56 | len(inside)).to_bytes(8, "big")
    return name.to_bytes((name.bit_length() + 7) // 8, "big") + size + inside


def short(name: int, content: bytes) -> bytes:
    """Make one element of a WebM, its size in one byte."""
    return name.to_bytes((name.bit_length() + 7) // 8, "big") + bytes((0x80 | len(content),)) + content


def webm(*, parts: bytes = b"", kind: int = 1, live: bool = False) -> bytes:
    """Make a WebM of one cluster, with further parts behind it; `live` as a browser records it, of unknown sizes."""
    video = element(0xE0, short(0xB0, b"\x02\x80"), short(0xBA, b"\x01\x68"))
    tracks = element(0x1654AE6B, element(0xAE, short(0x83, bytes((kind,))), short(0x536E, b"Anna's phone"), video))
    info = element(0x1549A966, short(0x2AD7B1, b"\x0f\x42\x40"), short(0x7BA9, PLACE))
    cluster = element(0x1F43B675, short(0xE7, b"\0"), short(0xA3, b"\x81\0\0\x80picture"), unknown=live)
    header = element(0x1A45DFA3, b"\x42\x82\x84webm")
    return header + element(0x18538067, info, tracks, cluster, parts, unknown=live)


def pdf(*objects: bytes, packed: bytes | None = None, trailer: bytes = b"") -> bytes:
    """Make a PDF of some objects; `packed` are put into a stream of objects."""
    body = b"%PDF-1.7\n" + b"".join(b"%d 0 obj\n%b\nendobj\n" % (k, text) for k, text in enumerate(objects, start=1))
    if packed is not None:
        stream = zlib.compress(packed)
        body += b"90 0 obj\n<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>\nstream\n" % len(stream)
        body += stream + b"\nendstream\nendobj\n"
    return body + b"trailer\n<</Root 1 0 R%b>>\nstartxref\n9\n%%%%EOF\n" % trailer
