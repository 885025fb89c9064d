"""Where a case can stand: its stage, where both units are, what secures the new one, and what only a person can do now."""

from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """How far a case has come. Its value stands in the store and never changes."""

    REPORTED = "reported"
    EVIDENCE_WANTED = "evidence_wanted"
    TO_DECIDE = "to_decide"
    SECURING = "securing"
    """The new unit goes first, once a hold or a deposit secures it."""
    TO_SCHEDULE = "to_schedule"
    SCHEDULED = "scheduled"
    NO_STOCK = "no_stock"
    CHOOSING = "choosing"
    """The model is gone: the buyer chooses what shall be done instead."""
    PAYING_UP = "paying_up"
    READY = "ready"
    """A new unit is set aside for the visit."""
    ON_THE_WAY = "on_the_way"
    MISSED = "missed"
    """Nobody was there; the courier keeps the unit for another visit."""
    COMING_BACK = "coming_back"
    """The new unit is on its way back to the shop."""
    OLD_OWED = "old_owed"
    """The new unit is with the buyer, and so is the old one."""
    OLD_ON_THE_WAY = "old_on_the_way"
    TO_INSPECT = "to_inspect"
    TO_REVERSE = "to_reverse"
    """The inspection contradicts the decision: a person says whether that changes anything."""
    TO_REVIEW = "to_review"
    """The buyer appealed: another person looks again."""
    TO_RECOVER = "to_recover"
    """Reversed while the new unit is with the buyer: it comes back, or what secured it is taken, or it is let go."""
    TO_SEND_BACK = "to_send_back"
    """Reversed: the old unit goes back to the buyer."""
    REFUND_DUE = "refund_due"
    REPAIRING = "repairing"
    SETTLED = "settled"
    REFUNDED = "refunded"
    MENDED = "mended"
    NOT_COVERED = "not_covered"
    UNDONE = "undone"
    """Reversed, and nothing is open."""
    WITHDRAWN = "withdrawn"


ENDS = frozenset({Stage.SETTLED, Stage.REFUNDED, Stage.MENDED, Stage.NOT_COVERED, Stage.UNDONE, Stage.WITHDRAWN})
"""Stages in which nothing more is to be done for the buyer."""


class Remedy(StrEnum):
    """What the buyer gets."""

    NONE = "none"
    REPLACE = "replace"
    OTHER_MODEL = "other_model"
    REFUND = "refund"
    REPAIR = "repair"


class Old(StrEnum):
    """Where the faulty unit is."""

    WITH_BUYER = "with_buyer"
    WITH_COURIER = "with_courier"
    WITH_SHOP = "with_shop"
    LOST = "lost"
    LET_GO = "let_go"
    """Paid for, or written off: it stays where it is."""


class New(StrEnum):
    """Where the new unit is."""

    NONE = "none"
    RESERVED = "reserved"
    ON_THE_WAY = "on_the_way"
    WITH_BUYER = "with_buyer"


class Secured(StrEnum):
    """What secures a new unit that goes before the old one came."""

    NOTHING = "nothing"
    HOLD = "hold"
    DEPOSIT = "deposit"
    LAPSED = "lapsed"


class Need(StrEnum):
    """What only a person can do now."""

    DECIDE = "decide"
    CALL = "call"
    """The buyer has not answered: call, do not forget."""
    SHIP = "ship"
    """A unit should have left by now."""
    FIND = "find"
    """A parcel or a courier should have been heard of by now."""
    FETCH = "fetch"
    """The old unit has not come: fetch it, take what secures it, or let it go."""
    RENEW = "renew"
    """A hold is about to lapse or has."""
    CHASE = "chase"
    """A supplier has not answered."""
    PAY = "pay"
    """A refund has been due for days."""
    RECALL = "recall"
    """A second new unit should be back by now."""
    LOOK = "look"
    """Somebody asked for a person."""


class Verdict(StrEnum):
    """What an inspection finds."""

    CONFIRMED = "confirmed"
    NO_FAULT_FOUND = "no_fault_found"
    MISUSE = "misuse"
    ACCESSORY_MISSING = "accessory_missing"
    OTHER_SERIAL = "other_serial"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What of the terms a case is led by; lengths are microseconds.

    `advance` says that the new unit goes first, `secured_by` what secures it (`NOTHING` where the buyer is trusted, up to
    `trust_minor`, -1 for any value), `silence_accepts` that a decision or an inspection which does not come is made for the buyer.
    `against_paid` sets another model's price against all that was paid, else against what a refund would be.
    `other_model` and `refund` are what the buyer may choose where the model is gone; `supplier` is who is asked to make good the cost,
    empty for nobody.
    """

    advance: bool = True
    secured_by: Secured = Secured.NOTHING
    trust_minor: int = -1
    silence_accepts: bool = True
    other_model: bool = True
    pay_up: bool = True
    pay_down: bool = False
    against_paid: bool = True
    refund: bool = True
    decide_us: int = 86_400_000_000
    choose_us: int = 2 * 86_400_000_000
    return_us: int = 14 * 86_400_000_000
    inspect_us: int = 7 * 86_400_000_000
    stock_us: int = 7 * 86_400_000_000
    hold_us: int = 6 * 86_400_000_000
    travel_us: int = 7 * 86_400_000_000
    repair_us: int = 30 * 86_400_000_000
    supplier_us: int = 30 * 86_400_000_000
    pay_us: int = 3 * 86_400_000_000


@dataclass(frozen=True, kw_only=True)
class Case:
    """How a case stands. Money is minor units of the line's currency, moments microseconds UTC (0: none).

    `value_minor` is what was paid for the unit: what a swap is booked at. `refund_minor` is what would be paid back instead, net of what
    price protection paid. `cost_minor` is what the new unit cost the shop. `asked_up_minor` is the difference to a dearer model, `up_minor` what the buyer paid of it, `down_minor` what a
    cheaper one gives back. `claimed_minor` is what suppliers and carriers still owe for the case, `captured_minor` what was taken of the
    hold or deposit.
    `secured_reference`, `captured_reference` and `up_reference` are the provider's numbers of the payments behind these amounts.
    `recalled` says that a second new unit is on its way back, because the first, thought lost, arrived after all.
    `heard_us` is when a person last said that they have it in hand. `since_us` is when its stage began, `stop_us` until when the slot that was chosen lasts.
    """

    stage: Stage = Stage.REPORTED
    remedy: Remedy = Remedy.NONE
    advance: bool = True
    old: Old = Old.WITH_BUYER
    new: New = New.NONE
    secured: Secured = Secured.NOTHING
    supplier_asked: bool = False
    needs: tuple[Need, ...] = ()
    by_person: bool = False
    appealed: bool = False
    withdrew: bool = False
    recalled: bool = False
    verdict: Verdict | None = None
    value_minor: int = 0
    refund_minor: int = 0
    secured_minor: int = 0
    cost_minor: int = 0
    asked_up_minor: int = 0
    up_minor: int = 0
    down_minor: int = 0
    claimed_minor: int = 0
    captured_minor: int = 0
    secured_reference: str = ""
    captured_reference: str = ""
    up_reference: str = ""
    new_serial: str = ""
    lost_serial: str = ""
    recalled_serial: str = ""
    sku: str = ""
    decided_by: str = ""
    since_us: int = 0
    slot_us: int = 0
    stop_us: int = 0
    secured_us: int = 0
    claimed_us: int = 0
    recalled_us: int = 0
    heard_us: int = 0
    steps: int = 0

    def against_minor(self, rules: Rules) -> int:
        """What the price of another model is set against, minor units."""
        return self.value_minor if rules.against_paid else self.refund_minor

    def but(self, **changes: object) -> "Case":
        """Give the same case with some fields changed, as `dataclasses.replace` does.

        Cost: about a microsecond, a fraction of what `replace` takes for so many fields; a clock that passes over a hundred thousand cases
        shows it. That is why this class alone keeps its fields in a dictionary.
        """
        other = object.__new__(Case)
        other.__dict__.update(self.__dict__)
        other.__dict__.update(changes)
        return other

    @property
    def over(self) -> bool:
        """Whether nothing of it is open any more, for the buyer, a courier, a supplier or the books."""
        return (
            self.stage in ENDS
            and not self.recalled
            and not self.claimed_minor
            and self.secured in {Secured.NOTHING, Secured.LAPSED}
        )
