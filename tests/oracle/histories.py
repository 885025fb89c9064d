"""Builders of small histories: rows and terms with only the fields that matter, the rest as a shop would leave it."""

from collections.abc import Mapping, Sequence
from typing import Any

ORDER_COLUMNS = (
    "order_id",
    "line_id",
    "sku",
    "quantity",
    "paid",
    "paid_minor",
    "currency",
    "placed_at",
    "buyer_id",
    "paid_at",
    "shipped_at",
    "delivered_at",
    "installed_at",
    "cancelled_at",
    "returned_at",
    "returned_quantity",
    "claimed_at",
    "seller",
    "region",
    "channel",
    "audience",
    "category",
    "gift",
    "gift_value",
    "deliveries",
    "returns",
    "tenders",
    "funders",
    "points",
    "vip",
)
"""The columns of every orders file made here: those of the contract, an integer one and a boolean one beyond it."""

PRICE_COLUMNS = (
    "sku",
    "at",
    "price",
    "price_minor",
    "currency",
    "price_id",
    "until",
    "seller",
    "region",
    "channel",
    "audience",
    "kind",
    "min_quantity",
    "in_stock",
    "gift_value",
    "label",
)
"""The columns of every prices file made here: those of the contract, and a text beyond it."""

BOUGHT = {
    "order_id": "O1",
    "line_id": "L1",
    "sku": "S",
    "quantity": "1",
    "currency": "CNY",
    "placed_at": "2026-11-01T12:00:00+08:00",
    "delivered_at": "2026-11-03T12:00:00+08:00",
    "seller": "self",
}
OBSERVED = {"sku": "S", "currency": "CNY"}


def line(paid: str | None, **fields: str | None) -> dict[str, str | None]:
    """Make an orders row: one unit, bought on 1 November 2026 and delivered on the 3rd, unless said otherwise."""
    return {**dict.fromkeys(ORDER_COLUMNS), **BOUGHT, "paid": paid, **fields}


def price(amount: str | None, at: str, **fields: str | None) -> dict[str, str | None]:
    """Make a prices row, open to all unless said otherwise; a bare `11-10` is that day of 2026 in Shanghai, 00:00."""
    stamp = f"2026-{at}T00:00:00+08:00" if len(at) == len("11-10") else at
    return {**dict.fromkeys(PRICE_COLUMNS), **OBSERVED, "price": amount, "at": stamp, **fields}


def term(**parts: Any) -> dict[str, Any]:
    """Make a terms document: from payment to the end of the 30th day after delivery in Shanghai, unless said otherwise.

    Args:
        parts: Top-level keys to replace. `amount` stands for `remedy.amount`; `closes` and `opens` for those of the window.
    """
    opens, closes = parts.pop("opens", {"at": "paid"}), parts.pop("closes", thirty_days_after("delivered"))
    amount = {"of": "difference", **parts.pop("amount", {})}
    return {
        "term": "price-30",
        "version": "1",
        "kind": "price_protection",
        "zone": "Asia/Shanghai",
        "window": {"opens": opens, "closes": closes, **parts.pop("window", {})},
        "compare": {"against": "window_min", "at_open": "counts"},
        "remedy": {"amount": amount},
        "clauses": [{"id": "PP-2", "text": {"zh": "退还差价", "en": "The difference is paid back"}}],
        **parts,
    }


def thirty_days_after(anchor: str) -> dict[str, Any]:
    """Make the closing at the end of the 30th calendar day after something happened."""
    return {"after": {"at": anchor}, "length": "P30D"}


def amounts(payouts: Sequence[Mapping[str, Any]]) -> list[int]:
    """List what was paid, in the order of the moments."""
    return [payout["owed_minor"] for payout in sorted(payouts, key=lambda payout: payout["at"])]
