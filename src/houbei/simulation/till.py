"""The shop's side of its payment provider: what was captured, and what day it is there."""

from collections.abc import Sequence
from typing import Protocol

import httpx2

from houbei.facts.moments import text_of_moment
from houbei.simulation.shop import CURRENCY

_PAYMENTS_MAX = 20_000
"""How many payments the sandbox is told of in one call."""


class Till(Protocol):
    """What the world does at the provider without Houbei: capture money, let time pass."""

    def capture(self, payments: Sequence[tuple[str, int]]) -> None:
        """Capture amounts, minor units, each under the name of a payment."""

    def turn(self, now_us: int) -> None:
        """Let it be that moment there."""


class SandboxTill:
    """The till at a sandbox.

    Args:
        address: Where it listens.
    """

    def __init__(self, address: str) -> None:
        self._client = httpx2.Client(base_url=address, timeout=60, trust_env=False)

    def capture(self, payments: Sequence[tuple[str, int]]) -> None:
        """Tell the sandbox what was captured; what it knows already stays as it is."""
        told = [{"payment": name, "captured_minor": minor, "currency": CURRENCY} for name, minor in payments]
        for start in range(0, len(told), _PAYMENTS_MAX):
            self._post("/payments", {"payments": told[start : start + _PAYMENTS_MAX]})

    def turn(self, now_us: int) -> None:
        """Turn the sandbox's clock."""
        self._post("/clock", {"now": text_of_moment(now_us)})

    def close(self) -> None:
        """Let go of its connections."""
        self._client.close()

    def _post(self, path: str, body: object) -> None:
        self._client.post(path, json=body).raise_for_status()
