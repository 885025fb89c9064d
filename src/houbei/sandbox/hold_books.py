"""What the sandbox knows of holds, in the same file as the rest; a refusal to hold is kept as a hold that was refused."""

import sqlite3

import msgspec

from houbei.sandbox.clock import moment_of
from houbei.sandbox.hold_shapes import AskedHold, Hold, HoldPage, HoldState
from houbei.sandbox.pages import rows_after
from houbei.sandbox.shapes import SETTLEMENT, News, encode

SCHEMA = """
CREATE TABLE IF NOT EXISTS holds (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    payment TEXT NOT NULL REFERENCES payments,
    settlement TEXT,
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    captured_minor INTEGER NOT NULL DEFAULT 0 CHECK (captured_minor BETWEEN 0 AND amount_minor),
    currency TEXT NOT NULL,
    metadata TEXT NOT NULL,
    state TEXT NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    created_us INTEGER NOT NULL,
    updated_us INTEGER NOT NULL,
    expires_us INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS holds_of_a_payment ON holds (payment);
CREATE INDEX IF NOT EXISTS holds_of_a_settlement ON holds (settlement);
CREATE INDEX IF NOT EXISTS holds_that_lapse ON holds (expires_us) WHERE state IN ('authorised', 'renewed');
"""
_DECLINED = "declined_by_bank"
_read_metadata = msgspec.json.Decoder(dict[str, str]).decode


class HoldBooks:
    """The sandbox's holds.

    Args:
        connection: Of its database; who calls is in a transaction where several changes belong together.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def add(self, asked: AskedHold, *, refused: bool, now_us: int, expires_us: int) -> Hold:
        """Write a hold that the card's bank allowed, or refused."""
        cursor = self._connection.execute(
            "INSERT INTO holds (payment, settlement, amount_minor, currency, metadata, state, created_us, updated_us, expires_us)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *",
            (
                asked.payment,
                asked.metadata.get(SETTLEMENT),
                asked.amount_minor,
                asked.currency,
                encode(asked.metadata).decode(),
                HoldState.REFUSED if refused else HoldState.AUTHORISED,
                now_us,
                now_us,
                now_us if refused else expires_us,
            ),
        )
        (row,) = cursor.fetchall()
        return _hold(row)

    def renew(self, hold: str, *, now_us: int, expires_us: int) -> Hold:
        """Let a hold that is alive last anew."""
        return self._lead_on(hold, HoldState.RENEWED, now_us=now_us, expires_us=expires_us)

    def release(self, hold: str, *, now_us: int) -> Hold:
        """Let a hold that is alive go."""
        return self._lead_on(hold, HoldState.RELEASED, now_us=now_us)

    def capture(self, hold: str, amount_minor: int, *, now_us: int) -> Hold:
        """Take a part of a hold that is alive; it is a captured payment of the hold's id from then on, which may be refunded."""
        taken = self._lead_on(hold, HoldState.CAPTURED, now_us=now_us, captured_minor=amount_minor)
        self._connection.execute(
            "INSERT INTO payments (payment, captured_minor, currency, closed) VALUES (?, ?, ?, 0)",
            (taken.id, amount_minor, taken.currency),
        )
        return taken

    def _lead_on(
        self, hold: str, state: HoldState, *, now_us: int, expires_us: int | None = None, captured_minor: int = 0
    ) -> Hold:
        cursor = self._connection.execute(
            "UPDATE holds SET state = ?, version = version + 1, updated_us = ?, captured_minor = ?,"
            " expires_us = COALESCE(?, expires_us) WHERE number = ? RETURNING *",
            (state, now_us, captured_minor, expires_us, _number_of(hold)),
        )
        (row,) = cursor.fetchall()
        return _hold(row)

    def expire(self, *, now_us: int) -> list[News]:
        """Let every hold go whose time is over."""
        due = "FROM holds WHERE state IN ('authorised', 'renewed') AND expires_us <= ?"
        if self._connection.execute(f"SELECT 1 {due} LIMIT 1", (now_us,)).fetchone() is None:
            return []
        cursor = self._connection.execute(
            "UPDATE holds SET state = 'expired', version = version + 1, updated_us = expires_us"
            " WHERE state IN ('authorised', 'renewed') AND expires_us <= ? RETURNING *",
            (now_us,),
        )
        return [
            news_of(_hold(row)) for row in sorted(cursor.fetchall(), key=lambda row: (row["expires_us"], row["number"]))
        ]

    def find(self, hold: str) -> Hold | None:
        """Look up a hold."""
        row = self._connection.execute("SELECT * FROM holds WHERE number = ?", (_number_of(hold),)).fetchone()
        return None if row is None else _hold(row)

    def list(self, *, payment: str | None, settlement: str | None, after: str | None, limit: int) -> HoldPage:
        """Look up holds in the order they were asked for, on a payment, of a settlement, after a hold."""
        first = 0 if after is None else _number_of(after)
        asked = {"payment": payment, "settlement": settlement}
        rows = rows_after(self._connection, "holds", asked, after=first, most=limit + 1)
        data = [_hold(row) for row in rows[:limit]]
        return HoldPage(data=data, next=data[-1].id if len(rows) > limit else None)


def news_of(hold: Hold) -> News:
    """Say what is told of a hold."""
    opposite = HoldState.RELEASED if hold.state == HoldState.CAPTURED else HoldState.CAPTURED
    return News(about="hold", id=hold.id, state=hold.state, opposite=opposite, version=hold.version)


def _id_of(number: int) -> str:
    return f"ho_{number:012d}"


def _number_of(hold: str) -> int:
    digits = hold[3:15]
    number = int(digits) if digits.isascii() and digits.isdigit() else 0
    return number if hold == _id_of(number) else 0


def _hold(row: sqlite3.Row) -> Hold:
    return Hold(
        id=_id_of(row["number"]),
        state=HoldState(row["state"]),
        version=row["version"],
        amount_minor=row["amount_minor"],
        captured_minor=row["captured_minor"],
        currency=row["currency"],
        payment=row["payment"],
        metadata=_read_metadata(row["metadata"]),
        created_at=moment_of(row["created_us"]),
        updated_at=moment_of(row["updated_us"]),
        expires_at=moment_of(row["expires_us"]),
        failure_code=_DECLINED if row["state"] == HoldState.REFUSED else None,
    )
