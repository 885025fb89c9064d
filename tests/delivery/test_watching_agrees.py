"""What watching finds over columns is what a plain reading finds promise by promise, at every edge; and one at a time as in a batch."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from houbei.calendars.days import Days
from houbei.columns import MISSING
from houbei.delivery.pace import Pace
from houbei.delivery.under_way import Feeds, UnderWay, Yardstick
from houbei.delivery.watch_rules import USUAL
from houbei.delivery.watching import Risk, Watched, Who, Why, watch
from houbei.facts.scans import WHATS, What
from houbei.owed.arrivals import FAR_US, Scans
from tests.oracle.watching import DAY, HOUR, Found, Lane, Promise, Scan, weigh

ZONES = ("Asia/Shanghai", "Europe/Berlin")
START = datetime(2026, 10, 22, 6, tzinfo=UTC)
"""The clocks of Berlin go back on the 25th."""
FIRST_DAY, DAYS = date(2026, 10, 10), 40
EDGE = timedelta(microseconds=1)
MOMENTS = st.builds(
    lambda hours, edge: START + hours * HOUR / 2 + edge * EDGE, st.integers(0, 14 * 48), st.sampled_from([-1, 0, 0, 1])
)
SCANNED = st.sampled_from(WHATS[: What.DISPUTED])


def us(at: datetime) -> int:
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


@st.composite
def lanes(draw: st.DrawFn, *, from_hand_over: bool) -> Lane:
    within = sorted(draw(st.lists(st.sampled_from([0, 1, 300, 499, 500, 501, 900, 999, 1000]), min_size=1, max_size=6)))
    rests = draw(st.frozensets(st.integers(0, DAYS - 1).map(lambda n: FIRST_DAY + n * DAY), max_size=12))
    return Lane(within=tuple(within), from_hand_over=from_hand_over, rests=rests)


@st.composite
def promises(draw: st.DrawFn, *, zone: ZoneInfo, from_hand_over: bool, now: datetime) -> Promise:
    shown = draw(MOMENTS)
    by = draw(
        st.none()
        | MOMENTS.map(lambda at: max(at, shown + HOUR))
        | st.sampled_from([0, 2, 4, 24]).map(lambda h: max(now + h * HOUR, shown + HOUR))
        | st.integers(1, 14)
        .map(lambda n: datetime(2026, 10, 22 + min(n, 9), tzinfo=zone).astimezone(UTC))
        .filter(lambda at: at > shown)
    )
    scans = st.builds(
        Scan, what=SCANNED, at=MOMENTS.map(lambda at: min(at, now)), void=st.sampled_from([False, False, True])
    )
    parcel = st.lists(scans, min_size=1, max_size=4, unique_by=lambda scan: scan.at).map(tuple)
    gaps = draw(st.none() | st.frozensets(st.integers(0, DAYS - 1), max_size=30))
    alive = None if gaps is None else frozenset(FIRST_DAY + n * DAY for n in range(DAYS) if n not in gaps)
    return Promise(
        zone=zone,
        ordered=min(shown, draw(MOMENTS)),
        shown=shown,
        by=by,
        parcels=tuple(draw(st.lists(parcel, max_size=3))),
        promised=draw(st.integers(1, 3)),
        lane=draw(st.none() | lanes(from_hand_over=from_hand_over)),
        sold=draw(st.none() | st.sampled_from([0, 1, 500, 950, 1000])),
        silent_since=None if alive is None else draw(st.none() | MOMENTS.map(lambda at: min(at, now))),
        alive=alive,
        closed_until=draw(st.none() | MOMENTS),
        closed_for_good=draw(st.sampled_from([False, False, False, True])),
        reaches=draw(st.sampled_from(["delivered", "delivered", "installed", "handed_over"])),
        scanned=draw(st.booleans()),
    )


@st.composite
def batches(draw: st.DrawFn) -> tuple[list[Promise], datetime]:
    zone, now, from_hand_over = ZoneInfo(draw(st.sampled_from(ZONES))), draw(MOMENTS), draw(st.booleans())
    one = promises(zone=zone, from_hand_over=from_hand_over, now=now)
    return draw(st.lists(one, min_size=1, max_size=5)), now


def yardstick(told: list[Promise]) -> Yardstick:
    days = Days.over(told[0].zone.key, from_us=us(START - 60 * DAY), to_us=us(START + 60 * DAY))
    lanes = [one.lane for one in told if one.lane is not None]
    if not lanes:
        return Yardstick(days=days, pace=None, rules=USUAL)
    longest = max(len(lane.within) for lane in lanes)
    within = [[*lane.within, *([lane.within[-1]] * (longest - len(lane.within)))] for lane in lanes]
    first = (date(2026, 4, 1) - date(1970, 1, 1)).days
    counted = [[date(2026, 4, 1) + n * DAY not in lane.rests for n in range(300)] for lane in lanes]
    pace = Pace(
        within_permille=np.array(within, dtype=np.int64),
        from_hand_over=lanes[0].from_hand_over,
        counted=np.array(counted, dtype=np.bool_),
        first_day=first,
        days=days,
    )
    return Yardstick(days=days, pace=pace, rules=USUAL)


def whole(values: list[int]) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def watched(told: list[Promise], now: datetime, *, turn: int = 0) -> Watched:
    """Put promises into columns; `turn` turns the order of the scans, and with it their ranks."""
    lane = iter(range(len(told)))
    group = [-1 if one.lane is None else next(lane) for one in told]
    carriers = iter(range(len(told)))
    carrier = [-1 if one.alive is None else next(carriers) for one in told]
    rows = []
    parcel = 0
    for place, one in enumerate(told):
        for scans in one.parcels:
            rows += [(place, parcel, What[scan.what.upper()], us(scan.at), scan.void) for scan in scans]
            parcel += 1
    rows = rows[turn % max(len(rows), 1) :] + rows[: turn % max(len(rows), 1)]
    answers = [(place, parcel, What.UPHELD, us(now), k) for k, (place, parcel, _, _, void) in enumerate(rows) if void]
    disputes = [-1] * len(rows) + [answer[4] for answer in answers]
    rows += [(*answer[:4], False) for answer in answers]
    scans = Scans(
        **{name: whole([row[k] for row in rows]) for k, name in enumerate(("delivery", "parcel", "what", "at_us"))},
        disputes=whole(disputes),
        rank=np.arange(len(rows)),
    )
    seen = [one for one in told if one.alive is not None]
    feeds = Feeds(
        silent_since_us=whole([MISSING if one.silent_since is None else us(one.silent_since) for one in seen]),
        alive=np.array(
            [[FIRST_DAY + n * DAY in (one.alive or ()) for n in range(DAYS)] for one in seen], dtype=np.bool_
        ).reshape(len(seen), DAYS),
        first_day=(FIRST_DAY - date(1970, 1, 1)).days,
    )
    under_way = UnderWay(
        ordered_us=whole([us(one.ordered) for one in told]),
        shown_us=whole([us(one.shown) for one in told]),
        by_us=whole([FAR_US if one.by is None else us(one.by) for one in told]),
        parcels=whole([one.promised for one in told]),
        group=whole(group),
        calendar=np.maximum(whole(group), 0),
        sold_permille=whole([MISSING if one.sold is None else one.sold for one in told]),
        carrier=whole(carrier),
        closed_until_us=whole(
            [
                FAR_US if one.closed_for_good else MISSING if one.closed_until is None else us(one.closed_until)
                for one in told
            ]
        ),
        scanned=np.array([one.scanned for one in told]),
        hands_over=np.array([one.reaches == "handed_over" for one in told]),
        installs=np.array([one.reaches == "installed" for one in told]),
    )
    return watch(under_way, scans, feeds, by=yardstick(told), now_us=us(now))


def found(watched: Watched, place: int) -> Found:
    def at(column: np.ndarray) -> datetime | None:
        moment = int(column[place])
        return None if moment == MISSING else datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=moment)

    return Found(
        chance=int(watched.chance[place]),
        risk=Risk(int(watched.risk[place])).name.lower(),
        why=frozenset(why.name.lower() for why in Why if int(watched.why[place]) >> why & 1),
        who=Who(int(watched.who[place])).name.lower(),
        act_by=at(watched.act_by_us),
        tell_by=at(watched.tell_by_us),
    )


def expected(promise: Promise, now: datetime) -> Found:
    read = weigh(promise, now)
    # Where its clock stands still nobody is told anything; the column holds what is not used.
    return read if promise.by is not None else replace(read, tell_by=None)


@given(batches())
def test_a_batch_stands_as_each_promise_read_by_itself(batch: tuple[list[Promise], datetime]) -> None:
    told, now = batch
    answer = watched(told, now)
    for place, one in enumerate(told):
        got = found(answer, place)
        assert (got if one.by is not None else replace(got, tell_by=None)) == expected(one, now)


@given(batches(), st.integers(0, 12))
def test_one_at_a_time_and_in_any_order_of_scans_it_is_the_same(
    batch: tuple[list[Promise], datetime], turn: int
) -> None:
    told, now = batch
    together = watched(told, now, turn=turn)
    alone = [watched([one], now) for one in told]
    for name in ("chance", "risk", "why", "who", "act_by_us", "tell_by_us", "seen_us", "watch_us"):
        assert getattr(together, name).tolist() == [int(getattr(one, name)[0]) for one in alone], name


@given(batches(), st.integers(1, 400))
def test_without_news_the_chance_only_falls(batch: tuple[list[Promise], datetime], half_hours: int) -> None:
    told, now = batch
    later = now + half_hours * HOUR / 2
    # A closure that ends, and a day that a carrier scans on, are news.
    told = [replace(one, closed_until=None, closed_for_good=False) for one in told]
    before, after = watched(told, now), watched(told, later)
    assert (after.chance <= before.chance).all()
    assert (after.risk >= before.risk).all()


@given(batches())
def test_the_next_look_lies_ahead_and_not_beyond_the_promise(batch: tuple[list[Promise], datetime]) -> None:
    told, now = batch
    answer = watched(told, now)
    for place, one in enumerate(told):
        again = int(answer.watch_us[place])
        if one.by is not None and now >= one.by:
            assert again == MISSING
        else:
            assert us(now) < again <= (us(now + 36 * HOUR) if one.by is None else us(one.by))
