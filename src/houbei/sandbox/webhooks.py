"""Telling the shop that a refund or a hold has changed: signed after standardwebhooks.com, with every fault that mail can have.

What waits is in memory alone: what is not sent when the process ends is lost, as it can be with any provider.
"""

import asyncio
import re
from datetime import timedelta
from urllib.parse import urlsplit

import msgspec
from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook

from houbei.errors import InputError
from houbei.sandbox.clock import EPOCH, system_now
from houbei.sandbox.faults import Dice, Faults
from houbei.sandbox.shapes import News, encode

LINES = 32
"""How many letters may be under way at once."""
RETRIES_MAX = 3
BACKLOG_MAX = 200_000
"""How many bags of letters may wait; one that comes then is lost."""
TIMEOUT_S = 5
HELD_MAX_S = 10
"""How long an event is held back where no other comes that it could arrive after."""
STALE_BY = timedelta(hours=1)
_FIRST_PAUSE_MS = 100
_OTHER_SECRET = Webhook(b"a secret that nobody was given")
_HALF = 500
_GOOD = range(200, 300)
_PORTS = {"http": 80, "https": 443}
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)")
_CLOSES = b"\r\nconnection: close"
_EMPTY = b"http/1.1 204"


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """One message.

    Args:
        id: The event's; the same whenever the event is sent.
        body: What it says.
        signed: What its signature is of; a forger's may be of something else.
        secret: What it is signed with.
        age: How old it says it is.
        tries: How often it was sent in vain.
    """

    id: str
    body: str
    signed: str
    secret: Webhook
    age: timedelta = timedelta()
    tries: int = 0

    def headers(self) -> dict[str, str]:
        """Sign it now: the receiver compares with the system's clock, whatever time it is in the sandbox."""
        moment = system_now() - self.age
        return {
            "content-type": "application/json",
            "webhook-id": self.id,
            "webhook-timestamp": str((moment - EPOCH) // timedelta(seconds=1)),
            "webhook-signature": self.secret.sign(self.id, moment, self.signed),
        }


class Held(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """An event that is to arrive after a later one."""

    about: str
    more: bool
    letters: list[Letter]


class Mail:
    """Sends each new state of a refund or a hold to one address.

    Args:
        url: Where to.
        secret: What the receiver verifies with, `whsec_` and base64.
        dice: What decides over faults.

    Raises:
        InputError: no address of the web, or no secret.
    """

    def __init__(self, url: str, secret: str, *, dice: Dice) -> None:
        self._secret = _secret(secret)
        self._lines = [Line(url) for _ in range(LINES)]
        self._dice = dice
        self._bags: asyncio.Queue[list[Letter]] = asyncio.Queue(BACKLOG_MAX)
        self._held: list[Held] = []

    def tell(self, news: News, faults: Faults) -> None:
        """Send an event, or what the faults make of it. Letters of one bag arrive one after the other."""
        first, *others = self._bags_of(news, faults)
        overtaken = [held for held in self._held if held.about == news.id or not held.more]
        if not overtaken and self._dice.strikes(faults.webhook_reordered):
            held = Held(about=news.id, more=news.more, letters=first)
            self._held.append(held)
            asyncio.get_running_loop().call_later(HELD_MAX_S, self._release, held)
        else:
            for held in overtaken:
                self._held.remove(held)
                first += held.letters
            others.append(first)
        for bag in others:
            self._put(bag, after_ms=faults.webhook_late_ms)

    async def deliver(self) -> None:
        """Deliver what is sent, for ever, over a few lines side by side."""
        async with asyncio.TaskGroup() as work:
            for line in self._lines:
                work.create_task(self._work(line))

    def _bags_of(self, news: News, faults: Faults) -> list[list[Letter]]:
        strikes = self._dice.strikes
        event = f"evt_{news.id.removeprefix('re_')}_{news.version}"
        body = _body(event, news, news.state)
        true = Letter(id=event, body=body, signed=body, secret=self._secret)
        first = [self._forgery(true, news)] if strikes(faults.webhook_forged) else []
        others = []
        if not strikes(faults.webhook_lost):
            first.append(true)
            others += [[true]] if strikes(faults.webhook_twice) else []
        if strikes(faults.webhook_stale):
            others.append([msgspec.structs.replace(true, age=STALE_BY)])
        return [first, *others]

    def _forgery(self, true: Letter, news: News) -> Letter:
        """Claim the opposite under the id of the true event: with another secret, or with the signature of the true body."""
        body = _body(true.id, news, news.opposite)
        if self._dice.strikes(_HALF):
            return msgspec.structs.replace(true, body=body, signed=body, secret=_OTHER_SECRET)
        return msgspec.structs.replace(true, body=body)

    def _release(self, held: Held) -> None:
        if held in self._held:
            self._held.remove(held)
            self._put_now(held.letters)

    def _put(self, bag: list[Letter], *, after_ms: int) -> None:
        if after_ms:
            asyncio.get_running_loop().call_later(after_ms / 1000, self._put_now, bag)
        else:
            self._put_now(bag)

    def _put_now(self, bag: list[Letter]) -> None:
        if not self._bags.full():
            self._bags.put_nowait(bag)

    async def _work(self, line: "Line") -> None:
        while True:
            for letter in await self._bags.get():
                arrived = await line.post(letter)
                if not arrived and letter.tries < RETRIES_MAX:
                    again = msgspec.structs.replace(letter, tries=letter.tries + 1)
                    self._put([again], after_ms=_FIRST_PAUSE_MS << letter.tries)


class Line:
    """A connection that is kept open, for one letter at a time.

    It speaks the little of HTTP that a letter needs: an HTTP client of a library takes more of the sandbox's time than a refund does,
    and one in a thread waits for the interpreter's lock.

    Args:
        url: The receiver's address.

    Raises:
        InputError: no address of the web.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise InputError(
                came=f"{url!r}",
                where="the address for webhooks",
                expected="http:// or https:// and a host",
                todo="Correct the address.",
            )
        self._host, self._port = parts.hostname, parts.port or _PORTS[parts.scheme]
        self._secure = True if parts.scheme == "https" else None
        path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        self._head = f"POST {path} HTTP/1.1\r\nhost: {parts.netloc}\r\n"
        self._open: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, letter: Letter) -> bool:
        """Send a letter; say whether it was taken."""
        try:
            async with asyncio.timeout(TIMEOUT_S):
                return await self._exchange(letter) in _GOOD
        except (OSError, EOFError, ValueError, IndexError, asyncio.LimitOverrunError):  # not there, gone, or no HTTP
            self._close()
            return False

    async def _exchange(self, letter: Letter) -> int:
        if self._open is not None and self._open[0].at_eof():
            self._close()
        if self._open is None:
            self._open = await asyncio.open_connection(self._host, self._port, ssl=self._secure)
        reader, writer = self._open
        body = letter.body.encode()
        headers = letter.headers() | {"content-length": str(len(body))}
        written = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        writer.write(f"{self._head}{written}\r\n".encode() + body)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        if (length := _LENGTH.search(head)) is not None and _CLOSES not in head:
            await reader.readexactly(int(length[1]))
        elif not head.startswith(_EMPTY):
            self._close()  # what else comes is of no interest
        return int(head.split(maxsplit=2)[1])

    def _close(self) -> None:
        if self._open is not None:
            self._open[1].close()
            self._open = None


def _body(event: str, news: News, state: str) -> str:
    return encode({"type": f"{news.about}.updated", "id": event, "data": {"id": news.id, "state": state}}).decode()


def _secret(text: str) -> Webhook:
    try:
        return Webhook(text)
    except (ValueError, EmptyWebhookSecretError) as error:
        raise InputError(
            came=str(error),
            where="the secret for webhooks",
            expected="whsec_ and base64",
            todo="Give the secret that the receiver verifies with.",
        ) from error
