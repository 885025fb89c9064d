"""What late deliveries are owed into the books: money by the way that the terms name, then points, each against what is posted.

A delivery is booked on the cover of its first line. Several deliveries of one order may share that cover; then what they are owed is added
up, step by step in the order of time. Money goes back to whoever paid for that line; a funder of the price was not kept waiting, and gets none of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from houbei.actions.plan import Kind, Way, plain_way, ways_of
from houbei.columns import MISSING
from houbei.facts.grouping import sums
from houbei.ledger.accounts import Account
from houbei.ledger.entries import Code, State
from houbei.ledger.invariants import check_postings
from houbei.ledger.posting import POSTED, Postings, post_owed
from houbei.ledger.shares import Shares, shares_of
from houbei.money import POINTS
from houbei.owed.lateness import FORMS
from houbei.runs.delivery_decisions import DecidedDeliveries
from houbei.runs.shares import Ways, tell_shares
from houbei.store.books import (
    append_actions,
    append_entries,
    covers_of,
    read_books,
    read_stoppable,
)
from houbei.store.deliveries import Delivery
from houbei.store.digests import next_batch
from houbei.store.touched import begin_touching, touch_covers
from houbei.store.work import WAITS_FOR_SCANS, release_actions, stop_actions
from houbei.terms.delivery import Form

Row = tuple[Any, ...]
Stands = tuple[Shares, Sequence[int]]
Whole = NDArray[np.int64]
COST = Account.DELIVERY_GUARANTEE
_OWED, _STOPPED = POSTED.index(Code.OWED), POSTED.index(Code.STOPPED)
_SIDES = {
    POSTED.index(code): (debit.value, credit.value)
    for code, debit, credit in (
        (Code.OWED, COST, Account.PAYABLE_TO_BUYERS),
        (Code.TAKEN_UP, COST, Account.GIVEN),
        (Code.GIVEN, Account.GIVEN, COST),
        (Code.STOPPED, Account.PAYABLE_TO_BUYERS, COST),
    )
}
"""The debit and credit of each posting."""
_POINTS = Way(account=Account.PAYABLE_TO_BUYERS.value, kind=Kind.POINTS.value, payment=None)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Steps:
    """What covers are owed in one form, ordered by cover and moment: the place of the cover, of the step, and the amount."""

    cover: Whole
    step: Whole
    amount: Whole


def post_late(connection: Connection, decided: DecidedDeliveries) -> int:
    """Post what deliveries are owed beyond what is posted.

    Args:
        connection: In the transaction in which the facts were read.
        decided: What they are owed; every delivery of a cover is among them.

    Returns:
        How many entries were posted.

    Raises:
        InvariantError: the books would contradict themselves.
    """
    covers = sorted({one.cover for one in decided.kept})
    begin_touching(connection)
    touch_covers(connection, covers)
    posted = sum(_post(connection, decided, covers, form) for form in (Form.MONEY, Form.POINTS))
    there = set(covers) - {one.cover for row, one in enumerate(decided.kept) if not _is_there(decided, row)}
    release_actions(connection, there, waits=WAITS_FOR_SCANS, now_us=decided.as_of_us)
    return posted


def _post(connection: Connection, decided: DecidedDeliveries, covers: list[int], form: Form) -> int:
    numbers, points = np.array(covers, dtype=np.int64), form is Form.POINTS
    steps = _steps(decided, covers, form)
    books = read_books(connection, numbers, cost=COST, points=points)
    stoppable, told = read_stoppable(connection, numbers, points=points)
    first = {one.cover: one for one in reversed(decided.kept)}
    places = [] if points else sorted(set(steps.cover.tolist()))
    paid = {place: _paid(connection, decided, first[covers[place]]) for place in places}
    ways = {place: one for place, (one, _) in paid.items()}
    shares = {place: stands for place, (_, stands) in paid.items() if stands is not None}
    stoppable = tell_shares(stoppable, told, {place: ways[place] for place in shares})
    postings = post_owed(steps.cover, steps.amount, books=books, stoppable=stoppable, shares=shares)
    check_postings(postings, books=books, owed_minor=sums(steps.cover, steps.amount, len(covers)))
    if not len(postings):
        return 0
    batch = next_batch(connection)
    entries, actions, stopped = _rows(decided, covers, steps, postings, ways=ways, points=points, batch=batch)
    append_entries(connection, entries, batch=batch)
    append_actions(connection, actions)
    stop_actions(connection, stopped)
    return len(entries)


def _steps(decided: DecidedDeliveries, covers: list[int], form: Form) -> _Steps:
    """The steps of one form that are paid, cover by cover; those of several deliveries in the order of time."""
    late, row = decided.judged.late, decided.row_of_step
    mine = np.flatnonzero((row >= 0) & (late.step_form == FORMS.index(form)) & (late.step_held == 0))
    place_of = {cover: place for place, cover in enumerate(covers)}
    of_row = np.array([place_of[one.cover] for one in decided.kept], dtype=np.int64)
    cover = of_row[row[mine]]
    order = np.lexsort((mine, row[mine], late.step_at_us[mine], cover))
    return _Steps(cover=cover[order], step=mine[order], amount=late.step_amount[mine[order]])


def _paid(connection: Connection, decided: DecidedDeliveries, delivery: Delivery) -> tuple[Ways, Stands | None]:
    """How the line of a delivery was paid for, and so how money goes back: its ways, and where it has shares what each is owed already."""
    terms, line = decided.promise.terms, decided.firsts[delivery.line]
    order_id = line.order_id
    shares = shares_of(line.more, terms=terms, paid_minor=line.paid_minor, currency=line.currency, order_id=order_id)
    if shares is None:
        return Ways([plain_way(terms)], order_id), None
    shares = replace(shares, shares=tuple(share for share in shares.shares if not share.is_funder))
    ways = Ways(ways_of(shares, terms=terms), order_id)
    return ways, (shares, ways.standing(connection, covers_of(connection, delivery.line)))


def _rows(  # noqa: PLR0913  what was decided, what follows from it, and where it goes
    decided: DecidedDeliveries,
    covers: list[int],
    steps: _Steps,
    postings: Postings,
    *,
    ways: dict[int, Ways],
    points: bool,
    batch: int,
) -> tuple[list[Row], list[Row], list[Row]]:
    """The rows of entries and of new actions, and the settlements that are stopped."""
    now = decided.as_of_us
    first = {one.cover: one for one in reversed(decided.kept)}
    entries, actions, stopped = list[Row](), list[Row](), list[Row]()
    columns = (postings.cover, postings.sequence, postings.code, postings.amount_minor, postings.step)
    for place, sequence, which, amount, step, share, settles in zip(
        *(column.tolist() for column in (*columns, postings.share, postings.settles)), strict=True
    ):
        cover, undone = covers[place], None
        line = decided.firsts[first[cover].line]
        currency = POINTS if points else line.currency
        clause, fact, at_us = _because(decided, cover, int(steps.step[step]) if step >= 0 else -1)
        debit, credit = _SIDES[which]
        if which == _OWED:
            way = _POINTS if points else ways[place].ways[share]
            credit, payment = way.account, way.payment or line.order_id
            due_us = _due(decided, int(steps.step[step]))
            waits = WAITS_FOR_SCANS if due_us > now else None
            actions.append((cover, sequence, way.kind, State.DUE.value, amount, currency, payment, due_us, 0, waits))
        elif which == _STOPPED:
            undone = settles
            stopped.append((cover, settles))
        code = POSTED[which].value
        entries.append(
            (cover, sequence, code, debit, credit, amount, currency, clause, fact, at_us, undone, now, batch)
        )
    return entries, actions, stopped


def _due(decided: DecidedDeliveries, step: int) -> int:
    """When a step is paid: now, or once scans that are on their way would have come. Clause: `remedy.wait_for_scans`."""
    row, arrival = int(decided.row_of_step[step]), decided.promise.terms.arrival
    if arrival is None or _is_there(decided, row):
        return decided.as_of_us
    return max(decided.as_of_us, int(decided.judged.late.step_at_us[step]) + arrival.wait_for_scans_us)


def _is_there(decided: DecidedDeliveries, row: int) -> bool:
    """Whether somebody has told that a delivery arrived."""
    place = int(decided.places[row])
    return place >= 0 and int(decided.judged.late.arrived_us[place]) != MISSING


def _because(decided: DecidedDeliveries, cover: int, step: int) -> tuple[str, str, int]:
    """The clause, the fact and the moment that an entry cites: the promise that was broken, or what lowered what is owed."""
    judged = decided.judged
    if step >= 0:
        row = int(decided.row_of_step[step])
        return judged.step_clauses[step], _promise_of(decided, row), int(judged.late.step_at_us[step])
    rows = [row for row, one in enumerate(decided.kept) if one.cover == cover]
    causes = [cause for row in rows if (cause := _lowered_by(decided, row)) is not None]
    clause, fact = (
        causes[0] if causes else (judged.clauses[int(decided.places[rows[0]])], _promise_of(decided, rows[0]))
    )
    return clause, fact, decided.as_of_us


def _promise_of(decided: DecidedDeliveries, row: int) -> str:
    """Name the promise that counts; where the document makes it, the line that it is made to."""
    place, given = int(decided.places[row]), decided.told.given
    promise = int(decided.judged.promise[place]) if place >= 0 else -1
    if promise >= 0:
        return f"promise:{given['source'][promise]}/{given['promise_id'][promise]}"
    return f"line:{decided.firsts[decided.kept[row].line].line_id}"


def _lowered_by(decided: DecidedDeliveries, row: int) -> tuple[str, str] | None:
    """The clause and the fact by which a delivery may owe less than before: what excuses it, when it arrived, what happened to its line."""
    place, told = int(decided.places[row]), decided.told
    if place < 0:
        return None
    clause = decided.judged.clauses[place]
    if (closure := int(decided.judged.closure[place])) >= 0:
        return clause, f"closure:{told.closed['source'][closure]}/{told.closed['closure_id'][closure]}"
    if (scan := int(decided.judged.scan[place])) >= 0:
        return clause, f"scan:{told.scanned['source'][scan]}/{told.scanned['scan_id'][scan]}"
    changed_by = decided.firsts[decided.kept[row].line].changed_by
    return None if changed_by is None else (clause, changed_by)
