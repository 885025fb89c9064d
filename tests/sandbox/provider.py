"""A sandbox as its callers see it: what they ask, and a mailbox for what it sends."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any, Self, TypeVar

import httpx2
import msgspec
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from houbei.sandbox.faults import Faults

SECRET = "whsec_c2VjcmV0LW9mLXRoZS10ZXN0cw=="  # noqa: S105  the tests' own, which verifies nothing else
_NUMBERS = count(1)
_Seen = TypeVar("_Seen")


def until(look: Callable[[], _Seen], *, within_s: float = 5) -> _Seen:
    """Look again and again until there is something to see."""
    deadline = time.monotonic() + within_s
    while not (seen := look()):
        assert time.monotonic() < deadline, "nothing came"
        time.sleep(0.005)
    return seen


def new_name(kind: str) -> str:
    return f"{kind}-{next(_NUMBERS)}"


class Provider:
    """Asks a sandbox; payments, settlements and keys are new ones unless they are named."""

    def __init__(self, address: str) -> None:
        self.web = httpx2.Client(base_url=address, timeout=10, limits=httpx2.Limits(max_connections=50))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.web.close()

    def payment(self, captured_minor: int = 1000, currency: str = "USD", *, closed: bool = False) -> str:
        name = new_name("order")
        given = {"payment": name, "captured_minor": captured_minor, "currency": currency, "closed": closed}
        assert self.web.post("/payments", json={"payments": [given]}).status_code == 200
        return name

    def refund(self, payment: str, amount_minor: int = 100, *, key: str | None = None, **more: Any) -> httpx2.Response:
        asked = {"payment": payment, "amount_minor": amount_minor, "currency": "USD", **more}
        return self.web.post("/refunds", json=asked, headers={"Idempotency-Key": key or new_name("key")})

    def made(self, payment: str) -> list[dict[str, Any]]:
        return self.web.get("/refunds", params={"payment": payment}).json()["data"]

    def all_made(self, payment: str) -> Iterator[dict[str, Any]]:
        asked: dict[str, Any] = {"payment": payment, "limit": 1000}
        while True:
            page = self.web.get("/refunds", params=asked).json()
            yield from page["data"]
            if page["next"] is None:
                return
            asked["after"] = page["next"]

    def look(self, refund: str) -> dict[str, Any]:
        return self.web.get(f"/refunds/{refund}").json()

    def hold(self, payment: str, amount_minor: int = 100, *, key: str | None = None, **more: Any) -> httpx2.Response:
        asked = {"payment": payment, "amount_minor": amount_minor, "currency": "USD", **more}
        return self.web.post("/holds", json=asked, headers={"Idempotency-Key": key or new_name("key")})

    def act(self, hold: str, act: str, amount_minor: int | None = None, *, key: str | None = None) -> httpx2.Response:
        """Renew, capture or release a hold."""
        asked = None if amount_minor is None else {"amount_minor": amount_minor}
        return self.web.post(f"/holds/{hold}/{act}", json=asked, headers={"Idempotency-Key": key or new_name("key")})

    def held(self, payment: str) -> list[dict[str, Any]]:
        return self.web.get("/holds", params={"payment": payment}).json()["data"]

    def look_at_hold(self, hold: str) -> dict[str, Any]:
        return self.web.get(f"/holds/{hold}").json()

    def faults(self, **strengths: int) -> None:
        """Let nothing go wrong but what is named."""
        wanted = msgspec.to_builtins(Faults()) | strengths
        assert self.web.post("/faults", json=wanted).status_code == 200

    def clock(self, moment: datetime | None) -> None:
        told = None if moment is None else moment.astimezone(UTC).isoformat()
        assert self.web.post("/clock", json={"now": told}).status_code == 200


class Mailbox:
    """Takes in webhooks; says no to the next `refuse_next` of them, and `babble` once where there is something to babble."""

    def __init__(self) -> None:
        self.letters: list[tuple[dict[str, str], bytes]] = []
        self.refuse_next = 0
        self.babble: bytes | None = None
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}/webhooks?of=sandbox"

    def about(self, refund: str) -> list[tuple[str, bool]]:
        """Give the states that letters claim for a refund, in the order they came, and whether each can be trusted."""
        told = [(msgspec.json.decode(body)["data"], verifies(headers, body)) for headers, body in list(self.letters)]
        return [(data["state"], good) for data, good in told if data["id"] == refund]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        mailbox = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                if mailbox.babble is not None:
                    self.wfile.write(mailbox.babble)
                    mailbox.babble, self.close_connection = None, True
                    return
                refused = mailbox.refuse_next > 0
                mailbox.refuse_next -= refused
                if not refused:
                    mailbox.letters.append((dict(self.headers.items()), body))
                self.send_response(503 if refused else 204)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        return Handler


def verifies(headers: dict[str, str], body: bytes) -> bool:
    try:
        Webhook(SECRET).verify(body, headers)
    except WebhookVerificationError:
        return False
    return True
