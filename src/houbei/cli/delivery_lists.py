"""`houbei delivery list` and `show`: what was promised and is under way, and why one delivery is owed what it is owed."""

import json
from collections.abc import Iterator
from pathlib import Path

import click
from sqlalchemy import Connection

from houbei.cli.delivery_live import zone_of_arrivals
from houbei.cli.delivery_live_words import say, verdict_word
from houbei.cli.language_option import language_option, spoken
from houbei.cli.store_option import store_option
from houbei.errors import InputError
from houbei.evidence.arrivals import amounts_text, arrival_lines
from houbei.evidence.wording import moment_text
from houbei.money import text_of
from houbei.runs.delivery_trails import owed_now, tell_arrival
from houbei.store.books import entries_of_cover
from houbei.store.database import open_database, reading
from houbei.store.deliveries import Delivery
from houbei.store.delivery_lookup import deliveries_named, list_deliveries

LISTED_MAX = 200


@click.command(name="list")
@store_option
@language_option
@click.option("--late", "which", flag_value="late", help="Those that are late.")
@click.option("--at-risk", "which", flag_value="at_risk", help="Those that may not arrive in time.")
@click.option("--open", "which", flag_value="open", help="Those that are under way, in time so far.")
@click.option("--disputed", "which", flag_value="disputed", help="Those that a person must look at.")
def list_them(store: Path, language: str | None, which: str | None) -> int:
    """List deliveries by their deadline; all of them, or one sort."""
    database, tongue = open_database(store), spoken(language)
    zone = zone_of_arrivals(database)
    with reading(database) as connection:
        found = list_deliveries(connection, which=which, most=LISTED_MAX)
        stands = owed_now(connection, found)
        for one in found:
            now = stands[one.delivery]
            owed = amounts_text(now.owed_minor, now.owed_points, now.currency, tongue)
            verdict = verdict_word(one.verdict, tongue)
            click.echo(
                say("row", tongue, delivery=one.delivery_id, verdict=verdict, by=_by(one, zone, tongue), owed=owed)
            )
            if one.at_risk is not None:
                click.echo(say("risk", tongue, why=_why(one.at_risk)))
    if not found:
        click.echo(say("nothing", tongue))
    return 0


@click.command(name="show")
@click.argument("delivery_id")
@store_option
@language_option
def show(delivery_id: str, store: Path, language: str | None) -> int:
    """Show a delivery: conclusion, clause, the promise and the scans, the sum, and every entry."""
    with reading(open_database(store)) as connection:
        found = deliveries_named(connection, delivery_id)
        if not found:
            raise InputError(
                came=f"no delivery {delivery_id}",
                where=str(store),
                expected="a delivery of an order that a published promise covers, or its order",
                todo="Look at the list that houbei delivery list prints.",
            )
        click.echo("\n".join(_lines(connection, found, spoken(language))))
    return 0


def _lines(connection: Connection, found: list[Delivery], language: str) -> Iterator[str]:
    for place, one in enumerate(found):
        if place:
            yield ""
        yield from arrival_lines(tell_arrival(connection, one), language)
    entries = [entry for cover in sorted({one.cover for one in found}) for entry in entries_of_cover(connection, cover)]
    if entries:
        yield ""
        yield say("entries", language)
    for entry in entries:
        sides = say("sides", language, debit=entry.debit, credit=entry.credit)
        amount = f"{entry.currency} {text_of(entry.amount_minor, entry.currency)}"
        yield f"  {entry.cover}-{entry.sequence}  {entry.code}  {amount}  {sides}  {entry.clause}, {entry.fact}"


def _by(one: Delivery, zone: str, language: str) -> str:
    if one.by_us is not None:
        return say("by", language, at=moment_text(one.by_us, zone))
    return say("no_by" if one.promised_us is None else "stopped", language)


def _why(at_risk: str) -> str:
    """What puts a delivery at risk, as whoever watches it noted."""
    told = json.loads(at_risk)
    why = told.get("why", told) if isinstance(told, dict) else told
    return ", ".join(str(one) for one in why) if isinstance(why, list) else str(why)


commands = {"list": list_them, "show": show}
