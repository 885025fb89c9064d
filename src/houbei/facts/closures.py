"""Closures: named events such as a road closed by snow, a batch of raw rows as columns, each row accepted or rejected with a reason."""

from collections.abc import Collection
from dataclasses import dataclass

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from houbei.columns import MISSING, Text
from houbei.facts.dictionary import Dictionaries, Dictionary
from houbei.facts.fields import Fields, mark_repeated
from houbei.facts.promises import DeliveryReading
from houbei.facts.rejected import Findings, Rejection

REQUIRED = ("closure_id", "code", "from_at", "known_at")
KNOWN = frozenset((*REQUIRED, "until_at", "regions", "evidence", "supersedes"))
"""The columns of the contract."""
_WITHIN = ("-", "/")
"""What stands between the name of a region and that of a part of it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClosuresTold:
    """A batch of named events, one entry a row, rejected rows included (look at `findings`).

    `row` is the 1-based data row. `rank` is the place of the closure_id among those of the batch in the order of their bytes: what breaks
    ties. `codes` are of a dictionary of their own. Moments are µs UTC, half open; `until_us` is `MISSING` while it lasts; `known_us` is when it was made known. `regions` are the names
    of where it was, None for everywhere. `exists` is False for what was made known after `as_of`; `corrected` marks what a later row
    supersedes.
    """

    row: NDArray[np.int64]
    findings: Findings
    exists: NDArray[np.bool_]
    closure_ids: Text
    rank: NDArray[np.int64]
    codes: Text
    from_us: NDArray[np.int64]
    until_us: NDArray[np.int64]
    known_us: NDArray[np.int64]
    regions: tuple[tuple[str, ...] | None, ...]
    evidence: pa.Array
    corrected: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.from_us)

    @property
    def live(self) -> NDArray[np.bool_]:
        """Which rows are closures: accepted, made known by `as_of`, and not corrected by then."""
        return self.findings.accepted & self.exists & ~self.corrected


def read_closures(
    table: pa.Table,
    *,
    first_row: int,
    reading: DeliveryReading,
    dictionaries: Dictionaries,
    broken: Collection[int] = (),
) -> ClosuresTold:
    """Read a batch of closures; what corrects another belongs in one batch with it.

    Args:
        table: As the file holds them: the columns of `REQUIRED`, and further ones of the contract.
        first_row: The 1-based data row of the first entry.
        reading: Zone and last moment.
        dictionaries: The codes of `closure_id`.
        broken: Places of rows that had another number of fields than the header.

    Raises:
        InputError: a required column is absent, or a column's type cannot hold what the contract says.

    Cost: a few passes over the columns, and a JSON text a row that names regions.
    """
    fields = Fields.of(table, file="closures", zone=reading.zone, required=REQUIRED, broken=broken)
    findings, ids = fields.findings, dictionaries["closure_id"]
    from_us, until_us, known_us = (fields.moments(name) for name in ("from_at", "until_at", "known_at"))
    findings.note((until_us != MISSING) & (from_us != MISSING) & (until_us <= from_us), Rejection.IMPOSSIBLE_ORDER)
    exists = known_us <= reading.as_of_us
    closure_ids, rank = fields.text("closure_id", ids), fields.ids("closure_id")[1]
    supersedes = fields.text("supersedes", ids)
    corrects_itself = (supersedes.codes >= 0) & (supersedes.codes == closure_ids.codes)
    findings.note(corrects_itself, Rejection.IMPOSSIBLE_ORDER)
    regions = _regions(fields)
    findings.forget(~exists & (known_us != MISSING))
    findings.note(mark_repeated(rank, findings.accepted & exists), Rejection.DUPLICATE_CLOSURE)
    gone = np.zeros(len(ids) + 1, dtype=np.bool_)
    gone[supersedes.codes[findings.accepted & exists]] = True
    gone[-1] = False
    return ClosuresTold(
        row=np.arange(first_row, first_row + len(fields), dtype=np.int64),
        findings=findings,
        exists=exists,
        closure_ids=closure_ids,
        rank=rank,
        codes=fields.text("code", Dictionary()),
        from_us=from_us,
        until_us=until_us,
        known_us=known_us,
        regions=regions,
        evidence=fields.plain("evidence"),
        corrected=gone[closure_ids.codes],
    )


def lies_in(region: str, other: str) -> bool:
    """Whether a region is another one, or a part of it: `CN-11/haidian` lies in `CN-11` and in `CN`."""
    return region == other or region.startswith(tuple(other + mark for mark in _WITHIN))


def _regions(fields: Fields) -> tuple[tuple[str, ...] | None, ...]:
    decoder = msgspec.json.Decoder(list[str])
    bad = np.zeros(len(fields), dtype=np.bool_)
    found: list[tuple[str, ...] | None] = []
    for row, cell in enumerate(fields.plain("regions").to_pylist()):
        try:
            found.append(None if cell is None else tuple(decoder.decode(cell)))
        except msgspec.MsgspecError:
            bad[row] = True
            found.append(())
    fields.findings.note(bad, Rejection.BAD_JSON)
    return tuple(found)
