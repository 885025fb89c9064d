"""Time that goes by in a shop that watches its promises: facts taken in, deliveries looked at, buyers told."""

from typing import Any

from sqlalchemy import Engine

from houbei.runs.telling_channel import Channel
from houbei.runs.telling_payments import tell_payments
from houbei.runs.tellings import run_tellings
from houbei.runs.watching import watch_deliveries
from tests.deliveries_live.parcels import live_on
from tests.live.stores import rows_of

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US


def looks(database: Engine, now_us: int, *, channel: Channel | None = None, holder: str = "one", **more: Any) -> None:
    """Live until a moment as a round does, and look at everything there is to look at then."""
    live_on(database, now_us)
    watch_deliveries(database, now_us=now_us, **more)
    tell_payments(database, now_us=now_us)
    while run_tellings(database, channel, now_us=now_us, holder=holder):
        pass


def needs(database: Engine) -> list[tuple[str, str]]:
    """What waits for a person: kind and ref."""
    return rows_of(database, "SELECT kind, ref FROM needs ORDER BY kind, ref")


def told_of(database: Engine, kind: str) -> list[str]:
    """What the needs of a kind tell, as JSON."""
    return [row[0] for row in rows_of(database, "SELECT told FROM needs WHERE kind = :kind ORDER BY ref", kind=kind)]


def tellings(database: Engine) -> list[tuple[str, str]]:
    """Kind and state of everything that buyers are told, in the order in which it was decided."""
    return rows_of(
        database, "SELECT t.kind, w.state FROM tellings t JOIN telling_work w ON w.seq = t.seq ORDER BY t.seq"
    )


def texts(database: Engine) -> list[str]:
    """What buyers are told, in Chinese, in the order in which it was decided."""
    return [row[0] for row in rows_of(database, "SELECT zh FROM tellings ORDER BY seq")]
