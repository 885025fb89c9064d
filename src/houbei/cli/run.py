"""`houbei run`: the live loop."""

import os
import signal
import threading
from contextlib import closing, nullcontext
from pathlib import Path

import click

from houbei.cli.store_option import store_option
from houbei.facts.moments import DAY_US
from houbei.runs.clock import now_us
from houbei.runs.loop import run_forever, run_until_done
from houbei.runs.providers import provider_of
from houbei.store.database import open_database
from houbei.store.exhibits import clear_unfinished, exhibits_of


@click.command()
@store_option
@click.option(
    "--provider",
    metavar="NAME=ADDRESS",
    help="Who pays, like sandbox=http://127.0.0.1:8650. Default: nobody; what is owed is posted and waits.",
)
@click.option("--once", is_flag=True, help="Stop when nothing is left to do now.")
def command(*, store: Path, provider: str | None, once: bool) -> None:
    """Work out what is owed, post it, and pay it, unasked and exactly once, until stopped.

    Several may run on one store: each waits for its turn, and nothing is paid twice.
    """
    payer = None if provider is None else provider_of(provider)
    database = open_database(store)
    clear_unfinished(exhibits_of(store), before_us=now_us() - DAY_US)
    holder = f"{os.uname().nodename}:{os.getpid()}"
    with nullcontext() if payer is None else closing(payer):
        if once:
            run_until_done(database, payer, clock=now_us, holder=holder)
            return
        ended = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: ended.set())
        click.echo(f"running on {store}; Ctrl-C ends it after what is under way", err=True)
        run_forever(
            database,
            payer,
            clock=now_us,
            holder=holder,
            stopped=ended.is_set,
            say=lambda trouble: click.echo(f"houbei: {trouble}", err=True),
        )
