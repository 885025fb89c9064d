"""The only clock. Everything else is told what time it is."""

import time
from collections.abc import Callable

Clock = Callable[[], int]
"""Gives the moment in microseconds UTC."""


def now_us() -> int:
    """Read the system's clock."""
    return time.time_ns() // 1000
