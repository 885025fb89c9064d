"""One function, two speeds: plain Python for a few rows, compiled for many. The rule is written once.

A kernel takes int64, int32, int8, bool and uint8 arrays and whole numbers, and writes into arrays it is given. On few rows it
runs as it is, over memoryviews of the same arrays (so a batch of one costs microseconds, and no import); on many rows
Numba compiles it where it is installed (extra `backtest`), without the interpreter lock.
"""

import hashlib
import importlib.util
import threading
from collections.abc import Callable
from types import FunctionType
from typing import Any

import numpy as np

COMPILED_ROWS_MIN = 20_000
"""Below this many rows, loading compiled code costs more than it saves (0.5 s against 10 to 20 µs a row)."""
LOADED_ROWS_MIN = 64
"""Below this many rows, even compiled code that is loaded already costs more than it saves."""
COMPILED_AFTER_ROWS = 100_000
"""A kernel that has taken this many rows in batches worth it is loaded after all: a live process works in small batches for long."""
_OPTIONS: dict[str, Any] = {"nogil": True, "_nrt": False}
"""No interpreter lock, so that threads run side by side; no reference counts on arrays, which threads would fight over."""
_compiling = threading.Lock()


class Kernel:
    """A function over arrays that is compiled when it pays.

    Args:
        function: The plain function; its last word on every array it is given.
        parts: Plain functions that it calls; compiled into it.
    """

    def __init__(self, function: FunctionType, parts: tuple[FunctionType, ...] = ()) -> None:
        self.plain = function
        self._parts = parts
        self._compiled: Callable[..., Any] | None = None
        self._rows_taken = 0
        self.__doc__ = function.__doc__
        self.__name__ = function.__name__

    def __call__(self, *arguments: Any, rows: int) -> Any:
        """Run over `rows` rows; the arguments are the function's own."""
        if rows >= LOADED_ROWS_MIN:
            self._rows_taken += rows
            if (rows >= COMPILED_ROWS_MIN or self._rows_taken >= COMPILED_AFTER_ROWS) and can_compile():
                return self.compiled()(*arguments)
        return self.plain(*(a.data if isinstance(a, np.ndarray) else a for a in arguments))

    def compiled(self) -> Callable[..., Any]:
        """Give the compiled function, compiling it at the first call (kept on disk for the next process)."""
        with _compiling:
            if self._compiled is None:
                import numba  # noqa: PLC0415  an optional extra, and 0.3 s that a small batch need not pay

                names = dict(self.plain.__globals__)
                for part in self._parts:
                    names[part.__name__] = numba.njit(
                        FunctionType(part.__code__, names, part.__name__), forceinline=True, **_OPTIONS
                    )
                whole = FunctionType(self.plain.__code__, names, self.plain.__name__)
                whole.__module__ = self.plain.__module__
                whole.__qualname__ = f"{self.plain.__qualname__}_{self._version()}"
                self._compiled = numba.njit(whole, cache=True, **_OPTIONS)
            return self._compiled

    def _version(self) -> str:
        """A digest of the function and its parts: compiled code on disk must not outlive a change in any of them."""
        digest = hashlib.sha256(repr(_OPTIONS).encode())
        for function in (self.plain, *self._parts):
            code = function.__code__
            digest.update(repr((code.co_code, code.co_consts, code.co_names)).encode())
        return digest.hexdigest()[:12]


def kernel(*parts: Callable[..., Any]) -> Callable[[Callable[..., Any]], Kernel]:
    """Make a function a `Kernel` that may call `parts`."""
    plain = tuple(part for part in parts if isinstance(part, FunctionType))

    def make(function: Callable[..., Any]) -> Kernel:
        if not isinstance(function, FunctionType):
            raise TypeError(function)
        return Kernel(function, plain)

    return make


def can_compile() -> bool:
    """Say whether Numba is installed; without it everything works, more slowly."""
    return importlib.util.find_spec("numba") is not None
