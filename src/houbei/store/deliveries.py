"""Deliveries as they are kept: one row a delivery and promise document, made when both its order and its promise are known.

`next_us` is when to look at one next. Whatever is told of a delivery sets it to now, so it is the list of what is to be done, too; what is
looked at are whole orders, because a scan of an order is about all of its deliveries.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import msgspec
from sqlalchemy import Connection, Row

from houbei.facts.closures import lies_in
from houbei.store.delivery_tables import DELIVERIES
from houbei.store.statements import ask, in_parts

_NAMES = tuple(column.name for column in DELIVERIES.columns)
COLUMNS = ", ".join(_NAMES)
"""What `delivery_of` takes: the table's columns in their order."""
_LINES = msgspec.json.Decoder(list[str])
_REGIONS = msgspec.json.Decoder(list[str])


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A delivery under one promise document, as it is kept; the columns of the table by name."""

    delivery: int
    source: str
    delivery_id: str
    order_id: str
    line: int
    terms: int
    cover: int
    region: str | None
    carrier: str | None
    promise: int | None
    shown_us: int | None
    from_us: int | None
    promised_us: int | None
    by_us: int | None
    arrived_us: int | None
    verdict: str
    closure: int | None
    scan: int | None
    provisional: int
    chance_permille: int | None
    next_us: int | None
    at_risk: str | None
    watch_us: int | None

    @property
    def ref(self) -> str:
        """Its short name on a person's list."""
        return str(self.delivery)


STANDS = (
    "region",
    "carrier",
    "promise",
    "shown_us",
    "from_us",
    "promised_us",
    "by_us",
    "arrived_us",
    "verdict",
    "closure",
    "scan",
    "provisional",
    "chance_permille",
)
"""The columns that follow from the facts: an audit works them out again."""


def touch_orders(
    connection: Connection, order_ids: Collection[str], *, terms: Mapping[int, tuple[str, bool]], now_us: int
) -> None:
    """Look at every delivery of some orders, and make those that are not there yet.

    Args:
        connection: In a writing transaction.
        order_ids: The orders, and all whose lines arrive together with theirs.
        terms: Of each published promise of arrival, by number, its term and whether its date is one that was shown.
        now_us: What time it is.

    Cost: some look-ups an order, a statement for many of them.
    """
    for places, some in in_parts(sorted(order_ids)):
        if rows := _missing(connection, places, some, terms):
            connection.exec_driver_sql(
                "INSERT INTO deliveries (source, delivery_id, order_id, line, terms, cover, verdict, provisional, next_us)"
                " VALUES (?, ?, ?, ?, ?, ?, 'none', 0, ?)",
                [(*row, now_us) for row in rows],
            )
    _look_at(connection, sorted(order_ids), now_us=now_us)


def orders_together(connection: Connection, order_ids: Collection[str]) -> list[str]:
    """Give some orders and those whose lines arrive together with theirs, in the order of their ids."""
    found = set(order_ids)
    asked = set[str]()
    while new := sorted(found - asked):
        asked |= found
        for places, some in in_parts(new):
            rows = connection.exec_driver_sql(
                "SELECT DISTINCT o.order_id, o.delivery_id FROM promises_given p JOIN promises_given o"
                f" ON o.delivery_id = p.delivery_id WHERE p.order_id IN ({places}) OR p.delivery_id IN ({places})",
                (*some, *some),
            )
            # A delivery may have the id of another order than its own.
            found |= {name for row in rows for name in row}
    return sorted(found)


def _missing(
    connection: Connection, places: str, order_ids: tuple[str, ...], terms: Mapping[int, tuple[str, bool]]
) -> list[tuple[Any, ...]]:
    """The deliveries that some orders should have and have not: (source, delivery_id, order_id, line, terms, cover).

    A delivery is there once under each term, on the cover and under the version of the first of its lines that was learnt, whichever order it is of.
    """
    given, rows = _given(connection, places, order_ids), list[tuple[Any, ...]]()
    for order_id, lines in _bound(connection, places, order_ids).items():
        rows += _rows_of_order(order_id, lines, given.get(order_id, []), terms)
    kept, found = _kept(connection, {row[1] for row in rows}, terms), dict[tuple[str, str], tuple[Any, ...]]()
    for row in sorted(rows, key=itemgetter(3)):
        if (row[1], terms[row[4]][0]) not in kept:
            found.setdefault((row[1], terms[row[4]][0]), row)
    return list(found.values())


def deliveries_missing(connection: Connection, terms: Mapping[int, tuple[str, bool]]) -> Iterator[tuple[str, str]]:
    """Name the deliveries that should be kept and are not: their ids and terms.

    Args:
        connection: A state of the store.
        terms: As for `touch_orders`.

    Cost: a pass over the lines that promises of arrival cover.
    """
    orders = [
        row[0]
        for seq in sorted(terms)
        for row in ask(
            connection,
            "SELECT DISTINCT l.order_id FROM covers c JOIN lines l ON l.seq = c.line WHERE c.terms = :terms",
            terms=seq,
        )
    ]
    for places, some in in_parts(sorted(set(orders))):
        for _, delivery_id, _, _, seq, _ in _missing(connection, places, some, terms):
            yield delivery_id, terms[seq][0]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bound:
    """A line of an order that a promise of arrival covers."""

    seq: int
    source: str
    line_id: str
    terms: int
    cover: int


def _bound(connection: Connection, places: str, order_ids: tuple[str, ...]) -> dict[str, list[_Bound]]:
    """The covered lines of some orders, by order, in the order in which they were told."""
    rows = connection.exec_driver_sql(
        "SELECT l.order_id, l.seq, l.source, l.line_id, c.terms, c.cover FROM lines l JOIN covers c ON c.line = l.seq"
        f" WHERE l.order_id IN ({places}) AND c.state <> 'undecided' ORDER BY l.seq, c.cover",
        order_ids,
    )
    found: dict[str, list[_Bound]] = {}
    for order_id, seq, source, line_id, terms, cover in rows:
        one = _Bound(seq=seq, source=source, line_id=line_id, terms=terms, cover=cover)
        found.setdefault(order_id, []).append(one)
    return found


def _given(connection: Connection, places: str, order_ids: tuple[str, ...]) -> dict[str, list[tuple[str, str | None]]]:
    """The deliveries that promises of some orders name, by order: their ids, and the lines as JSON."""
    rows = connection.exec_driver_sql(
        f"SELECT order_id, delivery_id, lines FROM promises_given WHERE order_id IN ({places}) ORDER BY seq", order_ids
    )
    found: dict[str, list[tuple[str, str | None]]] = {}
    for order_id, delivery_id, lines in rows:
        found.setdefault(order_id, []).append((delivery_id, lines))
    return found


def _rows_of_order(
    order_id: str,
    lines: Sequence[_Bound],
    given: Sequence[tuple[str, str | None]],
    terms: Mapping[int, tuple[str, bool]],
) -> Iterable[tuple[Any, ...]]:
    """The deliveries of an order: (source, delivery_id, order_id, line, terms, cover), each under the version of its first line."""
    found: dict[tuple[str, str], tuple[Any, ...]] = {}
    for one in lines:
        if one.terms not in terms:
            continue
        term, shown = terms[one.terms]
        for delivery_id, named in given if shown else [(order_id, None)]:
            if named is None or one.line_id in _LINES.decode(named):
                row = (one.source, delivery_id, order_id, one.seq, one.terms, one.cover)
                found.setdefault((delivery_id, term), row)
    return found.values()


def _kept(
    connection: Connection, delivery_ids: Collection[str], terms: Mapping[int, tuple[str, bool]]
) -> set[tuple[str, str]]:
    """Which of some deliveries are there, and under which term: they keep their version and cover."""
    found = set[tuple[str, str]]()
    for places, some in in_parts(sorted(delivery_ids)):
        rows = connection.exec_driver_sql(
            f"SELECT delivery_id, terms FROM deliveries WHERE delivery_id IN ({places})", some
        )
        found |= {(row[0], terms[row[1]][0]) for row in rows if row[1] in terms}
    return found


def orders_of_fresh(connection: Connection) -> list[str]:
    """The orders of the fresh lines that anything covers."""
    rows = ask(
        connection,
        "SELECT DISTINCT l.order_id FROM fresh f CROSS JOIN lines l JOIN covers c ON c.line = l.seq WHERE l.seq = f.line",
    )
    return [row[0] for row in rows]


def orders_of_given(connection: Connection, *, first: int, last: int) -> list[str]:
    """The orders of some promises given."""
    rows = ask(
        connection,
        "SELECT DISTINCT order_id FROM promises_given WHERE seq BETWEEN :first AND :last",
        first=first,
        last=last,
    )
    return [row[0] for row in rows]


def touch_scans(connection: Connection, *, first: int, last: int, now_us: int) -> None:
    """Look at the deliveries of the orders that some scans are about, and of those that arrive together with them."""
    rows = ask(
        connection, "SELECT order_id, delivery_id FROM scans WHERE seq BETWEEN :first AND :last", first=first, last=last
    )
    _look_at(connection, orders_together(connection, {name for row in rows for name in row if name}), now_us=now_us)


def _look_at(connection: Connection, order_ids: Sequence[str], *, now_us: int) -> None:
    for places, some in in_parts(order_ids):
        connection.exec_driver_sql(f"UPDATE deliveries SET next_us = ? WHERE order_id IN ({places})", (now_us, *some))


def touch_closures(connection: Connection, *, first: int, last: int, now_us: int) -> None:
    """Look at the deliveries that some closures, or those that they correct, may excuse.

    Cost: a pass over the deliveries that were promised by its end for each closure.
    """
    rows = ask(
        connection,
        "SELECT from_us, until_us, known_at_us, regions FROM closures WHERE seq BETWEEN :first AND :last UNION"
        " SELECT o.from_us, o.until_us, o.known_at_us, o.regions FROM closures c"
        " JOIN closures o ON o.closure_id = c.supersedes WHERE c.seq BETWEEN :first AND :last",
        first=first,
        last=last,
    ).all()
    for from_us, until_us, known_at_us, regions in rows:
        near = ask(
            connection,
            "SELECT delivery, region FROM deliveries WHERE shown_us < :known AND (by_us IS NULL OR by_us > :begins)"
            " AND (:ends IS NULL OR shown_us < :ends)",
            known=known_at_us,
            begins=from_us,
            ends=until_us,
        ).all()
        wide = None if regions is None else _REGIONS.decode(regions)
        here = [one for one, region in near if wide is None or any(lies_in(region or "", part) for part in wide)]
        if here:
            connection.exec_driver_sql(
                "UPDATE deliveries SET next_us = ? WHERE delivery = ?", [(now_us, one) for one in here]
            )


def any_delivery_due(connection: Connection, *, now_us: int) -> bool:
    """Whether there is a delivery to look at by now."""
    found = ask(connection, "SELECT EXISTS (SELECT 1 FROM deliveries WHERE next_us <= :now)", now=now_us)
    return bool(found.scalar())


def due_orders(connection: Connection, *, now_us: int, most: int) -> list[str]:
    """Give the orders of the deliveries to look at by now, the oldest first; `most` is how many deliveries are looked for."""
    rows = ask(
        connection,
        "SELECT order_id FROM deliveries WHERE next_us <= :now ORDER BY next_us, delivery LIMIT :most",
        now=now_us,
        most=most,
    )
    return list(dict.fromkeys(row[0] for row in rows))


def deliveries_of_orders(connection: Connection, order_ids: Sequence[str]) -> list[Delivery]:
    """Give every delivery of some orders, in the order in which they were made."""
    found = list[Delivery]()
    for places, some in in_parts(order_ids):
        found += map(
            delivery_of,
            connection.exec_driver_sql(f"SELECT {COLUMNS} FROM deliveries WHERE order_id IN ({places})", some),
        )
    return sorted(found, key=lambda one: one.delivery)


def deliveries_of_cover(connection: Connection, cover: int) -> list[Delivery]:
    """Give the deliveries that are booked on a cover."""
    rows = ask(connection, f"SELECT {COLUMNS} FROM deliveries WHERE cover = :cover ORDER BY delivery", cover=cover)
    return [delivery_of(row) for row in rows]


def find_delivery(connection: Connection, delivery: int) -> Delivery | None:
    """Give a delivery by its number; None where there is none."""
    row = ask(connection, f"SELECT {COLUMNS} FROM deliveries WHERE delivery = :delivery", delivery=delivery).first()
    return None if row is None else delivery_of(row)


def order_ids_after(connection: Connection, *, after: str | None, most: int) -> list[str]:
    """Give the orders of deliveries, in their order from the one after `after` on; None for the first."""
    rows = ask(
        connection,
        "SELECT DISTINCT order_id FROM deliveries WHERE :after IS NULL OR order_id > :after ORDER BY order_id LIMIT :most",
        after=after,
        most=most,
    )
    return [row[0] for row in rows]


def keep_deliveries(connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    """Keep how deliveries stand: the values of `STANDS`, when to look next, when to look at its risk, and the number of the delivery."""
    if rows:
        names = ", ".join(f"{name} = ?" for name in (*STANDS, "next_us", "watch_us"))
        connection.exec_driver_sql(f"UPDATE deliveries SET {names} WHERE delivery = ?", list(rows))


def delivery_of(row: Row[Any]) -> Delivery:
    """Give a row that has the table's columns in their order."""
    return Delivery(**dict(zip(_NAMES, row, strict=True)))
