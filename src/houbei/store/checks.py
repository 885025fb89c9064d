"""Questions an audit asks of the rows themselves: whether the guards are there, entries hold together and work agrees with entries."""

from collections.abc import Iterator

from sqlalchemy import Connection

from houbei.case.moves import OWED_TO_BUYERS
from houbei.ledger.accounts import COSTS, Account
from houbei.ledger.entries import REACHED, SIDES
from houbei.ledger.swaps import ACCOUNTS_OF, code_of
from houbei.store.schema import APPEND_ONLY
from houbei.store.statements import ask

_SIDES: dict[str, set[tuple[str, str]]] = {
    code.value: {(debit.value, credit.value) for debit in debits for credit in credited}
    for code, (debits, credited) in SIDES.items()
}
for _move, (_debit, _credit) in ACCOUNTS_OF.items():
    _SIDES.setdefault(code_of(_move), set()).add((_debit.value, _credit.value))
    if _move in OWED_TO_BUYERS:
        # What was paid by a funder goes back to that funder.
        _SIDES[code_of(_move)].add((_debit.value, Account.PAYABLE_TO_FUNDERS.value))
"""For each code the accounts that it may move an amount between."""


def count_rows(connection: Connection, table: str) -> int:
    """Count the rows of a table."""
    return int(ask(connection, f"SELECT COUNT(*) FROM {table}").scalar_one())


def count_covers(connection: Connection, *, terms: int) -> int:
    """Count the covers of a promise, by its number."""
    return int(ask(connection, "SELECT COUNT(*) FROM covers WHERE terms = :terms", terms=terms).scalar_one())


def owed_in_all(connection: Connection) -> dict[str, int]:
    """What the guarantees' cost accounts say is owed in all for prices that fell and for late arrivals, minor units by currency, and points."""
    costs = ", ".join(f"'{account}'" for account in sorted(COSTS))
    rows = ask(
        connection,
        f"SELECT currency, SUM(CASE WHEN debit IN ({costs}) THEN amount_minor ELSE 0 END)"
        f" - SUM(CASE WHEN credit IN ({costs}) THEN amount_minor ELSE 0 END) AS owed"
        " FROM entries GROUP BY currency ORDER BY currency",
    )
    return {row.currency: int(row.owed) for row in rows}


def missing_guards(connection: Connection) -> Iterator[str]:
    """Name the tables of facts and books that the database would let somebody change."""
    there = {row[0] for row in ask(connection, "SELECT name FROM sqlite_master WHERE type = 'trigger'")}
    for table in APPEND_ONLY:
        for verb in ("update", "delete"):
            if f"{table}_refuses_{verb}" not in there:
                yield f"the database no longer refuses to {verb} rows of {table}"


def broken_entries(connection: Connection) -> Iterator[str]:
    """Entries that no posting can have made: sides that do not fit, amounts that are not above 0, sequences with holes."""
    for row in ask(
        connection,
        "SELECT code, debit, credit, COUNT(*) AS n, MIN(amount_minor) AS least FROM entries GROUP BY code, debit, credit",
    ):
        if (row.debit, row.credit) not in _SIDES.get(row.code, ()):
            yield f"{row.n} entries {row.code} debit {row.debit} and credit {row.credit}, which no {row.code} does"
        if row.least <= 0:
            yield f"an entry {row.code} has the amount {row.least}; every amount is above 0"
    for row in ask(
        connection,
        "SELECT cover, COUNT(*) AS n, MAX(sequence) AS last FROM entries GROUP BY cover"
        " HAVING COUNT(*) <> MAX(sequence) OR MIN(sequence) <> 1 ORDER BY cover LIMIT 100",
    ):
        yield f"cover {row.cover} has {row.n} entries, the last of them is number {row.last}: one is missing"


def broken_settlements(connection: Connection) -> Iterator[str]:
    """Settlements whose work and entries say different things."""
    last = ", ".join(f"'{code}'" for code in REACHED)
    reached = " ".join(f"WHEN '{code}' THEN '{state}'" for code, state in REACHED.items())
    rows = ask(
        connection,
        "SELECT a.cover, a.sequence, a.state, a.amount_minor, o.amount_minor AS owed,"
        f" (SELECT CASE e.code {reached} END FROM entries e WHERE e.cover = a.cover AND e.settles = a.sequence"
        f"  AND e.code IN ({last}) ORDER BY e.sequence DESC LIMIT 1) AS reached"
        " FROM actions a LEFT JOIN entries o ON o.cover = a.cover AND o.sequence = a.sequence AND o.code = 'owed'",
    )
    for row in rows:
        if row.owed != row.amount_minor:
            yield f"settlement {row.cover}/{row.sequence} is of {row.amount_minor}, its entry of {row.owed}"
        if row.state != (row.reached or "due"):
            yield f"settlement {row.cover}/{row.sequence} is {row.state}, its entries say {row.reached or 'due'}"
    owed = ask(
        connection,
        "SELECT COUNT(*) FROM entries e WHERE e.code = 'owed' AND NOT EXISTS"
        " (SELECT 1 FROM actions a WHERE a.cover = e.cover AND a.sequence = e.sequence)",
    ).scalar_one()
    if owed:
        yield f"{owed} entries are owed and nothing is to be done about them"
