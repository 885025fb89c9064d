"""Chance: every draw of the simulation comes from its seed, a stream for each part, so that one part never disturbs another."""

from collections.abc import Sequence
from typing import TypeVar

from numpy.random import PCG64, Generator

from houbei.facts.moments import DAY_US

HOUR_US = DAY_US // 24
MINUTE_US = HOUR_US // 60
_One = TypeVar("_One")


class Chance:
    """Draws of one part of the simulation. Chances are whole numbers per mille.

    Args:
        seed: Of the whole simulation.
        stream: A number for each part.
    """

    def __init__(self, seed: int, stream: int) -> None:
        self._generator = Generator(PCG64([seed, stream]))

    def happens(self, per_mille: int) -> bool:
        """Throw once."""
        return self.whole(0, 999) < per_mille

    def whole(self, low: int, high: int) -> int:
        """Draw a whole number, both ends included."""
        return int(self._generator.integers(low, high + 1))

    def hours_us(self, low: int, high: int) -> int:
        """Draw a length between so many hours, microseconds."""
        return self.whole(low * HOUR_US, high * HOUR_US)

    def days_us(self, low: int, high: int) -> int:
        """Draw a length between so many days, microseconds."""
        return self.whole(low * DAY_US, high * DAY_US)

    def one_of(self, choices: Sequence[_One]) -> _One:
        """Choose one, each as likely."""
        return choices[self.whole(0, len(choices) - 1)]

    def weighed(self, choices: Sequence[tuple[int, _One]]) -> _One:
        """Choose one by weight; the last takes what is left."""
        left = self.whole(0, sum(weight for weight, _ in choices) - 1)
        for weight, one in choices:
            left -= weight
            if left < 0:
                return one
        return choices[-1][1]
