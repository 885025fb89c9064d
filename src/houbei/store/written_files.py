"""Files that are written for somebody."""

from pathlib import Path

from houbei.errors import InputError


def write_bytes(content: bytes, path: Path) -> None:
    """Write a file.

    Raises:
        InputError: it cannot be written there.
    """
    try:
        path.write_bytes(content)
    except OSError as error:
        raise InputError(
            came=str(error.strerror), where=str(path), expected="a file that can be written", todo="Name another one."
        ) from error
