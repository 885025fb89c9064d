"""Late arrivals judged by hand, one delivery after another: which promise, when it arrived, what excuses it, what is owed.

Written from docs/clauses/delivery.md. Rows are mappings of column name to text, None where the field is empty; documents are as their
authors wrote them.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.conditions import read_condition
from tests.oracle.moments import FOREVER, MICROSECOND, end_of_length, midnight, read_stamp, read_zone
from tests.oracle.money import half_up, to_whole_minor
from tests.oracle.parcels import (
    Document,
    Given,
    Row,
    World,
    arrivals_of,
    deliveries_of,
    first,
    id_of,
    latest,
    made_of,
    things_of,
)


@dataclass(frozen=True)
class Said:
    """What a delivery comes to. A step is what it is in, the amount, the moment, its place in the table, whether it is held, the parcel."""

    verdict: str
    promise: str | None
    by: datetime | None
    arrived: datetime | None
    steps: tuple[tuple[str, int, datetime, int, bool, str | None], ...]


def judge_arrivals(
    orders: Sequence[Row],
    promises: Sequence[Row],
    scans: Sequence[Row],
    closures: Sequence[Row],
    *,
    document: Document,
    as_of: datetime,
) -> dict[str, Said]:
    """Judge every delivery that has a line in scope, by its id; what is later than `as_of` does not exist."""
    world = World(document, read_zone(document["zone"]), as_of, orders, promises, scans, closures)
    there = World(
        document,
        world.zone,
        as_of,
        [row for row in orders if world.moment(row, "placed_at") and in_scope(row, document)],
        once([row for row in promises if world.moment(row, "shown_at")], "promise_id"),
        once([row for row in scans if world.moment(row, "at")], "scan_id"),
        once([row for row in closures if world.moment(row, "known_at")], "closure_id"),
    )
    return {name: judge(lines, name, there) for name, lines in deliveries_of(there).items()}


def once(rows: Sequence[Row], key: str) -> list[Row]:
    """Of rows told again under one id the first."""
    return list({row[key]: row for row in reversed(rows)}.values())


def in_scope(row: Row, document: Document) -> bool:
    """Whether the promise is about a line; not known is not yes."""
    where = document.get("scope", {}).get("where")
    return where is None or read_condition(where).evaluate(dict(row)) is True


def judge(lines: list[Row], name: str, world: World) -> Said:
    """What one delivery comes to."""
    given = promise_of(lines, name, world)
    things = things_of(lines, name, given, world)
    if given is None:
        arrived = latest([first(scans, world, surely=False) for scans in things.values()])
        return Said("none", None, None, together(things, arrived, world), ())
    by, waived, moved = excused(lines, given, world)
    ends = end_of(lines, world)
    steps: list[tuple[str, int, datetime, int, bool, str | None]] = []
    stands = []
    for key, said, sure in arrivals_of(things, world):
        stands.append((said, sure))
        if not waived:
            parcel = None if key[0].startswith("part ") else key[0] or None
            steps += steps_of(lines, given, by, min(sure or world.as_of, ends - MICROSECOND), said, parcel, world)
    verdict = verdict_of(stands, given.by, by, ends, waived=waived, moved=moved, now=world.as_of)
    arrived = latest([said for said, _ in stands])
    return Said(verdict, given.name, None if by == FOREVER else by, arrived, tuple(sorted(steps, key=repr)))


def together(things: Mapping[Any, Any], arrived: datetime | None, world: World) -> datetime | None:
    """When all of a delivery without a promise is there."""
    said = [said for _, said, _ in arrivals_of(things, world)]
    return latest(said) if things else arrived


def promise_of(lines: list[Row], name: str, world: World) -> Given | None:
    """The promise that must be kept."""
    if made_of(world.document) != "shown":
        return made_by_document(lines, world)
    rows = [row for row in world.promises if id_of(row) == name and row["order_id"] == lines[0]["order_id"]]
    kept: Given | None = None
    for row in sorted(rows, key=lambda row: (world.sure(row, "shown_at"), str(row["promise_id"]).encode())):
        text = str(row["promised_by"])
        by = world.sure(row, "promised_by")
        if len(text) == len("2026-02-16"):
            by = midnight(date.fromisoformat(text) + timedelta(days=1), zone=world.zone)
        one = Given(
            name=row["promise_id"],
            shown=world.sure(row, "shown_at"),
            by=by,
            fee=to_whole_minor(row.get("slot_fee") or "0", currency=str(lines[0]["currency"])),
            parcels=int(row.get("parcels") or 1),
            region=row.get("region"),
        )
        asked = row.get("asked_by") == "buyer"
        if kept is None or (one.shown < kept.by if asked else one.by < kept.by):
            kept = one
    return kept


def made_by_document(lines: list[Row], world: World) -> Given | None:
    """What the document promises by itself."""
    promise = world.document["promise"]
    placed = min(world.sure(row, "placed_at") for row in lines)
    starts = []
    for row in lines:
        for fact in promise.get("after", ["paid"]):
            found = world.moment(row, f"{fact}_at")
            unsaid = fact == "paid" and row.get("paid_at") is None
            starts.append(world.sure(row, "placed_at") if unsaid else found)
    since = latest(starts)
    if since is None:
        return None
    if "within" in promise:
        return Given(name=None, shown=placed, by=end_of_length(since, length=promise["within"], zone=world.zone))
    day = since.astimezone(world.zone).date()
    for wait in range(2):
        for row in promise["cut_offs"]:
            if wait or since < at_clock(day, row["before"], world.zone):
                arrives = row["arrives"]
                there = day + timedelta(days=wait + int(arrives["days"]))
                return Given(name=None, shown=placed, by=at_clock(there, arrives.get("by", "24:00"), world.zone))
    raise AssertionError


def at_clock(day: date, clock: str, zone: ZoneInfo) -> datetime:
    """The moment at which the clock of a day shows a time; 24:00 is the next midnight."""
    if clock == "24:00":
        return midnight(day + timedelta(days=1), zone=zone)
    return datetime.combine(day, time.fromisoformat(clock), tzinfo=zone).astimezone(UTC)


def excused(lines: list[Row], given: Given, world: World) -> tuple[datetime, bool, bool]:
    """The first moment that is late after all; whether an event waives it; whether one moved it."""
    region = given.region or lines[0].get("region")
    corrected = {row.get("supersedes") for row in world.closures}
    stops, waives = [], []
    for row in world.closures:
        excuse = next((one for one in world.document.get("excused", []) if one["code"] == row["code"]), None)
        proved = excuse is not None and (excuse.get("evidence") == "none" or row.get("evidence") is not None)
        known = world.sure(row, "known_at")
        if row["closure_id"] in corrected or not proved or known <= given.shown or not covers(row, region):
            continue
        until = read_stamp(str(row.get("until_at")), zone=world.zone) or FOREVER
        kind = waives if excuse is not None and excuse.get("effect", "waives") == "waives" else stops
        kind.append((world.sure(row, "from_at"), until))
    left, now = given.by - given.shown, given.shown
    moved = False
    for begins, until in sorted(stops):
        begins = max(begins, now)  # noqa: PLW2901  of an event only what the clock has not stood still for already
        if begins >= until or begins >= now + left:
            continue
        moved = True
        if until == FOREVER:
            return FOREVER, any(begins < FOREVER and until > given.shown for begins, until in waives), True
        left, now = left - (begins - now), until
    by = now + left
    return by, any(begins < by and until > given.shown for begins, until in waives), moved


def covers(closure: Row, region: str | None) -> bool:
    """Whether an event was where a delivery goes."""
    if closure.get("regions") is None:
        return True
    places = json.loads(str(closure["regions"]))
    return region is not None and any(
        region == place or region.startswith((f"{place}-", f"{place}/")) for place in places
    )


def end_of(lines: list[Row], world: World) -> datetime:
    """When nobody waited any more."""
    return latest([world.moment(row, "cancelled_at") for row in lines]) or FOREVER


def steps_of(  # noqa: PLR0913, PLR0917  a hand's reckoning: what was paid, promised, waited and said
    lines: list[Row],
    given: Given,
    by: datetime,
    until: datetime,
    said: datetime | None,
    parcel: str | None,
    world: World,
) -> list[tuple[str, int, datetime, int, bool, str | None]]:
    """Each rise of what is owed in all, in each form."""
    if by == FOREVER:
        return []
    steps = []
    for form in ("money", "points"):
        mark = 0
        for place, tier in enumerate(world.document["breach"]):
            over = end_of_length(by, length=tier.get("over", "PT0S"), zone=world.zone) - by
            due = by + over + (MICROSECOND if over else timedelta(0))
            amount = amount_of(tier["pay"], form, lines, given, world.document)
            if due <= until and amount > mark:
                held = due > (said or world.as_of)
                steps.append((form, amount - mark, due, place, held, parcel))
                mark = amount
    return steps


def amount_of(pay: Any, form: str, lines: list[Row], given: Given, document: Document) -> int:
    """What one row of the table comes to in a form."""
    currency = str(lines[0]["currency"])
    paid = sum(to_whole_minor(str(row["paid"]), currency=currency) for row in lines if row["currency"] == currency)
    pays = [{"amount": pay}] if isinstance(pay, str) else pay
    total = 0
    for one in pays:
        if ("points" if "points" in one else one.get("as", "money")) != form:
            continue
        if "points" in one:
            total += int(one["points"])
            continue
        if "amount" in one:
            total += to_whole_minor(one["amount"], currency=currency)
            continue
        minor = given.fee if "slot_fee" in one else half_up(Fraction(paid) * Fraction(one["percent"]) / 100)
        if "floor" in one:
            minor = max(minor, to_whole_minor(one["floor"], currency=currency))
        if "cap" in one:
            minor = min(minor, to_whole_minor(one["cap"], currency=currency))
        total += (
            minor if form == "money" else half_up(Fraction(minor * int(document["remedy"]["points"]["per_major"]), 100))
        )
    return total


def verdict_of(  # noqa: PLR0913  each word of the page asks for one of these
    stands: Sequence[tuple[datetime | None, datetime | None]], promised: datetime, by: datetime, ends: datetime,
    *, waived: bool, moved: bool, now: datetime,
) -> str:  # fmt: skip
    """How the delivery stands: as the worst of what has to arrive."""
    waiting = ends > by
    late = waiting and any((said or now) >= by for said, _ in stands)
    past = waiting and any((said or now) >= promised for said, _ in stands)
    if past and (waived or (moved and not late)):
        return "excused"
    if late:
        return "late"
    if any(said != sure for said, sure in stands):
        return "disputed"
    if not waiting and any(said is None or said >= ends for said, _ in stands):
        return "ended"
    return "kept" if all(said is not None for said, _ in stands) else "open"
