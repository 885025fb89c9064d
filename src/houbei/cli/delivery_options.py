"""What `houbei delivery train | evaluate | promise` have in common: the options that say which history, and how they are read."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np

from houbei.calendars.days import Days
from houbei.errors import InputError
from houbei.lead_times.choosing import Spread
from houbei.lead_times.run import Source
from houbei.lead_times.shapes import named_columns
from houbei.terms.moments import parse_moment

spread_option = click.option(
    "--spread",
    type=click.Choice([str(one) for one in Spread]),
    default=str(Spread.TOGETHER),
    show_default=True,
    help="The share over all promises, with the fewest days; or of each promise alone.",
)
_SHARE = re.compile(r"([0-9]{1,2})(?:\.([0-9]))?")

spread_option = click.option(
    "--spread",
    type=click.Choice([str(one) for one in Spread]),
    default=str(Spread.TOGETHER),
    show_default=True,
    help="The share over all promises, with the fewest days; or of each promise alone.",
)


def history_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say which history."""
    options = [
        click.option(
            "--history", required=True, type=click.Path(path_type=Path), help="What was delivered when, CSV or Parquet."
        ),
        click.option("--out", required=True, type=click.Path(path_type=Path), help="The folder for the answer."),
        click.option(
            "--columns", metavar="MEANING=COLUMN,…", help="Its columns, where they are not called as ours or known."
        ),
        click.option("--zone", default="UTC", show_default=True, help="Where its dates are local."),
        click.option(
            "--calendar",
            metavar="CALENDAR",
            help="Whose holidays carriers rest on: an id such as cn, or a document. Default: the file's, if known.",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def source_of(history: Path, out: Path, columns: str | None, zone: str, calendar: str | None) -> Source:
    """Make the history to read from its options.

    Raises:
        InputError: the columns are not written as they should be.
    """
    return Source(history=history, out=out, columns=named_columns(columns), zone=zone, calendar=calendar)


def day_of(text: str, *, zone: str, where: str) -> int:
    """Read a moment or a date as the local day it lies on.

    Raises:
        InputError: it is neither.
    """
    moment = parse_moment(text, zone=zone, where=where)
    return int(Days.over(zone, from_us=moment, to_us=moment).day_of(np.array([moment]))[0])


def share_of(text: str) -> float:
    """Read a share in per cent: `90` or `97.5`.

    Raises:
        InputError: it is none between 50 and 99.5.
    """
    found = _SHARE.fullmatch(text.strip())
    permille = int(found[1]) * 10 + int(found[2] or 0) if found else 0
    if not 500 <= permille <= 995:  # noqa: PLR2004  the ends of a dial
        raise InputError(
            came=repr(text),
            where="--chance",
            expected="per cent between 50 and 99.5",
            todo="Write for example --chance 90.",
        )
    return permille / 1000
