"""Engine and oracle, written apart from the same words, answer every claim alike, whatever the order in which it is told."""

from dataclasses import replace

import numpy as np
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from houbei.columns import MISSING
from houbei.facts.claims import OUTCOMES, REMEDIES
from houbei.facts.reported import MATCHES
from houbei.owed.choice import Outcome
from houbei.owed.replacement import Before
from tests.oracle.claim_agreement import as_terms, by_engine, judged_of
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


@settings(parent=QUICK, max_examples=100)
@given(history=claim_histories())
def test_one_claim_at_a_time_with_what_went_before_is_the_whole_batch(history: ClaimHistory):
    """Live, a claim that opens a case comes alone, and with it what earlier cases did to its unit."""
    promises = [as_terms(document) for document in history.documents]
    judged, claims, _, line = judged_of(promises, history.orders, history.claims, as_of=history.as_of)
    opened = [k for k in range(len(claims)) if judged.case[k] == k]
    for place in opened:
        unit = int(judged.unit[place])
        earlier = [
            k
            for k in opened
            if (line[k], judged.unit[k]) == (line[place], unit)
            and unit > 0
            and judged.outcome[k] == Outcome.ANSWERS
            and claims.outcome[k] in {-1, OUTCOMES.index("confirmed")}
            and (claims.reported_us[k], claims.rank[k]) < (claims.reported_us[place], claims.rank[place])
        ]
        swaps = [k for k in earlier if judged.remedy[k] == REMEDIES.index("replace")]
        handed_over = [max(claims.settled_us[k], claims.reported_us[k]) for k in swaps]
        before = Before(
            swapped_us=np.array([max(handed_over, default=MISSING)]),
            uses_used=np.array([[sum(judged.promise[k] == track for k in swaps) for track in range(len(promises))]]),
            gone=np.array([any(judged.remedy[k] == REMEDIES.index("refund") for k in earlier)]),
            unit=np.array([unit if judged.serial[place] == MATCHES else 0]),
        )
        alone, *_ = judged_of(promises, history.orders, [history.claims[place]], as_of=history.as_of, before=before)
        assert alone.outcome[0] == judged.outcome[place]
        assert alone.reasons[0].tolist() == judged.reasons[place].tolist()
        assert (alone.promise[0], alone.remedy[0]) == (judged.promise[place], judged.remedy[place])
