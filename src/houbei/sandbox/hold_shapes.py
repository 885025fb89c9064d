"""What goes over the wire about holds: an amount set aside on a card, of which a part may be captured once."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec

from houbei.sandbox.shapes import METADATA_MAX, Name, Text


class HoldState(StrEnum):
    """What happened to a hold last; all but the first two are final."""

    AUTHORISED = "authorised"
    """The amount is set aside."""
    RENEWED = "renewed"
    """It is set aside anew, from the moment of the renewal."""
    CAPTURED = "captured"
    """A part of it was taken, the rest was let go."""
    RELEASED = "released"
    """It was let go."""
    EXPIRED = "expired"
    """Its time was over: it was let go by itself."""
    REFUSED = "refused"
    """The card's bank said no: nothing was ever set aside."""


ALIVE = frozenset({HoldState.AUTHORISED, HoldState.RENEWED})
"""States in which the amount is set aside."""


class AskedHold(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A hold that somebody asks for, on the card behind a payment."""

    payment: Name
    amount_minor: int
    currency: str
    metadata: Annotated[dict[Name, Text], msgspec.Meta(max_length=METADATA_MAX)] = {}


class AskedCapture(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much of a hold shall be taken; the rest is let go."""

    amount_minor: int


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """A hold as it stands; `version` counts the states it has been in, `captured_minor` is refundable as a payment of its id."""

    id: str
    state: HoldState
    version: int
    amount_minor: int
    captured_minor: int
    currency: str
    payment: str
    metadata: dict[str, str]
    created_at: datetime
    updated_at: datetime
    expires_at: datetime
    failure_code: str | None


class HoldPage(msgspec.Struct, frozen=True, kw_only=True):
    """Holds in the order they were authorised; `next` is where the following page begins."""

    data: list[Hold]
    next: str | None
