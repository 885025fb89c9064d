"""The sandbox provider over HTTP (see `houbei sandbox` and docs/sandbox.md)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2

from houbei.payments.provider import Asked, Receipt, Refusal, Stands, Unanswered

TIMEOUT_S = 20
"""How long to wait for an answer; a slow provider is asked again later, after a look."""
PAGE = 500
_KEY = "houbei_settlement"
_FINAL = frozenset({"payment_closed", "exceeds_captured"})
"""Refusals that no later attempt can change: the difference reaches the buyer another way."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Json = dict[str, Any]


class Sandbox:
    """The sandbox at an address.

    Args:
        address: Like `http://127.0.0.1:8650`.
        connections: How many calls may be under way at once.
    """

    name = "sandbox"
    key_lifetime_us = 24 * 3_600_000_000

    def __init__(self, address: str, *, connections: int = 16) -> None:
        limits = httpx2.Limits(max_connections=connections, max_keepalive_connections=connections)
        self._client = httpx2.Client(base_url=address, timeout=TIMEOUT_S, limits=limits, trust_env=False)

    def close(self) -> None:
        """Let go of its connections."""
        self._client.close()

    def refund(self, asked: Asked) -> Receipt | Refusal | Unanswered:
        """Ask for a refund (see `PaymentProvider`)."""
        body = {
            "payment": asked.payment,
            "amount_minor": asked.amount_minor,
            "currency": asked.currency,
            "metadata": {**dict(asked.told), _KEY: asked.settlement},
        }
        answer = self._call("POST", "/refunds", json=body, headers={"Idempotency-Key": asked.settlement})
        if isinstance(answer, Unanswered):
            return answer
        status, found, wait_s = answer
        if status == httpx2.codes.CREATED:
            return _receipt(found)
        code = str(found.get("code", status))
        reason = str(found.get("detail") or found.get("title") or code)
        if status in {404, 422} or code == "key_reused":
            return Refusal(code=code, reason=reason, final=code in _FINAL)
        sent_away = status == httpx2.codes.TOO_MANY_REQUESTS
        return Unanswered(reason=f"{status} {code}", wait_s=wait_s, may_have_acted=not sent_away)

    def find(self, asked: Asked) -> Receipt | Unanswered | None:
        """Look for the refund of a settlement (see `PaymentProvider`)."""
        found = self._list({"payment": asked.payment, "settlement": asked.settlement})
        if isinstance(found, Unanswered):
            return found
        return found[0][0] if found[0] else None

    def read(self, reference: str) -> Receipt | Unanswered | None:
        """Read one refund (see `PaymentProvider`)."""
        answer = self._call("GET", f"/refunds/{reference}")
        if isinstance(answer, Unanswered):
            return answer
        status, found, wait_s = answer
        if status == httpx2.codes.NOT_FOUND:
            return None
        return _receipt(found) if status == httpx2.codes.OK else Unanswered(reason=str(status), wait_s=wait_s)

    def list_after(self, cursor: str | None) -> tuple[Sequence[Receipt], str | None] | Unanswered:
        """List refunds (see `PaymentProvider`); the cursor is the last one's reference."""
        found = self._list({"limit": str(PAGE), **({} if cursor is None else {"after": cursor})})
        if isinstance(found, Unanswered):
            return found
        receipts, _ = found
        return receipts, receipts[-1].reference if receipts else cursor

    def _list(self, query: dict[str, str]) -> tuple[list[Receipt], str | None] | Unanswered:
        answer = self._call("GET", "/refunds", params=query)
        if isinstance(answer, Unanswered):
            return answer
        status, found, wait_s = answer
        if status != httpx2.codes.OK:
            return Unanswered(reason=str(status), wait_s=wait_s)
        return [_receipt(one) for one in found["data"]], found["next"]

    def _call(self, method: str, path: str, **options: Any) -> tuple[int, Json, int] | Unanswered:
        """Make one call; a connection that breaks, a time-out or a body that is no JSON is no answer."""
        try:
            answer = self._client.request(method, path, **options)
            found = answer.json()
        except (httpx2.HTTPError, ValueError) as error:
            return Unanswered(reason=type(error).__name__, may_have_acted=not isinstance(error, httpx2.ConnectError))
        wait = answer.headers.get("Retry-After", "0")
        return answer.status_code, found, int(wait) if wait.isdigit() else 0


def _receipt(found: Json) -> Receipt:
    at = datetime.fromisoformat(found["updated_at"])
    return Receipt(
        reference=found["id"],
        stands=Stands(found["state"]),
        settlement=found["metadata"].get(_KEY),
        payment=found["payment"],
        amount_minor=found["amount_minor"],
        currency=found["currency"],
        reason=found["failure_code"],
        at_us=(at - _EPOCH) // timedelta(microseconds=1),
        told=tuple(sorted(found["metadata"].items())),
    )
