"""The chance that parcels arrive before their promises pass, given that they are not there yet.

It comes from the lead times of their group, else from the promise alone, taken at its word and spread evenly over its time. What is scanned
of a parcel sharpens it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from houbei.calendars.days import Days
from houbei.columns import MISSING
from houbei.delivery.pace import ALL, Pace, arrived_ppm, chance_permille, last_hand_over_us
from houbei.delivery.progress import Progress
from houbei.delivery.under_way import Feeds, UnderWay, Yardstick
from houbei.delivery.watch_rules import DAY_US, WatchRules
from houbei.facts.scans import What
from houbei.owed.arrivals import FAR_US

Whole = NDArray[np.int64]
Marks = NDArray[np.bool_]

_PERMILLE = 1000
_MS_US = 1000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Things:
    """Parcels with what their promises and carriers say: `seen_from_us` is as of when each can be weighed, `quiet_days` for how many days its carrier scanned others."""

    progress: Progress
    delivery: Whole
    handed: Marks
    seen_from_us: Whole
    quiet_days: Whole
    silent: Marks
    closed: Marks


def things_of(under_way: UnderWay, progress: Progress, feeds: Feeds, days: Days, *, now_us: int) -> Things:
    """Take parcels with what their promises and their carriers say of them.

    Args:
        under_way: The promises.
        progress: How far each parcel has come.
        feeds: What the carriers' scans tell of the carriers.
        days: The local days of the shop.
        now_us: What time it is.
    """
    delivery = progress.delivery
    handed, carrier = progress.handed_us != MISSING, under_way.carrier[delivery]
    silent_us = np.where(carrier < 0, MISSING, np.append(feeds.silent_since_us, MISSING)[carrier])
    silent = (silent_us != MISSING) & handed
    today = days.day_of(np.array([now_us]))
    at_us = np.full(len(delivery), now_us)
    # Whoever sees nothing knows no more than at the last scan; what tried today tries again tomorrow at best; what is shut in waits.
    at_us = np.where(silent, np.minimum(at_us, silent_us), at_us)
    tried = progress.last == What.ATTEMPTED
    tried_day = days.day_of(np.where(tried, progress.last_us, now_us))
    at_us = np.where(tried, np.maximum(at_us, days.midnight(tried_day + 1)), at_us)
    until_us = under_way.closed_until_us[delivery]
    closed = (until_us != MISSING) & (until_us > now_us)
    opens_us = np.where(until_us == FAR_US, days.midnight(today + 1), until_us)
    at_us = np.where(closed, np.maximum(at_us, opens_us), at_us)
    return Things(
        progress=progress,
        delivery=delivery,
        handed=handed,
        seen_from_us=at_us,
        quiet_days=np.where(handed & ~silent, _quiet_days(progress, feeds, carrier, days, int(today[0])), 0),
        silent=silent,
        closed=closed,
    )


def _quiet_days(progress: Progress, feeds: Feeds, carrier: Whole, days: Days, today: int) -> Whole:
    """On how many whole days since its last scan the carrier of each parcel scanned others; 0 where nothing was scanned of it."""
    if not feeds.alive.size:
        return np.zeros(len(carrier), dtype=np.int64)
    until = np.concatenate(
        (np.zeros((len(feeds.alive), 1), dtype=np.int64), np.cumsum(feeds.alive, axis=1, dtype=np.int64)), axis=1
    )
    last_day = days.day_of(np.where(progress.last_us == MISSING, 0, progress.last_us))
    size = feeds.alive.shape[1]
    since, before = (np.clip(day - feeds.first_day, 0, size) for day in (last_day + 1, np.full(len(carrier), today)))
    found = until[np.maximum(carrier, 0), before] - until[np.maximum(carrier, 0), since]
    return np.where((carrier < 0) | (progress.last_us == MISSING), 0, np.maximum(found, 0))


def chances_of(under_way: UnderWay, things: Things, by: Yardstick) -> tuple[Whole, Marks]:
    """Find for each parcel the chance of arriving in time, per mille, and whether most others of its lane are there by now."""
    delivery, at_us, rules, pace = things.delivery, things.seen_from_us, by.rules, by.pace
    by_us = under_way.by_us[delivery]
    by_us = np.where(by_us == FAR_US, at_us + 1, by_us)
    chance = _by_promise(under_way, delivery, at_us, by_us, rules=rules)
    behind, measured = np.zeros(len(delivery), dtype=np.bool_), under_way.group[delivery] >= 0
    if pace is not None and measured.any():
        chance[measured], behind[measured] = _by_pace(under_way, things, pace, by_us, np.flatnonzero(measured), rules)
    capped = ~things.handed & under_way.scanned[delivery] & ~under_way.hands_over[delivery]
    if pace is not None and pace.from_hand_over:
        capped &= ~measured
    chance = np.where(capped, np.minimum(chance, _by_rest(under_way, delivery, at_us, by_us, rules=rules)), chance)
    chance = np.maximum(chance, _by_courier(things, by.days, by_us, rules=rules))
    gone = np.isin(things.progress.last, (What.LOST, What.SENT_BACK)) | (things.quiet_days >= rules.lost_days)
    chance = np.where(gone | (at_us >= by_us), 0, chance)
    there = things.progress.there & ~under_way.installs[delivery] | things.handed & under_way.hands_over[delivery]
    return np.where(there | (under_way.by_us[delivery] == FAR_US), _PERMILLE, chance), behind


def hand_over_by(under_way: UnderWay, things: Things, by: Yardstick) -> tuple[Whole, Whole]:
    """Find for each parcel the last moment for handing it over that leaves as good a chance as not, and how long before that its absence is noticed."""
    delivery, rules, pace = things.delivery, by.rules, by.pace
    by_us = np.where(under_way.by_us == FAR_US, under_way.shown_us + DAY_US, under_way.by_us)[delivery]
    span_us = np.maximum(by_us - under_way.shown_us[delivery], 0)
    sold = np.maximum(_sold(under_way, delivery, rules), 1)
    needs_us = np.minimum(span_us // 2, span_us // _PERMILLE * (_PERMILLE * rules.may_permille // (2 * sold)))
    found = np.where(under_way.hands_over[delivery], by_us, by_us - needs_us)
    measured = np.flatnonzero((under_way.group[delivery] >= 0) & ~under_way.hands_over[delivery])
    if pace is not None and pace.from_hand_over and len(measured):
        owner = delivery[measured]
        lane = {"group": under_way.group[owner], "calendar": under_way.calendar[owner]}
        found[measured] = last_hand_over_us(pace, **lane, by_us=by_us[measured], rules=rules)
    return found, np.minimum(rules.hand_over_warn_us, span_us // 4)


def _by_promise(under_way: UnderWay, delivery: Whole, at_us: Whole, by_us: Whole, *, rules: WatchRules) -> Whole:
    """The promise at its word: as often kept as it was sold with, arrivals spread evenly from when it was shown until it passes."""
    sold, shown_us = _sold(under_way, delivery, rules), under_way.shown_us[delivery]
    gone = _share(at_us - shown_us, by_us - shown_us)
    return chance_permille(sold * gone // _PERMILLE, sold * _PERMILLE)


def _by_rest(under_way: UnderWay, delivery: Whole, at_us: Whole, by_us: Whole, *, rules: WatchRules) -> Whole:
    """What nobody has handed over yet still needs the second half of its promise's time."""
    half_us = np.maximum((by_us - under_way.shown_us[delivery]) // 2, 1)
    return _sold(under_way, delivery, rules) * _share(by_us - at_us, half_us) // ALL


def _by_pace(
    under_way: UnderWay, things: Things, pace: Pace, by_us: Whole, places: Whole, rules: WatchRules
) -> tuple[Whole, Marks]:
    delivery, at_us = things.delivery[places], things.seen_from_us[places]
    begun_us, waits = under_way.ordered_us[delivery], np.zeros(len(places), dtype=np.bool_)
    if pace.from_hand_over:
        waits = ~things.handed[places]
        begun_us = np.where(waits, at_us, things.progress.handed_us[places])
    lane = {"group": under_way.group[delivery], "calendar": under_way.calendar[delivery], "begun_us": begun_us}
    now = np.where(waits, 0, arrived_ppm(pace, **lane, at_us=at_us, rules=rules))
    by = arrived_ppm(pace, **lane, at_us=by_us[places], rules=rules)
    return chance_permille(now, by), now >= rules.behind_permille * _PERMILLE


def _by_courier(things: Things, days: Days, by_us: Whole, *, rules: WatchRules) -> Whole:
    """What a courier has taken along today arrives by the end of its slot, or of the day, evenly from then on."""
    progress, at_us = things.progress, things.seen_from_us
    out = (progress.last == What.OUT_FOR_DELIVERY) & (progress.last_us <= at_us)
    left_us = np.where(out, progress.last_us, at_us)
    midnight_us = days.midnight(days.day_of(left_us))
    begins_us = np.maximum(left_us, midnight_us + rules.day_begins_us)
    evening_us = midnight_us + rules.day_ends_us
    ends_us = np.where(by_us > begins_us, np.minimum(evening_us, by_us), evening_us)
    today = out & (at_us < ends_us) & (begins_us < ends_us)
    length_us = np.where(today, ends_us - begins_us, 1)
    now, by = (rules.out_permille * _share(us - begins_us, length_us) // _PERMILLE for us in (at_us, by_us))
    return np.where(today, chance_permille(now, by), 0)


def _sold(under_way: UnderWay, delivery: Whole, rules: WatchRules) -> Whole:
    sold = under_way.sold_permille[delivery]
    return np.where(sold == MISSING, rules.kept_permille, sold)


def _share(part_us: Whole, whole_us: Whole) -> Whole:
    """What part of a whole a length is, in millionths between none and all."""
    return np.clip(part_us // _MS_US * ALL // np.maximum(whole_us // _MS_US, 1), 0, ALL)
