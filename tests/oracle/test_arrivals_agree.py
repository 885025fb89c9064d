"""Engine and oracle, written apart from the same words, owe every late delivery alike, whatever the order in which it is told."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from houbei.columns import MISSING
from tests.oracle.arrival_agreement import ArrivalHistory, at, by_engine, judged_of
from tests.oracle.arrival_strategies import arrival_histories
from tests.oracle.arrivals import Said, judge_arrivals
from tests.oracle.moments import MICROSECOND

QUICK = settings(phases=(Phase.explicit, Phase.reuse, Phase.generate))
"""What fails is told as it was drawn: making it smaller would take minutes."""


def by_hand(history: ArrivalHistory) -> dict[str, Said]:
    return judge_arrivals(
        history.orders,
        history.promises,
        history.scans,
        history.closures,
        document=history.document,
        as_of=history.as_of,
    )


@settings(parent=QUICK, max_examples=400)
@given(history=arrival_histories())
def test_engine_and_oracle_owe_every_delivery_alike(history: ArrivalHistory):
    assert by_engine(history) == by_hand(history)


@settings(parent=QUICK, max_examples=100)
@given(history=arrival_histories(), seed=st.randoms(use_true_random=False))
def test_the_order_in_which_facts_are_told_changes_nothing_and_neither_does_telling_them_again(
    history: ArrivalHistory, seed
):
    turned = replace(
        history,
        orders=seed.sample(history.orders, len(history.orders)),
        promises=seed.sample(history.promises * 2, 2 * len(history.promises)),
        scans=seed.sample(history.scans * 2, 2 * len(history.scans)),
        closures=seed.sample(history.closures * 2, 2 * len(history.closures)),
    )
    assert by_engine(turned) == by_engine(history)


@settings(parent=QUICK, max_examples=100)
@given(history=arrival_histories())
def test_one_order_at_a_time_is_the_whole_batch(history: ArrivalHistory):
    said: dict[str, Said] = {}
    for order in sorted({str(row["order_id"]) for row in history.orders}):
        mine = [row for row in history.orders if row["order_id"] == order]
        shown = [row for row in history.promises if row["order_id"] == order]
        said |= by_engine(replace(history, orders=mine, promises=shown))
    assert said == by_engine(history)


@settings(parent=QUICK, max_examples=150)
@given(history=arrival_histories(), hours=st.integers(1, 300))
def test_time_alone_never_lowers_what_is_owed(history: ArrivalHistory, hours: int):
    """With what is known now, and nothing more: a later look owes at least as much."""
    known = replace(
        history,
        promises=[row for row in history.promises if _by(history, row["shown_at"])],
        scans=[row for row in history.scans if _by(history, row["at"])],
        closures=[row for row in history.closures if _by(history, row["known_at"])],
        orders=[{**row, **{k: None for k, v in row.items() if _of_later(history, k, v)}} for row in history.orders
                if _by(history, row["placed_at"])],
    )  # fmt: skip
    assume(known.orders)
    before = by_engine(known)
    after = by_engine(replace(known, as_of=history.as_of + timedelta(hours=hours)))
    for name, said in before.items():
        assert _owed(after[name]).keys() >= _owed(said).keys()
        assert all(_owed(after[name])[form] >= amount for form, amount in _owed(said).items())
    if before:
        _clock_tells_when(known)


def _clock_tells_when(known: ArrivalHistory) -> None:
    """Until the moment that the engine names, nothing changes by the clock alone."""
    judged, said = judged_of(known), by_engine(known)
    for place, name in enumerate(judged.delivery_ids.to_pylist()):
        then_us = int(judged.late.next_us[place])
        last = known.as_of + timedelta(days=3) if then_us == MISSING else at(then_us) - MICROSECOND
        later = by_engine(replace(known, as_of=max(last, known.as_of)))[name]
        assert (later.verdict, later.steps) == (said[name].verdict, said[name].steps)


def _by(history: ArrivalHistory, text: str | None) -> bool:
    return text is not None and datetime.fromisoformat(text) <= history.as_of


def _of_later(history: ArrivalHistory, column: str, text: str | None) -> bool:
    return column.endswith("_at") and text is not None and not _by(history, text)


def _owed(said: Said) -> dict[str, int]:
    total: dict[str, int] = {}
    for form, amount, *_ in said.steps:
        total[form] = total.get(form, 0) + amount
    return total
