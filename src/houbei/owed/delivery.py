"""What a late arrival is owed: which promise, when it arrived, what excuses it, and what the promise's table pays for so many hours.

What is owed is a high-water mark, as everywhere: each tier of the table says what is owed in all once a promise is late by so much, and
a promise without an arrival grows late by the clock alone. Each step is dated by the moment at which it fell due.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from houbei.columns import MISSING, Text, entries_at
from houbei.owed.arrivals import FAR_US, Arrivals, Scans, find_arrivals
from houbei.owed.excused import Closures, counting, extend, waived_by
from houbei.owed.lateness import amounts_of
from houbei.owed.promised import Shown, find_promises
from houbei.terms.delivery import Arrival, Effect

Whole = NDArray[np.int64]
Marks = NDArray[np.bool_]


class Verdict(IntEnum):
    """How a promise stands."""

    NONE = 0
    """No promise was shown."""
    OPEN = 1
    """Not there yet, and not late yet."""
    KEPT = 2
    LATE = 3
    """There, but late; or not there, and late."""
    EXCUSED = 4
    """Late, and excused by a named event."""
    DISPUTED = 5
    """In time by what is said; the buyer says otherwise, and nobody has looked."""
    ENDED = 6
    """The order was cancelled while the promise could still be kept."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Deliveries:
    """What is to arrive under one promise each, one entry a delivery.

    `paid_minor` is what was paid for its lines, `money` its currency, `region` a region code (-1 where it is not known), `ends_us` when the order
    was cancelled (`MISSING` where it was not).
    """

    paid_minor: Whole
    money: Text
    region: Whole
    ends_us: Whole

    def __len__(self) -> int:
        return len(self.paid_minor)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Late:
    """What deliveries are owed, and how each stands.

    By delivery: `promise` is the place in what was shown (-1: none), `by_us` the first moment that is late after all extensions (`FAR_US`: the clock
    stands still), `arrived_us` by what is said (`MISSING`: not there), `verdict` a `Verdict`, `closure` the place of the event that excuses or extended it (-1:
    none), `scan` that of the scan of its arrival (-1: none), `next_us` the next moment at which time alone changes something (`MISSING`: none).

    By step, ordered by delivery, moment and parcel: `step_delivery`, `step_parcel` (-1: the delivery as a whole, or a parcel that nobody has named), `step_at_us`, `step_tier`, `step_form` (0
    money, 1 points), `step_amount` (minor units, or points; > 0) and `step_held` (1 where a dispute has to be looked at first).
    """

    promise: Whole
    by_us: Whole
    arrived_us: Whole
    verdict: Whole
    closure: Whole
    scan: Whole
    next_us: Whole
    step_delivery: Whole
    step_parcel: Whole
    step_at_us: Whole
    step_tier: Whole
    step_form: Whole
    step_amount: Whole
    step_held: Whole


def find_late(
    deliveries: Deliveries, shown: Shown, scans: Scans, closures: Closures, *, promises: Arrival, as_of_us: int
) -> Late:
    """Find what late deliveries are owed.

    Args:
        deliveries: What is to arrive.
        shown: What was shown to their buyers by `as_of`.
        scans: What was told of their parcels, and happened by `as_of`.
        closures: Named events, with codes among `promises.excuses`.
        promises: What the document says.
        as_of_us: What time it is.

    Returns:
        What each is owed, step by step, and how it stands.

    Cost: a few sorts; a pass over the deliveries for each closure, and for each tier and payment.
    Clause: `breach[].clause`; `promise.clause` for what is kept, `excused[].clause`, `dispute.clause`.
    """
    promise = find_promises(shown, deliveries=len(deliveries))
    shown_us, promised_us = entries_at(shown.shown_us, promise, FAR_US), entries_at(shown.by_us, promise, FAR_US)
    effects = counting(closures, promises.excuses)
    where = {"region": deliveries.region, "shown_us": shown_us}
    by_us, moved = extend(closures, effects[Effect.EXTENDS], by_us=promised_us, **where)
    waived = waived_by(closures, effects[Effect.WAIVES], by_us=by_us, **where)
    arrivals = find_arrivals(
        scans,
        parcels=entries_at(shown.parcels, promise, 1),
        reaches=promises.reaches,
        attempt_counts=promises.attempt_counts,
        per=promises.per,
    )
    wait = _waits(deliveries, arrivals, by_us=by_us, as_of_us=as_of_us)
    due_us = _due(promises, np.where(waived < 0, by_us, FAR_US)[arrivals.delivery])
    due_us = np.where(due_us < wait.ends_us, due_us, FAR_US)
    amounts = amounts_of(promises, deliveries.paid_minor, entries_at(shown.fee_minor, promise, 0), deliveries.money)
    excused = (waived >= 0) | (moved >= 0)
    return Late(
        promise=promise,
        by_us=by_us,
        arrived_us=_of_last(arrivals, arrivals.said_us, len(deliveries)),
        verdict=_verdicts(wait, arrivals, promise=promise, promised_us=promised_us, excused=excused, waived=waived),
        closure=np.where(waived >= 0, waived, moved),
        scan=_of_last(arrivals, arrivals.scan, len(deliveries)),
        next_us=_next(arrivals, due_us, np.stack((promised_us, by_us)), wait, as_of_us=as_of_us),
        **_steps(arrivals, due_us, wait, amounts),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Waits:
    """By thing that has to arrive: until when it has been waited for, by what is said and by what nobody disputes, and when the waiting ended."""

    said_us: Whole
    sure_us: Whole
    ends_us: Whole
    by_us: Whole


def _waits(deliveries: Deliveries, arrivals: Arrivals, *, by_us: Whole, as_of_us: int) -> _Waits:
    ends_us = np.where(deliveries.ends_us == MISSING, FAR_US, deliveries.ends_us)[arrivals.delivery]
    said_us, sure_us = (
        np.where(column == MISSING, as_of_us, column) for column in (arrivals.said_us, arrivals.sure_us)
    )
    return _Waits(said_us=said_us, sure_us=sure_us, ends_us=ends_us, by_us=by_us[arrivals.delivery])


def _due(promises: Arrival, by_us: Whole) -> Whole:
    """By tier and thing: the first moment at which the tier is owed; more than sixteen hours late begins a microsecond after them."""
    over_us = np.array([tier.over_us + (tier.over_us > 0) for tier in promises.tiers], dtype=np.int64)[:, None]
    never = np.broadcast_to(by_us >= FAR_US, (len(over_us), len(by_us)))
    return np.where(never, FAR_US, np.where(never, 0, by_us) + over_us)


def _steps(arrivals: Arrivals, due_us: Whole, wait: _Waits, amounts: Whole) -> dict[str, Whole]:
    """The steps of the high-water marks: a tier is held where it is only reached if a dispute is right."""
    reached = due_us <= wait.sure_us
    in_all = np.where(reached, amounts[:, :, arrivals.delivery], 0)
    mark = np.maximum.accumulate(in_all, axis=1)
    step = np.diff(mark, axis=1, prepend=0)
    form, tier, thing = np.nonzero(step)
    at_us = due_us[tier, thing]
    order = np.lexsort((form, tier, thing, at_us, arrivals.delivery[thing]))
    form, tier, thing, at_us = form[order], tier[order], thing[order], at_us[order]
    return {
        "step_delivery": arrivals.delivery[thing],
        "step_parcel": arrivals.parcel[thing],
        "step_at_us": at_us,
        "step_tier": tier,
        "step_form": form,
        "step_amount": step[form, tier, thing],
        "step_held": (at_us > wait.said_us[thing]).astype(np.int64),
    }


def _verdicts(
    wait: _Waits, arrivals: Arrivals, *, promise: Whole, promised_us: Whole, excused: Marks, waived: Whole
) -> Whole:
    """How each delivery stands: as the worst of what has to arrive under it."""
    size, ended = len(promise), wait.ends_us <= wait.by_us
    late = (wait.said_us >= wait.by_us) & ~ended
    stands = {
        Verdict.KEPT: ~_any(arrivals, arrivals.said_us == MISSING, size),
        Verdict.ENDED: _any(
            arrivals, ended & ((arrivals.said_us == MISSING) | (arrivals.said_us >= wait.ends_us)), size
        ),
        Verdict.DISPUTED: _any(arrivals, arrivals.said_us != arrivals.sure_us, size),
        Verdict.LATE: _any(arrivals, late, size),
        Verdict.EXCUSED: excused & _any(arrivals, (wait.said_us >= promised_us[arrivals.delivery]) & ~ended, size),
    }
    stands[Verdict.EXCUSED] &= (waived >= 0) | ~stands[Verdict.LATE]
    verdict = np.full(size, int(Verdict.OPEN))
    for one, holds in stands.items():
        verdict[holds] = one
    verdict[promise < 0] = Verdict.NONE
    return verdict


def _next(arrivals: Arrivals, due_us: Whole, ends_us: Whole, wait: _Waits, *, as_of_us: int) -> Whole:
    """By delivery the next moment at which the clock alone changes how it stands or what it is owed.

    A promise that an event extends is excused from its first end, and late from its second: `ends_us` holds a row of each.
    """
    by_thing = ends_us[:, arrivals.delivery]
    moments = np.concatenate((due_us, np.where(by_thing < wait.ends_us, by_thing, FAR_US)))
    moments = np.where((moments > as_of_us) & (arrivals.sure_us == MISSING), moments, FAR_US).min(axis=0)
    found = np.full(ends_us.shape[1], FAR_US)
    np.minimum.at(found, arrivals.delivery, moments)
    return np.where(found == FAR_US, MISSING, found)


def _any(arrivals: Arrivals, marks: Marks, deliveries: int) -> Marks:
    found = np.zeros(deliveries, dtype=np.bool_)
    found[arrivals.delivery[marks]] = True
    return found


def _of_last(arrivals: Arrivals, column: Whole, deliveries: int) -> Whole:
    """By delivery the value of what arrived last; -1 and `MISSING` stand where something has not arrived."""
    at_us = np.where(arrivals.said_us == MISSING, FAR_US, arrivals.said_us)
    order = np.lexsort((arrivals.parcel, at_us, arrivals.delivery))
    found = np.full(deliveries, -1)
    found[arrivals.delivery[order]] = column[order]
    return found
