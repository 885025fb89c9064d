"""Folders that answers are written to."""

from pathlib import Path

from houbei.errors import InputError


def open_folder(folder: Path) -> None:
    """Make the folder of an answer, unless it is there.

    Raises:
        InputError: there can be none of that name.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            came=str(error.strerror), where=str(folder), expected="a folder for the answer", todo="Name another one."
        ) from error
