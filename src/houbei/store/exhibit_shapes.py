"""What an exhibit is, told by its content alone, and why a file is not taken.

A name and a declared type are what somebody says; the first bytes are what a reader will go by. So only they decide, and what they
do not settle is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import puremagic

HEAD_BYTES = 4096
"""How much of a file is looked at to tell what it is."""
_MIB = 1 << 20


class Kind(StrEnum):
    """What a file shows: a picture, moving pictures, or pages."""

    PHOTO = "photo"
    VIDEO = "video"
    PDF = "pdf"


class Shape(StrEnum):
    """A form of file that is taken in, by its media type as it is kept; every photo is kept as JPEG."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    MP4 = "video/mp4"
    MOV = "video/quicktime"
    WEBM = "video/webm"
    PDF = "application/pdf"

    @property
    def kind(self) -> Kind:
        """What a file of this shape shows."""
        return Kind.PDF if self is Shape.PDF else Kind.PHOTO if self.startswith("image/") else Kind.VIDEO


LIMITS: Mapping[Kind, int] = {Kind.PHOTO: 25 * _MIB, Kind.VIDEO: 200 * _MIB, Kind.PDF: 20 * _MIB}
"""The most bytes that a file may have: a phone's largest photo, some two minutes of its video, a long invoice with scans."""
PIXELS_MAX: Mapping[Shape, int] = {Shape.JPEG: 8192 * 6144, Shape.PNG: 25_000_000, Shape.WEBP: 25_000_000}
"""The most pixels of a photo: a JPEG's are what phones sell as 50 million; others, which are screenshots, must be held whole."""


class Reason(StrEnum):
    """Why a file is not taken; the value is stable and public."""

    EMPTY = "empty"
    OTHER_KIND = "other_kind"
    UNKNOWN_KIND = "unknown_kind"
    HEIC = "heic"
    TOO_LARGE = "too_large"
    TOO_MANY_PIXELS = "too_many_pixels"
    MOVING = "moving"
    BROKEN = "broken"
    NO_PICTURE = "no_picture"
    PLACE_INSIDE = "place_inside"
    ENCRYPTED = "encrypted"
    ACTIVE = "active"
    UNPACKS_TOO_LARGE = "unpacks_too_large"


SENTENCES: Mapping[Reason, Mapping[str, str]] = {
    Reason.EMPTY: {
        "zh": "这个文件是空的。换一个文件再传。",
        "en": "This file is empty. Send another one.",
    },
    Reason.OTHER_KIND: {
        "zh": "这个文件的内容是{found}，这里只收照片（JPEG、PNG、WebP）、视频（MP4、MOV、WebM）和PDF。",
        "en": "Inside, this file is {found}. We take photos (JPEG, PNG, WebP), videos (MP4, MOV, WebM) and PDF.",
    },
    Reason.UNKNOWN_KIND: {
        "zh": "认不出这个文件的内容。这里只收照片（JPEG、PNG、WebP）、视频（MP4、MOV、WebM）和PDF。",
        "en": "We cannot tell what is in this file. We take photos (JPEG, PNG, WebP), videos (MP4, MOV, WebM) and PDF.",
    },
    Reason.HEIC: {
        "zh": "这是HEIC或AVIF照片，这里打不开。在手机“设置”的相机格式里选“兼容性最佳”再拍一张，或者传这张照片的截图。",
        "en": (
            "This photo is HEIC or AVIF, which we cannot open. Choose “Most Compatible” under the camera’s formats in your "
            "phone’s settings and take it again, or send a screenshot of it."
        ),
    },
    Reason.TOO_LARGE: {
        "zh": "这个文件超过{limit_mib}MB。照片最大25MB，视频最大200MB，PDF最大20MB；视频可以剪短再传。",
        "en": "This file is over {limit_mib} MB. A photo may have 25 MB, a video 200 MB, a PDF 20 MB; a video can be cut shorter.",
    },
    Reason.TOO_MANY_PIXELS: {
        "zh": "这张照片超过{millions}00万像素。选小一些的尺寸再拍一张，或者传它的截图。",
        "en": "This photo has over {millions} million pixels. Choose a smaller size and take it again, or send a screenshot of it.",
    },
    Reason.MOVING: {
        "zh": "这是会动的图片。请改传视频，或者传其中一张照片。",
        "en": "This is a moving picture. Send a video, or one photo of it.",
    },
    Reason.BROKEN: {
        "zh": "这个文件不完整或者已经损坏。再传一次；还是不行，就换一个文件。",
        "en": "This file is cut short or damaged. Send it again; if that does not help, send another one.",
    },
    Reason.NO_PICTURE: {
        "zh": "这个视频里没有画面。换一个视频再传。",
        "en": "There are no pictures in this video. Send another one.",
    },
    Reason.PLACE_INSIDE: {
        "zh": "这个视频里可能带有拍摄位置，而我们去不掉。用手机自带的相机重新拍一段再传。",
        "en": "This video may tell where it was taken, and we cannot take that out. Record it again with your phone’s own camera.",
    },
    Reason.ENCRYPTED: {
        "zh": "这个PDF有密码。传一份没有密码的，或者传它的照片。",
        "en": "This PDF has a password. Send one without, or photos of it.",
    },
    Reason.ACTIVE: {
        "zh": "这个PDF里有程序、命令或附件（{found}），打开它不安全。传一份打印成的PDF，或者传它的照片。",
        "en": (
            "This PDF holds a program, a command or an attached file ({found}), so opening it is not safe. "
            "Print it to a new PDF and send that, or photos of it."
        ),
    },
    Reason.UNPACKS_TOO_LARGE: {
        "zh": "这个PDF解开之后大得反常，打开它不安全。传一份打印成的PDF，或者传它的照片。",
        "en": (
            "This PDF unpacks to far more than it seems, so opening it is not safe. Print it to a new PDF and send that, "
            "or photos of it."
        ),
    },
}
"""What a person is told, by reason and language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A file that is not taken: the reason, and the sentence for whoever sent it by language; nothing of it was kept."""

    reason: Reason
    zh: str
    en: str


class UnfitError(Exception):
    """A file that a check will not let pass. Raised inside the checks alone: `keep` gives it as a `Refusal`.

    Args:
        reason: Why.
        found: What fills the gaps of the reason's sentence.
    """

    def __init__(self, reason: Reason, **found: object) -> None:
        super().__init__(reason)
        self.reason = reason
        self.found = found

    def refusal(self) -> Refusal:
        """Give it as a value, with its sentences."""
        said = {language: sentence.format(**self.found) for language, sentence in SENTENCES[self.reason].items()}
        return Refusal(reason=self.reason, zh=said["zh"], en=said["en"])


_BRANDS = {
    Shape.MOV: {b"qt  "},
    Shape.MP4: {b"isom", b"avc1", b"mp41", b"mp42", b"M4V ", b"M4VH", b"MSNV", b"dash", b"hvc1"},
}
_BRAND_FAMILIES = (b"iso", b"3gp", b"3g2")
_STILL_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis"}
_FTYP_BYTES_MAX = 1024


def shape_of(head: bytes) -> Shape:
    """Tell what a file is by its first bytes.

    Args:
        head: The first `HEAD_BYTES` of it, or all of it where it is shorter.

    Raises:
        UnfitError: it is empty, of a kind that is not taken, or of none that is known.
    """
    if not head:
        raise UnfitError(Reason.EMPTY)
    if head.startswith(b"\xff\xd8\xff"):
        return Shape.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Shape.PNG
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return Shape.WEBP
    if head.startswith(b"%PDF-"):
        return Shape.PDF
    if head[4:8] == b"ftyp":
        return _shape_of_brands(head)
    if head.startswith(b"\x1a\x45\xdf\xa3") and b"\x42\x82\x84webm" in head[:64]:
        return Shape.WEBM
    raise _other(head)


def _shape_of_brands(head: bytes) -> Shape:
    """Read the brands of an ISO base media file: the major one first, then those it is compatible with (ISO/IEC 14496-12, 4.3)."""
    size = min(int.from_bytes(head[:4], "big"), _FTYP_BYTES_MAX)
    brands = [head[8:12], *(head[place : place + 4] for place in range(16, size - 3, 4))]
    for brand in brands:
        if brand in _STILL_BRANDS:
            raise UnfitError(Reason.HEIC)
        for shape, names in _BRANDS.items():
            if brand in names:
                return shape
        if brand.startswith(_BRAND_FAMILIES):
            return Shape.MP4
    raise _other(head)


def _other(head: bytes) -> UnfitError:
    """Name what came instead as far as its first bytes tell; puremagic's guess is shown to the sender and decides nothing."""
    try:
        guesses = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return UnfitError(Reason.UNKNOWN_KIND)
    named = next((guess.extension for guess in guesses if guess.mime_type and guess.extension), None)
    return UnfitError(Reason.OTHER_KIND, found=named) if named else UnfitError(Reason.UNKNOWN_KIND)
