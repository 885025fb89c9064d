"""Whatever is known of a claim and whatever the table: a fact in somebody's favour never raises their score; the sum is the score."""

import json
import re
from dataclasses import replace
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from houbei.case.lineage import Standing
from houbei.case.observed import Count, Observed
from houbei.case.scorecard import SPEAKS_FOR_BUYER, Scorecard, Signal, read_scorecard, shipped_scorecard
from houbei.case.signal_words import explain
from houbei.case.signals import Cleared, Outcome, score


@st.composite
def counts(draw: st.DrawFn) -> Count:
    units = draw(st.integers(0, 12))
    reported = draw(st.integers(0, units))
    return Count(units=units, reported=reported, confirmed=draw(st.integers(0, reported)))


SMALL = st.integers(0, 4)
SPREADS = st.lists(st.sampled_from([0, 1, 2, 50, 3000, 40_000]), max_size=6).map(tuple)
FACTS: dict[str, st.SearchStrategy[Any]] = {
    "case_id": st.sampled_from(["R1", "R2"]),
    "buyer": st.sampled_from(["b-7", "b-8"]),
    "address": st.sampled_from([None, "h1"]),
    "serial": st.sampled_from([None, "A", "B"]),
    "standing": st.sampled_from([None, *Standing]),
    "unit_reports": st.none() | SMALL,
    "unit_confirmed": st.none() | SMALL,
    "of_buyer": st.none() | counts(),
    "at_address": st.none() | counts(),
    "of_shop": st.none() | counts() | st.just(Count(units=100_000, reported=2_000, confirmed=1_500)),
    "units_by_reports": st.none() | SPREADS,
    "buyers_by_reports": st.none() | SPREADS,
    "addresses_by_reports": st.none() | SPREADS,
    "window_us": st.sampled_from([None, 0, 1000]),
    "left_us": st.sampled_from([None, 0, 19, 20, 21, 500, 1001]),
    "inspected_serial_fits": st.sampled_from([None, True, False]),
    "parts_checked": st.none() | SMALL,
    "parts_other": st.none() | SMALL,
    "photo_taken": st.sampled_from([None, True, False]),
    "box_g": st.sampled_from([None, 0, 2999, 7000, 10_000, 12_000]),
    "box_expected_g": st.sampled_from([None, 0, 10_000]),
    "batch_warned": st.sampled_from([None, True, False]),
}
OBSERVED = st.builds(Observed, **FACTS)
STANDS = {"case_id", "buyer", "batch_warned", "unit_confirmed"}
"""What names a claim or speaks for its buyer."""
CLEARED = st.lists(
    st.builds(
        Cleared,
        signal=st.sampled_from(Signal),
        subject=st.sampled_from(["R1", "R2", "b-7", "b-8", "h1", "b-7 A", "b-8 B"]),
        measure=st.sampled_from([1, 2, 3, 980, 1000]),
    ),
    max_size=4,
)


@st.composite
def scorecards(draw: st.DrawFn) -> Scorecard:
    rows = []
    for signal in Signal:
        starts = sorted(draw(st.sets(st.sampled_from([1, 2, 3, 100, 300, 980, 1000, 10_000]), max_size=3)))
        weighs = sorted(draw(st.integers(0, 50)) for _ in starts)
        sign = -1 if signal in SPEAKS_FOR_BUYER else 1
        bins = [{"from": start, "points": sign * points} for start, points in zip(starts, weighs, strict=True)]
        rows.append({"signal": signal, "same_fact": draw(st.sampled_from("abcd")), "bins": bins})
    return read_scorecard(json.dumps({"version": 2, "look_at": draw(st.integers(1, 80)), "signals": rows}))


SCORECARDS = st.just(shipped_scorecard()) | scorecards()


def confirm_one(observed: Observed, name: str) -> Observed | None:
    """One more of the reports turns out to be a fault, of the shop's too."""
    count, shop = getattr(observed, name), observed.of_shop
    if count is None or count.unconfirmed < 1:
        return None
    more = {name: replace(count, confirmed=count.confirmed + 1)}
    return replace(observed, **more, of_shop=shop and replace(shop, confirmed=shop.confirmed + 1))


def deliver_one(observed: Observed, name: str) -> Observed | None:
    """One more unit was delivered, and nobody reported it."""
    count, shop = getattr(observed, name), observed.of_shop
    if count is None:
        return None
    return replace(
        observed, **{name: replace(count, units=count.units + 1)}, of_shop=shop and replace(shop, units=shop.units + 1)
    )


def others_too(observed: Observed, name: str, reports: int) -> Observed | None:
    """Somebody else has as many reports or more."""
    spread = getattr(observed, name)
    if spread is None:
        return None
    place = max(reports, len(spread) - 1)
    longer = [*spread, *[0] * (place + 1 - len(spread))]
    longer[place] += 1
    return replace(observed, **{name: tuple(longer)})


def lighter(observed: Observed) -> list[Observed | None]:
    """The same claim with one more fact in its favour, every way there is."""
    unit_open = (observed.unit_reports or 0) - (observed.unit_confirmed or 0)
    buyer = observed.of_buyer.unconfirmed if observed.of_buyer else 0
    address = observed.at_address.unconfirmed if observed.at_address else 0
    return [
        replace(observed, standing=Standing.PRESENT),
        replace(observed, inspected_serial_fits=True),
        replace(observed, parts_other=max((observed.parts_other or 0) - 1, 0)),
        replace(observed, photo_taken=True),
        replace(observed, box_g=observed.box_expected_g),
        None if observed.box_g is None else replace(observed, box_g=observed.box_g + 500),
        replace(observed, left_us=observed.window_us),
        replace(observed, batch_warned=True),
        replace(observed, unit_confirmed=(observed.unit_confirmed or 0) + 1),
        *(confirm_one(observed, name) for name in ("of_buyer", "at_address")),
        *(deliver_one(observed, name) for name in ("of_buyer", "at_address")),
        others_too(observed, "units_by_reports", max(unit_open, 0)),
        others_too(observed, "buyers_by_reports", buyer),
        others_too(observed, "addresses_by_reports", address),
    ]


@given(OBSERVED, SCORECARDS, CLEARED)
def test_a_fact_in_somebodys_favour_never_raises_the_score(
    observed: Observed, scorecard: Scorecard, cleared: list[Cleared]
):
    before = score(observed, scorecard=scorecard, cleared=cleared).total
    for more in lighter(observed):
        if more is not None:
            assert score(more, scorecard=scorecard, cleared=cleared).total <= before


@given(OBSERVED, SCORECARDS, CLEARED, st.data())
def test_what_a_person_clears_never_raises_the_score_and_is_not_raised_again(
    observed: Observed, scorecard: Scorecard, cleared: list[Cleared], data: st.DataObject
):
    before = score(observed, scorecard=scorecard, cleared=cleared)
    assume(before.parts)
    part = data.draw(st.sampled_from(before.parts))
    more = [*cleared, Cleared(signal=part.signal, subject=part.subject, measure=part.measure)]
    after = score(observed, scorecard=scorecard, cleared=more)
    assert after.total <= before.total
    if part.signal not in SPEAKS_FOR_BUYER:
        assert [again.counted for again in after.parts if again.signal is part.signal] == [0]


@given(OBSERVED, SCORECARDS, st.sampled_from([name for name in FACTS if name not in STANDS]))
def test_what_is_not_known_raises_nothing(observed: Observed, scorecard: Scorecard, name: str):
    """Unknown is not yes. What a fact is compared with, and what speaks for somebody, are left alone."""
    without = replace(observed, **{name: None})
    assert score(without, scorecard=scorecard).total <= score(observed, scorecard=scorecard).total


@given(OBSERVED, SCORECARDS, CLEARED, st.sampled_from(["zh", "en"]))
def test_the_sum_that_is_told_is_the_score(
    observed: Observed, scorecard: Scorecard, cleared: list[Cleared], language: str
):
    found = score(observed, scorecard=scorecard, cleared=cleared)
    told = explain(found, language)
    left, right = told.sum.replace("\N{MINUS SIGN}", "-").split(" = ")
    terms = [int(term) for term in re.findall(r"-?\d+", left.replace("- ", "-"))]
    assert sum(terms) == int(right) == found.total
    assert sum(points for _, points in told.facts) == found.total
    assert [points for _, points in told.facts if points] == ([] if terms == [0] else terms)
    assert len(told.facts) == len(found.parts)
    assert found.outcome is (Outcome.LOOK if found.total >= found.look_at else Outcome.NOTHING)
    assert told.sum.split(" = ")[1] in told.conclusion
