"""Rows of an import whose ids are known: the same, told of something new, or different."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from houbei.facts.happened import AS_TOLD, LISTS, Event, at_key, fold_events
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


def settle_known_lines(connection: Connection, piece: Rows, counts: Counts, now_us: int) -> None:
    """Compare known lines with what is known of them; what happened to them since becomes events.

    Args:
        connection: In a writing transaction.
        piece: Rows of the import.
        counts: What became of them is added here.
        now_us: When we learnt of it.

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
            new = _news(connection, stored, before, now, now_us)
            events += new
            counts.changed += bool(new)
            counts.known += not new
    append_facts(connection, "events", events)


def _rest(more: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in more.items() if name not in _LATER}


def _news(
    connection: Connection, stored: Any, before: Mapping[str, Any], now: Mapping[str, Any], now_us: int
) -> list[Row]:
    """The events that lead from what is known of a line to what its row tells now."""
    source, line_id = stored["source"], stored["line_id"]
    rows = ask(
        connection,
        "SELECT event_id, what, at_us, quantity, supersedes FROM events WHERE line_source = :source AND line_id = :line ORDER BY seq",
        source=source,
        line=line_id,
    ).all()
    events = [Event(event_id=row[0], what=row[1], at_us=row[2], quantity=row[3], supersedes=row[4]) for row in rows]
    stands = fold_events(before, events, quantity=stored["quantity"], placed_us=stored["placed_us"])
    news: list[Row] = []
    for what in MOMENTS[1:]:
        listed = LISTS.get(what, "")
        told = [(part["at"], part["quantity"]) for part in msgspec.json.decode(now.get(listed, "[]"))]
        mine, was = (
            (now.get(at_key(what)), now.get(f"{what}_quantity")),
            (stands.get(at_key(what)), stands.get(f"{what}_quantity")),
        )
        if told and now.get(listed) != stands.get(listed):
            known = [(part["at"], part["quantity"]) for part in msgspec.json.decode(stands.get(listed, "[]"))]
            news += [
                (
                    source,
                    f"{line_id}:{what}:{at}:{count}",
                    source,
                    line_id,
                    what,
                    parse_moment(at, zone="UTC", where="a list of the line"),
                    count,
                    None,
                    now_us,
                )
                for at, count in told
                if (at, count) not in known
            ]
        elif mine[0] is not None and mine != was and listed not in stands:
            over = _standing(what, before, events) if was[0] is not None else None
            news.append((source, f"{line_id}:{what}:{mine[0]}", source, line_id, what, mine[0], mine[1], over, now_us))
    return news


def _standing(what: str, before: Mapping[str, Any], events: Sequence[Event]) -> str | None:
    """The fact that says so far when it happened."""
    gone = {event.supersedes for event in events}
    alive = [event.event_id for event in events if event.what == what and event.event_id not in gone]
    if alive:
        return alive[-1]
    return f"{AS_TOLD}:{what}" if at_key(what) in before else None
