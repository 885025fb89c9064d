"""`houbei case people`: whether a person is named in credits; it holds for every page and every case at once."""

from pathlib import Path

import click

from houbei.cli.case_words import say
from houbei.cli.language_option import language_option, spoken
from houbei.cli.store_option import store_option
from houbei.store.database import open_database, writing
from houbei.store.people import show_name


@click.command()
@click.argument("name")
@click.option("--named/--unnamed", required=True, help="Show the name from now on, or no longer.")
@store_option
@language_option
def _people(name: str, *, named: bool, store: Path, language: str | None) -> int:
    """Show a person's name, or take it off every page."""
    with writing(open_database(store)) as connection:
        known = show_name(connection, name, named=named)
    key = ("named" if named else "unnamed") if known else "nobody"
    click.echo(say(key, spoken(language), name=name))
    return 0 if known else 2


commands = {"people": _people}
