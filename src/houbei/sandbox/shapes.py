"""What goes over the wire: the bodies that are asked and answered, and the problems that are answered instead (RFC 9457)."""

from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated

import msgspec

PAYMENTS_MAX = 50_000
"""How many payments one call may register."""
METADATA_MAX = 50
"""How many texts of its own a caller may hang on a refund or a hold."""
SETTLEMENT = "houbei_settlement"
"""The key of the metadata that refunds and holds can be looked up by."""

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
Text = Annotated[str, msgspec.Meta(max_length=1000)]


class State(StrEnum):
    """Where a refund is; `failed` is final, and only `succeeded` has moved money."""

    PENDING = "pending"
    """The bank has not said yet."""
    SUCCEEDED = "succeeded"
    """The money has gone out."""
    FAILED = "failed"
    """The money did not go out, or came back; it may be refunded again."""


class GivenPayment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A payment that was captured."""

    payment: Name
    captured_minor: int
    currency: str
    closed: bool = False


class GivenPayments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Payments that were captured."""

    payments: Annotated[list[GivenPayment], msgspec.Meta(max_length=PAYMENTS_MAX)]


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """A payment and what was refunded of it: the refunds that have not failed."""

    payment: str
    captured_minor: int
    refunded_minor: int
    currency: str
    closed: bool


class AskedRefund(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A refund that somebody asks for."""

    payment: Name
    amount_minor: int
    currency: str
    metadata: Annotated[dict[Name, Text], msgspec.Meta(max_length=METADATA_MAX)] = {}


class Refund(msgspec.Struct, frozen=True, kw_only=True):
    """A refund as it stands."""

    id: str
    state: State
    amount_minor: int
    currency: str
    payment: str
    metadata: dict[str, str]
    created_at: datetime
    updated_at: datetime
    failure_code: str | None


class News(msgspec.Struct, frozen=True, kw_only=True):
    """That a refund or a hold has come into a state.

    Args:
        about: `refund` or `hold`.
        id: Which.
        state: Where it is now.
        opposite: What a forger claims instead.
        version: How many states it has been in.
        more: Another one will follow by itself.
    """

    about: str
    id: str
    state: str
    opposite: str
    version: int
    more: bool = False


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Refunds in the order they were made; `next` is where the following page begins."""

    data: list[Refund]
    next: str | None


class Sum(msgspec.Struct, frozen=True, kw_only=True):
    """How many, and how much."""

    count: int
    amount_minor: int


class ToldClock(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The moment that the sandbox shall stand at; none follows the system's clock."""

    now: Annotated[datetime, msgspec.Meta(tz=True)] | None


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A reply, as it is kept beside a key: its status and its bytes."""

    status: int
    body: bytes
    replayed: bool = False

    @property
    def is_problem(self) -> bool:
        """Whether it says what went wrong."""
        return self.status >= _PROBLEMS_FROM


_PROBLEMS_FROM = 400

PROBLEMS = MappingProxyType(
    {
        "unreadable": (400, "The request cannot be read"),
        "key_missing": (400, "Whatever acts needs an Idempotency-Key of 1 to 255 characters"),
        "cursor_unknown": (400, "Nothing has the id that the page shall come after"),
        "payment_unknown": (404, "There is no such payment"),
        "refund_unknown": (404, "There is no such refund"),
        "hold_unknown": (404, "There is no such hold"),
        "route_unknown": (404, "There is nothing at this address"),
        "key_in_use": (409, "Another request with this key is in progress"),
        "key_reused": (409, "The key was used with other parameters"),
        "payment_differs": (409, "The payment is known with another amount or currency"),
        "bad_amount": (422, "The amount is not usable"),
        "bad_currency": (422, "The currency is not known to ISO 4217"),
        "currency_mismatch": (422, "The payment is in another currency"),
        "payment_closed": (422, "The account behind the payment is closed"),
        "exceeds_captured": (422, "More would be refunded than was captured"),
        "card_refused": (422, "The card's bank said no"),
        "hold_over": (422, "The hold is no more"),
        "exceeds_held": (422, "More would be captured than is held"),
        "throttled": (429, "Too many requests"),
        "internal": (500, "Something broke"),
        "unavailable": (503, "The provider is not available"),
    }
)
"""Every code of a problem, with its status and title."""

RETRY_AFTER_S = 1
"""What a caller is told to wait after a 429 or a 503."""

encode = msgspec.json.Encoder().encode


def answer(body: object, *, status: int = 200) -> Answer:
    """Answer with JSON."""
    return Answer(status=status, body=encode(body))


def problem(code: str, detail: str) -> Answer:
    """Answer with what went wrong: a stable code, and a sentence for people."""
    status, title = PROBLEMS[code]
    return answer(
        {"type": "about:blank", "title": title, "status": status, "detail": detail, "code": code}, status=status
    )
