"""Units of a line, their money and where they part ways, without ever listing them.

The units of a line stand in a row, those with the larger share of what was paid first. Deliveries take them in that order, the
earliest first; so do returns. Runs of units with the same dates become covers.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from houbei.columns import MISSING
from houbei.facts.orders import Lines
from houbei.facts.parts import Parts
from houbei.kernels import kernel


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Covers:
    """Runs of like units: `units[i]` of line `line[i]`, with the same dates.

    `basis` is each unit's share of what was paid, minor units; `larger` of the units carry one minor unit more.
    `delivered` and `returned` are moments or `MISSING`. `of_line[k]:of_line[k + 1]` are the covers of line k.
    """

    line: NDArray[np.int64]
    units: NDArray[np.int64]
    larger: NDArray[np.int64]
    basis: NDArray[np.int64]
    delivered: NDArray[np.int64]
    returned: NDArray[np.int64]
    of_line: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.line)


@kernel()
def _split(bound, total, quantity, delivered, d_of, d_units, d_at, r_of, r_units, r_at, of_line, out):
    n = 0
    for line in range(len(bound)):
        of_line[line] = n
        if not bound[line]:
            continue
        q = quantity[line]
        share, rest = total[line], 0
        if q > 1:
            share, rest = share // q, share % q
        d, r = d_of[line], r_of[line]
        d_end = d_units[d] if d < d_of[line + 1] else q
        r_end = r_units[r] if r < r_of[line + 1] else q
        start = 0
        while start < q:
            end = min(d_end, r_end, q)
            out[0, n] = line
            out[1, n] = end - start
            out[2, n] = max(0, min(end, rest) - start)
            out[3, n] = share
            out[4, n] = d_at[d] if d < d_of[line + 1] else delivered[line]
            out[5, n] = r_at[r] if r < r_of[line + 1] else -(2**63)
            n += 1
            start = end
            if end == d_end:
                d += 1
                d_end = d_end + d_units[d] if d < d_of[line + 1] else q
            if end == r_end:
                r += 1
                r_end = r_end + r_units[r] if r < r_of[line + 1] else q
    of_line[len(bound)] = n
    return n


def split_units(lines: Lines, *, bound: NDArray[np.bool_], total: NDArray[np.int64]) -> Covers:
    """Split the units of the bound lines into covers.

    Args:
        lines: A batch of lines.
        bound: Which of them the promise protects; the others get no cover.
        total: What each line's units share, minor units: the basis of the whole line.

    Returns:
        Covers in the order of lines; those of one line in the order of its units.

    Cost: one pass over the lines and their parts. Clause: largest remainder, larger shares first (case A10).
    """
    rows = len(lines)
    returned = lines.moments.get("returned", np.full(rows, MISSING))
    delivered = lines.moments.get("delivered", np.full(rows, MISSING))
    deliveries = _per_line(lines.deliveries, rows)
    returns = _with_single_returns(lines, returned, rows)
    size = int(bound.sum()) + len(deliveries[1]) + len(returns[1])
    out = np.empty((6, size), dtype=np.int64)
    of_line = np.zeros(rows + 1, dtype=np.int64)
    n = _split(bound, total, lines.quantity, delivered, *deliveries, *returns, of_line, out, rows=rows)
    line, units, larger, basis, arrived, back = (out[k, :n] for k in range(6))
    return Covers(line=line, units=units, larger=larger, basis=basis, delivered=arrived, returned=back, of_line=of_line)


def _per_line(parts: Parts | None, rows: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Where each line's parts start, their units and their moments."""
    if parts is None:
        return np.zeros(rows + 1, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    starts = np.searchsorted(parts.line, np.arange(rows + 1), side="left").astype(np.int64)
    return starts, parts.quantity, parts.at


def _with_single_returns(
    lines: Lines, returned: NDArray[np.int64], rows: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """The returns of every line: its list where it has one, else `returned_at` with its quantity."""
    listed = np.zeros(rows, dtype=np.bool_)
    parts = lines.returns
    if parts is not None:
        listed[parts.line] = True
    single = np.flatnonzero((returned != MISSING) & (lines.returned_quantity > 0) & ~listed)
    if parts is None:
        return _per_line(Parts(single, lines.returned_quantity[single], returned[single]), rows)
    line = np.concatenate([parts.line, single])
    order = np.argsort(line, kind="stable")
    units = np.concatenate([parts.quantity, lines.returned_quantity[single]])[order]
    return _per_line(Parts(line[order], units, np.concatenate([parts.at, returned[single]])[order]), rows)
