"""`houbei delivery check`: whether a network can be used."""

import click

from houbei.cli import EXIT_CHECK_FAILED
from houbei.cli.calendars_option import calendars_option
from houbei.delivery.document import parse_network
from houbei.delivery.timetable import timetable_of
from houbei.errors import InputError
from houbei.runs.clock import now_us
from houbei.store.calendar_files import calendars_with
from houbei.store.network_files import network_text


@click.command(name="check")
@click.argument("networks", nargs=-1, required=True, metavar="NETWORK...")
@calendars_option
def command(*, networks: tuple[str, ...], calendars: tuple[str, ...]) -> int:
    """Check network documents: shape, references, calendars, times, days, lead times.

    A NETWORK is a file, or the name of one that ships with the product. Exit code 0: all can be used for orders of today; 1: one
    cannot; 2: a file cannot be read.
    """
    find_calendar, at_us = calendars_with(calendars), now_us()
    texts = [(name, network_text(name)) for name in networks]
    code = 0
    for name, text in texts:
        try:
            loaded = parse_network(text, where=name)
            timetable_of(loaded, from_us=at_us, to_us=at_us, find_calendar=find_calendar)
        except InputError as error:
            click.echo(f"houbei: {error}" if name in error.where else f"houbei: {name}: {error}", err=True)
            code = EXIT_CHECK_FAILED
            continue
        network = loaded.network
        click.echo(
            f"ok: {name}: {network.network} version {network.version}, {loaded.sha256[:8]}, {len(network.regions)} regions,"
            f" {len(network.origins)} origins, {len(network.services)} services, {len(loaded.lead_times.groups)} lead times"
        )
    return code
