"""Runs a history of deliveries through the engine, and puts its answers in the oracle's shape."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from houbei.columns import MISSING
from houbei.deliveries import JudgedDeliveries, late_deliveries, reading_of_deliveries
from houbei.facts.closures import read_closures
from houbei.facts.dictionary import Dictionaries
from houbei.facts.orders import columns_wanted, read_lines
from houbei.facts.promises import read_promises
from houbei.facts.scans import read_scans
from houbei.owed.arrivals import FAR_US
from houbei.owed.delivery import Verdict
from houbei.owed.lateness import FORMS
from houbei.terms.document import parse_terms
from tests.oracle.arrivals import Said
from tests.oracle.parcels import Row

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PROMISES = ("promise_id", "order_id", "shown_at", "promised_by", "delivery_id", "lines", "slot_fee", "currency", "parcels", "asked_by", "region")  # fmt: skip
SCANS = ("scan_id", "at", "what", "order_id", "delivery_id", "parcel_id", "disputes")
CLOSURES = ("closure_id", "code", "from_at", "until_at", "known_at", "regions", "evidence", "supersedes")


@dataclass(frozen=True)
class ArrivalHistory:
    """What is put to engine and oracle: rows of four files, a document, and the last moment that exists."""

    orders: list[Row]
    promises: list[Row]
    scans: list[Row]
    closures: list[Row]
    document: Mapping[str, Any]
    as_of: datetime


def table(rows: Sequence[Row], names: Sequence[str]) -> pa.Table:
    """The rows as a file of texts would hold them."""
    return pa.table({name: pa.array([row.get(name) for row in rows], type=pa.string()) for name in names})


def judged_of(history: ArrivalHistory) -> JudgedDeliveries:
    """Judge a history with the engine; none of its rows is rejected but for being told again."""
    terms = parse_terms(json.dumps(history.document, ensure_ascii=False), where="drawn")
    as_of_us, dictionaries = (history.as_of - EPOCH) // timedelta(microseconds=1), Dictionaries()
    orders, reading = reading_of_deliveries(terms, as_of_us=as_of_us)
    rows = table(history.orders, list(dict.fromkeys(name for row in history.orders for name in row)))
    common = {"first_row": 1, "dictionaries": dictionaries}
    lines = read_lines(rows.select(columns_wanted(rows.column_names, orders)), reading=orders, **common)
    promises = read_promises(table(history.promises, PROMISES), reading=reading, **common)
    scans = read_scans(table(history.scans, SCANS), reading=reading, **common)
    closures = read_closures(table(history.closures, CLOSURES), reading=reading, **common)
    judged = late_deliveries(terms, lines, promises, scans, closures, dictionaries=dictionaries, as_of_us=as_of_us)
    assert not lines.findings.codes.any()
    return judged


def by_engine(history: ArrivalHistory) -> dict[str, Said]:
    """What the engine says of every delivery, by its id."""
    judged = judged_of(history)
    late, parcels = judged.late, judged.step_parcel_ids.to_pylist()
    steps: dict[int, list[tuple[str, int, datetime, int, bool, str | None]]] = {}
    for k, delivery in enumerate(late.step_delivery.tolist()):
        form, amount = FORMS[late.step_form[k]].value, int(late.step_amount[k])
        step = (form, amount, at(late.step_at_us[k]), int(late.step_tier[k]), bool(late.step_held[k]), parcels[k])
        steps.setdefault(delivery, []).append(step)
    return {
        name: Said(
            verdict=Verdict(int(late.verdict[k])).name.lower(),
            promise=judged.promise_ids[k].as_py(),
            by=None if late.promise[k] < 0 or late.by_us[k] == FAR_US else at(late.by_us[k]),
            arrived=None if late.arrived_us[k] == MISSING else at(late.arrived_us[k]),
            steps=tuple(sorted(steps.get(k, []), key=repr)),
        )
        for k, name in enumerate(judged.delivery_ids.to_pylist())
    }


def at(us: int) -> datetime:
    """A moment of the engine."""
    return EPOCH + timedelta(microseconds=int(us))
