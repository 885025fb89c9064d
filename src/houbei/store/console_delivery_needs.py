"""What waits for a person of deliveries, each with the delivery that it is about; a silent carrier is one matter, whatever it carries."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import msgspec
from sqlalchemy import Connection

from houbei.store.console_delivery_lists import ABOUT, FEED_SILENT, KINDS, Kept, kept_of
from houbei.store.console_needs import Need
from houbei.store.line_rows import decoded
from houbei.store.statements import ask

_COLUMNS = ", ".join(f"d.{column.name}" for column in fields(Kept))
_NEED = "n.kind, n.ref, n.since_us, n.told, n.amount_minor, n.currency"
_NEEDS = 6
_decode = msgspec.json.Decoder(dict[str, Any]).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class OfDelivery:
    """A matter with its delivery and what was sold; both are None and empty for a carrier."""

    need: Need
    delivery: Kept | None
    item: str


def count_delivery_needs(connection: Connection) -> int:
    """Count what waits for a person of deliveries and carriers. Cost: as many rows of a table."""
    found = ask(connection, f"SELECT COUNT(*) FROM needs WHERE kind IN ({KINDS}, '{FEED_SILENT}')")
    return int(found.scalar_one())


def delivery_needs(connection: Connection) -> list[OfDelivery]:
    """Give all that waits for a person of deliveries and carriers, in no order: what comes first, its deadline says. Cost: 20 µs each."""
    rows = ask(
        connection,
        f"SELECT {_NEED}, l.sku, l.more, {_COLUMNS} FROM needs n JOIN deliveries d ON d.delivery = {ABOUT}"
        f" JOIN lines l ON l.seq = d.line WHERE n.kind IN ({KINDS})",
    )
    found = [
        OfDelivery(
            need=_need(row[:_NEEDS]),
            delivery=kept_of(row[_NEEDS + 2 :]),
            item=str(decoded(row[_NEEDS + 1]).get("title") or row[_NEEDS]),
        )
        for row in rows
    ]
    return found + [OfDelivery(need=need, delivery=None, item="") for need in silent_feeds(connection)]


def silent_feeds(connection: Connection) -> list[Need]:
    """Give the carriers of which nothing is heard, the longest silent first."""
    rows = ask(
        connection, f"SELECT {_NEED} FROM needs n WHERE n.kind = :kind ORDER BY n.since_us, n.ref", kind=FEED_SILENT
    )
    return [_need(row) for row in rows]


def needs_of_delivery(connection: Connection, delivery: int) -> list[Need]:
    """Give what waits for a person of one delivery. Cost: as many rows of a table."""
    rows = ask(
        connection,
        f"SELECT {_NEED} FROM needs n WHERE n.kind IN ({KINDS}) AND {ABOUT} = :delivery"
        " ORDER BY n.since_us, n.kind, n.ref",
        delivery=delivery,
    )
    return [_need(row) for row in rows]


def _need(row: Sequence[Any]) -> Need:
    return Need(kind=row[0], ref=row[1], since_us=row[2], told=_decode(row[3]), amount_minor=row[4], currency=row[5])
