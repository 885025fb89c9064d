"""Price series: streams of public prices, each price holding until the next one or its own end.

Series first, eligibility second: a row that may not count still ends the one before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from houbei.columns import MISSING, NULL_CODE
from houbei.facts.grouping import grouped
from houbei.facts.orders import ATTRIBUTES
from houbei.kernels import kernel

_DENSE_KEYS_MAX = 50_000_000
"""Up to this many possible series keys, a table of counts is cheaper than sorting."""

Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PriceRows:
    """Price facts to arrange, one entry a row, in the order of the file.

    Args:
        sku: Codes, at least 0. `attributes` are codes by name, `NULL_CODE` for open to all; `kind` and `currency` are codes.
        at: Moments; `until` has `MISSING` for open-ended.
        row: Index of the row among all rows of the file, 0-based.
        counts: False where the row may not decide anything (its condition, its stock); it still ends the one before it.
    """

    sku: NDArray[np.int32]
    attributes: dict[str, NDArray[np.int32]]
    kind: NDArray[np.int32]
    currency: NDArray[np.int32]
    min_quantity: Whole
    gift_minor: Whole
    at: Whole
    until: Whole
    price_minor: Whole
    row: Whole
    counts: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Book:
    """Every price that may decide something, by series and moment.

    Series of SKU code k are `of_sku[k]:of_sku[k + 1]`; the prices of series s are `of_series[s]:of_series[s + 1]`, ascending in
    `at`, with disjoint [at, end). `since` is when the price took effect (`at` is when it is first looked at). `lower[i]` is the
    next price of the series below price i, or the series' end.
    """

    of_sku: Whole
    attributes: dict[str, NDArray[np.int32]]
    currency: NDArray[np.int32]
    min_quantity: Whole
    gift_minor: Whole
    of_series: Whole
    since: Whole
    at: Whole
    end: Whole
    price_minor: Whole
    row: Whole
    lower: Whole

    @property
    def series(self) -> int:
        """How many series there are."""
        return len(self.currency)


@kernel()
def _sort_moments(starts, at, order, scratch):
    """Sort each group's rows by moment, keeping the order of equal ones: merge sort, nothing to do where it is sorted."""
    for group in range(len(starts) - 1):
        low, high = starts[group], starts[group + 1]
        ascending = True
        for i in range(low + 1, high):
            if at[order[i - 1]] > at[order[i]]:
                ascending = False
                break
        width = high - low if ascending else 1
        while width < high - low:
            for left in range(low, high, 2 * width):
                middle, right = min(left + width, high), min(left + 2 * width, high)
                i, j = left, middle
                for k in range(left, right):
                    if i < middle and (j >= right or at[order[i]] <= at[order[j]]):
                        scratch[k] = order[i]
                        i += 1
                    else:
                        scratch[k] = order[j]
                        j += 1
            for k in range(low, high):
                order[k] = scratch[k]
            width *= 2


@kernel()
def _hold(starts, order, at, until, price, counts, day, seen_min, of_series, keep, end):
    """Say how long each row holds, and keep those that hold for some time, count, and were seen often enough."""
    n = 0
    for group in range(len(starts) - 1):
        of_series[group] = n
        low, high = starts[group], starts[group + 1]
        first = low
        for i in range(low, high):
            row = order[i]
            last = at[order[i + 1]] if i + 1 < high else 2**62
            if until[row] != -(2**63):
                last = min(last, until[row])
            if last <= at[row] or not counts[row]:
                continue
            if seen_min > 1:
                while day[order[first]] < day[row]:
                    first += 1
                seen, j = 0, first
                while j < high and day[order[j]] == day[row]:
                    if price[order[j]] <= price[row]:
                        seen += 1
                    j += 1
                if seen < seen_min:
                    continue
            keep[n] = row
            end[n] = last
            n += 1
    of_series[len(starts) - 1] = n
    return n


@kernel()
def _link_lower(of_series, price, lower):
    for series in range(len(of_series) - 1):
        high = of_series[series + 1]
        for k in range(high - of_series[series]):
            i = high - 1 - k
            j = i + 1
            while j < high and price[j] >= price[i]:
                j = lower[j]
            lower[i] = j


def arrange(rows: PriceRows, *, skus: int, day: Whole | None, seen_at_least: int) -> Book:
    """Arrange price facts into series.

    Args:
        rows: The facts, in the order of the file.
        skus: How many SKU codes there are.
        day: The local day of each row, needed when `seen_at_least` is above 1.
        seen_at_least: How many rows of the series on that day must be at the price or below for it to count.

    Returns:
        The book. Of two rows of a series at one moment the later one holds.

    Cost: O(rows) plus sorting the series whose rows came out of order; for `seen_at_least` above 1 also rows a day squared.
    """
    closed_by = (*(rows.attributes[name] for name in ATTRIBUTES), rows.kind, rows.currency)
    key, keys = _series_keys(rows.sku, (*closed_by, rows.min_quantity, rows.gift_minor), skus)
    order, counts = grouped(key, size=keys)
    present = np.flatnonzero(counts)
    starts = np.concatenate(([0], np.cumsum(counts[present]))).astype(np.int64)
    _sort_moments(starts, rows.at, order, np.empty_like(order), rows=len(key))
    of_series = np.zeros(len(present) + 1, dtype=np.int64)
    keep, end = np.empty_like(order), np.empty_like(order)
    days = np.zeros(1, dtype=np.int64) if day is None else day
    n = _hold(
        starts, order, rows.at, rows.until, rows.price_minor, rows.counts, days, seen_at_least, of_series, keep, end,
        rows=len(key),
    )  # fmt: skip
    kept = keep[:n]
    firsts = order[starts[:-1]]
    of_sku = np.searchsorted(rows.sku[firsts], np.arange(skus + 1), side="left").astype(np.int64)
    at = rows.at[kept]
    return _linked(
        Book(
            of_sku=of_sku,
            attributes={name: codes[firsts] for name, codes in rows.attributes.items()},
            currency=rows.currency[firsts],
            min_quantity=rows.min_quantity[firsts],
            gift_minor=rows.gift_minor[firsts],
            of_series=of_series,
            since=at,
            at=at,
            end=end[:n],
            price_minor=rows.price_minor[kept],
            row=rows.row[kept],
            lower=np.empty(n, dtype=np.int64),
        )
    )


def _linked(book: Book) -> Book:
    _link_lower(book.of_series, book.price_minor, book.lower, rows=len(book.at))
    return book


def _series_keys(
    sku: NDArray[np.int32], closed_by: Sequence[NDArray[np.int32] | Whole], skus: int
) -> tuple[Whole, int]:
    """A number for each row's series, ascending in the SKU, and how many numbers there may be."""
    key, span = np.zeros(len(sku), dtype=np.int64), 1
    for values in closed_by:
        if len(values) == 0 or (values == values[0]).all():
            continue
        shifted = values.astype(np.int64) - NULL_CODE
        if shifted.max() > _DENSE_KEYS_MAX:
            shifted = np.unique(shifted, return_inverse=True)[1].astype(np.int64)
        key, span = _dense(key * (int(shifted.max()) + 1) + shifted)
    whole = sku.astype(np.int64) * span + key
    if skus * span <= max(_DENSE_KEYS_MAX // 10, 4 * len(sku)):
        return whole, max(skus * span, 1)
    return _dense(whole)


def _dense(key: Whole) -> tuple[Whole, int]:
    """The same order with the fewest numbers."""
    top = int(key.max())
    if top < max(4 * len(key), 1_000_000):
        used = np.zeros(top + 1, dtype=np.bool_)
        used[key] = True
        numbers = np.cumsum(used) - 1
        return numbers[key], int(numbers[-1]) + 1
    values, places = np.unique(key, return_inverse=True)
    return places.astype(np.int64), len(values)


def looked_at(book: Book, first_look: Whole) -> Book:
    """The book as somebody sees it who looks only now and then.

    Args:
        book: The book as it is.
        first_look: For each price, the first moment at or after its `at` when they look.

    Returns:
        The book without the prices that ended before they were seen; `at` is when they were seen, `since` stays.
    """
    seen = first_look < book.end
    before = np.concatenate(([0], np.cumsum(seen))).astype(np.int64)
    return _linked(
        replace(
            book,
            of_series=before[book.of_series],
            since=book.since[seen],
            at=first_look[seen],
            end=book.end[seen],
            price_minor=book.price_minor[seen],
            row=book.row[seen],
            lower=np.empty(int(seen.sum()), dtype=np.int64),
        )
    )


def missing_until(rows: int) -> Whole:
    """A column of open-ended prices."""
    return np.full(rows, MISSING)
