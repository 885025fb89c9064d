"""`houbei serve`: the console in a browser."""

import asyncio
import socket
from pathlib import Path

import click
import uvicorn
from litestar import Litestar

from houbei.cli.browser import open_in_browser
from houbei.cli.store_option import store_option
from houbei.errors import InputError
from houbei.store.database import open_database
from houbei.store.exhibits import exhibits_of
from houbei.web.app import SHOP, create_app

HOST = "127.0.0.1"
PORT = 8600
STOP_S = 5
"""How long pages under way may take after Ctrl-C."""


@click.command()
@store_option
@click.option("--host", default=HOST, show_default=True, help="The address to listen at.")
@click.option("--port", default=PORT, show_default=True, type=click.IntRange(0, 65535), help="0 is any that is free.")
@click.option("--shop", default=SHOP, show_default=True, help="What the shop is called.")
@click.option(
    "--hook-secret",
    envvar="HOUBEI_HOOK_SECRET",
    help="Take a provider's events at /hooks/sandbox, signed with this: whsec_ and base64.",
)
@click.option("--no-open", is_flag=True, help="Do not open a browser.")
def command(*, store: Path, host: str, port: int, shop: str, hook_secret: str | None, no_open: bool) -> None:
    """Show what was done and why: what needs a person, price drops, the evidence of each amount, the ledger.

    Its pages only read. Nobody is asked for a password, so it listens on this machine alone unless told otherwise.
    """
    app = create_app(open_database(store), shop=shop, hook_secret=hook_secret, exhibits=exhibits_of(store))
    _serve(app, host=host, port=port, opens=not no_open)


def serve_console(store: Path, *, shop: str, port: int, opens: bool) -> None:
    """Give the console's pages until Ctrl-C.

    Args:
        store: The store's file.
        shop: What the shop is called.
        port: Where to listen; 0 is any that is free.
        opens: Whether to show the address in a browser, where there is somebody to see it.

    Raises:
        InputError: there is no such store, or another program listens there.
    """
    _serve(create_app(open_database(store), shop=shop, exhibits=exhibits_of(store)), host=HOST, port=port, opens=opens)


def _serve(app: Litestar, *, host: str, port: int, opens: bool) -> None:
    config = uvicorn.Config(
        app, host=host, port=port, ws="none", log_level="critical", access_log=False, timeout_graceful_shutdown=STOP_S
    )
    server = _Server(config, opens=opens)
    try:
        server.run()
    except KeyboardInterrupt:
        click.echo("houbei: stopped", err=True)
    except SystemExit as ended:
        if server.started:
            raise
        raise _cannot_listen(host, port) from ended


class _Server(uvicorn.Server):
    """Says when pages are given, and where.

    Args:
        config: What is served and where. Uvicorn binds by itself: on sockets that are handed over, replies wait to be sent together.
        opens: Whether to show the address in a browser.
    """

    def __init__(self, config: uvicorn.Config, *, opens: bool) -> None:
        super().__init__(config)
        self._opens = opens

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            address = f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
            click.echo(f"Console: {address} (Ctrl-C ends it)")
            if self._opens:
                await asyncio.to_thread(open_in_browser, address)


def _cannot_listen(host: str, port: int) -> InputError:
    return InputError(
        came=f"{host}:{port}, which cannot be listened at",
        where="--host, --port",
        expected="an address of this machine that no other program listens at",
        todo="Choose another --port; 0 takes any that is free.",
    )
