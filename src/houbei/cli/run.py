"""`houbei run`: the live loop."""

import os
import signal
import threading
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any

import click

from houbei.cli.store_option import store_option
from houbei.facts.moments import DAY_US
from houbei.runs.clock import now_us
from houbei.runs.loop import run_forever, run_until_done
from houbei.runs.pacing import Pacing
from houbei.runs.providers import provider_of
from houbei.runs.telling_channel import Channel
from houbei.runs.watching import Lookout
from houbei.store.database import open_database
from houbei.store.exhibits import clear_unfinished, exhibits_of
from houbei.store.network_files import load_lead_times, load_network


@click.command()
@store_option
@click.option(
    "--provider",
    metavar="NAME=ADDRESS",
    help="Who pays, like sandbox=http://127.0.0.1:8650. Default: nobody; what is owed is posted and waits.",
)
@click.option(
    "--tell", metavar="ADDRESS", help="Where to post what buyers are told. Default: nowhere; a person tells them."
)
@click.option("--tell-secret", envvar="HOUBEI_TELL_SECRET", help="What it is signed with: whsec_ and base64.")
@click.option("--tell-inside", is_flag=True, help="The address may lie on this machine or in the shop's own network.")
@click.option(
    "--model", type=click.Path(path_type=Path), help="Lead times learnt from history, to watch promises with."
)
@click.option(
    "--network", metavar="FILE", help="A network, or the name of a shipped one, whose calendars and lead times to use."
)
@click.option("--once", is_flag=True, help="Stop when nothing is left to do now.")
def command(*, store: Path, provider: str | None, once: bool, **watching: Any) -> None:
    """Work out what is owed, post it, and pay it, unasked and exactly once, until stopped.

    Several may run on one store: each waits for its turn, and nothing is paid twice.
    """
    payer = None if provider is None else provider_of(provider)
    lookout = _lookout(**watching)
    database = open_database(store)
    clear_unfinished(exhibits_of(store), before_us=now_us() - DAY_US)
    holder = f"{os.uname().nodename}:{os.getpid()}"
    with (
        nullcontext() if payer is None else closing(payer),
        nullcontext() if lookout.channel is None else closing(lookout.channel),
    ):
        if once:
            run_until_done(database, payer, clock=now_us, holder=holder, lookout=lookout)
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
            lookout=lookout,
        )


def _lookout(
    *, tell: str | None, tell_secret: str | None, tell_inside: bool, model: Path | None, network: str | None
) -> Lookout:
    """What promises of arrival are watched with, and the channel to buyers."""
    channel = None if tell is None else Channel(tell, tell_secret or "", inside=tell_inside, clock=now_us)
    loaded = None if network is None else load_network(network)
    lead_times = load_lead_times(model) if model is not None else None if loaded is None else loaded.lead_times
    pacing = None if lead_times is None else Pacing(lead_times, loaded)
    return Lookout(channel=channel, pacing=pacing)
