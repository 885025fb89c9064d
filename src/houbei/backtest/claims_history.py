"""A claims history: orders and claims from two files, read whole, with what the shop knows of batches, suppliers and costs.

Amounts are minor units of the line's currency. Both files are held in memory at once: claims of one unit belong together.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from houbei.backtest.inputs import fingerprint_of
from houbei.columns import MISSING, Text
from houbei.cover.units import Covers
from houbei.engine import Engine
from houbei.facts.claims import KNOWN as CLAIM_COLUMNS
from houbei.facts.claims import ClaimReading, Claims, find_lines, read_claims, reject_unplaced
from houbei.facts.dictionary import Dictionaries
from houbei.facts.orders import KNOWN as ORDER_COLUMNS
from houbei.facts.orders import Lines, Reading, columns_wanted, read_lines
from houbei.facts.raw import encode, read_amount, read_currencies
from houbei.facts.rejected import REASONS, Findings, Rejection
from houbei.facts.texts import BAD, GOOD
from houbei.judging import reading_of_promises
from houbei.store.files import Batch, RowFile
from houbei.terms.model import Terms

Whole = NDArray[np.int64]

ORIGINS = ("batch", "supplier")
"""Optional columns of orders: where the units of a line came from."""
UNIT_COST = "unit_cost"
"""Optional column of orders: what one unit of the line costs the shop, in major units."""
CLAIM_AMOUNTS = ("service_cost", "recovered", "salvage")
"""Optional columns of claims: what couriers and workshops cost, what the supplier gave back, what the old unit brought."""
_ALL_TIME = 2**62


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class History:
    """Everything read. `line` is the place of each claim's line, -1 where it has none.

    `origins` has texts by name where the orders have the column. `unit_minor` is what a unit of each line costs, `MISSING` where that
    is not known; `amounts` holds the columns of `CLAIM_AMOUNTS`, 0 where nothing is said. `order_columns` and `claim_columns` are
    those of the files. `table` is the orders as read.
    """

    orders: Path
    claims_path: Path
    lines: Lines
    claims: Claims
    line: Whole
    origins: Mapping[str, Text]
    unit_minor: Whole
    amounts: Mapping[str, Whole]
    dictionaries: Dictionaries
    order_columns: frozenset[str]
    claim_columns: frozenset[str]
    table: pa.Table
    reading: Reading
    as_of_us: int
    zone: str
    fingerprint: str

    @property
    def live_claims(self) -> Whole:
        """The places of claims that count: accepted, reported by `as_of`, of a line that is known."""
        return np.flatnonzero(self.claims.live & (self.line >= 0))

    def rejected(self) -> list[tuple[str, int, Rejection]]:
        """List the rows that could not be read: file, 1-based data row, reason."""
        found = []
        for file, rows, findings in (
            ("orders", self.lines.row, self.lines.findings),
            ("claims", self.claims.row, self.claims.findings),
        ):
            bad = np.flatnonzero(findings.codes)
            found += [(file, int(rows[k]), Rejection(int(findings.codes[k]))) for k in bad]
        return found

    def claimed_lines(self) -> tuple[Lines, Whole]:
        """Give the lines that any claim is of, read apart, and the place of each claim's line among them."""
        places, line = np.unique(self.line[self.live_claims], return_inverse=True)
        few = self.table.take(pa.array(places.tolist(), type=pa.int64())).combine_chunks()
        lines = read_lines(few, first_row=1, reading=self.reading, dictionaries=self.dictionaries)
        found = np.full(len(self.claims), -1, dtype=np.int64)
        found[self.live_claims] = line
        return lines, found


def read_history(
    orders: Path, claims: Path, *, promises: tuple[Terms, ...], zone: str, as_of_us: int | None
) -> History:
    """Read both files.

    Args:
        orders: Order lines, CSV or Parquet, with the optional columns batch, supplier, unit_cost and serials.
        claims: Claims, CSV or Parquet, with the optional columns of `CLAIM_AMOUNTS`.
        promises: The promises whose conditions and windows name columns; none where only rates are asked for.
        zone: The zone for moments without one, where no promise names it.
        as_of_us: Later facts do not exist; None for the latest moment in the files.

    Raises:
        InputError: a file, or a column that is needed, is absent or unusable.

    Cost: a pass over both files; one to two kilobytes of memory a line.
    """
    order_file = RowFile(orders, contract=ORDER_COLUMNS | {*ORIGINS, UNIT_COST})
    claim_file = RowFile(claims, contract=CLAIM_COLUMNS | {*CLAIM_AMOUNTS})
    dictionaries = Dictionaries()
    now = _ALL_TIME if as_of_us is None else as_of_us
    reading, claim_reading = _reading(promises, order_file, zone=zone, as_of_us=now)
    wanted = columns_wanted(order_file.columns, reading)
    extra = [name for name in (*ORIGINS, UNIT_COST) if name in order_file.columns and name not in wanted]
    whole = order_file.read(_whole(order_file), [*wanted, *extra])
    table = whole.select(wanted)
    lines = read_lines(table, first_row=1, reading=reading, dictionaries=dictionaries, broken=order_file.broken)
    unit_minor = _unit_costs(whole, lines)
    _reject_twins(lines, dictionaries)
    read = read_claims(
        claim_file.read(_whole(claim_file), claim_file.columns),
        first_row=1,
        reading=claim_reading,
        dictionaries=dictionaries,
        broken=claim_file.broken,
    )
    line = find_lines(read, lines, dictionaries=dictionaries)
    reject_unplaced(read, line, lines)
    amounts = _claim_amounts(read, line, lines)
    return History(
        orders=orders,
        claims_path=claims,
        lines=lines,
        claims=read,
        line=line,
        origins=_origins(whole, dictionaries),
        unit_minor=unit_minor,
        amounts=amounts,
        dictionaries=dictionaries,
        order_columns=frozenset(order_file.columns),
        claim_columns=frozenset(claim_file.columns),
        table=table,
        reading=reading,
        as_of_us=_latest(lines, read) if as_of_us is None else as_of_us,
        zone=reading.zone,
        fingerprint=fingerprint_of(orders, claims),
    )


def _reading(promises: tuple[Terms, ...], orders: RowFile, *, zone: str, as_of_us: int) -> tuple[Reading, ClaimReading]:
    if promises:
        return reading_of_promises(promises, present=orders.columns, as_of_us=as_of_us)
    return Reading(zone=zone, serials=True, as_of_us=as_of_us), ClaimReading(zone=zone, as_of_us=as_of_us)


def _origins(table: pa.Table, dictionaries: Dictionaries) -> dict[str, Text]:
    present = [name for name in ORIGINS if name in table.column_names]
    return {name: encode(_column(table, name), dictionaries[name], where=f"orders.{name}") for name in present}


def open_units(history: History, terms: Terms) -> tuple[Covers, Whole]:
    """Give the runs of units that a promise covers, and when it ends for each, `FOREVER` where nothing says so yet."""
    first = int(history.lines.moments["placed"][history.lines.live].min(initial=history.as_of_us))
    engine = Engine(terms, dictionaries=history.dictionaries, from_us=first, as_of_us=history.as_of_us)
    covers, openings = engine.open(history.lines, binding=engine.bind(history.lines))
    return covers, openings.closes


def bound_for_ever(terms: Terms) -> Terms:
    """The same terms, bound to every line whatever their `effective` dates: what is tried on history has no such dates."""
    return replace(terms, sold_from_us=None, sold_until_us=None)


def _whole(file: RowFile) -> Batch:
    return Batch(first_row=1, size=file.rows, groups=tuple(k for batch in file.batches() for k in batch.groups))


def _column(table: pa.Table, name: str) -> pa.Array:
    column = table.column(name)
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _exponents(lines: Lines) -> NDArray[np.int8]:
    return read_currencies(lines.texts["currency"])[0]


def _unit_costs(table: pa.Table, lines: Lines) -> Whole:
    if UNIT_COST not in table.column_names:
        return np.full(len(lines), MISSING)
    cost, states = read_amount(_column(table, UNIT_COST), _exponents(lines), where=f"orders.{UNIT_COST}")
    lines.findings.note((states == BAD) & lines.exists, Rejection.BAD_MONEY)
    return np.where(states == GOOD, cost, MISSING)


def _reject_twins(lines: Lines, dictionaries: Dictionaries) -> None:
    """Reject the rows whose line_id stands in an earlier row that is accepted."""
    live = np.flatnonzero(lines.live)
    codes = dictionaries["line_id"].codes_of(lines.line_ids(live))
    twins = np.zeros(len(lines), dtype=np.bool_)
    twins[np.delete(live, np.unique(codes, return_index=True)[1])] = True
    lines.findings.note(twins, Rejection.DUPLICATE_LINE)


def _claim_amounts(claims: Claims, line: Whole, lines: Lines) -> dict[str, Whole]:
    exponents = np.append(_exponents(lines), np.int8(0))[line]
    amounts = {}
    for name in CLAIM_AMOUNTS:
        if name not in claims.further:
            amounts[name] = np.zeros(len(claims), dtype=np.int64)
            continue
        minor, states = read_amount(claims.further[name], exponents, where=f"claims.{name}")
        claims.findings.note((states == BAD) & claims.live, Rejection.BAD_MONEY)
        amounts[name] = np.where(states == GOOD, minor, 0)
    return amounts


def _latest(lines: Lines, claims: Claims) -> int:
    moments = [values[lines.live] for values in lines.moments.values()]
    moments += [values[claims.live] for values in (claims.reported_us, claims.settled_us)]
    return max((int(values.max(initial=0)) for values in moments), default=0)


def counted_rejections(findings: Findings) -> dict[str, int]:
    """Count rejected rows by code."""
    codes, counts = np.unique(findings.codes[findings.codes > 0], return_counts=True)
    return {Rejection(int(code)).name.lower(): int(count) for code, count in zip(codes, counts, strict=True)}


def reason_text(rejection: Rejection) -> str:
    """Say in a sentence why a row was rejected."""
    return REASONS[rejection]
