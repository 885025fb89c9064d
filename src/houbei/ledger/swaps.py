"""The entries of a swap: for each move of a case the accounts it moves an amount between.

Goods are booked at what was paid for the unit, so that a swap moves no money: the new unit goes out and the old one comes in over one
clearing account, which is at nothing once both have happened. What the promise really costs stands apart.
"""

from collections.abc import Mapping
from types import MappingProxyType

from houbei.case.moves import OWED_TO_BUYERS, Move
from houbei.ledger.accounts import Account
from houbei.ledger.entries import Code

_EXCHANGE, _COST, _BUYERS = Account.UNITS_IN_EXCHANGE, Account.REPLACEMENT_GUARANTEE, Account.PAYABLE_TO_BUYERS
_SUPPLIERS, _CARRIERS, _RECEIVED = (
    Account.RECEIVABLE_FROM_SUPPLIERS,
    Account.PAYABLE_TO_CARRIERS,
    Account.RECEIVED_FROM_BUYERS,
)

ACCOUNTS_OF: Mapping[Move, tuple[Account, Account]] = MappingProxyType(
    {
        Move.HOLD_PLACED: (Account.HOLDS_AT_PROVIDER, Account.HOLDS_OF_BUYERS),
        Move.HOLD_RELEASED: (Account.HOLDS_OF_BUYERS, Account.HOLDS_AT_PROVIDER),
        Move.DEPOSIT_TAKEN: (_RECEIVED, Account.DEPOSITS_OF_BUYERS),
        Move.DEPOSIT_OWED: (Account.DEPOSITS_OF_BUYERS, _BUYERS),
        Move.KEPT_FOR_UNIT: (Account.DEPOSITS_OF_BUYERS, _EXCHANGE),
        Move.KEPT_FOR_REVERSAL: (Account.DEPOSITS_OF_BUYERS, _COST),
        Move.CAPTURED_FOR_UNIT: (_RECEIVED, _EXCHANGE),
        Move.CAPTURED_FOR_REVERSAL: (_RECEIVED, _COST),
        Move.CAPTURE_OWED: (_COST, _BUYERS),
        Move.UNIT_SENT: (_EXCHANGE, Account.STOCK),
        Move.UNIT_CAME_BACK: (Account.STOCK, _EXCHANGE),
        Move.UNIT_LOST: (_SUPPLIERS, _EXCHANGE),
        Move.UNIT_FOUND_AT_BUYER: (_EXCHANGE, _SUPPLIERS),
        Move.UNIT_FOUND_IN_STOCK: (Account.STOCK, _SUPPLIERS),
        Move.FOUND_AT_BUYER_PAID_FOR: (_EXCHANGE, _CARRIERS),
        Move.FOUND_IN_STOCK_PAID_FOR: (Account.STOCK, _CARRIERS),
        Move.OLD_TAKEN_BACK: (Account.FAULTY_UNITS, _EXCHANGE),
        Move.OLD_GIVEN_BACK: (_EXCHANGE, Account.FAULTY_UNITS),
        Move.OLD_LOST: (_SUPPLIERS, _EXCHANGE),
        Move.OLD_LET_GO: (_COST, _EXCHANGE),
        Move.UNIT_COST: (_COST, Account.COST_OF_UNITS),
        Move.SERVICE_COST: (_COST, _CARRIERS),
        Move.REFUND_OWED: (_EXCHANGE, _BUYERS),
        Move.REFUND_NETTED: (_EXCHANGE, _COST),
        Move.DIFFERENCE_PAID: (_RECEIVED, Account.DIFFERENCES_PAID),
        Move.DIFFERENCE_OWED: (Account.DIFFERENCES_PAID, _BUYERS),
        Move.CHEAPER_OWED: (_COST, _BUYERS),
        Move.SUPPLIER_ASKED: (_SUPPLIERS, _COST),
        Move.SUPPLIER_PAID: (Account.RECEIVED_FROM_SUPPLIERS, _SUPPLIERS),
        Move.SUPPLIER_BORNE: (_COST, _SUPPLIERS),
    }
)
"""Debit and credit of each move."""


def code_of(move: Move) -> str:
    """Give the code of a move's entry: its own, or `owed` where a provider must still pay it out."""
    return Code.OWED.value if move in OWED_TO_BUYERS else move.value
