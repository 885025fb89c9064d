"""The steps of the high-water marks, unit by unit and moment by moment.

At every moment that can matter (a price row begins, a cover opens) each open unit looks at the prices in force in every
series open to its line:

    paid step = the remedy at the lowest price that is not suspicious, less the unit's mark; then the mark moves
    held step = the remedy at the lowest suspicious price, less the larger of the unit's mark and its held mark

What is paid at a moment is settled before what is held at it. The rival ways of paying look at fewer moments.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from fractions import Fraction

from tests.oracle.facts import Line, Price
from tests.oracle.moments import MICROSECOND, Piece, end_of_length, find_pieces, local_days
from tests.oracle.promise import Case
from tests.oracle.remedies import Rooms, Step, cap_line, cap_orders_and_buyers, cap_unit
from tests.oracle.rows import ATTRIBUTES

Asking = dict[str, list[set[datetime]]]
"""For each line_id, the moments at which each of its units looks at the prices."""

BOT_ASKS_AT = time(10)


@dataclass(frozen=True)
class Look:
    """What the units of a line that ask at one moment find: the piece of cover each asks in, and the prices in force."""

    line: Line
    moment: datetime
    pieces: dict[int, Piece]
    found: list[Price]


@dataclass(frozen=True)
class Offer:
    """The lowest price that one unit finds at one moment, and what the remedy at it comes to in all."""

    unit: int
    price: Price
    owed: int


@dataclass
class Marks:
    """How far each unit of a line has been paid and held, and what the caps of the line have let through."""

    paid: list[int]
    held: list[int]
    rooms: Rooms = field(default_factory=Rooms)


def settle(case: Case, lines: list[Line], *, asking: Asking) -> tuple[list[Step], list[Step]]:
    """Give the paid and the held steps of all lines; a step of which the caps leave nothing is no step."""
    paid: list[Step] = []
    held: list[Step] = []
    for line in lines:
        marks = Marks(paid=[0] * line.quantity, held=[0] * line.quantity)
        for moment in sorted(set().union(*asking[line.line_id])):
            looking = [unit for unit, moments in enumerate(asking[line.line_id]) if moment in moments]
            look = look_at(line, moment=moment, looking=looking, case=case)
            paid += pay(look, marks=marks, case=case)
            held += hold(look, marks=marks, case=case)
    cap_orders_and_buyers(paid, remedy=case.term.remedy, zone=case.term.zone)
    return [step for step in paid if step.amount > 0], held


def look_at(line: Line, *, moment: datetime, looking: list[int], case: Case) -> Look:
    """Look at the prices in force, once for all units that ask at a moment."""
    pieces = {unit: begun_by(moment, line=line, unit=unit, case=case)[-1] for unit in looking}
    return Look(line, moment, pieces, find_in_force(line, moment=moment, case=case))


def pay(look: Look, *, marks: Marks, case: Case) -> list[Step]:
    """Pay a line what its units are owed at a moment beyond their marks.

    What would be paid now, after the caps of the unit and the line, is compared with `min_payout`: below it nothing is
    paid, the marks stay, and the caps keep their room.
    """
    remedy, line = case.term.remedy, look.line
    better = [offer for offer in find_offers(look, suspicious=False, case=case) if offer.owed > marks.paid[offer.unit]]
    steps: list[Step] = []
    rooms = marks.rooms.copied()
    for price, group in by_price(better):
        amount = 0
        for offer in group:
            more = offer.owed - marks.paid[offer.unit]
            amount += cap_unit(remedy, rooms=rooms, amount=more, line=line, unit=offer.unit)
        amount = cap_line(remedy, rooms=rooms, amount=amount, line=line)
        steps.append(Step(line, look.moment, price, len(group), amount))
    if not remedy.is_worth_paying(sum(step.amount for step in steps), currency=line.currency):
        return []
    marks.rooms = rooms
    for offer in better:
        marks.paid[offer.unit] = offer.owed
    return steps


def hold(look: Look, *, marks: Marks, case: Case) -> list[Step]:
    """Hold what a line's units would be owed at a suspicious price, beyond what was paid or held before."""
    offers = find_offers(look, suspicious=True, case=case)
    reached = {offer.unit: max(marks.paid[offer.unit], marks.held[offer.unit]) for offer in offers}
    steps: list[Step] = []
    for price, group in by_price([offer for offer in offers if offer.owed > reached[offer.unit]]):
        amount = sum(offer.owed - reached[offer.unit] for offer in group)
        steps.append(Step(look.line, look.moment, price, len(group), amount))
        for offer in group:
            marks.held[offer.unit] = offer.owed
    return steps


def by_price(offers: list[Offer]) -> list[tuple[Price, list[Offer]]]:
    """Group the offers of one moment by the price row that made them, the lowest price first."""
    groups: dict[int, list[Offer]] = defaultdict(list)
    for offer in offers:
        groups[offer.price.row].append(offer)
    return sorted(
        ((group[0].price, group) for group in groups.values()),
        key=lambda pair: (pair[0].price_minor, pair[0].price_id),
    )


def find_offers(look: Look, *, suspicious: bool, case: Case) -> list[Offer]:
    """Find, for each unit that looks, the lowest price in force among the suspicious ones, or among the others."""
    offers: list[Offer] = []
    for unit, piece in look.pieces.items():
        basis = look.line.units[unit].basis
        counting = [
            price
            for price in look.found
            if counts_in(piece, price=price, moment=look.moment, case=case)
            and is_suspicious(price, basis=basis, case=case) is suspicious
        ]
        if counting:
            lowest = min(counting, key=lambda price: (price.price_minor, price.price_id, price.row))
            owed = case.term.remedy.amount(basis=basis, price=lowest.price_minor, currency=look.line.currency)
            offers.append(Offer(unit, lowest, owed))
    return offers


def find_in_force(line: Line, *, moment: datetime, case: Case) -> list[Price]:
    """Find the eligible prices in force at a moment, one for each series open to the line at most.

    Series first, eligibility second: the latest row of a series ends the one before it even if it does not count.
    """
    latest: dict[tuple[object, ...], Price] = {}
    for price in case.prices_of(line):
        if price.at <= moment and is_open_to(price, line=line, case=case):
            latest[price.series] = price
    return [
        price
        for price in latest.values()
        if (price.until is None or moment < price.until) and is_eligible(price, case=case)
    ]


def is_open_to(price: Price, *, line: Line, case: Case) -> bool:
    """Tell whether a line's buyer could have bought from a price's series, and the term lets the two be compared."""
    same = case.term.at("compare", "same", default=[])
    for name in ATTRIBUTES:
        asked = price.facts.get(name)
        open_to_all = asked is None and name not in same
        if not open_to_all and (asked is None or asked != line.facts.get(name)):
            return False
    least = price.facts["min_quantity"]
    assert isinstance(least, int)
    if price.gift_minor is not None and price.gift_minor != line.gift_minor:
        return False
    return price.sku == line.sku and price.currency == line.currency and least <= line.quantity


def is_eligible(price: Price, *, case: Case) -> bool:
    """Tell whether a price counts: its condition is true, it is in stock where that is asked, and seen often enough."""
    if case.term.eligible is not None and case.term.eligible.evaluate(price.facts) is not True:
        return False
    if case.term.is_set("compare", "in_stock_required") and price.facts["in_stock"] is False:
        return False
    day = price.at.astimezone(case.term.zone).date()
    sightings = [
        other
        for other in case.prices[price.sku]
        if other.series == price.series
        and other.at.astimezone(case.term.zone).date() == day
        and other.price_minor <= price.price_minor
    ]
    return len(sightings) >= int(case.term.at("compare", "prices", "seen_at_least", default="1"))


def counts_in(piece: Piece, *, price: Price, moment: datetime, case: Case) -> bool:
    """Tell whether a price in force at a moment counts for who asks then in a piece of a cover.

    It took effect before the piece closed; after it opened, unless prices in force at an opening count; and, where a
    claim must follow a price within some time, not longer ago than that.
    """
    within = case.term.at("compare", "claim", "within") if case.term.is_at_claim else None
    if within is not None and moment >= end_of_length(price.at, length=within, zone=case.term.zone):
        return False
    counts_at_open = case.term.at("compare", "at_open", default="counts") == "counts"
    return price.at < piece.closes and (counts_at_open or price.at > piece.opens)


def is_suspicious(price: Price, *, basis: int, case: Case) -> bool:
    """Tell whether a price is below the share of a unit's basis under which a person must look."""
    percent = case.term.at("compare", "suspicious", "below_percent_of_basis")
    return percent is not None and price.price_minor * 100 < Fraction(percent) * basis


def pieces_of(line: Line, *, unit: int, case: Case) -> list[Piece]:
    """Find the pieces of time in which one unit of a line is covered, as known at `as_of`."""
    found = case.pieces.get((line.line_id, unit))
    if found is None:
        anchors = line.anchors_of(line.units[unit])
        found = find_pieces(
            case.term.at("window", default={}), anchors=anchors, zone=case.term.zone, roll=case.term.roll
        )
        case.pieces[line.line_id, unit] = found
    return found


def begun_by(moment: datetime, *, line: Line, unit: int, case: Case) -> list[Piece]:
    """List the pieces of a unit's cover that have opened by a moment."""
    return [piece for piece in pieces_of(line, unit=unit, case=case) if piece.opens <= moment]


def while_open(line: Line, *, moments: Iterable[datetime], unit: int, case: Case) -> set[datetime]:
    """Keep the moments at which a unit's cover is open, up to `as_of`."""
    pieces = pieces_of(line, unit=unit, case=case)
    return {moment for moment in moments if moment <= case.as_of and any(moment in piece for piece in pieces)}


def every_moment(line: Line, *, case: Case) -> list[set[datetime]]:
    """Acting unasked: each unit looks whenever a price row begins or a cover of the line opens."""
    units = range(line.quantity)
    moments = {price.at for price in case.prices_of(line)}
    moments |= {piece.opens for unit in units for piece in pieces_of(line, unit=unit, case=case)}
    return [while_open(line, moments=moments, unit=unit, case=case) for unit in units]


def last_moment(line: Line, *, case: Case) -> list[set[datetime]]:
    """One claim: each unit looks once, at the last moment before its closing, or at `as_of` while still open."""
    asked: list[set[datetime]] = []
    for unit in range(line.quantity):
        pieces = pieces_of(line, unit=unit, case=case)
        ends = [min(piece.closes - MICROSECOND, case.as_of) for piece in pieces if piece.opens <= case.as_of]
        asked.append(set(ends[-1:]))
    return asked


def at_claim(line: Line, *, case: Case) -> list[set[datetime]]:
    """The term pays who asks: each unit looks once, when its buyer claimed, or like `last_moment` where that is not known.

    Who claims while the cover is not open gets nothing, unless the term gives a time after the price took effect.
    """
    claimed = line.happened["claimed"]
    if claimed is None:
        return last_moment(line, case=case)
    if case.term.at("compare", "claim", "within") is None:
        return [while_open(line, moments=[claimed], unit=unit, case=case) for unit in range(line.quantity)]
    return [{claimed} if begun_by(claimed, line=line, unit=unit, case=case) else set() for unit in range(line.quantity)]


def every_morning(line: Line, *, case: Case) -> list[set[datetime]]:
    """A daily bot: each unit looks at 10:00 in the term's zone on each day on which its cover is open."""
    asked: list[set[datetime]] = []
    for unit in range(line.quantity):
        pieces = pieces_of(line, unit=unit, case=case)
        days = {day for piece in pieces for day in local_days(piece, until=case.as_of, zone=case.term.zone)}
        mornings = [datetime.combine(day, BOT_ASKS_AT, tzinfo=case.term.zone).astimezone(UTC) for day in days]
        asked.append(while_open(line, moments=mornings, unit=unit, case=case))
    return asked
