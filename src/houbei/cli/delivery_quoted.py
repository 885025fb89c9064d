"""A promise taken out of a quote, with the versions and reasons that it rests on."""

import json
from pathlib import Path

import msgspec

from houbei.errors import InputError
from houbei.runs.delivery_told import Value


class _Answer(msgspec.Struct):
    refused: msgspec.Raw


class _Network(msgspec.Struct):
    sha256: str


class _Calendar(msgspec.Struct):
    version: str


class _Quote(msgspec.Struct):
    asked_us: int
    from_us: int | None
    by_us: int
    chance_permille: int
    is_provisional: bool
    carrier: str
    fee: str
    currency: str
    network: _Network
    calendar: _Calendar
    model: str
    reasons: list[dict[str, object]]


def read_quote(path: Path) -> dict[str, Value]:
    """Read the promise out of a quote, as the columns of a promise given.

    Raises:
        InputError: there is no such file, it is no quote, or nothing was promised.
    """
    try:
        content = path.read_bytes()
        refused = bytes(msgspec.json.decode(content, type=_Answer).refused).decode()
        if refused != "null":
            raise InputError(
                came=f"a quote that promises nothing ({refused})",
                where=str(path),
                expected="a promise",
                todo="Ask for another way, or give --by.",
            )
        told = msgspec.json.decode(content, type=_Quote)
    except (OSError, UnicodeDecodeError, msgspec.MsgspecError) as error:
        raise InputError(
            came=f"no quote ({error})",
            where=str(path),
            expected="what houbei delivery quote --json printed",
            todo="Ask for a quote, and give its file.",
        ) from error
    fee: dict[str, Value] = {} if told.from_us is None else {"slot_fee": told.fee, "currency": told.currency}
    return {
        "shown_at": told.asked_us,
        "promised_by": told.by_us,
        "slot_from": told.from_us,
        "carrier": told.carrier,
        "provisional": told.is_provisional,
        "chance_permille": told.chance_permille,
        "calendar_version": told.calendar.version,
        "network_version": told.network.sha256,
        "model_version": told.model,
        "reasons": json.dumps(told.reasons, ensure_ascii=False),
        **fee,
    }
