"""Each signal at its edge, what is counted once, what was cleared, and how rare a count is."""

import dataclasses
import json
from fractions import Fraction
from math import comb
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from houbei.case.lineage import Standing
from houbei.case.observed import Count, Observed
from houbei.case.rarity import one_in_chance, one_in_spread
from houbei.case.scorecard import Signal, read_scorecard, shipped_scorecard
from houbei.case.signals import Aside, Cleared, Outcome, Score, score
from houbei.errors import InputError

CARD = shipped_scorecard()
SHOP = Count(units=100_000, reported=2_000, confirmed=1_500)
BUYERS = (90_000, 900, 95, 4, 1)
DAY_US = 86_400_000_000


def seen(**facts: Any) -> Score:
    return score(Observed(case_id="R1", buyer="b-7", **facts), scorecard=CARD)


def counted(found: Score) -> dict[Signal, int]:
    return {part.signal: part.counted for part in found.parts}


EDGES = [
    (Signal.SERIAL_ELSEWHERE, {"standing": Standing.ELSEWHERE}, {"standing": Standing.PRESENT}, 40),
    (Signal.SERIAL_LEFT, {"standing": Standing.LEFT}, {"standing": Standing.PRESENT}, 35),
    (Signal.SERIAL_REPLACED, {"standing": Standing.REPLACED}, {"standing": Standing.PRESENT}, 30),
    (Signal.SERIAL_UNKNOWN, {"standing": Standing.UNKNOWN}, {"standing": None}, 20),
    (Signal.SERIAL_ONE_OFF, {"standing": Standing.ONE_OFF}, {"standing": Standing.PRESENT}, 5),
    (Signal.INSPECTED_SERIAL, {"inspected_serial_fits": False}, {"inspected_serial_fits": None}, 40),
    (Signal.PARTS_OTHER, {"parts_other": 1, "parts_checked": 4}, {"parts_other": 0, "parts_checked": 4}, 30),
    (Signal.PARTS_OTHER, {"parts_other": 2, "parts_checked": 4}, {"parts_checked": 4}, 40),
    (Signal.UNIT_AGAIN, {"unit_reports": 3, "units_by_reports": (9, 99, 0, 1)}, {"unit_reports": 2, "units_by_reports": (9, 96, 2, 1)}, 5),
    (Signal.UNIT_AGAIN, {"unit_reports": 2, "units_by_reports": (0, 999, 1)}, {"unit_reports": 3, "unit_confirmed": 2, "units_by_reports": (0, 999, 1)}, 15),
    (Signal.BUYER_OFTEN, {"of_buyer": Count(units=9, reported=3, confirmed=0), "buyers_by_reports": BUYERS}, {"of_buyer": Count(units=9, reported=3, confirmed=1), "buyers_by_reports": BUYERS}, 5),
    (Signal.BUYER_OFTEN, {"of_buyer": Count(units=9, reported=4, confirmed=0), "buyers_by_reports": BUYERS}, {"of_buyer": Count(units=9, reported=4, confirmed=3), "buyers_by_reports": BUYERS}, 15),
    (Signal.BUYER_SHARE, {"of_buyer": Count(units=12, reported=3, confirmed=0), "of_shop": SHOP}, {"of_buyer": Count(units=1, reported=1, confirmed=0), "of_shop": SHOP}, 15),
    (Signal.BUYER_SHARE, {"of_buyer": Count(units=12, reported=5, confirmed=0), "of_shop": SHOP}, {"of_buyer": Count(units=12, reported=5, confirmed=5), "of_shop": SHOP}, 25),
    (Signal.ADDRESS_OFTEN, {"at_address": Count(units=9, reported=2, confirmed=0), "addresses_by_reports": (0, 999, 1)}, {"at_address": Count(units=9, reported=2, confirmed=0), "addresses_by_reports": (0, 998, 1)}, 5),
    (Signal.NEAR_END, {"window_us": 1000, "left_us": 20}, {"window_us": 1000, "left_us": 21}, 5),
    (Signal.NEAR_END, {"window_us": 180 * DAY_US, "left_us": 0}, {"window_us": 180 * DAY_US, "left_us": None}, 5),
    (Signal.NO_PHOTO, {"photo_taken": False}, {"photo_taken": None}, 5),
    (Signal.LIGHT_BOX, {"box_g": 7000, "box_expected_g": 10_000}, {"box_g": 7001, "box_expected_g": 10_000}, 20),
    (Signal.LIGHT_BOX, {"box_g": 0, "box_expected_g": 10_000}, {"box_g": 0, "box_expected_g": 0}, 40),
    (Signal.BATCH_WARNED, {"batch_warned": True}, {"batch_warned": False}, -20),
]  # fmt: skip


@pytest.mark.parametrize(("signal", "facts", "without", "points"), EDGES)
def test_a_signal_is_there_at_its_edge_and_not_beside_it(
    signal: Signal, facts: dict[str, Any], without: dict[str, Any], points: int
):
    assert counted(seen(**facts)) == {signal: points}
    assert signal not in counted(seen(**without))


def test_every_signal_has_an_edge_above():
    assert {edge[0] for edge in EDGES} == set(Signal)


def test_of_signals_that_rest_on_one_fact_the_gravest_counts_and_the_others_are_told():
    found = seen(standing=Standing.ELSEWHERE, inspected_serial_fits=False, photo_taken=False)
    assert [(part.signal, part.counted, part.aside) for part in found.parts] == [
        (Signal.INSPECTED_SERIAL, 40, None),
        (Signal.SERIAL_ELSEWHERE, 0, Aside.SAME_FACT),
        (Signal.NO_PHOTO, 5, None),
    ]
    assert found.total == 45
    assert found.outcome is Outcome.LOOK


def test_a_person_looks_from_the_threshold_on():
    facts = Observed(case_id="R1", buyer="b-7", standing=Standing.UNKNOWN, photo_taken=False)
    outcomes = [score(facts, scorecard=CARD, look_at=look_at).outcome for look_at in (25, 26, None)]
    assert outcomes == [Outcome.LOOK, Outcome.NOTHING, Outcome.NOTHING]
    with pytest.raises(InputError, match="threshold"):
        score(facts, scorecard=CARD, look_at=0)


def test_nothing_known_raises_nothing():
    found = seen()
    assert (found.parts, found.total, found.outcome) == ((), 0, Outcome.NOTHING)


def test_a_known_bad_batch_takes_points_off():
    found = seen(standing=Standing.ELSEWHERE, batch_warned=True)
    assert found.total == 20
    assert found.outcome is Outcome.NOTHING


def test_what_was_cleared_is_told_but_not_counted_until_there_is_more_of_it():
    cleared = [Cleared(signal=Signal.PARTS_OTHER, subject="R1", measure=1)]
    one = score(Observed(case_id="R1", buyer="b-7", parts_other=1), scorecard=CARD, cleared=cleared)
    assert [(part.points, part.counted, part.aside) for part in one.parts] == [(30, 0, Aside.CLEARED)]
    two = score(Observed(case_id="R1", buyer="b-7", parts_other=2), scorecard=CARD, cleared=cleared)
    assert two.total == 40


def test_what_was_cleared_for_one_buyer_is_not_for_another():
    facts = {"case_id": "R1", "serial": "A", "standing": Standing.ELSEWHERE}
    cleared = [Cleared(signal=Signal.SERIAL_ELSEWHERE, subject="b-7 A", measure=1)]
    found = [score(Observed(buyer=buyer, **facts), scorecard=CARD, cleared=cleared).total for buyer in ("b-7", "b-8")]
    assert found == [0, 40]


def test_a_first_report_is_never_rare():
    """However few faults a shop has, whoever reports one is like all others who report one."""
    assert one_in_spread(1, (10**6, 3)) == 1
    assert one_in_chance(Count(units=1, reported=1, confirmed=0), Count(units=10**6, reported=2, confirmed=0)) == 1
    assert one_in_chance(Count(units=1, reported=1, confirmed=0), Count(units=1, reported=1, confirmed=0)) == 1


def test_a_small_shop_can_say_little_about_anybody():
    assert one_in_spread(9, (20, 5, 1)) == 6
    assert one_in_spread(9, ()) == 1


def test_more_reports_than_units_are_taken_as_all_units():
    """The others have 498 reports in both."""
    told, meant = Count(units=2, reported=9, confirmed=0), Count(units=2, reported=2, confirmed=0)
    more = Count(units=100_000, reported=2_007, confirmed=1_500)
    assert one_in_chance(told, more) == one_in_chance(meant, SHOP)


@given(st.integers(1, 12), st.data())
def test_the_rarity_is_the_exact_tail_of_the_binomial(units: int, data: st.DataObject):
    reports = data.draw(st.integers(1, units))
    others, faults = data.draw(st.integers(0, 400)), 0
    faults = data.draw(st.integers(0, others))
    own = Count(units=units, reported=reports, confirmed=0)
    shop = Count(units=others + units, reported=faults + reports, confirmed=0)
    rate = Fraction(-((-(faults + 1) * 10**6) // (others + 2)), 10**6)
    tails = [
        sum(comb(units, count) * rate**count * (1 - rate) ** (units - count) for count in range(least, units + 1))
        for least in (1, reports)
    ]
    assert one_in_chance(own, shop) == min(int(tails[0] / tails[1]), 10**9)


LISTED_FACTS = [
    *("case_id", "buyer", "address", "serial", "period_days", "standing", "unit_reports", "unit_confirmed"),
    *("of_buyer", "at_address", "of_shop", "units_by_reports", "buyers_by_reports", "addresses_by_reports"),
    *("window_us", "left_us", "inspected_serial_fits", "parts_checked", "parts_other", "photo_taken"),
    *("box_g", "box_expected_g", "batch_warned"),
]
"""Written out, so that whoever adds a fact must come by and think whether it may enter."""


def test_only_listed_facts_can_enter():
    assert [field.name for field in dataclasses.fields(Observed)] == LISTED_FACTS


def table(**changes: Any) -> str:
    rows = [
        {
            "signal": signal,
            "same_fact": weight.same_fact,
            "bins": [{"from": start, "points": points} for start, points in weight.bins],
        }
        for signal, weight in CARD.weights.items()
    ]
    return json.dumps({"version": 7, "look_at": 40, "signals": rows} | changes)


def bins(signal: Signal, *told: tuple[int, int]) -> str:
    found = json.loads(table())
    for row in found["signals"]:
        if row["signal"] == signal:
            row["bins"] = [{"from": start, "points": points} for start, points in told]
    return json.dumps(found)


def test_a_shop_may_bring_a_table_of_its_own():
    assert read_scorecard(table()).weights == CARD.weights
    assert read_scorecard(table()).version == 7


@pytest.mark.parametrize(
    "text",
    [
        "no table",
        "{}",
        table(look_at=0),
        table(look_at=True),
        table(version=1.5),
        table(signals=[]),
        table(signals=[*json.loads(table())["signals"], json.loads(table())["signals"][0]]),
        table(signals=json.loads(table())["signals"][:-1] + json.loads(table())["signals"][:1]),
        table(signals=[{"signal": "gender", "same_fact": "a", "bins": []}]),
        bins(Signal.PARTS_OTHER, (1, 30), (2, 20)),
        bins(Signal.PARTS_OTHER, (2, 30), (1, 40)),
        bins(Signal.PARTS_OTHER, (0, 30)),
        bins(Signal.PARTS_OTHER, (1, -30)),
        bins(Signal.BATCH_WARNED, (1, 20)),
    ],
)
def test_a_table_that_could_raise_a_score_for_a_good_fact_is_refused(text: str):
    with pytest.raises(InputError, match="shipped table"):
        read_scorecard(text)
