"""The desk on the real store: reports, steps and ticks go through the same functions as a shop's own, and the outbox pays.

A tick lasts an hour, in which whatever can be paid is paid, however often the provider must be asked; so what is paid after a tick does
not depend on how often that was. A moment that was lived through is not lived through again: that makes a tick safe to ask for twice.
"""

import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
from sqlalchemy import Engine, event

from houbei.facts.steps import Step
from houbei.facts.steps import Teller as Told_by
from houbei.runs.arrivals import Teller, take_lines, take_prices
from houbei.runs.case_refunds import tell_refunds
from houbei.runs.case_timers import tick
from houbei.runs.cases import tell_in
from houbei.runs.cycle import run_until_idle
from houbei.runs.outbox import run_outbox
from houbei.runs.providers import Payer
from houbei.runs.reconcile import reconcile
from houbei.runs.reports import Report, report
from houbei.simulation.chance import HOUR_US
from houbei.simulation.desk import Said, Seen, Sold
from houbei.simulation.shop import CURRENCY, SELLER, ZONE, law, price_promise, promises
from houbei.simulation.till import Till
from houbei.store.cases import Standing, find_case, worklist
from houbei.store.database import open_database, reading, writing
from houbei.store.exhibit_shapes import Kind
from houbei.store.exhibits import Exhibit
from houbei.store.marks import live_through, lived_until
from houbei.store.promises import publish, published
from houbei.store.statements import ask

SOURCE = "sample-appliances"
_HOLDER = "simulation"
_OPEN_MAX = 1_000_000
_ROUND_US = 150_000_000
"""More than a claim of the outbox holds: what somebody claimed who died is claimed again in the next."""
_MOMENT = pa.timestamp("us", tz="UTC")


def open_store(path: Path) -> Engine:
    """Open a store, a new one where there is none, that does not wait for the disk.

    A process that is killed loses nothing of what it wrote; what the wait guards against is a power cut, and none happens here.
    """
    database = open_database(path, create=True)
    event.listen(database, "connect", lambda connection, _record: connection.execute("PRAGMA synchronous=OFF"))
    database.dispose()
    return database


class StoreDesk:
    """Houbei on a store.

    Args:
        database: The store.
        payer: Who pays.
        till: The provider's other side, whose clock goes along.
    """

    def __init__(self, database: Engine, *, payer: Payer, till: Till) -> None:
        self._database = database
        self._payer = payer
        self._till = till
        self._lines: dict[int, tuple[str, str]] = {}
        self._terms: dict[int, str] = {}

    def open(self, *, now_us: int) -> None:
        """Publish what the shop promises and what the law asks for."""
        with writing(self._database) as connection:
            for terms in (*promises(), *law(), price_promise()):
                publish(connection, terms, known_us=now_us)

    def sell(self, sold: Sequence[Sold], *, now_us: int) -> None:
        """Tell of lines that were sold and delivered."""
        if sold:
            with writing(self._database) as connection:
                take_lines(connection, _table(sold), teller=Teller(source=SOURCE, zone=ZONE, known_us=now_us))
            run_until_idle(self._database, now_us=now_us)

    def reduce(self, sku: str, price_minor: int, *, until_us: int, now_us: int) -> None:
        """Tell of a price that holds from now on until a moment, and work out what that makes owed."""
        told: dict[str, object] = {
            "price_id": [f"{sku}@{now_us}"],
            "sku": [sku],
            "seller": [SELLER],
            "kind": ["list"],
            "currency": [CURRENCY],
            "price_minor": [price_minor],
            "at": pa.array([now_us], _MOMENT),
            "until": pa.array([until_us], _MOMENT),
        }
        with writing(self._database) as connection:
            take_prices(connection, pa.table(told), teller=Teller(source=SOURCE, zone=ZONE, known_us=now_us))
        run_until_idle(self._database, now_us=now_us)

    def report(self, said: Said, *, now_us: int) -> str:
        """Report a fault, and give the number of the case it belongs to."""
        told = Report(
            source="app" if said.clerk is None else "phone",
            step_id=said.claim,
            at_us=said.at_us,
            channel=said.channel,
            teller=Told_by.BUYER if said.clerk is None else Told_by.SHOP,
            person=said.clerk,
            line_id=said.line,
            unit=said.unit,
            serial=said.serial or None,
            fault=said.fault or None,
            exhibits=tuple(_exhibit(kind, said.claim) for kind in said.exhibits.split(",") if kind),
        )
        return report(self._database, told, now_us=now_us).led.step.case

    def tell(self, steps: Sequence[Step]) -> None:
        """Tell of steps, in the order in which they become known."""
        with writing(self._database) as connection:
            for step in steps:
                tell_in(connection, step, now_us=live_through(connection, step.known_us))

    def tick(self, now_us: int) -> None:
        """Let the clock do what is due, and pay what is owed."""
        ends_us = now_us + HOUR_US
        with reading(self._database) as connection:
            lived_us = lived_until(connection)
        if lived_us >= ends_us:
            return
        if lived_us <= now_us:
            tick(self._database, now_us=now_us)
        if self._any("due_us < :until OR state = 'confirmed'", until=ends_us):
            self._pay_all(now_us, ends_us)
        with writing(self._database) as connection:
            live_through(connection, ends_us)

    def worklist(self) -> list[Seen]:
        """Give every case that is not over, by its number."""
        with reading(self._database) as connection:
            standing = sorted(worklist(connection, stage=None, most=_OPEN_MAX), key=_in_turn)
        return [self._seen(one) for one in standing]

    def look(self, case: str) -> Seen:
        """Look at one case."""
        with reading(self._database) as connection:
            standing = find_case(connection, case)
        if standing is None:
            raise LookupError(case)
        return self._seen(standing)

    def _pay_all(self, now_us: int, ends_us: int) -> None:
        """Ask until everything is answered, let an hour pass for what is pending, and tell the cases."""
        self._till.turn(now_us)
        for at_us in range(now_us, ends_us, _ROUND_US):
            self._pay(at_us)
            if not self._any("due_us < :until", until=ends_us):
                break
        self._till.turn(ends_us)
        self._pay(ends_us)
        reconcile(self._database, self._payer, now_us=ends_us)
        tell_refunds(self._database, now_us=ends_us)

    def _pay(self, now_us: int) -> None:
        while run_outbox(self._database, self._payer, now_us=now_us, holder=_HOLDER, threads=1).claimed:
            pass

    def _any(self, which: str, *, until: int) -> bool:
        """Whether there is any settlement of a sort: due, or paid and not yet found in the provider's records."""
        with reading(self._database) as connection:
            found = ask(connection, f"SELECT EXISTS (SELECT 1 FROM actions WHERE {which})", until=until)  # noqa: S608  our own words
            return bool(found.scalar())

    def _seen(self, one: Standing) -> Seen:
        if one.line not in self._lines or (one.terms is not None and one.terms not in self._terms):
            self._learn(one.line)
        line, sku = self._lines[one.line]
        term = "" if one.terms is None else self._terms[one.terms]
        return Seen(case=one.case_id, line=line, sku=sku, term=term, state=one.case)

    def _learn(self, line: int) -> None:
        """Read what stands on an order, and what the promises are called."""
        with reading(self._database) as connection:
            row = ask(connection, "SELECT line_id, sku FROM lines WHERE seq = :line", line=line).one()
            self._lines[line] = (row.line_id, row.sku)
            self._terms = {promise.seq: promise.terms.term for promise in published(connection)}


def _table(sold: Sequence[Sold]) -> pa.Table:
    return pa.table(
        {
            "order_id": [one.order for one in sold],
            "line_id": [one.line for one in sold],
            "buyer_id": [one.buyer for one in sold],
            "sku": [one.sku for one in sold],
            "category": [one.category for one in sold],
            "seller": [SELLER] * len(sold),
            "quantity": [len(one.serials) for one in sold],
            "paid_minor": [one.paid_minor for one in sold],
            "currency": [CURRENCY] * len(sold),
            "placed_at": pa.array([one.placed_us for one in sold], _MOMENT),
            "shipped_at": pa.array([(one.placed_us + one.delivered_us) // 2 for one in sold], _MOMENT),
            "delivered_at": pa.array([one.delivered_us for one in sold], _MOMENT),
            "serials": [json.dumps(list(one.serials)) for one in sold],
        }
    )


def _exhibit(kind: str, claim: str) -> Exhibit:
    """A file by its hash and kind; what is in it nobody looks at here."""
    content = f"{kind} of {claim}".encode()
    return Exhibit(sha256=sha256(content).hexdigest(), kind=Kind(kind), bytes=len(content), width=None, height=None)


def _in_turn(one: Standing) -> tuple[int, str]:
    """Cases in the order in which they were opened."""
    return one.opened_us, one.case_id
