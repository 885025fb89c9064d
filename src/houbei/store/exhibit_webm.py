"""WebM: what shows and sounds is kept, every other part is blanked where it stands.

A position, where a recorder writes one, lies in `Tags`; attachments and chapters are parts that nobody here asked for. So of the parts
of a segment only those that are needed to play are left; any other becomes `Void`, of the same size and filled with zeros. Elements:
RFC 8794 (EBML) and RFC 9559 (Matroska). A browser that records does not know how long it will be: a segment of unknown size lasts to
the end of the file, a cluster of unknown size until the next part of the segment.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from houbei.store.exhibit_shapes import Reason, UnfitError

PARTS_MAX = 200_000
"""The most elements that are looked at: in a browser's recording every picture is one."""
_BLANK_BYTES = 1 << 20
_ID_BYTES_MAX, _SIZE_BYTES_MAX = 4, 8
_SHORT_VOID_BYTES = 10

_EBML, _SEGMENT, _SEEK_HEAD, _INFO, _TRACKS, _CLUSTER, _CUES = (
    0x1A45DFA3,
    0x18538067,
    0x114D9B74,
    0x1549A966,
    0x1654AE6B,
    0x1F43B675,
    0x1C53BB6B,
)
_TRACK_ENTRY, _TRACK_TYPE, _TRACK_NAME, _VIDEO, _WIDTH, _HEIGHT = 0xAE, 0x83, 0x536E, 0xE0, 0xB0, 0xBA
_PICTURE, _SOUND = 1, 2
_PARTS = {_SEEK_HEAD, _INFO, _TRACKS, _CLUSTER, _CUES}
_OF_CLUSTER = {0xE7, 0xA7, 0xAB, 0xA3, 0xA0}
"""Timestamp, Position, PrevSize, SimpleBlock, BlockGroup."""
_OF_INFO = {0x2AD7B1, 0x4489, 0x4D80, 0x5741}
"""TimestampScale, Duration, MuxingApp, WritingApp; so neither a title nor a date."""


@dataclass(frozen=True, slots=True)
class _Element:
    """An element: its id, where it begins, where its content begins, where it ends; None where its size is unknown."""

    id: int
    start: int
    inside: int
    end: int | None


@dataclass(slots=True, kw_only=True)
class _Film:
    """What was found: sizes of the pictures, whether there are clusters and one is open, and what is to be blanked."""

    pictures: list[tuple[int, int]] = field(default_factory=list)
    has_tracks: bool = False
    has_clusters: bool = False
    cluster_is_open: bool = False
    other: list[_Element] = field(default_factory=list)


def blank_webm(file: BinaryIO, size: int) -> tuple[int, int]:
    """Blank in a file whatever is not needed to play it.

    Args:
        file: Open for reading and writing; changed in place.
        size: How many bytes it has.

    Returns:
        Width and height of the picture in pixels.

    Raises:
        UnfitError: it is damaged or cut short, has no picture, or has a track that is neither picture nor sound.

    Cost: a read for each part of the segment (a cluster of known size is one), a write of what is blanked.
    """
    header = _element(file, 0, size)
    if header.id != _EBML or header.end is None:
        raise UnfitError(Reason.BROKEN)
    segment = _element(file, header.end, size)
    if segment.id != _SEGMENT or segment.end not in {None, size}:
        raise UnfitError(Reason.BROKEN)
    film = _Film()
    for element in _elements(file, segment.inside, size):
        _sort(file, element, film)
    if not film.has_tracks or not film.has_clusters:
        raise UnfitError(Reason.BROKEN)
    if not film.pictures:
        raise UnfitError(Reason.NO_PICTURE)
    for element in film.other:
        _void(file, element)
    return film.pictures[0]


def _sort(file: BinaryIO, element: _Element, film: _Film) -> None:
    """Decide on one part of the segment."""
    if element.id == _CLUSTER:
        film.has_clusters, film.cluster_is_open = True, element.end is None
    elif element.end is None:
        raise UnfitError(Reason.BROKEN)
    elif film.cluster_is_open and element.id in _OF_CLUSTER:
        return
    elif element.id not in _PARTS:
        film.other.append(element)
    elif element.id == _INFO:
        film.other += [part for part in _inside(file, element) if part.id not in _OF_INFO]
    elif element.id == _TRACKS:
        film.has_tracks = True
        _sort_tracks(file, element, film)


def _sort_tracks(file: BinaryIO, tracks: _Element, film: _Film) -> None:
    for entry in _inside(file, tracks):
        if entry.id != _TRACK_ENTRY:
            film.other.append(entry)
            continue
        parts = {part.id: part for part in _inside(file, entry)}
        what = _whole(file, parts.get(_TRACK_TYPE))
        if what not in {_PICTURE, _SOUND}:
            raise UnfitError(Reason.PLACE_INSIDE)
        film.other += [part for name, part in parts.items() if name == _TRACK_NAME]
        if what == _PICTURE:
            video = {part.id: part for part in _inside(file, parts.get(_VIDEO))}
            film.pictures.append((_whole(file, video.get(_WIDTH)), _whole(file, video.get(_HEIGHT))))


def _inside(file: BinaryIO, outer: _Element | None) -> list[_Element]:
    """List the elements in one whose size is known; in none there are none."""
    if outer is None or outer.end is None:
        return []
    found = list(_elements(file, outer.inside, outer.end))
    if any(element.end is None for element in found):
        raise UnfitError(Reason.BROKEN)
    return found


def _elements(file: BinaryIO, start: int, end: int) -> Iterator[_Element]:
    """Read the headers of elements one after the other; what is in one of unknown size comes as if it stood beside it."""
    place = start
    for _ in range(PARTS_MAX):
        if place == end:
            return
        element = _element(file, place, end)
        yield element
        place = element.inside if element.end is None else element.end
    raise UnfitError(Reason.BROKEN)


def _element(file: BinaryIO, place: int, end: int) -> _Element:
    file.seek(place)
    header = file.read(min(_ID_BYTES_MAX + _SIZE_BYTES_MAX, end - place))
    id_bytes = _length_of_number(header[:1], _ID_BYTES_MAX)
    size_bytes = _length_of_number(header[id_bytes : id_bytes + 1], _SIZE_BYTES_MAX)
    inside = place + id_bytes + size_bytes
    if len(header) < id_bytes + size_bytes:
        raise UnfitError(Reason.BROKEN)
    name = int.from_bytes(header[:id_bytes], "big")
    all_ones = (1 << 7 * size_bytes) - 1
    size = int.from_bytes(header[id_bytes : id_bytes + size_bytes], "big") & all_ones
    if size == all_ones:
        return _Element(name, place, inside, None)
    if inside + size > end:
        raise UnfitError(Reason.BROKEN)
    return _Element(name, place, inside, inside + size)


def _length_of_number(first: bytes, most: int) -> int:
    """Tell how many bytes a number of variable length takes: as many as the first has zeros before its first one, and one."""
    length = 9 - first[0].bit_length() if first else most + 1
    if length > most:
        raise UnfitError(Reason.BROKEN)
    return length


def _whole(file: BinaryIO, element: _Element | None) -> int:
    if element is None or element.end is None or element.end - element.inside > _SIZE_BYTES_MAX:
        raise UnfitError(Reason.BROKEN)
    file.seek(element.inside)
    return int.from_bytes(file.read(element.end - element.inside), "big")


def _void(file: BinaryIO, element: _Element) -> None:
    """Put a Void of the same size in the place of an element: its size takes one byte where that is enough, else eight."""
    whole = (element.end or element.start) - element.start
    header = (
        bytes((0xEC, 0x80 | whole - 2))
        if whole < _SHORT_VOID_BYTES
        else b"\xec" + (1 << 56 | whole - 9).to_bytes(8, "big")
    )
    file.seek(element.start)
    file.write(header)
    file.writelines(bytes(min(_BLANK_BYTES, whole - place)) for place in range(len(header), whole, _BLANK_BYTES))
