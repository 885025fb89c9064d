"""The way to a buyer: what there is to tell is posted to one address of the shop's, as a CloudEvent, signed after Standard Webhooks.

Source: CloudEvents 1.0.2, structured content mode over HTTP; Standard Webhooks 1.0.0; both read 2026-11. The id of the event is that of the
telling and never changes, so that a receiver who hears it twice knows it.

The address is resolved here and called by its number, so that a name cannot lead elsewhere between check and call; redirects are not
followed. Addresses of the shop's own network are called only where the operator says so; those of one link alone, where machines
keep their secrets, never.
"""

import ipaddress
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import SplitResult, urlsplit

import httpx2
import msgspec
from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook

from houbei.errors import InputError
from houbei.facts.moments import text_of_moment
from houbei.runs.clock import Clock
from houbei.store.tellings import Telling

TIMEOUT_S = 10
"""How long to wait for each part of an answer."""
_AGAIN = frozenset({408, 425, 429})
"""Refusals that mean later, not never."""
_PORTS = {"http": 80, "https": 443}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CONTENT = "application/cloudevents+json; charset=UTF-8"
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, int], list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What the channel said to a telling: it was `taken`; or not, for a `reason`, and asking again is of no use where `final`."""

    taken: bool
    reason: str = ""
    final: bool = False
    wait_s: int = 0


class Channel:
    """One address that takes what buyers are told.

    Args:
        url: Where to; https, or http within the shop's own network.
        secret: What events are signed with: `whsec_` and base64.
        inside: Whether it may lie in the shop's own network, or on this machine.
        clock: What time it is, for signatures: a receiver compares with its own.
        resolve: How names become numbers.

    Raises:
        InputError: no address of the web, one that may not be called, or no secret.
    """

    def __init__(self, url: str, secret: str, *, inside: bool, clock: Clock, resolve: Resolver | None = None) -> None:
        self._parts, self._inside, self._clock = _web_address(url, inside=inside), inside, clock
        self._resolve = resolve or _numbers_of
        self._secret = _secret(secret)
        self._client = httpx2.Client(timeout=TIMEOUT_S, trust_env=False, follow_redirects=False)
        # A wrong address is told at the start, not at the first buyer's cost.
        self._number()

    def close(self) -> None:
        """Let go of its connections."""
        self._client.close()

    def tell(self, telling: Telling) -> Heard:
        """Send a telling under its id; whether it was taken. Answers are not read beyond their head."""
        body = event_of(telling)
        moment = _EPOCH + timedelta(microseconds=self._clock())
        headers = {
            "content-type": _CONTENT,
            "host": self._parts.netloc.rpartition("@")[2],
            "webhook-id": telling.telling,
            "webhook-timestamp": str((moment - _EPOCH) // timedelta(seconds=1)),
            "webhook-signature": self._secret.sign(telling.telling, moment, body),
        }
        try:
            url = self._numbered(self._number())
            named = {"sni_hostname": self._parts.hostname}
            with self._client.stream("POST", url, content=body, headers=headers, extensions=named) as answer:
                return _heard(answer)
        except InputError as refused:
            return Heard(taken=False, reason=refused.came)
        except (httpx2.HTTPError, OSError, ValueError) as error:
            return Heard(taken=False, reason=type(error).__name__)

    def _number(self) -> Address:
        """The number of the address, looked up anew; every number that the name has must be one that may be called."""
        host, port = self._parts.hostname or "", self._parts.port or _PORTS[self._parts.scheme]
        numbers = [ipaddress.ip_address(one) for one in self._resolve(host, port)]
        barred = [one for one in numbers if not _may_call(one, inside=self._inside)]
        if barred or not numbers:
            raise _refused(f"{host}, which leads to {barred[0]}" if barred else f"{host}, which leads nowhere")
        return numbers[0]

    def _numbered(self, number: Address) -> str:
        host = f"[{number}]" if number.version == 6 else str(number)  # noqa: PLR2004  IPv6
        port = self._parts.port or _PORTS[self._parts.scheme]
        query = f"?{self._parts.query}" if self._parts.query else ""
        return f"{self._parts.scheme}://{host}:{port}{self._parts.path or '/'}{query}"


def event_of(telling: Telling) -> str:
    """Write a telling as a CloudEvent, as JSON."""
    data = {
        "order_id": telling.order_id,
        "delivery_id": telling.delivery_id,
        "promise_id": telling.promise,
        "tell_by": None if telling.by_us is None else text_of_moment(telling.by_us),
        "texts": {"zh": telling.zh, "en": telling.en},
        "facts": msgspec.Raw(telling.told.encode()),
    }
    event = {
        "specversion": "1.0",
        "id": telling.telling,
        "source": "houbei",
        "type": f"houbei.delivery.{telling.kind}",
        "subject": telling.delivery_id,
        "time": text_of_moment(telling.decided_us),
        "datacontenttype": "application/json",
        "data": data,
    }
    return msgspec.json.encode(event).decode()


def _heard(answer: httpx2.Response) -> Heard:
    code = answer.status_code
    if answer.is_success:
        return Heard(taken=True)
    wait = answer.headers.get("retry-after", "0")
    # An address that moved is for a person to look at: whoever moved it may not be the shop.
    final = (answer.is_client_error or answer.is_redirect) and code not in _AGAIN
    return Heard(taken=False, reason=str(code), final=final, wait_s=int(wait) if wait.isdecimal() else 0)


def _may_call(number: Address, *, inside: bool) -> bool:
    """Whether a number may be called: public ones; those of the shop's own network and of this machine where that was said."""
    one = number.ipv4_mapped or number if isinstance(number, ipaddress.IPv6Address) else number
    if one.is_link_local or one.is_multicast or one.is_unspecified:
        return False
    return one.is_global or (inside and (one.is_private or one.is_loopback))


def _numbers_of(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        return []
    return [str(one[4][0]) for one in found]


def _web_address(url: str, *, inside: bool) -> SplitResult:
    parts = urlsplit(url)
    schemes = ("https", "http") if inside else ("https",)
    if parts.scheme not in schemes or not parts.hostname:
        expected = "https:// and a host; with --tell-inside http:// too"
        raise InputError(came=repr(url), where="--tell", expected=expected, todo="Correct the address.")
    return parts


def _refused(came: str) -> InputError:
    return InputError(
        came=came,
        where="--tell",
        expected="an address of the public web; with --tell-inside also one of this machine or the shop's own network",
        todo="Name another address.",
    )


def _secret(text: str) -> Webhook:
    try:
        return Webhook(text)
    except (ValueError, EmptyWebhookSecretError) as error:
        raise InputError(
            came=str(error),
            where="--tell-secret",
            expected="whsec_ and base64",
            todo="Give the secret that the receiver verifies with.",
        ) from error
