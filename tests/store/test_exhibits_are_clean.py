"""What is kept of a photo or a video does not say where it was taken, nor hold anything that cannot be seen or heard."""

import struct
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from houbei.store.exhibit_photos import LONG_SIDE_MAX
from houbei.store.exhibit_shapes import Reason, Refusal
from houbei.store.exhibits import keep
from tests.store.exhibit_files import (
    PICTURES,
    PLACE,
    SOUND,
    WAY,
    box,
    element,
    exif_with_place,
    film,
    pdf,
    photo,
    short,
    track,
    webm,
)
from tests.store.test_exhibits_are_kept import kept, read

XYZ = box(b"udta", box(b"\xa9xyz", struct.pack(">HH", len(PLACE), 0x15C7), PLACE))
"""Where a phone writes its position: a text in the user data of the film."""


def through(folder: Path, content: bytes) -> bytes:
    """Give the bytes that are kept of a file."""
    return read(folder, kept(folder, content))


def refused(folder: Path, content: bytes) -> Reason:
    found = keep(folder, content)
    assert isinstance(found, Refusal), found
    return found.reason


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_position_maker_and_thumbnail_of_a_photo_are_gone(tmp_path: Path, kind: str) -> None:
    content = photo(kind, exif=exif_with_place())
    told = Image.open(BytesIO(content)).getexif()
    assert told[0x010F] == "Made-up Phones"
    assert told.get_ifd(0x8825)[1] == "N"
    whole = through(tmp_path, content)
    image = Image.open(BytesIO(whole))
    assert (image.format, dict(image.getexif()), dict(image.getexif().get_ifd(0x8825))) == ("JPEG", {}, {})
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert b"Made-up" not in whole
    assert b"Exif" not in whole


def test_comments_profiles_and_xmp_of_a_photo_are_gone(tmp_path: Path) -> None:
    content = photo("JPEG", comment=PLACE, icc_profile=b"profile " + PLACE, xmp=b"<x:xmpmeta>" + PLACE)
    assert content.count(PLACE) == 3
    assert PLACE not in through(tmp_path, content)


def test_a_file_behind_a_photo_is_gone(tmp_path: Path) -> None:
    hidden = pdf(b"<</S/JavaScript/JS(app.alert(1))>>")
    content = photo() + hidden
    assert b"%PDF-" in content
    whole = through(tmp_path, content)
    assert b"%PDF-" not in whole
    assert b"JavaScript" not in whole
    assert whole == through(tmp_path, photo())


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_is_kept_upright(tmp_path: Path, orientation: int, kind: str) -> None:
    marked = Image.new("RGB", (80, 48))
    marked.paste(Image.new("RGB", (16, 16), "white"), (0, 0))
    stored = BytesIO()
    marked.save(stored, kind, exif=exif_with_place(orientation))
    shown = np.asarray(Image.open(BytesIO(through(tmp_path, stored.getvalue()))).convert("L")).astype(int)
    # Where the first row and column of what is stored are seen, by CIPA DC-008: top left, top right, bottom right, bottom left, ...
    corner = {1: (0, 0), 2: (0, -1), 3: (-1, -1), 4: (-1, 0), 5: (0, 0), 6: (0, -1), 7: (-1, -1), 8: (-1, 0)}[
        orientation
    ]
    assert shown.shape == ((48, 80) if orientation < 5 else (80, 48))
    assert [shown[at] > 128 for at in ((0, 0), (0, -1), (-1, -1), (-1, 0))] == [
        at == corner for at in ((0, 0), (0, -1), (-1, -1), (-1, 0))
    ]


def test_of_the_several_pictures_of_a_phone_the_photo_alone_is_kept(tmp_path: Path) -> None:
    """A JPEG with a map of depth behind it, as CIPA DC-007 (MPO) joins them."""
    stored = BytesIO()
    Image.new("RGB", (64, 48), "white").save(stored, "MPO", save_all=True, append_images=[Image.new("RGB", (32, 24))])
    assert stored.getvalue().count(b"\xff\xd8\xff") == 2
    whole = through(tmp_path, stored.getvalue())
    assert whole.count(b"\xff\xd8\xff") == 1
    assert Image.open(BytesIO(whole)).size == (64, 48)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data:UserWarning")
def test_an_orientation_that_cannot_be_read_leaves_the_photo_as_it_lies(tmp_path: Path) -> None:
    assert kept(tmp_path, photo(exif=b"Exif\0\0MM\0*\xff\xff\xff\xff")).width == 64


def test_a_large_photo_is_made_smaller_and_a_small_one_is_not_made_larger(tmp_path: Path) -> None:
    large = kept(tmp_path, photo("PNG", (4_000, 3_000)))
    assert (large.width, large.height) == (LONG_SIDE_MAX, LONG_SIDE_MAX * 3 // 4)
    assert kept(tmp_path, photo("JPEG", (4_000, 3_000))).width == LONG_SIDE_MAX
    assert kept(tmp_path, photo("PNG", (30, 20))).width == 30


def pixels(whole: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(whole)).convert("L")).astype(int)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_what_can_be_seen_is_seen_in_every_mode(tmp_path: Path, mode: str) -> None:
    picture = Image.fromarray(np.repeat(np.where(np.arange(64) < 32, 0, 255)[None, :], 48, axis=0).astype(np.uint8))
    deep = Image.fromarray(np.asarray(picture).astype(np.uint16) * 257)
    picture = deep if mode == "I;16" else picture.convert(mode)
    stored = BytesIO()
    picture.save(stored, "PNG")
    seen = pixels(through(tmp_path, stored.getvalue()))
    assert seen[:, :24].max() < 30
    assert seen[:, 40:].min() > 225


def test_what_cannot_be_seen_through_a_mask_does_not_come_to_light(tmp_path: Path) -> None:
    hidden = Image.new("RGBA", (64, 48), (0, 0, 0, 0))
    stored = BytesIO()
    hidden.save(stored, "PNG")
    assert pixels(through(tmp_path, stored.getvalue())).min() > 250


@pytest.mark.parametrize(
    "more",
    [
        {"of_film": XYZ},
        {"of_film": box(b"udta", box(b"loci", bytes(6) + PLACE))},
        {"of_film": box(b"meta", bytes(4), box(b"keys", PLACE), box(b"ilst", PLACE))},
        {"more": box(b"uuid", PLACE)},
        {"more": box(b"free", PLACE) + box(b"wide")},
        {"more": box(b"uuid", PLACE, wide=True)},
        {"at_end": box(b"gps ", PLACE)},
        {"at_end": box(b"moov", XYZ)},
        {"turned": True, "of_film": XYZ},
        {"wide": True, "of_film": XYZ},
    ],
)
@pytest.mark.parametrize("brand", [b"isom", b"qt  ", b"3gp4"])
def test_no_place_is_left_in_a_video_and_all_that_plays_stays_where_it_was(
    tmp_path: Path, brand: bytes, more: dict[str, bytes]
) -> None:
    content = film(brand=brand, **more)
    assert PLACE in content
    whole = through(tmp_path, content)
    assert PLACE not in whole
    assert len(whole) == len(content)
    for played in (PICTURES, SOUND):
        assert whole.find(played) == content.find(played) > 0


def test_the_track_of_a_way_and_its_samples_are_zeros(tmp_path: Path) -> None:
    content = film()
    whole = through(tmp_path, content)
    samples = content.find(WAY)
    assert whole[samples : samples + len(WAY)] == bytes(len(WAY))
    described = content.rfind(b"trak")
    assert whole[described : described + 4] == b"free"
    assert not any(whole[described + 4 :])


def test_only_what_is_blanked_is_changed(tmp_path: Path) -> None:
    content = film(of_film=XYZ)
    whole = through(tmp_path, content)
    changed = [place for place, (before, after) in enumerate(zip(content, whole, strict=True)) if before != after]
    way, described, place = content.find(WAY), content.rfind(b"trak"), content.rfind(b"udta")
    allowed = {*range(way, way + len(WAY)), *range(described, len(content)), *range(place, len(content))}
    assert changed
    assert set(changed) <= allowed


def test_a_clean_video_cleaned_again_stays_as_it_is(tmp_path: Path) -> None:
    for content in (film(of_film=XYZ), webm(parts=element(0x1254C367, PLACE))):
        whole = through(tmp_path, content)
        assert through(tmp_path, whole) == whole


def test_a_video_turned_on_its_side_is_as_wide_as_it_is_shown(tmp_path: Path) -> None:
    assert (kept(tmp_path, film(turned=True)).width, kept(tmp_path, film(turned=True)).height) == (360, 640)


def in_fragments(*more: bytes) -> bytes:
    start = box(b"ftyp", b"iso5", bytes(4), b"iso5")
    films = box(b"moov", box(b"mvhd", bytes(100)), track(b"vide", 0, 0), *more)
    return start + films + box(b"moof", box(b"mfhd", bytes(8))) + box(b"mdat", PICTURES)


def test_a_film_in_fragments_is_kept_where_it_has_no_track_but_picture_and_sound(tmp_path: Path) -> None:
    assert PICTURES in through(tmp_path, in_fragments())
    assert PLACE not in through(tmp_path, in_fragments(XYZ))
    assert refused(tmp_path, in_fragments(track(b"meta", 0, 0))) is Reason.PLACE_INSIDE


def test_a_film_whose_pictures_lie_elsewhere_is_refused(tmp_path: Path) -> None:
    elsewhere = film().replace(box(b"url ", b"\0\0\0\1"), box(b"url ", b"\0\0\0\0"))
    assert refused(tmp_path, elsewhere) is Reason.BROKEN


def test_a_film_that_points_beyond_its_data_is_refused(tmp_path: Path) -> None:
    content = film()
    first = struct.pack(">I", content.find(PICTURES))
    assert refused(tmp_path, content.replace(b"\0\0\0\1" + first, b"\0\0\0\1" + b"\0\0\0\4")) is Reason.BROKEN


def test_sound_without_picture_is_no_video(tmp_path: Path) -> None:
    assert refused(tmp_path, film().replace(b"vide", b"soun")) is Reason.NO_PICTURE
    assert refused(tmp_path, webm(kind=2)) is Reason.NO_PICTURE


@pytest.mark.parametrize("live", [False, True])
@pytest.mark.parametrize(
    "parts",
    [
        element(0x1254C367, element(0x7373, PLACE)),
        element(0x1941A469, PLACE),
        element(0x1043A770, PLACE),
        short(0xEC, PLACE),
        short(0x4DBB, PLACE[:7]) + short(0x4DBB, b"") + short(0xEC, PLACE),
        element(0x1254C367, b""),
    ],
)
def test_no_place_is_left_in_a_webm(tmp_path: Path, parts: bytes, *, live: bool) -> None:
    content = webm(parts=parts, live=live)
    assert PLACE in content
    whole = through(tmp_path, content)
    assert len(whole) == len(content)
    assert PLACE[:7] not in whole
    assert b"Anna" not in whole
    assert whole.count(b"picture") == 1


def test_a_webm_with_a_track_of_another_kind_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, webm(kind=17)) is Reason.PLACE_INSIDE
