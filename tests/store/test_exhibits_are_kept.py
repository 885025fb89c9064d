"""What is taken in lies whole, once and by its hash, and nothing of a file that is not taken stays behind."""

import hashlib
import os
import resource
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pytest

from houbei.errors import StoreError
from houbei.store import exhibits
from houbei.store.exhibit_shapes import LIMITS, Kind, Reason, Refusal
from houbei.store.exhibits import Exhibit, clear_unfinished, keep, open_exhibit
from tests.store.exhibit_files import film, pdf, photo, webm

EACH = {
    "JPEG": (photo("JPEG"), Kind.PHOTO, (64, 48), "image/jpeg"),
    "PNG": (photo("PNG"), Kind.PHOTO, (64, 48), "image/jpeg"),
    "WebP": (photo("WEBP"), Kind.PHOTO, (64, 48), "image/jpeg"),
    "MP4": (film(), Kind.VIDEO, (640, 360), "video/mp4"),
    "MOV": (film(brand=b"qt  "), Kind.VIDEO, (640, 360), "video/quicktime"),
    "WebM": (webm(), Kind.VIDEO, (640, 360), "video/webm"),
    "PDF": (pdf(b"<</Type/Catalog>>"), Kind.PDF, (None, None), "application/pdf"),
}


def files_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def kept(folder: Path, content: bytes) -> Exhibit:
    found = keep(folder, content)
    assert isinstance(found, Exhibit), found
    return found


def read(folder: Path, exhibit: Exhibit) -> bytes:
    opened = open_exhibit(folder, exhibit.sha256)
    assert opened
    with opened.content as content:
        return content.read()


class Trickle(BytesIO):
    """A stream that gives a few bytes at a time, as a network does."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(size or 7, 7))


@pytest.mark.parametrize("name", EACH)
def test_each_kind_is_kept_and_comes_back_as_what_it_is(tmp_path: Path, name: str) -> None:
    content, kind, (width, height), media_type = EACH[name]
    found = kept(tmp_path, content)
    opened = open_exhibit(tmp_path, found.sha256)
    assert opened
    with opened.content as file:
        whole = file.read()
    assert (found.kind, found.width, found.height, found.bytes) == (kind, width, height, len(whole))
    assert (opened.media_type, opened.bytes, opened.inline) == (media_type, len(whole), kind is not Kind.PDF)
    assert hashlib.sha256(whole).hexdigest() == found.sha256
    assert found.row() == {
        "sha256": found.sha256,
        "kind": str(kind),
        "bytes": len(whole),
        "width": width,
        "height": height,
    }


@pytest.mark.parametrize("name", EACH)
def test_the_same_file_sent_again_is_one_file(tmp_path: Path, name: str) -> None:
    content = EACH[name][0]
    assert kept(tmp_path, content) == kept(tmp_path, content) == keep(tmp_path, Trickle(content))
    assert len(files_in(tmp_path)) == 1


def test_a_pdf_is_kept_byte_for_byte(tmp_path: Path) -> None:
    content = pdf(b"<</Type/Catalog>>", packed=b"1 0 <</Type/Pages>>")
    assert read(tmp_path, kept(tmp_path, content)) == content


def test_it_lies_by_its_hash_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "yet there"
    found = kept(folder, photo())
    path = folder / found.sha256[:2] / found.sha256
    assert files_in(folder) == [path]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 64 + "\n", "a" * 64])
def test_what_names_no_exhibit_opens_none(tmp_path: Path, name: str) -> None:
    assert open_exhibit(tmp_path, name) is None


def test_a_changed_byte_is_found_and_the_same_file_sent_again_mends_it(tmp_path: Path) -> None:
    found = kept(tmp_path, photo())
    path = tmp_path / found.sha256[:2] / found.sha256
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + b"\0")
    with pytest.raises(StoreError, match="damaged"):
        open_exhibit(tmp_path, found.sha256)
    kept(tmp_path, photo())
    assert read(tmp_path, found) == whole


def test_a_file_over_its_limit_is_refused_before_it_is_read_to_its_end(tmp_path: Path) -> None:
    told = BytesIO(pdf(b"<</Type/Catalog>>") + bytes(LIMITS[Kind.PDF] + 5_000_000))
    found = keep(tmp_path, told)
    assert isinstance(found, Refusal)
    assert found.reason is Reason.TOO_LARGE
    assert "20" in found.zh
    assert "20 MB" in found.en
    assert told.tell() <= LIMITS[Kind.PDF] + (1 << 20) + 4096
    assert files_in(tmp_path) == []


def test_what_is_refused_leaves_nothing_behind(tmp_path: Path) -> None:
    for content in (photo()[:200], film()[:-10], webm()[:-3], pdf(b"<</S/Launch>>")):
        assert isinstance(keep(tmp_path, content), Refusal)
    assert files_in(tmp_path) == []


def test_a_sender_who_breaks_off_leaves_nothing_behind(tmp_path: Path) -> None:
    class BrokenOff(Trickle):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 5_000:
                raise ConnectionResetError
            return super().read(size)

    with pytest.raises(ConnectionResetError):
        keep(tmp_path, BrokenOff(film() * 100))
    assert files_in(tmp_path) == []


@contextmanager
def disk_of(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond a size: writing more fails as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("size", [0, 1_000, 8_192])
def test_a_full_disk_is_an_error_of_the_store_and_leaves_nothing_behind(tmp_path: Path, size: int) -> None:
    content = pdf(b"<</Type/Catalog>>", b"(" + b"x" * 20_000 + b")")
    with disk_of(size), pytest.raises(StoreError):
        keep(tmp_path, content)
    assert files_in(tmp_path) == []
    kept(tmp_path, content)


def test_a_folder_that_cannot_be_made_is_an_error_of_the_store(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(StoreError):
        keep(tmp_path / "taken", photo())


def test_the_file_is_on_the_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    real = os.fsync

    def sync(number: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(number).st_mode)
        named = [path for path in files_in(tmp_path) if not path.name.startswith(".")]
        order.append(f"{'folder' if is_folder else 'file'} while {len(named)} named")
        real(number)

    monkeypatch.setattr(exhibits.os, "fsync", sync)
    kept(tmp_path, photo())
    assert order == ["file while 0 named", "folder while 1 named", "folder while 1 named"]


def test_a_crash_before_the_name_is_given_leaves_no_exhibit_and_can_be_cleared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """The process ends here: nothing after it happens."""

    def killed(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(exhibits.Path, "replace", killed)
        patch.setattr(exhibits.Path, "unlink", killed)
        with pytest.raises(Killed):
            keep(tmp_path, photo())
    (left,) = files_in(tmp_path)
    assert left.name.startswith(".part-")
    written_us = left.stat().st_mtime_ns // 1_000
    assert clear_unfinished(tmp_path, before_us=written_us) == 0
    found = kept(tmp_path, photo())
    assert clear_unfinished(tmp_path, before_us=written_us + 1) == 1
    assert [path.name for path in files_in(tmp_path)] == [found.sha256]
