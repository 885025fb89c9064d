"""What cases owed and the outbox has paid, told back to the cases: the loop that closes a refund."""

from collections.abc import Sequence

from sqlalchemy import Connection, Engine

from houbei.case.moves import Move
from houbei.facts.steps import Step, Teller, What
from houbei.ledger.entries import State
from houbei.ledger.swaps import ACCOUNTS_OF
from houbei.runs.cases import lead_on
from houbei.store.cases import Standing, refunds_due
from houbei.store.database import reading, writing
from houbei.store.marks import live_through
from houbei.store.settlements import Settlement, settlements_of_case
from houbei.store.steps import OURS

CASES_MAX = 1_000
"""How many cases are looked at in one transaction."""
_PAID = frozenset({State.CONFIRMED, State.RECONCILED, State.CREDITED})
_DEBITS = frozenset(ACCOUNTS_OF[move][0].value for move in (Move.REFUND_OWED, Move.CAPTURE_OWED))
"""What a refund that a case waits for is booked from; a deposit that goes back is waited for by nobody."""


def tell_refunds(database: Engine, *, now_us: int) -> int:
    """Tell cases of the refunds that are paid.

    Args:
        database: The store.
        now_us: What time it is.

    Returns:
        How many cases were told.

    Raises:
        StoreError: the store cannot be written.

    Cost: a few look-ups for each case that waits for a refund.
    """
    told, after = 0, ""
    while True:
        with reading(database) as connection:
            waiting = refunds_due(connection, after=after, most=CASES_MAX)
            any_paid = any(_reference(connection, one) is not None for one in waiting)
        if not waiting:
            return told
        if any_paid:
            with writing(database) as connection:
                at_us = live_through(connection, now_us)
                # They are read again where nobody else writes: another process may have told them meanwhile.
                still = refunds_due(connection, after=after, most=CASES_MAX)
                paid = [(one, found) for one in still if (found := _reference(connection, one)) is not None]
                lead_on(connection, [(one, _step(one, found, at_us)) for one, found in paid], now_us=at_us)
            told += len(paid)
        after = waiting[-1].case_id


def _reference(connection: Connection, one: Standing) -> str | None:
    """What the refunds of a case were paid under, by the key of the last of them; None while one of them is not paid.

    A case whose refund is nothing, because price protection paid it all back before, is refunded by that.
    """
    owed = _owed(settlements_of_case(connection, cover=one.cover, case_id=one.case_id)) if one.cover else []
    if any(settlement.state not in _PAID for settlement in owed):
        return None
    return owed[-1].key if owed else "nothing owed"


def _owed(found: Sequence[tuple[str, Settlement]]) -> list[Settlement]:
    return [settlement for debit, settlement in found if debit in _DEBITS and settlement.kind != "funder"]


def _step(one: Standing, reference: str, now_us: int) -> Step:
    return Step(
        source=OURS,
        step_id=f"refunded:{one.case_id}:{one.case.steps}",
        case=one.case_id,
        what=What.REFUNDED,
        teller=Teller.HOUBEI,
        at_us=now_us,
        known_us=now_us,
        told={"reference": reference},
    )
