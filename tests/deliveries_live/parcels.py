"""A shop that promises arrivals, on a store of its own: what was shown, scanned and closed, told in any order; what its books say."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
from sqlalchemy import Engine

from houbei.runs.arrivals import Arrived, TakeTold, Teller, take_closures, take_promises, take_scans
from houbei.runs.cycle import run_cycle
from houbei.runs.deliveries import look_at_deliveries
from houbei.store.csv_files import with_types
from houbei.store.database import writing
from tests.live.stores import SOURCE, rows_of
from tests.live.telling import ZONE, tell_orders

Row = Mapping[str, Any]
SLOT: dict[str, Any] = {
    "term": "slot",
    "version": 1,
    "kind": "delivery_promise",
    "zone": ZONE,
    "scope": {"where": "category = 'large'", "clause": "S-1"},
    "promise": {"made": "shown", "reaches": "delivered", "clause": "S-2", "slot_clause": "S-4"},
    "breach": [{"pay": [{"slot_fee": True}, {"points": 1000}], "clause": "S-3"}],
    "excused": [
        {
            "code": "snow",
            "text": {"zh": "大雪", "en": "snow"},
            "effect": "waives",
            "evidence": "required",
            "clause": "S-5",
        }
    ],
    "dispute": {"clause": "S-6"},
    "remedy": {"pay": {"form": "original_tenders", "when": "at_once"}, "clause": "S-3"},
    "clauses": [{"id": f"S-{k}", "text": {"zh": f"第{k}条。", "en": f"Clause {k}."}} for k in range(1, 7)],
}
"""The fee of the slot and 1 000 points, once it is late at all; snow excuses."""
HOURS: dict[str, Any] = {
    **SLOT,
    "term": "hours",
    "breach": [
        {"over": "PT16H", "pay": "5.00", "clause": "S-3"},
        {"over": "PT72H", "pay": "10.00", "clause": "S-3"},
    ],
}
"""Five more than sixteen hours late, ten in all more than seventy-two."""
ORDER: dict[str, Any] = {
    "order_id": "O1",
    "line_id": "L1",
    "sku": "WASHER",
    "quantity": "1",
    "paid": "4999.00",
    "currency": "CNY",
    "placed_at": "2026-11-01T10:00+08:00",
    "category": "large",
}
PROMISE: dict[str, Any] = {
    "promise_id": "P1",
    "order_id": "O1",
    "shown_at": "2026-11-01T10:00+08:00",
    "slot_from": "2026-11-03T14:00+08:00",
    "promised_by": "2026-11-03T15:00+08:00",
    "slot_fee": "39.00",
    "currency": "CNY",
}
DELIVERED: dict[str, Any] = {
    "scan_id": "S1",
    "order_id": "O1",
    "what": "delivered",
    "at": "2026-11-03T15:00:00+08:00",
    "told_by": "courier",
}
DISPUTED: dict[str, Any] = {
    "scan_id": "D1",
    "order_id": "O1",
    "what": "disputed",
    "at": "2026-11-03T16:10+08:00",
    "told_by": "buyer",
    "disputes": "S1",
}
SNOW: dict[str, Any] = {
    "closure_id": "C1",
    "code": "snow",
    "from_at": "2026-11-03T06:00+08:00",
    "until_at": "2026-11-04T06:00+08:00",
    "known_at": "2026-11-03T06:00+08:00",
    "evidence": "bulletin 12",
}


def tell(database: Engine, take: TakeTold, *rows: Row, source: str = SOURCE, known_us: int = 0) -> Arrived:
    """Take rows of a file in, as one batch."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    table = pa.table({name: pa.array([row.get(name) for row in rows], pa.string()) for name in names})
    with writing(database) as connection:
        return take(
            connection,
            with_types(table, [name for name in names if name == "chance_permille"]),
            teller=Teller(source=source, zone=ZONE, known_us=known_us),
        )


def tell_promises(database: Engine, *rows: Row, source: str = SOURCE) -> Arrived:
    """Take promises in, as they were shown to buyers."""
    return tell(database, take_promises, *rows, source=source)


def tell_scans(database: Engine, *rows: Row, source: str = SOURCE) -> Arrived:
    """Take in what was told of parcels."""
    return tell(database, take_scans, *rows, source=source)


def tell_closures(database: Engine, *rows: Row, source: str = SOURCE) -> Arrived:
    """Take named events in."""
    return tell(database, take_closures, *rows, source=source)


def sell(database: Engine, *orders: Row, promises: Sequence[Row] = (PROMISE,)) -> None:
    """Sell what `ORDER` is, or other lines, under the promise that was shown."""
    tell_orders(database, *(dict(one) for one in orders or (ORDER,)))
    if promises:
        tell_promises(database, *promises)


def live_on(database: Engine, now_us: int, *, deliveries_max: int = 2_000) -> int:
    """Look at everything there is to look at now; how many deliveries were."""
    while run_cycle(database, now_us=now_us).facts:
        pass
    return look_at_deliveries(database, now_us=now_us, deliveries_max=deliveries_max)


def stands(database: Engine) -> dict[str, str]:
    """The verdict on each delivery."""
    return dict(rows_of(database, "SELECT delivery_id, verdict FROM deliveries"))


def owed_late(database: Engine) -> dict[str, int]:
    """What late deliveries are owed in all, by currency and in points."""
    query = (
        "SELECT currency, SUM(CASE WHEN debit = 'delivery_guarantee' THEN amount_minor ELSE 0 END)"
        " - SUM(CASE WHEN credit = 'delivery_guarantee' THEN amount_minor ELSE 0 END) FROM entries GROUP BY currency"
    )
    return {unit: amount for unit, amount in rows_of(database, query) if amount}


def late_entries(database: Engine) -> list[tuple[Any, ...]]:
    """Entries of late deliveries: code, amount, currency, clause and fact, in their order."""
    return rows_of(
        database,
        "SELECT code, amount_minor, currency, clause, fact FROM entries"
        " WHERE cover IN (SELECT cover FROM deliveries) ORDER BY cover, sequence",
    )


def waits(database: Engine) -> list[tuple[Any, ...]]:
    """What waits for a person because a buyer disputes it: amount and currency."""
    return rows_of(database, "SELECT amount_minor, currency FROM needs WHERE kind = 'late_disputed' ORDER BY ref")
