"""What a backtest leaves in its folder: payouts, held, rejected, summary."""

import csv
import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from houbei.backtest.batch import DECISIONS, HELD, PAYOUTS
from houbei.facts.rejected import REASONS, Rejection
from houbei.store.folders import open_folder

_LEAN = {"write_statistics": ["at"]}
"""Only moments are worth the time of their statistics; and of dictionaries only the one constant column's."""


_CODED = ("reason", "clause_id", "fact")


class Output:
    """The folder of one run; files are written as batches come, in the order of the orders."""

    def __init__(self, folder: Path, *, decisions: bool) -> None:
        open_folder(folder)
        self.folder = folder
        self.rejected = Counter[tuple[str, str]]()
        self._payouts = pq.ParquetWriter(folder / "payouts.parquet", PAYOUTS, use_dictionary=["clause_id"], **_LEAN)
        self._held = pq.ParquetWriter(folder / "held.parquet", HELD, use_dictionary=["reason"], **_LEAN)
        path = folder / "decisions.parquet"
        path.unlink(missing_ok=True)
        self._decisions = pq.ParquetWriter(path, DECISIONS, use_dictionary=list(_CODED)) if decisions else None
        self._rejected_file = (folder / "rejected.csv").open("w", encoding="utf-8", newline="")
        self._rejected = csv.writer(self._rejected_file, lineterminator="\n")
        self._rejected.writerow(["file", "row", "code", "reason"])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._payouts.close()
        self._held.close()
        if self._decisions is not None:
            self._decisions.close()
        self._rejected_file.close()

    def write_steps(self, payouts: pa.Table, held: pa.Table) -> None:
        """Append a batch's payouts and what is held."""
        if len(payouts):
            self._payouts.write_table(payouts)
        if len(held):
            self._held.write_table(held)

    def write_decisions(self, decisions: pa.Table | None) -> None:
        """Append why each line of a batch is owed what it is owed, or nothing."""
        if self._decisions is not None and decisions is not None:
            self._decisions.write_table(decisions)

    def write_rejected(self, file: str, rows: NDArray[np.int64], codes: NDArray[np.uint8]) -> None:
        """Append the rows of a file that could not be read, each with its reason."""
        for row, code in zip(rows.tolist(), codes.tolist(), strict=True):
            rejection = Rejection(code)
            self.rejected[file, rejection.name.lower()] += 1
            self._rejected.writerow([file, row, rejection.name.lower(), REASONS[rejection]])

    def write_json(self, name: str, value: Mapping[str, Any]) -> None:
        """Write one JSON file, readable by people."""
        (self.folder / name).write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
