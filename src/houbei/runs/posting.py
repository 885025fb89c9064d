"""What was decided into the store: entries for what is not yet posted, actions for what is newly owed, and when to look again."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from houbei.actions.plan import Kind, plain_way, waits_for_dispatch, ways_of
from houbei.columns import MISSING
from houbei.facts.arrow import whole_array
from houbei.facts.grouping import sums
from houbei.ledger.accounts import Account
from houbei.ledger.entries import Code, State
from houbei.ledger.invariants import check_postings
from houbei.ledger.posting import POSTED, Postings, post_owed
from houbei.runs.decisions import Decided
from houbei.runs.shares import Ways, shares_by_place, stand_at, tell_shares
from houbei.store.books import append_actions, append_entries, read_books, read_stoppable
from houbei.store.digests import next_batch
from houbei.store.inbox import look_later
from houbei.store.work import WAITS_FOR_DISPATCH, close_covers, keep_held, release_actions, stop_actions

_DUE = State.DUE.value
_CODES = [code.value for code in POSTED]
_OWED, _STOPPED = POSTED.index(Code.OWED), POSTED.index(Code.STOPPED)
_SIDES = {
    (POSTED.index(code), to_funder): (debit.value, credit.value)
    for code, to_funder, debit, credit in (
        (Code.OWED, 0, Account.PRICE_GUARANTEE, Account.PAYABLE_TO_BUYERS),
        (Code.TAKEN_UP, 0, Account.PRICE_GUARANTEE, Account.GIVEN),
        (Code.GIVEN, 0, Account.GIVEN, Account.PRICE_GUARANTEE),
        (Code.STOPPED, 0, Account.PAYABLE_TO_BUYERS, Account.PRICE_GUARANTEE),
        (Code.STOPPED, 1, Account.PAYABLE_TO_FUNDERS, Account.PRICE_GUARANTEE),
    )
}
"""The debit and credit of each posting; what is owed stands on the account of its way."""
Row = tuple[Any, ...]
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]


def post_decided(connection: Connection, decided: Decided) -> int:
    """Post what the touched covers are owed beyond what is posted.

    Args:
        connection: In the transaction in which the facts were read.
        decided: What the covers are owed.

    Returns:
        How many entries were posted.

    Raises:
        InvariantError: the books would contradict themselves.
    """
    covers = np.array(decided.found.covers, dtype=np.int64)
    books, (stoppable, stoppable_ways) = read_books(connection, covers), read_stoppable(connection, covers)
    steps, paying = decided.decision.steps, decided.paying()
    line, amount = steps.line[paying], decided.amounts[paying]
    shares = shares_by_place(decided)
    terms, order_ids = decided.promise.terms, decided.found.order_ids
    ways = {place: Ways(ways_of(one, terms=terms), order_ids[place]) for place, one in shares.items()}
    stands = stand_at(connection, decided.found.covers, shares, ways)
    stoppable = tell_shares(stoppable, stoppable_ways, ways)
    postings = post_owed(line, amount, books=books, stoppable=stoppable, shares=stands)
    check_postings(postings, books=books, owed_minor=sums(line, amount, len(covers)))
    dispatched = _dispatched(decided)
    batch, facts = next_batch(connection), _deciding(decided, postings, paying)
    entries, actions, stopped = _rows(decided, postings, facts, ways, dispatched, batch)
    append_entries(connection, entries, batch=batch)
    append_actions(connection, actions)
    stop_actions(connection, stopped)
    if waits_for_dispatch(terms):
        gone = {decided.found.covers[place] for place in np.flatnonzero(dispatched).tolist()}
        release_actions(connection, gone, waits=WAITS_FOR_DISPATCH, now_us=decided.engine.as_of_us)
    _keep(connection, decided)
    return len(entries)


def _dispatched(decided: Decided) -> Flags:
    """Which lines have left the shop, or whose terms do not ask for it."""
    lines = decided.lines
    if not waits_for_dispatch(decided.promise.terms):
        return np.ones(len(lines), dtype=np.bool_)
    left = np.zeros(len(lines), dtype=np.bool_)
    for name in ("shipped", "delivered"):
        if name in lines.moments:
            left |= lines.moments[name] != MISSING
    if lines.deliveries is not None:
        left[lines.deliveries.line] = True
    return left


def _rows(
    decided: Decided,
    postings: Postings,
    facts: tuple[list[str], list[int]],
    ways: Mapping[int, Ways],
    dispatched: Flags,
    batch: int,
) -> tuple[list[Row], list[Row], list[Row]]:
    """The rows of entries and of new actions, and the settlements that are stopped."""
    found, terms, now = decided.found, decided.promise.terms, decided.engine.as_of_us
    currencies, codes = decided.lines.texts["currency"].values, decided.lines.texts["currency"].codes.tolist()
    covers, order_ids, left, clause = found.covers, found.order_ids, dispatched.tolist(), terms.remedy.clause
    plain = plain_way(terms)
    entries, actions, stopped = list[Row](), list[Row](), list[Row]()
    columns = (
        postings.cover,
        postings.sequence,
        postings.code,
        postings.amount_minor,
        postings.share,
        postings.settles,
    )
    for place, sequence, which, amount, share, settles, fact, at_us in zip(
        *(column.tolist() for column in columns), *facts, strict=True
    ):
        cover, currency, undone = covers[place], currencies[codes[place]], None
        debit, credit = _SIDES[which, share if which == _STOPPED else 0]
        if which == _OWED:
            way = ways[place].ways[share] if place in ways else plain
            credit = way.account
            due_us = now if left[place] and way.kind != Kind.FUNDER else None
            waits = None if left[place] else WAITS_FOR_DISPATCH
            payment = way.payment or order_ids[place]
            actions.append((cover, sequence, way.kind, _DUE, amount, currency, payment, due_us, 0, waits))
        elif which == _STOPPED:
            undone = settles
            stopped.append((cover, settles))
        entries.append(
            (cover, sequence, _CODES[which], debit, credit, amount, currency, clause, fact, at_us, undone, now, batch)
        )
    return entries, actions, stopped


def _deciding(decided: Decided, postings: Postings, paying: Whole) -> tuple[list[str], list[int]]:
    """For each posting the fact that decided it and its moment: a price where a step did, else the line's latest event."""
    steps, found = decided.decision.steps, decided.found
    known = np.flatnonzero(postings.step >= 0)
    step = paying[postings.step[known]]
    rows = decided.market.book.row[steps.price[step]]
    ids = decided.price_ids.take(whole_array(rows)).to_pylist()
    if len(known) == len(postings):
        return [f"price:{one}" for one in ids], steps.at[step].tolist()
    lines = decided.lines.line_ids(postings.cover).to_pylist()
    facts = [
        found.changed_by.get(place, f"line:{line}") for place, line in zip(postings.cover.tolist(), lines, strict=True)
    ]
    at = [decided.engine.as_of_us] * len(postings)
    for place, one, moment in zip(known.tolist(), ids, steps.at[step].tolist(), strict=True):
        facts[place], at[place] = f"price:{one}", moment
    return facts, at


def _keep(connection: Connection, decided: Decided) -> None:
    """Keep what need not be worked out each time: when covers close, what is held, when time alone will change something."""
    found, steps, book = decided.found, decided.decision.steps, decided.market.book
    closes = decided.closes()
    moved = np.flatnonzero((closes != np.array(found.closes_us, dtype=np.int64)) & (closes != MISSING))
    close_covers(connection, [(int(closes[place]), found.covers[place]) for place in moved.tolist()])
    held = np.flatnonzero(steps.held == 1)
    columns = zip(
        *(column[held].tolist() for column in (steps.line, steps.price, steps.at, steps.units, steps.amount)),
        strict=True,
    )
    keep_held(
        connection,
        [
            (found.covers[line], found.price_seqs[int(book.row[price])], at, units, amount)
            for line, price, at, units, amount in columns
        ],
    )
    moments, lines = decided.opens_later()
    opens = [(us, found.seqs[line]) for us, line in zip(moments.tolist(), lines.tolist(), strict=True)]
    look_later(connection, opens)
