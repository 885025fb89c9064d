"""Engine and oracle, written apart from the same words, answer every claim alike, whatever the order in which it is told."""

from dataclasses import replace

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.oracle.claim_agreement import by_engine
from tests.oracle.claim_strategies import ClaimHistory, claim_histories
from tests.oracle.claims import judge_by_hand

QUICK = settings(phases=(Phase.explicit, Phase.reuse, Phase.generate))
"""What fails is told as it was drawn: making it smaller would take minutes."""


def by_hand(history: ClaimHistory) -> dict:
    return judge_by_hand(history.orders, history.claims, history.documents, as_of=history.as_of)


@settings(parent=QUICK, max_examples=300)
@given(history=claim_histories())
def test_engine_and_oracle_answer_every_claim_alike(history: ClaimHistory):
    assert by_engine(history) == by_hand(history)


@settings(parent=QUICK, max_examples=100)
@given(history=claim_histories(), seed=st.randoms(use_true_random=False))
def test_the_order_in_which_facts_are_told_changes_nothing(history: ClaimHistory, seed):
    turned = replace(
        history,
        orders=seed.sample(history.orders, len(history.orders)),
        claims=seed.sample(history.claims, len(history.claims)),
    )
    assert by_engine(turned) == by_engine(history)


@settings(parent=QUICK, max_examples=100)
@given(history=claim_histories())
def test_one_line_at_a_time_is_the_whole_batch(history: ClaimHistory):
    said = {}
    for order in history.orders:
        mine = [claim for claim in history.claims if claim["line_id"] == order["line_id"]]
        if mine:
            said |= by_engine(replace(history, orders=[order], claims=mine))
    assert said == by_engine(history)
