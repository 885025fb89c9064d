"""What each claim is owed: which promise answers it, with which remedy, by which clause, and for every other promise why not.

A claim is judged by the moment of its report. The claims of one unit are judged in the order of reporting, because a swap restarts,
ends or uses up promises; those made while an earlier one is open are the same case and take its answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from houbei.columns import MISSING, Text
from houbei.facts.claims import OUTCOMES, REMEDIES, Claims
from houbei.facts.moments import DAY_US
from houbei.facts.orders import Lines
from houbei.facts.reported import MATCHES, Reported, units_reported
from houbei.owed.choice import MONEY_BACK, Chosen, Outcome, choose, cited
from houbei.owed.tracks import Asked, Track, reasons_of
from houbei.terms.replacement import Replacement

Whole = NDArray[np.int64]

OPEN_FOR_US = 30 * DAY_US
"""How long a case of which no end is known counts as open: reports of its unit until then are the same case."""
SWAP = REMEDIES.index("replace")
CONFIRMED = OUTCOMES.index("confirmed")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Before:
    """What is known of the units of claims before the first of these claims: one entry a claim, one column a track.

    `swapped_us` is when its unit was last replaced, or `MISSING`; `uses_used` how many swaps each track gave for it; `gone` whether it went
    back for its money (None: none did). `unit` is the unit of which the serial of the claim is known from swaps, 0 where it is not (None:
    nothing is known but what was delivered).
    """

    swapped_us: Whole
    uses_used: Whole
    gone: NDArray[np.bool_] | None = None
    unit: Whole | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Judged:
    """What each claim of a batch is owed, one entry a claim.

    `outcome` is an `Outcome`. `promise` is the track that answers; of a claim that is referred the one that may answer; of one that
    is refused the one that came nearest. `remedy` is a place in `REMEDIES`, -1 where none is owed. `clause` is the id of the clause
    that is cited, of that promise. `reasons` has a `Reason` for each claim and track. `offers` says for each remedy the track under which
    the buyer may have it instead, -1 where none gives it. `case` is the place of the claim that opened the case (itself, if
    it did), -1 where it is not judged; `unit` its unit within the line, 0 where it cannot be told, and `serial` whether its serial is one of the line's (see
    `facts.reported`).
    """

    outcome: NDArray[np.int8]
    promise: Whole
    remedy: NDArray[np.int8]
    clause: Text
    reasons: NDArray[np.uint8]
    offers: Whole
    case: Whole
    unit: Whole
    serial: NDArray[np.int8]


def judge(
    claims: Claims, lines: Lines, tracks: Sequence[Track], *, line: Whole, before: Before | None = None
) -> Judged:
    """Judge a batch of claims: a whole history, or one claim.

    Args:
        claims: All claims of the units that any of them is about, in any order.
        lines: The lines that they are of.
        tracks: The promises, in the order in which the shop prefers them among equals.
        line: The line of each claim, -1 where it has none (see `facts.claims.find_lines`).
        before: What happened to the units before the first of these claims; None where nothing did.

    Returns:
        One answer a claim; it depends on the set of claims, not on their order.

    Cost: a few passes over the claims for each track, as often as one unit has cases one after another.
    """
    reported = units_reported(claims, line, lines)
    if before is not None and before.unit is not None:
        known = before.unit > 0
        reported = Reported(
            unit=np.where(known, before.unit, reported.unit),
            serial=np.where(known, np.int8(MATCHES), reported.serial),
        )
    placed = np.flatnonzero(claims.live & (line >= 0))
    order = placed[np.lexsort((claims.rank[placed], claims.reported_us[placed]))]
    thread = _threads(line[order], reported.unit[order])
    standing = _Standing.at_first(thread, before, order=order, tracks=len(tracks))
    chosen, case = Chosen.nothing(len(claims), tracks=len(tracks)), np.full(len(claims), -1, dtype=np.int64)
    left = np.arange(len(order))
    while len(left):
        # One round judges the first claim left of each unit; the others of its case take its answer, later ones wait for what it did.
        _, first, mine = np.unique(thread[left], return_index=True, return_inverse=True)
        heads = left[first]
        asked = standing.ask(claims, lines, place=order[heads], line=line, reported=reported, thread=thread[heads])
        found = _choose(tracks, asked, standing.uses_used[thread[heads]])
        same = (left == heads[mine]) | (claims.reported_us[order[left]] < _ends(asked, found)[mine])
        chosen.put(order[left[same]], found, mine[same])
        case[order[left[same]]] = asked.place[mine[same]]
        standing.note(thread[heads], asked, found)
        left = left[~same]
    return Judged(
        outcome=chosen.outcome,
        promise=chosen.promise,
        remedy=chosen.remedy,
        clause=cited(chosen, tracks),
        reasons=chosen.reasons,
        offers=chosen.offers,
        case=case,
        unit=reported.unit,
        serial=reported.serial,
    )


def _choose(tracks: Sequence[Track], asked: Asked, uses_used: Whole) -> Chosen:
    reasons = [reasons_of(track, asked, uses_used=uses_used[:, place]) for place, track in enumerate(tracks)]
    return choose(tracks, asked, np.array(reasons, dtype=np.uint8).reshape(len(tracks), len(asked.place)).T)


def _threads(line: Whole, unit: Whole) -> Whole:
    """Number the units that claims are about; a claim whose unit cannot be told is about one of its own."""
    untold = np.where(unit == 0, np.arange(1, len(unit) + 1), 0)
    keys = np.stack([line, unit, untold], axis=1)
    return np.unique(keys, axis=0, return_inverse=True)[1].reshape(len(line))


def _ends(asked: Asked, found: Chosen) -> Whole:
    """When each case ends: settled, else 30 days after its first report; a case that is refused ends as it began."""
    settled, reported = asked.claims.settled_us[asked.place], asked.claims.reported_us[asked.place]
    ends = np.where(settled == MISSING, reported + OPEN_FOR_US, settled)
    return np.where(found.outcome == Outcome.REFUSED, reported, ends)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Standing:
    """What is known of each unit so far: when it was last replaced, whether it went back for its money, the swaps of each track."""

    swapped_us: Whole
    gone: NDArray[np.bool_]
    uses_used: Whole

    @classmethod
    def at_first(cls, thread: Whole, before: Before | None, *, order: Whole, tracks: int) -> "_Standing":
        units = int(thread.max(initial=-1)) + 1
        standing = cls(
            swapped_us=np.full(units, MISSING),
            gone=np.zeros(units, dtype=np.bool_),
            uses_used=np.zeros((units, tracks), dtype=np.int64),
        )
        if before is not None:
            np.maximum.at(standing.swapped_us, thread, before.swapped_us[order])
            np.maximum.at(standing.uses_used, thread, before.uses_used[order])
            if before.gone is not None:
                np.logical_or.at(standing.gone, thread, before.gone[order])
        return standing

    def ask(
        self, claims: Claims, lines: Lines, *, place: Whole, line: Whole, reported: Reported, thread: Whole
    ) -> Asked:
        return Asked(
            claims=claims,
            lines=lines,
            place=place,
            line=line[place],
            reported=Reported(unit=reported.unit[place], serial=reported.serial[place]),
            swapped_us=self.swapped_us[thread],
            gone=self.gone[thread],
        )

    def note(self, thread: Whole, asked: Asked, found: Chosen) -> None:
        """Note what cases that were answered did to their units, unless an inspection found otherwise."""
        outcome, settled = asked.claims.outcome[asked.place], asked.claims.settled_us[asked.place]
        done = (found.outcome == Outcome.ANSWERS) & ((outcome < 0) | (outcome == CONFIRMED))
        swapped = done & (found.remedy == SWAP)
        moment = np.where(settled == MISSING, asked.claims.reported_us[asked.place], settled)
        self.swapped_us[thread[swapped]] = moment[swapped]
        self.uses_used[thread[swapped], found.promise[swapped]] += 1
        self.gone[thread[done & (found.remedy == MONEY_BACK)]] = True


def value_of_units(line: Whole, unit: Whole, *, paid_minor: Whole, quantity: Whole) -> Whole:
    """Give what was paid for units, minor units: the shares of a line by largest remainder, the larger ones first (case A10).

    Args:
        line: The line of each unit.
        unit: The unit within its line, from 1; 0, which cannot be told, counts as the last.
        paid_minor: What was paid for each whole line.
        quantity: How many units each line has.
    """
    share, rest = np.divmod(paid_minor[line], quantity[line])
    return share + ((unit > 0) & (unit <= rest))


def refund_minor(value_minor: Whole, *, adjusted_minor: Whole, net: bool) -> Whole:
    """Give what is refunded for units that go back, minor units, at least 0 and at most their value.

    Args:
        value_minor: What was paid for each unit.
        adjusted_minor: What price protection paid back for it.
        net: Whether the refund is less by that. Case D5: 4,999.00 less 400.00 are 4,599.00.
    """
    return np.maximum(value_minor - adjusted_minor, 0) if net else value_minor


def set_against_minor(value_minor: Whole, *, adjusted_minor: Whole, promises: Replacement) -> Whole:
    """Give what the price of another model is set against, minor units: all that was paid for the unit, or what a refund would be.

    Args:
        value_minor: What was paid for each unit.
        adjusted_minor: What price protection paid back for it.
        promises: Its `other_model_limit` says which, and whether a refund is net.
    """
    net = promises.refund_net_of_price_protection and promises.other_model_limit is None
    return refund_minor(value_minor, adjusted_minor=adjusted_minor, net=net)


def other_model_minor(against_minor: Whole, price_minor: Whole, *, pay_up: bool, pay_down: bool) -> tuple[Whole, Whole]:
    """Give what another model costs the buyer and what it gives back, minor units; never both, and never back more than was paid.

    Args:
        against_minor: What its price is set against (see `set_against_minor`).
        price_minor: The price of the other model.
        pay_up: Whether the buyer pays what it costs more; where not, a dearer one cannot be chosen and the first amount is -1.
        pay_down: Whether the buyer gets back what it costs less.

    Case D6: 5,299.00 instead of 4,999.00 costs 300.00; 4,799.00 gives back nothing, or 200.00 where the promise pays down.
    """
    more, less = np.maximum(price_minor - against_minor, 0), np.maximum(against_minor - price_minor, 0)
    return (more if pay_up else np.where(more > 0, -1, 0)), (less if pay_down else np.zeros_like(less))
