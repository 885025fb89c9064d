"""Deliveries found by what people call them, and what a person says of one needs to know of it beforehand."""

from typing import Any

from sqlalchemy import Connection

from houbei.facts.sightings import OF_LINES
from houbei.money import text_of
from houbei.store.deliveries import COLUMNS, Delivery, delivery_of
from houbei.store.digests import columns_of
from houbei.store.statements import ask


def deliveries_named(connection: Connection, name: str) -> list[Delivery]:
    """Give the deliveries that have an id, or bring an order that has it, under every promise."""
    rows = ask(
        connection,
        f"SELECT {COLUMNS} FROM deliveries WHERE delivery_id = :name OR order_id = :name"
        " OR delivery_id IN (SELECT delivery_id FROM promises_given WHERE order_id = :name) ORDER BY delivery",
        name=name,
    )
    return [delivery_of(row) for row in rows]


def last_promise(connection: Connection, delivery_id: str) -> dict[str, Any] | None:
    """Give what a promise to a delivery says besides its time, of the one shown last: what a moved one keeps; None where there is none."""
    row = ask(
        connection,
        "SELECT order_id, delivery_id, lines, fee_minor, currency, parcels, region, carrier FROM promises_given"
        " WHERE delivery_id = :delivery ORDER BY shown_us DESC, seq DESC LIMIT 1",
        delivery=delivery_id,
    ).one_or_none()
    if row is None:
        return None
    order_id, named, lines, fee, currency, parcels, region, carrier = row
    return {
        "order_id": order_id,
        "delivery_id": named,
        "lines": lines,
        "slot_fee": None if fee is None else text_of(fee, currency),
        "currency": currency,
        "parcels": parcels,
        "region": region,
        "carrier": carrier,
    }


def is_told(connection: Connection, table: str, *, source: str, fact_id: str) -> bool:
    """Whether a source told a promise, scan or closure under an id; `table` is the store's."""
    own_id = columns_of(table)[1]
    query = f"SELECT EXISTS (SELECT 1 FROM {table} WHERE source = :source AND {own_id} = :own)"
    return bool(ask(connection, query, source=source, own=fact_id).scalar())


def is_scan_told(connection: Connection, scan_id: str) -> bool:
    """Whether there is a scan of this id, told by itself or by a line of what it is named after."""
    what, _, line_id = scan_id.partition(":")
    query = "SELECT EXISTS (SELECT 1 FROM scans WHERE scan_id = :scan) OR EXISTS (SELECT 1 FROM lines WHERE line_id = :line)"
    return bool(ask(connection, query, scan=scan_id, line=line_id if what in OF_LINES.values() else None).scalar())


def disputed_scan(connection: Connection, delivery_id: str) -> str | None:
    """Give the scan of a delivery that was disputed last; None where none was."""
    found: str | None = ask(
        connection,
        "SELECT s.disputes FROM scans s JOIN deliveries d ON d.delivery_id = s.delivery_id"
        " OR (s.delivery_id IS NULL AND d.order_id = s.order_id) WHERE d.delivery_id = :delivery AND s.what = 'disputed'"
        " ORDER BY s.at_us DESC, s.seq DESC LIMIT 1",
        delivery=delivery_id,
    ).scalar()
    return found


def list_deliveries(connection: Connection, *, which: str | None, most: int) -> list[Delivery]:
    """Give deliveries by their deadline, the nearest first.

    Args:
        connection: A state of the store.
        which: A verdict, `at_risk` for those that somebody must look after, or None for all.
        most: How many at most.
    """
    where = "TRUE" if which is None else "at_risk IS NOT NULL" if which == "at_risk" else "verdict = :which"
    rows = ask(
        connection,
        f"SELECT {COLUMNS} FROM deliveries WHERE {where} ORDER BY by_us IS NULL, by_us, delivery LIMIT :most",
        most=most,
        **({} if which in {None, "at_risk"} else {"which": which}),
    )
    return [delivery_of(row) for row in rows]
