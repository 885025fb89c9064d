"""Calls to the sandbox provider: one connection pool, and what its answers mean where they are no receipts."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2

from houbei.payments.answers import Refusal, Unanswered

TIMEOUT_S = 20
"""How long to wait for an answer; a slow provider is asked again later, after a look."""
PAGE = 500
KEY = "houbei_settlement"
"""Where in a refund's or a hold's metadata its key stands."""
_FINAL = frozenset({"payment_closed", "exceeds_captured"})
"""Refusals that no later attempt can change: the difference reaches the buyer another way."""
_REFUSES = frozenset({404, 422})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Json = dict[str, Any]
Answered = tuple[int, Json, int]
"""Status, body, and how many seconds to wait."""


class SandboxCalls:
    """The sandbox at an address.

    Args:
        address: Like `http://127.0.0.1:8650`.
        connections: How many calls may be under way at once.
    """

    def __init__(self, address: str, *, connections: int = 16) -> None:
        limits = httpx2.Limits(max_connections=connections, max_keepalive_connections=connections)
        self._client = httpx2.Client(base_url=address, timeout=TIMEOUT_S, limits=limits, trust_env=False)

    def close(self) -> None:
        """Let go of its connections."""
        self._client.close()

    def act(self, path: str, *, key: str, body: Json | None = None) -> Json | Refusal | Unanswered:
        """Ask for something to be done under a key; what was done, where it was."""
        answer = self.call("POST", path, json=body, headers={"Idempotency-Key": key})
        if isinstance(answer, Unanswered):
            return answer
        status, found, wait_s = answer
        if status in {httpx2.codes.OK, httpx2.codes.CREATED}:
            return found
        code = str(found.get("code", status))
        reason = str(found.get("detail") or found.get("title") or code)
        if status in _REFUSES or code == "key_reused":
            return Refusal(code=code, reason=reason, final=code in _FINAL)
        sent_away = status == httpx2.codes.TOO_MANY_REQUESTS
        return Unanswered(reason=f"{status} {code}", wait_s=wait_s, may_have_acted=not sent_away)

    def look(self, path: str, **query: str) -> Json | Unanswered | None:
        """Read something; None where it is not there."""
        answer = self.call("GET", path, params=query)
        if isinstance(answer, Unanswered):
            return answer
        status, found, wait_s = answer
        if status == httpx2.codes.NOT_FOUND:
            return None
        return found if status == httpx2.codes.OK else Unanswered(reason=str(status), wait_s=wait_s)

    def look_through(self, path: str, **query: str) -> list[Json] | Unanswered:
        """Read a page of a list."""
        found = self.look(path, **query)
        if found is None:
            return Unanswered(reason="404")
        return found if isinstance(found, Unanswered) else list(found["data"])

    def call(self, method: str, path: str, **options: Any) -> Answered | Unanswered:
        """Make one call; a connection that breaks, a time-out or a body that is no JSON is no answer."""
        try:
            answer = self._client.request(method, path, **options)
            found = answer.json()
        except (httpx2.HTTPError, ValueError) as error:
            return Unanswered(reason=type(error).__name__, may_have_acted=not isinstance(error, httpx2.ConnectError))
        wait = answer.headers.get("Retry-After", "0")
        return answer.status_code, found, int(wait) if wait.isdigit() else 0


def us_of(text: str) -> int:
    """Read a moment of the sandbox's as microseconds."""
    return (datetime.fromisoformat(text) - _EPOCH) // timedelta(microseconds=1)
