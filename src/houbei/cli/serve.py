"""`houbei serve`: the console in a browser."""

import asyncio
import socket
from pathlib import Path

import click
import uvicorn

from houbei.cli.demo import open_address
from houbei.cli.store_option import store_option
from houbei.errors import InputError
from houbei.store.database import open_database
from houbei.web.app import SHOP, create_app

STOP_S = 5
"""How long pages under way may take after Ctrl-C."""


class _Server(uvicorn.Server):
    """Says when pages are given, and where.

    Args:
        config: What is served and where. Uvicorn binds by itself: sockets that are handed over would wait for more to send.
        opened: Whether to open the address in a browser.
    """

    def __init__(self, config: uvicorn.Config, *, opened: bool) -> None:
        super().__init__(config)
        self._opened = opened

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            address = f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
            click.echo(f"Console: {address} (Ctrl-C ends it)")
            if self._opened:
                await asyncio.to_thread(open_address, address)


@click.command()
@store_option
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", default=8600, show_default=True, type=click.IntRange(0, 65535), help="0 is any that is free.")
@click.option("--shop", default=SHOP, show_default=True, help="What the shop is called.")
@click.option("--no-open", is_flag=True, help="Do not open a browser.")
def command(*, store: Path, host: str, port: int, shop: str, no_open: bool) -> None:
    """Show what was done and why: what needs a person, price drops, the evidence of each amount, the ledger.

    It only reads. Nobody is asked for a password, so it listens on this machine alone unless told otherwise.
    """
    app = create_app(open_database(store), shop=shop)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        ws="none",
        log_level="error",
        access_log=False,
        timeout_graceful_shutdown=STOP_S,
    )
    server = _Server(config, opened=not no_open)
    try:
        server.run()
    except KeyboardInterrupt:
        click.echo("houbei: stopped", err=True)
    except SystemExit as ended:
        if not server.started:
            raise _taken(host, port) from ended
        raise


def _taken(host: str, port: int) -> InputError:
    return InputError(
        came=f"{host}:{port}, which cannot be listened at",
        where="--host, --port",
        expected="an address of this machine that no other program listens at",
        todo="Choose another --port; 0 takes any that is free.",
    )
