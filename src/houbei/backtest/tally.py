"""What a backtest counts, batch by batch: additions only, so that batches may come from several threads."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]

SKU_GROUPS = 256
"""Resampling draws groups of SKUs: as good as single ones for the interval of a sum, and cheap for a hundred windows."""


def added(old: Whole, new: Whole) -> Whole:
    """Add two tables of counts, the shorter one read as zeros beyond its end."""
    if old.shape == new.shape:
        return old + new
    whole = np.zeros([max(a, b) for a, b in zip(old.shape, new.shape, strict=True)], dtype=np.int64)
    whole[tuple(slice(0, n) for n in old.shape)] += old
    whole[tuple(slice(0, n) for n in new.shape)] += new
    return whole


@dataclass(slots=True)
class MoneyTally:
    """Counts in one currency; amounts in minor units.

    `by_category` and `by_group` have rows: revenue, owed, lines, lines owed. `by_day` is owed by local day number, `first_day`
    the lines by how many days after the opening their first drop came, `refunds` the total of each line that is owed.
    """

    revenue: int = 0
    owed: int = 0
    held: int = 0
    lines: int = 0
    lines_owed: int = 0
    payouts: int = 0
    by_category: Whole = field(default_factory=lambda: np.zeros((4, 0), dtype=np.int64))
    by_group: Whole = field(default_factory=lambda: np.zeros((4, SKU_GROUPS), dtype=np.int64))
    by_day: dict[int, int] = field(default_factory=dict)
    first_drops: dict[int, int] = field(default_factory=dict)
    refunds: list[Whole] = field(default_factory=list)
    sweep_owed: Whole = field(default_factory=lambda: np.zeros((0, SKU_GROUPS), dtype=np.int64))
    sweep_lines: Whole = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    ways: dict[str, list[int]] = field(default_factory=dict)

    def add(self, other: "MoneyTally") -> None:
        """Take over the counts of another batch."""
        for name in ("revenue", "owed", "held", "lines", "lines_owed", "payouts"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("by_category", "by_group", "sweep_owed", "sweep_lines"):
            setattr(self, name, added(getattr(self, name), getattr(other, name)))
        for mine, theirs in ((self.by_day, other.by_day), (self.first_drops, other.first_drops)):
            for key, value in theirs.items():
                mine[key] = mine.get(key, 0) + value
        for way, (owed, lines) in other.ways.items():
            so_far = self.ways.setdefault(way, [0, 0])
            so_far[0] += owed
            so_far[1] += lines
        self.refunds += other.refunds


@dataclass(slots=True)
class Tally:
    """Counts of a backtest: rows and lines over all currencies, and money by currency code."""

    rows: int = 0
    lines: int = 0
    units: int = 0
    rejected: int = 0
    after_as_of: int = 0
    undecided: int = 0
    lines_owed: int = 0
    lines_held: int = 0
    payouts: int = 0
    watched_short: int = 0
    first_placed_us: int = 2**62
    last_placed_us: int = 0
    latest_us: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    money: dict[int, MoneyTally] = field(default_factory=dict)

    def add(self, other: "Tally") -> None:
        """Take over the counts of another batch."""
        for name in (
            *("rows", "lines", "units", "rejected", "after_as_of", "undecided"),
            *("lines_owed", "lines_held", "payouts", "watched_short"),
        ):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.first_placed_us = min(self.first_placed_us, other.first_placed_us)
        self.last_placed_us = max(self.last_placed_us, other.last_placed_us)
        self.latest_us = max(self.latest_us, other.latest_us)
        for mine, theirs in ((self.outcomes, other.outcomes), (self.reasons, other.reasons)):
            for key, value in theirs.items():
                mine[key] = mine.get(key, 0) + value
        for code, money in other.money.items():
            self.money.setdefault(code, MoneyTally()).add(money)
