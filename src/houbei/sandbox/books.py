"""What the sandbox knows: payments, refunds, holds, and the keys it has answered. One SQLite file, one writer, one process.

A commit is in the file before the reply goes out: killing the process loses nothing, a power cut may lose the last moments.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

import msgspec

from houbei.errors import InputError
from houbei.sandbox.clock import moment_of
from houbei.sandbox.hold_books import SCHEMA as HOLD_SCHEMA
from houbei.sandbox.hold_books import HoldBooks
from houbei.sandbox.pages import rows_after
from houbei.sandbox.shapes import (
    SETTLEMENT,
    Answer,
    AskedRefund,
    GivenPayment,
    News,
    Page,
    Payment,
    Refund,
    State,
    Sum,
    encode,
)

_APPLICATION_ID = 0x484F5342
"""What marks a file as the sandbox's."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS payments (
    payment TEXT PRIMARY KEY,
    captured_minor INTEGER NOT NULL,
    refunded_minor INTEGER NOT NULL DEFAULT 0 CHECK (refunded_minor BETWEEN 0 AND captured_minor),
    currency TEXT NOT NULL,
    closed INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS refunds (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    payment TEXT NOT NULL REFERENCES payments,
    settlement TEXT,
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    currency TEXT NOT NULL,
    metadata TEXT NOT NULL,
    state TEXT NOT NULL,
    failure_code TEXT,
    version INTEGER NOT NULL DEFAULT 1,
    created_us INTEGER NOT NULL,
    updated_us INTEGER NOT NULL,
    next_state TEXT,
    last_state TEXT,
    due_us INTEGER
);
CREATE INDEX IF NOT EXISTS refunds_of_a_payment ON refunds (payment);
CREATE INDEX IF NOT EXISTS refunds_of_a_settlement ON refunds (settlement);
CREATE INDEX IF NOT EXISTS refunds_of_a_day ON refunds (updated_us);
CREATE INDEX IF NOT EXISTS refunds_that_are_due ON refunds (due_us) WHERE due_us IS NOT NULL;
CREATE TABLE IF NOT EXISTS keys (
    key TEXT PRIMARY KEY,
    parameters BLOB NOT NULL,
    created_us INTEGER NOT NULL,
    status INTEGER NOT NULL,
    body BLOB NOT NULL
) WITHOUT ROWID;
"""
_read_metadata = msgspec.json.Decoder(dict[str, str]).decode


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A refund has come into a state; `more` says that another one will follow."""

    refund: Refund
    version: int
    more: bool

    @property
    def news(self) -> News:
        """What is told of it."""
        return News(
            about="refund",
            id=self.refund.id,
            state=self.refund.state,
            opposite=State.SUCCEEDED if self.refund.state == State.FAILED else State.FAILED,
            version=self.version,
            more=self.more,
        )


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """The states that a refund will go through, the first at once, the others `pause_us` apart."""

    states: tuple[State, ...]
    pause_us: int


class Books:
    """The sandbox's own database.

    Args:
        path: The file; an empty path is a database that is gone with the process.

    Raises:
        InputError: the file is no database, or another sandbox has it open.
    """

    def __init__(self, path: str) -> None:
        try:
            self._connection = sqlite3.connect(path, isolation_level=None, timeout=1)
        except sqlite3.DatabaseError as error:
            raise _unusable(path, str(error)) from error
        self._connection.row_factory = sqlite3.Row
        self.holds = HoldBooks(self._connection)
        try:
            self._prepare(path)
        except BaseException as error:
            self._connection.close()
            if isinstance(error, sqlite3.DatabaseError):
                raise _unusable(path, str(error)) from error
            raise

    def _prepare(self, path: str) -> None:
        run = self._connection.execute
        (owner,) = run("PRAGMA application_id").fetchone()
        if owner != _APPLICATION_ID and run("SELECT 1 FROM sqlite_schema").fetchone() is not None:
            raise _unusable(path, "somebody else's database")
        for pragma in ("locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            run(f"PRAGMA {pragma}")
        run(f"PRAGMA application_id={_APPLICATION_ID}")
        self._connection.executescript(_SCHEMA + HOLD_SCHEMA)

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep all that is done inside, or nothing."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if self._connection.in_transaction:  # a full disk has rolled back by itself
                self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    # --- payments ---------------------------------------------------------------------------------------------------

    def register(self, payments: Sequence[GivenPayment]) -> str | None:
        """Take in captured payments, known ones again; give the first that is known with another amount or currency."""
        before = self._connection.total_changes
        self._connection.executemany(
            "INSERT INTO payments (payment, captured_minor, currency, closed) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            [(one.payment, one.captured_minor, one.currency, one.closed) for one in payments],
        )
        if self._connection.total_changes - before == len(payments):
            return None
        return next((one.payment for one in payments if not self._is_known(one)), None)

    def _is_known(self, given: GivenPayment) -> bool:
        row = self._connection.execute(
            "SELECT captured_minor, currency FROM payments WHERE payment = ?", (given.payment,)
        ).fetchone()
        return tuple(row) == (given.captured_minor, given.currency)

    def payment(self, payment: str) -> Payment | None:
        """Look up a payment."""
        row = self._connection.execute("SELECT * FROM payments WHERE payment = ?", (payment,)).fetchone()
        return None if row is None else Payment(**{**dict(row), "closed": bool(row["closed"])})

    def close_payment(self, payment: str) -> None:
        """Close the account behind a payment."""
        self._connection.execute("UPDATE payments SET closed = 1 WHERE payment = ?", (payment,))

    # --- refunds ----------------------------------------------------------------------------------------------------

    def add_refund(self, asked: AskedRefund, course: Course, *, now_us: int) -> Step:
        """Write a refund; that it may be made was asked before, in the same transaction."""
        first, *later = course.states
        cursor = self._connection.execute(
            "INSERT INTO refunds (payment, settlement, amount_minor, currency, metadata, state, failure_code, created_us, "
            "updated_us, next_state, last_state, due_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *",
            (
                asked.payment,
                asked.metadata.get(SETTLEMENT),
                asked.amount_minor,
                asked.currency,
                encode(asked.metadata).decode(),
                first,
                _failure(first, None),
                now_us,
                now_us,
                later[0] if later else None,
                later[1] if later[1:] else None,
                now_us + course.pause_us if later else None,
            ),
        )
        (row,) = cursor.fetchall()
        if first != State.FAILED:
            self._add_to_refunded(asked.payment, asked.amount_minor)
        return _step(row)

    def take_steps(self, *, now_us: int, pause_us: int, due_only: bool = True) -> list[Step]:
        """Bring refunds into their next state.

        Args:
            now_us: The moment.
            pause_us: How long the state after that is away.
            due_only: Those whose time has come; otherwise all that have a next state, now.
        """
        due = self._connection.execute(
            "SELECT * FROM refunds WHERE due_us <= ? ORDER BY due_us, number", (now_us if due_only else 2**62,)
        ).fetchall()
        if not due:
            return []
        with self.transaction():
            return [self._take_step(row, at_us=row["due_us"] if due_only else now_us, pause_us=pause_us) for row in due]

    def _take_step(self, row: sqlite3.Row, *, at_us: int, pause_us: int) -> Step:
        state = State(row["next_state"])
        cursor = self._connection.execute(
            "UPDATE refunds SET state = ?, failure_code = ?, version = version + 1, updated_us = ?, "
            "next_state = last_state, last_state = NULL, due_us = ? WHERE number = ? RETURNING *",
            (
                state,
                _failure(state, State(row["state"])),
                at_us,
                None if row["last_state"] is None else at_us + pause_us,
                row["number"],
            ),
        )
        (after,) = cursor.fetchall()
        if state == State.FAILED:
            self._add_to_refunded(row["payment"], -row["amount_minor"])
        return _step(after)

    def _add_to_refunded(self, payment: str, minor: int) -> None:
        self._connection.execute(
            "UPDATE payments SET refunded_minor = refunded_minor + ? WHERE payment = ?", (minor, payment)
        )

    def refund(self, refund: str) -> Refund | None:
        """Look up a refund."""
        number = _number_of(refund)
        row = self._connection.execute("SELECT * FROM refunds WHERE number = ?", (number,)).fetchone()
        return None if row is None else _refund(row)

    def find_refunds(self, *, payment: str | None, settlement: str | None, after: str | None, limit: int) -> Page:
        """Look up refunds in the order they were made, of a payment, of a settlement, after a refund."""
        first = 0 if after is None else _number_of(after)
        asked = {"payment": payment, "settlement": settlement}
        rows = rows_after(self._connection, "refunds", asked, after=first, most=limit + 1)
        data = [_refund(row) for row in rows[:limit]]
        return Page(data=data, next=data[-1].id if len(rows) > limit else None)

    # --- sums -------------------------------------------------------------------------------------------------------

    def succeeded_between(self, from_us: int, until_us: int) -> dict[str, Sum]:
        """Add up by currency the refunds that came into the state they are still in, `succeeded`, in `[from_us, until_us)`."""
        return self._sums(
            "SELECT currency, count(*), sum(amount_minor) FROM refunds "
            "WHERE state = 'succeeded' AND updated_us >= ? AND updated_us < ? GROUP BY currency ORDER BY currency",
            (from_us, until_us),
        )

    def in_state(self, state: State) -> dict[str, Sum]:
        """Add up by currency the refunds that are in a state."""
        return self._sums(
            "SELECT currency, count(*), sum(amount_minor) FROM refunds WHERE state = ? GROUP BY currency ORDER BY currency",
            (state,),
        )

    def captured(self) -> dict[str, Sum]:
        """Add up the payments by currency."""
        return self._sums(
            "SELECT currency, count(*), sum(captured_minor) FROM payments GROUP BY currency ORDER BY currency", ()
        )

    def _sums(self, query: str, values: tuple[Any, ...]) -> dict[str, Sum]:
        return {
            currency: Sum(count=count, amount_minor=amount_minor)
            for currency, count, amount_minor in self._connection.execute(query, values)
        }

    # --- keys -------------------------------------------------------------------------------------------------------

    def recall(self, key: str, *, since_us: int) -> tuple[bytes, Answer] | None:
        """Give what a key was used for and answered with, unless that is too long ago."""
        row = self._connection.execute(
            "SELECT * FROM keys WHERE key = ? AND created_us > ?", (key, since_us)
        ).fetchone()
        if row is None:
            return None
        return row["parameters"], Answer(status=row["status"], body=row["body"], replayed=True)

    def keep(self, key: str, parameters: bytes, answer: Answer, *, now_us: int) -> None:
        """Remember what a key was used for and answered with."""
        self._connection.execute(
            "INSERT OR REPLACE INTO keys (key, parameters, created_us, status, body) VALUES (?, ?, ?, ?, ?)",
            (key, parameters, now_us, answer.status, answer.body),
        )


def _unusable(path: str, came: str) -> InputError:
    return InputError(
        came=came,
        where=path,
        expected="a database of the sandbox's that no other process uses, or a new file",
        todo="Name another file.",
    )


def fingerprint(asked: object) -> bytes:
    """Give what two requests share that ask for the same."""
    return sha256(msgspec.json.encode(asked, order="deterministic")).digest()


def _id_of(number: int) -> str:
    return f"re_{number:012d}"


def _number_of(refund: str) -> int:
    digits = refund[3:15]
    number = int(digits) if digits.isascii() and digits.isdigit() else 0
    return number if refund == _id_of(number) else 0


def _failure(state: State, before: State | None) -> str | None:
    if state != State.FAILED:
        return None
    return "returned_by_bank" if before == State.SUCCEEDED else "declined_by_bank"


def _refund(row: sqlite3.Row) -> Refund:
    return Refund(
        id=_id_of(row["number"]),
        state=State(row["state"]),
        amount_minor=row["amount_minor"],
        currency=row["currency"],
        payment=row["payment"],
        metadata=_read_metadata(row["metadata"]),
        created_at=moment_of(row["created_us"]),
        updated_at=moment_of(row["updated_us"]),
        failure_code=row["failure_code"],
    )


def _step(row: sqlite3.Row) -> Step:
    return Step(refund=_refund(row), version=row["version"], more=row["next_state"] is not None)
