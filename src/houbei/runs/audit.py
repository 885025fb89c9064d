"""The audit: everything that is owed is worked out again from the facts, and the ledger agrees to the cent or says exactly where not.

Four questions, each of which finds what the others cannot: are the rows those that were added (digests); do the entries hold together
(sides, amounts, sequences, states); is the cost of each cover what the facts say is owed; do the settlements' accounts hold what is
still to be settled.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection, Engine, text

from houbei.engine import reading_of
from houbei.facts.grouping import sums
from houbei.ledger.entries import REACHED, SIDES, Code
from houbei.runs.decisions import decide, named_in
from houbei.store.books import read_books
from houbei.store.database import reading
from houbei.store.digests import broken_batches
from houbei.store.marks import lived_until
from houbei.store.promises import Promise, published
from houbei.store.schema import APPEND_ONLY
from houbei.store.touched import begin_touching, read_touched, touch_all, touched_in_parts

COVERS_MAX = 200_000
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What an audit found: one sentence a difference, none where the ledger agrees."""

    covers: int
    entries: int
    owed_minor: dict[str, int]
    differences: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Whether the ledger agrees to the cent."""
        return not self.differences


def audit(database: Engine, *, progress: Progress) -> Audit:
    """Audit a store as of the latest moment it lived through.

    Args:
        database: The store; nothing is written to it.
        progress: Told of covers done.

    Cost: one pass over all facts and entries; memory for `COVERS_MAX` covers and their prices.
    """
    differences: list[str] = []
    with reading(database) as connection:
        differences += broken_batches(connection)
        differences += _missing_guards(connection)
        differences += _broken_entries(connection)
        differences += _broken_settlements(connection)
        covers, _ = connection.execute(text("SELECT COUNT(*), 0 FROM covers")).one()
        done = 0
        for promise in published(connection):
            for count, found in _compare(connection, promise):
                done += count
                differences += found
                progress("covers", done, covers)
        entries = connection.execute(text("SELECT COUNT(*) FROM entries")).scalar_one()
        owed = {
            row.currency: int(row.owed)
            for row in connection.execute(
                text(
                    "SELECT currency, SUM(CASE WHEN debit = 'price_guarantee' THEN amount_minor ELSE 0 END)"
                    " - SUM(CASE WHEN credit = 'price_guarantee' THEN amount_minor ELSE 0 END) AS owed"
                    " FROM entries GROUP BY currency ORDER BY currency"
                )
            )
        }
    return Audit(covers=covers, entries=entries, owed_minor=owed, differences=tuple(differences))


def _compare(connection: Connection, promise: Promise) -> Iterator[tuple[int, list[str]]]:
    """Work out again what every cover of a promise is owed, part by part; how many covers, and where the books differ."""
    terms = promise.terms
    named, named_of_prices = named_in(terms)
    shares = bool(reading_of(terms)[0].keys)
    begin_touching(connection)
    touch_all(connection, terms=promise.seq)
    for count in touched_in_parts(connection, terms=promise.seq, covers_max=2**62 if shares else COVERS_MAX):
        found = read_touched(
            connection,
            terms=promise.seq,
            named=named,
            named_of_prices=named_of_prices,
            whole_days=terms.compare.seen_at_least > 1,
        )
        decided = decide(promise, found, as_of_us=lived_until(connection))
        covers = np.array(found.covers, dtype=np.int64)
        paying = decided.paying()
        owed = sums(decided.decision.steps.line[paying], decided.amounts[paying], len(covers))
        posted = read_books(connection, covers).owed_minor
        wrong = np.flatnonzero(owed != posted)
        lines = decided.lines.line_ids(wrong).to_pylist()
        yield (
            count,
            [
                f"line {line} under {terms.term}: the facts say {owed[place]} is owed, the ledger says {posted[place]}"
                for line, place in zip(lines, wrong.tolist(), strict=True)
            ],
        )


def _missing_guards(connection: Connection) -> Iterator[str]:
    there = {row[0] for row in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))}
    for table in APPEND_ONLY:
        for verb in ("update", "delete"):
            if f"{table}_refuses_{verb}" not in there:
                yield f"the database no longer refuses to {verb} rows of {table}"


def _broken_entries(connection: Connection) -> Iterator[str]:
    """Entries that no posting can have made: sides that do not fit, amounts that are not above 0, sequences with holes."""
    for row in connection.execute(
        text(
            "SELECT code, debit, credit, COUNT(*) AS n, MIN(amount_minor) AS least FROM entries GROUP BY code, debit, credit"
        )
    ):
        debits, credited = (
            SIDES.get(Code(row.code), (frozenset(), frozenset())) if row.code in set(Code) else (set(), set())
        )
        if row.debit not in debits or row.credit not in credited:
            yield f"{row.n} entries {row.code} debit {row.debit} and credit {row.credit}, which no {row.code} does"
        if row.least <= 0:
            yield f"an entry {row.code} has the amount {row.least}; every amount is above 0"
    for row in connection.execute(
        text(
            "SELECT cover, COUNT(*) AS n, MAX(sequence) AS last FROM entries GROUP BY cover"
            " HAVING COUNT(*) <> MAX(sequence) OR MIN(sequence) <> 1 ORDER BY cover LIMIT 100"
        )
    ):
        yield f"cover {row.cover} has {row.n} entries, the last of them is number {row.last}: one is missing"


def _broken_settlements(connection: Connection) -> Iterator[str]:
    """Settlements whose work and entries say different things."""
    last = ", ".join(f"'{code}'" for code in REACHED)
    reached = " ".join(f"WHEN '{code}' THEN '{state}'" for code, state in REACHED.items())
    rows = connection.execute(
        text(
            "SELECT a.cover, a.sequence, a.state, a.amount_minor, o.amount_minor AS owed,"  # noqa: S608  our own names
            f" (SELECT CASE e.code {reached} END FROM entries e WHERE e.cover = a.cover AND e.settles = a.sequence"
            f"  AND e.code IN ({last}) ORDER BY e.sequence DESC LIMIT 1) AS reached"
            " FROM actions a LEFT JOIN entries o ON o.cover = a.cover AND o.sequence = a.sequence AND o.code = 'owed'"
        )
    )
    for row in rows:
        if row.owed != row.amount_minor:
            yield f"settlement {row.cover}/{row.sequence} is of {row.amount_minor}, its entry of {row.owed}"
        if row.state != (row.reached or "due"):
            yield f"settlement {row.cover}/{row.sequence} is {row.state}, its entries say {row.reached or 'due'}"
    owed = connection.execute(
        text(
            "SELECT COUNT(*) FROM entries e WHERE e.code = 'owed' AND NOT EXISTS"
            " (SELECT 1 FROM actions a WHERE a.cover = e.cover AND a.sequence = e.sequence)"
        )
    ).scalar_one()
    if owed:
        yield f"{owed} entries are owed and nothing is to be done about them"
