"""A photo drawn anew: what is kept holds its pixels and nothing else of what was sent.

So the position, the phone's serial, a thumbnail of what was cropped away and a second file behind the picture are gone, not hidden.
The colour profile goes, too: the colours of a wide gamut come out a little paler. The moment of the shot is not kept either; when a
photo was sent in is a fact of the case.
"""

import struct
from io import BytesIO

from PIL import Image, ImageOps

from houbei.store.exhibit_shapes import PIXELS_MAX, Reason, Shape, UnfitError

LONG_SIDE_MAX = 2560
"""How long the longer side may be as it is kept: enough to read a plate on a photo of the whole appliance."""
QUALITY = 85
_FORMATS = {Shape.JPEG: "JPEG", Shape.PNG: "PNG", Shape.WEBP: "WEBP"}
_WHITE = (255, 255, 255)
_SMOOTH = {"L", "LA", "RGB", "RGBA", "CMYK", "YCbCr"}
"""How pixels may lie to be made smaller as they are; a palette or black and white is converted first."""
_SIXTEEN_TO_EIGHT_BITS = 1 / 256

_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    EOFError,
    ArithmeticError,
    NotImplementedError,
    struct.error,
)
"""What Pillow raises over bytes that are no picture, or not a whole one."""
_TOO_MANY = (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError)


def redraw(content: bytes, shape: Shape) -> tuple[bytes, int, int]:
    """Draw a photo anew as JPEG, upright, its longer side at most `LONG_SIDE_MAX`.

    Args:
        content: The whole file.
        shape: What its first bytes say it is.

    Returns:
        The new file, its width and its height in pixels.

    Raises:
        UnfitError: it is damaged or cut short, moves, or has more than `PIXELS_MAX` pixels.

    Cost: decoding and encoding (see docs/exhibits.md for figures). A JPEG is decoded at half, a quarter or an eighth of its size where
    that is still enough; others take 4 bytes a pixel, and as much again while they are made smaller.
    """
    try:
        with Image.open(BytesIO(content), formats=[_FORMATS[shape]]) as image:
            _check(image, shape)
            return _redrawn(image)
    except _TOO_MANY as error:
        raise _over_the_limit(shape) from error
    except _BROKEN as error:
        raise UnfitError(Reason.BROKEN) from error


def _check(image: Image.Image, shape: Shape) -> None:
    """Look at what the header says, before a pixel is decoded. A second picture behind a JPEG is a phone's depth map: left out."""
    if image.width * image.height > PIXELS_MAX[shape]:
        raise _over_the_limit(shape)
    if shape is not Shape.JPEG and getattr(image, "is_animated", False):
        raise UnfitError(Reason.MOVING)


def _over_the_limit(shape: Shape) -> UnfitError:
    return UnfitError(Reason.TOO_MANY_PIXELS, millions=PIXELS_MAX[shape] // 1_000_000)


def _redrawn(image: Image.Image) -> tuple[bytes, int, int]:
    image.draft(None, (LONG_SIDE_MAX, LONG_SIDE_MAX))
    image.load()
    small = _smooth(image)
    small.thumbnail((LONG_SIDE_MAX, LONG_SIDE_MAX))
    upright = _on_white(_upright(small))
    drawn = BytesIO()
    upright.save(drawn, "JPEG", quality=QUALITY)
    return drawn.getvalue(), upright.width, upright.height


def _smooth(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        return image.point(lambda value: value * _SIXTEEN_TO_EIGHT_BITS).convert("L")
    see_through = "transparency" in image.info
    return image.convert("RGBA") if see_through or image.mode not in _SMOOTH else image


def _on_white(small: Image.Image) -> Image.Image:
    """Lay the pixels on a fresh white ground: it has nothing of the image they come from but them."""
    ground = Image.new("RGB", small.size, _WHITE)
    if "A" in small.getbands():
        ground.paste(small.convert("RGB"), mask=small.getchannel("A"))
    else:
        ground.paste(small.convert("RGB"))
    return ground


def _upright(image: Image.Image) -> Image.Image:
    """Turn a picture as its Exif part says; where that is damaged, it is taken as it lies."""
    try:
        return ImageOps.exif_transpose(image)
    except _BROKEN:
        return image
