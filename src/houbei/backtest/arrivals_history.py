"""A history of deliveries: orders, promises given, scans and closures from up to four files, read whole.

All are held in memory at once: what arrives together belongs together.
"""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from houbei.backtest.claims_history import counted_rejections
from houbei.backtest.inputs import Progress, fingerprint_of
from houbei.deliveries import reading_of_deliveries
from houbei.errors import InputError
from houbei.facts.closures import KNOWN as CLOSURE_COLUMNS
from houbei.facts.closures import REQUIRED as CLOSURES_NEED
from houbei.facts.closures import ClosuresTold, read_closures
from houbei.facts.deliveries import reject_unplaced
from houbei.facts.dictionary import Dictionaries
from houbei.facts.fields import mark_repeated
from houbei.facts.orders import KNOWN as ORDER_COLUMNS
from houbei.facts.orders import Lines, columns_wanted, read_lines
from houbei.facts.promises import KNOWN as PROMISE_COLUMNS
from houbei.facts.promises import REQUIRED as PROMISES_NEED
from houbei.facts.promises import PromisesGiven, read_promises
from houbei.facts.rejected import Findings, Rejection
from houbei.facts.scans import KNOWN as SCAN_COLUMNS
from houbei.facts.scans import REQUIRED as SCANS_NEED
from houbei.facts.scans import ScansTold, read_scans
from houbei.store.files import Batch, RowFile
from houbei.terms.delivery import Made
from houbei.terms.model import Terms

_ALL_TIME = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalFiles:
    """The files of a history: orders, and of the others those that there are."""

    orders: Path
    promises: Path | None = None
    scans: Path | None = None
    closures: Path | None = None

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files that there are, orders first."""
        return tuple(path for path in (self.orders, self.promises, self.scans, self.closures) if path is not None)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ArrivalHistory:
    """Everything read."""

    lines: Lines
    promises: PromisesGiven
    scans: ScansTold
    closures: ClosuresTold
    dictionaries: Dictionaries
    as_of_us: int
    fingerprint: str

    def findings(self) -> dict[str, tuple[NDArray[np.int64], Findings]]:
        """By file the 1-based data rows, and what was found wrong with them."""
        return {
            "orders": (self.lines.row, self.lines.findings),
            "promises": (self.promises.row, self.promises.findings),
            "scans": (self.scans.row, self.scans.findings),
            "closures": (self.closures.row, self.closures.findings),
        }

    def rejected(self) -> list[tuple[str, int, Rejection]]:
        """List the rows that could not be read: file, 1-based data row, reason."""
        return [
            (file, int(rows[k]), Rejection(int(findings.codes[k])))
            for file, (rows, findings) in self.findings().items()
            for k in np.flatnonzero(findings.codes)
        ]

    def rejected_by_code(self) -> dict[str, dict[str, int]]:
        """Count the rejected rows of each file by code."""
        return {file: counted_rejections(findings) for file, (_, findings) in self.findings().items()}


def read_arrivals(files: ArrivalFiles, *, terms: Terms, as_of_us: int | None, progress: Progress) -> ArrivalHistory:
    """Read the files of a history of deliveries.

    Args:
        files: CSV or Parquet. Without promises only what a document promises by itself can be kept.
        terms: The delivery promise.
        as_of_us: Later facts do not exist; None for the latest moment in the files.
        progress: Told of each file.

    Raises:
        InputError: a file, or a column that is needed, is absent or unusable; or the document asks for promises that were shown, and no
            file tells of any.

    Cost: a pass over each file, and half a kilobyte to a kilobyte of memory a line.
    """
    if terms.arrival is not None and terms.arrival.made is Made.SHOWN and files.promises is None:
        raise InputError(
            came="no --promises",
            where="houbei backtest",
            expected=f"the promises that were shown to buyers, which {terms.term} is about",
            todo="Give --promises FILE.",
        )
    dictionaries, now = Dictionaries(), _ALL_TIME if as_of_us is None else as_of_us
    orders, reading = reading_of_deliveries(terms, as_of_us=now)
    file = RowFile(files.orders, contract=ORDER_COLUMNS)
    progress("read", 1, len(files.paths) + 1)
    table = file.read(_whole(file), columns_wanted(file.columns, orders))
    lines = read_lines(table, first_row=1, reading=orders, dictionaries=dictionaries, broken=file.broken)
    lines.findings.note(_told_before(lines, dictionaries), Rejection.DUPLICATE_LINE)
    read: dict[str, Any] = {"first_row": 1, "reading": reading, "dictionaries": dictionaries}
    rows, broken = _rows_of(files.promises, PROMISE_COLUMNS, PROMISES_NEED)
    promises = read_promises(rows, broken=broken, **read)
    rows, broken = _rows_of(files.scans, SCAN_COLUMNS, SCANS_NEED)
    scans = read_scans(rows, broken=broken, **read)
    rows, broken = _rows_of(files.closures, CLOSURE_COLUMNS, CLOSURES_NEED)
    closures = read_closures(rows, broken=broken, **read)
    progress("read", len(files.paths), len(files.paths) + 1)
    reject_unplaced(promises, scans, lines, dictionaries=dictionaries)
    return ArrivalHistory(
        lines=lines,
        promises=promises,
        scans=scans,
        closures=closures,
        dictionaries=dictionaries,
        as_of_us=_latest(lines, promises, scans) if as_of_us is None else as_of_us,
        fingerprint=fingerprint_of(*files.paths),
    )


def _whole(file: RowFile) -> Batch:
    return Batch(first_row=1, size=file.rows, groups=tuple(k for batch in file.batches() for k in batch.groups))


def _rows_of(path: Path | None, contract: Collection[str], needed: Collection[str]) -> tuple[pa.Table, Collection[int]]:
    """The rows of a file and its broken ones; none where there is no file."""
    if path is None:
        return pa.table({name: pa.nulls(0, pa.string()) for name in needed}), ()
    file = RowFile(path, contract=contract)
    return file.read(_whole(file), file.columns), file.broken


def _told_before(lines: Lines, dictionaries: Dictionaries) -> NDArray[np.bool_]:
    """Mark the rows whose line_id stands in an earlier row that is accepted."""
    live = np.flatnonzero(lines.live)
    codes = dictionaries["line_id"].codes_of(lines.line_ids(live))
    return mark_repeated(_spread(codes, live, len(lines)), lines.live)


def _spread(codes: NDArray[np.int32], rows: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """The codes of some rows, by row; -1 elsewhere."""
    found = np.full(size, -1, dtype=np.int64)
    found[rows] = codes
    return found


def _latest(lines: Lines, promises: PromisesGiven, scans: ScansTold) -> int:
    moments = [values[lines.live] for values in lines.moments.values()]
    moments += [promises.shown_us[promises.live], scans.at_us[scans.live]]
    return max((int(values.max(initial=0)) for values in moments), default=0)
