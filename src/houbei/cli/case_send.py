"""`houbei case send`: a phone's queue of steps, taken in whole although some of it was sent before and some cannot be read."""

from pathlib import Path

import click

from houbei.cli.case_options import zone_of
from houbei.cli.case_words import say
from houbei.cli.language_option import language_option, spoken
from houbei.cli.store_option import store_option
from houbei.errors import InputError
from houbei.runs.clock import now_us
from houbei.runs.phone_queue import send
from houbei.store.database import open_database


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@store_option
@language_option
@click.option("--source", default="phone", show_default=True, help="Whose queue it is: ids are unique within it.")
def _send(file: Path, store: Path, language: str | None, source: str) -> int:
    """Take in a file of steps, one JSON object a line.

    {"id": "p7-1", "case": "R-2026-0219", "what": "absent", "teller": "courier", "at": "2026-03-02T09:40+08:00",
    "by": {"name": "…", "role": "courier", "named": true}, "told": {}}

    A line that cannot be taken in is named, and the rest goes on; the exit code is 1 then.
    """
    if not file.is_file():
        raise InputError(came="no such file", where=str(file), expected="a file of JSON lines", todo="Check the path.")
    database = open_database(store)
    counts = dict.fromkeys(("n", "known", "aside", "bad"), 0)
    with file.open("rb") as lines:
        for sent in send(database, lines, source=source, zone=zone_of(database), now_us=now_us()):
            if sent.led is None:
                counts["bad"] += 1
                click.echo(f"{file.name}:{sent.line}: {sent.trouble}", err=True)
            else:
                counts["known" if sent.led.known else "aside" if sent.led.set_aside else "n"] += 1
    click.echo(say("sent", spoken(language), **counts))
    return 1 if counts["bad"] else 0


commands = {"send": _send}
