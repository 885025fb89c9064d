"""`houbei import`: a shop's own orders, prices, promises of arrival and what became of them into the live store."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Engine

from houbei.calendars.days import check_zone
from houbei.cli.progress import shown_progress
from houbei.cli.store_option import store_option
from houbei.errors import InputError
from houbei.facts.rejected import REASONS
from houbei.ledger.accounts import Nature
from houbei.runs.clock import now_us
from houbei.runs.imports import Taken, import_closures, import_orders, import_prices, import_promises, import_scans
from houbei.store.database import open_database, reading, writing
from houbei.store.folders import open_folder
from houbei.store.marks import GUARANTEE_IS, write_mark
from houbei.store.promises import publish, published
from houbei.store.terms_files import load_terms, with_law

OUT = Path("houbei-import")
"""Where the report goes when nobody says."""


@click.command()
@store_option
@click.option(
    "--terms",
    "terms_names",
    multiple=True,
    metavar="FILE",
    help="Publish a promise first: a file, or the name of a shipped one. A promise to replace brings the law of its place along.",
)
@click.option("--orders", type=click.Path(path_type=Path), help="Order lines, CSV or Parquet.")
@click.option("--prices", type=click.Path(path_type=Path), help="Price observations, CSV or Parquet.")
@click.option("--promises", type=click.Path(path_type=Path), help="Promises of arrival as they were shown to buyers.")
@click.option("--scans", type=click.Path(path_type=Path), help="What was told of parcels.")
@click.option(
    "--closures", type=click.Path(path_type=Path), help="Named events that excuse, such as a road closed by snow."
)
@click.option("--source", default="shop", show_default=True, help="Who tells: ids are unique within it.")
@click.option("--zone", help="The zone of moments that name none. Default: that of the published promises.")
@click.option(
    "--guarantee-is",
    type=click.Choice([Nature.CONTRA_REVENUE.value, Nature.EXPENSE.value]),
    help="What the guarantee's cost is in the books. Default: contra_revenue; a store keeps what it was told last.",
)
@click.option(
    "--out", default=OUT, show_default=True, type=click.Path(path_type=Path), help="The folder for the report."
)
def command(  # noqa: PLR0913  one parameter an option
    *,
    store: Path,
    terms_names: tuple[str, ...],
    orders: Path | None,
    prices: Path | None,
    promises: Path | None,
    scans: Path | None,
    closures: Path | None,
    source: str,
    zone: str | None,
    guarantee_is: str | None,
    out: Path,
) -> int:
    """Take a shop's own orders and prices into the live store.

    Nothing is paid here: `houbei run` does that. A file may be imported again, and an import that was cut off goes on where it
    was. Lines that are known tell what happened to them since. Writes reconciliation.json and rejected.csv.
    """
    files = (
        (orders, import_orders),
        (prices, import_prices),
        (promises, import_promises),
        (scans, import_scans),
        (closures, import_closures),
    )
    if not (terms_names or guarantee_is or any(path for path, _ in files)):
        raise InputError(
            came="nothing to import",
            where="houbei import",
            expected="--orders, --prices, --promises, --scans, --closures or --terms",
            todo="Name a file.",
        )
    _check(source, zone, [path for path, _ in files if path is not None])
    documents = [load_terms(name) for name in terms_names]
    database = open_database(store, create=True)
    known_us = now_us()
    with writing(database) as connection:
        for document in with_law(documents):
            publish(connection, document, known_us=known_us)
        if guarantee_is is not None:
            write_mark(connection, GUARANTEE_IS, guarantee_is)
    taken = []
    for path, take in files:
        if path is not None:
            read_in = zone or _zone_of(database)
            with shown_progress() as progress:
                taken.append(take(database, path, source=source, zone=read_in, now_us=known_us, progress=progress))
    _report(taken, out)
    return 0


def _check(source: str, zone: str | None, paths: Sequence[Path]) -> None:
    """Refuse what cannot be imported before anything is written."""
    if not source:
        raise InputError(
            came="no source",
            where="--source",
            expected="who tells, like shop",
            todo="Name it, or leave the option out.",
        )
    if zone is not None:
        check_zone(zone, where="--zone")
    for path in paths:
        if not path.is_file():
            raise InputError(
                came="no such file", where=str(path), expected="a CSV or Parquet file", todo="Check the path."
            )


def _zone_of(database: Engine) -> str:
    """The zone of every published promise."""
    with reading(database) as connection:
        zones = sorted({promise.terms.zone for promise in published(connection)})
    if len(zones) != 1:
        raise InputError(
            came=f"promises in {len(zones)} zones ({', '.join(zones)})" if zones else "no published promise",
            where="--zone",
            expected="the zone of moments that name none",
            todo="Name it, like --zone Asia/Shanghai, or publish a promise with --terms.",
        )
    return zones[0]


def _report(taken: Sequence[Taken], out: Path) -> None:
    """Write the reconciliation, and say it in a line a file."""
    open_folder(out)
    summary: dict[str, Any] = {one.file: one.summary() for one in taken}
    (out / "reconciliation.json").write_text(json.dumps(summary, indent=2) + "\n", "utf-8")
    with (out / "rejected.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("file", "row", "code", "reason"))
        for one in taken:
            rows.writerows((one.file, row, code.name.lower(), REASONS[code]) for row, code in sorted(one.rejected))
    for one in taken:
        parts = [
            f"{one.new:,} new",
            f"{one.known:,} known",
            f"{one.changed:,} with news",
            f"{len(one.rejected):,} rejected",
        ]
        before = " (taken in before: nothing new)" if one.resumed_at >= one.rows else ""
        click.echo(f"{one.file}: {one.rows:,} rows: {', '.join(parts)}{before}")
    if any(one.rejected for one in taken):
        click.echo(f"Every rejected row and its reason: {out / 'rejected.csv'}")
