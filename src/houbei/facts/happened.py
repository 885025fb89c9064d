"""What happened to a line after it was sold, folded into the one row that the engine reads.

The row as it was first told counts as the first event of each kind. What is superseded does not count. Of several whole events of a kind
the earliest holds; deliveries and returns of some units make lists. The answer depends on the set of events, not on their order.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from houbei.facts.moments import text_of_moment

LISTS = {"delivered": "deliveries", "returned": "returns"}
"""Events that may concern some units of a line, and the contract's list of them."""
AS_TOLD = "line"
"""`line:delivered` names what the line's own row says of its delivery, for an event that supersedes it."""
WITHDRAWN = "withdrawn"
"""An event that only undoes what it supersedes."""


def at_key(what: str) -> str:
    """Name the moment of a kind of event among a row's further columns; no column of a file begins like this."""
    return f"@{what}"


def is_moment(name: str) -> bool:
    """Whether one of a row's further columns is the moment of a kind of event."""
    return name.startswith("@")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to `quantity` units of a line, or to all of it (None), at `at_us`."""

    event_id: str
    what: str
    at_us: int
    quantity: int | None = None
    supersedes: str | None = None


def fold_events(told: Mapping[str, Any], events: Iterable[Event], *, quantity: int, placed_us: int) -> dict[str, Any]:
    """Fold events into what a line's row told.

    Args:
        told: The row's further columns: moments as µs under `@paid`, `@delivered`, …; lists as JSON text.
        events: The line's events, in any order. One before `placed_us` cannot be and does not count.
        quantity: How many units the line has; deliveries and returns beyond that do not count.
        placed_us: When it was placed.

    Returns:
        The row's further columns as they stand now.

    Cost: a sort of the events.
    """
    found = sorted(set(events), key=lambda event: (event.at_us, event.event_id))
    gone = {event.supersedes for event in found}
    alive = [e for e in found if e.event_id not in gone and e.what != WITHDRAWN and e.at_us >= placed_us]
    folded = dict(told)
    for what in sorted({e.what for e in found} | {name.rpartition(":")[2] for name in gone if name}):
        if f"{AS_TOLD}:{what}" in gone:
            for column in (at_key(what), f"{what}_quantity", LISTS.get(what, "")):
                folded.pop(column, None)
        mine = [e for e in alive if e.what == what]
        if what in LISTS and (any(e.quantity is not None for e in mine) or _tells_parts(folded, what)):
            _fold_parts(folded, what, mine, quantity)
        else:
            moments = [e.at_us for e in mine] + ([folded[at_key(what)]] if at_key(what) in folded else [])
            if moments:
                folded[at_key(what)] = min(moments)
    return folded


def _tells_parts(folded: Mapping[str, Any], what: str) -> bool:
    return LISTS[what] in folded or f"{what}_quantity" in folded


def _fold_parts(folded: dict[str, Any], what: str, events: list[Event], quantity: int) -> None:
    """Put every delivery or return of a line into its list, the earliest first, up to its quantity."""
    parts: list[tuple[Any, Any]] = [(e.at_us, e.quantity) for e in events]
    own = folded.pop(at_key(what), None)
    units = folded.pop(f"{what}_quantity", None)
    if own is not None:
        # In a CSV file it is text.
        parts.append((own, None if units is None else int(units)))
    listed = [(part["at"], part["quantity"]) for part in msgspec.json.decode(folded.pop(LISTS[what], "[]"))]
    left, written = quantity - sum(count for _, count in listed), []
    for at_us, count in sorted(parts, key=lambda part: (part[0], -1 if part[1] is None else part[1])):
        taken = max(0, left if count is None else min(count, left))
        left -= taken
        if taken:
            written.append({"quantity": taken, "at": text_of_moment(at_us)})
    rows = [{"quantity": count, "at": at} for at, count in listed]
    folded[LISTS[what]] = msgspec.json.encode([*rows, *written]).decode()
