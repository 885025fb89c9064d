"""What the steps of cases move, into the books: entries on the cover of each case, and the settlements of what is owed to buyers.

A cover's entries stand behind one another whichever case or price decision they come from. What is owed to a buyer goes back where it
came from: a deposit to its own payment, the price of the unit to whoever paid for the line.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from houbei.actions.plan import Kind, Way, plain_way, ways_of
from houbei.case.moves import OWED_TO_BUYERS, Move, Moved
from houbei.facts.steps import Step
from houbei.ledger.accounts import Account
from houbei.ledger.entries import State
from houbei.ledger.shares import shares_of
from houbei.ledger.swaps import ACCOUNTS_OF, code_of
from houbei.runs.shares import Ways
from houbei.store.books import append_actions, append_entries, covers_of, last_sequences
from houbei.store.cases import Standing
from houbei.store.digests import next_batch
from houbei.store.inbox import cover_for
from houbei.store.line_rows import decoded
from houbei.store.promises import Promise
from houbei.store.settlements import captured_of, promised_to_payment
from houbei.store.statements import ask
from houbei.terms.replacement import Replacement

Row = tuple[Any, ...]

_OF_OTHER_MODEL = frozenset({Move.DIFFERENCE_PAID, Move.DIFFERENCE_OWED, Move.CHEAPER_OWED})
_OF_INSPECTION = frozenset({Move.KEPT_FOR_REVERSAL, Move.CAPTURED_FOR_REVERSAL, Move.CAPTURE_OWED, Move.OLD_GIVEN_BACK})
_BOOKED = {move: (code_of(move), debit.value, credit.value) for move, (debit, credit) in ACCOUNTS_OF.items()}
"""The code, debit and credit of each move's entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """What one step moved in one case, under the promise that leads it."""

    standing: Standing
    promise: Promise
    step: Step
    moved: tuple[Moved, ...]


def post_moves(connection: Connection, movements: Sequence[Movement], *, now_us: int) -> dict[str, int]:
    """Post what steps moved.

    Args:
        connection: In the transaction that took the steps in.
        movements: In the order in which the steps were learnt.
        now_us: What time it is.

    Returns:
        The cover of each case that moved something.

    Cost: a few statements for all of them; some look-ups more for each refund of what was paid for a line.
    """
    covers = {one.standing.case_id: _cover(connection, one) for one in movements}
    last = last_sequences(connection, sorted(set(covers.values())))
    entries, actions = list[Row](), list[Row]()
    batch = next_batch(connection)
    for one in movements:
        cover = covers[one.standing.case_id]
        for moved in one.moved:
            for way, amount_minor in _parts(connection, one, moved):
                last[cover] = last.get(cover, 0) + 1
                entries.append(_entry(one, moved.move, way, amount_minor, (cover, last[cover], now_us, batch)))
                if way is not None:
                    actions.append(_action(one, way, amount_minor, (cover, last[cover], now_us)))
    append_entries(connection, entries, batch=batch)
    append_actions(connection, actions)
    return covers


def _cover(connection: Connection, one: Movement) -> int:
    standing = one.standing
    return standing.cover or cover_for(connection, line=standing.line, terms=one.promise.seq)


def _entry(one: Movement, move: Move, way: Way | None, amount_minor: int, place: tuple[int, int, int, int]) -> Row:
    cover, sequence, now_us, batch = place
    code, debit, credit = _BOOKED[move]
    if way is not None:
        credit = way.account
    promises = one.promise.terms.replacement
    clause = "" if promises is None else clause_of(move, promises)
    money = (amount_minor, one.standing.currency)
    why = (clause, one.step.fact, one.step.at_us)
    return (cover, sequence, code, debit, credit, *money, *why, None, now_us, batch)


def _action(one: Movement, way: Way, amount_minor: int, place: tuple[int, int, int]) -> Row:
    cover, sequence, now_us = place
    due_us = None if way.kind == Kind.FUNDER else now_us
    money = (amount_minor, one.standing.currency, way.payment)
    return (cover, sequence, way.kind, State.DUE.value, *money, due_us, 0, None)


def _parts(connection: Connection, one: Movement, moved: Moved) -> Iterator[tuple[Way | None, int]]:
    """The ways in which a move is settled, and how much goes each; None for what nobody is paid."""
    if moved.move not in OWED_TO_BUYERS:
        yield None, moved.amount_minor
        return
    if not moved.payment:
        yield from _by_tenders(connection, one, moved.amount_minor)
    else:
        account = Account.PAYABLE_TO_BUYERS.value
        yield Way(account=account, kind=Kind.REFUND.value, payment=moved.payment), moved.amount_minor


def _by_tenders(connection: Connection, one: Movement, amount_minor: int) -> Iterator[tuple[Way, int]]:
    """Split what goes back to whoever paid for the line; each part with the payment it goes to."""
    terms = one.promise.terms
    line = ask(
        connection,
        "SELECT order_id, paid_minor, currency, more FROM lines WHERE seq = :line",
        line=one.standing.line,
    ).one()
    shares = shares_of(
        decoded(line.more), terms=terms, paid_minor=line.paid_minor, currency=line.currency, order_id=line.order_id
    )
    if shares is None:
        yield from _by_payment(connection, replace(plain_way(terms), payment=line.order_id), amount_minor)
        return
    ways = Ways(ways_of(shares, terms=terms), line.order_id)
    standing = ways.standing(connection, covers_of(connection, one.standing.line))
    for way, part in zip(ways.ways, shares.split(amount_minor, standing=standing), strict=True):
        if part:
            yield replace(way, payment=way.payment or line.order_id), part


def _by_payment(connection: Connection, way: Way, amount_minor: int) -> Iterator[tuple[Way, int]]:
    """What goes back to the order's own payment, and what becomes store credit.

    Where the payment was given something for lateness, or the unit is worth what was paid for a dearer model later, the payment may not
    hold all of it: no provider gives back more than was paid. What is beyond that becomes store credit; nothing is deducted.
    """
    order_id, within = str(way.payment), amount_minor
    captured_minor = captured_of(connection, order_id)
    if way.kind == Kind.REFUND and (
        amount_minor > captured_minor or promised_to_payment(connection, order_id, late=True)
    ):
        left = captured_minor - promised_to_payment(connection, order_id, late=False)
        within = max(0, min(amount_minor, left))
    if within:
        yield way, within
    if within < amount_minor:
        yield replace(way, kind=Kind.CREDIT.value), amount_minor - within


def clause_of(move: Move, promises: Replacement) -> str:
    """Give the clause that a movement of money cites: the one it follows from, else that of the remedy."""
    if move in _OF_OTHER_MODEL:
        return promises.other_model_clause
    if move in _OF_INSPECTION:
        return promises.inspection_clause
    return promises.remedy_clause
