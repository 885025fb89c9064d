"""What is read and kept of promises under way while they are watched: which are due, what carriers' feeds say, which are shut in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import msgspec
import numpy as np
from sqlalchemy import Connection

from houbei.columns import MISSING
from houbei.delivery.feeds import DAYS_BACK, SILENT_MIN_US, find_silent
from houbei.facts.closures import lies_in
from houbei.facts.moments import DAY_US
from houbei.owed.arrivals import FAR_US
from houbei.store.deliveries import Delivery, delivery_of
from houbei.store.delivery_tables import DELIVERIES
from houbei.store.statements import ask

_NAMES = ", ".join(column.name for column in DELIVERIES.columns)
_OF_FEED = "carrier = :carrier AND told_by IN ('carrier', 'courier')"
_BY_SCAN = "d.verdict = 'open' AND d.carrier IS NULL AND s.carrier IS NOT NULL"
_REGIONS = msgspec.json.Decoder(list[str])


def any_to_watch(connection: Connection, *, now_us: int) -> bool:
    """Whether there is a delivery whose risk is to be looked at by now."""
    found = ask(connection, "SELECT EXISTS (SELECT 1 FROM deliveries WHERE watch_us <= :now)", now=now_us)
    return bool(found.scalar())


def due_to_watch(connection: Connection, *, now_us: int, most: int) -> list[Delivery]:
    """Give the deliveries whose risk is to be looked at by now, the oldest first."""
    rows = ask(
        connection,
        f"SELECT {_NAMES} FROM deliveries WHERE watch_us <= :now ORDER BY watch_us, delivery LIMIT :most",
        now=now_us,
        most=most,
    )
    return [delivery_of(row) for row in rows]


def keep_watch(connection: Connection, rows: Sequence[tuple[str | None, int | None, int]]) -> None:
    """Keep what was found of deliveries' risk, and when to look again: (at_risk, watch_us, delivery)."""
    if rows:
        connection.exec_driver_sql("UPDATE deliveries SET at_risk = ?, watch_us = ? WHERE delivery = ?", list(rows))


def watch_carrier(connection: Connection, carrier: str, *, now_us: int) -> None:
    """Look at every open delivery of a carrier: its feed fell silent, or came back."""
    ask(
        connection,
        "UPDATE deliveries SET watch_us = :now WHERE verdict = 'open' AND (carrier = :carrier OR (carrier IS NULL AND ("
        " EXISTS (SELECT 1 FROM scans s WHERE s.delivery_id = deliveries.delivery_id AND s.carrier = :carrier)"
        " OR EXISTS (SELECT 1 FROM scans s WHERE s.order_id = deliveries.order_id AND s.carrier = :carrier))))",
        now=now_us,
        carrier=carrier,
    )


def deliveries_at_risk(connection: Connection, *, most: int) -> list[Delivery]:
    """Give the open deliveries that are at risk, those that pass first before the others."""
    rows = ask(
        connection,
        f"SELECT {_NAMES} FROM deliveries WHERE verdict = 'open' AND at_risk IS NOT NULL ORDER BY by_us, delivery LIMIT :most",
        most=most,
    )
    return [delivery_of(row) for row in rows]


# --- feeds ------------------------------------------------------------------------------------------------------------


def carriers_under_way(connection: Connection) -> dict[str, int]:
    """Give the carriers of open deliveries, and how many each has; where a promise names none, those that scanned its parcels.

    Cost: a pass over the open deliveries, and the scans of those without a carrier.
    """
    rows = ask(
        connection,
        "SELECT carrier, COUNT(DISTINCT delivery_id) FROM (SELECT carrier, delivery_id FROM deliveries"
        " WHERE verdict = 'open' AND carrier IS NOT NULL"
        f" UNION SELECT s.carrier, d.delivery_id FROM deliveries d JOIN scans s ON s.delivery_id = d.delivery_id WHERE {_BY_SCAN}"
        f" UNION SELECT s.carrier, d.delivery_id FROM deliveries d JOIN scans s ON s.order_id = d.order_id WHERE {_BY_SCAN}) c"
        " GROUP BY carrier ORDER BY carrier",
    )
    return {row[0]: row[1] for row in rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A carrier's feed: the moment of its last scan (None: there is none), and since when it is silent (None: it lives, or nobody can tell)."""

    last_us: int | None
    silent_since_us: int | None


def read_feeds(
    connection: Connection, carriers: Sequence[str], *, working_since: Mapping[str, int | None], now_us: int
) -> dict[str, Feed]:
    """Find how the feeds of some carriers stand; scans that others told of their parcels do not count.

    Args:
        connection: A state of the store.
        carriers: The carriers.
        working_since: Of carriers whose days of rest are known, since when they have worked without one; None where they rest today. Silence
            counts from then on.
        now_us: What time it is.

    Cost: a look-up a carrier; for one that sent nothing for a while as many counts of scans as days are looked back.
    """
    last = {
        carrier: ask(
            connection,
            f"SELECT at_us FROM scans WHERE {_OF_FEED} AND at_us <= :now ORDER BY at_us DESC LIMIT 1",
            carrier=carrier,
            now=now_us,
        ).scalar()
        for carrier in carriers
    }
    quiet_us = {carrier: _quiet_since(last[carrier], working_since.get(carrier, 0)) for carrier in carriers}
    counts = [_counts(connection, carrier, quiet_us[carrier], now_us) for carrier in carriers]
    moments = np.array([MISSING if quiet_us[one] is None else quiet_us[one] for one in carriers], dtype=np.int64)
    silent = find_silent(moments, np.array(counts, dtype=np.int64).reshape(len(carriers), DAYS_BACK), now_us=now_us)
    return {
        carrier: Feed(last_us=last[carrier], silent_since_us=None if since == MISSING else last[carrier])
        for carrier, since in zip(carriers, silent.tolist(), strict=True)
    }


def _quiet_since(last_us: int | None, working_us: int | None) -> int | None:
    """Since when nothing came that could have come; None where nothing ever came, or the carrier rests."""
    return None if last_us is None or working_us is None else max(last_us, working_us)


def _counts(connection: Connection, carrier: str, last_us: int | None, now_us: int) -> list[int]:
    """How many scans came in as long a stretch as from then until now, one to `DAYS_BACK` days earlier."""
    if last_us is None or now_us - last_us < SILENT_MIN_US:
        return [0] * DAYS_BACK
    return [
        int(
            ask(
                connection,
                f"SELECT COUNT(*) FROM scans WHERE {_OF_FEED} AND at_us > :after AND at_us <= :until",
                carrier=carrier,
                after=last_us - back * DAY_US,
                until=now_us - back * DAY_US,
            ).scalar_one()
        )
        for back in range(1, DAYS_BACK + 1)
    ]


def days_alive(connection: Connection, carrier: str, midnights_us: Sequence[int]) -> list[bool]:
    """Tell on which of some days, from one midnight to the next, a carrier scanned anything. Cost: a look-up a day."""
    return [
        bool(
            ask(
                connection,
                f"SELECT EXISTS (SELECT 1 FROM scans WHERE {_OF_FEED} AND at_us >= :from_us AND at_us < :until_us)",
                carrier=carrier,
                from_us=from_us,
                until_us=until_us,
            ).scalar()
        )
        for from_us, until_us in pairwise(midnights_us)
    ]


# --- closures ---------------------------------------------------------------------------------------------------------


def closed_until(connection: Connection, regions: Sequence[str | None], *, now_us: int) -> Mapping[str | None, int]:
    """Find until when each of some regions is closed now: `FAR_US` where nobody knows; regions that are not closed are left out.

    Whatever the terms make of an event, a parcel does not move while it lasts.
    """
    rows = ask(
        connection,
        "SELECT regions, until_us FROM closures c WHERE from_us <= :now AND known_at_us <= :now"
        " AND (until_us IS NULL OR until_us > :now)"
        " AND NOT EXISTS (SELECT 1 FROM closures o WHERE o.supersedes = c.closure_id AND o.known_at_us <= :now)",
        now=now_us,
    ).all()
    found: dict[str | None, int] = {}
    for where, until_us in rows:
        wide = None if where is None else _REGIONS.decode(where)
        until = FAR_US if until_us is None else until_us
        for region in set(regions):
            if wide is None or any(lies_in(region or "", other) for other in wide):
                found[region] = max(found.get(region, until), until)
    return found
