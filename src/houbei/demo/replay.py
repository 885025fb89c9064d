"""The grocer's year lived through day by day: what a shop would have told, decided, posted and paid, at accelerated time.

Every day's sales and prices are taken into the store as they would arrive, `run_cycle` decides and posts, and the outbox pays through
the sandbox provider, whose clock is turned along. Nothing here knows the days to come.
"""

from collections.abc import Callable
from dataclasses import dataclass

import httpx2
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Engine

from houbei.demo.grocer import CURRENCY, Year
from houbei.facts.arrow import numbers_of, whole_array
from houbei.facts.moments import DAY_US, text_of_moment
from houbei.runs.arrivals import Teller, take_lines, take_prices
from houbei.runs.cycle import run_until_idle
from houbei.runs.outbox import run_outbox
from houbei.runs.providers import Payer
from houbei.runs.reconcile import reconcile
from houbei.store.database import reading, writing
from houbei.store.statements import ask

SHOPS = 6
"""How many shops the demo replays unless it is asked for all of them: those that sold the most lines."""
SOURCE = "till"
_PAYMENTS_MAX = 20_000
"""How many payments the sandbox is told of in one call."""
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """What a replay came to: lines told of, covers bound, refunds that reached their buyers; minor units."""

    lines: int
    covers: int
    refunds: int
    owed_minor: int
    paid_minor: int


def busiest_shops(year: Year, shops: int) -> Year:
    """The year of the shops that sold the most lines; of equal ones, those that come first by name."""
    counts = pc.value_counts(year.orders.column("region")).to_pylist()
    ordered = sorted(counts, key=lambda one: (-one["counts"], one["values"]))
    names = pa.array([one["values"] for one in ordered[:shops]], pa.string())

    def some(table: pa.Table) -> pa.Table:
        return table.filter(pc.is_in(table.column("region").cast(pa.string()), names))

    return Year(orders=some(year.orders), prices=some(year.prices), left_out=year.left_out, rows=year.rows)


class Till:
    """The shop's side of the sandbox: what its checkout captured, and what day it is there.

    Args:
        address: Where the sandbox listens.
    """

    def __init__(self, address: str) -> None:
        self._client = httpx2.Client(base_url=address, timeout=60, trust_env=False)

    def register(self, year: Year) -> None:
        """Tell of every basket's payment."""
        baskets = year.orders.group_by("order_id").aggregate([("paid_minor", "sum")]).to_pydict()
        payments = [
            {"payment": order, "captured_minor": paid, "currency": CURRENCY}
            for order, paid in zip(baskets["order_id"], baskets["paid_minor_sum"], strict=True)
        ]
        for start in range(0, len(payments), _PAYMENTS_MAX):
            self._post("/payments", {"payments": payments[start : start + _PAYMENTS_MAX]})

    def turn(self, now_us: int) -> None:
        """Turn the sandbox's clock."""
        self._post("/clock", {"now": text_of_moment(now_us)})

    def close(self) -> None:
        """Let go of its connections."""
        self._client.close()

    def _post(self, path: str, body: object) -> None:
        self._client.post(path, json=body).raise_for_status()


def replay(  # noqa: PLR0913  the year, who pays, and what lives beside it
    database: Engine,
    year: Year,
    *,
    payer: Payer,
    till: Till,
    zone: str,
    progress: Progress,
    beside: Callable[[int], object] = lambda _day: None,
) -> None:
    """Live through the year.

    Args:
        database: A new store with a published promise.
        year: Sales and prices; each day's are told at the end of it, in the order in which they happened.
        payer: The sandbox.
        till: Its other side.
        zone: The zone of the promise.
        progress: Told of days done.
        beside: What else happens in the shop on a day (since 1970-01-01, UTC), before its till is closed.

    Cost: about 0.1 ms a line, and 1 ms a refund.
    """
    named = pc.binary_join_element_wise("row:", whole_array(np.arange(1, len(year.prices) + 1)).cast(pa.string()), "")
    prices = year.prices.append_column("price_id", named)
    at = numbers_of(year.orders.column("placed_at").combine_chunks().cast(pa.int64()))
    order = np.argsort(at, kind="stable")
    days = at[order] // DAY_US
    begins = np.concatenate((np.flatnonzero(np.diff(days, prepend=-1)), [len(days)]))
    for done, (first, last) in enumerate(zip(begins[:-1].tolist(), begins[1:].tolist(), strict=True), start=1):
        now_us = (int(days[first]) + 1) * DAY_US - 1
        beside(int(days[first]))
        rows = whole_array(order[first:last])
        teller = Teller(source=SOURCE, zone=zone, known_us=now_us)
        with writing(database) as connection:
            take_lines(connection, year.orders.take(rows).combine_chunks(), teller=teller)
            take_prices(connection, prices.take(rows).combine_chunks(), teller=teller)
        till.turn(now_us)
        run_until_idle(database, now_us=now_us)
        while run_outbox(database, payer, now_us=now_us, holder="demo").claimed:
            pass
        progress("days", done, len(begins) - 1)
    reconcile(database, payer, now_us=now_us)


def lived(database: Engine) -> Lived:
    """Say what a replay came to, by the books; only what the grocer's till told of counts."""
    with reading(database) as connection:
        lines = ask(connection, "SELECT COUNT(*) FROM lines WHERE source = :source", source=SOURCE).scalar_one()
        covers = ask(
            connection,
            "SELECT COUNT(*) FROM covers c JOIN lines l ON l.seq = c.line WHERE l.source = :source AND c.state = 'bound'",
            source=SOURCE,
        ).scalar_one()
        owed = ask(
            connection,
            "SELECT COALESCE(SUM(CASE WHEN e.debit = 'price_guarantee' THEN e.amount_minor ELSE -e.amount_minor END), 0)"
            " FROM entries e JOIN covers c ON c.cover = e.cover JOIN lines l ON l.seq = c.line"
            " WHERE (e.debit = 'price_guarantee' OR e.credit = 'price_guarantee') AND l.source = :source",
            source=SOURCE,
        ).scalar_one()
        refunds, paid = ask(
            connection,
            "SELECT COUNT(*), COALESCE(SUM(a.amount_minor), 0) FROM actions a JOIN covers c ON c.cover = a.cover"
            " JOIN lines l ON l.seq = c.line"
            " WHERE a.state IN ('confirmed', 'reconciled', 'credited') AND l.source = :source",
            source=SOURCE,
        ).one()
    return Lived(lines=lines, covers=covers, refunds=refunds, owed_minor=int(owed), paid_minor=int(paid))
