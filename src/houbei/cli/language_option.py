"""The option that says in which language a command speaks."""

import os

import click

language_option = click.option(
    "--lang", "language", type=click.Choice(["zh", "en"]), help="Default: what LANG says, else en."
)


def spoken(language: str | None) -> str:
    """The language that was asked for, else the terminal's."""
    return language or ("zh" if os.environ.get("LANG", "").startswith("zh") else "en")
