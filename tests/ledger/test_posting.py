"""Posting only what is not yet posted: a plain reading of the rule, one cover at a time, against the columns."""

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from houbei.ledger.entries import Code
from houbei.ledger.posting import POSTED, Books, Stoppable, post_owed

Cover = dict[str, Any]


def whole(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def posted(*covers: Cover) -> list[tuple[int, int, str, int, int, int]]:
    """Post covers given as {steps, owed, given, last, due: [(sequence, amount)]}; give the entries as rows."""
    steps = [(k, amount) for k, cover in enumerate(covers) for amount in cover.get("steps", ())]
    due = [(k, *one) for k, cover in enumerate(covers) for one in cover.get("due", ())]
    found = post_owed(
        whole(*(k for k, _ in steps)),
        whole(*(amount for _, amount in steps)),
        books=Books(
            owed_minor=whole(*(cover.get("owed", 0) for cover in covers)),
            given_minor=whole(*(cover.get("given", 0) for cover in covers)),
            last=whole(*(cover.get("last", 0) for cover in covers)),
        ),
        stoppable=Stoppable(
            cover=whole(*(k for k, _, _ in due)),
            sequence=whole(*(sequence for _, sequence, _ in due)),
            amount_minor=whole(*(amount for _, _, amount in due)),
            share=whole(*(0 for _ in due)),
            to_funder=whole(*(0 for _ in due)),
        ),
    )
    rows = zip(found.cover, found.sequence, found.code, found.amount_minor, found.step, found.settles, strict=True)
    return [(int(c), int(s), POSTED[k].value, int(a), int(step), int(of)) for c, s, k, a, step, of in rows]


def test_each_step_of_a_new_cover_is_an_entry_that_cites_it():
    assert posted({"steps": [200, 200]}) == [(0, 1, "owed", 200, 0, -1), (0, 2, "owed", 200, 1, -1)]


def test_what_is_posted_is_not_posted_again():
    assert posted({"steps": [200, 200], "owed": 400, "last": 2}) == []


def test_only_the_part_of_a_step_above_the_books_is_posted():
    assert posted({"steps": [400], "owed": 250, "last": 3}) == [(0, 4, "owed", 150, 0, -1)]


def test_less_owed_stops_what_nobody_was_asked_to_pay():
    assert posted({"steps": [], "owed": 300, "last": 1, "due": [(1, 300)]}) == [(0, 2, "stopped", 300, -1, 1)]


def test_a_stop_takes_the_latest_first_and_owes_what_it_took_too_much():
    assert posted({"steps": [250], "owed": 500, "last": 5, "due": [(3, 200), (5, 100)]}) == [
        (0, 6, "stopped", 100, -1, 5),
        (0, 7, "stopped", 200, -1, 3),
        (0, 8, "owed", 50, 0, -1),
    ]


def test_what_was_paid_beyond_the_owed_stays_with_the_buyer_and_is_given():
    assert posted({"steps": [100], "owed": 500, "last": 9}) == [(0, 10, "given", 400, -1, -1)]


def test_what_was_given_counts_before_anything_is_paid_anew():
    assert posted({"steps": [100, 450], "owed": 100, "given": 400, "last": 9}) == [
        (0, 10, "taken_up", 400, 1, -1),
        (0, 11, "owed", 50, 1, -1),
    ]


def test_a_refusal_after_a_gift_undoes_the_gift_and_pays_nothing():
    assert posted({"steps": [], "owed": 0, "given": 300, "last": 4, "due": [(1, 300)]}) == [
        (0, 5, "taken_up", 300, -1, -1),
        (0, 6, "stopped", 300, -1, 1),
    ]


def test_covers_of_one_batch_do_not_see_each_other():
    quiet: Cover = {"steps": [70], "owed": 70, "last": 1}
    assert posted(quiet, {"steps": [30]}, quiet) == [(1, 1, "owed", 30, 1, -1)]


AMOUNTS = st.integers(0, 4)
COVERS = st.lists(
    st.fixed_dictionaries(
        {
            "steps": st.lists(AMOUNTS, max_size=4),
            "paid": AMOUNTS,
            "given": AMOUNTS,
            "dues": st.lists(st.integers(1, 4), max_size=3),
        }
    ),
    max_size=5,
)


def read_plainly(cover: Cover) -> tuple[int, int, int, list[int]]:
    """The rule in words, for one cover: (cost account, given, newly owed, sequences stopped)."""
    owed, cost, gift = sum(cover["steps"]), cover["owed"], cover["given"]
    stopped, left = [], cost + gift - owed
    for sequence, amount in reversed(cover["due"]):
        if left <= 0:
            break
        stopped.append(sequence)
        left -= amount
        cost -= amount
    over = max(cost + gift - owed, 0)
    return owed, over, owed + over - cost - gift, stopped


@given(COVERS)
def test_the_books_say_afterwards_what_is_owed_and_what_was_paid_beyond_it(drawn: list[Cover]):
    covers = []
    for one in drawn:
        due = list(enumerate(one["dues"], start=1))
        granted = one["paid"] + sum(one["dues"])
        gift = min(one["given"], granted)
        covers.append({"steps": one["steps"], "owed": granted - gift, "given": gift, "last": 9, "due": due})
    rows = posted(*covers)
    for k, cover in enumerate(covers):
        mine = [row for row in rows if row[0] == k]
        moved = {code: sum(row[3] for row in mine if row[2] == code) for code in (c.value for c in POSTED)}
        cost = cover["owed"] + moved["owed"] + moved["taken_up"] - moved["stopped"] - moved["given"]
        gift = cover["given"] + moved["given"] - moved["taken_up"]
        stopped = [row[5] for row in mine if row[2] == Code.STOPPED.value]
        assert (cost, gift, moved["owed"], stopped) == read_plainly(cover)
        assert [row[1] for row in mine] == list(range(10, 10 + len(mine)))
        assert all(row[3] > 0 for row in mine)
