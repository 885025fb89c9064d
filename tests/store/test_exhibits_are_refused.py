"""What is not taken is refused with a reason and a sentence in both languages, whatever its bytes are; nothing else ever happens."""

import struct
import zlib
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from houbei.store import exhibit_photos
from houbei.store.exhibit_pdfs import INFLATED_BYTES_MAX, STREAMS_MAX
from houbei.store.exhibit_shapes import LIMITS, PIXELS_MAX, SENTENCES, Kind, Reason, Refusal, Shape
from houbei.store.exhibits import Exhibit, keep
from tests.store.exhibit_files import PLACE, box, element, exif_with_place, film, pdf, photo, webm
from tests.store.test_exhibits_are_clean import in_fragments, refused

SAMPLES = {
    "JPEG": photo(exif=exif_with_place(6)),
    "progressive JPEG": photo(progressive=True),
    "PNG": photo("PNG", exif=exif_with_place(3)),
    "WebP": photo("WEBP", exif=exif_with_place(8)),
    "lossless WebP": photo("WEBP", mode="RGBA", lossless=True),
    "MP4": film(of_film=box(b"udta", PLACE)),
    "wide MP4": film(wide=True, at_end=box(b"uuid", PLACE, wide=True)),
    "MP4 in fragments": in_fragments(),
    "WebM": webm(parts=element(0x1254C367, PLACE)),
    "live WebM": webm(live=True),
    "PDF": pdf(b"<</Type/Catalog>>", packed=b"1 0 <</Type/Pages>>"),
}


def png_that_says(width: int, height: int) -> bytes:
    """Make a PNG of a few bytes that claims to be large."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1_000))) + chunk(b"IEND", b"")


def moving(kind: str) -> bytes:
    pictures = [Image.new("RGB", (16, 16), colour) for colour in ("red", "blue", "green")]
    drawn = BytesIO()
    pictures[0].save(drawn, kind, save_all=True, append_images=pictures[1:])
    return drawn.getvalue()


def avif() -> bytes:
    drawn = BytesIO()
    Image.new("RGB", (16, 16)).save(drawn, "AVIF")
    return drawn.getvalue()


REFUSED = {
    "nothing": (b"", Reason.EMPTY),
    "SVG": (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", Reason.OTHER_KIND),
    "HTML": (b"<!DOCTYPE html><script>alert(1)</script>", Reason.OTHER_KIND),
    "GIF": (b"GIF89a" + bytes(40), Reason.OTHER_KIND),
    "ZIP": (b"PK\3\4" + bytes(60), Reason.OTHER_KIND),
    "TIFF": (b"II*\0" + bytes(60), Reason.OTHER_KIND),
    "text": (b"it leaks from the left hose", Reason.UNKNOWN_KIND),
    "zeros": (bytes(100), Reason.UNKNOWN_KIND),
    "a photo behind a line": (b"\n" + photo(), Reason.UNKNOWN_KIND),
    "a PDF behind a space": (b" " + pdf(b""), Reason.UNKNOWN_KIND),
    "HEIC": (box(b"ftyp", b"heic", bytes(4), b"mif1", b"heic"), Reason.HEIC),
    "HEIC that says MP4 too": (box(b"ftyp", b"mif1", bytes(4), b"mp41"), Reason.HEIC),
    "AVIF": (avif(), Reason.HEIC),
    "sound alone": (box(b"ftyp", b"M4A ", bytes(4), b"M4A "), Reason.OTHER_KIND),
    "Matroska": (element(0x1A45DFA3, b"\x42\x82\x88matroska"), Reason.OTHER_KIND),
    "400 million pixels": (png_that_says(20_000, 20_000), Reason.TOO_MANY_PIXELS),
    "120 million pixels": (png_that_says(12_000, 10_000), Reason.TOO_MANY_PIXELS),
    "a line of pixels": (png_that_says(1, PIXELS_MAX[Shape.PNG] + 1), Reason.TOO_MANY_PIXELS),
    "PNG without its pixels": (png_that_says(64, 64), Reason.BROKEN),
    "moving PNG": (moving("PNG"), Reason.MOVING),
    "moving WebP": (moving("WEBP"), Reason.MOVING),
    "JPEG in name": (b"\xff\xd8\xff\xe0 no photo", Reason.BROKEN),
    "half a JPEG": (photo()[: len(photo()) // 2], Reason.BROKEN),
    "PNG cut short": (photo("PNG")[:60], Reason.BROKEN),
    "WebP cut short": (photo("WEBP")[:60], Reason.BROKEN),
    "MP4 without its last byte": (film()[:-1], Reason.BROKEN),
    "MP4 without its tracks": (film()[:500], Reason.BROKEN),
    "MP4 with a ZIP behind it": (film() + b"PK\3\4 a second file", Reason.BROKEN),
    "MP4 of nothing": (box(b"ftyp", b"isom", bytes(4)), Reason.BROKEN),
    "WebM without its last byte": (webm()[:-1], Reason.BROKEN),
    "WebM with a ZIP behind it": (webm() + b"PK\3\4 a second file", Reason.BROKEN),
    "WebM of nothing": (element(0x1A45DFA3, b"\x42\x82\x84webm"), Reason.BROKEN),
    "PDF without its end": (pdf(b"")[:-40], Reason.BROKEN),
    "PDF with a ZIP behind it": (pdf(b"") + b"PK\3\4" + bytes(2_000), Reason.BROKEN),
    "PDF with a password": (pdf(b"", trailer=b"/Encrypt 5 0 R"), Reason.ENCRYPTED),
    "PDF with a password in disguise": (pdf(b"", trailer=b"/#45ncr#79pt 5 0 R"), Reason.ENCRYPTED),
    "PDF with a script": (pdf(b"<</S/JavaScript/JS(app.alert\\(1\\))>>"), Reason.ACTIVE),
    "PDF with a script in disguise": (pdf(b"<</S/J#61vaScri#70t/JS(app.alert\\(1\\))>>"), Reason.ACTIVE),
    "PDF with a command": (pdf(b"<</S/Launch/F(cmd.exe)>>"), Reason.ACTIVE),
    "PDF with files": (pdf(b"<</Names<</EmbeddedFiles 4 0 R>>>>"), Reason.ACTIVE),
    "PDF that is a file's": (pdf(b"<</Type/EmbeddedFile>>"), Reason.ACTIVE),
    "PDF with a packed script": (pdf(b"", packed=b"1 0 <</S/JavaScript/JS(app.alert\\(1\\))>>"), Reason.ACTIVE),
    "PDF that unpacks to much": (pdf(b"", packed=bytes(INFLATED_BYTES_MAX + 1)), Reason.UNPACKS_TOO_LARGE),
    "PDF of too many streams": (pdf(b"stream\n" * (STREAMS_MAX + 1)), Reason.BROKEN),
    "PDF whose packing is damaged": (pdf(b"", packed=b"x").replace(b"stream\nx", b"stream\ny"), Reason.BROKEN),
}


@pytest.mark.parametrize("name", REFUSED)
def test_each_sort_of_file_that_is_not_taken_has_its_reason(tmp_path: Path, name: str) -> None:
    content, reason = REFUSED[name]
    assert refused(tmp_path, content) is reason


def test_a_photo_over_its_limit_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, photo() + bytes(LIMITS[Kind.PHOTO])) is Reason.TOO_LARGE


def test_the_sender_is_told_what_came_instead(tmp_path: Path) -> None:
    found = keep(tmp_path, b"GIF89a" + bytes(40))
    assert isinstance(found, Refusal)
    assert ".gif" in found.zh
    assert ".gif" in found.en
    script = keep(tmp_path, pdf(b"<</S/J#61vaScript>>"))
    assert isinstance(script, Refusal)
    assert "（/JavaScript）" in script.zh
    assert "(/JavaScript)" in script.en


def test_every_reason_has_a_sentence_in_both_languages_as_the_guide_asks() -> None:
    assert set(SENTENCES) == set(Reason)
    for said in SENTENCES.values():
        assert set(said) == {"zh", "en"}
        assert said["zh"].endswith("。")
        assert said["en"].endswith(".")
        assert not {"您", " ", "！"} & set(said["zh"])
        assert not any(word in said["en"].lower() for word in ("please", "invalid", "!"))


def test_the_sentences_name_the_limits_that_hold() -> None:
    sizes = [LIMITS[kind] >> 20 for kind in (Kind.PHOTO, Kind.VIDEO, Kind.PDF)]
    assert "照片最大{}MB，视频最大{}MB，PDF最大{}MB".format(*sizes) in SENTENCES[Reason.TOO_LARGE]["zh"]
    assert "A photo may have {} MB, a video {} MB, a PDF {} MB".format(*sizes) in SENTENCES[Reason.TOO_LARGE]["en"]


def test_the_sender_is_told_how_many_pixels_there_may_be(tmp_path: Path) -> None:
    found = keep(tmp_path, png_that_says(6_000, 5_000))
    assert isinstance(found, Refusal)
    assert "超过2500万像素" in found.zh
    assert "over 25 million pixels" in found.en


def test_a_photo_that_takes_more_memory_than_there_is_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_much(_: Image.Image) -> None:
        raise MemoryError

    monkeypatch.setattr(exhibit_photos, "_redrawn", too_much)
    assert refused(tmp_path, photo()) is Reason.TOO_MANY_PIXELS


# Pillow warns of what it finds odd in a damaged photo; tests turn warnings into errors, and here they would hide what happens otherwise.
@pytest.mark.filterwarnings("ignore::UserWarning:PIL", "ignore::RuntimeWarning:PIL")
@given(name=st.sampled_from(sorted(SAMPLES)), data=st.data())
def test_a_damaged_file_is_refused_or_kept_and_nothing_else_happens(name: str, data: st.DataObject) -> None:
    content = bytearray(SAMPLES[name])
    places = st.integers(0, len(content) - 1)
    for place in data.draw(st.lists(places, max_size=6), label="changed at"):
        content[place] = data.draw(st.integers(0, 255), label="into")
    cut = data.draw(st.one_of(st.just(len(content)), places), label="cut at")
    outcome(bytes(content[:cut]))


@given(head=st.sampled_from([content[:40] for content in SAMPLES.values()]), rest=st.binary(max_size=400))
@pytest.mark.filterwarnings("ignore::UserWarning:PIL", "ignore::RuntimeWarning:PIL")
def test_any_bytes_behind_a_true_beginning_are_refused_or_kept(head: bytes, rest: bytes) -> None:
    outcome(head + rest)


@given(content=st.binary(max_size=400))
def test_any_bytes_are_refused_or_kept(content: bytes) -> None:
    outcome(content)


def outcome(content: bytes) -> None:
    with TemporaryDirectory() as folder:
        found = keep(Path(folder), content)
        left = [path for path in Path(folder).rglob("*") if path.is_file()]
    if isinstance(found, Refusal):
        assert left == []
    else:
        assert isinstance(found, Exhibit)
        assert [path.name for path in left] == [found.sha256]


@pytest.mark.parametrize("name", [name for name in SAMPLES if name not in {"live WebM", "MP4 in fragments"}])
@pytest.mark.filterwarnings("ignore::UserWarning:PIL", "ignore::RuntimeWarning:PIL")
def test_every_sample_is_taken_whole_and_refused_where_half_of_it_is_missing(tmp_path: Path, name: str) -> None:
    content = SAMPLES[name]
    assert isinstance(keep(tmp_path, content), Exhibit)
    assert refused(tmp_path, content[: len(content) // 2]) is Reason.BROKEN
