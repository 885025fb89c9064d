"""Kaplan–Meier with weights: SciPy's where weights are one, repeated rows where they are whole, and by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from houbei.lead_times.survival import excess_beyond, surviving

samples = st.lists(st.tuples(st.integers(1, 12), st.booleans(), st.integers(1, 4)), min_size=1, max_size=40)


def columns(sample: list[tuple[int, bool, int]]):
    values, ended, weights = (np.array(column) for column in zip(*sample, strict=True))
    return values.astype(np.float64), ended, weights.astype(np.float64)


def test_two_of_three_last_beyond_two_and_the_open_one_counts_until_it_is_lost_sight_of():
    values, ended = np.array([1.0, 2.0, 2.0, 5.0]), np.array([True, False, True, True])
    left = surviving(values, ended=ended, weights=np.ones(4), at=np.array([0.0, 1.0, 2.0, 4.9, 5.0]))
    assert left.tolist() == pytest.approx([1.0, 3 / 4, 3 / 4 * 2 / 3, 1 / 2, 0.0])


@given(samples)
def test_with_weights_of_one_it_is_scipys(sample: list[tuple[int, bool, int]]):
    values, ended, _ = columns(sample)
    at = np.arange(0.0, 14.0)
    data = stats.CensoredData(uncensored=values[ended], right=values[~ended])
    theirs = stats.ecdf(data).sf.evaluate(at)
    # Where only open values are left, SciPy goes on with what it has, as we do.
    assert surviving(values, ended=ended, weights=np.ones(len(values)), at=at) == pytest.approx(theirs)


@given(samples)
def test_a_whole_weight_is_so_many_rows(sample: list[tuple[int, bool, int]]):
    values, ended, weights = columns(sample)
    times = weights.astype(int)
    at = np.arange(0.0, 14.0)
    repeated = surviving(np.repeat(values, times), ended=np.repeat(ended, times), weights=np.ones(times.sum()), at=at)
    assert surviving(values, ended=ended, weights=weights, at=at) == pytest.approx(repeated)


def test_what_is_open_is_taken_to_end_where_the_others_beyond_it_did():
    values, ended = np.array([1.0, 3.0, 4.0, 8.0]), np.array([True, False, True, True])
    assert excess_beyond(values, ended=ended, weights=np.ones(4)).tolist() == [6.0]


def test_what_lasts_longer_than_all_others_is_taken_to_end_now():
    values, ended = np.array([1.0, 9.0]), np.array([True, False])
    assert excess_beyond(values, ended=ended, weights=np.ones(2)).tolist() == [9.0]
