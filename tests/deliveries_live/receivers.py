"""A shop's own receiver of what buyers are told, in a process of its own, as hostile as it is asked to be."""

import json
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from typing import Any

import httpx2
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

SECRET = "whsec_c2VjcmV0LW9mLXRoZS1yZWNlaXZlcg=="  # noqa: S105  the tests' own, which verifies nothing else
MAKER = multiprocessing.get_context("forkserver")
MAKER.set_forkserver_preload(["tests.deliveries_live.receivers"])
SLOW_S = 0.3
FAULTS: list[str] = []
EVENTS: list[dict[str, Any]] = []
"""What goes wrong next, and what was taken in: a receiver has a process to itself."""


@dataclass(frozen=True, kw_only=True)
class Receiver:
    """Where a receiver listens, and its other door, through which tests ask."""

    address: str

    def misbehaves(self, *faults: str) -> None:
        """Let the next calls go wrong, one after the other: `lost`, `500`, `503`, `404`, `302`, `slow`, `babble`."""
        httpx2.post(f"{self.address}/faults", json=list(faults), trust_env=False).raise_for_status()

    def forgets(self) -> None:
        """Let it forget what it heard."""
        httpx2.post(f"{self.address}/forget", json=[], trust_env=False).raise_for_status()

    def heard(self) -> list[dict[str, Any]]:
        """What it took in, in the order in which it came: the id of the call, whether the signature was right, and the event."""
        found: list[dict[str, Any]] = httpx2.get(f"{self.address}/heard", trust_env=False).json()
        return found

    def texts(self, language: str = "zh") -> list[str]:
        """What buyers were told, each message once, in the order in which it first came."""
        first = {one["id"]: one["event"]["data"]["texts"][language] for one in reversed(self.heard())}
        return [first[one] for one in dict.fromkeys(one["id"] for one in self.heard())]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Run a receiver until the block ends."""
    here, there = MAKER.Pipe(duplex=False)
    process = MAKER.Process(target=_serve, args=(there,))
    process.start()
    there.close()
    try:
        yield Receiver(address=f"http://127.0.0.1:{here.recv()}")
    finally:
        process.kill()
        process.join()
        process.close()
        here.close()


def _serve(told: Connection) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    told.send(server.server_address[1])
    server.serve_forever(poll_interval=0.05)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(200, json.dumps(EVENTS).encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.path == "/faults":
            FAULTS[:] = json.loads(body)
            self._answer(204)
            return
        if self.path == "/forget":
            EVENTS.clear()
            self._answer(204)
            return
        fault = FAULTS.pop(0) if FAULTS else ""
        if fault not in {"503", "404", "302"}:
            self._take(body)
        if fault == "slow":
            time.sleep(SLOW_S)
        if fault == "lost":
            self.close_connection = True
            return
        if fault == "babble":
            self.wfile.write(b"this is no HTTP\r\n\r\n")
            self.close_connection = True
            return
        self._answer(int(fault) if fault.isdecimal() else 204)

    def _take(self, body: bytes) -> None:
        try:
            Webhook(SECRET).verify(body, {name.lower(): value for name, value in self.headers.items()})
            good = True
        except WebhookVerificationError:
            good = False
        named = {name.lower(): value for name, value in self.headers.items()}
        EVENTS.append(
            {"id": named["webhook-id"], "good": good, "type": named["content-type"], "event": json.loads(body)}
        )

    def _answer(self, code: int, body: bytes = b"") -> None:
        self.send_response(code)
        if code == 302:
            self.send_header("location", "/elsewhere")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass
