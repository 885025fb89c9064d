"""The facts of a drawn history, one by one: as rows of files, as events, and when each of them happened."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pyarrow as pa
from sqlalchemy import Connection, Engine

from houbei.facts.orders import KNOWN as ORDER_COLUMNS
from houbei.facts.prices import KNOWN as PRICE_COLUMNS
from houbei.runs.arrivals import Teller, take_lines, take_prices
from houbei.store.csv_files import with_types
from houbei.store.database import writing
from houbei.store.intake import append_facts
from tests.live.stores import SOURCE, Held
from tests.oracle.agreement import Row, columns_of
from tests.oracle.moments import read_stamp, read_zone
from tests.oracle.promise import open_case
from tests.oracle.rows import HAPPENINGS
from tests.oracle.strategies import History

ZONE = "Asia/Shanghai"
LATER = tuple(name for name in HAPPENINGS if name not in {"placed", "paid"})
LISTED = {"delivered": "deliveries", "returned": "returns"}


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of a history: a row of a file by its place, or an event of a line; and when it happened."""

    kind: str
    at_us: int
    place: int = 0
    event: tuple[Any, ...] = ()

    def stands_before(self, other: "Fact") -> bool:
        """Whether both can be told in one batch."""
        return self.kind == other.kind and (self.kind == "events" or self.place + 1 == other.place)


class Tale:
    """The facts of a history, ready to be told to a store in any order.

    Args:
        history: Rows that can all be read.
        apart: Whether what happened to a line after it was placed is told apart from its row, as events.
    """

    def __init__(self, history: History, *, apart: bool) -> None:
        self.zone: str = history.terms.get("zone", "Asia/Shanghai")
        told = [without_what_came_later(row) for row in history.orders] if apart else history.orders
        self.orders = table_of("orders", told)
        self.prices = table_of("prices", history.prices)
        self.facts = [Fact("orders", self.us(row["placed_at"]), k) for k, row in enumerate(history.orders)]
        self.facts += [Fact("prices", self.us(row["at"]), k) for k, row in enumerate(history.prices)]
        if apart:
            self.facts += [fact for row in history.orders for fact in self.events_of(row)]

    def us(self, text: str | None) -> int:
        """Read a moment of the history."""
        return us_of(text, zone=self.zone)

    def events_of(self, row: Row) -> Iterable[Fact]:
        """What happened to a line after it was placed, as the row tells it."""
        for what in LATER:
            for number, item in enumerate(json.loads(row.get(LISTED.get(what, "")) or "[]")):
                yield self._event(row, what, item["at"], item["quantity"], number)
            if row.get(f"{what}_at"):
                units = row.get("returned_quantity") if what == "returned" else None
                yield self._event(row, what, row[f"{what}_at"], None if units is None else int(units), -1)

    def _event(self, row: Row, what: str, at: str | None, quantity: int | None, number: int) -> Fact:
        line, at_us = row["line_id"], self.us(at)
        event = (SOURCE, f"{line}:{what}:{number}", SOURCE, line, what, at_us, quantity, None, 0)
        return Fact("events", at_us, event=event)

    def tell(self, connection: Connection, facts: Sequence[Fact]) -> None:
        """Take facts in, in their order; rows that stand one behind the other in their file as one batch."""
        teller = Teller(source=SOURCE, zone=self.zone, known_us=0)
        begins = [k for k in range(len(facts)) if not k or not facts[k - 1].stands_before(facts[k])]
        for first, last in pairwise([*begins, len(facts)]):
            fact, count = facts[first], last - first
            if fact.kind == "events":
                append_facts(connection, "events", [one.event for one in facts[first:last]])
                continue
            table, take = (self.orders, take_lines) if fact.kind == "orders" else (self.prices, take_prices)
            rows = table.slice(fact.place, count).combine_chunks()
            take(connection, rows, teller=teller, first_row=fact.place + 1)

    def tell_whole(self, connection: Connection) -> None:
        """Take both files in, each as one batch."""
        teller = Teller(source=SOURCE, zone=self.zone, known_us=0)
        take_lines(connection, self.orders, teller=teller)
        take_prices(connection, self.prices, teller=teller)


def tell_orders(database: Engine, *rows: Row, first_row: int = 1) -> None:
    """Take rows of an orders file in; they are known from their first telling on."""
    with writing(database) as connection:
        take_lines(
            connection,
            table_of("orders", rows),
            teller=Teller(source=SOURCE, zone=ZONE, known_us=0),
            first_row=first_row,
        )


def tell_prices(database: Engine, *rows: Row, first_row: int = 1) -> None:
    """Take rows of a prices file in; one without a price_id is named by its row."""
    with writing(database) as connection:
        take_prices(
            connection,
            table_of("prices", rows),
            teller=Teller(source=SOURCE, zone=ZONE, known_us=0),
            first_row=first_row,
        )


def tell_event(database: Engine, what: str, at: str, *, line: str = "L1", **more: Any) -> None:
    """Tell what happened to a line; of `quantity` units, under an `event_id` of its own, in place of what it `supersedes`."""
    event_id = more.get("event_id") or f"{line}:{what}:{at}"
    row = (SOURCE, event_id, SOURCE, line, what, moment(at), more.get("quantity"), more.get("supersedes"), 0)
    with writing(database) as connection:
        append_facts(connection, "events", [row])


def moment(text: str) -> int:
    """Read a moment; a bare `11-10` is that day of 2026 in Shanghai, 00:00, and `11-10T12:00` a time of it."""
    return us_of(text if text.startswith("20") else f"2026-{text}", zone=ZONE)


def table_of(name: str, rows: Sequence[Row]) -> pa.Table:
    """Rows as the columns that a CSV file of them would have."""
    contract = ORDER_COLUMNS if name == "orders" else PRICE_COLUMNS
    table = pa.table(
        {column: pa.array([row.get(column) for row in rows], pa.string()) for column in columns_of(name, list(rows))}
    )
    return with_types(table, [column for column in table.column_names if column not in contract])


def us_of(text: str | None, *, zone: str) -> int:
    """Read a moment as microseconds."""
    moment = read_stamp(text or "", zone=read_zone(zone))
    assert moment is not None
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // (datetime.resolution)


def without_what_came_later(row: Row) -> Row:
    """An orders row as it was when it was placed; when it will be paid is known."""
    later = {*(f"{name}_at" for name in LATER), "returned_quantity", *LISTED.values()}
    return {name: None if name in later else text for name, text in row.items()}


def told_live(history: History) -> History:
    """The history as a store can take it: rows that can be read, each id once, and of a promise that pays on claims the claimed.

    Units that part ways do so by their list alone: a date beside it would speak for the missing, as rows do and events do not.
    """
    rejected = {
        (name, number)
        for name, number, _ in open_case(history.orders, history.prices, history.terms, as_of=None).rejected
    }
    orders = [row for number, row in enumerate(history.orders, start=1) if ("orders", number) not in rejected]
    if history.terms.get("compare", {}).get("against") == "at_claim":
        orders = [row for row in orders if row.get("claimed_at")]
    prices = [row for number, row in enumerate(history.prices, start=1) if ("prices", number) not in rejected]
    known = {row.get("price_id"): row for row in reversed(prices)}
    prices = [row for row in prices if not row.get("price_id") or known[row["price_id"]] is row]
    return replace(history, orders=[told_once(row) for row in orders], prices=prices)


def told_once(row: Row) -> Row:
    """An orders row whose units are delivered, and returned, by their list alone."""
    beside = {"deliveries": ("delivered_at",), "returns": ("returned_at", "returned_quantity")}
    gone = {name for cell, names in beside.items() if row.get(cell) for name in names}
    return {name: None if name in gone else text for name, text in row.items()}


def owed_by_line(payouts: Iterable[tuple[str, int]]) -> dict[str, int]:
    """What is owed to each line; nothing where it is 0."""
    owed = Counter[str]()
    for line_id, amount in payouts:
        owed[line_id] += amount
    return dict(owed)


def held_by_line(rows: Iterable[tuple[str, str, int, int]]) -> Held:
    """Units held and their amount by line_id and price_id."""
    found: Held = {}
    for line_id, price_id, units, amount in rows:
        before = found.get((line_id, price_id), (0, 0))
        found[line_id, price_id] = (before[0] + units, before[1] + amount)
    return found
