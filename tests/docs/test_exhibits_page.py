"""The page on exhibits names every reason for which a file is not taken, and the limits that hold."""

import re
from pathlib import Path

from houbei.store.exhibit_pdfs import INFLATED_BYTES_MAX
from houbei.store.exhibit_photos import LONG_SIDE_MAX
from houbei.store.exhibit_shapes import LIMITS, PIXELS_MAX, Kind, Reason, Shape

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "exhibits.md").read_text(encoding="utf-8")


def test_every_reason_is_on_the_page_in_its_order() -> None:
    assert re.findall(r"^\| `(\w+)` \|", PAGE, flags=re.MULTILINE) == [reason.value for reason in Reason]


def test_the_limits_on_the_page_are_those_that_hold() -> None:
    rows = {line.split("|")[1].strip(): line for line in PAGE.splitlines() if line.startswith("| ")}
    jpeg, other = (PIXELS_MAX[shape] // 1_000_000 for shape in (Shape.JPEG, Shape.PNG))
    assert PIXELS_MAX[Shape.PNG] == PIXELS_MAX[Shape.WEBP]
    assert f"{LIMITS[Kind.PHOTO] >> 20} MB; JPEG {jpeg} million pixels, others {other} million" in rows["photo"]
    assert f"at most {LONG_SIDE_MAX}" in rows["photo"]
    assert f"{LIMITS[Kind.VIDEO] >> 20} MB" in rows["video"]
    assert f"{LIMITS[Kind.PDF] >> 20} MB" in rows["PDF"]
    assert f"more than {INFLATED_BYTES_MAX >> 20} MB" in rows["`unpacks_too_large`"]
