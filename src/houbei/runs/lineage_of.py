"""The units of a line by their serials, as the store knows them: which serial was sold, which replaced which, who has what now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from houbei.case.lineage import Forest, forest_of
from houbei.case.stages import ENDS, Case, New, Old, Remedy, Stage
from houbei.case.units import Ending, Left, Sale, Swap
from houbei.store.cases import Standing, cases_of_line, find_case, find_units
from houbei.store.statements import ask
from houbei.store.swaps import swaps_of_line, swaps_of_serials


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What happened to one unit of a line before: its cases, when it was last swapped, how many swaps each promise gave.

    `gone` says that the money for it went back; `first_serial` is what it was delivered under, '' where nobody noted that.
    """

    cases: tuple[Standing, ...]
    swapped_us: int | None
    uses_used: Mapping[str, int]
    gone: bool
    first_serial: str


def forest_around(connection: Connection, serials: Iterable[str], *, line: int | None = None) -> Forest:
    """Put every unit into its chain that some serials, or the units of a line, have to do with.

    Args:
        connection: A state of the store.
        serials: Where to begin.
        line: The number of a line whose units are wanted, too.

    Cost: a few look-ups for each serial of the chains.
    """
    known, swaps, left = set[str](), set[Swap](), list[Left]()
    wanted = {serial for serial in serials if serial}
    if line is not None:
        wanted |= {row[0] for row in _serials_of(connection, line)}
        wanted |= {serial for swap in swaps_of_line(connection, line) for serial in (swap.old, swap.new)}
    while new := wanted - known:
        known |= new
        found = swaps_of_serials(connection, new)
        swaps |= {swap for swap in found if _stands(connection, swap)}
        left += [one for swap in found if (one := _left(connection, swap)) is not None]
        wanted |= {serial for swap in found for serial in (swap.old, swap.new)}
    return forest_of(sales=_sales(connection, known), swaps=swaps, left=left)


def past_of(connection: Connection, line: int, unit: int) -> Past:
    """Say what happened to one unit of a line before.

    Args:
        connection: A state of the store.
        line: The number of the line.
        unit: Which piece of it, from 1.
    """
    cases = tuple(one for one in cases_of_line(connection, line) if one.unit == unit)
    mine = {one.case_id for one in cases}
    swaps = [s for s in swaps_of_line(connection, line) if s.case_id in mine and _stands(connection, s)]
    uses: dict[str, int] = {}
    for swap in swaps:
        uses[swap.promise] = uses.get(swap.promise, 0) + 1
    return Past(
        cases=cases,
        swapped_us=max((swap.at_us for swap in swaps), default=None),
        uses_used=uses,
        gone=any(_is_gone(one.case) for one in cases),
        first_serial=next((serial for serial, place in _serials_of(connection, line) if place == unit), ""),
    )


def _is_gone(case: Case) -> bool:
    """Whether the price of the unit went back, or is about to."""
    refunds = case.remedy is Remedy.REFUND and case.new is New.NONE
    return refunds and case.stage in {Stage.REFUND_DUE, Stage.REFUNDED} and case.old is not Old.WITH_BUYER


def _serials_of(connection: Connection, line: int) -> list[tuple[str, int]]:
    rows = ask(connection, "SELECT serial, unit FROM serials WHERE line = :line ORDER BY unit", line=line)
    return [(row.serial, row.unit) for row in rows]


def _sales(connection: Connection, serials: Iterable[str]) -> list[Sale]:
    sales = []
    for serial in sorted(serials):
        for line, unit in find_units(connection, serial):
            row = ask(connection, "SELECT line_id, placed_us FROM lines WHERE seq = :line", line=line).one()
            sales.append(Sale(serial=serial, line_id=row.line_id, unit=unit, at_us=row.placed_us))
    return sales


def _stands(connection: Connection, swap: Swap) -> bool:
    """Whether a swap holds: the new unit did not come back since."""
    one = find_case(connection, swap.case_id)
    return one is not None and one.case.new is New.WITH_BUYER and one.case.new_serial == swap.new


def _left(connection: Connection, swap: Swap) -> Left | None:
    """How the old unit of a swap left its buyer, or a new one that came back."""
    one = find_case(connection, swap.case_id)
    if one is None:
        return None
    if not _stands(connection, swap):
        return Left(serial=swap.new, at_us=one.case.since_us, ending=Ending.TAKEN_BACK)
    if one.case.old is Old.WITH_SHOP and one.case.stage in ENDS:
        return Left(serial=swap.old, at_us=max(one.case.since_us, swap.at_us + 1), ending=Ending.TAKEN_BACK)
    return None
