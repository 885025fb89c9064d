"""From what is newly owed to the way it reaches whom it is owed to."""

from dataclasses import dataclass, replace
from enum import StrEnum

from houbei.ledger.accounts import Account
from houbei.ledger.shares import CARD, Share, Shares
from houbei.terms.model import Terms


class Kind(StrEnum):
    """What is asked for."""

    REFUND = "refund"
    """Money back to the payment, by the provider."""
    CREDIT = "credit"
    """Store credit: no provider is asked."""
    POINTS = "points"
    """Points of the shop: no provider is asked."""
    FUNDER = "funder"
    """A funder's share: it is settled with the funder, not by us."""


BY_THE_SHOP = frozenset({Kind.CREDIT, Kind.POINTS})
"""What the shop gives by itself: no provider is asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How one share of what is owed is settled.

    `account` is the account it is owed on, `kind` the kind of action, `payment` what it goes back to: None for the order's own payment.
    """

    account: str
    kind: str
    payment: str | None


def way_of(share: Share | None, *, terms: Terms) -> Way:
    """Choose the way for one share.

    Args:
        share: The share; None for what is owed beyond all that was paid.
        terms: The promise: its form of payment.

    Clause: `remedy.pay.form`.
    """
    if share is not None and share.is_funder:
        return Way(account=Account.PAYABLE_TO_FUNDERS.value, kind=Kind.FUNDER.value, payment=share.name)
    if share is None or share.payment is None or terms.remedy.pay["form"] != "original_tenders":
        return Way(account=Account.PAYABLE_TO_BUYERS.value, kind=Kind.CREDIT.value, payment=None)
    return Way(account=Account.PAYABLE_TO_BUYERS.value, kind=Kind.REFUND.value, payment=share.payment)


def plain_way(terms: Terms) -> Way:
    """The way of a line that names no tenders: all of it was paid by the order's own payment."""
    return replace(way_of(Share(name=CARD, paid_minor=0, payment=CARD), terms=terms), payment=None)


def ways_of(shares: Shares, *, terms: Terms) -> list[Way]:
    """The way of each share of a line, by its place (see `Shares.split`)."""
    return [way_of(share, terms=terms) for share in (*shares.shares, None)]


def waits_for_dispatch(terms: Terms) -> bool:
    """Whether money moves only once the goods have left. Clause: `remedy.pay.when`."""
    return terms.remedy.pay["when"] == "on_dispatch"
