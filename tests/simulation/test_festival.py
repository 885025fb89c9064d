"""A New Year lived through: what Houbei owes is what was really so, and whoever changes a fact is found out."""

from dataclasses import replace

import msgspec
import numpy as np
import pytest

from houbei.cli import run
from houbei.cli.simulate_festival import Festival, asked_of
from houbei.columns import MISSING
from houbei.delivery.festival_days import days_of
from houbei.simulation.festival import shop
from houbei.simulation.festival.account import keep_account
from houbei.simulation.festival.doors import UNSAID, is_closed
from houbei.simulation.festival.facts import facts_known
from houbei.simulation.festival.judged import judge
from houbei.simulation.festival.life import Lived, Made, differences, live_through, make_world
from houbei.simulation.festival.summary import figures_of
from houbei.simulation.festival.telling import at_hours

DAY_US = 86_400_000_000


def asked(seed: int, orders: int):
    return asked_of(Festival(seed=seed, orders=orders, chance_permille=950, out=None, store=None))


@pytest.fixture(scope="module")
def lived() -> Lived:
    return live_through(asked(1, 1500), lambda *_: None)


def judged_again(made: Made) -> list[str]:
    """What differs from the truth of the world when its facts are judged at the end."""
    arrival = made.asked.terms.arrival
    assert arrival is not None
    facts = facts_known(
        made.sent.orders, made.sent.wishes, made.rows, made.scans, made.asked.days, until_us=made.end_us
    )
    truth = keep_account(made.sent, made.doors, made.rows, arrival, until_us=made.end_us)
    return differences(truth, judge(facts, made.asked.terms, as_of_us=made.end_us))


@pytest.mark.parametrize(("seed", "orders"), [(1, 6000), (2, 1500), (3, 1500)])
def test_what_is_owed_is_what_was_really_so(seed: int, orders: int):
    assert judged_again(make_world(asked(seed, orders), lambda *_: None)) == []


def test_everything_that_can_become_of_a_promise_does(lived: Lived):
    ended = {one.ended for one in lived.truth.values()}
    assert ended == {"kept", "late", "excused", "ended"}
    assert {scan.what for scan in lived.made.scans} >= {"lost", "attempted", "disputed", "upheld", "dismissed"}
    assert sum(row.by_buyer for row in lived.made.rows) > 10
    assert any(one.points for one in lived.truth.values())
    assert {one.closure for one in lived.truth.values() if one.ended == "excused"} <= {"sample-snow", "sample-road"}


def test_a_cent_a_verdict_and_an_order_that_differ_are_found(lived: Lived):
    late = next(order for order, one in lived.truth.items() if one.ended == "late")
    kept = next(order for order, one in lived.truth.items() if one.ended == "kept")
    assert differences(lived.truth, lived.final) == []
    wrong = dict(lived.truth)
    wrong[late] = replace(wrong[late], money=wrong[late].money + 1)
    wrong[kept] = replace(wrong[kept], ended="late")
    found = differences(wrong, lived.final)
    assert [fault.split()[1] for fault in found] == sorted([late, kept])
    del wrong[kept]
    assert len(differences(wrong, lived.final)) == 2


@pytest.mark.parametrize("what", ["delivered", "upheld"])
def test_a_scan_that_is_lost_is_found_out(lived: Lived, what: str):
    made = lived.made
    told = [scan for scan in made.scans if scan.what == what]
    if what == "delivered":
        disputed = {scan.disputes for scan in made.scans}
        attempted = {(scan.order, scan.parcel) for scan in made.scans if scan.what == "attempted"}
        told = [scan for scan in told if scan.id not in disputed and (scan.order, scan.parcel) not in attempted]
    lost = {told[0].id}
    found = judged_again(replace(made, scans=[scan for scan in made.scans if scan.id not in lost]))
    assert [fault.split()[1] for fault in found] == [made.sent.orders.ids[told[0].order]]


def test_scans_told_twice_and_out_of_order_change_nothing(lived: Lived):
    made = lived.made
    shuffled = [made.scans[place] for place in np.random.default_rng(7).permutation(len(made.scans)).tolist()]
    assert judged_again(replace(made, scans=shuffled)) == []


def test_one_seed_gives_one_life_and_another_another(lived: Lived):
    assert lived.faults == ()
    one, again = (figures_of(live_through(asked(5, 150), lambda *_: None)) for _ in range(2))
    assert one == again
    other = make_world(asked(2, 1500), lambda *_: None)
    assert other.sent.orders.placed_us.tolist() != lived.made.sent.orders.placed_us.tolist()


def test_figures_add_up(lived: Lived):
    figures = figures_of(lived)
    assert sum(figures["ours"]["ended"].values()) + figures["refused"] == 1500
    assert sum(row["owed_minor"] for row in figures["by_region"].values()) == figures["ours"]["owed_minor"]
    assert sum(row["owed_minor"] for row in figures["by_day"].values()) == figures["ours"]["owed_minor"]
    assert sum(row["due"] for row in figures["by_day"].values()) == sum(figures["ours"]["ended"].values())
    assert figures["ours"]["given_minor"] > 0
    assert figures["ours"]["kept_permille"] > figures["naive"]["kept_permille"]
    assert figures["risk"]["late_seen_before"] <= figures["risk"]["late"] == figures["ours"]["ended"]["late"]


def test_no_crew_reaches_more_doors_than_it_can_and_nobody_goes_out_in_the_snow():
    wanted = asked(1, 1500)
    few = tuple(msgspec.structs.replace(item, crews=1, visits=1) for item in wanted.days.plan.crews)
    scarce = days_of(msgspec.structs.replace(wanted.days.plan, crews=few))
    made = make_world(replace(wanted, days=scarce), lambda *_: None)
    sent = made.sent
    came = made.doors.delivered_us != MISSING
    day = (made.doors.delivered_us[came] + DAY_US // 3) // DAY_US
    order = sent.parcels.order[came]
    names = [carrier.carrier for carrier in sent.given.timetable.loaded.carriers.carriers]
    carriers = [carrier.id for carrier in sent.days.plan.carriers]
    visits = {
        (int(one), region, carriers.index(names[carrier]), visited)
        for one, region, carrier, visited in zip(
            order, sent.orders.region[order].tolist(), sent.given.carrier[order].tolist(), day.tolist(), strict=True
        )
    }
    counts: dict[tuple[int, int, int], int] = {}
    for _, region, carrier, visited in visits:
        counts[region, carrier, visited] = counts.get((region, carrier, visited), 0) + 1
    doors = made.crews.doors
    assert (
        sum(
            count == doors[region, carrier, day - made.crews.first_day]
            for (region, carrier, day), count in counts.items()
        )
        > 100
    )
    for (region, carrier, visited), count in counts.items():
        most = doors[region, carrier, visited - made.crews.first_day]
        assert most == UNSAID or count <= most
        assert not is_closed(sent.days, sent.days.plan.regions[region].id, visited)


def test_the_snow_of_the_third_day_closes_its_regions_and_no_others(lived: Lived):
    days = lived.made.asked.days
    third = (at_hours(days, 48) + DAY_US // 3) // DAY_US
    assert [is_closed(days, region, third) for region in ("CN-LN-SY", "CN-HL", "CN-BJ")] == [True, True, False]
    assert not is_closed(days, "CN-HL", third - 1)
    assert not is_closed(days, "CN-HL", third + 2)


def test_a_silent_feed_tells_everything_when_it_speaks_again(lived: Lived):
    (silence,) = shop.SILENCES
    from_us, until_us = (at_hours(lived.made.asked.days, hours) for hours in (silence.from_hours, silence.until_hours))
    held = [scan for scan in lived.made.scans if scan.carrier == silence.carrier and scan.known_us == until_us]
    assert len(held) > 10
    assert not any(from_us <= scan.known_us < until_us for scan in lived.made.scans if scan.carrier == silence.carrier)


def test_more_crews_keep_more_promises(lived: Lived):
    for one in lived.needed:
        wanted = [one.crews[950], one.crews[990]]
        if all(wanted):
            assert wanted[0] <= wanted[1]
        assert (one.crews[990] is not None) == (one.best >= 990)
        assert all(count <= (one.crews[950] or 0) for count in one.out[950].values())


def test_the_command_says_what_it_lacks(capsys: pytest.CaptureFixture[str]):
    assert run(["simulate", "--days", "3"]) == 2
    assert "no --seed" in capsys.readouterr().err
