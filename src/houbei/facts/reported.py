"""Which unit of its line a claim is about, and whether its serial is one that the line has."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from houbei.facts.claims import Claims
from houbei.facts.orders import Lines

Whole = NDArray[np.int64]

MATCHES, DIFFERS, NOT_KNOWN = 1, 0, -1
"""Whether a serial is one of the line's; not known where the claim names none, or nobody noted what was delivered."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reported:
    """What claims are about: `unit` from 1 within its line, 0 where it cannot be told; `serial` as `MATCHES` and its like."""

    unit: Whole
    serial: NDArray[np.int8]


def units_reported(claims: Claims, line: Whole, lines: Lines) -> Reported:
    """Find the unit of each claim: by its serial, else as named, else the only one there is.

    A serial that replaced another belongs to the same unit from then on: `replacement_serial` of an earlier claim of the line counts
    as delivered.

    Args:
        claims: A batch; claims that are rejected or of no line are about unit 0.
        line: The line of each claim, -1 where there is none.
        lines: The lines.

    Cost: a look-up for each claim that names a serial, in the order of reporting.
    """
    rows = len(claims)
    placed = claims.live & (line >= 0)
    single = np.zeros(rows, dtype=np.bool_)
    single[placed] = lines.quantity[line[placed]] == 1
    unit = np.where(placed, np.where(single, 1, claims.unit), 0)
    serial = np.full(rows, NOT_KNOWN, dtype=np.int8)
    units, noted = _delivered(lines)
    told = placed & ((claims.serials.codes >= 0) | (claims.replacement_serials.codes >= 0))
    order = np.lexsort((claims.rank, claims.reported_us))
    for place in order[told[order]].tolist():
        mine, code = int(line[place]), int(claims.serials.codes[place])
        if code >= 0:
            found = units.get((mine, code), 0)
            unit[place] = found or unit[place]
            serial[place] = MATCHES if found else DIFFERS if mine in noted else NOT_KNOWN
        new = int(claims.replacement_serials.codes[place])
        if new >= 0 and unit[place] and serial[place] != DIFFERS:
            units[mine, new] = int(unit[place])
    return Reported(unit=unit, serial=serial)


def _delivered(lines: Lines) -> tuple[dict[tuple[int, int], int], set[int]]:
    """The unit of each serial of each line, and the lines of which serials were noted for every unit."""
    serials = lines.serials
    if serials is None:
        return {}, set()
    units = dict(
        zip(
            zip(serials.line.tolist(), serials.code.tolist(), strict=True),
            serials.unit.tolist(),
            strict=True,
        )
    )
    counts = np.bincount(serials.line, minlength=len(lines))
    return units, set(np.flatnonzero((counts > 0) & (counts == lines.quantity)).tolist())
