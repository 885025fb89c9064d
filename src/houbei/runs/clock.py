"""The only clock. Everything else is told what time it is."""

import time
from collections.abc import Callable

Clock = Callable[[], int]
"""Gives the moment in microseconds UTC."""


def now_us() -> int:
    """Read the system's clock."""
    return time.time_ns() // 1000


class TurnedClock:
    """A clock that stands still until it is turned: for tests and for replays of history."""

    def __init__(self, us: int) -> None:
        self.us = us

    def __call__(self) -> int:
        """Give the moment it was turned to."""
        return self.us
