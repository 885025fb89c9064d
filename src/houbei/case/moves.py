"""Moves: what a step of a case does to money and to goods at their book value. The ledger gives each its two accounts."""

from dataclasses import dataclass
from enum import StrEnum


class Move(StrEnum):
    """One movement. Its value stands in the books as an entry's code, except where it is owed to the buyer (`OWED_TO_BUYERS`)."""

    HOLD_PLACED = "hold_placed"
    HOLD_RELEASED = "hold_released"
    DEPOSIT_TAKEN = "deposit_taken"
    DEPOSIT_OWED = "deposit_owed"
    """A deposit, or what is left of it, goes back to the buyer."""
    KEPT_FOR_UNIT = "kept_for_unit"
    """Of a deposit, for a unit that does not come back."""
    KEPT_FOR_REVERSAL = "kept_for_reversal"
    """Of a deposit, for a new unit that was not owed after all."""
    CAPTURED_FOR_UNIT = "captured_for_unit"
    CAPTURED_FOR_REVERSAL = "captured_for_reversal"
    CAPTURE_OWED = "capture_owed"
    """What was taken goes back: a review found for the buyer."""
    UNIT_SENT = "unit_sent"
    UNIT_CAME_BACK = "unit_came_back"
    UNIT_LOST = "unit_lost"
    UNIT_FOUND_AT_BUYER = "unit_found_at_buyer"
    UNIT_FOUND_IN_STOCK = "unit_found_in_stock"
    FOUND_AT_BUYER_PAID_FOR = "found_at_buyer_paid_for"
    """As found, but the carrier has paid for it: that is owed back to the carrier."""
    FOUND_IN_STOCK_PAID_FOR = "found_in_stock_paid_for"
    OLD_TAKEN_BACK = "old_taken_back"
    OLD_GIVEN_BACK = "old_given_back"
    OLD_LOST = "old_lost"
    OLD_LET_GO = "old_let_go"
    UNIT_COST = "unit_cost"
    """What the new unit cost the shop: the price of the promise."""
    SERVICE_COST = "service_cost"
    """What the visit costs."""
    REFUND_OWED = "refund_owed"
    REFUND_NETTED = "refund_netted"
    """The part of what was paid that price protection has paid back already."""
    DIFFERENCE_PAID = "difference_paid"
    """The buyer paid for a dearer model."""
    DIFFERENCE_OWED = "difference_owed"
    """That goes back: the dearer model was not taken."""
    CHEAPER_OWED = "cheaper_owed"
    """The other model is cheaper, and the term gives the difference back."""
    SUPPLIER_ASKED = "supplier_asked"
    SUPPLIER_PAID = "supplier_paid"
    SUPPLIER_BORNE = "supplier_borne"
    """What a supplier or carrier does not pay, the shop bears."""


OWED_TO_BUYERS = frozenset(
    {Move.DEPOSIT_OWED, Move.CAPTURE_OWED, Move.REFUND_OWED, Move.DIFFERENCE_OWED, Move.CHEAPER_OWED}
)
"""Moves that a provider must still pay out: each becomes an `owed` entry, and its settlement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One move of an amount above 0, minor units of the line's currency.

    `payment` is what it goes back to where the buyer made a payment of its own for it, else '': to whoever paid for the line.
    """

    move: Move
    amount_minor: int
    payment: str = ""
