"""`houbei audit`: everything that is owed worked out again from the facts, against the ledger."""

from pathlib import Path

import click

from houbei.cli.progress import shown_progress
from houbei.cli.store_option import store_option
from houbei.money import text_of
from houbei.runs.audit import audit
from houbei.store.database import open_database

SHOWN_MAX = 100


@click.command()
@store_option
def command(*, store: Path) -> int:
    """Work out again what is owed, and compare it with the ledger to the cent; exit 1 where they differ.

    Rows that were changed or taken out, entries that do not hold together and settlements that say one thing and do another are
    named, one a line.
    """
    database = open_database(store)
    with shown_progress() as progress:
        found = audit(database, progress=progress)
    owed = (
        ", ".join(f"{currency} {text_of(minor, currency)}" for currency, minor in found.owed_minor.items()) or "nothing"
    )
    click.echo(
        f"{found.covers:,} covers, {found.cases:,} cases, {found.deliveries:,} deliveries, {found.entries:,} entries; owed in all: {owed}"
    )
    if found.waiting:
        click.echo(
            "Facts wait that nobody has looked at yet; what they change is not in the ledger. First: houbei run --once"
        )
    if found.agrees:
        click.echo("The ledger agrees with the facts to the cent.")
        return 0
    for difference in found.differences[:SHOWN_MAX]:
        click.echo(difference)
    if len(found.differences) > SHOWN_MAX:
        click.echo(f"… and {len(found.differences) - SHOWN_MAX:,} more")
    click.echo(
        f"{len(found.differences):,} differences: nothing may be paid from these books until a person has looked."
    )
    return 1
