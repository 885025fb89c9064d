"""`houbei sandbox`: a payment provider to be hostile, in a process of its own."""

from pathlib import Path

import click

from houbei.errors import InputError
from houbei.sandbox.faults import Faults, with_changes
from houbei.sandbox.process import listening_line
from houbei.sandbox.server import Settings, serve


@click.command()
@click.option(
    "--database",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The sandbox's own file; without it nothing outlives the process.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", default=8650, show_default=True, type=click.IntRange(0, 65535), help="0 is any that is free.")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0), help="Decides when faults strike.")
@click.option("--webhook-url", help="Where changes of refunds are told.")
@click.option("--webhook-secret", help="What they are signed with: whsec_ and base64.")
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="NAME=VALUE",
    help="What goes wrong; chances in per mille. May be given several times: docs/sandbox.md lists them.",
)
def command(  # noqa: PLR0913  one argument an option
    *,
    database: Path | None,
    host: str,
    port: int,
    seed: int,
    webhook_url: str | None,
    webhook_secret: str | None,
    faults: tuple[str, ...],
) -> None:
    """Run a payment provider to try Houbei with, as hostile as you ask.

    It registers payments, makes refunds, tells of them, and loses replies, breaks, dawdles and forgets as told. It keeps
    books of its own and moves no money.
    """
    if (webhook_url is None) != (webhook_secret is None):
        raise InputError(
            came="one of the two alone",
            where="--webhook-url, --webhook-secret",
            expected="an address and what is signed with",
            todo="Give both, or none.",
        )
    named = {name: value for name, _, value in (fault.partition("=") for fault in faults)}
    settings = Settings(
        database=database,
        host=host,
        port=port,
        seed=seed,
        webhook_url=webhook_url,
        webhook_secret=webhook_secret or "",
        faults=with_changes(Faults(), named, strict=False),
    )
    try:
        serve(settings, announce=lambda listening_at: click.echo(listening_line(host, listening_at)))
    except KeyboardInterrupt:
        click.echo("sandbox: stopped", err=True)
