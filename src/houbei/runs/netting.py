"""What a refund is, where price protection paid for the unit too: less by that when it becomes owed, and the end of the protection.

The buyer of a unit that goes back for its money gets what was paid for it, once: what price protection gave before is taken off, and a
price that falls afterwards owes nothing more.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection

from houbei.case.moves import Move, Moved
from houbei.case.stages import Remedy, Stage
from houbei.facts.steps import Step, Teller, What
from houbei.owed.replacement import refund_minor, value_of_units
from houbei.store.books import covers_of, paid_for_other_models, read_adjusted
from houbei.store.cases import Standing
from houbei.store.intake import append_facts
from houbei.store.promises import Promise
from houbei.store.statements import ask
from houbei.store.steps import OURS

_MAY_OWE = frozenset({What.CHOSE, What.INSPECTED, What.DECIDED, What.LOST, What.TIMED_OUT})
"""Steps that may make a refund owed."""
_NEAR = frozenset(
    {
        Stage.TO_INSPECT,
        Stage.TO_REVERSE,
        Stage.OLD_ON_THE_WAY,
        Stage.NO_STOCK,
        Stage.CHOOSING,
        Stage.PAYING_UP,
        Stage.TO_REVIEW,
    }
)
"""Stages at which one of these steps can."""
RETURNED = "returned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What a unit is worth, minor units: what was paid for it, and what would be refunded for it now."""

    value_minor: int
    refund_minor: int


def worth_of(connection: Connection, *, line: int, unit: int, promise: Promise, case_id: str = "") -> Worth:
    """Say what a unit is worth under a promise. Case D5.

    Args:
        connection: A state of the store.
        line: The line, by its number.
        unit: Which piece of it, from 1; 0 where it cannot be told.
        promise: Whether a refund is net of what price protection paid.
        case_id: The case that is open, '' before there is one.

    Cost: a few look-ups, and the entries of the line's covers.
    """
    sold = ask(connection, "SELECT quantity, paid_minor FROM lines WHERE seq = :line", line=line).one()
    adjusted = read_adjusted(connection, covers_of(connection, line))
    paid, of_unit = (
        value_of_units(
            np.zeros(1, dtype=np.int64),
            np.array([unit], dtype=np.int64),
            paid_minor=np.array([whole], dtype=np.int64),
            quantity=np.array([sold.quantity], dtype=np.int64),
        )
        for whole in (sold.paid_minor, adjusted)
    )
    value = paid + paid_for_other_models(connection, line=line, unit=unit, before=case_id)
    promises = promise.terms.replacement
    net = promises is not None and promises.refund_net_of_price_protection
    refund = refund_minor(value, adjusted_minor=of_unit, net=net)
    return Worth(value_minor=int(value[0]), refund_minor=int(refund[0]))


def net_before(
    connection: Connection, standing: Standing, step: Step, promises: dict[int, Promise], *, now_us: int
) -> Step | None:
    """Give the step that takes off what price protection paid since the case was judged; None where nothing changed.

    Args:
        connection: In a writing transaction.
        standing: The case before a step.
        step: The step that may make a refund owed.
        promises: Every published promise by its number.
        now_us: When it is learnt.
    """
    case = standing.case
    if case.stage not in _NEAR or step.what not in _MAY_OWE or standing.terms is None:
        return None
    if not (case.remedy is Remedy.REFUND or case.withdrew or Remedy.REFUND.value in step.told.values()):
        return None
    promise = promises[standing.terms]
    worth = worth_of(connection, line=standing.line, unit=standing.unit, promise=promise, case_id=standing.case_id)
    if worth.refund_minor == case.refund_minor:
        return None
    return Step(
        source=OURS,
        step_id=f"netted:{standing.case_id}:{case.steps}",
        case=standing.case_id,
        what=What.NETTED,
        teller=Teller.HOUBEI,
        at_us=now_us,
        known_us=now_us,
        told={"refund_minor": worth.refund_minor},
    )


def end_protection(
    connection: Connection, moving: Sequence[tuple[Standing, Step, tuple[Moved, ...]]], *, now_us: int
) -> None:
    """Tell the lines whose units went back for their money that they did: no price after that matters to them.

    Args:
        connection: In a writing transaction.
        moving: What steps moved in their cases.
        now_us: When it is: what price protection posted until now was taken off, and stays.
    """
    rows = []
    for standing, step, moved in moving:
        if any(one.move in {Move.REFUND_OWED, Move.REFUND_NETTED} for one in moved):
            line = ask(connection, "SELECT source, line_id FROM lines WHERE seq = :line", line=standing.line).one()
            told = f"refund:{standing.case_id}:{step.step_id}"
            rows.append((OURS, told, line.source, line.line_id, RETURNED, now_us, 1, None, now_us))
    append_facts(connection, "events", rows)
