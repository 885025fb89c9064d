"""Swaps in the store: which serial replaced which, and under which promise."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection

from houbei.case.units import Swap
from houbei.store.intake import append_facts
from houbei.store.statements import ask, in_parts

_COLUMNS = "source, step_id, case_id, old_serial, new_serial, promise, at_us"


def append_swaps(connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    """Take swaps in: (source, step_id, case_id, line, unit, old_serial, new_serial, promise, at_us)."""
    append_facts(connection, "swaps", rows)


def swaps_of_line(connection: Connection, line: int) -> list[Swap]:
    """Give the swaps of a line's units, in the order in which they were learnt."""
    rows = ask(connection, f"SELECT {_COLUMNS} FROM swaps WHERE line = :line ORDER BY seq", line=line)
    return [_swap(row) for row in rows]


def swaps_by_case(connection: Connection, lines: Sequence[int]) -> dict[str, list[Swap]]:
    """Give the swaps of many lines by their cases, in the order in which they were learnt; none for a case without."""
    found: dict[str, list[Swap]] = {}
    for places, some in in_parts(sorted(set(lines))):
        rows = connection.exec_driver_sql(f"SELECT {_COLUMNS} FROM swaps WHERE line IN ({places}) ORDER BY seq", some)
        for row in rows:
            found.setdefault(row.case_id, []).append(_swap(row))
    return found


def swaps_of_serials(connection: Connection, serials: Collection[str]) -> list[Swap]:
    """Give the swaps that some serials took part in, as the old unit or the new one."""
    found = list[Swap]()
    for serial in sorted(serials):
        for column in ("old_serial", "new_serial"):
            rows = ask(connection, f"SELECT {_COLUMNS} FROM swaps WHERE {column} = :serial ORDER BY seq", serial=serial)
            found += [_swap(row) for row in rows]
    return found


def _swap(row: Any) -> Swap:
    return Swap(
        old=row.old_serial,
        new=row.new_serial,
        at_us=row.at_us,
        case_id=row.case_id,
        source=row.source,
        step_id=row.step_id,
        promise=row.promise,
    )
