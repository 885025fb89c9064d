"""Memory that is given back to the system is zeroed when it is taken again; a batch job takes the same sizes over and over."""

import ctypes
import os
import sys

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Parameters of glibc's mallopt (malloc.h)."""
_LARGEST_TUNABLE = 32 * 2**20
"""glibc ignores a higher threshold for its own maps."""


def keep_freed_memory() -> None:
    """Let this process keep what it frees: measured 2 to 5 of 22 CPU seconds on 10 million lines.

    It must be called before NumPy and Arrow are imported; where a setting is not known, nothing happens.
    """
    os.environ.setdefault("NUMPY_MADVISE_HUGEPAGE", "0")
    os.environ.setdefault("MIMALLOC_PURGE_DELAY", "-1")
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:
            mallopt(_MMAP_THRESHOLD, _LARGEST_TUNABLE)
            mallopt(_TRIM_THRESHOLD, 2**31 - 1)
