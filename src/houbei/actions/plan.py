"""From what is newly owed to the way it reaches whom it is owed to."""

from collections.abc import Mapping
from dataclasses import dataclass
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
    FUNDER = "funder"
    """A funder's share: it is settled with the funder, not by us."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How one share of what is owed is settled: the account it is owed on, the kind of action, and the payment it goes back to."""

    account: Account
    kind: Kind
    payment: str


def way_of(share: Share | None, *, terms: Terms, order_id: str) -> Way:
    """Choose the way for one share.

    Args:
        share: The share; None for what is owed beyond all that was paid.
        terms: The promise: its form of payment.
        order_id: The order, which names the payment where the share names none.

    Clause: `remedy.pay.form`.
    """
    if share is not None and share.is_funder:
        return Way(account=Account.PAYABLE_TO_FUNDERS, kind=Kind.FUNDER, payment=share.name)
    if share is None or share.payment is None or terms.remedy.pay["form"] != "original_tenders":
        return Way(account=Account.PAYABLE_TO_BUYERS, kind=Kind.CREDIT, payment=order_id)
    return Way(account=Account.PAYABLE_TO_BUYERS, kind=Kind.REFUND, payment=share.payment)


def whole(order_id: str) -> Share:
    """The one share of a line that names no tenders."""
    return Share(name=CARD, paid_minor=0, payment=order_id)


def ways_of(shares: Shares | None, *, terms: Terms, order_id: str) -> Mapping[int, Way]:
    """The way of each share of a line, by its place (see `Shares.split`)."""
    named = (whole(order_id),) if shares is None else (*shares.shares, None)
    return {place: way_of(share, terms=terms, order_id=order_id) for place, share in enumerate(named)}


def waits_for_dispatch(terms: Terms) -> bool:
    """Whether money moves only once the goods have left. Clause: `remedy.pay.when`."""
    return terms.remedy.pay["when"] == "on_dispatch"
