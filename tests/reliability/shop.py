"""A small shop with one promise: its facts told to a store, and what the store's books say, free of moments and numbers of rows."""

import csv
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pyarrow as pa
from sqlalchemy import Engine

from houbei.facts.moments import text_of_moment
from houbei.payments.sandbox import Sandbox
from houbei.runs.arrivals import Teller, take_lines, take_prices
from houbei.runs.audit import Audit, audit
from houbei.runs.cycle import run_cycle
from houbei.runs.hooks import look_at_events
from houbei.runs.outbox import LEASE_US, run_outbox
from houbei.runs.reconcile import reconcile
from houbei.store.database import open_database, reading, writing
from houbei.store.promises import publish
from houbei.terms.document import parse_terms

START_US = int(datetime(2026, 11, 1, 12, tzinfo=UTC).timestamp()) * 1_000_000
SECOND_US = 1_000_000
HOUR_US = 3600 * SECOND_US
DAY_US = 24 * HOUR_US
PAST_LEASE_US = LEASE_US + SECOND_US
PROMISE = """
term: shop-30-days
version: 1
kind: price_protection
zone: UTC
window:
  opens: {at: paid}
  closes: {after: {at: paid}, length: P30D}
remedy:
  pay: {when: at_once}
clauses:
  - id: S-1
    text: {zh: 付款后30天内降价的，差额退还。, en: If the price falls within 30 days of payment the difference is returned.}
"""
Row = Mapping[str, Any]
Refund = dict[str, Any]


def promise() -> Any:
    return parse_terms(PROMISE, where="the shop's promise")


def line(name: str, *, order: str, sku: str = "tea", paid: int = 1000, quantity: int = 1, **more: Any) -> Row:
    told = {"line_id": name, "order_id": order, "sku": sku, "quantity": quantity, "paid_minor": paid, "currency": "USD"}
    return {**told, "placed_at": text_of_moment(START_US), **more}


def price(name: str, minor: int, *, at_us: int, sku: str = "tea") -> Row:
    return {"price_id": name, "sku": sku, "price_minor": minor, "currency": "USD", "at": text_of_moment(at_us)}


def write_csv(path: Path, rows: Sequence[Row]) -> Path:
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, names)
        out.writeheader()
        out.writerows(rows)
    return path


def new_store(path: Path) -> Engine:
    """Make a store in which the promise is published."""
    database = open_database(path, create=True)
    with writing(database) as connection:
        publish(connection, promise(), known_us=START_US)
    return database


def tell(database: Engine, *, lines: Sequence[Row] = (), prices: Sequence[Row] = (), now_us: int = START_US) -> None:
    """Tell of facts, in one transaction."""
    teller = Teller(source="shop", zone="UTC", known_us=now_us)
    with writing(database) as connection:
        if lines:
            take_lines(connection, _table(lines), teller=teller)
        if prices:
            take_prices(connection, _table(prices), teller=teller)


def _table(rows: Sequence[Row]) -> pa.Table:
    return pa.Table.from_pylist([dict(row) for row in rows])


def rows_of(database: Engine, query: str) -> list[tuple[Any, ...]]:
    with reading(database) as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query)]


def states(database: Engine) -> Counter[tuple[str, str]]:
    """How many settlements are of each kind and in each state."""
    found = rows_of(database, "SELECT kind, state, COUNT(*) FROM actions GROUP BY kind, state")
    return Counter({(kind, state): count for kind, state, count in found})


def needs(database: Engine) -> list[str]:
    return [row[0] for row in rows_of(database, "SELECT kind FROM needs ORDER BY kind, ref")]


def books_of(database: Engine) -> list[tuple[Any, ...]]:
    """Every entry without moments, by line, in its order within its settlement.

    That we looked without finding an answer is left out, and what was in doubt counts as in transit: both say how far we knew, not
    what became of the money. A settlement is told by its place among those of its cover, and not by the number of its entry.
    """
    query = (
        "SELECT l.line_id, t.term, (SELECT COUNT(*) FROM entries o WHERE o.cover = e.cover AND o.code = 'owed'"
        " AND o.sequence <= COALESCE(e.settles, e.sequence)) AS place, e.code, e.debit, e.credit, e.amount_minor, e.currency,"
        " e.clause FROM entries e JOIN covers c ON c.cover = e.cover JOIN lines l ON l.seq = c.line JOIN terms t ON t.seq = c.terms"
        " WHERE e.code <> 'unknown' ORDER BY l.line_id, t.term, place, e.sequence"
    )
    return [tuple("in_transit" if value == "in_doubt" else value for value in row) for row in rows_of(database, query)]


def paid_by_line(database: Engine) -> dict[str, int]:
    """What each line's buyer got from the provider by the books, minor units."""
    query = (
        "SELECT l.line_id, SUM(a.amount_minor) FROM actions a JOIN covers c ON c.cover = a.cover JOIN lines l ON l.seq = c.line"
        " WHERE a.kind = 'refund' AND a.state IN ('confirmed', 'reconciled') GROUP BY l.line_id ORDER BY l.line_id"
    )
    return {name: int(minor) for name, minor in rows_of(database, query)}


def audited(database: Engine) -> Audit:
    return audit(database, progress=lambda *_: None)


class Stage:
    """The sandbox from behind: its payments, faults, clock, and what it has paid."""

    def __init__(self, address: str) -> None:
        self.web = httpx2.Client(base_url=address, timeout=30, trust_env=False, verify=False)

    def close(self) -> None:
        self.web.close()

    def capture(self, payments: Mapping[str, int]) -> None:
        given = [{"payment": name, "captured_minor": minor, "currency": "USD"} for name, minor in payments.items()]
        assert self.web.post("/payments", json={"payments": given}).status_code == 200

    def close_payment(self, payment: str) -> None:
        assert self.web.post(f"/payments/{payment}/close").status_code == 200

    def faults(self, **strengths: int) -> None:
        assert self.web.post("/faults", json=strengths).status_code == 200

    def turn(self, now_us: int) -> None:
        assert self.web.post("/clock", json={"now": text_of_moment(now_us)}).status_code == 200

    def settle(self) -> None:
        assert self.web.post("/settle").status_code == 200

    def refund(self, payment: str, minor: int, *, key: str, **told: str) -> Refund:
        body = {"payment": payment, "amount_minor": minor, "currency": "USD", "metadata": told}
        made: Refund = self.web.post("/refunds", json=body, headers={"Idempotency-Key": key}).json()
        return made

    def refunds(self) -> list[Refund]:
        found: list[Refund] = []
        query = {"limit": "1000"}
        while True:
            page = self.web.get("/refunds", params=query).json()
            found += page["data"]
            if page["next"] is None:
                return found
            query["after"] = page["next"]

    def paid(self) -> Counter[tuple[str, int, str]]:
        """How many refunds there are of each payment, amount and state."""
        return Counter((one["payment"], one["amount_minor"], one["state"]) for one in self.refunds())

    def twice(self) -> list[str]:
        """The settlements for which more than one refund stands."""
        alive = [one for one in self.refunds() if one["state"] != "failed"]
        made = Counter(one["metadata"].get("houbei_settlement", one["id"]) for one in alive)
        return [settlement for settlement, count in made.items() if count > 1]


@dataclass(slots=True, kw_only=True)
class Shop:
    """A store, the sandbox that pays for it, and the moment it is for both."""

    database: Engine
    stage: Stage
    provider: Any
    now_us: int = START_US

    @classmethod
    def opened(cls, path: Path, address: str) -> "Shop":
        stage = Stage(address)
        stage.turn(START_US)
        return cls(database=new_store(path), stage=stage, provider=Sandbox(address))

    def close(self) -> None:
        self.database.dispose()
        self.provider.close()
        self.stage.close()

    def turn(self, by_us: int) -> None:
        self.now_us += by_us
        self.stage.turn(self.now_us)

    def sell(self, lines: Sequence[Row]) -> None:
        """Sell lines at 10.00: the checkout captures what their orders cost."""
        cost: Counter[str] = Counter()
        for one in lines:
            cost[one["order_id"]] += one["paid_minor"]
        self.stage.capture(cost)
        tell(self.database, lines=lines, now_us=self.now_us)

    def drop(self, name: str, minor: int, **more: Any) -> None:
        """Lower a price now, and decide."""
        tell(self.database, prices=[price(name, minor, at_us=self.now_us, **more)], now_us=self.now_us)
        self.decide()

    def decide(self) -> None:
        while run_cycle(self.database, now_us=self.now_us).facts:
            pass

    def pay(self, *, holder: str = "one", threads: int = 2) -> int:
        """One round of the outbox."""
        return run_outbox(self.database, self.provider, now_us=self.now_us, holder=holder, threads=threads).claimed

    def look(self) -> None:
        look_at_events(self.database, self.provider, now_us=self.now_us)

    def reconcile(self) -> None:
        reconcile(self.database, self.provider, now_us=self.now_us)

    def settle_all(self, *, days: int = 30) -> None:
        """Live on without faults until nothing is left to do, the clock going on to the next thing that waits."""
        until_us = self.now_us + days * DAY_US
        while self.now_us < until_us:
            self.decide()
            while self.pay():
                pass
            self.look()
            self.reconcile()
            waiting = rows_of(self.database, "SELECT MIN(due_us) FROM actions")[0][0]
            if waiting is None:
                return
            self.turn(max(waiting - self.now_us, SECOND_US))
        raise AssertionError(rows_of(self.database, "SELECT * FROM actions WHERE due_us IS NOT NULL"))


def settled_once(shop: Shop) -> None:
    """What must hold whatever happened: the audit agrees, nothing was paid twice, the books say what the provider paid."""
    found = audited(shop.database)
    assert found.differences == ()
    assert shop.stage.twice() == []
    alive: Counter[str] = Counter()
    for one in shop.stage.refunds():
        if one["state"] == "succeeded":
            alive[one["payment"]] += one["amount_minor"]
    booked = rows_of(
        shop.database,
        "SELECT payment, SUM(amount_minor) FROM actions WHERE kind = 'refund' AND state IN ('confirmed', 'reconciled')"
        " GROUP BY payment",
    )
    assert dict(alive) == {payment: int(minor) for payment, minor in booked}


def keys_of(refunds: Iterable[Refund]) -> list[str]:
    return sorted(one["metadata"].get("houbei_settlement", "") for one in refunds)


def decoded(body: bytes) -> Any:
    return msgspec.json.decode(body)
