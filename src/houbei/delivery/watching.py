"""Which promises under way may not be kept, why, who can still do something about it and until when.

Of several parcels the one furthest behind decides: parcels of an order travel together more often than not, and their promise is kept no
better than its worst.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from houbei.calendars.days import Days
from houbei.columns import MISSING
from houbei.delivery.chances import Things, chances_of, hand_over_by, things_of
from houbei.delivery.progress import find_progress
from houbei.delivery.telling_times import tell_by_us
from houbei.delivery.under_way import Feeds, UnderWay, Yardstick
from houbei.delivery.watch_rules import DAY_US, WatchRules
from houbei.facts.scans import What
from houbei.owed.arrivals import FAR_US, Scans

Whole = NDArray[np.int64]
Marks = NDArray[np.bool_]


class Risk(IntEnum):
    """How a promise under way stands."""

    NONE = 0
    MAY_BE_LATE = 1
    WILL_BE_LATE = 2
    """Most likely: a person says so to the buyer as that, never as certain."""
    LATE = 3
    """The promise has passed."""


class Why(IntEnum):
    """Why a promise is at risk; a set of them is a number with their bits."""

    NOT_HANDED_OVER = 0
    NO_SCAN_FOR = 1
    """Its carrier scans others and not this one."""
    FEED_SILENT = 2
    """Its carrier scans nothing at all: nobody can see it."""
    LOST = 3
    ATTEMPTED = 4
    """Somebody stood before a closed door."""
    SENT_BACK = 5
    CLOSURE = 6
    BEHIND_USUAL = 7
    """Most parcels of its lane are there by now."""
    TIME_SHORT = 8
    """Little of its time is left, and nothing else is known against it."""


class Who(IntEnum):
    """Who can still do something."""

    NOBODY = 0
    WAREHOUSE = 1
    CARRIER = 2
    DESK = 3
    """Who tells the buyer."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Watched:
    """How promises under way stand, one entry each.

    `chance` is per mille, `risk` a `Risk`, `why` the bits of `Why`, `who` a `Who` who can still do something until `act_by_us` (`MISSING`: nobody is asked).
    `tell_by_us` is the last moment for telling the buyer before the promise passes, `seen_us` that of the last scan of the parcel that is
    furthest behind (`MISSING`: none). `watch_us` is when to look again, `MISSING` where the clock changes nothing.
    """

    chance: Whole
    risk: Whole
    why: Whole
    who: Whole
    act_by_us: Whole
    tell_by_us: Whole
    seen_us: Whole
    watch_us: Whole


def watch(under_way: UnderWay, scans: Scans, feeds: Feeds, *, by: Yardstick, now_us: int) -> Watched:
    """Find which promises may not be kept.

    Args:
        under_way: The promises.
        scans: What was told of their parcels by now.
        feeds: Their carriers' feeds.
        by: What they are measured by; without lead times every `group` is `NO_GROUP`.
        now_us: What time it is.

    Returns:
        For each how it stands. Where the clock of a promise stands still it has no risk.

    Cost: a few sorts of the scans, and passes over the parcels.
    """
    progress = find_progress(scans, parcels=under_way.parcels)
    things = things_of(under_way, progress, feeds, by.days, now_us=now_us)
    chance, behind = chances_of(under_way, things, by)
    hand_by_us, warn_us = hand_over_by(under_way, things, by)
    worst = _worst(things.delivery, chance, things.progress.parcel)
    missing = ~things.handed & under_way.scanned[things.delivery] & (now_us >= hand_by_us - warn_us)
    return _judge(
        under_way,
        things,
        _Found(chance=chance, behind=behind, hand_by_us=hand_by_us, warn_us=warn_us, missing=missing, worst=worst),
        by,
        now_us=now_us,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Found:
    chance: Whole
    behind: Marks
    hand_by_us: Whole
    warn_us: Whole
    missing: Marks
    worst: Whole


def _judge(under_way: UnderWay, things: Things, found: _Found, by: Yardstick, *, now_us: int) -> Watched:
    days, rules = by.days, by.rules
    worst, by_us = found.worst, under_way.by_us
    last, chance = things.progress.last[worst], found.chance[worst]
    lost = (last == What.LOST) | (things.quiet_days[worst] >= rules.lost_days)
    frozen = by_us == FAR_US
    # A missing hand-over of any parcel is a risk of all.
    missing = np.zeros(len(under_way), dtype=np.bool_)
    missing[things.delivery[found.missing]] = True
    risk = np.where((chance < rules.may_permille) | missing, Risk.MAY_BE_LATE, Risk.NONE)
    risk = np.where((chance < rules.will_permille) | lost | (last == What.SENT_BACK), Risk.WILL_BE_LATE, risk)
    risk = np.where(now_us >= by_us, Risk.LATE, risk)
    risk = np.where(frozen, Risk.NONE, risk).astype(np.int64)
    reasons = {
        Why.NOT_HANDED_OVER: ~things.handed[worst] & under_way.scanned & (missing | (risk > Risk.NONE)),
        Why.NO_SCAN_FOR: (things.quiet_days[worst] >= rules.quiet_days) & ~lost,
        Why.FEED_SILENT: things.silent[worst],
        Why.LOST: lost,
        Why.ATTEMPTED: last == What.ATTEMPTED,
        Why.SENT_BACK: last == What.SENT_BACK,
        Why.CLOSURE: things.closed[worst],
        Why.BEHIND_USUAL: found.behind[worst],
    }
    why = np.zeros(len(under_way), dtype=np.int64)
    for one, holds in reasons.items():
        why |= np.where(holds, 1 << one, 0)
    why = np.where((why == 0) & (risk > Risk.NONE), 1 << Why.TIME_SHORT, why)
    tell_us = tell_by_us(np.where(frozen, now_us, by_us), days, rules=rules)
    acting = _Acting(
        risk=risk, why=why, tell_by_us=tell_us, hand_by_us=found.hand_by_us[worst], warn_us=found.warn_us[worst]
    )
    who, act_by_us = _who(under_way, acting, rules=rules, now_us=now_us)
    return Watched(
        chance=chance,
        risk=risk,
        why=why,
        who=who,
        act_by_us=act_by_us,
        tell_by_us=tell_us,
        seen_us=things.progress.last_us[worst],
        watch_us=_look_again(under_way, acting, days, rules=rules, now_us=now_us),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Acting:
    risk: Whole
    why: Whole
    tell_by_us: Whole
    hand_by_us: Whole
    warn_us: Whole


def _who(under_way: UnderWay, acting: _Acting, *, rules: WatchRules, now_us: int) -> tuple[Whole, Whole]:
    """Whoever can still bring it there in time, until when; after that the desk, which tells the buyer, and at last at once."""
    at_risk = (acting.risk == Risk.MAY_BE_LATE) | (acting.risk == Risk.WILL_BE_LATE)
    helpless = (acting.why & (1 << Why.LOST | 1 << Why.SENT_BACK | 1 << Why.CLOSURE)) != 0
    waits = (acting.why & (1 << Why.NOT_HANDED_OVER)) != 0
    carrier_us = np.where(under_way.by_us == FAR_US, now_us, under_way.by_us) - rules.carrier_needs_us
    first_us = np.where(waits, acting.hand_by_us, carrier_us)
    can = at_risk & ~helpless & (first_us > now_us)
    who = np.where(can, np.where(waits, Who.WAREHOUSE, Who.CARRIER), np.where(at_risk, Who.DESK, Who.NOBODY))
    told_us = np.where(acting.tell_by_us > now_us, acting.tell_by_us, under_way.by_us)
    act_us = np.where(can, first_us, np.where(at_risk, told_us, MISSING))
    return who.astype(np.int64), act_us


def _look_again(under_way: UnderWay, acting: _Acting, days: Days, *, rules: WatchRules, now_us: int) -> Whole:
    """The next moment at which the clock may change something; once late, others count the hours."""
    size = len(under_way)
    frozen = under_way.by_us == FAR_US
    by_us = np.where(frozen, FAR_US, under_way.by_us)
    tomorrow_us = int(days.midnight(days.day_of(np.array([now_us])) + 1)[0])
    near = (acting.risk > Risk.NONE) | ((by_us > now_us) & (by_us - np.minimum(by_us, now_us) <= DAY_US) & ~frozen)
    moments = np.stack(
        (
            by_us,
            acting.tell_by_us,
            acting.tell_by_us - rules.tell_lead_us,
            acting.hand_by_us,
            acting.hand_by_us - acting.warn_us,
            np.where(near, now_us + rules.look_every_us, FAR_US),
            np.full(size, tomorrow_us + rules.day_begins_us),
        )
    )
    again = np.where(moments > now_us, moments, FAR_US).min(axis=0)
    return np.where((acting.risk == Risk.LATE), MISSING, again)


def _worst(delivery: Whole, chance: Whole, parcel: Whole) -> Whole:
    """By delivery the place of the parcel with the smallest chance, the first of several."""
    order = np.lexsort((np.where(parcel < 0, FAR_US, parcel), chance, delivery))
    _, first = np.unique(delivery[order], return_index=True)
    return order[first]
