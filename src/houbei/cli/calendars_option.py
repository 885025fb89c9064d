"""The option that puts documents in place of calendars."""

import click

calendars_option = click.option(
    "--calendar",
    "calendars",
    multiple=True,
    metavar="DOCUMENT",
    help="Stands in place of the calendar whose id it has; may be repeated.",
)
