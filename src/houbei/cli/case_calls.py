"""What each step looks like on the command line: its name, its options by what the step must and may tell, and who tells it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from houbei.facts.steps import SHAPES, Teller, What

COMMANDS: Mapping[str, What] = {
    "answer": What.DECIDED,
    "hold": What.HELD,
    "deposit": What.DEPOSITED,
    "renew": What.HOLD_RENEWED,
    "lapsed": What.HOLD_LAPSED,
    "unsecured": What.NOT_SECURED,
    "offer": What.SLOTS_OFFERED,
    "slot": What.SLOT_CHOSEN,
    "call": What.CALLED,
    "reserve": What.RESERVED,
    "out-of-stock": What.OUT_OF_STOCK,
    "in-stock": What.BACK_IN_STOCK,
    "choose": What.CHOSE,
    "paid-up": What.PAID_UP,
    "dispatch": What.DISPATCHED,
    "swapped": What.SWAPPED,
    "delivered": What.DELIVERED,
    "collected": What.COLLECTED,
    "absent": What.ABSENT,
    "refused": What.REFUSED,
    "wrong-unit": What.WRONG_UNIT,
    "lost": What.LOST,
    "came-back": What.CAME_BACK,
    "receive": What.RECEIVED,
    "reverse": What.REVERSED,
    "sent-back": What.SENT_BACK,
    "capture": What.CAPTURED,
    "write-off": What.WRITTEN_OFF,
    "repaired": What.REPAIRED,
    "repair-failed": What.REPAIR_FAILED,
    "appeal": What.APPEALED,
    "withdraw": What.WITHDREW,
    "hand-over": What.HANDED_OVER,
    "take": What.TAKEN_UP,
    "recovered": What.RECOVERED,
    "supplier-refused": What.SUPPLIER_REFUSED,
}
"""The commands that tell one step and nothing else."""
NAMES: Mapping[What, str] = {
    **{what: name for name, what in COMMANDS.items()},
    What.SHOWN: "evidence",
    What.INSPECTED: "inspect",
    What.CLAIMED: "claim",
}
"""The command that tells each step."""
_WORDS: Mapping[str, tuple[str, str]] = {
    "answer": ("--say", "replace, refund, repair or no."),
    "reason": ("--reason", "Why, in plain words; the buyer may read it."),
    "amount_minor": ("--amount", "How much, like 4999.00."),
    "reference": ("--reference", "The provider's own number of the payment."),
    "slots": ("--slots", "The visits to choose from, in plain words."),
    "from_us": ("--from", "When the visit begins, like 2026-03-02T09:00."),
    "until_us": ("--until", "When it ends."),
    "outcome": ("--outcome", "What came of it."),
    "serial": ("--serial", "The serial on the unit."),
    "old_serial": ("--old", "The serial of the unit that was taken along."),
    "new_serial": ("--new", "The serial of the unit that was brought."),
    "unit_cost_minor": ("--cost", "What the unit cost the shop."),
    "service_minor": ("--service", "What the visit costs."),
    "warehouse": ("--warehouse", "Which one."),
    "choice": ("--take", "wait, other_model or refund."),
    "sku": ("--sku", "The other model."),
    "price_minor": ("--price", "What the other model costs."),
    "parcel": ("--parcel", "The parcel's number."),
    "which": ("--which", "new or old: the unit on its way there, or the one on its way back."),
    "code": ("--code", "The word that the buyer gave at the door."),
    "supplier": ("--supplier", "Who is asked."),
    "note": ("--note", "Anything else worth keeping."),
    "box_g": ("--box", "What the box that came back weighs, in grams."),
    "box_expected_g": ("--box-expected", "What it weighs with the unit in it, in grams."),
    "exhibits": ("--file", "A photo, a video or a PDF; may be given several times."),
}
CHOICES: Mapping[tuple[What, str], tuple[str, ...]] = {
    (What.DECIDED, "answer"): ("replace", "refund", "repair", "no"),
    (What.CHOSE, "choice"): ("wait", "other_model", "refund"),
    (What.LOST, "which"): ("new", "old"),
}
"""The words that a step may tell, where they are few."""
_UNTYPED = frozenset({"look"})
"""What only Houbei itself tells."""
_BUYERS_WORD = frozenset({Teller.BUYER, Teller.SHOP})


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One thing that a step tells: its name in the step, its option, its help, whether it must be there, and its type."""

    name: str
    option: str
    help: str
    must: bool
    kind: type
    choices: tuple[str, ...] = field(default=())


def told_by(what: What) -> list[Told]:
    """List what a kind of step tells, as options; what it must tell comes first."""
    shape = SHAPES[what]
    return [
        Told(
            name=name,
            option=_WORDS[name][0],
            help=_WORDS[name][1],
            must=name in shape.must,
            kind=kind,
            choices=CHOICES.get((what, name), ()),
        )
        for name, kind in {**shape.must, **shape.may}.items()
        if name in shape.must or name not in _UNTYPED
    ]


def teller_of(what: What, *, by_person: bool) -> Teller:
    """Say who tells a step from the command line.

    Args:
        what: The step.
        by_person: Whether somebody of the shop, the warehouse or the road gave their name.
    """
    tellers = SHAPES[what].tellers
    if (
        by_person
        and Teller.SHOP in tellers
        and (tellers <= _BUYERS_WORD | {Teller.HOUBEI, Teller.PAYMENT, Teller.SUPPLIER})
    ):
        return Teller.SHOP
    order: tuple[Teller, ...] = (
        Teller.COURIER,
        Teller.WAREHOUSE,
        Teller.INSPECTOR,
        *((Teller.SHOP,) if by_person else ()),
        Teller.PAYMENT,
        Teller.SUPPLIER,
        Teller.BUYER,
        Teller.SHOP,
    )
    return next(teller for teller in order if teller in tellers)
