"""Rows of an import whose ids are known: the same, told of something new, or different."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from houbei.facts.happened import AS_TOLD, LISTS, WITHDRAWN, Event, at_key, fold_events
from houbei.facts.orders import MOMENTS
from houbei.facts.rejected import Rejection
from houbei.store.digests import columns_of
from houbei.store.intake import append_facts
from houbei.store.line_rows import decoded
from houbei.store.statements import ask
from houbei.terms.moments import parse_moment

Row = tuple[Any, ...]
_LINE = columns_of("lines")
_CORE = (
    "order_id",
    "sku",
    "quantity",
    "paid_minor",
    "currency",
    "placed_us",
    "buyer_id",
    "seller",
    "region",
    "channel",
    "audience",
    "category",
)
_LATER = {at_key(name) for name in MOMENTS} | {*LISTS.values(), "returned_quantity"}
"""Further columns that tell what happened later; the others may not change."""


class Counts(Protocol):
    """What is counted of an import."""

    known: int
    changed: int
    rejected: list[tuple[int, Rejection]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """When an import was told, and the zone of moments that name none."""

    now_us: int
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """A piece of an import: its rows, their data rows in the file, those that were known, and the last row number before the import."""

    rows: Sequence[Row]
    places: NDArray[np.int64]
    known: Sequence[Row]
    begun: int

    def known_places(self) -> list[tuple[int, Row]]:
        """The known rows with their data rows in the file."""
        known = {id(row) for row in self.known}
        return [(int(place), row) for place, row in zip(self.places, self.rows, strict=True) if id(row) in known]


def settle_known_prices(connection: Connection, piece: Rows, counts: Counts) -> None:
    """Count known prices; one that differs from what is known is rejected."""
    names = columns_of("prices")
    for place, row in piece.known_places():
        told = dict(zip(names, row, strict=True))
        stored = (
            ask(
                connection,
                "SELECT * FROM prices WHERE source = :source AND price_id = :price_id",
                source=told["source"],
                price_id=told["price_id"],
            )
            .mappings()
            .one()
        )
        if all(stored[name] == told[name] for name in ("series", "at_us", "until_us", "price_minor", "more")):
            counts.known += 1
        else:
            counts.rejected.append((place, Rejection.KNOWN_DIFFERENTLY))


def settle_known_told(connection: Connection, table: str, piece: Rows, counts: Counts) -> None:
    """Count known facts of a table that nothing is added to later; one that differs from what is known is rejected.

    Args:
        connection: In a writing transaction.
        table: `promises_given`, `scans` or `closures`.
        piece: Rows of the import.
        counts: What became of them is added here.

    Cost: a look-up a known fact.
    """
    names = columns_of(table)
    quoted, own_id = ", ".join(f'"{name}"' for name in names), names[1]
    for place, row in piece.known_places():
        stored = ask(
            connection,
            f"SELECT {quoted} FROM {table} WHERE source = :source AND {own_id} = :own",
            source=row[0],
            own=row[1],
        ).one()
        # The last column is when we learnt of it.
        if tuple(stored)[:-1] == tuple(row)[:-1]:
            counts.known += 1
        else:
            counts.rejected.append((place, Rejection.KNOWN_DIFFERENTLY))


def settle_known_lines(connection: Connection, piece: Rows, counts: Counts, told_by: Told) -> None:
    """Compare known lines with what is known of them; what happened to them since becomes events.

    Args:
        connection: In a writing transaction.
        piece: Rows of the import.
        counts: What became of them is added here.
        told_by: When we learnt of it, and the zone of moments that name none.

    Cost: two look-ups a known line.
    """
    events: list[Row] = []
    for place, row in piece.known_places():
        told = dict(zip(_LINE, row, strict=True))
        stored = (
            ask(
                connection,
                "SELECT * FROM lines WHERE source = :source AND line_id = :line_id",
                source=told["source"],
                line_id=told["line_id"],
            )
            .mappings()
            .one()
        )
        before, now = decoded(stored["more"]), decoded(told["more"])
        if stored["seq"] > piece.begun:
            counts.rejected.append((place, Rejection.DUPLICATE_LINE))
        elif any(stored[name] != told[name] for name in _CORE) or _rest(before) != _rest(now):
            counts.rejected.append((place, Rejection.KNOWN_DIFFERENTLY))
        else:
            new = _news(connection, stored, before, now, told_by)
            events += new
            counts.changed += bool(new)
            counts.known += not new
    append_facts(connection, "events", events)


def _rest(more: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in more.items() if name not in _LATER}


def _news(
    connection: Connection, stored: Any, before: Mapping[str, Any], now: Mapping[str, Any], told: Told
) -> list[Row]:
    """The events that lead from what is known of a line to what its row tells now."""
    source, line_id, quantity = stored["source"], stored["line_id"], stored["quantity"]
    rows = ask(
        connection,
        "SELECT event_id, what, at_us, quantity, supersedes FROM events WHERE line_source = :source AND line_id = :line ORDER BY seq",
        source=source,
        line=line_id,
    ).all()
    events = [Event(event_id=row[0], what=row[1], at_us=row[2], quantity=row[3], supersedes=row[4]) for row in rows]
    stands = fold_events(before, events, quantity=quantity, placed_us=stored["placed_us"])
    taken = {event.event_id for event in events}
    news: list[Row] = []
    for what in MOMENTS[1:]:
        wanted, known = (_units_by_moment(more, what, quantity, told.zone) for more in (now, stands))
        if not wanted or wanted == known:
            continue
        more = {at_us: units - known.get(at_us, 0) for at_us, units in wanted.items()}
        adds = sum(more.values()) + sum(known.values()) == sum(wanted.values()) and min(more.values()) >= 0
        over = [] if adds else _standing(what, before, events)
        parts: list[tuple[str, int, int | None]] = [
            (what, at_us, None if units == quantity else units)
            for at_us, units in sorted((more if adds else wanted).items())
            if units
        ]
        parts += [(WITHDRAWN, parts[0][1], None)] * (len(over) - len(parts))
        for (kind, at_us, units), gone in zip_longest(parts, over):
            event_id = _new_id(f"{line_id}:{what}:{at_us}" + ("" if units is None else f":{units}"), taken)
            news.append((source, event_id, source, line_id, kind, at_us, units, gone, told.now_us))
    return news


def _units_by_moment(more: Mapping[str, Any], what: str, quantity: int, zone: str) -> dict[int, int]:
    """How many units of a line something happened to, by moment: by the list of what parts ways, the rest by its one moment."""
    listed, at_us = LISTS.get(what, ""), more.get(at_key(what))
    found: dict[int, int] = {}
    for part in msgspec.json.decode(more.get(listed, "[]")):
        moment = parse_moment(part["at"], zone=zone, where=listed)
        found[moment] = found.get(moment, 0) + part["quantity"]
    left = quantity - sum(found.values())
    if what == "returned":
        left = 0 if found else min(left, int(more.get("returned_quantity", quantity)))
    if at_us is not None and left > 0:
        found[at_us] = found.get(at_us, 0) + left
    return found


def _standing(what: str, before: Mapping[str, Any], events: Sequence[Event]) -> list[str]:
    """The facts that say so far when it happened."""
    gone = {event.supersedes for event in events}
    alive = [event.event_id for event in events if event.what == what and event.event_id not in gone]
    own = f"{AS_TOLD}:{what}"
    told = own not in gone and (at_key(what) in before or LISTS.get(what) in before)
    return [*([own] if told else []), *alive]


def _new_id(name: str, taken: set[str]) -> str:
    """An id that no event of the line has: what is told, corrected and told again is another event each time."""
    number, found = 1, name
    while found in taken:
        number += 1
        found = f"{name}#{number}"
    taken.add(found)
    return found
