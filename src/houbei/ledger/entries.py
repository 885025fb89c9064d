"""Entries: what one is, which business reasons there are, and which accounts each may move an amount between.

An entry has a debit, a credit and an amount above 0; its id is (cover, sequence). It is never changed: a correction is another
entry with a code of its own.

A settlement is what became of one `OWED` entry. It goes through these states, each reached by one entry that names it:

    owed ──▶ instructed ──▶ confirmed ──▶ reconciled
      │        │   │  ▲         │              │
      │        │   ▼  │         └──▶ returned ◀┘
      │        │ unknown ──▶ (confirmed, refused)
      │        └──▶ refused ──▶ credited, stopped
      ├──▶ credited            returned ──▶ credited, stopped
      └──▶ stopped
"""

from enum import StrEnum
from types import MappingProxyType

from houbei.errors import InvariantError
from houbei.ledger.accounts import COSTS, Account
from houbei.money import POINTS


class Code(StrEnum):
    """Why an entry was posted."""

    OWED = "owed"
    """A fact raised what is owed."""
    TAKEN_UP = "taken_up"
    """What had been given before is owed again after all."""
    STOPPED = "stopped"
    """A later fact lowered what is owed before anybody was asked to pay it."""
    GIVEN = "given"
    """A later fact lowered what is owed after it was paid; it stays with the buyer."""
    INSTRUCTED = "instructed"
    """The provider is asked."""
    UNKNOWN = "unknown"
    """The provider was asked and gave no answer that can be read."""
    CONFIRMED = "confirmed"
    """The provider gave its receipt."""
    REFUSED = "refused"
    """The provider will not pay it; it is owed as before."""
    RETURNED = "returned"
    """The provider paid it and got it back from the buyer's bank; it is owed as before."""
    CREDITED = "credited"
    """It became store credit, or points."""
    RECONCILED = "reconciled"
    """It was found in the provider's own records."""


class State(StrEnum):
    """How far a settlement has come."""

    DUE = "due"
    INSTRUCTED = "instructed"
    UNKNOWN = "unknown"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    RETURNED = "returned"
    CREDITED = "credited"
    RECONCILED = "reconciled"
    STOPPED = "stopped"


REACHED = MappingProxyType(
    {
        Code.OWED: State.DUE,
        Code.INSTRUCTED: State.INSTRUCTED,
        Code.UNKNOWN: State.UNKNOWN,
        Code.CONFIRMED: State.CONFIRMED,
        Code.REFUSED: State.REFUSED,
        Code.RETURNED: State.RETURNED,
        Code.CREDITED: State.CREDITED,
        Code.RECONCILED: State.RECONCILED,
        Code.STOPPED: State.STOPPED,
    }
)
"""The state a settlement is in after an entry with this code."""

NEXT = MappingProxyType(
    {
        State.DUE: frozenset({Code.INSTRUCTED, Code.CREDITED, Code.STOPPED}),
        State.INSTRUCTED: frozenset({Code.UNKNOWN, Code.CONFIRMED, Code.REFUSED}),
        State.UNKNOWN: frozenset({Code.CONFIRMED, Code.REFUSED}),
        State.CONFIRMED: frozenset({Code.RECONCILED, Code.RETURNED}),
        State.RECONCILED: frozenset({Code.RETURNED}),
        State.REFUSED: frozenset({Code.CREDITED, Code.STOPPED}),
        State.RETURNED: frozenset({Code.CREDITED, Code.STOPPED}),
        State.CREDITED: frozenset[Code](),
        State.STOPPED: frozenset[Code](),
    }
)
"""The codes that may follow each state. A provider's answers come late and twice: what may not follow changes nothing."""

_PAYABLE = {Account.PAYABLE_TO_BUYERS, Account.PAYABLE_TO_FUNDERS}
_ASKED = {Account.IN_TRANSIT, Account.IN_DOUBT}
_BUYERS = {Account.PAYABLE_TO_BUYERS}
SIDES: MappingProxyType[Code, tuple[frozenset[Account], frozenset[Account]]] = MappingProxyType(
    {
        code: (frozenset(debited), frozenset(credited))
        for code, debited, credited in (
            (Code.OWED, COSTS, _PAYABLE),
            (Code.TAKEN_UP, COSTS, {Account.GIVEN}),
            (Code.STOPPED, _PAYABLE, COSTS),
            (Code.GIVEN, {Account.GIVEN}, COSTS),
            (Code.INSTRUCTED, _BUYERS, {Account.IN_TRANSIT}),
            (Code.UNKNOWN, {Account.IN_TRANSIT}, {Account.IN_DOUBT}),
            (Code.CONFIRMED, _ASKED, {Account.WITH_PROVIDER}),
            (Code.REFUSED, _ASKED, _BUYERS),
            (Code.RETURNED, {Account.WITH_PROVIDER, Account.SETTLED}, _BUYERS),
            (Code.CREDITED, _BUYERS, {Account.STORE_CREDIT, Account.POINTS_OF_BUYERS}),
            (Code.RECONCILED, {Account.WITH_PROVIDER}, {Account.SETTLED}),
        )
    }
)
"""For each code the accounts that may be debited and those that may be credited."""

HOLDS = MappingProxyType(
    {
        State.DUE: Account.PAYABLE_TO_BUYERS,
        State.INSTRUCTED: Account.IN_TRANSIT,
        State.UNKNOWN: Account.IN_DOUBT,
        State.CONFIRMED: Account.WITH_PROVIDER,
        State.RECONCILED: Account.SETTLED,
        State.REFUSED: Account.PAYABLE_TO_BUYERS,
        State.RETURNED: Account.PAYABLE_TO_BUYERS,
        State.CREDITED: Account.STORE_CREDIT,
    }
)
"""Where the amount of a buyer's settlement stands in each state."""


def sides_of(code: Code, *, state: State, currency: str = "") -> tuple[Account, Account]:
    """Give the debit and the credit of the entry that leads a buyer's settlement on from a state.

    Args:
        code: What happened.
        state: Where the settlement stands.
        currency: What it is in; points become points of the buyer, money store credit.

    Raises:
        InvariantError: it cannot happen in that state.
    """
    if code not in NEXT[state]:
        said = f"{code} cannot follow {state}"
        raise InvariantError(said)
    if code is Code.STOPPED:
        return Account.PAYABLE_TO_BUYERS, Account.PRICE_GUARANTEE
    if code is Code.CREDITED and currency == POINTS:
        return HOLDS[state], Account.POINTS_OF_BUYERS
    return HOLDS[state], HOLDS[REACHED[code]]
