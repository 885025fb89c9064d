"""Steps: what can happen in a case, who may tell of it and what it tells besides. A step is a fact: told once, never edited.

A step is the same step by its source and id, however often a phone without signal sends it. `at_us` is when it happened, `known_us` when
we learnt of it; a case is folded in the order in which its steps were learnt.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from houbei.errors import InputError

Told = str | int | bool
"""What a step tells besides: a text, a whole number (minor units where its name ends so), yes or no."""


class Teller(StrEnum):
    """Who tells of a step."""

    BUYER = "buyer"
    SHOP = "shop"
    WAREHOUSE = "warehouse"
    COURIER = "courier"
    INSPECTOR = "inspector"
    PAYMENT = "payment"
    SUPPLIER = "supplier"
    HOUBEI = "houbei"
    """Nobody: a rule or a clock."""


class What(StrEnum):
    """What happened. Its value stands in the store and never changes."""

    REPORTED = "reported"
    """The buyer says what is wrong; again and again is still one case."""
    JUDGED = "judged"
    """The promises were asked what they owe for the report."""
    SHOWN = "shown"
    """The buyer showed what was asked for: a photo, a video, a report."""
    DECIDED = "decided"
    """A person decided."""
    HELD = "held"
    """An amount is held on the buyer's card."""
    DEPOSITED = "deposited"
    """The buyer left a deposit."""
    HOLD_RENEWED = "hold_renewed"
    HOLD_LAPSED = "hold_lapsed"
    NOT_SECURED = "not_secured"
    """The card refused, or the buyer would rather send the old unit first."""
    SLOTS_OFFERED = "slots_offered"
    """The shop said which visits the buyer may choose from."""
    SLOT_CHOSEN = "slot_chosen"
    CALLED = "called"
    """A person spoke with the buyer."""
    RESERVED = "reserved"
    """A new unit is set aside, by its serial."""
    OUT_OF_STOCK = "out_of_stock"
    BACK_IN_STOCK = "back_in_stock"
    CHOSE = "chose"
    """The buyer chose what shall be done where the model is gone."""
    PAID_UP = "paid_up"
    """The buyer paid the difference to a dearer model."""
    DISPATCHED = "dispatched"
    SWAPPED = "swapped"
    """At the door: the new unit in, the old one out."""
    DELIVERED = "delivered"
    """The new unit is with the buyer; the old one was not handed over."""
    COLLECTED = "collected"
    """The old unit was taken along."""
    ABSENT = "absent"
    REFUSED = "refused"
    """The buyer would not take the new unit."""
    WRONG_UNIT = "wrong_unit"
    """What the courier has is not the unit that was reserved."""
    LOST = "lost"
    """A parcel is gone: the new unit on its way there, or the old one on its way back."""
    CAME_BACK = "came_back"
    """The new unit is in the shop's stock again."""
    RECEIVED = "received"
    """The old unit is with the shop."""
    INSPECTED = "inspected"
    REVERSED = "reversed"
    """A person takes the decision back, with a reason, because the inspection contradicts it."""
    SENT_BACK = "sent_back"
    """The old unit went back to the buyer."""
    CAPTURED = "captured"
    """Of what was held or deposited a part was taken, never more."""
    WRITTEN_OFF = "written_off"
    """A person lets the old unit or the claim go, with a reason."""
    NETTED = "netted"
    """Price protection paid for the unit since it was judged: what would be refunded is less by that."""
    REFUNDED = "refunded"
    """The provider gave its receipt for what the case owed."""
    REPAIRED = "repaired"
    REPAIR_FAILED = "repair_failed"
    APPEALED = "appealed"
    """The buyer asks that somebody else look again."""
    WITHDREW = "withdrew"
    """The buyer no longer wants it."""
    HANDED_OVER = "handed_over"
    """A person is asked to take the case in hand."""
    TAKEN_UP = "taken_up"
    """A person has it in hand."""
    CLAIMED = "claimed"
    """A supplier was asked to make good what the swap cost."""
    RECOVERED = "recovered"
    SUPPLIER_REFUSED = "supplier_refused"
    TIMED_OUT = "timed_out"
    """A deadline passed and nobody had done what was to be done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who did it: the name they want to be known by, their part in it, and whether they agree to be named in the credits."""

    name: str
    role: str
    named: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a case.

    `person` is None where nobody did it but a rule or a clock; `told` holds what `TOLD` lists for its kind.
    """

    source: str
    step_id: str
    case: str
    what: What
    teller: Teller
    at_us: int
    known_us: int
    person: Person | None = None
    told: Mapping[str, Told]

    @property
    def fact(self) -> str:
        """Its name among the facts that entries cite."""
        return f"step:{self.source}/{self.step_id}"


_BUYER, _SHOP, _COURIER = frozenset({Teller.BUYER}), frozenset({Teller.SHOP}), frozenset({Teller.COURIER})
_BUYERS_WORD = _BUYER | _SHOP
"""What a buyer says by phone, a clerk tells for them."""
_GOODS = frozenset({Teller.WAREHOUSE, Teller.SHOP})
_ROAD = _COURIER | _GOODS
_MONEY = frozenset({Teller.PAYMENT, Teller.SHOP, Teller.HOUBEI})
_OURS = frozenset({Teller.HOUBEI})
_SUPPLY = frozenset({Teller.SUPPLIER, Teller.SHOP, Teller.HOUBEI})
_Told = Mapping[str, type[str] | type[int] | type[bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a kind of step looks like: who may tell of it, what it must tell, what it may tell."""

    tellers: frozenset[Teller]
    must: _Told
    may: _Told


def _shape(tellers: frozenset[Teller], must: _Told | None = None, may: _Told | None = None) -> Shape:
    return Shape(tellers=tellers, must=must or {}, may={"note": str, **(may or {})})


SHAPES: Mapping[What, Shape] = MappingProxyType(
    {
        What.REPORTED: _shape(
            _BUYERS_WORD,
            {"channel": str},
            {
                "words": str,
                "fault": str,
                "serial": str,
                "exhibits": str,
                "intact": bool,
                "kind": str,
                "wants": str,
            },
        ),
        What.JUDGED: _shape(
            _OURS,
            {"answer": str, "value_minor": int, "clause": str},
            {
                "term": str,
                "by_person": bool,
                "wants": str,
                "refund_minor": int,
                "statute": bool,
                "day": int,
                "look": str,
                "missing": str,
            },
        ),
        What.SHOWN: _shape(_BUYERS_WORD, {"exhibits": str}),
        What.DECIDED: _shape(_SHOP, {"answer": str, "reason": str}),
        What.HELD: _shape(_MONEY, {"amount_minor": int, "reference": str}),
        What.DEPOSITED: _shape(_MONEY, {"amount_minor": int, "reference": str}),
        What.HOLD_RENEWED: _shape(_MONEY, {"reference": str}),
        What.HOLD_LAPSED: _shape(_MONEY),
        What.NOT_SECURED: _shape(_BUYERS_WORD | _MONEY, {"reason": str}),
        What.SLOTS_OFFERED: _shape(_SHOP | _OURS, {"slots": str}),
        What.SLOT_CHOSEN: _shape(_BUYERS_WORD, {"from_us": int, "until_us": int}),
        What.CALLED: _shape(_SHOP, {"outcome": str}),
        What.RESERVED: _shape(_GOODS, {"serial": str}, {"unit_cost_minor": int, "warehouse": str}),
        What.OUT_OF_STOCK: _shape(_GOODS),
        What.BACK_IN_STOCK: _shape(_GOODS),
        What.CHOSE: _shape(_BUYERS_WORD, {"choice": str}, {"sku": str, "price_minor": int}),
        What.PAID_UP: _shape(_MONEY, {"amount_minor": int, "reference": str}),
        What.DISPATCHED: _shape(_GOODS, {}, {"parcel": str}),
        What.SWAPPED: _shape(
            _COURIER, {"old_serial": str, "new_serial": str}, {"service_minor": int, "exhibits": str, "code": str}
        ),
        What.DELIVERED: _shape(_COURIER, {"new_serial": str}, {"service_minor": int, "exhibits": str, "code": str}),
        What.COLLECTED: _shape(_COURIER, {"old_serial": str}, {"service_minor": int, "exhibits": str}),
        What.ABSENT: _shape(_COURIER),
        What.REFUSED: _shape(_COURIER, {"reason": str}),
        What.WRONG_UNIT: _shape(_COURIER, {"new_serial": str}),
        What.LOST: _shape(_ROAD, {"which": str}),
        What.CAME_BACK: _shape(_GOODS, {"serial": str}),
        What.RECEIVED: _shape(_GOODS, {"serial": str}, {"box_g": int, "box_expected_g": int}),
        What.INSPECTED: _shape(
            frozenset({Teller.INSPECTOR}),
            {"verdict": str},
            {"findings": str, "form": str, "answers": str, "exhibits": str, "parts_checked": int, "parts_other": int},
        ),
        What.REVERSED: _shape(_SHOP, {"reason": str}),
        What.SENT_BACK: _shape(_GOODS, {}, {"parcel": str}),
        What.CAPTURED: _shape(_MONEY, {"amount_minor": int, "reference": str}),
        What.WRITTEN_OFF: _shape(_SHOP, {"reason": str}),
        What.NETTED: _shape(_OURS, {"refund_minor": int}),
        What.REFUNDED: _shape(_OURS, {"reference": str}),
        What.REPAIRED: _shape(_GOODS),
        What.REPAIR_FAILED: _shape(_GOODS, {"reason": str}),
        What.APPEALED: _shape(_BUYERS_WORD, {"reason": str}),
        What.WITHDREW: _shape(_BUYERS_WORD),
        What.HANDED_OVER: _shape(_SHOP | _OURS | _BUYER, {"reason": str}, {"look": str}),
        What.TAKEN_UP: _shape(_SHOP),
        What.CLAIMED: _shape(_SUPPLY, {"supplier": str, "amount_minor": int}, {"document": str}),
        What.RECOVERED: _shape(_SUPPLY, {"amount_minor": int}),
        What.SUPPLIER_REFUSED: _shape(_SUPPLY, {"reason": str}),
        What.TIMED_OUT: _shape(_OURS, {"stage": str}),
    }
)
"""For each kind of step its shape."""

BY_PEOPLE = frozenset({Teller.SHOP, Teller.WAREHOUSE, Teller.COURIER, Teller.INSPECTOR})
"""Tellers behind whom somebody stands who is credited: their steps name a person."""


def check_step(step: Step, *, where: str) -> None:
    """Check one step as it is told.

    Args:
        step: The step.
        where: Where it came from, for messages.

    Raises:
        InputError: somebody tells it who may not, it lacks what it must tell, or tells what no such step does.
    """
    shape = SHAPES[step.what]
    if step.teller not in shape.tellers:
        raise InputError(
            came=f"{step.what}, told by {step.teller}",
            where=where,
            expected=f"told by {' or '.join(sorted(shape.tellers))}",
            todo="Let the right one tell of it.",
        )
    if step.teller in BY_PEOPLE and step.person is None:
        raise InputError(
            came=f"{step.what} without a person",
            where=where,
            expected="the name and the part of whoever did it",
            todo="Name the person; whether the name is shown is theirs to say.",
        )
    _check_told(step, shape, where=where)


def _check_told(step: Step, shape: Shape, *, where: str) -> None:
    known = {**shape.must, **shape.may}
    for name in shape.must:
        if name not in step.told:
            raise InputError(
                came=f"{step.what} without {name}", where=where, expected=", ".join(shape.must), todo=f"Add {name}."
            )
    for name, value in step.told.items():
        if name not in known or type(value) is not known[name]:
            expected = known[name].__name__ if name in known else f"one of {', '.join(known)}"
            raise InputError(
                came=f"{name}: {value!r}",
                where=f"{where}, {step.what}",
                expected=expected,
                todo="Correct or remove it.",
            )
        if name.endswith("_minor") and isinstance(value, int) and value < 0:
            raise InputError(
                came=f"{name}: {value}", where=f"{where}, {step.what}", expected="0 or more", todo="Correct it."
            )
