"""The ledger and the work in the store: what is posted for the covers that are looked at, and what is added to it."""

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection
from sqlalchemy.dialects import sqlite

from houbei.ledger.accounts import Account
from houbei.ledger.entries import State
from houbei.ledger.posting import Books, Stoppable
from houbei.money import POINTS
from houbei.store.digests import append_digest
from houbei.store.schema import ACTIONS, ENTRIES
from houbei.store.statements import ask, in_parts

Row = tuple[Any, ...]
Whole = NDArray[np.int64]

STOPPABLE = (State.DUE, State.REFUSED, State.RETURNED)
"""Settlements that nobody pays, or will ever have paid, as they stand."""
_ADD_ENTRY = str(ENTRIES.insert().compile(dialect=sqlite.dialect()))
_ADD_ACTION = str(
    ACTIONS.insert().compile(
        dialect=sqlite.dialect(),
        column_keys=["cover", "sequence", "kind", "state", "amount_minor", "currency", "payment", "due_us", "attempts", "reason"],
    )
)  # fmt: skip


def read_books(
    connection: Connection, covers: Whole, *, cost: Account = Account.PRICE_GUARANTEE, points: bool | None = None
) -> Books:
    """Read what is posted for the covers that are looked at.

    Args:
        connection: Where `touched` is.
        covers: Numbers of covers, any order.
        cost: The account that says what they are owed.
        points: Whether points are asked for, or money; None where their promise knows no points.

    Cost: a pass over their entries.
    """
    counts = "" if points is None else f" WHEN e.currency {'<>' if points else '='} '{POINTS}' THEN 0"
    rows = ask(
        connection,
        "SELECT e.cover, MAX(e.sequence),"
        f" SUM(CASE{counts} WHEN e.debit = :cost THEN e.amount_minor WHEN e.credit = :cost THEN -e.amount_minor ELSE 0 END),"
        f" SUM(CASE{counts} WHEN e.debit = :given THEN e.amount_minor WHEN e.credit = :given THEN -e.amount_minor ELSE 0 END)"
        " FROM touched t CROSS JOIN entries e WHERE e.cover = t.cover GROUP BY e.cover",
        cost=cost,
        given=Account.GIVEN,
    ).all()
    books = Books(owed_minor=np.zeros_like(covers), given_minor=np.zeros_like(covers), last=np.zeros_like(covers))
    place, here = _places(covers, [row[0] for row in rows])
    for column, k in ((books.last, 1), (books.owed_minor, 2), (books.given_minor, 3)):
        column[place] = np.array([row[k] for row in rows], dtype=np.int64)[here]
    return books


def read_stoppable(
    connection: Connection, covers: Whole, *, points: bool | None = None
) -> tuple[Stoppable, list[tuple[str, str]]]:
    """Read the settlements of the covers that are looked at that can still be stopped; arguments as for `read_books`.

    Returns:
        The settlements, all of their cover's first share; and of each its kind and payment, which tell the share.
    """
    counts = "" if points is None else f" AND a.currency {'=' if points else '<>'} '{POINTS}'"
    rows = ask(
        connection,
        "SELECT a.cover, a.sequence, a.amount_minor, a.kind, a.payment FROM touched t CROSS JOIN actions a"
        f" WHERE a.cover = t.cover AND a.state IN ({', '.join(repr(state.value) for state in STOPPABLE)}){counts}",
    ).all()
    place, here = _places(covers, [row[0] for row in rows])
    sequence, amount = (np.array([row[k] for row in rows], dtype=np.int64)[here] for k in (1, 2))
    ways = [(row[3], row[4]) for row, kept in zip(rows, here.tolist(), strict=True) if kept]
    funder = np.array([kind == "funder" for kind, _ in ways], dtype=np.int64)
    order = np.lexsort((sequence, place))
    stoppable = Stoppable(
        cover=place[order],
        sequence=sequence[order],
        amount_minor=amount[order],
        share=np.zeros_like(place),
        to_funder=funder[order],
    )
    return stoppable, [ways[k] for k in order.tolist()]


def read_standing(connection: Connection, cover: int) -> list[tuple[str, str, int]]:
    """Read what a cover is owed and was not stopped, points apart: kind, payment and minor units of each settlement."""
    rows = ask(
        connection,
        "SELECT kind, payment, amount_minor FROM actions WHERE cover = :cover AND state <> 'stopped' AND kind <> 'points'",
        cover=cover,
    )
    return [(row[0], row[1], row[2]) for row in rows]


def _places(covers: Whole, found: Sequence[int]) -> tuple[Whole, NDArray[np.bool_]]:
    """Where each found cover stands among `covers`, and which of the found ones do."""
    numbers = np.array(found, dtype=np.int64)
    if not len(covers):
        return numbers[:0], np.zeros(len(numbers), dtype=np.bool_)
    order = np.argsort(covers, kind="stable")
    place = np.minimum(np.searchsorted(covers[order], numbers), len(covers) - 1)
    here = covers[order][place] == numbers
    return order[place][here], np.asarray(here)


def append_entries(connection: Connection, rows: Sequence[Row], *, batch: int) -> None:
    """Add entries to the ledger.

    Args:
        connection: In a writing transaction.
        rows: Values in the order of the table's columns; the last of each is `batch`.
        batch: The number of this batch (`digests.next_batch`).

    Cost: 3 µs an entry.
    """
    if rows:
        rows = sorted(rows, key=itemgetter(0, 1))
        connection.exec_driver_sql(_ADD_ENTRY, rows)
        append_digest(connection, ENTRIES.name, rows, first=batch, last=batch)


def append_actions(connection: Connection, rows: Sequence[Row]) -> None:
    """Add work: (cover, sequence, kind, state, amount_minor, currency, payment, due_us, attempts, reason)."""
    if rows:
        connection.exec_driver_sql(_ADD_ACTION, list(rows))


def covers_of(connection: Connection, line: int) -> list[int]:
    """Give the covers of a line by its number."""
    return [row[0] for row in ask(connection, "SELECT cover FROM covers WHERE line = :line ORDER BY cover", line=line)]


def last_sequences(connection: Connection, covers: Sequence[int]) -> dict[int, int]:
    """Give the sequence of the last entry of each cover that has one. Cost: a look-up a cover, a statement for many."""
    found: dict[int, int] = {}
    for places, some in in_parts(covers):
        rows = connection.exec_driver_sql(
            f"SELECT cover, MAX(sequence) FROM entries WHERE cover IN ({places}) GROUP BY cover", some
        )
        found |= {row[0]: row[1] for row in rows}
    return found


def read_adjusted(connection: Connection, covers: Sequence[int]) -> int:
    """Add up what price protection gave for some covers, what stays with the buyer although later facts lowered it included.

    What a late arrival was paid is no part of the price, and is not among it.
    """
    total = 0
    for cover in covers:
        total += ask(
            connection,
            "SELECT COALESCE(SUM(CASE WHEN debit IN (:cost, :given) THEN amount_minor ELSE 0 END"
            " - CASE WHEN credit IN (:cost, :given) THEN amount_minor ELSE 0 END), 0) FROM entries"
            " WHERE cover = :cover AND :cost IN (debit, credit)",
            cost=Account.PRICE_GUARANTEE,
            given=Account.GIVEN,
            cover=cover,
        ).scalar_one()
    return total


def paid_for_other_models(connection: Connection, *, line: int, unit: int, before: str) -> int:
    """Add up what other models, brought in place of one unit, cost beyond its price, minor units; less than 0 where they gave some back.

    Args:
        connection: A state of the store.
        line: The line, by its number.
        unit: Which piece of it, from 1.
        before: The case that is open, '' for none: what is paid in it goes back in it.
    """
    return int(
        ask(
            connection,
            "SELECT COALESCE(SUM(CASE WHEN e.code = 'difference_paid' THEN e.amount_minor"
            " WHEN e.code <> 'owed' THEN 0 WHEN e.debit = :differences THEN -e.amount_minor"
            " WHEN e.debit = :cost AND s.what IN ('swapped', 'delivered') THEN -e.amount_minor ELSE 0 END), 0)"
            " FROM openings o JOIN covers c ON c.line = o.line JOIN steps s ON s.case_id = o.case_id"
            " JOIN entries e ON e.cover = c.cover AND e.fact = 'step:' || s.source || '/' || s.step_id"
            " WHERE o.line = :line AND o.unit = :unit AND o.case_id <> :before",
            before=before,
            differences=Account.DIFFERENCES_PAID,
            cost=Account.REPLACEMENT_GUARANTEE,
            line=line,
            unit=unit,
        ).scalar_one()
    )


def covers_of_line(connection: Connection, line_id: str) -> list[int]:
    """Give the covers of a line, whoever told of it."""
    rows = ask(
        connection,
        "SELECT c.cover FROM lines l JOIN covers c ON c.line = l.seq WHERE l.line_id = :line ORDER BY c.cover",
        line=line_id,
    )
    return [row[0] for row in rows]


def moved_of_covers(
    connection: Connection, covers: Sequence[int]
) -> dict[int, list[tuple[str, str, str, str, str, int]]]:
    """Give what was moved on many covers, settlements apart: (fact, code, debit, credit, currency, amount_minor) of each."""
    found: dict[int, list[tuple[str, str, str, str, str, int]]] = {}
    for places, some in in_parts(covers):
        rows = connection.exec_driver_sql(
            "SELECT cover, fact, code, debit, credit, currency, amount_minor FROM entries"
            f" WHERE cover IN ({places}) AND settles IS NULL ORDER BY cover, sequence",
            some,
        )
        for cover, *moved in rows:
            found.setdefault(cover, []).append(tuple(moved))
    return found


def entries_of_cover(connection: Connection, cover: int) -> Sequence[Any]:
    """Give every entry of a cover in order: the table's columns by name."""
    return ask(connection, "SELECT * FROM entries WHERE cover = :cover ORDER BY sequence", cover=cover).all()
