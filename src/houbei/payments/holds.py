"""What Houbei asks of a provider about holds: an amount set aside on a card until the old unit is in, of which a part may be taken once.

Answers are of the same three sorts as for refunds; a receipt is the hold as it stands. Whoever gets no answer looks before asking again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from houbei.payments.answers import Refusal, Unanswered

ABOVE_HOLD = "exceeds_held"
"""The code of a capture of more than is held: refused before the provider is asked, and by the provider."""
HOLD_OVER = "hold_over"
"""The code of whatever is asked of a hold that no longer stands."""
CARD_REFUSED = "card_refused"


class HoldStands(StrEnum):
    """How a hold stands at the provider. Its value stands in the store and never changes."""

    HELD = "held"
    CAPTURED = "captured"
    """A part was taken, the rest let go."""
    RELEASED = "released"
    LAPSED = "lapsed"
    """Its time was over."""
    REFUSED = "refused"
    """The card's bank said no."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldAsked:
    """A hold to ask for. `key` is the same for ever; `told` goes along for people who look at the provider."""

    key: str
    payment: str
    amount_minor: int
    currency: str
    told: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldAct:
    """Something to ask of a hold that stands: `key` is the act's own, the same for ever."""

    key: str
    reference: str
    held_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldReceipt:
    """A hold as the provider has it; `key` is None for one that was not asked for by a Houbei.

    `version` counts the states it has been in: of two receipts of one hold the higher one is the later. `expires_us` is when it lapses.
    """

    reference: str
    stands: HoldStands
    version: int
    key: str | None
    payment: str
    amount_minor: int
    captured_minor: int
    currency: str
    expires_us: int
    reason: str | None
    at_us: int
    told: tuple[tuple[str, str], ...] = ()


class HoldProvider(Protocol):
    """A provider that holds; its calls wait for an answer and never raise for what the provider or the network does."""

    def hold(self, asked: HoldAsked) -> HoldReceipt | Refusal | Unanswered:
        """Ask for a hold, under its key."""

    def renew(self, act: HoldAct) -> HoldReceipt | Refusal | Unanswered:
        """Ask that a hold last anew."""

    def capture(self, act: HoldAct, *, amount_minor: int) -> HoldReceipt | Refusal | Unanswered:
        """Ask for a part of a hold, never more than is held; the rest is let go."""

    def release(self, act: HoldAct) -> HoldReceipt | Refusal | Unanswered:
        """Ask that a hold be let go."""

    def find_hold(self, asked: HoldAsked) -> HoldReceipt | Unanswered | None:
        """Look for the hold of a key; None where there is none."""

    def read_hold(self, reference: str) -> HoldReceipt | Unanswered | None:
        """Read one hold; None where there is none."""

    def list_holds_after(self, cursor: str | None) -> tuple[Sequence[HoldReceipt], str | None] | Unanswered:
        """List holds in the order in which they were asked for, and give the cursor to go on from."""

    def names_hold(self, reference: str) -> bool:
        """Whether a reference is a hold's, and no refund's."""
