"""Claims: what buyers reported of units they bought, a batch of raw rows as columns, each row accepted or rejected with a reason."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from houbei.columns import MISSING, Column, Flag, Text, Whole
from houbei.errors import InputError
from houbei.facts.arrow import ranks_of
from houbei.facts.dictionary import Dictionaries, Dictionary
from houbei.facts.moments import read_moments
from houbei.facts.orders import Lines
from houbei.facts.raw import QUANTITY_MAX, encode, is_missing, plain_text, read_flag, read_other, read_whole
from houbei.facts.rejected import Findings, Rejection
from houbei.facts.texts import BAD, GOOD, OUT_OF_RANGE

REQUIRED = ("claim_id", "line_id", "reported_at")
KINDS = ("fault", "return")
"""What a claim is about, by its code: a unit that is faulty, or one that goes back for no reason."""
REMEDIES = ("replace", "refund", "repair")
"""What a buyer may want, by its code; -1 is no wish."""
OUTCOMES = ("confirmed", "no_fault_found", "misuse", "accessory_missing", "other_serial", "withdrawn")
"""What an inspection found, by its code; -1 where there was none (yet)."""
KNOWN = frozenset(
    (
        *(*REQUIRED, "unit", "serial", "replacement_serial", "fault", "channel", "intact", "kind", "wants", "outcome"),
        "settled_at",
    )
)
"""The columns of the contract; any other is a fact that conditions on claims may name, and is kept as it is."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Claims:
    """A batch of claims, one entry a row, rejected rows included (look at `findings`).

    `row` is the 1-based data row. `rank` is the place of the claim_id among those of the batch in the order of their bytes: what
    breaks ties. `line_ids`, `serials`, `replacement_serials` and `faults` are texts of the dictionaries `line_id`, `serial` and `fault`.
    Moments are µs UTC, `MISSING` where nothing was settled. `unit` is 0 where none is named; `kind`, `wants` and `outcome` are places
    in `KINDS`, `REMEDIES` and `OUTCOMES`. `exists` is False for claims reported after `as_of`. `others` holds columns that conditions
    name; `further` every column beyond the contract as it came.
    """

    row: NDArray[np.int64]
    findings: Findings
    exists: NDArray[np.bool_]
    ids: pa.Array
    rank: NDArray[np.int64]
    line_ids: Text
    reported_us: NDArray[np.int64]
    settled_us: NDArray[np.int64]
    unit: NDArray[np.int64]
    serials: Text
    replacement_serials: Text
    faults: Text
    intact: Flag
    kind: NDArray[np.int8]
    wants: NDArray[np.int8]
    outcome: NDArray[np.int8]
    others: Mapping[str, Column]
    further: Mapping[str, pa.Array]

    def __len__(self) -> int:
        return len(self.reported_us)

    @property
    def live(self) -> NDArray[np.bool_]:
        """Which rows are claims: accepted and reported by `as_of`."""
        return self.findings.accepted & self.exists


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimReading:
    """What the reader of claims must know beforehand.

    Args:
        zone: The zone for moments without one.
        named: Columns that conditions on claims name. One that the file does not have is unknown throughout.
        as_of_us: Later claims do not exist; what was settled later is not settled.
    """

    zone: str
    named: frozenset[str] = frozenset()
    as_of_us: int = 2**62


def read_claims(
    table: pa.Table,
    *,
    first_row: int,
    reading: ClaimReading,
    dictionaries: Dictionaries,
    broken: Collection[int] = (),
) -> Claims:
    """Read a batch of claims; all claims of one unit belong in one batch.

    Args:
        table: As the file holds them: the columns of `REQUIRED`, those of `KNOWN` that it has, and further ones. `unit` counts from 1;
            `replacement_serial` is that of the unit that was handed over.
        first_row: The 1-based data row of the first entry.
        reading: Zone, names and limits.
        dictionaries: The codes shared with the lines.
        broken: Places of rows that had another number of fields than the header.

    Raises:
        InputError: a required column is absent, or a column's type cannot hold what the contract says.

    Cost: a few passes over the columns, and a sort of the ids.
    """
    _check_columns(table)
    rows = len(table)
    raw = {name: table.column(name).combine_chunks() for name in table.column_names}
    findings = Findings.of(rows, broken)
    for name in REQUIRED:
        findings.note(is_missing(raw[name]), Rejection.MISSING_VALUE)
    reported, settled = (_moments(raw, name, reading.zone, findings) for name in ("reported_at", "settled_at"))
    findings.note((settled < reported) & (settled != MISSING), Rejection.IMPOSSIBLE_ORDER)
    unit, intact = _units(raw, findings, rows), _intact(raw, findings, rows)
    ids = plain_text(raw["claim_id"], where="claims.claim_id")
    claims = Claims(
        row=np.arange(first_row, first_row + rows, dtype=np.int64),
        findings=findings,
        exists=reported <= reading.as_of_us,
        ids=ids,
        rank=ranks_of([ids]),
        line_ids=_texts(raw, "line_id", dictionaries, rows=rows),
        reported_us=reported,
        settled_us=np.where(settled > reading.as_of_us, MISSING, settled),
        unit=unit,
        serials=_texts(raw, "serial", dictionaries, rows=rows),
        replacement_serials=_texts(raw, "replacement_serial", dictionaries, rows=rows, of="serial"),
        faults=_texts(raw, "fault", dictionaries, rows=rows),
        intact=intact,
        kind=np.maximum(_words(raw, "kind", KINDS, findings), 0),
        wants=_words(raw, "wants", REMEDIES, findings),
        outcome=_words(raw, "outcome", OUTCOMES, findings),
        others={name: _named(raw, name, dictionaries, unit, intact) for name in sorted(reading.named)},
        further={name: array for name, array in raw.items() if name not in KNOWN},
    )
    findings.forget(~claims.exists & (reported != MISSING))
    findings.note(_repeated(claims), Rejection.DUPLICATE_CLAIM)
    return claims


def find_lines(claims: Claims, lines: Lines, *, dictionaries: Dictionaries) -> NDArray[np.int64]:
    """Find the line of each claim among some lines.

    Args:
        claims: A batch of claims.
        lines: A batch of lines; each line_id once among those that are live.
        dictionaries: The codes that both use.

    Returns:
        The place of the line, -1 where none of these lines is meant.

    Cost: a look-up a line and a claim.
    """
    live = np.flatnonzero(lines.live)
    codes = dictionaries["line_id"].codes_of(lines.line_ids(live))
    known = np.full(len(dictionaries["line_id"]) + 1, -1, dtype=np.int64)
    known[codes] = live
    return known[claims.line_ids.codes]


def reject_unplaced(claims: Claims, line: NDArray[np.int64], lines: Lines) -> None:
    """Reject the claims of which no line is known, and those of a unit that their line does not have.

    Args:
        claims: The claims; their findings are noted.
        line: What `find_lines` gave; of claims put to several batches of lines, the greatest of what it gave.
        lines: The batch that `line` points into.
    """
    unknown = claims.exists & (line < 0)
    claims.findings.note(unknown, Rejection.UNKNOWN_LINE)
    placed = np.flatnonzero(claims.live & (line >= 0))
    beyond = np.zeros(len(claims), dtype=np.bool_)
    beyond[placed] = claims.unit[placed] > lines.quantity[line[placed]]
    claims.findings.note(beyond, Rejection.NO_SUCH_UNIT)


def _check_columns(table: pa.Table) -> None:
    missing = [name for name in REQUIRED if name not in table.column_names]
    if missing:
        raise InputError(
            came=f"no column {', '.join(missing)}",
            where="claims",
            expected=f"the columns {', '.join(REQUIRED)}",
            todo="Add or rename the columns.",
        )


def _moments(raw: Mapping[str, pa.Array], name: str, zone: str, findings: Findings) -> NDArray[np.int64]:
    if name not in raw:
        return np.full(len(findings.codes), MISSING)
    values, bad = read_moments(raw[name], zone=zone, where=f"claims.{name}")
    findings.note(bad, Rejection.BAD_TIME)
    return values


def _units(raw: Mapping[str, pa.Array], findings: Findings, rows: int) -> NDArray[np.int64]:
    if "unit" not in raw:
        return np.zeros(rows, dtype=np.int64)
    values, states = read_whole(raw["unit"], where="claims.unit", limit=QUANTITY_MAX)
    findings.note(states == BAD, Rejection.BAD_NUMBER)
    findings.note((states == OUT_OF_RANGE) | ((states == GOOD) & (values < 1)), Rejection.BAD_QUANTITY)
    return np.where(states == GOOD, values, 0)


def _intact(raw: Mapping[str, pa.Array], findings: Findings, rows: int) -> Flag:
    if "intact" not in raw:
        return Flag(np.zeros(rows, dtype=np.bool_), np.zeros(rows, dtype=np.bool_))
    values, states = read_flag(raw["intact"], where="claims.intact")
    findings.note(states == BAD, Rejection.BAD_FLAG)
    return Flag(values, states == GOOD)


def _texts(
    raw: Mapping[str, pa.Array], name: str, dictionaries: Dictionaries, *, rows: int, of: str | None = None
) -> Text:
    dictionary = dictionaries[of or name]
    if name not in raw:
        return Text(np.full(rows, -1, dtype=np.int32), dictionary.values)
    return encode(raw[name], dictionary, where=f"claims.{name}")


def _words(raw: Mapping[str, pa.Array], name: str, words: tuple[str, ...], findings: Findings) -> NDArray[np.int8]:
    """Read a column that may hold one of some words: each row's place among them, -1 where it is empty or another."""
    rows = len(findings.codes)
    if name not in raw:
        return np.full(rows, -1, dtype=np.int8)
    text = encode(raw[name], Dictionary(), where=f"claims.{name}")
    places = np.array([words.index(value) if value in words else -1 for value in text.values] + [-1], dtype=np.int8)
    codes = places[text.codes]
    findings.note((codes < 0) & (text.codes >= 0), Rejection.BAD_WORD)
    return codes


def _named(
    raw: Mapping[str, pa.Array], name: str, dictionaries: Dictionaries, unit: NDArray[np.int64], intact: Flag
) -> Column:
    if name == "unit":
        return Whole(unit, unit > 0)
    if name == "intact":
        return intact
    if name not in raw:
        return Text(np.full(len(unit), -1, dtype=np.int32), ())
    return read_other(raw[name], dictionaries[name], where=f"claims.{name}")


def _repeated(claims: Claims) -> NDArray[np.bool_]:
    """Mark the accepted rows whose claim_id stands in an earlier accepted row."""
    live = np.flatnonzero(claims.live)
    _, first = np.unique(claims.rank[live], return_index=True)
    repeated = np.zeros(len(claims), dtype=np.bool_)
    repeated[np.delete(live, first)] = True
    return repeated
