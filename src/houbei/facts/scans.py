"""Scans: what was said to have happened to parcels, each with who said it. A scan is a fact with a source, not the truth."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from houbei.columns import MISSING, Text
from houbei.facts.dictionary import Dictionaries
from houbei.facts.fields import Fields, mark_repeated
from houbei.facts.promises import DeliveryReading
from houbei.facts.rejected import Findings, Rejection


class What(IntEnum):
    """What a scan tells of; its word in files is the name in small letters."""

    PACKED = 0
    HANDED_OVER = 1
    """The carrier has it."""
    MOVED = 2
    """It is somewhere on its way."""
    OUT_FOR_DELIVERY = 3
    ATTEMPTED = 4
    """Somebody stood before a closed door, or the buyer would not take it."""
    DELIVERED = 5
    INSTALLED = 6
    LOST = 7
    """The carrier has given it up."""
    SENT_BACK = 8
    """It is on its way back to the shop."""
    DISPUTED = 9
    """The buyer says that another scan is not so."""
    UPHELD = 10
    """A person looked, and the buyer is right: that other scan is void."""
    DISMISSED = 11
    """A person looked, and that other scan stands."""


WHATS = tuple(what.name.lower() for what in What)
"""The words of scans in files, by their code."""
TELLERS = ("carrier", "courier", "buyer", "shop", "warehouse")
"""Who tells of a scan, by their code."""
REQUIRED = ("scan_id", "at", "what")
KNOWN = frozenset(
    (
        *(*REQUIRED, "order_id", "delivery_id", "parcel_id", "told_by", "person", "carrier", "region", "disputes"),
        "evidence",
    )
)
"""The columns of the contract."""
ABOUT_A_SCAN = (What.DISPUTED, What.UPHELD, What.DISMISSED)
"""What is told of another scan, which `disputes` then names."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScansTold:
    """A batch of scans, one entry a row, rejected rows included (look at `findings`).

    `row` is the 1-based data row. `rank` is the place of the scan_id among those of the batch in the order of their bytes: what breaks
    ties. Texts are of the dictionaries of their names: `scan_ids`, `order_ids`, `delivery_ids`, `parcel_ids` (-1: the delivery's only parcel), `regions`,
    `carriers`; `disputes` is a scan_id, too. `at_us` is µs UTC; `what` and `told_by` are places in `WHATS` and `TELLERS`. `exists` is
    False for what happened after `as_of`.
    """

    row: NDArray[np.int64]
    findings: Findings
    exists: NDArray[np.bool_]
    rank: NDArray[np.int64]
    scan_ids: Text
    order_ids: Text
    delivery_ids: Text
    parcel_ids: Text
    at_us: NDArray[np.int64]
    what: NDArray[np.int64]
    told_by: NDArray[np.int8]
    persons: Text
    carriers: Text
    regions: Text
    disputes: Text
    evidence: pa.Array

    def __len__(self) -> int:
        return len(self.at_us)

    @property
    def live(self) -> NDArray[np.bool_]:
        """Which rows are scans: accepted, and of something that happened by `as_of`."""
        return self.findings.accepted & self.exists


def read_scans(
    table: pa.Table,
    *,
    first_row: int,
    reading: DeliveryReading,
    dictionaries: Dictionaries,
    broken: Collection[int] = (),
) -> ScansTold:
    """Read a batch of scans; all of one delivery belong in one batch.

    Args:
        table: As the file holds them: the columns of `REQUIRED`, `order_id` or `delivery_id`, and further ones of the contract.
        first_row: The 1-based data row of the first entry.
        reading: Zone and last moment.
        dictionaries: The codes shared with orders, promises and closures.
        broken: Places of rows that had another number of fields than the header.

    Raises:
        InputError: a required column is absent, or a column's type cannot hold what the contract says.

    Cost: a few passes over the columns, and a sort of the ids.
    """
    fields = Fields.of(table, file="scans", zone=reading.zone, required=REQUIRED, broken=broken)
    findings = fields.findings
    what, at_us = fields.words("what", WHATS).astype(np.int64), fields.moments("at")
    named = {name: fields.text(name, dictionaries[name]) for name in ("scan_id", "order_id", "delivery_id")}
    findings.note((named["order_id"].codes < 0) & (named["delivery_id"].codes < 0), Rejection.MISSING_VALUE)
    disputes = fields.text("disputes", dictionaries["scan_id"])
    about = np.isin(what, ABOUT_A_SCAN)
    findings.note(about & (disputes.codes < 0), Rejection.MISSING_VALUE)
    findings.note(about & (disputes.codes >= 0) & (disputes.codes == named["scan_id"].codes), Rejection.UNKNOWN_SCAN)
    scans = ScansTold(
        row=np.arange(first_row, first_row + len(fields), dtype=np.int64),
        findings=findings,
        exists=at_us <= reading.as_of_us,
        rank=fields.ids("scan_id")[1],
        scan_ids=named["scan_id"],
        order_ids=named["order_id"],
        delivery_ids=named["delivery_id"],
        parcel_ids=fields.text("parcel_id", dictionaries["parcel_id"]),
        at_us=at_us,
        what=what,
        told_by=fields.words("told_by", TELLERS, absent=0),
        persons=fields.text("person", dictionaries["person"]),
        carriers=fields.text("carrier", dictionaries["carrier"]),
        regions=fields.text("region", dictionaries["region"]),
        disputes=Text(np.where(about, disputes.codes, np.int32(-1)), disputes.values),
        evidence=fields.plain("evidence"),
    )
    findings.forget(~scans.exists & (at_us != MISSING))
    findings.note(mark_repeated(scans.rank, scans.live), Rejection.DUPLICATE_SCAN)
    return scans
