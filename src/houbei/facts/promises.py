"""Promises of arrival that were given: what was shown to buyers, a batch of raw rows as columns, each row accepted or rejected."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from houbei.columns import MISSING, Flag, Text
from houbei.facts.arrow import flags_of, text_array
from houbei.facts.dictionary import Dictionaries, Dictionary
from houbei.facts.fields import Fields, mark_repeated
from houbei.facts.moments import DAY_US, read_moments, to_utc
from houbei.facts.raw import is_missing, read_amount, read_currencies
from houbei.facts.rejected import Findings, Rejection
from houbei.facts.texts import BAD, MISSING_TEXT

REQUIRED = ("promise_id", "order_id", "shown_at", "promised_by")
ASKERS = ("shop", "buyer")
"""Who asked for a promise, by its code: a row that the buyer asked for moves the promise."""
KNOWN = frozenset(
    (
        *(*REQUIRED, "delivery_id", "lines", "slot_from", "slot_fee", "currency", "parcels", "asked_by", "region"),
        *("carrier", "provisional"),
    )
)
"""The columns that decide anything; any other (chance_permille, calendar_version, reasons, …) is kept as it came."""
PARCELS_MAX = 10_000
"""More parcels than this under one promise are taken for a typing error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReading:
    """What the readers of promises given, scans and closures must know beforehand.

    Args:
        zone: The zone for moments without one, and for days.
        as_of_us: What was shown, scanned or made known later does not exist.
    """

    zone: str
    as_of_us: int = 2**62


@dataclass(frozen=True, slots=True, eq=False)
class NamedLines:
    """The lines that rows name: entry k says that row `row[k]` names the line of code `code[k]` (dictionary `line_id`)."""

    row: NDArray[np.int64]
    code: NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PromisesGiven:
    """A batch of promises that were shown, one entry a row, rejected rows included (look at `findings`).

    `row` is the 1-based data row. `rank` is the place of the promise_id among those of the batch in the order of their bytes: what breaks
    ties. `order_ids`, `delivery_ids` (the order's id where the row has none), `regions` and `carriers` are texts of the dictionaries
    `order_id`, `delivery_id`, `region` and `carrier`. `lines` are those that it names; `whole` marks the rows that mean every line of their order. Moments are µs UTC: `by_us` the first
    that is late, `from_us` the first that is not early (`MISSING` where it is a day). `fee_minor` is in `currency`. `exists` is False for
    what was shown after `as_of`. `further` holds every column that decides nothing, as it came.
    """

    row: NDArray[np.int64]
    findings: Findings
    exists: NDArray[np.bool_]
    ids: pa.Array
    rank: NDArray[np.int64]
    order_ids: Text
    delivery_ids: Text
    lines: NamedLines
    whole: NDArray[np.bool_]
    shown_us: NDArray[np.int64]
    from_us: NDArray[np.int64]
    by_us: NDArray[np.int64]
    fee_minor: NDArray[np.int64]
    currency: Text
    parcels: NDArray[np.int64]
    by_buyer: NDArray[np.bool_]
    regions: Text
    carriers: Text
    provisional: Flag
    further: Mapping[str, pa.Array]

    def __len__(self) -> int:
        return len(self.shown_us)

    @property
    def live(self) -> NDArray[np.bool_]:
        """Which rows are promises: accepted and shown by `as_of`."""
        return self.findings.accepted & self.exists


def read_promises(
    table: pa.Table,
    *,
    first_row: int,
    reading: DeliveryReading,
    dictionaries: Dictionaries,
    broken: Collection[int] = (),
) -> PromisesGiven:
    """Read a batch of promises given; all of one delivery belong in one batch.

    Args:
        table: As the file holds them: the columns of `REQUIRED`, those of `KNOWN` that it has, and further ones. A `promised_by` that is a
            date is a promise of that day: the midnight that ends it is the first moment that is late.
        first_row: The 1-based data row of the first entry.
        reading: Zone and last moment.
        dictionaries: The codes shared with orders, scans and closures.
        broken: Places of rows that had another number of fields than the header.

    Raises:
        InputError: a required column is absent, or a column's type cannot hold what the contract says.

    Cost: a few passes over the columns, a sort of the ids, and a JSON text a row that names its lines.
    """
    fields = Fields.of(table, file="promises", zone=reading.zone, required=REQUIRED, broken=broken)
    rows, findings = len(fields), fields.findings
    ids, rank = fields.ids("promise_id")
    shown, slot_from, by_us = (fields.moments(name) for name in ("shown_at", "slot_from", "promised_by"))
    by_us = _end_of_day(fields, by_us)
    findings.note((slot_from != MISSING) & (by_us != MISSING) & (slot_from >= by_us), Rejection.IMPOSSIBLE_ORDER)
    findings.note((shown >= by_us) & (by_us != MISSING) & (shown != MISSING), Rejection.PASSED_WHEN_SHOWN)
    fee, currency = _fee(fields)
    lines, whole = _lines(fields, dictionaries["line_id"])
    orders = fields.plain("order_id")
    delivery = dictionaries["delivery_id"].encode(pc.coalesce(fields.plain("delivery_id"), orders))
    promises = PromisesGiven(
        row=np.arange(first_row, first_row + rows, dtype=np.int64),
        findings=findings,
        exists=shown <= reading.as_of_us,
        ids=ids,
        rank=rank,
        order_ids=dictionaries["order_id"].encode(orders),
        delivery_ids=delivery,
        lines=lines,
        whole=whole,
        shown_us=shown,
        from_us=slot_from,
        by_us=by_us,
        fee_minor=fee,
        currency=currency,
        parcels=fields.count("parcels", absent=1, limit=PARCELS_MAX),
        by_buyer=fields.words("asked_by", ASKERS, absent=0) == ASKERS.index("buyer"),
        regions=fields.text("region", dictionaries["region"]),
        carriers=fields.text("carrier", dictionaries["carrier"]),
        provisional=fields.flag("provisional"),
        further={name: array for name, array in fields.columns.items() if name not in KNOWN},
    )
    findings.forget(~promises.exists & (shown != MISSING))
    findings.note(mark_repeated(promises.rank, promises.live), Rejection.DUPLICATE_PROMISE)
    return promises


def _end_of_day(fields: Fields, by_us: NDArray[np.int64]) -> NDArray[np.int64]:
    """Move what is written as a date to the midnight that ends it."""
    column = fields.columns["promised_by"]
    if pa.types.is_date(column.type):
        date = ~is_missing(column)
    elif pa.types.is_timestamp(column.type) or pa.types.is_null(column.type):
        return by_us
    else:
        date = flags_of(pc.equal(pc.binary_length(fields.plain("promised_by")), len("2026-02-16")))
    date &= by_us != MISSING
    if not date.any():
        return by_us
    readings, _ = read_moments(column, zone="UTC", where="promises.promised_by")
    ended = by_us.copy()
    ended[date] = to_utc(readings[date] + DAY_US, fields.zone)
    return ended


def _fee(fields: Fields) -> tuple[NDArray[np.int64], Text]:
    """What was paid for the slot, in minor units of a currency that the row must then name."""
    currency = fields.text("currency", Dictionary())
    exponents, unknown = read_currencies(currency)
    fields.findings.note(unknown & (currency.codes >= 0), Rejection.BAD_CURRENCY)
    if "slot_fee" not in fields.columns:
        return np.zeros(len(fields), dtype=np.int64), currency
    fee, states = read_amount(fields.columns["slot_fee"], exponents, where="promises.slot_fee")
    fields.findings.note(states == BAD, Rejection.BAD_MONEY)
    fields.findings.note((states != MISSING_TEXT) & (currency.codes < 0), Rejection.MISSING_VALUE)
    return fee, currency


def _lines(fields: Fields, dictionary: Dictionary) -> tuple[NamedLines, NDArray[np.bool_]]:
    """The lines that each row names, and which rows mean every line of their order."""
    decoder = msgspec.json.Decoder(list[str])
    whole, bad = np.ones(len(fields), dtype=np.bool_), np.zeros(len(fields), dtype=np.bool_)
    rows: list[int] = []
    texts: list[str] = []
    cells = fields.plain("lines").to_pylist() if "lines" in fields.columns else []
    for row, cell in enumerate(cells):
        if cell is None:
            continue
        try:
            found = decoder.decode(cell)
        except msgspec.MsgspecError:
            found = []
        whole[row], bad[row] = False, not found or len(set(found)) < len(found)
        rows += [row] * len(found)
        texts += found
    fields.findings.note(bad, Rejection.BAD_JSON)
    return NamedLines(np.array(rows, dtype=np.int64), dictionary.codes_of(text_array(texts))), whole
