"""The chart of accounts: where an amount can stand, and on which side it grows.

Money that a promise costs goes one way: the cost of the guarantee → owed to buyers → asked of the provider → with the provider →
settled. Every step is an entry of its own, so the accounts say at any moment how far each cent has come.
"""

from enum import StrEnum
from types import MappingProxyType


class Account(StrEnum):
    """An account. Its value stands in the books and in exports, and never changes."""

    PRICE_GUARANTEE = "price_guarantee"
    """What price protection costs: less revenue, or an expense; the shop's setting."""
    GIVEN = "given"
    """What stays with buyers although later facts lowered what was owed: an expense."""
    PAYABLE_TO_BUYERS = "payable_to_buyers"
    """Owed to buyers and not yet asked of anybody: a liability."""
    PAYABLE_TO_FUNDERS = "payable_to_funders"
    """The share of a difference that goes back to whoever paid part of the price: a liability."""
    IN_TRANSIT = "in_transit"
    """Asked of the provider, no answer yet: a liability."""
    IN_DOUBT = "in_doubt"
    """Asked of the provider, and nobody knows whether it acted: a liability."""
    WITH_PROVIDER = "with_provider"
    """Paid by the provider by its receipt, not yet found in its own records: a clearing account."""
    SETTLED = "settled"
    """Paid, and found in the provider's own records: less money of the shop."""
    STORE_CREDIT = "store_credit"
    """What buyers hold with the shop itself: a liability."""
    DELIVERY_GUARANTEE = "delivery_guarantee"
    """What late arrivals cost: less revenue, or an expense; the shop's setting, as for price protection."""
    POINTS_OF_BUYERS = "points_of_buyers"
    """Points that buyers were given for being kept waiting: a liability, in points."""
    RECEIVABLE_FROM_SUPPLIERS = "receivable_from_suppliers"
    """What a brand, carrier or insurer owes the shop for a promise it kept: an asset."""
    REPLACEMENT_GUARANTEE = "replacement_guarantee"
    """What replacing faulty units costs: the unit, the visit, what is let go, less what suppliers make good. An expense."""
    STOCK = "stock"
    """New units, at what was paid for the units they replace."""
    UNITS_IN_EXCHANGE = "units_in_exchange"
    """Between the new unit that goes out and the old one that comes in: nothing, once both have happened."""
    FAULTY_UNITS = "faulty_units"
    """Old units with the shop, at what was paid for them."""
    COST_OF_UNITS = "cost_of_units"
    """What new units that went out cost the shop: the other side of their cost."""
    HOLDS_AT_PROVIDER = "holds_at_provider"
    """What is held on buyers' cards; no money yet. Always equal to `HOLDS_OF_BUYERS`."""
    HOLDS_OF_BUYERS = "holds_of_buyers"
    """The same, as what buyers have given in security."""
    DEPOSITS_OF_BUYERS = "deposits_of_buyers"
    """What buyers left with the shop for the old unit: a liability."""
    RECEIVED_FROM_BUYERS = "received_from_buyers"
    """Deposits, what was taken of holds, differences to dearer models: money in."""
    DIFFERENCES_PAID = "differences_paid"
    """What buyers paid for a dearer model: revenue."""
    RECEIVED_FROM_SUPPLIERS = "received_from_suppliers"
    """What suppliers and carriers made good: money in."""
    PAYABLE_TO_CARRIERS = "payable_to_carriers"
    """Visits, and units that a carrier paid for and that were found: a liability."""


class Nature(StrEnum):
    """What sort of account it is; it decides the side on which it grows."""

    CONTRA_REVENUE = "contra_revenue"
    EXPENSE = "expense"
    LIABILITY = "liability"
    CLEARING = "clearing"
    ASSET = "asset"
    REVENUE = "revenue"


GROWS_BY_DEBIT = frozenset({Nature.CONTRA_REVENUE, Nature.EXPENSE, Nature.ASSET})
"""Accounts of these natures grow by debits; the others by credits."""

COSTS = frozenset({Account.PRICE_GUARANTEE, Account.DELIVERY_GUARANTEE})
"""What promises cost that follow from the facts alone: the balance of each says what is owed."""

_NATURES = MappingProxyType(
    {
        Account.GIVEN: Nature.EXPENSE,
        Account.PAYABLE_TO_BUYERS: Nature.LIABILITY,
        Account.PAYABLE_TO_FUNDERS: Nature.LIABILITY,
        Account.IN_TRANSIT: Nature.LIABILITY,
        Account.IN_DOUBT: Nature.LIABILITY,
        Account.WITH_PROVIDER: Nature.CLEARING,
        Account.SETTLED: Nature.CLEARING,
        Account.STORE_CREDIT: Nature.LIABILITY,
        Account.POINTS_OF_BUYERS: Nature.LIABILITY,
        Account.RECEIVABLE_FROM_SUPPLIERS: Nature.ASSET,
        Account.REPLACEMENT_GUARANTEE: Nature.EXPENSE,
        Account.STOCK: Nature.ASSET,
        Account.UNITS_IN_EXCHANGE: Nature.CLEARING,
        Account.FAULTY_UNITS: Nature.ASSET,
        Account.COST_OF_UNITS: Nature.CLEARING,
        Account.HOLDS_AT_PROVIDER: Nature.ASSET,
        Account.HOLDS_OF_BUYERS: Nature.LIABILITY,
        Account.DEPOSITS_OF_BUYERS: Nature.LIABILITY,
        Account.RECEIVED_FROM_BUYERS: Nature.ASSET,
        Account.DIFFERENCES_PAID: Nature.REVENUE,
        Account.RECEIVED_FROM_SUPPLIERS: Nature.ASSET,
        Account.PAYABLE_TO_CARRIERS: Nature.LIABILITY,
    }
)


def nature_of(account: Account, *, guarantee_is: Nature = Nature.CONTRA_REVENUE) -> Nature:
    """Say what sort of account it is.

    Args:
        account: The account.
        guarantee_is: What the shop books the guarantee's cost as: `CONTRA_REVENUE` (IFRS 15 calls a price adjustment, and what is paid for
            being late, a change of the price) or `EXPENSE`.
    """
    return guarantee_is if account in COSTS else _NATURES[account]
