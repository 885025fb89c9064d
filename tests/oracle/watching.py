"""Promises under way, weighed one at a time with clocks and fractions, from the words of docs/delivery.md."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from math import floor
from zoneinfo import ZoneInfo

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WITH_CARRIER = ("handed_over", "moved", "out_for_delivery", "attempted", "delivered", "installed", "lost", "sent_back")
MILLION = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Scan:
    what: str
    at: datetime
    void: bool = False


@dataclass(frozen=True, kw_only=True)
class Lane:
    """How many of a thousand arrive within 0, 1, 2, … days that count, from the hand-over or the order; `rests` are days that do not count."""

    within: tuple[int, ...]
    from_hand_over: bool
    rests: frozenset[date] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Promise:
    """`parcels` are those that are known, `promised` in how many it was to come. `by` is None while its clock stands still; `alive` are the days on which its carrier scanned anything, None where nobody knows who that is."""

    zone: ZoneInfo
    ordered: datetime
    shown: datetime
    by: datetime | None
    parcels: tuple[tuple[Scan, ...], ...]
    promised: int
    lane: Lane | None = None
    sold: int | None = None
    silent_since: datetime | None = None
    alive: frozenset[date] | None = None
    closed_until: datetime | None = None
    closed_for_good: bool = False
    reaches: str = "delivered"
    scanned: bool = True


@dataclass(frozen=True, kw_only=True)
class Found:
    chance: int
    risk: str
    why: frozenset[str]
    who: str
    act_by: datetime | None
    tell_by: datetime | None


@dataclass(frozen=True, kw_only=True)
class _Parcel:
    chance: int
    behind: bool
    handed: bool
    last: Scan | None
    silent: bool
    quiet_days: int


def weigh(promise: Promise, now: datetime) -> Found:
    """Say how a promise stands."""
    waited = _waited_for(promise)
    parcels = [_weigh_parcel(promise, scans, now) for scans in waited]
    # Parcels that nobody has named come last.
    named = sorted(zip(waited, parcels, strict=True), key=lambda pair: not pair[0])
    worst = min((one for _, one in named), key=lambda one: one.chance)
    hand_by, warn = _hand_over_by(promise)
    unhanded = promise.scanned and any(not one.handed for one in parcels) and now >= hand_by - warn
    last = None if worst.last is None else worst.last.what
    lost = last == "lost" or worst.quiet_days >= 3
    risk = _risk(promise, worst, now, unhanded=unhanded, lost=lost)
    closed = promise.closed_for_good or (promise.closed_until is not None and promise.closed_until > now)
    reasons = {
        "not_handed_over": not worst.handed and promise.scanned and (unhanded or risk != "none"),
        "no_scan_for": worst.quiet_days >= 1 and not lost,
        "feed_silent": worst.silent,
        "lost": lost,
        "attempted": last == "attempted",
        "sent_back": last == "sent_back",
        "closure": closed,
        "behind_usual": worst.behind,
    }
    why = frozenset(name for name, holds in reasons.items() if holds)
    if not why and risk != "none":
        why = frozenset({"time_short"})
    who, act_by = _who(promise, risk, why, hand_by, now)
    return Found(chance=worst.chance, risk=risk, why=why, who=who, act_by=act_by, tell_by=_tell_by(promise))


def _waited_for(promise: Promise) -> list[tuple[Scan, ...]]:
    """The parcels that are waited for: those that were lost or went back are not, once as many others as were promised have been seen."""

    def is_gone(scans: tuple[Scan, ...]) -> bool:
        told = {scan.what for scan in scans if not scan.void}
        return bool(told & {"lost", "sent_back"}) and not told & {"delivered", "installed"}

    coming = [scans for scans in promise.parcels if not is_gone(scans)]
    waited = coming if len(coming) >= promise.promised else list(promise.parcels)
    return [*waited, *[()] * (promise.promised - len(waited))]


def _risk(promise: Promise, worst: _Parcel, now: datetime, *, unhanded: bool, lost: bool) -> str:
    if promise.by is None:
        return "none"
    if now >= promise.by:
        return "late"
    if worst.chance < 50 or lost or (worst.last is not None and worst.last.what == "sent_back"):
        return "will_be_late"
    return "may_be_late" if worst.chance < 500 or unhanded else "none"


def _weigh_parcel(promise: Promise, scans: Sequence[Scan], now: datetime) -> _Parcel:
    told = [scan for scan in scans if not scan.void]
    last = max(told, key=lambda scan: scan.at, default=None)
    carried = [scan.at for scan in told if scan.what in WITH_CARRIER]
    handed, there = bool(carried), any(scan.what in {"delivered", "installed"} for scan in told)
    silent = handed and promise.silent_since is not None
    quiet = 0 if not handed or silent else _quiet_days(promise, last, now)
    seen = _seen_from(promise, last, now, silent=silent)
    chance, behind = _chance(promise, carried, last, seen)
    if quiet >= 3 or (last is not None and last.what in {"lost", "sent_back"}) or (promise.by and seen >= promise.by):
        chance = 0
    if (
        promise.by is None
        or (there and promise.reaches != "installed")
        or (handed and promise.reaches == "handed_over")
    ):
        chance = 1000
    return _Parcel(chance=chance, behind=behind, handed=handed, last=last, silent=silent, quiet_days=quiet)


def _seen_from(promise: Promise, last: Scan | None, now: datetime, *, silent: bool) -> datetime:
    """As of when it can be weighed."""
    seen = min(now, promise.silent_since) if silent and promise.silent_since else now
    if last is not None and last.what == "attempted":
        seen = max(seen, _midnight(promise.zone, _day(promise, last.at) + DAY))
    if promise.closed_for_good:
        seen = max(seen, _midnight(promise.zone, _day(promise, now) + DAY))
    elif promise.closed_until is not None and promise.closed_until > now:
        seen = max(seen, promise.closed_until)
    return seen


def _quiet_days(promise: Promise, last: Scan | None, now: datetime) -> int:
    if last is None or promise.alive is None:
        return 0
    return sum(_day(promise, last.at) < day < _day(promise, now) for day in promise.alive)


def _chance(promise: Promise, carried: Sequence[datetime], last: Scan | None, seen: datetime) -> tuple[int, bool]:
    by = seen + timedelta(microseconds=1) if promise.by is None else promise.by
    sold = 900 if promise.sold is None else promise.sold
    behind, lane = False, promise.lane
    if lane is not None:
        waits = lane.from_hand_over and not carried
        begun = (min(carried) if carried else seen) if lane.from_hand_over else promise.ordered
        now_ppm = 0 if waits else _arrived(promise, lane, begun, seen)
        behind = now_ppm >= 900_000
        chance = _of_the_rest(now_ppm, _arrived(promise, lane, begun, by))
    else:
        gone = _part(seen - promise.shown, by - promise.shown)
        chance = _of_the_rest(sold * gone // 1000, sold * 1000)
    measured = lane is not None and lane.from_hand_over
    if not carried and promise.scanned and promise.reaches != "handed_over" and not measured:
        half = (by - promise.shown) // 2
        chance = min(chance, sold * _part(by - seen, half) // MILLION)
    return max(chance, _by_courier(promise, last, seen, by)), behind


def _by_courier(promise: Promise, last: Scan | None, seen: datetime, by: datetime) -> int:
    if last is None or last.what != "out_for_delivery" or last.at > seen:
        return 0
    midnight = _midnight(promise.zone, _day(promise, last.at))
    begins, ends = max(last.at, midnight + 8 * HOUR), midnight + 22 * HOUR
    # A courier who is out with it in time comes in its slot.
    ends = min(ends, by) if by > begins else ends
    if seen >= ends or begins >= ends:
        return 0
    now_ppm, by_ppm = (950 * _part(moment - begins, ends - begins) // 1000 for moment in (seen, by))
    return _of_the_rest(now_ppm, by_ppm)


def _arrived(promise: Promise, lane: Lane, begun: datetime, at: datetime) -> int:
    """How many of a million have arrived by a moment: whole days that count, and of the last one the part that is over."""
    first, day = _day(promise, begun), _day(promise, at)
    if day < first:
        return 0
    counted = [first + n * DAY for n in range(1, (day - first).days + 1) if first + n * DAY not in lane.rests]
    if day == first or day in lane.rests or not counted:
        gone = _within(lane, len(counted)) * 1000
        return gone if day != first else _within(lane, 0) * _share_of_day(promise, at)
    share = _share_of_day(promise, at)
    return _within(lane, len(counted) - 1) * (1000 - share) + _within(lane, len(counted)) * share


def _share_of_day(promise: Promise, at: datetime) -> int:
    """How many thousandths of the stretch from 8 to 22 hours after midnight are over."""
    gone = at - _midnight(promise.zone, _day(promise, at)) - 8 * HOUR
    return min(max(floor(Fraction(_ms(gone) * 1000, _ms(14 * HOUR))), 0), 1000)


def _within(lane: Lane, days: int) -> int:
    return lane.within[min(days, len(lane.within) - 1)]


def _of_the_rest(now_ppm: int, by_ppm: int) -> int:
    if now_ppm >= MILLION:
        return 0
    return floor(Fraction(1000 * max(by_ppm - now_ppm, 0), MILLION - now_ppm))


def _part(part: timedelta, whole: timedelta) -> int:
    """What part of a length is over, in millionths, rounded down."""
    return min(max(floor(Fraction(_ms(part) * MILLION, max(_ms(whole), 1))), 0), MILLION)


def _ms(length: timedelta) -> int:
    return length // timedelta(milliseconds=1)


def _hand_over_by(promise: Promise) -> tuple[datetime, timedelta]:
    by = promise.by or promise.shown + DAY
    span, sold, lane = max(by - promise.shown, timedelta()), 900 if promise.sold is None else promise.sold, promise.lane
    warn = min(6 * HOUR, span // 4)
    if promise.reaches == "handed_over":
        return by, warn
    if lane is None or not lane.from_hand_over:
        return by - min(span // 2, span // 1000 * (1000 * 500 // (2 * max(sold, 1)))), warn
    needs = next((days for days, kept in enumerate(lane.within) if kept >= 500), None)
    last = _day(promise, by - 22 * HOUR)
    day = last
    # The last day from which enough days that count are left, up to the last full day of the promise.
    for _ in range(200):
        left = sum(day + n * DAY not in lane.rests for n in range(1, (last - day).days + 1))
        if needs is not None and left >= needs:
            return _midnight(promise.zone, day + DAY), warn
        day -= DAY
    return datetime.min.replace(tzinfo=promise.zone) + 400 * DAY, warn


def _who(
    promise: Promise, risk: str, why: frozenset[str], hand_by: datetime, now: datetime
) -> tuple[str, datetime | None]:
    if risk not in {"may_be_late", "will_be_late"} or promise.by is None:
        return "nobody", None
    waits = "not_handed_over" in why
    first = hand_by if waits else promise.by - 4 * HOUR
    if not why & {"lost", "sent_back", "closure"} and first > now:
        return ("warehouse" if waits else "carrier"), first
    tell_by = _tell_by(promise)
    return "desk", tell_by if tell_by is not None and tell_by > now else promise.by


def _tell_by(promise: Promise) -> datetime | None:
    """Two hours before the promise passes, but between 8 and 21 hours after midnight; of a morning, the evening before."""
    if promise.by is None:
        return None
    last = promise.by - 2 * HOUR
    day = _day(promise, last)
    if last < _midnight(promise.zone, day) + 8 * HOUR:
        return _midnight(promise.zone, day - DAY) + 21 * HOUR
    return min(last, _midnight(promise.zone, day) + 21 * HOUR)


def _day(promise: Promise, at: datetime) -> date:
    return at.astimezone(promise.zone).date()


def _midnight(zone: ZoneInfo, day: date) -> datetime:
    """The moment at which a local day begins; lengths are added to it as they pass."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(ZoneInfo("UTC"))
