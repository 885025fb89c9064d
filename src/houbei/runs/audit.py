"""The audit: everything that is owed is worked out again from the facts, and the ledger agrees to the cent or says exactly where not.

Six questions, each of which finds what the others cannot: are the rows those that were added (digests); do the entries hold together
(sides, amounts, sequences, states); is the cost of each cover what the facts say is owed; do the settlements' accounts hold what is
still to be settled; does each case stand, and has it moved, what its steps say; does each delivery stand, and is it booked, as its facts say.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection, Engine

from houbei.facts.grouping import sums
from houbei.runs.case_audit import compare_cases
from houbei.runs.decisions import decide_touched
from houbei.runs.delivery_audit import compare_deliveries
from houbei.store.books import read_books
from houbei.store.cases import any_due
from houbei.store.checks import (
    broken_entries,
    broken_settlements,
    count_covers,
    count_rows,
    missing_guards,
    owed_in_all,
)
from houbei.store.database import reading
from houbei.store.deliveries import any_delivery_due
from houbei.store.digests import broken_batches
from houbei.store.inbox import anything_waits
from houbei.store.marks import lived_until
from houbei.store.promises import Promise, of_prices, published
from houbei.store.touched import begin_touching, touch_all

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What an audit found: one sentence a difference, none where the ledger agrees. `covers` are those of price protection.

    `waiting` says that there are facts nobody has looked at yet: what they change is not in the ledger, and is a difference.
    """

    covers: int
    cases: int
    deliveries: int
    entries: int
    owed_minor: dict[str, int]
    differences: tuple[str, ...]
    waiting: bool

    @property
    def agrees(self) -> bool:
        """Whether the ledger agrees to the cent."""
        return not self.differences


def audit(database: Engine, *, progress: Progress) -> Audit:
    """Audit a store as of the latest moment it lived through.

    Args:
        database: The store; nothing is written to it.
        progress: Told of covers done.

    Cost: one pass over all facts and entries; memory for as many covers as are decided at once and their prices.
    """
    differences: list[str] = []
    with reading(database) as connection:
        differences += broken_batches(connection)
        differences += missing_guards(connection)
        differences += broken_entries(connection)
        differences += broken_settlements(connection)
        promises = of_prices(published(connection))
        covers = sum(count_covers(connection, terms=promise.seq) for promise in promises)
        done = 0
        for promise in promises:
            for count, found in _compare(connection, promise):
                done += count
                differences += found
                progress("covers", done, covers)
        done, deliveries = 0, count_rows(connection, "deliveries")
        for count, found in compare_deliveries(connection):
            done += count
            differences += found
            progress("deliveries", done, deliveries)
        done, cases = 0, count_rows(connection, "cases")
        for count, found in compare_cases(connection):
            done += count
            differences += found
            progress("cases", done, cases)
        entries, owed = count_rows(connection, "entries"), owed_in_all(connection)
        lived_us = lived_until(connection)
        waiting = (
            anything_waits(connection, now_us=lived_us)
            or any_due(connection, now_us=lived_us)
            or any_delivery_due(connection, now_us=lived_us)
        )
    return Audit(
        covers=covers,
        cases=cases,
        deliveries=deliveries,
        entries=entries,
        owed_minor=owed,
        differences=tuple(differences),
        waiting=waiting,
    )


def _compare(connection: Connection, promise: Promise) -> Iterator[tuple[int, list[str]]]:
    """Work out again what every cover of a promise is owed, part by part; how many covers, and where the books differ."""
    begin_touching(connection)
    touch_all(connection, terms=promise.seq)
    for decided in decide_touched(connection, promise, as_of_us=lived_until(connection)):
        covers = np.array(decided.found.covers, dtype=np.int64)
        paying = decided.paying()
        owed = sums(decided.decision.steps.line[paying], decided.amounts[paying], len(covers))
        posted = read_books(connection, covers).owed_minor
        wrong = np.flatnonzero(owed != posted)
        lines = decided.lines.line_ids(wrong).to_pylist()
        yield (
            len(covers),
            [
                f"line {line} under {promise.terms.term}: the facts say {owed[place]} is owed, the ledger says {posted[place]}"
                for line, place in zip(lines, wrong.tolist(), strict=True)
            ],
        )
