"""Between the columns of files and the rows of the store, for promises given, scans and closures; nothing is decided here.

What is read back has the columns that a file has, so that the same readers take both. An id that two sources use is told apart by its
source; an id of one source stays as it was told, so that ties are broken as they are in files.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from houbei.columns import MISSING, Text
from houbei.facts.closures import ClosuresTold
from houbei.facts.promises import ASKERS, PromisesGiven
from houbei.facts.scans import TELLERS, WHATS, ScansTold
from houbei.money import text_of
from houbei.store.people import key_of

Row = tuple[Any, ...]
_ENCODER = msgspec.json.Encoder(order="deterministic")
_MOMENT = pa.timestamp("us", tz="UTC")


def rows_of_promises(told: PromisesGiven, *, line_ids: Sequence[str], source: str, known_us: int) -> list[Row]:
    """Give the accepted promises of a batch as rows of the store.

    Args:
        told: The batch.
        line_ids: The dictionary that its lines are coded in.
        source: Who told of them.
        known_us: When.
    """
    named: dict[int, list[str]] = {}
    for row, code in zip(told.lines.row.tolist(), told.lines.code.tolist(), strict=True):
        named.setdefault(row, []).append(line_ids[code])
    further = {name: column.to_pylist() for name, column in told.further.items()}
    texts = [
        _texts(column) for column in (told.delivery_ids, told.order_ids, told.currency, told.regions, told.carriers)
    ]
    known = told.provisional.known
    provisional = (told.provisional.values if known is None else told.provisional.values & known).tolist()
    ids = told.ids.to_pylist()
    rows = list[Row]()
    for k in np.flatnonzero(told.findings.accepted).tolist():
        delivery, order, currency, region, carrier = (column[k] for column in texts)
        more = {name: values[k] for name, values in further.items() if values[k] is not None}
        rows.append(
            (
                source,
                str(ids[k]),
                delivery,
                order,
                None if told.whole[k] else _ENCODER.encode(sorted(named[k])).decode(),
                int(told.shown_us[k]),
                _moment(told.from_us[k]),
                int(told.by_us[k]),
                None if currency is None else int(told.fee_minor[k]),
                currency,
                int(told.parcels[k]),
                ASKERS[int(told.by_buyer[k])],
                region,
                carrier,
                int(provisional[k]),
                _ENCODER.encode(more).decode(),
                known_us,
            )
        )
    return rows


def rows_of_scans(told: ScansTold, *, source: str, known_us: int) -> list[Row]:
    """Give the accepted scans of a batch as rows of the store, people by their keys; arguments as for promises."""
    columns = (told.scan_ids, told.order_ids, told.delivery_ids, told.parcel_ids, told.persons, told.carriers)
    texts = [_texts(column) for column in (*columns, told.regions, told.disputes)]
    evidence = told.evidence.to_pylist()
    rows = list[Row]()
    for k in np.flatnonzero(told.findings.accepted).tolist():
        scan, order, delivery, parcel, person, carrier, region, disputes = (column[k] for column in texts)
        by = (TELLERS[int(told.told_by[k])], None if person is None else key_of(person))
        happened = (WHATS[int(told.what[k])], int(told.at_us[k]))
        rows.append(
            (source, scan, order, delivery, parcel, *happened, *by, carrier, region, disputes, evidence[k], known_us)
        )
    return rows


def rows_of_closures(told: ClosuresTold, *, supersedes: Sequence[str | None], source: str, known_us: int) -> list[Row]:
    """Give the accepted closures of a batch as rows of the store; `supersedes` is by row, the rest as for promises."""
    ids, codes, evidence = _texts(told.closure_ids), _texts(told.codes), told.evidence.to_pylist()
    rows = list[Row]()
    for k in np.flatnonzero(told.findings.accepted).tolist():
        regions = told.regions[k]
        where = None if regions is None else _ENCODER.encode(list(regions)).decode()
        when = (int(told.from_us[k]), _moment(told.until_us[k]), int(told.known_us[k]))
        rows.append((source, ids[k], codes[k], *when, where, evidence[k], supersedes[k], known_us))
    return rows


def promises_table(columns: Mapping[str, Sequence[Any]]) -> pa.Table:
    """Give promises of the store as the columns of a file; `columns` holds the store's own by name."""
    fees = zip(columns["fee_minor"], columns["currency"], strict=True)
    return pa.table(
        {
            "promise_id": pa.array(ids_apart(columns["promise_id"], columns["source"]), pa.string()),
            "order_id": pa.array(columns["order_id"], pa.string()),
            "delivery_id": pa.array(columns["delivery_id"], pa.string()),
            "lines": pa.array(columns["lines"], pa.string()),
            "shown_at": pa.array(columns["shown_us"], _MOMENT),
            "slot_from": pa.array(columns["from_us"], _MOMENT),
            "promised_by": pa.array(columns["by_us"], _MOMENT),
            "slot_fee": pa.array([None if fee is None else text_of(fee, money) for fee, money in fees], pa.string()),
            "currency": pa.array(columns["currency"], pa.string()),
            "parcels": pa.array(columns["parcels"], pa.int64()),
            "asked_by": pa.array(columns["asked_by"], pa.string()),
            "region": pa.array(columns["region"], pa.string()),
            "carrier": pa.array(columns["carrier"], pa.string()),
            "provisional": pa.array([bool(one) for one in columns["provisional"]], pa.bool_()),
        }
    )


def scans_table(columns: Mapping[str, Sequence[Any]]) -> pa.Table:
    """Give scans of the store as the columns of a file; a dispute is about the scan of that id of its own source, else about the one known first."""
    ids = ids_apart(columns["scan_id"], columns["source"])
    meant = _meant(columns["scan_id"], columns["source"], ids)
    sources = zip(columns["disputes"], columns["source"], strict=True)
    return pa.table(
        {
            "scan_id": pa.array(ids, pa.string()),
            "order_id": pa.array(columns["order_id"], pa.string()),
            "delivery_id": pa.array(columns["delivery_id"], pa.string()),
            "parcel_id": pa.array(columns["parcel_id"], pa.string()),
            "what": pa.array(columns["what"], pa.string()),
            "at": pa.array(columns["at_us"], _MOMENT),
            "told_by": pa.array(columns["told_by"], pa.string()),
            "carrier": pa.array(columns["carrier"], pa.string()),
            "region": pa.array(columns["region"], pa.string()),
            "disputes": pa.array([_name_meant(meant, one, source) for one, source in sources], pa.string()),
            "evidence": pa.array(columns["evidence"], pa.string()),
        }
    )


def closures_table(columns: Mapping[str, Sequence[Any]]) -> pa.Table:
    """Give closures of the store as the columns of a file; a correction is of the closure of that id, as disputes are of scans."""
    ids = ids_apart(columns["closure_id"], columns["source"])
    meant = _meant(columns["closure_id"], columns["source"], ids)
    sources = zip(columns["supersedes"], columns["source"], strict=True)
    return pa.table(
        {
            "closure_id": pa.array(ids, pa.string()),
            "code": pa.array(columns["code"], pa.string()),
            "from_at": pa.array(columns["from_us"], _MOMENT),
            "until_at": pa.array(columns["until_us"], _MOMENT),
            "known_at": pa.array(columns["known_at_us"], _MOMENT),
            "regions": pa.array(columns["regions"], pa.string()),
            "evidence": pa.array(columns["evidence"], pa.string()),
            "supersedes": pa.array([_name_meant(meant, one, source) for one, source in sources], pa.string()),
        }
    )


def ids_apart(ids: Sequence[str], sources: Sequence[str]) -> list[str]:
    """Tell ids apart that several sources use; an id of one source alone stays as it is."""
    used = Counter(ids)
    return [one if used[one] == 1 else f"{one}@{source}" for one, source in zip(ids, sources, strict=True)]


def _meant(ids: Sequence[str], sources: Sequence[str], apart: Sequence[str]) -> dict[tuple[str, str | None], str]:
    """What an id means when a source says it: its own, else the first of all."""
    meant: dict[tuple[str, str | None], str] = {}
    for one, source, name in zip(ids, sources, apart, strict=True):
        meant[one, source] = name
        meant.setdefault((one, None), name)
    return meant


def _name_meant(meant: Mapping[tuple[str, str | None], str], one: str | None, source: str) -> str | None:
    return None if one is None else meant.get((one, source)) or meant.get((one, None)) or one


def _texts(column: Text) -> list[str | None]:
    values = column.values
    return [None if code < 0 else values[code] for code in column.codes.tolist()]


def _moment(us: Any) -> int | None:
    return None if us == MISSING else int(us)
