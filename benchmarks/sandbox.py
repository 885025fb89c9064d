"""How many refunds a second the sandbox makes: `python -m benchmarks.sandbox`.

The sandbox is a process of its own, here on a file; the caller is this one, over connections that stay open. It writes its requests
by hand: the client of an HTTP library takes more time than the server that is measured. Every answer is checked, and at the end the
sandbox's own sums. `taskset -c 1 python -m benchmarks.sandbox --pin 0` gives each of the two one core.
"""

import asyncio
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import click

from houbei.sandbox.process import start_sandbox

_SECRET = "whsec_c2VjcmV0LW9mLXRoZS1iZW5jaG1hcms="  # noqa: S105  nothing else is signed with it
_NO_CONTENT = b"HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n"


class Caller:
    """One connection that is kept open."""

    def __init__(self, address: str) -> None:
        self._where = urlsplit(address)

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection(self._where.hostname, self._where.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()
        await self._writer.wait_closed()

    async def ask(self, method: str, path: str, body: object = None, key: str = "") -> tuple[int, bytes]:
        """Send a request and wait for its answer."""
        content = b"" if body is None else json.dumps(body).encode()
        head = (
            f"{method} {path} HTTP/1.1\r\nhost: sandbox\r\nidempotency-key: {key}\r\ncontent-length: {len(content)}\r\n"
        )
        self._writer.write(head.encode() + b"content-type: application/json\r\n\r\n" + content)
        answered = await self._reader.readuntil(b"\r\n\r\n")
        return int(answered[9:12]), await self._reader.readexactly(_length(answered))


class Mailbox:
    """Takes every webhook and counts them."""

    def __init__(self) -> None:
        self.letters = 0

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection until it is closed."""
        try:
            while True:
                await reader.readexactly(_length(await reader.readuntil(b"\r\n\r\n")))
                self.letters += 1
                writer.write(_NO_CONTENT)
        except (asyncio.IncompleteReadError, asyncio.CancelledError):  # the sandbox has hung up, or the run is over
            writer.close()


def _length(head: bytes) -> int:
    return int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])


async def _refund(address: str, caller: int, refunds: int) -> None:
    async with Caller(address) as line:
        for number in range(refunds):
            name = f"{caller}-{number}"
            asked = {
                "payment": f"order-{caller}",
                "amount_minor": 1,
                "currency": "USD",
                "metadata": {"houbei_settlement": name},
            }
            status, answer = await line.ask("POST", "/refunds", asked, key=f"houbei:refund:{name}")
            if status != 201:
                raise click.ClickException(answer.decode())


async def _measure(folder: Path, *, refunds: int, connections: int, webhooks: bool, pin: int | None) -> None:
    mailbox = Mailbox()
    post_office = await asyncio.start_server(mailbox.take, "127.0.0.1", 0)
    port = post_office.sockets[0].getsockname()[1]
    webhook = (f"http://127.0.0.1:{port}/", _SECRET) if webhooks else None
    each = refunds // connections
    with start_sandbox(database=folder / "sandbox.db", webhook=webhook) as sandbox:
        if pin is not None:
            os.sched_setaffinity(sandbox.process.pid, {pin})
        async with Caller(sandbox.address) as line:
            payments = [
                {"payment": f"order-{caller}", "captured_minor": each, "currency": "USD"}
                for caller in range(connections)
            ]
            await line.ask("POST", "/payments", {"payments": payments})
            began = time.perf_counter()
            await asyncio.gather(*(_refund(sandbox.address, caller, each) for caller in range(connections)))
            took_s = time.perf_counter() - began
            _, totals = await line.ask("GET", "/totals")
        click.echo(f"{each * connections / took_s:,.0f} refunds/s, {mailbox.letters:,} webhooks by then")
        click.echo(totals.decode())
    post_office.close()


@click.command()
@click.option("--refunds", default=20_000, show_default=True)
@click.option("--connections", default=32, show_default=True)
@click.option("--webhooks", is_flag=True, help="Have every refund told, too.")
@click.option("--pin", type=int, help="The core that the sandbox may use.")
def main(*, refunds: int, connections: int, webhooks: bool, pin: int | None) -> None:
    """Measure how many refunds a second the sandbox makes."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_measure(Path(folder), refunds=refunds, connections=connections, webhooks=webhooks, pin=pin))


if __name__ == "__main__":
    main()
