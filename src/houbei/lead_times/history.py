"""A history of deliveries: one row an order, what happened to it on which local day, and what was known when it was bought.

Everything is judged by date in the local calendar: an order that arrives on the promised date is kept, at whatever hour. An order
without arrival is open: it is known not to have arrived by the last day of the history, and is kept in it.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from houbei.calendars.days import DAY_US, Days, check_zone
from houbei.columns import MISSING
from houbei.errors import InputError
from houbei.facts.moments import read_moments, to_utc
from houbei.facts.raw import plain_text
from houbei.facts.rejected import REASONS, Findings, Rejection
from houbei.lead_times.shapes import CALLED_OFF, MOMENTS, PLACES, SIZES, Shape, known_columns, shape_of
from houbei.store.files import RowFile

Whole = NDArray[np.int64]
Marks = NDArray[np.bool_]
Reals = NDArray[np.float64]

NEVER = 2**40
"""The day of an arrival that has not happened."""
UNKNOWN = ""
"""A place that the file does not name."""
_OTHER_DATES = ("%d-%b-%y", "%m/%d/%y")
"""Dates as two known files write them: 2-Jun-06, 11/13/06."""
_NO_DATE = re.compile(r"[^0-9]*")
"""A text without any figure says why there is no date."""
_EPOCH_DAY = datetime(1970, 1, 1).toordinal()  # noqa: DTZ001  a date, not a moment
_REASONS = {Rejection.IMPOSSIBLE_ORDER: "the order arrived on a day before it was bought"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Orders:
    """What is known of orders when they are bought, in the order of their purchase.

    Days are local, since 1970-01-01. `estimated_day` is what the shop itself promised, `MISSING` where it did not. `places` has codes
    by name, into `names`; `sizes` numbers by name, NaN where not known.
    """

    ids: list[str]
    purchased_day: Whole
    estimated_day: Whole
    places: Mapping[str, Whole]
    names: Mapping[str, list[str]]
    sizes: Mapping[str, Reals]

    def __len__(self) -> int:
        """Count the orders."""
        return len(self.ids)

    def at(self, rows: Whole) -> "Orders":
        """Give some of the orders, in the order given."""
        return replace(
            self,
            ids=[self.ids[row] for row in rows.tolist()],
            purchased_day=self.purchased_day[rows],
            estimated_day=self.estimated_day[rows],
            places={name: codes[rows] for name, codes in self.places.items()},
            sizes={name: numbers[rows] for name, numbers in self.sizes.items()},
        )

    def without_estimate(self) -> "Orders":
        """Give the same orders as if the shop had promised nothing."""
        return replace(self, estimated_day=np.full(len(self), MISSING))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class History:
    """Orders and what became of them.

    `arrived_day` is `NEVER` for an order that is open, `called_off` marks those that nobody waits for any more. `as_of_day` is the last
    day that anything is known of; an open order has not arrived before it. `rejected` lists 1-based data rows with their reasons.
    """

    orders: Orders
    arrived_day: Whole
    called_off: Marks
    as_of_day: int
    calendar: str | None
    shape: str
    rows: int
    rejected: list[tuple[int, Rejection]]
    file: str
    fingerprint: str

    @property
    def lead_days(self) -> Whole:
        """Whole days from purchase to arrival; beyond any length for open orders."""
        return self.arrived_day - self.orders.purchased_day

    @property
    def open(self) -> Marks:
        """Mark the orders that have not arrived."""
        return np.equal(self.arrived_day, NEVER)

    def known_by(self, day: int) -> "History":
        """Give what was known when a day began: orders bought before it, arrivals before it. Nothing later can be seen from here.

        What was called off is told with no date, so it is known only after the last day of the history; before, such orders are open.
        """
        rows = np.flatnonzero(self.orders.purchased_day < day)
        arrived = self.arrived_day[rows]
        return replace(
            self,
            orders=self.orders.at(rows),
            arrived_day=np.where(arrived < day, arrived, NEVER),
            called_off=self.called_off[rows] & (day > self.as_of_day),
            as_of_day=day,
        )

    def without_estimate(self) -> "History":
        """Give the same history as if the shop had promised nothing."""
        return replace(self, orders=self.orders.without_estimate())


def read_history(
    path: Path,
    *,
    named: Mapping[str, str] | None = None,
    zone: str = "UTC",
    required: Sequence[str] = ("purchased", "delivered"),
) -> History:
    """Read a history of deliveries from CSV or Parquet.

    Args:
        path: The file. The columns of known files are read as they are; see `shapes`.
        named: Columns by meaning, for other files.
        zone: Where dates are local; moments without a zone are read in it.
        required: What the columns must tell; orders that are to be promised have not been delivered.

    Raises:
        InputError: the file cannot be used; a single row that cannot be read is rejected instead.

    Cost: a pass over the columns that have a meaning.
    """
    check_zone(zone, where="--zone")
    chosen = named or {}
    file = RowFile(path, contract=[*known_columns(), *chosen.values()])
    shape = shape_of(file.columns, chosen, required=required, where=path.name)
    wanted = sorted({column for columns in shape.columns.values() for column in columns})
    table = pa.concat_tables([plain(file.read(batch, wanted)) for batch in file.batches()]).combine_chunks()
    reader = _Reader(
        table=table, shape=shape, zone=zone, where=path.name, findings=Findings.of(len(table), file.broken)
    )
    return reader.history(sha256_of(path))


def plain(table: pa.Table) -> pa.Table:
    """Give a table with no dictionaries in it, so that batches of it have one schema."""
    columns = [
        column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
        for column in table.columns
    ]
    return pa.table(columns, names=table.column_names)


def sha256_of(path: Path) -> str:
    """Name a file by its bytes."""
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Reader:
    """One file being read: columns to days, places and sizes, and the verdict on each row."""

    table: pa.Table
    shape: Shape
    zone: str
    where: str
    findings: Findings

    def history(self, fingerprint: str) -> History:
        moments = {name: self._moments(name) for name in MOMENTS}
        purchased, delivered = moments["purchased"], moments["delivered"]
        self.findings.note(purchased == MISSING, Rejection.MISSING_VALUE)
        days = {name: self._days(values) for name, values in moments.items()}
        before = (delivered != MISSING) & (purchased != MISSING) & (days["delivered"] < days["purchased"])
        self.findings.note(before, Rejection.IMPOSSIBLE_ORDER)
        rows = np.flatnonzero(self.findings.accepted)
        if not len(rows):
            raise InputError(
                came="no row that can be read",
                where=self.where,
                expected="orders with the moment of their purchase",
                todo="Look at rejected.csv, or name the columns with --columns.",
            )
        ids = self._ids()
        rows = rows[np.lexsort((rows, np.array(ids)[rows], days["purchased"][rows]))]
        places = {name: self._codes(name, rows) for name in PLACES if name in self.shape.columns}
        orders = Orders(
            ids=[ids[row] for row in rows.tolist()],
            purchased_day=days["purchased"][rows],
            estimated_day=days["estimated"][rows],
            places={name: codes for name, (codes, _) in places.items()},
            names={name: values for name, (_, values) in places.items()},
            sizes={name: self._numbers(name)[rows] for name in SIZES if name in self.shape.columns},
        )
        arrived = np.where(delivered == MISSING, NEVER, days["delivered"])[rows]
        seen = [days[name][rows][moments[name][rows] != MISSING] for name in MOMENTS if name != "estimated"]
        return History(
            orders=orders,
            arrived_day=arrived,
            called_off=self._called_off()[rows] & (arrived == NEVER),
            as_of_day=int(np.concatenate(seen).max()),
            calendar=self.shape.calendar,
            shape=self.shape.name,
            rows=len(self.table),
            rejected=[
                (int(k) + 1, Rejection(int(self.findings.codes[k]))) for k in np.flatnonzero(self.findings.codes)
            ],
            file=self.where,
            fingerprint=fingerprint,
        )

    def _moments(self, meaning: str) -> Whole:
        found = np.full(len(self.table), MISSING)
        for column in self.shape.columns.get(meaning, ()):
            values, bad = self._column_of_moments(column)
            found = np.where(found == MISSING, values, found)
            self.findings.note(bad & (found == MISSING), Rejection.BAD_TIME)
        return found

    def _column_of_moments(self, column: str) -> tuple[Whole, Marks]:
        raw = self.table.column(column).combine_chunks()
        values, bad = read_moments(raw, zone=self.zone, where=f"{self.where}, column {column}")
        if not bad.any():
            return values, bad
        other = {text: _other_date(text) for text in pc.unique(raw.filter(pa.array(bad))).to_pylist()}
        texts = raw.to_pylist()
        for row in np.flatnonzero(bad).tolist():
            read = other[texts[row]]
            bad[row] = read is None
            values[row] = MISSING if read is None or read == MISSING else int(to_utc(np.array([read]), self.zone)[0])
        return values, bad

    def _days(self, moments: Whole) -> Whole:
        known = np.flatnonzero(moments != MISSING)
        days = np.full(len(moments), MISSING)
        if len(known):
            span = Days.over(self.zone, from_us=int(moments[known].min()), to_us=int(moments[known].max()))
            days[known] = span.day_of(moments[known])
        return days

    def _texts(self, meaning: str) -> list[str]:
        column = self.shape.columns[meaning][0]
        raw = self.table.column(column).combine_chunks()
        return [text or UNKNOWN for text in plain_text(raw, where=f"{self.where}, column {column}").to_pylist()]

    def _ids(self) -> list[str]:
        rows = [f"row:{row}" for row in range(1, len(self.table) + 1)]
        return (
            [text or row for text, row in zip(self._texts("order_id"), rows, strict=True)]
            if "order_id" in self.shape.columns
            else rows
        )

    def _codes(self, meaning: str, rows: Whole) -> tuple[Whole, list[str]]:
        texts = np.array(self._texts(meaning), dtype=np.str_)[rows]
        values, codes = np.unique(texts, return_inverse=True)
        return codes.astype(np.int64), values.tolist()

    def _numbers(self, meaning: str) -> Reals:
        raw = self.table.column(self.shape.columns[meaning][0]).combine_chunks()
        if pa.types.is_integer(raw.type) or pa.types.is_floating(raw.type) or pa.types.is_decimal(raw.type):
            return np.array([np.nan if value is None else value for value in raw.to_pylist()], dtype=np.float64)
        return np.array([_number(text) for text in self._texts(meaning)], dtype=np.float64)

    def _called_off(self) -> Marks:
        if "status" not in self.shape.columns:
            return np.zeros(len(self.table), dtype=np.bool_)
        return np.array([text.strip().lower() in CALLED_OFF for text in self._texts("status")], dtype=np.bool_)


def _number(text: str) -> float:
    """Read a number; words that stand in its place say that it is not known."""
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _other_date(text: str) -> int | None:
    """Read a date in one of the ways that known files have, as local microseconds; `MISSING` for words, None for what is no date."""
    if _NO_DATE.fullmatch(text):
        return MISSING
    for shape in _OTHER_DATES:
        try:
            read = datetime.strptime(text.strip(), shape)  # noqa: DTZ007  a local date, not a moment
        except ValueError:
            continue
        return (read.toordinal() - _EPOCH_DAY) * DAY_US
    return None


def reason_text(rejection: Rejection) -> str:
    """Say why a row was rejected, in the words of deliveries."""
    return _REASONS.get(rejection, REASONS[rejection])
