"""Holds in the store: what is to be asked about each next, and how far each has come."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from houbei.store.hold_tables import HOLDS
from houbei.store.statements import ask

WANTED, ASKED, HELD = "wanted", "asked", "held"
SURPLUS, DROPPED = "surplus", "dropped"
STANDING = frozenset({WANTED, ASKED, HELD})
"""States of which a case has one hold at most."""
_NAMES = [column.name for column in HOLDS.columns]
_COLUMNS = ", ".join(_NAMES)
_LASTING = 6
"""How many of them never change: who a hold is for and how much it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """One hold of a case (see `hold_tables.HOLDS` for its columns)."""

    case_id: str
    number: int
    key: str
    payment: str
    amount_minor: int
    currency: str
    state: str = WANTED
    reference: str | None = None
    version: int = 0
    expires_us: int | None = None
    captured_minor: int = 0
    capture_minor: int | None = None
    capture_note: str | None = None
    renewal: int = 1
    relied_on: int = 0
    at_us: int | None = None
    due_us: int | None = None
    attempts: int = 0
    asked_us: int | None = None
    holder: str | None = None
    reason: str | None = None

    @property
    def ref(self) -> str:
        """Its short name in this store."""
        return f"{self.case_id}/{self.number}"

    @property
    def stands(self) -> bool:
        """Whether it may be, or become, an amount set aside for its case."""
        return self.state in STANDING


def add_hold(connection: Connection, hold: Hold) -> None:
    """Add a hold that is wanted, or was found at the provider."""
    connection.exec_driver_sql(
        f"INSERT INTO holds ({_COLUMNS}) VALUES ({', '.join('?' for _ in _NAMES)})",
        tuple(getattr(hold, name) for name in _NAMES),
    )


def keep_hold(connection: Connection, hold: Hold) -> None:
    """Keep how far a hold has come; who it is for and how much never changes."""
    names = _NAMES[_LASTING:]
    connection.exec_driver_sql(
        f"UPDATE holds SET {', '.join(f'{name} = ?' for name in names)} WHERE case_id = ? AND number = ?",
        (*(getattr(hold, name) for name in names), hold.case_id, hold.number),
    )


def due_holds(connection: Connection, *, now_us: int, most: int) -> list[Hold]:
    """Give the holds that are to be looked at, the longest due first."""
    rows = ask(
        connection,
        f"SELECT {_COLUMNS} FROM holds WHERE due_us <= :now ORDER BY due_us, case_id, number LIMIT :most",
        now=now_us,
        most=most,
    )
    return [_hold(row) for row in rows]


def holds_of(connection: Connection, case_id: str) -> list[Hold]:
    """Give the holds of a case in their order."""
    rows = ask(connection, f"SELECT {_COLUMNS} FROM holds WHERE case_id = :case_id ORDER BY number", case_id=case_id)
    return [_hold(row) for row in rows]


def find_hold(connection: Connection, key: str) -> Hold | None:
    """Give the hold of a key; None where there is none."""
    row = ask(connection, f"SELECT {_COLUMNS} FROM holds WHERE key = :key", key=key).one_or_none()
    return None if row is None else _hold(row)


def cases_with_holds(connection: Connection, *, after: str, most: int) -> Sequence[str]:
    """Name the cases that have a hold which stands, in the order of their names."""
    rows = ask(
        connection,
        "SELECT case_id FROM holds WHERE state IN ('wanted', 'asked', 'held') AND case_id > :after"
        " ORDER BY case_id LIMIT :most",
        after=after,
        most=most,
    )
    return [row.case_id for row in rows]


def _hold(row: Row[Any]) -> Hold:
    return Hold(**row._mapping)  # noqa: SLF001  SQLAlchemy's public name for a row as a mapping
