"""What a refund is, where price protection paid for the unit too: less by that when it becomes owed, and the end of the protection.

The buyer of a unit that goes back for its money gets what was paid for it, once: what price protection gave before is taken off, and a
price that falls afterwards owes nothing more.
"""

from collections.abc import Sequence

import numpy as np
from sqlalchemy import Connection

from houbei.case.moves import Move, Moved
from houbei.case.stages import Remedy, Stage
from houbei.facts.steps import Step, Teller, What
from houbei.owed.replacement import refund_minor, value_of_units
from houbei.store.books import covers_of, given_for_cheaper, read_adjusted
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


def refund_of(connection: Connection, standing: Standing, promise: Promise) -> int:
    """Say what would be refunded for the unit of a case now, minor units. Case D5.

    Cost: a few look-ups, and the entries of the line's covers.
    """
    line = ask(connection, "SELECT quantity, paid_minor FROM lines WHERE seq = :line", line=standing.line).one()
    adjusted = read_adjusted(connection, covers_of(connection, standing.line))
    value, of_unit = (
        value_of_units(
            np.zeros(1, dtype=np.int64),
            np.array([standing.unit], dtype=np.int64),
            paid_minor=np.array([whole], dtype=np.int64),
            quantity=np.array([line.quantity], dtype=np.int64),
        )
        for whole in (line.paid_minor, adjusted)
    )
    value = value - given_for_cheaper(connection, line=standing.line, unit=standing.unit)
    promises = promise.terms.replacement
    net = promises is not None and promises.refund_net_of_price_protection
    return int(refund_minor(value, adjusted_minor=of_unit, net=net)[0])


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
    refund = refund_of(connection, standing, promises[standing.terms])
    if refund == case.refund_minor:
        return None
    return Step(
        source=OURS,
        step_id=f"netted:{standing.case_id}:{case.steps}",
        case=standing.case_id,
        what=What.NETTED,
        teller=Teller.HOUBEI,
        at_us=now_us,
        known_us=now_us,
        told={"refund_minor": refund},
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
