"""`houbei delivery train`: lead times learnt from a history, as a file."""

from pathlib import Path

import click

from houbei.cli.delivery_options import day_of, history_options, source_of
from houbei.cli.progress import shown_progress
from houbei.lead_times.run import run_train


@click.command(name="train")
@history_options
@click.option(
    "--as-of", "as_of", metavar="TIME", help="Only what happened before that day is known. Default: everything."
)
def command(
    *, history: Path, out: Path, columns: str | None, zone: str, calendar: str | None, as_of: str | None
) -> int:
    """Learn lead times from what was delivered when.

    Writes model.json, which houbei delivery promise and quote read, and rejected.csv.
    """
    source = source_of(history, out, columns, zone, calendar)
    now = None if as_of is None else day_of(as_of, zone=zone, where="--as-of")
    with shown_progress() as progress:
        document = run_train(source, now=now, progress=progress)
    learnt = document["learnt"]
    click.echo(
        f"Learnt from {learnt['arrived']} arrivals and {learnt['open']} open orders, all before {learnt['before']}:"
        f" {len(document['groups'])} groups, up to {document['days_max']} days."
    )
    click.echo(f"Model: {out / 'model.json'} {document['version']}")
    return 0
