"""The same New Year on a real store: facts are taken in as they become known, the loop of a live shop decides, tells and pays."""

from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, Engine

from houbei.runs.arrivals import TakeTold, Teller, take_closures, take_lines, take_promises, take_scans
from houbei.runs.audit import audit
from houbei.runs.loop import run_round
from houbei.runs.pacing import Pacing
from houbei.runs.providers import Payer, provider_of
from houbei.runs.reconcile import reconcile
from houbei.runs.watching import Lookout
from houbei.simulation.chance import HOUR_US
from houbei.simulation.compare import refunds_of
from houbei.simulation.festival import shop
from houbei.simulation.festival.account import Ending
from houbei.simulation.festival.facts import Facts, facts_known
from houbei.simulation.festival.life import Lived, Made
from houbei.simulation.live import open_store
from houbei.simulation.till import SandboxTill, Till
from houbei.store.database import reading, writing
from houbei.store.intake import append_facts
from houbei.store.promises import publish
from houbei.store.statements import ask

TICK_HOURS = 3
"""So often the shop learns of what happened, decides and pays."""
_ROUND_US = 150_000_000
"""More than a claim of the outbox holds: what somebody claimed who died is claimed again in the next."""
_HOLDER = "festival"
_COST = "delivery_guarantee"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What the store says at the end, ready to be written as JSON; `faults` says in sentences where it is not what was really so."""

    figures: dict[str, Any]
    faults: tuple[str, ...]


def live_on_store(lived: Lived, path: Path, *, address: str, progress: Callable[[int, int], None]) -> Stored:
    """Live through the New Year once more, on a store, with a provider that pays.

    Args:
        lived: The world, and what is really owed in it.
        path: The store's file, a new one.
        address: Where the sandbox listens.
        progress: Told how many ticks are done, and of how many.

    Cost: some 20 ms an order.
    """
    database = open_store(path)
    try:
        with closing(SandboxTill(address)) as till, closing(provider_of(f"sandbox={address}")) as payer:
            desk = _Desk(database, lived.made, payer=payer, till=till)
            desk.open()
            ticks = desk.ticks()
            for number, now_us in enumerate(ticks, start=1):
                desk.tick(now_us)
                progress(number, len(ticks))
            return _judged(database, lived, payer)
    finally:
        database.dispose()


class _Desk:
    """The shop's side: it takes facts in, and lets the loop run.

    Args:
        database: The store.
        made: The world.
        payer: Who pays.
        till: The provider's other side, whose clock goes along.
    """

    def __init__(self, database: Engine, made: Made, *, payer: Payer, till: Till) -> None:
        self._database, self._made, self._payer, self._till = database, made, payer, till
        self._lookout = Lookout(pacing=Pacing(made.asked.loaded.lead_times, made.asked.loaded))
        self._known_us = int(made.sent.orders.placed_us[0]) // HOUR_US * HOUR_US

    def open(self) -> None:
        """Publish the promise."""
        with writing(self._database) as connection:
            publish(connection, self._made.asked.terms, known_us=self._known_us)

    def ticks(self) -> range:
        """Give the moments at which the shop looks."""
        step = TICK_HOURS * HOUR_US
        return range(self._known_us + step, self._made.end_us + step, step)

    def tick(self, now_us: int) -> None:
        """Learn of what became known, and do what there is to do until nothing is left to do now."""
        made, orders = self._made, self._made.sent.orders
        facts = facts_known(
            orders, made.sent.wishes, made.rows, made.scans, made.asked.days, from_us=self._known_us, until_us=now_us
        )
        self._till.turn(now_us)
        self._take(facts, now_us)
        self._known_us = now_us
        for at_us in range(now_us, now_us + HOUR_US, _ROUND_US):
            while run_round(self._database, self._payer, now_us=at_us, holder=_HOLDER, lookout=self._lookout):
                pass
            if not self._any_due(now_us + HOUR_US):
                break
        self._till.turn(now_us + HOUR_US)
        reconcile(self._database, self._payer, now_us=now_us + HOUR_US)

    def _take(self, facts: Facts, now_us: int) -> None:
        teller = Teller(source=shop.SOURCE, zone=shop.ZONE, known_us=now_us)
        is_new = pc.greater_equal(facts.orders["placed_at"], pa.scalar(self._known_us, pa.timestamp("us", tz="UTC")))
        new, before = facts.orders.filter(is_new), facts.orders.filter(pc.invert(is_new))
        paid = list(zip(new["order_id"].to_pylist(), new["paid_minor"].to_pylist(), strict=True))
        if paid:
            self._till.capture(paid)
        told: tuple[tuple[TakeTold, pa.Table], ...] = (
            (take_lines, new),
            (take_promises, facts.promises),
            (take_scans, facts.scans),
            (take_closures, facts.closures),
        )
        with writing(self._database) as connection:
            for take, table in told:
                if table.num_rows:
                    take(connection, table.combine_chunks(), teller=teller)
            append_facts(connection, "events", _cancelled(before, now_us))

    def _any_due(self, until_us: int) -> bool:
        with reading(self._database) as connection:
            found = ask(connection, "SELECT EXISTS (SELECT 1 FROM actions WHERE due_us < :until)", until=until_us)
            return bool(found.scalar())


def _cancelled(orders: pa.Table, now_us: int) -> list[tuple[Any, ...]]:
    """Orders that were known before and are cancelled now, as events of their lines."""
    lines = orders["line_id"].to_pylist()
    moments = orders["cancelled_at"].cast(pa.int64()).to_pylist()
    return [
        (shop.SOURCE, f"{line}:cancelled", shop.SOURCE, line, "cancelled", at_us, None, None, now_us)
        for line, at_us in zip(lines, moments, strict=True)
        if at_us is not None
    ]


def _judged(database: Engine, lived: Lived, payer: Payer) -> Stored:
    """Hold the store against the world: verdicts, what is owed to the cent, what the provider paid, and the audit."""
    audited = audit(database, progress=lambda *_: None)
    with reading(database) as connection:
        books, verdicts = _books(connection), _verdicts(connection)
        figures: dict[str, Any] = {
            "entries": _one(connection, "SELECT COUNT(*) FROM entries"),
            "given_minor": _given(connection, points=False),
            "given_points": _given(connection, points=True),
            "told": _counts(connection, "SELECT kind, COUNT(*) FROM tellings GROUP BY 1 ORDER BY 1"),
            "told_before_late": _told_before(connection, lived),
            "needs": _counts(connection, "SELECT kind, COUNT(*) FROM needs GROUP BY 1 ORDER BY 1"),
            "settlements": _counts(connection, "SELECT state, COUNT(*) FROM actions GROUP BY 1 ORDER BY 1"),
        }
    paid = refunds_of(payer)
    booked = Counter(key for key, _ in paid)
    faults = [*_differences(lived.truth, verdicts, books), *audited.differences]
    faults += [f"the provider paid {key} {count} times" for key, count in sorted(booked.items()) if count > 1]
    figures |= {
        "refunds_at_provider": paid.total(),
        "paid_minor": sum(amount * count for (_, amount), count in paid.items()),
        "owed_minor": sum(amount for (_, unit), amount in books.items() if unit != "points"),
        "audit": "agrees" if audited.agrees else "differs",
    }
    expected = figures["owed_minor"] + figures["given_minor"]
    if figures["paid_minor"] != expected:
        faults.append(f"the provider paid {figures['paid_minor']} and the books say {expected}")
    return Stored(figures=figures, faults=tuple(faults))


def _differences(
    truth: dict[str, Ending] | Any, verdicts: dict[str, str], books: dict[tuple[str, str], int]
) -> list[str]:
    found = []
    for order, one in sorted(truth.items()):
        really = (one.ended, one.money, one.points)
        kept = (verdicts.get(order), books.get((order, shop.CURRENCY), 0), books.get((order, "points"), 0))
        if really != kept:
            found.append(f"order {order} is really {really} and the store keeps {kept}")
    return found


def _books(connection: Connection) -> dict[tuple[str, str], int]:
    """What each order is owed by the books, by order and unit: the balance of what late arrivals cost."""
    query = (
        "SELECT l.order_id, e.currency, SUM(CASE WHEN e.debit = :cost THEN e.amount_minor ELSE 0 END)"
        " - SUM(CASE WHEN e.credit = :cost THEN e.amount_minor ELSE 0 END) FROM entries e"
        " JOIN covers c ON c.cover = e.cover JOIN lines l ON l.seq = c.line GROUP BY 1, 2"
    )
    return {(order, unit): amount for order, unit, amount in ask(connection, query, cost=_COST) if amount}


def _verdicts(connection: Connection) -> dict[str, str]:
    query = "SELECT delivery_id, verdict FROM deliveries"
    return {str(delivery): str(verdict) for delivery, verdict in connection.exec_driver_sql(query)}


def _given(connection: Connection, *, points: bool) -> int:
    """What stays with buyers although later facts lowered what was owed."""
    query = (
        "SELECT COALESCE(SUM(CASE WHEN debit = 'given' THEN amount_minor ELSE 0 END)"
        " - SUM(CASE WHEN credit = 'given' THEN amount_minor ELSE 0 END), 0) FROM entries WHERE (currency = 'points') = :points"
    )
    return int(ask(connection, query, points=points).scalar() or 0)


def _told_before(connection: Connection, lived: Lived) -> int:
    """How many of the late ones were decided to be told of the risk before they were late."""
    query = "SELECT order_id, MIN(decided_us) FROM tellings WHERE kind = 'at_risk' GROUP BY 1"
    decided = {str(order): int(at_us) for order, at_us in connection.exec_driver_sql(query)}
    late = {order: one.by_us for order, one in lived.truth.items() if one.ended == "late"}
    return sum(order in decided and decided[order] < by_us for order, by_us in late.items())


def _counts(connection: Connection, query: str) -> dict[str, int]:
    return {str(name): int(count) for name, count in connection.exec_driver_sql(query)}


def _one(connection: Connection, query: str) -> int:
    return int(connection.exec_driver_sql(query).scalar() or 0)
