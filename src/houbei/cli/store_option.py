"""The option that names the store, the same for every command that has one."""

from pathlib import Path

import click

STORE = Path("houbei.db")
"""The store where nobody names one."""

store_option = click.option(
    "--store",
    default=STORE,
    show_default=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The store's file.",
)
