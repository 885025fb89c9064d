"""MP4 and MOV: what shows and sounds is kept, everything else inside is blanked where it stands.

A phone writes the position into a box beside the pictures (`©xyz` or `loci` in `udta`, `com.apple.quicktime.location.ISO6709` in
`meta`, `uuid`), or into a track of its own, second by second. So only boxes that are needed to play are left; any other becomes `free`,
of the same size and filled with zeros, which keeps every offset true. Bytes of `mdat` that no picture or sound track points to become
zeros as well; a film in fragments, which browsers record and phones do not, may have no other track to begin with. Boxes: ISO/IEC 14496-12:2022; Apple, QuickTime File Format Specification, 2016-09-13.

What cannot be seen from outside stays: a position that a camera burns into the picture, or hides within the coded video itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from houbei.store.exhibit_shapes import Reason, UnfitError

BOXES_MAX = 20_000
"""The most boxes that are looked at. A minute of fragments has a few hundred."""
CHUNKS_MAX = 1_000_000
"""The most chunks and samples of one track: at 30 pictures a second, nine hours."""
_TABLE_BYTES_MAX = 16 * CHUNKS_MAX
_REACH_MAX = 1 << 40
"""No chunk is larger; whole numbers of 64 bits hold it with room to spare."""
_BLANK_BYTES = 1 << 20
_LARGE_SIZE, _TO_THE_END = 1, 0
_SHOWN_AS_BYTES = 44
_SHOWN = {b"vide", b"soun"}

_KEPT: dict[bytes, frozenset[bytes]] = {
    b"": frozenset({b"ftyp", b"styp", b"moov", b"mdat", b"moof", b"mfra", b"sidx"}),
    b"moov": frozenset({b"mvhd", b"trak", b"mvex"}),
    b"mvex": frozenset({b"mehd", b"trex"}),
    b"trak": frozenset({b"tkhd", b"tapt", b"edts", b"mdia"}),
    b"edts": frozenset({b"elst"}),
    b"mdia": frozenset({b"mdhd", b"hdlr", b"elng", b"minf"}),
    b"minf": frozenset({b"vmhd", b"smhd", b"hdlr", b"dinf", b"stbl"}),
    b"dinf": frozenset({b"dref"}),
    b"stbl": frozenset(
        {
            b"stsd",
            b"stts",
            b"ctts",
            b"cslg",
            b"stsc",
            b"stsz",
            b"stco",
            b"co64",
            b"stss",
            b"stps",
            b"sdtp",
            b"sbgp",
            b"sgpd",
        }
    ),
    b"moof": frozenset({b"mfhd", b"traf"}),
    b"traf": frozenset({b"tfhd", b"tfdt", b"trun", b"sdtp", b"sbgp", b"sgpd"}),
    b"mfra": frozenset({b"tfra", b"mfro"}),
}
"""Which boxes are left in which one; those that are keys are looked into. The root is the empty name."""


@dataclass(frozen=True, slots=True)
class _Box:
    """A box: its name, where it begins, where its content begins, where it ends."""

    name: bytes
    start: int
    inside: int
    end: int


@dataclass(slots=True, kw_only=True)
class _Track:
    """One track of the file: the boxes in it by the name of the box around them and their own, the first of each."""

    box: _Box
    parts: dict[bytes, _Box] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class _Film:
    """What was found: tracks, data boxes, boxes to be blanked, and whether the film comes in fragments."""

    tracks: list[_Track] = field(default_factory=list)
    data: list[_Box] = field(default_factory=list)
    other: list[_Box] = field(default_factory=list)
    fragmented: bool = False
    seen: int = 0


def blank_mp4(file: BinaryIO, size: int) -> tuple[int, int]:
    """Blank in a file whatever is not needed to play it.

    Args:
        file: Open for reading and writing; changed in place.
        size: How many bytes it has.

    Returns:
        Width and height of the picture in pixels, as it is shown.

    Raises:
        UnfitError: it is damaged or cut short, has no picture, or may tell a place in a part that cannot be taken out.

    Cost: a read a box; a write of what is blanked; 8 bytes of memory a sample, at most 16 MB a table.
    """
    film = _Film()
    _read_boxes(file, _Box(b"", 0, 0, size), film, None)
    shown = [track for track in film.tracks if _handler(file, track) in _SHOWN]
    pictures = [track for track in shown if _handler(file, track) == b"vide"]
    if not film.data or not film.tracks:
        raise UnfitError(Reason.BROKEN)
    if not pictures:
        raise UnfitError(Reason.NO_PICTURE)
    _check_self_contained(file, shown)
    dimensions = _dimensions(file, pictures[0])
    hidden = [track.box for track in film.tracks if track not in shown]
    if film.fragmented and hidden:
        raise UnfitError(Reason.PLACE_INSIDE)
    gaps = [] if film.fragmented else list(_gaps(file, film.data, shown))
    for box in (*film.other, *hidden):
        _free(file, box)
    for start, end in gaps:
        _zero(file, start, end)
    return dimensions


def _read_boxes(file: BinaryIO, outer: _Box, film: _Film, track: _Track | None) -> None:
    """Sort the boxes of one box. They must fill it to the byte: what is left over would be something hidden, or cut off."""
    for box in _boxes_in(file, outer):
        film.seen += 1
        if film.seen > BOXES_MAX:
            raise UnfitError(Reason.BROKEN)
        if box.name not in _KEPT[outer.name]:
            film.other.append(box)
            continue
        within = _noted(box, outer, film, track)
        if box.name in _KEPT:
            _read_boxes(file, box, film, within)


def _noted(box: _Box, outer: _Box, film: _Film, track: _Track | None) -> _Track | None:
    """Note a box that stays; give the track that what is inside it belongs to."""
    film.fragmented |= box.name == b"moof"
    if box.name == b"mdat":
        film.data.append(box)
    elif box.name == b"trak":
        film.tracks.append(_Track(box=box))
        return film.tracks[-1]
    elif track is not None:
        track.parts.setdefault(outer.name + box.name, box)
    return track


def _boxes_in(file: BinaryIO, outer: _Box) -> Iterator[_Box]:
    place = outer.inside
    while place < outer.end:
        header = _read(file, place, min(16, outer.end - place))
        size, name, inside = int.from_bytes(header[:4], "big"), header[4:8], place + 8
        if size == _LARGE_SIZE:
            size, inside = int.from_bytes(header[8:16], "big"), place + 16
        elif size == _TO_THE_END and not outer.name:
            size = outer.end - place
        box = _Box(name, place, inside, place + size)
        if len(header) < inside - place or not box.inside <= box.end <= outer.end:
            raise UnfitError(Reason.BROKEN)
        yield box
        place = box.end


def _handler(file: BinaryIO, track: _Track) -> bytes:
    """What a track is: `vide`, `soun`, or something that is neither seen nor heard."""
    box = track.parts.get(b"mdiahdlr")
    return b"" if box is None else _content(file, box, 12)[8:12]


def _check_self_contained(file: BinaryIO, tracks: list[_Track]) -> None:
    """Refuse a film whose pictures or sound lie in another file, or on a server that would learn who looks at it."""
    for track in tracks:
        box = _part(track, b"dinfdref")
        listed = _Box(b"dref", box.start, box.inside + 8, box.end)
        if listed.inside > listed.end:
            raise UnfitError(Reason.BROKEN)
        for entry in _boxes_in(file, listed):
            if not _content(file, entry, 4)[3] & 1:
                raise UnfitError(Reason.BROKEN)


def _dimensions(file: BinaryIO, track: _Track) -> tuple[int, int]:
    """Read the size of the picture, turned as it is shown: the last 44 bytes of `tkhd` are a matrix, width and height (16.16)."""
    box = _part(track, b"traktkhd")
    if box.end - box.inside < _SHOWN_AS_BYTES:
        raise UnfitError(Reason.BROKEN)
    tail = _read(file, box.end - _SHOWN_AS_BYTES, _SHOWN_AS_BYTES)
    width, height = int.from_bytes(tail[36:38], "big"), int.from_bytes(tail[40:42], "big")
    lies_on_its_side = tail[0:4] == bytes(4) and tail[4:8] != bytes(4)
    return (height, width) if lies_on_its_side else (width, height)


def _gaps(file: BinaryIO, data: list[_Box], tracks: list[_Track]) -> Iterator[tuple[int, int]]:
    """Find what of the data no picture and no sound points to, as half-open stretches."""
    pieces = [_chunks(file, track) for track in tracks]
    starts = np.concatenate([starts for starts, _ in pieces])
    ends = np.concatenate([ends for _, ends in pieces])
    if not len(starts):
        raise UnfitError(Reason.BROKEN)
    order = np.argsort(starts, kind="stable")
    starts, ends = starts[order], ends[order]
    inside = np.zeros(len(starts), dtype=bool)
    for box in data:
        inside |= (starts >= box.inside) & (ends <= box.end)
    if not inside.all():
        raise UnfitError(Reason.BROKEN)
    covered = np.maximum.accumulate(ends)
    for box in data:
        first, last = np.searchsorted(starts, [box.inside, box.end])
        before = np.concatenate(([box.inside], covered[first:last]))
        after = np.concatenate((starts[first:last], [box.end]))
        yield from ((int(before[k]), int(after[k])) for k in np.flatnonzero(before < after))


def _chunks(file: BinaryIO, track: _Track) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where the chunks of a track begin and end in the file: offsets, samples a chunk by runs, sizes of samples (8.7.3 to 8.7.5)."""
    wide = track.parts.get(b"stblco64")
    if wide is None:
        starts = _table(file, _part(track, b"stblstco"), 8, ">u4").reshape(-1)
    else:
        starts = _table(file, wide, 8, ">i8").reshape(-1)
    if not len(starts):
        return starts, starts
    runs = _table(file, _part(track, b"stblstsc"), 8, ">u4", fields=3)
    first, each = runs[:, 0], runs[:, 1]
    last = np.append(first[1:], len(starts) + 1)
    if not len(first) or first[0] != 1 or (last <= first).any():
        raise UnfitError(Reason.BROKEN)
    counts = np.repeat(each, last - first)
    return starts, starts + _chunk_sizes(file, track, counts)


def _chunk_sizes(file: BinaryIO, track: _Track, counts: NDArray[np.int64]) -> NDArray[np.int64]:
    box, most = _part(track, b"stblstsz"), int(counts.max())
    same = int.from_bytes(_content(file, box, 12)[4:8], "big")
    if same == 1:
        # QuickTime's old sound counts samples of one byte, whatever they take: how far a chunk reaches is then not written here.
        raise UnfitError(Reason.PLACE_INSIDE)
    if same and most * same <= _REACH_MAX:
        return counts * same
    sizes = _table(file, box, 12, ">u4").reshape(-1)
    ends = np.cumsum(counts)
    if most > CHUNKS_MAX or int(ends[-1]) != len(sizes):
        raise UnfitError(Reason.BROKEN)
    reached = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(sizes)))
    taken: NDArray[np.int64] = reached[ends] - reached[ends - counts]
    return taken


def _part(track: _Track, name: bytes) -> _Box:
    box = track.parts.get(name)
    if box is None:
        raise UnfitError(Reason.BROKEN)
    return box


def _table(file: BinaryIO, box: _Box, head: int, kind: str, *, fields: int = 1) -> NDArray[np.int64]:
    """Read a table: `head` bytes, the last four of them how many entries there are, then the entries."""
    entries = int.from_bytes(_content(file, box, head)[head - 4 :], "big")
    size = entries * fields * np.dtype(kind).itemsize
    if size > _TABLE_BYTES_MAX or box.inside + head + size > box.end:
        raise UnfitError(Reason.BROKEN)
    read: NDArray[np.int64] = np.frombuffer(_read(file, box.inside + head, size), dtype=kind).astype(np.int64)
    return read.reshape(-1, fields)


def _content(file: BinaryIO, box: _Box, size: int) -> bytes:
    if box.end - box.inside < size:
        raise UnfitError(Reason.BROKEN)
    return _read(file, box.inside, size)


def _read(file: BinaryIO, place: int, size: int) -> bytes:
    file.seek(place)
    return file.read(size)


def _free(file: BinaryIO, box: _Box) -> None:
    file.seek(box.start + 4)
    file.write(b"free")
    _zero(file, box.inside, box.end)


def _zero(file: BinaryIO, start: int, end: int) -> None:
    file.seek(start)
    file.writelines(bytes(min(_BLANK_BYTES, end - place)) for place in range(start, end, _BLANK_BYTES))
