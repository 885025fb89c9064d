"""What Houbei asks of a payment provider, and the three sorts of answers: a receipt, a refusal, or none that can be read.

No answer is not a no: the provider may have acted. Whoever gets none looks for the refund before asking again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from houbei.payments.answers import Refusal, Unanswered
from houbei.payments.holds import HoldProvider


class Stands(StrEnum):
    """How a refund stands at the provider."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A refund to ask for. `settlement` is its key, the same for ever; `told` goes along for people who look at the provider."""

    settlement: str
    payment: str
    amount_minor: int
    currency: str
    told: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A refund as the provider has it; `settlement` is None for one that was not asked for by a Houbei."""

    reference: str
    stands: Stands
    settlement: str | None
    payment: str
    amount_minor: int
    currency: str
    reason: str | None
    at_us: int
    told: tuple[tuple[str, str], ...] = ()


class PaymentProvider(HoldProvider, Protocol):
    """A payment provider; its calls wait for an answer and never raise for what the provider or the network does."""

    name: str
    key_lifetime_us: int
    """How long the provider remembers a key; an older one must not be used again."""

    def refund(self, asked: Asked) -> Receipt | Refusal | Unanswered:
        """Ask for a refund, under its key."""

    def find(self, asked: Asked) -> Receipt | Unanswered | None:
        """Look for the refund of a settlement; None where there is none."""

    def read(self, reference: str) -> Receipt | Unanswered | None:
        """Read one refund; None where there is none."""

    def list_after(self, cursor: str | None) -> tuple[Sequence[Receipt], str | None] | Unanswered:
        """List refunds in the order in which they were made, and give the cursor to go on from."""

    def close(self) -> None:
        """Let go of its connections."""
