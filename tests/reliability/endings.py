"""Every way in which a case with a hold ends, step by step: what is told, what a person asks to be taken, and time that passes.

A line is a kind of step and what it tells, `take` and an amount, or `wait` and days. Whoever carries them out lets the outbox run after each.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from houbei.case.stages import Stage
from houbei.facts.steps import Person, What
from tests.reliability.shop import DAY_US, START_US

Line = tuple[What | str, Any]
W = What
SECOND_PERSON = Person(name="second", role="clerk", named=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """Where a case comes to an end, what was taken of its hold by then, and how it came there from `securing`."""

    stage: Stage
    lines: tuple[Line, ...]
    taken_minor: int = 0


def goes_out(serial: str) -> tuple[Line, ...]:
    """A unit is set aside for a visit and leaves."""
    return (
        (W.SLOT_CHOSEN, {"from_us": START_US, "until_us": START_US + DAY_US}),
        (W.RESERVED, {"serial": serial, "unit_cost_minor": 6_000}),
        (W.DISPATCHED, {}),
    )


SENT = goes_out("n1")
SWAPPED: tuple[Line, ...] = (*SENT, (W.SWAPPED, {"old_serial": "o1", "new_serial": "n1", "service_minor": 300}))
INSIDE: tuple[Line, ...] = (*SWAPPED, (W.RECEIVED, {"serial": "o1"}))
DELIVERED: tuple[Line, ...] = (*SENT, (W.DELIVERED, {"new_serial": "n1"}))
MISUSE: Line = (W.INSPECTED, {"verdict": "misuse"})
REVERSED: tuple[Line, ...] = (*INSIDE, MISUSE, (W.REVERSED, {"reason": "it fell into water"}))
NO_STOCK: tuple[Line, ...] = (
    (W.SLOT_CHOSEN, {"from_us": START_US, "until_us": START_US + DAY_US}),
    (W.OUT_OF_STOCK, {}),
)
FETCHED: tuple[Line, ...] = (
    (W.SLOT_CHOSEN, {"from_us": START_US, "until_us": START_US + DAY_US}),
    (W.COLLECTED, {"old_serial": "o1"}),
    (W.RECEIVED, {"serial": "o1"}),
    (W.INSPECTED, {"verdict": "confirmed"}),
)
SAYS_YES: Line = (W.DECIDED, {"answer": "replace", "reason": "seen by another", "by": SECOND_PERSON})
SAYS_NO: Line = (W.DECIDED, {"answer": "no", "reason": "seen by another", "by": SECOND_PERSON})

ENDINGS: Mapping[str, Ending] = {
    "swapped at the door, the fault confirmed": Ending(
        stage=Stage.SETTLED, lines=(*INSIDE, (W.INSPECTED, {"verdict": "confirmed"}))
    ),
    "swapped at the door, nobody inspects in time": Ending(stage=Stage.SETTLED, lines=(*INSIDE, ("wait", 8))),
    "swapped, misuse found, and a person says it changes nothing": Ending(
        stage=Stage.SETTLED, lines=(*INSIDE, MISUSE, (W.DECIDED, {"answer": "replace", "reason": "goodwill"}))
    ),
    "the old unit is lost on its way, and the carrier pays": Ending(
        stage=Stage.SETTLED,
        lines=(*SWAPPED, (W.LOST, {"which": "old"}), (W.RECOVERED, {"amount_minor": 10_000})),
    ),
    "the old unit is never handed over, its whole price is taken": Ending(
        stage=Stage.SETTLED, lines=(*DELIVERED, ("wait", 15), ("take", 10_000)), taken_minor=10_000
    ),
    "the old unit is never handed over, a part is taken": Ending(
        stage=Stage.SETTLED, lines=(*DELIVERED, ("take", 4_321)), taken_minor=4_321
    ),
    "the old unit is let go": Ending(
        stage=Stage.SETTLED, lines=(*DELIVERED, (W.WRITTEN_OFF, {"reason": "not worth a courier"}))
    ),
    "nobody was there for weeks, then it is swapped": Ending(
        stage=Stage.SETTLED,
        lines=(
            *SENT,
            (W.ABSENT, {}),
            ("wait", 20),
            (W.SLOT_CHOSEN, {"from_us": START_US, "until_us": START_US + 30 * DAY_US}),
            (W.SWAPPED, {"old_serial": "o1", "new_serial": "n1"}),
            (W.RECEIVED, {"serial": "o1"}),
            (W.INSPECTED, {"verdict": "confirmed"}),
        ),
    ),
    "the first new unit is lost and arrives after a second one left": Ending(
        stage=Stage.SETTLED,
        lines=(
            *SENT,
            (W.LOST, {"which": "new"}),
            *goes_out("n2"),
            (W.SWAPPED, {"old_serial": "o1", "new_serial": "n1"}),
            (W.CAME_BACK, {"serial": "n2"}),
            (W.RECEIVED, {"serial": "o1"}),
            (W.INSPECTED, {"verdict": "confirmed"}),
        ),
    ),
    "another model, for which the buyer paid the difference": Ending(
        stage=Stage.SETTLED,
        lines=(
            *NO_STOCK,
            (W.CHOSE, {"choice": "other_model", "sku": "X", "price_minor": 12_000}),
            (W.PAID_UP, {"amount_minor": 2_000, "reference": "pay-1"}),
            *INSIDE,
            (W.INSPECTED, {"verdict": "confirmed"}),
        ),
    ),
    "no unit for weeks, and the money instead": Ending(
        stage=Stage.REFUNDED,
        lines=(*NO_STOCK, ("wait", 8), (W.CHOSE, {"choice": "refund"}), *FETCHED, (W.REFUNDED, {"reference": "re-1"})),
    ),
    "the buyer withdraws before anything left": Ending(stage=Stage.WITHDRAWN, lines=((W.WITHDREW, {}),)),
    "the buyer withdraws while it is on the way": Ending(
        stage=Stage.WITHDRAWN, lines=(*SENT, (W.WITHDREW, {}), (W.CAME_BACK, {"serial": "n1"}))
    ),
    "the buyer withdraws, and the unit is lost on its way back": Ending(
        stage=Stage.WITHDRAWN,
        lines=(*SENT, (W.WITHDREW, {}), (W.LOST, {"which": "new"}), (W.SUPPLIER_REFUSED, {"reason": "not insured"})),
    ),
    "reversed, and the price of the new unit is taken": Ending(
        stage=Stage.UNDONE, lines=(*REVERSED, ("take", 9_000)), taken_minor=9_000
    ),
    "reversed, and the new unit comes back": Ending(
        stage=Stage.UNDONE, lines=(*REVERSED, (W.CAME_BACK, {"serial": "n1"}), (W.SENT_BACK, {}))
    ),
    "reversed, and the new unit is let go": Ending(
        stage=Stage.UNDONE, lines=(*REVERSED, (W.WRITTEN_OFF, {"reason": "not worth it"}))
    ),
    "reversed and taken, then a review finds for the buyer": Ending(
        stage=Stage.REFUNDED,
        lines=(
            *REVERSED,
            ("take", 9_000),
            (W.APPEALED, {"reason": "it never was in water"}),
            SAYS_YES,
            (W.REFUNDED, {"reference": "re-2"}),
        ),
        taken_minor=9_000,
    ),
    "reversed and taken, and a review finds the same": Ending(
        stage=Stage.UNDONE,
        lines=(*REVERSED, ("take", 9_000), (W.APPEALED, {"reason": "it never was in water"}), SAYS_NO),
        taken_minor=9_000,
    ),
    "reversed, and a review finds for the buyer before anything is taken": Ending(
        stage=Stage.SETTLED, lines=(*REVERSED, (W.APPEALED, {"reason": "it never was in water"}), SAYS_YES)
    ),
    "reversed, reviewed for weeks, and then taken": Ending(
        stage=Stage.UNDONE,
        lines=(*REVERSED, (W.APPEALED, {"reason": "no"}), ("wait", 16), SAYS_NO, ("take", 1)),
        taken_minor=1,
    ),
}
