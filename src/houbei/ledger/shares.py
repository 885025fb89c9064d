"""Who paid for a line, and so who gets which part of a difference: funders their share, the buyer's tenders in the order of the terms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from houbei.money import allocate, minor_of
from houbei.terms.model import Terms

CREDITED = frozenset({"gift_card", "points", "store_credit", "trade_in", "voucher"})
"""Tenders that no provider can give back to: their part becomes store credit."""
CARD = "card"


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One tender of the buyer, or one funder: its name, what it paid, and the payment that a refund goes back to (None: none does)."""

    name: str
    paid_minor: int
    payment: str | None
    is_funder: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """Everybody who paid for a line: the buyer's tenders first, then funders; `order` is the terms' order of tenders.

    After them comes one more share: what is owed beyond all that was paid, as store credit.
    """

    shares: tuple[Share, ...]
    order: str

    def split(self, amount_minor: int, *, standing: Sequence[int]) -> list[int]:
        """Split an amount that is newly owed, so that every share stands as near as can be to its part of all that is owed.

        Args:
            amount_minor: The amount.
            standing: What is owed to each share already and was not stopped; last, what is beyond them all.

        Returns:
            One amount a share and one for what is beyond them all; they sum to the amount. No share is owed more than it paid.

        Clause: `remedy.funders`, `remedy.pay.order`. Cases A29, A30, B1, B2.
        """
        paid = [share.paid_minor for share in self.shares]
        within = max(0, min(amount_minor, sum(paid) - sum(standing[:-1])))
        wanted = self._parts(sum(standing[:-1]) + within)
        lacking = [max(0, part - stands) for part, stands in zip(wanted, standing, strict=False)]
        over = sum(lacking) - within
        for place in reversed(range(len(lacking))):
            cut = min(over, lacking[place])
            lacking[place] -= cut
            over -= cut
        return [*lacking, amount_minor - within]

    def _parts(self, owed_minor: int) -> list[int]:
        """Each share's part of all that is owed: funders by what they paid, the buyer's tenders in the terms' order."""
        tenders = [share.paid_minor for share in self.shares if not share.is_funder]
        funders = [share.paid_minor for share in self.shares if share.is_funder]
        buyers, *others = allocate(owed_minor, [sum(tenders), *funders])
        if self.order == "pro_rata":
            return [*allocate(buyers, tenders), *others]
        return [*self._fill(buyers), *others]

    def _fill(self, amount_minor: int) -> list[int]:
        """Fill one tender after the other up to what it paid: the card first, or the one that paid least."""
        tenders = [share for share in self.shares if not share.is_funder]
        by_rule = sorted(
            range(len(tenders)),
            key=lambda k: (tenders[k].name != CARD if self.order == "card_first" else tenders[k].paid_minor, k),
        )
        filled = [0] * len(tenders)
        for k in by_rule:
            filled[k] = min(tenders[k].paid_minor, amount_minor)
            amount_minor -= filled[k]
        return filled


def shares_of(more: Mapping[str, Any], *, terms: Terms, paid_minor: int, currency: str, order_id: str) -> Shares | None:
    """Read who paid for a line.

    Args:
        more: What its row tells besides: `tenders` and `funders` as JSON lists of the contract.
        terms: The promise; tenders that it counts as discounts paid nothing.
        paid_minor: What was paid for the line in all.
        currency: Of the amounts.
        order_id: The payment of a tender that names none.

    Returns:
        None where one tender paid everything that a refund can go back to.
    """
    where = f"the tenders of order {order_id}"
    funders = _listed(more.get("funders"))
    tenders = [one for one in _listed(more.get("tenders")) if one["kind"] not in terms.allocation.discount_tenders]
    if not funders and not tenders:
        return None
    shares = [
        Share(
            name=one["kind"],
            paid_minor=minor_of(one["amount"], currency, where=where),
            payment=None if one["kind"] in CREDITED else one.get("ref") or order_id,
        )
        for one in tenders
    ]
    others = [
        Share(name=one["name"], paid_minor=minor_of(one["amount"], currency, where=where), payment=None, is_funder=True)
        for one in funders
    ]
    if not shares:
        rest = max(0, paid_minor - sum(share.paid_minor for share in others))
        shares = [Share(name=CARD, paid_minor=rest, payment=order_id)]
    return Shares(shares=(*shares, *others), order=str(terms.remedy.pay["order"]))


def _listed(text: str | None) -> Sequence[Mapping[str, Any]]:
    return [] if text is None else msgspec.json.decode(text, type=list[dict[str, Any]])
