"""What asked for a look, kept with the step that asks: the score with its parts, so that it can be explained in any language later."""

import msgspec

from houbei.case.signals import Score
from houbei.errors import InputError


def look_text(score: Score) -> str:
    """Write a score as JSON."""
    return msgspec.json.encode(score).decode()


def read_look(text: str) -> Score:
    """Read a score back.

    Raises:
        InputError: it is none.
    """
    try:
        return msgspec.json.decode(text, type=Score)
    except msgspec.MsgspecError as error:
        raise InputError(
            came=str(error), where="a look", expected="a score with its parts", todo="Run houbei audit."
        ) from error

